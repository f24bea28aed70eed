//! Packets over a veth pair: exact counts, drops, filters, tags, loopback, fan-out.

use std::collections::BTreeSet;
use std::net::UdpSocket;
use std::sync::mpsc::channel;
use std::thread;
use std::time::Instant;

use super::{
    PATIENCE, Sender, datagram, in_namespace, make_pair, number_of, open, options, program, take,
    take_all,
};
use crate::source::af_packet::{AfPacketOptions, AfPacketSource, Fanout, wall_clock_ns};
use crate::source::{Next, Source, SourceError};

#[test]
fn every_frame_of_a_pair_comes_once_and_in_order() {
    in_namespace("every_frame_of_a_pair_comes_once_and_in_order", || {
        make_pair();
        let mut source = open("near");
        assert_eq!(source.link_type(), 1);
        let sender = Sender::new("far");
        let started = wall_clock_ns();
        let sent: Vec<_> = (0..10_000)
            .map(|n| datagram(n, 53, 4 + n as usize * 7 % 1400))
            .collect();
        let mut seen = Vec::new();
        for batch in sent.chunks(500) {
            for frame in batch {
                sender.send(frame);
            }
            seen.extend(take(&mut source, batch.len()));
        }
        assert!(seen == sent, "{} of {} frames", seen.len(), sent.len());
        sender.send(&sent[7]);
        let (mut time_ns, mut wire_length) = (0, 0);
        while time_ns == 0 {
            if let Next::Frame(frame) = source.next().expect("no error") {
                (time_ns, wire_length) = (frame.time_ns, frame.wire_length as usize);
                assert!(
                    !frame.outgoing
                        && frame.file_position.is_none()
                        && frame.stripped_vlan.is_none()
                );
                assert_eq!(frame.data, sent[7]);
            }
        }
        assert!(time_ns >= started && time_ns <= wall_clock_ns());
        assert_eq!(wire_length, sent[7].len());
        // Asking again gives the same frame, also after the source was told to stop.
        source.stop();
        assert!(matches!(source.next(), Ok(Next::Frame(frame)) if frame.time_ns == time_ns));
        source.advance();
        assert_eq!(take_all(&mut source), Vec::<Vec<u8>>::new());
        assert_eq!(source.counts().kernel_dropped_packets, 0);
    });
}

#[test]
fn a_stopped_source_gives_what_came_before() {
    in_namespace("a_stopped_source_gives_what_came_before", || {
        make_pair();
        let mut source = open("near");
        let sender = Sender::new("far");
        for n in 0..1000 {
            sender.send(&datagram(n, 53, 100));
        }
        source.stop();
        for n in 0..1000 {
            sender.send(&datagram(5000 + n, 53, 100));
        }
        let numbers: Vec<u32> = take_all(&mut source)
            .iter()
            .map(|frame| number_of(frame))
            .collect();
        assert_eq!(numbers, (0..1000).collect::<Vec<_>>());
    });
}

#[test]
fn a_full_ring_drops_and_the_kernel_counts_them() {
    in_namespace("a_full_ring_drops_and_the_kernel_counts_them", || {
        make_pair();
        let small = AfPacketOptions {
            block_bytes: 16 << 10,
            block_count: 4,
            ..options("near")
        };
        let mut source = AfPacketSource::open(small).expect("permitted in a namespace");
        let sender = Sender::new("far");
        for n in 0..5000 {
            sender.send(&datagram(n, 53, 200));
        }
        let seen = take_all(&mut source).len() as u64;
        let dropped = source.counts().kernel_dropped_packets;
        assert!(seen > 0 && dropped > 4000, "{seen} seen, {dropped} dropped");
        assert_eq!(seen + dropped, 5000);
    });
}

#[test]
fn a_filter_holds_for_packets_before_and_after_it_was_set() {
    in_namespace(
        "a_filter_holds_for_packets_before_and_after_it_was_set",
        || {
            let (Some(names), Some(web)) = (program("udp port 53"), program("udp port 80")) else {
                return;
            };
            make_pair();
            let mut source = open("near");
            let sender = Sender::new("far");
            let send = |from: u32| {
                (from..from + 100)
                    .for_each(|n| sender.send(&datagram(n, [53, 80][n as usize % 2], 50)))
            };
            send(0);
            assert!(source.set_kernel_filter(&names).expect("set"));
            send(100);
            let numbers: Vec<u32> = take(&mut source, 100)
                .iter()
                .map(|frame| number_of(frame))
                .collect();
            assert_eq!(numbers, (0..200).filter(|n| n % 2 == 0).collect::<Vec<_>>());
            assert!(source.set_kernel_filter(&web).expect("replaced"));
            send(200);
            let numbers: Vec<u32> = take(&mut source, 50)
                .iter()
                .map(|frame| number_of(frame))
                .collect();
            assert_eq!(
                numbers,
                (200..300).filter(|n| n % 2 == 1).collect::<Vec<_>>()
            );
            assert!(source.set_kernel_filter(&[]).expect("removed"));
            assert!(source.set_kernel_filter(&[]).expect("removed again"));
            send(300);
            assert_eq!(take_all(&mut source).len(), 100);
        },
    );
}

#[test]
fn a_locked_filter_stays() {
    in_namespace("a_locked_filter_stays", || {
        let (Some(names), Some(web)) = (program("udp port 53"), program("udp port 80")) else {
            return;
        };
        make_pair();
        let locked = AfPacketOptions {
            lock_filter: true,
            ..options("near")
        };
        let mut source = AfPacketSource::open(locked).expect("permitted in a namespace");
        assert!(source.set_kernel_filter(&names).expect("set"));
        assert!(matches!(
            source.set_kernel_filter(&web),
            Err(SourceError::Open { .. })
        ));
        let sender = Sender::new("far");
        for n in 0..100 {
            sender.send(&datagram(n, [53, 80][n as usize % 2], 50));
        }
        assert_eq!(take(&mut source, 50).len(), 50);
        // It also ends while packets go on coming.
        source.stop();
        sender.send(&datagram(0, 53, 50));
        assert_eq!(take_all(&mut source).len(), 0);
    });
}

#[test]
fn a_tag_is_taken_out_and_told() {
    in_namespace("a_tag_is_taken_out_and_told", || {
        make_pair();
        let mut source = open("near");
        let plain = datagram(1, 53, 50);
        let tagged = [&plain[..12], &[0x81, 0x00, 0x60, 0x07], &plain[12..]].concat();
        Sender::new("far").send(&tagged);
        let end = Instant::now() + PATIENCE;
        loop {
            assert!(Instant::now() < end);
            if let Next::Frame(frame) = source.next().expect("no error") {
                assert_eq!(frame.stripped_vlan, Some(0x6007));
                assert_eq!(frame.data, plain);
                break;
            }
        }
        source.advance();
        // The kernel's programs do not see the tag: such a filter is left to the engine.
        if let Some(tags) = program("vlan 7") {
            assert!(!source.set_kernel_filter(&tags).expect("no error"));
        }
    });
}

#[test]
fn what_this_host_sends_is_marked_and_on_loopback_left_out() {
    in_namespace(
        "what_this_host_sends_is_marked_and_on_loopback_left_out",
        || {
            make_pair();
            let mut source = open("near");
            Sender::new("near").send(&datagram(1, 53, 50));
            let end = Instant::now() + PATIENCE;
            while !matches!(source.next().expect("no error"), Next::Frame(frame) if frame.outgoing)
            {
                assert!(Instant::now() < end);
            }
            let mut loopback = open("lo");
            assert_eq!(loopback.link_type(), 1);
            let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
            let receiver = UdpSocket::bind("127.0.0.1:0").expect("a port");
            let address = receiver.local_addr().expect("an address");
            for n in 0..300u32 {
                socket.send_to(&n.to_be_bytes(), address).expect("sent");
            }
            let numbers: Vec<u32> = take_all(&mut loopback)
                .iter()
                .map(|frame| number_of(frame))
                .collect();
            assert_eq!(numbers, (0..300).collect::<Vec<_>>());
        },
    );
}

#[test]
fn a_fan_out_group_shares_by_flow() {
    in_namespace("a_fan_out_group_shares_by_flow", || {
        make_pair();
        let member = || {
            let fanout = Some(Fanout {
                group_id: 7,
                defragment: true,
            });
            AfPacketSource::open(AfPacketOptions {
                fanout,
                ..options("near")
            })
            .expect("permitted in a namespace")
        };
        let (mut first, mut second) = (member(), member());
        let sender = Sender::new("far");
        // 200 flows, told apart by their source port, of 10 packets each.
        for n in 0..2000 {
            sender.send(&datagram(n % 200, 53, 60));
        }
        let (first, second) = (take_all(&mut first), take_all(&mut second));
        assert_eq!(first.len() + second.len(), 2000);
        let flows = |frames: &[Vec<u8>]| {
            frames
                .iter()
                .map(|frame| number_of(frame))
                .collect::<BTreeSet<_>>()
        };
        let (first, second) = (flows(&first), flows(&second));
        assert!(first.is_disjoint(&second) && !first.is_empty() && !second.is_empty());
        assert_eq!(first.len() + second.len(), 200);
    });
}

#[test]
fn a_source_in_another_thread_sees_packets_as_they_come() {
    in_namespace(
        "a_source_in_another_thread_sees_packets_as_they_come",
        || {
            make_pair();
            let mut source = open("near");
            let (tell, told) = channel();
            let sender = Sender::new("far");
            let reader = thread::spawn(move || {
                let mut seen = 0u32;
                while seen < 200 {
                    let frames = take(&mut source, 1);
                    assert_eq!(number_of(&frames[0]), seen);
                    seen += 1;
                    tell.send(()).expect("the test waits");
                }
            });
            for n in 0..200 {
                sender.send(&datagram(n, 53, 50));
                told.recv_timeout(PATIENCE).expect("the packet came");
            }
            reader.join().expect("no panic");
        },
    );
}
