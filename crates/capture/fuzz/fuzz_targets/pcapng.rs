//! Any bytes after a section header of either byte order: the reader ends, its frames lie inside the file one after the
//! other, and a cut in the middle gives a prefix of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringtap_capture_fuzz::{check_file, check_prefix};

/// A section header and the first half of an interface of Ethernet.
const LITTLE: [u8; 40] = [
    0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0, 255, 255, 255, 255,
    255, 255, 255, 255, 28, 0, 0, 0, 1, 0, 0, 0, 20, 0, 0, 0, 1, 0, 0, 0,
];
const BIG: [u8; 40] = [
    0x0a, 0x0d, 0x0d, 0x0a, 0, 0, 0, 28, 0x1a, 0x2b, 0x3c, 0x4d, 0, 1, 0, 0, 255, 255, 255, 255,
    255, 255, 255, 255, 0, 0, 0, 28, 0, 0, 0, 1, 0, 0, 0, 20, 0, 1, 0, 0,
];
/// The second half.
const LITTLE_REST: [u8; 8] = [0, 0, 0, 0, 20, 0, 0, 0];
const BIG_REST: [u8; 8] = [0, 0, 0, 0, 0, 0, 0, 20];

fuzz_target!(|input: &[u8]| {
    let [start, cut, rest @ ..] = input else {
        return;
    };
    let file = match start % 6 {
        0 => [&LITTLE[..12], rest].concat(),
        1 => [&BIG[..12], rest].concat(),
        2 => [&LITTLE[..28], rest].concat(),
        3 => [&BIG[..28], rest].concat(),
        4 => [&LITTLE[..], &LITTLE_REST, rest].concat(),
        _ => [&BIG[..], &BIG_REST, rest].concat(),
    };
    let frames = check_file(file.clone(), file.len() as u64);
    check_prefix(&file[..file.len() * usize::from(*cut) / 256], &frames);
});
