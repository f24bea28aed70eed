//! JSON texts of single values, written where the caller has made room: no value takes more than `VALUE_MOST` bytes but those
//! that are given.

use std::sync::LazyLock;

use super::community_id;
use super::digits::{decimal, hexadecimal, leading_zeros};

/// Most bytes of a value.
pub const VALUE_MOST: usize = 80;
/// Short texts are copied as so many bytes at once: up to so many behind a text are overwritten.
pub const WIDE: usize = 32;

/// A constant text; a short one is copied in one step.
#[derive(Clone)]
pub struct Name {
    short: [u8; WIDE],
    long: Box<[u8]>,
    length: usize,
}

impl Name {
    /// The text.
    pub fn new(text: &[u8]) -> Name {
        let mut short = [b' '; WIDE];
        let is_short = text.len() <= WIDE;
        if is_short {
            short[..text.len()].copy_from_slice(text);
        }
        Name {
            short,
            long: if is_short {
                Box::default()
            } else {
                text.into()
            },
            length: text.len(),
        }
    }

    /// Bytes.
    pub fn len(&self) -> usize {
        self.length
    }
}

/// `text` as a JSON string; nothing where it is empty.
pub fn quoted(text: &str) -> Box<[u8]> {
    let room = text.len() * ESCAPE_MOST + 2;
    let mut memory = vec![0; room];
    let mut out = Out::new(&mut memory, 0);
    out.put_quoted(text.as_bytes(), room);
    let end = out.at();
    memory[..end].into()
}

/// By IP protocol: its IANA keyword, or the number where it has none, as JSON.
static TRANSPORTS: LazyLock<Vec<Name>> = LazyLock::new(|| {
    let keyword = |protocol: u32| match protocol {
        1 => "icmp".into(),
        2 => "igmp".into(),
        6 => "tcp".into(),
        17 => "udp".into(),
        33 => "dccp".into(),
        47 => "gre".into(),
        50 => "esp".into(),
        51 => "ah".into(),
        58 => "ipv6-icmp".into(),
        89 => "ospf".into(),
        103 => "pim".into(),
        112 => "vrrp".into(),
        132 => "sctp".into(),
        136 => "udplite".into(),
        _ => protocol.to_string(),
    };
    (0..256)
        .map(|protocol| Name::new(&quoted(&keyword(protocol))))
        .collect()
});

/// By value: TCP flags as letters in the order of their bits, FIN, SYN, RST, PSH, ACK, URG, ECE, CWR, as JSON.
static FLAGS: LazyLock<Vec<Name>> = LazyLock::new(|| {
    let letters = |flags: u32| -> String {
        let set = |(bit, _): &(usize, char)| flags >> bit & 1 != 0;
        let named = "FSRPAUEC".chars().enumerate().filter(set);
        named.map(|(_, letter)| letter).collect()
    };
    (0..256)
        .map(|flags| Name::new(&quoted(&letters(flags))))
        .collect()
});

fn ether_type_text(ether_type: u16) -> Box<[u8]> {
    quoted(match ether_type {
        0x0800 => "ipv4",
        0x0806 => "arp",
        0x8035 => "rarp",
        0x86dd => "ipv6",
        0x8808 => "ethernet_flow_control",
        0x8809 => "slow_protocols",
        0x888e => "eapol",
        0x88cc => "lldp",
        0x88f7 => "ptp",
        _ => return format!("\"0x{ether_type:04x}\"").into_bytes().into(),
    })
}

/// By byte of a string: 0 where it stands for itself in JSON, `HEX` where it becomes `\u00XX`, else the letter behind the backslash.
static ESCAPES: [u8; 256] = {
    let mut escapes = [0; 256];
    let mut byte = 0;
    while byte < 0x20 {
        escapes[byte] = HEX;
        byte += 1;
    }
    escapes[0x7f] = HEX;
    escapes[0x08] = b'b';
    escapes[b'\t' as usize] = b't';
    escapes[b'\n' as usize] = b'n';
    escapes[0x0c] = b'f';
    escapes[b'\r' as usize] = b'r';
    escapes[b'"' as usize] = b'"';
    escapes[b'\\' as usize] = b'\\';
    escapes
};
const HEX: u8 = 1;
/// Bytes of the longest escape.
const ESCAPE_MOST: usize = 6;

/// How many bytes one takes in a string.
fn escaped_length(byte: u8) -> usize {
    match ESCAPES[usize::from(byte)] {
        0 => 1,
        HEX => ESCAPE_MOST,
        _ => 2,
    }
}

/// Whether a string has nothing that is written otherwise in JSON.
#[inline]
fn is_plain(text: &[u8]) -> bool {
    let (words, rest) = text.as_chunks::<8>();
    let Some(last) = text.last_chunk::<8>() else {
        return rest.iter().all(|byte| ESCAPES[usize::from(*byte)] == 0);
    };
    let odd = |word: &[u8; 8]| odd_bytes(u64::from_le_bytes(*word));
    words.iter().fold(odd(last), |odds, word| odds | odd(word)) == 0
}

/// Not 0 when one of eight bytes is escaped.
#[inline]
fn odd_bytes(word: u64) -> u64 {
    const EACH: u64 = 0x0101_0101_0101_0101;
    let below = |word: u64, bound: u64| word.wrapping_sub(EACH * bound) & !word;
    let has = |byte: u8| below(word ^ (EACH * u64::from(byte)), 1);
    (below(word, 0x20) | has(b'"') | has(b'\\') | has(0x7f)) & (EACH * 0x80)
}

/// Copies text of `N` to `2 N` bytes; false for shorter.
#[inline(always)]
fn put_both<const N: usize>(text: &[u8], target: &mut [u8]) -> bool {
    let (Some(first), Some(last)) = (text.first_chunk::<N>(), text.last_chunk::<N>()) else {
        return false;
    };
    if let Some(to) = target.first_chunk_mut::<N>() {
        *to = *first;
    }
    if let Some(to) = target.last_chunk_mut::<N>() {
        *to = *last;
    }
    true
}

/// By byte, and then a dash: two hexadecimal digits, upper case.
static MAC_BYTES: [[u8; 4]; 256] = {
    let digits = b"0123456789ABCDEF";
    let mut texts = [*b"00- "; 256];
    let mut byte = 0;
    while byte < 256 {
        texts[byte][0] = digits[byte >> 4];
        texts[byte][1] = digits[byte & 15];
        byte += 1;
    }
    texts
};

/// By octet of an IPv4 address: decimal, and then a dot.
static OCTETS: [[u8; 4]; 256] = {
    let mut texts = [*b"    "; 256];
    let mut octet = 0;
    while octet < 256 {
        let mut rest = octet;
        let mut at = octet_length(octet as u8);
        texts[octet][at] = b'.';
        while at > 0 {
            at -= 1;
            texts[octet][at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        octet += 1;
    }
    texts
};

/// Digits of an octet.
const fn octet_length(octet: u8) -> usize {
    1 + (octet >= 10) as usize + (octet >= 100) as usize
}

/// Memory that is written to. What is asked of it fits: plans count what they may take.
pub struct Out<'a> {
    bytes: &'a mut [u8],
    at: usize,
}

impl<'a> Out<'a> {
    /// Writes from `at` on.
    pub fn new(bytes: &'a mut [u8], at: usize) -> Out<'a> {
        Out { bytes, at }
    }

    /// Behind what was written.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Takes back what is behind.
    pub fn back_to(&mut self, at: usize) {
        self.at = at;
    }

    /// Another byte at a place before.
    pub fn replace(&mut self, at: usize, byte: u8) {
        self.bytes[at] = byte;
    }

    /// Bytes as they are. Most are few, and two copies that overlap cost less than a call.
    #[inline]
    pub fn put(&mut self, text: &[u8]) {
        let end = self.at + text.len();
        let target = &mut self.bytes[self.at..end];
        self.at = end;
        if text.len() > 32 {
            target.copy_from_slice(text);
            return;
        }
        let is_copied = put_both::<16>(text, target)
            || put_both::<8>(text, target)
            || put_both::<4>(text, target);
        if !is_copied {
            for (to, from) in target.iter_mut().zip(text) {
                *to = *from;
            }
        }
    }

    /// The next `N` bytes, to be written from the first on; how many are, `go_on` is told. What is behind is of no meaning: each value
    /// has `VALUE_MOST` bytes, and `WIDE` more.
    #[inline(always)]
    fn room<const N: usize>(&mut self) -> &mut [u8; N] {
        const { assert!(N <= VALUE_MOST + WIDE) };
        let rest = self.bytes.get_mut(self.at..);
        let room = rest.and_then(|rest| rest.first_chunk_mut());
        room.expect("a plan counts what it may take")
    }

    #[inline(always)]
    fn go_on(&mut self, bytes: usize) {
        self.at += bytes;
    }

    /// A constant text. Up to `WIDE` bytes behind its start are overwritten.
    #[inline(always)]
    pub fn put_name(&mut self, name: &Name) {
        if name.length > WIDE {
            return self.put(&name.long);
        }
        *self.room() = name.short;
        self.go_on(name.length);
    }

    /// As `put`, of what is a value.
    pub fn put_text(&mut self, text: &[u8]) -> bool {
        self.put(text);
        true
    }

    /// Text of any length; false where it is empty, none where it would end behind `limit`.
    pub fn put_given(&mut self, text: &[u8], limit: usize) -> Option<bool> {
        if text.is_empty() {
            return Some(false);
        }
        if self.at + text.len() > limit {
            return None;
        }
        Some(self.put_text(text))
    }

    /// A number.
    #[inline]
    pub fn put_count(&mut self, count: u32) -> bool {
        self.put_wide(u64::from(count))
    }

    /// A string whose UTF-8 this is; false where it is empty, none where it would end behind `limit`.
    pub fn put_quoted(&mut self, text: &[u8], limit: usize) -> Option<bool> {
        if text.is_empty() {
            return Some(false);
        }
        let is_plain = is_plain(text);
        let length = if is_plain {
            text.len()
        } else {
            text.iter().map(|byte| escaped_length(*byte)).sum()
        };
        if self.at + length + 2 > limit {
            return None;
        }
        self.put_byte(b'"');
        if is_plain {
            self.put(text);
        } else {
            for byte in text {
                self.put_escaped(*byte);
            }
        }
        Some(self.put_byte(b'"'))
    }

    /// A byte inside a string.
    fn put_escaped(&mut self, byte: u8) {
        match ESCAPES[usize::from(byte)] {
            0 => self.put(&[byte]),
            HEX => {
                let [.., high, low] = hexadecimal(u32::from(byte)).to_le_bytes();
                self.put(&[b'\\', b'u', b'0', b'0', high, low]);
            }
            letter => self.put(&[b'\\', letter]),
        }
    }

    /// A number that is left out when it is 0.
    pub fn put_some(&mut self, count: u32) -> bool {
        count != 0 && self.put_count(count)
    }

    /// A number in quotes.
    #[inline]
    pub fn put_quoted_count(&mut self, count: u32) -> bool {
        self.put_byte(b'"');
        self.put_count(count);
        self.put_byte(b'"')
    }

    #[inline(always)]
    fn put_byte(&mut self, byte: u8) -> bool {
        *self.room() = [byte];
        self.go_on(1);
        true
    }

    /// A number.
    #[inline]
    pub fn put_wide(&mut self, count: u64) -> bool {
        const HALF: u64 = 100_000_000;
        if count < HALF {
            self.put_first_digits(count as u32);
        } else if count < HALF * HALF {
            self.put_first_digits((count / HALF) as u32);
            *self.room() = decimal((count % HALF) as u32).to_le_bytes();
            self.go_on(8);
        } else {
            self.put(itoa::Buffer::new().format(count).as_bytes());
        }
        true
    }

    /// A number below 100,000,000, without zeros before it.
    #[inline(always)]
    fn put_first_digits(&mut self, number: u32) {
        let digits = decimal(number);
        let zeros = leading_zeros(digits);
        *self.room() = (digits >> (zeros * 8)).to_le_bytes();
        self.go_on(8 - zeros as usize);
    }

    /// An integer.
    pub fn put_whole(&mut self, number: i64) -> bool {
        if let Ok(count) = u64::try_from(number) {
            return self.put_wide(count);
        }
        self.put_text(itoa::Buffer::new().format(number).as_bytes())
    }

    /// A number that is at least 0, as JavaScript writes it.
    pub fn put_number(&mut self, number: f64) -> bool {
        const SAFE: f64 = 9_007_199_254_740_992.0;
        let whole = number as u64;
        if whole as f64 == number && number < SAFE {
            return self.put_wide(whole);
        }
        let text = if !number.is_finite() {
            "null".into()
        } else if number.abs() < 1e21 {
            number.to_string()
        } else {
            format!("{number:e}").replace('e', "e+")
        };
        self.put_text(text.as_bytes())
    }

    /// The id of a session: time of its start in 13 hexadecimal digits or, for a later one, more, flow hash and packet number in 8 each.
    #[inline]
    pub fn put_id(&mut self, start_us: f64, hash: u32, packet_number: u32) -> bool {
        let start_us = start_us as u64;
        let high = (start_us >> 32) as u32;
        let high_length = (8 - high.leading_zeros() as usize / 4).max(5);
        let room = self.room::<40>();
        room[0] = b'"';
        let high = hexadecimal(high) >> (64 - high_length * 8);
        room[1..9].copy_from_slice(&high.to_le_bytes());
        let words = [start_us as u32, hash, packet_number];
        let digits: &mut [u8; 25] = room[1 + high_length..]
            .first_chunk_mut()
            .expect("8 digits at most are before it");
        for (target, word) in digits.as_chunks_mut().0.iter_mut().zip(words) {
            *target = hexadecimal(word).to_le_bytes();
        }
        digits[24] = b'"';
        self.go_on(1 + high_length + 25);
        true
    }

    /// An address as text (RFC 5952).
    #[inline]
    pub fn put_address(&mut self, version: u32, address: [u8; 16]) -> bool {
        self.put_byte(b'"');
        if version == 4 {
            let [a, b, c, d, ..] = address;
            self.put_ipv4([a, b, c, d]);
        } else {
            self.put_ipv6(address);
        }
        self.put_byte(b'"')
    }

    #[inline]
    fn put_ipv4(&mut self, address: [u8; 4]) {
        let room = self.room::<16>();
        let mut at = 0;
        for octet in address {
            // Three times 4 at most before the last.
            room[at & 15..][..4].copy_from_slice(&OCTETS[usize::from(octet)]);
            at += octet_length(octet) + 1;
        }
        self.go_on(at - 1);
    }

    /// Lower case, no leading zeros, the longest run of two or more zero groups (the first of equals) as `::`, IPv4-mapped
    /// addresses with their dotted tail.
    fn put_ipv6(&mut self, address: [u8; 16]) {
        if let [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d] = address {
            self.put(b"::ffff:");
            return self.put_ipv4([a, b, c, d]);
        }
        let mut groups = [0; 8];
        for (group, bytes) in groups.iter_mut().zip(address.as_chunks::<2>().0) {
            *group = u16::from_be_bytes(*bytes);
        }
        let (start, length) = longest_zeros(&groups);
        let mut index = 0;
        while index < 8 {
            if index == start {
                self.put(b"::");
                index += length;
                continue;
            }
            if index != 0 && index != start + length {
                self.put(b":");
            }
            self.put_group(groups[index]);
            index += 1;
        }
    }

    /// Hexadecimal digits without leading zeros.
    #[inline]
    fn put_group(&mut self, group: u16) {
        let digits = hexadecimal(u32::from(group));
        let zeros = leading_zeros(digits);
        *self.room() = (digits >> (zeros * 8)).to_le_bytes();
        self.go_on(8 - zeros as usize);
    }

    /// A hardware address, `AA-BB-CC-DD-EE-FF` (RFC 7042).
    #[inline]
    pub fn put_mac(&mut self, mac: [u8; 6]) -> bool {
        let room = self.room::<20>();
        room[0] = b'"';
        for (index, byte) in mac.into_iter().enumerate() {
            room[1 + index * 3..][..4].copy_from_slice(&MAC_BYTES[usize::from(byte)]);
        }
        room[18] = b'"';
        self.go_on(19);
        true
    }

    /// `length` bytes of a date, and eight behind them.
    #[inline(always)]
    pub fn put_date(&mut self, text: &[u8; 32], length: usize, end: u64) {
        let room = self.room::<40>();
        room[..32].copy_from_slice(text);
        room[length..][..8].copy_from_slice(&end.to_le_bytes());
        self.go_on(length + 8);
    }

    /// IP's version, or the name of an EtherType.
    pub fn put_network_type(&mut self, version: u32, ether_type: u16) -> bool {
        match version {
            4 => self.put_text(b"\"ipv4\""),
            6 => self.put_text(b"\"ipv6\""),
            _ => self.put_text(&ether_type_text(ether_type)),
        }
    }

    /// An IP protocol's keyword.
    pub fn put_transport(&mut self, protocol: u32) -> bool {
        self.put_name(&TRANSPORTS[protocol as usize & 0xff]);
        true
    }

    /// Letters of TCP flags.
    pub fn put_flags(&mut self, flags: u32) -> bool {
        if flags != 0 {
            self.put_name(&FLAGS[flags as usize & 0xff]);
        }
        flags != 0
    }

    /// A community id.
    #[inline]
    pub fn put_community_id(&mut self, digest: &community_id::Digest) -> bool {
        let room = self.room::<{ community_id::TEXT_LENGTH + 2 }>();
        room[0] = b'"';
        room[1..=community_id::TEXT_LENGTH].copy_from_slice(&community_id::text(digest));
        room[community_id::TEXT_LENGTH + 1] = b'"';
        self.go_on(community_id::TEXT_LENGTH + 2);
        true
    }
}

/// Start and length of the longest run of two or more zero groups; `(8, 0)` when there is none.
fn longest_zeros(groups: &[u16; 8]) -> (usize, usize) {
    let mut best = (8, 0);
    let mut index = 0;
    while index < 8 {
        let length = groups[index..]
            .iter()
            .take_while(|group| **group == 0)
            .count();
        if length >= 2 && length > best.1 {
            best = (index, length);
        }
        index += length.max(1);
    }
    best
}
