//! The memory that Rust shares with TypeScript, one word or one byte range at a time: [`ring`](crate::ring) and
//! [`counters`](crate::counters) are built on it. Runs on the capture thread. Never makes a reference or a slice
//! over shared memory, because TypeScript may write it at any moment: words are atomics behind a raw pointer, bytes
//! are only ever copied in.
//!
//! Under `cfg(loom)` the same two types stand on loom's atomics and cells, so that the model checker sees every
//! access that the ring makes.

#[cfg(not(loom))]
mod memory {
    pub use std::sync::atomic::{Ordering, fence};

    use std::sync::atomic::AtomicU32;

    use crate::memory::prefetch_to_write;

    /// A shared 32-bit word.
    #[derive(Clone, Copy)]
    pub struct Word(*const AtomicU32);

    impl Word {
        /// The word at `address`.
        ///
        /// # Safety
        /// `address` is 4-byte aligned and stays valid shared memory for as long as the word is used; everyone else
        /// accesses it atomically.
        pub unsafe fn at(address: *mut u8) -> Word {
            Word(address.cast::<AtomicU32>())
        }

        /// Reads the word.
        #[inline]
        pub fn load(&self, ordering: Ordering) -> u32 {
            // SAFETY: `Word::at` promises a valid, aligned word that others only touch atomically.
            unsafe { (*self.0).load(ordering) }
        }

        /// Writes the word.
        #[inline]
        pub fn store(&self, value: u32, ordering: Ordering) {
            // SAFETY: as in `load`.
            unsafe { (*self.0).store(value, ordering) }
        }

        /// Changes the word from `from` to `to`; false, and nothing written, when it is not `from`.
        #[inline]
        pub fn change(&self, from: u32, to: u32) -> bool {
            // SAFETY: as in `load`.
            let word = unsafe { &*self.0 };
            word.compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
        }
    }

    /// A shared byte range that is written with plain copies; an atomic word elsewhere says what is readable.
    #[derive(Clone, Copy)]
    pub struct Bytes {
        base: *mut u8,
        length: usize,
    }

    impl Bytes {
        /// The range of `length` bytes at `base`.
        ///
        /// # Safety
        /// The range stays valid for as long as it is used, and nobody else reads or writes the parts that are
        /// copied to until they are published.
        pub unsafe fn at(base: *mut u8, length: usize) -> Bytes {
            Bytes { base, length }
        }

        /// Copies `bytes` to `offset`. Panics outside the range: a programmer's error.
        #[inline]
        pub fn copy_in(&self, offset: usize, bytes: &[u8]) {
            assert!(
                offset <= self.length && bytes.len() <= self.length - offset,
                "write outside the shared range"
            );
            // SAFETY: in bounds by the check above, valid and unread by others by the promise of `Bytes::at`; `bytes`
            // is memory of this process that TypeScript does not see, so the two do not overlap.
            unsafe {
                std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.base.add(offset), bytes.len())
            }
        }

        /// Says that the line at `offset` will be written soon.
        #[inline(always)]
        pub fn ask_ahead(&self, offset: usize) {
            prefetch_to_write(self.base.wrapping_add(offset));
        }

        /// Writes `words`, least significant bytes first, to `offset`. Panics outside the range.
        #[inline(always)]
        pub fn put_words<const N: usize>(&self, offset: usize, words: &[u64; N]) {
            assert!(
                offset <= self.length && N * 8 <= self.length - offset,
                "write outside the shared range"
            );
            for (index, word) in words.iter().enumerate() {
                // SAFETY: as in `copy_in`; the address need not be aligned.
                unsafe {
                    let to = self.base.add(offset + index * 8).cast::<u64>();
                    to.write_unaligned(word.to_le());
                }
            }
        }
    }
}

#[cfg(loom)]
mod memory {
    pub use loom::sync::atomic::{Ordering, fence};

    use loom::cell::UnsafeCell;
    use loom::sync::Arc;
    use loom::sync::atomic::AtomicU32;

    /// A shared 32-bit word of the model.
    #[derive(Clone)]
    pub struct Word(Arc<AtomicU32>);

    impl Word {
        /// A new word.
        pub fn new(value: u32) -> Word {
            Word(Arc::new(AtomicU32::new(value)))
        }

        /// Reads the word.
        pub fn load(&self, ordering: Ordering) -> u32 {
            self.0.load(ordering)
        }

        /// Writes the word.
        pub fn store(&self, value: u32, ordering: Ordering) {
            self.0.store(value, ordering);
        }

        /// Changes the word from `from` to `to`; false, and nothing written, when it is not `from`.
        pub fn change(&self, from: u32, to: u32) -> bool {
            self.0
                .compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed)
                .is_ok()
        }
    }

    /// A shared byte range of the model: a cell for every 8 bytes, so that loom reports any access that is not
    /// ordered after the write it reads.
    #[derive(Clone)]
    pub struct Bytes(Arc<Vec<UnsafeCell<[u8; 8]>>>);

    impl Bytes {
        /// A zeroed range of `length` bytes, a multiple of 8.
        pub fn new(length: usize) -> Bytes {
            Bytes(Arc::new(
                (0..length / 8).map(|_| UnsafeCell::new([0; 8])).collect(),
            ))
        }

        /// Copies `bytes` to `offset`.
        pub fn copy_in(&self, offset: usize, bytes: &[u8]) {
            for (position, byte) in bytes.iter().enumerate() {
                let at = offset + position;
                // SAFETY: loom panics when another thread accesses the cell without being ordered to this write.
                self.0[at / 8].with_mut(|cell| unsafe { (*cell)[at % 8] = *byte });
            }
        }

        /// Lines are nothing to a model.
        pub fn ask_ahead(&self, _offset: usize) {}

        /// Writes `words`, least significant bytes first, to `offset`.
        pub fn put_words<const N: usize>(&self, offset: usize, words: &[u64; N]) {
            for (index, word) in words.iter().enumerate() {
                self.copy_in(offset + index * 8, &word.to_le_bytes());
            }
        }

        /// Copies the 8 bytes at `offset`, a multiple of 8, out.
        pub fn word(&self, offset: usize) -> [u8; 8] {
            // SAFETY: as in `copy_in`.
            self.0[offset / 8].with(|cell| unsafe { *cell })
        }
    }
}

pub use memory::{Bytes, Ordering, Word, fence};
