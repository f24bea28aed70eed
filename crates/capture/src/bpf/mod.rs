//! BPF filters: the usual expression is compiled by libpcap, loaded at run time; the program runs in the kernel for
//! live sources and in [`Program::matches`] for files.

/// One classic BPF instruction, as in `struct sock_filter`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(C)]
pub struct Instruction {
    /// Operation.
    pub code: u16,
    /// Jump if true.
    pub jump_true: u8,
    /// Jump if false.
    pub jump_false: u8,
    /// Operand.
    pub operand: u32,
}
