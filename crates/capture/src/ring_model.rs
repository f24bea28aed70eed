//! The ring and its parking under the model checker: every interleaving and every reordering that the memory model
//! allows, for small rings. `RUSTFLAGS='--cfg loom' cargo test --no-default-features --release --lib loom`.
//!
//! The consumer here is written as `src/ring` does it in TypeScript, whose Atomics are sequentially consistent; loom
//! has that strength only for fences, so each such pair has a fence between its store and its load.

use super::*;
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;

/// `Atomics.wait` and `Atomics.notify` on one word.
#[derive(Default)]
struct Futex {
    lock: Mutex<()>,
    wake: Condvar,
}

impl Futex {
    fn wait(&self, word: &Word) {
        let mut guard = self.lock.lock().unwrap();
        while word.load(Ordering::SeqCst) == 1 {
            guard = self.wake.wait(guard).unwrap();
        }
    }

    fn notify(&self) {
        let _guard = self.lock.lock().unwrap();
        self.wake.notify_one();
    }
}

/// A thread's parking word with the futex that it sleeps in.
#[derive(Clone)]
struct Bed {
    word: Word,
    futex: Arc<Futex>,
}

impl Bed {
    fn new() -> Bed {
        Bed {
            word: Word::new(0),
            futex: Arc::new(Futex::default()),
        }
    }

    fn parking(&self, index: u32) -> ParkingWord {
        ParkingWord::new(self.word.clone(), index)
    }
}

/// A ring of `capacity` bytes whose positions start at `start`, and the reader's share of it.
fn ring(capacity: u32, start: u32, consumer: &Bed) -> (RingWriter, Reader) {
    let words = RingWords {
        tail: Word::new(start),
        high_water: Word::new(0),
        closed: Word::new(0),
        head: Word::new(start),
    };
    let data = Bytes::new(capacity as usize);
    let reader = Reader {
        tail: words.tail.clone(),
        head: words.head.clone(),
        closed: words.closed.clone(),
        data: data.clone(),
        capacity,
        position: start,
    };
    let writer = RingWriter::new(words, data, capacity, consumer.parking(7));
    (writer, reader)
}

struct Reader {
    tail: Word,
    head: Word,
    closed: Word,
    data: Bytes,
    capacity: u32,
    position: u32,
}

impl Reader {
    fn is_empty(&self) -> bool {
        self.tail.load(Ordering::Acquire) == self.position
    }

    /// The next record's number, checked against every byte of it, and its space given back.
    fn take(&mut self) -> Option<u32> {
        let tail = self.tail.load(Ordering::Acquire);
        while self.position != tail {
            let at = self.position & (self.capacity - 1);
            let head = self.data.word(at as usize);
            let length = u32::from_le_bytes([head[0], head[1], head[2], head[3]]);
            self.position = self.position.wrapping_add(length.next_multiple_of(8));
            let number = u32::from(head[5]);
            let padding = u32::from(head[4]) == record_kind::PADDING;
            if !padding {
                for word in 1..length / 8 {
                    assert_eq!(self.data.word((at + word * 8) as usize), [number as u8; 8]);
                }
            }
            self.head.store(self.position, Ordering::Release);
            if !padding {
                return Some(number);
            }
        }
        None
    }
}

/// Claims and fills record `number` of `length` bytes; false while the ring is full.
fn put(writer: &mut RingWriter, number: u8, length: u32) -> bool {
    let Some(claim) = writer.claim(length) else {
        return false;
    };
    let [a, b, c, d] = length.to_le_bytes();
    writer.fill(
        claim,
        0,
        &[a, b, c, d, record_kind::PACKET as u8, number, 0, 0],
    );
    for word in 1..length as usize / 8 {
        writer.fill(claim, word * 8, &[number; 8]);
    }
    true
}

/// Checks every execution with at most 3 preemptions; without that bound they are too many. It is enough to find each
/// of these out: a relaxed tail or head, no fence in `take_sleeper` or `raise`, a ring that is never full.
fn model(check: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(check);
}

#[test]
fn loom_records_arrive_whole_in_order_and_without_loss() {
    model(|| {
        // 64 bytes; the first record needs padding before it, and positions wrap at 2^32 there.
        let bed = Bed::new();
        let (mut writer, mut reader) = ring(64, 0_u32.wrapping_sub(8), &bed);
        let producer = thread::spawn(move || {
            for number in 1..=3 {
                while !put(&mut writer, number, 16) {
                    thread::yield_now();
                }
                writer.publish();
            }
        });
        let mut next = 1;
        while next <= 3 {
            match reader.take() {
                Some(number) => {
                    assert_eq!(number, next);
                    next += 1;
                }
                None => thread::yield_now(),
            }
        }
        producer.join().unwrap();
        assert!(reader.take().is_none());
    });
}

#[test]
fn loom_space_is_reused_only_after_it_was_given_back() {
    model(|| {
        // A full ring of 32 bytes: each of the later records lands on bytes that the reader has read before.
        let bed = Bed::new();
        let (mut writer, mut reader) = ring(32, 0, &bed);
        for number in 1..=4 {
            assert!(put(&mut writer, number, 8));
        }
        assert!(!put(&mut writer, 5, 8));
        writer.publish();
        let producer = thread::spawn(move || {
            for number in 5..=6 {
                while !put(&mut writer, number, 8) {
                    thread::yield_now();
                }
                writer.publish();
            }
        });
        let mut next = 1;
        while next <= 6 {
            match reader.take() {
                Some(number) => {
                    assert_eq!(number, next);
                    next += 1;
                }
                None => thread::yield_now(),
            }
        }
        producer.join().unwrap();
    });
}

#[test]
fn loom_a_sleeping_consumer_is_always_woken() {
    model(|| {
        let bed = Bed::new();
        let (mut writer, mut reader) = ring(64, 0, &bed);
        let producer_bed = bed.clone();
        let producer = thread::spawn(move || {
            for number in 1..=2 {
                assert!(put(&mut writer, number, 16));
                writer.publish();
                if let Some(index) = writer.take_sleeper() {
                    assert_eq!(index, 7);
                    producer_bed.futex.notify();
                }
            }
            writer.close();
            if writer.take_sleeper().is_some() {
                producer_bed.futex.notify();
            }
        });
        let mut seen = 0;
        loop {
            if let Some(number) = reader.take() {
                seen += 1;
                assert_eq!(number, seen);
                continue;
            }
            if reader.closed.load(Ordering::Acquire) == 1 && reader.is_empty() {
                break;
            }
            bed.word.store(1, Ordering::SeqCst);
            fence(Ordering::SeqCst);
            if reader.is_empty() && reader.closed.load(Ordering::Acquire) == 0 {
                bed.futex.wait(&bed.word);
            }
            bed.word.store(0, Ordering::SeqCst);
        }
        assert_eq!(seen, 2);
        producer.join().unwrap();
    });
}

#[test]
fn loom_a_sleeping_producer_is_always_woken() {
    model(|| {
        let consumer_bed = Bed::new();
        let own_bed = Bed::new();
        let (mut writer, mut reader) = ring(32, 0, &consumer_bed);
        for number in 1..=4 {
            assert!(put(&mut writer, number, 8));
        }
        writer.publish();
        let own = own_bed.parking(3);
        let sleeper = own_bed.clone();
        let producer = thread::spawn(move || {
            // As the engine and the loop around it do: raise, try once more, sleep.
            while !put(&mut writer, 5, 8) {
                own.raise();
                if put(&mut writer, 5, 8) {
                    own.lower();
                    break;
                }
                sleeper.futex.wait(&sleeper.word);
                own.lower();
            }
            writer.publish();
        });
        let mut seen = 0;
        while seen < 4 {
            seen += 1;
            assert_eq!(reader.take(), Some(seen));
            fence(Ordering::SeqCst);
            if own_bed.word.load(Ordering::SeqCst) == 1 && own_bed.word.change(1, 0) {
                own_bed.futex.notify();
            }
        }
        producer.join().unwrap();
        assert_eq!(reader.take(), Some(5));
    });
}
