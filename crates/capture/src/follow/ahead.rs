//! Asking the processor for the memory of what comes next in a ring: records, their places in the index, their sessions.

use super::Stretch;
use crate::generated::layout::{packet, record_kind};
use crate::memory::Memory;
use crate::session_table::Table;

/// Records whose memory is asked for before they are handled: index entry first, then the session.
const INDEX_AHEAD: usize = 24;
const SESSION_AHEAD: usize = 12;
/// Goes ahead of the walks and asks the processor for the memory that their records will need.
#[derive(Default)]
pub struct Ahead {
    ring: usize,
    position: u32,
    to: u32,
    /// Where the walk before stopped.
    pub walked: u32,
    /// Packets that this is ahead of the walk.
    lead: usize,
    /// Places of the index of the records between the two distances.
    places: [u32; INDEX_AHEAD],
    read: usize,
    written: usize,
}

impl Ahead {
    /// Another walk begins; where the one before stopped, what was asked for still holds.
    pub fn go_on(&mut self, stretch: Stretch) {
        if self.ring != stretch.ring || self.walked != stretch.from || self.lead == 0 {
            self.ring = stretch.ring;
            self.position = stretch.from;
            self.lead = 0;
            self.read = 0;
            self.written = 0;
        }
        self.to = stretch.to;
    }

    /// The walk comes to its next record.
    #[inline(always)]
    pub fn step(&mut self, table: &Table, ring: &Memory) {
        while self.lead < INDEX_AHEAD && self.position != self.to {
            let offset = ring.wrapped(self.position);
            let (length, kind) = ring.head(offset);
            self.position = self.position.wrapping_add(length.next_multiple_of(8));
            if kind == record_kind::PADDING {
                // The walk does not come to it as a record of its own.
                continue;
            }
            if kind != record_kind::PACKET {
                // The walk ends there.
                self.position = self.to;
                break;
            }
            let record = ring.record(offset);
            record.want();
            let place = table.place(record.word(packet::FLOW_HASH));
            table.want_index(place);
            self.places[self.written % INDEX_AHEAD] = place;
            self.written += 1;
            self.lead += 1;
        }
        let kept = if self.position == self.to {
            0
        } else {
            INDEX_AHEAD - SESSION_AHEAD
        };
        while self.written - self.read > kept {
            table.want_session(self.places[self.read % INDEX_AHEAD]);
            self.read += 1;
        }
        self.lead = self.lead.saturating_sub(1);
    }
}
