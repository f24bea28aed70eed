//! GRE (RFC 2784, RFC 2890), its PPTP form (RFC 2637 section 4.1), NVGRE (RFC 7637) and ERSPAN.

use super::{Outcome, Step, Walk, be16, be32, push_vlan};
use crate::generated::layout::tunnel_type;

const CHECKSUM: u16 = 0x8000;
const ROUTING: u16 = 0x4000;
const KEY: u16 = 0x2000;
const SEQUENCE: u16 = 0x1000;
/// Version 1 only: an acknowledgement number follows.
const ACKNOWLEDGEMENT: u16 = 0x0080;

const PPP: u16 = 0x880b;
const TRANSPARENT_BRIDGING: u16 = 0x6558;
pub(super) const ERSPAN: u16 = 0x88be;
pub(super) const ERSPAN_3: u16 = 0x22eb;
const WCCP: u16 = 0x883e;

/// The first VSID that NVGRE may use (RFC 7637 section 3.2).
const FIRST_VSID: u32 = 0x1000;

impl Walk<'_> {
    /// A GRE header at `at`; `packet` says the flow without ports that carries it. The flow stays that one when the
    /// header is cut, uses source routes or carries what is not known.
    pub(super) fn gre(&mut self) -> Outcome {
        let Ok(header) = self.take::<4>(self.at) else {
            return Ok(Step::Done);
        };
        let (flags, protocol) = (be16(header, 0), be16(header, 2));
        match flags & 7 {
            0 if flags & ROUTING == 0 => self.gre_0(flags, protocol),
            1 if protocol == PPP && flags & KEY != 0 => self.gre_pptp(flags),
            _ => Ok(Step::Done),
        }
    }

    fn gre_0(&mut self, flags: u16, protocol: u16) -> Outcome {
        let mut at = self.at + 4;
        if flags & CHECKSUM != 0 {
            at += 4;
        }
        let mut key = 0;
        if flags & KEY != 0 {
            let Ok(bytes) = self.take::<4>(at) else {
                return Ok(Step::Done);
            };
            key = be32(bytes, 0);
            at += 4;
        }
        if flags & SEQUENCE != 0 {
            at += 4;
        }
        match protocol {
            ERSPAN => return self.erspan(at, flags & SEQUENCE != 0),
            ERSPAN_3 => return self.erspan_3(at),
            TRANSPARENT_BRIDGING if flags == KEY && key >> 8 >= FIRST_VSID => key >>= 8,
            // Version 2 of WCCP puts a redirect header before the packet, version 1 does not.
            WCCP => {
                if !self.plausible_ip(at) {
                    at += 4;
                }
                return self.gre_inner(at, key, Step::Ip);
            }
            PPP => return self.gre_inner(at, key, Step::Ppp),
            _ => {}
        }
        self.gre_inner(at, key, Step::EtherType(protocol))
    }

    /// PPTP: in place of the key are the payload's length and the call id of one direction.
    fn gre_pptp(&mut self, flags: u16) -> Outcome {
        let mut at = self.at + 8;
        if flags & SEQUENCE != 0 {
            at += 4;
        }
        if flags & ACKNOWLEDGEMENT != 0 {
            at += 4;
        }
        self.gre_inner(at, 0, Step::Ppp)
    }

    fn gre_inner(&mut self, at: usize, id: u32, step: Step) -> Outcome {
        if !self.enter(tunnel_type::GRE, id, (0, 0)) {
            return Ok(Step::Done);
        }
        self.at = at;
        Ok(step)
    }

    /// ERSPAN type I has no header of its own and no GRE sequence number; type II has 8 bytes.
    fn erspan(&mut self, at: usize, sequence: bool) -> Outcome {
        if !sequence {
            return self.erspan_inner(at, 0, Step::Ethernet);
        }
        match self.take::<8>(at) {
            Ok(header) if header[0] >> 4 == 1 => {
                push_vlan(self.packet, be16(header, 0));
                self.erspan_inner(at + 8, u32::from(be16(header, 2) & 0x03ff), Step::Ethernet)
            }
            _ => Ok(Step::Done),
        }
    }

    /// ERSPAN straight in an Ethernet frame.
    pub(super) fn erspan_frame(&mut self, ether_type: u16) -> Outcome {
        match ether_type {
            ERSPAN => self.erspan(self.at, true),
            _ => self.erspan_3(self.at),
        }
    }

    /// ERSPAN type III: 12 bytes, and 8 more when the last bit says so.
    fn erspan_3(&mut self, at: usize) -> Outcome {
        let header = match self.take::<12>(at) {
            Ok(header) if header[0] >> 4 == 2 => header,
            _ => return Ok(Step::Done),
        };
        push_vlan(self.packet, be16(header, 0));
        let inner = if header[11] & 1 != 0 {
            at + 20
        } else {
            at + 12
        };
        let step = match be16(header, 10) >> 10 & 31 {
            0 => Step::Ethernet,
            2 => Step::Ip,
            _ => return Ok(Step::Done),
        };
        self.erspan_inner(inner, u32::from(be16(header, 2) & 0x03ff), step)
    }

    fn erspan_inner(&mut self, at: usize, session: u32, step: Step) -> Outcome {
        if !self.enter(tunnel_type::ERSPAN, session, (0, 0)) {
            return Ok(Step::Done);
        }
        self.at = at;
        Ok(step)
    }
}
