//! IPv4 (RFC 791) and IPv6 (RFC 8200) headers, their options and extension headers, and fragments.

use super::{DissectError, Outcome, Step, Walk, be16, be32, part, short_address};
use crate::generated::layout::packet_flag;
use crate::packet::Fragment;

/// Extension headers of one IPv6 packet; more are malformed.
const MAX_EXTENSIONS: usize = 16;

const HOP_BY_HOP: u8 = 0;
const ROUTING: u8 = 43;
const FRAGMENT: u8 = 44;
const ENCAPSULATING_SECURITY: u8 = 50;
const AUTHENTICATION: u8 = 51;
const NO_NEXT_HEADER: u8 = 59;
const DESTINATION_OPTIONS: u8 = 60;
const MOBILITY: u8 = 135;
const HOST_IDENTITY: u8 = 139;
const SHIM6: u8 = 140;

impl Walk<'_> {
    /// IPv4 or IPv6, by the version in the first byte.
    pub(super) fn ip(&mut self) -> Outcome {
        match self.take::<1>(self.at)?[0] >> 4 {
            4 => self.ipv4(),
            6 => self.ipv6(),
            _ => Err(DissectError::Malformed),
        }
    }

    #[inline(always)]
    pub(super) fn ipv4(&mut self) -> Outcome {
        let at = self.at;
        let header = self.take::<20>(at)?;
        let header_length = usize::from(header[0] & 15) * 4;
        if header[0] >> 4 != 4 || header_length < 20 || at > usize::from(u16::MAX) {
            return Err(DissectError::Malformed);
        }
        let total_length = usize::from(be16(header, 2));
        if total_length != 0 {
            if total_length < header_length {
                return Err(DissectError::Malformed);
            }
            self.limit(at + total_length);
        }
        let network_length = self.wire_end - at;
        if at + header_length > self.data.len() {
            return Err(DissectError::Truncated);
        }
        let packet = &mut *self.packet;
        packet.ip_version = 4;
        packet.ether_type = 0x0800;
        packet.traffic_class = header[1];
        packet.ttl = header[8];
        packet.source_address = short_address::<4>(&part(header, 12));
        packet.destination_address = short_address::<4>(&part(header, 16));
        packet.network_offset = at as u16;
        packet.network_length = network_length as u32;
        if header_length > 20 {
            packet.flags |= packet_flag::IP_OPTIONS;
        }
        let protocol = header[9];
        let fragment_word = be16(header, 6);
        self.at = at + header_length;
        if fragment_word & 0x3fff != 0 {
            let offset = u32::from(fragment_word & 0x1fff) * 8;
            return self.fragment(
                u32::from(be16(header, 4)),
                offset,
                fragment_word & 0x2000 != 0,
                protocol,
            );
        }
        self.transport(protocol)
    }

    #[inline]
    pub(super) fn ipv6(&mut self) -> Outcome {
        let at = self.at;
        let header = self.take::<40>(at)?;
        if header[0] >> 4 != 6 || at > usize::from(u16::MAX) {
            return Err(DissectError::Malformed);
        }
        let payload_length = usize::from(be16(header, 4));
        let next = header[6];
        // 0 stands for a jumbogram (RFC 2675) or a segment still to be cut up, or for what it says.
        if payload_length != 0 || next == NO_NEXT_HEADER {
            self.limit(at + 40 + payload_length);
        }
        let packet = &mut *self.packet;
        packet.ip_version = 6;
        packet.ether_type = 0x86dd;
        packet.traffic_class = (header[0] << 4) | (header[1] >> 4);
        packet.ttl = header[7];
        packet.source_address = part(header, 8);
        packet.destination_address = part(header, 24);
        packet.network_offset = at as u16;
        packet.network_length = (self.wire_end - at) as u32;
        self.at = at + 40;
        self.extensions(next)
    }

    /// What follows an IP header or, in a datagram that was reassembled, the fragment header.
    pub(super) fn after_ip(&mut self, protocol: u8) -> Outcome {
        if self.packet.ip_version == 6 {
            self.extensions(protocol)
        } else {
            self.transport(protocol)
        }
    }

    /// Walks IPv6 extension headers (RFC 8200 section 4) to layer 4.
    #[inline]
    fn extensions(&mut self, mut next: u8) -> Outcome {
        for _ in 0..=MAX_EXTENSIONS {
            let length = match next {
                HOP_BY_HOP | ROUTING | DESTINATION_OPTIONS | MOBILITY | HOST_IDENTITY | SHIM6 => {
                    (usize::from(self.take::<2>(self.at)?[1]) + 1) * 8
                }
                // RFC 4302 section 2.2: 32-bit words, less 2.
                AUTHENTICATION => (usize::from(self.take::<2>(self.at)?[1]) + 2) * 4,
                FRAGMENT => {
                    let header = self.take::<8>(self.at)?;
                    let offset = u32::from(be16(header, 2) & 0xfff8);
                    let more = header[3] & 1 != 0;
                    // An atomic fragment is a whole packet (RFC 6946).
                    if offset != 0 || more {
                        self.packet.flags |= packet_flag::IP_OPTIONS;
                        self.at += 8;
                        return self.fragment(be32(header, 4), offset, more, header[0]);
                    }
                    8
                }
                _ => return self.transport(next),
            };
            next = self.take::<1>(self.at)?[0];
            self.at += length;
            if self.at > self.data.len() {
                return Err(DissectError::Truncated);
            }
            self.packet.flags |= packet_flag::IP_OPTIONS;
        }
        Err(DissectError::Malformed)
    }

    /// A fragment, its data at `at`: no ports and no payload until its datagram is whole.
    fn fragment(&mut self, id: u32, offset: u32, more: bool, protocol: u8) -> Outcome {
        self.portless(protocol);
        if self.reassembled {
            return Ok(Step::Done);
        }
        let packet = &mut *self.packet;
        packet.fragment = Some(Fragment {
            id,
            offset,
            more,
            protocol,
            data_offset: packet.payload_offset,
            data_length: packet.payload_length,
            data_wire_length: packet.payload_wire_length,
        });
        packet.flags = packet.flags & !packet_flag::TRUNCATED | packet_flag::FRAGMENT;
        packet.payload_length = 0;
        packet.payload_wire_length = 0;
        Ok(Step::Done)
    }

    /// The authentication header in IPv4 hides nothing, so what it protects is the flow; when that is ESP, which hides
    /// all, the flow stays the authentication header's.
    pub(super) fn authentication(&mut self) -> Outcome {
        self.portless(AUTHENTICATION);
        let Ok(header) = self.take::<12>(self.at) else {
            return Ok(Step::Done);
        };
        let end = self.at + (usize::from(header[1]) + 2) * 4;
        let is_opaque = self.opaque_authentication && matches!(header[0], 4 | 41);
        if end > self.data.len() || header[0] == ENCAPSULATING_SECURITY || is_opaque {
            return Ok(Step::Done);
        }
        self.at = end;
        Ok(Step::Transport(header[0]))
    }
}
