//! Live capture in network namespaces that the tests make: exact counts over a veth pair, filters, tags, loopback,
//! fan-out, drops, and an interface that goes and comes back. Where namespaces are not permitted each test says so and
//! ends.

mod interface;
mod packets;

use std::fs;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use super::link::Link;
use super::{AfPacketOptions, AfPacketSource};
use crate::bpf::{FilterSet, Instruction, is_available};
use crate::source::{Next, Source};

/// Longest time that a test waits for packets.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs `test` on a thread of its own in a new network namespace, which goes with the thread. Where that is not permitted
/// it says so and runs nothing.
fn in_namespace(name: &str, test: impl FnOnce() + Send + 'static) {
    let thread = thread::Builder::new().name(name.to_owned()).spawn(move || {
        // SAFETY: only this thread moves to the new namespace.
        if unsafe { libc::unshare(libc::CLONE_NEWNET) } != 0 {
            return Err(format!(
                "no network namespace: {}",
                io::Error::last_os_error()
            ));
        }
        // Neighbour discovery would add packets of its own.
        for scope in ["default", "all"] {
            let _ = fs::write(format!("/proc/sys/net/ipv6/conf/{scope}/disable_ipv6"), "1");
        }
        if !ip("link set lo up") {
            return Err("the ip command is missing or fails".to_owned());
        }
        test();
        Ok(())
    });
    match thread.expect("a thread").join() {
        Ok(Ok(())) => {}
        Ok(Err(reason)) => eprintln!("skipped {name}: {reason}"),
        Err(panic) => std::panic::resume_unwind(panic),
    }
}

/// Runs `ip` in the namespace of this thread.
fn ip(arguments: &str) -> bool {
    Command::new("ip")
        .args(arguments.split(' '))
        .status()
        .is_ok_and(|status| status.success())
}

/// A pair of interfaces: what is sent on `far` arrives on `near`.
fn make_pair() {
    assert!(ip("link add near type veth peer name far"));
    assert!(ip("link set near up") && ip("link set far up"));
}

/// Small blocks, so that they change often.
fn options(interface: &str) -> AfPacketOptions {
    AfPacketOptions {
        block_bytes: 64 << 10,
        block_count: 64,
        poll_timeout_ms: 20,
        block_timeout_ms: 5,
        ..AfPacketOptions::new(interface)
    }
}

fn open(interface: &str) -> AfPacketSource {
    AfPacketSource::open(options(interface)).expect("permitted in a namespace")
}

/// Sends whole frames on an interface.
struct Sender {
    socket: OwnedFd,
    address: libc::sockaddr_ll,
}

impl Sender {
    fn new(interface: &str) -> Sender {
        let link = Link::find(interface).expect("the interface is there");
        // SAFETY: plain values; the result is checked.
        let raw = unsafe { libc::socket(libc::AF_PACKET, libc::SOCK_RAW | libc::SOCK_CLOEXEC, 0) };
        assert!(raw >= 0, "{}", io::Error::last_os_error());
        let address = libc::sockaddr_ll {
            sll_family: libc::AF_PACKET as u16,
            sll_protocol: 0,
            sll_ifindex: link.index,
            sll_hatype: 0,
            sll_pkttype: 0,
            sll_halen: 0,
            sll_addr: [0; 8],
        };
        // SAFETY: the descriptor was just made and belongs to nobody else.
        let socket = unsafe { OwnedFd::from_raw_fd(raw) };
        Sender { socket, address }
    }

    fn send(&self, frame: &[u8]) {
        // SAFETY: frame and address outlive the call and have the lengths given.
        let sent = unsafe {
            libc::sendto(
                self.socket.as_raw_fd(),
                frame.as_ptr().cast(),
                frame.len(),
                0,
                (&raw const self.address).cast(),
                size_of::<libc::sockaddr_ll>() as libc::socklen_t,
            )
        };
        assert_eq!(sent, frame.len() as isize, "{}", io::Error::last_os_error());
    }
}

/// A UDP datagram to `port` with the number `n` at the start of its payload.
fn datagram(n: u32, port: u16, payload: usize) -> Vec<u8> {
    let mut frame = vec![2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00];
    let total = (28 + payload) as u16;
    frame.extend([0x45, 0]);
    frame.extend(total.to_be_bytes());
    frame.extend([0, 0, 0, 0, 64, 17, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    frame.extend((1024 + (n % 1000) as u16).to_be_bytes());
    frame.extend(port.to_be_bytes());
    frame.extend((total - 20).to_be_bytes());
    frame.extend([0, 0]);
    frame.extend(n.to_be_bytes());
    frame.resize(14 + usize::from(total), n as u8);
    frame
}

fn number_of(frame: &[u8]) -> u32 {
    u32::from_be_bytes(frame[42..46].try_into().expect("4 bytes"))
}

/// Frames until `count` have come or nothing has come for a while.
fn take(source: &mut AfPacketSource, count: usize) -> Vec<Vec<u8>> {
    let mut frames = Vec::new();
    let end = Instant::now() + PATIENCE;
    while frames.len() < count && Instant::now() < end {
        match source.next().expect("no error") {
            Next::Frame(frame) => frames.push(frame.data.to_vec()),
            Next::Idle => continue,
            Next::End => break,
        }
        source.advance();
    }
    frames
}

/// Everything until the end.
fn take_all(source: &mut AfPacketSource) -> Vec<Vec<u8>> {
    source.stop();
    let frames = take(source, usize::MAX);
    assert!(
        matches!(source.next(), Ok(Next::End)),
        "ended within patience"
    );
    frames
}

fn program(expression: &str) -> Option<Vec<Instruction>> {
    if let Err(error) = is_available() {
        eprintln!("skipped: {error}");
        return None;
    }
    let mut set = FilterSet::new(expression, 262_144).expect("a good expression");
    Some(
        set.program(1)
            .expect("Ethernet takes it")
            .instructions()
            .to_vec(),
    )
}
