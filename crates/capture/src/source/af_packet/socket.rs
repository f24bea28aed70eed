//! The packet socket: its options, filter and counters (packet(7), Documentation/networking/packet_mmap.rst). Owned by
//! [`super::AfPacketSource`], used on the capture thread.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

use super::link::Link;
use super::options::{AfPacketOptions, Fanout};
use crate::bpf::Instruction;

/// `PACKET_STATISTICS` of version 3.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C)]
struct Statistics {
    packets: u32,
    drops: u32,
    queue_freezes: u32,
}

/// What came of waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ready {
    /// The kernel has handed over a block.
    Packets,
    /// Time is over.
    Nothing,
    /// The interface went down.
    Down,
}

/// The socket. It receives nothing before [`PacketSocket::bind`].
#[derive(Debug)]
pub struct PacketSocket {
    descriptor: OwnedFd,
}

impl PacketSocket {
    /// Opens a socket with a ring of version 3 that still has to be mapped.
    pub fn open(options: &AfPacketOptions) -> io::Result<PacketSocket> {
        let kind = libc::SOCK_RAW | libc::SOCK_CLOEXEC | libc::SOCK_NONBLOCK;
        // Protocol 0: nothing arrives until the socket is bound to an interface and a protocol.
        // SAFETY: plain values; the result is checked.
        let raw = unsafe { libc::socket(libc::AF_PACKET, kind, 0) };
        if raw < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor was just made and belongs to nobody else.
        let descriptor = unsafe { OwnedFd::from_raw_fd(raw) };
        let socket = PacketSocket { descriptor };
        socket.set(
            libc::SOL_PACKET,
            libc::PACKET_VERSION,
            &(libc::tpacket_versions::TPACKET_V3 as i32),
        )?;
        let frames_in_block = options.block_bytes / options.frame_bytes;
        let request = libc::tpacket_req3 {
            tp_block_size: options.block_bytes,
            tp_block_nr: options.block_count,
            tp_frame_size: options.frame_bytes,
            tp_frame_nr: frames_in_block.saturating_mul(options.block_count),
            tp_retire_blk_tov: options.block_timeout_ms.max(1),
            tp_sizeof_priv: 0,
            tp_feature_req_word: 0,
        };
        socket.set(libc::SOL_PACKET, libc::PACKET_RX_RING, &request)?;
        Ok(socket)
    }

    /// Starts receiving from the interface.
    pub fn bind(&self, link: &Link, options: &AfPacketOptions) -> io::Result<()> {
        if options.promiscuous {
            let membership = libc::packet_mreq {
                mr_ifindex: link.index,
                mr_type: libc::PACKET_MR_PROMISC as u16,
                mr_alen: 0,
                mr_address: [0; 8],
            };
            self.set(libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &membership)?;
        }
        let address = libc::sockaddr_ll {
            sll_family: libc::AF_PACKET as u16,
            sll_protocol: (libc::ETH_P_ALL as u16).to_be(),
            sll_ifindex: link.index,
            sll_hatype: 0,
            sll_pkttype: 0,
            sll_halen: 0,
            sll_addr: [0; 8],
        };
        let length = size_of::<libc::sockaddr_ll>() as libc::socklen_t;
        // SAFETY: the address is a sockaddr_ll of the length given and outlives the call.
        let status = unsafe { libc::bind(self.raw(), (&raw const address).cast(), length) };
        if status != 0 {
            return Err(io::Error::last_os_error());
        }
        options.fanout.map_or(Ok(()), |fanout| self.join(fanout))
    }

    fn join(&self, fanout: Fanout) -> io::Result<()> {
        let mut kind = libc::PACKET_FANOUT_HASH;
        if fanout.defragment {
            kind |= libc::PACKET_FANOUT_FLAG_DEFRAG;
        }
        self.set(
            libc::SOL_PACKET,
            libc::PACKET_FANOUT,
            &(u32::from(fanout.group_id) | kind << 16),
        )
    }

    /// Has the kernel filter with this program; without instructions it filters no more. What is in the ring already
    /// stays there.
    pub fn set_filter(&self, program: &[Instruction]) -> io::Result<()> {
        if program.is_empty() {
            return match self.set(libc::SOL_SOCKET, libc::SO_DETACH_FILTER, &0i32) {
                // There was none.
                Err(error) if error.raw_os_error() == Some(libc::ENOENT) => Ok(()),
                other => other,
            };
        }
        let length =
            u16::try_from(program.len()).map_err(|_| io::Error::from_raw_os_error(libc::EINVAL))?;
        // Instruction has the layout of sock_filter. The kernel copies the program and writes nothing.
        let filter = libc::sock_fprog {
            len: length,
            filter: program.as_ptr().cast_mut().cast(),
        };
        self.set(libc::SOL_SOCKET, libc::SO_ATTACH_FILTER, &filter)
    }

    /// Makes the filter final.
    pub fn lock_filter(&self) -> io::Result<()> {
        self.set(libc::SOL_SOCKET, libc::SO_LOCK_FILTER, &1i32)
    }

    /// Packets that the kernel dropped since the last time it was asked.
    pub fn take_drops(&self) -> u32 {
        let mut statistics = Statistics::default();
        let mut length = size_of::<Statistics>() as libc::socklen_t;
        // SAFETY: the kernel writes at most `length` bytes, the size of the struct behind the pointer.
        let status = unsafe {
            libc::getsockopt(
                self.raw(),
                libc::SOL_PACKET,
                libc::PACKET_STATISTICS,
                (&raw mut statistics).cast(),
                &mut length,
            )
        };
        if status == 0 { statistics.drops } else { 0 }
    }

    /// Waits until there are packets, the interface goes down, or the time is over.
    pub fn wait(&self, timeout_ms: u32) -> io::Result<Ready> {
        let mut descriptor = libc::pollfd {
            fd: self.raw(),
            events: libc::POLLIN,
            revents: 0,
        };
        let timeout = i32::try_from(timeout_ms).unwrap_or(i32::MAX);
        // SAFETY: `descriptor` is one valid pollfd that outlives the call, and the count says one.
        let count = unsafe { libc::poll(&mut descriptor, 1, timeout) };
        if count < 0 {
            let error = io::Error::last_os_error();
            return if error.kind() == io::ErrorKind::Interrupted {
                Ok(Ready::Nothing)
            } else {
                Err(error)
            };
        }
        if descriptor.revents & libc::POLLERR != 0 {
            return match self.take_error() {
                0 => Ok(Ready::Nothing),
                libc::ENETDOWN | libc::ENODEV | libc::ENXIO => Ok(Ready::Down),
                code => Err(io::Error::from_raw_os_error(code)),
            };
        }
        Ok(if descriptor.revents & libc::POLLIN != 0 {
            Ready::Packets
        } else {
            Ready::Nothing
        })
    }

    /// The pending error, which this clears.
    fn take_error(&self) -> i32 {
        let mut code = 0i32;
        let mut length = size_of::<i32>() as libc::socklen_t;
        // SAFETY: the kernel writes at most `length` bytes, the size of `code`.
        let status = unsafe {
            libc::getsockopt(
                self.raw(),
                libc::SOL_SOCKET,
                libc::SO_ERROR,
                (&raw mut code).cast(),
                &mut length,
            )
        };
        if status == 0 { code } else { libc::ENETDOWN }
    }

    /// For mapping the ring.
    pub fn raw(&self) -> RawFd {
        self.descriptor.as_raw_fd()
    }

    fn set<T>(&self, level: i32, option: i32, value: &T) -> io::Result<()> {
        let length = size_of::<T>() as libc::socklen_t;
        // SAFETY: the kernel reads at most `length` bytes, the size of the value behind the pointer.
        match unsafe {
            libc::setsockopt(
                self.raw(),
                level,
                option,
                (&raw const *value).cast(),
                length,
            )
        } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    }
}
