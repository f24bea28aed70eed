//! The pcap format (draft-ietf-opsawg-pcap): a file header of 24 bytes, then records of a header and the frame. Called by
//! [`super::CaptureReader`]; it reads in the window and copies nothing.
//!
//! ```text
//!   file    magic 4 | major 2 | minor 2 | zone 4 | accuracy 4 | snap length 4 | link type 4
//!   record  seconds 4 | fraction 4 | captured 4 | on the wire 4 | (modified magic: 8 more) | frame
//! ```

use std::io::Read;

use super::record::{ByteOrder, MAX_FRAME_BYTES, Record, Step, link_type};
use super::window::{Fill, Window};

/// Bytes of the file header.
pub const FILE_HEADER_BYTES: usize = 24;

const MAGIC_MICROSECONDS: u32 = 0xa1b2_c3d4;
const MAGIC_NANOSECONDS: u32 = 0xa1b2_3c4d;
/// Written by a patched libpcap of the nineties: records carry interface, protocol and packet type as well.
const MAGIC_MODIFIED: u32 = 0xa1b2_cd34;

/// Whether these first bytes are pcap's.
pub fn recognise(bytes: &[u8]) -> bool {
    magic(bytes).is_some()
}

fn magic(bytes: &[u8]) -> Option<(ByteOrder, u32)> {
    if bytes.len() < 4 {
        return None;
    }
    [ByteOrder::Little, ByteOrder::Big]
        .into_iter()
        .map(|order| (order, order.u32(bytes, 0)))
        .find(|(_, value)| {
            matches!(
                *value,
                MAGIC_MICROSECONDS | MAGIC_NANOSECONDS | MAGIC_MODIFIED
            )
        })
}

/// What the file header says.
#[derive(Debug, Clone)]
pub struct Pcap {
    order: ByteOrder,
    header_bytes: u32,
    /// Nanoseconds per unit of the fraction.
    fraction_ns: u64,
    link_type: u16,
    swapped_lengths: SwappedLengths,
}

/// Files before version 2.3 have the two lengths the other way round; in 2.3 both kinds exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SwappedLengths {
    No,
    Perhaps,
    Yes,
}

impl Pcap {
    /// Reads the file header, [`FILE_HEADER_BYTES`] long. The upper half of the link-type word (FCS length and reserved
    /// bits) is not looked at: trailing check bytes lie beyond what the IP length says.
    pub fn open(header: &[u8]) -> Result<Pcap, String> {
        let Some((order, magic)) = magic(header) else {
            return Err("no pcap magic".to_owned());
        };
        let (major, minor) = (order.u16(header, 4), order.u16(header, 6));
        if major != 2 && (major, minor) != (543, 0) {
            return Err(format!(
                "pcap version {major}.{minor} is not read, only 2.x"
            ));
        }
        Ok(Pcap {
            order,
            header_bytes: if magic == MAGIC_MODIFIED { 24 } else { 16 },
            fraction_ns: if magic == MAGIC_NANOSECONDS { 1 } else { 1000 },
            link_type: link_type(order.u32(header, 20) as u16),
            swapped_lengths: match (major, minor) {
                (2, 0..=2) => SwappedLengths::Yes,
                (2, 3) => SwappedLengths::Perhaps,
                (2, _) => SwappedLengths::No,
                _ => SwappedLengths::Yes,
            },
        })
    }

    /// The record at the window's position when all of it is buffered; [`Pcap::step`] tells what else there is.
    #[inline(always)]
    pub fn buffered<R: Read>(&self, window: &Window<R>) -> Option<Record> {
        let bytes = window.bytes();
        let record = self.record(bytes.first_chunk()?);
        let believed = record.data_length <= MAX_FRAME_BYTES;
        (believed && record.length as usize <= bytes.len()).then_some(record)
    }

    /// The record at the window's position, read as far as needed.
    #[cold]
    pub fn step<R: Read>(&self, window: &mut Window<R>) -> Step {
        let header_bytes = self.header_bytes as usize;
        match window.ensure(header_bytes) {
            Fill::Enough => {}
            Fill::Short if window.bytes().is_empty() && window.failure().is_none() => {
                return Step::End;
            }
            other => return Step::lacking(other, || "cut off in a record header".to_owned()),
        }
        let Some(header) = window.bytes().first_chunk() else {
            return Step::End;
        };
        let record = self.record(header);
        let captured = record.data_length;
        if captured > MAX_FRAME_BYTES {
            return Step::Damaged(format!(
                "a record of {captured} bytes, more than the {MAX_FRAME_BYTES} that can be"
            ));
        }
        match window.ensure(record.length as usize) {
            Fill::Enough => {}
            other => {
                let there = window.bytes().len() - header_bytes;
                return Step::lacking(other, || {
                    format!("cut off: of a record of {captured} bytes {there} are left")
                });
            }
        }
        Step::Record(record)
    }

    /// What a record's header says.
    #[inline(always)]
    fn record(&self, header: &[u8; 16]) -> Record {
        let seconds = u64::from(self.order.u32(header, 0));
        let fraction = u64::from(self.order.u32(header, 4));
        let mut captured = self.order.u32(header, 8);
        let mut on_wire = self.order.u32(header, 12);
        if self.swapped_lengths != SwappedLengths::No
            && (self.swapped_lengths == SwappedLengths::Yes || captured > on_wire)
        {
            std::mem::swap(&mut captured, &mut on_wire);
        }
        Record {
            data_offset: self.header_bytes,
            data_length: captured,
            length: self.header_bytes.saturating_add(captured),
            wire_length: on_wire.max(captured),
            time_ns: seconds * 1_000_000_000 + fraction * self.fraction_ns,
            link_type: self.link_type,
            interface_id: 0,
        }
    }
}
