//! Sessions that are over, ended many at a time: their records are written one behind the other, their numbers given back, and
//! both counted. Only sessions of which nothing is kept elsewhere but notes; the others are named one by one, for TypeScript to end
//! (`src/session/session-engine.ts`), so all end in the same order.
//!
//! Runs on the packet worker's thread, during a call.

use crate::generated::layout::{probing, slot, state};
use crate::memory::Memory;
use crate::protocol::TCP;
use crate::session_store::SessionStore;
use crate::session_table::Session;
use crate::tcp::Tracker;

/// Lists of protocols that sessions of a run may have.
pub const LISTS_MOST: usize = 16;
/// Sessions of a run of which something is noted.
pub const NOTED_MOST: usize = 64;

/// Why sessions end here, by their numbers among all reasons.
#[derive(Debug, Clone, Copy)]
pub struct Reasons {
    /// Both sides have closed the connection.
    pub fin: u32,
    /// One side has reset it.
    pub reset: u32,
    /// The idle time is over.
    pub timeout: u32,
    /// The sources have ended.
    pub stopped: u32,
}

/// Which sessions are to be ended.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Which {
    /// Those that the timer wheel has.
    Due,
    /// All from a number on, when the sources have ended at a clock.
    All {
        /// The number.
        from: u32,
        /// The clock.
        clock_us: f64,
    },
}

/// The end of a session, for its record.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct End {
    /// Number of the session.
    pub session: u32,
    /// Why it ends.
    pub reason: u32,
    /// Logical time of the end.
    pub event_us: f64,
    /// Stream bytes that were never seen, by direction.
    pub gap_bytes: [u32; 2],
    /// Where what is noted of it begins; 0 nothing.
    pub notes: u32,
}

/// Writes records of sessions, one behind the other.
pub trait Records {
    /// Writes one; its bytes, or none where there is no room for it.
    fn write(&mut self, session: &Session, end: &End) -> Option<u32>;
}

/// How far a run came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// No session is left.
    Nothing,
    /// There is no room left.
    Room,
    /// This session has to be ended otherwise.
    At(u32),
}

/// What a run has done.
#[derive(Debug, Clone)]
pub struct Run {
    /// Why it stopped.
    pub stop: Stop,
    /// The number to go on with, where all sessions are ended.
    pub from: u32,
    /// Sessions that were ended, which are records that were written.
    pub records: u32,
    /// Bytes of those.
    pub bytes: u32,
    lists: [(u32, u32); LISTS_MOST],
    different: usize,
    noted: [u32; NOTED_MOST],
    noted_count: usize,
}

impl Run {
    /// By list of protocols: how many sessions.
    pub fn lists(&self) -> &[(u32, u32)] {
        &self.lists[..self.different]
    }

    /// Of those that were ended, all of which something is noted: that is to be given back.
    pub fn noted(&self) -> &[u32] {
        &self.noted[..self.noted_count]
    }

    /// Where sessions with this list are counted; none: there are too many different ones.
    fn place_of(&self, list: u32) -> Option<usize> {
        let known = self.lists().iter().rposition(|(known, _)| *known == list);
        known.or_else(|| (self.different < LISTS_MOST).then_some(self.different))
    }

    fn count(&mut self, place: usize, list: u32, bytes: u32, end: &End) {
        self.records += 1;
        self.bytes += bytes;
        self.different = self.different.max(place + 1);
        self.lists[place] = (list, self.lists[place].1 + 1);
        if end.notes != 0 {
            self.noted[self.noted_count] = end.session;
            self.noted_count += 1;
        }
    }
}

/// Ends sessions of one packet worker.
pub struct Closing {
    reasons: Reasons,
    /// By session: where what is noted of it begins, 0 nothing.
    notes: Memory,
    /// Taken out of the wheel, when there was no room for its record.
    pending: Option<u32>,
}

impl Closing {
    /// `notes`: a word a session.
    pub fn new(reasons: Reasons, notes: Memory) -> Closing {
        Closing {
            reasons,
            notes,
            pending: None,
        }
    }

    /// Ends sessions until one has to be ended otherwise, there is no room, or none is left. One of which the record does not fit
    /// though it would be the first is one to be ended otherwise. `with_notes`: what is noted of a session may be written.
    pub fn run(
        &mut self,
        store: &mut SessionStore,
        which: Which,
        with_notes: bool,
        records: &mut impl Records,
    ) -> Run {
        let mut run = Run {
            stop: Stop::Nothing,
            from: match which {
                Which::Due => 0,
                Which::All { from, .. } => from,
            },
            records: 0,
            bytes: 0,
            lists: [(0, 0); LISTS_MOST],
            different: 0,
            noted: [0; NOTED_MOST],
            noted_count: 0,
        };
        while let Some(number) = self.next(store, which, &mut run.from) {
            let session = store.table.session(number);
            let bits = session.word(slot::STATE) as u32;
            let notes = self.notes_of(number, bits);
            // Others have something elsewhere than in their slot.
            let is_alone = bits & (state::FLOW | state::RESTING | state::TUNNELS) == 0;
            if !is_alone || notes != 0 && !with_notes {
                run.stop = Stop::At(number);
                break;
            }
            let list = session.word(slot::PROBING) as u32 >> probing::LIST_SHIFT;
            let end = End {
                notes,
                ..self.end(&store.tcp, &session, number, which)
            };
            let has_place = notes == 0 || run.noted_count < NOTED_MOST;
            let place = run.place_of(list).filter(|_| has_place);
            let written = place.and_then(|place| Some((place, records.write(&session, &end)?)));
            let Some((place, bytes)) = written else {
                if run.records == 0 {
                    run.stop = Stop::At(number);
                } else {
                    run.stop = Stop::Room;
                    self.keep(number, which, &mut run.from);
                }
                break;
            };
            run.count(place, list, bytes, &end);
            store.close(number, end.reason);
        }
        run
    }

    /// The next session that is over.
    fn next(&mut self, store: &mut SessionStore, which: Which, from: &mut u32) -> Option<u32> {
        if let Some(number) = self.pending.take() {
            return Some(number);
        }
        if which == Which::Due {
            return store.wheel.take_due(store.table.sessions());
        }
        while *from < store.table.high_water() {
            let number = *from;
            *from += 1;
            if store.table.session(number).word(slot::BUCKET) >= 0 {
                return Some(number);
            }
        }
        None
    }

    /// The session comes first in the next run.
    fn keep(&mut self, number: u32, which: Which, from: &mut u32) {
        if which == Which::Due {
            self.pending = Some(number);
        } else {
            *from = number;
        }
    }

    /// Where what is noted of the session begins; 0 nothing.
    fn notes_of(&self, number: u32, bits: u32) -> u32 {
        if bits & (state::DECODED | state::NOTED) == 0 {
            return 0;
        }
        self.notes.get(number as usize * 4) as u32
    }

    fn end(&self, tcp: &Tracker, session: &Session, number: u32, which: Which) -> End {
        let bits = session.word(slot::STATE) as u32;
        let reasons = &self.reasons;
        let idle_us = f64::from(session.word(slot::IDLE_MS)) * 1000.0;
        let deadline_us = session.float(slot::CLOCK_US) + idle_us;
        let (event_us, reason) = match which {
            // After everything that ended by itself, in every run.
            Which::All { clock_us, .. } if deadline_us >= clock_us => (LAST_US, reasons.stopped),
            _ => (deadline_us, reasons.timeout),
        };
        let reason = if bits & state::CLOSING == 0 {
            reason
        } else if bits & state::RESET != 0 {
            reasons.reset
        } else {
            reasons.fin
        };
        let is_tcp = session.protocol() == TCP;
        let gap_bytes = [0, 1].map(|direction| {
            if is_tcp {
                tcp.gap_bytes(session, number, direction)
            } else {
                0
            }
        });
        End {
            session: number,
            reason,
            event_us,
            gap_bytes,
            notes: 0,
        }
    }
}

/// Behind every other time: the largest whole number that a JavaScript number tells from the next.
const LAST_US: f64 = 9_007_199_254_740_991.0;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generated::layout::{packet, side, table_desk};
    use crate::recognition::{KeptBytes, KeptCounters, Recognition, Screen, WaitingSegments};
    use crate::session_census::SessionCensus;
    use crate::tcp::TcpCounters;

    const SESSIONS: usize = 32;
    const CLOSED: u32 = 0;
    const ACTIVE: u32 = 8;
    const ALL: u32 = 9;
    const CLOSING: u32 = 10;
    const REASONS: Reasons = Reasons {
        fin: 0,
        reset: 1,
        timeout: 2,
        stopped: 3,
    };

    fn memory(words: &mut [u64]) -> Memory {
        // SAFETY: u64 are aligned, and a bench keeps what it made until it is done with the memory.
        unsafe { Memory::at(words.as_mut_ptr().cast(), words.len() * 8) }
    }

    /// Room for a few records, and what was written.
    struct Paper {
        room: usize,
        ends: Vec<End>,
    }

    impl Records for Paper {
        fn write(&mut self, _session: &Session, end: &End) -> Option<u32> {
            self.room = self.room.checked_sub(1)?;
            self.ends.push(*end);
            Some(100)
        }
    }

    struct Bench {
        store: SessionStore,
        closing: Closing,
        record: Vec<u64>,
        counters: Vec<u64>,
        notes: Vec<u64>,
        _others: [Vec<u64>; 2],
    }

    impl Bench {
        fn new() -> Bench {
            let mut sessions = vec![0; SESSIONS * slot::WORDS as usize / 2];
            let mut desk = vec![0; table_desk::SIZE / 8];
            let mut counters = vec![0; 16];
            let mut notes = vec![0; SESSIONS / 2];
            let (table, told) = (memory(&mut sessions), memory(&mut desk));
            let census = SessionCensus {
                opened: Vec::new(),
                active: vec![ACTIVE; 256],
                all: Some(ALL),
                closing: Some(CLOSING),
                closed: (CLOSED..CLOSED + 4).map(Some).collect(),
            };
            let mut store = SessionStore::new(
                table,
                told,
                memory(&mut counters),
                census,
                TcpCounters::default(),
            );
            store.wheel.start(0.0);
            Bench {
                store,
                closing: Closing::new(REASONS, memory(&mut notes)),
                record: vec![0; packet::SIZE / 8],
                counters,
                notes,
                _others: [sessions, desk],
            }
        }

        /// A session of TCP that was last heard of at a clock, and may be idle for a second.
        fn open(&mut self, clock_us: f64, bits: u32) -> u32 {
            let record = memory(&mut self.record).record(0);
            let number = self.store.table.insert(&record, 7, 0);
            let session = self.store.table.session(number);
            session.put_float(slot::CLOCK_US, clock_us);
            session.put(slot::IDLE_MS, 1000);
            session.put(slot::STATE, bits as i32);
            session.put(slot::PROTOCOL, (4 << 8 | TCP << 16) as i32);
            self.store.wheel.link(self.store.table.sessions(), number);
            number
        }

        fn run(&mut self, which: Which, room: usize) -> (Run, Vec<End>) {
            self.run_with(which, room, false)
        }

        fn run_with(&mut self, which: Which, room: usize, notes: bool) -> (Run, Vec<End>) {
            let mut paper = Paper {
                room,
                ends: Vec::new(),
            };
            let run = self.closing.run(&mut self.store, which, notes, &mut paper);
            (run, paper.ends)
        }

        fn counter(&self, counter: u32) -> f64 {
            f64::from_bits(self.counters[counter as usize])
        }
    }

    fn numbers(ends: &[End]) -> Vec<u32> {
        ends.iter().map(|end| end.session).collect()
    }

    #[test]
    fn those_that_are_due_end_for_their_reasons() {
        let mut bench = Bench::new();
        bench.open(0.0, 0);
        bench.open(1.0, state::CLOSING);
        bench.open(2.0, state::CLOSING | state::RESET);
        bench.open(5e6, 0);
        bench.store.wheel.advance(3e6);
        let (run, mut ends) = bench.run(Which::Due, 9);
        ends.sort_by_key(|end| end.session);
        let told: Vec<_> = ends.iter().map(|end| (end.reason, end.event_us)).collect();
        assert_eq!(told, [(2, 1e6), (0, 1_000_001.0), (1, 1_000_002.0)]);
        assert_eq!(
            (run.stop, run.records, run.bytes, run.lists()),
            (Stop::Nothing, 3, 300, &[(0, 3)][..])
        );
        assert_eq!(bench.store.table.size(), 1);
        let counts = [0, 1, 2, 3, ACTIVE, ALL, CLOSING].map(|counter| bench.counter(counter));
        assert_eq!(counts, [1.0, 1.0, 1.0, 0.0, -3.0, -3.0, -2.0]);
    }

    #[test]
    fn all_end_with_the_sources_and_those_still_open_last() {
        let mut bench = Bench::new();
        bench.open(0.0, 0);
        bench.open(5e6, 0);
        bench.open(5e6, state::CLOSING);
        bench.store.table.empty();
        let which = Which::All {
            from: 0,
            clock_us: 5.5e6,
        };
        let (run, ends) = bench.run(which, 9);
        let told: Vec<_> = ends.iter().map(|end| (end.reason, end.event_us)).collect();
        assert_eq!(told, [(2, 1e6), (3, LAST_US), (0, LAST_US)]);
        assert_eq!((run.stop, bench.store.table.size()), (Stop::Nothing, 0));
    }

    #[test]
    fn one_of_which_something_is_kept_elsewhere_is_named_in_its_turn() {
        let mut bench = Bench::new();
        let all = [
            bench.open(0.0, 0),
            bench.open(0.0, state::FLOW),
            bench.open(0.0, state::RESTING),
            bench.open(0.0, state::TUNNELS),
            bench.open(0.0, state::NOTED),
            bench.open(0.0, state::DECODED),
            bench.open(0.0, state::WANTED),
        ];
        memory(&mut bench.notes).put(all[4] as usize * 4, 1);
        bench.store.table.empty();
        let mut named = Vec::new();
        let mut ended = Vec::new();
        let mut from = 0;
        loop {
            let which = Which::All {
                from,
                clock_us: 0.0,
            };
            let (run, ends) = bench.run(which, 9);
            ended.extend(numbers(&ends));
            match run.stop {
                Stop::At(number) => named.push(number),
                stop => break assert_eq!(stop, Stop::Nothing),
            }
            from = run.from;
        }
        assert_eq!(named, [all[1], all[2], all[3], all[4]]);
        assert_eq!(ended, [all[0], all[5], all[6]]);
    }

    #[test]
    fn what_is_kept_of_undecided_sides_goes_with_their_session() {
        let mut bench = Bench::new();
        let mut places = vec![0; SESSIONS];
        let kept = KeptBytes::new(
            256,
            64,
            memory(&mut places),
            Memory::none(),
            KeptCounters::default(),
        );
        let waiting = WaitingSegments::default();
        bench.store.recognition = Recognition::new(Screen::default(), kept, waiting);
        let direction = bench.open(0.0, state::WANTED) * 2 + 1;
        assert!(bench.store.recognition.kept.add(direction, b"w", 0, 0.0));
        bench.store.wheel.advance(3e6);
        assert_eq!(bench.run(Which::Due, 9).1.len(), 1);
        // There is room for one block.
        assert!(bench.store.recognition.kept.of(direction).is_none());
        assert!(bench.store.recognition.kept.add(direction, b"w", 0, 0.0));
    }

    #[test]
    fn without_room_the_next_run_goes_on_with_the_same_session() {
        let mut bench = Bench::new();
        for _ in 0..3 {
            bench.open(0.0, 0);
        }
        bench.store.wheel.advance(3e6);
        let (run, first) = bench.run(Which::Due, 2);
        assert_eq!((run.stop, run.records), (Stop::Room, 2));
        // Not even room for one: it is to be ended otherwise.
        let (run, none) = bench.run(Which::Due, 0);
        let Stop::At(last) = run.stop else {
            panic!("{run:?}");
        };
        assert!(none.is_empty() && !numbers(&first).contains(&last));
        bench.store.close(last, REASONS.timeout);
        let (run, _) = bench.run(Which::Due, 9);
        assert_eq!((run.stop, bench.store.table.size()), (Stop::Nothing, 0));
    }

    #[test]
    fn too_many_lists_of_protocols_end_a_run() {
        let mut bench = Bench::new();
        for list in 0..LISTS_MOST + 2 {
            let number = bench.open(0.0, 0);
            let session = bench.store.table.session(number);
            session.put(slot::PROBING, (list << probing::LIST_SHIFT) as i32);
        }
        let which = Which::All {
            from: 0,
            clock_us: 0.0,
        };
        let (run, ends) = bench.run(which, 99);
        assert_eq!((run.stop, ends.len()), (Stop::Room, LISTS_MOST));
        assert_eq!(
            (run.from as usize, run.lists().len()),
            (LISTS_MOST, LISTS_MOST)
        );
    }

    #[test]
    fn those_of_which_something_is_noted_are_told_as_many_as_there_is_place_for() {
        let mut bench = Bench::new();
        for number in 0..3 {
            bench.open(0.0, state::DECODED);
            memory(&mut bench.notes).put(number * 4, number as i32 * 5);
        }
        let which = Which::All {
            from: 0,
            clock_us: 0.0,
        };
        let (run, ends) = bench.run_with(which, 9, true);
        assert_eq!(run.noted(), [1, 2]);
        let told: Vec<_> = ends.iter().map(|end| end.notes).collect();
        assert_eq!((run.stop, told), (Stop::Nothing, vec![0, 5, 10]));
    }

    #[test]
    fn what_was_never_seen_of_a_stream_is_told() {
        let mut bench = Bench::new();
        let number = bench.open(0.0, 0);
        let session = bench.store.table.session(number);
        session.side(1).put(side::MISSING, 12);
        let which = Which::All {
            from: 0,
            clock_us: 0.0,
        };
        assert_eq!(bench.run(which, 9).1[0].gap_bytes, [0, 12]);
    }
}
