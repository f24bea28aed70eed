//! What any segment changes in its session: SYN, reset, acknowledgement and window, and which sequence numbers were seen.

use super::holes::{Hole, HoleLists};
use super::segment::Segment;
use super::{ACKNOWLEDGEMENT, FIN, HANDSHAKEN, RESET, SYN};
use crate::generated::layout::{odd_segment, packet, side, side_byte, slot, state};
use crate::memory::Memory;
use crate::session_table::{Session, Side};

/// So many segments in a row, in one direction, that are too far off are the stream: the capture lost how it came there.
const FAR_SEGMENTS: u8 = 4;
/// A stream that was picked up in its middle may turn out to have begun so much earlier.
const EARLY_BYTES: i32 = 1 << 20;
/// Where a reset may lie around the highest number seen when the receiver was not heard.
const UNKNOWN_WINDOW: i32 = 65_536;
/// `side_byte.window_scale` of a side whose SYN had no such option.
const NO_SCALE: u8 = 255;
/// Largest window scale (RFC 7323, 2.3).
const MOST_SCALE: u8 = 14;

/// Numbers of counters. What has none is not counted.
#[derive(Debug, Clone, Default)]
pub struct TcpCounters {
    /// Segments that held nothing new.
    pub retransmitted: Option<u32>,
    /// Segments that came after later ones.
    pub out_of_order: Option<u32>,
    /// Segments too far off to belong to the stream.
    pub out_of_window: Option<u32>,
    /// Resets outside the window.
    pub ignored_resets: Option<u32>,
    /// Holes no longer followed.
    pub forgotten_holes: Option<u32>,
}

/// What `begin` leaves of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Begun {
    /// Its sequence numbers are to be accounted.
    GoesOn,
    /// Nothing: it was a reset, and the connection is over.
    Resets,
    /// Nothing: it was a reset behind the end.
    Nothing,
    /// Nothing: it was a reset that is not believed.
    Refused,
}

impl Begun {
    /// What is odd about it: of `odd_segment`, 0 nothing.
    pub fn odd(self) -> u32 {
        match self {
            Begun::Refused => odd_segment::REFUSED_RESET,
            Begun::GoesOn | Begun::Resets | Begun::Nothing => 0,
        }
    }
}

/// Whether the sequence numbers of a segment fit to the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// They do.
    Plain,
    /// They do not, and were not accounted.
    OutOfWindow,
    /// They did not for a while: the stream begins anew there.
    AnchoredAnew,
}

impl Fit {
    /// What is odd about it: of `odd_segment`, 0 nothing.
    pub fn odd(self) -> u32 {
        match self {
            Fit::Plain => 0,
            Fit::OutOfWindow => odd_segment::OUT_OF_WINDOW,
            Fit::AnchoredAnew => odd_segment::STREAM_LOST,
        }
    }
}

/// What became of a segment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// How it fitted.
    pub fit: Fit,
    /// Both sides have closed the connection with it.
    pub closes: bool,
}

/// The TCP connections of one packet worker, beside what is in their slots.
pub struct Tracker {
    /// By number of the session * 2 + direction.
    holes: HoleLists,
    counters: Memory,
    numbers: TcpCounters,
}

impl Tracker {
    /// A tracker for as many sessions. `counters`: f64 each; `numbers`: those that are its own.
    pub fn new(sessions: usize, counters: Memory, numbers: TcpCounters) -> Tracker {
        Tracker {
            holes: HoleLists::new(sessions * 2),
            counters,
            numbers,
        }
    }

    fn count(&self, counter: Option<u32>) {
        if let Some(number) = counter {
            self.counters.add(number, 1.0);
        }
    }

    /// Takes of a segment its flags, a SYN or reset, and what it acknowledges. Its sequence numbers are left to `account`.
    pub fn begin(&mut self, segment: &Segment) -> Begun {
        let Segment { own, flags, .. } = *segment;
        own.put(side::MARKS, own.word(side::MARKS) | flags as i32);
        if flags & RESET != 0 {
            return self.reset(segment);
        }
        if flags & SYN != 0 {
            self.open(segment);
        }
        if flags & ACKNOWLEDGEMENT != 0 {
            let bits = segment.bits();
            let now = segment.acknowledge(bits);
            segment.set(now & !bits);
        }
        Begun::GoesOn
    }

    fn reset(&self, segment: &Segment) -> Begun {
        // Resets after the close are only the end of somebody's patience.
        if segment.bits() & state::CLOSING != 0 {
            return Begun::Nothing;
        }
        if !accepts_reset(segment) {
            self.count(self.numbers.ignored_resets);
            return Begun::Refused;
        }
        segment.set(state::RESET);
        Begun::Resets
    }

    /// Notes a SYN.
    fn open(&mut self, segment: &Segment) {
        let Segment { own, direction, .. } = *segment;
        let bits = segment.bits();
        if bits & state::SYN_0 << direction != 0 {
            self.retransmitted(own);
            return;
        }
        segment.set(state::SYN_0 << direction);
        let scale = segment.record.byte(packet::TCP_WINDOW_SCALE);
        own.put_bytes(side_byte::WINDOW_SCALE, [scale]);
        if bits & state::SEEN_0 << direction != 0 {
            // Later segments overtook the SYN: the stream begins here, not where it was picked up.
            let start = segment.start();
            let end = own.word(side::LOW);
            own.put(side::LOW, start);
            if start != end {
                self.add_hole(segment, Hole { start, end }, true);
            }
        }
        if segment.flags & ACKNOWLEDGEMENT == 0 {
            let time_us = segment.record.float(packet::TIME_US);
            segment.session.put_float(slot::SYN_US, time_us);
        }
    }

    /// Counts the sequence numbers of a segment, and one more for a FIN.
    pub fn account(&mut self, segment: &Segment) -> Taken {
        let Segment { own, direction, .. } = *segment;
        let (start, length) = (segment.start(), segment.length());
        let end = start.wrapping_add(length);
        let is_fin = segment.flags & FIN != 0;
        let after = end.wrapping_add(i32::from(is_fin));
        let bits = segment.bits();
        let fit = if bits & state::SEEN_0 << direction == 0 {
            anchor(segment, start, length, after);
            Fit::Plain
        } else if own.word(side::TOP) == start {
            if after != start {
                own.put_bytes(side_byte::FAR_SEGMENTS, [0]);
                own.put(side::TOP, after);
                add_payload(own, length);
                segment.set(state::TOP_DATA_0 << direction);
            }
            Fit::Plain
        } else {
            self.account_apart(segment, start, end, after)
        };
        // A FIN with data above it is an old one or a lie.
        let is_last = is_fin && fit != Fit::OutOfWindow && own.word(side::TOP) == after;
        if is_last {
            segment.set(state::FIN_0 << direction);
        }
        let both = state::FIN_0 | state::FIN_1;
        Taken {
            fit,
            closes: is_last && segment.bits() & (both | state::CLOSING) == both,
        }
    }

    /// `account` for what is not next in order.
    fn account_apart(&mut self, segment: &Segment, start: i32, end: i32, after: i32) -> Fit {
        let Segment { own, direction, .. } = *segment;
        let length = end.wrapping_sub(start);
        let bits = segment.bits();
        let (top, low) = (own.word(side::TOP), own.word(side::LOW));
        let distance = start.wrapping_sub(top);
        if segment.is_far() {
            let [far] = own.bytes(side_byte::FAR_SEGMENTS as usize);
            let far = far + 1;
            own.put_bytes(side_byte::FAR_SEGMENTS, [far]);
            if far < FAR_SEGMENTS {
                self.count(self.numbers.out_of_window);
                return Fit::OutOfWindow;
            }
            self.forget(segment.session, segment.number, direction);
            anchor(segment, start, length, after);
            return Fit::AnchoredAnew;
        }
        own.put_bytes(side_byte::FAR_SEGMENTS, [0]);
        if distance > 0 {
            let hole = Hole {
                start: top,
                end: start,
            };
            self.add_hole(segment, hole, false);
            own.put(side::TOP, after);
            add_payload(own, length);
            let bit = state::TOP_DATA_0 << direction;
            let now = segment.bits() & !bit | if after == start { 0 } else { bit };
            segment.session.put(slot::STATE, now as i32);
            return Fit::Plain;
        }
        let mut fresh = 0;
        let lacking = low.wrapping_sub(start);
        let has_syn = bits & state::SYN_0 << direction != 0;
        if lacking > 0 && lacking <= EARLY_BYTES && !has_syn {
            let reach = if low.wrapping_sub(end) > 0 { end } else { low };
            fresh += reach.wrapping_sub(start);
            own.put(side::LOW, start);
            if low.wrapping_sub(reach) > 0 {
                let hole = Hole {
                    start: reach,
                    end: low,
                };
                self.add_hole(segment, hole, true);
            }
        } else if lacking == 1 && has_syn && length <= 1 {
            return Fit::Plain; // a keep-alive before any data
        }
        if bits & state::HOLES_0 << direction != 0 {
            fresh += self.fill(segment, start, end, after);
        }
        let beyond = end.wrapping_sub(top);
        fresh += beyond.max(0);
        if after.wrapping_sub(top) > 0 {
            own.put(side::TOP, after);
            segment.set(state::TOP_DATA_0 << direction);
        }
        if fresh > 0 {
            add_payload(own, fresh);
            if beyond < fresh {
                add(own, side::OUT_OF_ORDER);
                self.count(self.numbers.out_of_order);
            }
            return Fit::Plain;
        }
        // One byte just below the top is a keep-alive (RFC 9293, 3.8.4), not a retransmission.
        let is_keep_alive = length == 1 && start == top.wrapping_sub(1);
        let is_second_fin = after != end && length == 0 && bits & state::FIN_0 << direction != 0;
        if length > 0 && !is_keep_alive || is_second_fin {
            self.retransmitted(own);
        }
        Fit::Plain
    }

    /// Takes numbers out of the holes of a side that has some; how many bytes were missing.
    fn fill(&mut self, segment: &Segment, start: i32, end: i32, after: i32) -> i32 {
        let Segment { own, direction, .. } = *segment;
        let Some(list) = self.holes.of_mut(segment.number * 2 + direction) else {
            return 0;
        };
        let before = list.forgotten();
        let covered = list.cover(start, end);
        let fin_covered = list.cover(end, after);
        let is_forgotten = list.forgotten() != before;
        let is_done = list.holes().is_empty() && list.forgotten() == 0;
        let missing = own.word(side::MISSING).wrapping_sub(covered + fin_covered);
        own.put(side::MISSING, missing.max(0));
        if is_forgotten {
            self.count(self.numbers.forgotten_holes);
        }
        if is_done {
            self.forget(segment.session, segment.number, direction);
        }
        covered
    }

    fn add_hole(&mut self, segment: &Segment, hole: Hole, is_below: bool) {
        let Segment { own, direction, .. } = *segment;
        let missing = hole.end.wrapping_sub(hole.start);
        own.put(side::MISSING, own.word(side::MISSING).wrapping_add(missing));
        let Some(list) = self.holes.open(segment.number * 2 + direction) else {
            self.count(self.numbers.forgotten_holes);
            return;
        };
        segment.set(state::HOLES_0 << direction);
        let before = list.forgotten();
        if is_below {
            list.prepend(hole);
        } else {
            list.append(hole);
        }
        if list.forgotten() != before {
            self.count(self.numbers.forgotten_holes);
        }
    }

    fn retransmitted(&self, own: &Side) {
        add(own, side::RETRANSMITTED);
        self.count(self.numbers.retransmitted);
    }

    /// Where the stream's delivery has to begin: the lowest missing byte, or what comes next.
    pub fn delivery_start(&self, session: &Session, number: u32, direction: u32) -> i32 {
        let list = self.holes.of(number * 2 + direction);
        let lowest = list.and_then(|list| list.holes().first());
        let top = session.side(direction).word(side::TOP);
        lowest.map_or(top, |hole| hole.start)
    }

    /// Missing bytes of a direction. A missing number at the very top that only segments without data showed is taken to be that
    /// of a FIN that was not captured, when it is missing alone or the other side has closed too.
    pub fn gap_bytes(&self, session: &Session, number: u32, direction: u32) -> u32 {
        let own = session.side(direction);
        let missing = own.word(side::MISSING) as u32;
        let bits = session.word(slot::STATE) as u32;
        if missing == 0 || bits & (state::TOP_DATA_0 | state::FIN_0) << direction != 0 {
            return missing;
        }
        let list = self.holes.of(number * 2 + direction);
        let Some(Hole { start, end }) = list.and_then(|list| list.holes().last()) else {
            return missing;
        };
        let is_alone = end.wrapping_sub(*start) == 1;
        let is_fin = *end == own.word(side::TOP)
            && (is_alone || bits & state::FIN_0 << (1 - direction) != 0);
        missing - u32::from(is_fin)
    }

    /// Lets the holes of a session go.
    pub fn forget_all(&mut self, session: &Session, number: u32) {
        if session.word(slot::STATE) as u32 & (state::HOLES_0 | state::HOLES_1) != 0 {
            self.forget(session, number, 0);
            self.forget(session, number, 1);
        }
    }

    fn forget(&mut self, session: &Session, number: u32, direction: u32) {
        let bits = session.word(slot::STATE) as u32 & !(state::HOLES_0 << direction);
        session.put(slot::STATE, bits as i32);
        self.holes.close(number * 2 + direction);
    }

    /// The sides of a session have changed places: what the state says of them and what is kept beside it do too.
    pub fn flip(&mut self, session: &Session, number: u32) {
        const OF_0: u32 = state::SYN_0
            | state::FIN_0
            | state::SEEN_0
            | state::ACKED_0
            | state::HOLES_0
            | state::UNKNOWN_0
            | state::TOP_DATA_0
            | state::HEARD_0
            | state::MAC_0;
        let bits = session.word(slot::STATE) as u32;
        let turned = (bits & OF_0) << 1 | bits >> 1 & OF_0;
        session.put(slot::STATE, (bits & !(OF_0 | OF_0 << 1) | turned) as i32);
        self.holes.swap(number * 2, number * 2 + 1);
    }
}

/// Begins the side's numbers at `start`.
fn anchor(segment: &Segment, start: i32, length: i32, after: i32) {
    let Segment { own, direction, .. } = *segment;
    own.put(side::LOW, start);
    own.put(side::TOP, after);
    own.put_bytes(side_byte::FAR_SEGMENTS, [0]);
    add_payload(own, length);
    segment.set(state::SEEN_0 << direction);
    if after != start {
        segment.set(state::TOP_DATA_0 << direction);
    }
}

fn add_payload(own: &Side, length: i32) {
    own.put_float(side::PAYLOAD, own.float(side::PAYLOAD) + f64::from(length));
}

fn add(own: &Side, word: u32) {
    own.put(word, own.word(word).wrapping_add(1));
}

/// Is this reset to be believed? Its number must lie in the receiver's window (RFC 9293, 3.10.7), as far as both are known; a reset
/// that answers a SYN must acknowledge it.
fn accepts_reset(segment: &Segment) -> bool {
    let Segment { own, direction, .. } = *segment;
    let bits = segment.bits();
    let other = segment.session.side(1 - direction);
    if bits & state::SEEN_0 << direction == 0 {
        if bits & state::SEEN_0 << (1 - direction) == 0 || segment.flags & ACKNOWLEDGEMENT == 0 {
            return true;
        }
        let number = segment.record.word(packet::TCP_ACKNOWLEDGEMENT);
        return number.wrapping_sub(other.word(side::LOW)) >= 0
            && number.wrapping_sub(other.word(side::TOP)) <= 0;
    }
    let number = segment.record.word(packet::TCP_SEQUENCE);
    let top = own.word(side::TOP);
    if bits & state::ACKED_0 << (1 - direction) == 0 {
        let ahead = number.wrapping_sub(top);
        return (-UNKNOWN_WINDOW..=UNKNOWN_WINDOW).contains(&ahead);
    }
    // From what the receiver expects, or what was seen if its acknowledgement is ahead of the capture, to its window's end.
    let acked = other.word(side::ACKED);
    let (least, most) = if acked.wrapping_sub(top) < 0 {
        (acked, top)
    } else {
        (top, acked)
    };
    number.wrapping_sub(least) >= -1 && number.wrapping_sub(most) <= window_of(&other, own, bits)
}

/// Window of a side in bytes; as large as it may be when its scale is unknown.
fn window_of(receiver: &Side, sender: &Side, bits: u32) -> i32 {
    let window = receiver.word(side::WINDOW) & 0xffff;
    if bits & HANDSHAKEN != HANDSHAKEN {
        return window << MOST_SCALE;
    }
    let scale_of = |side: &Side| {
        let [scale] = side.bytes(side_byte::WINDOW_SCALE as usize);
        scale
    };
    let scale: u8 = scale_of(receiver);
    if scale == NO_SCALE || scale_of(sender) == NO_SCALE {
        window
    } else {
        window << scale.min(MOST_SCALE)
    }
}
