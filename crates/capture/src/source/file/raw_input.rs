//! The bytes of one input as they lie on disk or come through a pipe. [`super::window::Window`] pulls them on the
//! source's thread. A pipe is waited for at most a moment, so that the thread stays free to stop; nothing here knows
//! what the bytes mean.

use std::fs::File;
use std::io::{self, Read};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How long [`RawInput`] waits for a pipe before it says [`io::ErrorKind::WouldBlock`].
const PIPE_WAIT_MS: i32 = 100;

/// What to do when a pipe has nothing yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Waiting {
    /// A regular file: reading never waits.
    Never,
    /// Give up after [`PIPE_WAIT_MS`].
    Moment,
    /// Wait on: the reader above (a decompressor) cannot be interrupted between two bytes.
    Endless,
}

/// A file or a pipe, with a count of the bytes taken from it.
#[derive(Debug)]
pub struct RawInput {
    file: File,
    taken: Arc<AtomicU64>,
    waiting: Waiting,
}

impl RawInput {
    /// A regular file.
    pub fn regular(file: File, taken: Arc<AtomicU64>) -> RawInput {
        RawInput {
            file,
            taken,
            waiting: Waiting::Never,
        }
    }

    /// Standard input, a FIFO, a character device.
    pub fn pipe(file: File, taken: Arc<AtomicU64>) -> RawInput {
        RawInput {
            file,
            taken,
            waiting: Waiting::Moment,
        }
    }

    /// Makes reads of a pipe wait until there is something.
    pub fn wait_endlessly(&mut self) {
        if self.waiting == Waiting::Moment {
            self.waiting = Waiting::Endless;
        }
    }

    /// Waits for data on a pipe; `false` when the time is over.
    fn wait(&mut self) -> io::Result<bool> {
        let timeout = match self.waiting {
            Waiting::Never => return Ok(true),
            Waiting::Moment => PIPE_WAIT_MS,
            Waiting::Endless => -1,
        };
        let mut descriptor = libc::pollfd {
            fd: self.file.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: `descriptor` is one valid pollfd that outlives the call, and the count says one.
        let ready = unsafe { libc::poll(&mut descriptor, 1, timeout) };
        match ready {
            0 => Ok(false),
            n if n < 0 => Err(io::Error::last_os_error()),
            _ => Ok(true),
        }
    }
}

impl Read for RawInput {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if !self.wait()? {
            return Err(io::ErrorKind::WouldBlock.into());
        }
        let count = self.file.read(buffer)?;
        self.taken.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}

/// What a [`super::CaptureReader`] reads from before it knows whether the bytes are packed.
pub trait Input: Read + Send {
    /// Called when a decompressor is put on top: from now on a read may wait for as long as it takes.
    fn wait_endlessly(&mut self) {}
}

impl Input for RawInput {
    fn wait_endlessly(&mut self) {
        RawInput::wait_endlessly(self);
    }
}

/// Bytes in memory, for tests and fuzzers.
impl Input for io::Cursor<Vec<u8>> {}
