//! What can be said of the first data of a session without asking a decoder: that nobody can want them (`screen`), or that all who
//! might want more, so they are kept (`kept_bytes`), or that they came too early (`waiting`). Whose a session is decoders say, in
//! TypeScript (`src/decoders/recognition.ts`).

mod kept_bytes;
mod screen;
mod waiting;

pub use kept_bytes::{Kept, KeptBytes, KeptCounters};
pub use screen::{Condition, FirstWord, Screen, TransportConditions, Verdict, WordBound};
pub use waiting::{HoleWaits, Waiting, WaitingSegments};

use crate::generated::layout::{packet, side, slot, state};
use crate::session_table::Session;
use crate::tcp::{FIN, Segment};

/// What is left of the first data, or the FIN, of an undecided side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FirstData {
    /// Nothing: they are kept, belong to nobody, or are old.
    Done,
    /// They are not next in order, and somebody has to put them there.
    Apart,
    /// Decoders have to be asked.
    Asked,
}

/// Recognition of one packet worker.
#[derive(Default)]
pub struct Recognition {
    /// Who may want payload.
    pub screen: Screen,
    /// The first bytes of undecided directions of TCP.
    pub kept: KeptBytes,
    /// Data that came before others of their side.
    pub waiting: WaitingSegments,
    together: Vec<u8>,
}

impl Recognition {
    /// Keeps nothing yet.
    pub fn new(screen: Screen, kept: KeptBytes, waiting: WaitingSegments) -> Recognition {
        Recognition {
            screen,
            kept,
            waiting,
            together: Vec::new(),
        }
    }

    /// Takes the data or the FIN of a side that is undecided, before the segment is accounted. `payload`: what was captured of it; none
    /// when the record does not hold that. Where something is left, nothing was done.
    pub fn first_data(&mut self, segment: &Segment, payload: Option<&[u8]>) -> FirstData {
        let direction = segment.number * 2 + segment.direction;
        let length = segment.length();
        let kept = self.kept.of(direction);
        let before = kept.map_or(0, |kept| kept.bytes.len());
        if let Some(left) = out_of_order(segment, kept) {
            return left;
        }
        let captured = segment.record.word(packet::PAYLOAD_LENGTH);
        let verdict = if length == 0 {
            Verdict::Wait
        } else if captured == 0 {
            Verdict::No
        } else {
            let Some(payload) = payload else {
                return FirstData::Asked;
            };
            match self.verdict(segment.session, direction, payload) {
                Verdict::Asked => return FirstData::Asked,
                // Nothing will come in order after what the snap length cut.
                Verdict::Wait if captured < length => Verdict::No,
                verdict => verdict,
            }
        };
        if length == 0 && before == 0 {
            return FirstData::Done;
        }
        let is_last = segment.flags & FIN != 0;
        let after = segment.start().wrapping_add(length);
        let waits = verdict == Verdict::Wait
            && !is_last
            && payload.is_some_and(|payload| self.keep(segment, direction, payload, after));
        if !waits {
            self.give_up(segment.session, segment.number, segment.direction);
        }
        FirstData::Done
    }

    /// What decoders say of what is kept of a direction and the payload behind it.
    fn verdict(&mut self, session: &Session, direction: u32, payload: &[u8]) -> Verdict {
        let ports = session.word(slot::PORTS) as u32;
        let Some(kept) = self.kept.of(direction) else {
            return self.screen.verdict(payload, ports);
        };
        let room = self.kept.most() - kept.bytes.len();
        self.together.clear();
        self.together.extend_from_slice(kept.bytes);
        let more = payload.get(..room).unwrap_or(payload);
        self.together.extend_from_slice(more);
        self.screen.verdict(&self.together, ports)
    }

    /// Keeps bytes that a segment brought, up to a sequence number; false when there is no memory for them.
    fn keep(&mut self, segment: &Segment, direction: u32, bytes: &[u8], after: i32) -> bool {
        let time_us = segment.record.float(packet::TIME_US);
        self.kept.add(direction, bytes, after, time_us)
    }

    /// The data of a side belong to no decoder; when those of both do, nobody wants them.
    pub fn give_up(&mut self, session: &Session, number: u32, direction: u32) {
        self.kept.drop(number * 2 + direction);
        let both = state::UNKNOWN_0 | state::UNKNOWN_1;
        let mut bits = session.word(slot::STATE) as u32 | state::UNKNOWN_0 << direction;
        if bits & both == both {
            bits &= !state::WANTED;
        }
        session.put(slot::STATE, bits as i32);
    }

    /// Lets what is kept of a session go.
    pub fn forget(&mut self, number: u32) {
        self.kept.drop(number * 2);
        self.kept.drop(number * 2 + 1);
        self.waiting.forget(number);
    }

    /// The sides of a session have changed places.
    pub fn flip(&mut self, number: u32) {
        self.kept.swap(number * 2, number * 2 + 1);
        self.waiting.flip(number);
    }
}

/// What is left of a segment that is not next in order; none when it is. `kept`: of its direction.
fn out_of_order(segment: &Segment, kept: Option<Kept>) -> Option<FirstData> {
    let Segment { own, direction, .. } = *segment;
    let (start, length, bits) = (segment.start(), segment.length(), segment.bits());
    if bits & state::SEEN_0 << direction == 0 {
        return None;
    }
    // Where nothing is kept no data came yet; acknowledgements alone, or a FIN, may have overtaken them.
    let next = kept.map_or(own.word(side::LOW), |kept| kept.after);
    if start == next {
        return None;
    }
    // A FIN alone is waited for only where bytes before it are kept.
    let is_new = if length > 0 {
        start.wrapping_add(length).wrapping_sub(next) > 0
    } else {
        kept.is_some()
    };
    Some(if is_new {
        FirstData::Apart
    } else {
        FirstData::Done
    })
}
