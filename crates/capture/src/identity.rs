//! What tells sessions apart when the sensor counts them as Arkime does: ICMP by its hosts, protocols like IGMP, PIM, LLDP and
//! IS-IS as one session each, ARP by the address asked for, DHCP by its client, and packets that make no sense as sessions
//! of their own. The path asks for it after dissection, only when the run says so; the packet's facts stay as they are.

use crate::frame::Frame;
use crate::generated::layout::packet_flag;
use crate::packet::{NO_OFFSET, Packet};

const ICMP: u8 = 1;
const IGMP: u8 = 2;
const TCP: u8 = 6;
const UDP: u8 = 17;
const GRE: u8 = 47;
const ESP: u8 = 50;
const AH: u8 = 51;
const ICMPV6: u8 = 58;
const PIM: u8 = 103;
const SCTP: u8 = 132;

const IPV4: u8 = 4;
const IPV6: u8 = 41;

/// Inner headers that begin further into the frame make no sense to Arkime.
const DEEPEST: u16 = 2047;

const ARP: u16 = 0x0806;
const LLDP: u16 = 0x88cc;
/// LLC of OSI network protocols, then the first byte of IS-IS or ES-IS.
const OSI: [u8; 3] = [0xfe, 0xfe, 0x03];

/// Which VLAN id is part of a session's identity.
#[derive(Debug, Clone, Default)]
pub struct Identity {
    /// The outermost VLAN id counts.
    pub vlan: bool,
    /// The innermost network id of a tunnel counts.
    pub vni: bool,
    /// Ids that count as another one: (id, counts as).
    pub collapse: Vec<(u32, u32)>,
    /// Packets whose headers make no sense have sessions, and are not dropped.
    pub keep_corrupt: bool,
}

#[cfg(test)]
#[path = "identity_tests.rs"]
mod tests;

/// Where packets of a kind are told apart by other things than their ends.
fn key(kind: u64, what: &[u8]) -> u64 {
    let mut hash = kind.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x6a09_e667_f3bc_c908;
    for &byte in what {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        hash ^= hash >> 29;
    }
    hash
}

impl Identity {
    /// Changes what of `packet` tells its session: ports, `vni`, and with the flag `keyed` the hash that this returns
    /// and `tcp_acknowledgement`.
    pub fn apply(&self, frame: &Frame, packet: &mut Packet, carrier_ttl: u8) -> Option<u32> {
        let id = if self.vni && packet.vni != 0 {
            packet.vni
        } else if self.vlan && packet.vlan_count > 0 {
            u32::from(packet.vlans[0])
        } else {
            0
        };
        packet.vni = self
            .collapse
            .iter()
            .find(|(from, _)| *from == id)
            .map_or(id, |&(_, to)| to);
        if !makes_sense(packet, payload(frame, packet)) {
            self.own_carrier(packet, carrier_ttl);
        }
        let payload = payload(frame, packet);
        let told = match (packet.ip_version, packet.protocol) {
            _ if packet.flags & packet_flag::CORRUPT != 0 => {
                packet.flags |= packet_flag::ONE_WAY;
                None
            }
            (0, _) => {
                packet.flags |= packet_flag::ONE_WAY;
                layer2(packet, payload)
            }
            (_, ICMP | ICMPV6) => {
                packet.source_port = 0;
                packet.destination_port = 0;
                None
            }
            (_, UDP) if self.is_short(frame, packet) => {
                self.corrupt(packet);
                None
            }
            (4, UDP) => dhcp(packet, payload),
            (6, UDP) => dhcp6(packet, payload),
            (_, TCP | SCTP | ESP | AH) => None,
            (_, protocol @ (IGMP | PIM)) => {
                packet.flags |= packet_flag::ONE_WAY;
                Some(key(u64::from(protocol), &[]))
            }
            _ => {
                packet.flags |= packet_flag::ONE_WAY;
                None
            }
        }?;
        packet.flags |= packet_flag::KEYED;
        packet.tcp_acknowledgement = (told >> 32) as u32;
        Some(told as u32)
    }

    /// Makes a packet of a frame whose headers make no sense: of the hosts of its last good IP header, or of its MACs.
    pub fn salvage(&self, frame: &Frame, packet: &mut Packet) -> bool {
        if !self.keep_corrupt {
            return false;
        }
        packet.fragment = None;
        packet.tunnel_count = 0;
        let data = frame.data;
        if packet.ip_version == 0 {
            let at = usize::from(packet.ethernet_offset);
            let Some(header) = data
                .get(at..at + 14)
                .filter(|_| packet.ethernet_offset != NO_OFFSET)
            else {
                return false;
            };
            packet.destination_address = [0; 16];
            packet.destination_address[..6].copy_from_slice(&header[..6]);
            packet.source_address = [0; 16];
            packet.source_address[..6].copy_from_slice(&header[6..12]);
            packet.protocol = 0;
            packet.network_offset = (at + 14) as u16;
            packet.network_length = data.len() as u32;
        } else {
            let at = usize::from(packet.network_offset);
            let protocol = if packet.ip_version == 4 {
                at + 9
            } else {
                at + 6
            };
            packet.protocol = data.get(protocol).copied().unwrap_or(0);
        }
        packet.transport_offset = packet.network_offset;
        self.corrupt(packet);
        true
    }

    fn corrupt(&self, packet: &mut Packet) {
        packet.flags |= packet_flag::CORRUPT | packet_flag::ONE_WAY;
        packet.source_port = 0;
        packet.destination_port = 0;
        packet.payload_length = 0;
        packet.payload_wire_length = 0;
    }

    /// What makes no sense within a tunnel is a corrupt packet of the tunnel's hosts, where it has some.
    fn own_carrier(&self, packet: &mut Packet, carrier_ttl: u8) {
        let Some(last) = usize::from(packet.tunnel_count).checked_sub(1) else {
            return;
        };
        let tunnel = packet.tunnels[last];
        let inner = packet.ip_version;
        if tunnel.ip_version == 0 {
            return;
        }
        packet.ip_version = tunnel.ip_version;
        packet.source_address = tunnel.source_address;
        packet.destination_address = tunnel.destination_address;
        packet.protocol = match (tunnel.destination_port, inner) {
            (1.., _) => UDP,
            (0, 4) => IPV4,
            (0, 6) => IPV6,
            _ => GRE,
        };
        packet.ttl = carrier_ttl;
        self.corrupt(packet);
    }

    /// A UDP header that says that it is shorter than itself.
    fn is_short(&self, frame: &Frame, packet: &Packet) -> bool {
        let at = usize::from(packet.transport_offset) + 4;
        packet.flags & packet_flag::REASSEMBLED == 0
            && matches!(frame.data.get(at..at + 2), Some(&[0, length]) if length < 8)
    }
}

fn payload<'a>(frame: &Frame<'a>, packet: &Packet) -> &'a [u8] {
    let start = packet.payload_offset as usize;
    frame
        .data
        .get(start..start + packet.payload_length as usize)
        .unwrap_or(&[])
}

/// Within a tunnel: whether Arkime goes on with it as it would outside. IP does it not too deep, an Ethernet frame when it has
/// an EtherType (ARP and the like keep their sessions), one of 802.3 only as IS-IS or ES-IS.
fn makes_sense(packet: &Packet, payload: &[u8]) -> bool {
    match (packet.ip_version, packet.ether_type) {
        (0, 0) => payload.starts_with(&OSI),
        (0, _) => true,
        _ => packet.network_offset <= DEEPEST,
    }
}

fn layer2(packet: &Packet, payload: &[u8]) -> Option<u64> {
    match packet.ether_type {
        // The address that is asked for, or that tells whose it is (RFC 826).
        ARP => {
            let asked = match payload.get(7)? {
                1 => payload.get(24..28)?,
                _ => payload.get(14..18)?,
            };
            Some(key(u64::from(ARP), asked))
        }
        LLDP => Some(key(u64::from(LLDP), &[])),
        0 if payload.starts_with(&OSI) => Some(key(u64::from(OSI[0]), payload.get(3..4)?)),
        _ => None,
    }
}

/// Shorter messages are no DHCP to Arkime.
const SHORTEST: usize = 256;
/// What DHCP begins its options with (RFC 2131 section 3).
const COOKIE: [u8; 4] = [0x63, 0x82, 0x53, 0x63];

/// DHCP by the client's hardware address (RFC 2131 section 2).
fn dhcp(packet: &Packet, payload: &[u8]) -> Option<u64> {
    let is_dhcp = |port: u16| matches!(port, 67 | 68);
    if !is_dhcp(packet.source_port) && !is_dhcp(packet.destination_port) {
        return None;
    }
    if payload.len() < SHORTEST || payload[236..240] != COOKIE {
        return None;
    }
    Some(key(67, payload.get(28..44)?))
}

/// DHCPv6 by the transaction (RFC 8415 section 8); what relays wrap goes by its hosts.
fn dhcp6(packet: &Packet, payload: &[u8]) -> Option<u64> {
    let is_dhcp = |port: u16| matches!(port, 546 | 547);
    if !is_dhcp(packet.source_port) && !is_dhcp(packet.destination_port) {
        return None;
    }
    match payload.first()? {
        12 | 13 => {
            let mut ends = [packet.source_address, packet.destination_address];
            ends.sort_unstable();
            Some(key(547, &ends.concat()))
        }
        _ => Some(key(546, payload.get(1..4)?)),
    }
}
