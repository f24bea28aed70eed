//! The short way and the long way find the same in every frame that the short way takes.

use super::plain::plain;
use super::sample_headers::*;
use super::samples::all;
use super::tests::frame;
use super::*;
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

/// What an earlier frame may have left.
fn left_over() -> Packet {
    let mut packet = Packet {
        number: 7,
        ..Packet::default()
    };
    let tagged = ethernet(
        0x8100,
        &vlan(
            5,
            0x0800,
            &over_udp(4789, &join(&[&vxlan(42), &frame_4()]))[14..],
        ),
    );
    let mut dissector = Dissector::new(DissectOptions::default());
    dissector
        .dissect_any(&frame(&tagged, 1), &mut packet)
        .expect("a good frame");
    assert_eq!((packet.vlan_count, packet.tunnel_count), (1, 1));
    packet
}

/// Whether the short way takes the frame; then both ways must agree.
fn agrees(frame: &Frame) -> bool {
    let (mut short, mut long) = (left_over(), left_over());
    if !plain(frame, &mut short) {
        return false;
    }
    let mut dissector = Dissector::new(DissectOptions::default());
    assert_eq!(dissector.dissect_any(frame, &mut long), Ok(()));
    assert_eq!(short, long);
    assert!(!dissector.too_deep());
    true
}

#[test]
fn takes_plain_tcp_and_udp_only() {
    let mut segment = frame_4();
    segment[47] = 0x18;
    assert!(agrees(&frame(&segment, 1)));
    assert!(agrees(&frame(&over_udp(443, b"hello"), 1)));
    let padded = join(&[&segment, &[0; 9]]);
    assert!(agrees(&frame(&padded, 1)), "padding behind the packet");

    let cut = &segment[..segment.len() - 1];
    assert!(!agrees(&frame(cut, 1)), "cut by the snap length");
    assert!(
        !agrees(&frame(&over_udp(4789, b"hello"), 1)),
        "a tunnel's port"
    );
    assert!(!agrees(&frame(&segment, 101)), "no Ethernet");
    let sent = Frame {
        outgoing: true,
        ..frame(&segment, 1)
    };
    assert!(!agrees(&sent));
    let tagged = Frame {
        stripped_vlan: Some(5),
        ..frame(&segment, 1)
    };
    assert!(!agrees(&tagged));
    segment[47] = 0x02;
    assert!(!agrees(&frame(&segment, 1)), "a SYN has options");
}

#[test]
fn agrees_on_every_sample() {
    for sample in all() {
        agrees(&frame(&sample.data, sample.link_type));
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 4000,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn agrees_on_changed_frames(
        udp in any::<bool>(),
        changes in proptest::collection::vec((12usize..60, any::<u8>()), 0..3),
        cut in 0usize..4,
        more in 0u32..3,
    ) {
        let mut data = if udp { over_udp(443, b"hello, hello") } else { frame_4() };
        if !udp {
            data[47] = 0x10;
        }
        for (at, value) in changes {
            if let Some(byte) = data.get_mut(at) {
                *byte = value;
            }
        }
        data.truncate(data.len() - cut);
        let frame = Frame {
            wire_length: data.len() as u32 + more,
            ..frame(&data, 1)
        };
        agrees(&frame);
    }
}
