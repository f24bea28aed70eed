//! How fast dissection is, alone and with the flow hash. Measures, judges nothing; run by hand:
//! `cargo test --release -p ringtap-capture --no-default-features --lib speed -- --ignored --nocapture --test-threads 1`

use super::sample_headers::*;
use super::tests::frame;
use super::*;
use crate::flow_hash::flow_hash;
use std::hint::black_box;
use std::time::Instant;

/// 512 flows, so that neither caches nor branch predictors know the next one by heart.
fn measure(name: &str, make: impl Fn(u16) -> Vec<u8>) {
    const ROUNDS: usize = 4000;
    let data: Vec<Vec<u8>> = (0..512).map(make).collect();
    let frames: Vec<Frame> = data.iter().map(|data| frame(data, 1)).collect();
    let mut dissector = Dissector::new(DissectOptions::default());
    let mut packet = Packet::default();
    for hashed in [false, true] {
        let start = Instant::now();
        let mut dissected = 0;
        for _ in 0..ROUNDS {
            for frame in &frames {
                dissected += usize::from(dissector.dissect(black_box(frame), &mut packet).is_ok());
                if hashed {
                    black_box(flow_hash(&packet, false, false));
                }
                black_box(&packet);
            }
        }
        let rate = dissected as f64 / start.elapsed().as_secs_f64() / 1e6;
        let what = if hashed { "with hash" } else { "alone" };
        eprintln!("{name}, {what}: {rate:.1} M packets/s");
        assert_eq!(dissected, ROUNDS * frames.len());
    }
}

/// A port of the flow's own, at `at` in the frame.
fn with_port(mut data: Vec<u8>, at: usize, flow: u16) -> Vec<u8> {
    data[at..at + 2].copy_from_slice(&(20_000 + flow.wrapping_mul(31)).to_be_bytes());
    data
}

#[test]
#[ignore = "measures, judges nothing"]
fn speed() {
    measure("Ethernet, IPv4, TCP", |flow| with_port(frame_4(), 34, flow));
    measure("Ethernet, IPv6, TCP", |flow| {
        with_port(ethernet(0x86dd, &packet_6()), 54, flow)
    });
    measure("Ethernet, IPv4, UDP", |flow| {
        with_port(over_udp(443, b"hello"), 34, flow)
    });
    measure("Ethernet, VLAN, IPv4, TCP", |flow| {
        with_port(ethernet(0x8100, &vlan(5, 0x0800, &packet_4())), 38, flow)
    });
    measure("VXLAN, Ethernet, IPv4, TCP", |flow| {
        with_port(over_udp(4789, &join(&[&vxlan(42), &frame_4()])), 84, flow)
    });
}
