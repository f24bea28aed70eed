//! One capture stream, whatever its format and packing: finds out what it is and walks its records. Pulled by
//! [`super::FileSource`] (and by fuzzers) on one thread; frames are borrowed from its window.

use std::io::{self, Cursor, Read};

use super::compression::{self, Compression, unpack};
use super::pcap::{self, Pcap};
use super::pcapng::{self, Pcapng};
use super::raw_input::Input;
use super::record::{Record, Step};
use super::window::{Fill, Window};
use crate::frame::Frame;
use crate::source::in_words;

/// What is read, for messages.
pub const FORMATS: &str = "pcap and pcapng are read, also packed with gzip, zstd or lz4";

/// What the reader stands before.
#[derive(Debug, PartialEq, Eq)]
pub enum Peek {
    /// A record; [`CaptureReader::frame`] has it.
    Record,
    /// Nothing yet, ask again.
    Idle,
    /// The end.
    End,
    /// The stream is cut off or damaged; the end. With the offset in the unpacked stream and what is wrong.
    Damaged(String),
    /// No capture file; the end.
    NotCapture(String),
}

enum Bytes {
    Raw(Box<dyn Input>),
    Unpacked(Box<dyn Read + Send>),
    Gone,
}

impl Read for Bytes {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Bytes::Raw(input) => input.read(buffer),
            Bytes::Unpacked(reader) => reader.read(buffer),
            Bytes::Gone => Ok(0),
        }
    }
}

enum Stage {
    /// Nothing known; perhaps packed.
    Raw,
    /// Nothing known, not packed or unpacked already.
    Plain,
    Pcap(Pcap),
    Pcapng(Pcapng),
    Over,
}

/// The reader.
pub struct CaptureReader {
    stage: Stage,
    window: Window<Bytes>,
    record: Option<Record>,
    /// What comes after the records, found before it was asked for.
    early: Option<Peek>,
    compression: Option<Compression>,
    buffer_bytes: usize,
    packets: u64,
}

impl CaptureReader {
    /// A reader with a buffer of `buffer_bytes`. Nothing is read yet.
    pub fn new(input: Box<dyn Input>, buffer_bytes: usize) -> CaptureReader {
        CaptureReader {
            stage: Stage::Raw,
            window: Window::new(Bytes::Raw(input), buffer_bytes),
            record: None,
            early: None,
            compression: None,
            buffer_bytes,
            packets: 0,
        }
    }

    /// A reader over bytes in memory, for tests and fuzzers.
    pub fn over(bytes: Vec<u8>) -> CaptureReader {
        CaptureReader::new(Box::new(Cursor::new(bytes)), 4096)
    }

    /// True when the current record is found in what is buffered; else [`CaptureReader::peek`] tells what there is.
    #[inline(always)]
    pub fn has_record(&mut self) -> bool {
        if self.record.is_none()
            && self.early.is_none()
            && let Stage::Pcap(pcap) = &self.stage
        {
            self.record = pcap.buffered(&self.window);
        }
        self.record.is_some()
    }

    /// Finds the current record, reading as far as needed.
    pub fn peek(&mut self) -> Peek {
        if self.record.is_some() {
            return Peek::Record;
        }
        if let Some(found) = self.early.take() {
            return found;
        }
        let step = match &mut self.stage {
            Stage::Pcap(pcap) => pcap.step(&mut self.window),
            Stage::Pcapng(pcapng) => pcapng.step(&mut self.window),
            Stage::Over => return Peek::End,
            Stage::Raw | Stage::Plain => match self.recognise() {
                Some(step) => step,
                None => return self.peek(),
            },
        };
        match step {
            Step::Record(record) => {
                self.record = Some(record);
                Peek::Record
            }
            other => self.without_record(other),
        }
    }

    /// True when [`CaptureReader::peek`] would have to read first. Reads nothing itself.
    pub fn would_read(&mut self) -> bool {
        if self.record.is_some() || self.early.is_some() {
            return false;
        }
        self.window.set_dry(true);
        let found = self.peek();
        self.window.set_dry(false);
        match found {
            Peek::Idle => true,
            Peek::Record => false,
            end => {
                self.early = Some(end);
                false
            }
        }
    }

    /// The facts of the current record.
    #[inline]
    pub fn record(&self) -> Option<&Record> {
        self.record.as_ref()
    }

    /// The current frame, as of the file with this number.
    #[inline(always)]
    pub fn frame(&self, file_id: u32) -> Option<Frame<'_>> {
        let record = self.record.as_ref()?;
        Some(Frame {
            data: self
                .window
                .slice(record.data_offset as usize, record.data_length as usize),
            wire_length: record.wire_length,
            time_ns: record.time_ns,
            link_type: record.link_type,
            interface_id: record.interface_id as u16,
            file_id,
            file_position: Some(self.window.offset()),
            stripped_vlan: None,
            outgoing: false,
        })
    }

    /// Moves past the current record.
    #[inline]
    pub fn advance(&mut self) {
        if let Some(record) = self.record.take() {
            self.window.consume(u64::from(record.length));
            self.packets += 1;
        }
    }

    /// Packets passed so far.
    pub fn packets(&self) -> u64 {
        self.packets
    }

    #[cold]
    fn without_record(&mut self, step: Step) -> Peek {
        if step == Step::Idle {
            return Peek::Idle;
        }
        self.stage = Stage::Over;
        match step {
            Step::Record(_) | Step::Idle | Step::End => Peek::End,
            Step::NotCapture(message) => Peek::NotCapture(message),
            Step::Damaged(message) => Peek::Damaged(self.locate(&message)),
        }
    }

    /// The message with where and, when the trouble lies below the format, with what lies below.
    fn locate(&self, message: &str) -> String {
        let offset = self.window.offset() - self.window.missing_skip();
        match (self.compression, self.window.failure()) {
            (None, None) => format!("at byte {offset}: {message}"),
            (None, Some(failure)) => {
                format!("at byte {offset}: reading failed: {}", in_words(failure))
            }
            (Some(packing), None) => format!(
                "at byte {offset} of what {} unpacked: {message}",
                packing.name()
            ),
            (Some(packing), Some(failure)) => {
                format!(
                    "at byte {offset} of what {} unpacked: the packed stream is damaged: {failure}",
                    packing.name()
                )
            }
        }
    }

    /// One step of finding out what the stream is; `None` when it got further.
    fn recognise(&mut self) -> Option<Step> {
        if matches!(self.stage, Stage::Raw) {
            if self.window.ensure(compression::MAGIC_BYTES) == Fill::Waiting {
                return Some(Step::Idle);
            }
            self.stage = Stage::Plain;
            self.compression = Compression::recognise(self.window.bytes());
            return self
                .compression
                .and_then(|packing| self.put_unpacker(packing));
        }
        let enough = self.window.ensure(pcap::FILE_HEADER_BYTES);
        if enough == Fill::Waiting {
            return Some(Step::Idle);
        }
        let head = self.window.bytes();
        if pcap::recognise(head) {
            if enough == Fill::Short {
                return Some(Step::Damaged("cut off in the file header".to_owned()));
            }
            match Pcap::open(head) {
                Ok(pcap) => {
                    self.window.consume(pcap::FILE_HEADER_BYTES as u64);
                    self.stage = Stage::Pcap(pcap);
                    return None;
                }
                Err(message) => return Some(Step::NotCapture(message)),
            }
        }
        if pcapng::recognise(head) {
            self.stage = Stage::Pcapng(Pcapng::default());
            return None;
        }
        Some(self.not_capture())
    }

    fn put_unpacker(&mut self, packing: Compression) -> Option<Step> {
        let empty = Window::new(Bytes::Gone, 0);
        let (reader, head) = std::mem::replace(&mut self.window, empty).into_parts();
        let Bytes::Raw(input) = reader else {
            return Some(Step::End);
        };
        match unpack(packing, head, input) {
            Ok(unpacked) => {
                self.window = Window::new(Bytes::Unpacked(unpacked), self.buffer_bytes);
                None
            }
            Err(error) => Some(Step::Damaged(format!("{}: {error}", packing.name()))),
        }
    }

    fn not_capture(&self) -> Step {
        let empty = self.window.bytes().is_empty();
        Step::NotCapture(match (self.compression, self.window.failure()) {
            (None, Some(failure)) => format!("reading failed: {}", in_words(failure)),
            (Some(packing), Some(failure)) => format!(
                "the {} stream is damaged from the start: {failure}",
                packing.name()
            ),
            (None, None) if empty => format!("the file is empty; {FORMATS}"),
            (Some(packing), None) if empty => {
                format!("the {} stream holds nothing; {FORMATS}", packing.name())
            }
            (None, None) => format!("not a capture file; {FORMATS}"),
            (Some(packing), None) => format!(
                "the {} stream holds no capture file; {FORMATS}",
                packing.name()
            ),
        })
    }
}
