//! `Recognition`: what a packet worker can say of the first data of a session without asking a decoder, over its session table. What is
//! kept of undecided directions is looked at by way of a desk that both sides see.

use std::cell::RefCell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{Buffer, Uint8Array, Unknown};
use napi_derive::napi;

use super::bare_function::{Bare, bare_function};
use super::session_table::{Keeper, SessionTable};
use super::{Error, Pinned, RING, Result, memory};
use crate::generated::layout::first_bytes_desk as desk;
use crate::memory::Memory;
use crate::recognition::{self, HoleWaits, KeptBytes, KeptCounters, Screen, WaitingSegments};

/// What it needs.
#[napi(object, object_to_js = false)]
pub struct RecognitionOptions {
    /// Of TCP, UDP, SCTP: who may want payload.
    pub screen: Vec<TransportScreen>,
    /// Memory for the bytes of all directions.
    pub limit_bytes: f64,
    /// Number of the counter of that memory in use.
    pub held: u32,
    /// Of that of directions for which there was none.
    pub refused: u32,
    /// So many segments of a side that came too early wait for those before them.
    pub queue_segments: u32,
    /// And so long, in milliseconds of packet time.
    pub hole_wait_ms: f64,
    /// And so long once the receiver has acknowledged what is missing.
    pub acked_hole_wait_ms: f64,
    /// Number of the counter of segments that waited.
    pub queued: u32,
}

/// Data of an undecided side that came before others of it.
#[napi(object, object_from_js = false)]
pub struct WaitingData {
    /// The side.
    pub side: u32,
    /// Their sequence number.
    pub start: i32,
    /// What they are, segment behind segment.
    pub bytes: Buffer,
    /// Where each segment ends among them.
    pub ends: Vec<u32>,
    /// The source's clock when the first one came.
    pub seen_us: f64,
    /// And when what is missing before them was seen to be acknowledged, if it was.
    pub acked_us: Option<f64>,
}

/// Of a transport: what payload has to be like for somebody to want it.
#[napi(object)]
pub struct TransportScreen {
    /// For signatures.
    pub names: Vec<PayloadCondition>,
    /// For decoders.
    pub decoders: Vec<PayloadCondition>,
}

/// As `src/decoders/payload-condition.ts` has it.
#[napi(object)]
pub struct PayloadCondition {
    /// Fewest bytes.
    pub least: u32,
    /// Ports; absent: any.
    pub ports: Option<Vec<u32>>,
    /// Offset of the patterns.
    pub at: u32,
    /// Bytes, one of which stands there; absent: anything.
    pub patterns: Option<Vec<Uint8Array>>,
    /// Forms of the head; none: any.
    pub forms: Vec<Vec<WordBound>>,
    /// Of fewer bytes of a stream that are as they have to be, it is known that more are wanted; absent: of none.
    pub waits_below: Option<u32>,
    /// What a stream begins with; absent: anything.
    pub word: Option<FirstWord>,
}

/// A word that a stream may begin with.
#[napi(object)]
pub struct FirstWord {
    /// What it consists of.
    pub bytes: Uint8Array,
    /// Most bytes of it.
    pub most: u32,
}

/// A number of 16 bits in network order.
#[napi(object)]
pub struct WordBound {
    /// Its offset.
    pub at: u32,
    /// Default 0.
    pub least: Option<u32>,
    /// Default 65535.
    pub most: Option<u32>,
    /// It has to be there. Default: no.
    pub needed: Option<bool>,
}

/// What is on a desk, and what is kept of directions.
struct Desk {
    keeper: Rc<RefCell<Keeper>>,
    desk: Memory,
    _arrays: [Pinned<Uint8Array>; 3],
}

impl Desk {
    fn direction(&self) -> u32 {
        self.desk.get(desk::DIRECTION) as u32
    }

    /// Puts what is kept of the direction there.
    fn show(&self, kept: &KeptBytes) {
        let Some(kept) = kept.of(self.direction()) else {
            self.desk.put(desk::LENGTH, 0);
            return;
        };
        self.desk.put(desk::LENGTH, kept.bytes.len() as i32);
        self.desk.put(desk::AFTER, kept.after);
        self.desk.put_float(desk::TIME_US, kept.time_us);
        self.desk.copy_in(desk::SIZE, kept.bytes);
    }
}

struct Look(Rc<Desk>);

impl Bare for Look {
    const NAME: &'static std::ffi::CStr = c"look";
    const FAILED: &'static std::ffi::CStr = c"the first bytes of a direction could not be shown";

    fn call(&mut self) {
        self.0.show(&self.0.keeper.borrow().store.recognition.kept);
    }
}

struct Add(Rc<Desk>);

impl Bare for Add {
    const NAME: &'static std::ffi::CStr = c"add";
    const FAILED: &'static std::ffi::CStr = c"the first bytes of a direction could not be kept";

    fn call(&mut self) {
        let Desk { keeper, desk, .. } = &*self.0;
        let kept = &mut keeper.borrow_mut().store.recognition.kept;
        let direction = self.0.direction();
        let before = kept.of(direction).map_or(0, |kept| kept.bytes.len());
        let length = (desk.get(desk::LENGTH) as usize).min(kept.most() - before);
        let (after, time_us) = (desk.get(desk::AFTER), desk.get_float(desk::TIME_US));
        if let Some(bytes) = desk.part(desk::SIZE, length) {
            kept.add(direction, bytes, after, time_us);
        }
        desk.put(desk::BEFORE, before as i32);
        self.0.show(kept);
    }
}

/// First data of the sessions of a packet worker.
#[napi]
pub struct Recognition {
    desk: Rc<Desk>,
}

#[napi]
impl Recognition {
    /// `desk`: `first_bytes_desk`, then room for the bytes of a direction, the most that are kept of one; `places`: a word for each
    /// direction, other than 0 where bytes of it are kept; `counters`: f64 each, of the set `session`.
    #[napi(
        constructor,
        catch_unwind,
        ts_args_type = "table: SessionTable, desk: Uint8Array, places: Uint8Array, counters: Uint8Array, options: RecognitionOptions"
    )]
    pub fn new(
        table: &SessionTable,
        desk: Pinned<Uint8Array>,
        places: Pinned<Uint8Array>,
        counters: Pinned<Uint8Array>,
        options: RecognitionOptions,
    ) -> Result<Recognition> {
        if desk.bytes <= desk::SIZE {
            return Err(Error::new(RING, "a desk needs room for bytes"));
        }
        let numbers = KeptCounters {
            held: Some(options.held),
            refused: Some(options.refused),
        };
        let kept = KeptBytes::new(
            desk.bytes - desk::SIZE,
            options.limit_bytes as usize,
            memory(&places),
            memory(&counters),
            numbers,
        );
        let conditions: Vec<_> = options.screen.iter().map(conditions_of).collect();
        let keeper = Rc::clone(&table.keeper);
        let waits = HoleWaits {
            segments: options.queue_segments as usize,
            seen_us: options.hole_wait_ms * 1000.0,
            acked_us: options.acked_hole_wait_ms * 1000.0,
        };
        let waiting = WaitingSegments::new(waits, memory(&counters), Some(options.queued));
        keeper.borrow_mut().store.recognition =
            recognition::Recognition::new(Screen::new(&conditions), kept, waiting);
        Ok(Recognition {
            desk: Rc::new(Desk {
                keeper,
                desk: memory(&desk),
                _arrays: [desk, places, counters],
            }),
        })
    }

    /// A function that puts what is kept of the direction on the desk there, its bytes too; length 0: nothing.
    #[napi(ts_return_type = "() => void")]
    pub fn looker(&self, env: Env) -> napi::Result<Unknown<'static>> {
        bare_function(env, &Rc::new(RefCell::new(Look(Rc::clone(&self.desk)))))
    }

    /// A function that adds the bytes on the desk, which come next, as many as there is room for, with the sequence number behind them and
    /// the time on it; then all that is kept of the direction is there. Length 0: there was no memory, and nothing is kept of it any more.
    #[napi(ts_return_type = "() => void")]
    pub fn adder(&self, env: Env) -> napi::Result<Unknown<'static>> {
        bare_function(env, &Rc::new(RefCell::new(Add(Rc::clone(&self.desk)))))
    }

    /// Takes back all but the first `length` bytes of a direction (session * 2 + side); `after`: the sequence number behind those.
    #[napi(catch_unwind)]
    pub fn cut(&self, direction: u32, length: u32, after: i32) {
        let kept = &mut self.desk.keeper.borrow_mut().store.recognition.kept;
        kept.cut(direction, length as usize, after);
    }

    /// Keeps nothing of a direction any more.
    #[napi(catch_unwind)]
    pub fn drop(&self, direction: u32) {
        let kept = &mut self.desk.keeper.borrow_mut().store.recognition.kept;
        kept.drop(direction);
    }

    /// Takes out the data of a session that wait; null when there are none.
    #[napi(catch_unwind)]
    pub fn take_waiting(&self, session: u32) -> Option<WaitingData> {
        let store = &mut self.desk.keeper.borrow_mut().store;
        let slot = store.table.session(session);
        let waiting = store.recognition.waiting.take(&slot, session)?;
        Some(WaitingData {
            side: waiting.side,
            start: waiting.start,
            bytes: waiting.bytes.into(),
            ends: waiting.ends,
            seen_us: waiting.seen_us,
            acked_us: waiting.acked_us,
        })
    }

    /// The data of a side belong to no decoder.
    #[napi(catch_unwind)]
    pub fn give_up(&self, direction: u32) {
        let store = &mut self.desk.keeper.borrow_mut().store;
        let (number, side) = (direction >> 1, direction & 1);
        let session = store.table.session(number);
        store.recognition.give_up(&session, number, side);
    }
}

fn conditions_of(screen: &TransportScreen) -> recognition::TransportConditions {
    recognition::TransportConditions {
        names: screen.names.iter().map(condition_of).collect(),
        decoders: screen.decoders.iter().map(condition_of).collect(),
    }
}

fn condition_of(condition: &PayloadCondition) -> recognition::Condition {
    let ports = |ports: &Vec<u32>| ports.iter().map(|port| *port as u16).collect();
    let patterns = |patterns: &Vec<Uint8Array>| patterns.iter().map(|each| each.to_vec()).collect();
    let form = |form: &Vec<WordBound>| form.iter().map(bound_of).collect();
    recognition::Condition {
        least: condition.least as usize,
        ports: condition.ports.as_ref().map(ports),
        at: condition.at as usize,
        patterns: condition.patterns.as_ref().map(patterns),
        forms: condition.forms.iter().map(form).collect(),
        waits_below: condition.waits_below.unwrap_or(0) as usize,
        word: condition.word.as_ref().map(|word| recognition::FirstWord {
            bytes: word.bytes.to_vec(),
            most: word.most as usize,
        }),
    }
}

fn bound_of(bound: &WordBound) -> recognition::WordBound {
    let limit = |word: Option<u32>| word.map(|word| word.min(0xffff) as u16);
    recognition::WordBound {
        at: bound.at as usize,
        least: limit(bound.least).unwrap_or(0),
        most: limit(bound.most).unwrap_or(u16::MAX),
        needed: bound.needed.unwrap_or(false),
    }
}
