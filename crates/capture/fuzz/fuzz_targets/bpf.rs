//! Any instructions: refused, or run to an end on any packet, with and without a VLAN tag put back.
#![no_main]

use libfuzzer_sys::fuzz_target;
use ringtap_capture::bpf::{Instruction, Program};

fuzz_target!(|input: &[u8]| {
    let [count, input @ ..] = input else { return };
    let (program, packet) = input.split_at(input.len().min(usize::from(*count) * 8));
    let mut instructions: Vec<Instruction> = program
        .chunks_exact(8)
        .map(|bytes| Instruction {
            code: u16::from(bytes[0]),
            jump_true: bytes[2],
            jump_false: bytes[3],
            operand: u32::from_le_bytes([bytes[4], bytes[5], bytes[6], bytes[7]]),
        })
        .collect();
    instructions.push(Instruction {
        code: 0x06,
        jump_true: 0,
        jump_false: 0,
        operand: 1,
    });
    if let Ok(program) = Program::new(instructions) {
        program.matches(packet, packet.len() as u32);
        program.matches_with_tag(packet, packet.len() as u32, 0x6007);
    }
});
