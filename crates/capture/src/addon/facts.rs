//! `RecordScribe`: writes the records of a thread, those of its sessions among them. What is to be written is on a desk that both
//! sides see.

use std::cell::RefCell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{Uint8Array, Unknown};
use napi_derive::napi;

use super::bare_function::{Bare, bare_function};
use super::memory;
use super::{Error, Pinned, Result, WORKER};
use crate::facts::community_id::{self, Ends, Flow};
use crate::facts::{Ask, FactWriter, NotePath, Plan, Unwritten, Values};
use crate::generated::layout::{fact_desk, fact_value, slot};
use crate::memory::{Memory, Span, prefetch};
use crate::session_table::Sessions;

/// Memories that are known at a time.
const MEMORIES: usize = 32;
/// Bytes of a cache line.
const LINE: usize = 64;

pub(super) struct Scribe {
    writer: FactWriter,
    /// By number; what is held keeps them.
    memories: [Span; MEMORIES],
    held: [Option<Pinned<Uint8Array>>; MEMORIES],
    desk: Memory,
    values: Span,
    /// The slots of the sessions.
    slots: Span,
    _desk: Pinned<Uint8Array>,
    _values: Pinned<Uint8Array>,
    _sessions: Option<Pinned<Uint8Array>>,
    /// Keeps the memory of notes.
    notes: Vec<Pinned<Uint8Array>>,
}

impl Scribe {
    fn write(&mut self) -> std::result::Result<usize, Unwritten> {
        let desk = &self.desk;
        let word = |at| desk.get(at) as u32;
        self.want(word(fact_desk::SESSION));
        let target = word(fact_desk::TARGET) as usize;
        // SAFETY: of a ring, what is reserved is the calling thread's own, and nothing else of it is touched; no value is in what
        // is written to. JavaScript does not run now.
        let bytes = unsafe { self.memories.get(target).ok_or(Unwritten::Room)?.all() };
        let values = word(fact_desk::VALUES) as usize * fact_value::SIZE;
        let ask = Ask {
            session: word(fact_desk::SESSION),
            time_us: desk.get_float(fact_desk::TIME_US),
            reason: word(fact_desk::REASON) as usize,
            gap_bytes: [word(fact_desk::GAP_BYTES_0), word(fact_desk::GAP_BYTES_1)],
            values: Values {
                entries: self
                    .values
                    .part(0, values)
                    .ok_or(Unwritten::Room)?
                    .as_chunks()
                    .0,
                memories: &self.memories,
            },
            notes: word(fact_desk::NOTES),
            limit: word(fact_desk::LIMIT) as usize,
        };
        let at = word(fact_desk::AT) as usize;
        self.writer
            .write(word(fact_desk::PLAN) as usize, &ask, bytes, at)
    }

    /// Writes a record without values, and before it what `head` makes of both their bytes. Where both end; none: they do not
    /// fit.
    pub(super) fn write_behind<const HEAD: usize>(
        &mut self,
        record: &Alone,
        head: impl FnOnce(usize) -> [u8; HEAD],
    ) -> Option<usize> {
        self.want(record.session);
        let at = record.at + HEAD;
        let limit = record.end.checked_sub(self.writer.most(record.plan)?)?;
        if at > limit {
            return None;
        }
        let ask = Ask {
            session: record.session,
            time_us: record.time_us,
            reason: record.reason as usize,
            gap_bytes: record.gap_bytes,
            values: Values::default(),
            notes: record.notes,
            limit,
        };
        // SAFETY: as in `write`.
        let bytes = unsafe { self.memories.get(record.target)?.all() };
        let end = self.writer.write(record.plan, &ask, bytes, at).ok()?;
        let place = bytes.get_mut(record.at..at)?;
        place.copy_from_slice(&head(end - record.at));
        Some(end)
    }

    /// Asks for the memory of a session: one that ends by its age was last looked at long ago, and its lines come at once rather than one
    /// after the other.
    #[inline]
    fn want(&self, session: u32) {
        const BYTES: usize = slot::WORDS as usize * 4;
        let at = session as usize * BYTES;
        let Some(slot) = self.slots.part(at, at + BYTES) else {
            return;
        };
        for line in slot.as_chunks::<LINE>().0 {
            prefetch(line.as_ptr());
        }
    }
}

/// A record of a session that has nothing beside its slot and its notes, and where it is wanted.
pub(super) struct Alone {
    /// Number of the session.
    pub(super) session: u32,
    pub(super) plan: usize,
    pub(super) reason: u32,
    pub(super) time_us: f64,
    pub(super) gap_bytes: [u32; 2],
    /// First chunk of what is noted of it; 0 none.
    pub(super) notes: u32,
    /// Number of the memory that is written to.
    pub(super) target: usize,
    /// Where its head begins there.
    pub(super) at: usize,
    /// Nothing is written here and behind.
    pub(super) end: usize,
}

impl Bare for Scribe {
    const NAME: &'static std::ffi::CStr = c"writeRecord";
    const FAILED: &'static std::ffi::CStr = c"a record could not be written";

    /// As the desk says.
    fn call(&mut self) {
        let written = self.write();
        let end = written.map_or(-1, |end| end as i32);
        let unknown = match written {
            Err(Unwritten::UnknownNote(field)) => i32::from(field),
            _ => 0,
        };
        self.desk.put(fact_desk::AT, end);
        self.desk.put(fact_desk::UNKNOWN, unknown);
    }
}

/// Writes records of a thread.
#[napi]
pub struct RecordScribe {
    pub(super) scribe: Rc<RefCell<Scribe>>,
}

#[napi]
impl RecordScribe {
    /// `desk`: `fact_desk`; `values`: room for `fact_value`s; both are the thread's own. `sessions`: the slots, without which plans
    /// have no facts; `seed`: of community ids; `reasons`: why records are written, by index.
    #[napi(
        constructor,
        catch_unwind,
        ts_args_type = "desk: Uint8Array, values: Uint8Array, sessions: Uint8Array | undefined, seed: number, reasons: readonly string[]"
    )]
    pub fn new(
        desk: Pinned<Uint8Array>,
        values: Pinned<Uint8Array>,
        sessions: Option<Pinned<Uint8Array>>,
        seed: u32,
        reasons: Vec<String>,
    ) -> RecordScribe {
        let slots = sessions.as_ref().map_or_else(Memory::none, memory);
        let all = sessions.as_ref().map_or_else(Span::none, span);
        let scribe = Scribe {
            writer: FactWriter::new(Sessions::new(slots), seed as u16, &reasons),
            memories: [Span::none(); MEMORIES],
            held: [const { None }; MEMORIES],
            desk: memory(&desk),
            values: span(&values),
            slots: all,
            _desk: desk,
            _values: values,
            _sessions: sessions,
            notes: Vec::new(),
        };
        RecordScribe {
            scribe: Rc::new(RefCell::new(scribe)),
        }
    }

    /// Keeps a plan (`tools/fact-layout.ts`); its number.
    #[napi(catch_unwind)]
    pub fn add_plan(&mut self, plan: &[u8]) -> Result<u32> {
        let plan = Plan::read(plan).map_err(|error| Error::new(WORKER, error.to_string()))?;
        Ok(self.scribe.borrow_mut().writer.add_plan(plan) as u32)
    }

    /// The next list of protocols, as `slot.probing` counts them from 0.
    #[napi(catch_unwind, ts_args_type = "names: readonly string[]")]
    pub fn add_protocols(&mut self, names: Vec<String>) {
        self.scribe.borrow_mut().writer.add_protocols(&names);
    }

    /// The next slab of the arena that has the notes of sessions (`tools/fact-layout.ts`).
    #[napi(catch_unwind, ts_args_type = "bytes: Uint8Array")]
    pub fn add_note_memory(&mut self, bytes: Pinned<Uint8Array>) {
        let scribe = &mut *self.scribe.borrow_mut();
        scribe.writer.arena().add(span(&bytes));
        scribe.notes.push(bytes);
    }

    /// How the document of a plan has the noted field with this number: under a path with dots, in a form (bits of `note_form`), and
    /// beside it the number of values under a name with this ending, '' for none. Without a path the document has not got it.
    #[napi(
        catch_unwind,
        ts_args_type = "plan: number, field: number, path: string, form: number, count: string"
    )]
    pub fn tell_note(
        &mut self,
        plan: u32,
        field: u32,
        path: String,
        form: u32,
        count: String,
    ) -> Result<()> {
        let told = (!path.is_empty()).then_some(NotePath {
            path: &path,
            form,
            count: &count,
        });
        let field = u16::try_from(field);
        let field = field.map_err(|_| Error::new(WORKER, "no such noted field"))?;
        let scribe = &mut *self.scribe.borrow_mut();
        if scribe.writer.tell_note(plan as usize, field, told) {
            Ok(())
        } else {
            Err(Error::new(WORKER, "no such plan"))
        }
    }

    /// Memory that is written to, or has values; it takes the place of what had this number, below 32.
    #[napi(catch_unwind, ts_args_type = "number: number, bytes: Uint8Array")]
    pub fn set_memory(&mut self, number: u32, bytes: Pinned<Uint8Array>) -> Result<()> {
        let scribe = &mut *self.scribe.borrow_mut();
        let place = scribe.memories.get_mut(number as usize);
        *place.ok_or_else(|| Error::new(WORKER, "no such memory"))? = span(&bytes);
        scribe.held[number as usize] = Some(bytes);
        Ok(())
    }

    /// A function that writes what the desk says, and leaves there where that ended.
    #[napi(ts_return_type = "() => void")]
    pub fn writer(&self, env: Env) -> napi::Result<Unknown<'static>> {
        bare_function(env, &self.scribe)
    }
}

fn span(array: &Pinned<Uint8Array>) -> Span {
    // SAFETY: whoever holds this holds the array too. It is used during a call alone, when the thread's own memory is nobody
    // else's, and what is used of a ring is the thread's.
    unsafe { Span::at(array.address, array.bytes) }
}

/// Community id of a packet's flow as Arkime has it. `addresses`: of both ends, 4 or 16 bytes each, the thread's own memory;
/// `first`, `second`: the ports; ICMP: type and code.
#[napi]
pub fn arkime_community_id(
    addresses: &[u8],
    protocol: u32,
    first: u32,
    second: u32,
    seed: u32,
) -> Option<String> {
    let (source, destination) = addresses.split_at(addresses.len() / 2);
    let ends = Ends::of(source, destination)?;
    let protocol = protocol as u8;
    let (source_port, destination_port) = if matches!(protocol, 1 | 58) {
        community_id::icmp_ports(protocol, first as u8, second as u8)
    } else {
        (first as u16, second as u16)
    };
    let digest = community_id::digest(&Flow {
        ends,
        protocol,
        source_port,
        destination_port,
        seed: seed as u16,
        always: true,
    });
    String::from_utf8(community_id::text(&digest).into()).ok()
}
