//! What the kernel says of an interface by its name. Asked when a source is opened and, seldom, while it waits.

use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// An interface as it is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// The kernel's number; another one after the interface was removed and made again.
    pub index: i32,
    /// Administratively up.
    pub up: bool,
    /// `ARPHRD_` value (linux/if_arp.h).
    pub hardware_type: u16,
}

impl Link {
    /// Asks for the interface of this name; an error of kind NotFound when there is none.
    pub fn find(name: &str) -> io::Result<Link> {
        let mut request = request(name)?;
        // SAFETY: plain values; the result is checked.
        let raw = unsafe { libc::socket(libc::AF_INET, libc::SOCK_DGRAM | libc::SOCK_CLOEXEC, 0) };
        if raw < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the descriptor was just made and belongs to nobody else.
        let socket = unsafe { OwnedFd::from_raw_fd(raw) };
        ask(&socket, libc::SIOCGIFINDEX, &mut request)?;
        // SAFETY: SIOCGIFINDEX has filled this member.
        let index = unsafe { request.ifr_ifru.ifru_ifindex };
        ask(&socket, libc::SIOCGIFFLAGS, &mut request)?;
        // SAFETY: SIOCGIFFLAGS has filled this member.
        let flags = unsafe { request.ifr_ifru.ifru_flags };
        ask(&socket, libc::SIOCGIFHWADDR, &mut request)?;
        // SAFETY: SIOCGIFHWADDR has filled this member.
        let hardware_type = unsafe { request.ifr_ifru.ifru_hwaddr.sa_family };
        Ok(Link {
            index,
            up: i32::from(flags) & libc::IFF_UP != 0,
            hardware_type,
        })
    }
}

fn request(name: &str) -> io::Result<libc::ifreq> {
    // SAFETY: ifreq is plain numbers and arrays, for which zero is a value.
    let mut request: libc::ifreq = unsafe { std::mem::zeroed() };
    if name.is_empty() || name.len() >= request.ifr_name.len() || name.contains('\0') {
        return Err(io::Error::from_raw_os_error(libc::ENODEV));
    }
    for (to, from) in request.ifr_name.iter_mut().zip(name.bytes()) {
        *to = from as libc::c_char;
    }
    Ok(request)
}

fn ask(socket: &OwnedFd, what: libc::Ioctl, request: &mut libc::ifreq) -> io::Result<()> {
    // SAFETY: the three requests used here read the name of an ifreq and write its union.
    match unsafe { libc::ioctl(socket.as_raw_fd(), what, request) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
