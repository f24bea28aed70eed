//! MPLS label stacks (RFC 3032) and the Ethernet pseudowires on them (RFC 4448).

use super::{Outcome, Step, Walk, be32};
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
}
