//! A checked classic BPF program and its interpreter (McCanne and Jacobson 1993; the instruction set of Linux'
//! Documentation/networking/filter.rst without the kernel's extensions). Runs on the capture thread, once a packet.
//!
//! [`Program::new`] lets only forward jumps inside the program pass, so a run takes at most one step an instruction. A
//! load beyond the packet ends it with "no match", as the kernel does; so do the kernel's extensions, which are loads
//! from far beyond.

use super::{FilterError, Instruction};

/// The kernel's bound on a program (BPF_MAXINSNS).
pub const MAX_INSTRUCTIONS: usize = 4096;
const MEMORY_WORDS: usize = 16;
/// Where a VLAN tag stands in an Ethernet frame.
const TAG_OFFSET: usize = 12;
/// 802.1Q, 802.1ad and the number that was used before it: what libpcap compares with for `vlan`.
const TAG_TYPES: [u32; 3] = [0x8100, 0x88a8, 0x9100];

mod op {
    pub const LD_IMMEDIATE: u16 = 0x00;
    pub const LD_WORD: u16 = 0x20;
    pub const LD_HALF: u16 = 0x28;
    pub const LD_BYTE: u16 = 0x30;
    pub const LD_WORD_INDEXED: u16 = 0x40;
    pub const LD_HALF_INDEXED: u16 = 0x48;
    pub const LD_BYTE_INDEXED: u16 = 0x50;
    pub const LD_MEMORY: u16 = 0x60;
    pub const LD_LENGTH: u16 = 0x80;
    pub const LDX_IMMEDIATE: u16 = 0x01;
    pub const LDX_MEMORY: u16 = 0x61;
    pub const LDX_LENGTH: u16 = 0x81;
    pub const LDX_HEADER_LENGTH: u16 = 0xb1;
    pub const ST: u16 = 0x02;
    pub const STX: u16 = 0x03;
    pub const ADD: u16 = 0x04;
    pub const ADD_X: u16 = 0x0c;
    pub const SUB: u16 = 0x14;
    pub const SUB_X: u16 = 0x1c;
    pub const MUL: u16 = 0x24;
    pub const MUL_X: u16 = 0x2c;
    pub const DIV: u16 = 0x34;
    pub const DIV_X: u16 = 0x3c;
    pub const OR: u16 = 0x44;
    pub const OR_X: u16 = 0x4c;
    pub const AND: u16 = 0x54;
    pub const AND_X: u16 = 0x5c;
    pub const SHIFT_LEFT: u16 = 0x64;
    pub const SHIFT_LEFT_X: u16 = 0x6c;
    pub const SHIFT_RIGHT: u16 = 0x74;
    pub const SHIFT_RIGHT_X: u16 = 0x7c;
    pub const NEGATE: u16 = 0x84;
    pub const MOD: u16 = 0x94;
    pub const MOD_X: u16 = 0x9c;
    pub const XOR: u16 = 0xa4;
    pub const XOR_X: u16 = 0xac;
    pub const JUMP: u16 = 0x05;
    pub const JUMP_EQUAL: u16 = 0x15;
    pub const JUMP_EQUAL_X: u16 = 0x1d;
    pub const JUMP_GREATER: u16 = 0x25;
    pub const JUMP_GREATER_X: u16 = 0x2d;
    pub const JUMP_GREATER_EQUAL: u16 = 0x35;
    pub const JUMP_GREATER_EQUAL_X: u16 = 0x3d;
    pub const JUMP_SET: u16 = 0x45;
    pub const JUMP_SET_X: u16 = 0x4d;
    pub const RETURN: u16 = 0x06;
    pub const RETURN_A: u16 = 0x16;
    pub const TAX: u16 = 0x07;
    pub const TXA: u16 = 0x87;
}

/// A program that has been checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    instructions: Vec<Instruction>,
    looks_for_tags: bool,
}

impl Program {
    /// Checks the instructions and keeps them.
    pub fn new(instructions: Vec<Instruction>) -> Result<Program, FilterError> {
        Program::validate(&instructions)?;
        let looks_for_tags = instructions.iter().any(|instruction| {
            instruction.code == op::JUMP_EQUAL && TAG_TYPES.contains(&instruction.operand)
        });
        Ok(Program {
            instructions,
            looks_for_tags,
        })
    }

    /// Whether the instructions can be run: known, with jumps forward and inside, memory in range, no division by a
    /// constant 0, a return at the end.
    pub fn validate(instructions: &[Instruction]) -> Result<(), FilterError> {
        let count = instructions.len();
        if count == 0 || count > MAX_INSTRUCTIONS {
            return Err(FilterError::Program {
                index: count,
                reason: "a program has 1 to 4096 instructions",
            });
        }
        for (index, instruction) in instructions.iter().enumerate() {
            check(instruction, count - 1 - index)
                .map_err(|reason| FilterError::Program { index, reason })?;
        }
        match instructions[count - 1].code {
            op::RETURN | op::RETURN_A => Ok(()),
            _ => Err(FilterError::Program {
                index: count - 1,
                reason: "a program ends with a return",
            }),
        }
    }

    /// The instructions, for the kernel.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// Whether the program compares something with the EtherType of a VLAN tag. The kernel takes the outer tag out of a
    /// frame before a program sees it, so such a program does not work there and must run here, with the tag given.
    pub fn looks_for_tags(&self) -> bool {
        self.looks_for_tags
    }

    /// Whether the packet passes.
    pub fn matches(&self, data: &[u8], wire_length: u32) -> bool {
        self.run(&Plain(data), wire_length) != 0
    }

    /// As [`Program::matches`] for an Ethernet frame out of which a VLAN tag with this control information was taken:
    /// the program sees the frame as it was on the wire.
    pub fn matches_with_tag(&self, data: &[u8], wire_length: u32, tag: u16) -> bool {
        if data.len() < TAG_OFFSET {
            return self.matches(data, wire_length);
        }
        let [high, low] = tag.to_be_bytes();
        self.run(
            &Tagged {
                data,
                tag: [0x81, 0x00, high, low],
            },
            wire_length.saturating_add(4),
        ) != 0
    }

    fn run<P: Packet>(&self, packet: &P, wire_length: u32) -> u32 {
        let mut a = 0u32;
        let mut x = 0u32;
        let mut memory = [0u32; MEMORY_WORDS];
        let mut next = 0usize;
        // Every round moves forward; the bounds of `validate` make the end of the list unreachable.
        while let Some(instruction) = self.instructions.get(next) {
            let k = instruction.operand;
            next += 1;
            let taken = match instruction.code {
                op::LD_IMMEDIATE => {
                    a = k;
                    continue;
                }
                op::LD_WORD | op::LD_HALF | op::LD_BYTE => {
                    match load(packet, instruction.code & 0x18, k) {
                        Some(value) => a = value,
                        None => return 0,
                    }
                    continue;
                }
                op::LD_WORD_INDEXED | op::LD_HALF_INDEXED | op::LD_BYTE_INDEXED => {
                    let at = x.checked_add(k);
                    match at.and_then(|at| load(packet, instruction.code & 0x18, at)) {
                        Some(value) => a = value,
                        None => return 0,
                    }
                    continue;
                }
                op::LDX_HEADER_LENGTH => {
                    match packet.byte(k as usize) {
                        Some(value) => x = u32::from(value & 0x0f) * 4,
                        None => return 0,
                    }
                    continue;
                }
                op::JUMP_EQUAL => a == k,
                op::JUMP_EQUAL_X => a == x,
                op::JUMP_GREATER => a > k,
                op::JUMP_GREATER_X => a > x,
                op::JUMP_GREATER_EQUAL => a >= k,
                op::JUMP_GREATER_EQUAL_X => a >= x,
                op::JUMP_SET => a & k != 0,
                op::JUMP_SET_X => a & x != 0,
                op::JUMP => {
                    next = next.saturating_add(k as usize);
                    continue;
                }
                op::RETURN => return k,
                op::RETURN_A => return a,
                op::DIV_X | op::MOD_X if x == 0 => return 0,
                code => {
                    match code {
                        op::LD_MEMORY => a = memory[k as usize % MEMORY_WORDS],
                        op::LDX_MEMORY => x = memory[k as usize % MEMORY_WORDS],
                        op::ST => memory[k as usize % MEMORY_WORDS] = a,
                        op::STX => memory[k as usize % MEMORY_WORDS] = x,
                        op::LD_LENGTH => a = wire_length,
                        op::LDX_LENGTH => x = wire_length,
                        op::LDX_IMMEDIATE => x = k,
                        op::TAX => x = a,
                        op::TXA => a = x,
                        _ => a = compute(code, a, x, k),
                    }
                    continue;
                }
            };
            next += usize::from(if taken {
                instruction.jump_true
            } else {
                instruction.jump_false
            });
        }
        0
    }
}

/// The arithmetic, modulo 2^32; a shift by more than 31 leaves nothing.
fn compute(code: u16, a: u32, x: u32, k: u32) -> u32 {
    match code {
        op::ADD => a.wrapping_add(k),
        op::ADD_X => a.wrapping_add(x),
        op::SUB => a.wrapping_sub(k),
        op::SUB_X => a.wrapping_sub(x),
        op::MUL => a.wrapping_mul(k),
        op::MUL_X => a.wrapping_mul(x),
        op::DIV => a.checked_div(k).unwrap_or(0),
        op::DIV_X => a.checked_div(x).unwrap_or(0),
        op::MOD => a.checked_rem(k).unwrap_or(0),
        op::MOD_X => a.checked_rem(x).unwrap_or(0),
        op::OR => a | k,
        op::OR_X => a | x,
        op::AND => a & k,
        op::AND_X => a & x,
        op::XOR => a ^ k,
        op::XOR_X => a ^ x,
        op::SHIFT_LEFT => a.checked_shl(k).unwrap_or(0),
        op::SHIFT_LEFT_X => a.checked_shl(x).unwrap_or(0),
        op::SHIFT_RIGHT => a.checked_shr(k).unwrap_or(0),
        op::SHIFT_RIGHT_X => a.checked_shr(x).unwrap_or(0),
        op::NEGATE => a.wrapping_neg(),
        _ => a,
    }
}

/// One instruction with `after` more behind it.
fn check(instruction: &Instruction, after: usize) -> Result<(), &'static str> {
    let k = instruction.operand;
    match instruction.code {
        op::LD_IMMEDIATE
        | op::LD_WORD
        | op::LD_HALF
        | op::LD_BYTE
        | op::LD_WORD_INDEXED
        | op::LD_HALF_INDEXED => Ok(()),
        op::LD_BYTE_INDEXED
        | op::LD_LENGTH
        | op::LDX_IMMEDIATE
        | op::LDX_LENGTH
        | op::LDX_HEADER_LENGTH => Ok(()),
        op::LD_MEMORY | op::LDX_MEMORY | op::ST | op::STX if k as usize >= MEMORY_WORDS => {
            Err("no such memory word")
        }
        op::LD_MEMORY | op::LDX_MEMORY | op::ST | op::STX => Ok(()),
        op::DIV | op::MOD if k == 0 => Err("division by 0"),
        op::SHIFT_LEFT | op::SHIFT_RIGHT if k > 31 => Err("shift by more than 31"),
        op::ADD
        | op::SUB
        | op::MUL
        | op::DIV
        | op::MOD
        | op::OR
        | op::AND
        | op::XOR
        | op::NEGATE => Ok(()),
        op::ADD_X
        | op::SUB_X
        | op::MUL_X
        | op::DIV_X
        | op::MOD_X
        | op::OR_X
        | op::AND_X
        | op::XOR_X => Ok(()),
        op::SHIFT_LEFT | op::SHIFT_RIGHT | op::SHIFT_LEFT_X | op::SHIFT_RIGHT_X => Ok(()),
        op::JUMP if k as usize >= after => Err("jump out of the program"),
        op::JUMP => Ok(()),
        op::JUMP_EQUAL | op::JUMP_GREATER | op::JUMP_GREATER_EQUAL | op::JUMP_SET => {
            check_jumps(instruction, after)
        }
        op::JUMP_EQUAL_X | op::JUMP_GREATER_X | op::JUMP_GREATER_EQUAL_X | op::JUMP_SET_X => {
            check_jumps(instruction, after)
        }
        op::RETURN | op::RETURN_A | op::TAX | op::TXA => Ok(()),
        _ => Err("no such operation"),
    }
}

fn check_jumps(instruction: &Instruction, after: usize) -> Result<(), &'static str> {
    if usize::from(instruction.jump_true.max(instruction.jump_false)) < after {
        return Ok(());
    }
    Err("jump out of the program")
}

/// A load of 4, 2 or 1 bytes, in network order.
#[inline]
fn load<P: Packet>(packet: &P, size: u16, at: u32) -> Option<u32> {
    let at = at as usize;
    match size {
        0x00 => packet.word(at),
        0x08 => packet.half(at).map(u32::from),
        _ => packet.byte(at).map(u32::from),
    }
}

/// The bytes a program sees; `None` beyond them.
trait Packet {
    fn byte(&self, at: usize) -> Option<u8>;
    fn half(&self, at: usize) -> Option<u16>;
    fn word(&self, at: usize) -> Option<u32>;
}

struct Plain<'a>(&'a [u8]);

impl Packet for Plain<'_> {
    #[inline]
    fn byte(&self, at: usize) -> Option<u8> {
        self.0.get(at).copied()
    }

    #[inline]
    fn half(&self, at: usize) -> Option<u16> {
        Some(u16::from_be_bytes(*self.0.get(at..)?.first_chunk()?))
    }

    #[inline]
    fn word(&self, at: usize) -> Option<u32> {
        Some(u32::from_be_bytes(*self.0.get(at..)?.first_chunk()?))
    }
}

/// An Ethernet frame with its tag put back.
struct Tagged<'a> {
    data: &'a [u8],
    tag: [u8; 4],
}

impl Packet for Tagged<'_> {
    fn byte(&self, at: usize) -> Option<u8> {
        match at {
            0..TAG_OFFSET => self.data.get(at).copied(),
            _ if at < TAG_OFFSET + 4 => Some(self.tag[at - TAG_OFFSET]),
            _ => self.data.get(at - 4).copied(),
        }
    }

    fn half(&self, at: usize) -> Option<u16> {
        Some(u16::from_be_bytes([
            self.byte(at)?,
            self.byte(at.checked_add(1)?)?,
        ]))
    }

    fn word(&self, at: usize) -> Option<u32> {
        let (high, low) = (self.half(at)?, self.half(at.checked_add(2)?)?);
        Some(u32::from(high) << 16 | u32::from(low))
    }
}
