//! MPLS label stacks (RFC 3032) and the Ethernet pseudowires on them (RFC 4448).

use super::{Outcome, Step, Walk, be16, be32};
use crate::generated::layout::tunnel_type;

/// Labels in one stack; more are no MPLS.
const MAX_LABELS: usize = 16;

impl Walk<'_> {
    /// A label stack at `at`. What `packet` says is its carrier; it stays the flow when the inside is not known.
    pub(super) fn mpls(&mut self, ports: (u16, u16)) -> Outcome {
        let mut at = self.at;
        for _ in 0..MAX_LABELS {
            let Ok(entry) = self.take::<4>(at) else {
                return Ok(Step::Done);
            };
            at += 4;
            if entry[2] & 1 != 0 {
                return self.mpls_payload(at, be32(entry, 0) >> 12, ports);
            }
        }
        Ok(Step::Done)
    }

    /// No field says what follows the stack. The first nibble does for IP; a pseudowire is known by its EtherType,
    /// because a MAC address may begin with any nibble.
    fn mpls_payload(&mut self, at: usize, label: u32, ports: (u16, u16)) -> Outcome {
        let first = self.peek(at, 1).first().map_or(0, |byte| byte >> 4);
        let with_word = first == 0 && self.plausible_ethernet(at + 4);
        let step = if (first == 4 || first == 6) && self.plausible_ip(at) {
            Step::Ip
        } else if with_word || self.plausible_ethernet(at) {
            Step::Ethernet
        } else {
            return Ok(Step::Done);
        };
        if !self.enter(tunnel_type::MPLS, label, ports) {
            return Ok(Step::Done);
        }
        self.at = if with_word { at + 4 } else { at };
        Ok(step)
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
