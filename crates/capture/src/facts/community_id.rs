//! Community ID version 1 (<https://github.com/corelight/community-id-spec>): a text that every tool computes alike for both
//! directions of a flow: "1:" and the SHA-1 of seed, addresses, protocol and ports in base64.

use std::cmp::Ordering;

use sha1::block_api::compress;

use crate::dissect::{icmp_counter_type, icmpv6_counter_type};

use super::digits::base64;

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;
const SCTP: u8 = 132;

/// Characters of an id.
pub const TEXT_LENGTH: usize = 30;
/// State of SHA-1 at the start (RFC 3174, section 6.1).
const START: Digest = [
    0x6745_2301,
    0xefcd_ab89,
    0x98ba_dcfe,
    0x1032_5476,
    0xc3d2_e1f0,
];

/// A SHA-1, in words.
pub type Digest = [u32; 5];

/// Both ends of a flow, as numbers whose highest byte is the first in network order.
#[derive(Debug, Clone, Copy)]
pub enum Ends {
    /// Source and destination of IPv4.
    V4(u32, u32),
    /// Of IPv6.
    V6(u128, u128),
}

impl Ends {
    /// The ends whose addresses have 4 or 16 bytes each; none for others.
    pub fn of(source: &[u8], destination: &[u8]) -> Option<Ends> {
        if let (Ok(source), Ok(destination)) = (source.try_into(), destination.try_into()) {
            let [source, destination] = [source, destination].map(u32::from_be_bytes);
            return Some(Ends::V4(source, destination));
        }
        let [source, destination] = [source, destination].map(<[u8; 16]>::try_from);
        let (source, destination) = (source.ok()?, destination.ok()?);
        Some(Ends::V6(
            u128::from_be_bytes(source),
            u128::from_be_bytes(destination),
        ))
    }

    fn order(self) -> Ordering {
        match self {
            Ends::V4(source, destination) => source.cmp(&destination),
            Ends::V6(source, destination) => source.cmp(&destination),
        }
    }

    fn turned(self) -> Ends {
        match self {
            Ends::V4(source, destination) => Ends::V4(destination, source),
            Ends::V6(source, destination) => Ends::V6(destination, source),
        }
    }
}

/// What is hashed.
#[derive(Debug, Clone, Copy)]
pub struct Flow {
    /// Addresses.
    pub ends: Ends,
    /// IP protocol.
    pub protocol: u8,
    /// Port; ICMP: type.
    pub source_port: u16,
    /// Port; ICMP: the type's counterpart, or the code where it has none.
    pub destination_port: u16,
    /// Of all ids of a sensor.
    pub seed: u16,
    /// The ports are hashed for every protocol, and the ends put in order also for ICMP without an answer, as Arkime does
    /// against the specification.
    pub always: bool,
}

/// What stands for the ports of an ICMP packet: its type and the type that answers it, or its code where none does.
pub fn icmp_ports(protocol: u8, kind: u8, code: u8) -> (u16, u16) {
    let answer = counterpart(protocol, kind).unwrap_or(code);
    (u16::from(kind), u16::from(answer))
}

fn counterpart(protocol: u8, kind: u8) -> Option<u8> {
    if protocol == ICMP {
        icmp_counter_type(kind)
    } else {
        icmpv6_counter_type(kind)
    }
}

/// The flow's digest.
pub fn digest(flow: &Flow) -> Digest {
    let with_ports = flow.always || matches!(flow.protocol, TCP | UDP | SCTP | ICMP | ICMPV6);
    let order = flow.ends.order();
    let swap = (flow.always || !is_one_way(flow))
        && (order.is_gt()
            || order.is_eq() && with_ports && flow.source_port > flow.destination_port);
    let (ends, low, high) = if swap {
        (flow.ends.turned(), flow.destination_port, flow.source_port)
    } else {
        (flow.ends, flow.source_port, flow.destination_port)
    };
    let ports = if with_ports {
        u32::from(low) << 16 | u32::from(high)
    } else {
        0
    };
    let mut digest = START;
    compress(
        &mut digest,
        &[block(flow.seed, ends, flow.protocol, ports, with_ports)],
    );
    digest
}

/// The only block that is hashed: seed, addresses, protocol, a zero, ports or none; a bit behind them, and their length in bits. It is
/// built of numbers of 16 bytes, as it is read: what is written in smaller pieces is there for a wide read only some time later.
fn block(seed: u16, ends: Ends, protocol: u8, ports: u32, with_ports: bool) -> [u8; 64] {
    let seed = u128::from(seed) << 112;
    let (port_bits, bit) = if with_ports { (32, 0) } else { (0, 1 << 31) };
    let protocol_and_ports = u128::from(protocol) << 40 | u128::from(ports | bit);
    let parts = match ends {
        Ends::V4(low, high) => [
            seed | u128::from(low) << 80 | u128::from(high) << 48 | protocol_and_ports,
            if with_ports { 1 << 127 } else { 0 },
            0,
            96 + port_bits,
        ],
        Ends::V6(low, high) => [
            seed | low >> 16,
            low << 112 | high >> 16,
            high << 112 | protocol_and_ports << 64 | if with_ports { 1 << 63 } else { 0 },
            288 + port_bits,
        ],
    };
    let mut block = [0; 64];
    for (bytes, part) in block.as_chunks_mut().0.iter_mut().zip(parts) {
        *bytes = part.to_be_bytes();
    }
    block
}

fn is_one_way(flow: &Flow) -> bool {
    matches!(flow.protocol, ICMP | ICMPV6)
        && u8::try_from(flow.source_port)
            .ok()
            .and_then(|kind| counterpart(flow.protocol, kind))
            .is_none_or(|answer| u16::from(answer) != flow.destination_port)
}

/// The text of a digest.
#[inline]
pub fn text([a, b, c, d, e]: &Digest) -> [u8; TEXT_LENGTH] {
    let [a, b, c, d, e] = [a, b, c, d, e].map(|word| u64::from(*word));
    let mut text = *b"1:............................";
    // 160 bits, 48 at a time; the padding of the last 16 takes the place of a digit.
    let parts = [a << 16 | b >> 16, (b & 0xffff) << 32 | c, d << 16 | e >> 16];
    let (digits, last) = text[2..].as_chunks_mut::<8>();
    for (target, bits) in digits.iter_mut().zip(parts) {
        *target = base64(bits).to_le_bytes();
    }
    let [first, second, third, ..] = base64((e & 0xffff) << 32).to_le_bytes();
    last.copy_from_slice(&[first, second, third, b'=']);
    text
}
