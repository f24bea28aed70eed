//! The pcapng format (draft-ietf-opsawg-pcapng): sections of blocks. Section, interface and the three packet blocks are
//! read, all others passed over by their length. Called by [`super::CaptureReader`].
//!
//! ```text
//!   block      type 4 | total length 4 | body, padded to 4 | total length 4
//!   section    0x0a0d0d0a | length | byte-order magic 4 | major 2 | minor 2 | section length 8 | options
//!   interface  1 | length | link type 2 | reserved 2 | snap length 4 | options
//!   packet     2 | length | interface 2 | drops 2 | time high 4 | time low 4 | captured 4 | on the wire 4 | frame | options
//!   simple     3 | length | on the wire 4 | frame
//!   enhanced   6 | length | interface 4 | time high 4 | time low 4 | captured 4 | on the wire 4 | frame | options
//! ```

use std::io::Read;

use super::interface::{Interface, InterfaceError};
use super::record::{ByteOrder, MAX_FRAME_BYTES, Record, Step};
use super::window::{Fill, Window};

/// First bytes needed to tell a pcapng file: up to and with the byte-order magic.
pub const MAGIC_BYTES: usize = 12;

const SECTION: u32 = 0x0a0d_0d0a;
const INTERFACE: u32 = 1;
const PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const BYTE_ORDER: u32 = 0x1a2b_3c4d;

/// Longest block that is taken into the buffer: a frame with its options (comments, hashes). Others are passed over.
const MAX_BLOCK_BYTES: u32 = 1 << 20;
/// Interfaces of one file; the record has 16 bits for their number.
const MAX_INTERFACES: usize = 1 << 16;
/// Blocks without a packet that are passed in one call.
const SKIPS_PER_CALL: usize = 4096;

/// Whether these first bytes are pcapng's.
pub fn recognise(bytes: &[u8]) -> bool {
    section_order(bytes).is_some()
}

fn section_order(bytes: &[u8]) -> Option<ByteOrder> {
    if bytes.len() < MAGIC_BYTES || ByteOrder::Little.u32(bytes, 0) != SECTION {
        return None;
    }
    [ByteOrder::Little, ByteOrder::Big]
        .into_iter()
        .find(|order| order.u32(bytes, 8) == BYTE_ORDER)
}

/// Where a packet block keeps what.
struct PacketFields {
    interface: u32,
    time_units: Option<u64>,
    captured: u32,
    on_wire: u32,
    data_offset: u32,
}

/// State over the blocks of a file.
#[derive(Debug, Clone)]
pub struct Pcapng {
    order: ByteOrder,
    /// Of all sections so far, in order.
    interfaces: Vec<Interface>,
    /// Where the current section's interfaces begin.
    section_start: usize,
    last_time_ns: u64,
}

impl Default for Pcapng {
    fn default() -> Self {
        Pcapng {
            order: ByteOrder::Little,
            interfaces: Vec::new(),
            section_start: 0,
            last_time_ns: 0,
        }
    }
}

impl Pcapng {
    /// The next packet at or after the window's position; blocks without one are consumed on the way.
    pub fn step<R: Read>(&mut self, window: &mut Window<R>) -> Step {
        for _ in 0..SKIPS_PER_CALL {
            match window.ensure(8) {
                Fill::Enough => {}
                Fill::Short
                    if window.bytes().is_empty()
                        && window.missing_skip() == 0
                        && window.failure().is_none() =>
                {
                    return Step::End;
                }
                Fill::Short if window.missing_skip() > 0 => {
                    let missing = window.missing_skip();
                    return Step::Damaged(format!(
                        "cut off: {missing} bytes of a block are missing"
                    ));
                }
                other => return Step::lacking(other, || "cut off in a block header".to_owned()),
            }
            match self.block(window) {
                Block::Packet(record) => return Step::Record(record),
                Block::Passed(length) => window.consume(length),
                Block::Stop(step) => return step,
            }
        }
        Step::Idle
    }

    /// One block, whose first 8 bytes are there.
    fn block<R: Read>(&mut self, window: &mut Window<R>) -> Block {
        // A section's type reads the same in both byte orders; its length only after the byte-order magic.
        if ByteOrder::Little.u32(window.bytes(), 0) == SECTION {
            match window.ensure(MAGIC_BYTES) {
                Fill::Enough => {}
                other => {
                    return Block::Stop(Step::lacking(other, || {
                        "cut off in a section header".to_owned()
                    }));
                }
            }
            match section_order(window.bytes()) {
                Some(order) => self.order = order,
                None => {
                    return Block::damaged("a section header without byte-order magic".to_owned());
                }
            }
        }
        let block_type = self.order.u32(window.bytes(), 0);
        let length = self.order.u32(window.bytes(), 4);
        let shortest = shortest(block_type);
        if length < shortest || !length.is_multiple_of(4) {
            return Block::damaged(format!(
                "a block of type {block_type} with the impossible length {length}"
            ));
        }
        if !matches!(
            block_type,
            SECTION | INTERFACE | PACKET | SIMPLE_PACKET | ENHANCED_PACKET
        ) {
            return Block::Passed(u64::from(length));
        }
        if length > MAX_BLOCK_BYTES {
            return Block::damaged(format!(
                "a block of type {block_type} with {length} bytes, more than the {MAX_BLOCK_BYTES} that are read"
            ));
        }
        match window.ensure(length as usize) {
            Fill::Enough => {}
            other => {
                let there = window.bytes().len();
                return Block::Stop(Step::lacking(other, || {
                    format!("cut off: of a block of {length} bytes {there} are left")
                }));
            }
        }
        let block = window.slice(0, length as usize);
        let closing = self.order.u32(block, length as usize - 4);
        if closing != length {
            return Block::damaged(format!(
                "a block begins with the length {length} and ends with {closing}"
            ));
        }
        match block_type {
            SECTION => self.section(block),
            INTERFACE => self.interface(block),
            _ => self.packet(block_type, block),
        }
    }

    fn section(&mut self, block: &[u8]) -> Block {
        let major = self.order.u16(block, 12);
        if major != 1 {
            return Block::damaged(format!("a section of version {major}.x, only 1.x is read"));
        }
        self.section_start = self.interfaces.len();
        Block::passed(block)
    }

    fn interface(&mut self, block: &[u8]) -> Block {
        if self.interfaces.len() == MAX_INTERFACES {
            return Block::damaged(format!("more than {MAX_INTERFACES} interfaces"));
        }
        match Interface::read(self.order, &block[8..block.len() - 4]) {
            Ok(interface) => {
                self.interfaces.push(interface);
                Block::passed(block)
            }
            Err(InterfaceError(message)) => Block::damaged(message),
        }
    }

    #[inline]
    fn packet(&mut self, block_type: u32, block: &[u8]) -> Block {
        let order = self.order;
        let time =
            |at: usize| u64::from(order.u32(block, at)) << 32 | u64::from(order.u32(block, at + 4));
        let length = block.len() as u32;
        let fields = match block_type {
            ENHANCED_PACKET => PacketFields {
                interface: order.u32(block, 8),
                time_units: Some(time(12)),
                captured: order.u32(block, 20),
                on_wire: order.u32(block, 24),
                data_offset: 28,
            },
            PACKET => PacketFields {
                interface: u32::from(order.u16(block, 8)),
                time_units: Some(time(12)),
                captured: order.u32(block, 20),
                on_wire: order.u32(block, 24),
                data_offset: 28,
            },
            _ => {
                let on_wire = order.u32(block, 8);
                PacketFields {
                    interface: 0,
                    time_units: None,
                    captured: on_wire.min(length - 16),
                    on_wire,
                    data_offset: 12,
                }
            }
        };
        let number = self.section_start + fields.interface as usize;
        let Some(interface) = self.interfaces.get(number) else {
            return Block::damaged(format!(
                "a packet of interface {}, which the section does not have",
                fields.interface
            ));
        };
        let captured = match fields.time_units {
            // A simple packet has no captured length of its own (section 4.4).
            None if interface.snap_length > 0 => fields.captured.min(interface.snap_length),
            _ => fields.captured,
        };
        if captured > length - fields.data_offset - 4 || captured > MAX_FRAME_BYTES {
            return Block::damaged(format!(
                "a packet of {captured} bytes in a block of {length}"
            ));
        }
        // A simple packet has no time either: it goes with the packet before it.
        if let Some(units) = fields.time_units {
            self.last_time_ns = interface.time_ns(units);
        }
        Block::Packet(Record {
            data_offset: fields.data_offset,
            data_length: captured,
            length,
            wire_length: fields.on_wire.max(captured),
            time_ns: self.last_time_ns,
            link_type: interface.link_type,
            interface_id: number as u32,
        })
    }
}

/// Fewest bytes that a block of this type can have.
fn shortest(block_type: u32) -> u32 {
    match block_type {
        SECTION => 28,
        INTERFACE => 20,
        SIMPLE_PACKET => 16,
        PACKET | ENHANCED_PACKET => 32,
        _ => 12,
    }
}

/// What one block came to.
enum Block {
    Packet(Record),
    /// Nothing for us; so many bytes to pass over.
    Passed(u64),
    Stop(Step),
}

impl Block {
    fn passed(block: &[u8]) -> Block {
        Block::Passed(block.len() as u64)
    }

    fn damaged(message: String) -> Block {
        Block::Stop(Step::Damaged(message))
    }
}
