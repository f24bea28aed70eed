//! Internet checksums (RFC 1071) of captured packets, checked by the engine when `-k all` asks for it.
//!
//! Only what is whole can be checked: not fragments, not packets cut by the snap length. Segmentation and checksum
//! offload make a sender's own packets wrong at capture; the engine's user is told so.

use crate::packet::Packet;

const TCP: u8 = 6;
const UDP: u8 = 17;

/// What was checked and what held. A checksum that was not checked counts as right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Checksums {
    /// The IPv4 header's checksum was checked.
    pub ip_checked: bool,
    /// It is right, or was not checked.
    pub ip_ok: bool,
    /// The TCP or UDP checksum was checked.
    pub l4_checked: bool,
    /// It is right, or was not checked.
    pub l4_ok: bool,
}

/// Checks the checksums of `packet`'s innermost IP packet in `data`, the frame that it was dissected from.
///
/// UDP in IPv4 with checksum 0 has none (RFC 768); in IPv6 it must have one (RFC 8200 section 8.1). Packets with an
/// IPv6 routing header that has segments left are not checked in layer 4: their checksum is that of a destination
/// still to come.
pub fn verify(data: &[u8], packet: &Packet) -> Checksums {
    let mut result = Checksums {
        ip_checked: false,
        ip_ok: true,
        l4_checked: false,
        l4_ok: true,
    };
    let network = usize::from(packet.network_offset);
    let transport = usize::from(packet.transport_offset);
    let end = network + packet.network_length as usize;
    if packet.ip_version == 4
        && let Some(header) = data.get(network..).and_then(ipv4_header)
    {
        result.ip_checked = true;
        result.ip_ok = sum(0, header) == 0xffff;
    }
    if packet.ip_version == 0 || packet.fragment.is_some() {
        return result;
    }
    let Some(mut segment) = data.get(transport..end) else {
        return result;
    };
    let has_checksum = match packet.protocol {
        TCP => segment.len() >= 20,
        UDP => {
            let [_, _, _, _, high, low, check @ ..] = segment else {
                return result;
            };
            let length = usize::from(u16::from_be_bytes([*high, *low]));
            let absent = packet.ip_version == 4 && matches!(check, [0, 0, ..]);
            if length >= 8 && length <= segment.len() {
                segment = &segment[..length];
            }
            segment.len() >= 8 && !absent
        }
        _ => false,
    };
    if !has_checksum
        || (packet.ip_version == 6 && routed_on(&data[network..end], transport - network))
    {
        return result;
    }
    let addresses = if packet.ip_version == 4 { 4 } else { 16 };
    let mut total = sum(0, &packet.source_address[..addresses]);
    total = sum(total, &packet.destination_address[..addresses]);
    let length = segment.len() as u32;
    total = sum(
        total,
        &[
            0,
            packet.protocol,
            (length >> 24) as u8,
            (length >> 16) as u8,
        ],
    );
    total = sum(total, &[(length >> 8) as u8, length as u8]);
    result.l4_checked = true;
    result.l4_ok = sum(total, segment) == 0xffff;
    result
}

fn ipv4_header(packet: &[u8]) -> Option<&[u8]> {
    let length = usize::from(packet.first()? & 15) * 4;
    if length < 20 {
        None
    } else {
        packet.get(..length)
    }
}

/// Whether a routing header between the IPv6 header and layer 4 still has segments to visit.
fn routed_on(packet: &[u8], transport: usize) -> bool {
    let Some(&first) = packet.get(6) else {
        return false;
    };
    let mut next = first;
    let mut at = 40;
    while at < transport {
        let Some(&[following, words, _, segments_left]) =
            packet.get(at..).and_then(|rest| rest.first_chunk())
        else {
            return false;
        };
        if next == 43 && segments_left != 0 {
            return true;
        }
        at += match next {
            44 => 8,
            51 => (usize::from(words) + 2) * 4,
            _ => (usize::from(words) + 1) * 8,
        };
        next = following;
    }
    false
}

/// The one's complement sum of 16-bit words, folded to 16 bits; an odd last byte is the high half of a word.
fn sum(start: u32, data: &[u8]) -> u32 {
    let mut total = u64::from(start);
    let mut words = data.chunks_exact(4);
    for word in &mut words {
        total += u64::from(u32::from_be_bytes([word[0], word[1], word[2], word[3]]));
    }
    match *words.remainder() {
        [a] => total += u64::from(a) << 8,
        [a, b] => total += u64::from(u16::from_be_bytes([a, b])),
        [a, b, c] => total += u64::from(u16::from_be_bytes([a, b])) + (u64::from(c) << 8),
        _ => {}
    }
    while total >> 16 != 0 {
        total = (total & 0xffff) + (total >> 16);
    }
    total as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dissect::sample_headers::{
        self, ipv4, ipv4_with, ipv6, join, packet_4, packet_6, tcp, udp, udp_in,
    };
    use crate::dissect::{DissectOptions, Dissector};
    use crate::frame::Frame;

    /// Checked and right, for IP and layer 4, of a raw IP packet.
    fn check(data: &[u8]) -> [(bool, bool); 2] {
        let frame = Frame {
            data,
            wire_length: data.len() as u32,
            time_ns: 0,
            link_type: 101,
            interface_id: 0,
            file_id: 0,
            file_position: None,
            stripped_vlan: None,
            outgoing: false,
        };
        let mut packet = Packet::default();
        Dissector::new(DissectOptions::default())
            .dissect(&frame, &mut packet)
            .unwrap();
        let sums = verify(data, &packet);
        [(sums.ip_checked, sums.ip_ok), (sums.l4_checked, sums.l4_ok)]
    }

    const RIGHT: (bool, bool) = (true, true);
    const WRONG: (bool, bool) = (true, false);
    const UNCHECKED: (bool, bool) = (false, true);

    fn changed(mut data: Vec<u8>, at: usize) -> Vec<u8> {
        data[at] ^= 0x10;
        data
    }

    /// RFC 1071 section 3 works this one: the sum of 0001 f203 f4f5 f6f7 is ddf2.
    #[test]
    fn sum_of_the_rfc() {
        assert_eq!(
            sum(0, &[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]),
            0xddf2
        );
        assert_eq!(sum(0, &[0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6]), 0xdcfb);
        assert_eq!(
            sum(sum(0, &[0x00, 0x01]), &[0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7]),
            0xddf2
        );
        assert_eq!(sum(0, &[0x12]), 0x1200);
        assert_eq!(sum(0, &[]), 0);
    }

    #[test]
    fn right_and_wrong() {
        assert_eq!(check(&packet_4()), [RIGHT, RIGHT]);
        assert_eq!(check(&packet_6()), [UNCHECKED, RIGHT]);
        assert_eq!(check(&ipv4(17, &udp(1000, 2000, b"odd"))), [RIGHT, RIGHT]);
        assert_eq!(
            check(&ipv6(17, &udp_in(6, 1000, 2000, b"even"))),
            [UNCHECKED, RIGHT]
        );
        assert_eq!(check(&changed(packet_4(), 8)), [WRONG, RIGHT]);
        // An address is in both sums.
        assert_eq!(check(&changed(packet_4(), 15)), [WRONG, WRONG]);
        let last = packet_4().len() - 1;
        assert_eq!(check(&changed(packet_4(), last)), [RIGHT, WRONG]);
        assert_eq!(check(&changed(packet_6(), 30)), [UNCHECKED, WRONG]);
        assert_eq!(
            check(&changed(ipv4(17, &udp(1000, 2000, b"odd")), 30)),
            [RIGHT, WRONG]
        );
    }

    #[test]
    fn no_udp_checksum_is_fine_in_ipv4_only() {
        let mut none = udp(1000, 2000, b"x");
        none[6..8].fill(0);
        assert_eq!(check(&ipv4(17, &none)), [RIGHT, UNCHECKED]);
        assert_eq!(check(&ipv6(17, &none)), [UNCHECKED, WRONG]);
    }

    #[test]
    fn bytes_behind_a_udp_datagram_do_not_count() {
        assert_eq!(
            check(&ipv4(17, &join(&[&udp(1000, 2000, b"x"), &[1, 2, 3]]))),
            [RIGHT, RIGHT]
        );
    }

    #[test]
    fn what_cannot_be_checked() {
        // Cut by the snap length.
        let whole = packet_4();
        assert_eq!(check(&whole[..whole.len() - 1]), [RIGHT, UNCHECKED]);
        // A fragment, and a protocol without a checksum of this kind.
        assert_eq!(
            check(&ipv4_with(6, 1, 0x2000, &[], &tcp(4)[..24])),
            [RIGHT, UNCHECKED]
        );
        assert_eq!(check(&ipv4(50, &[0; 20])), [RIGHT, UNCHECKED]);
        // Layer 2 inside, and a datagram too short for its own length.
        let short = [0, 1, 0, 2, 0, 30, 9, 9];
        assert_eq!(check(&ipv4(17, &short)), [RIGHT, WRONG]);
    }

    #[test]
    fn routing_headers() {
        let segment = tcp(6);
        let done = join(&[&[6, 0, 4, 0, 0, 0, 0, 0], &segment]);
        let under_way = join(&[&[6, 0, 4, 1, 0, 0, 0, 0], &segment]);
        assert_eq!(check(&ipv6(43, &done)), [UNCHECKED, RIGHT]);
        assert_eq!(check(&ipv6(43, &under_way)), [UNCHECKED, UNCHECKED]);
        assert_eq!(
            check(&ipv6(60, &join(&[&[43, 0, 1, 4, 0, 0, 0, 0], &under_way]))),
            [UNCHECKED, UNCHECKED]
        );
        assert_eq!(
            check(&ipv4_with(6, 1, 0, &[1, 1, 1, 0], &sample_headers::tcp(4))),
            [RIGHT, RIGHT]
        );
    }
}
