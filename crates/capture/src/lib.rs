//! Ringtap's capture crate: packets come in from files or interfaces, are dissected to layer 4, reassembled from
//! fragments, hashed to a flow and written into the ring of the packet worker that owns the flow.
//!
//! Only `addon` knows Node-API; everything else is plain Rust with its own tests. The crate is driven by a worker
//! thread of the sensor that calls [`engine::Engine::poll`] in a loop; it starts no threads of its own.

pub mod bpf;
pub mod frame;
pub mod generated;
pub mod packet;
pub mod source;
