//! A frame as a source hands it over: bytes with their time, link type and origin. No header has been read yet.

/// One captured frame. Borrowed from its source until the source advances.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// Bytes as captured.
    pub data: &'a [u8],
    /// Bytes on the wire; at least `data.len()`.
    pub wire_length: u32,
    /// Nanoseconds since 1970.
    pub time_ns: u64,
    /// LINKTYPE_ value (https://www.tcpdump.org/linktypes.html) of `data`.
    pub link_type: u16,
    /// n-th interface of the source.
    pub interface_id: u16,
    /// n-th file of the source, 0 live.
    pub file_id: u32,
    /// Offset of the record's header in the unpacked file; `None` live.
    pub file_position: Option<u64>,
    /// VLAN tag that the kernel took out of the frame (live); the TCI with its 12 bits of id.
    pub stripped_vlan: Option<u16>,
    /// Sent by this host (live).
    pub outgoing: bool,
}
