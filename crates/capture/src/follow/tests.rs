//! Walks over records and sessions that are made by hand. What packets change, compared with what TypeScript makes of the
//! same ones, is in `test/session/walk.test.ts`.

use super::*;
use crate::generated::layout::{follow_what as what, table_desk};

const SESSIONS: usize = 4;
const RING_BYTES: usize = 8192;
const COUNTERS: usize = 4;

/// A ring's data area, a store of sessions, and room for entries; the memory of each is its own.
struct Bench {
    ring: Vec<u64>,
    end: u32,
    store: SessionStore,
    entries: Vec<u64>,
    _sessions: Vec<u64>,
    _desk: Vec<u64>,
    counters: Vec<u64>,
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
            store: SessionStore::new(table, told, memory(&mut counters)),
            entries: vec![0; 64 * follow_entry::SIZE / 8],
            _sessions: sessions,
            _desk: desk,
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
        closing_counter: 3,
        opening: OpeningOptions {
            idle_ms: vec![480_000; 256],
            opening_idle_ms: 20_000,
            midstream: true,
            wanted: vec![true; 256],
            opened_counters: vec![0; 256],
            active_counters: vec![1; 256],
            active_counter: 2,
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
    // Nobody knows yet whose protocol it is: what was kept of a side would be lost with its FIN.
    let walked = bench.walk(&mut follower, 1e9);
    assert_eq!((walked.packets, walked.entries), (4, 1));
    assert_eq!((bench.what(0), bench.found(0)), (what::COUNTED, 0));
    let session = bench.store.table.session(0);
    let bits = session.word(slot::STATE) as u32;
    let handshaken = state::SYN_0 | state::SYN_1 | state::ESTABLISHED;
    assert_eq!(bits & handshaken, handshaken);
    assert_eq!(session.word(slot::HANDSHAKE_US), 4000);
    assert_eq!(session.word(slot::IDLE_MS), 480_000);
    assert_eq!(session.word(slot::PART), 3 << 24);
    assert_eq!(session.side(0).word(side::PACKETS), 3);
    assert_eq!(session.side(0).word(side::LOW), 100);
    assert_eq!(session.side(1).word(side::TOP), 500);
    assert_eq!([0, 1, 2].map(|at| bench.counter(at)), [1.0, 1.0, 1.0]);

    let unknown = state::UNKNOWN_0 | state::UNKNOWN_1;
    session.put(slot::STATE, (bits & !state::WANTED | unknown) as i32);
    session.side(0).put(side::TOP, 100);
    bench.flagged(0, FIN | ACKNOWLEDGEMENT, 100, 0, 7000.0);
    bench.flagged(1, FIN | ACKNOWLEDGEMENT, 500, 0, 8000.0);
    let walked = bench.walk_from(&mut follower, walked.position, 1e9);
    assert_eq!((walked.packets, walked.entries), (2, 0));
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
