//! `pollInPool`: a poll on a thread of Node's pool, so that a source of files needs no JavaScript thread of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;

use super::{CaptureSource, Error, State, WORKER};
use crate::generated::layout::poll_status;

/// A poll under way.
pub struct PoolPoll {
    state: Arc<Mutex<State>>,
    budget: u32,
}

impl Task for PoolPoll {
    type Output = u32;
    type JsValue = u32;

    fn compute(&mut self) -> napi::Result<u32> {
        let state = &mut *self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let failure = match catch_unwind(AssertUnwindSafe(|| state.poll(self.budget))) {
            Ok(Ok(result)) => return Ok(result),
            Ok(Err(failure)) => failure,
            Err(_) => Error::new(WORKER, "the capture engine panicked"),
        };
        if let State::Attached(attached) = state {
            attached.failure = Some(failure);
        }
        Ok(poll_status::FAILED)
    }

    fn resolve(&mut self, _env: Env, output: u32) -> napi::Result<u32> {
        Ok(output)
    }
}

#[napi]
impl CaptureSource {
    /// As `poll`, in the thread pool. Gives `PollStatus.failed` when the source has failed: the next `poll` says why.
    /// One at a time; other calls wait until it has ended.
    #[napi(ts_return_type = "Promise<number>")]
    pub fn poll_in_pool(&self, budget: u32) -> AsyncTask<PoolPoll> {
        AsyncTask::new(PoolPoll {
            state: Arc::clone(&self.state),
            budget,
        })
    }
}
