//! Link types (https://www.tcpdump.org/linktypes.html): what a frame starts with.

use super::{DissectError, Outcome, Step, Walk, be16, ethernet, short_address};

const NULL: u16 = 0;
const ETHERNET: u16 = 1;
const PPP: u16 = 9;
const RAW_BSD: u16 = 12;
const RAW_OPENBSD: u16 = 14;
const PPP_HDLC: u16 = 50;
const PPP_ETHER: u16 = 51;
const RAW: u16 = 101;
const CISCO_HDLC: u16 = 104;
const IEEE802_11: u16 = 105;
const FRAME_RELAY: u16 = 107;
const LOOP: u16 = 108;
const LINUX_SLL: u16 = 113;
const IEEE802_11_PRISM: u16 = 119;
const IEEE802_11_RADIOTAP: u16 = 127;
const IEEE802_11_AVS: u16 = 163;
const IPV4: u16 = 228;
const IPV6: u16 = 229;
const NFLOG: u16 = 239;
const LINUX_SLL2: u16 = 276;

/// Below this, the protocol field of a cooked header is a Linux number, not an EtherType.
const MIN_ETHER_TYPE: u16 = 0x0600;
/// 802.2 LLC, in the protocol field of a cooked header.
const ETH_P_802_2: u16 = 4;
/// The interface type of netlink, whose protocol field is a netlink family.
const ARPHRD_NETLINK: u16 = 824;

impl Walk<'_> {
    #[inline(always)]
    pub(super) fn link(&mut self, link_type: u16) -> Outcome {
        if link_type == ETHERNET {
            self.ethernet()
        } else {
            self.other_link(link_type)
        }
    }

    fn other_link(&mut self, link_type: u16) -> Outcome {
        self.packet.source_address = [0; 16];
        self.packet.destination_address = [0; 16];
        match link_type {
            RAW | RAW_BSD | RAW_OPENBSD => self.ip(),
            IPV4 => self.ipv4(),
            IPV6 => self.ipv6(),
            NULL | LOOP => self.loopback(),
            LINUX_SLL => self.cooked(),
            LINUX_SLL2 => self.cooked2(),
            IEEE802_11 => self.wireless(),
            IEEE802_11_RADIOTAP => self.radiotap(),
            IEEE802_11_PRISM | IEEE802_11_AVS => self.prism(),
            PPP => self.ppp(),
            PPP_HDLC | CISCO_HDLC => self.hdlc(),
            PPP_ETHER => {
                self.layer2(ethernet::PPPOE_SESSION)?;
                self.pppoe()
            }
            FRAME_RELAY => self.frame_relay(),
            NFLOG => self.nflog(),
            _ => Err(DissectError::Unsupported),
        }
    }

    /// BSD loopback: the address family, in the byte order of whichever machine captured, or (LOOP) network order.
    fn loopback(&mut self) -> Outcome {
        let header = self.take::<4>(0)?;
        self.at = 4;
        // Families are below 256, so one of the orders has three zero bytes before it.
        let family = match *header {
            [family, 0, 0, 0] | [0, 0, 0, family] => family,
            _ => 0,
        };
        match family {
            2 => self.ipv4(),
            // Linux, Windows, NetBSD and OpenBSD, FreeBSD, macOS.
            10 | 23 | 24 | 28 | 30 => self.ipv6(),
            _ => self.layer2(0),
        }
    }

    /// Frame relay: an address whose last byte has the low bit set, then a control byte and a protocol id (RFC 2427
    /// section 4), or an EtherType as Cisco has it.
    fn frame_relay(&mut self) -> Outcome {
        let Some(last) = self.peek(0, 4).iter().position(|byte| byte & 1 != 0) else {
            return Err(DissectError::Malformed);
        };
        self.at = last + 1;
        match self.peek(self.at, 2) {
            [0x03, 0xcc | 0x8e] => {
                self.at += 2;
                self.ip()
            }
            [high @ 0x06..=0xff, low] => {
                self.at += 2;
                Ok(Step::EtherType(u16::from_be_bytes([*high, *low])))
            }
            _ => self.layer2(0),
        }
    }

    /// Linux netfilter log: family, version 0, resource id, then attributes with length and type in the byte order of
    /// the capturing machine. The packet is in the last attribute that matters.
    fn nflog(&mut self) -> Outcome {
        const PAYLOAD: u16 = 9;
        /// More attributes than any kernel writes.
        const MAX_ATTRIBUTES: usize = 64;
        let header = self.take::<4>(0)?;
        if header[1] != 0 {
            return Err(DissectError::Malformed);
        }
        self.at = 4;
        for _ in 0..MAX_ATTRIBUTES {
            let [a, b, c, d] = *self.take::<4>(self.at)?;
            // Types are below 256: the zero byte tells the order.
            let (length, kind) = if d == 0 {
                (u16::from_le_bytes([a, b]), u16::from(c))
            } else {
                (u16::from_be_bytes([a, b]), u16::from(d))
            };
            let length = usize::from(length);
            if length < 4 {
                return Err(DissectError::Malformed);
            }
            if kind == PAYLOAD {
                self.limit(self.wire_end.min(self.at + length));
                self.at += 4;
                return self.ip();
            }
            self.at += length.next_multiple_of(4);
        }
        Err(DissectError::Malformed)
    }

    /// Linux cooked capture, version 1: packet type, interface type, address length, address, protocol.
    fn cooked(&mut self) -> Outcome {
        let header = self.take::<16>(0)?;
        self.at = 16;
        self.cooked_protocol(
            be16(header, 2),
            be16(header, 4),
            &header[6..14],
            be16(header, 14),
        )
    }

    /// Linux cooked capture, version 2: protocol, interface, interface type, packet type, address length, address.
    fn cooked2(&mut self) -> Outcome {
        let header = self.take::<20>(0)?;
        self.at = 20;
        self.cooked_protocol(
            be16(header, 8),
            u16::from(header[11]),
            &header[12..20],
            be16(header, 0),
        )
    }

    fn cooked_protocol(
        &mut self,
        interface_type: u16,
        length: u16,
        address: &[u8],
        protocol: u16,
    ) -> Outcome {
        if let (6, Some(mac)) = (length, address.first_chunk::<6>()) {
            self.packet.source_address = short_address::<6>(mac);
        }
        match protocol {
            _ if interface_type == ARPHRD_NETLINK => self.layer2(0),
            ETH_P_802_2 => self.llc(),
            MIN_ETHER_TYPE.. => Ok(Step::EtherType(protocol)),
            _ => self.layer2(0),
        }
    }
}
