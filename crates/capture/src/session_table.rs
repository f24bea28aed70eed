//! The session table of a packet worker and the records of its ring as memory: words at places that the layouts give.
//! Every session and every record is checked once to lie inside; what is in them is read and written without.

use crate::generated::layout::session_index::{SESSION_MASK, SPREAD};
use crate::generated::layout::{packet, packet_flag, side, slot, state};
use crate::memory::{Memory, prefetch};

/// `ip_version` and `protocol` of a record's second word.
const IDENTITY_MASK: i32 = 0x00ff_ff00;
const VERSION_MASK: i32 = 0xff00;
const VERSION_4: i32 = 0x0400;

impl Memory {
    /// The packet record at `offset`.
    #[inline(always)]
    pub fn record(&self, offset: u32) -> Record {
        let offset = offset as usize;
        assert!(
            offset.is_multiple_of(8) && offset + packet::SIZE <= self.bytes(),
            "a packet record lies outside its ring"
        );
        // SAFETY: inside the memory by the check.
        Record(unsafe { self.base.add(offset) })
    }
}

/// A packet record, by byte offsets of its layout.
pub struct Record(*const u8);

impl Record {
    /// A word.
    #[inline(always)]
    pub fn word(&self, at: usize) -> i32 {
        debug_assert!(at + 4 <= packet::SIZE);
        // SAFETY: a record is all there, see `Memory::record`, and 8-byte aligned with its fields at their own widths.
        unsafe { self.0.add(at & !3).cast::<i32>().read() }
    }

    /// A half-word.
    #[inline(always)]
    pub fn half(&self, at: usize) -> u16 {
        debug_assert!(at + 2 <= packet::SIZE);
        // SAFETY: as above.
        unsafe { self.0.add(at).cast::<u16>().read() }
    }

    /// A byte.
    #[inline(always)]
    pub fn byte(&self, at: usize) -> u8 {
        debug_assert!(at < packet::SIZE);
        // SAFETY: as above.
        unsafe { self.0.add(at).read() }
    }

    /// A float.
    #[inline(always)]
    pub fn float(&self, at: usize) -> f64 {
        debug_assert!(at + 8 <= packet::SIZE);
        // SAFETY: as above.
        unsafe { self.0.add(at).cast::<f64>().read() }
    }

    /// Asks for the memory of the second half of what a plain packet needs; the first is with its length.
    #[inline(always)]
    pub fn want(&self) {
        // SAFETY: as above; nothing is read.
        prefetch(unsafe { self.0.add(packet::PAYLOAD_WIRE_LENGTH) });
    }

    /// Bits of `packet_flag`.
    #[inline(always)]
    pub fn flags(&self) -> u32 {
        self.word(packet::FLAGS) as u32
    }

    /// TCP flags.
    #[inline(always)]
    pub fn tcp_flags(&self) -> u32 {
        self.word(packet::KIND) as u32 >> 24
    }
}

/// A session in the table, by words of `slot`.
pub struct Session(*mut i32);

impl Session {
    /// A word.
    #[inline(always)]
    pub fn word(&self, at: u32) -> i32 {
        debug_assert!(at < slot::WORDS);
        // SAFETY: a session is all there, see `Table::session`.
        unsafe { self.0.add(at as usize).read() }
    }

    /// Writes a word.
    #[inline(always)]
    pub fn put(&self, at: u32, value: i32) {
        debug_assert!(at < slot::WORDS);
        // SAFETY: as above.
        unsafe { self.0.add(at as usize).write(value) }
    }

    /// A float.
    #[inline(always)]
    pub fn float(&self, at: u32) -> f64 {
        debug_assert!(at + 1 < slot::WORDS && at.is_multiple_of(2));
        // SAFETY: as above; sessions lie at 8-byte boundaries and floats at even words.
        unsafe { self.0.add(at as usize).cast::<f64>().read() }
    }

    /// Writes a float.
    #[inline(always)]
    pub fn put_float(&self, at: u32, value: f64) {
        debug_assert!(at + 1 < slot::WORDS && at.is_multiple_of(2));
        // SAFETY: as above.
        unsafe { self.0.add(at as usize).cast::<f64>().write(value) }
    }

    /// Bytes from byte `at` on: addresses, hardware addresses.
    #[inline(always)]
    pub fn bytes<const COUNT: usize>(&self, at: usize) -> [u8; COUNT] {
        assert!(at + COUNT <= slot::WORDS as usize * 4);
        // SAFETY: inside the session by the check.
        unsafe { self.0.cast::<u8>().add(at).cast::<[u8; COUNT]>().read() }
    }

    /// Writes the lower half of a word.
    #[inline(always)]
    pub fn put_half(&self, at: u32, value: u16) {
        debug_assert!(at < slot::WORDS);
        // SAFETY: as above.
        unsafe { self.0.add(at as usize).cast::<u16>().write(value) }
    }

    /// Writes bytes from byte `at` of a side on.
    #[inline(always)]
    pub fn put_bytes<const COUNT: usize>(&self, at: u32, bytes: [u8; COUNT]) {
        assert!(at as usize + COUNT <= side::WORDS as usize * 4);
        // SAFETY: inside a side, and so inside a session, by the check.
        unsafe {
            self.0
                .cast::<u8>()
                .add(at as usize)
                .cast::<[u8; COUNT]>()
                .write(bytes);
        }
    }

    /// IP protocol, 0 for layer 2.
    #[inline(always)]
    pub fn protocol(&self) -> u32 {
        self.word(slot::PROTOCOL) as u32 >> 16 & 0xff
    }

    /// Is the payload of a direction wanted, and does nobody know yet by whom?
    #[inline(always)]
    pub fn is_undecided(&self, direction: u32) -> bool {
        let unknown = state::UNKNOWN_0 << direction;
        let bits = self.word(slot::STATE) as u32;
        bits & (state::WANTED | state::FLOW | unknown) == state::WANTED
    }

    /// Asks for the memory of some of its words.
    #[inline(always)]
    pub fn want(&self, words: &[u32]) {
        for word in words {
            debug_assert!(*word < slot::WORDS);
            // SAFETY: inside the session; nothing is read.
            prefetch(unsafe { self.0.add(*word as usize) }.cast());
        }
    }

    /// All words become 0.
    fn clear(&self) {
        // SAFETY: a session is all there, see `Table::session`.
        unsafe { self.0.write_bytes(0, slot::WORDS as usize) };
    }

    /// The side of a direction, 0 or 1, by words of `side`.
    #[inline(always)]
    pub fn side(&self, direction: u32) -> Side {
        let at = if direction == 0 {
            slot::SIDE_0
        } else {
            slot::SIDE_1
        };
        // SAFETY: both sides are inside a session.
        Session(unsafe { self.0.add(at as usize) })
    }
}

/// A side of a session, by words of `side`.
pub type Side = Session;

/// What is compared, beyond ends and protocol, to tell whose a packet is.
#[derive(Debug, Clone, Copy, Default)]
pub struct Identity {
    /// VLAN ids.
    pub vlan: bool,
    /// Tunnel ids.
    pub vni: bool,
}

/// All sessions of a packet worker.
pub struct Sessions(Memory);

impl Sessions {
    /// The sessions in this memory.
    pub fn new(memory: Memory) -> Sessions {
        Sessions(memory)
    }

    /// Session `number`.
    #[inline(always)]
    pub fn at(&self, number: u32) -> Session {
        let at = number as usize * slot::WORDS as usize * 4;
        assert!(
            at + slot::WORDS as usize * 4 <= self.0.bytes(),
            "a session lies outside its table"
        );
        // SAFETY: inside by the check.
        Session(unsafe { self.0.base.add(at).cast() })
    }
}

/// Entries that the index has at first.
const SMALLEST_INDEX: usize = 1 << 12;
/// `slot.bucket` of a session that is in no bucket of the timer wheel.
pub const NO_BUCKET: i32 = -1;
const NONE: i32 = -1;

/// The sessions, and the index from flow to session (`session_index`): open addressing, never more than half full.
pub struct Table {
    sessions: Sessions,
    index: Vec<u32>,
    mask: u32,
    shift: u32,
    /// Sessions in the table.
    size: u32,
    /// Sessions whose memory was never used begin here.
    fresh: u32,
    /// The first of those given back, linked by `slot.next`.
    free: i32,
    /// All sessions go: the index is empty already.
    emptying: bool,
}

impl Table {
    /// A table without sessions in this memory, all of it 0.
    pub fn new(sessions: Memory) -> Table {
        let mut table = Table {
            sessions: Sessions::new(sessions),
            index: Vec::new(),
            mask: 0,
            shift: 0,
            size: 0,
            fresh: 0,
            free: NONE,
            emptying: false,
        };
        table.set_index(SMALLEST_INDEX);
        table
    }

    fn set_index(&mut self, entries: usize) {
        self.mask = entries as u32 - 1;
        self.shift = 32 - entries.trailing_zeros();
        self.index = vec![0; entries];
    }

    /// Sessions in the table.
    pub fn size(&self) -> u32 {
        self.size
    }

    /// Numbers that were ever used: 0 to this, exclusive.
    pub fn high_water(&self) -> u32 {
        self.fresh
    }

    /// All sessions.
    #[inline(always)]
    pub fn sessions(&self) -> &Sessions {
        &self.sessions
    }

    /// Takes a number for a packet's session and writes its identity; all other words are 0. `direction` is that of the packet.
    /// Panics when there is no memory for one more.
    pub fn insert(&mut self, record: &Record, hash: i32, direction: u32) -> u32 {
        let number = if self.free >= 0 {
            let number = self.free as u32;
            let session = self.session(number);
            self.free = session.word(slot::NEXT);
            session.clear();
            number
        } else {
            self.fresh += 1;
            self.fresh - 1
        };
        let session = self.session(number);
        let (source, destination) = match direction {
            0 => (slot::ADDRESS_A, slot::ADDRESS_B),
            _ => (slot::ADDRESS_B, slot::ADDRESS_A),
        };
        for word in 0..4 {
            let at = word as usize * 4;
            session.put(source + word, record.word(packet::SOURCE_ADDRESS + at));
            session.put(
                destination + word,
                record.word(packet::DESTINATION_ADDRESS + at),
            );
        }
        let ports = record.word(packet::SOURCE_PORT);
        session.put(slot::PORTS, ports.rotate_left(direction * 16));
        session.put(slot::PROTOCOL, record.word(packet::KIND) & IDENTITY_MASK);
        session.put(slot::VNI, record.word(packet::VNI));
        session.put(slot::HASH, hash);
        session.put(slot::BUCKET, NO_BUCKET);
        session.put(slot::VLANS_LOW, vlan_word(record));
        let count = u32::from(record.byte(packet::VLAN_COUNT));
        let third = if count > 2 {
            u32::from(record.half(packet::VLAN_2))
        } else {
            0
        };
        session.put(slot::VLANS_HIGH, (third | count << 16) as i32);
        self.size += 1;
        if self.size * 2 > self.mask {
            self.grow();
        }
        self.enter(number, hash);
        number
    }

    /// Puts a session into the index.
    pub fn enter(&mut self, number: u32, hash: i32) {
        let mut place = self.place(hash);
        while self.entry(place) != 0 {
            place = (place + 1) & self.mask;
        }
        self.index[place as usize] = mixed(hash) << 24 | (number + 1);
    }

    fn grow(&mut self) {
        let entries = self.index.len() * 2;
        let old = std::mem::take(&mut self.index);
        self.set_index(entries);
        for entry in old {
            if entry != 0 {
                let number = (entry & SESSION_MASK) - 1;
                self.enter(number, self.session(number).word(slot::HASH));
            }
        }
    }

    /// From now on sessions only go, until there is none: each is spared its place in the index, and the misses that cost.
    pub fn empty(&mut self) {
        self.emptying = self.size > 0;
        self.index.fill(0);
    }

    /// Gives a session's number back. Its words stay readable until the next `insert`.
    pub fn remove(&mut self, number: u32) {
        let session = self.session(number);
        if !self.emptying {
            self.leave(number, session.word(slot::HASH));
        }
        session.put(slot::NEXT, self.free);
        self.free = number as i32;
        self.size -= 1;
        if self.size == 0 {
            self.emptying = false;
        }
    }

    /// Entries behind the hole move up as long as that brings them no further than their own place: no tombstones.
    fn leave(&mut self, number: u32, hash: i32) {
        let mut hole = self.place(hash);
        while self.entry(hole) & SESSION_MASK != number + 1 {
            hole = (hole + 1) & self.mask;
        }
        let mut at = (hole + 1) & self.mask;
        loop {
            let entry = self.entry(at);
            if entry == 0 {
                break;
            }
            let other = self.session((entry & SESSION_MASK) - 1);
            let home = self.place(other.word(slot::HASH));
            if at.wrapping_sub(home) & self.mask >= at.wrapping_sub(hole) & self.mask {
                self.index[hole as usize] = entry;
                hole = at;
            }
            at = (at + 1) & self.mask;
        }
        self.index[hole as usize] = 0;
    }

    /// Session `number`.
    #[inline(always)]
    pub fn session(&self, number: u32) -> Session {
        self.sessions.at(number)
    }

    /// Where the index is looked at first for a hash.
    #[inline(always)]
    pub fn place(&self, hash: i32) -> u32 {
        mixed(hash) >> self.shift
    }

    #[inline(always)]
    fn entry(&self, place: u32) -> u32 {
        debug_assert!(place <= self.mask);
        // SAFETY: every place is at most the mask, and the index has one entry more than that.
        unsafe { *self.index.get_unchecked(place as usize) }
    }

    /// Asks for the memory of an index entry.
    #[inline(always)]
    pub fn want_index(&self, place: u32) {
        // SAFETY: as in `entry`; nothing is read.
        prefetch(unsafe { self.index.as_ptr().add(place as usize) }.cast());
    }

    /// Asks for the memory of the session in an index entry: its first line and both sides.
    #[inline(always)]
    pub fn want_session(&self, place: u32) {
        let entry = self.entry(place);
        if entry == 0 {
            return;
        }
        let session = self.session((entry & SESSION_MASK) - 1);
        session.want(&[0, slot::SIDE_0, slot::SIDE_1]);
    }

    /// `number * 2 + direction` of the packet's session, or -1.
    #[inline(always)]
    pub fn find(&self, record: &Record, identity: &Identity) -> i32 {
        let hash = record.word(packet::FLOW_HASH);
        let mixed = mixed(hash);
        // The tag is of bits that do not choose the place.
        let tag = mixed << 24;
        let is_keyed = record.flags() & packet_flag::KEYED != 0;
        let mut place = mixed >> self.shift;
        loop {
            let entry = self.entry(place);
            if entry == 0 {
                return -1;
            }
            if entry & !SESSION_MASK == tag {
                let number = (entry & SESSION_MASK) - 1;
                let session = self.session(number);
                let direction = if is_keyed {
                    keyed_direction(record, &session, hash)
                } else {
                    direction(record, &session, identity)
                };
                if let Some(direction) = direction {
                    return (number * 2 + direction) as i32;
                }
            }
            place = (place + 1) & self.mask;
        }
    }
}

/// A hash whose high bits tell flows apart.
#[inline(always)]
pub fn mixed(hash: i32) -> u32 {
    (hash as u32).wrapping_mul(SPREAD)
}

/// The direction of a packet of this session; none when it is of another.
#[inline(always)]
fn direction(record: &Record, session: &Session, identity: &Identity) -> Option<u32> {
    let head = record.word(packet::KIND) & IDENTITY_MASK;
    if session.word(slot::PROTOCOL) != head {
        return None;
    }
    let ports = record.word(packet::SOURCE_PORT);
    let kept = session.word(slot::PORTS);
    let is_short = head & VERSION_MASK == VERSION_4;
    let words = if is_short { 1 } else { 4 };
    let same = |own: usize, kept: u32| {
        (0..words).all(|word| record.word(own + word * 4) == session.word(kept + word as u32))
    };
    let (source, destination) = (packet::SOURCE_ADDRESS, packet::DESTINATION_ADDRESS);
    let straight =
        ports == kept && same(source, slot::ADDRESS_A) && same(destination, slot::ADDRESS_B);
    let crossed = !straight
        && ports.rotate_left(16) == kept
        && same(source, slot::ADDRESS_B)
        && same(destination, slot::ADDRESS_A);
    if !straight && !crossed {
        return None;
    }
    if identity.vni && session.word(slot::VNI) != record.word(packet::VNI) {
        return None;
    }
    if identity.vlan && session.word(slot::VLANS_LOW) != vlan_word(record) {
        return None;
    }
    Some(u32::from(crossed))
}

/// The same of a session that is told by its hash and its second key word, whatever its ends are.
#[inline(never)]
fn keyed_direction(record: &Record, session: &Session, hash: i32) -> Option<u32> {
    let head = record.word(packet::KIND) & IDENTITY_MASK;
    if session.word(slot::PROTOCOL) != head
        || session.word(slot::HASH) != hash
        || session.word(slot::HANDSHAKE_US) != record.word(packet::TCP_ACKNOWLEDGEMENT)
        || session.word(slot::VNI) != record.word(packet::VNI)
    {
        return None;
    }
    // Behind a shorter address there are other things.
    let words = if head & VERSION_MASK == VERSION_4 {
        1
    } else {
        4
    };
    let is_first = session.word(slot::PORTS) == record.word(packet::SOURCE_PORT)
        && (0..words).all(|word| {
            session.word(slot::ADDRESS_A + word as u32)
                == record.word(packet::SOURCE_ADDRESS + word * 4)
        });
    Some(u32::from(!is_first))
}

/// VLAN ids 0 and 1 as in `slot.vlans_low`.
fn vlan_word(record: &Record) -> i32 {
    let count = record.byte(packet::VLAN_COUNT);
    let id = |at: usize, least: u8| {
        if count > least {
            u32::from(record.half(at))
        } else {
            0
        }
    };
    (id(packet::VLAN_0, 0) | id(packet::VLAN_1, 1) << 16) as i32
}
