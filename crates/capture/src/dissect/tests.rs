//! What dissection makes of frames: the samples, what is not IP, limits, and cut and random bytes.

use super::sample_headers::*;
use super::samples::all;
use super::*;
use crate::checksum;
use crate::flow_hash::flow_hash;
use crate::generated::layout::packet_flag;
use crate::generated::layout::tunnel_type::{ERSPAN, GENEVE, GRE, PPPOE, VXLAN};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

pub(super) fn frame(data: &[u8], link_type: u16) -> Frame<'_> {
    Frame {
        data,
        wire_length: data.len() as u32,
        time_ns: 0,
        link_type,
        interface_id: 0,
        file_id: 0,
        file_position: None,
        stripped_vlan: None,
        outgoing: false,
    }
}

pub(super) fn dissect(data: &[u8], link_type: u16) -> Result<Packet, DissectError> {
    let mut packet = Packet::default();
    Dissector::new(DissectOptions::default()).dissect(&frame(data, link_type), &mut packet)?;
    Ok(packet)
}

pub(super) fn tunnels(packet: &Packet) -> Vec<(u32, u32)> {
    let tunnels = &packet.tunnels[..usize::from(packet.tunnel_count)];
    tunnels
        .iter()
        .map(|tunnel| (u32::from(tunnel.tunnel_type), tunnel.id))
        .collect()
}

pub(super) fn payload<'a>(data: &'a [u8], packet: &Packet) -> &'a [u8] {
    &data[packet.payload_offset as usize..][..packet.payload_length as usize]
}

pub(super) fn ports(packet: &Packet) -> (u16, u16) {
    (packet.source_port, packet.destination_port)
}

/// No claim goes beyond the bytes that are there.
pub(super) fn assert_within(data: &[u8], packet: &Packet, name: &str) {
    assert!(packet.payload_offset as usize + packet.payload_length as usize <= data.len());
    assert!(packet.payload_length <= packet.payload_wire_length);
    assert_eq!(
        packet.flags & packet_flag::TRUNCATED != 0,
        packet.fragment.is_none() && packet.payload_length < packet.payload_wire_length,
        "{name}"
    );
    assert!(usize::from(packet.network_offset) <= data.len());
    assert!(usize::from(packet.transport_offset) <= data.len());
    if packet.ethernet_offset != NO_OFFSET {
        assert!(usize::from(packet.ethernet_offset) + 14 <= data.len());
    }
    if let Some(fragment) = packet.fragment {
        assert!(fragment.data_offset as usize + fragment.data_length as usize <= data.len());
        assert!(fragment.data_length <= fragment.data_wire_length);
    }
    assert!(usize::from(packet.tunnel_count) <= MAX_TUNNELS);
    assert!(usize::from(packet.vlan_count) <= MAX_VLANS);
}

#[test]
fn every_sample_gives_the_inner_flow() {
    for sample in all() {
        let name = sample.name;
        let packet = dissect(&sample.data, sample.link_type)
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(packet.ip_version, sample.ip_version, "{name}");
        if sample.ip_version == 4 {
            assert_eq!(packet.source_address, short_address(&CLIENT_4), "{name}");
            assert_eq!(
                packet.destination_address,
                short_address(&SERVER_4),
                "{name}"
            );
            assert_eq!(
                (packet.traffic_class, packet.ether_type),
                (0x10, 0x0800),
                "{name}"
            );
        } else {
            assert_eq!(packet.source_address, CLIENT_6, "{name}");
            assert_eq!(packet.destination_address, SERVER_6, "{name}");
            assert_eq!(
                (packet.traffic_class, packet.ether_type),
                (0x10, 0x86dd),
                "{name}"
            );
        }
        assert_eq!((packet.protocol, packet.ttl), (6, 61), "{name}");
        assert_eq!(ports(&packet), (49_152, 443), "{name}");
        assert_eq!(
            (packet.tcp_sequence, packet.tcp_acknowledgement),
            (100, 200),
            "{name}"
        );
        assert_eq!(
            (packet.tcp_flags, packet.tcp_window),
            (0x18, 0x2000),
            "{name}"
        );
        assert_eq!(payload(&sample.data, &packet), b"hello", "{name}");
        assert_eq!(packet.payload_wire_length, 5, "{name}");
        assert_eq!(
            packet.transport_offset as u32 + 20,
            packet.payload_offset,
            "{name}"
        );
        assert_eq!(
            sample.data[usize::from(packet.network_offset)] >> 4,
            sample.ip_version,
            "{name}"
        );
        assert_eq!(
            packet.network_offset as u32 + packet.network_length,
            packet.payload_offset + 5,
            "{name}"
        );
        assert_eq!(tunnels(&packet), sample.tunnels, "{name}");
        assert_eq!(
            packet.vlans[..usize::from(packet.vlan_count)],
            sample.vlans,
            "{name}"
        );
        let names_network = |tunnel: &&(u32, u32)| {
            [VXLAN, GENEVE, GRE, ERSPAN, PPPOE].contains(&tunnel.0) && tunnel.1 != 0
        };
        let vni = sample
            .tunnels
            .iter()
            .rfind(names_network)
            .map_or(0, |tunnel| tunnel.1);
        assert_eq!(packet.vni, vni, "{name}");
        let marks = packet_flag::IP_OPTIONS | packet_flag::PPP;
        assert_eq!(packet.flags & !marks, 0, "{name}");
        let checksums = checksum::verify(&sample.data, &packet);
        assert_eq!(
            (checksums.ip_checked, checksums.l4_checked),
            (sample.ip_version == 4, true),
            "{name}"
        );
        assert!(checksums.ip_ok && checksums.l4_ok, "{name}");
        assert_within(&sample.data, &packet, sample.name);
    }
}

#[test]
fn a_packet_is_reset_between_frames() {
    let samples = all();
    let mut dissector = Dissector::new(DissectOptions::default());
    let mut reused = Packet::default();
    for sample in samples.iter().chain(samples.iter().rev()) {
        dissector
            .dissect(&frame(&sample.data, sample.link_type), &mut reused)
            .unwrap();
        let mut fresh = dissect(&sample.data, sample.link_type).unwrap();
        // Beyond its count it keeps what was there.
        fresh.tunnels = reused.tunnels;
        assert_eq!(reused, fresh, "{}", sample.name);
    }
}

#[test]
fn cut_at_every_byte() {
    for sample in all() {
        let whole = sample.data.len();
        for cut in 0..whole {
            let data = &sample.data[..cut];
            let mut packet = Packet::default();
            let mut cut_frame = frame(data, sample.link_type);
            cut_frame.wire_length = whole as u32;
            let result = Dissector::new(DissectOptions::default()).dissect(&cut_frame, &mut packet);
            if result.is_ok() {
                assert_within(data, &packet, sample.name);
                let checksums = checksum::verify(data, &packet);
                assert!(
                    checksums.ip_ok && checksums.l4_ok,
                    "{} cut at {cut}",
                    sample.name
                );
            }
            // The same bytes as a frame that says it is whole.
            if let Ok(packet) = dissect(data, sample.link_type) {
                assert_within(data, &packet, sample.name);
            }
        }
    }
}

#[test]
fn a_cut_payload_keeps_its_length_on_the_wire() {
    let data = frame_4();
    let mut cut = frame(&data[..data.len() - 3], 1);
    cut.wire_length = data.len() as u32;
    let mut packet = Packet::default();
    Dissector::new(DissectOptions::default())
        .dissect(&cut, &mut packet)
        .unwrap();
    assert_eq!((packet.payload_length, packet.payload_wire_length), (2, 5));
    assert_eq!(packet.flags, packet_flag::TRUNCATED);
}

#[test]
fn cut_tcp_options_leave_a_packet() {
    let syn = tcp_with(4, 2, &[2, 4, 5, 0xb4, 1, 3, 3, 7], b"");
    let data = ethernet(0x0800, &ipv4(6, &syn));
    let whole = dissect(&data, 1).unwrap();
    assert_eq!((whole.tcp_mss, whole.tcp_window_scale), (1460, 7));
    let mut cut = frame(&data[..54], 1);
    cut.wire_length = data.len() as u32;
    let mut packet = Packet::default();
    Dissector::new(DissectOptions::default())
        .dissect(&cut, &mut packet)
        .unwrap();
    assert_eq!((ports(&packet), packet.tcp_flags), ((49_152, 443), 2));
    assert_eq!((packet.tcp_mss, packet.tcp_window_scale), (0, 255));
    assert_eq!(
        (
            packet.payload_offset,
            packet.payload_length,
            packet.payload_wire_length
        ),
        (54, 0, 0)
    );
}

#[test]
fn ethernet_padding_is_no_payload() {
    let mut data = ethernet(0x0800, &ipv4(17, &udp(1000, 2000, b"x")));
    data.resize(60, 0);
    let packet = dissect(&data, 1).unwrap();
    assert_eq!(
        (payload(&data, &packet), packet.payload_wire_length),
        (&b"x"[..], 1)
    );
    assert_eq!(packet.network_length, 29);
}

#[test]
fn length_zero_means_the_rest() {
    let mut data = frame_4();
    data[16] = 0;
    data[17] = 0;
    let packet = dissect(&data, 1).unwrap();
    assert_eq!(
        (payload(&data, &packet), packet.network_length),
        (&b"hello"[..], 45)
    );
    let mut data = ethernet(0x86dd, &packet_6());
    data[18] = 0;
    data[19] = 0;
    assert_eq!(payload(&data, &dissect(&data, 1).unwrap()), b"hello");
}

#[test]
fn headers_that_contradict_themselves() {
    let broken = |at: usize, value: u8| {
        let mut data = frame_4();
        data[at] = value;
        dissect(&data, 1).unwrap_err()
    };
    assert_eq!(broken(14, 0x65), DissectError::Malformed); // version
    assert_eq!(broken(14, 0x44), DissectError::Malformed); // header length
    assert_eq!(broken(17, 19), DissectError::Malformed); // total length
    assert_eq!(broken(46, 0x40), DissectError::Malformed); // data offset too small
    assert_eq!(broken(46, 0xf0), DissectError::Malformed); // data offset beyond the packet
    assert_eq!(broken(14, 0x4f), DissectError::Malformed); // more header than packet
    assert_eq!(dissect(&frame_4()[..13], 1), Err(DissectError::Truncated));
    // A service header longer than the frame, and MPLS behind it.
    let service = ethernet(0x894f, &[0x0f, 0xff, 1, 5, 0, 0, 0, 0]);
    assert_eq!(dissect(&service, 1), Err(DissectError::Truncated));
    assert_eq!(dissect(&frame_4(), 147), Err(DissectError::Unsupported));
    let chain: Vec<u8> = [60, 0, 1, 4, 0, 0, 0, 0].repeat(40);
    assert_eq!(
        dissect(&ipv6(60, &chain), 101),
        Err(DissectError::Malformed)
    );
}

#[test]
fn stripped_vlan_and_direction_come_from_the_frame() {
    let data = ethernet(0x8100, &vlan(5, 0x0800, &packet_4()));
    let mut live = frame(&data, 1);
    live.stripped_vlan = Some(0xe007);
    live.outgoing = true;
    let mut packet = Packet::default();
    Dissector::new(DissectOptions::default())
        .dissect(&live, &mut packet)
        .unwrap();
    assert_eq!((packet.vlans, packet.vlan_count), ([7, 5, 0], 2));
    assert_eq!(packet.flags, packet_flag::OUTGOING);
}

#[test]
fn vlans_beyond_the_bound_are_left_out() {
    let tags = [1u16, 2, 3, 4]
        .iter()
        .rev()
        .fold((0x0800, packet_4()), |(ether_type, inner), &id| {
            (0x8100, vlan(id, ether_type, &inner))
        });
    let packet = dissect(&ethernet(tags.0, &tags.1), 1).unwrap();
    assert_eq!((packet.vlans, packet.vlan_count), ([1, 2, 3], 3));
}

/// Turns a sample around: what the server would send.
fn reversed(packet: &Packet) -> Packet {
    let mut back = packet.clone();
    (back.source_address, back.destination_address) =
        (packet.destination_address, packet.source_address);
    (back.source_port, back.destination_port) = (packet.destination_port, packet.source_port);
    back
}

#[test]
fn both_directions_of_a_dissected_flow_hash_equal() {
    let there = dissect(&packet_4(), 101).unwrap();
    let mut data = packet_4();
    data[12..20].copy_from_slice(&join(&[&SERVER_4, &CLIENT_4]));
    data[20..24].copy_from_slice(&[0x01, 0xbb, 0xc0, 0]);
    let back = dissect(&data, 101).unwrap();
    assert_eq!(flow_hash(&there, true, true), flow_hash(&back, true, true));
    let ping = |icmp_type: u8| dissect(&ipv4(1, &[icmp_type, 0, 0, 0, 0, 1, 0, 1]), 101).unwrap();
    let mut reply = ping(0);
    (reply.source_address, reply.destination_address) =
        (reply.destination_address, reply.source_address);
    assert_eq!(
        flow_hash(&ping(8), false, false),
        flow_hash(&reply, false, false)
    );
}

const LINK_TYPES: [u16; 21] = [
    0, 1, 9, 12, 50, 51, 101, 104, 105, 107, 108, 113, 119, 127, 163, 228, 229, 239, 276, 14, 999,
];

fn check_random(data: &[u8], link_type: u16, extra_wire: u32) {
    let mut dissector = Dissector::new(DissectOptions::default());
    let mut packet = Packet::default();
    let mut random = frame(data, link_type);
    random.wire_length += extra_wire;
    if dissector.dissect(&random, &mut packet).is_ok() {
        assert_within(data, &packet, "random");
        checksum::verify(data, &packet);
        let back = reversed(&packet);
        assert_eq!(flow_hash(&packet, true, true), flow_hash(&back, true, true));
        let mut whole = packet.clone();
        let _ = dissector.dissect_datagram(data, &mut whole);
        assert!(whole.payload_offset as usize + whole.payload_length as usize <= data.len());
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn random_bytes_never_panic(
        data in proptest::collection::vec(any::<u8>(), 0..200),
        link in 0..LINK_TYPES.len(),
        extra in 0u32..2000,
    ) {
        check_random(&data, LINK_TYPES[link], extra);
    }

    /// Samples with some bytes changed get much deeper than random ones.
    #[test]
    fn changed_samples_never_panic(
        which in any::<prop::sample::Index>(),
        changes in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        extra in 0u32..100,
    ) {
        let samples = all();
        let sample = &samples[which.index(samples.len())];
        let mut data = sample.data.clone();
        for (at, value) in changes {
            let at = at.index(data.len());
            data[at] = value;
        }
        check_random(&data, sample.link_type, extra);
    }
}
