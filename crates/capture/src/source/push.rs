//! Packets that somebody else captured, as a source: batches of them are pushed on the capture thread and pulled by the
//! engine right after. It is live: a full ring drops, and time passes also without packets.
//!
//! A batch is packets one after another, each with a head, all little endian and without padding:
//!
//! ```text
//!   | time: f64, µs since 1970 | captured length: u32 | wire length: u32 | captured bytes |
//! ```

use std::cell::RefCell;
use std::rc::Rc;

use super::{Next, Source, SourceCounts, SourceError};
use crate::frame::Frame;

/// Bytes before the captured bytes of each packet.
const HEAD_BYTES: usize = 16;
/// Bytes that wait to be pulled; more are refused.
const MAX_WAITING_BYTES: usize = 64 << 20;

/// What was pushed and not pulled, and what the pusher says of its side.
#[derive(Default)]
struct Inbox {
    bytes: Vec<u8>,
    kernel_dropped_packets: u64,
    interface_down: u64,
}

/// The pusher's end; of the same thread as the source.
#[derive(Clone, Default)]
pub struct PushHandle(Rc<RefCell<Inbox>>);

impl PushHandle {
    /// Adds a batch. Gives what is wrong with it when its lengths do not add up, and takes nothing of it then.
    pub fn push(&self, batch: &[u8]) -> Result<(), String> {
        check(batch)?;
        let waiting = &mut self.0.borrow_mut().bytes;
        if waiting.len() + batch.len() > MAX_WAITING_BYTES {
            return Err(format!("more than {MAX_WAITING_BYTES} bytes wait"));
        }
        waiting.extend_from_slice(batch);
        Ok(())
    }

    /// Packets that were dropped before they could be pushed, since the last call.
    pub fn add_dropped(&self, packets: u64) {
        self.0.borrow_mut().kernel_dropped_packets += packets;
    }

    /// The interface went away once more.
    pub fn add_interface_down(&self) {
        self.0.borrow_mut().interface_down += 1;
    }
}

/// The head of a packet at the start of `bytes`.
struct Head {
    time_us: f64,
    captured: usize,
    wire_length: u32,
}

fn head(bytes: &[u8]) -> Option<Head> {
    let (time, rest) = bytes.split_first_chunk::<8>()?;
    let (captured, rest) = rest.split_first_chunk::<4>()?;
    let (wire_length, _) = rest.split_first_chunk::<4>()?;
    Some(Head {
        time_us: f64::from_le_bytes(*time),
        captured: u32::from_le_bytes(*captured) as usize,
        wire_length: u32::from_le_bytes(*wire_length),
    })
}

fn check(batch: &[u8]) -> Result<(), String> {
    let mut at = 0;
    while at < batch.len() {
        let Some(head) = head(&batch[at..]) else {
            return Err(format!("a packet's head is cut off at byte {at}"));
        };
        if !(head.time_us >= 0.0 && head.time_us < 1e16) {
            return Err(format!("a time of {} µs at byte {at}", head.time_us));
        }
        at += HEAD_BYTES;
        if batch.len() - at < head.captured {
            return Err(format!("a packet is cut off at byte {at}"));
        }
        at += head.captured;
    }
    Ok(())
}

/// The source.
pub struct PushSource {
    inbox: PushHandle,
    /// The batches at hand; every one was checked.
    batch: Vec<u8>,
    at: usize,
    link_type: u16,
    interface_id: u16,
    stopped: bool,
}

impl PushSource {
    /// A source of frames of a LINKTYPE_ value, and the end into which they are pushed.
    pub fn new(link_type: u16, interface_id: u16) -> (PushSource, PushHandle) {
        let inbox = PushHandle::default();
        let source = PushSource {
            inbox: inbox.clone(),
            batch: Vec::new(),
            at: 0,
            link_type,
            interface_id,
            stopped: false,
        };
        (source, inbox)
    }

    /// True when there is a packet at `at`.
    #[inline(always)]
    fn fill(&mut self) -> bool {
        self.at < self.batch.len() || self.exchange()
    }

    /// Takes what was pushed since; the emptied buffer goes back for the next batch.
    #[cold]
    fn exchange(&mut self) -> bool {
        self.batch.clear();
        self.at = 0;
        std::mem::swap(&mut self.batch, &mut self.inbox.0.borrow_mut().bytes);
        !self.batch.is_empty()
    }

    #[inline(always)]
    fn frame(&self) -> Option<Frame<'_>> {
        let head = head(self.batch.get(self.at..)?)?;
        let start = self.at + HEAD_BYTES;
        Some(Frame {
            data: self.batch.get(start..start + head.captured)?,
            wire_length: head.wire_length.max(head.captured as u32),
            time_ns: (head.time_us as u64).saturating_mul(1000),
            link_type: self.link_type,
            interface_id: self.interface_id,
            file_id: 0,
            file_position: None,
            stripped_vlan: None,
            outgoing: false,
        })
    }
}

impl Source for PushSource {
    fn next(&mut self) -> Result<Next<'_>, SourceError> {
        if !self.fill() {
            return Ok(if self.stopped { Next::End } else { Next::Idle });
        }
        Ok(self.frame().map_or(Next::Idle, Next::Frame))
    }

    #[inline(always)]
    fn at_hand(&mut self) -> Option<Frame<'_>> {
        if self.fill() { self.frame() } else { None }
    }

    #[inline]
    fn advance(&mut self) {
        if let Some(head) = self.batch.get(self.at..).and_then(head) {
            self.at += HEAD_BYTES + head.captured;
        }
    }

    fn counts(&self) -> SourceCounts {
        let inbox = self.inbox.0.borrow();
        SourceCounts {
            kernel_dropped_packets: inbox.kernel_dropped_packets,
            interface_down: inbox.interface_down,
            ..SourceCounts::default()
        }
    }

    fn take_notice(&mut self) -> Option<String> {
        None
    }

    fn is_live(&self) -> bool {
        true
    }

    fn set_kernel_filter(
        &mut self,
        _program: &[crate::bpf::Instruction],
    ) -> Result<bool, SourceError> {
        Ok(false)
    }

    fn stop(&mut self) {
        self.stopped = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(time_us: f64, captured: &[u8], wire_length: u32) -> Vec<u8> {
        let mut bytes = time_us.to_le_bytes().to_vec();
        bytes.extend((captured.len() as u32).to_le_bytes());
        bytes.extend(wire_length.to_le_bytes());
        bytes.extend(captured);
        bytes
    }

    fn drain(source: &mut PushSource) -> Vec<(u64, Vec<u8>, u32)> {
        let mut seen = Vec::new();
        while let Ok(Next::Frame(frame)) = source.next() {
            seen.push((frame.time_ns, frame.data.to_vec(), frame.wire_length));
            source.advance();
        }
        seen
    }

    #[test]
    fn gives_what_was_pushed_in_order_and_ends_when_stopped() {
        let (mut source, handle) = PushSource::new(1, 0);
        assert!(matches!(source.next(), Ok(Next::Idle)));
        let mut batch = packet(1_000_001.0, &[1, 2, 3], 60);
        batch.extend(packet(1_000_002.0, &[], 0));
        handle.push(&batch).unwrap();
        handle.push(&packet(1_000_003.0, &[4], 0)).unwrap();
        let expected = vec![
            (1_000_001_000, vec![1, 2, 3], 60),
            (1_000_002_000, vec![], 0),
            (1_000_003_000, vec![4], 1),
        ];
        assert_eq!(drain(&mut source), expected);
        assert!(matches!(source.next(), Ok(Next::Idle)));
        handle.push(&packet(5.0, &[9], 1)).unwrap();
        source.stop();
        assert_eq!(drain(&mut source), vec![(5000, vec![9], 1)]);
        assert!(matches!(source.next(), Ok(Next::End)));
    }

    #[test]
    fn refuses_batches_whose_lengths_do_not_add_up() {
        let (mut source, handle) = PushSource::new(1, 0);
        let whole = packet(7.0, &[1, 2, 3, 4], 4);
        for cut in 1..whole.len() {
            assert!(handle.push(&whole[..cut]).is_err(), "cut to {cut} bytes");
        }
        for time in [f64::NAN, -1.0, f64::INFINITY] {
            assert!(handle.push(&packet(time, &[1], 1)).is_err());
        }
        assert!(drain(&mut source).is_empty());
        handle.push(&whole).unwrap();
        assert_eq!(drain(&mut source).len(), 1);
    }

    #[test]
    fn bounds_what_waits_and_passes_counts_on() {
        let (mut source, handle) = PushSource::new(1, 0);
        let large = packet(7.0, &vec![0; MAX_WAITING_BYTES - HEAD_BYTES], 1);
        handle.push(&large).unwrap();
        assert!(handle.push(&packet(8.0, &[], 0)).is_err());
        assert_eq!(drain(&mut source).len(), 1);
        handle.push(&packet(8.0, &[], 0)).unwrap();
        handle.add_dropped(3);
        handle.add_interface_down();
        assert_eq!(source.counts().kernel_dropped_packets, 3);
        assert_eq!(source.counts().interface_down, 1);
    }
}
