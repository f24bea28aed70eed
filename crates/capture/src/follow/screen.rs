//! Tells of a payload that nobody can want it: no signature fits it and every probe would say no. Asked with conditions that are
//! necessary, which TypeScript gives (`src/decoders/payload-condition.ts`); who may want it after all decides there.

use super::{SCTP, TCP, UDP};
use crate::memory::Memory;

/// What a number of 16 bits in network order has to be. One that is not all there is as it has to be.
#[derive(Debug, Clone, Copy)]
pub struct WordBound {
    /// Its offset.
    pub at: usize,
    /// At least this.
    pub least: u16,
    /// At most this.
    pub most: u16,
}

/// What a payload has to be like for one signature or one decoder; each part of it is necessary.
#[derive(Debug, Clone, Default)]
pub struct Condition {
    /// Fewest bytes.
    pub least: usize,
    /// One of these is the server's port, or the client's when that is not the higher one. None: any.
    pub ports: Option<Vec<u16>>,
    /// Offset of the patterns.
    pub at: usize,
    /// One of these stands there. None: anything.
    pub patterns: Option<Vec<Vec<u8>>>,
    /// Forms of its head, one of which it has. None of them: any.
    pub forms: Vec<Vec<WordBound>>,
}

/// Of a transport: who may want its payload.
#[derive(Debug, Clone, Default)]
pub struct TransportConditions {
    /// Signatures, which are asked about the first payload of a side.
    pub names: Vec<Condition>,
    /// Decoders, which are asked until one has the session.
    pub decoders: Vec<Condition>,
}

/// A payload where it lies.
pub struct Payload<'a> {
    memory: &'a Memory,
    from: usize,
    bytes: usize,
}

impl<'a> Payload<'a> {
    /// `bytes` bytes from `from` on; none when they are not all there.
    #[inline(always)]
    pub fn at(memory: &'a Memory, from: usize, bytes: usize) -> Option<Payload<'a>> {
        let is_inside = from <= memory.bytes() && bytes <= memory.bytes() - from;
        is_inside.then_some(Payload {
            memory,
            from,
            bytes,
        })
    }

    #[inline(always)]
    fn byte(&self, at: usize) -> Option<u8> {
        (at < self.bytes).then(|| self.memory.byte(self.from + at))
    }

    #[inline(always)]
    fn word(&self, at: usize) -> Option<u16> {
        let low = self.byte(at + 1)?;
        Some(u16::from_be_bytes([self.byte(at)?, low]))
    }

    #[inline(always)]
    fn has(&self, pattern: &[u8], at: usize) -> bool {
        at + pattern.len() <= self.bytes
            && pattern
                .iter()
                .enumerate()
                .all(|(index, wanted)| self.byte(at + index) == Some(*wanted))
    }
}

/// Conditions of all who may want the payload of a transport.
#[derive(Debug, Clone, Default)]
pub struct Screen {
    /// TCP, UDP, SCTP; where there is nothing everything is wanted.
    transports: Vec<(Sieve, Sieve)>,
}

impl Screen {
    /// `transports`: TCP, UDP, SCTP.
    pub fn new(transports: &[TransportConditions]) -> Screen {
        let sieves =
            |each: &TransportConditions| (Sieve::new(&each.names), Sieve::new(&each.decoders));
        Screen {
            transports: transports.iter().map(sieves).collect(),
        }
    }

    /// May a signature fit? `ports`: `slot.ports`.
    #[inline]
    pub fn may_name(&self, protocol: u32, payload: &Payload, ports: u32) -> bool {
        // Others are not asked about.
        let Some(transport) = transport_of(protocol) else {
            return false;
        };
        let sieves = self.transports.get(transport);
        sieves.is_none_or(|(names, _)| names.passes(payload, ports))
    }

    /// May a decoder's probe say other than no?
    #[inline]
    pub fn may_decode(&self, protocol: u32, payload: &Payload, ports: u32) -> bool {
        let sieves = transport_of(protocol).and_then(|transport| self.transports.get(transport));
        sieves.is_none_or(|(_, decoders)| decoders.passes(payload, ports))
    }
}

fn transport_of(protocol: u32) -> Option<usize> {
    [TCP, UDP, SCTP].iter().position(|each| *each == protocol)
}

/// Conditions, those with patterns by the byte that these begin with.
#[derive(Debug, Clone, Default)]
struct Sieve {
    columns: Vec<Column>,
    /// Conditions without patterns.
    others: Vec<Rest>,
}

/// Patterns that begin at one offset, by their first byte.
#[derive(Debug, Clone)]
struct Column {
    at: usize,
    by_first: Vec<Vec<Pattern>>,
}

#[derive(Debug, Clone)]
struct Pattern {
    bytes: Box<[u8]>,
    rest: Rest,
}

/// What a condition asks beside its patterns.
#[derive(Debug, Clone)]
struct Rest {
    least: usize,
    ports: Option<Box<[u16]>>,
    forms: Box<[Box<[WordBound]>]>,
}

impl Sieve {
    fn new(conditions: &[Condition]) -> Sieve {
        let mut sieve = Sieve::default();
        for condition in conditions {
            let forms = condition.forms.iter().map(|form| form.as_slice().into());
            let rest = Rest {
                least: condition.least,
                ports: condition.ports.as_deref().map(Box::from),
                forms: forms.collect(),
            };
            let Some(patterns) = &condition.patterns else {
                sieve.others.push(rest);
                continue;
            };
            let column = sieve.column(condition.at);
            for bytes in patterns {
                let Some(first) = bytes.first() else { continue };
                column.by_first[usize::from(*first)].push(Pattern {
                    bytes: bytes.as_slice().into(),
                    rest: rest.clone(),
                });
            }
        }
        sieve
    }

    fn column(&mut self, at: usize) -> &mut Column {
        let known = self.columns.iter().position(|column| column.at == at);
        let index = known.unwrap_or(self.columns.len());
        if index == self.columns.len() {
            self.columns.push(Column {
                at,
                by_first: vec![Vec::new(); 256],
            });
        }
        &mut self.columns[index]
    }

    /// Does a payload fulfil one of the conditions?
    fn passes(&self, payload: &Payload, ports: u32) -> bool {
        let fits = |column: &Column| {
            payload.byte(column.at).is_some_and(|first| {
                column.by_first[usize::from(first)].iter().any(|pattern| {
                    payload.has(&pattern.bytes, column.at) && pattern.rest.passes(payload, ports)
                })
            })
        };
        self.columns.iter().any(fits) || self.others.iter().any(|rest| rest.passes(payload, ports))
    }
}

impl Rest {
    #[inline]
    fn passes(&self, payload: &Payload, ports: u32) -> bool {
        payload.bytes >= self.least
            && self
                .ports
                .as_deref()
                .is_none_or(|wanted| has_port(wanted, ports))
            && (self.forms.is_empty() || self.forms.iter().any(|form| has_form(payload, form)))
    }
}

/// Is the server's port one of these, or the client's where that is not the higher one?
#[inline]
fn has_port(wanted: &[u16], ports: u32) -> bool {
    let (client, server) = (ports as u16, (ports >> 16) as u16);
    wanted.contains(&server) || client <= server && wanted.contains(&client)
}

#[inline]
fn has_form(payload: &Payload, form: &[WordBound]) -> bool {
    form.iter().all(|bound| {
        let word = payload.word(bound.at);
        word.is_none_or(|word| (bound.least..=bound.most).contains(&word))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Client 40000, server 80.
    const PORTS: u32 = 80 << 16 | 40_000;

    /// What a TCP payload is to names and to decoders, when both have these conditions.
    fn passes(conditions: &[Condition], payload: &[u8], ports: u32) -> bool {
        // Not at the start of its memory, and other bytes behind it.
        let mut words = vec![u64::MAX; payload.len() / 8 + 4];
        // SAFETY: u64 are aligned, and outlive the memory.
        let memory = unsafe { Memory::at(words.as_mut_ptr().cast(), words.len() * 8) };
        for (at, byte) in payload.iter().enumerate() {
            let kept = memory.get(at + 5) as u32 & !0xff;
            memory.put(at + 5, (kept | u32::from(*byte)) as i32);
        }
        let payload = Payload::at(&memory, 5, payload.len()).expect("inside");
        let screen = Screen::new(&[TransportConditions {
            names: conditions.to_vec(),
            decoders: conditions.to_vec(),
        }]);
        let named = screen.may_name(TCP, &payload, ports);
        assert_eq!(named, screen.may_decode(TCP, &payload, ports));
        named
    }

    fn patterns(at: usize, patterns: &[&[u8]]) -> Condition {
        Condition {
            at,
            patterns: Some(patterns.iter().map(|each| each.to_vec()).collect()),
            ..Condition::default()
        }
    }

    fn bound(at: usize, least: u16, most: u16) -> WordBound {
        WordBound { at, least, most }
    }

    #[test]
    fn patterns_are_compared_whole_and_at_their_offset() {
        let conditions = [patterns(0, &[b"SSH-", b"S"]), patterns(4, &[b"upload"])];
        assert!(passes(&conditions, b"SSH-2.0", PORTS));
        assert!(passes(&conditions, b"Sing", PORTS));
        assert!(passes(&conditions, b"0033upload-pack", PORTS));
        assert!(!passes(&conditions, b"0033uploa", PORTS));
        assert!(!passes(&conditions, b"upload", PORTS));
        assert!(!passes(&conditions, b"", PORTS));
        assert!(!passes(&[patterns(0, &[b"SSH-"])], b"SSH", PORTS));
        // Bytes behind the payload are not its own.
        assert!(!passes(&[patterns(0, &[b"SSH\xff"])], b"SSH", PORTS));
    }

    #[test]
    fn nobody_is_not_anybody() {
        assert!(!passes(&[], b"anything", PORTS));
        assert!(!passes(&[patterns(0, &[])], b"anything", PORTS));
        assert!(passes(&[Condition::default()], b"anything", PORTS));
        assert!(passes(&[Condition::default()], b"", PORTS));
    }

    #[test]
    fn the_port_is_the_servers_or_the_lower_one_of_the_client() {
        let ports = Condition {
            ports: Some(vec![80, 443]),
            ..Condition::default()
        };
        for (client, server, is_one) in [
            (40_000, 80, true),
            (40_000, 443, true),
            (40_000, 81, false),
            (80, 40_000, true),
            (443, 443, true),
            (443, 79, false),
        ] {
            let both = server << 16 | client;
            assert_eq!(passes(std::slice::from_ref(&ports), b"x", both), is_one);
        }
    }

    #[test]
    fn a_form_holds_as_far_as_the_payload_goes() {
        let forms = |forms: &[&[WordBound]]| Condition {
            forms: forms.iter().map(|form| form.to_vec()).collect(),
            ..Condition::default()
        };
        let one = [forms(&[&[bound(0, 12, 0xffff), bound(2, 0, 64)]])];
        assert!(passes(&one, &[0, 12, 0, 64], PORTS));
        assert!(!passes(&one, &[0, 11, 0, 64], PORTS));
        assert!(!passes(&one, &[0, 12, 0, 65], PORTS));
        assert!(!passes(&one, &[0, 12, 1, 0], PORTS));
        // Half a number says nothing.
        assert!(passes(&one, &[0, 12, 1], PORTS));
        assert!(passes(&one, &[0], PORTS));
        let either = [forms(&[&[bound(0, 7, 7)], &[bound(0, 9, 9)]])];
        assert!(passes(&either, &[0, 9], PORTS));
        assert!(!passes(&either, &[0, 8], PORTS));
    }

    #[test]
    fn all_parts_of_a_condition_are_necessary() {
        let whole = Condition {
            least: 6,
            ports: Some(vec![80]),
            forms: vec![vec![bound(2, 0, 9)]],
            ..patterns(0, &[b"ab"])
        };
        let only = std::slice::from_ref(&whole);
        assert!(passes(only, b"ab\x00\x09ef", PORTS));
        assert!(!passes(only, b"ab\x00\x09e", PORTS));
        assert!(!passes(only, b"ab\x00\x0aef", PORTS));
        assert!(!passes(only, b"ac\x00\x09ef", PORTS));
        assert!(!passes(only, b"ab\x00\x09ef", 81 << 16 | 40_000));
    }

    #[test]
    fn transports_of_which_nothing_is_known_are_wanted() {
        let mut words = [0_u64; 2];
        // SAFETY: u64 are aligned, and outlive the memory.
        let memory = unsafe { Memory::at(words.as_mut_ptr().cast(), 16) };
        let payload = Payload::at(&memory, 0, 16).expect("inside");
        let screen = Screen::new(&[TransportConditions::default()]);
        assert!(!screen.may_name(TCP, &payload, PORTS) && !screen.may_decode(TCP, &payload, PORTS));
        assert!(screen.may_name(UDP, &payload, PORTS) && screen.may_decode(SCTP, &payload, PORTS));
        // Protocols that are told by number have no names.
        assert!(!screen.may_name(1, &payload, PORTS) && screen.may_decode(1, &payload, PORTS));
        assert!(Payload::at(&memory, 1, 16).is_none());
    }
}
