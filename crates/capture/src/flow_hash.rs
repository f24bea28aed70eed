//! The hash that brings both directions of a flow to one worker and serves its session table. The engine computes it
//! for every packet; it reads the packet's facts only.
//!
//! Each end of the flow, address and port, is mixed to 64 bits by itself; the two are added, which forgets their
//! order; protocol and IP version, and the VLANs and tunnel id where asked for, are mixed in; the halves of a 128-bit
//! product are folded together each time, so high and low bits are equally good for picking a worker or a bucket.
//! The function is fixed: the same packet has the same hash on every machine and in every run.
//!
//! Test vector: TCP 192.0.2.1:49152 to 198.51.100.7:443 without VLAN and VNI gives `0x1e1dcbda`.

use crate::packet::{Address, Packet};

// Odd constants without a pattern: fractions of the square roots of 2, 3, 5 and 7.
const K0: u64 = 0x6a09_e667_f3bc_c909;
const K1: u64 = 0xbb67_ae85_84ca_a73b;
const K2: u64 = 0x3c6e_f372_fe94_f82b;
const K3: u64 = 0xa54f_f53a_5f1d_36f1;

/// VLAN ids that tell flows apart: as many as the session table compares. More here would part what is one session.
const KEY_VLANS: usize = 2;

#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product as u64) ^ (product >> 64) as u64
}

#[inline(always)]
fn end(address: &Address, port: u16) -> u64 {
    let [
        a0,
        a1,
        a2,
        a3,
        a4,
        a5,
        a6,
        a7,
        b0,
        b1,
        b2,
        b3,
        b4,
        b5,
        b6,
        b7,
    ] = *address;
    let low = u64::from_le_bytes([a0, a1, a2, a3, a4, a5, a6, a7]);
    let high = u64::from_le_bytes([b0, b1, b2, b3, b4, b5, b6, b7]);
    fold(fold(low ^ K0, K1 ^ u64::from(port)) ^ high, K2)
}

/// The hash of the flow that `packet` belongs to, the same in both directions.
///
/// `with_vlan` keeps equal addresses in different VLANs apart: the two outermost ids count. `with_vni` does so for
/// overlay networks by `vni`, which is the same in both directions.
#[inline]
pub fn flow_hash(packet: &Packet, with_vlan: bool, with_vni: bool) -> u32 {
    let ends = end(&packet.source_address, packet.source_port)
        .wrapping_add(end(&packet.destination_address, packet.destination_port));
    let mut kind = u64::from(packet.protocol) | u64::from(packet.ip_version) << 8;
    if with_vlan {
        for &vlan in &packet.vlans[..usize::from(packet.vlan_count).min(KEY_VLANS)] {
            kind = fold(kind ^ K3, K1 ^ u64::from(vlan));
        }
    }
    if with_vni && packet.vni != 0 {
        kind = fold(kind ^ K2, K3 ^ u64::from(packet.vni));
    }
    let hash = fold(ends ^ K3, K0 ^ kind);
    (hash ^ hash >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use proptest::test_runner::RngSeed;

    /// The packet of the test vector.
    fn sample() -> Packet {
        let mut packet = Packet {
            ip_version: 4,
            protocol: 6,
            source_port: 49_152,
            destination_port: 443,
            ..Packet::default()
        };
        packet.source_address[..4].copy_from_slice(&[192, 0, 2, 1]);
        packet.destination_address[..4].copy_from_slice(&[198, 51, 100, 7]);
        packet
    }

    fn reversed(packet: &Packet) -> Packet {
        let mut back = packet.clone();
        std::mem::swap(&mut back.source_address, &mut back.destination_address);
        std::mem::swap(&mut back.source_port, &mut back.destination_port);
        back
    }

    #[test]
    fn test_vector() {
        assert_eq!(flow_hash(&sample(), false, false), 0x1e1d_cbda);
        assert_eq!(flow_hash(&reversed(&sample()), false, false), 0x1e1d_cbda);
        // Without VLANs and tunnels the options change nothing.
        assert_eq!(flow_hash(&sample(), true, true), 0x1e1d_cbda);
    }

    #[test]
    fn vlans_count_when_asked_for() {
        let mut tagged = sample();
        tagged.vlans = [5, 6, 7];
        tagged.vlan_count = 2;
        let plain = flow_hash(&sample(), false, false);
        assert_eq!(flow_hash(&tagged, false, false), plain);
        assert_ne!(flow_hash(&tagged, true, false), plain);
        let mut swapped = tagged.clone();
        swapped.vlans = [6, 5, 7];
        assert_ne!(
            flow_hash(&swapped, true, false),
            flow_hash(&tagged, true, false)
        );
        // The third one does not count, nor what is left over beyond the count.
        for count in [2, 3] {
            let mut other = tagged.clone();
            other.vlans[2] = 9;
            other.vlan_count = count;
            assert_eq!(
                flow_hash(&other, true, false),
                flow_hash(&tagged, true, false)
            );
        }
    }

    #[test]
    fn the_vni_counts_when_asked_for() {
        let network = |vni: u32| Packet { vni, ..sample() };
        let plain = flow_hash(&sample(), false, false);
        assert_eq!(flow_hash(&network(42), true, false), plain);
        assert_ne!(flow_hash(&network(42), false, true), plain);
        assert_ne!(
            flow_hash(&network(42), false, true),
            flow_hash(&network(43), false, true)
        );
    }

    /// Neighbouring clients spread over workers (high and low bits) as evenly as chance would have it: each of 16
    /// buckets gets 4096 of 65,536 give or take five standard deviations (310).
    #[test]
    fn high_and_low_bits_are_even() {
        for shift in [0, 12, 28] {
            let mut buckets = [0u32; 16];
            let mut packet = sample();
            for host in 0..=255u8 {
                for port in 0..=255u16 {
                    packet.source_address[3] = host;
                    packet.source_port = 49_152 + port;
                    buckets[(flow_hash(&packet, false, false) >> shift & 15) as usize] += 1;
                }
            }
            for count in buckets {
                assert!(count.abs_diff(4096) < 310, "shift {shift}: {buckets:?}");
            }
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
        fn both_directions_hash_equal(
            source in any::<[u8; 16]>(),
            destination in any::<[u8; 16]>(),
            ports in any::<(u16, u16)>(),
            protocol in any::<u8>(),
            vlans in any::<[u16; 3]>(),
            vni in any::<u32>(),
        ) {
            let mut packet = sample();
            packet.vni = vni;
            packet.source_address = source;
            packet.destination_address = destination;
            (packet.source_port, packet.destination_port) = ports;
            packet.protocol = protocol;
            packet.vlans = vlans;
            packet.vlan_count = 3;
            let back = reversed(&packet);
            for (vlan, vni) in [(false, false), (true, false), (false, true), (true, true)] {
                prop_assert_eq!(flow_hash(&packet, vlan, vni), flow_hash(&back, vlan, vni));
            }
        }

        /// Swapping the ports alone makes another flow.
        #[test]
        fn ports_belong_to_their_addresses(ports in any::<(u16, u16)>()) {
            prop_assume!(ports.0 != ports.1);
            let mut packet = sample();
            (packet.source_port, packet.destination_port) = ports;
            let straight = flow_hash(&packet, false, false);
            (packet.destination_port, packet.source_port) = ports;
            prop_assert_ne!(flow_hash(&packet, false, false), straight);
        }
    }
}
