//! Packets that are no plain ones: their sessions are opened, they are counted, and what remains is said.

use super::Follower;
use super::opening::{self, Packet};
use crate::generated::layout::{follow_what, packet, packet_flag, probing, side, slot, state};
use crate::protocol::{SCTP, TCP, UDP};
use crate::recognition::{FirstData, Recognition};
use crate::session_store::SessionStore;
use crate::session_table::{Record, Session};
use crate::tcp::{ACKNOWLEDGEMENT, Begun, FIN, RESET, SYN, Segment};

/// What is left of a packet.
#[derive(Debug, Clone, Copy)]
pub struct Left {
    /// Of `follow_what`; none when all is done.
    pub what: Option<u32>,
    /// Number * 2 + direction of its session, or -1.
    pub found: i32,
    /// Its entry may move the session in the table or in the wheel.
    pub ends: bool,
}

impl Left {
    fn done(found: i32) -> Left {
        Left {
            what: None,
            found,
            ends: false,
        }
    }
}

impl Follower {
    /// A packet that is no plain one: does of it what can be done here. `is_alone`: no entry before it is of its flow.
    pub(super) fn examine(
        &self,
        store: &mut SessionStore,
        packet: &Packet,
        found: i32,
        clock_us: f64,
        source: u32,
        is_alone: bool,
    ) -> Left {
        let options = &self.options;
        let whole = Left {
            what: Some(follow_what::HANDLE),
            found,
            ends: options.opens,
        };
        let record = &packet.record;
        if !options.opens || record.flags() & packet_flag::FRAGMENT != 0 {
            return whole;
        }
        let protocol = packet.protocol();
        let flags = packet.record.tcp_flags();
        let has_syn = protocol == TCP && flags & SYN != 0;
        let is_answer = has_syn && flags & ACKNOWLEDGEMENT != 0;
        let mut what = follow_what::COUNTED;
        let (number, direction) = if found >= 0 {
            let (number, direction) = ((found >> 1) as u32, (found & 1) as u32);
            let session = store.table.session(number);
            let bits = session.word(slot::STATE) as u32;
            let is_expected = || {
                is_again(record, &session, direction) || is_answer && is_answered(bits, direction)
            };
            if self.ends(&session, bits, clock_us) || has_syn && !is_expected() {
                return whole;
            }
            (number, direction)
        } else {
            let direction = u32::from(is_answer);
            let opening = &options.opening;
            let number = opening::open(store, opening, packet, direction, clock_us, source);
            if options.tells_opened || record.byte(packet::TUNNEL_COUNT) > 0 {
                what |= follow_what::OPENED;
            }
            (number, direction)
        };
        let session = store.table.session(number);
        let own = session.side(direction);
        let captured = record.word(packet::PAYLOAD_LENGTH);
        let is_first = captured > 0 && own.float(side::PAYLOAD) == 0.0;
        if options.asks_first && is_first && may_be_named(store, packet, &session) {
            what |= follow_what::FIRST;
        }
        opening::count(options, packet, &session, direction, clock_us);
        let bits = session.word(slot::STATE) as u32;
        let is_told = what != follow_what::COUNTED;
        let found = (number * 2 + direction) as i32;
        let left = Left {
            what: Some(what),
            found,
            ends: protocol == TCP && may_move(bits, direction, flags),
        };
        if protocol != TCP {
            // Those who are told by number read the header too.
            let has_any = protocol != UDP || captured > 0;
            let is_wanted = bits & state::WANTED != 0 && has_any;
            let is_passed = || is_alone && self.pass_datagram(store, packet, &session, bits);
            if is_told || is_wanted && !is_passed() {
                return left;
            }
            return Left::done(found);
        }
        if is_told || bits & state::FLOW != 0 {
            return left;
        }
        let segment = Segment {
            record,
            session: &session,
            own: &own,
            number,
            direction,
            flags,
        };
        if !take_first_data(&mut store.recognition, &segment, packet, clock_us) {
            return left;
        }
        let odd = self.track(store, &segment);
        Left {
            what: (odd != 0).then_some(what | odd),
            ..Left::done(found)
        }
    }

    /// Takes a segment whose payload nobody wants. What is odd about it: of `odd_segment`, 0 nothing.
    fn track(&self, store: &mut SessionStore, segment: &Segment) -> u32 {
        let begun = store.tcp.begin(segment);
        let (odd, closes) = if begun == Begun::GoesOn {
            let taken = store.tcp.account(segment);
            (taken.fit.odd(), taken.closes)
        } else {
            (begun.odd(), begun == Begun::Resets)
        };
        if closes {
            store.linger(segment.number, self.options.linger_ms);
        }
        odd
    }

    /// A datagram of a session whose payload is wanted: when nobody knows the session and nobody can want this one, it is counted
    /// among those that were probed. False: nothing was done.
    fn pass_datagram(
        &self,
        store: &SessionStore,
        packet: &Packet,
        session: &Session,
        bits: u32,
    ) -> bool {
        let protocol = packet.protocol();
        if protocol != UDP && protocol != SCTP
            || bits & (state::FLOW | state::DECODED) != 0
            || packet.record.word(packet::PAYLOAD_LENGTH) == 0
            || may_be_decoded(store, packet, session)
        {
            return false;
        }
        let probing = session.word(slot::PROBING).wrapping_add(1);
        session.put(slot::PROBING, probing);
        if probing as u32 & probing::TRIES >= self.options.probe_datagrams {
            session.put(slot::STATE, (bits & !state::WANTED) as i32);
        }
        true
    }
}

/// What recognition has to do with a segment, before it is begun. False: it is TypeScript's, and nothing was done.
fn take_first_data(
    recognition: &mut Recognition,
    segment: &Segment,
    packet: &Packet,
    clock_us: f64,
) -> bool {
    let payload = packet.payload();
    if segment.bits() & state::RESTING != 0 {
        return recognition.goes_on(segment, payload, clock_us);
    }
    // A reset ends the connection, whatever else it brings.
    let is_asked = segment.session.is_undecided(segment.direction) && segment.has_any();
    if !is_asked || segment.flags & RESET != 0 {
        return true;
    }
    if segment.flags & SYN != 0 {
        return false;
    }
    match recognition.first_data(segment, payload) {
        FirstData::Done => true,
        FirstData::Apart => recognition.let_wait(segment, payload, clock_us),
        FirstData::Asked => false,
    }
}

/// May a signature fit the first payload of a side?
fn may_be_named(store: &SessionStore, packet: &Packet, session: &Session) -> bool {
    let ports = session.word(slot::PORTS) as u32;
    let screen = &store.recognition.screen;
    packet
        .payload()
        .is_none_or(|payload| screen.may_name(packet.protocol(), payload, ports))
}

/// May a probe say other than no?
fn may_be_decoded(store: &SessionStore, packet: &Packet, session: &Session) -> bool {
    let ports = session.word(slot::PORTS) as u32;
    let screen = &store.recognition.screen;
    packet
        .payload()
        .is_none_or(|payload| screen.may_decode(packet.protocol(), payload, ports))
}

/// May a segment close its connection, or does it open one?
fn may_move(bits: u32, direction: u32, flags: u32) -> bool {
    let other_fin = state::FIN_0 << (1 - direction);
    flags & (SYN | RESET) != 0 || flags & FIN != 0 && bits & other_fin != 0
}

/// Is a SYN one that was seen before?
fn is_again(record: &Record, session: &Session, direction: u32) -> bool {
    let first = record.word(packet::TCP_SEQUENCE).wrapping_add(1);
    let bits = session.word(slot::STATE) as u32;
    bits & state::SYN_0 << direction != 0 && session.side(direction).word(side::LOW) == first
}

/// Is a SYN-ACK of this direction the answer to the SYN of a connection of which nothing else is known?
fn is_answered(bits: u32, direction: u32) -> bool {
    let others = state::FLOW
        | state::DECODED
        | state::CLOSING
        | state::RESET
        | state::FIN_0
        | state::FIN_1
        | state::SYN_1
        | state::SEEN_1;
    direction == 1 && bits & (others | state::SYN_0) == state::SYN_0
}
