//! The ring's producer end against memory laid out by hand, as TypeScript makes it.

use super::*;
use crate::generated::layout::ring::PARK_STRIDE_WORDS;

const CAPACITY: u32 = 4096;
const LOT_WORDS: usize = 4;
const OWN: u32 = 1;
const CONSUMER: u32 = 2;

/// A ring and a parking lot in plain memory; u64 for the alignment.
struct Memory {
    ring: Vec<u64>,
    lot: Vec<u64>,
}

impl Memory {
    fn new() -> Memory {
        let mut memory = Memory {
            ring: vec![0; (ring_header::SIZE + CAPACITY as usize) / 8],
            lot: vec![0; LOT_WORDS * PARK_STRIDE_WORDS as usize / 2],
        };
        memory.set(ring_header::MAGIC, fixed::MAGIC);
        memory.set(ring_header::CAPACITY, CAPACITY);
        memory.set(ring_header::PRODUCER_PARK, OWN);
        memory.set(ring_header::CONSUMER_PARK, CONSUMER);
        memory
    }

    fn word(&mut self, at: usize) -> Word {
        // SAFETY: in the ring's memory, aligned; single-threaded tests.
        unsafe { Word::at(self.ring.as_mut_ptr().cast::<u8>().add(at)) }
    }

    fn set(&mut self, at: usize, value: u32) {
        self.word(at).store(value, Ordering::Relaxed);
    }

    fn get(&mut self, at: usize) -> u32 {
        self.word(at).load(Ordering::Relaxed)
    }

    fn data(&mut self, at: u32) -> u32 {
        self.get(ring_header::SIZE + at as usize)
    }

    fn lot_word(&mut self, index: u32) -> Word {
        // SAFETY: in the lot's memory, aligned.
        unsafe {
            Word::at(
                self.lot
                    .as_mut_ptr()
                    .cast::<u8>()
                    .add((index * PARK_STRIDE_WORDS * 4) as usize),
            )
        }
    }

    fn attach(&mut self) -> Result<RingWriter, RingError> {
        self.attach_with(self.ring.len() * 8, OWN)
    }

    fn attach_with(&mut self, length: usize, own: u32) -> Result<RingWriter, RingError> {
        let lot = self.lot.as_mut_ptr().cast();
        // SAFETY: both vectors outlive the writer in every test here.
        unsafe {
            RingWriter::attach(
                self.ring.as_mut_ptr().cast(),
                length,
                lot,
                self.lot.len() * 8,
                own,
            )
        }
    }
}

fn put(writer: &mut RingWriter, length: u32, mark: u32) -> bool {
    let Some(claim) = writer.claim(length) else {
        return false;
    };
    writer.fill(claim, 0, &mark.to_le_bytes());
    true
}

#[test]
fn nothing_is_readable_before_publish() {
    let mut memory = Memory::new();
    let mut writer = memory.attach().unwrap();
    assert!(put(&mut writer, 20, 11));
    assert!(put(&mut writer, 8, 12));
    assert_eq!(memory.get(ring_header::TAIL), 0);
    assert_eq!(writer.unpublished_bytes(), 32);
    assert_eq!(writer.unpublished_records(), 2);
    writer.publish();
    assert_eq!(memory.get(ring_header::TAIL), 32);
    assert_eq!(memory.get(ring_header::HIGH_WATER), 32);
    assert_eq!(memory.data(0), 11);
    assert_eq!(memory.data(24), 12);
    assert_eq!(writer.unpublished_records(), 0);
}

#[test]
fn a_record_that_does_not_fit_before_the_end_goes_to_the_start_behind_padding() {
    let mut memory = Memory::new();
    memory.set(ring_header::TAIL, 4096 - 24);
    memory.set(ring_header::HEAD, 4096 - 24);
    let mut writer = memory.attach().unwrap();
    assert!(put(&mut writer, 32, 5));
    writer.publish();
    assert_eq!(memory.data(4096 - 24), 24);
    assert_eq!(memory.data(4096 - 20), record_kind::PADDING);
    assert_eq!(memory.data(0), 5);
    assert_eq!(memory.get(ring_header::TAIL), 4096 + 32);
}

#[test]
fn a_record_that_ends_at_the_end_needs_no_padding_and_positions_wrap() {
    let start = 0_u32.wrapping_sub(24);
    let mut memory = Memory::new();
    memory.set(ring_header::TAIL, start);
    memory.set(ring_header::HEAD, start);
    let mut writer = memory.attach().unwrap();
    assert!(put(&mut writer, 24, 5));
    assert!(put(&mut writer, 8, 6));
    writer.publish();
    assert_eq!(memory.data(4096 - 24), 5);
    assert_eq!(memory.data(0), 6);
    assert_eq!(memory.get(ring_header::TAIL), 8);
    assert_eq!(memory.get(ring_header::HIGH_WATER), 32);
}

#[test]
fn a_full_ring_refuses_until_space_is_given_back() {
    let mut memory = Memory::new();
    let mut writer = memory.attach().unwrap();
    for mark in 0..4 {
        assert!(put(&mut writer, 1024, mark));
    }
    assert!(!put(&mut writer, 1, 9));
    writer.publish();
    memory.set(ring_header::HEAD, 1024);
    assert!(put(&mut writer, 1024, 4));
    assert!(!put(&mut writer, 1, 9));
    writer.publish();
    assert_eq!(memory.data(0), 4);
    assert_eq!(memory.get(ring_header::HIGH_WATER), 4096);
}

#[test]
fn padding_is_not_written_while_the_record_behind_it_does_not_fit() {
    let mut memory = Memory::new();
    memory.set(ring_header::TAIL, 4096 - 16);
    memory.set(ring_header::HEAD, 4096 - 3200);
    let mut writer = memory.attach().unwrap();
    // 3184 bytes are in use, 912 free: 16 of padding and 904 of record are too much.
    assert!(!put(&mut writer, 904, 1));
    assert_eq!(writer.unpublished_bytes(), 0);
    assert!(put(&mut writer, 896, 1));
    assert_eq!(writer.unpublished_bytes(), 912);
}

#[test]
fn a_head_that_makes_no_sense_stops_the_writer_and_nothing_else() {
    let mut memory = Memory::new();
    memory.set(ring_header::HEAD, 8);
    let mut writer = memory.attach().unwrap();
    assert!(!put(&mut writer, 8, 1));
}

#[test]
fn only_a_raised_parking_word_is_taken_and_only_once() {
    let mut memory = Memory::new();
    let mut writer = memory.attach().unwrap();
    assert!(put(&mut writer, 8, 1));
    writer.publish();
    assert_eq!(writer.take_sleeper(), None);
    let word = memory.lot_word(CONSUMER);
    word.store(1, Ordering::Relaxed);
    assert_eq!(writer.take_sleeper(), Some(CONSUMER));
    assert_eq!(word.load(Ordering::Relaxed), 0);
    assert_eq!(writer.take_sleeper(), None);
}

#[test]
fn closing_publishes_first() {
    let mut memory = Memory::new();
    let mut writer = memory.attach().unwrap();
    assert!(put(&mut writer, 8, 1));
    writer.close();
    assert_eq!(memory.get(ring_header::TAIL), 8);
    assert_eq!(memory.get(ring_header::CLOSED), 1);
}

#[test]
fn attaching_checks_the_header() {
    let error = |change: fn(&mut Memory)| {
        let mut memory = Memory::new();
        change(&mut memory);
        memory.attach().err().unwrap()
    };
    assert_eq!(
        error(|memory| memory.set(ring_header::MAGIC, 1)),
        RingError::Magic(1)
    );
    for capacity in [0, 2048, 4095, 8192] {
        let mut memory = Memory::new();
        memory.set(ring_header::CAPACITY, capacity);
        assert_eq!(
            memory.attach().err().unwrap(),
            RingError::Capacity(capacity)
        );
    }
    assert_eq!(
        error(|memory| memory.set(ring_header::CONSUMER_PARK, 4)),
        RingError::ParkingWord(4)
    );
    assert_eq!(
        error(|memory| memory.set(ring_header::CLOSED, 1)),
        RingError::Closed
    );
    let mut memory = Memory::new();
    assert_eq!(
        memory
            .attach_with(ring_header::SIZE + 4095, OWN)
            .err()
            .unwrap(),
        RingError::Capacity(4096)
    );
    assert_eq!(
        memory.attach_with(255, OWN).err().unwrap(),
        RingError::Memory("shorter than a ring's header")
    );
    assert_eq!(
        memory
            .attach_with(ring_header::SIZE + 4096, 3)
            .err()
            .unwrap(),
        RingError::Producer { ring: OWN, own: 3 }
    );
}
