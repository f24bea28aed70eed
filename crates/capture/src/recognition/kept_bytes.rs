//! The first bytes of TCP directions whose protocol is not yet decided: in order from the direction's start, in blocks of two sizes.
//! Directions are numbered: session * 2 + direction.

use crate::memory::Memory;

/// Bytes of the blocks that most directions get along with.
const SMALL_BYTES: usize = 48;
/// What a block takes beside them.
const HEAD_BYTES: usize = 16;

/// Numbers of counters. What has none is not counted.
#[derive(Debug, Clone, Default)]
pub struct KeptCounters {
    /// A gauge: memory of the blocks in use.
    pub held: Option<u32>,
    /// Directions that there was no memory for.
    pub refused: Option<u32>,
}

/// What is kept of a direction.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kept<'a> {
    /// The bytes.
    pub bytes: &'a [u8],
    /// The sequence number behind them.
    pub after: i32,
    /// When the first of them came.
    pub time_us: f64,
}

/// Bytes of directions, of which each has at most `most`.
pub struct KeptBytes {
    /// By direction: 0 nothing; a block of `small`, from 1 on; or one of `large`, below 0.
    places: Memory,
    small: Blocks,
    large: Blocks,
    limit: usize,
    held: usize,
    counters: Memory,
    numbers: KeptCounters,
}

impl Default for KeptBytes {
    /// Keeps nothing.
    fn default() -> KeptBytes {
        KeptBytes::new(
            0,
            0,
            Memory::none(),
            Memory::none(),
            KeptCounters::default(),
        )
    }
}

impl KeptBytes {
    /// `most` bytes of a direction, which `limit` bytes of memory are for. `places`: a word for each direction, all 0; who reads it sees
    /// which directions have any. `counters`: f64 each.
    pub fn new(
        most: usize,
        limit: usize,
        places: Memory,
        counters: Memory,
        numbers: KeptCounters,
    ) -> KeptBytes {
        KeptBytes {
            places,
            small: Blocks::new(SMALL_BYTES),
            large: Blocks::new(most),
            limit,
            held: 0,
            counters,
            numbers,
        }
    }

    /// Most bytes of a direction.
    pub fn most(&self) -> usize {
        self.large.width
    }

    #[inline]
    fn place(&self, direction: u32) -> i32 {
        let at = direction as usize * 4;
        if at + 4 > self.places.bytes() {
            return 0;
        }
        self.places.get(at)
    }

    fn put(&self, direction: u32, place: i32) {
        self.places.put(direction as usize * 4, place);
    }

    /// What is kept of a direction.
    #[inline]
    pub fn of(&self, direction: u32) -> Option<Kept<'_>> {
        match self.place(direction) {
            0 => None,
            place if place > 0 => Some(self.small.of(place as u32)),
            place => Some(self.large.of(place.unsigned_abs())),
        }
    }

    /// Adds the next bytes of a direction, with those before no more than `most`. `after`: the sequence number behind them. False: there
    /// is no memory for them, and nothing is kept of the direction any more.
    pub fn add(&mut self, direction: u32, bytes: &[u8], after: i32, time_us: f64) -> bool {
        let place = self.place(direction);
        let before = self.of(direction).map_or(0, |kept| kept.bytes.len());
        let is_small = before + bytes.len() <= SMALL_BYTES;
        if before + bytes.len() > self.most() {
            return false;
        }
        let block = if place == 0 {
            self.take(is_small)
        } else if place > 0 && !is_small {
            self.enlarge(place)
        } else {
            place
        };
        if block != place {
            self.put(direction, block);
        }
        if block == 0 {
            return false;
        }
        let (blocks, block) = self.blocks(block);
        let head = &mut blocks.heads[block as usize - 1];
        if before == 0 {
            head.time_us = time_us;
        }
        head.after = after;
        head.length = before + bytes.len();
        let from = (block as usize - 1) * blocks.width + before;
        blocks.bytes[from..from + bytes.len()].copy_from_slice(bytes);
        true
    }

    /// Takes back all but the first `length` bytes of a direction of which more are kept; `after` is the sequence number behind those.
    pub fn cut(&mut self, direction: u32, length: usize, after: i32) {
        let place = self.place(direction);
        if place == 0 {
            return;
        }
        let (blocks, block) = self.blocks(place);
        let head = &mut blocks.heads[block as usize - 1];
        head.length = head.length.min(length);
        head.after = after;
    }

    /// Keeps nothing of a direction any more.
    #[inline]
    pub fn drop(&mut self, direction: u32) {
        let place = self.place(direction);
        if place == 0 {
            return;
        }
        self.put(direction, 0);
        self.release(place);
    }

    /// Two directions change places.
    pub fn swap(&mut self, one: u32, other: u32) {
        let (first, second) = (self.place(one), self.place(other));
        if first != second {
            self.put(one, second);
            self.put(other, first);
        }
    }

    fn blocks(&mut self, place: i32) -> (&mut Blocks, u32) {
        let blocks = if place > 0 {
            &mut self.small
        } else {
            &mut self.large
        };
        (blocks, place.unsigned_abs())
    }

    fn take(&mut self, is_small: bool) -> i32 {
        let blocks = if is_small {
            &mut self.small
        } else {
            &mut self.large
        };
        let bytes = blocks.width + HEAD_BYTES;
        if self.held + bytes > self.limit {
            if let Some(counter) = self.numbers.refused {
                self.counters.add(counter, 1.0);
            }
            return 0;
        }
        let block = blocks.take() as i32;
        self.hold(bytes as isize);
        if is_small { block } else { -block }
    }

    /// Moves what is in a small block into a large one, 0 when there is none; the small one is free then.
    fn enlarge(&mut self, place: i32) -> i32 {
        let larger = self.take(false);
        if larger != 0 {
            let (from, to) = (place as usize - 1, larger.unsigned_abs() as usize - 1);
            self.large.heads[to] = self.small.heads[from];
            let source = &self.small.bytes[from * SMALL_BYTES..][..SMALL_BYTES];
            self.large.bytes[to * self.large.width..][..SMALL_BYTES].copy_from_slice(source);
        }
        self.release(place);
        larger
    }

    fn release(&mut self, place: i32) {
        let (blocks, block) = self.blocks(place);
        blocks.free.push(block);
        let bytes = blocks.width + HEAD_BYTES;
        self.hold(-(bytes as isize));
    }

    fn hold(&mut self, bytes: isize) {
        self.held = self.held.wrapping_add_signed(bytes);
        if let Some(counter) = self.numbers.held {
            self.counters.add(counter, bytes as f64);
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Head {
    after: i32,
    length: usize,
    time_us: f64,
}

/// Blocks of one size, numbered from 1 on.
struct Blocks {
    width: usize,
    heads: Vec<Head>,
    bytes: Vec<u8>,
    free: Vec<u32>,
}

impl Blocks {
    fn new(width: usize) -> Blocks {
        Blocks {
            width,
            heads: Vec::new(),
            bytes: Vec::new(),
            free: Vec::new(),
        }
    }

    fn take(&mut self) -> u32 {
        self.free.pop().unwrap_or_else(|| {
            self.heads.push(Head::default());
            self.bytes.resize(self.heads.len() * self.width, 0);
            self.heads.len() as u32
        })
    }

    fn of(&self, block: u32) -> Kept<'_> {
        let at = block as usize - 1;
        let Head {
            after,
            length,
            time_us,
        } = self.heads[at];
        Kept {
            bytes: &self.bytes[at * self.width..][..length],
            after,
            time_us,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    const MOST: usize = 256;
    const DIRECTIONS: u32 = 8;

    struct Bench {
        kept: KeptBytes,
        places: Vec<u64>,
        counters: Vec<u64>,
    }

    impl Bench {
        fn new(limit: usize) -> Bench {
            let mut places = vec![0; DIRECTIONS as usize / 2];
            let mut counters = vec![0; 2];
            let memory = |words: &mut Vec<u64>| {
                // SAFETY: u64 are aligned, and a bench keeps what it made until it is done with the memory.
                unsafe { Memory::at(words.as_mut_ptr().cast(), words.len() * 8) }
            };
            let numbers = KeptCounters {
                held: Some(0),
                refused: Some(1),
            };
            let (places_of, counted) = (memory(&mut places), memory(&mut counters));
            Bench {
                kept: KeptBytes::new(MOST, limit, places_of, counted, numbers),
                places,
                counters,
            }
        }

        fn counted(&self) -> [f64; 2] {
            [0, 1].map(|counter| f64::from_bits(self.counters[counter]))
        }
    }

    proptest! {
        #[test]
        fn are_those_that_were_added_whatever_else_happens(
            steps in prop::collection::vec((0..DIRECTIONS, 0u8..8, 1usize..200, any::<u8>()), 0..80),
        ) {
            let mut bench = Bench::new(1 << 20);
            let kept = &mut bench.kept;
            let mut model: HashMap<u32, (Vec<u8>, i32, f64)> = HashMap::new();
            for (index, (direction, action, length, byte)) in steps.into_iter().enumerate() {
                let after = index as i32 - 30;
                let time_us = index as f64 * 1.5;
                match action {
                    0 => {
                        kept.drop(direction);
                        model.remove(&direction);
                    }
                    1 => {
                        if let Some((bytes, old, _)) = model.get_mut(&direction) {
                            let left = 1 + length % bytes.len();
                            kept.cut(direction, left, after);
                            bytes.truncate(left);
                            *old = after;
                        }
                    }
                    2 => {
                        kept.swap(direction, direction ^ 1);
                        let both = (model.remove(&direction), model.remove(&(direction ^ 1)));
                        both.0.map(|each| model.insert(direction ^ 1, each));
                        both.1.map(|each| model.insert(direction, each));
                    }
                    _ => {
                        let before = model.get(&direction).map_or(0, |(bytes, ..)| bytes.len());
                        let bytes = vec![byte; length.min(MOST - before).min(if action < 6 { 9 } else { MOST })];
                        if bytes.is_empty() {
                            continue;
                        }
                        prop_assert!(kept.add(direction, &bytes, after, time_us));
                        let known = model.entry(direction).or_insert((Vec::new(), 0, time_us));
                        known.0.extend(bytes);
                        known.1 = after;
                    }
                }
                for each in 0..DIRECTIONS {
                    let expected = model.get(&each).map(|(bytes, after, time_us)| Kept {
                        bytes,
                        after: *after,
                        time_us: *time_us,
                    });
                    prop_assert_eq!(kept.of(each), expected);
                }
            }
            for each in 0..DIRECTIONS {
                bench.kept.drop(each);
            }
            prop_assert_eq!(bench.counted(), [0.0, 0.0]);
            prop_assert!(bench.places.iter().all(|places| *places == 0));
        }
    }

    #[test]
    fn beyond_the_limit_are_refused_and_what_a_direction_had_is_dropped() {
        // Room for two small blocks and a large one.
        let mut bench = Bench::new(400);
        let kept = &mut bench.kept;
        let bytes = [120; 300];
        assert!(kept.add(0, &bytes[..10], 0, 0.0));
        assert!(kept.add(2, &bytes[..10], 0, 0.0));
        assert!(kept.add(4, &bytes[..100], 0, 0.0));
        assert!(!kept.add(6, &bytes[..1], 0, 0.0));
        assert!(!kept.add(0, &bytes[..100], 0, 0.0));
        let lengths = [0, 2, 4, 6].map(|each| kept.of(each).map(|kept| kept.bytes.len()));
        assert_eq!(lengths, [None, Some(10), Some(100), None]);
        assert!(kept.add(6, &bytes[..48], 0, 0.0));
        assert_eq!(bench.counted(), [64.0 + 64.0 + 272.0, 2.0]);
    }

    #[test]
    fn more_than_the_most_are_refused() {
        let mut bench = Bench::new(1 << 20);
        let kept = &mut bench.kept;
        assert!(kept.add(1, &[1; 250], 0, 0.0));
        assert!(!kept.add(1, &[1; 7], 0, 0.0));
        assert_eq!(kept.of(1).map(|kept| kept.bytes.len()), Some(250));
        assert!(KeptBytes::default().of(7).is_none());
        assert!(!KeptBytes::default().add(7, &[1], 0, 0.0));
        KeptBytes::default().drop(7);
        KeptBytes::default().swap(6, 7);
    }
}
