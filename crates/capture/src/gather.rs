//! Records of an output's ring, listed and brought together for its file. An output takes some hundred thousand a second, each
//! from lines of memory that another core has written: here they are asked for before they are needed.

use crate::generated::layout::{output, record_kind};
use crate::memory::Memory;

/// So far ahead of the record that is listed its ring is asked for.
const AHEAD_BYTES: u32 = 4096;
const LINE_BYTES: u32 = 64;

/// Where the text of a record lies, and of which type the record is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Place {
    /// Its first byte.
    pub start: u32,
    /// Behind its last byte.
    pub end: u32,
    /// Index of the record type in the run.
    pub kind: u32,
}

/// What was listed.
#[derive(Debug, PartialEq, Eq)]
pub struct Listed {
    /// Places that were filled.
    pub count: usize,
    /// Bytes of their texts.
    pub bytes: u32,
    /// Behind the last record that was looked at.
    pub position: u32,
}

/// A length that leads nowhere, at a place of a ring.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("ring corrupt: record at data offset {offset} has length {length}, {readable} readable")]
pub struct Corrupt {
    offset: u32,
    length: u32,
    readable: u32,
}

/// Lists records from `position` up to `end` in the data area `ring`, until `places` are full or their texts have
/// `most_bytes` or more. What is not a record is passed over.
pub fn list(
    ring: &Memory,
    mut position: u32,
    end: u32,
    most_bytes: u32,
    places: &mut [Place],
) -> Result<Listed, Corrupt> {
    let mut count = 0;
    let mut bytes = 0;
    let mut asked = position;
    while position != end && count < places.len() && bytes < most_bytes {
        let readable = end.wrapping_sub(position);
        while asked != end && asked.wrapping_sub(position) < AHEAD_BYTES.min(readable) {
            ring.want(ring.wrapped(asked));
            asked = asked.wrapping_add(LINE_BYTES.min(end.wrapping_sub(asked)));
        }
        let offset = ring.wrapped(position);
        let (length, kind) = ring.head(offset);
        let step = u64::from(length).next_multiple_of(8);
        if step < 8 || step > u64::from(readable) || step + u64::from(offset) > ring.bytes() as u64
        {
            return Err(Corrupt {
                offset,
                length,
                readable,
            });
        }
        position = position.wrapping_add(step as u32);
        if asked.wrapping_sub(position) > AHEAD_BYTES {
            asked = position;
        }
        if kind == record_kind::RECORD && length as usize >= output::SIZE {
            let start = offset + output::SIZE as u32;
            let place = Place {
                start,
                end: offset + length,
                kind: u32::from(ring.byte(offset as usize + output::RECORD_TYPE)),
            };
            bytes += place.end - start;
            places[count] = place;
            count += 1;
        }
    }
    Ok(Listed {
        count,
        bytes,
        position,
    })
}

/// Copies the texts at `places` of `source` to `target` from `at` on, one behind the other; where they end, or nothing when they do
/// not lie in the source or have no room.
pub fn copy(source: &Memory, places: &[Place], target: &mut [u8], mut at: usize) -> Option<usize> {
    for place in places {
        let length = place.end.checked_sub(place.start)? as usize;
        let room = target.get_mut(at..at.checked_add(length)?)?;
        if !source.copy_out(place.start as usize, room) {
            return None;
        }
        at += length;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RING_BYTES: u32 = 8192;

    /// A ring's data area with one text after another from a position on, and what was written.
    struct Ring {
        data: Vec<u64>,
        end: u32,
        texts: Vec<Vec<u8>>,
    }

    impl Ring {
        fn new(start: u32) -> Ring {
            Ring {
                data: vec![0; RING_BYTES as usize / 8],
                end: start,
                texts: Vec::new(),
            }
        }

        fn memory(&mut self) -> Memory {
            // SAFETY: u64 are aligned, and the tests keep the ring as long as the memory.
            unsafe { Memory::at(self.data.as_mut_ptr().cast(), RING_BYTES as usize) }
        }

        /// Puts a record in, as `RingWriter` does: never over the end of the data area.
        fn put(&mut self, kind: u32, text: &[u8]) {
            let length = (output::SIZE + text.len()) as u32;
            let left = RING_BYTES - self.end % RING_BYTES;
            if length.next_multiple_of(8) > left {
                self.head(left, record_kind::PADDING);
                self.end = self.end.wrapping_add(left);
            }
            let at = self.head(length, kind);
            for (index, byte) in text.iter().enumerate() {
                self.set(at + output::SIZE + index, *byte);
            }
            self.end = self.end.wrapping_add(length.next_multiple_of(8));
            if kind == record_kind::RECORD {
                self.texts.push(text.into());
            }
        }

        fn head(&mut self, length: u32, kind: u32) -> usize {
            let at = (self.end % RING_BYTES) as usize;
            self.memory().put(at + output::LENGTH, length as i32);
            self.set(at + output::KIND, kind as u8);
            self.set(at + output::RECORD_TYPE, 7);
            at
        }

        fn set(&mut self, at: usize, byte: u8) {
            let word = at & !3;
            let bits = 8 * (at % 4);
            let memory = self.memory();
            let old = memory.get(word) & !(0xff << bits);
            memory.put(word, old | i32::from(byte) << bits);
        }
    }

    proptest! {
        #[test]
        fn texts_come_out_as_they_went_in(
            start in any::<u32>(),
            // Together less than the ring, whatever is left at its end.
            records in prop::collection::vec((0u32..4, prop::collection::vec(any::<u8>(), 0..150)), 0..30),
            room in 1usize..40,
            most_bytes in 1u32..2000,
        ) {
            let start = start & !7;
            let mut ring = Ring::new(start);
            for (kind, text) in records {
                ring.put([record_kind::RECORD, record_kind::RECORD, record_kind::WATERMARK, record_kind::CLOCK][kind as usize], &text);
            }
            let texts = ring.texts.concat();
            let memory = ring.memory();
            let mut target = vec![0; texts.len()];
            let (mut position, mut at) = (start, 0);
            let mut count = 0;
            while position != ring.end {
                let mut places = vec![Place::default(); room];
                let listed = list(&memory, position, ring.end, most_bytes, &mut places).unwrap();
                prop_assert!(listed.position != position);
                let places = &places[..listed.count];
                prop_assert!(places.iter().all(|place| place.kind == 7));
                let end = copy(&memory, places, &mut target, at).unwrap();
                prop_assert_eq!(end - at, listed.bytes as usize);
                (position, at, count) = (listed.position, end, count + listed.count);
            }
            prop_assert_eq!(count, ring.texts.len());
            prop_assert_eq!(target, texts);
        }
    }

    #[test]
    fn lengths_that_lead_nowhere_are_errors() {
        for length in [0, 41, u32::MAX] {
            let mut ring = Ring::new(0);
            ring.put(record_kind::RECORD, b"0123456789");
            ring.memory().put(output::LENGTH, length as i32);
            let end = ring.end;
            let error = list(&ring.memory(), 0, end, 100, &mut [Place::default()]).unwrap_err();
            assert_eq!(
                error.to_string(),
                format!("ring corrupt: record at data offset 0 has length {length}, 40 readable")
            );
        }
    }

    #[test]
    fn places_outside_the_ring_or_the_target_are_not_copied() {
        let mut ring = Ring::new(0);
        ring.put(record_kind::RECORD, b"0123456789");
        let memory = ring.memory();
        let place = |start, end| Place {
            start,
            end,
            kind: 0,
        };
        let mut target = [0; 16];
        for (places, at) in [
            (place(24, 20), 0),
            (place(RING_BYTES - 4, RING_BYTES + 4), 0),
            (place(u32::MAX - 4, u32::MAX), 0),
            (place(24, 34), 7),
            (place(24, 34), usize::MAX),
        ] {
            assert_eq!(copy(&memory, &[places], &mut target, at), None);
        }
        assert_eq!(copy(&memory, &[place(24, 34)], &mut target, 6), Some(16));
        assert_eq!(&target[6..], b"0123456789");
    }
}
