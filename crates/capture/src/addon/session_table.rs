//! `SessionTable`: the sessions of a packet worker, which the worker's engine opens, ends and looks at by their words. What is
//! asked for every session goes by functions without arguments and a small array that both sides see.

use std::cell::RefCell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{Uint8Array, Unknown};
use napi_derive::napi;

use super::bare_function::{Bare, bare_function};
use super::{Error, Pinned, RING, Result, WORKER, memory};
use crate::generated::layout::{slot, table_desk};
use crate::memory::Memory;
use crate::session_census::SessionCensus;
use crate::session_store::SessionStore;
use crate::tcp::TcpCounters;

struct Ring {
    memory: Memory,
    _array: Pinned<Uint8Array>,
}

/// The sessions, and the rings whose records they are opened for.
pub(super) struct Keeper {
    pub(super) store: SessionStore,
    rings: Vec<Ring>,
    _arrays: [Pinned<Uint8Array>; 3],
}

impl Keeper {
    pub(super) fn ring(&self, number: u32) -> Result<&Memory> {
        let ring = self.rings.get(number as usize);
        ring.map(|ring| &ring.memory)
            .ok_or_else(|| Error::new(WORKER, "no such ring"))
    }

    /// Both at once: the store changes, the ring is read.
    pub(super) fn parts(&mut self, ring: u32) -> Result<(&mut SessionStore, &Memory)> {
        let ring = self.rings.get(ring as usize);
        let ring = ring.ok_or_else(|| Error::new(WORKER, "no such ring"))?;
        Ok((&mut self.store, &ring.memory))
    }
}

/// Where sessions are counted, by numbers of counters.
#[napi(object)]
pub struct SessionCensusCounters {
    /// By IP protocol: sessions opened.
    pub opened: Vec<u32>,
    /// By IP protocol: sessions there are.
    pub active: Vec<u32>,
    /// All sessions there are.
    pub all: u32,
    /// Those of them that wait for late packets.
    pub closing: u32,
    /// By the number of the reason of their end: sessions closed.
    pub closed: Vec<Option<u32>>,
}

/// Where odd TCP segments are counted, by numbers of counters.
#[napi(object)]
pub struct TcpSegmentCounters {
    /// Those that held nothing new.
    pub retransmitted: u32,
    /// Those that came after later ones.
    pub out_of_order: u32,
    /// Those too far off to belong to the stream.
    pub out_of_window: u32,
    /// Resets outside the window.
    pub ignored_resets: u32,
    /// Holes no longer followed.
    pub forgotten_holes: u32,
}

/// Closes the session on the desk.
struct Closer(Rc<RefCell<Keeper>>);

impl Bare for Closer {
    const NAME: &'static std::ffi::CStr = c"close";
    const FAILED: &'static std::ffi::CStr = c"a session could not be closed";

    fn call(&mut self) {
        let store = &mut self.0.borrow_mut().store;
        store.close_asked();
        store.tell();
    }
}

/// Takes the next session that is due out of the wheel.
struct DueTaker(Rc<RefCell<Keeper>>);

impl Bare for DueTaker {
    const NAME: &'static std::ffi::CStr = c"takeDue";
    const FAILED: &'static std::ffi::CStr = c"the timer wheel failed";

    fn call(&mut self) {
        let store = &mut self.0.borrow_mut().store;
        let due = store.wheel.take_due(store.table.sessions());
        store.answer(due);
        if due.is_none() {
            store.tell();
        }
    }
}

/// The sessions of a packet worker, and when they end by idle time.
#[napi]
pub struct SessionTable {
    pub(super) keeper: Rc<RefCell<Keeper>>,
}

#[napi]
impl SessionTable {
    /// `sessions`: memory for as many as there may be, all 0; `desk`: `table_desk`; `counters`: f64 each, of the set `session`;
    /// `census` and `tcp`: those of sessions and of TCP segments among them.
    #[napi(
        constructor,
        catch_unwind,
        ts_args_type = "sessions: Uint8Array, desk: Uint8Array, counters: Uint8Array, census: SessionCensusCounters, tcp: TcpSegmentCounters"
    )]
    pub fn new(
        sessions: Pinned<Uint8Array>,
        desk: Pinned<Uint8Array>,
        counters: Pinned<Uint8Array>,
        census: SessionCensusCounters,
        tcp: TcpSegmentCounters,
    ) -> Result<SessionTable> {
        if desk.bytes < table_desk::SIZE || sessions.bytes < slot::WORDS as usize * 4 {
            return Err(Error::new(RING, "a table needs room for a session"));
        }
        let census = SessionCensus {
            opened: census.opened,
            active: census.active,
            all: Some(census.all),
            closing: Some(census.closing),
            closed: census.closed,
        };
        let tcp = TcpCounters {
            retransmitted: Some(tcp.retransmitted),
            out_of_order: Some(tcp.out_of_order),
            out_of_window: Some(tcp.out_of_window),
            ignored_resets: Some(tcp.ignored_resets),
            forgotten_holes: Some(tcp.forgotten_holes),
        };
        let [table, told, counted] = [&sessions, &desk, &counters].map(memory);
        let store = SessionStore::new(table, told, counted, census, tcp);
        Ok(SessionTable {
            keeper: Rc::new(RefCell::new(Keeper {
                store,
                rings: Vec::new(),
                _arrays: [sessions, desk, counters],
            })),
        })
    }

    /// The data area of a ring; its number for those who look at its records.
    #[napi(catch_unwind, ts_args_type = "data: Uint8Array")]
    pub fn add_ring(&mut self, data: Pinned<Uint8Array>) -> u32 {
        let rings = &mut self.keeper.borrow_mut().rings;
        rings.push(Ring {
            memory: memory(&data),
            _array: data,
        });
        rings.len() as u32 - 1
    }

    /// A function that closes the session on the desk for the reason there: it is counted and its number given back.
    #[napi(ts_return_type = "() => void")]
    pub fn closer(&self, env: Env) -> napi::Result<Unknown<'static>> {
        let closer = Closer(Rc::clone(&self.keeper));
        bare_function(env, &Rc::new(RefCell::new(closer)))
    }

    /// A function that takes the next session that is due out of the wheel and puts its number onto the desk, -1 for none.
    #[napi(ts_return_type = "() => void")]
    pub fn due_taker(&self, env: Env) -> napi::Result<Unknown<'static>> {
        let taker = DueTaker(Rc::clone(&self.keeper));
        bare_function(env, &Rc::new(RefCell::new(taker)))
    }

    /// The sides of a session have changed places in its slot: what is known of them elsewhere follows.
    #[napi(catch_unwind)]
    pub fn flip(&mut self, session: u32) {
        self.keeper.borrow_mut().store.flip(session);
    }

    /// From now on sessions only go, until there is none.
    #[napi(catch_unwind)]
    pub fn empty(&mut self) {
        self.keeper.borrow_mut().store.table.empty();
    }

    /// Sets the wheel going at a clock.
    #[napi(catch_unwind)]
    pub fn start_wheel(&mut self, clock_us: f64) {
        let store = &mut self.keeper.borrow_mut().store;
        store.wheel.start(clock_us);
        store.tell();
    }

    /// Moves the wheel's time on.
    #[napi(catch_unwind)]
    pub fn advance_wheel(&mut self, clock_us: f64) {
        let store = &mut self.keeper.borrow_mut().store;
        store.wheel.advance(clock_us);
        store.tell();
    }

    /// Puts a session that is in no bucket into that of its deadline.
    #[napi(catch_unwind)]
    pub fn link(&mut self, session: u32) {
        let store = &mut self.keeper.borrow_mut().store;
        store.wheel.link(store.table.sessions(), session);
    }

    /// Takes a session out of its bucket, if it is in one.
    #[napi(catch_unwind)]
    pub fn unlink(&mut self, session: u32) {
        let store = &mut self.keeper.borrow_mut().store;
        store.wheel.unlink(store.table.sessions(), session);
    }

    /// The session that will be due first, to within a tick; -1: there is none.
    #[napi(catch_unwind)]
    pub fn oldest(&mut self) -> i32 {
        let store = &mut self.keeper.borrow_mut().store;
        let oldest = store.wheel.oldest(store.table.sessions());
        oldest.map_or(-1, |number| number as i32)
    }
}
