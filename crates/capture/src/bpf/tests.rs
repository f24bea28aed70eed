//! The interpreter against known frames, against libpcap's programs, and against programs made of random numbers.

use proptest::prelude::*;

use super::{FilterError, FilterSet, Instruction, Program, compile, is_available};
use crate::frame::Frame;

const SNAP_LENGTH: u32 = 262_144;

fn op(code: u16, jump_true: u8, jump_false: u8, operand: u32) -> Instruction {
    Instruction {
        code,
        jump_true,
        jump_false,
        operand,
    }
}

/// False, with a line, on a machine without libpcap.
fn libpcap_is_here(test: &str) -> bool {
    let available = is_available();
    if let Err(error) = &available {
        eprintln!("skipped {test}: {error}");
    }
    available.is_ok()
}

/// An Ethernet frame with an IPv4 header, ports and `payload` zero bytes.
fn ipv4(
    protocol: u8,
    source: [u8; 4],
    destination: [u8; 4],
    ports: (u16, u16),
    payload: usize,
) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00];
    let transport = if protocol == 6 { 20 } else { 8 };
    let total = (20 + transport + payload) as u16;
    frame.extend([0x45, 0]);
    frame.extend(total.to_be_bytes());
    frame.extend([0, 1, 0, 0, 64, protocol, 0, 0]);
    frame.extend(source);
    frame.extend(destination);
    frame.extend(ports.0.to_be_bytes());
    frame.extend(ports.1.to_be_bytes());
    frame.resize(14 + usize::from(total), 0);
    if protocol == 6 {
        frame[14 + 20 + 12] = 0x50;
        frame[14 + 20 + 13] = 0x02;
    }
    frame
}

fn frame_of(data: &[u8], link_type: u16, stripped_vlan: Option<u16>) -> Frame<'_> {
    Frame {
        data,
        wire_length: data.len() as u32,
        time_ns: 0,
        link_type,
        interface_id: 0,
        file_id: 0,
        file_position: None,
        stripped_vlan,
        outgoing: false,
    }
}

#[test]
fn expressions_select_the_frames_they_name() {
    if !libpcap_is_here("expressions_select_the_frames_they_name") {
        return;
    }
    let web = ipv4(6, [10, 0, 0, 1], [192, 0, 2, 9], (40000, 80), 0);
    let name = ipv4(17, [10, 0, 0, 2], [192, 0, 2, 53], (5353, 53), 100);
    let mut arp = vec![0xff; 6];
    arp.extend([2, 0, 0, 0, 0, 1, 0x08, 0x06]);
    arp.resize(42, 0);
    let cases: [(&str, [bool; 3]); 14] = [
        ("", [true, true, true]),
        ("tcp", [true, false, false]),
        ("udp port 53", [false, true, false]),
        ("tcp port 80 and not host 10.0.0.1", [false, false, false]),
        ("tcp port 80 and not host 10.0.0.9", [true, false, false]),
        ("net 10.0.0.0/24", [true, true, false]),
        ("arp", [false, false, true]),
        ("ether broadcast", [false, false, true]),
        ("tcp[tcpflags] & tcp-syn != 0", [true, false, false]),
        ("greater 100", [false, true, false]),
        ("less 60", [true, false, true]),
        ("portrange 50-60", [false, true, false]),
        ("ip[2:2] - (ip[0] & 0xf) * 4 > 60", [false, true, false]),
        ("not ip", [false, false, true]),
    ];
    for (expression, expected) in cases {
        let program = compile(expression, 1, SNAP_LENGTH).expect(expression);
        let found = [&web, &name, &arp].map(|frame| program.matches(frame, frame.len() as u32));
        assert_eq!(found, expected, "{expression}");
    }
}

#[test]
fn a_wrong_expression_is_told_in_libpcaps_words() {
    if !libpcap_is_here("a_wrong_expression_is_told_in_libpcaps_words") {
        return;
    }
    for expression in ["tcp prt 80", "host", "port 99999999", "a\0b"] {
        let error = FilterSet::new(expression, SNAP_LENGTH).expect_err(expression);
        let FilterError::Syntax {
            expression: told,
            message,
        } = error
        else {
            panic!("{error}")
        };
        assert_eq!(told, expression);
        assert!(!message.is_empty());
    }
}

#[test]
fn a_set_compiles_for_each_link_type() {
    if !libpcap_is_here("a_set_compiles_for_each_link_type") {
        return;
    }
    let web = ipv4(6, [10, 0, 0, 1], [192, 0, 2, 9], (40000, 80), 0);
    let mut set = FilterSet::new("tcp dst port 80", SNAP_LENGTH).expect("a good expression");
    assert!(set.matches(&frame_of(&web, 1, None)));
    assert!(set.matches(&frame_of(&web[14..], 101, None)));
    assert!(!set.matches(&frame_of(&web, 101, None)));
    assert!(set.matches(&frame_of(&web, 1, None)));
    assert_eq!(set.take_notice(), None);
    let mut beacons =
        FilterSet::new("type mgt subtype beacon", SNAP_LENGTH).expect("802.11 takes it");
    assert!(!beacons.matches(&frame_of(&web, 1, None)));
    assert!(
        beacons
            .take_notice()
            .is_some_and(|notice| notice.contains("link type 1 "))
    );
    assert!(!beacons.matches(&frame_of(&web, 1, None)));
    assert_eq!(beacons.take_notice(), None);
}

#[test]
fn a_stripped_tag_is_seen_by_programs_that_look_for_it() {
    if !libpcap_is_here("a_stripped_tag_is_seen_by_programs_that_look_for_it") {
        return;
    }
    let web = ipv4(6, [10, 0, 0, 1], [192, 0, 2, 9], (40000, 80), 0);
    let passes = |expression: &str, tag: Option<u16>| {
        FilterSet::new(expression, SNAP_LENGTH)
            .expect(expression)
            .matches(&frame_of(&web, 1, tag))
    };
    assert!(passes("vlan 7 and tcp port 80", Some(0x6007)));
    assert!(!passes("vlan 8 and tcp port 80", Some(0x6007)));
    assert!(!passes("vlan", None));
    assert!(passes("tcp port 80", Some(7)));
}

#[test]
fn loads_beyond_the_packet_do_not_match() {
    // The second is SKF_AD_OFF + SKF_AD_VLAN_TAG, a kernel extension.
    for (code, operand) in [
        (0x20, 97),
        (0x20, 0xffff_f02c),
        (0x28, 99),
        (0x30, 100),
        (0xb1, 100),
    ] {
        let program =
            Program::new(vec![op(code, 0, 0, operand), op(0x06, 0, 0, 1)]).expect("valid");
        assert!(!program.matches(&[0; 100], 100), "{code:#x} {operand:#x}");
    }
    let indexed = Program::new(vec![
        op(0x01, 0, 0, u32::MAX),
        op(0x40, 0, 0, 1),
        op(0x06, 0, 0, 1),
    ])
    .expect("valid");
    assert!(!indexed.matches(&[0; 100], 100));
}

#[test]
fn arithmetic_is_modulo_2_to_the_32() {
    let run = |code: u16, a: u32, x: u32, k: u32| {
        // Both sides of every operation: A = a, X = x, then the code, then "A is 7".
        let list = vec![
            op(0x00, 0, 0, a),
            op(0x01, 0, 0, x),
            op(code, 0, 0, k),
            op(0x15, 0, 1, 7),
            op(0x06, 0, 0, 1),
            op(0x06, 0, 0, 0),
        ];
        Program::new(list).expect("valid").matches(&[], 0)
    };
    assert!(run(0x04, u32::MAX, 0, 8));
    assert!(run(0x0c, u32::MAX, 8, 0));
    assert!(run(0x14, 3, 0, u32::MAX - 3));
    assert!(run(0x24, 0x8000_0007, 0, 0x8000_0001));
    assert!(run(0x34, 30, 0, 4));
    assert!(run(0x3c, 30, 4, 0));
    assert!(run(0x94, 47, 0, 8));
    assert!(run(0x9c, 47, 8, 0));
    assert!(run(0x44, 3, 0, 4) && run(0x54, 15, 0, 7) && run(0xa4, 5, 0, 2));
    assert!(run(0x74, 56, 0, 3) && run(0x7c, 56, 3, 0));
    assert!(run(0x84, 7u32.wrapping_neg(), 0, 0));
    assert!(
        !run(0x3c, 30, 0, 0) && !run(0x9c, 30, 0, 0),
        "division by zero ends the program without a match"
    );
    assert!(!run(0x6c, 7, 32, 0), "a shift by 32 leaves nothing");
}

#[test]
fn programs_that_could_run_away_are_refused() {
    let refused = |list: Vec<Instruction>, at: usize| {
        let FilterError::Program { index, .. } = Program::new(list).expect_err("refused") else {
            panic!("kind")
        };
        assert_eq!(index, at);
    };
    let end = op(0x06, 0, 0, 1);
    refused(vec![], 0);
    refused(vec![op(0x00, 0, 0, 0)], 0);
    refused(vec![op(0x05, 0, 0, 1), end], 0);
    refused(vec![op(0x05, 0, 0, u32::MAX), end], 0);
    refused(vec![op(0x15, 1, 0, 0), end], 0);
    refused(vec![op(0x15, 0, 1, 0), end], 0);
    refused(vec![op(0x60, 0, 0, 16), end], 0);
    refused(vec![end, op(0x34, 0, 0, 0), end], 1);
    refused(vec![op(0x64, 0, 0, 32), end], 0);
    refused(vec![op(0xffff, 0, 0, 0), end], 0);
    refused(vec![end; 4097], 4097);
    assert!(Program::new(vec![end; 4096]).is_ok());
}

/// Every operation there is, and a few that are none.
const CODES: [u16; 52] = [
    0x00, 0x20, 0x28, 0x30, 0x40, 0x48, 0x50, 0x60, 0x80, 0x01, 0x61, 0x81, 0xb1, 0x02, 0x03, 0x04,
    0x0c, 0x14, 0x1c, 0x24, 0x2c, 0x34, 0x3c, 0x44, 0x4c, 0x54, 0x5c, 0x64, 0x6c, 0x74, 0x7c, 0x84,
    0x94, 0x9c, 0xa4, 0xac, 0x05, 0x15, 0x1d, 0x25, 0x2d, 0x35, 0x3d, 0x45, 0x4d, 0x06, 0x16, 0x07,
    0x87, 0xff, 0x26, 0x88,
];

fn instruction() -> impl Strategy<Value = Instruction> {
    let operand = prop_oneof![0u32..64, any::<u32>()];
    let code = (0..CODES.len()).prop_map(|index| CODES[index]);
    (code, 0u8..8, 0u8..8, operand).prop_map(|(code, jump_true, jump_false, operand)| Instruction {
        code,
        jump_true,
        jump_false,
        operand,
    })
}

proptest! {
    #[test]
    fn random_programs_are_refused_or_end(
        mut list in prop::collection::vec(instruction(), 0..64),
        data in prop::collection::vec(any::<u8>(), 0..128),
        wire_length: u32,
        tag: u16,
    ) {
        list.extend([op(0x06, 0, 0, 1); 8]);
        // Dropping what is refused, one at a time, leaves long programs that are accepted.
        while let Err(FilterError::Program { index, .. }) = Program::validate(&list) {
            list.remove(index.min(list.len() - 1));
        }
        let program = Program::new(list).expect("validated");
        let first = program.matches(&data, wire_length);
        prop_assert_eq!(first, program.matches(&data, wire_length));
        program.matches_with_tag(&data, wire_length, tag);
    }

    #[test]
    fn a_tag_put_back_reads_like_the_tagged_frame(
        data in prop::collection::vec(any::<u8>(), 12..64),
        tag: u16,
        code in prop_oneof![Just(0x20u16), Just(0x28), Just(0x30)],
        at in 0u32..72,
    ) {
        let mut whole = data[..12].to_vec();
        whole.extend([0x81, 0x00]);
        whole.extend(tag.to_be_bytes());
        whole.extend(&data[12..]);
        let program = Program::new(vec![op(code, 0, 0, at), op(0x16, 0, 0, 0)]).expect("valid");
        prop_assert_eq!(program.matches_with_tag(&data, 60, tag), program.matches(&whole, 64));
    }
}
