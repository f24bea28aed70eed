//! What tells sessions apart as Arkime does it: keys and flags of each kind of packet, networks that count as one, and
//! packets whose headers make no sense.

use super::*;
use crate::dissect::sample_headers::*;
use crate::dissect::{DissectOptions, Dissector};
use crate::generated::layout::packet_flag::{CORRUPT, KEYED, ONE_WAY};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

fn frame(data: &[u8], link_type: u16) -> Frame<'_> {
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

/// The packet after the identity was applied, and its key: both words.
fn told(identity: &Identity, data: &[u8]) -> (Packet, Option<(u32, u32)>) {
    let mut packet = Packet::default();
    let mut dissector = Dissector::new(DissectOptions::default());
    let frame = frame(data, 1);
    dissector.dissect(&frame, &mut packet).unwrap();
    let hash = identity.apply(&frame, &mut packet, dissector.carrier_ttl());
    assert_eq!(packet.flags & KEYED != 0, hash.is_some());
    let key = hash.map(|hash| (hash, packet.tcp_acknowledgement));
    (packet, key)
}

fn of(data: &[u8]) -> (Packet, Option<(u32, u32)>) {
    told(&Identity::default(), data)
}

/// An Ethernet frame of other hosts than those of the samples.
fn others(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    let mut data = ethernet(ether_type, payload);
    data[..12].copy_from_slice(&[2, 0, 0, 0, 0, 0x33, 2, 0, 0, 0, 0, 0x44]);
    data
}

/// An IPv4 packet with source and destination changed.
fn from_others(protocol: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = ipv4(protocol, payload);
    packet[15] = 77;
    packet[19] = 78;
    ethernet(0x0800, &packet)
}

fn flags(packet: &Packet) -> u32 {
    packet.flags & (KEYED | ONE_WAY | CORRUPT)
}

#[test]
fn icmp_is_told_by_its_hosts() {
    for data in [
        ethernet(0x0800, &ipv4(1, &[8, 0, 0, 0, 0, 1, 0, 1, 9])),
        ethernet(0x86dd, &ipv6(58, &[128, 0, 0, 0, 0, 1, 0, 1])),
    ] {
        let (packet, key) = of(&data);
        assert_eq!((packet.source_port, packet.destination_port), (0, 0));
        assert_eq!((flags(&packet), key), (0, None));
        assert!(matches!(packet.icmp_type, 8 | 128));
    }
}

#[test]
fn groups_and_neighbours_are_one_session_each() {
    let igmp = of(&ethernet(0x0800, &ipv4(2, &[0x11, 0, 0, 0, 0, 0, 0, 0])));
    let pim = of(&ethernet(0x0800, &ipv4(103, &[0x20, 0, 0, 0])));
    let lldp = of(&ethernet(0x88cc, &[2, 7, 4, 2, 0, 0, 0, 0, 1]));
    let is_is = of(&ethernet(5, &[0xfe, 0xfe, 3, 0x83, 9]));
    let es_is = of(&ethernet(5, &[0xfe, 0xfe, 3, 0x82, 9]));
    let keys = [&igmp, &pim, &lldp, &is_is, &es_is].map(|(packet, key)| {
        assert_eq!(flags(packet), KEYED | ONE_WAY);
        key.unwrap()
    });
    for (index, key) in keys.iter().enumerate() {
        assert!(!keys[..index].contains(key));
    }
    assert_eq!(of(&from_others(2, &[0x16, 0, 0, 0, 0, 0, 0, 0])).1, igmp.1);
    assert_eq!(of(&from_others(103, &[0x23, 0, 0, 0])).1, pim.1);
    assert_eq!(of(&others(0x88cc, &[2, 7, 4])).1, lldp.1);
    assert_eq!(of(&others(5, &[0xfe, 0xfe, 3, 0x83, 1])).1, is_is.1);
}

#[test]
fn what_has_no_ports_goes_one_way_between_its_hosts() {
    for data in [
        ethernet(0x0800, &ipv4(89, &[2, 1, 0, 44])),
        ethernet(0x9999, &[1, 2, 3]),
        ethernet(3, &[0xfe, 0xfe, 0x04]),
        ethernet(3, &[0xfe, 0xfe, 0x03]),
    ] {
        assert_eq!((flags(&of(&data).0), of(&data).1), (ONE_WAY, None));
    }
    for protocol in [6, 17, 132, 50, 51] {
        let body = match protocol {
            6 => tcp(4),
            17 => udp(1, 2, b"x"),
            _ => vec![1; 24],
        };
        let (packet, key) = of(&ethernet(0x0800, &ipv4(protocol, &body)));
        assert_eq!((flags(&packet), key), (0, None), "{protocol}");
    }
}

#[test]
fn arp_is_told_by_the_address_asked_for() {
    let arp = |operation: u8, sender: u8, target: u8| {
        let mut body = vec![0, 1, 8, 0, 6, 4, 0, operation, 2, 0, 0, 0, 0, 1];
        body.extend([10, 0, 0, sender, 0, 0, 0, 0, 0, 0, 10, 0, 0, target]);
        body
    };
    let (packet, asked) = of(&ethernet(0x0806, &arp(1, 1, 9)));
    assert_eq!(flags(&packet), KEYED | ONE_WAY);
    assert_eq!(of(&others(0x0806, &arp(1, 5, 9))).1, asked);
    assert_eq!(of(&others(0x0806, &arp(2, 9, 1))).1, asked);
    assert_ne!(of(&ethernet(0x0806, &arp(1, 9, 1))).1, asked);
    for length in 0..28 {
        let (packet, key) = of(&ethernet(0x0806, &arp(1, 1, 9)[..length]));
        assert_eq!((flags(&packet), key), (ONE_WAY, None), "{length}");
    }
}

/// A DHCP message of 300 bytes from the client with that hardware address.
pub(crate) fn dhcp_message(client: u8) -> Vec<u8> {
    let mut message = vec![0; 300];
    message[..4].copy_from_slice(&[1, 1, 6, 0]);
    message[28..34].copy_from_slice(&[2, 0, 0, 0, 0, client]);
    message[236..240].copy_from_slice(&[0x63, 0x82, 0x53, 0x63]);
    message
}

#[test]
fn dhcp_is_told_by_the_client() {
    let over = |source: u16, destination: u16, message: &[u8]| {
        of(&ethernet(
            0x0800,
            &ipv4(17, &udp(source, destination, message)),
        ))
    };
    let (packet, key) = over(68, 67, &dhcp_message(1));
    assert_eq!(flags(&packet), KEYED);
    assert!(key.is_some());
    assert_eq!(over(67, 68, &dhcp_message(1)).1, key);
    assert_eq!(over(67, 67, &dhcp_message(1)).1, key);
    let unicast = from_others(17, &udp(68, 67, &dhcp_message(1)));
    assert_eq!(of(&unicast).1, key);
    assert_ne!(over(68, 67, &dhcp_message(2)).1, key);
    assert_eq!(over(1068, 1067, &dhcp_message(1)).1, None);
    assert_eq!(over(68, 67, &dhcp_message(1)[..255]).1, None);
    assert!(over(68, 67, &dhcp_message(1)[..256]).1.is_some());
    let mut bootp = dhcp_message(1);
    bootp[239] = 0;
    assert_eq!(over(68, 67, &bootp).1, None);
}

#[test]
fn dhcpv6_is_told_by_the_transaction_and_relays_by_their_hosts() {
    let turned = |mut packet: Vec<u8>| {
        let (client, server) = (packet[8..24].to_vec(), packet[24..40].to_vec());
        packet[8..24].copy_from_slice(&server);
        packet[24..40].copy_from_slice(&client);
        packet
    };
    let over = |ports: (u16, u16), message: &[u8]| ipv6(17, &udp_in(6, ports.0, ports.1, message));
    let key = |packet: Vec<u8>| of(&ethernet(0x86dd, &packet)).1;
    let solicit = key(over((546, 547), &[1, 7, 8, 9, 0, 1]));
    assert!(solicit.is_some());
    assert_eq!(key(turned(over((547, 546), &[2, 7, 8, 9]))), solicit);
    assert_ne!(key(over((546, 547), &[1, 7, 8, 10])), solicit);
    assert_eq!(key(over((546, 547), &[1, 7, 8])), None);
    assert_eq!(key(over((546, 547), &[])), None);
    assert_eq!(key(over((5460, 5470), &[1, 7, 8, 9])), None);
    let forward = key(over((547, 547), &[12, 0, 1, 1]));
    assert!(forward.is_some());
    assert_eq!(key(turned(over((547, 547), &[13, 9, 9, 9]))), forward);
    assert_ne!(key(over((547, 547), &[11, 0, 1, 1])), forward);
}

#[test]
fn one_network_id_counts_and_some_count_as_another() {
    let tagged = ethernet(0x88a8, &vlan(5, 0x8100, &vlan(6, 0x0800, &packet_4())));
    let overlay = over_udp(4789, &join(&[&vxlan(9), &frame_4()]));
    let both = ethernet(
        0x8100,
        &vlan(
            5,
            0x0800,
            &over_udp(4789, &join(&[&vxlan(9), &frame_4()]))[14..],
        ),
    );
    let identity = |vlan: bool, vni: bool, collapse: &[(u32, u32)]| Identity {
        vlan,
        vni,
        collapse: collapse.to_vec(),
        keep_corrupt: false,
    };
    for (name, identity, expected) in [
        ("neither", identity(false, false, &[]), [0, 0, 0]),
        ("vlan", identity(true, false, &[]), [5, 0, 5]),
        ("vni", identity(false, true, &[]), [0, 9, 9]),
        ("both", identity(true, true, &[]), [5, 9, 9]),
        (
            "collapse",
            identity(true, true, &[(5, 100), (9, 0)]),
            [100, 0, 0],
        ),
        (
            "the first counts",
            identity(true, false, &[(5, 1), (5, 2)]),
            [1, 0, 1],
        ),
        ("none as one", identity(true, false, &[(0, 7)]), [5, 7, 5]),
    ] {
        let ids = [&tagged, &overlay, &both].map(|data| told(&identity, data).0.vni);
        assert_eq!(ids, expected, "{name}");
    }
}

#[test]
fn a_udp_datagram_without_a_length_is_corrupt() {
    for (length, expected) in [(0, CORRUPT | ONE_WAY), (8, 0)] {
        let mut datagram = udp(1000, 2000, b"hello");
        datagram[4..6].copy_from_slice(&[0, length]);
        let (packet, key) = of(&ethernet(0x0800, &ipv4(17, &datagram)));
        assert_eq!((flags(&packet), key), (expected, None), "{length}");
        assert_eq!(packet.source_port == 0, expected != 0);
    }
}

#[test]
fn frames_within_tunnels_have_the_sessions_they_have_outside() {
    let arp = ethernet(
        0x0806,
        &join(&[&[0, 1, 8, 0, 6, 4, 0, 1], &[7; 16], &[10, 0, 0, 9]]),
    );
    let lldp = ethernet(0x88cc, &[2, 7, 4]);
    let is_is = ethernet(5, &[0xfe, 0xfe, 3, 0x83, 9]);
    let unknown = ethernet(0x9999, &[1; 40]);
    for inner in [&arp, &lldp, &is_is, &unknown] {
        let (outside, key) = of(inner);
        for carried in [
            ethernet(0x0800, &ipv4(47, &join(&[&[0, 0, 0x65, 0x58], inner]))),
            over_udp(4789, &join(&[&vxlan(9), inner])),
        ] {
            let (packet, carried_key) = of(&carried);
            assert_eq!(carried_key, key);
            assert_eq!(flags(&packet), flags(&outside));
            assert_eq!((packet.ip_version, packet.tunnel_count), (0, 1));
            assert_eq!(packet.source_address, outside.source_address);
        }
    }
}

#[test]
fn what_makes_no_sense_within_a_tunnel_is_of_the_tunnels_hosts() {
    let gre = join(&[&[0, 0, 0x88, 0xb5], &[7; 40]]);
    let (packet, key) = of(&ethernet(0x0800, &ipv4(47, &gre)));
    assert_eq!((packet.protocol, packet.ip_version, key), (47, 4, None));
    let spanning_tree = ethernet(38, &join(&[&[0x42, 0x42, 3], &[0; 35]]));
    let bridged = join(&[&[0, 0, 0x65, 0x58], &spanning_tree]);
    let (packet, _) = of(&ethernet(0x0800, &ipv4(47, &bridged)));
    assert_eq!(
        (packet.protocol, packet.ip_version, packet.ttl),
        (47, 4, 61)
    );
    assert_eq!(packet.source_address[..4], CLIENT_4);
    assert_eq!(flags(&packet), CORRUPT | ONE_WAY);
    let inner = over_udp(4789, &join(&[&vxlan(9), &spanning_tree]));
    assert_eq!(of(&inner).0.protocol, 17);
    // A tunnel without hosts leaves the frame what it is.
    let pppoe = ethernet(0x8864, &[0x11, 0, 0, 1, 0, 6, 0xc0, 0x21, 1, 1, 0, 4]);
    assert_eq!(flags(&of(&pppoe).0), ONE_WAY);
}

#[test]
fn frames_that_make_no_sense_are_of_their_hosts_when_wanted() {
    let salvage = |keep_corrupt: bool, link_type: u16, data: &[u8]| {
        let mut packet = Packet::default();
        let frame = frame(data, link_type);
        let mut dissector = Dissector::new(DissectOptions::default());
        // Something is left of the packet before.
        dissector
            .dissect(&self::frame(&frame_4(), 1), &mut packet)
            .unwrap();
        assert!(dissector.dissect(&frame, &mut packet).is_err());
        let identity = Identity {
            keep_corrupt,
            ..Identity::default()
        };
        let kept = identity.salvage(&frame, &mut packet);
        if kept {
            assert_eq!(identity.apply(&frame, &mut packet, 0), None);
            assert_eq!(flags(&packet), CORRUPT | ONE_WAY);
            assert_eq!((packet.source_port, packet.destination_port), (0, 0));
            assert_eq!((packet.payload_length, packet.payload_wire_length), (0, 0));
            assert_eq!(packet.transport_offset, packet.network_offset);
        }
        kept.then_some(packet)
    };
    let mut short = ipv4(6, &tcp(4));
    short[3] = 19;
    let bad_ip = ethernet(0x0800, &short);
    assert!(salvage(false, 1, &bad_ip).is_none());
    let packet = salvage(true, 1, &bad_ip).unwrap();
    assert_eq!((packet.ip_version, packet.protocol), (0, 0));
    assert_eq!(packet.source_address[..7], [2, 0, 0, 0, 0, 1, 0]);
    assert_eq!(packet.destination_address[..7], [2, 0, 0, 0, 0, 7, 0]);
    assert_eq!(packet.network_offset, 14);
    let mut datagram = udp(1000, 2000, b"hello");
    datagram[4..6].copy_from_slice(&[0, 7]);
    for (data, version) in [
        (ethernet(0x0800, &ipv4(17, &datagram)), 4),
        (ethernet(0x86dd, &ipv6(17, &datagram)), 6),
    ] {
        let packet = salvage(true, 1, &data).unwrap();
        assert_eq!((packet.ip_version, packet.protocol), (version, 17));
        assert_eq!(packet.network_offset, 14);
    }
    // Without MACs there is nobody whose frame it is.
    assert!(salvage(true, 101, &short).is_none());
    assert!(salvage(true, 1, &[1, 2, 3]).is_none());
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 512,
        rng_seed: RngSeed::Fixed(3),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn any_bytes_have_a_session_or_none(
        data in proptest::collection::vec(any::<u8>(), 0..400),
        ether_type in proptest::sample::select(vec![0x0800_u16, 0x86dd, 0x0806, 0x88cc, 0x8100, 40]),
        vlan: bool,
    ) {
        let data = ethernet(ether_type, &data);
        let identity = Identity { vlan, vni: !vlan, collapse: vec![(0, 1)], keep_corrupt: true };
        let mut packet = Packet::default();
        let mut dissector = Dissector::new(DissectOptions::default());
        let frame = frame(&data, 1);
        let good = match dissector.dissect(&frame, &mut packet) {
            Ok(()) => packet.fragment.is_none(),
            Err(_) => identity.salvage(&frame, &mut packet),
        };
        if good {
            let first = identity.apply(&frame, &mut packet.clone(), dissector.carrier_ttl());
            let second = identity.apply(&frame, &mut packet, dissector.carrier_ttl());
            prop_assert_eq!(first, second);
            prop_assert!(usize::from(packet.network_offset) <= data.len());
        }
    }
}
