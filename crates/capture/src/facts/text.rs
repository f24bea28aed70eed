//! JSON texts of single values, written where the caller has made room: no value takes more than `VALUE_MOST` bytes but those
//! that are given.

use std::sync::LazyLock;

use super::community_id;

/// Most bytes of a value.
pub const VALUE_MOST: usize = 80;
/// Short texts are copied as so many bytes at once: up to so many behind a text are overwritten.
pub const WIDE: usize = 32;

/// A constant text; a short one is copied in one step.
#[derive(Clone, PartialEq, Eq)]
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

/// `00` to `ff`.
static HEX_PAIRS: [[u8; 2]; 256] = {
    let mut pairs = [[b'0'; 2]; 256];
    let mut value = 0;
    while value < 256 {
        pairs[value] = [LOWER[value >> 4], LOWER[value & 15]];
        value += 1;
    }
    pairs
};

/// `00` to `99`.
static PAIRS: [[u8; 2]; 100] = {
    let mut pairs = [[b'0'; 2]; 100];
    let mut value = 0;
    while value < 100 {
        pairs[value] = [b'0' + (value / 10) as u8, b'0' + (value % 10) as u8];
        value += 1;
    }
    pairs
};

const LOWER: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";

/// `"AA-BB-CC-DD-EE-FF"` (RFC 7042).
pub fn mac_text(mac: [u8; 6]) -> [u8; 19] {
    let mut text = *b"\"00-00-00-00-00-00\"";
    for (index, byte) in mac.into_iter().enumerate() {
        text[1 + index * 3] = UPPER[usize::from(byte >> 4)];
        text[2 + index * 3] = UPPER[usize::from(byte & 15)];
    }
    text
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

    /// A constant text. Up to `WIDE` bytes behind its start are overwritten.
    #[inline]
    pub fn put_name(&mut self, name: &Name) {
        if name.length > WIDE {
            return self.put(&name.long);
        }
        self.bytes[self.at..self.at + WIDE].copy_from_slice(&name.short);
        self.at += name.length;
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
        let pair = |value: u32| PAIRS[value as usize];
        match count {
            0..10 => self.put_text(&[b'0' + count as u8]),
            10..100 => self.put_text(&pair(count)),
            100..1000 => {
                let [tens, ones] = pair(count % 100);
                self.put_text(&[b'0' + (count / 100) as u8, tens, ones])
            }
            1000..10_000 => {
                let ([a, b], [c, d]) = (pair(count / 100), pair(count % 100));
                self.put_text(&[a, b, c, d])
            }
            _ => self.put_text(itoa::Buffer::new().format(count).as_bytes()),
        }
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
        self.put(b"\"");
        if is_plain {
            self.put(text);
        } else {
            for byte in text {
                self.put_escaped(*byte);
            }
        }
        Some(self.put_text(b"\""))
    }

    /// A byte inside a string.
    fn put_escaped(&mut self, byte: u8) {
        match ESCAPES[usize::from(byte)] {
            0 => self.put(&[byte]),
            HEX => {
                self.put(b"\\u00");
                self.put_hex(u64::from(byte), 2);
            }
            letter => self.put(&[b'\\', letter]),
        }
    }

    /// A number that is left out when it is 0.
    pub fn put_some(&mut self, count: u32) -> bool {
        count != 0 && self.put_count(count)
    }

    /// A number in quotes.
    pub fn put_quoted_count(&mut self, count: u32) -> bool {
        self.put(b"\"");
        self.put_count(count);
        self.put_text(b"\"")
    }

    /// A number.
    pub fn put_wide(&mut self, count: u64) -> bool {
        match u32::try_from(count) {
            Ok(count) => self.put_count(count),
            Err(_) => self.put_text(itoa::Buffer::new().format(count).as_bytes()),
        }
    }

    /// An integer.
    pub fn put_whole(&mut self, number: i64) -> bool {
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

    /// Hexadecimal digits, `digits` of them or, for a higher number, more.
    fn put_hex(&mut self, number: u64, digits: usize) {
        let needed = (16 - number.leading_zeros() as usize / 4).max(digits);
        let mut text = [0; 16];
        for (pair, byte) in text
            .as_chunks_mut::<2>()
            .0
            .iter_mut()
            .zip(number.to_be_bytes())
        {
            *pair = HEX_PAIRS[usize::from(byte)];
        }
        self.put(&text[16 - needed..]);
    }

    /// The id of a session: time of its start in 13 digits, flow hash and packet number in 8 each.
    pub fn put_id(&mut self, start_us: f64, hash: u32, packet_number: u32) -> bool {
        self.put(b"\"");
        self.put_hex(start_us as u64, 13);
        self.put_hex(u64::from(hash), 8);
        self.put_hex(u64::from(packet_number), 8);
        self.put_text(b"\"")
    }

    /// An address as text (RFC 5952).
    pub fn put_address(&mut self, version: u32, address: [u8; 16]) -> bool {
        self.put(b"\"");
        if version == 4 {
            let [a, b, c, d, ..] = address;
            self.put_ipv4([a, b, c, d]);
        } else {
            self.put_ipv6(address);
        }
        self.put_text(b"\"")
    }

    fn put_ipv4(&mut self, address: [u8; 4]) {
        for (index, byte) in address.into_iter().enumerate() {
            if index > 0 {
                self.put(b".");
            }
            self.put_count(u32::from(byte));
        }
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
            self.put_hex(u64::from(groups[index]), 1);
            index += 1;
        }
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
    pub fn put_community_id(&mut self, digest: &community_id::Digest) -> bool {
        self.put(b"\"");
        self.put(&community_id::text(digest));
        self.put_text(b"\"")
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

/// Seconds beyond which JavaScript has no date.
const SECONDS_MOST: i64 = 8_640_000_000_000;
const DAY: i64 = 86_400;

/// Writes dates. The last one is kept: records come in the order of time, and so most are of the same day, and many of the same
/// second.
pub struct Dates {
    second: i64,
    day: i64,
    text: [u8; 29],
}

impl Default for Dates {
    fn default() -> Dates {
        Dates {
            second: i64::MIN,
            day: i64::MIN,
            text: *b"\"0000-00-00T00:00:00.000000Z\"",
        }
    }
}

impl Dates {
    /// Microseconds since 1970 as an ISO 8601 string with microseconds, UTC; null for what is no time.
    pub fn put(&mut self, out: &mut Out, time_us: f64) {
        // Not a number, too.
        if time_us.is_nan() || time_us.abs() > SECONDS_MOST as f64 * 1e6 {
            out.put(b"null");
            return;
        }
        let cut = time_us as i64;
        let whole = if cut as f64 > time_us { cut - 1 } else { cut };
        let second = whole.div_euclid(1_000_000);
        if second != self.second && !self.turn_to(second) {
            out.put(odd_date(second).as_bytes());
            return;
        }
        let rest = whole.rem_euclid(1_000_000) as u32;
        self.put_pair(21, rest / 10_000);
        self.put_pair(23, rest / 100 % 100);
        self.put_pair(25, rest % 100);
        out.put(&self.text);
    }

    /// False: its year is not of four digits.
    fn turn_to(&mut self, second: i64) -> bool {
        let day = second.div_euclid(DAY);
        if day != self.day {
            let (year, month, of_month) = civil(day);
            if !(0..=9999).contains(&year) {
                return false;
            }
            self.put_pair(1, year as u32 / 100);
            self.put_pair(3, year as u32 % 100);
            self.put_pair(6, month);
            self.put_pair(9, of_month);
            self.day = day;
        }
        let of_day = second.rem_euclid(DAY) as u32;
        self.put_pair(12, of_day / 3600);
        self.put_pair(15, of_day / 60 % 60);
        self.put_pair(18, of_day % 60);
        self.second = second;
        true
    }

    fn put_pair(&mut self, at: usize, value: u32) {
        self.text[at..at + 2].copy_from_slice(&PAIRS[value as usize]);
    }
}

/// A date with more than four digits in its year, in JavaScript's form.
fn odd_date(second: i64) -> String {
    let (year, month, day) = civil(second.div_euclid(DAY));
    let of_day = second.rem_euclid(DAY);
    let (hours, minutes, seconds) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    let sign = if year < 0 { '-' } else { '+' };
    let year = year.abs();
    format!("\"{sign}{year:06}-{month:02}-{day:02}T{hours:02}:{minutes:02}:{seconds:02}.000Z\"")
}

/// Year, month and day of a day since 1970 in the Gregorian calendar: eras of 400 years, years from March on.
fn civil(days: i64) -> (i64, u32, u32) {
    let from_era = days + 719_468;
    let era = from_era.div_euclid(146_097);
    let of_era = from_era.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    (year, month as u32, day as u32)
}
