use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use sha1::{Digest as _, Sha1};

use super::community_id::{self, Ends, Flow};
use super::dates::Dates;
use super::digits;
use super::plan::{Plan, PlanError};
use super::text::Out;

fn written<R>(write: impl FnOnce(&mut Out) -> R) -> String {
    let mut memory = [0xee; 256];
    let mut out = Out::new(&mut memory, 3);
    write(&mut out);
    let end = out.at();
    String::from_utf8(memory[3..end].into()).expect("ASCII")
}

fn date(time_us: f64) -> String {
    let mut dates = Dates::default();
    // Other seconds are kept, one of them in the same place.
    for before_us in [1e6, 2e6, 3e6, 4e6] {
        written(|out| dates.put(out, time_us - before_us));
    }
    written(|out| dates.put(out, time_us))
}

fn id(source: &str, destination: &str, protocol: u8, ports: (u16, u16), seed: u16) -> String {
    let octets = |text: &str| match text.parse().expect("an address") {
        IpAddr::V4(address) => address.octets().to_vec(),
        IpAddr::V6(address) => address.octets().to_vec(),
    };
    let digest = community_id::digest(&Flow {
        ends: Ends::of(&octets(source), &octets(destination)).expect("addresses of one family"),
        protocol,
        source_port: ports.0,
        destination_port: ports.1,
        seed,
        always: false,
    });
    String::from_utf8(community_id::text(&digest).into()).expect("ASCII")
}

/// The values of the specification's own baseline, and one that Arkime gives.
#[test]
fn community_ids_are_those_of_other_tools_from_either_side() {
    for (source, destination, protocol, ports, known) in [
        (
            "128.232.110.120",
            "66.35.250.204",
            6,
            (34_855, 80),
            "1:LQU9qZlK+B5F3KDmev6m5PMibrg=",
        ),
        (
            "192.168.1.52",
            "8.8.8.8",
            17,
            (54_585, 53),
            "1:d/FP5EW3wiY1vCndhwleRRKHowQ=",
        ),
        (
            "10.180.156.141",
            "10.2.95.39",
            17,
            (62_563, 53),
            "1:GTsD3mpAYuXO8KLDJlk5/Mpw/Wc=",
        ),
        (
            "192.168.170.8",
            "192.168.170.56",
            132,
            (7, 80),
            "1:jQgCxbku+pNGw8WPbEc/TS/uTpQ=",
        ),
        (
            "192.168.0.89",
            "192.168.0.1",
            1,
            (8, 0),
            "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=",
        ),
        (
            "fe80::200:86ff:fe05:80da",
            "fe80::260:97ff:fe07:69ea",
            58,
            (135, 136),
            "1:dGHyGvjMfljg6Bppwm3bg0LO8TY=",
        ),
    ] {
        assert_eq!(id(source, destination, protocol, ports, 0), known);
        assert_eq!(
            id(destination, source, protocol, (ports.1, ports.0), 0),
            known
        );
    }
    let seeded = id("128.232.110.120", "66.35.250.204", 6, (34_855, 80), 1);
    assert_eq!(seeded, "1:3V71V58M3Ksw/yuFALMcW0LAHvc=");
}

#[test]
fn one_way_icmp_keeps_its_direction_and_protocols_without_ports_leave_them_out() {
    let (a, b) = ("10.0.0.2", "10.0.0.1");
    assert_ne!(id(a, b, 1, (3, 1), 0), id(b, a, 1, (3, 1), 0));
    assert_eq!(id(a, b, 50, (0, 0), 0), id(a, b, 50, (1, 2), 0));
    assert_eq!(id(a, b, 50, (0, 0), 0), id(b, a, 50, (0, 0), 0));
    assert_eq!(community_id::icmp_ports(1, 8, 7), (8, 0));
    assert_eq!(community_id::icmp_ports(1, 3, 7), (3, 7));
    assert_eq!(community_id::icmp_ports(58, 129, 7), (129, 128));
    // Both ends of a pair, and nothing else, have an answer (RFC 4443, 4861, 4620, 6275).
    let answered = |protocol| {
        (0..=255).filter(move |kind| community_id::icmp_ports(protocol, *kind, 255).1 != 255)
    };
    let v4 = [0, 8, 9, 10, 13, 14, 15, 16, 17, 18];
    assert!(answered(1).eq(v4));
    let v6 = [128, 129, 130, 131, 133, 134, 135, 136, 139, 140, 144, 145];
    assert!(answered(58).eq(v6));
}

#[test]
fn dates_as_javascript_writes_them() {
    assert_eq!(date(0.0), "\"1970-01-01T00:00:00.000000Z\"");
    assert_eq!(
        date(1_760_000_000_123_456.0),
        "\"2025-10-09T08:53:20.123456Z\""
    );
    assert_eq!(
        date(951_782_399_999_999.0),
        "\"2000-02-28T23:59:59.999999Z\""
    );
    assert_eq!(
        date(951_868_800_000_000.0),
        "\"2000-03-01T00:00:00.000000Z\""
    );
    assert_eq!(date(-1.0), "\"1969-12-31T23:59:59.999999Z\"");
    assert_eq!(
        date(253_402_300_800_000_000.0),
        "\"+010000-01-01T00:00:00.000Z\""
    );
    assert_eq!(
        date(-62_167_219_201_000_000.0),
        "\"-000001-12-31T23:59:59.000Z\""
    );
    assert_eq!(date(f64::NAN), "null");
    assert_eq!(date(1e300), "null");
}

#[test]
fn ids_have_their_width() {
    assert_eq!(
        written(|out| out.put_id(0.0, 0, 0)),
        format!("\"{}\"", "0".repeat(29))
    );
    let id = written(|out| out.put_id(1.76e15, 0xffff_ffff, 1));
    assert_eq!(id, "\"640b5eece0000ffffffff00000001\"");
    let wide = written(|out| out.put_id(2f64.powi(52), 0, 0));
    assert_eq!(wide, format!("\"1{}\"", "0".repeat(29)));
}

#[test]
fn numbers_as_javascript_writes_them() {
    for (number, text) in [
        (0.0, "0"),
        (9_007_199_254_740_991.0, "9007199254740991"),
        (1e20, "100000000000000000000"),
        (1e21, "1e+21"),
        (1.5, "1.5"),
        (f64::INFINITY, "null"),
    ] {
        assert_eq!(written(|out| out.put_number(number)), text);
    }
}

#[test]
fn hardware_addresses_as_rfc_7042_writes_them() {
    assert_eq!(
        written(|out| out.put_mac([0, 0xaa, 0xbb, 0x0c, 0xdd, 0xe1])),
        "\"00-AA-BB-0C-DD-E1\""
    );
    for byte in 0..=255u8 {
        let text = written(|out| out.put_mac([byte; 6]));
        assert_eq!(
            text,
            format!("\"{}\"", vec![format!("{byte:02X}"); 6].join("-"))
        );
    }
}

/// The message as the specification has it, hashed by the library.
fn hashed(
    source: IpAddr,
    destination: IpAddr,
    protocol: u8,
    ports: Option<(u16, u16)>,
    seed: u16,
) -> Vec<u8> {
    let mut hash = Sha1::new().chain_update(seed.to_be_bytes());
    for address in [source, destination] {
        match address {
            IpAddr::V4(address) => hash.update(address.octets()),
            IpAddr::V6(address) => hash.update(address.octets()),
        }
    }
    hash.update([protocol, 0]);
    if let Some((first, second)) = ports {
        hash.update(first.to_be_bytes());
        hash.update(second.to_be_bytes());
    }
    hash.finalize().to_vec()
}

#[test]
fn plans_that_are_none_are_refused() {
    let error = |bytes: &[u8]| Plan::read(bytes).err();
    assert_eq!(error(&[]), None);
    assert_eq!(error(&[0, 0, 5]), Some(PlanError::Cut));
    assert_eq!(error(&[0, 0, 5, 0, b'x']), Some(PlanError::Cut));
    assert_eq!(error(&[9, 0, 0, 0]), Some(PlanError::Unknown(9)));
    assert_eq!(error(&[2, 0, 0, 0]), Some(PlanError::Objects));
    assert_eq!(error(&[1, 0, 0, 0]), Some(PlanError::Objects));
}

proptest! {
    #[test]
    fn digits_as_the_standard_library_writes_them(number in any::<u32>(), count in any::<u64>(), shift in 0..64u32, bytes in any::<[u8; 6]>()) {
        let text = |digits: u64| String::from_utf8(digits.to_le_bytes().into()).expect("ASCII");
        prop_assert_eq!(text(digits::hexadecimal(number)), format!("{number:08x}"));
        let number = number % 100_000_000;
        prop_assert_eq!(text(digits::decimal(number)), format!("{number:08}"));
        prop_assert_eq!(text(digits::decimal(number % 10_000)), format!("{:08}", number % 10_000));
        let count = count >> shift;
        prop_assert_eq!(written(|out| out.put_wide(count)), count.to_string());
        prop_assert_eq!(written(|out| out.put_whole(count as i64)), (count as i64).to_string());
        let [a, b, c, d, e, f] = bytes;
        prop_assert_eq!(text(digits::base64(u64::from_be_bytes([0, 0, a, b, c, d, e, f]))), STANDARD.encode(bytes));
    }

    #[test]
    fn ids_as_the_libraries_make_them(ends in any::<[u128; 2]>(), small in any::<bool>(), protocol in prop_oneof![Just(6), Just(17), Just(50), any::<u8>().prop_filter("ICMP is not turned always", |protocol| ![1, 58].contains(protocol))], ports in any::<(u16, u16)>(), seed in any::<u16>()) {
        let (source, destination) = if small {
            let [source, destination] = ends.map(|end| IpAddr::from(Ipv4Addr::from(end as u32)));
            (source, destination)
        } else {
            let [source, destination] = ends.map(|end| IpAddr::from(Ipv6Addr::from(end)));
            (source, destination)
        };
        let (low, high, turned) = if source > destination {
            (destination, source, (ports.1, ports.0))
        } else {
            (source, destination, ports)
        };
        let has_ports = [6, 17, 132].contains(&protocol);
        let hash = hashed(low, high, protocol, has_ports.then_some(turned), seed);
        let text = id(&source.to_string(), &destination.to_string(), protocol, ports, seed);
        prop_assert_eq!(text, format!("1:{}", STANDARD.encode(hash)));
    }

    #[test]
    fn ipv4_as_the_standard_library_writes_it(octets in any::<[u8; 4]>(), narrow in any::<u8>()) {
        let address = Ipv4Addr::from(octets.map(|octet| octet >> (narrow % 8)));
        let mut bytes = [0; 16];
        bytes[..4].copy_from_slice(&address.octets());
        let text = written(|out| out.put_address(4, bytes));
        prop_assert_eq!(text, format!("\"{address}\""));
    }

    #[test]
    fn ipv6_as_the_standard_library_writes_it(groups in any::<[u16; 8]>(), zeros in any::<u8>()) {
        let mut groups = groups;
        for (bit, group) in groups.iter_mut().enumerate() {
            if zeros >> bit & 1 != 0 {
                *group = 0;
            }
        }
        let address = Ipv6Addr::from(groups);
        let text = written(|out| out.put_address(6, address.octets()));
        prop_assert_eq!(text, format!("\"{address}\""));
    }

    #[test]
    fn any_date_reads_back(second in 0..9_007_199_254i64, micros in 0..1_000_000u32) {
        let text = date(second as f64 * 1e6 + f64::from(micros));
        let part = |from: usize, to: usize| text[from..to].parse::<i64>().expect("digits");
        let (year, month, day) = (part(1, 5), part(6, 8), part(9, 11));
        // Days of the years before, and of the months before.
        let leaps = |year: i64| year / 4 - year / 100 + year / 400;
        let mut days = (year - 1970) * 365 + leaps(year - 1) - leaps(1969);
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let lengths = [31, if is_leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
        prop_assert!(day >= 1 && day <= lengths[month as usize - 1]);
        days += lengths[..month as usize - 1].iter().sum::<i64>() + day - 1;
        let seconds = days * 86_400 + part(12, 14) * 3600 + part(15, 17) * 60 + part(18, 20);
        prop_assert_eq!(seconds, second);
        prop_assert_eq!(part(21, 27), i64::from(micros));
    }
}

#[test]
fn counts_are_as_the_standard_library_writes_them() {
    let edges = [9, 10, 99, 100, 999, 1000, 9999, 10_000, u32::MAX];
    for count in (0..11_000).chain(edges) {
        assert_eq!(written(|out| out.put_count(count)), count.to_string());
    }
}

proptest! {
    #[test]
    fn texts_of_any_bytes_are_escaped_where_they_must_be(text in prop::collection::vec(any::<u8>(), 1..80), plain in "[ -~]{1,80}") {
        for text in [text, plain.into_bytes()] {
            let mut expected = vec![b'"'];
            for byte in &text {
                match byte {
                    b'"' | b'\\' => expected.extend([b'\\', *byte]),
                    0x08 => expected.extend(b"\\b"),
                    b'\t' => expected.extend(b"\\t"),
                    b'\n' => expected.extend(b"\\n"),
                    0x0c => expected.extend(b"\\f"),
                    b'\r' => expected.extend(b"\\r"),
                    0..0x20 | 0x7f => expected.extend(format!("\\u{byte:04x}").bytes()),
                    _ => expected.push(*byte),
                }
            }
            expected.push(b'"');
            let mut memory = [0xee; 600];
            let mut out = Out::new(&mut memory, 1);
            prop_assert_eq!(out.put_quoted(&text, expected.len()), None);
            prop_assert_eq!(out.put_quoted(&text, expected.len() + 1), Some(true));
            let end = out.at();
            prop_assert_eq!(&memory[1..end], &expected[..]);
        }
    }
}
