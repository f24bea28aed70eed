//! Opening QUIC's Initial packets, as JavaScript asks for it: one call a packet, with numbers and views of bytes alone,
//! because a call of a method costs more than twice as much as one of a function, and a view some ten nanoseconds.
//!
//! The bytes are the calling thread's own, never shared memory: `src/crypto` copies the packet out of the ring first.

use napi::bindgen_prelude::BufferSlice;
use napi_derive::napi;

use crate::quic_initial::{Derivation, KEYS_BYTES, Keys, destination_id, open};

const NOT_OPENED: i32 = -1;

/// Opens an Initial packet, `packet[0, end)`, in place with the keys of its session. `numberAt`: where its packet number
/// is. Gives the length of the payload, which then ends 16 bytes before `end`; -1 when the packet is not of these keys.
#[napi]
pub fn open_initial(mut packet: BufferSlice, number_at: u32, end: u32, keys: &[u8]) -> i32 {
    let Some(packet) = packet.get_mut(..end as usize) else {
        return NOT_OPENED;
    };
    let Some(keys) = keys.first_chunk() else {
        return NOT_OPENED;
    };
    opened(packet, number_at, keys)
}

/// As `openInitial`, with the keys that the version and the packet's own connection id give; they are put into the first
/// 44 bytes of `keys`, whether they fit or not. `derivation`: the version's salt and the prefix of its labels.
#[napi]
pub fn open_first_initial(
    mut packet: BufferSlice,
    number_at: u32,
    end: u32,
    mut keys: BufferSlice,
    derivation: &[u8],
) -> i32 {
    let Some(packet) = packet.get_mut(..end as usize) else {
        return NOT_OPENED;
    };
    let Some(kept) = keys.first_chunk_mut::<KEYS_BYTES>() else {
        return NOT_OPENED;
    };
    let derived = Derivation::new(derivation)
        .zip(destination_id(packet))
        .and_then(|(derivation, connection_id)| derivation.client_keys(connection_id));
    let Some(derived) = derived else {
        return NOT_OPENED;
    };
    *kept = derived;
    opened(packet, number_at, kept)
}

fn opened(packet: &mut [u8], number_at: u32, keys: &Keys) -> i32 {
    open(packet, number_at as usize, keys)
        .and_then(|length| i32::try_from(length).ok())
        .unwrap_or(NOT_OPENED)
}
