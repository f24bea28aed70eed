//! A TCP segment and the session it belongs to, and what the segments that are most of all traffic change there: those next in order.

use super::{ACKNOWLEDGEMENT, FAR_BYTES, FIN, HANDSHAKEN, PLAIN_MASK, SYN};
use crate::generated::layout::{packet, side, side_byte, slot, state};
use crate::session_table::{Record, Session, Side};

/// The byte of `side.marks` that counts segments in a row that were too far off.
const FAR_SEGMENTS: u32 = 0xff << ((side_byte::FAR_SEGMENTS - 4) * 8);

/// A segment of a session.
pub struct Segment<'a> {
    /// Its record.
    pub record: &'a Record,
    /// Its session.
    pub session: &'a Session,
    /// The side that sent it.
    pub own: &'a Side,
    /// Number of the session.
    pub number: u32,
    /// That side's direction.
    pub direction: u32,
    /// TCP flags.
    pub flags: u32,
}

impl Segment<'_> {
    /// `slot.state` as it is now.
    #[inline(always)]
    pub fn bits(&self) -> u32 {
        self.session.word(slot::STATE) as u32
    }

    /// Sets bits of the state.
    pub fn set(&self, bits: u32) {
        self.session.put(slot::STATE, (self.bits() | bits) as i32);
    }

    /// The sequence number of its first byte, or of its FIN.
    pub fn start(&self) -> i32 {
        let is_syn = self.flags & SYN != 0;
        let sequence = self.record.word(packet::TCP_SEQUENCE);
        sequence.wrapping_add(i32::from(is_syn))
    }

    /// Bytes of its payload on the wire.
    #[inline(always)]
    pub fn length(&self) -> i32 {
        self.record.word(packet::PAYLOAD_WIRE_LENGTH)
    }

    /// Is it too far from its stream to be of it?
    pub fn is_far(&self) -> bool {
        let distance = self.start().wrapping_sub(self.own.word(side::TOP));
        let is_near = (-FAR_BYTES..=FAR_BYTES).contains(&distance);
        self.bits() & state::SEEN_0 << self.direction != 0 && !is_near
    }

    /// The highest number that is acknowledged to the sender of a side with this segment, if any is.
    pub fn acknowledged(&self, sender: u32) -> Option<i32> {
        let receiver = 1 - sender;
        let is_known = self.bits() & state::ACKED_0 << receiver != 0;
        let before = is_known.then(|| self.session.side(receiver).word(side::ACKED));
        if receiver != self.direction || self.flags & ACKNOWLEDGEMENT == 0 {
            return before;
        }
        let number = self.record.word(packet::TCP_ACKNOWLEDGEMENT);
        before
            .filter(|before| !is_further(number, *before))
            .or(Some(number))
    }

    /// Has it data, or a FIN?
    pub fn has_any(&self) -> bool {
        self.length() > 0 || self.flags & FIN != 0
    }

    /// Takes the segment when it has ACK, none of SYN, FIN and RST, and is next in order. False: it is not, and nothing was done.
    /// `bits`: the state.
    #[inline(always)]
    pub fn next(&self, bits: u32) -> bool {
        let Segment { own, direction, .. } = *self;
        let start = self.record.word(packet::TCP_SEQUENCE);
        if self.flags & PLAIN_MASK != ACKNOWLEDGEMENT
            || bits & state::SEEN_0 << direction == 0
            || own.word(side::TOP) != start
        {
            return false;
        }
        let length = self.length();
        let mut marks = own.word(side::MARKS) as u32;
        let mut now = bits;
        if length > 0 {
            own.put(side::TOP, start.wrapping_add(length));
            now |= state::TOP_DATA_0 << direction;
            // Segments in a row that were too far off begin anew.
            marks &= !FAR_SEGMENTS;
            own.put_float(side::PAYLOAD, own.float(side::PAYLOAD) + f64::from(length));
        }
        own.put(side::MARKS, (marks | self.flags) as i32);
        now = self.acknowledge(now);
        if now != bits {
            self.session.put(slot::STATE, now as i32);
        }
        true
    }

    /// Notes the acknowledgement number and the window. Gives the state after it.
    #[inline(always)]
    pub(super) fn acknowledge(&self, bits: u32) -> u32 {
        let Segment { own, direction, .. } = *self;
        let mut now = bits;
        let number = self.record.word(packet::TCP_ACKNOWLEDGEMENT);
        if bits & state::ACKED_0 << direction == 0 {
            now |= state::ACKED_0 << direction;
            own.put(side::ACKED, number);
        } else if is_further(number, own.word(side::ACKED)) {
            own.put(side::ACKED, number);
        }
        if direction == 0 && bits & (HANDSHAKEN | state::ESTABLISHED) == HANDSHAKEN {
            now |= state::ESTABLISHED;
            let time_us = self.record.float(packet::TIME_US);
            let taken = time_us - self.session.float(slot::SYN_US);
            self.session.put(slot::HANDSHAKE_US, taken.max(0.0) as i32);
        }
        own.put_half(side::WINDOW, self.record.half(packet::TCP_WINDOW));
        now
    }
}

/// Does an acknowledgement go beyond the highest one before it?
#[inline(always)]
fn is_further(number: i32, before: i32) -> bool {
    let ahead = number.wrapping_sub(before);
    ahead > 0 && ahead < FAR_BYTES
}
