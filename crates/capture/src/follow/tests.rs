//! Walks over records and sessions that are made by hand. What packets change, compared with what TypeScript makes of the
//! same ones, is in `test/session/walk.test.ts`.

mod waiting;

use super::*;
use crate::generated::layout::{follow_what as what, table_desk};
use crate::recognition::{
    Condition, HoleWaits, KeptBytes, KeptCounters, Recognition, Screen, TransportConditions,
    WaitingSegments,
};
use crate::session_census::SessionCensus;
use crate::tcp::{ACKNOWLEDGEMENT, TcpCounters};

const SESSIONS: usize = 4;
const RING_BYTES: usize = 8192;
/// The last one counts segments that waited.
const COUNTERS: usize = 5;
/// How long they wait.
const WAITS: HoleWaits = HoleWaits {
    segments: 2,
    seen_us: 5000.0,
    acked_us: 1000.0,
};

/// A ring's data area, a store of sessions, and room for entries; the memory of each is its own.
struct Bench {
    ring: Vec<u64>,
    end: u32,
    store: SessionStore,
    entries: Vec<u64>,
    _sessions: Vec<u64>,
    _desk: Vec<u64>,
    places: Vec<u64>,
    counters: Vec<u64>,
}

fn census() -> SessionCensus {
    SessionCensus {
        opened: vec![0; 256],
        active: vec![1; 256],
        all: Some(2),
        closing: Some(3),
        closed: Vec::new(),
    }
}

fn memory(words: &mut [u64]) -> Memory {
    // SAFETY: u64 are aligned, and the tests keep what they made until they are done with the memory.
    unsafe { Memory::at(words.as_mut_ptr().cast(), words.len() * 8) }
}

impl Bench {
    fn new() -> Bench {
        let mut sessions = vec![0; SESSIONS * slot::WORDS as usize / 2];
        let mut desk = vec![0; table_desk::SIZE / 8];
        let mut counters = vec![0; COUNTERS];
        let (table, told) = (memory(&mut sessions), memory(&mut desk));
        Bench {
            ring: vec![0; RING_BYTES / 8],
            end: 0,
            store: SessionStore::new(
                table,
                told,
                memory(&mut counters),
                census(),
                TcpCounters::default(),
            ),
            entries: vec![0; 64 * follow_entry::SIZE / 8],
            _sessions: sessions,
            _desk: desk,
            places: vec![0; SESSIONS],
            counters,
        }
    }

    /// Puts a TCP record of flow 7 into the ring; gives its offset.
    fn segment(&mut self, direction: u32, sequence: i32, length: i32, time_us: f64) -> u32 {
        self.flagged(direction, ACKNOWLEDGEMENT, sequence, length, time_us)
    }

    fn flagged(
        &mut self,
        direction: u32,
        flags: u32,
        sequence: i32,
        length: i32,
        time_us: f64,
    ) -> u32 {
        let at = self.end as usize;
        let bytes = packet::SIZE as u32;
        self.end += bytes;
        let ring = memory(&mut self.ring);
        ring.put(at + packet::LENGTH, bytes as i32);
        let head = record_kind::PACKET | 4 << 8 | TCP << 16 | flags << 24;
        ring.put(at + packet::KIND, head as i32);
        ring.put_float(at + packet::TIME_US, time_us);
        ring.put(at + packet::FLOW_HASH, 7);
        let ports = 80 << 16 | 4000;
        let (ports, source, destination) = match direction {
            0 => (ports, 1, 2),
            _ => (4000 << 16 | 80, 2, 1),
        };
        ring.put(at + packet::SOURCE_PORT, ports);
        ring.put(at + packet::SOURCE_ADDRESS, source);
        ring.put(at + packet::DESTINATION_ADDRESS, destination);
        ring.put(at + packet::TCP_SEQUENCE, sequence);
        ring.put(at + packet::PAYLOAD_LENGTH, length);
        ring.put(at + packet::PAYLOAD_WIRE_LENGTH, length);
        ring.put(at + packet::WIRE_LENGTH, length + 54);
        // No Ethernet header, no tunnels, no VLANs.
        ring.put(at + packet::VLAN_COUNT, -1 << 8);
        at as u32
    }

    /// As `segment` with an acknowledgement of 100, and with this payload.
    fn data(&mut self, direction: u32, sequence: i32, payload: &[u8]) -> u32 {
        let at = self.segment(direction, sequence, payload.len() as i32, 1000.0);
        let bytes = (packet::SIZE + payload.len()).next_multiple_of(8) as u32;
        let ring = memory(&mut self.ring);
        for (index, byte) in payload.iter().enumerate() {
            let to = at as usize + packet::SIZE + index;
            let behind = ring.get(to) as u32 & !0xff;
            ring.put(to, (behind | u32::from(*byte)) as i32);
        }
        ring.put(at as usize + packet::LENGTH, bytes as i32);
        ring.put(at as usize + packet::PAYLOAD_OFFSET, packet::SIZE as i32);
        ring.put(at as usize + packet::TCP_ACKNOWLEDGEMENT, 100);
        self.end = at + bytes;
        at
    }

    /// As `data`, of UDP.
    fn datagram(&mut self, direction: u32, payload: &[u8]) -> u32 {
        let at = self.data(direction, 0, payload);
        let head = record_kind::PACKET | 4 << 8 | UDP << 16;
        memory(&mut self.ring).put(at as usize + packet::KIND, head as i32);
        at
    }

    /// Session 2: flow 7, well under way.
    fn open(&mut self, state: u32) {
        let session = self.session();
        session.put(slot::ADDRESS_A, 1);
        session.put(slot::ADDRESS_B, 2);
        session.put(slot::PORTS, 80 << 16 | 4000);
        session.put(slot::PROTOCOL, (4 << 8 | TCP << 16) as i32);
        session.put(slot::HASH, 7);
        session.put(slot::IDLE_MS, 60_000);
        let known = state::SEEN_0 | state::SEEN_1 | state::ACKED_0 | state::ACKED_1;
        session.put(slot::STATE, (known | state) as i32);
        for direction in 0..2 {
            let own = session.side(direction);
            own.put(side::PACKETS, 2);
            own.put(side::LOW, 100);
            own.put(side::TOP, 100);
            own.put(side::ACKED, 100);
        }
        self.store.table.enter(2, 7);
    }

    fn session(&self) -> Session {
        self.store.table.session(2)
    }

    fn counter(&self, counter: usize) -> f64 {
        f64::from_bits(self.counters[counter])
    }

    fn walk(&mut self, follower: &mut Follower, wake_us: f64) -> Walked {
        self.walk_from(follower, 0, wake_us)
    }

    fn walk_from(&mut self, follower: &mut Follower, from: u32, wake_us: f64) -> Walked {
        let stretch = Stretch {
            ring: 0,
            from,
            to: self.end,
            most: 64,
            clock_us: 0.0,
            wake_us,
            marks: 0,
            source: 3,
        };
        let (ring, entries) = (memory(&mut self.ring), memory(&mut self.entries));
        follower.walk(&mut self.store, &ring, stretch, &entries)
    }

    fn what(&mut self, entry: usize) -> u32 {
        memory(&mut self.entries).get(entry * follow_entry::SIZE + follow_entry::WHAT) as u32
    }

    fn found(&mut self, entry: usize) -> i32 {
        memory(&mut self.entries).get(entry * follow_entry::SIZE + follow_entry::FOUND)
    }
}

fn options() -> FollowOptions {
    FollowOptions {
        save_ms: f64::INFINITY,
        save_packets: f64::INFINITY,
        ..FollowOptions::default()
    }
}

#[test]
fn segments_next_in_order_are_followed_both_ways() {
    let mut bench = Bench::new();
    bench.open(0);
    let mut follower = Follower::new(options());
    bench.segment(0, 100, 10, 1000.0);
    bench.segment(1, 100, 500, 2000.0);
    bench.segment(0, 110, 20, 3000.0);
    let walked = bench.walk(&mut follower, 1e9);
    assert_eq!((walked.packets, walked.entries), (3, 0));
    assert_eq!(walked.position, 3 * packet::SIZE as u32);
    assert_eq!(walked.clock_us, 3000.0);
    let session = bench.session();
    assert_eq!(session.side(0).word(side::PACKETS), 4);
    assert_eq!(session.side(0).word(side::TOP), 130);
    assert_eq!(session.side(0).float(side::PAYLOAD), 30.0);
    assert_eq!(session.side(1).float(side::BYTES), 554.0);
    assert_eq!(session.float(slot::CLOCK_US), 3000.0);
}

#[test]
fn what_comes_behind_an_entry_of_its_flow_waits_for_the_next_walk() {
    let mut bench = Bench::new();
    bench.open(0);
    let mut follower = Follower::new(options());
    bench.segment(0, 100, 10, 1000.0);
    bench.segment(0, 300, 10, 2000.0);
    bench.segment(0, 110, 10, 3000.0);
    let walked = bench.walk(&mut follower, 1e9);
    assert_eq!((walked.packets, walked.entries), (2, 1));
    assert_eq!((bench.what(0), bench.found(0)), (what::HANDLE, 4));
    assert_eq!(walked.clock_us, 2000.0);
    assert_eq!(bench.session().side(0).word(side::TOP), 110);
    let rest = bench.walk_from(&mut follower, walked.position, 1e9);
    assert_eq!((rest.packets, rest.entries), (1, 0));
    assert_eq!(bench.session().side(0).word(side::TOP), 120);
}

#[test]
fn all_data_of_an_undecided_flow_are_entries() {
    let mut bench = Bench::new();
    bench.open(state::WANTED);
    let mut follower = Follower::new(options());
    bench.segment(0, 100, 10, 1000.0);
    bench.segment(0, 110, 10, 2000.0);
    let walked = bench.walk(&mut follower, 1e9);
    assert_eq!((walked.packets, walked.entries), (2, 2));
    assert_eq!((bench.what(0), bench.what(1)), (what::HANDLE, what::AGAIN));
}

#[test]
fn a_flow_without_a_session_is_not_found() {
    let mut bench = Bench::new();
    let mut follower = Follower::new(options());
    bench.segment(0, 100, 10, 1000.0);
    let walked = bench.walk(&mut follower, 1e9);
    assert_eq!((walked.packets, walked.entries), (1, 1));
    assert_eq!(bench.found(0), -1);
}

#[test]
fn the_packet_that_reaches_the_clock_stays() {
    let mut bench = Bench::new();
    bench.open(0);
    let mut follower = Follower::new(options());
    bench.segment(0, 100, 10, 1000.0);
    bench.segment(0, 110, 10, 5000.0);
    let walked = bench.walk(&mut follower, 5000.0);
    assert_eq!((walked.packets, walked.entries), (1, 0));
    assert_eq!(walked.clock_us, 1000.0);
    assert_eq!(walked.position, packet::SIZE as u32);
}

#[test]
fn a_resting_flow_sees_no_acknowledgement_and_not_the_inside_of_a_skip() {
    let mut bench = Bench::new();
    bench.open(state::WANTED | state::FLOW | state::RESTING);
    bench.session().put(slot::SKIP_0, 150);
    bench.session().put(slot::SKIP_1, 100);
    let mut follower = Follower::new(options());
    bench.segment(0, 100, 30, 1000.0);
    bench.segment(1, 100, 0, 1500.0);
    assert_eq!(bench.walk(&mut follower, 1e9).entries, 0);
    // The end of the skip, and data of the side that skips nothing.
    let mut other = Bench::new();
    other.open(state::WANTED | state::FLOW | state::RESTING);
    other.session().put(slot::SKIP_0, 150);
    other.session().put(slot::SKIP_1, 100);
    let mut follower = Follower::new(options());
    other.segment(0, 100, 50, 1000.0);
    assert_eq!(other.walk(&mut follower, 1e9).entries, 1);
    other.end = 0;
    other.segment(1, 100, 1, 1000.0);
    assert_eq!(other.walk(&mut follower, 1e9).entries, 1);
}

#[test]
fn parts_and_idle_times_are_left_to_typescript() {
    for (options, clock_us) in [
        (
            FollowOptions {
                save_packets: 4.0,
                ..options()
            },
            1000.0,
        ),
        (
            FollowOptions {
                save_ms: 20.0,
                ..options()
            },
            20_000.0,
        ),
        (options(), 60_000_001.0),
    ] {
        let mut bench = Bench::new();
        bench.open(0);
        let mut follower = Follower::new(options);
        bench.segment(0, 100, 10, clock_us);
        assert_eq!(bench.walk(&mut follower, 1e9).entries, 1);
    }
}

#[test]
#[should_panic(expected = "outside its ring")]
fn a_record_that_is_not_all_there_is_a_bug_that_is_seen() {
    let mut bench = Bench::new();
    memory(&mut bench.ring).record(RING_BYTES as u32 - 8);
}

#[test]
fn the_acknowledgement_that_completes_a_handshake_is_followed() {
    let mut bench = Bench::new();
    bench.open(state::SYN_0 | state::SYN_1 | state::HEARD_0);
    let session = bench.session();
    let bits = session.word(slot::STATE) as u32 & !state::ACKED_0;
    session.put(slot::STATE, bits as i32);
    session.put(slot::IDLE_MS, 1000);
    session.put_float(slot::SYN_US, 500.0);
    session.side(0).put(side::PACKETS, 1);
    let mut idle_ms = vec![0; 256];
    idle_ms[TCP as usize] = 480_000;
    let mut follower = Follower::new(FollowOptions {
        opening: OpeningOptions {
            idle_ms,
            ..OpeningOptions::default()
        },
        ..options()
    });
    bench.segment(0, 100, 0, 2500.0);
    assert_eq!(bench.walk(&mut follower, 1e9).entries, 0);
    let session = bench.session();
    let bits = session.word(slot::STATE) as u32;
    assert_eq!(bits & state::ESTABLISHED, state::ESTABLISHED);
    assert_eq!(bits & state::ACKED_0, state::ACKED_0);
    assert_eq!(session.word(slot::HANDSHAKE_US), 2000);
    assert_eq!(session.word(slot::IDLE_MS), 480_000);
}

/// Sessions are opened in walks; every protocol is wanted.
fn opening_options() -> FollowOptions {
    FollowOptions {
        opens: true,
        linger_ms: 5000,
        opening: OpeningOptions {
            idle_ms: vec![480_000; 256],
            opening_idle_ms: 20_000,
            midstream: true,
            wanted: vec![true; 256],
            ..OpeningOptions::default()
        },
        ..options()
    }
}

#[test]
fn a_connection_without_payload_is_opened_and_closed_in_a_walk() {
    let mut bench = Bench::new();
    bench.store.wheel.start(0.0);
    let mut follower = Follower::new(opening_options());
    bench.flagged(0, SYN, 99, 0, 1000.0);
    bench.flagged(1, SYN | ACKNOWLEDGEMENT, 499, 0, 3000.0);
    bench.segment(0, 100, 0, 5000.0);
    bench.flagged(0, FIN | ACKNOWLEDGEMENT, 100, 0, 6000.0);
    let walked = bench.walk(&mut follower, 1e9);
    assert_eq!((walked.packets, walked.entries), (4, 0));
    let session = bench.store.table.session(0);
    let bits = session.word(slot::STATE) as u32;
    assert_eq!(
        bits & (state::FIN_0 | state::WANTED),
        state::FIN_0 | state::WANTED
    );
    let handshaken = state::SYN_0 | state::SYN_1 | state::ESTABLISHED;
    assert_eq!(bits & handshaken, handshaken);
    assert_eq!(session.word(slot::HANDSHAKE_US), 4000);
    assert_eq!(session.word(slot::IDLE_MS), 480_000);
    assert_eq!(session.word(slot::PART), 3 << 24);
    assert_eq!(session.side(0).word(side::PACKETS), 3);
    assert_eq!(session.side(0).word(side::LOW), 100);
    assert_eq!(session.side(1).word(side::TOP), 500);
    assert_eq!([0, 1, 2].map(|at| bench.counter(at)), [1.0, 1.0, 1.0]);

    bench.flagged(1, FIN | ACKNOWLEDGEMENT, 500, 0, 8000.0);
    let walked = bench.walk_from(&mut follower, walked.position, 1e9);
    assert_eq!((walked.packets, walked.entries), (1, 0));
    let bits = session.word(slot::STATE) as u32;
    let closed = state::FIN_0 | state::FIN_1 | state::CLOSING;
    assert_eq!(bits & closed, closed);
    assert_eq!(session.word(slot::IDLE_MS), 5000);
    assert_eq!(bench.counter(3), 1.0);
    assert_eq!(
        bench.store.wheel.oldest(bench.store.table.sessions()),
        Some(0)
    );
}

#[test]
fn what_may_move_a_session_ends_the_walk() {
    let mut bench = Bench::new();
    bench.open(state::SYN_0 | state::SYN_1);
    let mut follower = Follower::new(opening_options());
    bench.flagged(0, SYN, 5000, 0, 1000.0);
    bench.segment(0, 100, 10, 2000.0);
    let walked = bench.walk(&mut follower, 1e9);
    assert_eq!((walked.packets, walked.entries), (1, 1));
    assert_eq!((bench.what(0), bench.found(0)), (what::HANDLE, 4));
    // Nothing was counted: TypeScript does all of it.
    assert_eq!(bench.session().side(0).word(side::PACKETS), 2);
}

#[test]
fn a_syn_that_comes_again_is_no_entry() {
    for (direction, flags) in [(0, SYN), (1, SYN | ACKNOWLEDGEMENT)] {
        let mut bench = Bench::new();
        bench.open(state::SYN_0 | state::SYN_1 | state::WANTED);
        let mut follower = Follower::new(opening_options());
        bench.flagged(direction, flags, 99, 0, 1000.0);
        assert_eq!(bench.walk(&mut follower, 1e9).entries, 0);
        let own = bench.session().side(direction);
        assert_eq!(own.word(side::PACKETS), 3);
        assert_eq!(own.word(side::RETRANSMITTED), 1);
        assert_eq!(own.word(side::TOP), 100);
    }
}

#[test]
fn payload_that_is_wanted_is_left_and_its_packet_counted() {
    let mut bench = Bench::new();
    let mut follower = Follower::new(FollowOptions {
        asks_first: true,
        tells_opened: true,
        ..opening_options()
    });
    bench.segment(0, 100, 10, 1000.0);
    let walked = bench.walk(&mut follower, 1e9);
    assert_eq!(walked.entries, 1);
    assert_eq!(bench.what(0), what::COUNTED | what::OPENED | what::FIRST);
    let own = bench.store.table.session(0).side(0);
    assert_eq!(own.word(side::PACKETS), 1);
    assert_eq!(own.float(side::PAYLOAD), 0.0);
}

/// As `opening_options`, where somebody asks for names.
fn screening_options() -> FollowOptions {
    FollowOptions {
        asks_first: true,
        probe_datagrams: 2,
        ..opening_options()
    }
}

/// Bytes that are kept of all directions together.
const KEPT_BYTES: usize = 400;

/// Decoders are for what begins with `d`; for what begins with `w`, of which they want three bytes; names for what begins with `n`.
fn screening() -> Bench {
    let begins = |text: &[u8]| Condition {
        patterns: Some(vec![text.to_vec()]),
        ..Condition::default()
    };
    let waiting = Condition {
        waits_below: 3,
        ..begins(b"w")
    };
    let conditions = TransportConditions {
        names: vec![begins(b"n")],
        decoders: vec![begins(b"d"), waiting],
    };
    let mut bench = Bench::new();
    let kept = KeptBytes::new(
        256,
        KEPT_BYTES,
        memory(&mut bench.places),
        Memory::none(),
        KeptCounters::default(),
    );
    let counters = memory(&mut bench.counters);
    let waiting = WaitingSegments::new(WAITS, counters, Some(COUNTERS as u32 - 1));
    let screen = Screen::new(&[conditions.clone(), conditions]);
    bench.store.recognition = Recognition::new(screen, kept, waiting);
    bench
}

/// Session 2 is undecided and has no payload.
fn undecided() -> Bench {
    let mut bench = screening();
    bench.open(state::WANTED);
    bench
}

#[test]
fn segments_that_nobody_can_want_are_no_entries() {
    let mut bench = undecided();
    let mut follower = Follower::new(screening_options());
    bench.data(0, 100, b"other");
    let walked = bench.walk(&mut follower, 1e9);
    assert_eq!((walked.packets, walked.entries), (1, 0));
    let session = bench.session();
    let unknown = state::UNKNOWN_0 | state::UNKNOWN_1;
    let bits = session.word(slot::STATE) as u32;
    assert_eq!(
        bits & (state::WANTED | unknown),
        state::WANTED | state::UNKNOWN_0
    );
    assert_eq!(session.side(0).word(side::TOP), 105);
    assert_eq!(session.side(0).float(side::PAYLOAD), 5.0);
    assert_eq!(session.side(0).word(side::PACKETS), 3);
    // Of a side of which nothing was seen, too; then nobody wants anything.
    session.put(slot::STATE, (bits & !state::SEEN_1) as i32);
    bench.data(1, 7000, b"answer");
    bench.data(0, 105, b"d is not asked about again");
    let walked = bench.walk_from(&mut follower, walked.position, 1e9);
    assert_eq!((walked.packets, walked.entries), (2, 0));
    let bits = session.word(slot::STATE) as u32;
    assert_eq!(bits & (state::WANTED | unknown), unknown);
    assert_eq!(session.side(1).word(side::LOW), 7000);
    assert_eq!(session.side(1).word(side::TOP), 7006);
}

#[test]
fn segments_that_somebody_may_want_are_entries_and_names_only_where_they_may_fit() {
    for (payload, told) in [
        (b"data", what::COUNTED),
        (b"name", what::COUNTED | what::FIRST),
    ] {
        let mut bench = undecided();
        let mut follower = Follower::new(screening_options());
        bench.data(0, 100, payload);
        assert_eq!(bench.walk(&mut follower, 1e9).entries, 1);
        assert_eq!(bench.what(0), told);
        let session = bench.session();
        assert_eq!(session.word(slot::STATE) as u32 & state::UNKNOWN_0, 0);
        assert_eq!(session.side(0).word(side::TOP), 100);
    }
}

#[test]
fn where_nobody_decodes_names_are_asked_about_what_may_fit() {
    for (payload, entries) in [(b"other", 0), (b"named", 1)] {
        let mut bench = screening();
        bench.open(0);
        let mut follower = Follower::new(screening_options());
        bench.data(0, 100, payload);
        assert_eq!(bench.walk(&mut follower, 1e9).entries, entries);
        let bits = bench.session().word(slot::STATE) as u32;
        assert_eq!(bits & (state::UNKNOWN_0 | state::UNKNOWN_1), 0);
    }
}

/// Bits of the sides of session 2 of which no protocol is known.
fn unknown(bench: &mut Bench) -> u32 {
    bench.session().word(slot::STATE) as u32 & (state::UNKNOWN_0 | state::UNKNOWN_1)
}

/// What is kept of a direction of session 2.
fn kept(bench: &Bench, direction: u32) -> Option<Vec<u8>> {
    let kept = bench.store.recognition.kept.of(2 * 2 + direction);
    kept.map(|kept| kept.bytes.to_vec())
}

#[test]
fn data_that_are_not_next_in_order_are_left_to_typescript_unless_they_are_old() {
    let entries = |bench: &mut Bench, sequence: i32| {
        let mut follower = Follower::new(screening_options());
        bench.data(0, sequence, b"other");
        let entries = bench.walk(&mut follower, 1e9).entries;
        assert_eq!(unknown(bench), 0);
        assert_eq!(bench.session().side(0).word(side::TOP), 100);
        entries
    };
    assert_eq!(entries(&mut undecided(), 400), 1);
    assert_eq!(entries(&mut undecided(), 96), 1);
    assert_eq!(entries(&mut undecided(), 95), 0);
}

#[test]
fn data_that_an_acknowledgement_has_overtaken_are_next_in_order() {
    for (payload, unknowns) in [("other", state::UNKNOWN_0), ("w", 0)] {
        let mut bench = undecided();
        let mut follower = Follower::new(screening_options());
        bench.segment(0, 110, 0, 1000.0);
        bench.data(0, 100, payload.as_bytes());
        assert_eq!(bench.walk(&mut follower, 1e9).entries, 0);
        assert_eq!(unknown(&mut bench), unknowns);
        let missing = 10 - payload.len() as i32;
        assert_eq!(bench.session().side(0).word(side::MISSING), missing);
    }
}

#[test]
fn bytes_of_which_more_are_wanted_are_kept_until_it_is_known_whose_they_are() {
    let mut bench = undecided();
    let mut follower = Follower::new(screening_options());
    bench.data(0, 100, b"w");
    bench.data(0, 101, b"");
    bench.data(0, 101, b"x");
    // Old ones change nothing.
    bench.data(0, 100, b"w");
    let walked = bench.walk(&mut follower, 1e9);
    assert_eq!((walked.packets, walked.entries), (4, 0));
    assert_eq!(kept(&bench, 0), Some(b"wx".to_vec()));
    assert_eq!(bench.session().side(0).word(side::TOP), 102);
    assert_eq!(bench.session().side(0).word(side::RETRANSMITTED), 1);
    let of = bench.store.recognition.kept.of(4).unwrap();
    assert_eq!((of.after, of.time_us), (102, 1000.0));
    // The other side is another matter.
    bench.data(1, 100, b"other");
    let walked = bench.walk_from(&mut follower, walked.position, 1e9);
    assert_eq!(walked.entries, 0);
    assert_eq!(unknown(&mut bench), state::UNKNOWN_1);
    // Now decoders have to be asked: nothing is done before.
    bench.data(0, 102, b"yz");
    let walked = bench.walk_from(&mut follower, walked.position, 1e9);
    assert_eq!(walked.entries, 1);
    assert_eq!(kept(&bench, 0), Some(b"wx".to_vec()));
    assert_eq!(bench.session().side(0).word(side::TOP), 102);
}

#[test]
fn a_fin_gives_up_what_is_kept() {
    for length in [0, 1] {
        let mut bench = undecided();
        let mut follower = Follower::new(screening_options());
        bench.data(0, 100, b"w");
        let fin = bench.data(0, 101, &b"x"[..length]);
        memory(&mut bench.ring).put(
            fin as usize + packet::KIND,
            (record_kind::PACKET | 4 << 8 | TCP << 16 | (FIN | ACKNOWLEDGEMENT) << 24) as i32,
        );
        assert_eq!(bench.walk(&mut follower, 1e9).entries, 0);
        assert_eq!(
            (unknown(&mut bench), kept(&bench, 0)),
            (state::UNKNOWN_0, None)
        );
    }
    // One of which nothing is kept says nothing of the protocol.
    let mut bench = undecided();
    let mut follower = Follower::new(screening_options());
    bench.flagged(0, FIN | ACKNOWLEDGEMENT, 100, 0, 1000.0);
    assert_eq!(bench.walk(&mut follower, 1e9).entries, 0);
    assert_eq!(unknown(&mut bench), 0);
}

#[test]
fn bytes_are_not_kept_that_were_cut_or_for_which_there_is_no_memory() {
    // The snap length has left one of two.
    let mut bench = undecided();
    let mut follower = Follower::new(screening_options());
    let at = bench.data(0, 100, b"w");
    memory(&mut bench.ring).put(at as usize + packet::PAYLOAD_WIRE_LENGTH, 2);
    assert_eq!(bench.walk(&mut follower, 1e9).entries, 0);
    assert_eq!(
        (unknown(&mut bench), kept(&bench, 0)),
        (state::UNKNOWN_0, None)
    );
    let mut bench = undecided();
    for direction in 0..(KEPT_BYTES / 64) as u32 {
        let kept = &mut bench.store.recognition.kept;
        assert!(kept.add(direction % 4 + direction / 4 * 6, b"w", 0, 0.0));
    }
    bench.data(0, 100, b"w");
    assert_eq!(bench.walk(&mut follower, 1e9).entries, 0);
    assert_eq!(
        (unknown(&mut bench), kept(&bench, 0)),
        (state::UNKNOWN_0, None)
    );
}

#[test]
fn what_is_kept_turns_with_its_session() {
    let mut bench = undecided();
    let mut follower = Follower::new(screening_options());
    bench.data(0, 100, b"w");
    bench.walk(&mut follower, 1e9);
    bench.store.flip(2);
    assert_eq!(
        (kept(&bench, 0), kept(&bench, 1)),
        (None, Some(b"w".to_vec()))
    );
}

#[test]
fn datagrams_that_nobody_can_want_are_tried_as_often_as_others() {
    let mut bench = screening();
    let mut follower = Follower::new(screening_options());
    bench.datagram(0, b"one");
    bench.datagram(1, b"");
    bench.datagram(0, b"two");
    let walked = bench.walk(&mut follower, 1e9);
    assert_eq!((walked.packets, walked.entries), (3, 0));
    let session = bench.store.table.session(0);
    assert_eq!(session.word(slot::PROBING), 2);
    assert_eq!(session.word(slot::STATE) as u32 & state::WANTED, 0);
    bench.datagram(0, b"d");
    let walked = bench.walk_from(&mut follower, walked.position, 1e9);
    assert_eq!((walked.packets, walked.entries), (1, 0));
}

#[test]
fn datagrams_behind_an_entry_of_their_flow_are_entries() {
    let mut bench = screening();
    let mut follower = Follower::new(screening_options());
    bench.datagram(0, b"data");
    bench.datagram(0, b"other");
    let walked = bench.walk(&mut follower, 1e9);
    assert_eq!((walked.packets, walked.entries), (2, 2));
    let session = bench.store.table.session(0);
    assert_eq!(session.word(slot::PROBING), 0);
    // A decoder had it and holds nothing of it: it is that decoder's.
    let bits = session.word(slot::STATE) as u32 | state::DECODED;
    session.put(slot::STATE, bits as i32);
    bench.datagram(0, b"other");
    let walked = bench.walk_from(&mut follower, walked.position, 1e9);
    assert_eq!((walked.packets, walked.entries), (1, 1));
}
