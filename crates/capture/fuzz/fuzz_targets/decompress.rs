//! Any bytes as a file, in particular after the magic of a packed stream: whatever is unpacked, the reader ends and does
//! not panic.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringtap_capture_fuzz::check_file;

const MAGICS: [&[u8]; 5] = [
    &[],
    &[0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3],
    &[0x28, 0xb5, 0x2f, 0xfd],
    &[0x04, 0x22, 0x4d, 0x18],
    &[0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82],
];

fuzz_target!(|input: &[u8]| {
    let [magic, rest @ ..] = input else { return };
    check_file(
        [MAGICS[usize::from(*magic) % MAGICS.len()], rest].concat(),
        u64::MAX,
    );
});
