//! The hash that brings both directions of a flow to one worker and serves its session table. The engine computes it
//! for every packet; it reads the packet's facts only.
//!
//! Each end of the flow, address and port, is mixed to 64 bits by itself; the two are added, which forgets their
//! order; protocol and IP version, and the VLANs and tunnel id where asked for, are mixed in; the halves of a 128-bit
//! product are folded together each time, so high and low bits are equally good for picking a worker or a bucket.
//! The function is fixed: the same packet has the same hash on every machine and in every run.
//!
//! Test vector: TCP 192.0.2.1:49152 to 198.51.100.7:443 without VLAN and VNI gives `0x1e1dcbda`.

use crate::generated::layout::tunnel_type;
use crate::packet::{Address, Packet};

// Odd constants without a pattern: fractions of the square roots of 2, 3, 5 and 7.
const K0: u64 = 0x6a09_e667_f3bc_c909;
const K1: u64 = 0xbb67_ae85_84ca_a73b;
const K2: u64 = 0x3c6e_f372_fe94_f82b;
const K3: u64 = 0xa54f_f53a_5f1d_36f1;

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
/// `with_vlan` keeps equal addresses in different VLANs apart: all ids that were kept count. `with_vni` does so for
/// tunnels, by the id of the innermost one, where that id is the same in both directions: VXLAN, Geneve, GRE, ERSPAN
/// and PPPoE. A TEID, an MPLS label, an L2TP session or a PPTP call names one direction only and does not count.
#[inline]
pub fn flow_hash(packet: &Packet, with_vlan: bool, with_vni: bool) -> u32 {
    let ends = end(&packet.source_address, packet.source_port)
        .wrapping_add(end(&packet.destination_address, packet.destination_port));
    let mut kind = u64::from(packet.protocol) | u64::from(packet.ip_version) << 8;
    if with_vlan {
        for &vlan in &packet.vlans[..usize::from(packet.vlan_count)] {
            kind = fold(kind ^ K3, K1 ^ u64::from(vlan));
        }
    }
    if with_vni {
        let id = network_id(packet);
        if id != 0 {
            kind = fold(kind ^ K2, K3 ^ u64::from(id));
        }
    }
    let hash = fold(ends ^ K3, K0 ^ kind);
    (hash ^ hash >> 32) as u32
}

/// The id of the innermost tunnel when it names a network and not a direction, else 0.
fn network_id(packet: &Packet) -> u32 {
    let Some(tunnel) = packet.tunnels[..usize::from(packet.tunnel_count)].last() else {
        return 0;
    };
    match u32::from(tunnel.tunnel_type) {
        tunnel_type::VXLAN
        | tunnel_type::GENEVE
        | tunnel_type::GRE
        | tunnel_type::ERSPAN
        | tunnel_type::PPPOE => tunnel.id,
        _ => 0,
    }
}
