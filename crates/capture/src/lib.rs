//! Ringtap's capture crate: packets come in from files or interfaces, are dissected to layer 4, reassembled from
//! fragments, hashed to a flow and written into the ring of the packet worker that owns the flow.
//!
//! Beside that, `follow` does in a packet worker's session table (`session_store`) what packets do, `facts` writes what is in there into
//! records, `recognition` keeps first bytes until a decoder may know them, `closing` ends sessions, `quic_initial` opens packets for a
//! decoder, `gather` brings records of outputs together, and `page_cache` lets their files go. `file_state` is for the launcher.
//!
//! Only `addon` knows Node-API; everything else is plain Rust with its own tests. The crate is driven by a worker
//! thread of the sensor that calls [`engine::Drive::poll`] in a loop; it starts no threads of its own.

#[cfg(feature = "addon")]
pub mod addon;
pub mod bpf;
pub mod checksum;
pub mod closing;
pub mod counters;
pub mod defrag;
pub mod dissect;
pub mod engine;
pub mod facts;
pub mod file_state;
pub mod flow_hash;
pub mod follow;
pub mod frame;
pub mod gather;
pub mod generated;
pub mod identity;
pub mod interfaces;
pub mod lanes;
pub mod memory;
pub mod packet;
pub mod page_cache;
pub mod path;
pub mod pin;
pub mod protocol;
pub mod quic_initial;
pub mod recognition;
pub mod record;
pub mod ring;
pub mod session_census;
pub mod session_store;
pub mod session_table;
pub mod shared;
pub mod source;
pub mod source_clock;
pub mod tcp;
pub mod timer_wheel;
