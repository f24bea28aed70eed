//! Messages for the operator that a source has not handed over yet. Bounded: what comes when it is full is counted and
//! said in one line.

use std::collections::VecDeque;

/// Messages kept.
const MAX_NOTICES: usize = 64;

/// The queue.
#[derive(Debug, Default)]
pub struct Notices {
    queue: VecDeque<String>,
    suppressed: u64,
}

impl Notices {
    /// Adds a message.
    pub fn push(&mut self, message: String) {
        if self.queue.len() < MAX_NOTICES {
            self.queue.push_back(message);
        } else {
            self.suppressed += 1;
        }
    }

    /// The oldest message.
    pub fn take(&mut self) -> Option<String> {
        if let Some(message) = self.queue.pop_front() {
            return Some(message);
        }
        if self.suppressed == 0 {
            return None;
        }
        let count = std::mem::take(&mut self.suppressed);
        Some(format!("{count} more messages of this kind were left out"))
    }
}
