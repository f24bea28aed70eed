//! What the format readers say of one record, and how they say that a file is damaged. Plain data, no behaviour.

use super::window::Fill;

/// Longest frame that is believed, libpcap's own bound; a longer one means that the file is damaged.
pub const MAX_FRAME_BYTES: u32 = 256 << 10;

/// The current record: where its frame lies in the window, and the facts of it. The window's position is the record's
/// first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Record {
    /// Frame's first byte, from the start of the record.
    pub data_offset: u32,
    /// Frame bytes present.
    pub data_length: u32,
    /// Bytes of the whole record.
    pub length: u32,
    /// Frame bytes on the wire.
    pub wire_length: u32,
    /// Nanoseconds since 1970.
    pub time_ns: u64,
    /// LINKTYPE_ value.
    pub link_type: u16,
    /// n-th interface of the file, counted over its sections; below 2^16.
    pub interface_id: u32,
}

/// What a reader found at its position.
#[derive(Debug, PartialEq, Eq)]
pub enum Step {
    /// A whole record.
    Record(Record),
    /// Nothing yet, ask again.
    Idle,
    /// The file is over, as it should be.
    End,
    /// The file is cut off or damaged; nothing more comes of it.
    Damaged(String),
    /// From its first bytes on this is no capture file.
    NotCapture(String),
}

impl Step {
    /// For a window that cannot give what is needed.
    pub fn lacking(fill: Fill, what: impl FnOnce() -> String) -> Step {
        match fill {
            Fill::Waiting => Step::Idle,
            Fill::Enough | Fill::Short => Step::Damaged(what()),
        }
    }
}

/// The link type for the value in a file: two numbers that some systems wrote for raw IP mean LINKTYPE_RAW.
pub fn link_type(on_disk: u16) -> u16 {
    match on_disk {
        12 | 14 => 101,
        other => other,
    }
}

/// Reads integers of either byte order at a place that has been checked to be there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrder {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl ByteOrder {
    /// 16 bits at `at`.
    #[inline]
    pub fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let raw = [bytes[at], bytes[at + 1]];
        match self {
            ByteOrder::Little => u16::from_le_bytes(raw),
            ByteOrder::Big => u16::from_be_bytes(raw),
        }
    }

    /// 32 bits at `at`.
    #[inline]
    pub fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let raw = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        match self {
            ByteOrder::Little => u32::from_le_bytes(raw),
            ByteOrder::Big => u32::from_be_bytes(raw),
        }
    }

    /// 64 bits at `at`.
    #[inline]
    pub fn u64(self, bytes: &[u8], at: usize) -> u64 {
        let (first, second) = (
            u64::from(self.u32(bytes, at)),
            u64::from(self.u32(bytes, at + 4)),
        );
        match self {
            ByteOrder::Little => second << 32 | first,
            ByteOrder::Big => first << 32 | second,
        }
    }
}
