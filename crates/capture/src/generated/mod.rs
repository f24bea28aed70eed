//! Memory layouts shared with TypeScript, generated from `tools/layout.ts`.
#[rustfmt::skip]
#[allow(missing_docs)]
pub mod layout;
