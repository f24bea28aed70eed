//! A fragment as it waits for the rest of its datagram: a copy of its frame with all that the engine needs to deliver
//! it as a packet later. Made by [`super::Defragmenter::push`], owned by whoever takes it out.

use crate::frame::Frame;
use crate::packet::Packet;

/// A fragment with its frame, kept until it can be delivered as a packet of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldFragment {
    /// The frame's bytes.
    pub data: Vec<u8>,
    /// As in [`Frame`].
    pub wire_length: u32,
    /// As in [`Frame`].
    pub time_ns: u64,
    /// As in [`Frame`].
    pub link_type: u16,
    /// As in [`Frame`].
    pub interface_id: u16,
    /// As in [`Frame`].
    pub file_id: u32,
    /// As in [`Frame`].
    pub file_position: Option<u64>,
    /// As in [`Frame`].
    pub stripped_vlan: Option<u16>,
    /// As in [`Frame`].
    pub outgoing: bool,
    /// What dissection found in the frame.
    pub packet: Packet,
}

impl HeldFragment {
    /// A copy of the frame with what was found in it. Also of a packet that waits for another reason.
    pub fn new(frame: &Frame, packet: &Packet) -> Self {
        HeldFragment {
            data: frame.data.to_vec(),
            wire_length: frame.wire_length,
            time_ns: frame.time_ns,
            link_type: frame.link_type,
            interface_id: frame.interface_id,
            file_id: frame.file_id,
            file_position: frame.file_position,
            stripped_vlan: frame.stripped_vlan,
            outgoing: frame.outgoing,
            packet: packet.clone(),
        }
    }

    /// The frame as its source gave it.
    pub fn frame(&self) -> Frame<'_> {
        Frame {
            data: &self.data,
            wire_length: self.wire_length,
            time_ns: self.time_ns,
            link_type: self.link_type,
            interface_id: self.interface_id,
            file_id: self.file_id,
            file_position: self.file_position,
            stripped_vlan: self.stripped_vlan,
            outgoing: self.outgoing,
        }
    }

    /// Its share of `max_bytes`.
    pub(super) fn cost(&self) -> usize {
        self.data.len() + size_of::<HeldFragment>()
    }

    /// The fragment's data, as far as it was captured.
    pub(super) fn fragment_data(&self) -> &[u8] {
        let Some(fragment) = self.packet.fragment else {
            return &[];
        };
        let start = fragment.data_offset as usize;
        let length = fragment.data_length.min(fragment.data_wire_length) as usize;
        self.data.get(start..start + length).unwrap_or(&[])
    }
}
