//! Numbers of IP protocols.

/// TCP.
pub const TCP: u32 = 6;
/// UDP.
pub const UDP: u32 = 17;
/// SCTP.
pub const SCTP: u32 = 132;
