//! Tunnels in UDP: VXLAN (RFC 7348), VXLAN-GPE, Geneve (RFC 8926), GTP-U (3GPP TS 29.281), Teredo (RFC 4380), L2TPv2
//! (RFC 2661) and MPLS (RFC 7510). Other traffic uses these port numbers too, so every header is checked for all that
//! it must say before it is believed; what fails stays a plain UDP flow.

use super::{Outcome, Step, Walk, be16, be32, ethernet};
use crate::generated::layout::tunnel_type;

const L2TP: u16 = 1701;
const GTP_U: u16 = 2152;
const TEREDO: u16 = 3544;
const VXLAN: u16 = 4789;
const VXLAN_GPE: u16 = 4790;
const GENEVE: u16 = 6081;
const MPLS: u16 = 6635;
/// VXLAN before it had a port of its own; Linux' default.
const VXLAN_LINUX: u16 = 8472;

/// GTP-U extension headers of one packet; more are no GTP-U.
const MAX_GTP_EXTENSIONS: usize = 8;
/// GTP-U message type of a packet that is carried.
const G_PDU: u8 = 255;

/// False when neither is the port of a tunnel. One mask spares nearly all traffic the comparisons: the ports' high bytes
/// are 6, 8, 13, 18, 23, 25 and 33.
#[inline(always)]
pub(super) fn may_be_tunnel(source: u16, destination: u16) -> bool {
    const HIGH_BYTES: u64 = 1 << 6 | 1 << 8 | 1 << 13 | 1 << 18 | 1 << 23 | 1 << 25 | 1 << 33;
    let high = |port: u16| u64::from(port < 0x4000) & (HIGH_BYTES >> (port >> 8 & 63));
    (high(source) | high(destination)) & 1 != 0
}

impl Walk<'_> {
    /// The payload of a UDP datagram at `at`; `packet` says its flow.
    #[inline(always)]
    pub(super) fn udp_tunnel(&mut self, source: u16, destination: u16) -> Outcome {
        if !may_be_tunnel(source, destination) {
            return Ok(Step::Done);
        }
        self.udp_tunnel_by_port(source, destination)
    }

    fn udp_tunnel_by_port(&mut self, source: u16, destination: u16) -> Outcome {
        let ports = (source, destination);
        let step = match destination {
            VXLAN | VXLAN_LINUX => self.vxlan(ports),
            VXLAN_GPE => self.vxlan_gpe(ports),
            GENEVE => self.geneve(ports),
            MPLS => return self.mpls(ports),
            _ if source == GTP_U || destination == GTP_U => self.gtp_u(ports),
            _ if source == TEREDO || destination == TEREDO => self.teredo(ports),
            _ if source == L2TP || destination == L2TP => self.l2tp(ports),
            _ => None,
        };
        Ok(step.unwrap_or(Step::Done))
    }

    fn follow(
        &mut self,
        tunnel: u32,
        id: u32,
        ports: (u16, u16),
        at: usize,
        step: Step,
    ) -> Option<Step> {
        if !self.enter(tunnel, id, ports) {
            return None;
        }
        self.at = at;
        Some(step)
    }

    /// Flags with only the VNI bit, or with the group policy bit and its fields (draft-smith-vxlan-group-policy).
    fn vxlan(&mut self, ports: (u16, u16)) -> Option<Step> {
        let at = self.at;
        let header = self.take::<8>(at).ok()?;
        let fits = match header[0] {
            0x08 => header[1] == 0 && header[2] == 0 && header[3] == 0,
            0x88 => header[1] & !0x48 == 0,
            _ => false,
        };
        if !fits || header[7] != 0 || !self.possible_ethernet(at + 8) {
            return None;
        }
        self.follow(
            tunnel_type::VXLAN,
            be32(header, 4) >> 8,
            ports,
            at + 8,
            Step::Ethernet,
        )
    }

    /// Version 0, the VNI bit, no reserved ones (draft-ietf-nvo3-vxlan-gpe). Some senders name the next protocol without
    /// the bit that says so; 0 there is Ethernet.
    fn vxlan_gpe(&mut self, ports: (u16, u16)) -> Option<Step> {
        let at = self.at;
        let header = self.take::<8>(at).ok()?;
        if header[0] & !0x07 != 0x08 || header[1] != 0 || header[2] != 0 || header[7] != 0 {
            return None;
        }
        let step = match header[3] {
            1 | 2 if self.plausible_ip(at + 8) => Step::Ip,
            0 | 3 if self.possible_ethernet(at + 8) => Step::Ethernet,
            4 => Step::EtherType(ethernet::SERVICE_HEADER),
            _ => return None,
        };
        self.follow(
            tunnel_type::VXLAN,
            be32(header, 4) >> 8,
            ports,
            at + 8,
            step,
        )
    }

    /// Version 0, reserved bits 0, options in front of the inner packet.
    fn geneve(&mut self, ports: (u16, u16)) -> Option<Step> {
        let at = self.at;
        let header = self.take::<8>(at).ok()?;
        if header[0] >> 6 != 0 || header[1] & 0x3f != 0 || header[7] != 0 {
            return None;
        }
        let inner = at + 8 + usize::from(header[0] & 0x3f) * 4;
        let step = match be16(header, 2) {
            0x6558 if self.possible_ethernet(inner) => Step::Ethernet,
            0x0800 | 0x86dd if self.plausible_ip(inner) => Step::Ip,
            protocol @ (0x8847 | 0x8848) => Step::EtherType(protocol),
            _ => return None,
        };
        self.follow(
            tunnel_type::GENEVE,
            be32(header, 4) >> 8,
            ports,
            inner,
            step,
        )
    }

    /// Version 1, protocol type GTP, a G-PDU whose length is that of the datagram.
    fn gtp_u(&mut self, ports: (u16, u16)) -> Option<Step> {
        let at = self.at;
        let header = self.take::<8>(at).ok()?;
        let length = usize::from(be16(header, 2));
        if header[0] & 0xf8 != 0x30 || header[1] != G_PDU || at + 8 + length > self.wire_end {
            return None;
        }
        let mut inner = at + 8;
        // Any of the bits for extension, sequence number and N-PDU number brings all three fields.
        if header[0] & 7 != 0 {
            let mut next = self.take::<4>(inner).ok()?[3];
            inner += 4;
            if header[0] & 4 == 0 {
                next = 0;
            }
            for _ in 0..MAX_GTP_EXTENSIONS {
                if next == 0 {
                    break;
                }
                let words = usize::from(self.take::<1>(inner).ok()?[0]);
                if words == 0 {
                    return None;
                }
                inner += words * 4;
                next = self.take::<1>(inner - 1).ok()?[0];
            }
            if next != 0 {
                return None;
            }
        }
        if !self.plausible_ip(inner) {
            return None;
        }
        self.follow(tunnel_type::GTP_U, be32(header, 4), ports, inner, Step::Ip)
    }

    /// IPv6, after an authentication and an origin indication (RFC 4380 section 5.1.1) where they are there. One end is
    /// a Teredo address (2001::/32, section 2.14) or, while a client qualifies, link-local.
    fn teredo(&mut self, ports: (u16, u16)) -> Option<Step> {
        let mut at = self.at;
        if let [0, 1, id_length, value_length] = self.peek(at, 4) {
            // Nonce and confirmation byte follow the two variable parts.
            at += 4 + usize::from(*id_length) + usize::from(*value_length) + 9;
        }
        if let [0, 0] = self.peek(at, 2) {
            at += 8;
        }
        let header = self.take::<40>(at).ok()?;
        let known = |address: usize| {
            matches!(
                header[address..address + 4],
                [0x20, 1, 0, 0] | [0xfe, 0x80, _, _]
            )
        };
        if header[0] >> 4 != 6 || !self.plausible_ip(at) || !(known(8) || known(24)) {
            return None;
        }
        self.follow(tunnel_type::TEREDO, 0, ports, at, Step::Ip)
    }

    /// A data message of version 2 that carries PPP.
    fn l2tp(&mut self, ports: (u16, u16)) -> Option<Step> {
        const CONTROL: u16 = 0x8000;
        const LENGTH: u16 = 0x4000;
        const SEQUENCE: u16 = 0x0800;
        const OFFSET: u16 = 0x0200;
        const RESERVED: u16 = 0x34f0;
        let start = self.at;
        let flags = be16(self.take::<2>(start).ok()?, 0);
        if flags & 15 != 2 || flags & (CONTROL | RESERVED) != 0 {
            return None;
        }
        let mut at = start + 2;
        if flags & LENGTH != 0 {
            let length = usize::from(be16(self.take::<2>(at).ok()?, 0));
            if start + length > self.wire_end {
                return None;
            }
            at += 2;
        }
        let id = be32(self.take::<4>(at).ok()?, 0);
        at += 4;
        if flags & SEQUENCE != 0 {
            at += 4;
        }
        if flags & OFFSET != 0 {
            at += 2 + usize::from(be16(self.take::<2>(at).ok()?, 0));
        }
        self.follow(tunnel_type::L2TP, id, ports, at, Step::Ppp)
    }
}
