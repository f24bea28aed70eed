//! Several inputs as one source: order, laziness, bounds, folders, pipes, and files that cannot be read.

use std::ffi::CString;
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::slice::from_ref;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use super::packed::gzip;
use super::write::{Packet, packet, pcapng, usual};
use crate::frame::Frame;
use crate::source::file::record::ByteOrder::Big;
use crate::source::file::{FileOptions, FileSource};
use crate::source::{Next, Source, SourceError};

static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// A folder of this test's own, removed with it.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let path =
            std::env::temp_dir().join(format!("ringtap-files-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().expect("below the folder"))
            .expect("a folder for the test");
        fs::write(&path, bytes).expect("a file for the test");
        path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Packets at these times, told apart by `fill`.
pub fn at(times: &[u64], fill: u8) -> Vec<Packet> {
    times.iter().map(|&time| packet(time, 20, fill)).collect()
}

fn open(inputs: &[PathBuf]) -> FileSource {
    FileSource::open(FileOptions::new(inputs)).expect("readable files")
}

/// (time, first byte, file) of every frame, and the most files that were open at once. A frame at hand is the next one.
fn read(source: &mut FileSource) -> (Vec<(u64, u8, u32)>, usize) {
    let (mut seen, mut most_open) = (Vec::new(), 0);
    let seen_as = |frame: Frame| (frame.time_ns, frame.data[0], frame.file_id);
    loop {
        let at_hand = source.at_hand().map(seen_as);
        match source.next().expect("no error") {
            Next::Frame(frame) => {
                let frame = seen_as(frame);
                assert!(at_hand.is_none_or(|at_hand| at_hand == frame));
                seen.push(frame);
            }
            Next::Idle => continue,
            Next::End => return (seen, most_open),
        }
        most_open = most_open.max(source.open.len());
        source.advance();
    }
}

fn notices(source: &mut FileSource) -> Vec<String> {
    std::iter::from_fn(|| source.take_notice()).collect()
}

#[test]
fn files_that_overlap_come_in_time_order() {
    let folder = Folder::new();
    let first = folder.write("a", &usual(&at(&[10, 20, 50, 60], 1)));
    let second = folder.write("b", &pcapng(Big, &at(&[15, 20, 55], 2)));
    let third = folder.write("c", &usual(&at(&[5], 3)));
    let mut source = open(&[first.clone(), second, third]);
    let (seen, most_open) = read(&mut source);
    let expected = [
        (5, 3, 2),
        (10, 1, 0),
        (15, 2, 1),
        (20, 1, 0),
        (20, 2, 1),
        (50, 1, 0),
        (55, 2, 1),
        (60, 1, 0),
    ];
    assert_eq!(seen, expected);
    assert_eq!(most_open, 2);
    assert_eq!(source.file_name(0), Some(first.as_path()));
    assert_eq!(source.file_name(3), None);
    let counts = source.counts();
    assert_eq!(
        (counts.file_errors, counts.file_bytes),
        (0, counts.file_total_bytes)
    );
    assert!(source.at_hand().is_none());
    assert!(matches!(source.next(), Ok(Next::End)));
}

#[test]
fn consecutive_files_are_open_one_at_a_time_whatever_their_order() {
    let folder = Folder::new();
    for n in 0..20u64 {
        folder.write(
            &format!("{:02}", 19 - n),
            &usual(&at(&[n * 100, n * 100 + 50], n as u8)),
        );
    }
    let mut source = open(from_ref(&folder.0));
    let (seen, most_open) = read(&mut source);
    assert!(seen.is_sorted());
    assert_eq!((seen.len(), most_open), (40, 1));
}

#[test]
fn a_file_out_of_order_in_itself_keeps_its_order() {
    let folder = Folder::new();
    let path = folder.write("a", &usual(&at(&[30, 10, 20], 1)));
    let (seen, _) = read(&mut open(&[path]));
    assert_eq!(seen, [(30, 1, 0), (10, 1, 0), (20, 1, 0)]);
}

#[test]
fn more_overlapping_files_than_may_be_open_lose_order_but_no_packet() {
    let folder = Folder::new();
    for n in 0..10u64 {
        folder.write(&n.to_string(), &usual(&at(&[n, 100 + n], n as u8)));
    }
    let mut options = FileOptions::new([&folder.0]);
    options.max_open_files = 3;
    let mut source = FileSource::open(options).expect("readable files");
    let (seen, most_open) = read(&mut source);
    assert_eq!((seen.len(), most_open), (20, 3));
    let told = notices(&mut source);
    assert!(
        told.len() == 1 && told[0].contains("max_open_files"),
        "{told:?}"
    );
}

#[test]
fn asking_again_gives_the_same_frame_and_stop_keeps_it() {
    let folder = Folder::new();
    let path = folder.write("a", &usual(&at(&[1, 2, 3], 1)));
    let mut source = open(&[path]);
    for _ in 0..3 {
        assert!(matches!(source.next(), Ok(Next::Frame(frame)) if frame.time_ns == 1));
    }
    source.stop();
    assert!(matches!(source.next(), Ok(Next::Frame(frame)) if frame.time_ns == 1));
    source.advance();
    source.advance();
    assert!(matches!(source.next(), Ok(Next::End)));
}

#[test]
fn a_folder_passes_over_what_is_no_capture() {
    let folder = Folder::new();
    folder.write("notes.txt", b"nothing");
    folder.write("empty", b"");
    folder.write("b.pcap", &usual(&at(&[2], 2)));
    folder.write("a.bin", &usual(&at(&[1], 1)));
    folder.write("sub/c", &usual(&at(&[3], 3)));
    std::os::unix::fs::symlink(&folder.0, folder.path("sub/loop")).expect("a link");
    std::os::unix::fs::symlink("nowhere", folder.path("dangling")).expect("a link");
    let mut source = open(from_ref(&folder.0));
    assert_eq!(read(&mut source).0, [(1, 1, 0), (2, 2, 1)]);
    assert_eq!(source.counts().file_errors, 0);
    let told = notices(&mut source);
    assert!(
        told.len() == 1 && told[0].starts_with("2 files") && told[0].contains("notes.txt"),
        "{told:?}"
    );
    let mut options = FileOptions::new([&folder.0]);
    options.recursive = true;
    let mut source = FileSource::open(options).expect("readable files");
    assert_eq!(read(&mut source).0.len(), 3);
}

#[test]
fn a_bad_file_among_good_ones_is_counted_and_the_rest_is_read() {
    let folder = Folder::new();
    let good = folder.write("good", &usual(&at(&[1, 9], 1)));
    let bytes = usual(&at(&[2, 3], 2));
    let cut = folder.write("cut", &bytes[..bytes.len() - 1]);
    let text = folder.write("text", b"nothing to see here");
    let header = folder.write("header", &usual(&[]));
    let stub = folder.write("stub", &[usual(&[]), vec![0; 5]].concat());
    let mut source = open(&[good, cut.clone(), text.clone(), header, stub]);
    assert_eq!(read(&mut source).0, [(1, 1, 0), (2, 2, 1), (9, 1, 0)]);
    assert_eq!(source.counts().file_errors, 3);
    let told = notices(&mut source);
    assert_eq!(told.len(), 3, "{told:?}");
    assert!(
        told[0].contains(&text.display().to_string()) && told[0].contains("not a capture file"),
        "{told:?}"
    );
    assert!(
        told[1].contains("stub") && told[1].contains("at byte 24"),
        "{told:?}"
    );
    let cut_at = format!(
        "{}: damaged at byte 60: cut off: of a record of 20 bytes 19 are left; the 1 packets",
        cut.display()
    );
    assert!(told[2].starts_with(&cut_at), "{told:?}");
}

#[test]
fn nothing_to_read_is_an_error_that_names_the_file() {
    let folder = Folder::new();
    let error = |inputs: &[&Path]| match FileSource::open(FileOptions::new(inputs.iter().copied()))
    {
        Ok(_) => panic!("{inputs:?} opened"),
        Err(error) => error,
    };
    let text = folder.write("text", b"nothing to see here");
    let empty = folder.write("empty", b"");
    let missing = folder.path("missing");
    for (path, word) in [(&text, "not a capture file"), (&empty, "empty")] {
        let SourceError::Format { what, message } = error(&[path]) else {
            panic!("kind")
        };
        assert_eq!(what, path.display().to_string());
        assert!(
            message.contains(word) && message.contains("pcapng"),
            "{message}"
        );
    }
    assert!(matches!(
        error(&[&text, &empty]),
        SourceError::Format { .. }
    ));
    assert!(
        matches!(error(&[&folder.0]), SourceError::Format { message, .. } if message.contains("no capture file"))
    );
    let SourceError::Open { what, cause } = error(&[&missing]) else {
        panic!("kind")
    };
    assert_eq!(
        (what, cause.kind()),
        (missing.display().to_string(), std::io::ErrorKind::NotFound)
    );
    assert_eq!(
        error(&[&missing]).to_string(),
        format!("{}: No such file or directory", missing.display())
    );
    let mut options = FileOptions::new([&folder.0]);
    options.max_files = 1;
    assert!(
        matches!(FileSource::open(options), Err(SourceError::Format { message, .. }) if message.contains("more than 1"))
    );
}

#[test]
fn a_pipe_is_read_as_it_comes() {
    let folder = Folder::new();
    let path = folder.path("pipe");
    let name = CString::new(path.as_os_str().as_bytes()).expect("no zero byte");
    // SAFETY: a valid path; the result is checked.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    let mut source = open(from_ref(&path));
    assert!(matches!(source.next(), Ok(Next::Idle)), "no writer yet");
    let bytes = usual(&at(&[1, 2], 1));
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let writer = thread::spawn(move || {
        let mut pipe = fs::OpenOptions::new()
            .write(true)
            .open(path)
            .expect("the reader is there");
        pipe.write_all(&bytes[..70]).expect("the reader is there");
        wait.recv().expect("the test goes on");
        pipe.write_all(&bytes[70..]).expect("the reader is there");
    });
    // The first packet comes although the pipe is still open and the second is half there.
    loop {
        match source.next().expect("no error") {
            Next::Frame(frame) => break assert_eq!(frame.time_ns, 1),
            Next::Idle => {}
            Next::End => panic!("ended"),
        }
    }
    source.advance();
    assert!(matches!(source.next(), Ok(Next::Idle)));
    go.send(()).expect("the writer waits");
    assert_eq!(read(&mut source).0, [(2, 1, 0)]);
    writer.join().expect("the writer is fine");
    assert_eq!(source.counts().file_total_bytes, 0);
}

#[test]
fn a_packed_pipe_says_that_it_would_wait_before_it_does() {
    let folder = Folder::new();
    let path = folder.path("pipe");
    let name = CString::new(path.as_os_str().as_bytes()).expect("no zero byte");
    // SAFETY: a valid path; the result is checked.
    assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
    let packed = |times: &[u64], from: usize| gzip(&usual(&at(times, 1))[from..]);
    // Two members of one gzip stream: all of two packets, then the third.
    let (head, tail) = (packed(&[1, 2], 0), packed(&[3], 24));
    let mut source = open(from_ref(&path));
    let mut pipe = fs::OpenOptions::new()
        .write(true)
        .open(path)
        .expect("the reader is there");
    pipe.write_all(&head).expect("the reader is there");
    for time in [1, 2] {
        assert!(matches!(source.next(), Ok(Next::Frame(frame)) if frame.time_ns == time));
        assert!(!source.would_wait(), "the frame is not given back");
        source.advance();
        assert_eq!(source.would_wait(), time == 2);
    }
    pipe.write_all(&tail).expect("the reader is there");
    drop(pipe);
    assert_eq!(read(&mut source).0, [(3, 1, 0)]);
    assert!(!source.would_wait(), "the end is known");
}

#[test]
fn the_messages_of_a_thousand_bad_files_are_bounded() {
    let folder = Folder::new();
    let text = folder.write("text", b"nothing to see here");
    let good = folder.write("good", &usual(&at(&[1], 1)));
    let mut inputs = vec![text; 1000];
    inputs.push(good);
    let mut source = open(&inputs);
    assert_eq!(source.counts().file_errors, 1000);
    let told = notices(&mut source);
    assert_eq!(told.len(), 65);
    assert!(told[64].starts_with("936 more"), "{}", told[64]);
}
