//! Writes captures for the tests, as the format descriptions say and with every knob they have.

use crate::source::file::record::ByteOrder;

/// A packet to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    pub time_ns: u64,
    pub data: Vec<u8>,
    pub wire_length: u32,
}

/// A packet whose bytes all are `fill`.
pub fn packet(time_ns: u64, length: usize, fill: u8) -> Packet {
    Packet {
        time_ns,
        data: vec![fill; length],
        wire_length: length as u32,
    }
}

/// Bytes in one byte order.
pub struct Bytes {
    pub order: ByteOrder,
    pub bytes: Vec<u8>,
}

impl Bytes {
    pub fn new(order: ByteOrder) -> Bytes {
        Bytes {
            order,
            bytes: Vec::new(),
        }
    }

    pub fn u16(&mut self, value: u16) -> &mut Bytes {
        self.bytes.extend(match self.order {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        });
        self
    }

    pub fn u32(&mut self, value: u32) -> &mut Bytes {
        self.bytes.extend(match self.order {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        });
        self
    }

    pub fn u64(&mut self, value: u64) -> &mut Bytes {
        self.bytes.extend(match self.order {
            ByteOrder::Little => value.to_le_bytes(),
            ByteOrder::Big => value.to_be_bytes(),
        });
        self
    }

    pub fn raw(&mut self, bytes: &[u8]) -> &mut Bytes {
        self.bytes.extend(bytes);
        self
    }

    fn pad(&mut self) -> &mut Bytes {
        self.bytes.resize(self.bytes.len().next_multiple_of(4), 0);
        self
    }
}

pub const MICROSECONDS: u32 = 0xa1b2_c3d4;
pub const NANOSECONDS: u32 = 0xa1b2_3c4d;
pub const MODIFIED: u32 = 0xa1b2_cd34;

pub fn pcap_header(order: ByteOrder, magic: u32, version: (u16, u16), link_type: u32) -> Vec<u8> {
    let mut out = Bytes::new(order);
    out.u32(magic)
        .u16(version.0)
        .u16(version.1)
        .u32(0)
        .u32(0)
        .u32(262_144)
        .u32(link_type);
    out.bytes
}

pub fn pcap_record(order: ByteOrder, magic: u32, packet: &Packet) -> Vec<u8> {
    let mut out = Bytes::new(order);
    let fraction = packet.time_ns % 1_000_000_000;
    out.u32((packet.time_ns / 1_000_000_000) as u32);
    out.u32(if magic == NANOSECONDS {
        fraction
    } else {
        fraction / 1000
    } as u32);
    out.u32(packet.data.len() as u32).u32(packet.wire_length);
    if magic == MODIFIED {
        out.u32(3).u16(0x0800).u16(0);
    }
    out.raw(&packet.data);
    out.bytes
}

pub fn pcap(order: ByteOrder, magic: u32, link_type: u32, packets: &[Packet]) -> Vec<u8> {
    let mut bytes = pcap_header(order, magic, (2, 4), link_type);
    for packet in packets {
        bytes.extend(pcap_record(order, magic, packet));
    }
    bytes
}

/// A usual file: little endian, nanoseconds, Ethernet.
pub fn usual(packets: &[Packet]) -> Vec<u8> {
    pcap(ByteOrder::Little, NANOSECONDS, 1, packets)
}

pub fn block(order: ByteOrder, block_type: u32, body: &[u8]) -> Vec<u8> {
    let mut out = Bytes::new(order);
    let length = (12 + body.len().next_multiple_of(4)) as u32;
    out.u32(block_type).u32(length).raw(body).pad().u32(length);
    out.bytes
}

pub fn section(order: ByteOrder) -> Vec<u8> {
    let mut body = Bytes::new(order);
    body.u32(0x1a2b_3c4d).u16(1).u16(0).u64(u64::MAX);
    block(order, 0x0a0d_0d0a, &body.bytes)
}

/// Options as (code, value).
pub fn interface(
    order: ByteOrder,
    link_type: u16,
    snap_length: u32,
    options: &[(u16, &[u8])],
) -> Vec<u8> {
    let mut body = Bytes::new(order);
    body.u16(link_type).u16(0).u32(snap_length);
    for (code, value) in options {
        body.u16(*code).u16(value.len() as u16).raw(value).pad();
    }
    if !options.is_empty() {
        body.u16(0).u16(0);
    }
    block(order, 1, &body.bytes)
}

/// `units` in the interface's resolution; a comment is added to every packet with an odd length.
pub fn enhanced(
    order: ByteOrder,
    interface: u32,
    units: u64,
    data: &[u8],
    wire_length: u32,
) -> Vec<u8> {
    let mut body = Bytes::new(order);
    body.u32(interface)
        .u32((units >> 32) as u32)
        .u32(units as u32);
    body.u32(data.len() as u32).u32(wire_length).raw(data).pad();
    if data.len() % 2 == 1 {
        body.u16(1).u16(3).raw(b"odd").pad().u16(0).u16(0);
    }
    block(order, 6, &body.bytes)
}

pub fn obsolete(
    order: ByteOrder,
    interface: u16,
    units: u64,
    data: &[u8],
    wire_length: u32,
) -> Vec<u8> {
    let mut body = Bytes::new(order);
    body.u16(interface)
        .u16(7)
        .u32((units >> 32) as u32)
        .u32(units as u32);
    body.u32(data.len() as u32).u32(wire_length).raw(data);
    block(order, 2, &body.bytes)
}

pub fn simple(order: ByteOrder, data: &[u8], wire_length: u32) -> Vec<u8> {
    let mut body = Bytes::new(order);
    body.u32(wire_length).raw(data);
    block(order, 3, &body.bytes)
}

/// One section, one interface with nanoseconds.
pub fn pcapng(order: ByteOrder, packets: &[Packet]) -> Vec<u8> {
    let mut bytes = section(order);
    bytes.extend(interface(order, 1, 0, &[(9, &[9])]));
    for packet in packets {
        bytes.extend(enhanced(
            order,
            0,
            packet.time_ns,
            &packet.data,
            packet.wire_length,
        ));
    }
    bytes
}
