//! `SessionFactWriter`: a packet worker's own, made with its session table. What is to be written is on a desk that both sides see.

use std::cell::RefCell;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{Uint8Array, Unknown};
use napi_derive::napi;

use super::bare_function::{Bare, bare_function};
use super::follow::memory;
use super::{Error, Pinned, Result, WORKER};
use crate::facts::community_id::{self, Flow};
use crate::facts::{Ask, FactWriter, Plan};
use crate::generated::layout::fact_desk;
use crate::memory::Memory;
use crate::session_table::Sessions;

/// Memories that are written to at a time.
const TARGETS: usize = 8;

struct Scribe {
    writer: FactWriter,
    targets: [Option<Pinned<Uint8Array>>; TARGETS],
    desk: Memory,
    _desk: Pinned<Uint8Array>,
    given: Pinned<Uint8Array>,
    _sessions: Pinned<Uint8Array>,
}

impl Bare for Scribe {
    const NAME: &'static std::ffi::CStr = c"writeFacts";
    const FAILED: &'static std::ffi::CStr = c"facts of a session could not be written";

    /// As the desk says.
    fn call(&mut self) {
        let desk = &self.desk;
        let word = |at| desk.get(at) as u32;
        let mut rest =
            // SAFETY: it lives as long as this, and JavaScript does not run now.
            unsafe { std::slice::from_raw_parts(self.given.address, self.given.bytes) };
        let lengths = [fact_desk::GIVEN_0, fact_desk::GIVEN_1, fact_desk::GIVEN_2];
        let given = lengths.map(|at| {
            let (text, behind) = rest.split_at_checked(word(at) as usize).unwrap_or_default();
            rest = behind;
            text
        });
        let ask = Ask {
            session: word(fact_desk::SESSION),
            time_us: desk.get_float(fact_desk::TIME_US),
            reason: word(fact_desk::REASON) as usize,
            gap_bytes: [word(fact_desk::GAP_BYTES_0), word(fact_desk::GAP_BYTES_1)],
            given,
            limit: word(fact_desk::LIMIT) as usize,
        };
        let target = self.targets.get_mut(word(fact_desk::TARGET) as usize);
        let end = target.and_then(Option::as_mut).and_then(|target| {
            // SAFETY: it lives as long as this. Of a ring, what is reserved is the calling thread's own, and nothing else of it
            // is touched.
            let bytes = unsafe { std::slice::from_raw_parts_mut(target.address, target.bytes) };
            let at = word(fact_desk::AT) as usize;
            self.writer
                .write(word(fact_desk::PLAN) as usize, &ask, bytes, at)
        });
        desk.put(fact_desk::AT, end.map_or(-1, |end| end as i32));
    }
}

/// Writes what records say of the sessions of a packet worker.
#[napi]
pub struct SessionFactWriter {
    scribe: Rc<RefCell<Scribe>>,
}

#[napi]
impl SessionFactWriter {
    /// `sessions`: the slots; `desk`: `fact_desk`; `given`: where JSON lies that facts are to be, the thread's own memory;
    /// `seed`: of community ids; `reasons`: why records are written, by index.
    #[napi(
        constructor,
        catch_unwind,
        ts_args_type = "sessions: Uint8Array, desk: Uint8Array, given: Uint8Array, seed: number, reasons: readonly string[]"
    )]
    pub fn new(
        sessions: Pinned<Uint8Array>,
        desk: Pinned<Uint8Array>,
        given: Pinned<Uint8Array>,
        seed: u32,
        reasons: Vec<String>,
    ) -> SessionFactWriter {
        let writer = FactWriter::new(Sessions::new(memory(&sessions)), seed as u16, &reasons);
        let scribe = Scribe {
            writer,
            targets: [const { None }; TARGETS],
            desk: memory(&desk),
            _desk: desk,
            given,
            _sessions: sessions,
        };
        SessionFactWriter {
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

    /// Memory that is written to; it takes the place of what had this number, below 8.
    #[napi(catch_unwind, ts_args_type = "number: number, bytes: Uint8Array")]
    pub fn set_target(&mut self, number: u32, bytes: Pinned<Uint8Array>) -> Result<()> {
        let targets = &mut self.scribe.borrow_mut().targets;
        let target = targets.get_mut(number as usize);
        *target.ok_or_else(|| Error::new(WORKER, "no such target"))? = Some(bytes);
        Ok(())
    }

    /// A function that writes what the desk says, and leaves there where that ended.
    #[napi(ts_return_type = "() => void")]
    pub fn writer(&self, env: Env) -> napi::Result<Unknown<'static>> {
        bare_function(env, &self.scribe)
    }
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
    if source.len() != destination.len() || source.len() > 16 {
        return None;
    }
    let protocol = protocol as u8;
    let (source_port, destination_port) = if matches!(protocol, 1 | 58) {
        community_id::icmp_ports(protocol, first as u8, second as u8)
    } else {
        (first as u16, second as u16)
    };
    let digest = community_id::digest(&Flow {
        source,
        destination,
        protocol,
        source_port,
        destination_port,
        seed: seed as u16,
        always: true,
    });
    String::from_utf8(community_id::text(&digest).into()).ok()
}
