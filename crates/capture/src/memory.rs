//! Memory of JavaScript arrays, shared between threads or not, as numbers at places that the layouts give. Every look is checked.

use crate::generated::layout::output as ring_record;

/// Bytes of a JavaScript array, at any address.
#[derive(Clone, Copy)]
pub struct Span {
    base: *mut u8,
    bytes: usize,
}

impl Span {
    /// `bytes` bytes at `base`.
    ///
    /// # Safety
    /// The memory outlives this. While a function of this crate uses a part of it nobody else writes that part, or reads what is
    /// written.
    pub unsafe fn at(base: *mut u8, bytes: usize) -> Span {
        Span { base, bytes }
    }

    /// No bytes.
    pub const fn none() -> Span {
        Span {
            base: std::ptr::NonNull::dangling().as_ptr(),
            bytes: 0,
        }
    }

    /// Bytes `[from, to)`; none where they are not all there.
    #[inline]
    pub fn part<'a>(&self, from: usize, to: usize) -> Option<&'a [u8]> {
        let length = to.checked_sub(from)?;
        // SAFETY: inside by the check; `at` promises the rest.
        (to <= self.bytes)
            .then(|| unsafe { std::slice::from_raw_parts(self.base.add(from), length) })
    }

    /// All of it, to be written.
    ///
    /// # Safety
    /// No other part of it is in use.
    pub unsafe fn all<'a>(&self) -> &'a mut [u8] {
        // SAFETY: by `at` and the caller's promise.
        unsafe { std::slice::from_raw_parts_mut(self.base, self.bytes) }
    }
}

/// Memory of a JavaScript array.
pub struct Memory {
    pub(crate) base: *mut u8,
    bytes: usize,
}

impl Memory {
    /// `bytes` bytes at `base`.
    ///
    /// # Safety
    /// The memory is 8-byte aligned and outlives this. While a function of this room runs nobody else writes what it
    /// reads, or reads what it writes.
    pub unsafe fn at(base: *mut u8, bytes: usize) -> Memory {
        assert!((base as usize).is_multiple_of(8), "memory is not aligned");
        Memory { base, bytes }
    }

    /// No memory.
    pub fn none() -> Memory {
        Memory {
            base: std::ptr::null_mut(),
            bytes: 0,
        }
    }

    /// Bytes.
    #[inline(always)]
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// What is behind the first `offset` bytes, a multiple of 8.
    pub fn from(&self, offset: usize) -> Memory {
        assert!(
            offset <= self.bytes && offset.is_multiple_of(8),
            "a part outside the memory"
        );
        Memory {
            // SAFETY: inside by the check.
            base: unsafe { self.base.add(offset) },
            bytes: self.bytes - offset,
        }
    }

    /// Place in the ring's data area of a position, whose capacity is a power of two.
    #[inline(always)]
    pub fn wrapped(&self, position: u32) -> u32 {
        position & (self.bytes as u32).wrapping_sub(1)
    }

    /// Length and kind of the ring record at `offset`.
    #[inline(always)]
    pub fn head(&self, offset: u32) -> (u32, u32) {
        let length = self.read::<u32>(offset as usize + ring_record::LENGTH);
        let kind = self.read::<u8>(offset as usize + ring_record::KIND);
        (length, u32::from(kind))
    }

    /// Asks for the cache line of a byte offset.
    #[inline(always)]
    pub fn want(&self, at: u32) {
        assert!((at as usize) < self.bytes, "a look outside the memory");
        // SAFETY: inside by the check; nothing is read.
        prefetch(unsafe { self.base.add(at as usize) });
    }

    /// Copies the bytes from `at` on to `target`; false when they are not all there.
    #[inline(always)]
    #[must_use]
    pub fn copy_out(&self, at: usize, target: &mut [u8]) -> bool {
        let there = at <= self.bytes && target.len() <= self.bytes - at;
        if there {
            // SAFETY: inside by the check; `target` is this call's alone, so the two do not overlap.
            unsafe {
                std::ptr::copy_nonoverlapping(self.base.add(at), target.as_mut_ptr(), target.len());
            }
        }
        there
    }

    /// So many bytes from an offset on; none when they are not all there.
    #[inline(always)]
    pub fn part(&self, from: usize, length: usize) -> Option<&[u8]> {
        let is_inside = from <= self.bytes && length <= self.bytes - from;
        // SAFETY: inside by the check; `at` promises that nobody writes what is read.
        is_inside.then(|| unsafe { std::slice::from_raw_parts(self.base.add(from), length) })
    }

    /// Writes bytes from an offset on. Panics when they are not all inside.
    pub fn copy_in(&self, at: usize, bytes: &[u8]) {
        let is_inside = at <= self.bytes && bytes.len() <= self.bytes - at;
        assert!(is_inside, "a write outside the memory");
        // SAFETY: inside by the check; `at` promises that nobody else looks, so `bytes` are elsewhere.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.base.add(at), bytes.len());
        }
    }

    /// A byte at a byte offset.
    #[inline(always)]
    pub fn byte(&self, at: usize) -> u8 {
        self.read(at)
    }

    /// A word at a byte offset.
    pub fn get(&self, at: usize) -> i32 {
        self.read(at)
    }

    /// A float at a byte offset.
    pub fn get_float(&self, at: usize) -> f64 {
        self.read(at)
    }

    /// Writes a word at a byte offset.
    #[inline(always)]
    pub fn put(&self, at: usize, value: i32) {
        self.write(at, value);
    }

    /// Writes a float at a byte offset.
    #[inline(always)]
    pub fn put_float(&self, at: usize, value: f64) {
        self.write(at, value);
    }

    /// Adds to a counter, by its number: memory of counters has a float for each.
    #[inline]
    pub fn add(&self, counter: u32, by: f64) {
        let at = counter as usize * 8;
        self.put_float(at, self.get_float(at) + by);
    }

    #[inline(always)]
    fn read<Value: Copy>(&self, at: usize) -> Value {
        assert!(
            at + size_of::<Value>() <= self.bytes,
            "a read outside the memory"
        );
        // SAFETY: inside by the check; only numbers are read, which any bits are.
        unsafe { self.base.add(at).cast::<Value>().read_unaligned() }
    }

    #[inline(always)]
    fn write<Value: Copy>(&self, at: usize, value: Value) {
        assert!(
            at + size_of::<Value>() <= self.bytes,
            "a write outside the memory"
        );
        // SAFETY: inside by the check; `at` promises that nobody else looks.
        unsafe { self.base.add(at).cast::<Value>().write_unaligned(value) }
    }
}

/// Asks for the cache line at `address` in order to write there, which other cores then do not have any more.
#[inline(always)]
pub fn prefetch_to_write(address: *mut u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint; it never faults, whatever the address. Processors that do not know it take it for no operation, which the
    // compiler's own intrinsic does not rely on.
    unsafe {
        std::arch::asm!(
            "prefetchw [{0}]",
            in(reg) address,
            options(nostack, preserves_flags, readonly)
        );
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}

/// Asks for the cache line at `address`.
#[inline(always)]
pub fn prefetch(address: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a hint; it never faults, whatever the address.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(address.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = address;
}
