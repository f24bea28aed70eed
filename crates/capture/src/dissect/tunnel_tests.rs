//! Tunnels: what is kept of them, what is not taken for one, what becomes of a broken inside, and how deep they go.

use super::sample_headers::*;
use super::samples::all;
use super::tests::{assert_within, dissect, frame, payload, ports, tunnels};
use super::*;
use crate::generated::layout::tunnel_type;

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
fn ipv6_on_the_teredo_port_needs_a_teredo_address() {
    let mut data = over_udp(3544, &packet_6());
    assert_eq!(dissect(&data, 1).unwrap().tunnel_count, 1);
    // The destination is now 2001:100::7.
    data[42 + 26] = 1;
    assert_eq!(ports(&dissect(&data, 1).unwrap()), (50_000, 3544));
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

    let mut shallow = Dissector::new(DissectOptions {
        max_tunnels: 0,
        ..DissectOptions::default()
    });
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
fn erspan_lies_in_frames_too_and_names_a_vlan() {
    let erspan_2 = |vlan: u16| {
        let [high, low] = vlan.to_be_bytes();
        [0x10 | high, low, 0x08, 0x0b, 0, 0, 0, 0]
    };
    let inner = frame_4();
    for (data, expected_vlans, id) in [
        (
            ethernet(0x88be, &join(&[&erspan_2(5), &inner])),
            vec![5],
            0xb,
        ),
        (
            ethernet(0x88be, &join(&[&erspan_2(0), &inner])),
            vec![],
            0xb,
        ),
        (
            ethernet(0x8100, &vlan(7, 0x88be, &join(&[&erspan_2(5), &inner]))),
            vec![7, 5],
            0xb,
        ),
        (
            ethernet(
                0x22eb,
                &join(&[&[0x20, 5, 0, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0], &inner]),
            ),
            vec![5],
            0xc,
        ),
    ] {
        let packet = dissect(&data, 1).unwrap();
        assert_eq!(tunnels(&packet), [(tunnel_type::ERSPAN, id)]);
        assert_eq!(packet.tunnels[0].ip_version, 0);
        assert_eq!(ports(&packet), (49_152, 443));
        assert_eq!(
            packet.vlans[..usize::from(packet.vlan_count)],
            expected_vlans
        );
        assert_eq!(packet.outer_ethernet_offset, 0);
        assert_eq!(
            usize::from(packet.ethernet_offset),
            data.len() - inner.len()
        );
    }
    // Another version, or a header that is cut: a frame of its hosts, in no VLAN.
    for body in [
        &[0x30, 5, 0, 0x0c, 0, 0, 0, 0, 0, 0, 0, 0][..],
        &[0x10, 5, 0],
    ] {
        let packet = dissect(&ethernet(0x88be, body), 1).unwrap();
        assert_eq!((packet.ip_version, packet.ether_type), (0, 0x88be));
        assert_eq!((packet.tunnel_count, packet.vlan_count), (0, 0));
    }
}

#[test]
fn the_frame_before_the_innermost_one_is_known() {
    let inner = frame_4();
    let vxlan_frame = over_udp(4789, &join(&[&vxlan(9), &inner]));
    let twice = over_udp(4789, &join(&[&vxlan(8), &vxlan_frame]));
    for (data, link_type, outer, innermost) in [
        (inner.clone(), 1, NO_OFFSET, 0),
        (vxlan_frame.clone(), 1, 0, 50),
        (twice, 1, 50, 100),
        (vxlan_frame[14..].to_vec(), 101, NO_OFFSET, 36),
        (packet_4(), 101, NO_OFFSET, NO_OFFSET),
    ] {
        let packet = dissect(&data, link_type).unwrap();
        assert_eq!(
            (packet.outer_ethernet_offset, packet.ethernet_offset),
            (outer, innermost)
        );
    }
}

#[test]
fn ppp_among_the_headers_is_told() {
    use crate::generated::layout::packet_flag::PPP;
    let ppp = join(&[&[0x00, 0x21], &packet_4()]);
    let length = (ppp.len() as u16).to_be_bytes();
    let pppoe = join(&[&[0x11, 0, 0, 1], &length, &ppp]);
    let gre = join(&[&[0, 0, 0x88, 0x0b], &ppp]);
    for (data, link_type, expected) in [
        (ppp.clone(), 9, true),
        (ethernet(0x8864, &pppoe), 1, true),
        (ethernet(0x0800, &ipv4(47, &gre)), 1, true),
        (frame_4(), 1, false),
        (packet_4(), 101, false),
    ] {
        let packet = dissect(&data, link_type).unwrap();
        assert_eq!(ports(&packet), (49_152, 443));
        assert_eq!(packet.flags & PPP != 0, expected);
    }
}
