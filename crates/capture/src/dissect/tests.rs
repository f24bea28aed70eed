//! What dissection makes of frames: the samples, what is not IP, limits, and cut and random bytes.

use super::samples::*;
use super::*;
use crate::checksum;
use crate::flow_hash::flow_hash;
use crate::generated::layout::{packet_flag, tunnel_type};
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

fn dissect(data: &[u8], link_type: u16) -> Result<Packet, DissectError> {
    let mut packet = Packet::default();
    Dissector::new(DissectOptions::default()).dissect(&frame(data, link_type), &mut packet)?;
    Ok(packet)
}

fn tunnels(packet: &Packet) -> Vec<(u32, u32)> {
    let tunnels = &packet.tunnels[..usize::from(packet.tunnel_count)];
    tunnels
        .iter()
        .map(|tunnel| (u32::from(tunnel.tunnel_type), tunnel.id))
        .collect()
}

fn payload<'a>(data: &'a [u8], packet: &Packet) -> &'a [u8] {
    &data[packet.payload_offset as usize..][..packet.payload_length as usize]
}

fn ports(packet: &Packet) -> (u16, u16) {
    (packet.source_port, packet.destination_port)
}

/// No claim goes beyond the bytes that are there.
fn assert_within(data: &[u8], packet: &Packet, name: &str) {
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
        let vni = sample
            .tunnels
            .iter()
            .map(|tunnel| tunnel.1)
            .rfind(|&id| id != 0)
            .unwrap_or(0);
        assert_eq!(packet.vni, vni, "{name}");
        assert_eq!(packet.flags & !packet_flag::IP_OPTIONS, 0, "{name}");
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
        // Beyond their counts these keep what was there.
        fresh.tunnels = reused.tunnels;
        fresh.vlans = reused.vlans;
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
fn syn_options_stop_at_nonsense() {
    let options = |bytes: &[u8]| {
        let packet = dissect(&ethernet(0x0800, &ipv4(6, &tcp_with(4, 2, bytes, b""))), 1).unwrap();
        (packet.tcp_mss, packet.tcp_window_scale)
    };
    assert_eq!(options(&[4, 2, 3, 3, 200, 0, 0, 0]), (0, 14));
    assert_eq!(options(&[0, 0, 0, 0, 3, 3, 7, 0]), (0, 255));
    assert_eq!(options(&[9, 0, 0, 0, 3, 3, 7, 0]), (0, 255));
    assert_eq!(options(&[9, 1, 0, 0, 3, 3, 7, 0]), (0, 255));
    assert_eq!(options(&[3, 3, 7, 9]), (0, 7));
    // Only a SYN has them.
    let data = ethernet(0x0800, &ipv4(6, &tcp_with(4, 16, &[3, 3, 7, 0], b"")));
    assert_eq!(dissect(&data, 1).unwrap().tcp_window_scale, 255);
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
fn udp_length_decides_within_the_ip_packet() {
    let mut datagram = udp(1000, 2000, b"xyz");
    datagram.extend([0; 9]);
    let data = ethernet(0x0800, &ipv4(17, &datagram));
    assert_eq!(payload(&data, &dissect(&data, 1).unwrap()), b"xyz");
    datagram[5] = 0;
    let data = ethernet(0x0800, &ipv4(17, &datagram));
    assert_eq!(dissect(&data, 1).unwrap().payload_length, 12);
    datagram[5] = 200;
    let data = ethernet(0x0800, &ipv4(17, &datagram));
    assert_eq!(dissect(&data, 1).unwrap().payload_wire_length, 12);
    datagram[5] = 7;
    let data = ethernet(0x0800, &ipv4(17, &datagram));
    assert_eq!(dissect(&data, 1), Err(DissectError::Malformed));
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
    assert_eq!(dissect(&frame_4(), 147), Err(DissectError::Unsupported));
    let chain: Vec<u8> = [60, 0, 1, 4, 0, 0, 0, 0].repeat(40);
    assert_eq!(
        dissect(&ipv6(60, &chain), 101),
        Err(DissectError::Malformed)
    );
}

#[test]
fn what_is_not_ip_is_layer_2() {
    let arp = ethernet(0x8100, &vlan(5, 0x0806, &[7; 28]));
    let packet = dissect(&arp, 1).unwrap();
    assert_eq!(
        (packet.ip_version, packet.protocol, packet.ether_type),
        (0, 0, 0x0806)
    );
    assert_eq!(ports(&packet), (0x0806, 0x0806));
    assert_eq!(packet.source_address, short_address(&CLIENT_MAC));
    assert_eq!(packet.destination_address, short_address(&SERVER_MAC));
    assert_eq!(
        (
            packet.network_offset,
            packet.payload_offset,
            packet.payload_length
        ),
        (18, 18, 28)
    );
    assert_eq!((packet.vlans[0], packet.network_length), (5, 46));

    let mut spanning_tree = ethernet(3, &[0x42, 0x42, 3]);
    spanning_tree.resize(60, 0);
    let packet = dissect(&spanning_tree, 1).unwrap();
    assert_eq!(
        (packet.ip_version, packet.ether_type, packet.payload_length),
        (0, 0, 3)
    );

    let packet = dissect(&[0xff, 3, 0xc0, 0x21, 1, 2, 3, 4], 9).unwrap();
    assert_eq!(
        (packet.ip_version, packet.ether_type, packet.payload_length),
        (0, 0x880b, 4)
    );

    let beacon = [
        0x80, 0, 0, 0, 255, 255, 255, 255, 255, 255, 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 1, 0, 0, 9, 9,
    ];
    let packet = dissect(&beacon, 105).unwrap();
    assert_eq!(
        (packet.ip_version, packet.source_address),
        (0, short_address(&CLIENT_MAC))
    );
    assert_eq!(packet.destination_address, short_address(&[255; 6]));
}

#[test]
fn encrypted_wireless_is_layer_2() {
    let sample = all()
        .into_iter()
        .find(|sample| sample.name == "802.11")
        .unwrap();
    let mut data = sample.data;
    data[1] |= 0x40;
    let packet = dissect(&data, 105).unwrap();
    assert_eq!((packet.ip_version, packet.ether_type), (0, 0));
    assert_eq!(packet.source_address, short_address(&CLIENT_MAC));
    assert_eq!(packet.destination_address, short_address(&SERVER_MAC));
}

#[test]
fn transports_and_their_ports() {
    let facts = |protocol: u8, body: &[u8]| {
        let data = ipv4(protocol, body);
        let packet = dissect(&data, 101).unwrap();
        assert_eq!(packet.protocol, protocol);
        (
            packet.source_port,
            packet.destination_port,
            payload(&data, &packet).to_vec(),
        )
    };
    let ported = [0x10, 0, 0x20, 0, 0, 9, 0, 0, 0, 0, 0, 0, 7];
    assert_eq!(facts(132, &ported), (0x1000, 0x2000, vec![7]));
    assert_eq!(facts(136, &ported[..9]), (0x1000, 0x2000, vec![0]));
    assert_eq!(facts(50, &ported).0, 0);
    assert_eq!(
        facts(51, &[50, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 9]),
        (0, 0, vec![50, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 9])
    );
    assert_eq!(facts(2, &ported).1, 0);
    assert_eq!(
        facts(1, &[8, 0, 0, 0, 0, 1, 0, 1, b'p']),
        (8, 0, vec![b'p'])
    );
    assert_eq!(facts(1, &[0, 0, 0, 0, 0, 1, 0, 1]), (0, 8, vec![]));
    assert_eq!(facts(1, &[10, 0, 0, 0, 0, 0, 0, 0]), (10, 9, vec![]));
    assert_eq!(facts(1, &[3, 4, 0, 0, 0, 0, 0, 0]), (3, 4, vec![]));
    let packet = dissect(&ipv6(58, &[135, 0, 0, 0, 0, 0, 0, 0]), 101).unwrap();
    assert_eq!(
        (ports(&packet), packet.icmp_type, packet.icmp_code),
        ((135, 136), 135, 0)
    );
    let packet = dissect(&ipv6(58, &[1, 4, 0, 0, 0, 0, 0, 0]), 101).unwrap();
    assert_eq!(
        (ports(&packet), packet.icmp_type, packet.icmp_code),
        ((1, 4), 1, 4)
    );
    let packet = dissect(&ipv6(59, &[]), 101).unwrap();
    assert_eq!((packet.protocol, ports(&packet)), (59, (0, 0)));
}

#[test]
fn tunnels_keep_the_outer_addresses_and_ports() {
    let samples = all();
    let tunnel = |name: &str| {
        let sample = samples.iter().find(|sample| sample.name == name).unwrap();
        dissect(&sample.data, sample.link_type).unwrap().tunnels[0]
    };
    let vxlan = tunnel("vxlan");
    assert_eq!(
        (vxlan.ip_version, vxlan.source_port, vxlan.destination_port),
        (4, 50_000, 4789)
    );
    assert_eq!(vxlan.source_address, short_address(&CLIENT_4));
    assert_eq!(vxlan.destination_address, short_address(&SERVER_4));
    let four_in_six = tunnel("4in6, ipv4");
    assert_eq!(
        (four_in_six.ip_version, four_in_six.source_address),
        (6, CLIENT_6)
    );
    let pppoe = tunnel("pppoe");
    assert_eq!(
        (pppoe.ip_version, pppoe.source_address),
        (0, short_address(&CLIENT_MAC))
    );
    assert_eq!(pppoe.destination_address, short_address(&SERVER_MAC));
}

#[test]
fn other_traffic_on_tunnel_ports_stays_udp() {
    let dns = [
        0x08, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 3, b'w', b'w', b'w', 0, 0, 1, 0, 1,
    ];
    let garbage = [0xa5; 64];
    for port in [4789, 8472, 4790, 6081, 2152, 3544, 1701, 6635] {
        for body in [&dns[..], &garbage[..], &[0; 64][..], &[]] {
            let data = over_udp(port, body);
            let packet = dissect(&data, 1).unwrap();
            assert_eq!(
                (ports(&packet), packet.tunnel_count, packet.vni),
                ((50_000, port), 0, 0),
                "{port}"
            );
            assert_eq!(payload(&data, &packet), body);
        }
    }
}

#[test]
fn an_inside_that_does_not_parse_belongs_to_the_carrier() {
    // VXLAN with an inner IPv4 header of version 5.
    let mut inner = frame_4();
    inner[14] = 0x55;
    let data = over_udp(4789, &join(&[&vxlan(42), &inner]));
    let packet = dissect(&data, 1).unwrap();
    assert_eq!(
        (ports(&packet), packet.tunnel_count, packet.vni),
        ((50_000, 4789), 0, 0)
    );
    assert_eq!(
        (
            packet.ethernet_offset,
            packet.network_offset,
            packet.payload_offset
        ),
        (0, 14, 42)
    );
    // GRE keep-alive, and PPP LCP in L2TP: nothing with addresses inside.
    let packet = dissect(&ipv4(47, &[0, 0, 0, 0]), 101).unwrap();
    assert_eq!(
        (packet.protocol, packet.tunnel_count, packet.payload_length),
        (47, 0, 4)
    );
    let lcp = [0, 2, 0, 3, 0, 4, 0xff, 3, 0xc0, 0x21, 1, 1, 0, 4];
    assert_eq!(
        ports(&dissect(&over_udp(1701, &lcp), 1).unwrap()),
        (50_000, 1701)
    );
    // An MPLS stack without end in GRE leaves the GRE flow.
    let packet = dissect(&ipv4(47, &join(&[&[0, 0, 0x88, 0x47], &[0; 40]])), 101).unwrap();
    assert_eq!(
        (packet.protocol, packet.tunnel_count, packet.payload_length),
        (47, 0, 44)
    );
    // PPPoE with LCP is a layer-2 flow.
    let packet = dissect(
        &ethernet(0x8864, &[0x11, 0, 0, 1, 0, 6, 0xc0, 0x21, 1, 1, 0, 4]),
        1,
    )
    .unwrap();
    assert_eq!(
        (packet.ip_version, packet.ether_type, packet.tunnel_count),
        (0, 0x8864, 0)
    );
    // The inner failure of a second tunnel leaves the first.
    let nested = ipv4(17, &udp(50_000, 2152, &gtp_u(0x30, &[], &[0x45; 40])));
    let data = over_udp(4789, &join(&[&vxlan(42), &ethernet(0x0800, &nested)]));
    let packet = dissect(&data, 1).unwrap();
    assert_eq!(
        (ports(&packet), tunnels(&packet)),
        ((50_000, 2152), vec![(tunnel_type::VXLAN, 42)])
    );
}

#[test]
fn layer_2_in_a_tunnel_keeps_the_inner_addresses() {
    let data = over_udp(4789, &join(&[&vxlan(42), &ethernet(0x0806, &[7; 28])]));
    let packet = dissect(&data, 1).unwrap();
    assert_eq!((packet.ip_version, packet.protocol, packet.ttl), (0, 0, 0));
    assert_eq!((ports(&packet), packet.tunnel_count), ((0x0806, 0x0806), 1));
    assert_eq!((packet.ethernet_offset, packet.network_offset), (50, 64));
}

#[test]
fn depth_is_bounded() {
    let mut inner = packet_4();
    for _ in 0..MAX_TUNNELS {
        inner = ipv4(4, &inner);
    }
    let mut dissector = Dissector::new(DissectOptions::default());
    let mut packet = Packet::default();
    dissector.dissect(&frame(&inner, 101), &mut packet).unwrap();
    assert_eq!(
        (packet.tunnel_count, packet.protocol, dissector.too_deep()),
        (8, 6, false)
    );
    dissector
        .dissect(&frame(&ipv4(4, &inner), 101), &mut packet)
        .unwrap();
    assert_eq!(
        (packet.tunnel_count, packet.protocol, dissector.too_deep()),
        (8, 4, true)
    );
    assert_eq!((ports(&packet), packet.network_offset), ((0, 0), 160));
    dissector
        .dissect(&frame(&packet_4(), 101), &mut packet)
        .unwrap();
    assert!(!dissector.too_deep());

    let mut shallow = Dissector::new(DissectOptions { max_tunnels: 0 });
    for sample in all().iter().filter(|sample| !sample.tunnels.is_empty()) {
        shallow
            .dissect(&frame(&sample.data, sample.link_type), &mut packet)
            .unwrap();
        assert_eq!(
            (packet.tunnel_count, packet.vni, shallow.too_deep()),
            (0, 0, true),
            "{}",
            sample.name
        );
        assert_ne!(packet.protocol, 6, "{}", sample.name);
        assert_within(&sample.data, &packet, sample.name);
    }
}

#[test]
fn headers_without_end_are_bounded() {
    let authentication = [51, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1].repeat(100);
    assert_eq!(
        dissect(&ipv4(51, &authentication), 101),
        Err(DissectError::Malformed)
    );
    let tags: Vec<u8> = [0, 5, 0x81, 0].repeat(100);
    assert_eq!(
        dissect(&ethernet(0x8100, &tags), 1),
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

#[test]
fn fragments_have_no_ports_and_no_payload() {
    let segment = tcp(4);
    let first = ipv4_with(6, 77, 0x2000, &[], &segment[..16]);
    let packet = dissect(&ethernet(0x0800, &first), 1).unwrap();
    let fragment = packet.fragment.unwrap();
    assert_eq!(
        (
            fragment.id,
            fragment.offset,
            fragment.more,
            fragment.protocol
        ),
        (77, 0, true, 6)
    );
    assert_eq!(
        (
            fragment.data_offset,
            fragment.data_length,
            fragment.data_wire_length
        ),
        (34, 16, 16)
    );
    assert_eq!(
        (ports(&packet), packet.protocol, packet.flags),
        ((0, 0), 6, packet_flag::FRAGMENT)
    );
    assert_eq!((packet.payload_length, packet.payload_wire_length), (0, 0));

    let header = [17, 0, 0x05, 0xb8, 0, 0, 0, 9];
    let packet = dissect(&ipv6(44, &join(&[&header, &[1; 8]])), 101).unwrap();
    let fragment = packet.fragment.unwrap();
    assert_eq!(
        (
            fragment.id,
            fragment.offset,
            fragment.more,
            fragment.protocol
        ),
        (9, 1464, false, 17)
    );
    assert_eq!(
        (fragment.data_offset, packet.flags),
        (48, packet_flag::FRAGMENT | packet_flag::IP_OPTIONS)
    );
}

#[test]
fn a_datagram_gets_its_ports_and_keeps_the_frame_offsets() {
    let mut dissector = Dissector::new(DissectOptions::default());
    let data = ethernet(0x0800, &ipv4_with(6, 77, 2, &[], &tcp(4)[16..]));
    let mut packet = dissect(&data, 1).unwrap();
    packet.payload_wire_length = 25;
    dissector.dissect_datagram(&tcp(4), &mut packet).unwrap();
    assert_eq!(
        (ports(&packet), packet.payload_offset, packet.payload_length),
        ((49_152, 443), 20, 5)
    );
    assert_eq!(
        (
            packet.network_offset,
            packet.transport_offset,
            packet.ethernet_offset
        ),
        (14, 34, 0)
    );
    assert_eq!(
        packet.flags,
        packet_flag::FRAGMENT | packet_flag::REASSEMBLED
    );
    assert!(packet.fragment.is_some());

    // Cut: the wire length is the datagram's.
    let mut packet = dissect(&data, 1).unwrap();
    packet.payload_wire_length = 25;
    dissector
        .dissect_datagram(&tcp(4)[..22], &mut packet)
        .unwrap();
    assert_eq!((packet.payload_length, packet.payload_wire_length), (2, 5));
    assert_ne!(packet.flags & packet_flag::TRUNCATED, 0);

    // Not even a header: no ports, all of it payload.
    let mut packet = dissect(&data, 1).unwrap();
    assert_eq!(
        dissector.dissect_datagram(&tcp(4)[..9], &mut packet),
        Err(DissectError::Truncated)
    );
    assert_eq!(
        (
            ports(&packet),
            packet.protocol,
            packet.payload_offset,
            packet.payload_length
        ),
        ((0, 0), 6, 0, 9)
    );
}

#[test]
fn a_datagram_may_carry_a_tunnel() {
    let mut dissector = Dissector::new(DissectOptions::default());
    let datagram = udp(50_000, 4789, &join(&[&vxlan(42), &frame_4()]));
    let mut packet = dissect(
        &ethernet(0x0800, &ipv4_with(17, 77, 2, &[], &datagram[16..])),
        1,
    )
    .unwrap();
    dissector.dissect_datagram(&datagram, &mut packet).unwrap();
    assert_eq!(
        (ports(&packet), tunnels(&packet)),
        ((49_152, 443), vec![(tunnel_type::VXLAN, 42)])
    );
    assert_eq!(payload(&datagram, &packet), b"hello");
    assert_eq!((packet.network_offset, packet.network_length), (14, 45));
    assert_eq!(
        packet.flags,
        packet_flag::FRAGMENT | packet_flag::REASSEMBLED
    );

    // Its inner packet is a fragment again: not followed, the flow has no ports.
    let inner = ethernet(0x0800, &ipv4_with(6, 78, 0x2000, &[], &tcp(4)[..16]));
    let datagram = udp(50_000, 4789, &join(&[&vxlan(42), &inner]));
    let mut packet = dissect(
        &ethernet(0x0800, &ipv4_with(17, 77, 2, &[], &datagram[16..])),
        1,
    )
    .unwrap();
    dissector.dissect_datagram(&datagram, &mut packet).unwrap();
    assert_eq!(
        (ports(&packet), packet.protocol, packet.payload_length),
        ((0, 0), 6, 16)
    );
    assert_eq!(packet.fragment.map(|fragment| fragment.id), Some(77));
}

#[test]
fn a_datagram_of_ipv6_may_go_on_with_extension_headers() {
    let datagram = join(&[&[6, 0, 1, 4, 0, 0, 0, 0], &tcp(6)]);
    let header = [60, 0, 0, 0x10, 0, 0, 0, 9];
    let mut packet = dissect(&ipv6(44, &join(&[&header, &datagram[16..]])), 101).unwrap();
    Dissector::new(DissectOptions::default())
        .dissect_datagram(&datagram, &mut packet)
        .unwrap();
    assert_eq!(
        (ports(&packet), packet.protocol, payload(&datagram, &packet)),
        ((49_152, 443), 6, &b"hello"[..])
    );
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
