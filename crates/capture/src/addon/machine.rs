//! The machine's CPUs and network interfaces.

use napi_derive::napi;

use super::{Error, INTERFACE, Result, WORKER};

/// Lets the calling thread run on these CPUs only.
#[napi(catch_unwind)]
pub fn set_affinity(cpus: Vec<u32>) -> Result<()> {
    crate::pin::set_affinity(&cpus)
        .map_err(|cause| Error::new(WORKER, format!("CPUs {cpus:?}: {cause}")))
}

/// The CPUs that the calling thread may run on, ascending.
#[napi(catch_unwind)]
pub fn affinity() -> Result<Vec<u32>> {
    crate::pin::affinity().map_err(|cause| Error::new(WORKER, cause.to_string()))
}

/// A network interface of this machine.
#[napi(object)]
pub struct InterfaceInfo {
    /// Name.
    pub name: String,
    /// The kernel's index.
    pub index: u32,
    /// Administratively up.
    pub up: bool,
    /// A loopback interface.
    pub loopback: bool,
    /// Hardware address, `02:00:5e:10:00:01`.
    pub mac: Option<String>,
    /// IPv4 and IPv6 addresses.
    pub addresses: Vec<String>,
    /// LINKTYPE_ value of its frames.
    pub link_type: Option<u32>,
}

/// All network interfaces of this machine, by index. Needs no privilege.
#[napi(catch_unwind)]
pub fn interfaces() -> Result<Vec<InterfaceInfo>> {
    let all = crate::interfaces::interfaces()
        .map_err(|cause| Error::new(INTERFACE, cause.to_string()))?;
    let info = |interface: crate::interfaces::Interface| InterfaceInfo {
        name: interface.name,
        index: interface.index,
        up: interface.up,
        loopback: interface.loopback,
        mac: interface.mac.map(|bytes| {
            let parts: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            parts.join(":")
        }),
        addresses: interface
            .addresses
            .iter()
            .map(ToString::to_string)
            .collect(),
        link_type: interface.link_type.map(u32::from),
    };
    Ok(all.into_iter().map(info).collect())
}
