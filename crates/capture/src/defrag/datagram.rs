//! One incomplete datagram: the fragments that came, which bytes they cover, and how they become one.

use super::{HeldFragment, Verdict};
use crate::packet::{Address, Fragment, Packet};

/// What the fragments of one datagram have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Key {
    source: Address,
    destination: Address,
    id: u32,
    vni: u32,
    vlan: u16,
    ip_version: u8,
    /// 0 in IPv6, where the first fragment's next header counts (RFC 8200 section 4.5).
    protocol: u8,
}

impl Key {
    pub(super) fn new(packet: &Packet, fragment: &Fragment) -> Self {
        Key {
            source: packet.source_address,
            destination: packet.destination_address,
            id: fragment.id,
            vni: packet.vni,
            vlan: if packet.vlan_count > 0 {
                packet.vlans[0]
            } else {
                0
            },
            ip_version: packet.ip_version,
            protocol: if packet.ip_version == 6 {
                0
            } else {
                fragment.protocol
            },
        }
    }
}

/// An incomplete datagram; in a list from the oldest to the newest.
#[derive(Debug)]
pub(super) struct Datagram {
    pub(super) key: Key,
    pub(super) started_ns: u64,
    pub(super) older: u32,
    pub(super) newer: u32,
    pub(super) fragments: Vec<HeldFragment>,
    /// Bytes by the wire that came: sorted, neither overlapping nor touching.
    pub(super) ranges: Vec<(u32, u32)>,
    /// Length, once the last fragment is here.
    pub(super) length: Option<u32>,
    pub(super) cost: usize,
}

impl Datagram {
    /// Whether a fragment ends beyond the known end, or is a last one that ends elsewhere or before other data.
    pub(super) fn contradicts(&self, end: u32, more: bool) -> bool {
        let covered = self.ranges.last().map_or(0, |range| range.1);
        match self.length {
            Some(length) if more => end > length,
            Some(length) => end != length,
            None => !more && end < covered,
        }
    }

    /// Adds a range, joining those it touches. False when some of it was there already.
    pub(super) fn add_range(&mut self, start: u32, end: u32) -> bool {
        let first = self.ranges.partition_point(|range| range.1 < start);
        let last = self.ranges.partition_point(|range| range.0 <= end);
        let touched = &self.ranges[first..last];
        let fresh = touched
            .iter()
            .all(|range| range.1 == start || range.0 == end);
        let joined = (
            touched.first().map_or(start, |range| range.0.min(start)),
            touched.last().map_or(end, |range| range.1.max(end)),
        );
        self.ranges.splice(first..last, [joined]);
        fresh
    }

    /// Whether an earlier fragment has the same bounds and bytes.
    pub(super) fn repeats(&self, held: &HeldFragment) -> bool {
        let Some(new) = held.packet.fragment else {
            return false;
        };
        self.fragments.iter().any(|earlier| {
            earlier.packet.fragment.is_some_and(|old| {
                old.offset == new.offset
                    && old.data_wire_length == new.data_wire_length
                    && old.more == new.more
            }) && earlier.fragment_data() == held.fragment_data()
        })
    }

    /// Whether every byte by the wire has come.
    pub(super) fn is_complete(&self) -> bool {
        self.length
            .is_some_and(|length| self.ranges == [(0, length)])
    }

    /// Puts the fragments together.
    pub(super) fn complete(mut self) -> Verdict {
        let length = self.length.unwrap_or(0);
        let mut datagram = vec![0; length as usize];
        let mut present: Vec<(u32, u32)> = Vec::with_capacity(self.fragments.len());
        let mut protocol = None;
        // From the last to the first, so that what came first stays.
        for held in self.fragments.iter().rev() {
            let Some(fragment) = held.packet.fragment else {
                continue;
            };
            let data = held.fragment_data();
            let start = fragment.offset as usize;
            if let Some(target) = datagram.get_mut(start..start + data.len()) {
                target.copy_from_slice(data);
            }
            present.push((fragment.offset, fragment.offset + data.len() as u32));
            if fragment.offset == 0 {
                protocol = Some(fragment.protocol);
            }
        }
        present.sort_unstable();
        let mut whole = 0;
        for (start, end) in present {
            if start > whole {
                break;
            }
            whole = whole.max(end);
        }
        datagram.truncate(whole as usize);
        if let Some(last) = self.fragments.last_mut() {
            last.packet.protocol = protocol.unwrap_or(last.packet.protocol);
            last.packet.payload_wire_length = length;
        }
        Verdict::Complete {
            fragments: self.fragments,
            datagram,
        }
    }
}
