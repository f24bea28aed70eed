//! An interface as a source: a packet socket with a memory ring, on the capture thread. The kernel fills blocks; frames
//! are borrowed from them and a block goes back as soon as its last frame has been advanced past.
//!
//! When the interface goes down or disappears the source stays: it says so, counts it, and looks once a second whether
//! the interface is there again, under the same name.

mod attached;
mod link;
mod options;
mod ring;
mod socket;
#[cfg(test)]
mod tests;

use std::io;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

pub use options::{AfPacketOptions, Fanout, MAX_BLOCK_BYTES, MIN_BLOCK_BYTES};

use super::{Next, Source, SourceCounts, SourceError, in_words};
use crate::bpf::{Instruction, Program};
use crate::frame::Frame;
use crate::interfaces::{LINKS_READ, link_type_of};
use attached::{Attached, attach};
use link::Link;
use ring::RingPacket;
use socket::Ready;

/// How often a missing interface is looked for, and a silent one looked after.
const LINK_CHECK: Duration = Duration::from_secs(1);
/// For so long after a filter was set, packets are checked here as well: they may have been in the ring before.
const FILTER_OVERLAP_NS: u64 = 1_000_000_000;
/// Added to twice the block time-out it is how long a stopped source waits for the kernel to hand over its last block.
const STOP_GRACE: Duration = Duration::from_millis(50);
/// libpcap's name for all interfaces together.
const ANY: &str = "any";
/// A program that lets nothing pass.
const REJECT_ALL: [Instruction; 1] = [Instruction {
    code: 0x06,
    jump_true: 0,
    jump_false: 0,
    operand: 0,
}];

/// The source.
#[derive(Debug)]
pub struct AfPacketSource {
    options: AfPacketOptions,
    link: Link,
    link_type: u16,
    /// `None` while the interface does not exist.
    attached: Option<Attached>,
    current: Option<RingPacket>,
    /// A look for a packet at hand found only such that are not given out.
    passed_over: bool,
    filter: Vec<Instruction>,
    /// The filter, and the time up to which packets may not have passed it in the kernel.
    overlap: Option<(Program, u64)>,
    state: State,
    next_check: Instant,
    /// Packets after this time came after the source was stopped.
    stop_after_ns: u64,
    kernel_dropped_packets: u64,
    interface_down: u64,
    notices: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Running,
    /// The interface is down or gone.
    Down,
    /// No more is taken from the wire; what the ring holds is given until this time.
    Stopping(Instant),
    Ended,
}

impl AfPacketSource {
    /// Opens the interface. It must exist, but need not be up.
    pub fn open(options: AfPacketOptions) -> Result<AfPacketSource, SourceError> {
        let what = options.interface.clone();
        options.check().map_err(|message| SourceError::Format {
            what: what.clone(),
            message,
        })?;
        let link = match Link::find(&options.interface) {
            Ok(link) => link,
            Err(_) if options.interface == ANY => {
                let message = "there is no capture on all interfaces at once; name each, with -i or [[source]]";
                return Err(SourceError::Format {
                    what,
                    message: message.to_owned(),
                });
            }
            Err(cause) => return Err(SourceError::Open { what, cause }),
        };
        let Some(link_type) = link_type_of(link.hardware_type) else {
            let message = format!(
                "its hardware type {} is not read; {LINKS_READ}",
                link.hardware_type
            );
            return Err(SourceError::Format { what, message });
        };
        let attached = Some(attach(&options, &link, &[])?);
        let mut source = AfPacketSource {
            options,
            link,
            link_type,
            attached,
            current: None,
            passed_over: false,
            filter: Vec::new(),
            overlap: None,
            state: State::Running,
            next_check: Instant::now() + LINK_CHECK,
            stop_after_ns: u64::MAX,
            kernel_dropped_packets: 0,
            interface_down: 0,
            notices: Vec::new(),
        };
        if !link.up {
            source.state = State::Down;
            source.tell("is down; waiting for it to come up");
        }
        Ok(source)
    }

    /// LINKTYPE_ value of the frames: what a filter is to be compiled for.
    pub fn link_type(&self) -> u16 {
        self.link_type
    }

    fn tell(&mut self, what: &str) {
        // A message a second at most, taken after each poll: the list stays short.
        self.notices
            .push(format!("{}: {what}", self.options.interface));
    }

    /// The next packet that is to be given out, if it is there already.
    fn take_packet(&mut self) -> bool {
        let Some(Attached { ring, .. }) = &mut self.attached else {
            return false;
        };
        while let Some(packet) = ring.next_packet() {
            // What is sent over a loopback interface also arrives there.
            if packet.packet_type == libc::PACKET_OUTGOING
                && self.link.hardware_type == libc::ARPHRD_LOOPBACK
            {
                continue;
            }
            if packet.time_ns > self.stop_after_ns {
                self.state = State::Ended;
                return false;
            }
            if let Some((program, until)) = &self.overlap {
                if packet.time_ns > *until {
                    self.overlap = None;
                } else if !program.matches(ring.frame(&packet), packet.wire_length) {
                    continue;
                }
            }
            self.current = Some(packet);
            return true;
        }
        false
    }

    /// The current packet.
    #[inline(always)]
    fn frame(&self) -> Option<Frame<'_>> {
        let (packet, attached) = (self.current.as_ref()?, self.attached.as_ref()?);
        Some(Frame {
            data: attached.ring.frame(packet),
            wire_length: packet.wire_length,
            time_ns: packet.time_ns,
            link_type: self.link_type,
            interface_id: self.options.interface_id,
            file_id: 0,
            file_position: None,
            stripped_vlan: packet.vlan,
            outgoing: packet.packet_type == libc::PACKET_OUTGOING,
        })
    }

    fn collect_drops(&mut self) {
        if let Some(attached) = &self.attached {
            self.kernel_dropped_packets += u64::from(attached.socket.take_drops());
        }
    }

    /// Waits for the kernel, and looks after the interface.
    fn wait(&mut self) -> Result<(), SourceError> {
        self.collect_drops();
        let timeout_ms = match self.state {
            State::Stopping(_) => self.options.block_timeout_ms.max(1),
            _ => self.options.poll_timeout_ms,
        };
        let ready = match &self.attached {
            Some(attached) => attached
                .socket
                .wait(timeout_ms)
                .map_err(|cause| self.open_error(cause))?,
            None => {
                std::thread::sleep(Duration::from_millis(u64::from(timeout_ms)));
                Ready::Nothing
            }
        };
        match self.state {
            State::Running if ready == Ready::Down => self.go_down(),
            State::Running if ready == Ready::Packets => {}
            // In a ring of an interface that is down packets of before may come up.
            State::Running | State::Down => self.check_link()?,
            State::Stopping(_) | State::Ended => {}
        }
        Ok(())
    }

    fn go_down(&mut self) {
        self.state = State::Down;
        self.interface_down += 1;
        self.next_check = Instant::now() + LINK_CHECK;
        self.tell("went down; looking for it every second");
    }

    fn come_up(&mut self) {
        self.state = State::Running;
        self.tell("is up again");
    }

    fn check_link(&mut self) -> Result<(), SourceError> {
        let now = Instant::now();
        if now < self.next_check {
            return Ok(());
        }
        self.next_check = now + LINK_CHECK;
        let found = Link::find(&self.options.interface).ok();
        let same =
            self.attached.is_some() && found.is_some_and(|link| link.index == self.link.index);
        let up = found.is_some_and(|link| link.up);
        match self.state {
            State::Running if same && up => {}
            State::Running => self.go_down(),
            // The kernel goes on by itself with an interface that was only down.
            _ if same && up => self.come_up(),
            _ if same => {}
            _ => {
                // Its ring was emptied since it went. Kept, the old socket would hold a fan-out group for an interface
                // that is no more, and nobody could join it for the new one.
                self.collect_drops();
                self.attached = None;
                if let Some(link) = found {
                    self.reopen(link)?;
                }
            }
        }
        Ok(())
    }

    /// The interface is another one under the same name.
    fn reopen(&mut self, link: Link) -> Result<(), SourceError> {
        if link_type_of(link.hardware_type) != Some(self.link_type) {
            return Ok(());
        }
        match attach(&self.options, &link, &self.filter) {
            Ok(attached) => {
                self.attached = Some(attached);
                self.link = link;
                if link.up {
                    self.come_up();
                }
                Ok(())
            }
            // It may have gone again already, or another source of the group still holds the old one.
            Err(SourceError::Open { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn open_error(&self, cause: io::Error) -> SourceError {
        SourceError::Open {
            what: self.options.interface.clone(),
            cause,
        }
    }
}

fn wall_clock_ns() -> u64 {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
}

impl Source for AfPacketSource {
    fn next(&mut self) -> Result<Next<'_>, SourceError> {
        if self.current.is_none() {
            let something = std::mem::take(&mut self.passed_over) || !self.would_wait();
            if !self.take_packet() {
                match self.state {
                    State::Ended => {
                        self.collect_drops();
                        return Ok(Next::End);
                    }
                    // Only packets that are not given out: the caller knows nothing of a wait to come.
                    _ if something => return Ok(Next::Idle),
                    State::Stopping(until) if Instant::now() >= until => {
                        self.collect_drops();
                        self.state = State::Ended;
                        return Ok(Next::End);
                    }
                    _ => self.wait()?,
                }
                if !self.take_packet() {
                    return Ok(Next::Idle);
                }
            }
        }
        Ok(self.frame().map_or(Next::Idle, Next::Frame))
    }

    #[inline(always)]
    fn at_hand(&mut self) -> Option<Frame<'_>> {
        if self.current.is_none() {
            let something = !self.would_wait();
            if !self.take_packet() {
                self.passed_over = something;
                return None;
            }
        }
        self.frame()
    }

    #[inline]
    fn advance(&mut self) {
        if self.current.take().is_some()
            && let Some(attached) = &mut self.attached
        {
            attached.ring.release_finished();
        }
    }

    fn would_wait(&mut self) -> bool {
        self.current.is_none()
            && !self
                .attached
                .as_ref()
                .is_some_and(|attached| attached.ring.has_packet())
    }

    fn counts(&self) -> SourceCounts {
        SourceCounts {
            kernel_dropped_packets: self.kernel_dropped_packets,
            interface_down: self.interface_down,
            ..SourceCounts::default()
        }
    }

    fn take_notice(&mut self) -> Option<String> {
        if self.notices.is_empty() {
            None
        } else {
            Some(self.notices.remove(0))
        }
    }

    fn is_live(&self) -> bool {
        true
    }

    fn has_room(&self) -> bool {
        let attached = self.attached.as_ref();
        attached.is_some_and(|attached| attached.ring.has_room())
    }

    /// `false` for a program that looks for VLAN tags, which the kernel takes out of the frames before it filters, and
    /// for one that the kernel refuses. Packets that came before are filtered here.
    fn set_kernel_filter(&mut self, program: &[Instruction]) -> Result<bool, SourceError> {
        let checked = if program.is_empty() {
            None
        } else {
            Program::new(program.to_vec()).ok()
        };
        let wanted = match &checked {
            Some(checked) if !checked.looks_for_tags() => program,
            _ => &[],
        };
        let set = self
            .attached
            .as_ref()
            .map_or(Ok(()), |attached| attached.socket.set_filter(wanted));
        if let Err(cause) = set {
            // A locked filter stays, and what it keeps back would be missing.
            if cause.raw_os_error() == Some(libc::EPERM) || wanted.is_empty() {
                return Err(self.open_error(cause));
            }
            self.tell(&format!(
                "the kernel refuses the filter ({}); it runs in user space",
                in_words(&cause)
            ));
            return self.set_kernel_filter(&[]).map(|_| false);
        }
        self.filter = wanted.to_vec();
        self.overlap = None;
        if wanted.is_empty() {
            return Ok(program.is_empty());
        }
        if self.options.lock_filter
            && let Some(attached) = &self.attached
        {
            attached
                .socket
                .lock_filter()
                .map_err(|cause| self.open_error(cause))?;
        }
        self.overlap =
            checked.map(|checked| (checked, wall_clock_ns().saturating_add(FILTER_OVERLAP_NS)));
        Ok(true)
    }

    fn stop(&mut self) {
        if !matches!(self.state, State::Running | State::Down) {
            return;
        }
        let Some(attached) = &self.attached else {
            self.state = State::Ended;
            return;
        };
        if attached.socket.set_filter(&REJECT_ALL).is_err() {
            // The filter is locked, packets go on coming.
            self.stop_after_ns = wall_clock_ns();
        }
        let block_timeout = Duration::from_millis(u64::from(self.options.block_timeout_ms.max(1)));
        self.state = State::Stopping(Instant::now() + block_timeout * 2 + STOP_GRACE);
    }
}
