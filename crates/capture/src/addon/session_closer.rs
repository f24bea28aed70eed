//! `SessionCloser`: ends the sessions of a packet worker that are over, many at a time, and writes their records into the ring of an
//! output. What is asked is on a desk that both sides see.

use std::cell::RefCell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{Uint8Array, Unknown};
use napi_derive::napi;

use super::bare_function::{Bare, bare_function};
use super::facts::{Alone, RecordScribe, Scribe};
use super::session_table::{Keeper, SessionTable};
use super::{Error, Pinned, RING, Result, memory};
use crate::closing::{Closing, End, LISTS_MOST, NOTED_MOST, Reasons, Records, Stop, Which};
use crate::generated::layout::{closing_desk, closing_list, output, record_kind, slot};
use crate::memory::Memory;
use crate::session_table::Session;

/// Why sessions end.
#[napi(object)]
pub struct SessionCloserReasons {
    /// Number of the reason that both sides have closed the connection, among those that the scribe was given.
    pub fin: u32,
    /// That one side has reset it.
    pub reset: u32,
    /// That the idle time is over.
    pub timeout: u32,
    /// That the sources have ended.
    pub stopped: u32,
}

/// Where numbers of sessions stand on the desk.
const BEHIND_LISTS: usize = closing_desk::SIZE + LISTS_MOST * closing_list::SIZE;

struct Closer {
    closing: Closing,
    keeper: Rc<RefCell<Keeper>>,
    scribe: Rc<RefCell<Scribe>>,
    desk: Memory,
    _arrays: [Pinned<Uint8Array>; 2],
}

/// Records one behind the other in the ring of an output.
struct RingRecords<'a> {
    scribe: &'a mut Scribe,
    plan: usize,
    target: usize,
    at: usize,
    end: usize,
    floor_us: f64,
    record_type: u8,
}

impl Records for RingRecords<'_> {
    fn write(&mut self, session: &Session, end: &End) -> Option<u32> {
        let index = session.word(slot::RECORD_INDEX);
        let order_us = end.event_us.max(self.floor_us);
        let packet = session.word(slot::PACKET_NUMBER);
        let kind = self.record_type;
        let record = Alone {
            session: end.session,
            plan: self.plan,
            reason: end.reason,
            time_us: session.float(slot::START_US),
            gap_bytes: end.gap_bytes,
            notes: end.notes,
            target: self.target,
            at: self.at,
            end: self.end,
        };
        let behind = self.scribe.write_behind(&record, |length| {
            let mut head = [0; output::SIZE];
            let mut put = |at: usize, bytes: &[u8]| {
                head[at..at + bytes.len()].copy_from_slice(bytes);
            };
            put(output::LENGTH, &(length as u32).to_le_bytes());
            put(output::KIND, &[record_kind::RECORD as u8]);
            put(output::RECORD_TYPE, &[kind]);
            put(output::ORDER_TIME_US, &order_us.to_le_bytes());
            put(output::ORDER_PACKET, &packet.to_le_bytes());
            put(output::ORDER_INDEX, &index.to_le_bytes());
            head
        })?;
        session.put(slot::RECORD_INDEX, index.wrapping_add(1));
        let bytes = behind - self.at - output::SIZE;
        self.at = behind.next_multiple_of(8);
        Some(bytes as u32)
    }
}

impl Bare for Closer {
    const NAME: &'static std::ffi::CStr = c"close";
    const FAILED: &'static std::ffi::CStr = c"sessions could not be ended";

    /// As the desk says.
    fn call(&mut self) {
        let desk = &self.desk;
        let word = |at| desk.get(at) as u32;
        let which = match u32::try_from(desk.get(closing_desk::FROM)) {
            Err(_) => Which::Due,
            Ok(from) => Which::All {
                from,
                clock_us: desk.get_float(closing_desk::CLOCK_US),
            },
        };
        let mut records = RingRecords {
            scribe: &mut self.scribe.borrow_mut(),
            plan: word(closing_desk::PLAN) as usize,
            target: word(closing_desk::TARGET) as usize,
            at: word(closing_desk::AT) as usize,
            end: word(closing_desk::END) as usize,
            floor_us: desk.get_float(closing_desk::FLOOR_US),
            record_type: word(closing_desk::RECORD_TYPE) as u8,
        };
        let store = &mut self.keeper.borrow_mut().store;
        let with_notes = desk.get(closing_desk::NOTED) != 0;
        let run = self.closing.run(store, which, with_notes, &mut records);
        store.tell();
        let session = match run.stop {
            Stop::Nothing => -1,
            Stop::Room => -2,
            Stop::At(number) => number as i32,
        };
        if matches!(which, Which::All { .. }) {
            desk.put(closing_desk::FROM, run.from as i32);
        }
        desk.put(closing_desk::AT, records.at as i32);
        desk.put(closing_desk::SESSION, session);
        desk.put(closing_desk::RECORDS, run.records as i32);
        desk.put(closing_desk::BYTES, run.bytes as i32);
        desk.put(closing_desk::LISTS, run.lists().len() as i32);
        for (index, (list, sessions)) in run.lists().iter().enumerate() {
            let at = closing_desk::SIZE + index * closing_list::SIZE;
            desk.put(at + closing_list::LIST, *list as i32);
            desk.put(at + closing_list::SESSIONS, *sessions as i32);
        }
        desk.put(closing_desk::NOTED, run.noted().len() as i32);
        for (index, session) in run.noted().iter().enumerate() {
            desk.put(BEHIND_LISTS + index * 4, *session as i32);
        }
    }
}

/// Ends sessions of a packet worker.
#[napi]
pub struct SessionCloser {
    closer: Rc<RefCell<Closer>>,
}

#[napi]
impl SessionCloser {
    /// `desk`: `closing_desk`, then room for 16 `closing_list` and 64 numbers of sessions; `notes`: a word a session, where what is
    /// noted of it begins, 0 nothing.
    #[napi(
        constructor,
        catch_unwind,
        ts_args_type = "table: SessionTable, scribe: RecordScribe, desk: Uint8Array, notes: Uint8Array, reasons: SessionCloserReasons"
    )]
    pub fn new(
        table: &SessionTable,
        scribe: &RecordScribe,
        desk: Pinned<Uint8Array>,
        notes: Pinned<Uint8Array>,
        reasons: SessionCloserReasons,
    ) -> Result<SessionCloser> {
        if desk.bytes < BEHIND_LISTS + NOTED_MOST * 4 {
            return Err(Error::new(RING, "a desk needs room for lists and sessions"));
        }
        let closing = Closing::new(reasons_of(&reasons), memory(&notes));
        let closer = Closer {
            closing,
            keeper: Rc::clone(&table.keeper),
            scribe: Rc::clone(&scribe.scribe),
            desk: memory(&desk),
            _arrays: [desk, notes],
        };
        Ok(SessionCloser {
            closer: Rc::new(RefCell::new(closer)),
        })
    }

    /// A function that ends sessions as the desk says, and leaves there how far that came.
    #[napi(ts_return_type = "() => void")]
    pub fn closer(&self, env: Env) -> napi::Result<Unknown<'static>> {
        bare_function(env, &self.closer)
    }
}

fn reasons_of(reasons: &SessionCloserReasons) -> Reasons {
    Reasons {
        fin: reasons.fin,
        reset: reasons.reset,
        timeout: reasons.timeout,
        stopped: reasons.stopped,
    }
}
