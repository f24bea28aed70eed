//! Any bytes after a pcap magic: the reader ends, its frames lie inside the file one after the other, and a cut in the
//! middle gives a prefix of them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringtap_capture_fuzz::{check_file, check_prefix};

const MAGICS: [[u8; 4]; 6] = [
    [0xd4, 0xc3, 0xb2, 0xa1],
    [0xa1, 0xb2, 0xc3, 0xd4],
    [0x4d, 0x3c, 0xb2, 0xa1],
    [0xa1, 0xb2, 0x3c, 0x4d],
    [0x34, 0xcd, 0xb2, 0xa1],
    [0xa1, 0xb2, 0xcd, 0x34],
];

fuzz_target!(|input: &[u8]| {
    let [magic, cut, rest @ ..] = input else {
        return;
    };
    let file = [&MAGICS[usize::from(*magic) % MAGICS.len()], rest].concat();
    let frames = check_file(file.clone(), file.len() as u64);
    check_prefix(&file[..file.len() * usize::from(*cut) / 256], &frames);
});
