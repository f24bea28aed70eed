//! Values that decoders have found for a record: numbers, and texts in memories that are known by number.

use crate::generated::layout::{fact_value, value_kind};
use crate::memory::Span;

use super::dates::Dates;
use super::text::Out;

/// A `fact_value`.
pub type Entry = [u8; fact_value::SIZE];

/// The values of a record, in the order of their indexes.
#[derive(Clone, Copy, Default)]
pub struct Values<'a> {
    /// One behind the other.
    pub entries: &'a [Entry],
    /// By number.
    pub memories: &'a [Span],
}

impl<'a> Values<'a> {
    /// Takes the next value if it is the one with this index.
    #[inline]
    pub fn take(&mut self, index: u32) -> Option<Value<'a>> {
        let (entry, rest) = self.entries.split_first()?;
        let value = Value {
            entry,
            memories: self.memories,
        };
        if value.word(fact_value::HEAD) & 0xffff != index {
            return None;
        }
        self.entries = rest;
        Some(value)
    }
}

/// A value.
pub struct Value<'a> {
    entry: &'a Entry,
    memories: &'a [Span],
}

impl<'a> Value<'a> {
    #[inline(always)]
    fn word(&self, at: usize) -> u32 {
        u32::from_le_bytes([
            self.entry[at],
            self.entry[at + 1],
            self.entry[at + 2],
            self.entry[at + 3],
        ])
    }

    fn number(&self) -> f64 {
        let low = u64::from(self.word(fact_value::NUMBER));
        let high = u64::from(self.word(fact_value::NUMBER + 4));
        f64::from_bits(low | high << 32)
    }

    #[inline]
    fn bytes(&self) -> Option<&'a [u8]> {
        let memory = self.memories.get(self.word(fact_value::MEMORY) as usize)?;
        memory.part(
            self.word(fact_value::FROM) as usize,
            self.word(fact_value::TO) as usize,
        )
    }

    /// Writes it; false where it is empty text, none where it does not fit or is no value.
    #[inline]
    pub fn put(&self, out: &mut Out, dates: &mut Dates, limit: usize) -> Option<bool> {
        Some(match self.word(fact_value::HEAD) >> 16 {
            value_kind::COUNT => out.put_count(self.word(fact_value::FROM)),
            value_kind::NUMBER => out.put_whole(self.number() as i64),
            value_kind::DATE => {
                dates.put(out, self.number());
                true
            }
            value_kind::BOOLEAN => out.put_text(if self.word(fact_value::FROM) == 0 {
                b"false"
            } else {
                b"true"
            }),
            value_kind::TEXT => return out.put_quoted(self.bytes()?, limit),
            value_kind::JSON => return out.put_given(self.bytes()?, limit),
            _ => return None,
        })
    }
}
