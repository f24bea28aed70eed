//! A socket on an interface with its ring, ready to be read: how [`super::AfPacketSource`] makes one, and makes it anew
//! when the interface has been replaced.

use std::io;

use super::link::Link;
use super::options::AfPacketOptions;
use super::ring::Ring;
use super::socket::PacketSocket;
use crate::bpf::Instruction;
use crate::source::SourceError;

/// The socket with its ring. The ring first: fields are dropped in this order.
#[derive(Debug)]
pub struct Attached {
    /// Where the kernel puts packets.
    pub ring: Ring,
    /// Where they come from.
    pub socket: PacketSocket,
}

/// Socket, ring, filter, then binding: nothing arrives that the filter has not seen.
pub fn attach(
    options: &AfPacketOptions,
    link: &Link,
    filter: &[Instruction],
) -> Result<Attached, SourceError> {
    let refuse = |cause: io::Error| match cause.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => SourceError::Permission {
            what: options.interface.clone(),
        },
        _ => SourceError::Open {
            what: options.interface.clone(),
            cause,
        },
    };
    let socket = PacketSocket::open(options).map_err(refuse)?;
    let ring = Ring::map(socket.raw(), options.block_bytes, options.block_count).map_err(refuse)?;
    if !filter.is_empty() {
        socket.set_filter(filter).map_err(refuse)?;
        if options.lock_filter {
            socket.lock_filter().map_err(refuse)?;
        }
    }
    socket.bind(link, options).map_err(refuse)?;
    Ok(Attached { ring, socket })
}
