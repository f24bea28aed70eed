//! TCP connections as the session table sees them: their state and, for each direction, which sequence numbers were seen. Counts are
//! kept for every connection, also where no decoder wants the payload, which is never looked at.
//!
//! `segment` has what is read of a packet, and the short way for those next in order; `tracker` takes any; `holes` remembers what is
//! missing. Whether a SYN begins another connection is TypeScript's to say (`src/session/tcp-tracker.ts`), for then sessions end.

mod holes;
mod segment;
#[cfg(test)]
mod tests;
mod tracker;

pub use segment::Segment;
pub use tracker::{Begun, Fit, Taken, TcpCounters, Tracker};

/// The TCP flag FIN.
pub const FIN: u32 = 1;
/// SYN.
pub const SYN: u32 = 2;
/// RST.
pub const RESET: u32 = 4;
/// ACK.
pub const ACKNOWLEDGEMENT: u32 = 16;
/// Flags that say more than "data" and "acknowledged", and what a plain segment has of them.
pub const PLAIN_MASK: u32 = FIN | SYN | RESET | ACKNOWLEDGEMENT;

/// Segments further from the stream than any window reaches (RFC 7323, 2.3) are not of it.
const FAR_BYTES: i32 = 1 << 30;
/// A SYN of both sides was seen.
const HANDSHAKEN: u32 =
    crate::generated::layout::state::SYN_0 | crate::generated::layout::state::SYN_1;
