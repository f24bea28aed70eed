//! Link types (https://www.tcpdump.org/linktypes.html): what a frame starts with.

use super::{DissectError, Outcome, Step, Walk, be16, short_address};

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
const LOOP: u16 = 108;
const LINUX_SLL: u16 = 113;
const IEEE802_11_PRISM: u16 = 119;
const IEEE802_11_RADIOTAP: u16 = 127;
const IEEE802_11_AVS: u16 = 163;
const IPV4: u16 = 228;
const IPV6: u16 = 229;
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
            PPP_ETHER => self.pppoe(),
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
