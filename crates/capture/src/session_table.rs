//! The session table of a packet worker and the records of its ring as memory: words at places that the layouts give.
//! Every session and every record is checked once to lie inside; what is in them is read and written without.

use crate::generated::layout::session_index::{SESSION_MASK, SPREAD};
use crate::generated::layout::{packet, packet_flag, slot};
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

/// The sessions, and the index from flow to session (`session_index`).
pub struct Table {
    sessions: Sessions,
    index: Memory,
    mask: u32,
    shift: u32,
}

impl Table {
    /// The table in this memory.
    pub fn new(sessions: Memory, index: Memory) -> Table {
        let mut table = Table {
            sessions: Sessions::new(sessions),
            index: Memory::none(),
            mask: 0,
            shift: 0,
        };
        table.set_index(index);
        table
    }

    /// The index has grown. Its size is a power of two.
    pub fn set_index(&mut self, index: Memory) {
        let entries = index.bytes() / 4;
        assert!(
            entries.is_power_of_two() && entries > 1,
            "an index has a power of two entries"
        );
        self.mask = entries as u32 - 1;
        self.shift = 32 - entries.trailing_zeros();
        self.index = index;
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
        // SAFETY: every place is at most the mask, `set_index` has checked the memory against it.
        unsafe { self.index.base.cast::<u32>().add(place as usize).read() }
    }

    /// Asks for the memory of an index entry.
    #[inline(always)]
    pub fn want_index(&self, place: u32) {
        // SAFETY: as in `entry`; nothing is read.
        prefetch(unsafe { self.index.base.add(place as usize * 4) });
    }

    /// Asks for the memory of the session in an index entry: its first line and both sides.
    #[inline(always)]
    pub fn want_session(&self, place: u32) {
        let entry = self.entry(place);
        if entry == 0 {
            return;
        }
        let session = self.session((entry & SESSION_MASK) - 1).0;
        for line in [0, slot::SIDE_0, slot::SIDE_1] {
            // SAFETY: inside the session; nothing is read.
            prefetch(unsafe { session.add(line as usize) }.cast());
        }
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
