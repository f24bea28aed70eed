//! What a [`super::FileSource`] is told to read. Filled by the addon from the config.

use std::path::PathBuf;

/// Smallest buffer of an open file.
pub const MIN_BUFFER_BYTES: usize = 64 << 10;
/// Largest buffer of an open file.
pub const MAX_BUFFER_BYTES: usize = 64 << 20;

/// Options of a file source; every bound has a default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileOptions {
    /// Files and folders; `-` is standard input.
    pub inputs: Vec<PathBuf>,
    /// Folders with their subfolders.
    pub recursive: bool,
    /// Buffer of an open file, 64 KiB to 64 MiB. One read fills it.
    pub buffer_bytes: usize,
    /// Files open at the same time. When more overlap in time, the rest wait and their packets come late.
    pub max_open_files: usize,
    /// Files of one source; more are an error.
    pub max_files: usize,
}

impl FileOptions {
    /// The defaults for these inputs.
    pub fn new(inputs: impl IntoIterator<Item = impl Into<PathBuf>>) -> FileOptions {
        FileOptions {
            inputs: inputs.into_iter().map(Into::into).collect(),
            recursive: false,
            buffer_bytes: 512 << 10,
            max_open_files: 64,
            max_files: 100_000,
        }
    }

    /// Brings the bounds into their ranges.
    pub(super) fn check_bounds(&mut self) {
        self.buffer_bytes = self.buffer_bytes.clamp(MIN_BUFFER_BYTES, MAX_BUFFER_BYTES);
        self.max_open_files = self.max_open_files.max(1);
    }
}
