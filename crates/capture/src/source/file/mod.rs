//! Capture files as a source: several files, folders and standard input become one stream of frames in time order.
//!
//! Every regular file is looked at when the source is opened: what it is, and the time of its first packet. It is then
//! opened only when the merge reaches that time, and closed at its end; so a folder of consecutive files has one open
//! at a time, and costs one comparison a packet. A pipe is opened at once and its content recognised when it comes.
//!
//! The engine pulls it on the capture thread; it starts no thread of its own.

mod compression;
mod feed;
mod inputs;
mod interface;
mod look;
mod notices;
mod options;
mod pcap;
mod pcapng;
mod raw_input;
mod reader;
mod record;
#[cfg(test)]
mod tests;
mod window;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

pub use feed::{Feed, Finished};
pub use options::{FileOptions, MAX_BUFFER_BYTES, MIN_BUFFER_BYTES};
pub use raw_input::Input;
pub use reader::{CaptureReader, FORMATS, Peek};
pub use record::{MAX_FRAME_BYTES, Record};

use super::{Next, PassingTime, Source, SourceCounts, SourceError, in_words};
use crate::frame::Frame;
use inputs::FileInput;
use notices::Notices;

/// A place in the merged order: time, then number of the file.
type Place = (u64, u32);
const LAST_PLACE: Place = (u64::MAX, u32::MAX);

/// A file that has been opened by the merge.
struct OpenFile {
    file_id: u32,
    reader: CaptureReader,
    /// Reading it can wait.
    pipe: bool,
    /// Time of its current record; `None` when that is not known yet.
    head: Option<u64>,
}

impl OpenFile {
    /// Its next record is not known, and not there without waiting.
    fn would_wait(&mut self) -> bool {
        self.pipe && self.reader.would_read()
    }
}

/// The source.
pub struct FileSource {
    options: FileOptions,
    files: Vec<FileInput>,
    /// Files not opened yet, the earliest last.
    pending: Vec<Place>,
    open: Vec<OpenFile>,
    /// Index in `open` of the file that frames come from now.
    current: Option<usize>,
    /// The current file goes on up to here; then another is before it.
    limit: Place,
    /// A frame has been given and not been taken back by `advance`.
    given: bool,
    stopped: bool,
    told_overlap: bool,
    taken: Arc<AtomicU64>,
    /// One of the files is a pipe.
    pipes: bool,
    total_bytes: u64,
    file_errors: u64,
    notices: Notices,
    /// Where files come from while the source runs.
    feed: Option<Feed>,
}

impl FileSource {
    /// Lists the inputs and looks at each. Fails when a named input does not exist, or when nothing of what was named is
    /// a capture file; a bad file among good ones is a notice and a counted error.
    pub fn open(mut options: FileOptions) -> Result<FileSource, SourceError> {
        options.check_bounds();
        let found = inputs::list(&options)?;
        let mut source = FileSource::empty(options);
        source.look_at_all(found)?;
        Ok(source)
    }

    /// A source of files that are yet to come, and the end at which they are added. A bad one is counted and told, and
    /// never stops the others.
    pub fn fed(mut options: FileOptions) -> (FileSource, Feed) {
        options.check_bounds();
        let mut source = FileSource::empty(options);
        let feed = Feed::default();
        source.feed = Some(feed.clone());
        (source, feed)
    }

    fn empty(options: FileOptions) -> FileSource {
        FileSource {
            options,
            files: Vec::new(),
            pending: Vec::new(),
            open: Vec::new(),
            current: None,
            limit: (0, 0),
            given: false,
            stopped: false,
            told_overlap: false,
            taken: Arc::new(AtomicU64::new(0)),
            pipes: false,
            total_bytes: 0,
            file_errors: 0,
            notices: Notices::default(),
            feed: None,
        }
    }

    /// Path of the n-th file, as [`crate::frame::Frame::file_id`] counts; standard input is `-`.
    pub fn file_name(&self, file_id: u32) -> Option<&Path> {
        self.files
            .get(file_id as usize)
            .map(|file| file.path.as_path())
    }

    /// Number of files.
    pub fn file_count(&self) -> usize {
        self.files.len()
    }

    fn count_error(&mut self, message: String) {
        self.file_errors += 1;
        self.notices.push(message);
    }

    fn path_of(&self, file_id: u32) -> String {
        self.files[file_id as usize].path.display().to_string()
    }

    /// Closes the n-th open file for a reason that is no record; the merge then chooses anew.
    fn close(&mut self, index: usize, reason: Peek) -> Result<(), SourceError> {
        let OpenFile {
            file_id, reader, ..
        } = self.open.swap_remove(index);
        self.current = None;
        let packets = reader.packets();
        match reason {
            Peek::Record | Peek::Idle | Peek::End => self.finish(file_id, packets, None),
            Peek::Damaged(message) => {
                let path = self.path_of(file_id);
                let problem =
                    format!("damaged {message}; the {packets} packets before that were read");
                self.count_error(format!("{path}: {problem}"));
                self.finish(file_id, packets, Some(problem));
            }
            Peek::NotCapture(message) => {
                let error = SourceError::Format {
                    what: self.path_of(file_id),
                    message,
                };
                if self.files.len() == 1 && self.feed.is_none() {
                    // The run ends with it: nobody is told of one of several files.
                    return Err(error);
                }
                self.count_error(error.to_string());
                self.finish(file_id, packets, Some(error.to_string()));
            }
        }
        Ok(())
    }

    /// Tells the feed that a file is done with, and forgets its name, of which there may be ever more.
    fn finish(&mut self, file_id: u32, packets: u64, problem: Option<String>) {
        if let Some(feed) = &self.feed {
            feed.finish(Finished {
                path: std::mem::take(&mut self.files[file_id as usize].path),
                packets,
                problem,
            });
        }
    }

    /// Opens the earliest pending file.
    fn open_pending(&mut self, file_id: u32) {
        self.pending.pop();
        match self.files[file_id as usize].open(self.taken.clone()) {
            Ok(raw) => {
                let reader = CaptureReader::new(Box::new(raw), self.options.buffer_bytes);
                self.open.push(OpenFile {
                    file_id,
                    reader,
                    pipe: false,
                    head: None,
                });
            }
            Err(cause) => {
                let path = self.path_of(file_id);
                let problem = in_words(&cause);
                self.count_error(format!("{path}: {problem}"));
                self.finish(file_id, 0, Some(problem));
            }
        }
    }

    /// Chooses the file whose record is next in time, opening files as their time comes.
    fn choose(&mut self) -> Result<Choice, SourceError> {
        self.take_fed();
        'again: loop {
            let (mut best, mut second) = (None, LAST_PLACE);
            for index in 0..self.open.len() {
                let open = &mut self.open[index];
                if open.head.is_none() {
                    match open.reader.peek() {
                        Peek::Record => {
                            open.head = open.reader.record().map(|record| record.time_ns)
                        }
                        Peek::Idle => return Ok(Choice::Wait),
                        reason => {
                            self.close(index, reason)?;
                            continue 'again;
                        }
                    }
                }
                let place = (open.head.unwrap_or(0), open.file_id);
                match best {
                    Some((_, earliest)) if place > earliest => second = second.min(place),
                    Some((_, earliest)) => {
                        (best, second) = (Some((index, place)), second.min(earliest))
                    }
                    None => best = Some((index, place)),
                }
            }
            if let Some(&place) = self.pending.last() {
                if self.open.len() < self.options.max_open_files {
                    if best.is_none_or(|(_, earliest)| place < earliest) {
                        self.open_pending(place.1);
                        continue;
                    }
                    second = second.min(place);
                } else if !self.told_overlap && best.is_some_and(|(_, earliest)| place < earliest) {
                    self.told_overlap = true;
                    let bound = self.options.max_open_files;
                    self.notices.push(format!(
                        "more than {bound} files (max_open_files) overlap in time: packets of the rest come late"
                    ));
                }
            }
            self.limit = second;
            self.current = best.map(|(index, _)| index);
            return Ok(if best.is_some() {
                Choice::Chosen
            } else {
                Choice::Nothing
            });
        }
    }

    /// Finds the next frame, whatever it takes.
    #[cold]
    fn find(&mut self) -> Result<Found, SourceError> {
        loop {
            if self.stopped && !self.given {
                return Ok(Found::End);
            }
            let Some(index) = self.current else {
                match self.choose()? {
                    Choice::Chosen => continue,
                    Choice::Wait => return Ok(Found::Idle),
                    Choice::Nothing
                        if self.feed.as_ref().is_some_and(|feed| !feed.is_complete()) =>
                    {
                        return Ok(Found::Idle);
                    }
                    Choice::Nothing => return Ok(Found::End),
                }
            };
            let open = &mut self.open[index];
            match open.reader.peek() {
                Peek::Record => {
                    let time = open.reader.record().map_or(0, |record| record.time_ns);
                    if self.given || (time, open.file_id) <= self.limit {
                        return Ok(Found::Frame(index));
                    }
                    open.head = Some(time);
                    self.current = None;
                }
                Peek::Idle => return Ok(Found::Idle),
                reason => self.close(index, reason)?,
            }
        }
    }
}

enum Choice {
    Chosen,
    Wait,
    Nothing,
}

/// What [`FileSource::find`] came to.
enum Found {
    /// The current frame of this file in `open`.
    Frame(usize),
    Idle,
    End,
}

impl Source for FileSource {
    fn next(&mut self) -> Result<Next<'_>, SourceError> {
        let index = match self.find()? {
            Found::Frame(index) => index,
            Found::Idle => return Ok(Next::Idle),
            Found::End => return Ok(Next::End),
        };
        self.given = true;
        let open = &self.open[index];
        Ok(open
            .reader
            .frame(open.file_id)
            .map_or(Next::Idle, Next::Frame))
    }

    /// From the current file, when the record is in its buffer and no other file comes before it.
    #[inline(always)]
    fn at_hand(&mut self) -> Option<Frame<'_>> {
        let open = self.open.get_mut(self.current?)?;
        if !open.reader.has_record() {
            return None;
        }
        let frame = open.reader.frame(open.file_id)?;
        if !self.given {
            if self.stopped || (frame.time_ns, open.file_id) > self.limit {
                return None;
            }
            self.given = true;
        }
        Some(frame)
    }

    #[inline]
    fn advance(&mut self) {
        if self.given
            && let Some(index) = self.current
        {
            self.open[index].reader.advance();
            self.given = false;
        }
    }

    #[inline]
    fn would_wait(&mut self) -> bool {
        if !self.pipes || self.given || self.stopped {
            return false;
        }
        match self.current {
            Some(index) => self.open[index].would_wait(),
            None => self.open.iter_mut().any(OpenFile::would_wait),
        }
    }

    fn counts(&self) -> SourceCounts {
        SourceCounts {
            file_bytes: self.taken.load(Ordering::Relaxed),
            file_total_bytes: if self.pipes { 0 } else { self.total_bytes },
            file_errors: self.file_errors,
            ..SourceCounts::default()
        }
    }

    fn take_notice(&mut self) -> Option<String> {
        self.notices.take()
    }

    #[inline]
    fn is_live(&self) -> bool {
        false
    }

    /// While the next file of a feed has not come, sessions end of themselves: the packets that would have kept them are late.
    fn passing_time(&self) -> PassingTime {
        match self.feed {
            Some(_) => PassingTime::FromLastPacket,
            None => PassingTime::Stands,
        }
    }

    fn set_kernel_filter(
        &mut self,
        _program: &[crate::bpf::Instruction],
    ) -> Result<bool, SourceError> {
        Ok(false)
    }

    fn stop(&mut self) {
        self.stopped = true;
    }
}
