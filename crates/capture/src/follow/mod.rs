//! Following packets: a packet worker hands over the records of its ring, and what they change in their session's counts,
//! times and sequence numbers is done here, in the worker's own session table (`tools/session-layout.ts`). What remains
//! becomes an entry of a list, in order, each with the session it belongs to, for TypeScript to handle.
//!
//! Plain is a TCP segment next in order, or a datagram, of a session that is well under way and whose payload nobody
//! wants: that is done in few steps. Of others the session is opened here and the packet counted, its TCP header included, and what is
//! left is its payload, if somebody may want that (`recognition`). Sessions that end or are reused, and all but the plain
//! packets where there are rules, observers or Arkime's sessions, are TypeScript's.
//!
//! A walk stops at a packet behind an entry of its own flow, so nothing overtakes within a flow; or that packet is
//! an entry too, where it would become one in any case. Between flows order does not matter until time moves sessions to
//! their end, and there a walk stops too; and behind an entry that may move its session in the table or in the wheel, so that both
//! are the same wherever walks are cut.
//!
//! Runs on the packet worker's thread, during a call. The table is that thread's own; the records were published before
//! and stay until the worker gives their space back.

mod ahead;
mod examine;
mod opening;
#[cfg(test)]
mod tests;

pub use opening::{OpeningOptions, Packet};

use crate::generated::layout::{
    clock_lag, follow_entry, follow_what, packet, packet_flag, probing, record_kind, side, slot,
    state,
};
use crate::memory::Memory;
use crate::protocol::{TCP, UDP};
use crate::session_store::SessionStore;
use crate::session_table::{self, Identity, Record, Session, Side, Table};
use crate::tcp::{FIN, RESET, SYN, Segment};
use ahead::Ahead;
use examine::Left;

/// What `take` says of a packet that it has followed, less number * 2 + direction of its session.
pub const FOLLOWED: i32 = -2;

/// Two like datagrams so close together are one that the capture saw twice: nobody asks again so soon.
const DOUBLE_US: f64 = 10_000.0;
/// Flows that have an entry in the walk at hand, by so many bits of their hash.
const FLOW_MARK_BITS: u32 = 11;
const FLOW_MARKS: usize = 1 << FLOW_MARK_BITS;

/// When sessions are saved in parts, and how sessions are told and timed.
#[derive(Debug, Clone, Default)]
pub struct FollowOptions {
    /// What is compared to tell whose a packet is.
    pub identity: Identity,
    /// Sessions are dealt with as Arkime does: clocks in whole seconds, sessions end behind the packet that ends them.
    pub late: bool,
    /// Somebody asks for the first payload of each side.
    pub asks_first: bool,
    /// Somebody is told of every packet: followed ones are entries too.
    pub observed: bool,
    /// A part is saved after so many milliseconds; infinity: never.
    pub save_ms: f64,
    /// Or after so many packets.
    pub save_packets: f64,
    /// By decoder: its own time, with `late`.
    pub own_ms: Vec<f64>,
    /// Sessions are opened, and packets that are not plain counted, in walks; not with `late` or `observed`, and not where rules
    /// are asked of every packet.
    pub opens: bool,
    /// Somebody is told of every session that is opened.
    pub tells_opened: bool,
    /// What new sessions begin with.
    pub opening: OpeningOptions,
    /// Idle time of a connection that is closed and waits for late packets, in milliseconds.
    pub linger_ms: i32,
    /// Datagrams of a session that are looked at before its protocol counts as unknown.
    pub probe_datagrams: u32,
}

/// What a walk is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Stretch {
    /// Which ring: a walk that goes on where the one before stopped has asked for memory ahead already.
    pub ring: usize,
    /// Positions in the ring, as its reader has them.
    pub from: u32,
    /// Where the published records end.
    pub to: u32,
    /// Records at most.
    pub most: usize,
    /// The source's clock before.
    pub clock_us: f64,
    /// The clock at which something is to do: the packet that reaches it is left where it is.
    pub wake_us: f64,
    /// Marks of packets that are no plain ones, whatever else they are.
    pub marks: u32,
    /// Index of the source whose packets they are.
    pub source: u32,
}

/// How far a walk came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Walked {
    /// Position behind the last record.
    pub position: u32,
    /// The source's clock there.
    pub clock_us: f64,
    /// Packets that were followed or became entries.
    pub packets: u32,
    /// Entries.
    pub entries: usize,
}

/// How a packet stands to the entries of its walk.
enum Behind {
    /// None is of its flow.
    Nothing,
    /// One is, and may change what is to be done.
    Waits,
    /// One is; this is an entry in any case, and its session is looked at again then.
    Again,
    /// The same, and it changes nothing that the entry before has to see.
    Datagram,
}

/// Follows packets for one packet worker.
pub struct Follower {
    options: FollowOptions,
    marks: Box<[u32; FLOW_MARKS]>,
    walk: u32,
    ahead: Ahead,
}

impl Follower {
    /// A follower of the sessions in the store that each call is given.
    pub fn new(options: FollowOptions) -> Follower {
        Follower {
            options,
            marks: Box::new([0; FLOW_MARKS]),
            walk: 0,
            ahead: Ahead::default(),
        }
    }

    /// Handles the records of a stretch, until its end, a record that is no packet, or one that reaches `wake_us`.
    /// `entries`: room for `most` of them. The store has room for as many sessions.
    pub fn walk(
        &mut self,
        store: &mut SessionStore,
        ring: &Memory,
        stretch: Stretch,
        entries: &Memory,
    ) -> Walked {
        self.walk = self.walk.wrapping_add(1);
        if self.walk == 0 {
            self.marks.fill(0);
            self.walk = 1;
        }
        self.ahead.go_on(stretch);
        let mut done = Walked {
            position: stretch.from,
            clock_us: stretch.clock_us,
            packets: 0,
            entries: 0,
        };
        while (done.packets as usize) < stretch.most && done.position != stretch.to {
            let offset = ring.wrapped(done.position);
            let (length, kind) = ring.head(offset);
            let next = done.position.wrapping_add(length.next_multiple_of(8));
            if kind == record_kind::PADDING {
                done.position = next;
                continue;
            }
            if kind != record_kind::PACKET {
                break;
            }
            let packet = Packet::at(ring, offset);
            let Some(clock_us) = self.clock(&packet.record, done.clock_us, stretch.wake_us) else {
                break;
            };
            let hash = packet.record.word(packet::FLOW_HASH);
            let mark = (session_table::mixed(hash) >> (u32::BITS - FLOW_MARK_BITS)) as usize;
            let found = self.find(&store.table, &packet.record);
            let table = &store.table;
            let record = &packet.record;
            let left = match self.behind(table, &packet, mark, found, clock_us) {
                Behind::Waits => break,
                Behind::Again => Left {
                    what: Some(follow_what::AGAIN),
                    found,
                    ends: false,
                },
                Behind::Nothing
                    if found >= 0 && self.follow(table, record, found, clock_us, stretch.marks) =>
                {
                    Left {
                        what: self.options.observed.then_some(follow_what::FOLLOWED),
                        found,
                        ends: false,
                    }
                }
                behind @ (Behind::Nothing | Behind::Datagram) => {
                    let is_alone = matches!(behind, Behind::Nothing);
                    let left =
                        self.examine(store, &packet, found, clock_us, stretch.source, is_alone);
                    if left.what.is_some() {
                        self.marks[mark] = self.walk;
                    }
                    left
                }
            };
            self.ahead.step(&store.table, ring);
            done.clock_us = clock_us;
            done.position = next;
            if let Some(what) = left.what {
                let at = done.entries * follow_entry::SIZE;
                entries.put_float(at + follow_entry::CLOCK_US, clock_us);
                entries.put(at + follow_entry::RECORD, offset as i32);
                entries.put(at + follow_entry::FOUND, left.found);
                entries.put(at + follow_entry::BEFORE, done.packets as i32);
                entries.put(at + follow_entry::WHAT, what as i32);
                done.entries += 1;
            }
            done.packets += 1;
            if left.ends {
                break;
            }
        }
        self.ahead.walked = done.position;
        done
    }

    /// How a packet stands to the entries before it.
    #[inline(always)]
    fn behind(
        &self,
        table: &Table,
        packet: &Packet,
        mark: usize,
        found: i32,
        clock_us: f64,
    ) -> Behind {
        if self.marks[mark] != self.walk {
            return Behind::Nothing;
        }
        if found < 0 {
            return Behind::Waits;
        }
        // While it is not known whose protocol the session speaks, each of its packets is an entry.
        let session = table.session((found >> 1) as u32);
        if !session.is_undecided((found & 1) as u32) {
            return Behind::Waits;
        }
        if !self.options.opens {
            return Behind::Again;
        }
        let is_tcp = packet.protocol() == TCP;
        let bits = session.word(slot::STATE) as u32;
        let moves = is_tcp && packet.record.tcp_flags() & (FIN | SYN | RESET) != 0;
        if moves || self.ends(&session, bits, clock_us) {
            Behind::Waits
        } else if is_tcp {
            Behind::Again
        } else {
            Behind::Datagram
        }
    }

    /// Opens the session of a packet and does not count it. Panics when the table is full.
    pub fn open(
        &self,
        store: &mut SessionStore,
        packet: &Packet,
        direction: u32,
        clock_us: f64,
        source: u32,
    ) -> u32 {
        let opening = &self.options.opening;
        opening::open(store, opening, packet, direction, clock_us, source)
    }

    /// Counts a packet of session `found >> 1`, and hands on nothing.
    pub fn count(&self, table: &Table, packet: &Packet, found: i32, clock_us: f64) {
        let session = table.session((found >> 1) as u32);
        let direction = (found & 1) as u32;
        opening::count(&self.options, packet, &session, direction, clock_us);
    }

    /// From here on the session only waits for late packets.
    pub fn linger(&self, store: &mut SessionStore, number: u32) {
        store.linger(number, self.options.linger_ms);
    }

    /// `number * 2 + direction` of a packet's session, or -1.
    #[inline(always)]
    pub fn find(&self, table: &Table, record: &Record) -> i32 {
        let found = table.find(record, &self.options.identity);
        let is_one_way = self.options.late && record.flags() & packet_flag::ONE_WAY != 0;
        if found >= 0 && is_one_way {
            found & !1
        } else {
            found
        }
    }

    /// As `find`, and follows a plain packet: `FOLLOWED` less that then.
    pub fn take(&self, table: &Table, record: &Record, clock_us: f64, marks: u32) -> i32 {
        let found = self.find(table, record);
        if found >= 0 && self.follow(table, record, found, clock_us, marks) {
            FOLLOWED - found
        } else {
            found
        }
    }

    /// The source's clock with this packet, or none when it reaches `wake_us`.
    #[inline(always)]
    fn clock(&self, record: &Record, before_us: f64, wake_us: f64) -> Option<f64> {
        let lag = record.word(packet::CLOCK_LAG_US) as u32;
        let told = if lag == clock_lag::APART {
            f64::NEG_INFINITY
        } else {
            record.float(packet::TIME_US) + f64::from(lag)
        };
        if self.options.late {
            let clock_us = ((told / 1e6).floor() * 1e6).max(before_us);
            return (clock_us < wake_us).then_some(clock_us);
        }
        if told <= before_us {
            return Some(before_us);
        }
        (told < wake_us).then_some(told)
    }

    /// Counts a packet of session `found >> 1` that changes nothing else. False: it is not of that kind, and nothing was
    /// done.
    #[inline(always)]
    fn follow(
        &self,
        table: &Table,
        record: &Record,
        found: i32,
        clock_us: f64,
        marks: u32,
    ) -> bool {
        let session = table.session((found >> 1) as u32);
        let direction = (found & 1) as u32;
        let own = session.side(direction);
        let count = own.word(side::PACKETS);
        let bits = session.word(slot::STATE) as u32;
        let length = record.word(packet::PAYLOAD_WIRE_LENGTH);
        // The first packet of a side says more. Arkime's sessions have something to do with the second one too.
        let is_early = (count as u32) < 2;
        let is_first = count == 0 || bits & state::HEARD_0 << direction == 0;
        if is_early && (is_first || self.options.late)
            || record.flags() & packet_flag::FRAGMENT != 0
            || bits & state::WANTED != 0 && is_wanted(record, &session, direction, bits, length)
            || (self.options.asks_first && length != 0 && own.float(side::PAYLOAD) == 0.0)
            || is_marked(record, marks)
            || self.ends(&session, bits, clock_us)
        {
            return false;
        }
        let head = record.word(packet::KIND) as u32 >> 16;
        let protocol = head & 0xff;
        if protocol == TCP {
            let segment = Segment {
                record,
                session: &session,
                own: &own,
                number: (found >> 1) as u32,
                direction,
                flags: head >> 8,
            };
            if !segment.next(bits) {
                return false;
            }
        } else {
            count_datagram(record, &own, protocol == UDP);
        }
        if is_early && bits & state::CLOSING == 0 {
            // Something other than a SYN: the opening of a connection is over.
            let idle_ms = self.options.opening.idle_ms.get(protocol as usize);
            session.put(slot::IDLE_MS, idle_ms.copied().unwrap_or_default());
        }
        own.put(side::PACKETS, count.wrapping_add(1));
        let wire = f64::from(record.word(packet::WIRE_LENGTH));
        own.put_float(side::BYTES, own.float(side::BYTES) + wire);
        session.put_float(slot::CLOCK_US, clock_us);
        let time_us = record.float(packet::TIME_US);
        if time_us > own.float(side::LAST_US) {
            own.put_float(side::LAST_US, time_us);
        }
        true
    }

    /// May the session, or its part, end with this packet?
    #[inline(always)]
    fn ends(&self, session: &Session, bits: u32, clock_us: f64) -> bool {
        let options = &self.options;
        let lasted = milliseconds(clock_us).wrapping_sub(session.word(slot::PART_MS));
        let packets = f64::from(
            session
                .side(0)
                .word(side::PACKETS)
                .wrapping_add(session.side(1).word(side::PACKETS)),
        );
        if f64::from(lasted) >= options.save_ms || packets >= options.save_packets {
            return true;
        }
        if !options.late {
            let idle_us = f64::from(session.word(slot::IDLE_MS)) * 1000.0;
            return session.float(slot::CLOCK_US) + idle_us < clock_us;
        }
        let fins = state::FIN_0 | state::FIN_1;
        if bits & fins == fins || packets + 1.0 >= options.save_packets {
            return true;
        }
        let decoder = (session.word(slot::PROBING) as u32 >> probing::DECODER_SHIFT) & 0xff;
        let own_ms = (decoder as usize)
            .checked_sub(1)
            .and_then(|decoder| options.own_ms.get(decoder));
        own_ms.is_some_and(|own_ms| f64::from(lasted) > *own_ms)
    }
}

/// Has the packet one of these marks? Where there are none the end of its head, a cache line of its own, is not looked at.
#[inline(always)]
fn is_marked(record: &Record, marks: u32) -> bool {
    marks != 0 && u32::from(record.half(packet::MARKS)) & marks != 0
}

/// Does somebody want to see this packet of a session whose payload is wanted?
#[inline(always)]
fn is_wanted(record: &Record, session: &Session, direction: u32, bits: u32, length: i32) -> bool {
    if bits & state::FLOW == 0 {
        // Of a side of no known protocol nothing is wanted, whatever the other one says. Where a segment waits, acknowledgements count.
        return bits & state::RESTING != 0
            || length != 0 && bits & state::UNKNOWN_0 << direction == 0;
    }
    if bits & state::RESTING == 0 {
        return true;
    }
    if length == 0 {
        return false;
    }
    // Inside a skip, and not its end; what the snap length cut is counted by who skips.
    let end = record.word(packet::TCP_SEQUENCE).wrapping_add(length);
    let skip_end = session.word(slot::SKIP_0 + direction);
    skip_end.wrapping_sub(end) <= 0 || record.word(packet::PAYLOAD_LENGTH) != length
}

/// Counts the payload of a packet that is no TCP segment; once, when the capture saw a UDP datagram twice.
#[inline(always)]
fn count_datagram(record: &Record, own: &Side, is_udp: bool) {
    if is_udp {
        let mark = record.word(packet::TCP_SEQUENCE);
        let first = own.word(side::TOP);
        let second = own.word(side::LOW);
        let is_known = mark == first || mark == second || mark == own.word(side::ACKED);
        let since_us = record.float(packet::TIME_US) - own.float(side::LAST_US);
        if mark != 0 && is_known && since_us < DOUBLE_US {
            own.put(
                side::RETRANSMITTED,
                own.word(side::RETRANSMITTED).wrapping_add(1),
            );
            return;
        }
        own.put(side::TOP, mark);
        own.put(side::LOW, first);
        own.put(side::ACKED, second);
    }
    let length = f64::from(record.word(packet::PAYLOAD_WIRE_LENGTH));
    own.put_float(side::PAYLOAD, own.float(side::PAYLOAD) + length);
}

/// Whole milliseconds modulo 2^32.
#[inline(always)]
fn milliseconds(us: f64) -> i32 {
    (us * 0.001) as i64 as i32
}
