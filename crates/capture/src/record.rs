//! Composes the head of a packet record (layout: `packet`, drawn in `tools/layout.ts`) as words;
//! [`crate::lanes`] puts them into a ring. Pure: reads a frame and what dissection learned of it.

use crate::frame::Frame;
use crate::generated::layout::{clock, clock_lag, packet as at, packet_flag, record_kind, tunnel};
use crate::packet::{Address, Packet, Tunnel};

/// What a record says beyond its frame and packet.
#[derive(Debug, Clone, Copy)]
pub struct RecordFacts {
    /// n-th packet of its ring, from 1.
    pub sequence: u32,
    /// Hash of the flow.
    pub flow_hash: u32,
    /// The source's clock, this packet included, in nanoseconds.
    pub clock_ns: u64,
    /// Bytes of a reassembled datagram behind the frame; 0 none. The payload then lies in it.
    pub datagram_length: u32,
}

/// Header of a packet record, as words, least significant bytes first.
pub type Header = [u64; at::SIZE / 8];
/// A tunnel layer of a packet record, as words.
pub type TunnelLayer = [u64; tunnel::SIZE / 8];
const _: () = assert!(at::SIZE.is_multiple_of(8) && tunnel::SIZE.is_multiple_of(8));

/// Bytes of the record of a frame, head included; `None` when that is no u32.
#[inline]
pub fn record_length(frame: &Frame, packet: &Packet, datagram_length: u32) -> Option<u32> {
    let head = at::SIZE + usize::from(packet.tunnel_count) * tunnel::SIZE;
    u32::try_from(head + frame.data.len() + datagram_length as usize).ok()
}

/// Microseconds by which a packet is behind the source's clock; `None` when that is no u32, or the clock is behind.
#[inline]
pub fn clock_lag_us(time_ns: u64, clock_ns: u64) -> Option<u32> {
    if time_ns == clock_ns {
        return Some(0);
    }
    let lag_us = (clock_ns / 1000).checked_sub(time_ns / 1000)?;
    u32::try_from(lag_us)
        .ok()
        .filter(|&lag| lag != clock_lag::APART)
}

/// The clock record for `clock_ns`.
pub fn clock_record(clock_ns: u64) -> [u64; clock::SIZE / 8] {
    let mut words = [0; clock::SIZE / 8];
    put_u32(&mut words, clock::LENGTH, clock::SIZE as u32);
    put_u8(&mut words, clock::KIND, record_kind::CLOCK as u8);
    put_f64(&mut words, clock::TIME_US, (clock_ns / 1000) as f64);
    words
}

/// The header of the record of `length` bytes (see [`record_length`]). All values meet in registers and leave in whole
/// words: bytes gathered in memory first would have to settle there before they can be copied on.
#[inline(always)]
pub fn header(length: u32, frame: &Frame, packet: &Packet, facts: &RecordFacts) -> Header {
    let frame_offset = (at::SIZE + usize::from(packet.tunnel_count) * tunnel::SIZE) as u32;
    let captured = frame.data.len() as u32;
    let payload_base = match facts.datagram_length {
        0 => frame_offset,
        _ => frame_offset + captured,
    };
    let outgoing = if frame.outgoing {
        packet_flag::OUTGOING
    } else {
        0
    };
    let lag_us = clock_lag_us(frame.time_ns, facts.clock_ns).unwrap_or(clock_lag::APART);
    let fragment_offset = packet.fragment.map_or(0, |fragment| fragment.offset / 8);
    let time_us = frame.time_ns / 1000;
    let position = frame.file_position.map_or(-1.0, |position| position as f64);

    let mut words = Header::default();
    let out = &mut words;
    put_u32(out, at::LENGTH, length);
    put_u8(out, at::KIND, record_kind::PACKET as u8);
    put_u8(out, at::IP_VERSION, packet.ip_version);
    put_u8(out, at::PROTOCOL, packet.protocol);
    put_u8(out, at::TCP_FLAGS, packet.tcp_flags);
    put_f64(out, at::TIME_US, time_us as f64);
    put_u32(out, at::SEQUENCE, facts.sequence);
    put_u32(out, at::PACKET_NUMBER, packet.number);
    put_u32(out, at::FLOW_HASH, facts.flow_hash);
    put_u32(out, at::CLOCK_LAG_US, lag_us);
    put_u16(out, at::SOURCE_PORT, packet.source_port);
    put_u16(out, at::DESTINATION_PORT, packet.destination_port);
    put_u32(out, at::FLAGS, packet.flags | outgoing);
    put_u32(out, at::TCP_SEQUENCE, packet.tcp_sequence);
    put_u32(out, at::TCP_ACKNOWLEDGEMENT, packet.tcp_acknowledgement);
    put_u16(out, at::TCP_WINDOW, packet.tcp_window);
    put_u8(out, at::TCP_WINDOW_SCALE, packet.tcp_window_scale);
    put_u8(out, at::TTL, packet.ttl);
    put_u8(out, at::TRAFFIC_CLASS, packet.traffic_class);
    put_u8(out, at::ICMP_TYPE, packet.icmp_type);
    put_u8(out, at::ICMP_CODE, packet.icmp_code);
    put_u8(out, at::TUNNEL_COUNT, packet.tunnel_count);
    put_address(out, at::SOURCE_ADDRESS, &packet.source_address);
    put_address(out, at::DESTINATION_ADDRESS, &packet.destination_address);
    put_u32(
        out,
        at::PAYLOAD_OFFSET,
        payload_base + packet.payload_offset,
    );
    put_u32(out, at::PAYLOAD_LENGTH, packet.payload_length);
    put_u32(out, at::PAYLOAD_WIRE_LENGTH, packet.payload_wire_length);
    put_u32(out, at::WIRE_LENGTH, frame.wire_length);
    put_u32(out, at::CAPTURED_LENGTH, captured);
    put_u32(out, at::FRAME_OFFSET, frame_offset);
    put_u16(out, at::NETWORK_OFFSET, packet.network_offset);
    put_u16(out, at::TRANSPORT_OFFSET, packet.transport_offset);
    put_u16(out, at::LINK_TYPE, frame.link_type);
    put_u16(out, at::ETHER_TYPE, packet.ether_type);
    put_u16(out, at::VLAN_0, packet.vlans[0]);
    put_u16(out, at::VLAN_1, packet.vlans[1]);
    put_u16(out, at::VLAN_2, packet.vlans[2]);
    put_u8(out, at::VLAN_COUNT, packet.vlan_count);
    put_u8(out, at::ETHERNET_OFFSET, packet.ethernet_offset);
    put_u8(out, at::OUTER_ETHERNET_OFFSET, packet.outer_ethernet_offset);
    put_u16(out, at::MARKS, packet.marks);
    put_f64(out, at::FILE_POSITION, position);
    put_u32(out, at::FILE_ID, frame.file_id);
    put_u32(out, at::NETWORK_LENGTH, packet.network_length);
    put_u16(out, at::INTERFACE_ID, frame.interface_id);
    put_u16(out, at::TIME_NS, (frame.time_ns - time_us * 1000) as u16);
    put_u32(out, at::VNI, packet.vni);
    put_u16(out, at::TCP_MSS, packet.tcp_mss);
    put_u16(out, at::FRAGMENT_OFFSET, fragment_offset as u16);
    words
}

/// One of the tunnel layers that follow the header.
pub fn tunnel_layer(facts: &Tunnel) -> TunnelLayer {
    let mut words = TunnelLayer::default();
    let out = &mut words;
    put_u8(out, tunnel::TYPE, facts.tunnel_type);
    put_u8(out, tunnel::IP_VERSION, facts.ip_version);
    put_u16(out, tunnel::SOURCE_PORT, facts.source_port);
    put_u16(out, tunnel::DESTINATION_PORT, facts.destination_port);
    put_u32(out, tunnel::ID, facts.id);
    put_address(out, tunnel::SOURCE_ADDRESS, &facts.source_address);
    put_address(out, tunnel::DESTINATION_ADDRESS, &facts.destination_address);
    words
}

/// Puts `bits`, the value of a field of `BYTES` bytes at `at`, among words that are 0 there.
#[inline(always)]
fn put<const BYTES: usize>(out: &mut [u64], at: usize, bits: u64) {
    debug_assert!(at % 8 + BYTES <= 8, "a field within one word");
    out[at / 8] |= bits << (at % 8 * 8);
}

#[inline(always)]
fn put_u8(out: &mut [u64], at: usize, value: u8) {
    put::<1>(out, at, u64::from(value));
}

#[inline(always)]
fn put_u16(out: &mut [u64], at: usize, value: u16) {
    put::<2>(out, at, u64::from(value));
}

#[inline(always)]
fn put_u32(out: &mut [u64], at: usize, value: u32) {
    put::<4>(out, at, u64::from(value));
}

#[inline(always)]
fn put_f64(out: &mut [u64], at: usize, value: f64) {
    put::<8>(out, at, value.to_bits());
}

#[inline(always)]
fn put_address(out: &mut [u64], at: usize, address: &Address) {
    let bits = u128::from_le_bytes(*address);
    put::<8>(out, at, bits as u64);
    put::<8>(out, at + 8, (bits >> 64) as u64);
}
