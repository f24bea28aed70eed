//! Headers for the tests, put around a payload one by one. Lengths and checksums come out right; addresses, ports and
//! the payload are those of the sample packet.

pub(crate) const CLIENT_4: [u8; 4] = [192, 0, 2, 1];
pub(crate) const SERVER_4: [u8; 4] = [198, 51, 100, 7];
pub(crate) const CLIENT_6: [u8; 16] = [0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
/// A Teredo address, as one end of a Teredo packet is.
pub(crate) const SERVER_6: [u8; 16] = [0x20, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
pub(crate) const CLIENT_MAC: [u8; 6] = [2, 0, 0, 0, 0, 1];
pub(crate) const SERVER_MAC: [u8; 6] = [2, 0, 0, 0, 0, 7];

pub(crate) fn join(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

pub(crate) fn ethernet(ether_type: u16, payload: &[u8]) -> Vec<u8> {
    join(&[&SERVER_MAC, &CLIENT_MAC, &ether_type.to_be_bytes(), payload])
}

pub(crate) fn vlan(id: u16, ether_type: u16, payload: &[u8]) -> Vec<u8> {
    join(&[
        &(0x2000 | id).to_be_bytes(),
        &ether_type.to_be_bytes(),
        payload,
    ])
}

/// The one's complement sum as it goes into a header, computed word by word.
fn complement(parts: &[&[u8]]) -> [u8; 2] {
    let mut total = 0u32;
    for part in parts {
        for (index, byte) in part.iter().enumerate() {
            total += u32::from(*byte) << if index % 2 == 0 { 8 } else { 0 };
        }
    }
    while total > 0xffff {
        total = (total & 0xffff) + (total >> 16);
    }
    (!(total as u16)).to_be_bytes()
}

/// IPv4 with the given fragment word and options.
pub(crate) fn ipv4_with(
    protocol: u8,
    id: u16,
    fragment: u16,
    options: &[u8],
    payload: &[u8],
) -> Vec<u8> {
    let header_length = 20 + options.len();
    let total = ((header_length + payload.len()) as u16).to_be_bytes();
    let (id, fragment) = (id.to_be_bytes(), fragment.to_be_bytes());
    let mut header = vec![
        0x40 | (header_length / 4) as u8,
        0x10,
        total[0],
        total[1],
        id[0],
        id[1],
        fragment[0],
    ];
    header.extend([fragment[1], 61, protocol, 0, 0]);
    header.extend(CLIENT_4);
    header.extend(SERVER_4);
    header.extend(options);
    let check = complement(&[&header]);
    header[10..12].copy_from_slice(&check);
    join(&[&header, payload])
}

pub(crate) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_with(protocol, 1, 0x4000, &[], payload)
}

pub(crate) fn ipv6(next: u8, payload: &[u8]) -> Vec<u8> {
    let length = (payload.len() as u16).to_be_bytes();
    join(&[
        &[0x61, 0, 0, 0, length[0], length[1], next, 61],
        &CLIENT_6,
        &SERVER_6,
        payload,
    ])
}

/// The address and length words that TCP and UDP checksums cover besides the segment.
fn pseudo(ip_version: u8, protocol: u8, length: usize) -> Vec<u8> {
    let tail = [0, protocol, (length >> 8) as u8, length as u8];
    if ip_version == 4 {
        join(&[&CLIENT_4, &SERVER_4, &tail])
    } else {
        join(&[&CLIENT_6, &SERVER_6, &tail])
    }
}

/// A segment whose checksum is right under the sample addresses of that IP version.
pub(crate) fn tcp_with(ip_version: u8, flags: u8, options: &[u8], payload: &[u8]) -> Vec<u8> {
    let mut segment = vec![0xc0, 0, 0x01, 0xbb, 0, 0, 0, 100, 0, 0, 0, 200];
    segment.extend([
        (((20 + options.len()) / 4) << 4) as u8,
        flags,
        0x20,
        0,
        0,
        0,
        0,
        0,
    ]);
    segment.extend(options);
    segment.extend(payload);
    let check = complement(&[&pseudo(ip_version, 6, segment.len()), &segment]);
    segment[16..18].copy_from_slice(&check);
    segment
}

pub(crate) fn tcp(ip_version: u8) -> Vec<u8> {
    tcp_with(ip_version, 0x18, &[], b"hello")
}

/// A datagram whose checksum is right under the sample addresses of that IP version.
pub(crate) fn udp_in(ip_version: u8, source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    let length = 8 + payload.len();
    let (source, destination) = (source.to_be_bytes(), destination.to_be_bytes());
    let mut datagram = join(&[
        &source,
        &destination,
        &(length as u16).to_be_bytes(),
        &[0, 0],
        payload,
    ]);
    let check = complement(&[&pseudo(ip_version, 17, length), &datagram]);
    datagram[6..8].copy_from_slice(&check);
    datagram
}

pub(crate) fn udp(source: u16, destination: u16, payload: &[u8]) -> Vec<u8> {
    udp_in(4, source, destination, payload)
}

/// The sample packet in IPv4 and IPv6.
pub(crate) fn packet_4() -> Vec<u8> {
    ipv4(6, &tcp(4))
}

pub(crate) fn packet_6() -> Vec<u8> {
    ipv6(6, &tcp(6))
}

/// The sample packet in Ethernet.
pub(crate) fn frame_4() -> Vec<u8> {
    ethernet(0x0800, &packet_4())
}

/// `payload` in UDP, IPv4 and Ethernet.
pub(crate) fn over_udp(destination: u16, payload: &[u8]) -> Vec<u8> {
    ethernet(0x0800, &ipv4(17, &udp(50_000, destination, payload)))
}

pub(crate) fn vxlan(vni: u8) -> Vec<u8> {
    vec![8, 0, 0, 0, 0, 0, vni, 0]
}

pub(crate) fn gtp_u(flags: u8, fields: &[u8], payload: &[u8]) -> Vec<u8> {
    let length = ((fields.len() + payload.len()) as u16).to_be_bytes();
    join(&[
        &[flags, 255, length[0], length[1], 0, 0, 0, 9],
        fields,
        payload,
    ])
}
