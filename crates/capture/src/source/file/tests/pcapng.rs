//! pcapng: sections, interfaces, time stamps, the three packet blocks, and blocks that are wrong.

use super::write::{block, enhanced, interface, obsolete, packet, pcapng, section, simple};
use super::{damage, drain, refusal};
use crate::source::file::record::ByteOrder::{Big, Little};
use crate::source::file::{MAX_FRAME_BYTES, Peek};

fn join(blocks: &[Vec<u8>]) -> Vec<u8> {
    blocks.concat()
}

#[test]
fn sections_of_both_byte_orders_with_their_own_interfaces() {
    let blocks = [
        section(Little),
        interface(Little, 1, 0, &[]),
        interface(Little, 101, 0, &[(2, b"eth1"), (9, &[9])]),
        enhanced(Little, 1, 5_000_000_007, &[1; 33], 33),
        enhanced(Little, 0, 6_000_001, &[2; 20], 200),
        section(Big),
        interface(Big, 113, 0, &[]),
        enhanced(Big, 0, 7_000_000, &[3; 10], 10),
    ];
    let (seen, end) = drain(join(&blocks));
    assert_eq!(end, Peek::End);
    let facts: Vec<_> = seen
        .iter()
        .map(|seen| {
            (
                seen.interface_id,
                seen.link_type,
                seen.time_ns,
                seen.data.len(),
                seen.wire_length,
            )
        })
        .collect();
    assert_eq!(
        facts,
        [
            (1, 101, 5_000_000_007, 33, 33),
            (0, 1, 6_000_001_000, 20, 200),
            (2, 113, 7_000_000_000, 10, 10)
        ]
    );
    let before: usize = blocks[..3].iter().map(Vec::len).sum();
    assert_eq!(seen[0].position, before as u64);
    assert_eq!(
        seen[2].position,
        blocks[..7].iter().map(Vec::len).sum::<usize>() as u64
    );
}

#[test]
fn time_resolutions_and_offsets() {
    for order in [Little, Big] {
        let minus_ten = match order {
            Little => (-10i64).to_le_bytes(),
            Big => (-10i64).to_be_bytes(),
        };
        let time = |options: &[(u16, &[u8])], units: u64| {
            let file = join(&[
                section(order),
                interface(order, 1, 0, options),
                enhanced(order, 0, units, &[0; 4], 4),
            ]);
            let (seen, end) = drain(file);
            assert_eq!(end, Peek::End);
            seen[0].time_ns
        };
        assert_eq!(time(&[], 1_500_000), 1_500_000_000);
        assert_eq!(time(&[(9, &[0])], 3), 3_000_000_000);
        assert_eq!(time(&[(9, &[3])], 1_500), 1_500_000_000);
        assert_eq!(time(&[(9, &[9])], 1_500), 1_500);
        assert_eq!(time(&[(9, &[12])], 1_500_999), 1_500);
        assert_eq!(time(&[(9, &[28])], u64::MAX), 1);
        assert_eq!(time(&[(9, &[0x80])], 2), 2_000_000_000);
        assert_eq!(time(&[(9, &[0x80 | 20])], 3 << 19), 1_500_000_000);
        assert_eq!(time(&[(9, &[0x80 | 63])], 1 << 62), 500_000_000);
        assert_eq!(time(&[(14, &minus_ten)], 12_000_000), 2_000_000_000);
        assert_eq!(
            time(&[(14, &minus_ten)], 3_000_000),
            0,
            "before 1970 there is no time"
        );
        assert_eq!(
            time(&[(9, &[0])], u64::MAX),
            u64::MAX,
            "after the range comes its end"
        );
    }
}

#[test]
fn simple_packets_take_time_and_bounds_from_elsewhere() {
    let file = join(&[
        section(Little),
        interface(Little, 1, 16, &[]),
        simple(Little, &[1; 16], 40),
        enhanced(Little, 0, 9_000_000, &[2; 8], 8),
        simple(Little, &[3; 5], 5),
    ]);
    let (seen, end) = drain(file);
    assert_eq!(end, Peek::End);
    let facts: Vec<_> = seen
        .iter()
        .map(|seen| (seen.time_ns, seen.data.clone(), seen.wire_length))
        .collect();
    assert_eq!(
        facts,
        [
            (0, vec![1; 16], 40),
            (9_000_000_000, vec![2; 8], 8),
            (9_000_000_000, vec![3; 5], 5)
        ]
    );
}

#[test]
fn obsolete_packet_blocks_are_read_and_unknown_blocks_passed_over() {
    for order in [Little, Big] {
        let file = join(&[
            section(order),
            interface(order, 1, 0, &[]),
            block(order, 4, &[7; 30]),
            obsolete(order, 0, 1_000_001, &[9; 13], 14),
            block(order, 0x0bad_cafe, &vec![7; 3 << 20]),
            block(order, 10, &[]),
            enhanced(order, 0, 2_000_000, &[8; 4], 4),
            block(order, 5, &[1; 8]),
        ]);
        let (seen, end) = drain(file);
        assert_eq!(end, Peek::End);
        let facts: Vec<_> = seen
            .iter()
            .map(|seen| (seen.time_ns, seen.data.len(), seen.wire_length))
            .collect();
        assert_eq!(facts, [(1_000_001_000, 13, 14), (2_000_000_000, 4, 4)]);
    }
}

#[test]
fn thousands_of_blocks_without_packets_are_passed_in_parts() {
    let mut file = join(&[section(Little), interface(Little, 1, 0, &[])]);
    file.extend(block(Little, 5, &[]).repeat(10_000));
    file.extend(enhanced(Little, 0, 1, &[1; 4], 4));
    let (seen, end) = drain(file);
    assert_eq!((seen.len(), end), (1, Peek::End));
}

#[test]
fn wrong_blocks_end_the_file_after_what_it_held() {
    let good = pcapng(Little, &[packet(1, 10, 1)]);
    let after = |blocks: &[Vec<u8>]| {
        let (seen, end) = drain([good.clone(), blocks.concat()].concat());
        assert_eq!(seen.len(), 1);
        let message = damage(end);
        assert!(
            message.contains(&format!("at byte {}", good.len())),
            "{message}"
        );
        message
    };
    let patched = |mut block: Vec<u8>, at: usize, value: u32| {
        block[at..at + 4].copy_from_slice(&value.to_le_bytes());
        vec![block]
    };
    let enhanced = |interface| enhanced(Little, interface, 1, &[1; 8], 8);
    assert!(after(&[enhanced(1)]).contains("interface 1"));
    assert!(after(&patched(enhanced(0), 36, 0)).contains("ends with 0"));
    assert!(after(&patched(enhanced(0), 4, 39)).contains("length 39"));
    assert!(after(&patched(enhanced(0), 4, 28)).contains("length 28"));
    assert!(after(&patched(enhanced(0), 20, 9)).contains("packet of 9 bytes"));
    assert!(after(&patched(block(Little, 5, &[]), 4, 0)).contains("length 0"));
    assert!(after(&patched(section(Little), 8, 7)).contains("byte-order magic"));
    assert!(after(&patched(section(Little), 12, 2)).contains("version 2"));
    assert!(after(&[interface(Little, 1, 0, &[(9, &[6, 6])])]).contains("option 9"));
    assert!(after(&[interface(Little, 1, 0, &[(9, &[40])])]).contains("10^-40"));
    assert!(after(&[interface(Little, 1, 0, &[(9, &[0x80 | 64])])]).contains("2^-64"));
    assert!(
        after(&patched(
            interface(Little, 1, 0, &[(3, b"abcd")]),
            16,
            0x00ff_0003
        ))
        .contains("option 3")
    );
    let long = vec![0; MAX_FRAME_BYTES as usize + 1];
    assert!(after(&[super::write::enhanced(Little, 0, 1, &long, 1)]).contains("262145"));
    let block_too_long = patched(enhanced(0), 4, (1 << 20) + 4);
    assert!(after(&block_too_long).contains("1048580"));
}

#[test]
fn a_block_beyond_the_end_of_the_file_is_a_cut() {
    let good = pcapng(Little, &[packet(1, 10, 1)]);
    let mut cut = good.clone();
    cut.extend(5u32.to_le_bytes());
    cut.extend(0xffff_fff0u32.to_le_bytes());
    cut.extend([0; 100]);
    let (seen, end) = drain(cut);
    assert_eq!(seen.len(), 1);
    let message = damage(end);
    assert!(
        message.contains(&format!(
            "{} bytes of a block are missing",
            0xffff_fff0u32 - 108
        )),
        "{message}"
    );
}

#[test]
fn a_section_without_magic_is_no_capture() {
    let mut file = section(Little);
    file[8] = 0;
    assert!(refusal(drain(file).1).contains("pcap and pcapng are read"));
}

#[test]
fn a_packet_before_its_interface_is_damage() {
    let (seen, end) = drain(join(&[section(Big), simple(Big, &[1; 4], 4)]));
    assert_eq!(seen, []);
    assert!(damage(end).contains("interface 0"));
}
