// A session with settable facts, for tests of the record room.

import type { NoteList, SessionFacts, SessionField } from '../../src/record/index.ts';
import { referenceScribe } from './fact-reference.ts';

/** As the notes of a thread number fields. */
const numbers = new Map<SessionField, number>();

/** Notes as the session room lists them, in the order of their coming. */
export function noteList(notes: readonly (readonly [SessionField, unknown])[]): NoteList {
  const texts = notes.map(([, value]) => Buffer.from(JSON.stringify(value)));
  const ends = texts.map((_text, index) => texts.slice(0, index + 1).reduce((sum, text) => sum + text.length, 0));
  const fields = notes.map(([field]) => field);
  for (const field of fields) if (!numbers.has(field)) numbers.set(field, numbers.size + 1);
  return {
    count: notes.length,
    bytes: Buffer.concat(texts),
    fields,
    numbers: fields.map((field) => numbers.get(field) as number),
    starts: texts.map((text, index) => (ends[index] as number) - text.length),
    ends,
  };
}

export function sessionFacts(changes: Partial<SessionFacts> = {}): SessionFacts {
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
    scribe: referenceScribe(() => facts),
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
    allNoted: () => ({ count: 0, bytes: new Uint8Array(0), fields: [], numbers: [], starts: [], ends: [] }),
    details: undefined,
  };
  return Object.defineProperties(facts, Object.getOwnPropertyDescriptors(changes));
}
