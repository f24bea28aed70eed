//! What dissection makes of frames: one sample a link type and tunnel, and of random and cut ones.

use super::*;

pub(super) fn frame(data: &[u8], link_type: u16) -> Frame<'_> {
    Frame {
        data,
        wire_length: data.len() as u32,
        time_ns: 0,
        link_type,
        interface_id: 0,
        file_id: 0,
        file_position: None,
        stripped_vlan: None,
        outgoing: false,
    }
}

#[test]
fn ethernet_ipv4_tcp() {
    let mut data = vec![0u8; 14];
    data[12] = 8;
    data.extend([
        0x45, 0, 0, 44, 0, 1, 0, 0, 64, 6, 0, 0, 192, 0, 2, 1, 198, 51, 100, 7,
    ]);
    data.extend([
        0xc0, 0, 1, 0xbb, 0, 0, 0, 1, 0, 0, 0, 0, 0x50, 0x10, 2, 0, 0, 0, 0, 0,
    ]);
    data.extend(*b"abcd");
    data.extend([0; 2]);
    let mut packet = Packet::default();
    Dissector::new(DissectOptions::default())
        .dissect(&frame(&data, 1), &mut packet)
        .unwrap();
    assert_eq!((packet.source_port, packet.destination_port), (49152, 443));
    assert_eq!(
        (
            packet.payload_offset,
            packet.payload_length,
            packet.payload_wire_length
        ),
        (54, 4, 4)
    );
    assert_eq!(packet.flags, 0);
}
