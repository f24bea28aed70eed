// Details of a session as Arkime's document has them, with settable values, for tests of the record room.

import { type SessionDetails, tcpFlagNames } from '../../src/record/index.ts';

export function sessionDetails(changes: Partial<SessionDetails> = {}): SessionDetails {
  const details: SessionDetails = {
    firstMs: 1_700_000_000_000,
    lastMs: 1_700_000_001_500,
    etherType: 0x0800,
    packets: [3, 2],
    bytes: [300, 200],
    payloadBytes: [30, 20],
    tcpFlags: Int32Array.from(tcpFlagNames, (_name, index) => index),
    roundTripMs: 7,
    initialSequence: [1000, 2000],
    synValidated: true,
    synAckValidated: true,
    initialSequences: 1,
    firstPayload: (direction) => (direction === 0 ? '474554' : ''),
    ttls: [[64, 63], [58]],
    dscps: [[], [46]],
    macs: [['02:00:00:00:00:01'], ['02:00:00:00:00:02', '02:00:00:00:00:03']],
    outerMacs: [[], []],
    outerIps: [[], []],
    vlans: [],
    dot1q: [],
    dot1ad: [],
    vnis: [],
    carriers: ['tcp'],
    oddName: '',
    isOddWanted: true,
    isHidden: false,
    communityId: '1:abc=',
    segment: 1,
    rootId: '',
    positions: [24, 114, 204, 400],
    lengths: [106, 76, 76, 116],
    files: [],
    places: undefined,
  };
  return Object.assign(details, changes);
}
