// What conditions of rules can ask of a session: its facts by the names that Arkime's rules have for them, and what decoders
// noted by any of its names. Packet workers; nothing here is touched unless a rule asks.

import {
  type FieldNames,
  type JsonText,
  type SessionDetails,
  type SessionFacts,
  type SessionField,
  tcpFlagNames,
} from '../record/index.ts';

export type RuleValue = string | number | boolean;
export type ValueType = 'text' | 'number' | 'ip';

export interface ValueSource {
  readonly type: ValueType;
  readonly read: (facts: SessionFacts) => readonly RuleValue[];
  /** Noted fields that it reads. */
  readonly fields: readonly SessionField[];
  /** It is the list of protocols. */
  readonly isProtocols: boolean;
  /** It is known, or may be, before anything is noted. */
  readonly isFact: boolean;
  /** It is known only where Arkime's documents are. */
  readonly needsDetails: boolean;
  /** It is how many values there are. */
  readonly isCount: boolean;
  /** Case of the values. */
  readonly spelling: SessionField | undefined;
}

type Read = (facts: SessionFacts) => readonly RuleValue[];
type Both = (facts: SessionFacts, direction: 0 | 1) => readonly RuleValue[];

const facts = new Map<string, ValueSource>();

function fact(names: readonly string[], type: ValueType, read: Read, needsDetails = false): void {
  for (const name of names)
    facts.set(name, {
      type,
      read,
      fields: [],
      isProtocols: false,
      isFact: true,
      needsDetails,
      isCount: false,
      spelling: undefined,
    });
}

/** `x.src`, `x.dst`, and `x` for either. */
function sides(name: string, ecs: string, type: ValueType, read: Both, needsDetails = false, sums = false): void {
  const ecsName = (side: string): string[] => (ecs === '' ? [] : [`${side}.${ecs}`]);
  fact([`${name}.src`, ...ecsName('source')], type, (s) => read(s, 0), needsDetails);
  fact([`${name}.dst`, ...ecsName('destination')], type, (s) => read(s, 1), needsDetails);
  const both: Read = sums
    ? (s) => [([...read(s, 0), ...read(s, 1)] as number[]).reduce((sum, value) => sum + value, 0)]
    : (s) => [...read(s, 0), ...read(s, 1)];
  fact([name, ...(ecs !== '' && sums ? [`network.${ecs}`] : [])], type, both, needsDetails);
}

const present = (value: string | undefined): readonly string[] => (value === undefined || value === '' ? [] : [value]);
const detailed =
  (read: (details: SessionDetails) => readonly RuleValue[]): Read =>
  (s) =>
    s.details === undefined ? [] : read(s.details);
const detailedSide =
  (read: (details: SessionDetails) => readonly [readonly RuleValue[], readonly RuleValue[]]): Both =>
  (s, direction) =>
    s.details === undefined ? [] : read(s.details)[direction];

sides('ip', 'ip', 'ip', (s, side) => (s.ipVersion === 0 ? [] : [side === 0 ? s.sourceAddress : s.destinationAddress]));
sides('port', 'port', 'number', (s, side) => (s.hasPorts ? [side === 0 ? s.sourcePort : s.destinationPort] : [0]));
sides('packets', 'packets', 'number', (s, side) => [s.packets(side)], false, true);
sides('bytes', 'bytes', 'number', (s, side) => [s.details?.bytes[side] ?? s.bytes(side)], false, true);
sides('databytes', '', 'number', (s, side) => [s.details?.payloadBytes[side] ?? s.payloadBytes(side)], false, true);
sides('mac', 'mac', 'text', (s, side) => s.details?.macs[side] ?? present(side === 0 ? s.sourceMac : s.destinationMac));
sides('ttl', '', 'number', (s, side) => s.details?.ttls[side] ?? [s.ttl(side)]);
sides(
  'dscp',
  '',
  'number',
  detailedSide(({ dscps }) => dscps),
  true,
);
sides(
  'outermac',
  '',
  'text',
  detailedSide(({ outerMacs }) => outerMacs),
  true,
);
sides(
  'outerip',
  '',
  'ip',
  detailedSide(({ outerIps }) => outerIps),
  true,
);
fact(['ip.protocol', 'ipProtocol', 'network.iana_number'], 'number', (s) => [s.ipVersion === 0 ? 0 : s.protocol]);
fact(['ethertype'], 'number', (s) => [s.details?.etherType ?? s.etherType]);
fact(['vlan', 'network.vlan.id'], 'number', (s) => s.details?.vlans ?? s.vlanIds);
fact(
  ['vlan.dot1q', 'dot1q.id'],
  'number',
  detailed(({ dot1q }) => dot1q),
  true,
);
fact(
  ['vlan.dot1ad', 'dot1ad.id'],
  'number',
  detailed(({ dot1ad }) => dot1ad),
  true,
);
fact(['vni'], 'number', (s) => s.details?.vnis ?? s.tunnels.flatMap(({ id }) => (id === 0 ? [] : [id])));
// Arkime's rules have it without the version.
fact(['communityId', 'network.community_id'], 'text', (s) => {
  const id = s.communityId;
  return id === '' ? [] : [id, id.slice(2)];
});
fact(['session.segments', 'segmentCnt'], 'number', (s) => [s.part + 1]);
fact(['session.length', 'length'], 'number', (s) => [Math.round((s.lastUs - s.startUs) / 1000)]);
fact(
  ['initRTT'],
  'number',
  detailed(({ roundTripMs }) => (roundTripMs < 0 ? [] : [roundTripMs])),
  true,
);
const syn = 2;
fact(['tcp.synSet'], 'number', (s) => {
  const has = (side: 0 | 1, bit: number): number => ((s.tcpFlags(side) & syn) === 0 ? 0 : bit);
  return s.protocol === 6 ? [has(0, 1) | has(1, 2)] : [];
});
tcpFlagNames.forEach((name, index) => {
  fact(
    [`tcpflags.${name}`],
    'number',
    detailed(({ tcpFlags }) => [tcpFlags[index] as number]),
    true,
  );
});

const protocols: ValueSource = {
  type: 'text',
  read: (s) => [...(s.details?.carriers ?? []), ...s.protocols],
  fields: [],
  isProtocols: true,
  isFact: true,
  needsDetails: false,
  isCount: false,
  spelling: undefined,
};

/** Names of facts and of the list of protocols, for suggestions. */
export const factNames: readonly string[] = [...facts.keys(), 'protocols'];

export const protocolNames: readonly string[] = ['protocols', 'protocol', 'network.protocol', 'session.protocols'];

export function isFactName(name: string): boolean {
  return facts.has(name);
}

/** What a condition names, or undefined when there is nothing of that name. `x.cnt` is the number of its values. */
export function valueSource(name: string, names: FieldNames): ValueSource | undefined {
  if (protocolNames.includes(name)) return protocols;
  const known = facts.get(name);
  if (known !== undefined) return known;
  const fields = names.find(name);
  if (fields.length > 0) return noted(fields);
  if (name.endsWith('.cnt')) {
    const counted = valueSource(name.slice(0, -'.cnt'.length), names);
    const read: Read = (s) => [counted?.read(s).length ?? 0];
    if (counted !== undefined) return { ...counted, type: 'number', read, isCount: true, spelling: undefined };
  }
  return memberSource(name, names);
}

function noted(fields: readonly SessionField[]): ValueSource {
  const [first] = fields as readonly [SessionField];
  const read: Read = (s) => fields.flatMap((field) => valuesOf(s.noted(field))) as RuleValue[];
  const type = first.type === 'ip' ? 'ip' : first.type === 'long' || first.type === 'float' ? 'number' : 'text';
  return { type, read, fields, isProtocols: false, isFact: false, needsDetails: false, isCount: false, spelling: first };
}

/** `cert.issuer.cn` is member `issuerCN` of the objects of `cert`. */
function memberSource(name: string, names: FieldNames): ValueSource | undefined {
  for (let dot = name.indexOf('.'); dot > 0; dot = name.indexOf('.', dot + 1)) {
    const fields = names.find(name.slice(0, dot)).filter(({ type }) => type === 'object');
    if (fields.length === 0) continue;
    const member = plain(name.slice(dot + 1));
    const read: Read = (s) =>
      fields.flatMap((field) =>
        valuesOf(s.noted(field)).flatMap((value) =>
          Object.entries(value as object).flatMap(([key, own]) => (plain(key) === member ? scalarsOf(own) : [])),
        ),
      );
    return {
      type: 'text',
      read,
      fields,
      isProtocols: false,
      isFact: false,
      needsDetails: false,
      isCount: false,
      spelling: undefined,
    };
  }
  return undefined;
}

const plain = (name: string): string => name.replaceAll('.', '').toLowerCase();

function scalarsOf(value: unknown): RuleValue[] {
  return [value].flat().filter((each): each is RuleValue => ['string', 'number', 'boolean'].includes(typeof each));
}

/** The values of finished JSON; an object is one. */
export function valuesOf(json: JsonText | undefined): unknown[] {
  if (json === undefined) return [];
  const { bytes, from, to } = json;
  const value: unknown = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString());
  return Array.isArray(value) ? value : [value];
}
