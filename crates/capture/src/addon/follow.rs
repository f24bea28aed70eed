//! `SessionFollower`: a packet worker's own, over its session table. What it is asked and answers is in a small array
//! that both sides see, so a walk has no argument.

use std::cell::RefCell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{Uint8Array, Unknown};
use napi_derive::napi;

use super::bare_function::{Bare, bare_function};
use super::session_table::{Keeper, SessionTable};
use super::{Error, Pinned, RING, Result, memory};
use crate::follow::{FollowOptions, Follower, OpeningOptions, Packet, Stretch};
use crate::generated::layout::{follow_desk, follow_entry};
use crate::memory::Memory;
use crate::session_table::Identity;

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
    /// Sessions are opened, and packets counted, in walks.
    pub opens: bool,
    /// Somebody is told of every session that is opened.
    pub tells_opened: bool,
    /// By IP protocol: idle time of a session that is open, in milliseconds.
    pub idle_ms: Vec<i32>,
    /// Of a TCP connection that is being opened.
    pub opening_idle_ms: i32,
    /// Of one that is closed and waits for late packets.
    pub linger_ms: i32,
    /// Payload of TCP connections whose start was not seen is wanted.
    pub midstream: bool,
    /// By IP protocol: some decoder is for its payload.
    pub wanted: Vec<bool>,
    /// The same of layer-2 frames: EtherTypes.
    pub wanted_ether_types: Vec<u32>,
    /// Datagrams of a session that are looked at before its protocol counts as unknown.
    pub probe_datagrams: u32,
}

struct Walker {
    follower: Follower,
    keeper: Rc<RefCell<Keeper>>,
    desk: Memory,
    _desk: Pinned<Uint8Array>,
}

impl Bare for Walker {
    const NAME: &'static std::ffi::CStr = c"walk";
    const FAILED: &'static std::ffi::CStr = c"a walk over a ring failed";

    /// As the desk says.
    fn call(&mut self) {
        let desk = &self.desk;
        let ring = desk.get(follow_desk::RING) as u32;
        let stretch = Stretch {
            ring: ring as usize,
            from: desk.get(follow_desk::POSITION) as u32,
            to: desk.get(follow_desk::END) as u32,
            most: (desk.bytes() - follow_desk::SIZE) / follow_entry::SIZE,
            clock_us: desk.get_float(follow_desk::CLOCK_US),
            wake_us: desk.get_float(follow_desk::WAKE_US),
            marks: desk.get(follow_desk::MARKS) as u32,
            source: desk.get(follow_desk::SOURCE) as u32,
        };
        let mut keeper = self.keeper.borrow_mut();
        let (store, ring) = keeper.parts(ring).expect("a walk is over a ring");
        let entries = desk.from(follow_desk::SIZE);
        let walked = self.follower.walk(store, ring, stretch, &entries);
        store.tell();
        desk.put_float(follow_desk::CLOCK_US, walked.clock_us);
        desk.put(follow_desk::POSITION, walked.position as i32);
        desk.put(follow_desk::PACKETS, walked.packets as i32);
        desk.put(follow_desk::ENTRIES, walked.entries as i32);
    }
}

/// Follows packets in the session table of a packet worker.
#[napi]
pub struct SessionFollower {
    walker: Rc<RefCell<Walker>>,
}

#[napi]
impl SessionFollower {
    /// `desk`: `follow_desk`, then room for entries.
    #[napi(
        constructor,
        catch_unwind,
        ts_args_type = "table: SessionTable, desk: Uint8Array, options: SessionFollowerOptions"
    )]
    pub fn new(
        table: &SessionTable,
        desk: Pinned<Uint8Array>,
        options: SessionFollowerOptions,
    ) -> Result<SessionFollower> {
        if desk.bytes < follow_desk::SIZE + follow_entry::SIZE {
            return Err(Error::new(RING, "a desk needs room for an entry"));
        }
        let walker = Walker {
            follower: Follower::new(follow_options(options)),
            keeper: Rc::clone(&table.keeper),
            desk: memory(&desk),
            _desk: desk,
        };
        Ok(SessionFollower {
            walker: Rc::new(RefCell::new(walker)),
        })
    }

    /// A function that goes through the records of a ring, as the desk says, and leaves there how far it came and what is left
    /// to do.
    #[napi(ts_return_type = "() => void")]
    pub fn walker(&self, env: Env) -> napi::Result<Unknown<'static>> {
        bare_function(env, &self.walker)
    }

    /// Number of the session * 2 + direction of the packet record at `offset` of a ring; -1: there is none.
    #[napi(catch_unwind)]
    pub fn find(&self, ring: u32, offset: u32) -> Result<i32> {
        let walker = self.walker.borrow();
        let keeper = walker.keeper.borrow();
        let record = keeper.ring(ring)?.record(offset);
        Ok(walker.follower.find(&keeper.store.table, &record))
    }

    /// As `find`, and follows the packet with the clock on the desk when it is a plain one: -2 less that then.
    #[napi(catch_unwind)]
    pub fn take(&self, ring: u32, offset: u32) -> Result<i32> {
        let walker = self.walker.borrow();
        let keeper = walker.keeper.borrow();
        let record = keeper.ring(ring)?.record(offset);
        let clock_us = walker.desk.get_float(follow_desk::CLOCK_US);
        let marks = walker.desk.get(follow_desk::MARKS) as u32;
        let table = &keeper.store.table;
        Ok(walker.follower.take(table, &record, clock_us, marks))
    }

    /// Opens the session of a packet, which is not counted yet, and puts it into the wheel. The table must not be full.
    #[napi(catch_unwind)]
    pub fn open(
        &self,
        ring: u32,
        offset: u32,
        direction: u32,
        clock_us: f64,
        source: u32,
    ) -> Result<u32> {
        let walker = self.walker.borrow();
        let mut keeper = walker.keeper.borrow_mut();
        let (store, ring) = keeper.parts(ring)?;
        let packet = Packet::at(ring, offset);
        let follower = &walker.follower;
        let number = follower.open(store, &packet, direction, clock_us, source);
        store.tell();
        Ok(number)
    }

    /// Counts a packet of the session `found >> 1`: packets, bytes, times, what the first of a side tell, payload of what is no
    /// TCP segment.
    #[napi(catch_unwind)]
    pub fn count(&self, ring: u32, offset: u32, found: i32, clock_us: f64) -> Result<()> {
        let walker = self.walker.borrow();
        let keeper = walker.keeper.borrow();
        let packet = Packet::at(keeper.ring(ring)?, offset);
        let table = &keeper.store.table;
        walker.follower.count(table, &packet, found, clock_us);
        Ok(())
    }

    /// From here on the session only waits for late packets.
    #[napi(catch_unwind)]
    pub fn linger(&self, session: u32) {
        let walker = self.walker.borrow();
        let store = &mut walker.keeper.borrow_mut().store;
        walker.follower.linger(store, session);
    }
}

fn follow_options(options: SessionFollowerOptions) -> FollowOptions {
    FollowOptions {
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
        opens: options.opens,
        tells_opened: options.tells_opened,
        opening: OpeningOptions {
            idle_ms: options.idle_ms,
            opening_idle_ms: options.opening_idle_ms,
            midstream: options.midstream,
            wanted: options.wanted,
            wanted_ether_types: options.wanted_ether_types,
        },
        linger_ms: options.linger_ms,
        probe_datagrams: options.probe_datagrams,
    }
}
