//! Files that come while a [`super::FileSource`] runs: whoever watches a folder adds them, and is told of each when its
//! last packet has been delivered.

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::Rc;

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finished {
    /// As it was added.
    pub path: PathBuf,
    /// Packets read.
    pub packets: u64,
    /// Why it is no capture file, could not be read, or was not read to its end.
    pub problem: Option<String>,
}

#[derive(Default)]
struct State {
    arrived: Vec<PathBuf>,
    complete: bool,
    finished: Vec<Finished>,
}

/// The watcher's end; of the same thread as the source.
#[derive(Clone, Default)]
pub struct Feed(Rc<RefCell<State>>);

impl Feed {
    /// Adds a file. It is read in its place by time among those that are not being read yet.
    pub fn add(&self, path: PathBuf) {
        self.0.borrow_mut().arrived.push(path);
    }

    /// No more will come: the source ends with the last file.
    pub fn complete(&self) {
        self.0.borrow_mut().complete = true;
    }

    /// The files that were finished since the last call, in that order.
    pub fn take_finished(&self) -> Vec<Finished> {
        std::mem::take(&mut self.0.borrow_mut().finished)
    }

    pub(super) fn take_arrived(&self) -> Vec<PathBuf> {
        std::mem::take(&mut self.0.borrow_mut().arrived)
    }

    pub(super) fn is_complete(&self) -> bool {
        self.0.borrow().complete
    }

    pub(super) fn finish(&self, finished: Finished) {
        self.0.borrow_mut().finished.push(finished);
    }
}
