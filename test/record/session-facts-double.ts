// A session with settable facts, for tests of the record room.

import type { SessionFacts, SessionField } from '../../src/record/index.ts';
import { type Note, referenceScribe } from './fact-reference.ts';

/** `notes`: what is noted of the session, in the order of its coming. */
export function sessionFacts(changes: Partial<SessionFacts> = {}, notes: readonly Note[] = []): SessionFacts {
  let records = 0;
  const facts: SessionFacts = {
    id: '0000000000000aaaaaaaa00000001',
    firstPacketNumber: 1,
    nextRecordIndex: () => records++,
    startUs: 1_700_000_000_000_001,
    lastUs: 1_700_000_001_500_000,
    ipVersion: 4,
    protocol: 6,
    etherType: 0x0800,
    sourceAddress: '10.0.0.1',
    destinationAddress: '10.0.0.2',
    sourcePort: 40000,
    destinationPort: 80,
    hasPorts: true,
    sourceMac: '00:00:5e:00:53:23',
    destinationMac: undefined,
    vlanIds: [],
    tunnels: [],
    communityId: '1:abc=',
    scribe: referenceScribe(() => facts, notes),
    sourceIndex: 0,
    interfaceId: 0,
    packets: (direction) => 3 - direction,
    bytes: (direction) => 300 - direction * 100,
    payloadBytes: () => 0,
    gapBytes: () => 0,
    retransmittedPackets: () => 0,
    outOfOrderPackets: () => 0,
    tcpFlags: () => 0x13,
    ttl: () => 64,
    handshakeUs: undefined,
    tcpState: 'closed',
    midstream: false,
    protocols: ['http'],
    end: 'fin',
    part: 0,
    noted: (_field: SessionField) => undefined,
    details: undefined,
  };
  return Object.defineProperties(facts, Object.getOwnPropertyDescriptors(changes));
}
