//! The Node-API border: the only place that knows JavaScript values. A source worker opens a [`CaptureSource`], gives
//! it its rings with `attach` and calls `poll` in a loop; the same thread then notifies the consumers that `poll`
//! names. Types on the other side: `src/capture/generated/addon.d.ts`, written by the build.
//!
//! Errors cross with a code from the product's list (`src/errors.ts`); `src/capture` adds the hint.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::bindgen_prelude::{FromNapiValue, Uint8Array, Uint32Array, sys};
use napi_derive::napi;

use crate::bpf::{self, FilterError, FilterSet};
use crate::counters::CounterBlock;
use crate::engine::{Drive, Engine};
use crate::generated::layout::poll_status;
use crate::lanes::Lanes;
use crate::memory::Memory;
use crate::path::PathOptions;
use crate::ring::{ParkingWord, RingWriter};
use crate::source::af_packet::{AfPacketOptions, AfPacketSource, Fanout};
use crate::source::file::{Feed, FileOptions, FileSource};
use crate::source::push::{PushHandle, PushSource};
use crate::source::{Source, SourceError};

mod bare_function;
pub mod facts;
pub mod file_state;
pub mod follow;
pub mod gather;
pub mod machine;
mod options;
pub mod page_cache;
pub mod pool_poll;
pub mod quic_initial;
pub mod recognition;
pub mod session_closer;
pub mod session_table;
pub mod tcp_tracker;

use options::{CapturePathOptions, path_options};

type Error = napi::Error<&'static str>;
type Result<T> = std::result::Result<T, Error>;

const PERMISSION: &str = "RT_PERMISSION";
const OPEN: &str = "RT_SOURCE_OPEN";
const FORMAT: &str = "RT_SOURCE_FORMAT";
const INTERFACE: &str = "RT_SOURCE_INTERFACE";
const RING: &str = "RT_RING";
const WORKER: &str = "RT_WORKER";
const FILTER: &str = "RT_FILTER";
const FILTER_LIBRARY: &str = "RT_FILTER_LIBRARY";
const CONFIG: &str = "RT_CONFIG";

/// Longest frame for which filters are compiled; libpcap's own bound on a snap length.
const SNAP_LENGTH: u32 = 256 << 10;

fn source_error(error: SourceError) -> Error {
    let code = match error {
        SourceError::Open { .. } => OPEN,
        SourceError::Permission { .. } => PERMISSION,
        SourceError::Format { .. } => FORMAT,
    };
    Error::new(code, error.to_string())
}

fn interface_error(error: SourceError) -> Error {
    let code = match error {
        SourceError::Permission { .. } => PERMISSION,
        SourceError::Open { .. } | SourceError::Format { .. } => INTERFACE,
    };
    Error::new(code, error.to_string())
}

fn filter_error(error: FilterError) -> Error {
    let code = match error {
        FilterError::LibraryMissing { .. } => FILTER_LIBRARY,
        FilterError::Syntax { .. } | FilterError::Program { .. } => FILTER,
    };
    Error::new(code, error.to_string())
}

/// A typed array with its memory's address and length in bytes. The reference inside keeps the SharedArrayBuffer
/// alive, and with it the address, for as long as this lives. Never made into a slice.
pub struct Pinned<Array> {
    address: *mut u8,
    bytes: usize,
    _array: Array,
}

impl<Array: FromNapiValue> FromNapiValue for Pinned<Array> {
    unsafe fn from_napi_value(env: sys::napi_env, value: sys::napi_value) -> napi::Result<Self> {
        // SAFETY: the caller's promise about `env` and `value`. This refuses what is not an array of the right type.
        let array = unsafe { Array::from_napi_value(env, value)? };
        let (mut kind, mut length, mut address) = (0, 0, std::ptr::null_mut());
        // SAFETY: `value` is a typed array by now; the pointers are to locals, or null for what is not asked.
        let status = unsafe {
            sys::napi_get_typedarray_info(
                env,
                value,
                &mut kind,
                &mut length,
                &mut address,
                std::ptr::null_mut(),
                std::ptr::null_mut(),
            )
        };
        if status != sys::Status::napi_ok || address.is_null() {
            return Err(napi::Error::from_reason("an array without memory"));
        }
        let width = match kind {
            sys::TypedarrayType::uint32_array | sys::TypedarrayType::int32_array => 4,
            _ => 1,
        };
        Ok(Pinned {
            address: address.cast(),
            bytes: length * width,
            _array: array,
        })
    }
}

/// The memory of an array that lives as long as what uses it, on the thread whose it is.
fn memory<Array>(array: &Pinned<Array>) -> Memory {
    // SAFETY: whoever holds this holds the array too; a worker's own memory is touched by that worker alone, and the records
    // of a ring are published before a walk and not given back during it.
    unsafe { Memory::at(array.address, array.bytes) }
}

/// Which files are read.
#[napi(object)]
pub struct OpenFilesOptions {
    /// Files and folders; `-` is standard input.
    pub inputs: Vec<String>,
    /// Folders with their subfolders. Default false.
    pub recursive: Option<bool>,
    /// Buffer of an open file, 64 KiB to 64 MiB. Default 512 KiB.
    pub buffer_bytes: Option<u32>,
    /// Files open at the same time. Default 64.
    pub max_open_files: Option<u32>,
    /// Files of one source; more are an error. Default 100000.
    pub max_files: Option<u32>,
    /// What is done with each frame.
    pub path: Option<CapturePathOptions>,
}

/// Opens capture files, packed or not, as one source in time order.
#[napi(catch_unwind)]
pub fn open_files(options: OpenFilesOptions) -> Result<CaptureSource> {
    let mut files = FileOptions::new(options.inputs);
    files.recursive = options.recursive.unwrap_or(files.recursive);
    let bound = |given: Option<u32>, default: usize| given.map_or(default, |value| value as usize);
    files.buffer_bytes = bound(options.buffer_bytes, files.buffer_bytes);
    files.max_open_files = bound(options.max_open_files, files.max_open_files);
    files.max_files = bound(options.max_files, files.max_files);
    let path = path_options(options.path)?;
    let source = FileSource::open(files).map_err(source_error)?;
    let names = (0..source.file_count() as u32)
        .filter_map(|file_id| source.file_name(file_id))
        .map(|name| name.to_string_lossy().into_owned())
        .collect();
    Ok(CaptureSource {
        state: State::Opened(Opened::Files(Box::new(source)), Box::new(path)).shared(),
        names,
        feed: None,
        inbox: None,
    })
}

/// How files are read that come while the source runs.
#[napi(object)]
pub struct OpenFeedOptions {
    /// Buffer of an open file, 64 KiB to 64 MiB. Default 512 KiB.
    pub buffer_bytes: Option<u32>,
    /// Files open at the same time. Default 64.
    pub max_open_files: Option<u32>,
    /// What is done with each frame.
    pub path: Option<CapturePathOptions>,
}

/// A source of capture files that `addFile` names one by one.
#[napi(catch_unwind)]
pub fn open_feed(options: OpenFeedOptions) -> Result<CaptureSource> {
    let mut files = FileOptions::new(Vec::<String>::new());
    let bound = |given: Option<u32>, default: usize| given.map_or(default, |value| value as usize);
    files.buffer_bytes = bound(options.buffer_bytes, files.buffer_bytes);
    files.max_open_files = bound(options.max_open_files, files.max_open_files);
    let path = path_options(options.path)?;
    let (source, feed) = FileSource::fed(files);
    Ok(CaptureSource {
        state: State::Opened(Opened::Files(Box::new(source)), Box::new(path)).shared(),
        names: Vec::new(),
        feed: Some(feed),
        inbox: None,
    })
}

/// What the packets are that will be pushed.
#[napi(object)]
pub struct OpenPushOptions {
    /// LINKTYPE_ value of the frames.
    pub link_type: u16,
    /// Number that the packets carry as their interface's. Default 0.
    pub interface_id: Option<u16>,
    /// What is done with each frame.
    pub path: Option<CapturePathOptions>,
}

/// A live source of packets that `push` brings.
#[napi(catch_unwind)]
pub fn open_push(options: OpenPushOptions) -> Result<CaptureSource> {
    let path = path_options(options.path)?;
    let interface_id = options.interface_id.unwrap_or(0);
    let (source, inbox) = PushSource::new(options.link_type, interface_id);
    Ok(CaptureSource {
        state: State::Opened(Opened::Push(Box::new(source)), Box::new(path)).shared(),
        names: Vec::new(),
        feed: None,
        inbox: Some(inbox),
    })
}

/// Which interface is listened to, and how.
#[napi(object)]
pub struct OpenInterfaceOptions {
    /// Name of the interface.
    pub interface: String,
    /// Number that its packets carry. Default 0.
    pub interface_id: Option<u16>,
    /// Bytes of a block of the kernel's ring: a power of two, 16 KiB to 64 MiB. Default 1 MiB.
    pub block_bytes: Option<u32>,
    /// Blocks of the kernel's ring. Default 64.
    pub block_count: Option<u32>,
    /// How long the kernel keeps a block that is not full. Default 10.
    pub block_timeout_ms: Option<u32>,
    /// How long a poll waits for a packet. Default 100.
    pub poll_timeout_ms: Option<u32>,
    /// See frames for others, too. Default true.
    pub promiscuous: Option<bool>,
    /// Share the packets, by flow, with the other sources of this group. Default: alone.
    pub fanout_group: Option<u16>,
    /// Nobody can replace the filter once it is set. Default false.
    pub lock_filter: Option<bool>,
    /// What is done with each frame.
    pub path: Option<CapturePathOptions>,
}

/// Opens an interface. The filter runs in the kernel where it can.
#[napi(catch_unwind)]
pub fn open_interface(options: OpenInterfaceOptions) -> Result<CaptureSource> {
    let mut live = AfPacketOptions::new(options.interface);
    live.interface_id = options.interface_id.unwrap_or(live.interface_id);
    live.block_bytes = options.block_bytes.unwrap_or(live.block_bytes);
    live.block_count = options.block_count.unwrap_or(live.block_count);
    live.block_timeout_ms = options.block_timeout_ms.unwrap_or(live.block_timeout_ms);
    live.poll_timeout_ms = options.poll_timeout_ms.unwrap_or(live.poll_timeout_ms);
    live.promiscuous = options.promiscuous.unwrap_or(live.promiscuous);
    live.lock_filter = options.lock_filter.unwrap_or(live.lock_filter);
    live.fanout = options.fanout_group.map(|group_id| Fanout {
        group_id,
        defragment: true,
    });
    let mut path = path_options(options.path)?;
    let mut source = AfPacketSource::open(live).map_err(interface_error)?;
    if let Some(filter) = &path.filter {
        let program = bpf::compile(filter.expression(), source.link_type(), SNAP_LENGTH)
            .map_err(filter_error)?;
        if source
            .set_kernel_filter(program.instructions())
            .map_err(interface_error)?
        {
            path.filter = None;
        }
    }
    Ok(CaptureSource {
        state: State::Opened(Opened::Interface(Box::new(source)), Box::new(path)).shared(),
        names: Vec::new(),
        feed: None,
        inbox: None,
    })
}

enum State {
    Opened(Opened, Box<PathOptions>),
    Attached(Box<Attached>),
    /// Attaching failed half-way.
    Broken,
}

// SAFETY: what is in a state and not of this kind are references to JavaScript's arrays. Other threads never look at those, and
// a state is dropped on the JavaScript thread: with its source, or with the task of a poll when its promise settles.
unsafe impl Send for State {}

impl State {
    fn shared(self) -> Arc<Mutex<State>> {
        Arc::new(Mutex::new(self))
    }

    /// As `CaptureSource::poll`.
    fn poll(&mut self, budget: u32) -> Result<u32> {
        let State::Attached(attached) = self else {
            return Err(Error::new(WORKER, "the source is not attached"));
        };
        if let Some(failure) = attached.failure.take() {
            return Err(failure);
        }
        let status = attached.engine.poll(budget);
        let mut count = 0;
        for word in attached.engine.take_woken() {
            // SAFETY: at most one entry for each ring, and `attach` checked that the array has as many.
            unsafe {
                let slot = attached.woken.address.cast::<u32>().add(count);
                slot.write_volatile(word);
            }
            count += 1;
        }
        let status = match status.map_err(source_error) {
            Ok(status) => status,
            Err(failure) if count == 0 => return Err(failure),
            Err(failure) => {
                attached.failure = Some(failure);
                poll_status::PROGRESS
            }
        };
        Ok(status | (count as u32) << 8)
    }
}

/// A source of one of the kinds.
enum Opened {
    Files(Box<FileSource>),
    Interface(Box<AfPacketSource>),
    Push(Box<PushSource>),
}

impl Opened {
    fn source(&mut self) -> &mut dyn Source {
        match self {
            Opened::Files(files) => files.as_mut(),
            Opened::Interface(interface) => interface.as_mut(),
            Opened::Push(push) => push.as_mut(),
        }
    }

    /// The engine that is made for this kind.
    fn engine(self, lanes: Lanes, block: CounterBlock, options: PathOptions) -> Box<dyn Drive> {
        match self {
            Opened::Files(files) => Box::new(Engine::new(files, lanes, block, options)),
            Opened::Interface(interface) => Box::new(Engine::new(interface, lanes, block, options)),
            Opened::Push(push) => Box::new(Engine::new(push, lanes, block, options)),
        }
    }
}

/// The engine with what it points into; dropped in this order.
struct Attached {
    engine: Box<dyn Drive>,
    /// An error that waits for the consumers to be notified first.
    failure: Option<Error>,
    woken: Pinned<Uint32Array>,
    _memory: Vec<Pinned<Uint8Array>>,
}

/// A source of packets: first opened, then attached to its rings, then polled.
#[napi]
pub struct CaptureSource {
    /// Locked for each call: a poll may be under way in the thread pool.
    state: Arc<Mutex<State>>,
    names: Vec<String>,
    /// Of a source that `openFeed` made.
    feed: Option<Feed>,
    /// Of a source that `openPush` made.
    inbox: Option<PushHandle>,
}

/// A file that was added and is done with.
#[napi(object)]
pub struct FinishedFile {
    /// As it was added.
    pub path: String,
    /// Packets read.
    pub packets: f64,
    /// Why it is no capture file, could not be read, or was not read to its end.
    pub problem: Option<String>,
}

#[napi]
impl CaptureSource {
    /// Gives the source its rings, one for each packet worker, and what else it shares with other threads:
    /// the parking lot, its own word of it, its block of counters (f64 each, in layout order), and the array in which
    /// `poll` names consumers to notify (at least as long as there are rings).
    #[napi(
        catch_unwind,
        ts_args_type = "rings: Uint8Array[], parkingLot: Uint8Array, ownParkWord: number, counters: Uint8Array, woken: Uint32Array"
    )]
    pub fn attach(
        &mut self,
        rings: Vec<Pinned<Uint8Array>>,
        parking_lot: Pinned<Uint8Array>,
        own_park_word: u32,
        counters: Pinned<Uint8Array>,
        woken: Pinned<Uint32Array>,
    ) -> Result<()> {
        if rings.is_empty() || woken.bytes / 4 < rings.len() {
            return Err(Error::new(
                RING,
                "a source needs a ring, and a woken word for each",
            ));
        }
        let ring_error = |error: crate::ring::RingError| Error::new(RING, error.to_string());
        let mut writers = Vec::with_capacity(rings.len());
        for ring in &rings {
            // SAFETY: `Attached` keeps the arrays for as long as the engine; the worker that calls is the rings' only
            // producer (`src/workers` gives each source rings of its own).
            let writer = unsafe {
                RingWriter::attach(
                    ring.address,
                    ring.bytes,
                    parking_lot.address,
                    parking_lot.bytes,
                    own_park_word,
                )
            };
            writers.push(writer.map_err(ring_error)?);
        }
        // SAFETY: as above for the parking lot.
        let own = unsafe { ParkingWord::at(parking_lot.address, parking_lot.bytes, own_park_word) }
            .map_err(ring_error)?;
        // SAFETY: as above for the counters, of which this source is the only writer.
        let block = unsafe { CounterBlock::at(counters.address, counters.bytes) }
            .ok_or_else(|| Error::new(RING, "the counter block is too short or not aligned"))?;
        let mut state = self.state();
        let (source, path) = match std::mem::replace(&mut *state, State::Broken) {
            State::Opened(source, path) => (source, path),
            other => {
                *state = other;
                return Err(Error::new(WORKER, "the source is attached already"));
            }
        };
        let mut memory = rings;
        memory.extend([parking_lot, counters]);
        *state = State::Attached(Box::new(Attached {
            engine: source.engine(Lanes::new(writers, own), block, *path),
            failure: None,
            woken,
            _memory: memory,
        }));
        Ok(())
    }

    /// Handles at most `budget` frames. Gives a `PollStatus` in the low 8 bits and, above them, how many parking words
    /// of sleeping consumers stand in the `woken` array: each is to be notified before anything else.
    #[napi(catch_unwind)]
    pub fn poll(&mut self, budget: u32) -> Result<u32> {
        self.state().poll(budget)
    }

    /// Adds a file to a source that `openFeed` made. The next poll looks at it.
    #[napi(catch_unwind)]
    pub fn add_file(&mut self, path: String) -> Result<()> {
        self.the_feed()?.add(path.into());
        Ok(())
    }

    /// No more files will be added: the source ends with the last one.
    #[napi(catch_unwind)]
    pub fn complete(&mut self) -> Result<()> {
        self.the_feed()?.complete();
        Ok(())
    }

    /// The added files that are done with since the last call: all packets of theirs have been delivered, except that
    /// fragments may be held back.
    #[napi(catch_unwind)]
    pub fn take_finished(&mut self) -> Result<Vec<FinishedFile>> {
        let told = |finished: crate::source::file::Finished| FinishedFile {
            path: finished.path.to_string_lossy().into_owned(),
            packets: finished.packets as f64,
            problem: finished.problem,
        };
        let finished = self.the_feed()?.take_finished();
        Ok(finished.into_iter().map(told).collect())
    }

    /// Brings a batch of packets to a source that `openPush` made: the first `length` bytes of `batch`, as
    /// `crates/capture/src/source/push.rs` draws them. They are copied; `poll` then handles them.
    #[napi(catch_unwind)]
    pub fn push(&mut self, batch: Uint8Array, length: u32) -> Result<()> {
        let Some(bytes) = batch.get(..length as usize) else {
            return Err(Error::new(WORKER, "the batch is shorter than said"));
        };
        self.the_inbox()?
            .push(bytes)
            .map_err(|message| Error::new(FORMAT, message))
    }

    /// So many packets more were dropped before they could be pushed.
    #[napi(catch_unwind)]
    pub fn add_dropped(&mut self, packets: f64) -> Result<()> {
        self.the_inbox()?.add_dropped(packets.max(0.0) as u64);
        Ok(())
    }

    /// The interface behind a source that `openPush` made went away once more.
    #[napi(catch_unwind)]
    pub fn add_interface_down(&mut self) -> Result<()> {
        self.the_inbox()?.add_interface_down();
        Ok(())
    }

    /// A message for the operator since the last call: a damaged file, an interface that went or came back.
    #[napi(catch_unwind)]
    pub fn take_notice(&mut self) -> Option<String> {
        match &mut *self.state() {
            State::Opened(source, _) => source.source().take_notice(),
            State::Attached(attached) => attached.engine.take_notice(),
            State::Broken => None,
        }
    }

    /// Ends the source: polls deliver what it has and what is held back, close the rings and give `end`.
    #[napi(catch_unwind)]
    pub fn stop(&mut self) {
        match &mut *self.state() {
            State::Opened(source, _) => source.source().stop(),
            State::Attached(attached) => attached.engine.stop(),
            State::Broken => {}
        }
    }

    /// Names of the files by file id; none for an interface.
    #[napi(getter)]
    pub fn file_names(&self) -> Vec<String> {
        self.names.clone()
    }
}

impl CaptureSource {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn the_feed(&self) -> Result<&Feed> {
        let feed = self.feed.as_ref();
        feed.ok_or_else(|| Error::new(WORKER, "files cannot be added to this source"))
    }

    fn the_inbox(&self) -> Result<&PushHandle> {
        let inbox = self.inbox.as_ref();
        inbox.ok_or_else(|| Error::new(WORKER, "packets cannot be pushed into this source"))
    }
}

/// Compiles a BPF expression for a LINKTYPE_ value, or for the first common one that takes it, and throws what is
/// wrong with it.
#[napi(catch_unwind)]
pub fn check_filter(expression: String, link_type: Option<u16>) -> Result<()> {
    let result = match link_type {
        Some(link_type) => bpf::compile(&expression, link_type, SNAP_LENGTH).map(drop),
        None => FilterSet::new(&expression, SNAP_LENGTH).map(drop),
    };
    result.map_err(filter_error)
}
