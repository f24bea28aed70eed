//! Segments that are made by hand, of one connection. Streams as decoders see them are in `test/session`.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::generated::layout::{packet, side, slot, state, table_desk};
use crate::memory::Memory;
use crate::session_census::SessionCensus;
use crate::session_store::SessionStore;
use crate::session_table::{Session, Side};

const RETRANSMITTED: usize = 0;
const OUT_OF_ORDER: usize = 1;
const OUT_OF_WINDOW: usize = 2;
const IGNORED_RESETS: usize = 3;
const FORGOTTEN_HOLES: usize = 4;
const COUNTERS: usize = 5;

/// A store with one session, and room for the record of a segment.
struct Bench {
    store: SessionStore,
    record: Vec<u64>,
    counters: Vec<u64>,
    _others: [Vec<u64>; 2],
}

fn memory(words: &mut [u64]) -> Memory {
    // SAFETY: u64 are aligned, and a bench keeps what it made until it is done with the memory.
    unsafe { Memory::at(words.as_mut_ptr().cast(), words.len() * 8) }
}

impl Bench {
    fn new() -> Bench {
        let mut sessions = vec![0; slot::WORDS as usize / 2];
        let mut desk = vec![0; table_desk::SIZE / 8];
        let mut counters = vec![0; COUNTERS];
        let mut record = vec![0; packet::SIZE / 8];
        let numbers = TcpCounters {
            retransmitted: Some(RETRANSMITTED as u32),
            out_of_order: Some(OUT_OF_ORDER as u32),
            out_of_window: Some(OUT_OF_WINDOW as u32),
            ignored_resets: Some(IGNORED_RESETS as u32),
            forgotten_holes: Some(FORGOTTEN_HOLES as u32),
        };
        let (table, told) = (memory(&mut sessions), memory(&mut desk));
        let counted = memory(&mut counters);
        let census = SessionCensus::default();
        let mut store = SessionStore::new(table, told, counted, census, numbers);
        assert_eq!(store.table.insert(&memory(&mut record).record(0), 7, 0), 0);
        Bench {
            store,
            record,
            counters,
            _others: [sessions, desk],
        }
    }

    /// Lets `take` see a segment of direction 0, or of 1 with a number of its own.
    fn with<T>(
        &mut self,
        direction: u32,
        flags: u32,
        sequence: i32,
        length: i32,
        take: impl Fn(&mut Tracker, &Segment) -> T,
    ) -> T {
        let at = memory(&mut self.record);
        at.put(packet::KIND & !3, (flags << 24) as i32);
        at.put(packet::TCP_SEQUENCE, sequence);
        at.put(packet::PAYLOAD_WIRE_LENGTH, length);
        let record = at.record(0);
        let session = self.session();
        let segment = Segment {
            record: &record,
            session: &session,
            own: &session.side(direction),
            number: 0,
            direction,
            flags,
        };
        take(&mut self.store.tcp, &segment)
    }

    /// Takes a segment of direction 0 that has no reset.
    fn take(&mut self, flags: u32, sequence: i32, length: i32) -> Taken {
        self.with(0, flags, sequence, length, |tcp, segment| {
            assert_eq!(tcp.begin(segment), Begun::GoesOn);
            tcp.account(segment)
        })
    }

    fn data(&mut self, sequence: i32, length: i32) -> Fit {
        self.take(0, sequence, length).fit
    }

    fn session(&self) -> Session {
        self.store.table.session(0)
    }

    fn own(&self) -> Side {
        self.session().side(0)
    }

    fn bits(&self) -> u32 {
        self.session().word(slot::STATE) as u32
    }

    fn gap_bytes(&self) -> u32 {
        self.store.tcp.gap_bytes(&self.session(), 0, 0)
    }

    fn delivery_start(&self) -> i32 {
        self.store.tcp.delivery_start(&self.session(), 0, 0)
    }

    fn counted(&self, counter: usize) -> f64 {
        f64::from_bits(self.counters[counter])
    }
}

proptest! {
    #[test]
    fn payload_and_gaps_are_those_of_the_set_of_bytes_seen(
        base in any::<i32>(),
        pieces in prop::collection::vec((0i32..400, 2i32..60), 1..60),
    ) {
        let mut bench = Bench::new();
        bench.take(SYN, base.wrapping_sub(1), 0);
        let mut seen = BTreeSet::new();
        let mut top = 0;
        for (from, length) in pieces {
            prop_assert_eq!(bench.data(base.wrapping_add(from), length), Fit::Plain);
            seen.extend(from..from + length);
            top = top.max(from + length);
            let missing = top as usize - seen.len();
            prop_assert_eq!(bench.own().float(side::PAYLOAD), seen.len() as f64);
            prop_assert_eq!(bench.gap_bytes() as usize, missing);
            prop_assert_eq!(bench.own().word(side::TOP), base.wrapping_add(top));
            let lowest = (0..top).find(|number| !seen.contains(number)).unwrap_or(top);
            prop_assert_eq!(bench.delivery_start(), base.wrapping_add(lowest));
            prop_assert_eq!(bench.bits() & state::HOLES_0 != 0, missing > 0);
        }
        bench.store.close(0, 0);
        prop_assert_eq!(bench.bits() & state::HOLES_0, 0);
    }
}

#[test]
fn the_short_way_changes_what_the_long_one_does() {
    for (bits, start) in [(0, 100), (state::HOLES_0, 100)] {
        let words = [true, false].map(|is_short| {
            let mut bench = Bench::new();
            bench.data(100, 0);
            bench
                .session()
                .put(slot::STATE, (bench.bits() | bits) as i32);
            bench.with(0, ACKNOWLEDGEMENT, start, 10, |tcp, segment| {
                if is_short {
                    assert!(segment.next(segment.bits()));
                } else {
                    assert_eq!(tcp.begin(segment), Begun::GoesOn);
                    assert_eq!(tcp.account(segment).fit, Fit::Plain);
                }
            });
            let session = bench.session();
            (0..slot::WORDS)
                .map(|at| session.word(at))
                .collect::<Vec<_>>()
        });
        assert_eq!(words[0], words[1]);
    }
    // What is not next in order is not for it.
    let mut bench = Bench::new();
    bench.data(100, 5);
    for (flags, start) in [
        (ACKNOWLEDGEMENT, 106),
        (0, 105),
        (ACKNOWLEDGEMENT | FIN, 105),
    ] {
        bench.with(0, flags, start, 1, |_, segment| {
            assert!(!segment.next(segment.bits()));
        });
    }
}

#[test]
fn a_stream_that_is_lost_begins_anew_after_some_segments() {
    let mut bench = Bench::new();
    bench.data(0, 10);
    bench.data(20, 10);
    let far = 0x5000_0000;
    for _ in 0..3 {
        assert_eq!(bench.data(far, 10), Fit::OutOfWindow);
    }
    // One that fits begins the count anew.
    assert_eq!(bench.data(30, 10), Fit::Plain);
    for _ in 0..3 {
        assert_eq!(bench.data(far, 10), Fit::OutOfWindow);
    }
    assert_eq!(bench.data(far, 10), Fit::AnchoredAnew);
    assert_eq!(bench.counted(OUT_OF_WINDOW), 6.0);
    assert_eq!(
        (bench.own().word(side::LOW), bench.own().word(side::TOP)),
        (far, far + 10)
    );
    assert_eq!(bench.bits() & state::HOLES_0, 0);
    // What is missing stays so.
    assert_eq!(bench.gap_bytes(), 10);
}

#[test]
fn segments_are_counted_for_what_they_were() {
    let mut bench = Bench::new();
    bench.data(100, 10);
    // All there; one byte below the top asks whether somebody is there.
    bench.data(100, 10);
    bench.data(109, 1);
    assert_eq!(bench.counted(RETRANSMITTED), 1.0);
    bench.data(130, 10);
    bench.data(105, 10);
    assert_eq!((bench.counted(OUT_OF_ORDER), bench.gap_bytes()), (1.0, 15));
    // A SYN that later segments overtook: the stream began before.
    bench.take(SYN, 94, 0);
    assert_eq!((bench.own().word(side::LOW), bench.gap_bytes()), (95, 20));
    bench.take(SYN, 94, 0);
    assert_eq!(bench.own().word(side::RETRANSMITTED), 2);
    // Nor is a keep-alive before all data one.
    bench.data(94, 1);
    assert_eq!((bench.counted(RETRANSMITTED), bench.gap_bytes()), (2.0, 20));
}

#[test]
fn more_holes_than_are_followed_stay_missing() {
    let mut bench = Bench::new();
    for piece in 0..70 {
        bench.data(piece * 10, 5);
    }
    assert_eq!(bench.counted(FORGOTTEN_HOLES), 5.0);
    assert_eq!((bench.gap_bytes(), bench.delivery_start()), (69 * 5, 55));
    bench.data(0, 700);
    assert_eq!(bench.gap_bytes(), 5 * 5);
    assert!(bench.bits() & state::HOLES_0 != 0);
}

#[test]
fn fins_close_and_one_that_was_not_captured_is_no_gap() {
    let mut bench = Bench::new();
    bench.data(0, 10);
    assert!(!bench.take(FIN, 5, 0).closes);
    assert_eq!(bench.bits() & state::FIN_0, 0);
    // An acknowledgement behind the FIN that is missing.
    bench.data(11, 0);
    assert_eq!((bench.own().word(side::MISSING), bench.gap_bytes()), (1, 0));
    assert!(!bench.take(FIN, 10, 0).closes);
    assert_eq!(
        (bench.own().word(side::MISSING), bench.bits() & state::FIN_0),
        (0, state::FIN_0)
    );
    let taken = bench.with(1, FIN, 500, 0, |tcp, segment| tcp.account(segment));
    assert!(taken.closes);
    bench
        .session()
        .put(slot::STATE, (bench.bits() | state::CLOSING) as i32);
    assert!(!bench.take(FIN, 10, 0).closes);
}

#[test]
fn resets_are_believed_inside_the_window() {
    let reset = |bench: &mut Bench, sequence: i32| {
        bench.with(0, RESET, sequence, 0, |tcp, segment| tcp.begin(segment))
    };
    let mut bench = Bench::new();
    bench.data(0, 10);
    assert_eq!(reset(&mut bench, 70_000), Begun::Refused);
    assert_eq!(bench.counted(IGNORED_RESETS), 1.0);
    // The other side has said how much it takes.
    let other = bench.session().side(1);
    other.put(side::ACKED, 10);
    other.put_half(side::WINDOW, 2);
    bench
        .session()
        .put(slot::STATE, (bench.bits() | state::ACKED_1) as i32);
    assert_eq!(reset(&mut bench, 10 + (2 << 14) + 1), Begun::Refused);
    assert_eq!(reset(&mut bench, 8), Begun::Refused);
    assert_eq!(bench.bits() & state::RESET, 0);
    assert_eq!(reset(&mut bench, 10 + (2 << 14)), Begun::Resets);
    assert_ne!(bench.bits() & state::RESET, 0);
    bench
        .session()
        .put(slot::STATE, (bench.bits() | state::CLOSING) as i32);
    assert_eq!(reset(&mut bench, 8), Begun::Nothing);
}

#[test]
fn sides_that_change_places_take_their_holes_along() {
    let mut bench = Bench::new();
    bench.data(0, 10);
    bench.data(20, 10);
    let session = bench.session();
    for word in 0..side::WORDS {
        let (own, other) = (session.side(0), session.side(1));
        let kept = own.word(word);
        own.put(word, other.word(word));
        other.put(word, kept);
    }
    bench.store.tcp.flip(&session, 0);
    let pair = state::HOLES_0 | state::HOLES_1;
    assert_eq!(bench.bits() & pair, state::HOLES_1);
    assert_eq!(bench.store.tcp.delivery_start(&session, 0, 1), 10);
    assert_eq!(bench.store.tcp.gap_bytes(&session, 0, 1), 10);
    assert_eq!(bench.gap_bytes(), 0);
}
