//! The producer's end of a byte ring (layout: `ring_header`, drawn in `tools/layout.ts`): one source writes, one
//! packet worker reads. [`crate::engine`] owns one writer per worker and uses it on the capture thread. It never
//! waits and never reads a record back.
//!
//! Records are contiguous and 8-byte aligned. When a record does not fit before the end of the data area, a padding
//! record fills the rest and the record goes to the start. Claimed records become readable together, when
//! [`RingWriter::publish`] moves the tail.

use crate::generated::layout::{packet, record_kind, ring as fixed, ring_header};
use crate::shared::{Bytes, Ordering, Word, fence};

/// Least bytes of a ring's data area.
pub const MIN_CAPACITY: u32 = 4 << 10;
/// Most bytes of a ring's data area.
pub const MAX_CAPACITY: u32 = 1 << 30;
/// Bytes of a cache line.
const LINE_BYTES: usize = 64;
/// How far ahead of what is claimed lines are asked for.
const AHEAD_BYTES: u32 = 1024;
/// Of longer records so many bytes; the processor sees for itself how the rest goes on.
const AHEAD_MOST: u32 = 256;
const _: () = assert!(ring_header::SIZE.is_multiple_of(fixed::RECORD_ALIGN as usize));

/// Why memory is not a ring that can be written.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RingError {
    /// The memory is shorter than its header says, or not aligned.
    #[error("the ring's memory is {0}")]
    Memory(&'static str),
    /// The header does not begin a ring of this version.
    #[error("not a ring: magic {0:#x}")]
    Magic(u32),
    /// The capacity is no power of two in bounds, or larger than the memory.
    #[error("ring capacity {0} is not a power of two from 4 KiB to 1 GiB that fits its memory")]
    Capacity(u32),
    /// A parking word lies outside the parking lot.
    #[error("parking word {0} lies outside the parking lot")]
    ParkingWord(u32),
    /// The producer's parking word is not the one of this source.
    #[error("the ring's producer parks on word {ring}, this source on word {own}")]
    Producer {
        /// Word in the ring's header.
        ring: u32,
        /// Word of the source.
        own: u32,
    },
    /// Another producer has closed the ring.
    #[error("the ring is closed")]
    Closed,
}

/// A word of the parking lot, 1 while its thread sleeps or is about to. Word n is the first of cache line n.
#[derive(Clone)]
pub struct ParkingWord {
    word: Word,
    index: u32,
}

impl ParkingWord {
    /// The word `index` of a lot of `length` bytes at `lot`.
    ///
    /// # Safety
    /// The lot is 4-byte aligned shared memory that outlives the word and that others access atomically.
    #[cfg(not(loom))]
    pub unsafe fn at(lot: *mut u8, length: usize, index: u32) -> Result<ParkingWord, RingError> {
        if !(lot as usize).is_multiple_of(4) {
            return Err(RingError::Memory("not aligned"));
        }
        let stride = fixed::PARK_STRIDE_WORDS as usize * 4;
        if index as usize >= length / stride {
            return Err(RingError::ParkingWord(index));
        }
        // SAFETY: in bounds by the check above; valid by this function's own contract.
        let word = unsafe { Word::at(lot.add(index as usize * stride)) };
        Ok(ParkingWord { word, index })
    }

    /// A word of the model.
    #[cfg(loom)]
    pub fn new(word: Word, index: u32) -> ParkingWord {
        ParkingWord { word, index }
    }

    /// Which word of the lot this is.
    pub fn index(&self) -> u32 {
        self.index
    }

    /// After something was published for the thread that sleeps here: true when it sleeps, and then the caller must
    /// notify it. The fence orders the publication before the look; the sleeper raises its word before it looks
    /// again, so at least one of the two sees the other.
    pub fn take_sleeper(&self) -> bool {
        fence(Ordering::SeqCst);
        self.word.load(Ordering::Relaxed) == 1 && self.word.change(1, 0)
    }

    /// This thread is about to sleep here. What it waits for must be looked at once more after this call.
    pub fn raise(&self) {
        self.word.store(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    /// This thread does not sleep (any more).
    pub fn lower(&self) {
        self.word.store(0, Ordering::Release);
    }
}

/// Space for one record, claimed but not yet readable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim {
    offset: u32,
    length: u32,
}

/// The only producer of one ring.
pub struct RingWriter {
    tail: Word,
    high_water_word: Word,
    closed: Word,
    head: Word,
    data: Bytes,
    consumer: ParkingWord,
    capacity: u32,
    /// Position after the last claimed record.
    position: u32,
    /// Position after the last published record.
    published: u32,
    /// The consumer's head when it was last read.
    cached_head: u32,
    high_water: u32,
    unpublished_records: u32,
}

impl RingWriter {
    /// Attaches to the ring of `length` bytes at `memory`, whose header its creator has written, and to the parking
    /// word of its consumer. `own_word` is the word on which this source sleeps: the ring must name the same.
    ///
    /// # Safety
    /// Both ranges are shared memory that outlives the writer; nobody else produces into this ring.
    #[cfg(not(loom))]
    pub unsafe fn attach(
        memory: *mut u8,
        length: usize,
        lot: *mut u8,
        lot_length: usize,
        own_word: u32,
    ) -> Result<RingWriter, RingError> {
        if !(memory as usize).is_multiple_of(8) {
            return Err(RingError::Memory("not aligned to 8 bytes"));
        }
        if length < ring_header::SIZE {
            return Err(RingError::Memory("shorter than a ring's header"));
        }
        // SAFETY: every header word lies below `ring_header::SIZE`, which the memory has, 4-byte aligned.
        let word = |at: usize| unsafe { Word::at(memory.add(at)) };
        let magic = word(ring_header::MAGIC).load(Ordering::Relaxed);
        if magic != fixed::MAGIC {
            return Err(RingError::Magic(magic));
        }
        let capacity = word(ring_header::CAPACITY).load(Ordering::Relaxed);
        let in_bounds = (MIN_CAPACITY..=MAX_CAPACITY).contains(&capacity);
        if !capacity.is_power_of_two()
            || !in_bounds
            || capacity as usize > length - ring_header::SIZE
        {
            return Err(RingError::Capacity(capacity));
        }
        let producer = word(ring_header::PRODUCER_PARK).load(Ordering::Relaxed);
        if producer != own_word {
            return Err(RingError::Producer {
                ring: producer,
                own: own_word,
            });
        }
        let consumer = word(ring_header::CONSUMER_PARK).load(Ordering::Relaxed);
        // SAFETY: the caller's promise about the lot.
        let consumer = unsafe { ParkingWord::at(lot, lot_length, consumer)? };
        if word(ring_header::CLOSED).load(Ordering::Relaxed) != 0 {
            return Err(RingError::Closed);
        }
        // SAFETY: the data area lies behind the header, `capacity` bytes of it by the check above.
        let data = unsafe { Bytes::at(memory.add(ring_header::SIZE), capacity as usize) };
        Ok(RingWriter::new(
            RingWords {
                tail: word(ring_header::TAIL),
                high_water: word(ring_header::HIGH_WATER),
                closed: word(ring_header::CLOSED),
                head: word(ring_header::HEAD),
            },
            data,
            capacity,
            consumer,
        ))
    }

    /// A writer over given words and data; `attach` and the model build on it.
    fn new(words: RingWords, data: Bytes, capacity: u32, consumer: ParkingWord) -> RingWriter {
        let tail = words.tail.load(Ordering::Relaxed);
        RingWriter {
            position: tail,
            published: tail,
            cached_head: words.head.load(Ordering::Acquire),
            high_water: words.high_water.load(Ordering::Relaxed),
            tail: words.tail,
            high_water_word: words.high_water,
            closed: words.closed,
            head: words.head,
            data,
            consumer,
            capacity,
            unpublished_records: 0,
        }
    }

    /// Bytes of the data area.
    pub fn capacity(&self) -> u32 {
        self.capacity
    }

    /// Longest record that this ring takes: a quarter of it, so that padding and record always fit an empty ring.
    #[inline]
    pub fn max_record(&self) -> u32 {
        self.capacity / 4
    }

    /// Bytes claimed but not yet readable.
    #[inline]
    pub fn unpublished_bytes(&self) -> u32 {
        self.position.wrapping_sub(self.published)
    }

    /// Records claimed but not yet readable.
    #[inline]
    pub fn unpublished_records(&self) -> u32 {
        self.unpublished_records
    }

    /// Space for a record of `length` bytes, 1 to [`RingWriter::max_record`], or nothing while the ring is full. The
    /// caller fills all of it with [`RingWriter::fill`] before it publishes.
    #[inline]
    pub fn claim(&mut self, length: u32) -> Option<Claim> {
        assert!(
            length > 0 && length <= self.max_record(),
            "record length out of bounds"
        );
        let needed = length.next_multiple_of(fixed::RECORD_ALIGN);
        let offset = self.position & (self.capacity - 1);
        let to_end = self.capacity - offset;
        let padding = if needed > to_end { to_end } else { 0 };
        if !self.has_free(padding + needed) {
            return None;
        }
        let offset = if padding == 0 {
            offset
        } else {
            self.pad(offset, padding);
            0
        };
        self.position = self.position.wrapping_add(padding + needed);
        self.unpublished_records += 1;
        self.ask_ahead(needed);
        Some(Claim { offset, length })
    }

    /// Asks for as many lines ahead as a record takes, some records ahead: another core has read them last, and has to give them up.
    #[inline(always)]
    fn ask_ahead(&self, bytes: u32) {
        let from = self.position.wrapping_add(AHEAD_BYTES);
        for line in (0..bytes.min(AHEAD_MOST)).step_by(LINE_BYTES) {
            let offset = from.wrapping_add(line) & (self.capacity - 1);
            self.data.ask_ahead(offset as usize);
        }
    }

    /// Copies `bytes` into a claimed record at `at`. Panics outside the record: a programmer's error.
    #[inline]
    pub fn fill(&mut self, claim: Claim, at: usize, bytes: &[u8]) {
        assert!(
            at <= claim.length as usize && bytes.len() <= claim.length as usize - at,
            "write outside the record"
        );
        self.data.copy_in(claim.offset as usize + at, bytes);
    }

    /// As [`RingWriter::fill`], for words, least significant bytes first.
    #[inline(always)]
    pub fn fill_words<const N: usize>(&mut self, claim: Claim, at: usize, words: &[u64; N]) {
        assert!(
            at <= claim.length as usize && N * 8 <= claim.length as usize - at,
            "write outside the record"
        );
        self.data.put_words(claim.offset as usize + at, words);
    }

    /// Makes all claimed records readable. The consumer may sleep: [`RingWriter::take_sleeper`] says so.
    pub fn publish(&mut self) {
        if self.position == self.published {
            return;
        }
        // The consumer's true head, once a batch: a stale one would make the high-water mark too high.
        self.cached_head = self.head.load(Ordering::Acquire);
        let used = self.position.wrapping_sub(self.cached_head);
        if used > self.high_water {
            self.high_water = used;
            self.high_water_word.store(used, Ordering::Relaxed);
        }
        self.tail.store(self.position, Ordering::Release);
        self.published = self.position;
        self.unpublished_records = 0;
    }

    /// After [`RingWriter::publish`]: the parking word of the consumer when it sleeps; the caller must notify it.
    pub fn take_sleeper(&self) -> Option<u32> {
        self.consumer
            .take_sleeper()
            .then_some(self.consumer.index())
    }

    /// Publishes and says that no record will follow.
    pub fn close(&mut self) {
        self.publish();
        self.closed.store(1, Ordering::Release);
    }

    #[inline]
    fn has_free(&mut self, bytes: u32) -> bool {
        if self.free() >= bytes {
            return true;
        }
        self.cached_head = self.head.load(Ordering::Acquire);
        self.free() >= bytes
    }

    /// Free bytes by the cached head; none when the consumer's head makes no sense.
    #[inline]
    fn free(&self) -> u32 {
        let used = self.position.wrapping_sub(self.cached_head);
        self.capacity.saturating_sub(used)
    }

    #[cold]
    fn pad(&mut self, offset: u32, length: u32) {
        let mut header = [0; 8];
        header[packet::LENGTH..packet::LENGTH + 4].copy_from_slice(&length.to_le_bytes());
        header[packet::KIND] = record_kind::PADDING as u8;
        self.data.copy_in(offset as usize, &header);
    }
}

/// The words of a ring's header that change.
struct RingWords {
    tail: Word,
    high_water: Word,
    closed: Word,
    head: Word,
}

#[cfg(all(test, not(loom)))]
#[path = "ring_tests.rs"]
mod tests;

#[cfg(all(test, loom))]
#[path = "ring_model.rs"]
mod model;
