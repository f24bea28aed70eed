//! Layer 2, layer 4, fragments and reassembled datagrams.

use super::sample_headers::*;
use super::samples::all;
use super::tests::{dissect, payload, ports, tunnels};
use super::*;
use crate::generated::layout::tunnel_type;

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
fn datagrams_are_marked_by_identification_and_checksum() {
    let mut datagram = udp(1000, 2000, b"xyz");
    datagram[6..8].copy_from_slice(&[0xab, 0xcd]);
    let data = ethernet(0x0800, &ipv4_with(17, 0x1234, 0, &[], &datagram));
    assert_eq!(dissect(&data, 1).unwrap().tcp_sequence, 0x1234_abcd);
    datagram[6..8].copy_from_slice(&[0, 0]);
    let data = ethernet(0x0800, &ipv4_with(17, 0x1234, 0, &[], &datagram));
    assert_eq!(dissect(&data, 1).unwrap().tcp_sequence, 0);
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
