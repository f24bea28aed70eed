//! `TcpTracker`: the TCP connections of a packet worker, for segments that the worker's engine takes one by one because a decoder, or
//! whoever observes packets, is to see them. Which segment and what came of it is on a desk that both sides see.

use std::cell::RefCell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{Uint8Array, Unknown};
use napi_derive::napi;

use super::bare_function::{Bare, bare_function};
use super::session_table::{Keeper, SessionTable};
use super::{Error, Pinned, RING, Result, memory};
use crate::follow::Packet;
use crate::generated::layout::{tcp_answer, tcp_desk};
use crate::memory::Memory;
use crate::recognition::FirstData;
use crate::session_store::SessionStore;
use crate::tcp::{Begun, Fit, Segment};

struct Desk {
    keeper: Rc<RefCell<Keeper>>,
    desk: Memory,
    _desk: Pinned<Uint8Array>,
}

impl Desk {
    /// Puts what `take` says of the segment on the desk there.
    fn answer(&self, take: impl FnOnce(&mut SessionStore, &Segment, &Packet) -> u32) {
        let word = |at| self.desk.get(at) as u32;
        let mut keeper = self.keeper.borrow_mut();
        let (store, ring) = keeper
            .parts(word(tcp_desk::RING))
            .expect("a segment is in a ring");
        let found = word(tcp_desk::FOUND);
        let packet = Packet::at(ring, word(tcp_desk::RECORD));
        let session = store.table.session(found >> 1);
        let segment = Segment {
            own: &session.side(found & 1),
            session: &session,
            number: found >> 1,
            direction: found & 1,
            flags: packet.record.tcp_flags(),
            record: &packet.record,
        };
        let answer = take(store, &segment, &packet);
        self.desk.put(tcp_desk::ANSWER, answer as i32);
    }
}

/// Takes a segment, but for its sequence numbers where somebody is to look at its data before.
struct Track(Rc<Desk>);

impl Bare for Track {
    const NAME: &'static std::ffi::CStr = c"track";
    const FAILED: &'static std::ffi::CStr = c"a TCP segment could not be taken";

    fn call(&mut self) {
        self.0.answer(|store, segment, packet| {
            match store.tcp.begin(segment) {
                Begun::GoesOn => {}
                Begun::Resets => return tcp_answer::NOTHING | tcp_answer::CLOSES,
                begun => return tcp_answer::NOTHING | begun.odd(),
            }
            if !segment.has_any() || !segment.session.is_undecided(segment.direction) {
                return account(store, segment);
            }
            match store.recognition.first_data(segment, packet.payload()) {
                FirstData::Done => account(store, segment),
                FirstData::Apart => tcp_answer::APART,
                FirstData::Asked => tcp_answer::UNDECIDED,
            }
        });
    }
}

/// Accounts the segment that `Track` was about.
struct Account(Rc<Desk>);

impl Bare for Account {
    const NAME: &'static std::ffi::CStr = c"account";
    const FAILED: &'static std::ffi::CStr = c"a TCP segment could not be accounted";

    fn call(&mut self) {
        self.0.answer(|store, segment, _| account(store, segment));
    }
}

fn account(store: &mut SessionStore, segment: &Segment) -> u32 {
    let taken = store.tcp.account(segment);
    let answer = match taken.fit {
        Fit::OutOfWindow => tcp_answer::NOTHING,
        Fit::Plain | Fit::AnchoredAnew => tcp_answer::TAKEN,
    } | taken.fit.odd();
    if taken.closes {
        answer | tcp_answer::CLOSES
    } else {
        answer
    }
}

/// Follows the TCP connections of a packet worker.
#[napi]
pub struct TcpTracker {
    desk: Rc<Desk>,
}

#[napi]
impl TcpTracker {
    /// `desk`: `tcp_desk`.
    #[napi(
        constructor,
        catch_unwind,
        ts_args_type = "table: SessionTable, desk: Uint8Array"
    )]
    pub fn new(table: &SessionTable, desk: Pinned<Uint8Array>) -> Result<TcpTracker> {
        if desk.bytes < tcp_desk::SIZE {
            return Err(Error::new(RING, "a desk needs room for a segment"));
        }
        Ok(TcpTracker {
            desk: Rc::new(Desk {
                keeper: Rc::clone(&table.keeper),
                desk: memory(&desk),
                _desk: desk,
            }),
        })
    }

    /// A function that takes the segment on the desk, but for its sequence numbers where its answer is `undecided` or `apart`.
    #[napi(ts_return_type = "() => void")]
    pub fn tracker(&self, env: Env) -> napi::Result<Unknown<'static>> {
        bare_function(env, &Rc::new(RefCell::new(Track(Rc::clone(&self.desk)))))
    }

    /// A function that accounts the sequence numbers of the segment on the desk, of which the other one has said so.
    #[napi(ts_return_type = "() => void")]
    pub fn accounter(&self, env: Env) -> napi::Result<Unknown<'static>> {
        bare_function(env, &Rc::new(RefCell::new(Account(Rc::clone(&self.desk)))))
    }

    /// Where delivery of a direction has to begin: the lowest missing number, or what comes next.
    #[napi(catch_unwind)]
    pub fn delivery_start(&self, session: u32, direction: u32) -> i32 {
        let store = &self.desk.keeper.borrow().store;
        store
            .tcp
            .delivery_start(&store.table.session(session), session, direction)
    }

    /// Missing bytes of a direction.
    #[napi(catch_unwind)]
    pub fn gap_bytes(&self, session: u32, direction: u32) -> u32 {
        let store = &self.desk.keeper.borrow().store;
        store
            .tcp
            .gap_bytes(&store.table.session(session), session, direction)
    }
}
