//! Ethernet II and 802.3, VLAN tags, LLC and SNAP, and frames that stay layer 2.

use super::gre::{ERSPAN, ERSPAN_3};
use super::{DissectError, NO_ETHERNET, Outcome, Step, Walk, be16, part, push_vlan, short_address};
use crate::packet::NO_OFFSET;

/// VLAN tags walked in one Ethernet header; more are malformed.
const MAX_TAGS: usize = 16;

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const TRANSPARENT_BRIDGING: u16 = 0x6558;
const CISCO_METADATA: u16 = 0x8909;
/// The network service header.
pub(super) const SERVICE_HEADER: u16 = 0x894f;
const MPLS_UNICAST: u16 = 0x8847;
const MPLS_MULTICAST: u16 = 0x8848;
pub(super) const PPPOE_SESSION: u16 = 0x8864;
/// PPP control protocols are shown under PPP's own EtherType.
pub(super) const PPP: u16 = 0x880b;
/// Values up to this are 802.3 lengths.
const MAX_LENGTH: u16 = 1500;
/// Values from this on are EtherTypes.
const MIN_ETHER_TYPE: u16 = 0x0600;

impl Walk<'_> {
    #[inline(always)]
    pub(super) fn ethernet(&mut self) -> Outcome {
        let at = self.at;
        let header = self.take::<14>(at)?;
        self.ethernet = at;
        self.packet.outer_ethernet_offset = self.packet.ethernet_offset;
        self.packet.ethernet_offset = if at < usize::from(NO_OFFSET) {
            at as u8
        } else {
            NO_OFFSET
        };
        self.at = at + 14;
        self.ether_type(be16(header, 12))
    }

    /// What follows an EtherType or length field.
    #[inline(always)]
    pub(super) fn ether_type(&mut self, ether_type: u16) -> Outcome {
        match ether_type {
            IPV4 => self.ipv4(),
            IPV6 => self.ipv6(),
            _ => self.other_ether_type(ether_type),
        }
    }

    fn other_ether_type(&mut self, mut ether_type: u16) -> Outcome {
        for _ in 0..MAX_TAGS {
            match ether_type {
                // 802.1Q, 802.1ad, and the tags that were used for stacking before it.
                0x8100 | 0x88a8 | 0x9100 | 0x9200 | 0x9300 => {
                    let tag = self.take::<4>(self.at)?;
                    push_vlan(self.packet, be16(tag, 0));
                    self.at += 4;
                    ether_type = be16(tag, 2);
                }
                IPV4 => return self.ipv4(),
                IPV6 => return self.ipv6(),
                MPLS_UNICAST | MPLS_MULTICAST => {
                    return self.in_frame(ether_type, |walk| walk.mpls((0, 0)));
                }
                PPPOE_SESSION => {
                    return self.in_frame(ether_type, Walk::pppoe);
                }
                // Cisco metadata (security group tags): version, length in words, one at least, EtherType behind.
                CISCO_METADATA => {
                    let words = usize::from(self.take::<2>(self.at)?[1]).max(1);
                    self.at += 2 + words * 4;
                    ether_type = be16(self.take::<2>(self.at)?, 0);
                    self.at += 2;
                }
                SERVICE_HEADER => return self.service_header(),
                ERSPAN | ERSPAN_3 if self.ethernet != NO_ETHERNET => {
                    return self.in_frame(ether_type, |walk| walk.erspan_frame(ether_type));
                }
                PPP => return Ok(Step::Ppp),
                TRANSPARENT_BRIDGING if self.ethernet == NO_ETHERNET => return Ok(Step::Ethernet),
                0..=MAX_LENGTH if self.ethernet != NO_ETHERNET => {
                    self.limit(self.wire_end.min(self.at + usize::from(ether_type)));
                    return self.llc();
                }
                _ => {
                    return self.layer2(if ether_type < MIN_ETHER_TYPE {
                        0
                    } else {
                        ether_type
                    });
                }
            }
        }
        Err(DissectError::Malformed)
    }

    /// The network service header (RFC 8300 section 2): version 0, length in words, next protocol. It steers a packet
    /// and is no tunnel: it has no addresses and leaves no trace.
    fn service_header(&mut self) -> Outcome {
        let header = self.take::<8>(self.at)?;
        let words = usize::from(header[1] & 0x3f);
        let step = match header[3] {
            1 | 2 => Step::Ip,
            3 => Step::Ethernet,
            5 => Step::EtherType(MPLS_UNICAST),
            _ => return self.layer2(SERVICE_HEADER),
        };
        if header[0] >> 6 != 0 || words < 2 {
            return Err(DissectError::Malformed);
        }
        self.at += words * 4;
        Ok(step)
    }

    /// LLC (IEEE 802.2), and SNAP within it.
    pub(super) fn llc(&mut self) -> Outcome {
        match self.peek(self.at, 8) {
            // OUI 0 is an EtherType; 0000f8 is the bridge tunnel of IEEE 802.1H.
            [0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00 | 0xf8, high, low] => {
                let ether_type = u16::from_be_bytes([*high, *low]);
                // A length here would let frames nest without end.
                if ether_type < MIN_ETHER_TYPE {
                    return self.layer2(0);
                }
                self.at += 8;
                Ok(Step::EtherType(ether_type))
            }
            [0x06, 0x06, 0x03, ..] => {
                self.at += 3;
                Ok(Step::Ip)
            }
            _ => self.layer2(0),
        }
    }

    /// A frame that is a flow of its link addresses. Inside a tunnel that gives none it belongs to the carrier.
    pub(super) fn layer2(&mut self, ether_type: u16) -> Outcome {
        if self.has_carrier && self.ethernet == NO_ETHERNET {
            return Err(DissectError::Unsupported);
        }
        if self.at > self.data.len() {
            return Err(DissectError::Truncated);
        }
        let packet = &mut *self.packet;
        let mut start = 0;
        if self.ethernet != NO_ETHERNET {
            start = self.ethernet;
            let header = self
                .data
                .get(start..start + 12)
                .ok_or(DissectError::Truncated)?;
            packet.destination_address = short_address::<6>(&part(header, 0));
            packet.source_address = short_address::<6>(&part(header, 6));
        }
        packet.ip_version = 0;
        packet.protocol = 0;
        packet.ttl = 0;
        packet.traffic_class = 0;
        packet.ether_type = ether_type;
        packet.source_port = ether_type;
        packet.destination_port = ether_type;
        let offset = self.at.min(usize::from(u16::MAX)) as u16;
        packet.network_offset = offset;
        packet.transport_offset = offset;
        packet.network_length = self.wire_end.saturating_sub(start) as u32;
        self.payload(self.at);
        Ok(Step::Done)
    }

    /// Follows a tunnel that a frame carries, with the frame as its carrier. Directly within another tunnel (MPLS in
    /// GRE) there is no frame: the outer addresses are those of that tunnel, and its carrier is the flow when the
    /// inside is not followed.
    pub(super) fn in_frame(
        &mut self,
        ether_type: u16,
        follow: impl Fn(&mut Self) -> Outcome,
    ) -> Outcome {
        if !self.has_carrier || self.ethernet != NO_ETHERNET {
            self.layer2(ether_type)?;
            return follow(self);
        }
        self.keep_carrier = true;
        match follow(self)? {
            Step::Done => Err(DissectError::Unsupported),
            step => Ok(step),
        }
    }
}
