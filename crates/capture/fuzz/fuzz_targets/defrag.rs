//! Any sequence of fragments, times and bounds: what goes in comes out exactly once, in the order it came; the bounds
//! on memory hold; a complete datagram is as long as its fragments say.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringtap_capture::defrag::{DefragOptions, Defragmenter, HeldFragment, Verdict};
use ringtap_capture::frame::Frame;
use ringtap_capture::packet::{Fragment, Packet};

/// Eight bytes describe a fragment: id, offset in units of 8 (two bytes), length (two bytes), flags, seconds, fill.
const STEP: usize = 8;

fn assert_in_order(fragments: &[HeldFragment]) {
    assert!(!fragments.is_empty());
    for pair in fragments.windows(2) {
        assert!(pair[0].time_ns < pair[1].time_ns);
    }
}

fuzz_target!(|input: &[u8]| {
    let [bytes, datagrams, fragments, steps @ ..] = input else {
        return;
    };
    let options = DefragOptions {
        max_bytes: usize::from(*bytes) * 1000,
        max_datagrams: usize::from(*datagrams),
        timeout_ns: 30_000_000_000,
        max_fragments_per_datagram: usize::from(*fragments),
    };
    let mut defragmenter = Defragmenter::new(options);
    let mut clock_ns = 0;
    let (mut held, mut released) = (0, 0);
    for (number, step) in steps.chunks_exact(STEP).enumerate() {
        clock_ns += u64::from(step[6]) * 1_000_000_000;
        let length = u32::from(u16::from_be_bytes([step[3], step[4]])) % 2000;
        let cut = if step[5] & 2 != 0 { length / 2 } else { length };
        let data = vec![step[7]; cut as usize];
        let frame = Frame {
            data: &data,
            wire_length: length,
            // Numbers the fragments.
            time_ns: number as u64,
            link_type: 101,
            interface_id: 0,
            file_id: 0,
            file_position: None,
            stripped_vlan: None,
            outgoing: false,
        };
        let packet = Packet {
            ip_version: if step[5] & 4 != 0 { 6 } else { 4 },
            fragment: Some(Fragment {
                id: u32::from(step[0] & 3),
                offset: u32::from(u16::from_be_bytes([step[1], step[2]]) & 0x1fff) * 8,
                more: step[5] & 1 != 0,
                protocol: 17,
                data_offset: 0,
                data_length: cut,
                data_wire_length: length,
            }),
            ..Packet::default()
        };
        match defragmenter.push(&frame, &packet, clock_ns) {
            Verdict::Held => held += 1,
            Verdict::Malformed => {}
            Verdict::Complete {
                fragments,
                datagram,
            } => {
                held += 1;
                released += fragments.len();
                assert_in_order(&fragments);
                let last = &fragments[fragments.len() - 1];
                assert_eq!(last.time_ns, number as u64);
                let length = last.packet.payload_wire_length as usize;
                assert!(length <= 65_535 && datagram.len() <= length);
                let cut = fragments
                    .iter()
                    .any(|part| part.data.len() < part.wire_length as usize);
                assert!(cut || datagram.len() == length);
            }
        }
        while let Some(fragments) = defragmenter.next_given_up(clock_ns) {
            assert_in_order(&fragments);
            released += fragments.len();
        }
        assert!(defragmenter.held_bytes() <= options.max_bytes);
        assert!(defragmenter.held_datagrams() <= options.max_datagrams);
    }
    while let Some(fragments) = defragmenter.drain() {
        released += fragments.len();
    }
    assert_eq!(
        (
            released,
            defragmenter.held_bytes(),
            defragmenter.held_datagrams()
        ),
        (held, 0, 0)
    );
});
