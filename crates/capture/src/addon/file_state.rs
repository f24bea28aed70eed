//! `filesAreAsNoted`, for the launcher.

use std::path::Path;

use napi_derive::napi;

use crate::file_state;

/// Whether each of `paths` below `root` is there with its time as noted (`mtimeMs` of Node's `Stats`), and its size
/// where `sizes` are given.
#[napi]
pub fn files_are_as_noted(
    root: String,
    paths: Vec<String>,
    times: Vec<f64>,
    sizes: Option<Vec<f64>>,
) -> bool {
    file_state::are_as_noted(Path::new(&root), &paths, &times, sizes.as_deref())
}
