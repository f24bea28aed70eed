//! Opening sessions, and what a packet of any kind changes in its session's counts and times.

use super::{FollowOptions, SYN, count_datagram, milliseconds};
use crate::generated::layout::{packet, packet_flag, side, side_byte, slot, state};
use crate::memory::Memory;
use crate::protocol::{TCP, UDP};
use crate::session_store::SessionStore;
use crate::session_table::{Record, Session, Side};

/// `packet.ethernet_offset` of a frame without an Ethernet header.
const NO_ETHERNET: u8 = 255;
/// Bytes of a hardware address.
const MAC_BYTES: usize = 6;

/// What new sessions begin with.
#[derive(Debug, Clone, Default)]
pub struct OpeningOptions {
    /// By IP protocol: idle time of a session that is open, in milliseconds.
    pub idle_ms: Vec<i32>,
    /// Idle time of a TCP connection that is being opened.
    pub opening_idle_ms: i32,
    /// Payload of TCP connections whose start was not seen is wanted.
    pub midstream: bool,
    /// By IP protocol: some decoder is for its payload.
    pub wanted: Vec<bool>,
    /// The same of layer-2 frames: EtherTypes.
    pub wanted_ether_types: Vec<u32>,
}

/// A packet where it lies.
pub struct Packet<'a> {
    /// The ring's data area.
    pub ring: &'a Memory,
    /// Offset of its record.
    pub offset: u32,
    /// The record.
    pub record: Record,
}

impl<'a> Packet<'a> {
    /// The packet whose record is at `offset`.
    #[inline(always)]
    pub fn at(ring: &'a Memory, offset: u32) -> Packet<'a> {
        let record = ring.record(offset);
        Packet {
            ring,
            offset,
            record,
        }
    }

    /// IP protocol, 0 for layer 2.
    #[inline(always)]
    pub fn protocol(&self) -> u32 {
        self.record.word(packet::KIND) as u32 >> 16 & 0xff
    }

    /// A piece of a datagram that does not complete it: its transport header is not looked at.
    #[inline(always)]
    pub fn is_bare_fragment(&self) -> bool {
        let both = packet_flag::FRAGMENT | packet_flag::REASSEMBLED;
        self.record.flags() & both == packet_flag::FRAGMENT
    }

    /// The payload that was captured; none when the record does not hold it.
    #[inline(always)]
    pub fn payload(&self) -> Option<&'a [u8]> {
        let from = self.record.word(packet::PAYLOAD_OFFSET) as u32;
        let bytes = self.record.word(packet::PAYLOAD_LENGTH) as u32;
        let end = u64::from(from) + u64::from(bytes);
        let is_inside = end <= u64::from(self.record.word(packet::LENGTH) as u32);
        let start = self.offset as usize + from as usize;
        is_inside
            .then(|| self.ring.part(start, bytes as usize))
            .flatten()
    }

    /// A hardware address `at` bytes behind the start of the frame's Ethernet header.
    fn mac(&self, at: usize) -> Option<[u8; MAC_BYTES]> {
        let ethernet = self.record.byte(packet::ETHERNET_OFFSET);
        if ethernet == NO_ETHERNET {
            return None;
        }
        let frame = self.offset as usize + self.record.word(packet::FRAME_OFFSET) as u32 as usize;
        let mut mac = [0; MAC_BYTES];
        let from = frame + usize::from(ethernet) + at;
        self.ring.copy_out(from, &mut mac).then_some(mac)
    }
}

/// Opens the session of a packet and puts it into the wheel. The packet itself is not counted yet. Panics when the table is full.
pub fn open(
    store: &mut SessionStore,
    options: &OpeningOptions,
    packet: &Packet,
    direction: u32,
    clock_us: f64,
    source: u32,
) -> u32 {
    let record = &packet.record;
    let hash = record.word(packet::FLOW_HASH);
    let number = store.table.insert(record, hash, direction);
    let session = store.table.session(number);
    let protocol = packet.protocol();
    let time_us = record.float(packet::TIME_US);
    session.put_float(slot::START_US, time_us);
    session.put_float(slot::CLOCK_US, clock_us);
    session.put(slot::PART_MS, milliseconds(clock_us));
    session.put_float(slot::SYN_US, time_us);
    let is_keyed = record.flags() & packet_flag::KEYED != 0;
    let key = record.word(packet::TCP_ACKNOWLEDGEMENT);
    session.put(slot::HANDSHAKE_US, if is_keyed { key } else { -1 });
    session.put(slot::PACKET_NUMBER, record.word(packet::PACKET_NUMBER));
    session.put(slot::PART, (source << 24) as i32);
    let ether_type = u32::from(record.half(packet::ETHER_TYPE));
    let origin = u32::from(record.half(packet::INTERFACE_ID)) | ether_type << 16;
    session.put(slot::ORIGIN, origin as i32);
    let at = protocol as usize;
    let mut wanted = if protocol == 0 {
        options.wanted_ether_types.contains(&ether_type)
    } else {
        options.wanted.get(at).copied().unwrap_or_default()
    };
    let mut idle_ms = options.idle_ms.get(at).copied().unwrap_or_default();
    if protocol == TCP {
        if packet.record.tcp_flags() & SYN != 0 {
            idle_ms = idle_ms.min(options.opening_idle_ms);
        } else if !options.midstream {
            wanted = false;
        }
    }
    session.put(slot::IDLE_MS, idle_ms);
    if wanted {
        session.put(slot::STATE, state::WANTED as i32);
    }
    store.wheel.link(store.table.sessions(), number);
    store.opened(protocol);
    number
}

/// Counts a packet in its session: packets, bytes, times, what only the first packets of a side tell, and the payload of what is no
/// TCP segment.
#[inline(always)]
pub fn count(
    options: &FollowOptions,
    packet: &Packet,
    session: &Session,
    direction: u32,
    clock_us: f64,
) {
    let record = &packet.record;
    let own = session.side(direction);
    let count = own.word(side::PACKETS);
    own.put(side::PACKETS, count.wrapping_add(1));
    if (count as u32) < 2 {
        note_early(&options.opening, packet, session, &own, direction);
    }
    let wire = f64::from(record.word(packet::WIRE_LENGTH));
    own.put_float(side::BYTES, own.float(side::BYTES) + wire);
    session.put_float(slot::CLOCK_US, clock_us);
    let protocol = packet.protocol();
    if protocol != TCP || packet.is_bare_fragment() {
        count_datagram(record, &own, protocol == UDP);
    }
    let time_us = record.float(packet::TIME_US);
    if time_us > own.float(side::LAST_US) {
        own.put_float(side::LAST_US, time_us);
    }
}

/// The first two packets of a side in a part. The first of all gives TTL and MAC, and the other side's MAC until that speaks; an
/// answer, or something other than a SYN, ends the opening of a connection.
fn note_early(
    options: &OpeningOptions,
    packet: &Packet,
    session: &Session,
    own: &Side,
    direction: u32,
) {
    let bits = session.word(slot::STATE) as u32;
    let other = 1 - direction;
    let is_heard = bits & state::HEARD_0 << direction != 0;
    let is_open = if is_heard {
        packet.record.tcp_flags() & SYN == 0
    } else {
        bits & state::HEARD_0 << other != 0
    };
    if is_open && bits & state::CLOSING == 0 {
        let idle_ms = options.idle_ms.get(packet.protocol() as usize);
        session.put(slot::IDLE_MS, idle_ms.copied().unwrap_or_default());
    }
    // The counts of a side begin anew with each part of a session, these facts do not.
    if is_heard {
        return;
    }
    own.put_bytes(side_byte::TTL, [packet.record.byte(packet::TTL)]);
    let mut now = bits | state::HEARD_0 << direction;
    if let (Some(target), Some(source)) = (packet.mac(0), packet.mac(MAC_BYTES)) {
        own.put_bytes(side_byte::MAC, source);
        now |= state::MAC_0 << direction;
        if bits & state::MAC_0 << other == 0 {
            session.side(other).put_bytes(side_byte::MAC, target);
            now |= state::MAC_0 << other;
        }
    }
    session.put(slot::STATE, now as i32);
}
