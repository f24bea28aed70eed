//! Reassembly of IPv4 (RFC 791) and IPv6 (RFC 8200 section 4.5) fragments, so that every part of a datagram reaches
//! its flow's worker. The engine hands over each fragment and gets all of them back at once, with the datagram, when
//! the last one comes. Runs on the capture thread; it never waits and knows no clock but the one it is told.
//!
//! **Overlaps.** The data that came first stays, for every byte, in both IP versions. RFC 5722 has IPv6 hosts drop a
//! datagram with overlaps; a sensor that does so sees nothing of a datagram that a lenient host accepts. Fragments
//! that bring different bytes or bounds for what is there already are counted as overlaps; exact repetitions are not.
//!
//! **Bounds.** Bytes held (frames and what is kept with each), datagrams, fragments in a datagram, and time since a
//! datagram's first fragment. Over the first two, the oldest datagrams are given up, as after the time-out. A fragment
//! beyond the third is malformed: no honest datagram has so many.
//!
//! **Malformed** fragments belong to no datagram: they reach beyond 65,535 bytes ("ping of death"), are empty, are not
//! the last and yet no multiple of 8 bytes, or contradict the datagram's end as other fragments gave it. They are not
//! held, and the datagram goes on without them.
//!
//! **Identity.** Addresses, id, IP version, outermost VLAN and innermost tunnel id, in IPv4 also the protocol. After a
//! datagram is complete or its time is over, its id is free for the next one.
//!
//! **Cut fragments.** Fragments count by their length on the wire; a datagram whose fragments were cut by the snap
//! length ends before the first missing byte.

mod datagram;
mod held_fragment;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::frame::Frame;
use crate::packet::Packet;
use datagram::{Datagram, Key};
pub use held_fragment::HeldFragment;

/// The longest datagram that fragments can make up.
const MAX_DATAGRAM: u32 = 65_535;
/// No slot.
const NONE: u32 = u32::MAX;

/// Bounds of a [`Defragmenter`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefragOptions {
    /// Bytes held in incomplete datagrams: the frames, and `size_of::<HeldFragment>()` with each.
    pub max_bytes: usize,
    /// Incomplete datagrams held.
    pub max_datagrams: usize,
    /// Nanoseconds from a datagram's first fragment until it is given up.
    pub timeout_ns: u64,
    /// Fragments held of one datagram.
    pub max_fragments_per_datagram: usize,
}

impl Default for DefragOptions {
    /// 16 MiB, 4096 datagrams, 30 seconds, 128 fragments.
    fn default() -> Self {
        DefragOptions {
            max_bytes: 16 << 20,
            max_datagrams: 4096,
            timeout_ns: 30_000_000_000,
            max_fragments_per_datagram: 128,
        }
    }
}

/// What has happened so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct DefragCounts {
    /// Datagrams completed.
    pub reassembled: u64,
    /// Fragments that overlapped earlier ones.
    pub overlap: u64,
    /// Fragments that repeated an earlier one exactly.
    pub duplicate: u64,
    /// Datagrams given up after the time-out or at the end of the source.
    pub timeout: u64,
    /// Datagrams given up because of the bounds on bytes and datagrams.
    pub evicted: u64,
    /// Fragments that cannot belong to any datagram.
    pub malformed: u64,
}

/// What became of a fragment.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It was copied and waits for the rest of its datagram.
    Held,
    /// It was the last one missing.
    Complete {
        /// All fragments in the order they came, this one last. The last one's `packet` is ready for
        /// [`crate::dissect::Dissector::dissect_datagram`]: its `protocol` is that of the first bytes of the datagram,
        /// its `payload_wire_length` the datagram's length on the wire.
        fragments: Vec<HeldFragment>,
        /// The datagram without its IP headers.
        datagram: Vec<u8>,
    },
    /// It belongs to no datagram and was not copied.
    Malformed,
}

/// Holds incomplete datagrams. After each [`Defragmenter::push`] the engine takes what is given up by
/// [`Defragmenter::next_given_up`] until there is none; only so do the bounds on memory hold.
#[derive(Debug)]
pub struct Defragmenter {
    options: DefragOptions,
    table: HashMap<Key, u32>,
    slots: Vec<Option<Datagram>>,
    free: Vec<u32>,
    oldest: u32,
    newest: u32,
    bytes: usize,
    datagrams: usize,
    counts: DefragCounts,
}

impl Defragmenter {
    /// An empty one.
    pub fn new(options: DefragOptions) -> Self {
        Defragmenter {
            options,
            table: HashMap::new(),
            slots: Vec::new(),
            free: Vec::new(),
            oldest: NONE,
            newest: NONE,
            bytes: 0,
            datagrams: 0,
            counts: DefragCounts::default(),
        }
    }

    /// Takes a fragment: `packet` was dissected from `frame` and has `fragment` set. `clock_ns` is the source's clock,
    /// which never goes back.
    pub fn push(&mut self, frame: &Frame, packet: &Packet, clock_ns: u64) -> Verdict {
        let Some(fragment) = packet.fragment else {
            debug_assert!(false, "push takes fragments only");
            return Verdict::Malformed;
        };
        let start = fragment.offset;
        let end = start.saturating_add(fragment.data_wire_length);
        let ragged = fragment.more && fragment.data_wire_length % 8 != 0;
        if end > MAX_DATAGRAM || end == start || ragged {
            self.counts.malformed += 1;
            return Verdict::Malformed;
        }
        let slot = self.slot_of(Key::new(packet, &fragment), clock_ns);
        let max_fragments = self.options.max_fragments_per_datagram.max(1);
        let Some(datagram) = self.slots[slot as usize].as_mut() else {
            unreachable!("the table names filled slots only");
        };
        if datagram.contradicts(end, fragment.more) || datagram.fragments.len() >= max_fragments {
            self.counts.malformed += 1;
            return Verdict::Malformed;
        }
        if !fragment.more {
            datagram.length = Some(end);
        }
        let held = HeldFragment::new(frame, packet);
        if !datagram.add_range(start, end) {
            if datagram.repeats(&held) {
                self.counts.duplicate += 1;
            } else {
                self.counts.overlap += 1;
            }
        }
        datagram.cost += held.cost();
        self.bytes += held.cost();
        datagram.fragments.push(held);
        if !datagram.is_complete() {
            return Verdict::Held;
        }
        self.counts.reassembled += 1;
        self.remove(slot).complete()
    }

    /// The next datagram that is given up, its fragments in the order they came: the oldest one, when its time is over
    /// or more is held than the bounds allow.
    pub fn next_given_up(&mut self, clock_ns: u64) -> Option<Vec<HeldFragment>> {
        let started_ns = self.slots.get(self.oldest as usize)?.as_ref()?.started_ns;
        if self.is_over(started_ns, clock_ns) {
            self.counts.timeout += 1;
        } else if self.bytes > self.options.max_bytes || self.datagrams > self.options.max_datagrams
        {
            self.counts.evicted += 1;
        } else {
            return None;
        }
        Some(self.remove(self.oldest).fragments)
    }

    /// At the end of the source: the oldest datagram still held, or `None` when nothing is.
    pub fn drain(&mut self) -> Option<Vec<HeldFragment>> {
        if self.oldest == NONE {
            return None;
        }
        self.counts.timeout += 1;
        Some(self.remove(self.oldest).fragments)
    }

    /// Counts so far.
    pub fn counts(&self) -> DefragCounts {
        self.counts
    }

    /// Fragments held are worth this many bytes by the measure of `max_bytes`.
    pub fn held_bytes(&self) -> usize {
        self.bytes
    }

    /// Incomplete datagrams held.
    pub fn held_datagrams(&self) -> usize {
        self.datagrams
    }

    fn is_over(&self, started_ns: u64, clock_ns: u64) -> bool {
        clock_ns.saturating_sub(started_ns) > self.options.timeout_ns
    }

    /// The slot of the datagram with this key, a new one when there is none or its time is over. An old one stays in
    /// the list, where `next_given_up` finds it.
    fn slot_of(&mut self, key: Key, clock_ns: u64) -> u32 {
        if let Some(&slot) = self.table.get(&key) {
            let started_ns = self.slots[slot as usize]
                .as_ref()
                .map_or(0, |datagram| datagram.started_ns);
            if !self.is_over(started_ns, clock_ns) {
                return slot;
            }
        }
        let datagram = Datagram {
            key,
            started_ns: clock_ns,
            older: self.newest,
            newer: NONE,
            fragments: Vec::new(),
            ranges: Vec::new(),
            length: None,
            cost: 0,
        };
        let slot = match self.free.pop() {
            Some(slot) => slot,
            None => {
                self.slots.push(None);
                self.slots.len() as u32 - 1
            }
        };
        self.slots[slot as usize] = Some(datagram);
        match self.at(self.newest) {
            Some(newest) => newest.newer = slot,
            None => self.oldest = slot,
        }
        self.newest = slot;
        self.datagrams += 1;
        self.table.insert(key, slot);
        slot
    }

    fn at(&mut self, slot: u32) -> Option<&mut Datagram> {
        self.slots.get_mut(slot as usize)?.as_mut()
    }

    fn remove(&mut self, slot: u32) -> Datagram {
        let Some(datagram) = self.slots[slot as usize].take() else {
            unreachable!("only filled slots are removed");
        };
        let (older, newer) = (datagram.older, datagram.newer);
        match self.at(older) {
            Some(neighbour) => neighbour.newer = newer,
            None => self.oldest = newer,
        }
        match self.at(newer) {
            Some(neighbour) => neighbour.older = older,
            None => self.newest = older,
        }
        if self.table.get(&datagram.key) == Some(&slot) {
            self.table.remove(&datagram.key);
        }
        self.free.push(slot);
        self.bytes -= datagram.cost;
        self.datagrams -= 1;
        datagram
    }
}
