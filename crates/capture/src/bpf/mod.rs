//! BPF filters: the usual expression is compiled by libpcap, loaded at run time; the program runs in the kernel for
//! live sources and in [`Program::matches`] for files. [`FilterSet`] is what the engine holds: the expression with a
//! program for each link type that comes along.

mod filter_set;
mod libpcap;
mod program;
#[cfg(test)]
mod tests;

pub use filter_set::FilterSet;
pub use libpcap::{compile, is_available};
pub use program::{MAX_INSTRUCTIONS, Program};

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

/// Why there is no program for an expression.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FilterError {
    /// libpcap is not installed, or not one that has what is needed.
    #[error(
        "a packet filter needs libpcap, which cannot be loaded ({reason}); install it with `apt install libpcap0.8` \
         (Debian, Ubuntu), `dnf install libpcap` (Fedora) or `apk add libpcap` (Alpine)"
    )]
    LibraryMissing {
        /// What the loader said.
        reason: String,
    },
    /// libpcap refuses the expression.
    #[error("the packet filter \"{expression}\" is wrong: {message}")]
    Syntax {
        /// As given.
        expression: String,
        /// libpcap's own words.
        message: String,
    },
    /// The program is not one that can be run.
    #[error("BPF instruction {index}: {reason}")]
    Program {
        /// n-th instruction, counted from 0.
        index: usize,
        /// What is wrong with it.
        reason: &'static str,
    },
}
