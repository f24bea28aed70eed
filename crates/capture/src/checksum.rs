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
