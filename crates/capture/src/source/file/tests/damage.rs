//! Round trips and cuts at every byte of generated files; random and altered bytes.

use proptest::prelude::*;

use super::write::{MICROSECONDS, MODIFIED, NANOSECONDS, Packet, pcap, pcapng, usual};
use super::{Seen, drain, refusal};
use crate::source::file::Peek;
use crate::source::file::record::ByteOrder::{self, Big, Little};

fn packets() -> impl Strategy<Value = Vec<Packet>> {
    let one = (
        0u64..4_000_000_000_000_000_000,
        prop::collection::vec(any::<u8>(), 0..90),
        0u32..2000,
    );
    let packet = one.prop_map(|(time_ns, data, more)| {
        let wire_length = data.len() as u32 + more;
        Packet {
            time_ns,
            data,
            wire_length,
        }
    });
    prop::collection::vec(packet, 0..12)
}

fn order() -> impl Strategy<Value = ByteOrder> {
    prop_oneof![Just(Little), Just(Big)]
}

fn compare(seen: &[Seen], packets: &[Packet], unit_ns: u64) -> Result<(), TestCaseError> {
    prop_assert_eq!(seen.len(), packets.len());
    for (seen, packet) in seen.iter().zip(packets) {
        prop_assert_eq!(&seen.data, &packet.data);
        prop_assert_eq!(seen.wire_length, packet.wire_length);
        prop_assert_eq!(seen.time_ns, packet.time_ns / unit_ns * unit_ns);
    }
    Ok(())
}

proptest! {
    #[test]
    fn what_is_written_is_read(packets in packets(), order in order()) {
        for (magic, unit_ns) in [(MICROSECONDS, 1000), (NANOSECONDS, 1), (MODIFIED, 1000)] {
            let (seen, end) = drain(pcap(order, magic, 1, &packets));
            prop_assert_eq!(end, Peek::End);
            compare(&seen, &packets, unit_ns)?;
        }
        let (seen, end) = drain(pcapng(order, &packets));
        prop_assert_eq!(end, Peek::End);
        compare(&seen, &packets, 1)?;
    }

    #[test]
    fn a_cut_at_every_byte_gives_a_prefix(packets in packets(), order in order(), next_generation: bool) {
        let file = if next_generation { pcapng(order, &packets) } else { pcap(order, NANOSECONDS, 1, &packets) };
        let (whole, _) = drain(file.clone());
        // Between two records a cut cannot be told from an end.
        let mut seams: Vec<u64> = whole.iter().map(|seen| seen.position).collect();
        let header_bytes = if next_generation { 28 } else { 24 };
        seams.push(header_bytes);
        for length in 0..file.len() {
            let (seen, end) = drain(file[..length].to_vec());
            prop_assert!(whole.starts_with(&seen), "cut at {}", length);
            if seams.contains(&(length as u64)) {
                prop_assert_eq!(end, Peek::End, "cut at {}", length);
            } else if length < 12 {
                prop_assert!(matches!(end, Peek::Damaged(_) | Peek::NotCapture(_)), "cut at {}", length);
            } else {
                prop_assert!(matches!(end, Peek::Damaged(_)), "cut at {}: {:?}", length, end);
            }
        }
    }

    #[test]
    fn altered_files_end(packets in packets(), order in order(), kind in 0..3, changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8)) {
        let mut file = match kind {
            0 => pcap(order, MICROSECONDS, 1, &packets),
            1 => pcapng(order, &packets),
            _ => zstd::stream::encode_all(&usual(&packets)[..], 1).expect("memory"),
        };
        for (at, value) in changes {
            let at = at.index(file.len());
            file[at] = value;
        }
        let length = file.len();
        let (seen, _) = drain(file);
        prop_assert!(kind == 2 || seen.len() <= length / 16);
    }

    #[test]
    fn random_bytes_after_any_magic_end(magic in 0..7usize, bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let start: [&[u8]; 7] = [
            &[],
            &[0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0],
            &[0xa1, 0xb2, 0x3c, 0x4d, 0, 2, 0, 4],
            &[0x0a, 0x0d, 0x0d, 0x0a, 28, 0, 0, 0, 0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0],
            &[0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0, 3],
            &[0x28, 0xb5, 0x2f, 0xfd],
            &[0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82],
        ];
        let (_, end) = drain([start[magic], &bytes].concat());
        prop_assert!(!matches!(end, Peek::Record | Peek::Idle));
    }
}

#[test]
fn what_is_no_capture_says_what_is_read() {
    for bytes in [
        &b""[..],
        b"a",
        b"\xd4\xc3\xb2",
        b"GET / HTTP/1.1\r\n\r\n and more than a header's worth",
    ] {
        let message = refusal(drain(bytes.to_vec()).1);
        assert!(
            message.contains("pcap and pcapng are read, also packed with gzip, zstd or lz4"),
            "{message}"
        );
    }
    assert!(refusal(drain(Vec::new()).1).contains("empty"));
}
