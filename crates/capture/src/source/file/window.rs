//! A sliding window over a byte stream: large reads into one buffer, from which the format readers borrow records
//! without copying them. Used on the source's thread.
//!
//! ```text
//!   buffer  |  consumed  |  buffered, not yet consumed  |  free  |
//!           0          start                           end    capacity
//! ```
//! When a record does not fit behind `start`, what is buffered moves to the front; that is less than one record per
//! buffer-full. The buffer grows only when a single record asks for more than it holds, and the format readers bound
//! what they ask for.

use std::io::{self, Read};

/// Bytes that one [`Window::ensure`] passes over at most before it lets go of the thread.
const SKIP_PER_CALL: u64 = 64 << 20;

/// Whether the bytes asked for are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fill {
    /// All of them.
    Enough,
    /// The stream ended before; fewer are buffered, perhaps none.
    Short,
    /// Not yet: a pipe has nothing now, or much had to be skipped. Ask again.
    Waiting,
}

/// The window.
pub struct Window<R> {
    reader: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    /// Stream offset of `buffer[0]`.
    base: u64,
    /// Bytes to pass over before the next record, not yet read.
    skip: u64,
    ended: bool,
    /// Nothing is read now.
    dry: bool,
    failure: Option<io::Error>,
}

impl<R: Read> Window<R> {
    /// A window of `capacity` bytes over `reader`.
    pub fn new(reader: R, capacity: usize) -> Window<R> {
        Window {
            reader,
            buffer: vec![0; capacity],
            start: 0,
            end: 0,
            base: 0,
            skip: 0,
            ended: false,
            dry: false,
            failure: None,
        }
    }

    /// Offset in the stream of the next byte to be consumed.
    pub fn offset(&self) -> u64 {
        self.base + self.start as u64 + self.skip
    }

    /// What is buffered and not consumed.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// Of what is buffered, `length` bytes from `from`; [`Window::ensure`] has said that they are there.
    #[inline]
    pub fn slice(&self, from: usize, length: usize) -> &[u8] {
        &self.buffer[self.start + from..self.start + from + length]
    }

    /// Passes over `count` bytes, buffered or not.
    #[inline]
    pub fn consume(&mut self, count: u64) {
        let buffered = (self.end - self.start) as u64;
        if count <= buffered {
            self.start += count as usize;
        } else {
            self.start = self.end;
            self.skip += count - buffered;
        }
    }

    /// Why the stream ended early, when it did not end by itself.
    pub fn failure(&self) -> Option<&io::Error> {
        self.failure.as_ref()
    }

    /// Bytes that were to be passed over but are beyond the end of the stream.
    pub fn missing_skip(&self) -> u64 {
        self.skip
    }

    /// Takes the window apart: the reader and the bytes that it has given but nobody consumed.
    pub fn into_parts(self) -> (R, Vec<u8>) {
        (self.reader, self.buffer[self.start..self.end].to_vec())
    }

    /// While set, what is not buffered counts as not there yet.
    pub fn set_dry(&mut self, dry: bool) {
        self.dry = dry;
    }

    /// Makes `count` bytes available from the current position.
    #[inline]
    pub fn ensure(&mut self, count: usize) -> Fill {
        if self.end - self.start >= count && self.skip == 0 {
            return Fill::Enough;
        }
        self.refill(count)
    }

    #[cold]
    fn refill(&mut self, count: usize) -> Fill {
        match self.pass_over() {
            Fill::Enough => {}
            other => return other,
        }
        if self.start > 0 {
            self.buffer.copy_within(self.start..self.end, 0);
            self.base += self.start as u64;
            self.end -= self.start;
            self.start = 0;
        }
        if count > self.buffer.len() {
            self.buffer.resize(count, 0);
        }
        while self.end < count {
            match self.read_once() {
                Fill::Enough => {}
                other => return other,
            }
        }
        Fill::Enough
    }

    /// Reads away what is to be skipped.
    fn pass_over(&mut self) -> Fill {
        let mut budget = SKIP_PER_CALL;
        while self.skip > 0 {
            let buffered = (self.end - self.start) as u64;
            if buffered > 0 {
                let part = buffered.min(self.skip);
                self.start += part as usize;
                self.skip -= part;
                if budget <= part {
                    return if self.skip == 0 {
                        Fill::Enough
                    } else {
                        Fill::Waiting
                    };
                }
                budget -= part;
                continue;
            }
            self.base += self.start as u64;
            self.start = 0;
            self.end = 0;
            match self.read_once() {
                Fill::Enough => {}
                other => return other,
            }
        }
        Fill::Enough
    }

    /// One read into the free part of the buffer.
    fn read_once(&mut self) -> Fill {
        if self.ended {
            return Fill::Short;
        }
        if self.dry {
            return Fill::Waiting;
        }
        match self.reader.read(&mut self.buffer[self.end..]) {
            Ok(0) => {
                self.ended = true;
                Fill::Short
            }
            Ok(count) => {
                self.end += count;
                Fill::Enough
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Fill::Enough,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Fill::Waiting,
            Err(error) => {
                self.ended = true;
                self.failure = Some(error);
                Fill::Short
            }
        }
    }
}
