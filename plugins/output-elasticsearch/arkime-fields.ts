// The documents of Arkime's `fields` index: what its viewer lets people search for and show. Those of decoders come from the field
// registry; the ones here are of what the encoder of sessions writes itself. Arkime's `db.pl init` makes the most basic ones.

import type { ArkimeField, SessionField } from '../../src/record/index.ts';

export interface FieldDefinition {
  readonly friendlyName: string;
  readonly group: string;
  readonly help: string;
  readonly dbField2: string;
  /** Where the documents have it under the name of ECS. */
  readonly fieldECS?: string;
  readonly type: ArkimeField['kind'];
  /** What viewers offer for it beside searching. */
  readonly category?: string;
}

type CoreField = readonly [
  expression: string,
  path: string,
  kind: ArkimeField['kind'],
  name: string,
  help: string,
  more?: { readonly count?: 'Cnt' | '-cnt'; readonly ecs?: string },
];

const tcpFlags = ['syn', 'syn-ack', 'ack', 'psh', 'fin', 'rst', 'urg', 'ece', 'cwr', 'ae'];

const core: readonly CoreField[] = [
  ['mac.src', 'source.mac', 'lotermfield', 'Src MAC', 'MAC addresses of the source', { count: '-cnt', ecs: 'source.mac' }],
  [
    'mac.dst',
    'destination.mac',
    'lotermfield',
    'Dst MAC',
    'MAC addresses of the destination',
    { count: '-cnt', ecs: 'destination.mac' },
  ],
  [
    'outermac.src',
    'srcOuterMac',
    'lotermfield',
    'Src Outer MAC',
    'MAC addresses of the source, outside tunnels',
    { count: '-cnt' },
  ],
  [
    'outermac.dst',
    'dstOuterMac',
    'lotermfield',
    'Dst Outer MAC',
    'MAC addresses of the destination, outside tunnels',
    { count: '-cnt' },
  ],
  ['outerip.src', 'srcOuterIp', 'ip', 'Src Outer IP', 'Addresses of the source, outside tunnels', { count: 'Cnt' }],
  ['outerip.dst', 'dstOuterIp', 'ip', 'Dst Outer IP', 'Addresses of the destination, outside tunnels', { count: 'Cnt' }],
  ['dscp.src', 'srcDscp', 'integer', 'Src DSCP', 'Differentiated services code points of the source', { count: 'Cnt' }],
  ['dscp.dst', 'dstDscp', 'integer', 'Dst DSCP', 'Differentiated services code points of the destination', { count: 'Cnt' }],
  ['ttl.src', 'srcTTL', 'integer', 'Src TTL', 'Times to live of the source', { count: 'Cnt' }],
  ['ttl.dst', 'dstTTL', 'integer', 'Dst TTL', 'Times to live of the destination', { count: 'Cnt' }],
  ['vlan', 'network.vlan.id', 'integer', 'VLAN', 'VLAN ids', { count: '-cnt', ecs: 'network.vlan.id' }],
  ['vlan.dot1q', 'dot1q.id', 'integer', 'VLAN 802.1Q', 'VLAN ids of 802.1Q tags', { count: 'Cnt' }],
  ['vlan.dot1ad', 'dot1ad.id', 'integer', 'VLAN 802.1ad', 'VLAN ids of 802.1ad tags', { count: 'Cnt' }],
  ['vni', 'vni', 'integer', 'VNI', 'Virtual network identifiers', { count: 'Cnt' }],
  ['packets.src', 'srcPackets', 'integer', 'Src Packets', 'Packets of the source', { ecs: 'source.packets' }],
  ['packets.dst', 'dstPackets', 'integer', 'Dst Packets', 'Packets of the destination', { ecs: 'destination.packets' }],
  ['communityId', 'communityId', 'termfield', 'Community Id', 'Community id of the flow', { ecs: 'network.community_id' }],
  ['initRTT', 'initRTT', 'integer', 'Initial RTT', 'Half the time from SYN to the first pure ACK, in milliseconds'],
  ['ethertype', 'ethertype', 'integer', 'Ethertype', 'EtherType of the frames, behind VLAN tags'],
  ['tcpseq.src', 'tcpseq.src', 'integer', 'TCP Src Seq', 'Initial sequence number of the source'],
  ['tcpseq.dst', 'tcpseq.dst', 'integer', 'TCP Dst Seq', 'Initial sequence number of the destination'],
  ['tcp.synValidated', 'tcpSynValidated', 'termfield', 'TCP SYN Validated', 'The SYN was answered with its own sequence number'],
  ['tcp.synAckValidated', 'tcpSynAckValidated', 'termfield', 'TCP SYN-ACK Validated', 'The SYN-ACK was acknowledged'],
  ['tcp.srcISNCnt', 'srcISNCnt', 'integer', 'TCP Src ISN Count', 'Different initial sequence numbers of the source'],
  ['session.segments', 'segmentCnt', 'integer', 'Session Segments', 'Parts that a long session was saved in'],
  ['session.length', 'length', 'integer', 'Session Length', 'Milliseconds from the first packet to the last'],
  ['dbTimestamp', '@timestamp', 'seconds', 'Written', 'When the document was written'],
  ...tcpFlags.map(
    (flag): CoreField => [
      `tcpflags.${flag}`,
      `tcpflags.${flag}`,
      'integer',
      `TCP Flag ${flag.toUpperCase()}`,
      flag === 'ack' ? 'Packets with nothing but ACK' : `Packets with ${flag.toUpperCase()}`,
    ],
  ),
];

/** Expressions (the documents' ids) and definitions, of `noted` and of the encoder's own. */
export function arkimeFieldDocuments(noted: readonly SessionField[]): ReadonlyMap<string, FieldDefinition> {
  const documents = new Map<string, FieldDefinition>();
  const add = (expression: string, definition: FieldDefinition, count: 'Cnt' | '-cnt' | undefined): void => {
    if (documents.has(expression)) return;
    documents.set(expression, definition);
    if (count === undefined) return;
    const { friendlyName, group, dbField2, fieldECS } = definition;
    documents.set(`${expression}.cnt`, {
      friendlyName: `${friendlyName} Cnt`,
      group,
      help: `Unique number of ${friendlyName}`,
      dbField2: `${dbField2}${count}`,
      ...(fieldECS === undefined ? {} : { fieldECS: `${fieldECS}-cnt` }),
      type: 'integer',
    });
  };
  for (const [expression, path, kind, name, help, { count, ecs } = {}] of core) {
    const group = path.includes('.') && ecs === undefined && !expression.startsWith('tcp') ? groupOf(path) : 'general';
    add(expression, definitionOf(name, group, help, path, kind, expression, ecs), count);
  }
  for (const { arkime, meaning } of noted) {
    if (arkime === undefined) continue;
    const { path, expression, kind, count } = arkime;
    add(expression, definitionOf(friendlyName(expression, path), groupOf(path), meaning, path, kind, expression), count);
  }
  return documents;
}

function definitionOf(
  friendlyName: string,
  group: string,
  help: string,
  dbField2: string,
  type: ArkimeField['kind'],
  expression: string,
  fieldECS?: string,
): FieldDefinition {
  const category = categoryOf(expression, type);
  return {
    friendlyName,
    group,
    help,
    dbField2,
    ...(fieldECS === undefined ? {} : { fieldECS }),
    type,
    ...(category === undefined ? {} : { category }),
  };
}

/** Fields stand under their protocol. */
function groupOf(path: string): string {
  const dot = path.indexOf('.');
  return dot < 0 ? 'general' : path.slice(0, dot);
}

function categoryOf(expression: string, kind: ArkimeField['kind']): string | undefined {
  if (kind === 'ip') return 'ip';
  const words = expression.split('.');
  return (
    ['host', 'user', 'md5', 'sha256', 'port'].find((category) => words.includes(category)) ??
    (words.includes('uri') ? 'url' : undefined)
  );
}

/** `ssh.hasshServer` → `Hassh Server`, `host.dns.mailserver` → `Mailserver Host`. */
function friendlyName(expression: string, path: string): string {
  const last = path.slice(path.lastIndexOf('.') + 1);
  const words = last.replace(/([a-z0-9])([A-Z])/g, '$1 $2').split(/[ _-]/);
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join(' ');
  return name === '' ? expression : name;
}
