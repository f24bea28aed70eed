// Collects what Arkime's document says of sessions beyond the facts of every record: flag counts, handshake checks, first
// payload bytes, MACs, VLANs, tunnels, and where each packet is on disk. One a packet worker, called by the session engine for
// every packet, only where somebody wants such documents. The rules are those of Arkime 6.7 (docs/arkime.md).

import { loadAddon } from '../capture/index.ts';
import { type Recognizer, transportIndex } from '../decoders/index.ts';
import { formatAddress, type PacketView } from '../packet/index.ts';
import { type SessionDetails, TcpFlagCount } from '../record/index.ts';
import { PacketFlag, PacketLayout, TunnelLayout, TunnelType } from '../ring/index.ts';
import { MacTexts } from './mac-texts.ts';
import type { PacketStore } from './packet-store.ts';
import { Protocol } from './protocols.ts';
import type { SessionConfig } from './session-config.ts';
import { addDistinct, SessionDetail } from './session-detail.ts';
import type { SessionMarks, SessionObserver } from './session-observer.ts';
import { TcpFlag } from './tcp-tracker.ts';

/** Packets of a direction whose link and network headers are looked at. */
const headersOf = 10;
/** Bytes of the head of a packet in a capture file, which count with a packet's length. */
const recordHeadBytes = 16;
/** Packet times below that are moved up by as much: times so near to 1970 are not taken for times. */
const smallestUs = 10_000_000;
const noEthernet = 255;
/** Arkime's tag of sessions that are kept in part. */
const truncatedTag = 'truncated-pcap';
/** Both ends of a packet, for its community id. */
const addresses = Buffer.alloc(32);
const shortAddresses = addresses.subarray(0, 8);
/** Free details that are kept for later sessions. */
const keptMost = 4096;

const etherTypeQ = 0x8100;
const etherTypeAd = 0x88a8;
/** With those that were used for stacking before 802.1ad. */
const tagTypes: readonly number[] = [etherTypeQ, etherTypeAd, 0x9100, 0x9200, 0x9300];

/** Names that sessions of an IP protocol have from the start. */
const protocolNames: Readonly<Record<number, string>> = {
  [Protocol.tcp]: 'tcp',
  [Protocol.udp]: 'udp',
  [Protocol.sctp]: 'sctp',
  [Protocol.esp]: 'esp',
};

const tunnelNames: Readonly<Record<number, string>> = {
  [TunnelType.gre]: 'gre',
  [TunnelType.erspan]: 'gre',
  [TunnelType.vxlan]: 'vxlan',
  [TunnelType.geneve]: 'geneve',
  [TunnelType.gtpU]: 'gtp',
  [TunnelType.mpls]: 'mpls',
  [TunnelType.pppoe]: 'pppoe',
};
const vxlanGpePort = 4790;

export interface SessionTrackerOptions {
  /** Seed of community ids. */
  readonly communityIdSeed: number;
  /** Where packets are kept; without it positions are those in the capture files. */
  readonly store?: PacketStore;
  /** Packets kept of the sessions that a marking filter matches, by its bit. */
  readonly keepPackets: readonly number[];
  /** Of ESP only the first packet of a session is kept, as Arkime does. */
  readonly keepsOneOfEsp: boolean;
  /** Documents of ESP are wanted. */
  readonly trackEsp: boolean;
  /** Documents of packets that are no sessions otherwise. */
  readonly oddPackets: 'none' | 'corrupt' | 'all';
  /** Is there a decoder, or a transport, for an IP protocol (version 4 or 6) or an EtherType (version 0)? */
  readonly isKnown: (ipVersion: number, protocol: number, etherType: number) => boolean;
}

export class SessionTracker implements SessionObserver {
  readonly #store: PacketStore | undefined;
  readonly #options: SessionTrackerOptions;
  readonly #seed: number;
  #marks: SessionMarks | undefined;
  readonly #macs = new MacTexts();
  readonly #details: (SessionDetail | undefined)[] = [];
  readonly #free: SessionDetail[] = [];

  /** As the config says. */
  static of(config: SessionConfig, recognizer: Recognizer, store?: PacketStore): SessionTracker {
    return new SessionTracker({
      communityIdSeed: config.community_id_seed,
      ...(store === undefined ? {} : { store }),
      keepsOneOfEsp: config.identity === 'arkime',
      trackEsp: config.track_esp,
      keepPackets: config.keep_packets.map(({ packets }) => packets),
      oddPackets: config.odd_packets,
      isKnown: (ipVersion, protocol, etherType) =>
        ipVersion === 0
          ? recognizer.byNumber(transportIndex.ethernet, etherType) >= 0
          : protocolNames[protocol] !== undefined || recognizer.byNumber(transportIndex.ip, protocol) >= 0,
    });
  }

  constructor(options: SessionTrackerOptions) {
    this.#options = options;
    this.#store = options.store;
    this.#seed = options.communityIdSeed;
  }

  of(slot: number): SessionDetails | undefined {
    const detail = this.#details[slot];
    const store = this.#store;
    if (detail === undefined || store === undefined) return detail;
    const { positions } = detail;
    for (; detail.resolved < positions.length; detail.resolved += 1) {
      const place = positions[detail.resolved] as number;
      if (place < 0) detail.resolvedFile = -place;
      else positions[detail.resolved] = store.position(detail.resolvedFile, place);
    }
    if (store.hasIndex && detail.indexed !== positions.length) this.#index(detail, store);
    return detail;
  }

  /** Puts the positions into index files; once for a record, whoever asks for it. */
  #index(detail: SessionDetail, store: PacketStore): void {
    const { positions } = detail;
    const places: number[] = [];
    for (let from = 0; from < positions.length; ) {
      let to = from + 1;
      while (to < positions.length && (positions[to] as number) >= 0) to += 1;
      const file = -(positions[from] as number);
      const offset = store.index(file, positions.slice(from + 1, to));
      if (offset >= 0) places.push(-file, offset, store.indexLength);
      from = to;
    }
    detail.places = places;
    detail.indexed = positions.length;
  }

  counted(view: PacketView, slot: number, direction: 0 | 1): void {
    const detail = this.#details[slot] ?? this.#open(view, slot);
    if (view.isBareFragment) {
      // Arkime counts only the piece that completes a datagram; on disk all of them are wanted.
      if (this.#store !== undefined) this.#place(view, detail, view.capturedLength);
      return;
    }
    const timeMs = toMs(view.timeUs);
    detail.lastMs = timeMs;
    const captured = capturedBytes(view);
    detail.packets[direction] += 1;
    detail.bytes[direction] += captured;
    if (detail.kept < detail.keepsMost) this.#place(view, detail, captured);
    else this.#tag(detail, truncatedTag);
  }

  packet(view: PacketView, slot: number, direction: 0 | 1): void {
    const detail = this.#details[slot];
    if (detail === undefined || view.isBareFragment) return;
    if (detail.seen[direction] < headersOf) this.#headers(view, detail, direction);
    detail.seen[direction] += 1;
    const protocol = view.protocol;
    if (protocol === Protocol.tcp) this.#segment(view, detail, direction);
    else this.#datagram(view, detail, direction, protocol);
  }

  connect(marks: SessionMarks): void {
    this.#marks = marks;
  }

  #tag(detail: SessionDetail, tag: string): void {
    if (detail.lastTag === tag) return;
    detail.lastTag = tag;
    this.#marks?.tag(detail.slot, tag);
  }

  keeps(slot: number): number {
    return this.#details[slot]?.keepsMost ?? Number.POSITIVE_INFINITY;
  }

  keep(slot: number, most: number): void {
    const detail = this.#details[slot];
    if (detail === undefined) return;
    detail.keepsMost = most;
    if (detail.kept >= most) this.#tag(detail, truncatedTag);
  }

  turned(slot: number): void {
    this.#details[slot]?.turn();
  }

  nextPart(slot: number): void {
    this.#details[slot]?.nextPart();
  }

  closed(slot: number): void {
    const detail = this.#details[slot];
    if (detail === undefined) return;
    this.#details[slot] = undefined;
    if (this.#free.length < keptMost) this.#free.push(detail);
  }

  #open(view: PacketView, slot: number): SessionDetail {
    const detail = this.#free.pop() ?? new SessionDetail();
    detail.clear();
    while (this.#details.length <= slot) this.#details.push(undefined);
    this.#details[slot] = detail;
    detail.slot = slot;
    detail.firstMs = toMs(view.timeUs);
    detail.lastMs = detail.firstMs;
    detail.etherType = frameEtherType(view);
    const isEsp = view.ipVersion !== 0 && (view.protocol === Protocol.esp || view.protocol === Protocol.authentication);
    detail.keepsMost = isEsp && this.#options.keepsOneOfEsp ? 1 : this.#keepsMost(view.marks);
    detail.isUnwanted = (isEsp && !this.#options.trackEsp) || this.#isOdd(view, detail);
    const name = view.ipVersion === 0 ? undefined : protocolNames[view.protocol];
    if (name !== undefined && (view.flags & PacketFlag.corrupt) === 0) detail.carriers.push(name);
    else if (view.ipVersion !== 0 && isAuthenticatedEsp(view)) detail.carriers.push('esp');
    if (view.ipVersion !== 0) detail.communityId = this.#communityId(view);
    return detail;
  }

  #keepsMost(marks: number): number {
    const { keepPackets } = this.#options;
    for (let bit = 0; bit < keepPackets.length; bit += 1) if ((marks & (1 << bit)) !== 0) return keepPackets[bit] as number;
    const most = this.#store?.sessionPackets ?? 0;
    return most > 0 ? most : Number.POSITIVE_INFINITY;
  }

  /** Names what is no session otherwise, and tells whether its document is not wanted. */
  #isOdd(view: PacketView, detail: SessionDetail): boolean {
    const { oddPackets } = this.#options;
    const isLink = view.ipVersion === 0;
    if ((view.flags & PacketFlag.corrupt) !== 0) {
      detail.carriers.length = 0;
      detail.carriers.push(isLink ? 'corrupt-ether' : 'corrupt-ip');
      return oddPackets === 'none';
    }
    const isKnown = isAuthenticatedEsp(view) || this.#options.isKnown(view.ipVersion, view.protocol, view.etherType);
    if (!isLink && isKnown) return false;
    // A length where an EtherType may be says that the frame is of 802.3. Decoders may know its LLC.
    const isLength = isLink && detail.etherType < 0x600;
    detail.oddName = isLink ? (isLength ? 'corrupt-ether' : 'unknown-ether') : 'unknown-ip';
    detail.isOddWanted = isLength ? oddPackets !== 'none' : oddPackets === 'all';
    return false;
  }

  #communityId(view: PacketView): string {
    const { protocol } = view;
    const isIcmp = protocol === Protocol.icmp || protocol === Protocol.icmpv6;
    const hasOne = isIcmp || protocolNames[protocol] !== undefined || isAuthenticatedEsp(view);
    // Sessions that are told by other things than their ends have none.
    if (!hasOne || (view.flags & (PacketFlag.keyed | PacketFlag.corrupt)) !== 0) return '';
    const { bytes, base } = view;
    const length = view.ipVersion === 4 ? 4 : 16;
    bytes.copy(addresses, 0, base + PacketLayout.sourceAddress, base + PacketLayout.sourceAddress + length);
    bytes.copy(addresses, length, base + PacketLayout.destinationAddress, base + PacketLayout.destinationAddress + length);
    const first = isIcmp ? view.icmpType : view.sourcePort;
    const second = isIcmp ? view.icmpCode : view.destinationPort;
    const both = length === 4 ? shortAddresses : addresses;
    return loadAddon().arkimeCommunityId(both, protocol, first, second, this.#seed) ?? '';
  }

  /** Keeps the packet, and where it is. */
  #place(view: PacketView, detail: SessionDetail, captured: number): void {
    detail.kept += 1;
    const store = this.#store;
    let place = view.filePosition;
    if (store !== undefined) {
      place = store.keep(view);
      if (place < 0) return;
      detail.keptBytes += view.capturedLength;
      if (store.sessionBytes > 0 && detail.keptBytes >= store.sessionBytes) detail.keepsMost = 0;
      const file = store.fileNumber;
      if (detail.files.at(-1) !== file) {
        if (!detail.files.includes(file)) detail.files.push(file);
        detail.positions.push(-file);
        detail.lengths.push(0);
      }
    } else if (place < 0) return;
    else if (view.fileId !== detail.inputFile) {
      // Of several capture files the first needs no entry.
      detail.inputFile = view.fileId;
      detail.positions.push(-(view.fileId + 1));
      detail.lengths.push(0);
    }
    detail.positions.push(place);
    detail.lengths.push(recordHeadBytes + captured);
  }

  #headers(view: PacketView, detail: SessionDetail, direction: 0 | 1): void {
    const { bytes, frameStart } = view;
    const ethernet = view.ethernetOffset;
    const other = direction === 0 ? 1 : 0;
    if (ethernet !== noEthernet) {
      addDistinct(detail.macs[other], this.#macs.of(bytes, frameStart + ethernet));
      addDistinct(detail.macs[direction], this.#macs.of(bytes, frameStart + ethernet + 6));
    }
    this.#tags(view, detail);
    if (view.ipVersion !== 0) {
      addDistinct(detail.ttls[direction], view.ttl);
      const dscp = view.trafficClass >>> 2;
      if (dscp !== 0) addDistinct(detail.dscps[direction], dscp);
    }
    if (view.tunnelCount > 0) this.#tunnels(view, detail);
  }

  /** VLAN ids, and which are of 802.1Q and which of 802.1ad; without a tag (ERSPAN, taken off by the network card) they are of 802.1Q. */
  #tags(view: PacketView, detail: SessionDetail): void {
    const count = view.vlanCount;
    if (count === 0) return;
    for (let position = 0; position < count; position += 1) addDistinct(detail.vlans, view.vlan(position));
    let position = 0;
    let last = -1;
    for (const ethernet of [view.linkType === linkTypeEthernet ? 0 : noEthernet, view.outerEthernetOffset, view.ethernetOffset]) {
      if (ethernet === noEthernet || ethernet <= last) continue;
      last = ethernet;
      position = this.#kinds(view, detail, ethernet, position);
    }
    for (; position < count; position += 1) addDistinct(detail.dot1q, view.vlan(position));
  }

  /** The kinds of the ids from `position` on whose tags are in the Ethernet header at `ethernet`. @returns the first id behind them */
  #kinds(view: PacketView, detail: SessionDetail, ethernet: number, from: number): number {
    const { bytes } = view;
    const end = view.frameStart + view.capturedLength;
    let position = from;
    for (let at = view.frameStart + ethernet + 12; at + 4 <= end; at += 4) {
      const type = bytes.readUInt16BE(at);
      if (!tagTypes.includes(type)) break;
      const id = bytes.readUInt16BE(at + 2) & 0x0fff;
      let found = position;
      while (found < view.vlanCount && view.vlan(found) !== id) found += 1;
      if (found === view.vlanCount) continue;
      for (; position < found; position += 1) addDistinct(detail.dot1q, view.vlan(position));
      addDistinct(type === etherTypeAd ? detail.dot1ad : detail.dot1q, id);
      position += 1;
    }
    return position;
  }

  /** Names of tunnels, and the ends of the innermost one; Arkime has the outer frame's MACs the other way round. */
  #tunnels(view: PacketView, detail: SessionDetail): void {
    const { bytes } = view;
    const { carriers } = detail;
    let outer = -1;
    for (let position = 0; position < view.tunnelCount; position += 1) {
      const at = view.tunnelStart(position);
      const type = bytes[at + TunnelLayout.type] as number;
      const version = bytes[at + TunnelLayout.ipVersion] as number;
      if (version !== 0) outer = at;
      const port = bytes.readUInt16LE(at + TunnelLayout.destinationPort);
      const name = type === TunnelType.vxlan && port === vxlanGpePort ? 'vxlan-gpe' : tunnelNames[type];
      if (name !== undefined && (type !== TunnelType.erspan || version !== 0)) addDistinct(carriers, name);
      const id = bytes.readUInt32LE(at + TunnelLayout.id);
      if ((type === TunnelType.vxlan || type === TunnelType.geneve) && id !== 0) addDistinct(detail.vnis, id);
    }
    if ((view.flags & PacketFlag.ppp) !== 0 && !carriers.includes('pppoe')) addDistinct(carriers, 'ppp');
    if (outer >= 0 && (view.flags & PacketFlag.corrupt) === 0) {
      const version = bytes[outer + TunnelLayout.ipVersion] as number;
      addDistinct(detail.outerIps[0], formatAddress(version, bytes, outer + TunnelLayout.sourceAddress));
      addDistinct(detail.outerIps[1], formatAddress(version, bytes, outer + TunnelLayout.destinationAddress));
    }
    const ethernet = view.outerEthernetOffset;
    if (ethernet === noEthernet) return;
    addDistinct(detail.outerMacs[0], this.#macs.of(bytes, view.frameStart + ethernet));
    addDistinct(detail.outerMacs[1], this.#macs.of(bytes, view.frameStart + ethernet + 6));
  }

  #segment(view: PacketView, detail: SessionDetail, direction: 0 | 1): void {
    const flags = view.tcpFlags;
    const counts = detail.tcpFlags;
    const sequence = view.tcpSequence >>> 0;
    if (view.tcpWindow === 0 && (flags & TcpFlag.reset) === 0)
      add(counts, direction === 0 ? TcpFlagCount.sourceZero : TcpFlagCount.destinationZero);
    if ((flags & 0x20) !== 0) add(counts, TcpFlagCount.urgent);
    if ((flags & 0x40) !== 0) add(counts, TcpFlagCount.ece);
    if ((flags & 0x80) !== 0) add(counts, TcpFlagCount.cwr);
    const isWhole = (view.flags & PacketFlag.reassembled) === 0;
    if (isWhole && ((view.bytes[view.frameStart + view.transportOffset + 12] as number) & 1) !== 0) add(counts, TcpFlagCount.ae);
    const isAck = (flags & TcpFlag.acknowledgement) !== 0;
    if ((flags & TcpFlag.syn) !== 0) {
      this.#syn(view, detail, direction, sequence, isAck);
      return;
    }
    if ((flags & TcpFlag.reset) !== 0) add(counts, TcpFlagCount.reset);
    if ((flags & TcpFlag.fin) !== 0) add(counts, TcpFlagCount.fin);
    if ((flags & 0x08) !== 0) add(counts, TcpFlagCount.push);
    if ((flags & 0x1f) === TcpFlag.acknowledgement) {
      add(counts, TcpFlagCount.ack);
      if (detail.ackUs < 0 && detail.synUs >= 0) detail.ackUs = view.timeUs;
    }
    if (isAck) this.#acknowledged(view, detail, direction);
    const length = view.payloadLength;
    // Of a connection whose start was not seen nothing counts, and nothing more after too much out of order.
    if (length === 0 || !detail.isStarted || detail.isIncomplete) return;
    const side = detail.delivered[direction];
    if (side.next < 0) side.next = sequence;
    if (side.hasHeld && side.isBefore(sequence)) this.#tag(detail, direction === 0 ? 'out-of-order-src' : 'out-of-order-dst');
    detail.payloadBytes[direction] += side.add(sequence, length);
    if (side.isIncomplete) this.#tag(detail, 'incomplete-tcp');
    if (detail.payloadStart[direction] < 0) detail.payloadStart[direction] = sequence;
    const offset = (sequence - (detail.payloadStart[direction] as number)) | 0;
    if (offset < 8) detail.keepPayload(direction, offset, view.bytes, view.payloadStart, view.payloadStart + length);
  }

  /** What an acknowledgement says of the handshake, and of bytes that were never seen. */
  #acknowledged(view: PacketView, detail: SessionDetail, direction: 0 | 1): void {
    const acknowledged = view.tcpAcknowledgement >>> 0;
    if (direction === 0 && detail.ownSequence[1] >= 0 && detail.synAckValidated !== true)
      detail.synAckValidated = acknowledged === (detail.ownSequence[1] + 1) >>> 0;
    const other = detail.delivered[direction === 0 ? 1 : 0];
    // A FIN counts as one.
    if (other.next >= 0 && ((acknowledged - other.next) | 0) > 1)
      this.#tag(detail, direction === 0 ? 'acked-unseen-segment-src' : 'acked-unseen-segment-dst');
  }

  #syn(view: PacketView, detail: SessionDetail, direction: 0 | 1, sequence: number, isAck: boolean): void {
    if (isAck) {
      add(detail.tcpFlags, TcpFlagCount.synAck);
      // Arkime has 0 here for a SYN-ACK that answers a SYN that was seen.
      if (detail.initialSequence[1] < 0) detail.initialSequence[1] = detail.ownSequence[0] >= 0 ? 0 : sequence;
      detail.ownSequence[1] = sequence;
      detail.answered = view.tcpAcknowledgement >>> 0;
    } else {
      add(detail.tcpFlags, TcpFlagCount.syn);
      if (detail.synUs < 0) detail.synUs = view.timeUs;
      if (detail.ownSequence[0] !== sequence) detail.initialSequences += 1;
      if (detail.initialSequence[0] < 0) detail.initialSequence[0] = sequence;
      if (detail.ownSequence[0] < 0) detail.ownSequence[0] = sequence;
    }
    detail.isStarted = true;
    detail.synAckValidated ??= false;
    const first = (sequence + 1) >>> 0;
    if (detail.payloadStart[direction] < 0) detail.payloadStart[direction] = first;
    const side = detail.delivered[direction];
    if (side.next < 0) side.next = first;
    // The start of the other side, where its SYN was not seen.
    const other = detail.delivered[direction === 0 ? 1 : 0];
    if (isAck && other.next < 0) other.next = view.tcpAcknowledgement >>> 0;
  }

  /** User data in an SCTP packet (RFC 9260 section 3.3.1). */
  #chunks(view: PacketView, detail: SessionDetail, direction: 0 | 1): void {
    const { bytes } = view;
    detail.payloadBytes[direction] += view.payloadLength;
    if (detail.firstPayload(direction).length === 16) return;
    const end = view.payloadStart + view.payloadLength;
    for (let at = view.payloadStart; at + 4 <= end; ) {
      const length = ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
      if (length < 4 || at + length > end) return;
      if (bytes[at] === sctpData && length > sctpDataHead) this.#userData(detail, direction, bytes, at, at + length);
      at += (length + 3) & ~3;
    }
  }

  /**
   * A chunk of user data at `at`. The first message by transmission number gives the first payload bytes; the pieces of a
   * message are joined by their stream.
   */
  #userData(detail: SessionDetail, direction: 0 | 1, bytes: Buffer, at: number, end: number): void {
    const number = bytes.readUInt32BE(at + 4);
    const stream = bytes.readUInt16BE(at + 8);
    const last = detail.payloadStart[direction] as number;
    const ahead = (number - last) | 0;
    const first = detail.firstMessage[direction];
    if (last >= 0 && (ahead === 0 || (ahead > 0 && (first.ended || first.stream !== stream)))) return;
    if (last < 0 || ahead < 0) {
      detail.payloadStart[direction] = number;
      detail.firstPayloadSeen[direction] = 0;
      first.stream = stream;
    }
    first.ended = ((bytes[at + 1] as number) & sctpEnd) !== 0;
    detail.keepPayload(direction, detail.firstPayload(direction).length / 2, bytes, at + sctpDataHead, end);
  }

  #datagram(view: PacketView, detail: SessionDetail, direction: 0 | 1, protocol: number): void {
    const length = view.payloadLength;
    if (protocol === Protocol.udp) {
      detail.payloadBytes[direction] += length;
      if (length > 0 && (view.flags & PacketFlag.keyed) === 0 && detail.firstPayloadSeen[direction] === 0)
        detail.keepPayload(direction, 0, view.bytes, view.payloadStart, view.payloadStart + length);
    } else if (protocol === Protocol.icmp || protocol === Protocol.icmpv6)
      detail.payloadBytes[direction] += Math.max(0, view.frameStart + view.capturedLength - view.headersStart);
    else if (protocol === Protocol.sctp) this.#chunks(view, detail, direction);
    else if (protocol === Protocol.esp || isAuthenticatedEsp(view))
      detail.payloadBytes[direction] += Math.max(0, length - espHead);
  }
}

const linkTypeEthernet = 1;
/** Security parameters index and sequence number (RFC 4303). */
const espHead = 8;
const sctpData = 0;
const sctpDataHead = 16;
/** The flag of a message's last piece. */
const sctpEnd = 1;

/** An authentication header around ESP. */
function isAuthenticatedEsp(view: PacketView): boolean {
  return view.protocol === Protocol.authentication && view.bytes[view.headersStart] === Protocol.esp;
}

function add(counts: Int32Array, index: number): void {
  counts[index] = (counts[index] as number) + 1;
}

/** Of the fragment that completes a datagram: the length that it would have as a whole. */
function capturedBytes(view: PacketView): number {
  const captured = view.capturedLength;
  if ((view.flags & PacketFlag.reassembled) === 0) return captured;
  return view.transportOffset + view.payloadStart + view.payloadLength - view.frameStart - captured;
}

function toMs(timeUs: number): number {
  return Math.floor((timeUs < smallestUs ? timeUs + smallestUs : timeUs) / 1000);
}

/** EtherType behind the tags of the frame; 0 where it has none. */
function frameEtherType(view: PacketView): number {
  const ethernet = view.linkType === linkTypeEthernet ? 0 : view.ethernetOffset;
  if (ethernet === noEthernet) return 0;
  const { bytes } = view;
  const end = view.frameStart + view.capturedLength;
  let type = 0;
  for (let at = view.frameStart + ethernet + 12; at + 2 <= end; at += 4) {
    type = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    if (type !== etherTypeQ && type !== etherTypeAd && type !== 0x9100) return type;
  }
  return type;
}
