//! The capture loop: pulls frames from a source, dissects them, reassembles fragments, hashes the flow and delivers
//! one record per frame to the worker that owns the flow. Driven by [`Drive::poll`] on the source's worker thread;
//! starts no thread and sleeps only in the source's own wait.
//!
//! Every frame becomes exactly one record or exactly one counted drop. At the end of each poll
//! `received = delivered + Σ dropped + held back` (fragments, and packets whose time is in doubt), and at the end of the
//! source nothing is held back.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use crate::counters::{CounterBlock, Counts};
use crate::generated::layout::{counter, poll_status};
use crate::lanes::Lanes;
use crate::path::{Path, PathOptions, Taken};
use crate::source::{Next, PassingTime, Source, SourceError};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Running,
    /// The source has ended; what is held back goes out, then the rings are closed.
    Draining,
    Ended,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Progress,
    Idle,
    Full,
    End,
}

/// One source with everything between it and its rings. With a source of a known type the way of a packet is one piece
/// of code, from the file's bytes to the ring.
pub struct Engine<S: Source + ?Sized = dyn Source> {
    source: Box<S>,
    path: Path,
    block: CounterBlock,
    phase: Phase,
    /// Up to when the clock has been told of a source that has nothing to offer.
    idle_since: Option<Instant>,
}

/// An engine, whatever its source.
pub trait Drive {
    /// Handles at most `budget` frames and gives a `poll_status`. The consumers in [`Drive::take_woken`] must be
    /// notified before the next call and before sleeping. `RING_FULL` (files only): sleep on the source's own
    /// parking word. After an error the source ends: further polls deliver what is held back and close the rings.
    fn poll(&mut self, budget: u32) -> Result<u32, SourceError>;
    /// The parking words whose sleepers must be notified, since the last call.
    fn take_woken(&mut self) -> std::vec::Drain<'_, u32>;
    /// A message for the operator, if there is one.
    fn take_notice(&mut self) -> Option<String>;
    /// Ends the source; polls then deliver what it still has and end.
    fn stop(&mut self);
}

impl<S: Source + ?Sized> Engine<S> {
    /// An engine that delivers into `lanes` and counts into `block`.
    pub fn new(
        source: Box<S>,
        lanes: Lanes,
        block: CounterBlock,
        options: PathOptions,
    ) -> Engine<S> {
        let live = source.is_live();
        Engine {
            source,
            path: Path::new(lanes, live, options),
            block,
            phase: Phase::Running,
            idle_since: None,
        }
    }

    /// The counters as of the last poll.
    pub fn counts(&self) -> &Counts {
        &self.path.counts
    }

    fn run(&mut self, budget: u32) -> Result<Step, SourceError> {
        let mut handled = 0;
        if self.source.is_live() {
            // A worker that is behind for a moment has the source's own memory to be behind in.
            self.path.set_drops(!self.source.has_room());
        }
        loop {
            if !self.path.drain() {
                return Ok(Step::Full);
            }
            match self.phase {
                Phase::Ended => return Ok(Step::End),
                Phase::Draining => {
                    if self.path.release_at_end() {
                        continue;
                    }
                    if !self.path.close() {
                        return Ok(Step::Full);
                    }
                    self.phase = Phase::Ended;
                    return Ok(Step::End);
                }
                Phase::Running => {}
            }
            // A sleeping worker is woken at once, and so is one whose records would wait behind the source's wait.
            let leave = self.path.lanes.has_woken() || self.source.would_wait();
            if handled >= budget || (handled > 0 && leave) {
                return Ok(Step::Progress);
            }
            let taken = match self.source.at_hand() {
                Some(frame) => self.path.take(&frame),
                None => match self.ask()? {
                    Some(taken) => taken,
                    None if self.phase == Phase::Draining => continue,
                    None => return Ok(Step::Idle),
                },
            };
            match taken {
                Taken::Done => {
                    self.source.advance();
                    handled += 1;
                }
                Taken::HeldFirst => {}
                Taken::Full => return Ok(Step::Full),
            }
        }
    }

    /// Asks the source at length. Nothing is taken when it is idle or has ended, which starts the draining.
    #[cold]
    fn ask(&mut self) -> Result<Option<Taken>, SourceError> {
        match self.source.next()? {
            Next::Frame(frame) => {
                self.idle_since = None;
                return Ok(Some(self.path.take_at_length(&frame)));
            }
            Next::Idle => match self.source.passing_time() {
                PassingTime::Stands => {}
                PassingTime::WallClock => self.path.idle(wall_clock_ns()),
                PassingTime::FromLastPacket => {
                    let now = Instant::now();
                    let since = self.idle_since.replace(now).unwrap_or(now);
                    self.path.pass(now - since);
                }
            },
            Next::End => self.phase = Phase::Draining,
        }
        Ok(None)
    }

    fn store_counts(&mut self) {
        let source = self.source.counts();
        let counts = &mut self.path.counts;
        let kernel = source.kernel_dropped_packets;
        counts.set(counter::FILE_BYTES, source.file_bytes);
        counts.set(counter::FILE_TOTAL_BYTES, source.file_total_bytes);
        counts.set(counter::FILE_ERRORS, source.file_errors);
        counts.set(counter::INTERFACE_DOWN, source.interface_down);
        self.path.settle(kernel);
        self.block.store(&self.path.counts);
    }
}

impl<S: Source + ?Sized> Drive for Engine<S> {
    fn poll(&mut self, budget: u32) -> Result<u32, SourceError> {
        self.path.lanes.unpark();
        let mut step = self.run(budget);
        self.path.lanes.publish();
        if matches!(step, Ok(Step::Full)) {
            // Raised first, tried again second: a consumer that gave space back in between sees the raised word.
            self.path.lanes.park();
            step = self.run(1);
            self.path.lanes.publish();
            if !matches!(step, Ok(Step::Full)) {
                self.path.lanes.unpark();
            }
        }
        self.store_counts();
        let step = step.inspect_err(|_| self.phase = Phase::Draining)?;
        Ok(match step {
            Step::Progress => poll_status::PROGRESS,
            Step::Idle => poll_status::IDLE,
            Step::Full => poll_status::RING_FULL,
            Step::End => poll_status::END,
        })
    }

    fn take_woken(&mut self) -> std::vec::Drain<'_, u32> {
        self.path.lanes.take_woken()
    }

    fn take_notice(&mut self) -> Option<String> {
        self.source
            .take_notice()
            .or_else(|| self.path.take_notice())
    }

    fn stop(&mut self) {
        self.source.stop();
    }
}

fn wall_clock_ns() -> u64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |elapsed| {
            u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX)
        })
}

#[cfg(all(test, not(loom)))]
#[path = "engine_tests.rs"]
mod tests;
