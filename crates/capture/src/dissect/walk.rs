//! The state of one frame's dissection and what all protocols need of it: bytes that are there, the end of the current
//! packet, entering a tunnel and falling back from it. Each protocol's part is an `impl` of [`Walk`] in its own file.

use super::{DissectError, MAX_LAYERS, NO_ETHERNET};
use crate::generated::layout::{packet_flag, tunnel_type};
use crate::packet::{Address, MAX_VLANS, Packet, Tunnel};

/// What comes next, at `Walk::at`.
pub(super) enum Step {
    /// The packet is filled.
    Done,
    /// An Ethernet header.
    Ethernet,
    /// What the EtherType says.
    EtherType(u16),
    /// IPv4 or IPv6, by the version.
    Ip,
    /// A PPP frame, with or without address and control bytes.
    Ppp,
    /// What the IP protocol number says.
    Transport(u8),
}

pub(super) type Outcome = Result<Step, DissectError>;

/// The state of one frame's dissection. Each protocol's part is an `impl` in its own file.
pub(super) struct Walk<'a> {
    /// The frame from its start up to the end of the current packet.
    pub(super) data: &'a [u8],
    /// Where the current packet ends on the wire: `data.len()` unless it was cut.
    pub(super) wire_end: usize,
    /// Start of the header that comes next.
    pub(super) at: usize,
    /// Start of the Ethernet header within the current tunnel.
    pub(super) ethernet: usize,
    pub(super) packet: &'a mut Packet,
    pub(super) carrier: &'a mut Packet,
    pub(super) has_carrier: bool,
    /// The next tunnel lies directly within the one just entered, so the carrier is that one's.
    pub(super) keep_carrier: bool,
    pub(super) too_deep: bool,
    /// `data` is a reassembled datagram.
    pub(super) reassembled: bool,
    pub(super) max_tunnels: u8,
    pub(super) opaque_authentication: bool,
    /// Flags of the frame, kept when a tunnel is entered.
    pub(super) base_flags: u32,
}

impl<'a> Walk<'a> {
    /// Goes on until the packet is filled, or falls back to the carrier of the tunnel whose inside failed.
    #[inline(always)]
    pub(super) fn finish(&mut self, first: Outcome) -> Result<(), DissectError> {
        match first {
            Ok(Step::Done) => Ok(()),
            other => self.finish_slow(other),
        }
    }

    fn finish_slow(&mut self, mut outcome: Outcome) -> Result<(), DissectError> {
        for _ in 0..MAX_LAYERS {
            let step = match outcome {
                Ok(Step::Done) => return Ok(()),
                Ok(step) => step,
                Err(error) => return self.fall_back(error),
            };
            outcome = match step {
                Step::Done => return Ok(()),
                Step::Ethernet => self.ethernet(),
                Step::EtherType(ether_type) => self.ether_type(ether_type),
                Step::Ip => self.ip(),
                Step::Ppp => self.ppp(),
                Step::Transport(protocol) => self.transport(protocol),
            };
        }
        match outcome {
            Ok(Step::Done) => Ok(()),
            Ok(_) => self.fall_back(DissectError::Malformed),
            Err(error) => self.fall_back(error),
        }
    }

    fn fall_back(&mut self, error: DissectError) -> Result<(), DissectError> {
        if !self.has_carrier {
            return Err(error);
        }
        self.packet.clone_from(self.carrier);
        Ok(())
    }

    /// Starts a tunnel whose carrier is what `packet` says now. False when it is too deep to follow; then the packet
    /// is the carrier's.
    pub(super) fn enter(&mut self, kind: u32, id: u32, ports: (u16, u16)) -> bool {
        let count = self.packet.tunnel_count;
        if count >= self.max_tunnels {
            self.too_deep = true;
            return false;
        }
        if !self.keep_carrier {
            self.carrier.clone_from(self.packet);
            self.has_carrier = true;
        }
        self.keep_carrier = false;
        let packet = &mut *self.packet;
        packet.tunnels[count as usize] = Tunnel {
            tunnel_type: kind as u8,
            ip_version: packet.ip_version,
            source_port: ports.0,
            destination_port: ports.1,
            id,
            source_address: packet.source_address,
            destination_address: packet.destination_address,
        };
        packet.tunnel_count = count + 1;
        // What names a network is the same in both directions; a TEID, label or session of one direction is not.
        if id != 0
            && matches!(
                kind,
                tunnel_type::VXLAN
                    | tunnel_type::GENEVE
                    | tunnel_type::GRE
                    | tunnel_type::ERSPAN
                    | tunnel_type::PPPOE
            )
        {
            packet.vni = id;
        }
        packet.flags = self.base_flags;
        self.ethernet = NO_ETHERNET;
        true
    }

    /// The `N` bytes at `at`.
    #[inline(always)]
    pub(super) fn take<const N: usize>(&self, at: usize) -> Result<&'a [u8; N], DissectError> {
        let data: &'a [u8] = self.data;
        data.get(at..)
            .and_then(|rest| rest.first_chunk::<N>())
            .ok_or(DissectError::Truncated)
    }

    /// The bytes from `at` on, at most `length`.
    #[inline(always)]
    pub(super) fn peek(&self, at: usize, length: usize) -> &'a [u8] {
        let data: &'a [u8] = self.data;
        let rest = data.get(at..).unwrap_or(&[]);
        &rest[..rest.len().min(length)]
    }

    /// Says that the current packet ends at `wire_end`; what is captured beyond is padding.
    #[inline(always)]
    pub(super) fn limit(&mut self, wire_end: usize) {
        self.wire_end = wire_end;
        if wire_end < self.data.len() {
            self.data = &self.data[..wire_end];
        }
    }

    /// Sets the payload: from `at` to the end of the current packet.
    #[inline(always)]
    pub(super) fn payload(&mut self, at: usize) {
        let start = at.min(self.data.len());
        let length = self.data.len() - start;
        let wire_length = self.wire_end.saturating_sub(at);
        self.packet.payload_offset = start as u32;
        self.packet.payload_length = length as u32;
        self.packet.payload_wire_length = wire_length as u32;
        if length < wire_length {
            self.packet.flags |= packet_flag::TRUNCATED;
        }
    }
}

/// Keeps the VLAN id of a tag. Id 0 only gives a priority and names no VLAN (IEEE 802.1Q 9.6).
#[inline(always)]
pub(super) fn push_vlan(packet: &mut Packet, tci: u16) {
    let id = tci & 0x0fff;
    let count = packet.vlan_count as usize;
    if id != 0 && count < MAX_VLANS {
        packet.vlans[count] = id;
        packet.vlan_count = count as u8 + 1;
    }
}

/// An IPv4 address or a MAC address in the first bytes of an [`Address`].
#[inline(always)]
pub(super) fn short_address<const N: usize>(bytes: &[u8; N]) -> Address {
    // One wide store: narrow ones would have to settle before the whole is read back.
    let bits = bytes
        .iter()
        .rev()
        .fold(0, |bits, &byte| bits << 8 | u128::from(byte));
    bits.to_le_bytes()
}

#[inline(always)]
pub(super) fn be16(bytes: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([bytes[at], bytes[at + 1]])
}

#[inline(always)]
pub(super) fn be32(bytes: &[u8], at: usize) -> u32 {
    u32::from_be_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
}

/// `N` bytes of a header whose length is known to suffice.
#[inline(always)]
pub(super) fn part<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let mut out = [0; N];
    out.copy_from_slice(&bytes[at..at + N]);
    out
}
