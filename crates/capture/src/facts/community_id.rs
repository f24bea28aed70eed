//! Community ID version 1 (<https://github.com/corelight/community-id-spec>): a text that every tool computes alike for both
//! directions of a flow: "1:" and the SHA-1 of seed, addresses, protocol and ports in base64.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest as _, Sha1};

use crate::dissect::{icmp_counter_type, icmpv6_counter_type};

const ICMP: u8 = 1;
const TCP: u8 = 6;
const UDP: u8 = 17;
const ICMPV6: u8 = 58;
const SCTP: u8 = 132;

/// Characters of an id.
pub const TEXT_LENGTH: usize = 30;
/// Seed, two addresses of 16 bytes, protocol, padding, two ports.
const MESSAGE_MOST: usize = 2 + 32 + 2 + 4;

/// A SHA-1.
pub type Digest = [u8; 20];

/// What is hashed.
#[derive(Debug, Clone, Copy)]
pub struct Flow<'a> {
    /// 4 or 16 bytes in network order.
    pub source: &'a [u8],
    /// As many.
    pub destination: &'a [u8],
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
    let ends = flow.source.cmp(flow.destination);
    let swap = (flow.always || !is_one_way(flow))
        && (ends.is_gt() || ends.is_eq() && with_ports && flow.source_port > flow.destination_port);
    let mut message = Message::default();
    message.put(&flow.seed.to_be_bytes());
    let (low, high) = if swap {
        (flow.destination, flow.source)
    } else {
        (flow.source, flow.destination)
    };
    message.put(low);
    message.put(high);
    message.put(&[flow.protocol, 0]);
    if with_ports {
        let (low, high) = if swap {
            (flow.destination_port, flow.source_port)
        } else {
            (flow.source_port, flow.destination_port)
        };
        message.put(&low.to_be_bytes());
        message.put(&high.to_be_bytes());
    }
    Sha1::digest(message.bytes()).into()
}

fn is_one_way(flow: &Flow) -> bool {
    matches!(flow.protocol, ICMP | ICMPV6)
        && u8::try_from(flow.source_port)
            .ok()
            .and_then(|kind| counterpart(flow.protocol, kind))
            .is_none_or(|answer| u16::from(answer) != flow.destination_port)
}

struct Message {
    memory: [u8; MESSAGE_MOST],
    length: usize,
}

impl Default for Message {
    fn default() -> Message {
        Message {
            memory: [0; MESSAGE_MOST],
            length: 0,
        }
    }
}

impl Message {
    fn put(&mut self, bytes: &[u8]) {
        let end = self.length + bytes.len();
        self.memory[self.length..end].copy_from_slice(bytes);
        self.length = end;
    }

    fn bytes(&self) -> &[u8] {
        &self.memory[..self.length]
    }
}

/// The text of a digest.
pub fn text(digest: &Digest) -> [u8; TEXT_LENGTH] {
    let mut text = *b"1:............................";
    let written = STANDARD.encode_slice(digest, &mut text[2..]);
    debug_assert_eq!(written, Ok(TEXT_LENGTH - 2));
    text
}

/// A digest as five words, to be kept.
pub fn words_of(digest: &Digest) -> [u32; 5] {
    let mut words = [0; 5];
    for (word, bytes) in words.iter_mut().zip(digest.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    words
}

/// The digest of the five words.
pub fn digest_of(words: [u32; 5]) -> Digest {
    let mut digest = [0; 20];
    for (bytes, word) in digest.as_chunks_mut::<4>().0.iter_mut().zip(words) {
        *bytes = word.to_be_bytes();
    }
    digest
}
