//! IEEE 802.11 frames and the capture headers in front of them: radiotap, Prism and AVS.

use super::{DissectError, Outcome, Walk, part, short_address};

/// Frame control, first byte: type and subtype.
const TYPE_MASK: u8 = 0x0c;
const TYPE_DATA: u8 = 0x08;
/// Data subtypes: no data (null functions), and with a QoS field.
const NO_DATA: u8 = 0x40;
const QOS: u8 = 0x80;
/// Frame control, second byte.
const TO_DS: u8 = 0x01;
const FROM_DS: u8 = 0x02;
const MORE_FRAGMENTS: u8 = 0x04;
const PROTECTED: u8 = 0x40;
const ORDER: u8 = 0x80;
/// QoS control: several frames are packed into one.
const AGGREGATED: u8 = 0x80;

/// Radiotap flags field.
const FCS_PRESENT: u8 = 0x10;
const DATA_PAD: u8 = 0x20;

/// Bytes of the classic Prism header.
const PRISM_LENGTH: usize = 144;

impl Walk<'_> {
    /// Radiotap (radiotap.org): version 0, little-endian length, then fields; only the flags matter here.
    pub(super) fn radiotap(&mut self) -> Outcome {
        let header = self.take::<8>(0)?;
        let length = usize::from(u16::from_le_bytes([header[2], header[3]]));
        if header[0] != 0 || length < 8 {
            return Err(DissectError::Malformed);
        }
        if length > self.data.len() {
            return Err(DissectError::Truncated);
        }
        let flags = self.radiotap_flags(length);
        if flags & FCS_PRESENT != 0 {
            self.limit(self.wire_end.saturating_sub(4).max(length));
        }
        self.at = length;
        self.frame_80211(flags & DATA_PAD != 0)
    }

    /// The flags field stands behind the presence words and, when present, the 8-byte aligned time stamp.
    fn radiotap_flags(&self, length: usize) -> u8 {
        let header = &self.data[..length];
        let word = |at: usize| {
            header
                .get(at..at + 4)
                .map(|word| u32::from_le_bytes(part(word, 0)))
        };
        let Some(present) = word(4) else { return 0 };
        let mut at = 8;
        let mut last = present;
        while last & 1 << 31 != 0 {
            let Some(next) = word(at) else { return 0 };
            last = next;
            at += 4;
        }
        if present & 1 != 0 {
            at = at.next_multiple_of(8) + 8;
        }
        if present & 2 != 0 {
            header.get(at).copied().unwrap_or(0)
        } else {
            0
        }
    }

    /// AVS (its magic, then a big-endian length) or Prism, which may stand under either link type.
    pub(super) fn prism(&mut self) -> Outcome {
        let header = self.take::<8>(0)?;
        let length = match *header {
            [0x80, 0x21, 0x10, _, a, b, c, d] => u32::from_be_bytes([a, b, c, d]) as usize,
            _ => PRISM_LENGTH,
        };
        if length > self.data.len() {
            return Err(DissectError::Truncated);
        }
        self.at = length;
        self.frame_80211(false)
    }

    pub(super) fn wireless(&mut self) -> Outcome {
        self.frame_80211(false)
    }

    /// A data frame goes on with LLC; all others, and what cannot be read, are layer 2 with the frame's addresses.
    fn frame_80211(&mut self, padded: bool) -> Outcome {
        let start = self.at;
        let control = self.take::<2>(start)?;
        let (kind, flags) = (control[0], control[1]);
        if kind & TYPE_MASK != TYPE_DATA {
            // Receiver and, in all but the shortest control frames, transmitter.
            if let Ok(receiver) = self.take::<6>(start + 4) {
                self.packet.destination_address = short_address(receiver);
            }
            if let (false, Ok(transmitter)) = (
                matches!(kind & 0xfc, 0xc4 | 0xd4),
                self.take::<6>(start + 10),
            ) {
                self.packet.source_address = short_address(transmitter);
            }
            return self.layer2(0);
        }
        let header = self.take::<24>(start)?;
        let mut length = 24;
        let (destination, source) = match flags & (TO_DS | FROM_DS) {
            0 => (part(header, 4), part(header, 10)),
            TO_DS => (part(header, 16), part(header, 10)),
            FROM_DS => (part(header, 4), part(header, 16)),
            _ => {
                length = 30;
                (part(header, 16), *self.take::<6>(start + 24)?)
            }
        };
        self.packet.destination_address = short_address::<6>(&destination);
        self.packet.source_address = short_address::<6>(&source);
        let mut aggregated = false;
        if kind & QOS != 0 {
            aggregated = self.take::<1>(start + length)?[0] & AGGREGATED != 0;
            length += if flags & ORDER != 0 { 6 } else { 2 };
        }
        if padded {
            length = length.next_multiple_of(4);
        }
        if start + length > self.data.len() {
            return Err(DissectError::Truncated);
        }
        self.at = start + length;
        let later_fragment = header[22] & 15 != 0;
        let unreadable = aggregated || later_fragment || flags & MORE_FRAGMENTS != 0;
        if kind & NO_DATA != 0 || flags & PROTECTED != 0 || unreadable {
            return self.layer2(0);
        }
        self.llc()
    }
}
