//! The network interfaces of this machine, for `ringtap interfaces` and for error messages that name them. Called on
//! the main thread; opens no capture and needs no privilege.

use std::collections::BTreeMap;
use std::ffi::CStr;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// `ARPHRD_RAWIP` (linux/if_arp.h): mobile modems.
const RAW_IP: u16 = 519;

/// One interface.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interface {
    /// Name.
    pub name: String,
    /// The kernel's index.
    pub index: u32,
    /// Administratively up.
    pub up: bool,
    /// A loopback interface.
    pub loopback: bool,
    /// Hardware address, when it has one of 6 bytes.
    pub mac: Option<[u8; 6]>,
    /// IPv4 and IPv6 addresses.
    pub addresses: Vec<IpAddr>,
    /// LINKTYPE_ value of its frames (https://www.tcpdump.org/linktypes.html); `None` for hardware types unknown here.
    pub link_type: Option<u16>,
}

/// All interfaces, by index.
pub fn interfaces() -> io::Result<Vec<Interface>> {
    let mut first: *mut libc::ifaddrs = std::ptr::null_mut();
    // SAFETY: the call fills `first` with a list that `freeifaddrs` below releases.
    if unsafe { libc::getifaddrs(&mut first) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let mut found: BTreeMap<String, Interface> = BTreeMap::new();
    let mut entry = first;
    // SAFETY: the list is alive until `freeifaddrs`; every pointer in it is null or valid.
    while let Some(current) = unsafe { entry.as_ref() } {
        entry = current.ifa_next;
        // SAFETY: `ifa_name` is a C string of the list.
        let name = unsafe { CStr::from_ptr(current.ifa_name) }
            .to_string_lossy()
            .into_owned();
        let interface = found.entry(name.clone()).or_default();
        interface.name = name;
        interface.up = current.ifa_flags & libc::IFF_UP as u32 != 0;
        interface.loopback = current.ifa_flags & libc::IFF_LOOPBACK as u32 != 0;
        if !current.ifa_addr.is_null() {
            // SAFETY: `ifa_addr` points to an address of the family that it states.
            unsafe { add_address(interface, current.ifa_addr) };
        }
    }
    // SAFETY: `first` came from `getifaddrs` and is not used after this.
    unsafe { libc::freeifaddrs(first) };
    let mut interfaces: Vec<Interface> = found.into_values().collect();
    interfaces.sort_by_key(|interface| interface.index);
    Ok(interfaces)
}

/// # Safety
/// `address` points to a socket address of the family that its first field states.
unsafe fn add_address(interface: &mut Interface, address: *const libc::sockaddr) {
    // SAFETY: every socket address begins with its family.
    let family = unsafe { (*address).sa_family };
    match i32::from(family) {
        libc::AF_INET => {
            // SAFETY: an AF_INET address is a sockaddr_in; read unaligned, the list promises no alignment.
            let address = unsafe { address.cast::<libc::sockaddr_in>().read_unaligned() };
            let bytes = address.sin_addr.s_addr.to_ne_bytes();
            interface.addresses.push(IpAddr::V4(Ipv4Addr::from(bytes)));
        }
        libc::AF_INET6 => {
            // SAFETY: an AF_INET6 address is a sockaddr_in6.
            let address = unsafe { address.cast::<libc::sockaddr_in6>().read_unaligned() };
            let bytes = address.sin6_addr.s6_addr;
            interface.addresses.push(IpAddr::V6(Ipv6Addr::from(bytes)));
        }
        libc::AF_PACKET => {
            // SAFETY: an AF_PACKET address is a sockaddr_ll.
            let address = unsafe { address.cast::<libc::sockaddr_ll>().read_unaligned() };
            interface.index = address.sll_ifindex as u32;
            interface.link_type = link_type_of(address.sll_hatype);
            if address.sll_halen == 6 && !interface.loopback {
                let [a, b, c, d, e, f, ..] = address.sll_addr;
                interface.mac = Some([a, b, c, d, e, f]);
            }
        }
        _ => {}
    }
}

/// What [`link_type_of`] knows, for messages.
pub const LINKS_READ: &str = "Ethernet, loopback, 802.11 (monitor mode), PPP and IP tunnels are";

/// LINKTYPE_ value for the hardware type of an interface (`ARPHRD_`, linux/if_arp.h).
pub fn link_type_of(hardware_type: u16) -> Option<u16> {
    match hardware_type {
        libc::ARPHRD_ETHER | libc::ARPHRD_LOOPBACK => Some(1),
        libc::ARPHRD_IEEE80211 => Some(105),
        libc::ARPHRD_IEEE80211_RADIOTAP => Some(127),
        // Tunnels without a link layer: the frame begins with the IP header.
        libc::ARPHRD_NONE
        | libc::ARPHRD_TUNNEL
        | libc::ARPHRD_TUNNEL6
        | libc::ARPHRD_SIT
        | libc::ARPHRD_PPP
        | RAW_IP => Some(101),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_loopback_interface() {
        let all = interfaces().unwrap();
        let loopback = all.iter().find(|interface| interface.loopback).unwrap();
        assert_eq!(loopback.name, "lo");
        assert_eq!(loopback.index, 1);
        assert_eq!(loopback.link_type, Some(1));
        assert_eq!(loopback.mac, None);
    }
}
