//! The way of one frame between source and ring: filter, dissection, checksums, defragmentation, flow hash, delivery.
//! [`crate::engine`] walks it on the capture thread. Nothing here waits, and no frame leaves it uncounted.
//!
//! Fragments wait in the defragmenter until their datagram is whole or given up. Then all of them go out, in the
//! order in which they came and before any later frame, through `held`: a queue that only ever holds what the
//! defragmenter has released and the rings have not yet taken.

use std::collections::VecDeque;
use std::time::Duration;

use crate::bpf::FilterSet;
use crate::checksum;
use crate::counters::Counts;
use crate::defrag::{DefragOptions, Defragmenter, HeldFragment, Verdict};
use crate::dissect::{DissectError, DissectOptions, Dissector};
use crate::flow_hash::flow_hash;
use crate::frame::Frame;
use crate::generated::layout::{counter, packet_flag};
use crate::identity::Identity;
use crate::lanes::{Delivery, Lanes, Parcel};
use crate::packet::Packet;
use crate::source_clock::{DEFAULT_MAX_JUMP_NS, SourceClock};

/// How often, in the source's own time, fragments are looked through for datagrams to give up.
const EXPIRY_STEP_NS: u64 = 100_000_000;
/// Packets whose checksums are looked at with [`ChecksumMode::Sample`], and before a notice is given.
const CHECKSUM_SAMPLE: u64 = 1000;

/// What is done about IP, TCP and UDP checksums.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChecksumMode {
    /// They are not computed.
    None,
    /// Packets with a wrong one are dropped and counted.
    All,
    /// The first 1000 are computed, for a notice when many are wrong; nothing is dropped or marked.
    #[default]
    Sample,
}

/// Options of the path.
#[derive(Default)]
pub struct PathOptions {
    /// Dissection.
    pub dissect: DissectOptions,
    /// Defragmentation.
    pub defrag: DefragOptions,
    /// Checksums.
    pub checksums: ChecksumMode,
    /// The flow hash takes in the VLAN ids.
    pub hash_vlan: bool,
    /// The flow hash takes in the tunnel id.
    pub hash_vni: bool,
    /// Sessions are told apart as Arkime does; then the two above are looked at there.
    pub identity: Option<Identity>,
    /// At most 16: a frame that one matches has its bit in `marks`.
    pub marks: Vec<FilterSet>,
    /// Frames that it does not match are left out. `None`: all match, or the kernel filters.
    pub filter: Option<FilterSet>,
    /// A packet further ahead of the clock than this does not move it alone. Default a day.
    pub max_clock_jump_ns: Option<u64>,
}

/// What became of an offered frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Taken {
    /// It is delivered, dropped or held: give it back to the source.
    Done,
    /// Fragments must go out first: drain, then offer it again.
    HeldFirst,
    /// The worker's ring is full: offer it again later.
    Full,
}

/// A fragment on its way out.
struct Leaving {
    fragment: HeldFragment,
    flow_hash: u32,
    /// The datagram that it completes; else empty.
    datagram: Vec<u8>,
}

/// The path of one source.
pub struct Path {
    /// The rings.
    pub lanes: Lanes,
    /// The counters.
    pub counts: Counts,
    live: bool,
    /// A frame whose ring is full is dropped now; else it waits.
    drops: bool,
    dissector: Dissector,
    defragmenter: Defragmenter,
    options: PathOptions,
    packet: Packet,
    /// Flow hash of the frame that found its ring full; it has been examined.
    examined: Option<u32>,
    held: VecDeque<Leaving>,
    frames: u64,
    clock: SourceClock,
    /// The clock has seen the current frame.
    timed: bool,
    /// Packets whose time is in doubt, at most two: the next ones tell whether they are of a new time or have a wrong one.
    doubtful: Vec<Leaving>,
    next_expiry_ns: u64,
    notice: Option<String>,
    /// The checksums were judged.
    judged: bool,
}

impl Path {
    /// A path into `lanes`. `live`: a full ring drops, unless [`Path::set_drops`] says otherwise.
    pub fn new(lanes: Lanes, live: bool, options: PathOptions) -> Path {
        let max_jump_ns = options.max_clock_jump_ns.unwrap_or(DEFAULT_MAX_JUMP_NS);
        Path {
            lanes,
            counts: Counts::default(),
            live,
            drops: live,
            dissector: Dissector::new(options.dissect),
            defragmenter: Defragmenter::new(options.defrag),
            options,
            packet: Packet::default(),
            examined: None,
            held: VecDeque::new(),
            frames: 0,
            clock: SourceClock::new(max_jump_ns),
            timed: false,
            doubtful: Vec::new(),
            next_expiry_ns: 0,
            notice: None,
            judged: false,
        }
    }

    /// As [`Path::take`], for the rare call: that one is woven into its caller.
    #[cold]
    pub fn take_at_length(&mut self, frame: &Frame) -> Taken {
        self.take(frame)
    }

    /// Takes the current frame of the source.
    #[inline(always)]
    pub fn take(&mut self, frame: &Frame) -> Taken {
        let flow_hash = match self.examined.take() {
            Some(flow_hash) => flow_hash,
            None => {
                if !self.timed {
                    if !self.clock.see(frame.time_ns) {
                        self.hold_doubtful(frame);
                        return Taken::Done;
                    }
                    if !self.doubtful.is_empty() {
                        self.release_doubtful();
                    }
                    self.timed = true;
                    self.expire();
                }
                if !self.held.is_empty() {
                    return Taken::HeldFirst;
                }
                self.timed = false;
                match self.examine(frame) {
                    Some(flow_hash) => flow_hash,
                    None => return Taken::Done,
                }
            }
        };
        let parcel = Parcel {
            frame,
            packet: &self.packet,
            flow_hash,
            clock_ns: self.clock.now_ns(),
            datagram: &[],
        };
        let counted = match self.lanes.deliver(&parcel) {
            Delivery::Written => counter::DELIVERED_PACKETS,
            Delivery::TooLarge => counter::DROPPED_TOO_LARGE_PACKETS,
            Delivery::Full if self.drops => counter::DROPPED_RING_FULL_PACKETS,
            Delivery::Full => {
                self.examined = Some(flow_hash);
                return Taken::Full;
            }
        };
        self.receive(frame);
        self.counts.add(counted, 1);
        self.lanes.tell_clock(self.clock.now_ns());
        Taken::Done
    }

    /// Whether frames whose ring is full are dropped from here on, and not kept waiting.
    pub fn set_drops(&mut self, drops: bool) {
        self.drops = drops;
    }

    /// Delivers the fragments that were released; false while a ring has no space for the next one, and it may wait.
    #[inline(always)]
    pub fn drain(&mut self) -> bool {
        self.held.is_empty() || self.drain_held()
    }

    #[cold]
    fn drain_held(&mut self) -> bool {
        while let Some(leaving) = self.held.front() {
            let frame = leaving.fragment.frame();
            let parcel = Parcel {
                frame: &frame,
                packet: &leaving.fragment.packet,
                flow_hash: leaving.flow_hash,
                clock_ns: self.clock.now_ns(),
                datagram: &leaving.datagram,
            };
            let counted = match self.lanes.deliver(&parcel) {
                Delivery::Written => counter::DELIVERED_PACKETS,
                Delivery::TooLarge => counter::DROPPED_TOO_LARGE_PACKETS,
                Delivery::Full if self.drops => counter::DROPPED_RING_FULL_PACKETS,
                Delivery::Full => return false,
            };
            self.counts.add(counted, 1);
            self.held.pop_front();
        }
        true
    }

    /// Looks now and then for datagrams to give up.
    #[inline]
    fn expire(&mut self) {
        let now_ns = self.clock.now_ns();
        if now_ns >= self.next_expiry_ns {
            self.next_expiry_ns = now_ns.saturating_add(EXPIRY_STEP_NS);
            self.release_given_up();
        }
    }

    /// Tells the workers the wall clock while no packet tells the time.
    pub fn idle(&mut self, time_ns: u64) {
        self.clock.advance(time_ns);
        self.release_doubtful();
        self.expire();
        self.drain();
        self.lanes.tell_clock(self.clock.now_ns());
    }

    /// So much time passes without a packet, from the latest time seen on.
    pub fn pass(&mut self, elapsed: Duration) {
        let now_ns = self.clock.now_ns();
        if now_ns > 0 {
            let elapsed_ns = u64::try_from(elapsed.as_nanos()).unwrap_or(u64::MAX);
            self.idle(now_ns.saturating_add(elapsed_ns));
        }
    }

    /// At the end of the source: releases what is held, the fragments of one datagram at a time; false when nothing is.
    pub fn release_at_end(&mut self) -> bool {
        if !self.doubtful.is_empty() {
            self.release_doubtful();
            return true;
        }
        let Some(fragments) = self.defragmenter.drain() else {
            return false;
        };
        self.give_up(fragments);
        true
    }

    /// Tells the last clock and closes the rings; false while a ring has no space for it (files).
    pub fn close(&mut self) -> bool {
        self.judge_checksums();
        self.lanes.close(self.clock.now_ns(), self.live)
    }

    /// Brings the counters up to date that are kept elsewhere.
    pub fn settle(&mut self, kernel_dropped_packets: u64) {
        let defrag = self.defragmenter.counts();
        let received = self.frames + kernel_dropped_packets;
        let counts = &mut self.counts;
        counts.set(counter::RECEIVED_PACKETS, received);
        counts.set(counter::DROPPED_KERNEL_PACKETS, kernel_dropped_packets);
        counts.set(counter::CLOCK_US, self.clock.now_ns() / 1000);
        counts.set(counter::CLOCK_JUMPS, self.clock.jumps());
        counts.set(counter::FRAGMENTS_REASSEMBLED, defrag.reassembled);
        counts.set(counter::FRAGMENTS_TIMEOUT, defrag.timeout);
        counts.set(counter::FRAGMENTS_EVICTED, defrag.evicted);
        counts.set(counter::FRAGMENTS_OVERLAP, defrag.overlap);
        counts.set(counter::FRAGMENTS_MALFORMED, defrag.malformed);
        let waiting = self.defragmenter.held_datagrams();
        counts.set(counter::FRAGMENTS_WAITING_DATAGRAMS, waiting as u64);
    }

    /// A message for the operator.
    pub fn take_notice(&mut self) -> Option<String> {
        let filter = self.options.filter.as_mut();
        let notice = self.notice.take();
        notice.or_else(|| filter.and_then(FilterSet::take_notice))
    }

    /// Reads a frame's headers. The flow hash of a packet to deliver, or nothing when the frame is dropped or held;
    /// then it is counted.
    #[inline(always)]
    fn examine(&mut self, frame: &Frame) -> Option<u32> {
        if let Some(filter) = &mut self.options.filter
            && !filter.matches(frame)
        {
            return self.refuse(frame, counter::DROPPED_FILTERED_PACKETS);
        }
        self.packet.number = (self.frames + 1) as u32;
        let dissected = self.dissector.dissect(frame, &mut self.packet);
        if !self.options.marks.is_empty() {
            self.mark(frame);
        }
        if let Err(error) = dissected {
            let identity = self.options.identity.as_ref();
            if error != DissectError::Unsupported
                && identity.is_some_and(|identity| identity.salvage(frame, &mut self.packet))
            {
                return Some(self.tell(frame));
            }
            let reason = match error {
                DissectError::Truncated => counter::DROPPED_TRUNCATED_PACKETS,
                DissectError::Malformed => counter::DROPPED_MALFORMED_PACKETS,
                DissectError::Unsupported => counter::DROPPED_UNSUPPORTED_PACKETS,
            };
            return self.refuse(frame, reason);
        }
        if self.packet.tunnel_count > 0 {
            self.counts.add(counter::TUNNELS_PACKETS, 1);
            if self.dissector.too_deep() {
                self.counts.add(counter::TUNNELS_TOO_DEEP, 1);
            }
        }
        if self.checks() && !self.has_good_checksums(frame) {
            return self.refuse(frame, counter::DROPPED_CHECKSUM_PACKETS);
        }
        if self.packet.fragment.is_some() {
            self.hold(frame);
            return None;
        }
        if self.options.identity.is_some() {
            return Some(self.tell(frame));
        }
        Some(self.hash(&self.packet))
    }

    #[cold]
    fn mark(&mut self, frame: &Frame) {
        let mut marks = 0;
        for (bit, filter) in self.options.marks.iter_mut().enumerate() {
            if filter.matches(frame) {
                marks |= 1 << bit;
            }
        }
        self.packet.marks = marks;
    }

    /// The hash of the session of the frame at hand, where sessions are told apart as Arkime does.
    #[cold]
    fn tell(&mut self, frame: &Frame) -> u32 {
        let carrier_ttl = self.dissector.carrier_ttl();
        let keyed = self
            .options
            .identity
            .as_ref()
            .and_then(|identity| identity.apply(frame, &mut self.packet, carrier_ttl));
        keyed.unwrap_or_else(|| flow_hash(&self.packet, false, true))
    }

    #[inline(always)]
    fn hash(&self, packet: &Packet) -> u32 {
        flow_hash(packet, self.options.hash_vlan, self.options.hash_vni)
    }

    #[inline]
    fn receive(&mut self, frame: &Frame) {
        self.frames += 1;
        self.counts
            .add(counter::RECEIVED_BYTES, u64::from(frame.wire_length));
    }

    #[cold]
    fn refuse(&mut self, frame: &Frame, reason: usize) -> Option<u32> {
        self.receive(frame);
        self.counts.add(reason, 1);
        None
    }

    /// Whether the checksums of the next packet are to be computed.
    #[inline(always)]
    fn checks(&self) -> bool {
        match self.options.checksums {
            ChecksumMode::None => false,
            ChecksumMode::All => true,
            ChecksumMode::Sample => {
                self.counts.get(counter::CHECKSUM_CHECKED_PACKETS) < CHECKSUM_SAMPLE
            }
        }
    }

    /// False when the packet is to be dropped for its checksums.
    fn has_good_checksums(&mut self, frame: &Frame) -> bool {
        let sampling = self.options.checksums == ChecksumMode::Sample;
        let found = checksum::verify(frame.data, &self.packet);
        if !(found.l4_checked || (found.ip_checked && !sampling)) {
            return true;
        }
        self.counts.add(counter::CHECKSUM_CHECKED_PACKETS, 1);
        let good = found.ip_ok && found.l4_ok;
        if !good {
            self.counts.add(counter::CHECKSUM_BAD_PACKETS, 1);
        }
        if self.counts.get(counter::CHECKSUM_CHECKED_PACKETS) == CHECKSUM_SAMPLE {
            self.judge_checksums();
        }
        good || sampling
    }

    /// Says once, after the sample or at the end, that more than a tenth of the checksums are wrong.
    fn judge_checksums(&mut self) {
        let checked = self.counts.get(counter::CHECKSUM_CHECKED_PACKETS);
        let bad = self.counts.get(counter::CHECKSUM_BAD_PACKETS);
        if !self.judged && bad * 10 > checked {
            self.notice = Some(format!(
                "{bad} of {checked} checksums are wrong: probably checksum offload on the capturing host; \
                 `-k none` keeps such packets"
            ));
        }
        self.judged = true;
    }

    /// Keeps a packet back until its time is believed or not. It has the place in the order that it came in.
    #[cold]
    fn hold_doubtful(&mut self, frame: &Frame) {
        if self.clock.doubted() == 1 {
            self.release_doubtful();
        }
        if let Some(flow_hash) = self.examine(frame) {
            self.receive(frame);
            self.doubtful.push(Leaving {
                fragment: HeldFragment::new(frame, &self.packet),
                flow_hash,
                datagram: Vec::new(),
            });
        }
    }

    fn release_doubtful(&mut self) {
        self.held.extend(self.doubtful.drain(..));
    }

    /// Gives a fragment to the defragmenter, and takes what that releases.
    fn hold(&mut self, frame: &Frame) {
        self.receive(frame);
        self.counts.add(counter::FRAGMENTS_PACKETS, 1);
        match self
            .defragmenter
            .push(frame, &self.packet, self.clock.now_ns())
        {
            Verdict::Held => {}
            Verdict::Malformed => self.counts.add(counter::DROPPED_MALFORMED_PACKETS, 1),
            Verdict::Complete {
                fragments,
                datagram,
            } => self.complete(fragments, datagram),
        }
        self.release_given_up();
    }

    /// Releases a whole datagram: its fragments go to the worker of its flow, the last one with the datagram.
    fn complete(&mut self, mut fragments: Vec<HeldFragment>, datagram: Vec<u8>) {
        let Some(mut last) = fragments.pop() else {
            return;
        };
        let outer_tunnels = last.packet.tunnel_count;
        // A datagram whose layer 4 makes no sense still is a packet of its hosts, without ports.
        let _ = self.dissector.dissect_datagram(&datagram, &mut last.packet);
        // A tunnel around the fragments was counted with the fragment.
        if outer_tunnels == 0 && last.packet.tunnel_count > 0 {
            self.counts.add(counter::TUNNELS_PACKETS, 1);
        }
        if self.dissector.too_deep() {
            self.counts.add(counter::TUNNELS_TOO_DEEP, 1);
        }
        let mut packet = last.packet.clone();
        let flow_hash = self.hash_datagram(&last, &datagram, &mut packet);
        last.packet = packet;
        for mut fragment in fragments {
            adopt(&mut fragment.packet, &last.packet);
            self.held.push_back(Leaving {
                fragment,
                flow_hash,
                datagram: Vec::new(),
            });
        }
        self.held.push_back(Leaving {
            fragment: last,
            flow_hash,
            datagram,
        });
    }

    /// The hash of the session of a datagram that came in fragments, or of what there is of it. `packet`: its facts, of
    /// which the payload's place is in `datagram`.
    fn hash_datagram(&self, fragment: &HeldFragment, datagram: &[u8], packet: &mut Packet) -> u32 {
        let Some(identity) = &self.options.identity else {
            return self.hash(packet);
        };
        let whole = Frame {
            data: datagram,
            ..fragment.frame()
        };
        let told = identity.apply(&whole, packet, self.dissector.carrier_ttl());
        told.unwrap_or_else(|| flow_hash(packet, false, true))
    }

    fn release_given_up(&mut self) {
        while let Some(fragments) = self.defragmenter.next_given_up(self.clock.now_ns()) {
            self.give_up(fragments);
        }
    }

    /// Releases the fragments of a datagram that never became whole, to the flow that its first fragment names.
    fn give_up(&mut self, fragments: Vec<HeldFragment>) {
        let first = fragments
            .iter()
            .find(|held| held.packet.fragment.is_some_and(|facts| facts.offset == 0))
            .or(fragments.first());
        let Some(first) = first else { return };
        let mut flow = first.packet.clone();
        let mut data: &[u8] = &[];
        if let Some(facts) = flow.fragment
            && facts.offset == 0
        {
            let start = facts.data_offset as usize;
            let end = start + facts.data_length as usize;
            flow.protocol = facts.protocol;
            flow.payload_wire_length = facts.data_wire_length;
            // Without ports when even the first fragment does not hold them.
            data = first.data.get(start..end).unwrap_or(&[]);
            let _ = self.dissector.dissect_datagram(data, &mut flow);
        }
        let flow_hash = self.hash_datagram(first, data, &mut flow);
        for mut fragment in fragments {
            adopt(&mut fragment.packet, &flow);
            fragment.packet.flags |= packet_flag::FRAGMENT_INCOMPLETE;
            self.held.push_back(Leaving {
                fragment,
                flow_hash,
                datagram: Vec::new(),
            });
        }
    }
}

/// Makes a bare fragment one of `flow`: all that names the flow, and no payload.
fn adopt(fragment: &mut Packet, flow: &Packet) {
    fragment.ip_version = flow.ip_version;
    fragment.protocol = flow.protocol;
    fragment.icmp_type = flow.icmp_type;
    fragment.icmp_code = flow.icmp_code;
    fragment.source_port = flow.source_port;
    fragment.destination_port = flow.destination_port;
    fragment.source_address = flow.source_address;
    fragment.destination_address = flow.destination_address;
    fragment.vlans = flow.vlans;
    fragment.vlan_count = flow.vlan_count;
    fragment.vni = flow.vni;
    fragment.tunnels = flow.tunnels;
    fragment.tunnel_count = flow.tunnel_count;
    let session = flow.flags & (packet_flag::KEYED | packet_flag::ONE_WAY);
    if session & packet_flag::KEYED != 0 {
        fragment.tcp_acknowledgement = flow.tcp_acknowledgement;
    }
    fragment.flags |= session;
    fragment.payload_length = 0;
    fragment.payload_wire_length = 0;
}
