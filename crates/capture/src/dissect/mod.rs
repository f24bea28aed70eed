//! Dissection of frames to layer 4, through tunnels to the innermost flow. The engine calls it once for every frame,
//! on the capture thread. It reads headers only, copies nothing but addresses, allocates nothing, and never panics:
//! bytes that make no sense are an error to count.
//!
//! # What becomes of a frame
//!
//! * IP packets are flows of their innermost addresses, protocol and ports. Protocols without ports have 0 twice.
//! * Anything else is layer 2: `ip_version` 0, the MAC addresses, and the EtherType in place of both ports. Frames
//!   without an EtherType (LLC, 802.11 management) have 0 there; PPP control protocols have 0x880b.
//! * A fragment carries [`crate::packet::Fragment`] and no ports; [`crate::defrag`] and [`Dissector::dissect_datagram`]
//!   do the rest. A fragment inside a reassembled datagram is not reassembled again: it stays a flow without ports.
//!
//! # Tunnels
//!
//! Each layer leaves a [`Tunnel`] with the outer addresses, ports and this id:
//!
//! | tunnel | found by | id |
//! |---|---|---|
//! | IP in IP | protocols 4 and 41 | 0 |
//! | GRE | protocol 47 | key; NVGRE: VSID; 0 without, and in PPTP, whose call id names one direction |
//! | ERSPAN I, II, III | GRE with protocol 0x88be, 0x22eb | session id, 0 in type I |
//! | VXLAN, VXLAN-GPE | UDP to 4789, 8472, 4790 | VNI |
//! | Geneve | UDP to 6081 | VNI |
//! | GTP-U | UDP 2152, G-PDU only | TEID |
//! | Teredo | UDP 3544 | 0 |
//! | MPLS | EtherTypes 0x8847, 0x8848, IP protocol 137, UDP to 6635 | label at the bottom of the stack |
//! | PPPoE | EtherType 0x8864 | session id |
//! | L2TPv2 data | UDP 1701 | tunnel id << 16, session id |
//!
//! `vni` is the innermost of these ids that names a network and so is the same in both directions: of VXLAN, Geneve,
//! GRE, ERSPAN or PPPoE, and not 0. A UDP port alone proves nothing: version bits, reserved bits and
//! the inner header must fit. Where the inner part does not parse, or has no addresses of its own (PPP LCP in L2TP),
//! the flow is that of the carrier and the tunnel is not recorded; so errors come from the outermost headers only.
//! NVGRE looks like any keyed GRE that carries Ethernet; a key whose upper 24 bits are a legal VSID (0x1000 and up,
//! RFC 7637 section 3.2) is taken as one, because the lower 8 bits then vary with the flow.
//!
//! # Lengths
//!
//! The IP length decides: bytes after it are padding. A length of 0 (segmentation offload, jumbograms) means the rest
//! of the frame. A payload cut by the snap length has `payload_length < payload_wire_length` and the flag `truncated`;
//! so have TCP options cut by it, as the ports and sequence numbers before them are whole. Any other header that is
//! cut is [`DissectError::Truncated`].

mod ethernet;
mod gre;
mod ip;
#[cfg(test)]
mod layer_tests;
mod link;
mod mpls;
mod plain;
#[cfg(test)]
mod plain_tests;
mod plausible;
mod ppp;
#[cfg(test)]
pub(crate) mod sample_headers;
#[cfg(test)]
mod samples;
#[cfg(test)]
mod speed_tests;
#[cfg(test)]
mod tests;
mod transport;
#[cfg(test)]
mod tunnel_tests;
mod udp_tunnel;
mod walk;
mod wireless;

pub use transport::{icmp_counter_type, icmpv6_counter_type};

use crate::frame::Frame;
use crate::generated::layout::packet_flag;
use crate::packet::{MAX_TUNNELS, MAX_VLANS, NO_OFFSET, Packet};
use walk::{Outcome, Step, Walk, be16, be32, part, push_vlan, short_address};

/// Headers walked in one frame, tunnels included; more are malformed.
const MAX_LAYERS: usize = 64;
/// No Ethernet header since the last tunnel began.
const NO_ETHERNET: usize = usize::MAX;

/// Why a frame has no flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DissectError {
    /// Too short for the headers it announces.
    #[error("frame too short for its headers")]
    Truncated,
    /// Headers that contradict themselves.
    #[error("malformed header")]
    Malformed,
    /// A link type that is not dissected.
    #[error("unsupported link type")]
    Unsupported,
}

/// How far dissection goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DissectOptions {
    /// Tunnel layers followed, at most [`MAX_TUNNELS`]; 0 makes every frame a packet of its outermost flow.
    pub max_tunnels: u8,
    /// An IP packet behind an authentication header is not followed (as Arkime has it).
    pub opaque_authentication: bool,
}

impl Default for DissectOptions {
    fn default() -> Self {
        DissectOptions {
            max_tunnels: MAX_TUNNELS as u8,
            opaque_authentication: false,
        }
    }
}

/// Dissects frames one after the other; holds nothing of one frame for the next.
#[derive(Debug)]
pub struct Dissector {
    max_tunnels: u8,
    opaque_authentication: bool,
    too_deep: bool,
    /// What is known of the packet around the tunnel being entered, to fall back to.
    carrier: Packet,
}

impl Dissector {
    /// A dissector; one is enough for a source.
    pub fn new(options: DissectOptions) -> Self {
        Dissector {
            max_tunnels: options.max_tunnels.min(MAX_TUNNELS as u8),
            opaque_authentication: options.opaque_authentication,
            too_deep: false,
            carrier: Packet::default(),
        }
    }

    /// Fills `packet` from `frame`. What an earlier frame left there is reset, except entries of
    /// `tunnels` beyond their count. After an error the content of `packet` has no meaning.
    #[inline(always)]
    pub fn dissect(&mut self, frame: &Frame, packet: &mut Packet) -> Result<(), DissectError> {
        if plain::plain(frame, packet) {
            self.too_deep = false;
            return Ok(());
        }
        self.dissect_any(frame, packet)
    }

    /// As [`Dissector::dissect`], for any frame.
    #[inline(never)]
    fn dissect_any(&mut self, frame: &Frame, packet: &mut Packet) -> Result<(), DissectError> {
        let flags = if frame.outgoing {
            packet_flag::OUTGOING
        } else {
            0
        };
        reset(packet, flags);
        if let Some(tci) = frame.stripped_vlan {
            push_vlan(packet, tci);
        }
        let wire_length = (frame.wire_length as usize).max(frame.data.len());
        let mut walk = self.walk(frame.data, wire_length, flags, packet);
        let step = walk.link(frame.link_type);
        let result = walk.finish(step);
        let too_deep = walk.too_deep;
        self.too_deep = too_deep;
        result
    }

    /// Dissects a reassembled IP datagram: `packet` is that of the completing fragment, as
    /// [`crate::defrag::Verdict::Complete`] returned it. Fills layer 4, and the inner flow where the datagram carries a
    /// tunnel; `payload_offset` counts from the start of the datagram, the other offsets still from the start of the
    /// frame. Sets the flag `reassembled`. After an error the packet has no ports and the whole datagram as payload.
    pub fn dissect_datagram(
        &mut self,
        datagram: &[u8],
        packet: &mut Packet,
    ) -> Result<(), DissectError> {
        let offsets = (
            packet.network_offset,
            packet.transport_offset,
            packet.ethernet_offset,
            packet.network_length,
        );
        let tunnels = packet.tunnel_count;
        let fragment = packet.fragment.take();
        packet.flags |= packet_flag::REASSEMBLED;
        packet.flags &= !packet_flag::TRUNCATED;
        let flags = packet.flags & !packet_flag::IP_OPTIONS;
        let wire_length = (packet.payload_wire_length as usize).max(datagram.len());
        let protocol = packet.protocol;
        let mut walk = self.walk(datagram, wire_length, flags, packet);
        walk.reassembled = true;
        let step = walk.after_ip(protocol);
        let result = walk.finish(step);
        if result.is_err() {
            walk.data = datagram;
            walk.at = 0;
            walk.wire_end = wire_length;
            walk.portless(protocol);
        }
        let too_deep = walk.too_deep;
        self.too_deep = too_deep;
        let whole_length = packet.network_length;
        (
            packet.network_offset,
            packet.transport_offset,
            packet.ethernet_offset,
            packet.network_length,
        ) = offsets;
        if packet.tunnel_count > tunnels {
            packet.network_length = whole_length;
        }
        packet.fragment = fragment;
        result
    }

    /// TTL of the packet around the last tunnel that was entered.
    pub fn carrier_ttl(&self) -> u8 {
        self.carrier.ttl
    }

    /// Whether the last frame has tunnels deeper than are followed; its flow is that of the deepest layer followed.
    pub fn too_deep(&self) -> bool {
        self.too_deep
    }

    #[inline(always)]
    fn walk<'a>(
        &'a mut self,
        data: &'a [u8],
        wire_end: usize,
        flags: u32,
        packet: &'a mut Packet,
    ) -> Walk<'a> {
        Walk {
            data,
            wire_end,
            at: 0,
            ethernet: NO_ETHERNET,
            packet,
            carrier: &mut self.carrier,
            has_carrier: false,
            keep_carrier: false,
            too_deep: false,
            reassembled: false,
            max_tunnels: self.max_tunnels,
            opaque_authentication: self.opaque_authentication,
            base_flags: flags,
        }
    }
}

/// Undoes what an earlier frame left. Addresses, lengths and offsets are not touched: every way to `Ok` writes them.
#[inline(always)]
fn reset(packet: &mut Packet, flags: u32) {
    packet.ip_version = 0;
    packet.protocol = 0;
    packet.tcp_flags = 0;
    packet.ttl = 0;
    packet.traffic_class = 0;
    packet.icmp_type = 0;
    packet.icmp_code = 0;
    packet.tcp_window_scale = 255;
    packet.tcp_mss = 0;
    packet.tcp_window = 0;
    packet.tcp_sequence = 0;
    packet.tcp_acknowledgement = 0;
    packet.flags = flags;
    packet.ether_type = 0;
    packet.ethernet_offset = NO_OFFSET;
    packet.outer_ethernet_offset = NO_OFFSET;
    packet.marks = 0;
    packet.vlans = [0; MAX_VLANS];
    packet.vlan_count = 0;
    packet.vni = 0;
    packet.tunnel_count = 0;
    packet.fragment = None;
}
