//! What dissection learns of a frame: the facts of its innermost IP packet and the tunnels around it.
//! [`crate::dissect`] fills it, [`crate::engine`] writes it into a ring.

/// An address as it stands in the ring record: network order, IPv4 in the first 4 bytes, a MAC in the first 6, rest 0.
pub type Address = [u8; 16];

/// Tunnel layers kept with a packet; deeper ones are not followed.
pub const MAX_TUNNELS: usize = 8;
/// VLAN ids kept with a packet.
pub const MAX_VLANS: usize = 3;
/// No such header.
pub const NO_OFFSET: u8 = 255;

/// One tunnel layer; types are in `generated::layout::tunnel_type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tunnel {
    /// `tunnel_type` value.
    pub tunnel_type: u8,
    /// 4, 6, or 0 when the outer header is layer 2.
    pub ip_version: u8,
    /// Outer UDP source port, 0 none.
    pub source_port: u16,
    /// Outer UDP destination port, 0 none.
    pub destination_port: u16,
    /// VNI, TEID, GRE key, MPLS label, PPPoE or ERSPAN session; 0 none.
    pub id: u32,
    /// Outer source address.
    pub source_address: Address,
    /// Outer destination address.
    pub destination_address: Address,
}

/// The facts of one packet, reused from packet to packet. Offsets count from the start of the frame's bytes.
///
/// The order of the fields is chosen: none lies beside the one that it lies beside in the record. Else the compiler reads
/// both with one load, which has to wait until the two stores before it have left the core.
#[derive(Debug, Clone, PartialEq, Eq)]
#[repr(C)]
pub struct Packet {
    /// TCP sequence number; of a UDP datagram over IPv4 its identification and checksum (see `dissect::transport`), else 0.
    pub tcp_sequence: u32,
    /// Payload bytes present.
    pub payload_length: u32,
    /// TCP acknowledgement number.
    pub tcp_acknowledgement: u32,
    /// n-th packet of its source, counted from 1, modulo 2^32. Set by the engine; dissection leaves it alone.
    pub number: u32,
    /// Layer-4 payload.
    pub payload_offset: u32,
    /// `packet_flag` bits.
    pub flags: u32,
    /// Payload bytes by the IP length.
    pub payload_wire_length: u32,
    /// Innermost tunnel id that is the same in both directions, 0 none.
    pub vni: u32,
    /// Bytes of the inner IP packet by its length field.
    pub network_length: u32,
    /// Port, ICMP type, or EtherType (see the layout).
    pub source_port: u16,
    /// Innermost IP header or layer-2 payload.
    pub network_offset: u16,
    /// Port, ICMP counter type or code, or EtherType.
    pub destination_port: u16,
    /// EtherType of the innermost network header, 0 unknown.
    pub ether_type: u16,
    /// TCP window, unscaled.
    pub tcp_window: u16,
    /// Layer-4 header.
    pub transport_offset: u16,
    /// MSS of a SYN, 0 absent.
    pub tcp_mss: u16,
    /// VLAN ids, outermost first.
    pub vlans: [u16; MAX_VLANS],
    /// Inner source address.
    pub source_address: Address,
    /// Inner destination address.
    pub destination_address: Address,
    /// 4, 6, or 0 for layer 2.
    pub ip_version: u8,
    /// Inner TTL or hop limit.
    pub ttl: u8,
    /// IP protocol after extension headers; 0 for layer 2.
    pub protocol: u8,
    /// ICMP or ICMPv6 type.
    pub icmp_type: u8,
    /// TCP flags byte.
    pub tcp_flags: u8,
    /// How many of `tunnels` are set.
    pub tunnel_count: u8,
    /// Inner TOS or traffic class.
    pub traffic_class: u8,
    /// How many of `vlans` are set.
    pub vlan_count: u8,
    /// Window scale of a SYN, 255 absent.
    pub tcp_window_scale: u8,
    /// Ethernet header, [`NO_OFFSET`] none. The innermost one.
    pub ethernet_offset: u8,
    /// ICMP or ICMPv6 code.
    pub icmp_code: u8,
    /// Ethernet header before the innermost one, [`NO_OFFSET`] none.
    pub outer_ethernet_offset: u8,
    /// Bits of the marking filters that the frame matches.
    pub marks: u16,
    /// Tunnels, outermost first.
    pub tunnels: [Tunnel; MAX_TUNNELS],
    /// Set when this is a fragment: what defragmentation needs.
    pub fragment: Option<Fragment>,
}

/// The fragment fields of an IPv4 header or an IPv6 fragment header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fragment {
    /// Identification (16 bits in IPv4).
    pub id: u32,
    /// Offset of the data in the datagram, bytes.
    pub offset: u32,
    /// More fragments follow.
    pub more: bool,
    /// Protocol of the datagram (IPv6: next header of the fragment header).
    pub protocol: u8,
    /// Where the fragment's data starts, from the start of the frame.
    pub data_offset: u32,
    /// Bytes of fragment data present.
    pub data_length: u32,
    /// Bytes of fragment data by the IP length.
    pub data_wire_length: u32,
}

impl Default for Packet {
    fn default() -> Self {
        Packet {
            number: 0,
            ip_version: 0,
            protocol: 0,
            tcp_flags: 0,
            ttl: 0,
            traffic_class: 0,
            icmp_type: 0,
            icmp_code: 0,
            tcp_window_scale: 255,
            tcp_mss: 0,
            tcp_window: 0,
            tcp_sequence: 0,
            tcp_acknowledgement: 0,
            flags: 0,
            source_port: 0,
            destination_port: 0,
            source_address: [0; 16],
            destination_address: [0; 16],
            ether_type: 0,
            ethernet_offset: NO_OFFSET,
            outer_ethernet_offset: NO_OFFSET,
            marks: 0,
            network_offset: 0,
            transport_offset: 0,
            payload_offset: 0,
            payload_length: 0,
            payload_wire_length: 0,
            network_length: 0,
            vlans: [0; MAX_VLANS],
            vlan_count: 0,
            vni: 0,
            tunnels: [Tunnel::default(); MAX_TUNNELS],
            tunnel_count: 0,
            fragment: None,
        }
    }
}
