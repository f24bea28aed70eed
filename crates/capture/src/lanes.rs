//! The lanes of a source: one ring per packet worker, with what each worker has been told so far. [`crate::engine`]
//! delivers through them on the capture thread. They never wait; when a ring is full they say so.

use crate::frame::Frame;
use crate::generated::layout::{clock, packet as layout, tunnel};
use crate::packet::Packet;
use crate::record::{RecordFacts, clock_lag_us, clock_record, header, record_length, tunnel_layer};
use crate::ring::{Claim, ParkingWord, RingWriter};

/// A worker is told of time by a clock record when the source's clock is this far beyond what it knows.
pub const CLOCK_STEP_NS: u64 = 100_000_000;
/// Records that wait in a lane before they are published.
const BATCH_RECORDS: u32 = 64;
/// Bytes that wait in a lane before they are published.
const BATCH_BYTES: u32 = 32 << 10;

/// One frame on its way to a worker.
#[derive(Clone, Copy)]
pub struct Parcel<'a> {
    /// The frame.
    pub frame: &'a Frame<'a>,
    /// What dissection learned of it.
    pub packet: &'a Packet,
    /// Hash of its flow.
    pub flow_hash: u32,
    /// The source's clock.
    pub clock_ns: u64,
    /// The datagram that this fragment completes; else empty.
    pub datagram: &'a [u8],
}

/// What became of a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// It lies in the worker's ring.
    Written,
    /// The worker's ring has no space now.
    Full,
    /// No ring of this size can take it, ever.
    TooLarge,
}

struct Lane {
    ring: RingWriter,
    /// Packets put into the ring.
    sequence: u32,
    /// The clock that the last record of this ring told.
    told_ns: u64,
}

/// All lanes of a source.
pub struct Lanes {
    lanes: Vec<Lane>,
    own: ParkingWord,
    /// Whether `own` is raised.
    parked: bool,
    /// Parking words of consumers that must be notified.
    woken: Vec<u32>,
    /// No lane needs a clock record before the clock reaches this.
    next_clock_ns: u64,
}

impl Lanes {
    /// Lanes over at least one ring; `own` is the word on which the source sleeps when a ring is full.
    pub fn new(rings: Vec<RingWriter>, own: ParkingWord) -> Lanes {
        assert!(!rings.is_empty(), "a source needs a ring");
        let lane = |ring| Lane {
            ring,
            sequence: 0,
            told_ns: 0,
        };
        Lanes {
            lanes: rings.into_iter().map(lane).collect(),
            own,
            parked: false,
            woken: Vec::new(),
            next_clock_ns: 0,
        }
    }

    /// Delivers to the worker that owns the flow.
    #[inline(always)]
    pub fn deliver(&mut self, parcel: &Parcel) -> Delivery {
        let worker = self.worker_of(parcel.flow_hash);
        let lane = &mut self.lanes[worker];
        let datagram_length = parcel.datagram.len() as u32;
        let length = match record_length(parcel.frame, parcel.packet, datagram_length) {
            Some(length) if length <= lane.ring.max_record() => length,
            _ => return Delivery::TooLarge,
        };
        // The record cannot carry the clock: it is told before.
        if lane.told_ns < parcel.clock_ns
            && clock_lag_us(parcel.frame.time_ns, parcel.clock_ns).is_none()
            && !put_clock(lane, parcel.clock_ns)
        {
            return Delivery::Full;
        }
        let Some(claim) = lane.ring.claim(length) else {
            return Delivery::Full;
        };
        lane.sequence = lane.sequence.wrapping_add(1);
        lane.told_ns = parcel.clock_ns;
        let facts = RecordFacts {
            sequence: lane.sequence,
            flow_hash: parcel.flow_hash,
            clock_ns: parcel.clock_ns,
            datagram_length,
        };
        let head = header(length, parcel.frame, parcel.packet, &facts);
        lane.ring.fill_words(claim, 0, &head);
        let at = match parcel.packet.tunnel_count {
            0 => layout::SIZE,
            _ => put_tunnels(lane, claim, parcel.packet),
        };
        lane.ring.fill(claim, at, parcel.frame.data);
        if datagram_length > 0 {
            let at = at + parcel.frame.data.len();
            lane.ring.fill(claim, at, parcel.datagram);
        }
        if lane.ring.unpublished_records() >= BATCH_RECORDS
            || lane.ring.unpublished_bytes() >= BATCH_BYTES
        {
            lane.ring.publish();
            note_sleeper(&mut self.woken, &lane.ring);
        }
        Delivery::Written
    }

    /// Tells the clock to every lane that is [`CLOCK_STEP_NS`] behind. A full lane is told later: its worker has
    /// records to read, and the next one carries the clock.
    #[inline]
    pub fn tell_clock(&mut self, clock_ns: u64) {
        if clock_ns < self.next_clock_ns {
            return;
        }
        let mut oldest = clock_ns;
        for lane in &mut self.lanes {
            if clock_ns >= lane.told_ns.saturating_add(CLOCK_STEP_NS) {
                put_clock(lane, clock_ns);
            }
            oldest = oldest.min(lane.told_ns);
        }
        self.next_clock_ns = oldest.saturating_add(CLOCK_STEP_NS);
    }

    /// Tells every lane the clock a last time and closes it; false while a ring has no space for that. With `force`,
    /// full rings are closed without it.
    pub fn close(&mut self, clock_ns: u64, force: bool) -> bool {
        let mut complete = true;
        for lane in &mut self.lanes {
            if lane.told_ns < clock_ns {
                complete &= put_clock(lane, clock_ns);
            }
        }
        if !complete && !force {
            return false;
        }
        for lane in &mut self.lanes {
            lane.ring.close();
            note_sleeper(&mut self.woken, &lane.ring);
        }
        true
    }

    /// Makes everything delivered readable and notes the consumers that sleep.
    pub fn publish(&mut self) {
        for lane in &mut self.lanes {
            lane.ring.publish();
            note_sleeper(&mut self.woken, &lane.ring);
        }
    }

    /// True when a consumer must be notified before it sees what is published.
    #[inline]
    pub fn has_woken(&self) -> bool {
        !self.woken.is_empty()
    }

    /// The parking words to notify, since the last call.
    pub fn take_woken(&mut self) -> std::vec::Drain<'_, u32> {
        self.woken.drain(..)
    }

    /// The source is about to sleep until a consumer gives space back. What was delivered must be published, and
    /// delivery must be tried once more, before it does.
    pub fn park(&mut self) {
        self.own.raise();
        self.parked = true;
    }

    /// The source runs (again).
    pub fn unpark(&mut self) {
        if self.parked {
            self.own.lower();
            self.parked = false;
        }
    }

    #[inline]
    fn worker_of(&self, flow_hash: u32) -> usize {
        ((u64::from(flow_hash) * self.lanes.len() as u64) >> 32) as usize
    }
}

/// Keeps each word once: a consumer can fall asleep again before it is notified.
fn note_sleeper(woken: &mut Vec<u32>, ring: &RingWriter) {
    if let Some(word) = ring.take_sleeper()
        && !woken.contains(&word)
    {
        woken.push(word);
    }
}

/// Puts the tunnel layers behind the header; gives where they end.
#[cold]
fn put_tunnels(lane: &mut Lane, claim: Claim, packet: &Packet) -> usize {
    let mut at = layout::SIZE;
    for facts in &packet.tunnels[..usize::from(packet.tunnel_count)] {
        lane.ring.fill_words(claim, at, &tunnel_layer(facts));
        at += tunnel::SIZE;
    }
    at
}

fn put_clock(lane: &mut Lane, clock_ns: u64) -> bool {
    let Some(claim) = lane.ring.claim(clock::SIZE as u32) else {
        return false;
    };
    lane.ring.fill_words(claim, 0, &clock_record(clock_ns));
    lane.told_ns = clock_ns;
    true
}
