//! gzip, zstd and LZ4: whole, in several members, and cut.

use std::io::Write;

use super::write::{Packet, packet, usual};
use super::{damage, drain, refusal};
use crate::source::file::Peek;

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::stream::encode_all(bytes, 1).expect("memory")
}

fn lz4(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lz4_flex::frame::FrameEncoder::new(Vec::new());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

fn lz4_checked(bytes: &[u8]) -> Vec<u8> {
    let mut info = lz4_flex::frame::FrameInfo::new();
    info.block_checksums = true;
    info.content_checksum = true;
    info.block_mode = lz4_flex::frame::BlockMode::Linked;
    let mut encoder = lz4_flex::frame::FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

type Packing = (&'static str, fn(&[u8]) -> Vec<u8>);
const PACKINGS: [Packing; 4] = [
    ("gzip", gzip),
    ("zstd", zstd),
    ("lz4", lz4),
    ("lz4", lz4_checked),
];

/// Packets that do not pack to nothing.
fn packets(count: u8) -> Vec<Packet> {
    (0..count)
        .map(|n| Packet {
            time_ns: u64::from(n),
            data: (0..u32::from(n) + 20)
                .map(|at| ((at * 7919 * (u32::from(n) + 1)) >> 5) as u8)
                .collect(),
            wire_length: 300,
        })
        .collect()
}

#[test]
fn a_packed_file_reads_like_the_plain_one() {
    let plain = usual(&packets(200));
    let expected = drain(plain.clone());
    assert_eq!(expected.0.len(), 200);
    for (name, pack) in PACKINGS {
        assert_eq!(drain(pack(&plain)), expected, "{name}");
    }
}

#[test]
fn members_and_frames_one_after_the_other() {
    let plain = usual(&packets(100));
    let expected = drain(plain.clone());
    for (name, pack) in PACKINGS {
        let parts: Vec<u8> = plain.chunks(1000).flat_map(pack).collect();
        assert_eq!(drain(parts), expected, "{name}");
        let with_empty = [pack(&plain[..500]), pack(&[]), pack(&plain[500..])].concat();
        assert_eq!(drain(with_empty), expected, "{name} with an empty part");
    }
}

#[test]
fn skippable_frames_are_passed_over() {
    let plain = usual(&packets(10));
    let skippable = [0x53, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3];
    let file = [&skippable[..], &zstd(&plain), &skippable].concat();
    assert_eq!(drain(file), drain(plain));
}

#[test]
fn a_cut_anywhere_gives_a_prefix_and_a_message() {
    let plain = usual(&packets(40));
    let whole = drain(plain.clone()).0;
    for (name, pack) in PACKINGS {
        let packed = [pack(&plain[..1500]), pack(&plain[1500..])].concat();
        let first_part = pack(&plain[..1500]).len();
        for length in 1..packed.len() {
            let (seen, end) = drain(packed[..length].to_vec());
            assert!(whole.starts_with(&seen), "{name} cut at {length}");
            match end {
                Peek::Damaged(message) => {
                    assert!(message.contains(name), "{message}");
                    // At the seam the packed stream is whole, and the capture in it is cut.
                    assert_eq!(
                        message.contains("packed stream"),
                        length != first_part,
                        "{name} {length}: {message}"
                    );
                }
                Peek::NotCapture(_) => assert_eq!(seen, [], "{name} cut at {length}"),
                other => panic!("{name} cut at {length} of {}: {other:?}", packed.len()),
            }
        }
    }
}

#[test]
fn damage_inside_a_packed_stream_is_told() {
    let plain = usual(&(0..40).map(|n| packet(n, 500, n as u8)).collect::<Vec<_>>());
    let mut packed = gzip(&plain);
    let last = packed.len() - 5;
    packed[last] ^= 1;
    let (seen, end) = drain(packed);
    assert_eq!(seen.len(), 40);
    assert!(damage(end).contains("packed stream is damaged"));
}

#[test]
fn packed_things_that_are_no_captures() {
    for (name, pack) in PACKINGS {
        let message = refusal(drain(pack(b"a text, not a capture")).1);
        assert!(
            message.contains(name) && message.contains("holds no capture"),
            "{message}"
        );
        let message = refusal(drain(pack(&[])).1);
        assert!(message.contains("holds nothing"), "{message}");
        // One layer of packing is taken off, no more.
        refusal(drain(pack(&pack(&usual(&packets(3))))).1);
    }
}
