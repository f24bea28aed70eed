//! Data of an undecided side that came before others of it: they wait here, as most of what lacks comes within a few packets. Then all are
//! looked at together, and mostly nobody wants them. A session of which data wait has `state.resting` without `state.flow`.
//!
//! Whatever is not plain about such a session ends the wait: TypeScript opens a flow and queues the data there, as it would have when
//! they came (`src/session/payload-path.ts`). That is right at any time, so only what most of them do is done here: there is one hole, of
//! one side, and what waits behind it is in order.

use std::collections::HashMap;

use super::{FirstData, Recognition, Verdict};
use crate::generated::layout::{side, slot, state};
use crate::memory::Memory;
use crate::session_table::Session;
use crate::tcp::{FIN, RESET, SYN, Segment};

/// Sessions of which data may wait at a time; those of others TypeScript queues.
const MOST: usize = 4096;

/// How long data wait, on the clock of their source; by default not at all.
#[derive(Debug, Clone, Copy, Default)]
pub struct HoleWaits {
    /// Segments of a side that wait, at most.
    pub segments: usize,
    /// For what is missing, in microseconds.
    pub seen_us: f64,
    /// The same once its receiver has acknowledged it.
    pub acked_us: f64,
}

/// Data that wait.
#[derive(Debug, Clone, PartialEq)]
pub struct Waiting {
    /// The side that sent them.
    pub side: u32,
    /// The sequence number where the missing bytes begin.
    pub missing: i32,
    /// Their own, behind those.
    pub start: i32,
    /// What they are, segment behind segment.
    pub bytes: Vec<u8>,
    /// Where each segment ends among them.
    pub ends: Vec<u32>,
    /// The clock when the first one came.
    pub seen_us: f64,
    /// And when the missing bytes were seen to be acknowledged.
    pub acked_us: Option<f64>,
}

impl Waiting {
    /// Looks at what is acknowledged with a segment of the session. True: what is missing will not come any more.
    fn is_over(&mut self, segment: &Segment, clock_us: f64, waits: HoleWaits) -> bool {
        let acked = segment.acknowledged(self.side);
        if acked.is_some_and(|acked| acked.wrapping_sub(self.start) >= 0) {
            self.acked_us.get_or_insert(clock_us);
        }
        let is_acked_long = self
            .acked_us
            .is_some_and(|acked_us| clock_us - acked_us >= waits.acked_us);
        is_acked_long || clock_us - self.seen_us >= waits.seen_us
    }

    fn add(&mut self, payload: &[u8]) {
        self.bytes.extend_from_slice(payload);
        self.ends.push(self.bytes.len() as u32);
    }
}

/// Data that wait, by the number of their session.
pub struct WaitingSegments {
    by_session: HashMap<u32, Waiting>,
    waits: HoleWaits,
    counters: Memory,
    queued: Option<u32>,
}

impl Default for WaitingSegments {
    /// None ever waits.
    fn default() -> WaitingSegments {
        WaitingSegments::new(HoleWaits::default(), Memory::none(), None)
    }
}

impl WaitingSegments {
    /// `counters`: f64 each; `queued`: number of that of segments that waited. One that TypeScript queues is counted there.
    pub fn new(waits: HoleWaits, counters: Memory, queued: Option<u32>) -> WaitingSegments {
        WaitingSegments {
            by_session: HashMap::new(),
            waits,
            counters,
            queued,
        }
    }

    /// Those of a session.
    pub fn of(&self, number: u32) -> Option<&Waiting> {
        self.by_session.get(&number)
    }

    /// Takes out those of a session.
    pub fn take(&mut self, session: &Session, number: u32) -> Option<Waiting> {
        let bits = session.word(slot::STATE) as u32 & !state::RESTING;
        session.put(slot::STATE, bits as i32);
        self.by_session.remove(&number)
    }

    /// A session is no more.
    pub fn forget(&mut self, number: u32) {
        if !self.by_session.is_empty() {
            self.by_session.remove(&number);
        }
    }

    /// The sides of a session have changed places.
    pub fn flip(&mut self, number: u32) {
        if let Some(waiting) = self.by_session.get_mut(&number) {
            waiting.side = 1 - waiting.side;
        }
    }

    fn put(&mut self, segment: &Segment, waiting: Waiting) {
        self.by_session.insert(segment.number, waiting);
        segment.set(state::RESTING);
    }

    fn count(&self, segments: usize) {
        if let Some(queued) = self.queued {
            self.counters.add(queued, segments as f64);
        }
    }
}

impl Recognition {
    /// Lets data wait that `first_data` has called apart, before they are accounted. False: that cannot be, and nothing was done.
    pub fn let_wait(&mut self, segment: &Segment, payload: Option<&[u8]>, clock_us: f64) -> bool {
        let (own, bits, side) = (segment.own, segment.bits(), segment.direction);
        let (start, top) = (segment.start(), own.word(side::TOP));
        let kept = self.kept.of(segment.number * 2 + side);
        let Some(payload) = whole(segment, payload) else {
            return false;
        };
        let is_plain = segment.flags & (SYN | FIN | RESET) == 0
            && bits & state::SEEN_0 << side != 0
            && bits & state::HOLES_0 << side == 0
            && kept.is_none_or(|kept| kept.after == top);
        let before = kept.map_or(0, |kept| kept.bytes.len());
        let room = self.kept.most().saturating_sub(before + payload.len());
        let missing = start.wrapping_sub(top);
        let is_near = missing > 0 && missing as usize <= room;
        if !is_plain || !is_near || self.waiting.by_session.len() >= MOST {
            return false;
        }
        let mut waiting = Waiting {
            side,
            missing: top,
            start,
            bytes: Vec::new(),
            ends: Vec::new(),
            seen_us: clock_us,
            acked_us: None,
        };
        waiting.add(payload);
        if waiting.is_over(segment, clock_us, self.waiting.waits) {
            return false;
        }
        self.waiting.put(segment, waiting);
        true
    }

    /// Takes a segment of a session of which data wait, before it is begun. False: the wait is to end first, and nothing was done.
    pub fn goes_on(&mut self, segment: &Segment, payload: Option<&[u8]>, clock_us: f64) -> bool {
        let Some(waiting) = self.waiting.by_session.get_mut(&segment.number) else {
            return false;
        };
        if segment.flags & (SYN | FIN | RESET) != 0
            || segment.is_far()
            || waiting.is_over(segment, clock_us, self.waiting.waits)
        {
            return false;
        }
        if segment.length() == 0 {
            return true;
        }
        if segment.direction == waiting.side {
            return whole(segment, payload).is_some_and(|payload| {
                self.append(segment, payload) || self.complete(segment, payload)
            });
        }
        !segment.session.is_undecided(segment.direction)
            || self.first_data(segment, payload) == FirstData::Done
    }

    /// Lets data wait that come next behind those that do. False: they do not, or there is no room.
    fn append(&mut self, segment: &Segment, payload: &[u8]) -> bool {
        let WaitingSegments {
            by_session, waits, ..
        } = &mut self.waiting;
        let Some(waiting) = by_session.get_mut(&segment.number) else {
            return false;
        };
        let ahead = segment.start().wrapping_sub(waiting.missing) as usize;
        let kept = self.kept.of(segment.number * 2 + segment.direction);
        let before = kept.map_or(0, |kept| kept.bytes.len());
        let end = waiting.start.wrapping_add(waiting.bytes.len() as i32);
        if segment.start() != end
            || waiting.ends.len() >= waits.segments
            || before + ahead + payload.len() > self.kept.most()
        {
            return false;
        }
        waiting.add(payload);
        true
    }

    /// The data that were missing, if they are, with those that waited. False: they are not, or decoders have to be asked.
    fn complete(&mut self, segment: &Segment, payload: &[u8]) -> bool {
        let (session, number, start) = (segment.session, segment.number, segment.start());
        let direction = number * 2 + segment.direction;
        let Some(waiting) = self.waiting.of(number) else {
            return false;
        };
        let end = start.wrapping_add(segment.length());
        if start != waiting.missing || end != waiting.start {
            return false;
        }
        let all = [payload, &waiting.bytes].concat();
        let after = start.wrapping_add(all.len() as i32);
        let mut ends = vec![payload.len()];
        ends.extend(waiting.ends.iter().map(|end| payload.len() + *end as usize));
        // As they would have been looked at one after the other.
        let verdict = ends
            .iter()
            .map(|end| self.verdict(session, direction, &all[..*end]))
            .find(|verdict| *verdict != Verdict::Wait)
            .unwrap_or(Verdict::Wait);
        if verdict == Verdict::Asked {
            return false;
        }
        self.waiting.take(session, number);
        self.waiting.count(ends.len() - 1);
        if verdict == Verdict::No || !self.keep(segment, direction, &all, after) {
            self.give_up(session, number, segment.direction);
        }
        true
    }
}

/// The payload of a segment, of which nothing was cut.
fn whole<'a>(segment: &Segment, payload: Option<&'a [u8]>) -> Option<&'a [u8]> {
    payload.filter(|payload| !payload.is_empty() && payload.len() == segment.length() as usize)
}
