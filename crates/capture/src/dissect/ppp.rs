//! PPP (RFC 1661, RFC 1662 section 3), Cisco HDLC, and PPPoE sessions (RFC 2516).

use super::{DissectError, Outcome, Step, Walk, be16, ethernet};
use crate::generated::layout::{packet_flag, tunnel_type};

const IPV4: u16 = 0x0021;
const IPV6: u16 = 0x0057;
const MPLS_UNICAST: u16 = 0x0281;
const MPLS_MULTICAST: u16 = 0x0283;

/// First bytes of Cisco HDLC: unicast and multicast.
const CISCO_UNICAST: u8 = 0x0f;
const CISCO_MULTICAST: u8 = 0x8f;

impl Walk<'_> {
    /// A PPP frame: address and control bytes may be left out, the protocol may be one byte.
    pub(super) fn ppp(&mut self) -> Outcome {
        if let [0xff, 0x03] = self.peek(self.at, 2) {
            self.at += 2;
        }
        let first = self.take::<1>(self.at)?[0];
        // The low bit of the last byte of a protocol number is 1, of all others 0 (RFC 1661 section 2).
        let (protocol, length) = if first & 1 != 0 {
            (u16::from(first), 1)
        } else {
            (be16(self.take::<2>(self.at)?, 0), 2)
        };
        self.at += length;
        self.packet.flags |= packet_flag::PPP;
        match protocol {
            IPV4 => self.ipv4(),
            IPV6 => self.ipv6(),
            MPLS_UNICAST | MPLS_MULTICAST => self.in_frame(ethernet::PPP, |walk| walk.mpls((0, 0))),
            _ => self.layer2(ethernet::PPP),
        }
    }

    /// A serial line: PPP, or Cisco HDLC with an EtherType after two bytes.
    pub(super) fn hdlc(&mut self) -> Outcome {
        if let [CISCO_UNICAST | CISCO_MULTICAST, _, high, low] = self.peek(0, 4) {
            self.at = 4;
            return Ok(Step::EtherType(u16::from_be_bytes([*high, *low])));
        }
        self.ppp()
    }

    /// A PPPoE session frame: version and type 1, code 0, session id, length. What `packet` says is its carrier.
    pub(super) fn pppoe(&mut self) -> Outcome {
        let at = self.at;
        let header = self.take::<6>(at)?;
        if header[0] != 0x11 {
            return Err(DissectError::Malformed);
        }
        if header[1] != 0 {
            return self.layer2(0x8864);
        }
        if !self.enter(tunnel_type::PPPOE, u32::from(be16(header, 2)), (0, 0)) {
            return Ok(Step::Done);
        }
        self.limit(self.wire_end.min(at + 6 + usize::from(be16(header, 4))));
        self.at = at + 6;
        Ok(Step::Ppp)
    }
}
