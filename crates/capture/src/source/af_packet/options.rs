//! What an [`super::AfPacketSource`] is told. Filled by the addon from the config.

/// Smallest block: a jumbo frame fits.
pub const MIN_BLOCK_BYTES: u32 = 16 << 10;
/// Largest block.
pub const MAX_BLOCK_BYTES: u32 = 64 << 20;

/// Options of a live source; every bound has a default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AfPacketOptions {
    /// Name of the interface.
    pub interface: String,
    /// Number that frames carry for the interface ([`crate::frame::Frame::interface_id`]).
    pub interface_id: u16,
    /// Bytes of a block of the ring: a power of two, 16 KiB to 64 MiB. A frame longer than a block is cut.
    pub block_bytes: u32,
    /// Blocks of the ring; times `block_bytes` it is memory that cannot be swapped.
    pub block_count: u32,
    /// What the kernel is told as the size of a frame, a multiple of 16. Frames of a ring of version 3 have any length;
    /// it only takes part in the kernel's check of the sizes.
    pub frame_bytes: u32,
    /// How long the kernel keeps a block that is not full: the longest time that a packet waits in the ring unseen.
    pub block_timeout_ms: u32,
    /// How long [`crate::source::Source::next`] waits for a packet.
    pub poll_timeout_ms: u32,
    /// See frames for others, too.
    pub promiscuous: bool,
    /// Share the interface's packets with the other sources of the same group, by flow.
    pub fanout: Option<Fanout>,
    /// Let nobody, this process included, replace the first filter that is set.
    pub lock_filter: bool,
}

/// A fan-out group. Which source a packet goes to is decided by the kernel's hash of its flow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fanout {
    /// Number of the group, the same for all its sources and for no other group in the network namespace.
    pub group_id: u16,
    /// Let the kernel reassemble IPv4 fragments before it hashes, so that they stay with their flow.
    pub defragment: bool,
}

impl AfPacketOptions {
    /// The defaults for this interface: 64 blocks of 1 MiB, promiscuous, alone.
    pub fn new(interface: impl Into<String>) -> AfPacketOptions {
        AfPacketOptions {
            interface: interface.into(),
            interface_id: 0,
            block_bytes: 1 << 20,
            block_count: 64,
            frame_bytes: 2048,
            block_timeout_ms: 10,
            poll_timeout_ms: 100,
            promiscuous: true,
            fanout: None,
            lock_filter: false,
        }
    }

    /// What cannot be, in words; the config's own ranges are narrower.
    pub fn check(&self) -> Result<(), String> {
        let Self {
            block_bytes,
            block_count,
            frame_bytes,
            ..
        } = *self;
        if !block_bytes.is_power_of_two()
            || !(MIN_BLOCK_BYTES..=MAX_BLOCK_BYTES).contains(&block_bytes)
        {
            return Err(format!(
                "block_bytes = {block_bytes} is not a power of two from 16 KiB to 64 MiB"
            ));
        }
        if block_count == 0 || u64::from(block_count) * u64::from(block_bytes) > 1 << 40 {
            return Err(format!("block_count = {block_count} blocks cannot be"));
        }
        if !frame_bytes.is_power_of_two() || frame_bytes < 128 || frame_bytes > block_bytes {
            return Err(format!(
                "frame_bytes = {frame_bytes} is not a power of two from 128 to block_bytes"
            ));
        }
        Ok(())
    }
}
