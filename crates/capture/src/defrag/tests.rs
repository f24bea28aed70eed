//! Reassembly: orders, overlaps, bounds, time, ids, what a sender of nonsense can do, and a model to compare with.

use super::*;
use crate::dissect::sample_headers::{self, ethernet, ipv4_with, ipv6, join, udp};
use crate::dissect::{DissectOptions, Dissector};
use proptest::prelude::*;
use proptest::test_runner::RngSeed;

const SECOND: u64 = 1_000_000_000;

fn frame(data: &[u8]) -> Frame<'_> {
    Frame {
        data,
        wire_length: data.len() as u32,
        time_ns: 5,
        link_type: 1,
        interface_id: 2,
        file_id: 3,
        file_position: Some(4),
        stripped_vlan: None,
        outgoing: false,
    }
}

fn dissect(frame: &Frame) -> Packet {
    let mut packet = Packet::default();
    Dissector::new(DissectOptions::default())
        .dissect(frame, &mut packet)
        .unwrap();
    packet
}

/// An IPv4 fragment in Ethernet.
fn fragment(id: u16, offset: usize, more: bool, data: &[u8]) -> Vec<u8> {
    assert_eq!(offset % 8, 0);
    let word = (offset / 8) as u16 | if more { 0x2000 } else { 0 };
    ethernet(0x0800, &ipv4_with(17, id, word, &[], data))
}

fn push(defragmenter: &mut Defragmenter, data: &[u8], clock_ns: u64) -> Verdict {
    let frame = frame(data);
    defragmenter.push(&frame, &dissect(&frame), clock_ns)
}

fn datagram_of(verdict: Verdict) -> Vec<u8> {
    match verdict {
        Verdict::Complete { datagram, .. } => datagram,
        other => panic!("not complete: {other:?}"),
    }
}

fn numbered(length: usize) -> Vec<u8> {
    (0..length)
        .map(|index| (index * 7 + index / 256) as u8)
        .collect()
}

fn offsets(fragments: &[HeldFragment]) -> Vec<u32> {
    fragments
        .iter()
        .map(|held| held.packet.fragment.unwrap().offset)
        .collect()
}

#[test]
fn any_order_gives_the_datagram_and_its_fragments() {
    let data = udp(1000, 2000, &numbered(32));
    let parts = [
        fragment(1, 0, true, &data[..16]),
        fragment(1, 16, true, &data[16..32]),
        fragment(1, 32, false, &data[32..]),
    ];
    for order in [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ] {
        let mut defragmenter = Defragmenter::new(DefragOptions::default());
        assert_eq!(push(&mut defragmenter, &parts[order[0]], 0), Verdict::Held);
        assert_eq!(push(&mut defragmenter, &parts[order[1]], 0), Verdict::Held);
        let Verdict::Complete {
            fragments,
            datagram,
        } = push(&mut defragmenter, &parts[order[2]], 0)
        else {
            panic!("{order:?}");
        };
        assert_eq!(datagram, data);
        assert_eq!(offsets(&fragments), order.map(|index| index as u32 * 16));
        for (held, index) in fragments.iter().zip(order) {
            assert_eq!(held.data, parts[index]);
            let back = held.frame();
            assert_eq!((back.time_ns, back.link_type, back.interface_id), (5, 1, 2));
            assert_eq!(
                (back.file_id, back.file_position, back.wire_length),
                (3, Some(4), parts[index].len() as u32)
            );
        }
        let mut packet = fragments[2].packet.clone();
        assert_eq!(packet.payload_wire_length, 40);
        Dissector::new(DissectOptions::default())
            .dissect_datagram(&datagram, &mut packet)
            .unwrap();
        assert_eq!(
            (
                packet.source_port,
                packet.destination_port,
                packet.payload_length
            ),
            (1000, 2000, 32)
        );
        assert_eq!(
            (defragmenter.held_bytes(), defragmenter.held_datagrams()),
            (0, 0)
        );
        assert_eq!(
            defragmenter.counts(),
            DefragCounts {
                reassembled: 1,
                ..DefragCounts::default()
            }
        );
    }
}

#[test]
fn ipv6_takes_the_protocol_of_the_first_fragment() {
    let data = sample_headers::udp_in(6, 1000, 2000, &numbered(24));
    let part = |next: u8, offset: u8, more: u8, bytes: &[u8]| {
        ethernet(
            0x86dd,
            &ipv6(
                44,
                &join(&[&[next, 0, 0, offset | more, 0, 0, 0, 9], bytes]),
            ),
        )
    };
    let mut defragmenter = Defragmenter::new(DefragOptions::default());
    assert_eq!(
        push(&mut defragmenter, &part(17, 0, 1, &data[..16]), 0),
        Verdict::Held
    );
    let Verdict::Complete {
        fragments,
        datagram,
    } = push(&mut defragmenter, &part(6, 16, 0, &data[16..]), 0)
    else {
        panic!("not complete");
    };
    assert_eq!(datagram, data);
    assert_eq!(fragments[1].packet.protocol, 17);
}

#[test]
fn fragments_in_a_tunnel() {
    let data = udp(1000, 2000, &numbered(16));
    let in_vxlan = |vni: u8, offset: usize, more: bool, bytes: &[u8]| {
        sample_headers::over_udp(
            4789,
            &join(&[
                &sample_headers::vxlan(vni),
                &fragment(1, offset, more, bytes),
            ]),
        )
    };
    let mut defragmenter = Defragmenter::new(DefragOptions::default());
    assert_eq!(
        push(&mut defragmenter, &in_vxlan(1, 0, true, &data[..8]), 0),
        Verdict::Held
    );
    // The same addresses and id in another network are another datagram.
    assert_eq!(
        push(&mut defragmenter, &in_vxlan(2, 8, false, &data[8..]), 0),
        Verdict::Held
    );
    assert_eq!(
        datagram_of(push(
            &mut defragmenter,
            &in_vxlan(1, 8, false, &data[8..]),
            0
        )),
        data
    );
}

#[test]
fn the_first_data_stays_where_fragments_overlap() {
    let mut defragmenter = Defragmenter::new(DefragOptions::default());
    push(&mut defragmenter, &fragment(1, 8, true, &[1; 16]), 0);
    push(&mut defragmenter, &fragment(1, 0, true, &[2; 16]), 0);
    push(&mut defragmenter, &fragment(1, 16, false, &[3; 16]), 0);
    assert_eq!(defragmenter.counts().overlap, 2);
    assert_eq!(defragmenter.counts().reassembled, 1);

    let mut defragmenter = Defragmenter::new(DefragOptions::default());
    push(&mut defragmenter, &fragment(1, 8, true, &[1; 16]), 0);
    push(&mut defragmenter, &fragment(1, 16, false, &[3; 16]), 0);
    let datagram = datagram_of(push(&mut defragmenter, &fragment(1, 0, true, &[2; 16]), 0));
    assert_eq!(datagram, join(&[&[2; 8], &[1; 16], &[3; 8]]));
}

#[test]
fn teardrop_is_held_and_counted() {
    // The second fragment lies wholly within the first and claims to be the last.
    let mut defragmenter = Defragmenter::new(DefragOptions::default());
    assert_eq!(
        push(&mut defragmenter, &fragment(1, 0, true, &[1; 32]), 0),
        Verdict::Held
    );
    assert_eq!(
        push(&mut defragmenter, &fragment(1, 24, false, &[2; 4]), 0),
        Verdict::Malformed
    );
    assert_eq!(defragmenter.counts().malformed, 1);
    // Here it ends where the first does.
    assert_eq!(
        datagram_of(push(&mut defragmenter, &fragment(1, 24, false, &[2; 8]), 0)),
        [1; 32]
    );
    assert_eq!(defragmenter.counts().overlap, 1);
}

#[test]
fn repetitions_are_no_overlaps() {
    let mut defragmenter = Defragmenter::new(DefragOptions::default());
    push(&mut defragmenter, &fragment(1, 0, true, &[1; 8]), 0);
    push(&mut defragmenter, &fragment(1, 0, true, &[1; 8]), 0);
    push(&mut defragmenter, &fragment(1, 0, true, &[2; 8]), 0);
    let Verdict::Complete {
        fragments,
        datagram,
    } = push(&mut defragmenter, &fragment(1, 8, false, &[3; 3]), 0)
    else {
        panic!("not complete");
    };
    assert_eq!((fragments.len(), datagram), (4, join(&[&[1; 8], &[3; 3]])));
    let counts = defragmenter.counts();
    assert_eq!((counts.duplicate, counts.overlap), (1, 1));
}

#[test]
fn fragments_that_belong_to_no_datagram() {
    let mut defragmenter = Defragmenter::new(DefragOptions::default());
    let malformed = |defragmenter: &mut Defragmenter, data: &[u8]| {
        assert_eq!(push(defragmenter, data, 0), Verdict::Malformed);
    };
    malformed(&mut defragmenter, &fragment(1, 65_528, false, &[0; 8])); // ping of death: 65,536 bytes
    malformed(&mut defragmenter, &fragment(1, 8, false, &[])); // empty
    malformed(&mut defragmenter, &fragment(1, 0, true, &[0; 12])); // no multiple of 8
    assert_eq!(
        (defragmenter.held_bytes(), defragmenter.held_datagrams()),
        (0, 0)
    );
    push(&mut defragmenter, &fragment(1, 8, false, &[0; 8]), 0);
    malformed(&mut defragmenter, &fragment(1, 16, true, &[0; 8])); // beyond the end
    malformed(&mut defragmenter, &fragment(1, 8, false, &[0; 7])); // another end
    assert_eq!(defragmenter.counts().malformed, 5);
    // The honest rest still makes it whole.
    assert_eq!(
        datagram_of(push(&mut defragmenter, &fragment(1, 0, true, &[9; 8]), 0)).len(),
        16
    );
}

#[test]
fn the_largest_datagram() {
    let data = numbered(65_515);
    let mut defragmenter = Defragmenter::new(DefragOptions::default());
    let mut last = None;
    for (index, part) in data.chunks(1480).enumerate() {
        last = Some(push(
            &mut defragmenter,
            &fragment(1, index * 1480, (index + 1) * 1480 < data.len(), part),
            0,
        ));
    }
    assert_eq!(datagram_of(last.unwrap()), data);
}

#[test]
fn a_datagram_has_so_many_fragments_and_no_more() {
    let options = DefragOptions {
        max_fragments_per_datagram: 3,
        ..DefragOptions::default()
    };
    let mut defragmenter = Defragmenter::new(options);
    for index in 0..3 {
        assert_eq!(
            push(&mut defragmenter, &fragment(1, index * 8, true, &[0; 8]), 0),
            Verdict::Held
        );
    }
    assert_eq!(
        push(&mut defragmenter, &fragment(1, 24, false, &[0; 8]), 0),
        Verdict::Malformed
    );
    let given_up = defragmenter.next_given_up(31 * SECOND).unwrap();
    assert_eq!(offsets(&given_up), [0, 8, 16]);
    assert_eq!(
        (
            defragmenter.counts().malformed,
            defragmenter.counts().timeout
        ),
        (1, 1)
    );
}

#[test]
fn time_is_counted_from_the_first_fragment() {
    let mut defragmenter = Defragmenter::new(DefragOptions::default());
    push(&mut defragmenter, &fragment(1, 0, true, &[1; 8]), SECOND);
    push(
        &mut defragmenter,
        &fragment(2, 0, true, &[1; 8]),
        2 * SECOND,
    );
    push(
        &mut defragmenter,
        &fragment(1, 8, true, &[1; 8]),
        30 * SECOND,
    );
    assert_eq!(defragmenter.next_given_up(31 * SECOND), None);
    let first = defragmenter.next_given_up(31 * SECOND + 1).unwrap();
    assert_eq!(offsets(&first), [0, 8]);
    assert_eq!(defragmenter.next_given_up(32 * SECOND), None);
    assert_eq!(defragmenter.next_given_up(33 * SECOND).unwrap().len(), 1);
    assert_eq!(defragmenter.next_given_up(u64::MAX), None);
    assert_eq!(defragmenter.counts().timeout, 2);
}

#[test]
fn an_id_is_free_after_its_datagram() {
    let mut defragmenter = Defragmenter::new(DefragOptions::default());
    for round in 0..3u8 {
        push(&mut defragmenter, &fragment(1, 0, true, &[round; 8]), 0);
        let datagram = datagram_of(push(
            &mut defragmenter,
            &fragment(1, 8, false, &[round; 8]),
            0,
        ));
        assert_eq!(datagram, [round; 16]);
    }
    assert_eq!(defragmenter.counts().overlap, 0);
    // Its time is over, though nobody asked yet: the new fragment does not join the old one.
    push(&mut defragmenter, &fragment(1, 0, true, &[7; 8]), 0);
    push(
        &mut defragmenter,
        &fragment(1, 8, false, &[8; 8]),
        40 * SECOND,
    );
    assert_eq!(defragmenter.held_datagrams(), 2);
    assert_eq!(
        offsets(&defragmenter.next_given_up(40 * SECOND).unwrap()),
        [0]
    );
    assert_eq!(defragmenter.next_given_up(40 * SECOND), None);
    // Giving up the old one has left the new one in place.
    let datagram = datagram_of(push(
        &mut defragmenter,
        &fragment(1, 0, true, &[9; 8]),
        41 * SECOND,
    ));
    assert_eq!(datagram, join(&[&[9; 8], &[8; 8]]));
}

#[test]
fn the_oldest_go_when_memory_is_full() {
    let one = size_of::<HeldFragment>() + fragment(1, 0, true, &[1; 8]).len();
    let mut by_bytes = Defragmenter::new(DefragOptions {
        max_bytes: 2 * one,
        ..DefragOptions::default()
    });
    let mut by_count = Defragmenter::new(DefragOptions {
        max_datagrams: 2,
        ..DefragOptions::default()
    });
    for defragmenter in [&mut by_bytes, &mut by_count] {
        for id in 1..=4u16 {
            push(
                defragmenter,
                &fragment(id, 0, true, &[id as u8; 8]),
                u64::from(id),
            );
        }
        let evicted: Vec<u8> = std::iter::from_fn(|| defragmenter.next_given_up(4))
            .map(|fragments| fragments[0].data[34])
            .collect();
        assert_eq!(evicted, [1, 2]);
        assert_eq!(
            (defragmenter.counts().evicted, defragmenter.held_bytes()),
            (2, 2 * one)
        );
        assert_eq!(defragmenter.drain().unwrap()[0].data[34], 3);
        assert_eq!(defragmenter.drain().unwrap()[0].data[34], 4);
        assert_eq!(defragmenter.drain(), None);
        assert_eq!(
            (defragmenter.counts().timeout, defragmenter.held_bytes()),
            (2, 0)
        );
    }
}

#[test]
fn cut_fragments_give_what_is_there() {
    let data = udp(1000, 2000, &numbered(40));
    let first = fragment(1, 0, true, &data[..24]);
    let second = fragment(1, 24, false, &data[24..]);
    let mut cut = frame(&first[..first.len() - 5]);
    cut.wire_length = first.len() as u32;
    let mut defragmenter = Defragmenter::new(DefragOptions::default());
    assert_eq!(defragmenter.push(&cut, &dissect(&cut), 0), Verdict::Held);
    let Verdict::Complete {
        fragments,
        datagram,
    } = push(&mut defragmenter, &second, 0)
    else {
        panic!("not complete");
    };
    assert_eq!(datagram, data[..19]);
    assert_eq!(fragments[1].packet.payload_wire_length, 48);
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1000,
        rng_seed: RngSeed::Fixed(1),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Any cutting, order and repetition of a datagram's fragments gives the datagram.
    #[test]
    fn pieces_in_any_order(
        length in 1usize..400,
        cuts in proptest::collection::vec(1usize..12, 40),
        order in any::<u64>(),
        repeat in any::<prop::sample::Index>(),
    ) {
        let data = numbered(length);
        let mut parts = vec![];
        let mut at = 0;
        for cut in cuts.iter().cycle() {
            let end = (at + cut * 8).min(length);
            parts.push(fragment(1, at, end < length, &data[at..end]));
            at = end;
            if at == length {
                break;
            }
        }
        if parts.len() == 1 {
            return Ok(());
        }
        let mut seed = order;
        for index in (1..parts.len()).rev() {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            parts.swap(index, (seed >> 33) as usize % (index + 1));
        }
        let again = parts[repeat.index(parts.len() - 1)].clone();
        parts.insert(parts.len() - 1, again);
        let mut defragmenter = Defragmenter::new(DefragOptions::default());
        let last = parts.pop().unwrap();
        for part in &parts {
            prop_assert_eq!(push(&mut defragmenter, part, 0), Verdict::Held);
        }
        prop_assert_eq!(datagram_of(push(&mut defragmenter, &last, 0)), data);
        prop_assert_eq!(defragmenter.counts().duplicate, 1);
        prop_assert_eq!(defragmenter.counts().overlap, 0);
    }

    /// Against a table of bytes in which the first to come stays: the same verdicts, bytes and counts. Whatever comes,
    /// every fragment held comes out exactly once, and the bounds hold.
    #[test]
    fn arbitrary_fragments_agree_with_a_model(
        fragments in proptest::collection::vec((0u16..2, 0usize..6, 1usize..4, any::<bool>(), any::<u8>()), 1..40),
    ) {
        let options = DefragOptions { max_fragments_per_datagram: 12, ..DefragOptions::default() };
        let mut defragmenter = Defragmenter::new(options);
        let mut models: [Model; 2] = Default::default();
        let mut held = 0;
        for (id, unit, units, more, value) in fragments {
            let data = vec![value; units * 8];
            let verdict = push(&mut defragmenter, &fragment(id, unit * 8, more || unit == 0, &data), 0);
            let model = &mut models[usize::from(id)];
            match model.push(unit * 8, more || unit == 0, &data) {
                None => prop_assert_eq!(verdict, Verdict::Malformed),
                Some(None) => {
                    prop_assert_eq!(verdict, Verdict::Held);
                    held += 1;
                }
                Some(Some(expected)) => {
                    let Verdict::Complete { fragments, datagram } = verdict else { panic!("the model is complete") };
                    prop_assert_eq!(datagram, expected);
                    prop_assert_eq!(fragments.len(), model.count);
                    held -= model.count - 1;
                    *model = Model::default();
                }
            }
        }
        let mut left = 0;
        while let Some(fragments) = defragmenter.drain() {
            left += fragments.len();
        }
        prop_assert_eq!((left, defragmenter.held_bytes(), defragmenter.held_datagrams()), (held, 0, 0));
    }
}

/// A datagram as a table of bytes.
#[derive(Default)]
struct Model {
    bytes: Vec<Option<u8>>,
    length: Option<usize>,
    count: usize,
}

impl Model {
    /// `None`: malformed. Else the datagram when it is whole.
    fn push(&mut self, offset: usize, more: bool, data: &[u8]) -> Option<Option<Vec<u8>>> {
        let end = offset + data.len();
        let beyond = self
            .length
            .is_some_and(|length| if more { end > length } else { end != length });
        if beyond || (!more && end < self.bytes.len()) || self.count == 12 {
            return None;
        }
        if !more {
            self.length = Some(end);
        }
        self.count += 1;
        if self.bytes.len() < end {
            self.bytes.resize(end, None);
        }
        for (slot, value) in self.bytes[offset..end].iter_mut().zip(data) {
            slot.get_or_insert(*value);
        }
        if self.length != Some(self.bytes.len()) {
            return Some(None);
        }
        Some(self.bytes.iter().copied().collect::<Option<Vec<u8>>>())
    }
}
