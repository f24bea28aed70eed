//! The short way for what nearly all frames are: Ethernet, IPv4 without options, TCP or UDP, whole, and nothing around
//! or within it. All is told by a few comparisons at fixed places. Whatever does not fit goes the long way, by
//! [`super::walk`], which finds the same: a test holds the two against each other.

use super::transport::datagram_mark;
use super::udp_tunnel::may_be_tunnel;
use super::walk::{be16, be32, part, short_address};
use crate::frame::Frame;
use crate::packet::{MAX_VLANS, NO_OFFSET, Packet};

const ETHERNET: u16 = 1;
const IPV4: u16 = 0x0800;
const TCP: u8 = 6;
const UDP: u8 = 17;
const SYN: u8 = 2;

/// Ethernet and IPv4 headers.
const LAYER_4: usize = 14 + 20;

/// Fills all of `packet` but its number; false, and nothing is written that matters, when the frame is another.
#[inline(always)]
pub(super) fn plain(frame: &Frame, packet: &mut Packet) -> bool {
    let Some(head) = frame.data.first_chunk::<{ LAYER_4 + 8 }>() else {
        return false;
    };
    let end = 14 + usize::from(be16(head, 16));
    let fits = frame.link_type == ETHERNET
        && be16(head, 12) == IPV4
        && head[14] == 0x45
        && be16(head, 20) & 0x3fff == 0
        && end <= frame.data.len()
        && !frame.outgoing
        && frame.stripped_vlan.is_none();
    if !fits {
        return false;
    }
    let (source_port, destination_port) = (be16(head, LAYER_4), be16(head, LAYER_4 + 2));
    let header_length = match head[23] {
        TCP => {
            let Some(tcp) = frame.data[LAYER_4..].first_chunk::<20>() else {
                return false;
            };
            let header_length = usize::from(tcp[12] >> 4) * 4;
            if header_length < 20 || LAYER_4 + header_length > end || tcp[13] & SYN != 0 {
                return false;
            }
            packet.tcp_sequence = be32(tcp, 4);
            packet.tcp_acknowledgement = be32(tcp, 8);
            packet.tcp_flags = tcp[13];
            packet.tcp_window = be16(tcp, 14);
            header_length
        }
        UDP => {
            let length = usize::from(be16(head, LAYER_4 + 4));
            if length < 8 || LAYER_4 + length != end || may_be_tunnel(source_port, destination_port)
            {
                return false;
            }
            packet.tcp_sequence = datagram_mark(be16(head, 18), be16(head, LAYER_4 + 6));
            packet.tcp_acknowledgement = 0;
            packet.tcp_flags = 0;
            packet.tcp_window = 0;
            8
        }
        _ => return false,
    };
    let payload = LAYER_4 + header_length;
    packet.ip_version = 4;
    packet.protocol = head[23];
    packet.ttl = head[22];
    packet.traffic_class = head[15];
    packet.icmp_type = 0;
    packet.icmp_code = 0;
    packet.tcp_window_scale = 255;
    packet.tcp_mss = 0;
    packet.flags = 0;
    packet.source_port = source_port;
    packet.destination_port = destination_port;
    packet.source_address = short_address::<4>(&part(head, 26));
    packet.destination_address = short_address::<4>(&part(head, 30));
    packet.ether_type = IPV4;
    packet.ethernet_offset = 0;
    packet.outer_ethernet_offset = NO_OFFSET;
    packet.marks = 0;
    packet.network_offset = 14;
    packet.transport_offset = LAYER_4 as u16;
    packet.payload_offset = payload as u32;
    packet.payload_length = (end - payload) as u32;
    packet.payload_wire_length = (end - payload) as u32;
    packet.network_length = (end - 14) as u32;
    packet.vlans = [0; MAX_VLANS];
    packet.vlan_count = 0;
    packet.vni = 0;
    packet.tunnel_count = 0;
    packet.fragment = None;
    true
}
