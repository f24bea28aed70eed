//! `writeBehind`, off the calling thread: where the disk does not keep up, beginning a write can wait.

use napi::bindgen_prelude::AsyncTask;
use napi::{Env, Task};
use napi_derive::napi;

use crate::page_cache;

/// A call of `writeBehind`.
pub struct WriteBehind {
    descriptor: i32,
    below: u64,
    from: u64,
    to: u64,
}

impl Task for WriteBehind {
    type Output = ();
    type JsValue = ();

    fn compute(&mut self) -> napi::Result<()> {
        page_cache::write_behind(self.descriptor, self.below, self.from, self.to)
            .map_err(|error| napi::Error::from_reason(error.to_string()))
    }

    fn resolve(&mut self, _env: Env, _output: ()) -> napi::Result<()> {
        Ok(())
    }
}

/// Begins writing bytes `[from, to)` of an open file to disk, and takes the pages below `below` that are there out of the
/// page cache. The file has to stay open until the promise settles; it rejects with the system's error.
#[napi(ts_return_type = "Promise<void>")]
pub fn write_behind(descriptor: i32, below: i64, from: i64, to: i64) -> AsyncTask<WriteBehind> {
    let bytes = |number: i64| number.max(0) as u64;
    AsyncTask::new(WriteBehind {
        descriptor,
        below: bytes(below),
        from: bytes(from),
        to: bytes(to),
    })
}
