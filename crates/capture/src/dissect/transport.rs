//! Layer 4: TCP (RFC 9293), UDP (RFC 768), UDP-Lite (RFC 3828), SCTP (RFC 9260), ICMP, and the protocols without ports.

use super::{DissectError, Outcome, Step, Walk, be16, be32};
use crate::generated::layout::tunnel_type;

const ICMP: u8 = 1;
const IPV4: u8 = 4;
const TCP: u8 = 6;
const UDP: u8 = 17;
const IPV6: u8 = 41;
const GRE: u8 = 47;
const AUTHENTICATION: u8 = 51;
const ICMPV6: u8 = 58;
const SCTP: u8 = 132;
const UDP_LITE: u8 = 136;
const MPLS_IN_IP: u8 = 137;

const SYN: u8 = 2;

impl Walk<'_> {
    /// The layer-4 header at `at`.
    #[inline(always)]
    pub(super) fn transport(&mut self, protocol: u8) -> Outcome {
        match protocol {
            TCP => self.tcp(),
            UDP => self.udp(),
            _ => self.other_transport(protocol),
        }
    }

    fn other_transport(&mut self, protocol: u8) -> Outcome {
        match protocol {
            ICMP => self.icmp(protocol, icmp_counter_type),
            ICMPV6 => self.icmp(protocol, icmpv6_counter_type),
            SCTP => {
                let header = self.take::<12>(self.at)?;
                Ok(self.ports(protocol, be16(header, 0), be16(header, 2), 12))
            }
            UDP_LITE => {
                let header = self.take::<8>(self.at)?;
                Ok(self.ports(protocol, be16(header, 0), be16(header, 2), 8))
            }
            AUTHENTICATION if self.packet.ip_version == 4 => self.authentication(),
            IPV4 | IPV6 => {
                self.portless(protocol);
                Ok(if self.enter(tunnel_type::IPIP, 0, (0, 0)) {
                    Step::Ip
                } else {
                    Step::Done
                })
            }
            GRE => {
                self.portless(protocol);
                self.gre()
            }
            MPLS_IN_IP => {
                self.portless(protocol);
                self.mpls((0, 0))
            }
            _ => {
                self.portless(protocol);
                Ok(Step::Done)
            }
        }
    }

    #[inline(always)]
    fn tcp(&mut self) -> Outcome {
        let at = self.at;
        let header = self.take::<20>(at)?;
        let header_length = usize::from(header[12] >> 4) * 4;
        if header_length < 20 || at + header_length > self.wire_end {
            return Err(DissectError::Malformed);
        }
        let packet = &mut *self.packet;
        packet.protocol = TCP;
        packet.source_port = be16(header, 0);
        packet.destination_port = be16(header, 2);
        packet.tcp_sequence = be32(header, 4);
        packet.tcp_acknowledgement = be32(header, 8);
        packet.tcp_flags = header[13];
        packet.tcp_window = be16(header, 14);
        packet.transport_offset = offset16(at);
        if header[13] & SYN != 0 {
            self.syn_options(at + 20, header_length - 20);
        }
        self.payload(at + header_length);
        Ok(Step::Done)
    }

    /// MSS and window scale (RFC 9293 section 3.2, RFC 7323 section 2.2); stops at the first option that makes no sense.
    fn syn_options(&mut self, at: usize, length: usize) {
        let mut options = self.peek(at, length);
        while let [kind, rest @ ..] = options {
            match kind {
                0 => return,
                1 => options = rest,
                _ => {
                    let Some(option) = rest
                        .first()
                        .and_then(|&size| options.get(..usize::from(size)))
                    else {
                        return;
                    };
                    match option {
                        [2, 4, high, low] => {
                            self.packet.tcp_mss = u16::from_be_bytes([*high, *low])
                        }
                        // A shift above 14 counts as 14 (RFC 7323 section 2.3).
                        [3, 3, shift] => self.packet.tcp_window_scale = (*shift).min(14),
                        [_, _, ..] => {}
                        _ => return,
                    }
                    options = &options[option.len()..];
                }
            }
        }
    }

    #[inline(always)]
    fn udp(&mut self) -> Outcome {
        let at = self.at;
        let header = self.take::<8>(at)?;
        let length = usize::from(be16(header, 4));
        // 0: a jumbogram or a datagram still to be cut up. Longer than the IP packet: the IP length decides.
        if length != 0 {
            if length < 8 {
                return Err(DissectError::Malformed);
            }
            if at + length < self.wire_end {
                self.limit(at + length);
            }
        }
        let (source, destination) = (be16(header, 0), be16(header, 2));
        let identification = self.peek(usize::from(self.packet.network_offset) + 4, 2);
        let packet = &mut *self.packet;
        packet.protocol = UDP;
        packet.tcp_sequence = match identification {
            &[high, low] if packet.ip_version == 4 => {
                datagram_mark(u16::from_be_bytes([high, low]), be16(header, 6))
            }
            _ => 0,
        };
        packet.source_port = source;
        packet.destination_port = destination;
        packet.transport_offset = offset16(at);
        self.payload(at + 8);
        self.at = at + 8;
        self.udp_tunnel(source, destination)
    }

    /// Type and counter type where requests have replies, else type and code, as the Community ID specification has
    /// it, so that both directions are one flow.
    fn icmp(&mut self, protocol: u8, counter_type: fn(u8) -> Option<u8>) -> Outcome {
        let header = self.take::<4>(self.at)?;
        let (icmp_type, code) = (header[0], header[1]);
        self.packet.icmp_type = icmp_type;
        self.packet.icmp_code = code;
        let counter = counter_type(icmp_type).unwrap_or(code);
        Ok(self.ports(protocol, u16::from(icmp_type), u16::from(counter), 8))
    }

    fn ports(&mut self, protocol: u8, source: u16, destination: u16, header_length: usize) -> Step {
        let packet = &mut *self.packet;
        packet.protocol = protocol;
        packet.source_port = source;
        packet.destination_port = destination;
        packet.transport_offset = offset16(self.at);
        self.payload(self.at + header_length);
        Step::Done
    }

    /// A flow of addresses and protocol only; all that follows is payload.
    pub(super) fn portless(&mut self, protocol: u8) {
        self.ports(protocol, 0, 0, 0);
    }
}

/// Headers stay below 64 KiB: IP headers beyond are refused, and layer 4 follows within 40 KiB of extension headers.
#[inline(always)]
fn offset16(at: usize) -> u16 {
    at.min(usize::from(u16::MAX)) as u16
}

/// The type that answers an ICMP type, or is answered by it (Community ID specification, version 1).
pub fn icmp_counter_type(icmp_type: u8) -> Option<u8> {
    Some(match icmp_type {
        8 => 0,
        0 => 8,
        13 => 14,
        14 => 13,
        15 => 16,
        16 => 15,
        17 => 18,
        18 => 17,
        10 => 9,
        9 => 10,
        _ => return None,
    })
}

/// As [`icmp_counter_type`], for ICMPv6.
pub fn icmpv6_counter_type(icmp_type: u8) -> Option<u8> {
    Some(match icmp_type {
        128 => 129,
        129 => 128,
        130 => 131,
        131 => 130,
        133 => 134,
        134 => 133,
        135 => 136,
        136 => 135,
        139 => 140,
        140 => 139,
        144 => 145,
        145 => 144,
        _ => return None,
    })
}

/// What a datagram and its double have in common: the IPv4 identification above the UDP checksum, or 0 when there is no
/// checksum to tell its bytes by.
#[inline(always)]
pub(super) fn datagram_mark(identification: u16, checksum: u16) -> u32 {
    if checksum == 0 {
        return 0;
    }
    u32::from(identification) << 16 | u32::from(checksum)
}
