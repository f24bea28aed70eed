//! `SessionFollower`: a packet worker's own, made with its session table. What it is asked and answers is in a small array
//! that both sides see, so a walk has no argument.

use std::cell::RefCell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{Int32Array, Uint8Array, Unknown};
use napi_derive::napi;

use super::bare_function::{Bare, bare_function};
use super::{Error, Pinned, RING, Result, WORKER};
use crate::follow::{FollowOptions, Follower, Stretch};
use crate::generated::layout::{follow_desk, follow_entry};
use crate::memory::Memory;
use crate::session_table::{Identity, Table};

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
    /// By IP protocol: idle time of a session that is open, in milliseconds.
    pub idle_ms: Vec<i32>,
}

struct Ring {
    memory: Memory,
    _array: Pinned<Uint8Array>,
}

struct Walker {
    follower: Follower,
    rings: Vec<Ring>,
    desk: Memory,
    _desk: Pinned<Uint8Array>,
    _sessions: Pinned<Uint8Array>,
    _index: Pinned<Int32Array>,
}

impl Walker {
    fn ring(&self, number: u32) -> Result<&Memory> {
        let ring = self.rings.get(number as usize);
        ring.map(|ring| &ring.memory)
            .ok_or_else(|| Error::new(WORKER, "no such ring"))
    }
}

impl Bare for Walker {
    const NAME: &'static std::ffi::CStr = c"walk";
    const FAILED: &'static std::ffi::CStr = c"a walk over a ring failed";

    /// As the desk says.
    fn call(&mut self) {
        let desk = &self.desk;
        let number = desk.get(follow_desk::RING) as usize;
        let ring = &self.rings[number].memory;
        let stretch = Stretch {
            ring: number,
            from: desk.get(follow_desk::POSITION) as u32,
            to: desk.get(follow_desk::END) as u32,
            most: (desk.bytes() - follow_desk::SIZE) / follow_entry::SIZE,
            clock_us: desk.get_float(follow_desk::CLOCK_US),
            wake_us: desk.get_float(follow_desk::WAKE_US),
            marks: desk.get(follow_desk::MARKS) as u32,
        };
        let walked = self
            .follower
            .walk(ring, stretch, &desk.from(follow_desk::SIZE));
        desk.put_float(follow_desk::CLOCK_US, walked.clock_us);
        desk.put(follow_desk::POSITION, walked.position as i32);
        desk.put(follow_desk::PACKETS, walked.packets as i32);
        desk.put(follow_desk::ENTRIES, walked.entries as i32);
    }
}

/// Follows plain packets in the session table of a packet worker.
#[napi]
pub struct SessionFollower {
    walker: Rc<RefCell<Walker>>,
}

/// The memory of an array that lives as long as what uses it, on the thread whose it is.
pub(super) fn memory<Array>(array: &Pinned<Array>) -> Memory {
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
            idle_ms: options.idle_ms,
        };
        let walker = Walker {
            follower: Follower::new(Table::new(memory(&sessions), memory(&index)), options),
            rings: Vec::new(),
            desk: memory(&desk),
            _desk: desk,
            _sessions: sessions,
            _index: index,
        };
        Ok(SessionFollower {
            walker: Rc::new(RefCell::new(walker)),
        })
    }

    /// The data area of a ring; its number on the desk and for `find` and `take`.
    #[napi(catch_unwind, ts_args_type = "data: Uint8Array")]
    pub fn add_ring(&mut self, data: Pinned<Uint8Array>) -> u32 {
        let rings = &mut self.walker.borrow_mut().rings;
        rings.push(Ring {
            memory: memory(&data),
            _array: data,
        });
        rings.len() as u32 - 1
    }

    /// The index has grown and is another array.
    #[napi(catch_unwind, ts_args_type = "index: Int32Array")]
    pub fn set_index(&mut self, index: Pinned<Int32Array>) {
        let mut walker = self.walker.borrow_mut();
        walker.follower.table().set_index(memory(&index));
        walker._index = index;
    }

    /// A function that goes through the records of a ring, as the desk says, and leaves there how far it came and what is left
    /// to do.
    #[napi(ts_return_type = "() => void")]
    pub fn walker(&self, env: Env) -> napi::Result<Unknown<'static>> {
        bare_function(env, &self.walker)
    }

    /// Number of the session * 2 + direction of the packet record at `offset` of a ring; -1: there is none.
    #[napi(catch_unwind)]
    pub fn find(&mut self, ring: u32, offset: u32) -> Result<i32> {
        let walker = self.walker.borrow();
        Ok(walker.follower.find(&walker.ring(ring)?.record(offset)))
    }

    /// As `find`, and follows the packet with the clock on the desk when it is a plain one: -2 less that then.
    #[napi(catch_unwind)]
    pub fn take(&mut self, ring: u32, offset: u32) -> Result<i32> {
        let walker = self.walker.borrow();
        let record = walker.ring(ring)?.record(offset);
        let clock_us = walker.desk.get_float(follow_desk::CLOCK_US);
        let marks = walker.desk.get(follow_desk::MARKS) as u32;
        Ok(walker.follower.take(&record, clock_us, marks))
    }
}
