//! Ethernet II and 802.3, VLAN tags, LLC and SNAP, and frames that stay layer 2.

use super::{DissectError, NO_ETHERNET, Outcome, Step, Walk, be16, part, push_vlan, short_address};
use crate::packet::NO_OFFSET;

/// VLAN tags walked in one Ethernet header; more are malformed.
const MAX_TAGS: usize = 16;

const IPV4: u16 = 0x0800;
const IPV6: u16 = 0x86dd;
const TRANSPARENT_BRIDGING: u16 = 0x6558;
const MPLS_UNICAST: u16 = 0x8847;
const MPLS_MULTICAST: u16 = 0x8848;
const PPPOE_SESSION: u16 = 0x8864;
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
                    self.carrier_frame(ether_type)?;
                    return self.mpls((0, 0));
                }
                PPPOE_SESSION => {
                    self.carrier_frame(ether_type)?;
                    return self.pppoe();
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

    /// Makes a link-layer tunnel's frame the carrier. Directly within another tunnel (MPLS in GRE) there is no frame,
    /// and the carrier stays what it is.
    fn carrier_frame(&mut self, ether_type: u16) -> Result<(), DissectError> {
        if !self.has_carrier || self.ethernet != NO_ETHERNET {
            self.layer2(ether_type)?;
        }
        Ok(())
    }
}
