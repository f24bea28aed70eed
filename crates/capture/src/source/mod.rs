//! Where frames come from: files ([`file`]), interfaces ([`af_packet`]), and other libraries ([`push`]). A source is
//! pulled by the engine on one thread.

pub mod af_packet;
pub mod file;
pub mod push;

use crate::frame::Frame;

/// What a source has to offer right now.
pub enum Next<'a> {
    /// The current frame. Asking again without [`Source::advance`] gives the same one.
    Frame(Frame<'a>),
    /// Nothing now; a live source has waited up to its poll time-out.
    Idle,
    /// Nothing will come any more.
    End,
}

/// Why a source cannot be opened or go on. What a damaged file still held has been delivered before.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// The file or interface does not exist or cannot be opened.
    #[error("{what}: {}", in_words(cause))]
    Open {
        /// Path or interface name.
        what: String,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Opening needs a privilege that the process lacks.
    #[error("{what}: capturing needs the capabilities CAP_NET_RAW and CAP_NET_ADMIN")]
    Permission {
        /// Interface name.
        what: String,
    },
    /// Not a capture file, or damaged at the given offset.
    #[error("{what}: {message}")]
    Format {
        /// Path.
        what: String,
        /// What is wrong, with the offset.
        message: String,
    },
}

/// What the system said, without the number that the standard library adds.
pub fn in_words(error: &std::io::Error) -> String {
    let text = error.to_string();
    match text.rfind(" (os error ") {
        Some(end) => text[..end].to_owned(),
        None => text,
    }
}

/// Counts that a source keeps itself, read after each poll.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SourceCounts {
    /// Packets dropped by the kernel since the source was opened (live).
    pub kernel_dropped_packets: u64,
    /// Bytes of the files read so far, as on disk.
    pub file_bytes: u64,
    /// Bytes of all files on disk, 0 unknown.
    pub file_total_bytes: u64,
    /// Files cut off or damaged.
    pub file_errors: u64,
    /// Times the interface disappeared (live).
    pub interface_down: u64,
}

/// What the clock does while a source has nothing to offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassingTime {
    /// It stands still: only packets tell the time.
    Stands,
    /// It is the time of day.
    WallClock,
    /// It goes on from the last packet, as fast as the time of day.
    FromLastPacket,
}

/// A source of frames.
pub trait Source {
    /// The current frame, or why there is none. Live sources wait here up to their poll time-out.
    fn next(&mut self) -> Result<Next<'_>, SourceError>;
    /// The current frame when it is there without further ado; else [`Source::next`] tells what there is. May always
    /// give nothing: it only is the short way to what `next` would give.
    #[inline(always)]
    fn at_hand(&mut self) -> Option<Frame<'_>> {
        None
    }
    /// Gives the current frame back and moves to the next one.
    fn advance(&mut self);
    /// True when `next` would wait now. The engine then publishes what it has delivered and returns to its caller first.
    fn would_wait(&mut self) -> bool {
        false
    }
    /// Counts so far.
    fn counts(&self) -> SourceCounts;
    /// A message for the operator since the last call: a damaged file, an interface that went or came back.
    fn take_notice(&mut self) -> Option<String>;
    /// Live sources: true. The engine then drops when a ring is full and there is no [`Source::has_room`]; else it waits.
    fn is_live(&self) -> bool;
    /// Live sources: what comes from the wire can well wait in the source's own memory, so nothing need be dropped yet.
    fn has_room(&self) -> bool {
        false
    }
    /// What the clock does while `next` gives [`Next::Idle`].
    fn passing_time(&self) -> PassingTime {
        if self.is_live() {
            PassingTime::WallClock
        } else {
            PassingTime::Stands
        }
    }
    /// Replaces the BPF program that filters in the kernel; returns false when the source cannot and the engine is to filter.
    fn set_kernel_filter(
        &mut self,
        program: &[crate::bpf::Instruction],
    ) -> Result<bool, SourceError>;
    /// Ends the source: `next` gives `End` after what is already buffered.
    fn stop(&mut self);
}
