//! Tells of a payload that nobody can want it: no signature fits it and every probe would say no. Asked with conditions that are
//! necessary, which TypeScript gives (`src/decoders/payload-condition.ts`); who may want it after all decides there.

use std::rc::Rc;

use crate::protocol::{SCTP, TCP, UDP};

/// What a number of 16 bits in network order has to be. One that is not all there is as it has to be.
#[derive(Debug, Clone, Copy)]
pub struct WordBound {
    /// Its offset.
    pub at: usize,
    /// At least this.
    pub least: u16,
    /// At most this.
    pub most: u16,
    /// It has to be there.
    pub needed: bool,
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
    /// Of fewer bytes of a stream that are as they have to be, it is known that more are wanted.
    pub waits_below: usize,
    /// What it begins with.
    pub word: Option<FirstWord>,
}

/// A word that a stream may begin with. While there is nothing else, more is wanted; behind a longer word nothing is.
#[derive(Debug, Clone)]
pub struct FirstWord {
    /// What it consists of.
    pub bytes: Vec<u8>,
    /// Most bytes of it.
    pub most: usize,
}

/// Of a transport: who may want its payload.
#[derive(Debug, Clone, Default)]
pub struct TransportConditions {
    /// Signatures, which are asked about the first payload of a side.
    pub names: Vec<Condition>,
    /// Decoders, which are asked until one has the session.
    pub decoders: Vec<Condition>,
}

/// What decoders would say of the first bytes of a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nobody can want them.
    No,
    /// Those who may want them need more.
    Wait,
    /// They have to be asked.
    Asked,
}

/// The number at an offset; none where the payload does not reach it whole.
#[inline(always)]
fn word_at(payload: &[u8], at: usize) -> Option<u16> {
    let bytes = payload.get(at..at + 2)?;
    Some(u16::from_be_bytes([bytes[0], bytes[1]]))
}

#[inline(always)]
fn has_pattern(payload: &[u8], pattern: &[u8], at: usize) -> bool {
    payload.get(at..at + pattern.len()) == Some(pattern)
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
    pub fn may_name(&self, protocol: u32, payload: &[u8], ports: u32) -> bool {
        // Others are not asked about.
        let Some(transport) = transport_of(protocol) else {
            return false;
        };
        let sieves = self.transports.get(transport);
        sieves.is_none_or(|(names, _)| names.passes(payload, ports))
    }

    /// May a decoder's probe say other than no?
    #[inline]
    pub fn may_decode(&self, protocol: u32, payload: &[u8], ports: u32) -> bool {
        self.decoders(protocol)
            .is_none_or(|decoders| decoders.passes(payload, ports))
    }

    /// What decoders say of the first bytes of a TCP direction.
    #[inline]
    pub fn verdict(&self, bytes: &[u8], ports: u32) -> Verdict {
        self.decoders(TCP)
            .map_or(Verdict::Asked, |decoders| decoders.verdict(bytes, ports))
    }

    fn decoders(&self, protocol: u32) -> Option<&Sieve> {
        let transport = transport_of(protocol)?;
        self.transports.get(transport).map(|(_, decoders)| decoders)
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
    waits_below: usize,
    word: Option<Rc<Word>>,
}

#[derive(Debug)]
struct Word {
    has: [bool; 256],
    most: usize,
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
                waits_below: condition.waits_below,
                word: condition.word.as_ref().map(|word| Rc::new(Word::new(word))),
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

    /// What is asked of those conditions whose patterns a payload has.
    #[inline]
    fn asking<'a>(&'a self, payload: &'a [u8]) -> impl Iterator<Item = &'a Rest> {
        let patterns = self.columns.iter().flat_map(move |column| {
            let first = payload.get(column.at);
            let known = first.map_or(&[][..], |first| &column.by_first[usize::from(*first)]);
            known
                .iter()
                .filter(move |pattern| has_pattern(payload, &pattern.bytes, column.at))
                .map(|pattern| &pattern.rest)
        });
        patterns.chain(&self.others)
    }

    /// Does a payload fulfil one of the conditions?
    fn passes(&self, payload: &[u8], ports: u32) -> bool {
        self.asking(payload).any(|rest| rest.passes(payload, ports))
    }

    fn verdict(&self, bytes: &[u8], ports: u32) -> Verdict {
        let mut verdict = Verdict::No;
        for rest in self.asking(bytes) {
            if !rest.passes(bytes, ports) {
                continue;
            }
            if !rest.waits(bytes) {
                return Verdict::Asked;
            }
            verdict = Verdict::Wait;
        }
        verdict
    }
}

impl Rest {
    #[inline]
    fn passes(&self, payload: &[u8], ports: u32) -> bool {
        payload.len() >= self.least
            && self
                .ports
                .as_deref()
                .is_none_or(|wanted| has_port(wanted, ports))
            && (self.forms.is_empty() || self.forms.iter().any(|form| has_form(payload, form)))
            && self
                .word
                .as_ref()
                .is_none_or(|word| word.length(payload) <= word.most)
    }

    /// Is it known of a payload that passes that more is wanted?
    fn waits(&self, payload: &[u8]) -> bool {
        payload.len() < self.waits_below
            || self
                .word
                .as_ref()
                .is_some_and(|word| word.length(payload) == payload.len())
    }
}

impl Word {
    fn new(FirstWord { bytes, most }: &FirstWord) -> Word {
        let mut has = [false; 256];
        for byte in bytes {
            has[usize::from(*byte)] = true;
        }
        Word { has, most: *most }
    }

    /// Bytes of it that a payload begins with, as far as it matters.
    fn length(&self, payload: &[u8]) -> usize {
        let looked_at = payload.iter().take(self.most + 1);
        looked_at
            .take_while(|byte| self.has[usize::from(**byte)])
            .count()
    }
}

/// Is the server's port one of these, or the client's where that is not the higher one?
#[inline]
fn has_port(wanted: &[u16], ports: u32) -> bool {
    let (client, server) = (ports as u16, (ports >> 16) as u16);
    wanted.contains(&server) || client <= server && wanted.contains(&client)
}

#[inline]
fn has_form(payload: &[u8], form: &[WordBound]) -> bool {
    form.iter().all(|bound| {
        let word = word_at(payload, bound.at);
        word.map_or(!bound.needed, |word| {
            (bound.least..=bound.most).contains(&word)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Client 40000, server 80.
    const PORTS: u32 = 80 << 16 | 40_000;

    /// What a TCP payload is to names and to decoders, when both have these conditions.
    fn passes(conditions: &[Condition], payload: &[u8], ports: u32) -> bool {
        let screen = Screen::new(&[TransportConditions {
            names: conditions.to_vec(),
            decoders: conditions.to_vec(),
        }]);
        let named = screen.may_name(TCP, payload, ports);
        assert_eq!(named, screen.may_decode(TCP, payload, ports));
        let verdict = screen.verdict(payload, ports);
        assert_eq!(named, verdict == Verdict::Asked);
        assert_eq!(!named, verdict == Verdict::No);
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
        WordBound {
            at,
            least,
            most,
            needed: false,
        }
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
    fn behind_a_word_there_is_something_else_or_more_to_come() {
        let word = FirstWord {
            bytes: b"GETx".to_vec(),
            most: 4,
        };
        let condition = Condition {
            word: Some(word),
            ..Condition::default()
        };
        let screen = Screen::new(&[TransportConditions {
            decoders: vec![condition],
            ..TransportConditions::default()
        }]);
        for (payload, verdict) in [
            (&b"G"[..], Verdict::Wait),
            (b"GETx", Verdict::Wait),
            (b"GETxx", Verdict::No),
            (b"GETxx /", Verdict::No),
            (b"GET ", Verdict::Asked),
            (b"\r\nGET", Verdict::Asked),
        ] {
            assert_eq!(screen.verdict(payload, PORTS), verdict, "{payload:?}");
            assert_eq!(
                screen.may_decode(TCP, payload, PORTS),
                verdict != Verdict::No
            );
        }
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
        let needed = WordBound {
            needed: true,
            ..bound(2, 0, 64)
        };
        let all = [forms(&[&[bound(0, 12, 0xffff), needed]])];
        assert!(passes(&all, &[0, 12, 0, 64], PORTS));
        assert!(!passes(&all, &[0, 12, 0, 65], PORTS));
        assert!(!passes(&all, &[0, 12, 0], PORTS));
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
        let payload = [0; 16];
        let screen = Screen::new(&[TransportConditions::default()]);
        assert!(!screen.may_name(TCP, &payload, PORTS) && !screen.may_decode(TCP, &payload, PORTS));
        assert!(screen.may_name(UDP, &payload, PORTS) && screen.may_decode(SCTP, &payload, PORTS));
        assert_eq!(screen.verdict(&payload, PORTS), Verdict::No);
        assert_eq!(Screen::default().verdict(&payload, PORTS), Verdict::Asked);
        // Protocols that are told by number have no names.
        assert!(!screen.may_name(1, &payload, PORTS) && screen.may_decode(1, &payload, PORTS));
    }

    #[test]
    fn bytes_wait_for_more_where_all_who_may_want_them_do() {
        let waiting = |pattern: &[u8], waits_below| Condition {
            waits_below,
            ..patterns(0, &[pattern])
        };
        let verdict = |conditions: &[Condition], payload: &[u8]| {
            let transport = TransportConditions {
                names: Vec::new(),
                decoders: conditions.to_vec(),
            };
            Screen::new(&[transport]).verdict(payload, PORTS)
        };
        let both = [waiting(b"a", 3), waiting(b"ab", 4)];
        assert_eq!(verdict(&both, b"b"), Verdict::No);
        assert_eq!(verdict(&both, b"a"), Verdict::Wait);
        assert_eq!(verdict(&both, b"ab"), Verdict::Wait);
        assert_eq!(verdict(&both, b"abc"), Verdict::Asked);
        assert_eq!(verdict(&both[1..], b"abc"), Verdict::Wait);
        assert_eq!(verdict(&both[1..], b"abcd"), Verdict::Asked);
        // One who may want them and is not known to wait.
        assert_eq!(
            verdict(&[waiting(b"a", 3), waiting(b"a", 0)], b"a"),
            Verdict::Asked
        );
        // What is not as it has to be is not waited for.
        let formed = [Condition {
            forms: vec![vec![bound(0, 7, 7)]],
            waits_below: 6,
            ..Condition::default()
        }];
        assert_eq!(verdict(&formed, &[0]), Verdict::Wait);
        assert_eq!(verdict(&formed, &[0, 7, 1]), Verdict::Wait);
        assert_eq!(verdict(&formed, &[0, 8, 1]), Verdict::No);
    }
}
