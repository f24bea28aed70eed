//! Whether bytes look like the header that a tunnel would carry. Asked where nothing, or only a port number, says so;
//! these look and change nothing.

use super::{Walk, be16};

impl Walk<'_> {
    /// An Ethernet header whose type field is an EtherType or a length.
    pub(super) fn possible_ethernet(&self, at: usize) -> bool {
        self.take::<14>(at)
            .is_ok_and(|header| !(1501..0x0600).contains(&be16(header, 12)))
    }

    /// An IP header whose lengths fit the bytes around it.
    pub(super) fn plausible_ip(&self, at: usize) -> bool {
        let room = self.wire_end.saturating_sub(at);
        match self.peek(at, 40) {
            [first, _, high, low, ..] if first >> 4 == 4 => {
                let header_length = usize::from(first & 15) * 4;
                let total_length = usize::from(u16::from_be_bytes([*high, *low]));
                header_length >= 20
                    && (total_length == 0
                        || (total_length >= header_length && total_length <= room))
            }
            [first, _, _, _, high, low, ..] if first >> 4 == 6 => {
                usize::from(u16::from_be_bytes([*high, *low])) + 40 <= room
            }
            _ => false,
        }
    }

    /// An Ethernet header with an EtherType that is in use, or a length that fits.
    pub(super) fn plausible_ethernet(&self, at: usize) -> bool {
        let Ok(header) = self.take::<14>(at) else {
            return false;
        };
        match be16(header, 12) {
            0x0800 | 0x0806 | 0x86dd | 0x8100 | 0x88a8 | 0x9100 | 0x8847 | 0x8848 | 0x8863
            | 0x8864 | 0x8809 | 0x88cc | 0x8902 | 0x888e | 0x88e5 | 0x88f7 | 0x9000 => true,
            length @ 3..=1500 => at + 14 + usize::from(length) <= self.wire_end,
            _ => false,
        }
    }
}
