//! Data of undecided sides that come before others of them.

use super::*;
use crate::generated::layout::side;

/// What is done to something before a walk, by a name.
type Case<T> = (&'static str, fn(&mut T));

/// Session 2, of whose side 0 these bytes came, behind so many that did not.
struct Scene {
    bench: Bench,
    follower: Follower,
    position: u32,
}

impl Scene {
    fn new(bytes: &[u8], missing: i32) -> Scene {
        let mut scene = Scene {
            bench: undecided(),
            follower: Follower::new(screening_options()),
            position: 0,
        };
        scene.bench.data(0, 100 + missing, bytes);
        assert_eq!(scene.entries(), 0);
        assert!(scene.waits());
        assert_eq!(unknown(&mut scene.bench), 0);
        scene
    }

    /// Entries of a walk over what has come since the one before.
    fn entries(&mut self) -> usize {
        let walked = self.bench.walk_from(&mut self.follower, self.position, 1e9);
        self.position = walked.position;
        walked.entries
    }

    /// Do data of the session wait?
    fn waits(&mut self) -> bool {
        let is_resting = self.bench.session().word(slot::STATE) as u32 & state::RESTING != 0;
        let waiting = self.bench.store.recognition.waiting.of(2);
        assert_eq!(waiting.is_some(), is_resting);
        is_resting
    }

    /// Sets what the last packet, at this offset, acknowledges.
    fn acknowledging(&mut self, at: u32, number: i32) {
        memory(&mut self.bench.ring).put(at as usize + packet::TCP_ACKNOWLEDGEMENT, number);
    }

    /// Segments that have waited until all was there.
    fn counted(&self) -> f64 {
        f64::from_bits(self.bench.counters[COUNTERS - 1])
    }
}

#[test]
fn they_are_looked_at_with_those_before_them() {
    for (missing, early, is_kept) in [("oth", "er", false), ("o", "wx", false), ("w", "x", true)] {
        let (missing, early) = (missing.as_bytes(), early.as_bytes());
        let mut scene = Scene::new(early, missing.len() as i32);
        // What the other side says meanwhile is another matter.
        scene.bench.data(1, 100, b"");
        scene.bench.data(1, 100, b"w");
        assert_eq!(scene.entries(), 0);
        assert!(scene.waits());
        scene.bench.data(0, 100, missing);
        assert_eq!(scene.entries(), 0);
        assert!(!scene.waits());
        let unknowns = if is_kept { 0 } else { state::UNKNOWN_0 };
        assert_eq!(unknown(&mut scene.bench), unknowns);
        let all = is_kept.then(|| [missing, early].concat());
        assert_eq!(kept(&scene.bench, 0), all);
        assert_eq!(kept(&scene.bench, 1), Some(b"w".to_vec()));
        let (session, bytes) = (scene.bench.session(), missing.len() + early.len());
        let own = session.side(0);
        assert_eq!(own.word(side::TOP), 100 + bytes as i32);
        assert_eq!(own.float(side::PAYLOAD), bytes as f64);
        assert_eq!(
            (own.word(side::MISSING), own.word(side::OUT_OF_ORDER)),
            (0, 1)
        );
        assert_eq!(scene.counted(), 1.0);
    }
}

#[test]
fn they_come_behind_what_is_kept() {
    let mut scene = Scene {
        bench: undecided(),
        follower: Follower::new(screening_options()),
        position: 0,
    };
    for (sequence, byte) in [(100, b"w"), (102, b"y"), (101, b"x")] {
        scene.bench.data(0, sequence, byte);
    }
    // All three of them somebody may want: whoever asks has the two, and finds the third waiting.
    assert_eq!(scene.entries(), 1);
    assert!(scene.waits());
    assert_eq!(kept(&scene.bench, 0), Some(b"w".to_vec()));
    assert_eq!(scene.counted(), 0.0);
    let session = scene.bench.session();
    let waiting = scene
        .bench
        .store
        .recognition
        .waiting
        .take(&session, 2)
        .unwrap();
    assert_eq!((waiting.missing, waiting.start), (101, 102));
    assert_eq!(waiting.bytes, b"y");
    assert!(!scene.waits());
}

#[test]
fn more_of_them_wait_as_long_as_they_are_in_order() {
    for (missing, is_asked) in [(b"o", false), (b"w", true)] {
        let mut scene = Scene::new(b"x", 1);
        scene.bench.data(0, 102, b"yz");
        assert_eq!(scene.entries(), 0);
        let waiting = scene.bench.store.recognition.waiting.of(2).unwrap();
        assert_eq!(
            (&waiting.bytes[..], &waiting.ends[..]),
            (&b"xyz"[..], &[1, 3][..])
        );
        scene.bench.data(0, 100, missing);
        assert_eq!(scene.entries(), usize::from(is_asked));
        assert_eq!(scene.waits(), is_asked);
        assert_eq!(scene.counted(), if is_asked { 0.0 } else { 2.0 });
        // There are as many as may wait.
        if is_asked {
            scene.bench.data(0, 104, b"!");
            assert_eq!(scene.entries(), 1);
        }
    }
}

#[test]
fn whatever_is_not_plain_ends_their_wait_and_changes_nothing_before() {
    let cases: [Case<Scene>; 10] = [
        ("others that are too early, not next in order", |scene| {
            scene.bench.data(0, 110, b"more");
        }),
        ("others that are more than are to wait", |scene| {
            scene.bench.data(0, 104, &[b'm'; 253]);
        }),
        ("old data", |scene| {
            scene.bench.data(0, 96, b"others");
        }),
        ("a part of what is missing", |scene| {
            scene.bench.data(0, 100, b"o");
        }),
        ("more than what is missing", |scene| {
            scene.bench.data(0, 100, b"other");
        }),
        ("data that were cut", |scene| {
            let at = scene.bench.data(0, 100, b"o");
            memory(&mut scene.bench.ring).put(at as usize + packet::PAYLOAD_WIRE_LENGTH, 2);
        }),
        ("a FIN", |scene| {
            scene
                .bench
                .flagged(1, FIN | ACKNOWLEDGEMENT, 100, 0, 1000.0);
        }),
        ("a reset", |scene| {
            scene.bench.flagged(1, RESET, 100, 0, 1000.0);
        }),
        ("a segment far off", |scene| {
            scene.bench.segment(1, 100 + (3 << 29), 0, 1000.0);
        }),
        ("too long a time", |scene| {
            scene.bench.segment(1, 100, 0, 1000.0 + WAITS.seen_us);
        }),
    ];
    for (name, put) in cases {
        let mut scene = Scene::new(b"er", 2);
        put(&mut scene);
        assert_eq!(scene.entries(), 1, "{name}");
        assert!(scene.waits(), "{name}");
        assert_eq!(unknown(&mut scene.bench), 0, "{name}");
        let session = scene.bench.session();
        assert_eq!(session.side(0).word(side::TOP), 104, "{name}");
        assert_eq!(session.side(1).word(side::TOP), 100, "{name}");
        assert_eq!(scene.counted(), 0.0, "{name}");
    }
}

#[test]
fn once_the_missing_bytes_are_acknowledged_they_wait_less_long() {
    let mut scene = Scene::new(b"er", 2);
    for (number, later_us) in [(101, 0.0), (102, 0.0), (104, WAITS.acked_us - 1.0)] {
        let at = scene.bench.segment(1, 100, 0, 1000.0 + later_us);
        scene.acknowledging(at, number);
        assert_eq!(scene.entries(), 0);
        assert!(scene.waits());
    }
    let waiting = scene.bench.store.recognition.waiting.of(2).unwrap();
    assert_eq!((waiting.seen_us, waiting.acked_us), (1000.0, Some(1000.0)));
    scene.bench.segment(0, 104, 0, 1000.0 + WAITS.acked_us);
    assert_eq!(scene.entries(), 1);
    assert!(scene.waits());
}

#[test]
fn they_turn_with_their_session_and_end_with_it() {
    let mut scene = Scene::new(b"er", 2);
    scene.bench.store.flip(2);
    assert_eq!(scene.bench.store.recognition.waiting.of(2).unwrap().side, 1);
    scene.bench.store.recognition.forget(2);
    assert_eq!(scene.bench.store.recognition.waiting.of(2), None);
}

#[test]
fn what_is_too_far_ahead_or_cannot_be_completed_does_not_wait() {
    let cases: [Case<Bench>; 5] = [
        ("beyond what is kept of a side", |bench| {
            bench.data(0, 100 + 254, b"far");
        }),
        ("with a FIN", |bench| {
            let at = bench.data(0, 102, b"er");
            let head = record_kind::PACKET | 4 << 8 | TCP << 16 | (FIN | ACKNOWLEDGEMENT) << 24;
            memory(&mut bench.ring).put(at as usize + packet::KIND, head as i32);
        }),
        ("cut", |bench| {
            let at = bench.data(0, 102, b"e");
            memory(&mut bench.ring).put(at as usize + packet::PAYLOAD_WIRE_LENGTH, 2);
        }),
        ("above a hole", |bench| {
            let session = bench.session();
            let bits = session.word(slot::STATE) as u32 | state::HOLES_0;
            session.put(slot::STATE, bits as i32);
            bench.data(0, 102, b"er");
        }),
        ("a second one of the session", |bench| {
            bench.data(0, 102, b"er");
            bench.data(1, 102, b"er");
        }),
    ];
    for (name, put) in cases {
        let mut bench = undecided();
        put(&mut bench);
        let mut follower = Follower::new(screening_options());
        assert_eq!(bench.walk(&mut follower, 1e9).entries, 1, "{name}");
    }
}
