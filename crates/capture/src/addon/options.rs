//! What is done with each frame, as JavaScript says it, for every kind of source.

use napi_derive::napi;

use super::{CONFIG, Error, Result, SNAP_LENGTH, filter_error};
use crate::bpf::FilterSet;
use crate::defrag::DefragOptions;
use crate::dissect::DissectOptions;
use crate::identity::Identity;
use crate::path::{ChecksumMode, PathOptions};

/// How sessions are told apart where that is Arkime's way.
#[napi(object)]
#[derive(Default)]
pub struct IdentityOptions {
    /// The outermost VLAN id counts.
    pub vlan: bool,
    /// The innermost network id of a tunnel counts.
    pub vni: bool,
    /// Ids that count as another one: [id, counts as].
    pub collapse: Vec<Vec<u32>>,
    /// Packets whose headers make no sense have sessions, and are not dropped.
    pub keep_corrupt: bool,
}

/// What is done with each frame between source and ring. All is optional.
#[napi(object)]
#[derive(Default)]
pub struct CapturePathOptions {
    /// `none`: not computed. `all`: packets with a wrong IP, TCP or UDP checksum are dropped and counted. `auto`
    /// (default): the first 1000 are looked at, for a notice.
    #[napi(ts_type = "'none' | 'all' | 'auto'")]
    pub checksums: Option<String>,
    /// BPF expression; packets that it does not match are left out and counted.
    pub filter: Option<String>,
    /// The flow hash takes in the VLAN ids. Default false.
    pub hash_vlan: Option<bool>,
    /// The flow hash takes in the tunnel id. Default false.
    pub hash_vni: Option<bool>,
    /// BPF expressions, at most 16; a packet has a bit for each that it matches.
    pub marks: Option<Vec<String>>,
    /// Sessions are told apart as Arkime does, by what this says.
    pub identity: Option<IdentityOptions>,
    /// A packet further ahead of the source's clock does not move it alone, in milliseconds. Default a day.
    pub max_clock_jump_ms: Option<f64>,
    /// Tunnel layers followed, 0 to 8. Default 8.
    pub max_tunnels: Option<u32>,
    /// Bytes held in incomplete datagrams. Default 16 MiB.
    pub fragment_bytes: Option<f64>,
    /// Incomplete datagrams held. Default 4096.
    pub fragment_datagrams: Option<u32>,
    /// Milliseconds of the source's time from a datagram's first fragment until it is given up. Default 30000.
    pub fragment_timeout_ms: Option<f64>,
}

pub(super) fn path_options(given: Option<CapturePathOptions>) -> Result<PathOptions> {
    let given = given.unwrap_or_default();
    let mut defrag = DefragOptions::default();
    if let Some(bytes) = given.fragment_bytes {
        defrag.max_bytes = bytes as usize;
    }
    if let Some(datagrams) = given.fragment_datagrams {
        defrag.max_datagrams = datagrams as usize;
    }
    if let Some(timeout_ms) = given.fragment_timeout_ms {
        defrag.timeout_ns = (timeout_ms * 1e6) as u64;
    }
    let mut dissect = DissectOptions::default();
    if let Some(layers) = given.max_tunnels {
        dissect.max_tunnels = u8::try_from(layers).unwrap_or(u8::MAX);
    }
    dissect.opaque_authentication = given.identity.is_some();
    let checksums = match given.checksums.as_deref() {
        None | Some("auto") => ChecksumMode::Sample,
        Some("all") => ChecksumMode::All,
        Some("none") => ChecksumMode::None,
        Some(other) => return Err(Error::new(CONFIG, format!("checksum mode {other:?}"))),
    };
    let filter = match given.filter.as_deref() {
        None | Some("") => None,
        Some(text) => Some(FilterSet::new(text, SNAP_LENGTH).map_err(filter_error)?),
    };
    let mut marks = Vec::new();
    for text in given.marks.unwrap_or_default().iter().take(16) {
        marks.push(FilterSet::new(text, SNAP_LENGTH).map_err(filter_error)?);
    }
    Ok(PathOptions {
        marks,
        filter,
        max_clock_jump_ns: given
            .max_clock_jump_ms
            .map(|jump_ms| (jump_ms * 1e6) as u64),
        dissect,
        defrag,
        checksums,
        hash_vlan: given.hash_vlan.unwrap_or(false),
        hash_vni: given.hash_vni.unwrap_or(false),
        identity: given.identity.map(|identity| Identity {
            vlan: identity.vlan,
            vni: identity.vni,
            collapse: identity
                .collapse
                .iter()
                .filter_map(|pair| Some((*pair.first()?, *pair.get(1)?)))
                .collect(),
            keep_corrupt: identity.keep_corrupt,
        }),
    })
}
