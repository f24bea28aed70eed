// Sessions as Arkime's documents: all members of each kind of session, the line for bulk requests and the id, positions, parts,
// long documents, and sessions without one.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  ArkimeEncoder,
  type ArkimeOptions,
  EcsEncoder,
  RecordRegistry,
  type SessionDetails,
  type SessionFacts,
  type SessionField,
} from '../../src/record/index.ts';
import { RecordScribe } from '../../src/scribe/index.ts';
import type { Note } from './fact-reference.ts';
import { sessionDetails } from './session-details-double.ts';
import { sessionFacts } from './session-facts-double.ts';

const host: SessionField = {
  name: 'http.host',
  type: 'keyword',
  many: true,
  meaning: 'h',
  arkime: { path: 'http.host', expression: 'host.http', kind: 'lotermfield', count: 'Cnt' },
};
const registry = new RecordRegistry([{ name: 'http', records: [], sessionFields: [host], anomalies: [] }]);
const plain: ArkimeOptions = { node: 'sensor1', rotation: 'daily', packetLengths: false, gapPositions: false, bulk: false };

function encoderOf(options: Partial<ArkimeOptions> = {}) {
  const encoder = new ArkimeEncoder({ ...plain, ...options }, new EcsEncoder(new RecordScribe()), registry.session, [host]);
  const session = encoder.of(registry.session, true);
  assert.ok('encodeAlone' in session);
  return session;
}

/** The lines that are written for a session; none for a hidden one. */
function linesOf(
  facts: Partial<SessionFacts>,
  details: Partial<SessionDetails>,
  options: Partial<ArkimeOptions> = {},
  notes: readonly Note[] = [],
): string[] {
  const session = encoderOf(options);
  const length = session.encodeAlone(sessionFacts({ details: sessionDetails(details), ...facts }, notes));
  assert.ok(length >= 0);
  const text = session.memory.toString('utf8', 0, length);
  assert.ok(text === '' || text.endsWith('\n'));
  return text.split('\n').slice(0, -1);
}

// biome-ignore lint/suspicious/noExplicitAny: documents are looked into by path
function documentOf(...how: Parameters<typeof linesOf>): any {
  const document = JSON.parse(linesOf(...how).at(-1) as string);
  assert.ok(Math.abs(document['@timestamp'] - Date.now()) < 60_000);
  delete document['@timestamp'];
  return document;
}

const common = {
  packetRange: { gte: 1_700_000_000_000, lte: 1_700_000_001_500 },
  firstPacket: 1_700_000_000_000,
  lastPacket: 1_700_000_001_500,
  length: 1500,
  ethertype: 2048,
  srcPayload8: '474554',
  source: { ip: '10.0.0.1', port: 40_000, bytes: 300, packets: 3, mac: ['02:00:00:00:00:01'], 'mac-cnt': 1 },
  destination: {
    ip: '10.0.0.2',
    port: 80,
    bytes: 200,
    packets: 2,
    mac: ['02:00:00:00:00:02', '02:00:00:00:00:03'],
    'mac-cnt': 2,
  },
  network: { packets: 5, bytes: 500, community_id: '1:abc=' },
  client: { bytes: 30 },
  server: { bytes: 20 },
  totDataBytes: 50,
  segmentCnt: 1,
  node: 'sensor1',
  packetPos: [24, 114, 204, 400],
  fileId: [],
  srcTTL: [64, 63],
  srcTTLCnt: 2,
  dstTTL: [58],
  dstTTLCnt: 1,
  dstDscp: [46],
  dstDscpCnt: 1,
};

describe("Arkime's document", () => {
  test('of a TCP session', () => {
    const noted: Note[] = [
      [host, 'a.example'],
      [host, 'b.example'],
    ];
    assert.deepEqual(documentOf({ protocols: ['http', 'tcp'] }, {}, {}, noted), {
      ...common,
      ipProtocol: 6,
      tcpflags: { syn: 0, 'syn-ack': 1, ack: 2, psh: 3, fin: 4, rst: 5, urg: 6, ece: 7, cwr: 8, ae: 9, srcZero: 10, dstZero: 11 },
      initRTT: 7,
      tcpseq: { src: 1000, dst: 2000 },
      tcpSynValidated: true,
      tcpSynAckValidated: true,
      srcISNCnt: 1,
      protocol: ['tcp', 'http'],
      protocolCnt: 2,
      http: { host: ['a.example', 'b.example'], hostCnt: 2 },
    });
    const unseen = { roundTripMs: -1, synValidated: undefined, initialSequences: 0 };
    const midstream = documentOf({}, { ...unseen, initialSequence: [-1, -1] });
    for (const name of ['initRTT', 'tcpseq', 'tcpSynValidated', 'tcpSynAckValidated', 'srcISNCnt'])
      assert.ok(!(name in midstream), name);
    assert.deepEqual(documentOf({}, { ...unseen, initialSequence: [-1, 0] }).tcpseq, { dst: 0 });
    assert.deepEqual(documentOf({}, { roundTripMs: 0, synAckValidated: undefined }).tcpSynAckValidated, false);
  });

  test('of UDP, ICMP and ARP', () => {
    const quiet = { firstPayload: () => '' };
    const { srcPayload8, ...unpaid } = common;
    const udp = documentOf({ protocol: 17, protocols: [] }, { carriers: ['udp'] });
    assert.deepEqual(udp, { ...unpaid, srcPayload8, ipProtocol: 17, protocol: ['udp'], protocolCnt: 1 });
    const icmp = documentOf(
      { protocol: 1, hasPorts: false, sourcePort: 8, destinationPort: 0, protocols: ['icmp'] },
      { ...quiet, carriers: [] },
    );
    assert.deepEqual([icmp.ipProtocol, icmp.source.port, icmp.destination.port, icmp.protocol], [1, 0, 0, ['icmp']]);
    const link = { ipVersion: 0, protocol: 0, hasPorts: false, sourceAddress: '02:00:00:00:00:01', protocols: ['arp'] };
    const arp = documentOf(link, { ...quiet, carriers: [], etherType: 0x0806, communityId: '', ttls: [[], []], dscps: [[], []] });
    const { ip: _ip, port: _port, ...source } = common.source;
    const { ip: _ip2, port: _port2, ...destination } = common.destination;
    const { srcTTL, srcTTLCnt, dstTTL, dstTTLCnt, dstDscp, dstDscpCnt, ...rest } = unpaid;
    assert.deepEqual(arp, {
      ...rest,
      ipProtocol: 0,
      ethertype: 0x0806,
      source,
      destination,
      network: { packets: 5, bytes: 500 },
      protocol: ['arp'],
      protocolCnt: 1,
    });
    assert.ok(!('ethertype' in documentOf({}, { etherType: 0 })));
  });

  test('has tags, tunnels and overlay networks where there are any', () => {
    const document = documentOf(
      {},
      {
        vlans: [5, 6],
        dot1q: [6],
        dot1ad: [5],
        vnis: [77],
        outerIps: [['192.0.2.1'], ['2001:db8::1']],
        outerMacs: [['02:00:00:00:00:0a'], []],
        macs: [[], []],
        carriers: ['vxlan', 'tcp'],
      },
    );
    assert.deepEqual(document.network.vlan, { id: [5, 6], 'id-cnt': 2 });
    assert.deepEqual(
      [document.dot1q, document.dot1ad, document.vni, document.vniCnt],
      [{ id: [6], idCnt: 1 }, { id: [5], idCnt: 1 }, [77], 1],
    );
    assert.deepEqual([document.srcOuterIp, document.srcOuterIpCnt, document.dstOuterIp], [['192.0.2.1'], 1, ['2001:db8::1']]);
    assert.deepEqual(
      [document.srcOuterMac, document['srcOuterMac-cnt'], 'dstOuterMac' in document],
      [['02:00:00:00:00:0a'], 1, false],
    );
    assert.ok(!('mac' in document.source));
    assert.deepEqual(document.protocol, ['vxlan', 'tcp', 'http']);
  });

  test('has its times in order, whichever packet came first', () => {
    const { packetRange, firstPacket, lastPacket, length } = documentOf({}, { firstMs: 2000, lastMs: 1000 });
    assert.deepEqual([packetRange, firstPacket, lastPacket, length], [{ gte: 1000, lte: 2000 }, 2000, 1000, 1000]);
  });

  test('escapes the name of the node', () => assert.equal(documentOf({}, {}, { node: 'a"\\é' }).node, 'a"\\é'));
});

describe('the line before it', () => {
  test('names the index of the last packet and an id that begins with its ending', () => {
    const [head = '', body = '', ...more] = linesOf({}, { lastMs: Date.UTC(2026, 10, 20, 13) }, { bulk: true });
    assert.deepEqual(more, []);
    const { _index, _id } = JSON.parse(head).index;
    assert.equal(_index, 'sessions3-261120');
    assert.match(_id, /^261120-[A-Za-z0-9_-]{24}$/);
    assert.equal(JSON.parse(body).node, 'sensor1');
    const hourly = JSON.parse(
      linesOf({}, { lastMs: Date.UTC(2026, 10, 20, 13) }, { bulk: true, rotation: 'hourly' })[0] as string,
    );
    assert.match(hourly.index._id, /^261120h13-/);
  });

  test('has the same id for the same packets, and another for another node, session or part', () => {
    const idOf = (...[facts, details, options]: Parameters<typeof linesOf>): string =>
      JSON.parse(linesOf(facts, details, { ...options, bulk: true })[0] as string).index._id;
    const ids = [
      idOf({}, {}),
      idOf({}, {}, { node: 'sensor2' }),
      idOf({}, { segment: 2 }),
      idOf({ startUs: 1_700_000_000_000_002 }, {}),
      idOf({ startUs: 1_700_000_000_000_001 + 2 ** 32 }, {}),
      idOf({ id: '0000000000000aaaaaaab00000001' }, {}),
      idOf({ firstPacketNumber: 2 }, {}),
    ];
    assert.equal(new Set(ids).size, ids.length);
    assert.equal(idOf({}, {}), ids[0]);
  });
});

describe('positions', () => {
  const positions = [-7, 24, 114, 204, 400, -9, 24, 48, 72];
  const lengths = [0, 106, 106, 106, 65_552, 0, 40, 40, 40];
  test('are plain or differences, begin anew with each file, and have lengths beside them', () => {
    const kept = { positions, lengths, files: [7, 9] };
    const document = documentOf({}, kept, { packetLengths: true });
    assert.deepEqual(
      [document.packetPos, document.packetLen, document.fileId],
      [positions, [0, 106, 106, 106, 16, 0, 40, 40, 40], [7, 9]],
    );
    const gaps = documentOf({}, kept, { gapPositions: true });
    assert.deepEqual(gaps.packetPos, [-7, 24, 90, 0, 196, -9, 24, 0, 0]);
    assert.ok(!('packetLen' in gaps));
  });

  test('beyond 32 bits are exact', () => {
    const far = [-1, 65_536 * 2 ** 36 + 300, 65_536 * 2 ** 36 + 400];
    assert.deepEqual(documentOf({}, { positions: far, lengths: [0, 1, 1] }).packetPos, far);
    assert.deepEqual(documentOf({}, { positions: far, lengths: [0, 1, 1] }, { gapPositions: true }).packetPos, [-1, far[1], 100]);
  });

  test('in index files are where they are there', () => {
    const document = documentOf(
      {},
      { positions, lengths, files: [7, 9], places: [-7, 0, 5, -9, 40, 3] },
      { gapPositions: true, packetLengths: true },
    );
    assert.deepEqual([document.packetPos, document.fileId, 'packetLen' in document], [[-7, 0, 5, -9, 40, 3], [7, 9], false]);
  });
});

describe('sessions in parts', () => {
  test('have the id of the first document in all of them', () => {
    const session = encoderOf({ bulk: true });
    const details = sessionDetails();
    const ids: string[] = [];
    const roots = (['part', 'part', 'fin'] as const).map((end, index) => {
      Object.assign(details, { segment: index + 1, lastMs: details.lastMs + 86_400_000 });
      const length = session.encodeAlone(sessionFacts({ end, details }));
      const [head, body] = session.memory.toString('utf8', 0, length).split('\n') as [string, string];
      ids.push(JSON.parse(head).index._id);
      assert.equal(JSON.parse(body).segmentCnt, index + 1);
      return JSON.parse(body).rootId;
    });
    assert.deepEqual(roots, [ids[0], ids[0], ids[0]]);
    assert.equal(new Set(ids).size, 3);
    assert.ok(!('rootId' in documentOf({}, {})));
  });
});

describe('memory', () => {
  const many = (count: number): Partial<SessionDetails> => ({
    positions: Array.from({ length: count }, (_, index) => 1_000_000_000_000 + index * index),
    lengths: new Array(count).fill(100),
  });
  test('grows for long documents and serves short ones after them', () => {
    const session = encoderOf({ bulk: true });
    for (const count of [10, 15_000, 17_000, 100_000, 10]) {
      const details = sessionDetails({ ...many(count), segment: 2 });
      const length = session.encodeAlone(sessionFacts({ details }));
      const [head, body, rest] = session.memory.toString('utf8', 0, length).split('\n') as [string, string, string];
      assert.deepEqual([JSON.parse(body).packetPos, rest], [details.positions, '']);
      assert.equal(JSON.parse(body).rootId, JSON.parse(head).index._id);
    }
  });

  test('has an end: what is longer is lost', () => {
    const session = encoderOf();
    assert.equal(session.encodeAlone(sessionFacts({ details: sessionDetails(many(700_000)) })), -1);
    assert.ok(session.memory.length <= 8 * 1024 * 1024);
    assert.ok(session.encodeAlone(sessionFacts({ details: sessionDetails() })) > 0);
  });

  test('of values noted counts like any other', () => {
    const long = Array.from({ length: 300 }, (_, index) => [host, `${index}${'é'.repeat(1000)}`] as const);
    const { http } = documentOf({}, {}, {}, long);
    assert.equal(http.hostCnt, 300);
  });

  test('of another is not written beyond its limit', () => {
    const session = encoderOf();
    const facts = sessionFacts({ details: sessionDetails() });
    const length = session.encodeAlone(facts);
    const target = Buffer.alloc(length + 20, 0xee);
    assert.equal(session.encode(undefined, facts, 0, target, 5, 5 + length), 5 + length);
    assert.equal(session.encode(undefined, facts, 0, target, 5, 4 + length), -1);
    assert.ok(target.subarray(0, 5).every((byte) => byte === 0xee) && target.subarray(5 + length).every((byte) => byte === 0xee));
  });
});

describe('sessions without a document', () => {
  const cases: readonly [string, Partial<SessionFacts>, Partial<SessionDetails>, string[] | undefined][] = [
    ['that nobody wants details of', { details: undefined }, {}, undefined],
    ['hidden ones', {}, { isHidden: true }, undefined],
    ['odd ones that are not wanted', { protocols: [] }, { oddName: 'unknown-ip', isOddWanted: false, carriers: [] }, undefined],
    ['odd ones that are wanted', { protocols: [] }, { oddName: 'unknown-ip', carriers: ['gre'] }, ['gre', 'unknown-ip']],
    [
      'odd ones that a decoder knows',
      { protocols: ['llc'] },
      { oddName: 'corrupt-ether', isOddWanted: false, carriers: [] },
      ['llc'],
    ],
  ];
  for (const [name, facts, details, protocol] of cases)
    test(name, () => {
      if (protocol === undefined) assert.deepEqual(linesOf(facts, details), []);
      else assert.deepEqual(documentOf(facts, details).protocol, protocol);
    });
});

test('records of other types are ECS', () => {
  const encoder = new ArkimeEncoder(plain, new EcsEncoder(new RecordScribe()), registry.session, [host]);
  const type = registry.types.find(({ name }) => name === 'stats');
  assert.ok(type !== undefined && !('encodeAlone' in encoder.of(type, false)));
});
