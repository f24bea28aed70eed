//! From the inputs as given to the list of files to read. Called once when a [`super::FileSource`] is opened; looks at
//! names and metadata, never at content.

use std::fs::{self, File, Metadata};
use std::io;
use std::os::fd::AsFd;
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use super::options::FileOptions;
use super::raw_input::RawInput;
use crate::source::SourceError;

/// How messages and records name standard input.
const STANDARD_INPUT: &str = "-";
/// Folders inside folders that are followed.
const MAX_FOLDER_DEPTH: usize = 32;

/// How an input is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InputKind {
    /// Can be opened as often as needed; has a size.
    Regular {
        /// Bytes on disk.
        bytes: u64,
    },
    /// Standard input, FIFO or device: opened once, read once.
    Pipe,
}

/// One file to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileInput {
    /// As given, or the folder's path with the name.
    pub path: PathBuf,
    /// Regular file or pipe.
    pub kind: InputKind,
    /// Found in a folder rather than named: what is no capture is then passed over.
    pub in_folder: bool,
}

/// Lists the files: inputs in the order given, a folder's files by name.
pub fn list(options: &FileOptions) -> Result<Vec<FileInput>, SourceError> {
    let mut files = Vec::new();
    for path in &options.inputs {
        if path.as_os_str() == STANDARD_INPUT {
            let metadata = standard_input()
                .and_then(|file| file.metadata())
                .map_err(|cause| open_error(path, cause))?;
            files.push(FileInput {
                path: path.clone(),
                kind: kind(&metadata),
                in_folder: false,
            });
            continue;
        }
        let metadata = fs::metadata(path).map_err(|cause| open_error(path, cause))?;
        if metadata.is_dir() {
            list_folder(path, options, 0, &mut files)?;
        } else {
            files.push(FileInput {
                path: path.clone(),
                kind: kind(&metadata),
                in_folder: false,
            });
        }
    }
    check_count(options, files.len())?;
    Ok(files)
}

fn list_folder(
    folder: &Path,
    options: &FileOptions,
    depth: usize,
    files: &mut Vec<FileInput>,
) -> Result<(), SourceError> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).map_err(|cause| open_error(folder, cause))? {
        paths.push(entry.map_err(|cause| open_error(folder, cause))?.path());
        check_count(options, files.len() + paths.len())?;
    }
    paths.sort();
    for path in paths {
        // What vanished between listing and looking, or a link into nowhere, is not there.
        let Ok(metadata) = fs::metadata(&path) else {
            continue;
        };
        if metadata.is_file() {
            files.push(FileInput {
                path,
                kind: kind(&metadata),
                in_folder: true,
            });
        } else if metadata.is_dir()
            && options.recursive
            && depth < MAX_FOLDER_DEPTH
            && !is_link(&path)
        {
            // A folder reached by a link could contain itself.
            list_folder(&path, options, depth + 1, files)?;
        }
    }
    Ok(())
}

fn check_count(options: &FileOptions, count: usize) -> Result<(), SourceError> {
    if count <= options.max_files {
        return Ok(());
    }
    Err(SourceError::Format {
        what: options
            .inputs
            .iter()
            .map(|path| path.display().to_string())
            .collect::<Vec<_>>()
            .join(", "),
        message: format!("more than {} files for one source", options.max_files),
    })
}

fn is_link(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink())
}

fn kind(metadata: &Metadata) -> InputKind {
    let file_type = metadata.file_type();
    if file_type.is_file() || file_type.is_block_device() {
        InputKind::Regular {
            bytes: metadata.len(),
        }
    } else {
        InputKind::Pipe
    }
}

/// A descriptor of our own on standard input, which stays open for the process.
fn standard_input() -> io::Result<File> {
    Ok(File::from(io::stdin().as_fd().try_clone_to_owned()?))
}

/// The error for a path that cannot be opened.
pub fn open_error(path: &Path, cause: io::Error) -> SourceError {
    SourceError::Open {
        what: path.display().to_string(),
        cause,
    }
}

impl FileInput {
    /// A regular file that somebody found in a folder.
    pub fn regular(path: PathBuf) -> io::Result<FileInput> {
        let metadata = fs::metadata(&path)?;
        if !metadata.is_file() {
            return Err(io::Error::other("not a regular file"));
        }
        Ok(FileInput {
            path,
            kind: kind(&metadata),
            in_folder: true,
        })
    }

    /// Opens the input; bytes taken from it are added to `taken`.
    pub fn open(&self, taken: Arc<AtomicU64>) -> io::Result<RawInput> {
        if self.is_standard_input() {
            let file = standard_input()?;
            return Ok(match self.kind {
                InputKind::Regular { .. } => RawInput::regular(file, taken),
                InputKind::Pipe => RawInput::pipe(file, taken),
            });
        }
        match self.kind {
            InputKind::Regular { .. } => Ok(RawInput::regular(File::open(&self.path)?, taken)),
            InputKind::Pipe => {
                // A FIFO without a writer would hold the thread in open(2).
                let file = fs::OpenOptions::new()
                    .read(true)
                    .custom_flags(libc::O_NONBLOCK)
                    .open(&self.path)?;
                Ok(RawInput::pipe(file, taken))
            }
        }
    }

    /// Whether opening it a second time reads it from the start again.
    pub fn can_reopen(&self) -> bool {
        !self.is_standard_input() && self.kind != InputKind::Pipe
    }

    fn is_standard_input(&self) -> bool {
        !self.in_folder && self.path.as_os_str() == STANDARD_INPUT
    }
}
