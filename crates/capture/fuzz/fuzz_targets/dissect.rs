//! Any bytes as a frame of any link type: dissection ends, claims nothing beyond the bytes, and both directions of what
//! it finds hash alike. The first two bytes choose the link type and how much the frame was cut.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringtap_capture::checksum;
use ringtap_capture::dissect::{DissectOptions, Dissector};
use ringtap_capture::flow_hash::flow_hash;
use ringtap_capture::frame::Frame;
use ringtap_capture::packet::{MAX_TUNNELS, MAX_VLANS, Packet};

const LINK_TYPES: [u16; 24] = [
    1, 0, 9, 12, 14, 50, 51, 101, 104, 105, 107, 108, 113, 119, 127, 163, 228, 229, 239, 276, 1, 1,
    1, 147,
];

fn assert_within(data: &[u8], packet: &Packet) {
    assert!(packet.payload_offset as usize + packet.payload_length as usize <= data.len());
    assert!(packet.payload_length <= packet.payload_wire_length);
    assert!(usize::from(packet.tunnel_count) <= MAX_TUNNELS);
    assert!(usize::from(packet.vlan_count) <= MAX_VLANS);
}

fuzz_target!(|input: &[u8]| {
    let [link, cut, data @ ..] = input else {
        return;
    };
    let frame = Frame {
        data,
        wire_length: data.len() as u32 + u32::from(*cut),
        time_ns: 0,
        link_type: LINK_TYPES[usize::from(*link) % LINK_TYPES.len()],
        interface_id: 0,
        file_id: 0,
        file_position: None,
        stripped_vlan: None,
        outgoing: false,
    };
    let mut dissector = Dissector::new(DissectOptions::default());
    let mut packet = Packet::default();
    if dissector.dissect(&frame, &mut packet).is_err() {
        return;
    }
    assert_within(data, &packet);
    assert!(usize::from(packet.network_offset) <= data.len());
    assert!(usize::from(packet.transport_offset) <= data.len());
    if let Some(fragment) = packet.fragment {
        assert!(fragment.data_offset as usize + fragment.data_length as usize <= data.len());
        assert!(fragment.data_length <= fragment.data_wire_length);
    }
    checksum::verify(data, &packet);
    let mut back = packet.clone();
    std::mem::swap(&mut back.source_address, &mut back.destination_address);
    std::mem::swap(&mut back.source_port, &mut back.destination_port);
    assert_eq!(flow_hash(&packet, true, true), flow_hash(&back, true, true));

    // What an earlier frame left in a packet changes nothing, but for tunnels beyond the count.
    let mut again = packet.clone();
    dissector
        .dissect(&frame, &mut again)
        .expect("it was dissected before");
    again.tunnels = packet.tunnels;
    assert_eq!(again, packet);

    let _ = dissector.dissect_datagram(data, &mut again);
    assert_within(data, &again);
});
