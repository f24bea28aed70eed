// A read-only cursor over one packet record of a ring (layout: tools/layout.ts). Packet workers move it from record
// to record with `at`; nothing is copied and nothing is parsed here, Rust has done that.
//
// The record stays valid until the worker gives its space back, that is until the call that handles it returns.

import { ClockLag, PacketLayout as L, PacketFlag, RecordKind, TunnelLayout } from '../ring/index.ts';

export class PacketView {
  /** The data area of the ring. */
  readonly bytes: Buffer;
  /** Start of the record in `bytes`. */
  base: number;
  readonly #u8: Uint8Array;
  readonly #u16: Uint16Array;
  readonly #u32: Uint32Array;
  /** The data area as words and as floats, for what reads many fields of every record: index is byte offset / 4, / 8. */
  readonly words: Int32Array;
  readonly numbers: Float64Array;

  /** `data`: the data area of a ring, 8-byte aligned in its SharedArrayBuffer. */
  constructor(data: Uint8Array) {
    this.bytes = Buffer.from(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
    this.base = 0;
    this.#u8 = data;
    this.#u16 = new Uint16Array(data.buffer, data.byteOffset, data.byteLength >> 1);
    this.#u32 = new Uint32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
    this.words = new Int32Array(data.buffer, data.byteOffset, data.byteLength >> 2);
    this.numbers = new Float64Array(data.buffer, data.byteOffset, data.byteLength >> 3);
  }

  /** Moves to the record at byte offset `offset` of the data area. */
  at(offset: number): this {
    this.base = offset;
    return this;
  }

  get ipVersion(): number {
    return this.#u8[this.base + L.ipVersion] as number;
  }
  get protocol(): number {
    return this.#u8[this.base + L.protocol] as number;
  }
  get tcpFlags(): number {
    return this.#u8[this.base + L.tcpFlags] as number;
  }
  /** Capture time, whole microseconds since 1970. */
  get timeUs(): number {
    return this.numbers[(this.base + L.timeUs) >> 3] as number;
  }
  /**
   * The source's clock with this packet, microseconds: the latest packet time that it believes. -Infinity where that is
   * far from the packet's own time; the clock then is what was told last.
   */
  get clockUs(): number {
    const lagUs = this.#u32[(this.base + L.clockLagUs) >> 2] as number;
    return lagUs === ClockLag.apart ? Number.NEGATIVE_INFINITY : this.timeUs + lagUs;
  }
  get sequence(): number {
    return this.#u32[(this.base + L.sequence) >> 2] as number;
  }
  get packetNumber(): number {
    return this.#u32[(this.base + L.packetNumber) >> 2] as number;
  }
  /** Signed, for use as a table hash without leaving the small-integer range. */
  get flowHash(): number {
    return this.words[(this.base + L.flowHash) >> 2] as number;
  }
  get sourcePort(): number {
    return this.#u16[(this.base + L.sourcePort) >> 1] as number;
  }
  get destinationPort(): number {
    return this.#u16[(this.base + L.destinationPort) >> 1] as number;
  }
  /** Both ports as one signed word, source in the low half: what a key comparison wants. */
  get portsWord(): number {
    return this.words[(this.base + L.sourcePort) >> 2] as number;
  }
  /** `kind | ipVersion << 8 | protocol << 16 | tcpFlags << 24`, signed. */
  get headWord(): number {
    return this.words[(this.base + L.kind) >> 2] as number;
  }
  get flags(): number {
    return this.#u32[(this.base + L.flags) >> 2] as number;
  }
  get tcpSequence(): number {
    return this.words[(this.base + L.tcpSequence) >> 2] as number;
  }
  get tcpAcknowledgement(): number {
    return this.words[(this.base + L.tcpAcknowledgement) >> 2] as number;
  }
  get tcpWindow(): number {
    return this.#u16[(this.base + L.tcpWindow) >> 1] as number;
  }
  /** Shift count of a SYN's window scale option; 255 when absent. */
  get tcpWindowScale(): number {
    return this.#u8[this.base + L.tcpWindowScale] as number;
  }
  get tcpMss(): number {
    return this.#u16[(this.base + L.tcpMss) >> 1] as number;
  }
  get ttl(): number {
    return this.#u8[this.base + L.ttl] as number;
  }
  get trafficClass(): number {
    return this.#u8[this.base + L.trafficClass] as number;
  }
  get icmpType(): number {
    return this.#u8[this.base + L.icmpType] as number;
  }
  get icmpCode(): number {
    return this.#u8[this.base + L.icmpCode] as number;
  }
  /** Word 0 to 3 of the source address as it lies in memory (network order bytes). */
  sourceWord(word: number): number {
    return this.words[((this.base + L.sourceAddress) >> 2) + word] as number;
  }
  destinationWord(word: number): number {
    return this.words[((this.base + L.destinationAddress) >> 2) + word] as number;
  }
  /** Start of the layer-4 payload in `bytes`. */
  get payloadStart(): number {
    return this.base + (this.words[(this.base + L.payloadOffset) >> 2] as number);
  }
  get payloadLength(): number {
    return this.words[(this.base + L.payloadLength) >> 2] as number;
  }
  get payloadWireLength(): number {
    return this.words[(this.base + L.payloadWireLength) >> 2] as number;
  }
  get wireLength(): number {
    return this.words[(this.base + L.wireLength) >> 2] as number;
  }
  get capturedLength(): number {
    return this.words[(this.base + L.capturedLength) >> 2] as number;
  }
  /** Bytes of the inner IP packet by its own length field; the frame's length for layer 2. */
  get networkLength(): number {
    return this.words[(this.base + L.networkLength) >> 2] as number;
  }
  /** Start of the captured frame in `bytes`. */
  get frameStart(): number {
    return this.base + (this.words[(this.base + L.frameOffset) >> 2] as number);
  }
  get networkOffset(): number {
    return this.#u16[(this.base + L.networkOffset) >> 1] as number;
  }
  get transportOffset(): number {
    return this.#u16[(this.base + L.transportOffset) >> 1] as number;
  }
  /** Start of the layer-4 header in `bytes`; of the payload of a layer-2 frame; of a datagram that this packet completes. */
  get headersStart(): number {
    if ((this.flags & PacketFlag.reassembled) !== 0)
      return this.payloadStart - (this.protocol === 1 || this.protocol === 58 ? 8 : 0);
    return this.frameStart + (this.ipVersion === 0 ? this.networkOffset : this.transportOffset);
  }
  get linkType(): number {
    return this.#u16[(this.base + L.linkType) >> 1] as number;
  }
  get etherType(): number {
    return this.#u16[(this.base + L.etherType) >> 1] as number;
  }
  get vlanCount(): number {
    return this.#u8[this.base + L.vlanCount] as number;
  }
  /** VLAN id 0 (outermost) to 2. */
  vlan(position: number): number {
    return this.#u16[((this.base + L.vlan0) >> 1) + position] as number;
  }
  /** Ethernet header from the start of the frame; 255 when there is none. */
  get ethernetOffset(): number {
    return this.#u8[this.base + L.ethernetOffset] as number;
  }
  /** Ethernet header before the innermost one; 255 when there is none. */
  get outerEthernetOffset(): number {
    return this.#u8[this.base + L.outerEthernetOffset] as number;
  }
  /** Bits of the marking filters that the frame matches. */
  get marks(): number {
    return this.#u16[(this.base + L.marks) >> 1] as number;
  }
  get vni(): number {
    return this.#u32[(this.base + L.vni) >> 2] as number;
  }
  get tunnelCount(): number {
    return this.#u8[this.base + L.tunnelCount] as number;
  }
  /** Start of tunnel layer `position` (0 is the outermost) in `bytes`; fields by `TunnelLayout`. */
  tunnelStart(position: number): number {
    return this.base + L.size + position * TunnelLayout.size;
  }
  get filePosition(): number {
    return this.numbers[(this.base + L.filePosition) >> 3] as number;
  }
  get fileId(): number {
    return this.#u32[(this.base + L.fileId) >> 2] as number;
  }
  get interfaceId(): number {
    return this.#u16[(this.base + L.interfaceId) >> 1] as number;
  }
  get timeNs(): number {
    return this.#u16[(this.base + L.timeNs) >> 1] as number;
  }
  /** True for a fragment that carries no layer-4 payload of its own. */
  get isBareFragment(): boolean {
    return (this.flags & (PacketFlag.fragment | PacketFlag.reassembled)) === PacketFlag.fragment;
  }
}

/** Offsets of the packet records `[from, to)` of a view's ring, which are positions as `RingReader` has them. */
export function* packetsIn(view: PacketView, from: number, to: number): Generator<number> {
  const { words } = view;
  const mask = words.length * 4 - 1;
  for (let position = from; position !== to; ) {
    const word = (position & mask) >> 2;
    if (((words[word + 1] as number) & 0xff) === RecordKind.packet) yield position & mask;
    position = (position + (((words[word] as number) + 7) & ~7)) | 0;
  }
}
