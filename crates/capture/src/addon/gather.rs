//! `listRecords` and `copyRecords`, each called once a batch of an output.

use napi::bindgen_prelude::{Uint8Array, Uint32Array};
use napi_derive::napi;

use super::memory;
use super::{Error, Pinned, RING, Result};
use crate::gather::{self, Place};

/// What was listed of a ring.
#[napi(object)]
pub struct ListedRecords {
    /// Places that were filled.
    pub count: u32,
    /// Bytes of their texts.
    pub bytes: u32,
    /// Position behind the last record that was looked at.
    pub position: u32,
}

/// Lists published records of a ring's data area from `position` up to `end`, until `places` (three words each: first byte, behind
/// the last, record type) are full or the texts have `mostBytes` or more. What is not a record is passed over.
#[napi(
    catch_unwind,
    ts_args_type = "ring: Uint8Array, position: number, end: number, mostBytes: number, places: Uint32Array"
)]
pub fn list_records(
    ring: Pinned<Uint8Array>,
    position: u32,
    end: u32,
    most_bytes: u32,
    mut places: Pinned<Uint32Array>,
) -> Result<ListedRecords> {
    // SAFETY: the calling thread's own memory, and JavaScript does not run now.
    let places = unsafe { places_of(&mut places) };
    let listed = gather::list(&memory(&ring), position, end, most_bytes, places)
        .map_err(|error| Error::new(RING, error.to_string()))?;
    Ok(ListedRecords {
        count: listed.count as u32,
        bytes: listed.bytes,
        position: listed.position,
    })
}

/// Copies the texts at `places` of `ring` to `target` from `at` on, one behind the other; where they end.
#[napi(
    catch_unwind,
    ts_args_type = "ring: Uint8Array, places: Uint32Array, target: Uint8Array, at: number"
)]
pub fn copy_records(
    ring: Pinned<Uint8Array>,
    mut places: Pinned<Uint32Array>,
    target: Pinned<Uint8Array>,
    at: u32,
) -> Result<u32> {
    // SAFETY: as above; the target is no part of a ring.
    let (places, target) = unsafe {
        let target = std::slice::from_raw_parts_mut(target.address, target.bytes);
        (places_of(&mut places), target)
    };
    gather::copy(&memory(&ring), places, target, at as usize)
        .map(|end| end as u32)
        .ok_or_else(|| Error::new(RING, "records do not lie in their ring, or have no room"))
}

/// # Safety
/// Nobody else uses the array meanwhile.
unsafe fn places_of(array: &mut Pinned<Uint32Array>) -> &mut [Place] {
    let count = array.bytes / size_of::<Place>();
    // SAFETY: `Place` is three words, as the array's are, and any bits are words.
    unsafe { std::slice::from_raw_parts_mut(array.address.cast(), count) }
}
