//! `SessionFollower`: a packet worker's own, made with its session table. What it is asked and answers is in a small array
//! that both sides see, so a call carries a number alone.

use napi::bindgen_prelude::{Int32Array, Uint8Array};
use napi_derive::napi;

use super::{Error, Pinned, RING, Result, WORKER};
use crate::follow::{FollowOptions, Follower, Identity, Memory, Stretch, Table};
use crate::generated::layout::{follow_desk, follow_entry};

/// How sessions are told, timed and saved; `src/session/session-config.ts` says what the words mean.
#[napi(object)]
pub struct SessionFollowerOptions {
    /// VLAN ids are part of a flow's identity.
    pub track_vlan: bool,
    /// Tunnel ids are.
    pub track_vni: bool,
    /// Sessions are Arkime's.
    pub late: bool,
    /// Somebody asks for the first payload of each side.
    pub asks_first: bool,
    /// Followed packets are entries too.
    pub observed: bool,
    /// Milliseconds after which a part is saved; infinity: never.
    pub save_ms: f64,
    /// Packets after which it is.
    pub save_packets: f64,
    /// By decoder, where sessions are Arkime's: milliseconds of its own.
    pub own_ms: Vec<f64>,
}

struct Ring {
    memory: Memory,
    _array: Pinned<Uint8Array>,
}

/// Follows plain packets in the session table of a packet worker.
#[napi]
pub struct SessionFollower {
    follower: Follower,
    rings: Vec<Ring>,
    desk: Memory,
    _desk: Pinned<Uint8Array>,
    _sessions: Pinned<Uint8Array>,
    index: Pinned<Int32Array>,
}

/// The memory of an array that lives as long as what uses it, on the thread whose it is.
fn memory<Array>(array: &Pinned<Array>) -> Memory {
    // SAFETY: whoever holds this holds the array too; a worker's own memory is touched by that worker alone, and the records
    // of a ring are published before a walk and not given back during it.
    unsafe { Memory::at(array.address, array.bytes) }
}

#[napi]
impl SessionFollower {
    /// `sessions`: the slots; `index`: the index over them; `desk`: `follow_desk`, then room for entries.
    #[napi(
        constructor,
        catch_unwind,
        ts_args_type = "sessions: Uint8Array, index: Int32Array, desk: Uint8Array, options: SessionFollowerOptions"
    )]
    pub fn new(
        sessions: Pinned<Uint8Array>,
        index: Pinned<Int32Array>,
        desk: Pinned<Uint8Array>,
        options: SessionFollowerOptions,
    ) -> Result<SessionFollower> {
        if desk.bytes < follow_desk::SIZE + follow_entry::SIZE {
            return Err(Error::new(RING, "a desk needs room for an entry"));
        }
        let options = FollowOptions {
            identity: Identity {
                vlan: options.track_vlan,
                vni: options.track_vni,
            },
            late: options.late,
            asks_first: options.asks_first,
            observed: options.observed,
            save_ms: options.save_ms,
            save_packets: options.save_packets,
            own_ms: options.own_ms,
        };
        Ok(SessionFollower {
            follower: Follower::new(Table::new(memory(&sessions), memory(&index)), options),
            rings: Vec::new(),
            desk: memory(&desk),
            _desk: desk,
            _sessions: sessions,
            index,
        })
    }

    /// The data area of a ring; its number for `walk` and `find`.
    #[napi(catch_unwind, ts_args_type = "data: Uint8Array")]
    pub fn add_ring(&mut self, data: Pinned<Uint8Array>) -> u32 {
        self.rings.push(Ring {
            memory: memory(&data),
            _array: data,
        });
        self.rings.len() as u32 - 1
    }

    /// The index has grown and is another array.
    #[napi(catch_unwind, ts_args_type = "index: Int32Array")]
    pub fn set_index(&mut self, index: Pinned<Int32Array>) {
        self.follower.table().set_index(memory(&index));
        self.index = index;
    }

    /// Goes through the records of a ring, as the desk says, and leaves there how far it came and what is left to do.
    #[napi(catch_unwind)]
    pub fn walk(&mut self, ring: u32) -> Result<()> {
        let desk = &self.desk;
        let room = (desk.bytes() - follow_desk::SIZE) / follow_entry::SIZE;
        let stretch = Stretch {
            from: desk.get(follow_desk::POSITION) as u32,
            to: desk.get(follow_desk::END) as u32,
            most: room.min(desk.get(follow_desk::MOST) as usize),
            clock_us: desk.get_float(follow_desk::CLOCK_US),
            wake_us: desk.get_float(follow_desk::WAKE_US),
            marks: desk.get(follow_desk::MARKS) as u32,
        };
        let ring = &self
            .rings
            .get(ring as usize)
            .ok_or_else(|| Error::new(WORKER, "no such ring"))?
            .memory;
        let walked = self
            .follower
            .walk(ring, stretch, &desk.from(follow_desk::SIZE));
        desk.put_float(follow_desk::CLOCK_US, walked.clock_us);
        desk.put(follow_desk::POSITION, walked.position as i32);
        desk.put(follow_desk::PACKETS, walked.packets as i32);
        desk.put(follow_desk::ENTRIES, walked.entries as i32);
        Ok(())
    }

    /// Number of the session * 2 + direction of the packet record at `offset` of a ring; -1: there is none.
    #[napi(catch_unwind)]
    pub fn find(&mut self, ring: u32, offset: u32) -> Result<i32> {
        Ok(self.follower.find(&self.ring(ring)?.record(offset)))
    }

    /// As `find`, and follows the packet with the clock on the desk when it is a plain one: -2 then.
    #[napi(catch_unwind)]
    pub fn take(&mut self, ring: u32, offset: u32) -> Result<i32> {
        let record = self.ring(ring)?.record(offset);
        let clock_us = self.desk.get_float(follow_desk::CLOCK_US);
        let marks = self.desk.get(follow_desk::MARKS) as u32;
        Ok(self.follower.take(&record, clock_us, marks))
    }

    fn ring(&self, number: u32) -> Result<&Memory> {
        let ring = self.rings.get(number as usize);
        ring.map(|ring| &ring.memory)
            .ok_or_else(|| Error::new(WORKER, "no such ring"))
    }
}
