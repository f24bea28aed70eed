//! What the segments of a TCP connection change in its session where nothing is out of order and no decoder has to see it: next in
//! order, the first of a side, a SYN, a FIN. The rest is TypeScript's (`src/session/tcp-tracker.ts`, `payload-path.ts`).

use super::{ACKNOWLEDGEMENT, FIN, PLAIN_MASK, RESET, SYN};
use crate::generated::layout::{packet, side, side_byte, slot, state};
use crate::session_table::{Record, Session, Side};

/// Segments further from the stream than any window reaches (RFC 7323, 2.3) are not of it.
const FAR_BYTES: i32 = 1 << 30;
/// The byte of `side.marks` that counts segments in a row that were too far off.
const FAR_SEGMENTS: u32 = 0xff << ((side_byte::FAR_SEGMENTS - 4) * 8);

/// A segment of a session, and the session's state as it was before it.
pub struct Segment<'a> {
    /// Its record.
    pub record: &'a Record,
    /// Its session.
    pub session: &'a Session,
    /// The side that sent it.
    pub own: &'a Side,
    /// That side's direction.
    pub direction: u32,
    /// `slot.state`.
    pub bits: u32,
    /// TCP flags.
    pub flags: u32,
}

/// What became of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is not of those kinds, and nothing was done.
    Not,
    /// It is handled.
    All,
    /// It is handled, and has closed the connection.
    Closes,
}

impl Segment<'_> {
    /// Takes a segment whose payload nobody wants.
    pub fn take(&self) -> Taken {
        let length = self.record.word(packet::PAYLOAD_WIRE_LENGTH);
        let is_known = self.bits & state::SEEN_0 << self.direction != 0;
        let taken = match self.flags & PLAIN_MASK {
            ACKNOWLEDGEMENT if is_known => self.next(),
            ACKNOWLEDGEMENT => self.begin(self.record.word(packet::TCP_SEQUENCE), length),
            kind if kind & (SYN | FIN | RESET) == SYN && length == 0 && !is_known => self.syn(),
            kind if kind == FIN | ACKNOWLEDGEMENT && length == 0 && is_known => return self.fin(),
            _ => false,
        };
        if taken { Taken::All } else { Taken::Not }
    }

    /// With ACK, and without SYN, FIN and RST: the next in order.
    #[inline(always)]
    pub fn next(&self) -> bool {
        let Segment { own, direction, .. } = *self;
        let start = self.record.word(packet::TCP_SEQUENCE);
        if self.bits & state::SEEN_0 << direction == 0 || own.word(side::TOP) != start {
            return false;
        }
        let length = self.record.word(packet::PAYLOAD_WIRE_LENGTH);
        let mut marks = own.word(side::MARKS) as u32;
        let mut now = self.bits;
        if length > 0 {
            own.put(side::TOP, start.wrapping_add(length));
            now |= state::TOP_DATA_0 << direction;
            // Segments in a row that were too far off begin anew.
            marks &= !FAR_SEGMENTS;
            own.put_float(side::PAYLOAD, own.float(side::PAYLOAD) + f64::from(length));
        }
        own.put(side::MARKS, (marks | self.flags) as i32);
        self.turn(self.acknowledge(now));
        true
    }

    /// The first that is seen of its side: its numbers begin at `start`.
    fn begin(&self, start: i32, length: i32) -> bool {
        let Segment { own, direction, .. } = *self;
        let after = start.wrapping_add(length);
        own.put(side::LOW, start);
        own.put(side::TOP, after);
        let marks = own.word(side::MARKS) as u32 & !FAR_SEGMENTS;
        own.put(side::MARKS, (marks | self.flags) as i32);
        own.put_float(side::PAYLOAD, own.float(side::PAYLOAD) + f64::from(length));
        let mut now = self.bits;
        if self.flags & ACKNOWLEDGEMENT != 0 {
            now = self.acknowledge(now);
        }
        now |= state::SEEN_0 << direction;
        if after != start {
            now |= state::TOP_DATA_0 << direction;
        }
        self.turn(now);
        true
    }

    /// The SYN of a side of which nothing was seen before.
    fn syn(&self) -> bool {
        let Segment { own, direction, .. } = *self;
        if self.bits & state::SYN_0 << direction != 0 {
            return false;
        }
        let scale = self.record.byte(packet::TCP_WINDOW_SCALE);
        own.put_bytes(side_byte::WINDOW_SCALE, [scale]);
        if self.flags & ACKNOWLEDGEMENT == 0 {
            let time_us = self.record.float(packet::TIME_US);
            self.session.put_float(slot::SYN_US, time_us);
        }
        let opened = Segment {
            bits: self.bits | state::SYN_0 << direction,
            ..*self
        };
        let sequence = self.record.word(packet::TCP_SEQUENCE);
        opened.begin(sequence.wrapping_add(1), 0)
    }

    /// A FIN next in order, with nothing above it.
    fn fin(&self) -> Taken {
        let Segment { own, direction, .. } = *self;
        let start = self.record.word(packet::TCP_SEQUENCE);
        if own.word(side::TOP) != start {
            return Taken::Not;
        }
        own.put(side::TOP, start.wrapping_add(1));
        let marks = own.word(side::MARKS) as u32 & !FAR_SEGMENTS;
        own.put(side::MARKS, (marks | self.flags) as i32);
        let now = self.acknowledge(self.bits);
        self.turn(now | (state::TOP_DATA_0 | state::FIN_0) << direction);
        let both = state::FIN_0 | state::FIN_1;
        let closes = (now | state::FIN_0 << direction) & (both | state::CLOSING) == both;
        if closes { Taken::Closes } else { Taken::All }
    }

    /// Notes the acknowledgement number and the window. Gives the state after it.
    #[inline(always)]
    fn acknowledge(&self, bits: u32) -> u32 {
        let Segment { own, direction, .. } = *self;
        let mut now = bits;
        let number = self.record.word(packet::TCP_ACKNOWLEDGEMENT);
        let ahead = number.wrapping_sub(own.word(side::ACKED));
        if bits & state::ACKED_0 << direction == 0 {
            now |= state::ACKED_0 << direction;
            own.put(side::ACKED, number);
        } else if ahead > 0 && ahead < FAR_BYTES {
            own.put(side::ACKED, number);
        }
        let handshaken = state::SYN_0 | state::SYN_1;
        if direction == 0 && bits & (handshaken | state::ESTABLISHED) == handshaken {
            now |= state::ESTABLISHED;
            let time_us = self.record.float(packet::TIME_US);
            let taken = time_us - self.session.float(slot::SYN_US);
            self.session.put(slot::HANDSHAKE_US, taken.max(0.0) as i32);
        }
        own.put_half(side::WINDOW, self.record.half(packet::TCP_WINDOW));
        now
    }

    #[inline(always)]
    fn turn(&self, now: u32) {
        if now != self.bits {
            self.session.put(slot::STATE, now as i32);
        }
    }
}
