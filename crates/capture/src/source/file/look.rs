//! The first look at the inputs when a [`FileSource`] is opened: which are captures, and when each begins. Everything
//! that is wrong from the start is told here.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::inputs::{self, FileInput, InputKind};
use super::reader::{CaptureReader, FORMATS, Peek};
use super::{FileSource, Finished, OpenFile};
use crate::source::{SourceError, in_words};

/// Buffer of a file that is only looked at.
const LOOK_BUFFER_BYTES: usize = 32 << 10;
/// Names that are told of a folder's files that are no captures.
const SKIPPED_NAMES: usize = 5;

/// What looking at a file found.
enum Look {
    First(u64, Box<CaptureReader>),
    NoPackets,
    Damaged(String),
    NotCapture(String),
}

impl FileSource {
    /// Looks at each of the files found.
    pub(super) fn look_at_all(&mut self, found: Vec<FileInput>) -> Result<(), SourceError> {
        let alone = found.len() == 1;
        let mut skipped: Vec<PathBuf> = Vec::new();
        let mut first_error = None;
        for input in found {
            if !input.can_reopen() {
                self.add_pipe(input)?;
                continue;
            }
            let look = match self.look_at(&input, alone) {
                Ok(look) => look,
                Err(error) if !input.in_folder => return Err(error),
                Err(error) => {
                    self.count_error(error.to_string());
                    continue;
                }
            };
            match look {
                Look::First(time, reader) => {
                    self.add_regular(input, time, alone.then_some(*reader))
                }
                Look::NoPackets => self.files.push(input),
                Look::Damaged(message) => {
                    self.count_error(format!(
                        "{}: damaged {message}; it held no packet",
                        input.path.display()
                    ));
                    self.files.push(input);
                }
                Look::NotCapture(_) if input.in_folder => skipped.push(input.path),
                Look::NotCapture(message) => {
                    let error = SourceError::Format {
                        what: input.path.display().to_string(),
                        message,
                    };
                    self.count_error(error.to_string());
                    first_error.get_or_insert(error);
                }
            }
        }
        if self.files.is_empty() {
            return Err(first_error.unwrap_or_else(|| SourceError::Format {
                what: join_paths(&self.options.inputs),
                message: format!("no capture file in it; {FORMATS}"),
            }));
        }
        self.tell_skipped(&skipped);
        self.pending.sort_unstable_by(|left, right| right.cmp(left));
        Ok(())
    }

    /// Looks at the files that have come since the last time.
    pub(super) fn take_fed(&mut self) {
        let Some(feed) = &self.feed else { return };
        let arrived = feed.take_arrived();
        if arrived.is_empty() {
            return;
        }
        for path in arrived {
            self.take_fed_file(path);
        }
        self.pending.sort_unstable_by(|left, right| right.cmp(left));
    }

    fn take_fed_file(&mut self, path: PathBuf) {
        let look = FileInput::regular(path.clone())
            .map_err(|cause| inputs::open_error(&path, cause))
            .and_then(|input| Ok((self.look_at(&input, false)?, input)));
        let problem = match look {
            Ok((Look::First(time, _), input)) => return self.add_regular(input, time, None),
            Ok((Look::NoPackets, _)) => None,
            Ok((Look::Damaged(message), _)) => {
                Some(format!("damaged {message}; it held no packet"))
            }
            Ok((Look::NotCapture(message), _)) => Some(message),
            Err(SourceError::Open { cause, .. }) => Some(in_words(&cause)),
            Err(error) => Some(error.to_string()),
        };
        if let Some(problem) = &problem {
            self.count_error(format!("{}: {problem}", path.display()));
        }
        if let Some(feed) = &self.feed {
            feed.finish(Finished {
                path,
                packets: 0,
                problem,
            });
        }
    }

    /// Reads as far as the first packet. Alone, the file stays open with its full buffer.
    fn look_at(&self, input: &FileInput, alone: bool) -> Result<Look, SourceError> {
        let (taken, buffer_bytes) = if alone {
            (self.taken.clone(), self.options.buffer_bytes)
        } else {
            (Arc::new(AtomicU64::new(0)), LOOK_BUFFER_BYTES)
        };
        let raw = input
            .open(taken)
            .map_err(|cause| inputs::open_error(&input.path, cause))?;
        let mut reader = CaptureReader::new(Box::new(raw), buffer_bytes);
        Ok(match reader.peek() {
            Peek::Record => Look::First(
                reader.record().map_or(0, |record| record.time_ns),
                Box::new(reader),
            ),
            // Much stands before the first packet: the file is taken for the earliest.
            Peek::Idle => Look::First(0, Box::new(reader)),
            Peek::End => Look::NoPackets,
            Peek::Damaged(message) => Look::Damaged(message),
            Peek::NotCapture(message) => Look::NotCapture(message),
        })
    }

    fn add_regular(&mut self, input: FileInput, time: u64, reader: Option<CaptureReader>) {
        let file_id = self.files.len() as u32;
        let pipe = input.kind == InputKind::Pipe;
        match input.kind {
            InputKind::Regular { bytes } => self.total_bytes += bytes,
            InputKind::Pipe => self.pipes = true,
        }
        self.files.push(input);
        match reader {
            Some(reader) => self.open.push(OpenFile {
                file_id,
                reader,
                pipe,
                head: None,
            }),
            None => self.pending.push((time, file_id)),
        }
    }

    fn add_pipe(&mut self, input: FileInput) -> Result<(), SourceError> {
        let raw = input
            .open(self.taken.clone())
            .map_err(|cause| inputs::open_error(&input.path, cause))?;
        let reader = CaptureReader::new(Box::new(raw), self.options.buffer_bytes);
        self.add_regular(input, 0, Some(reader));
        Ok(())
    }

    fn tell_skipped(&mut self, skipped: &[PathBuf]) {
        if skipped.is_empty() {
            return;
        }
        let names = join_paths(&skipped[..skipped.len().min(SKIPPED_NAMES)]);
        let more = if skipped.len() > SKIPPED_NAMES {
            ", …"
        } else {
            ""
        };
        self.notices.push(format!(
            "{} files are no captures and were passed over: {names}{more}",
            skipped.len()
        ));
    }
}

fn join_paths(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| path.display().to_string())
        .collect::<Vec<_>>()
        .join(", ")
}
