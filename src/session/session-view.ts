// What records may say about a session: a view over its slot. The engine has one and moves it from session to session;
// it is valid during the call it is given to.

import { formatAddress, formatMac } from '../packet/index.ts';
import {
  FactPlan,
  type JsonText,
  type SessionDetails,
  type SessionEnd,
  type SessionFacts,
  type SessionField,
  type TunnelFacts,
} from '../record/index.ts';
import type { SessionNotes } from './notes.ts';
import type { ProtocolLists } from './protocol-lists.ts';
import { Protocol } from './protocols.ts';
import type { SessionObserver } from './session-observer.ts';
import { SessionScribe } from './session-scribe.ts';
import type { SessionTable } from './session-table.ts';
import { Probing, Side, SideByte, Slot, State, slotShift } from './slot-layout.ts';
import type { TcpTracker } from './tcp-tracker.ts';

const noTunnels: readonly TunnelFacts[] = [];
const noVlans: readonly number[] = [];
/** A fact alone, for who wants its text. */
const idPlan = new FactPlan([{ step: 'fact', text: '', fact: 'id', which: 0 }]);
const communityIdPlan = new FactPlan([{ step: 'fact', text: '', fact: 'communityId', which: 0 }]);

export class SessionView implements SessionFacts {
  end: SessionEnd;
  /** These two are asked for by many fields. */
  ipVersion: number;
  protocol: number;
  readonly #table: SessionTable;
  readonly #tcp: TcpTracker;
  readonly #tunnels: ReadonlyMap<number, readonly TunnelFacts[]>;
  readonly scribe: SessionScribe;
  /** For facts alone. */
  readonly #alone: Buffer;
  readonly #notes: SessionNotes;
  readonly #protocols: ProtocolLists;
  readonly #observer: SessionObserver | undefined;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  #slot: number;
  #base: number;

  /** `tunnels`: of the slots that have the tunnel bit. */
  constructor(
    table: SessionTable,
    tcp: TcpTracker,
    tunnels: ReadonlyMap<number, readonly TunnelFacts[]>,
    seed: number,
    notes: SessionNotes,
    protocols: ProtocolLists,
    observer: SessionObserver | undefined,
  ) {
    this.#observer = observer;
    this.end = 'part';
    this.ipVersion = 0;
    this.protocol = 0;
    this.#table = table;
    this.#tcp = tcp;
    this.#tunnels = tunnels;
    this.scribe = new SessionScribe(this, table, seed, protocols, notes);
    this.#alone = Buffer.alloc(Math.max(idPlan.most, communityIdPlan.most));
    this.#notes = notes;
    this.#protocols = protocols;
    this.#words = table.words;
    this.#numbers = table.numbers;
    this.#slot = 0;
    this.#base = 0;
  }

  /** Moves to a session. */
  at(slot: number, end: SessionEnd): this {
    this.end = end;
    this.#slot = slot;
    this.scribe.moveTo(slot);
    this.#base = slot << slotShift;
    const head = this.#word(Slot.protocol);
    this.ipVersion = (head >>> 8) & 0xff;
    this.protocol = (head >>> 16) & 0xff;
    return this;
  }

  get id(): string {
    return this.#textOf(idPlan);
  }
  get firstPacketNumber(): number {
    return this.#word(Slot.packetNumber) >>> 0;
  }
  nextRecordIndex(): number {
    const at = this.#base + Slot.recordIndex;
    const index = this.#words[at] as number;
    this.#words[at] = index + 1;
    return index >>> 0;
  }
  get startUs(): number {
    return this.#number(Slot.startUs);
  }
  get lastUs(): number {
    const us0 = this.#sideNumber(0, Side.lastUs);
    const us1 = this.#sideNumber(1, Side.lastUs);
    return us0 > us1 ? us0 : us1;
  }
  get etherType(): number {
    return this.#word(Slot.origin) >>> 16;
  }
  get sourceAddress(): string {
    return this.#address(Slot.addressA);
  }
  get destinationAddress(): string {
    return this.#address(Slot.addressB);
  }
  get sourcePort(): number {
    return this.#word(Slot.ports) & 0xffff;
  }
  get destinationPort(): number {
    return this.#word(Slot.ports) >>> 16;
  }
  get hasPorts(): boolean {
    const protocol = this.protocol;
    return protocol === Protocol.tcp || protocol === Protocol.udp || protocol === Protocol.sctp;
  }
  get sourceMac(): string | undefined {
    return this.#mac(0);
  }
  get destinationMac(): string | undefined {
    return this.#mac(1);
  }
  get vlanIds(): readonly number[] {
    const last = this.#word(Slot.vlansHigh);
    const count = last >>> 16;
    if (count === 0) return noVlans;
    const first = this.#word(Slot.vlansLow);
    return [first & 0xffff, first >>> 16, last & 0xffff].slice(0, count);
  }
  get tunnels(): readonly TunnelFacts[] {
    if ((this.#word(Slot.state) & State.tunnels) === 0) return noTunnels;
    return this.#tunnels.get(this.#slot) ?? noTunnels;
  }
  /** '' for layer 2, for which none is defined. */
  get communityId(): string {
    return this.#textOf(communityIdPlan);
  }
  get sourceIndex(): number {
    return this.#word(Slot.part) >>> 24;
  }
  get interfaceId(): number {
    return this.#word(Slot.origin) & 0xffff;
  }

  packets(direction: 0 | 1): number {
    return this.#side(direction, Side.packets) >>> 0;
  }
  bytes(direction: 0 | 1): number {
    return this.#sideNumber(direction, Side.bytes);
  }
  payloadBytes(direction: 0 | 1): number {
    return this.#sideNumber(direction, Side.payload);
  }
  gapBytes(direction: 0 | 1): number {
    return this.protocol === Protocol.tcp ? this.#tcp.gapBytes(this.#slot, direction) : 0;
  }
  retransmittedPackets(direction: 0 | 1): number {
    return this.#side(direction, Side.retransmitted) >>> 0;
  }
  outOfOrderPackets(direction: 0 | 1): number {
    return this.#side(direction, Side.outOfOrder) >>> 0;
  }
  tcpFlags(direction: 0 | 1): number {
    return this.#side(direction, Side.marks) & 0xff;
  }
  ttl(direction: 0 | 1): number {
    return (this.#side(direction, Side.marks) >>> 8) & 0xff;
  }

  get handshakeUs(): number | undefined {
    const taken = this.#word(Slot.handshakeUs);
    return taken < 0 || this.protocol !== Protocol.tcp ? undefined : taken;
  }
  get tcpState(): string | undefined {
    if (this.protocol !== Protocol.tcp) return undefined;
    const state = this.#word(Slot.state);
    if ((state & State.reset) !== 0) return 'reset';
    const fins = state & (State.fin0 | State.fin1);
    if (fins === (State.fin0 | State.fin1)) return 'closed';
    if (fins !== 0) return 'half_closed';
    if ((state & State.established) !== 0) return 'established';
    const syns = state & (State.syn0 | State.syn1);
    if (syns === 0) return 'midstream';
    if (syns === State.syn0) return (state & State.seen1) === 0 ? 'syn_sent' : 'established';
    return this.payloadBytes(0) + this.payloadBytes(1) > 0 ? 'established' : 'syn_received';
  }
  /** TCP: no SYN of either side was seen. */
  get midstream(): boolean {
    return this.protocol === Protocol.tcp && (this.#word(Slot.state) & (State.syn0 | State.syn1)) === 0;
  }
  get protocols(): readonly string[] {
    return this.#protocols.of(this.#word(Slot.probing) >>> Probing.listShift);
  }
  get part(): number {
    return this.#word(Slot.part) & 0xff_ffff;
  }
  noted(field: SessionField): JsonText | undefined {
    return this.#notes.noted(this.#slot, field);
  }
  get details(): SessionDetails | undefined {
    return this.#observer?.of(this.#slot);
  }

  #word(offset: number): number {
    return this.#words[this.#base + offset] as number;
  }
  #number(offset: number): number {
    return this.#numbers[(this.#base + offset) >> 1] as number;
  }
  #side(direction: 0 | 1, offset: number): number {
    return this.#words[this.#base + Slot.side0 + direction * 16 + offset] as number;
  }
  #sideNumber(direction: 0 | 1, offset: number): number {
    return this.#numbers[(this.#base + Slot.side0 + direction * 16 + offset) >> 1] as number;
  }
  #address(offset: number): string {
    return formatAddress(this.ipVersion, this.#table.octets, (this.#base + offset) * 4);
  }
  #mac(direction: 0 | 1): string | undefined {
    if ((this.#word(Slot.state) & (State.mac0 << direction)) === 0) return undefined;
    return formatMac(this.#table.octets, (this.#base + Slot.side0 + direction * 16) * 4 + SideByte.mac);
  }
  /** A string without escapes; '' where there is none. */
  #textOf(plan: FactPlan): string {
    const bytes = this.#alone;
    // Without values, so that a record may be under way.
    const end = this.scribe.write(plan, bytes, 0, 0, 0);
    return end <= 0 ? '' : bytes.toString('latin1', 1, end - 1);
  }
}
