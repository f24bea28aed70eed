//! pcap: magics, byte orders, versions, lengths.

use super::write::{
    MICROSECONDS, MODIFIED, NANOSECONDS, Packet, packet, pcap, pcap_header, pcap_record, usual,
};
use super::{Seen, damage, drain, refusal};
use crate::source::file::record::ByteOrder::{self, Big, Little};
use crate::source::file::{MAX_FRAME_BYTES, Peek};

const TIME: u64 = 1_700_000_000_123_456_789;

#[test]
fn every_magic_in_both_byte_orders() {
    let cases = [
        (MICROSECONDS, 16, TIME - 789),
        (NANOSECONDS, 16, TIME),
        (MODIFIED, 24, TIME - 789),
    ];
    for order in [Little, Big] {
        for (magic, header_bytes, time_ns) in cases {
            let packets = [
                packet(TIME, 60, 1),
                Packet {
                    time_ns: TIME,
                    data: vec![2; 7],
                    wire_length: 1500,
                },
                packet(TIME, 0, 0),
            ];
            let (seen, end) = drain(pcap(order, magic, 113, &packets));
            assert_eq!(end, Peek::End);
            let positions = [24, 24 + header_bytes + 60, 24 + 2 * header_bytes + 67];
            for ((seen, packet), position) in seen.iter().zip(&packets).zip(positions) {
                let expected = Seen {
                    time_ns,
                    data: packet.data.clone(),
                    wire_length: packet.wire_length,
                    link_type: 113,
                    interface_id: 0,
                    position,
                };
                assert_eq!(*seen, expected, "{magic:x} {order:?}");
            }
            assert_eq!(seen.len(), 3);
        }
    }
}

#[test]
fn link_types_lose_their_fcs_bits_and_old_numbers() {
    let link_type = |on_disk: u32| {
        drain(pcap(Little, MICROSECONDS, on_disk, &[packet(0, 1, 0)])).0[0].link_type
    };
    assert_eq!(link_type(1), 1);
    // 2 FCS words, flag set: f(0x4) in bits 28 to 31, P in bit 26.
    assert_eq!(link_type(0x4400_0001), 1);
    assert_eq!(link_type(12), 101);
    assert_eq!(link_type(14), 101);
    assert_eq!(link_type(276), 276);
}

#[test]
fn old_versions_have_the_lengths_the_other_way_round() {
    let file = |version, first: u32, second: u32| {
        let mut bytes = pcap_header(Little, MICROSECONDS, version, 1);
        let mut record = pcap_record(Little, MICROSECONDS, &packet(0, 10, 9));
        record[8..12].copy_from_slice(&first.to_le_bytes());
        record[12..16].copy_from_slice(&second.to_le_bytes());
        bytes.extend(record);
        let (seen, end) = drain(bytes);
        (
            seen.first().map(|seen| (seen.data.len(), seen.wire_length)),
            end,
        )
    };
    assert_eq!(file((2, 2), 99, 10), (Some((10, 99)), Peek::End));
    assert_eq!(file((2, 3), 99, 10), (Some((10, 99)), Peek::End));
    assert_eq!(file((2, 3), 10, 99), (Some((10, 99)), Peek::End));
    assert_eq!(file((2, 4), 10, 99), (Some((10, 99)), Peek::End));
    assert!(refusal(file((1, 0), 10, 99).1).contains("version 1.0"));
}

#[test]
fn a_wire_length_below_the_captured_one_is_raised() {
    let (seen, _) = drain(usual(&[Packet {
        time_ns: 0,
        data: vec![0; 50],
        wire_length: 3,
    }]));
    assert_eq!(seen[0].wire_length, 50);
}

#[test]
fn the_longest_frame_passes_and_a_longer_one_is_damage() {
    let longest = packet(1, MAX_FRAME_BYTES as usize, 5);
    let mut bytes = usual(&[packet(0, 4, 1), longest.clone()]);
    let at = bytes.len();
    bytes.extend(pcap_record(
        Little,
        NANOSECONDS,
        &packet(2, MAX_FRAME_BYTES as usize + 1, 6),
    ));
    let (seen, end) = drain(bytes);
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[1].data, longest.data);
    let message = damage(end);
    assert!(
        message.contains(&format!("at byte {at}")) && message.contains("262145"),
        "{message}"
    );
}

#[test]
fn a_fraction_beyond_a_second_does_not_overflow() {
    let mut bytes = pcap_header(ByteOrder::Little, MICROSECONDS, (2, 4), 1);
    let mut record = pcap_record(Little, MICROSECONDS, &packet(0, 1, 0));
    record[..8].fill(0xff);
    bytes.extend(record);
    let (seen, end) = drain(bytes);
    assert_eq!(end, Peek::End);
    assert_eq!(
        seen[0].time_ns,
        4_294_967_295 * 1_000_000_000 + 4_294_967_295_000
    );
}
