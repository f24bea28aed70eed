//! The engine over scripted sources and rings in plain memory: accounting to the packet, full rings, parking, clocks
//! and fragments.

use super::*;
use crate::frame::Frame;
use crate::generated::layout::{
    clock, clock_lag, packet as at, packet_flag, record_kind, ring, ring_header,
};
use crate::path::ChecksumMode;
use crate::ring::{ParkingWord, RingWriter};
use crate::shared::{Ordering, Word};
use crate::source::{SourceCounts, SourceError};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

const OWN: u32 = 0;
const SECOND: u64 = 1_000_000_000;
const START: u64 = 1_700_000_000 * SECOND;

enum Event {
    Frame(Vec<u8>, u64),
    Unknown(u64),
    Idle,
    Wait,
    Fail,
}

/// What the test and the source share.
#[derive(Default)]
struct Script {
    events: VecDeque<Event>,
    live: bool,
    room: bool,
    stopped: bool,
    kernel_dropped: u64,
    position: u64,
}

struct Scripted(Rc<RefCell<Script>>, Vec<u8>);

impl Source for Scripted {
    fn next(&mut self) -> Result<Next<'_>, SourceError> {
        let mut script = self.0.borrow_mut();
        if script.stopped {
            return Ok(Next::End);
        }
        if matches!(script.events.front(), Some(Event::Wait)) {
            script.events.pop_front();
        }
        let (link_type, time_ns) = match script.events.front() {
            None => return Ok(Next::End),
            Some(Event::Frame(data, time_ns)) => {
                self.1.clone_from(data);
                (1, *time_ns)
            }
            Some(Event::Unknown(time_ns)) => {
                self.1 = vec![0; 60];
                (9999, *time_ns)
            }
            Some(Event::Idle | Event::Wait) => {
                script.events.pop_front();
                return Ok(Next::Idle);
            }
            Some(Event::Fail) => {
                script.events.clear();
                return Err(SourceError::Format {
                    what: "script".to_owned(),
                    message: "torn".to_owned(),
                });
            }
        };
        Ok(Next::Frame(Frame {
            data: &self.1,
            wire_length: self.1.len() as u32,
            time_ns,
            link_type,
            interface_id: 0,
            file_id: 0,
            file_position: Some(script.position),
            stripped_vlan: None,
            outgoing: false,
        }))
    }

    fn advance(&mut self) {
        let mut script = self.0.borrow_mut();
        script.events.pop_front();
        script.position += 1;
    }

    fn would_wait(&mut self) -> bool {
        matches!(self.0.borrow().events.front(), Some(Event::Wait))
    }

    fn counts(&self) -> SourceCounts {
        SourceCounts {
            kernel_dropped_packets: self.0.borrow().kernel_dropped,
            ..SourceCounts::default()
        }
    }

    fn take_notice(&mut self) -> Option<String> {
        None
    }

    fn is_live(&self) -> bool {
        self.0.borrow().live
    }

    fn has_room(&self) -> bool {
        self.0.borrow().room
    }

    fn set_kernel_filter(&mut self, _: &[crate::bpf::Instruction]) -> Result<bool, SourceError> {
        Ok(false)
    }

    fn stop(&mut self) {
        self.0.borrow_mut().stopped = true;
    }
}

/// An engine with its memory and the consumers' side of it.
struct Rig {
    engine: Engine,
    script: Rc<RefCell<Script>>,
    rings: Vec<Vec<u64>>,
    lot: Vec<u64>,
    _counters: Vec<u64>,
}

impl Rig {
    fn new(workers: usize, capacity: u32, script: Script, options: PathOptions) -> Rig {
        let live = script.live;
        let mut rings: Vec<Vec<u64>> = (0..workers)
            .map(|_| vec![0; (ring_header::SIZE + capacity as usize) / 8])
            .collect();
        let mut lot = vec![0_u64; (workers + 1) * 8];
        let mut counters = vec![0_u64; counter::COUNT];
        let mut writers = Vec::new();
        for (worker, memory) in rings.iter_mut().enumerate() {
            let base = memory.as_mut_ptr().cast::<u8>();
            let length = memory.len() * 8;
            for (offset, value) in [
                (ring_header::MAGIC, ring::MAGIC),
                (ring_header::CAPACITY, capacity),
                (ring_header::PRODUCER_PARK, OWN),
                (ring_header::CONSUMER_PARK, worker as u32 + 1),
            ] {
                // SAFETY: in the ring's memory, which the rig keeps.
                unsafe { Word::at(base.add(offset)) }.store(value, Ordering::Relaxed);
            }
            let lot_length = lot.len() * 8;
            // SAFETY: the rig keeps both vectors and never resizes them.
            let writer = unsafe {
                RingWriter::attach(base, length, lot.as_mut_ptr().cast(), lot_length, OWN)
            };
            writers.push(writer.unwrap());
        }
        let lot_length = lot.len() * 8;
        // SAFETY: as above.
        let own = unsafe { ParkingWord::at(lot.as_mut_ptr().cast(), lot_length, OWN) }.unwrap();
        // SAFETY: as above.
        let block =
            unsafe { CounterBlock::at(counters.as_mut_ptr().cast(), counters.len() * 8) }.unwrap();
        let script = Rc::new(RefCell::new(script));
        let source = Box::new(Scripted(script.clone(), Vec::new()));
        assert_eq!(source.is_live(), live);
        Rig {
            engine: Engine::new(source, Lanes::new(writers, own), block, options),
            script,
            rings,
            lot,
            _counters: counters,
        }
    }

    fn poll(&mut self) -> u32 {
        self.engine.poll(1000).unwrap()
    }

    fn word(&mut self, worker: usize, offset: usize) -> Word {
        // SAFETY: offsets in the tests lie in the ring's header.
        unsafe { Word::at(self.rings[worker].as_mut_ptr().cast::<u8>().add(offset)) }
    }

    fn parking_word(&mut self, index: u32) -> Word {
        // SAFETY: the lot has a cache line for each worker and the source.
        unsafe { Word::at(self.lot.as_mut_ptr().cast::<u8>().add(index as usize * 64)) }
    }

    /// The published records of a worker, their space given back.
    fn read(&mut self, worker: usize) -> Vec<Record> {
        let tail = self.word(worker, ring_header::TAIL).load(Ordering::Acquire);
        let mut head = self.word(worker, ring_header::HEAD).load(Ordering::Acquire);
        let bytes: Vec<u8> = self.rings[worker]
            .iter()
            .flat_map(|word| word.to_le_bytes())
            .skip(ring_header::SIZE)
            .collect();
        let mut records = Vec::new();
        while head != tail {
            let start = head as usize & (bytes.len() - 1);
            let length = u32::from_le_bytes(bytes[start..start + 4].try_into().unwrap());
            let record = Record(bytes[start..start + length as usize].to_vec());
            head = head.wrapping_add(length.next_multiple_of(8));
            if record.kind() != record_kind::PADDING {
                records.push(record);
            }
        }
        self.word(worker, ring_header::HEAD)
            .store(head, Ordering::Release);
        records
    }

    fn packets(&mut self, worker: usize) -> Vec<Record> {
        let mut records = self.read(worker);
        records.retain(|record| record.kind() == record_kind::PACKET);
        records
    }

    fn count(&self, index: usize) -> u64 {
        self.engine.counts().get(index)
    }

    /// Asserts the accounting, with `held` fragments not yet delivered.
    fn assert_balance(&self, held: u64) {
        let counts = self.engine.counts();
        assert_eq!(
            counts.get(counter::RECEIVED_PACKETS),
            counts.get(counter::DELIVERED_PACKETS) + counts.dropped_packets() + held
        );
    }
}

struct Record(Vec<u8>);

impl Record {
    fn kind(&self) -> u32 {
        u32::from(self.0[at::KIND])
    }

    fn u32(&self, offset: usize) -> u32 {
        u32::from_le_bytes(self.0[offset..offset + 4].try_into().unwrap())
    }

    fn u16(&self, offset: usize) -> u16 {
        u16::from_le_bytes(self.0[offset..offset + 2].try_into().unwrap())
    }

    fn f64(&self, offset: usize) -> f64 {
        f64::from_le_bytes(self.0[offset..offset + 8].try_into().unwrap())
    }

    fn payload(&self) -> &[u8] {
        let start = self.u32(at::PAYLOAD_OFFSET) as usize;
        &self.0[start..start + self.u32(at::PAYLOAD_LENGTH) as usize]
    }
}

/// An Ethernet frame with an IPv4 packet; `fragment` is the flags and offset field.
fn ipv4(protocol: u8, id: u16, fragment: u16, source: u8, destination: u8, data: &[u8]) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 0];
    let length = (20 + data.len()) as u16;
    let mut header = vec![0x45, 0];
    header.extend(length.to_be_bytes());
    header.extend(id.to_be_bytes());
    header.extend(fragment.to_be_bytes());
    header.extend([64, protocol, 0, 0]);
    header.extend([192, 0, 2, source, 192, 0, 2, destination]);
    let sum: u32 = header
        .chunks(2)
        .map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1]))
        .sum();
    let folded = (sum & 0xffff) + (sum >> 16);
    header[10..12].copy_from_slice(&(!(folded as u16)).to_be_bytes());
    frame.extend(header);
    frame.extend(data);
    frame
}

/// A UDP datagram without a checksum.
fn udp(source_port: u16, destination_port: u16, payload: &[u8]) -> Vec<u8> {
    let mut datagram = Vec::new();
    datagram.extend(source_port.to_be_bytes());
    datagram.extend(destination_port.to_be_bytes());
    datagram.extend((8 + payload.len() as u16).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend(payload);
    datagram
}

fn packet(source: u8, port: u16, payload: &[u8]) -> Vec<u8> {
    ipv4(17, 1, 0, source, 200, &udp(port, 53, payload))
}

fn file(frames: impl IntoIterator<Item = (Vec<u8>, u64)>) -> Script {
    let event = |(data, time_ns)| Event::Frame(data, time_ns);
    Script {
        events: frames.into_iter().map(event).collect(),
        ..Script::default()
    }
}

fn live(events: impl IntoIterator<Item = Event>) -> Script {
    Script {
        events: events.into_iter().collect(),
        live: true,
        ..Script::default()
    }
}

#[test]
fn every_frame_is_delivered_or_counted_and_the_end_closes_the_rings() {
    let mut script = file([
        (packet(1, 1000, b"one"), START),
        (vec![0; 5], START + 1),
        (packet(2, 2000, b"two"), START + 2_000_500),
    ]);
    script.events.push_back(Event::Unknown(START + 3_000_000));
    let mut rig = Rig::new(1, 4096, script, PathOptions::default());
    assert_eq!(rig.poll(), poll_status::END);
    rig.assert_balance(0);
    assert_eq!(rig.count(counter::RECEIVED_PACKETS), 4);
    assert_eq!(rig.count(counter::DELIVERED_PACKETS), 2);
    assert_eq!(rig.count(counter::DROPPED_TRUNCATED_PACKETS), 1);
    assert_eq!(rig.count(counter::DROPPED_UNSUPPORTED_PACKETS), 1);
    assert_eq!(rig.count(counter::CLOCK_US), START / 1000 + 3000);
    assert_eq!(rig.word(0, ring_header::CLOSED).load(Ordering::Relaxed), 1);
    let records = rig.read(0);
    let kinds: Vec<u32> = records.iter().map(Record::kind).collect();
    assert_eq!(
        kinds,
        [record_kind::PACKET, record_kind::PACKET, record_kind::CLOCK]
    );
    assert_eq!(records[0].payload(), b"one");
    assert_eq!(records[1].payload(), b"two");
    assert_eq!(records[0].u32(at::SEQUENCE), 1);
    assert_eq!(records[1].u32(at::SEQUENCE), 2);
    assert_eq!(records[0].u32(at::PACKET_NUMBER), 1);
    assert_eq!(records[1].u32(at::PACKET_NUMBER), 3);
    assert_eq!(records[1].f64(at::TIME_US), (START / 1000 + 2000) as f64);
    assert_eq!(records[1].u16(at::TIME_NS), 500);
    assert_eq!(records[1].u16(at::SOURCE_PORT), 2000);
    assert_eq!(records[2].f64(clock::TIME_US), (START / 1000 + 3000) as f64);
    assert_eq!(rig.poll(), poll_status::END);
}

#[test]
fn a_file_waits_for_a_full_ring_and_loses_nothing() {
    let frames = (0..100_u16).map(|n| (packet(1, 1000 + n, &[n as u8; 300]), START));
    let mut rig = Rig::new(1, 4096, file(frames), PathOptions::default());
    let mut ports = Vec::new();
    let mut full = 0;
    loop {
        let status = rig.poll();
        rig.assert_balance(0);
        for record in rig.packets(0) {
            assert_eq!(record.u32(at::SEQUENCE) as usize, ports.len() + 1);
            ports.push(record.u16(at::SOURCE_PORT));
        }
        match status {
            poll_status::RING_FULL => {
                full += 1;
                assert_eq!(rig.parking_word(OWN).load(Ordering::Relaxed), 1);
            }
            poll_status::END => break,
            other => assert_eq!(other, poll_status::PROGRESS),
        }
    }
    assert_eq!(ports, (1000..1100).collect::<Vec<u16>>());
    assert!(full >= 9, "a ring of 4 KiB holds 7 such records");
    assert_eq!(rig.parking_word(OWN).load(Ordering::Relaxed), 0);
    assert_eq!(rig.count(counter::DELIVERED_PACKETS), 100);
}

#[test]
fn a_full_ring_that_nobody_reads_changes_nothing() {
    let frames = (0..20_u16).map(|n| (packet(1, 1000 + n, &[0; 300]), START));
    let mut rig = Rig::new(1, 4096, file(frames), PathOptions::default());
    assert_eq!(rig.poll(), poll_status::RING_FULL);
    let before = *rig.engine.counts();
    assert_eq!(rig.poll(), poll_status::RING_FULL);
    assert_eq!(*rig.engine.counts(), before);
}

#[test]
fn a_live_source_without_room_drops_the_newest_and_counts_it() {
    let frames = (0..20_u16).map(|n| Event::Frame(packet(1, 1000 + n, &[0; 300]), START));
    let mut script = live(frames);
    script.kernel_dropped = 5;
    script.room = true;
    let mut rig = Rig::new(1, 4096, script, PathOptions::default());
    assert_eq!(rig.poll(), poll_status::RING_FULL);
    rig.assert_balance(0);
    assert_eq!(rig.count(counter::DROPPED_RING_FULL_PACKETS), 0);
    rig.script.borrow_mut().room = false;
    assert_eq!(rig.poll(), poll_status::END);
    rig.assert_balance(0);
    let ports: Vec<u16> = rig
        .packets(0)
        .iter()
        .map(|record| record.u16(at::SOURCE_PORT))
        .collect();
    assert_eq!(ports, [1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007]);
    assert_eq!(rig.count(counter::RECEIVED_PACKETS), 25);
    assert_eq!(rig.count(counter::DROPPED_RING_FULL_PACKETS), 12);
    assert_eq!(rig.count(counter::DROPPED_KERNEL_PACKETS), 5);
}

#[test]
fn a_record_beyond_a_quarter_of_the_ring_is_dropped() {
    let script = file([
        (packet(1, 1, &[0; 900]), START),
        (packet(1, 2, b"fits"), START),
    ]);
    let mut rig = Rig::new(1, 4096, script, PathOptions::default());
    assert_eq!(rig.poll(), poll_status::END);
    rig.assert_balance(0);
    assert_eq!(rig.count(counter::DROPPED_TOO_LARGE_PACKETS), 1);
    assert_eq!(rig.packets(0).len(), 1);
}

#[test]
fn a_sleeping_consumer_is_named_once_and_ends_the_poll() {
    let frames = (0..200_u16).map(|n| (packet(1, 1000 + n, b"x"), START));
    let mut rig = Rig::new(1, 1 << 20, file(frames), PathOptions::default());
    rig.parking_word(1).store(1, Ordering::Relaxed);
    assert_eq!(rig.poll(), poll_status::PROGRESS);
    assert_eq!(rig.engine.take_woken().collect::<Vec<u32>>(), [1]);
    assert_eq!(rig.parking_word(1).load(Ordering::Relaxed), 0);
    // One batch went out before the engine came back to have the consumer woken.
    assert_eq!(rig.packets(0).len(), 64);
    assert_eq!(rig.poll(), poll_status::END);
    assert_eq!(rig.engine.take_woken().count(), 0);
    assert_eq!(rig.packets(0).len(), 136);
}

#[test]
fn both_directions_meet_on_one_worker_and_idle_workers_learn_the_time() {
    let mut frames = Vec::new();
    for n in 0..50_u64 {
        let port = 1000 + n as u16;
        let time = START + n * SECOND;
        frames.push((ipv4(17, 1, 0, 1, 2, &udp(port, 53, b"q")), time));
        frames.push((ipv4(17, 1, 0, 2, 1, &udp(53, port, b"r")), time + 1000));
    }
    let mut rig = Rig::new(4, 1 << 16, file(frames), PathOptions::default());
    assert_eq!(rig.poll(), poll_status::END);
    let mut flows = 0;
    for worker in 0..4 {
        let mut clock_us = 0.0_f64;
        let mut previous_port = None;
        for record in rig.read(worker) {
            let time_us = record.f64(at::TIME_US);
            assert!(clock_us == 0.0 || time_us - clock_us <= 1_000_100.0);
            clock_us = clock_us.max(time_us);
            if record.kind() != record_kind::PACKET {
                continue;
            }
            let client = record
                .u16(at::SOURCE_PORT)
                .max(record.u16(at::DESTINATION_PORT));
            if previous_port == Some(client) {
                flows += 1;
            }
            previous_port = Some(client);
        }
        assert_eq!(clock_us, ((START + 49 * SECOND + 1000) / 1000) as f64);
    }
    assert_eq!(flows, 50);
}

#[test]
fn time_that_goes_back_is_told_as_lag() {
    let script = file([
        (packet(1, 1, b"late"), START + SECOND),
        (packet(1, 1, b"early"), START),
    ]);
    let mut rig = Rig::new(1, 4096, script, PathOptions::default());
    assert_eq!(rig.poll(), poll_status::END);
    let records = rig.packets(0);
    assert_eq!(records[0].u32(at::CLOCK_LAG_US), 0);
    assert_eq!(records[1].u32(at::CLOCK_LAG_US), 1_000_000);
}

#[test]
fn a_time_far_ahead_does_not_move_the_clock_and_the_packet_says_so() {
    let script = file([
        (packet(1, 1, b"first"), START),
        (packet(1, 1, b"absurd"), START + 10_000 * 86_400 * SECOND),
        (packet(1, 1, b"next"), START + SECOND),
    ]);
    let mut rig = Rig::new(2, 4096, script, PathOptions::default());
    assert_eq!(rig.poll(), poll_status::END);
    assert_eq!(rig.count(counter::CLOCK_JUMPS), 1);
    assert_eq!(rig.count(counter::CLOCK_US), (START + SECOND) / 1000);
    let worker = usize::from(rig.word(0, ring_header::TAIL).load(Ordering::Relaxed) < 300);
    let lags: Vec<u32> = rig
        .packets(worker)
        .iter()
        .map(|record| record.u32(at::CLOCK_LAG_US))
        .collect();
    assert_eq!(lags, [0, clock_lag::APART, 0]);
    let idle: Vec<f64> = rig
        .read(1 - worker)
        .iter()
        .map(|record| record.f64(clock::TIME_US))
        .collect();
    assert_eq!(
        idle,
        [(START / 1000) as f64, (START / 1000 + 1_000_000) as f64]
    );
}

#[test]
fn a_clock_that_a_packet_cannot_carry_is_told_before_it() {
    let far = START + 5000 * SECOND;
    let script = file([
        (packet(1, 1, b"one"), START),
        (packet(1, 1, b"far"), far),
        (packet(1, 1, b"old"), START),
    ]);
    let mut rig = Rig::new(1, 4096, script, PathOptions::default());
    rig.poll();
    let lags: Vec<u32> = rig
        .packets(0)
        .iter()
        .map(|record| record.u32(at::CLOCK_LAG_US))
        .collect();
    assert_eq!(lags, [0, 0, clock_lag::APART]);
}

#[test]
fn days_without_packets_are_followed_by_the_third_packet_after() {
    let day = 86_400 * SECOND;
    let frames = (0..5_u64).map(|n| {
        let gap = if n < 2 { 0 } else { 3 * day };
        (packet(1, 1, &[n as u8]), START + n * 1000 + gap)
    });
    let mut rig = Rig::new(1, 4096, file(frames), PathOptions::default());
    assert_eq!(rig.poll(), poll_status::END);
    assert_eq!(rig.count(counter::CLOCK_JUMPS), 2);
    assert_eq!(rig.count(counter::CLOCK_US), (START + 3 * day) / 1000 + 4);
    // The two before the third were held back: they go by the new clock too, and are still before it.
    let told: Vec<(u8, u32)> = rig
        .packets(0)
        .iter()
        .map(|record| (record.payload()[0], record.u32(at::CLOCK_LAG_US)))
        .collect();
    assert_eq!(told, [(0, 0), (1, 0), (2, 2), (3, 1), (4, 0)]);
    rig.assert_balance(0);
}

#[test]
fn packets_in_doubt_leave_at_the_end_of_the_source() {
    let year = 365 * 86_400 * SECOND;
    let script = file([
        (packet(1, 1, b"a"), START),
        (packet(1, 1, b"b"), START + year),
        (packet(1, 1, b"c"), START + year),
    ]);
    let mut rig = Rig::new(1, 4096, script, PathOptions::default());
    assert_eq!(rig.poll(), poll_status::END);
    let lags: Vec<u32> = rig
        .packets(0)
        .iter()
        .map(|record| record.u32(at::CLOCK_LAG_US))
        .collect();
    assert_eq!(lags, [0, clock_lag::APART, clock_lag::APART]);
    rig.assert_balance(0);
}

#[test]
fn a_frame_that_waits_for_fragments_counts_once_for_the_clock() {
    let (_, [first, ..]) = fragments();
    let year = 365 * 86_400 * SECOND;
    let mut rig = Rig::new(
        1,
        4096,
        file([
            (first, START),
            (packet(1, 1, b"a"), START + 40 * SECOND),
            (packet(1, 1, b"b"), START + year),
            (packet(1, 1, b"c"), START + year),
            (packet(1, 1, b"d"), START + 41 * SECOND),
        ]),
        PathOptions::default(),
    );
    rig.poll();
    assert_eq!(rig.count(counter::CLOCK_JUMPS), 2);
    assert_eq!(rig.count(counter::CLOCK_US), (START + 41 * SECOND) / 1000);
    rig.assert_balance(0);
}

/// A datagram of 32 bytes of payload in three fragments, and one packet of the same flow.
fn fragments() -> (Vec<u8>, [Vec<u8>; 3]) {
    let payload: Vec<u8> = (0..32).collect();
    let datagram = udp(4000, 53, &payload);
    let cut = |more: u16, from: usize, to: usize| {
        ipv4(17, 7, more | (from / 8) as u16, 1, 200, &datagram[from..to])
    };
    let parts = [cut(0x2000, 0, 16), cut(0x2000, 16, 32), cut(0, 32, 40)];
    (payload, parts)
}

#[test]
fn fragments_go_to_their_flow_in_order_and_the_last_carries_the_datagram() {
    let (payload, [first, middle, last]) = fragments();
    let script = file([
        (packet(1, 4000, b"whole"), START),
        (last, START + 1000),
        (first, START + 2000),
        (packet(9, 9, b"between"), START + 3000),
        (middle, START + 4000),
        (packet(1, 4000, b"after"), START + 5000),
    ]);
    let mut rig = Rig::new(3, 1 << 16, script, PathOptions::default());
    assert_eq!(rig.engine.poll(4).unwrap(), poll_status::PROGRESS);
    rig.assert_balance(2);
    assert_eq!(rig.count(counter::FRAGMENTS_WAITING_DATAGRAMS), 1);
    assert_eq!(rig.poll(), poll_status::END);
    rig.assert_balance(0);
    assert_eq!(rig.count(counter::FRAGMENTS_WAITING_DATAGRAMS), 0);
    let mut of_flow = Vec::new();
    for worker in 0..3 {
        let records = rig.packets(worker);
        if records
            .iter()
            .any(|record| record.u16(at::SOURCE_PORT) == 4000)
        {
            of_flow = records;
        }
    }
    of_flow.retain(|record| record.u16(at::SOURCE_PORT) == 4000);
    let numbers: Vec<u32> = of_flow
        .iter()
        .map(|record| record.u32(at::PACKET_NUMBER))
        .collect();
    assert_eq!(numbers, [1, 2, 3, 5, 6]);
    let flags: Vec<u32> = of_flow.iter().map(|record| record.u32(at::FLAGS)).collect();
    let bare = packet_flag::FRAGMENT;
    assert_eq!(flags, [0, bare, bare, bare | packet_flag::REASSEMBLED, 0]);
    for record in &of_flow {
        assert_eq!(record.u32(at::FLOW_HASH), of_flow[0].u32(at::FLOW_HASH));
        assert_eq!(record.u16(at::DESTINATION_PORT), 53);
    }
    assert_eq!(of_flow[1].payload(), b"");
    assert_eq!(of_flow[1].u32(at::PAYLOAD_WIRE_LENGTH), 0);
    assert_eq!(of_flow[1].u16(at::FRAGMENT_OFFSET), 4);
    assert_eq!(of_flow[3].payload(), payload);
    assert_eq!(of_flow[3].u32(at::PAYLOAD_WIRE_LENGTH), 32);
    assert_eq!(of_flow[3].u32(at::LENGTH), 160 + 14 + 20 + 16 + 40);
    // The middle fragment's own time, and the clock that had come that far.
    assert_eq!(of_flow[3].f64(at::TIME_US), (START / 1000 + 4) as f64);
    assert_eq!(of_flow[1].u32(at::CLOCK_LAG_US), 3);
    assert_eq!(rig.count(counter::FRAGMENTS_PACKETS), 3);
    assert_eq!(rig.count(counter::FRAGMENTS_REASSEMBLED), 1);
}

#[test]
fn fragments_survive_a_full_ring() {
    let (payload, [first, middle, last]) = fragments();
    let mut frames: Vec<(Vec<u8>, u64)> = (0..7)
        .map(|_| (packet(1, 4000, &[0; 300]), START))
        .collect();
    frames.extend([first, middle, last].map(|part| (part, START)));
    frames.push((packet(1, 4000, b"after"), START));
    let mut with_room = file(frames.clone());
    with_room.live = true;
    with_room.room = true;
    for script in [file(frames), with_room] {
        let mut rig = Rig::new(1, 4096, script, PathOptions::default());
        let mut records = Vec::new();
        loop {
            let status = rig.poll();
            records.extend(rig.packets(0));
            if status == poll_status::END {
                break;
            }
        }
        rig.assert_balance(0);
        assert_eq!(records.len(), 11);
        assert_eq!(records[9].payload(), payload);
        assert_eq!(records[10].payload(), b"after");
        assert!(rig.count(counter::DELIVERED_PACKETS) == 11);
    }
}

#[test]
fn fragments_without_their_datagram_leave_marked_with_the_ports_of_the_first() {
    let (_, [first, middle, _]) = fragments();
    let (_, [_, orphan, _]) = fragments();
    let mut orphan = orphan;
    orphan[19] = 8;
    let script = file([
        (middle, START),
        (first, START),
        (orphan, START),
        (packet(9, 9, b"later"), START + 40 * SECOND),
    ]);
    let mut rig = Rig::new(1, 1 << 16, script, PathOptions::default());
    assert_eq!(rig.engine.poll(3).unwrap(), poll_status::PROGRESS);
    rig.assert_balance(3);
    assert_eq!(rig.packets(0).len(), 0);
    assert_eq!(rig.poll(), poll_status::END);
    rig.assert_balance(0);
    let records = rig.packets(0);
    let facts: Vec<(u32, u16, u32)> = records
        .iter()
        .map(|record| {
            (
                record.u32(at::PACKET_NUMBER),
                record.u16(at::SOURCE_PORT),
                record.u32(at::FLAGS),
            )
        })
        .collect();
    let given_up = packet_flag::FRAGMENT | packet_flag::FRAGMENT_INCOMPLETE;
    assert_eq!(
        facts,
        [
            (1, 4000, given_up),
            (2, 4000, given_up),
            (3, 0, given_up),
            (4, 9, 0)
        ]
    );
    assert_eq!(records[0].payload(), b"");
    assert_eq!(rig.count(counter::FRAGMENTS_TIMEOUT), 2);
}

#[test]
fn fragments_held_at_the_end_are_delivered() {
    let (_, [first, _, last]) = fragments();
    let mut rig = Rig::new(
        1,
        1 << 16,
        file([(first, START), (last, START)]),
        PathOptions::default(),
    );
    assert_eq!(rig.poll(), poll_status::END);
    rig.assert_balance(0);
    assert_eq!(rig.packets(0).len(), 2);
}

#[test]
fn wrong_checksums_are_dropped_only_when_asked_for() {
    let mut wrong = packet(1, 1, b"wrong");
    wrong[14 + 10] ^= 1;
    for (mode, delivered, dropped) in [
        (ChecksumMode::None, 2, 0),
        (ChecksumMode::All, 1, 1),
        (ChecksumMode::Sample, 2, 0),
    ] {
        let script = file([(wrong.clone(), START), (packet(1, 1, b"right"), START)]);
        let options = PathOptions {
            checksums: mode,
            ..PathOptions::default()
        };
        let mut rig = Rig::new(1, 1 << 16, script, options);
        assert_eq!(rig.poll(), poll_status::END);
        rig.assert_balance(0);
        assert_eq!(rig.count(counter::DELIVERED_PACKETS), delivered);
        assert_eq!(rig.count(counter::DROPPED_CHECKSUM_PACKETS), dropped);
    }
}

#[test]
fn many_wrong_checksums_give_one_notice_and_lose_nothing() {
    let mut segment = vec![0; 20];
    segment[12] = 5 << 4;
    let frames = (0..1200).map(|_| (ipv4(6, 1, 0, 1, 2, &segment), START));
    let mut rig = Rig::new(1, 1 << 20, file(frames), PathOptions::default());
    assert_eq!(rig.engine.poll(2000).unwrap(), poll_status::END);
    assert_eq!(rig.count(counter::DELIVERED_PACKETS), 1200);
    assert_eq!(rig.count(counter::CHECKSUM_CHECKED_PACKETS), 1000);
    assert_eq!(rig.count(counter::CHECKSUM_BAD_PACKETS), 1000);
    let notice = rig.engine.take_notice().unwrap();
    assert!(notice.starts_with("1000 of 1000 checksums are wrong"));
    assert_eq!(rig.engine.take_notice(), None);
    assert_eq!(rig.packets(0)[0].u32(at::FLAGS), 0);
}

#[test]
fn records_are_published_before_the_source_waits() {
    let script = live([
        Event::Frame(packet(1, 1, b"a"), START),
        Event::Wait,
        Event::Idle,
        Event::Frame(packet(1, 1, b"b"), START),
    ]);
    let mut rig = Rig::new(1, 4096, script, PathOptions::default());
    assert_eq!(rig.poll(), poll_status::PROGRESS);
    assert_eq!(rig.packets(0).len(), 1);
    assert_eq!(rig.poll(), poll_status::IDLE);
    // Nothing came, so the wall clock speaks, which is later than the script's frames.
    let records = rig.read(0);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].kind(), record_kind::CLOCK);
    assert!(records[0].f64(clock::TIME_US) > (START / 1000) as f64);
    assert_eq!(rig.poll(), poll_status::END);
    assert_eq!(rig.packets(0).len(), 1);
}

#[test]
fn a_failing_source_is_an_error_once_and_then_ends_in_order() {
    let (_, [first, ..]) = fragments();
    let mut script = file([(packet(1, 1, b"a"), START), (first, START)]);
    script.events.push_back(Event::Fail);
    let mut rig = Rig::new(1, 4096, script, PathOptions::default());
    assert_eq!(rig.engine.poll(10).unwrap_err().to_string(), "script: torn");
    rig.assert_balance(1);
    assert_eq!(rig.packets(0).len(), 1);
    assert_eq!(rig.poll(), poll_status::END);
    rig.assert_balance(0);
    assert_eq!(rig.packets(0).len(), 1);
    assert_eq!(rig.word(0, ring_header::CLOSED).load(Ordering::Relaxed), 1);
}

#[test]
fn the_last_clock_waits_for_space_before_the_rings_close() {
    let frames = (0..4_u16).map(|n| (packet(1, n, &[0; 822]), START));
    let mut script = file(frames);
    script.events.push_back(Event::Unknown(START + 1_000_000));
    let mut rig = Rig::new(1, 4096, script, PathOptions::default());
    assert_eq!(rig.poll(), poll_status::RING_FULL);
    rig.assert_balance(0);
    assert_eq!(rig.word(0, ring_header::CLOSED).load(Ordering::Relaxed), 0);
    assert_eq!(rig.packets(0).len(), 4);
    assert_eq!(rig.poll(), poll_status::END);
    let records = rig.read(0);
    assert_eq!(records.len(), 1);
    assert_eq!(records[0].kind(), record_kind::CLOCK);
    assert_eq!(records[0].f64(clock::TIME_US), (START / 1000 + 1000) as f64);
    assert_eq!(rig.word(0, ring_header::CLOSED).load(Ordering::Relaxed), 1);
}

#[test]
fn a_stopped_source_ends_with_everything_accounted_for() {
    let frames = (0..10_u16).map(|n| (packet(1, n, b"x"), START));
    let mut rig = Rig::new(1, 1 << 16, file(frames), PathOptions::default());
    assert_eq!(rig.engine.poll(4).unwrap(), poll_status::PROGRESS);
    rig.engine.stop();
    assert!(rig.script.borrow().stopped);
    assert_eq!(rig.poll(), poll_status::END);
    rig.assert_balance(0);
    assert_eq!(rig.packets(0).len(), 4);
}

#[test]
fn fragments_of_a_session_that_a_key_tells_are_told_by_it_too() {
    let message = {
        let mut message = vec![0; 300];
        message[28..34].copy_from_slice(&[2, 0, 0, 0, 0, 9]);
        message[236..240].copy_from_slice(&[0x63, 0x82, 0x53, 0x63]);
        message
    };
    let datagram = udp(68, 67, &message);
    let cut = |id: u16, more: u16, from: usize, to: usize| {
        ipv4(
            17,
            id,
            more | (from / 8) as u16,
            1,
            200,
            &datagram[from..to],
        )
    };
    let script = file([
        (ipv4(17, 1, 0, 1, 200, &datagram), START),
        (cut(7, 0x2000, 0, 16), START + 1),
        (cut(7, 0, 16, 308), START + 2),
        (cut(8, 0x2000, 0, 296), START + 3),
        (cut(9, 0x2000, 0, 16), START + 4),
    ]);
    let options = PathOptions {
        identity: Some(crate::identity::Identity::default()),
        ..PathOptions::default()
    };
    let mut rig = Rig::new(1, 1 << 16, script, options);
    assert_eq!(rig.poll(), poll_status::END);
    let records = rig.packets(0);
    let keys: Vec<_> = records
        .iter()
        .map(|record| {
            let keyed = record.u32(at::FLAGS) & packet_flag::KEYED != 0;
            let second = record.u32(at::TCP_ACKNOWLEDGEMENT);
            (keyed, record.u32(at::FLOW_HASH), second)
        })
        .collect();
    assert_eq!(keys.len(), 5);
    assert!(keys[0].0);
    // Of the fourth there is enough to tell by, of the fifth only the ports.
    assert_eq!(keys[..4], [keys[0]; 4]);
    assert!(!keys[4].0 && keys[4].1 != keys[0].1);
}
