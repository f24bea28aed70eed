//! The source's block of the shared counter array. [`crate::engine`] counts in plain integers on the capture thread
//! and stores the block at the end of a poll, so that counting costs the packet path one add. Readers in other
//! threads see each counter whole, but not all of them from the same instant.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::generated::layout::counter;

/// The counters of one source, by `counter` index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts([u64; counter::COUNT]);

impl Default for Counts {
    fn default() -> Self {
        Counts([0; counter::COUNT])
    }
}

impl Counts {
    /// Value of a counter.
    pub fn get(&self, index: usize) -> u64 {
        self.0[index]
    }

    /// Adds to a counter.
    #[inline]
    pub fn add(&mut self, index: usize, amount: u64) {
        self.0[index] += amount;
    }

    /// Sets a counter.
    #[inline]
    pub fn set(&mut self, index: usize, value: u64) {
        self.0[index] = value;
    }

    /// Packets that were dropped, whatever the reason.
    pub fn dropped_packets(&self) -> u64 {
        [
            counter::DROPPED_KERNEL_PACKETS,
            counter::DROPPED_RING_FULL_PACKETS,
            counter::DROPPED_FILTERED_PACKETS,
            counter::DROPPED_TRUNCATED_PACKETS,
            counter::DROPPED_MALFORMED_PACKETS,
            counter::DROPPED_UNSUPPORTED_PACKETS,
            counter::DROPPED_CHECKSUM_PACKETS,
            counter::DROPPED_TOO_LARGE_PACKETS,
        ]
        .iter()
        .map(|index| self.0[*index])
        .sum()
    }
}

/// Where the block lies in shared memory.
pub struct CounterBlock(*const AtomicU64);

impl CounterBlock {
    /// The block at `address`, or nothing when the memory is too short or not aligned.
    ///
    /// # Safety
    /// The memory stays valid for as long as the block is used, and this source is its only writer.
    pub unsafe fn at(address: *mut u8, length: usize) -> Option<CounterBlock> {
        let fits = length >= counter::COUNT * 8 && (address as usize).is_multiple_of(8);
        fits.then_some(CounterBlock(address.cast::<AtomicU64>()))
    }

    /// Stores all counters as the f64 values that the block holds.
    pub fn store(&self, counts: &Counts) {
        for (index, value) in counts.0.iter().enumerate() {
            let bits = (*value as f64).to_bits();
            // SAFETY: `index` is below COUNT and `at` promises that many aligned words; others read them atomically.
            unsafe { (*self.0.add(index)).store(bits, Ordering::Relaxed) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stores_values_as_f64() {
        let mut memory = vec![0_u64; counter::COUNT];
        let address = memory.as_mut_ptr().cast::<u8>();
        // SAFETY: the vector lives until the end of the test and nobody else touches it.
        let block = unsafe { CounterBlock::at(address, memory.len() * 8) }.unwrap();
        let mut counts = Counts::default();
        counts.add(counter::RECEIVED_PACKETS, 3);
        counts.set(counter::CLOCK_US, 1_700_000_000_000_001);
        block.store(&counts);
        assert_eq!(f64::from_bits(memory[counter::RECEIVED_PACKETS]), 3.0);
        assert_eq!(
            f64::from_bits(memory[counter::CLOCK_US]),
            1_700_000_000_000_001.0
        );
    }

    #[test]
    fn refuses_short_or_unaligned_memory() {
        let mut memory = vec![0_u64; counter::COUNT];
        let address = memory.as_mut_ptr().cast::<u8>();
        // SAFETY: as above; neither block is used.
        unsafe {
            assert!(CounterBlock::at(address, counter::COUNT * 8 - 1).is_none());
            assert!(CounterBlock::at(address.add(4), counter::COUNT * 8).is_none());
        }
    }
}
