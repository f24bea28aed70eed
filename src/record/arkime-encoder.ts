// The `arkime` encoding: a session as the document that Arkime 6 keeps in its `sessions3` index, so that Arkime's own viewer
// opens it. Written on packet workers, into memory of its own first, because documents with the positions of thousands of
// packets are long; the router copies them into rings. Names, order and conventions: docs/arkime.md.

import type { RecordType, SessionField } from './contract.ts';
import type { EcsEncoder, EcsRecord } from './ecs-encoder.ts';
import { FactPlan, type NotedPath } from './fact-plan.ts';
import { type IndexRotation, indexSuffix } from './index-suffix.ts';
import { JsonWriter, Most } from './json-writer.ts';
import { type SessionDetails, tcpFlagNames } from './session-details.ts';
import type { SessionFacts } from './session-facts.ts';

export interface ArkimeOptions {
  /** Name of the sensor, `node` of the documents. */
  readonly node: string;
  readonly rotation: IndexRotation;
  /** Documents have `packetLen`. */
  readonly packetLengths: boolean;
  /** `packetPos` as differences (gap0) instead of plain offsets. */
  readonly gapPositions: boolean;
  /** A line for Elasticsearch's bulk requests before each document. */
  readonly bulk: boolean;
}

/** Most bytes of a document; larger ones are lost and counted. */
const documentMost = 8 * 1024 * 1024;
const firstMemory = 256 * 1024;
/** More than any single piece that is written without asking takes. */
const margin = 1024;

export class ArkimeEncoder {
  readonly #options: ArkimeOptions;
  readonly #ecs: EcsEncoder;
  readonly #session: ArkimeSession;

  /** `noted`: the fields that decoders may note; `session`: the record type of sessions. */
  constructor(options: ArkimeOptions, ecs: EcsEncoder, session: RecordType<SessionFacts>, noted: readonly SessionField[]) {
    this.#options = options;
    this.#ecs = ecs;
    this.#session = new ArkimeSession(this.#options, session, noted);
  }

  /** How records of a type are encoded: sessions as Arkime's documents, what Arkime has not as ECS records. */
  of<R>(type: RecordType<R>, withSession: boolean): EcsRecord | ArkimeSession {
    return (type as unknown) === this.#session.type ? this.#session : this.#ecs.of(type, withSession);
  }
}

export class ArkimeSession {
  readonly type: RecordType<SessionFacts>;
  readonly #options: ArkimeOptions;
  /** For what is noted. */
  readonly #notes: FactPlan;
  readonly #writer: JsonWriter;
  readonly #nodeHash: number;
  readonly #id: Buffer;
  #memory: Buffer;
  #at: number;

  constructor(options: ArkimeOptions, type: RecordType<SessionFacts>, noted: readonly SessionField[]) {
    this.type = type;
    this.#options = options;
    this.#notes = new FactPlan([{ step: 'notes', pathOf: (field) => pathOf(field, noted) }]);
    this.#writer = new JsonWriter();
    this.#nodeHash = hashOf(options.node);
    this.#id = Buffer.alloc(18);
    this.#memory = Buffer.allocUnsafeSlow(firstMemory);
    this.#at = 0;
  }

  /**
   * Writes the document of a session at `from` of `target`, never at or past `limit`.
   * @returns its end, or -1 when it does not fit
   */
  encode(
    _record: unknown,
    facts: SessionFacts | undefined,
    _timeUs: number,
    target: Buffer,
    from: number,
    limit: number,
  ): number {
    const length = this.encodeAlone(facts);
    if (length < 0 || length > limit - from) return -1;
    this.#memory.copy(target, from, 0, length);
    return from + length;
  }

  /** What `encodeAlone` has written. */
  get memory(): Buffer {
    return this.#memory;
  }

  /** Writes the document into `memory`. @returns its length, or -1 when it is longer than a document may be */
  encodeAlone(facts: SessionFacts | undefined): number {
    const details = facts?.details;
    if (facts === undefined || details === undefined || details.isHidden) return 0;
    if (!details.isOddWanted && facts.protocols.length === 0) return 0;
    for (;;) {
      const writer = this.#writer;
      writer.begin(this.#memory, this.#memory.length - margin);
      this.#at = 0;
      if (this.#write(facts, details) && !writer.overflow) return this.#at;
      if (this.#memory.length >= documentMost) return -1;
      this.#memory = Buffer.allocUnsafeSlow(Math.min(this.#memory.length * 4, documentMost));
    }
  }

  /** False: there is no room. */
  #write(facts: SessionFacts, details: SessionDetails): boolean {
    const options = this.#options;
    const suffix = indexSuffix(options.rotation, details.lastMs);
    const id = this.#idOf(facts, details, suffix);
    const isPart = facts.end === 'part' || details.segment > 1;
    if (isPart && details.rootId === '') details.rootId = id;
    if (options.bulk) this.#raw(`{"index":{"_index":"sessions3-${suffix}","_id":"${id}"}}\n`);
    const { firstMs, lastMs } = details;
    const [gte, lte] = firstMs <= lastMs ? [firstMs, lastMs] : [lastMs, firstMs];
    this.#raw(
      `{"packetRange":{"gte":${gte},"lte":${lte}},"firstPacket":${firstMs},"lastPacket":${lastMs},"length":${lte - gte},"ipProtocol":${facts.ipVersion === 0 ? 0 : facts.protocol}`,
    );
    if (details.etherType !== 0) this.#raw(`,"ethertype":${details.etherType}`);
    if (facts.protocol === 6 && facts.ipVersion !== 0) this.#tcp(details);
    for (const direction of [0, 1] as const) {
      const payload = details.firstPayload(direction);
      if (payload !== '') this.#raw(`,"${direction === 0 ? 'src' : 'dst'}Payload8":"${payload}"`);
    }
    this.#raw(`,"@timestamp":${Date.now()}`);
    this.#side(facts, details, 0);
    this.#side(facts, details, 1);
    this.#network(details);
    const [sent, received] = details.payloadBytes;
    this.#raw(
      `,"client":{"bytes":${sent}},"server":{"bytes":${received}},"totDataBytes":${sent + received},"segmentCnt":${details.segment},"node":${JSON.stringify(options.node)}`,
    );
    if (details.rootId !== '') this.#raw(`,"rootId":"${details.rootId}"`);
    if (!this.#positions(details)) return false;
    this.#lists(details);
    const names = new Set([...details.carriers, ...facts.protocols]);
    if (facts.protocols.length === 0 && details.oddName !== '') names.add(details.oddName);
    this.#texts('protocol', 'Cnt', [...names]);
    facts.scribe.begin();
    this.#at = facts.scribe.write(this.#notes, this.#memory, this.#at, this.#memory.length - margin, 0);
    if (this.#at < 0) return false;
    this.#raw('}\n');
    return this.#hasRoom(0);
  }

  #tcp(details: SessionDetails): void {
    this.#raw(`,"tcpflags":{${tcpFlagNames.map((name, index) => `"${name}":${details.tcpFlags[index] as number}`).join(',')}}`);
    if (details.roundTripMs >= 0) this.#raw(`,"initRTT":${details.roundTripMs}`);
    const [src, dst] = details.initialSequence;
    if (src >= 0 || dst >= 0) {
      const both = [src >= 0 ? `"src":${src}` : '', dst >= 0 ? `"dst":${dst}` : ''].filter((part) => part !== '');
      this.#raw(`,"tcpseq":{${both.join(',')}}`);
    }
    if (details.synValidated !== undefined)
      this.#raw(`,"tcpSynValidated":${details.synValidated},"tcpSynAckValidated":${details.synAckValidated === true}`);
    if (details.initialSequences > 0) this.#raw(`,"srcISNCnt":${details.initialSequences}`);
  }

  #side(facts: SessionFacts, details: SessionDetails, direction: 0 | 1): void {
    this.#raw(direction === 0 ? ',"source":{' : ',"destination":{');
    if (facts.ipVersion !== 0) {
      const address = direction === 0 ? facts.sourceAddress : facts.destinationAddress;
      const port = direction === 0 ? facts.sourcePort : facts.destinationPort;
      this.#raw(`"ip":"${address}","port":${facts.hasPorts ? port : 0},`);
    }
    this.#raw(`"bytes":${details.bytes[direction]},"packets":${details.packets[direction]}`);
    const macs = details.macs[direction];
    if (macs.length > 0) this.#raw(`,"mac":${JSON.stringify(macs)},"mac-cnt":${macs.length}`);
    this.#raw('}');
  }

  #network(details: SessionDetails): void {
    const { packets, bytes, communityId, vlans } = details;
    this.#raw(`,"network":{"packets":${packets[0] + packets[1]},"bytes":${bytes[0] + bytes[1]}`);
    if (communityId !== '') this.#raw(`,"community_id":"${communityId}"`);
    if (vlans.length > 0) this.#raw(`,"vlan":{"id":[${vlans.join(',')}],"id-cnt":${vlans.length}}`);
    this.#raw('}');
  }

  #positions(details: SessionDetails): boolean {
    const { positions, lengths, files, places } = details;
    if (places !== undefined) {
      this.#raw(`,"packetPos":[${places.join(',')}],"fileId":[${files.join(',')}]`);
      return this.#hasRoom(0);
    }
    this.#raw(',"packetPos":[');
    let last = 0;
    let lastGap = 0;
    for (let index = 0; index < positions.length; index += 1) {
      if (!this.#hasRoom(0)) return false;
      const position = positions[index] as number;
      if (index > 0) this.#raw(',');
      let shown = position;
      if (position < 0) {
        last = 0;
        lastGap = 0;
      } else if (this.#options.gapPositions) {
        const gap = position - last;
        shown = gap === lastGap ? 0 : gap;
        lastGap = gap;
        last = position;
      }
      this.#number(shown);
    }
    this.#raw(']');
    if (this.#options.packetLengths) {
      this.#raw(',"packetLen":[');
      for (let index = 0; index < lengths.length; index += 1) {
        if (!this.#hasRoom(0)) return false;
        if (index > 0) this.#raw(',');
        this.#number((lengths[index] as number) & 0xffff);
      }
      this.#raw(']');
    }
    this.#raw(`,"fileId":[${files.join(',')}]`);
    return true;
  }

  /** Lists of the base document that stand by themselves. */
  #lists(details: SessionDetails): void {
    const { ttls, dscps, outerMacs, outerIps, dot1q, dot1ad, vnis } = details;
    for (const [direction, side] of ['src', 'dst'].entries() as IterableIterator<[0 | 1, string]>) {
      this.#numbers(`${side}TTL`, ttls[direction]);
      this.#numbers(`${side}Dscp`, dscps[direction]);
      this.#texts(`${side}OuterIp`, 'Cnt', outerIps[direction]);
      this.#texts(`${side}OuterMac`, '-cnt', outerMacs[direction]);
    }
    if (dot1q.length > 0) this.#raw(`,"dot1q":{"id":[${dot1q.join(',')}],"idCnt":${dot1q.length}}`);
    if (dot1ad.length > 0) this.#raw(`,"dot1ad":{"id":[${dot1ad.join(',')}],"idCnt":${dot1ad.length}}`);
    this.#numbers('vni', vnis);
  }

  #numbers(name: string, values: readonly number[]): void {
    if (values.length > 0) this.#raw(`,"${name}":[${values.join(',')}],"${name}Cnt":${values.length}`);
  }

  #texts(name: string, count: 'Cnt' | '-cnt', values: readonly string[]): void {
    if (values.length > 0) this.#raw(`,"${name}":${JSON.stringify(values)},"${name}${count}":${values.length}`);
  }

  #number(value: number): void {
    this.#at = this.#writer.number(this.#at, value);
  }

  /** Text that is short and of this program's making, or JSON of it. */
  #raw(text: string): void {
    if (!this.#hasRoom(text.length * 3)) {
      this.#writer.overflow = true;
      return;
    }
    this.#at += this.#memory.write(text, this.#at);
  }

  #hasRoom(bytes: number): boolean {
    return this.#at + bytes + Most.number <= this.#memory.length - margin;
  }

  /** Unique for node, session and segment, and the same whenever the same packets are read: importing again overwrites. */
  #idOf(facts: SessionFacts, details: SessionDetails, suffix: string): string {
    const id = this.#id;
    id.writeUInt32BE(this.#nodeHash, 0);
    id.writeUIntBE(Math.floor(facts.startUs / 2 ** 32) & 0xff_ffff, 4, 3);
    id.writeUInt32BE((facts.startUs % 2 ** 32) >>> 0, 7);
    id.writeUInt32BE(Number.parseInt(facts.id.slice(-16, -8), 16), 11);
    id.writeUInt8(facts.firstPacketNumber & 0xff, 15);
    id.writeUInt16BE(details.segment & 0xffff, 16);
    return `${suffix}-${id.toString('base64url')}`;
  }
}

/** How the document has a field: as the first of those that share its path says. */
function pathOf(field: SessionField, noted: readonly SessionField[]): NotedPath | undefined {
  if (field.arkime === undefined || !noted.includes(field)) return undefined;
  const { path } = field.arkime;
  const { arkime, many, type } = noted.find((each) => each.arkime?.path === path) as SessionField;
  return { path, many, count: arkime?.count, latin: arkime?.utf8 !== true && type !== 'object' };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
