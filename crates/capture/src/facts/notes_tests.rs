use std::sync::{LazyLock, Mutex};

use proptest::prelude::*;

use super::Unwritten;
use super::notes::{NoteArena, NotePath, NotePaths, NoteWriter};
use super::text::Out;
use crate::generated::layout::note_form;
use crate::memory::Span;

const CHUNK: usize = 32;
const SLAB: usize = CHUNK << 12;

/// An arena whose chunks from 1 on hold `notes`, one behind the other.
fn arena(notes: &[(u16, &[u8])]) -> (NoteArena, Vec<u8>) {
    let mut all = Vec::new();
    for (field, json) in notes {
        all.extend(field.to_le_bytes());
        let mut length = json.len();
        while length >= 0x80 {
            all.push(length as u8 | 0x80);
            length >>= 7;
        }
        all.push(length as u8);
        all.extend(*json);
    }
    let mut slab = vec![0; SLAB];
    let (mut chunk, mut taken) = (1, 0);
    while taken < all.len() {
        let head = if chunk == 1 { 8 } else { 4 };
        let part = &all[taken..all.len().min(taken + CHUNK - head)];
        taken += part.len();
        let at = chunk * CHUNK;
        slab[at + head..at + head + part.len()].copy_from_slice(part);
        chunk += 1;
        let next = if taken < all.len() { chunk as u32 } else { 0 };
        slab[at..at + 4].copy_from_slice(&next.to_le_bytes());
    }
    slab[CHUNK + 4..CHUNK + 8].copy_from_slice(&(all.len() as u32).to_le_bytes());
    let mut arena = NoteArena::default();
    // SAFETY: the caller keeps the slab beside the arena, and does not write to it.
    arena.add(unsafe { Span::at(slab.as_mut_ptr(), slab.len()) });
    (arena, slab)
}

fn written(arena: &NoteArena, first: u32, paths: &mut NotePaths) -> Result<String, Unwritten> {
    let mut memory = vec![0xee; 1 << 16];
    let limit = memory.len() - 32;
    let mut out = Out::new(&mut memory, 1);
    NoteWriter::default().write(arena, first, paths, &mut out, limit)?;
    let end = out.at();
    Ok(String::from_utf8_lossy(&memory[1..end]).into_owned())
}

fn path(path: &str, form: u32) -> NotePath<'_> {
    NotePath {
        path,
        form,
        count: "",
    }
}

#[test]
fn a_field_that_was_not_told_of_is_asked_for_and_one_that_the_document_has_not_is_left_out() {
    let (arena, _slab) = arena(&[(7, b"1"), (300, b"\"x\""), (7, b"  25")]);
    let mut paths = NotePaths::default();
    let asked = |paths: &mut NotePaths| written(&arena, 1, paths);
    assert_eq!(asked(&mut paths), Err(Unwritten::UnknownNote(7)));
    paths.tell(7, Some(path("z.y", note_form::LIST)));
    assert_eq!(asked(&mut paths), Err(Unwritten::UnknownNote(300)));
    paths.tell(300, None);
    assert_eq!(asked(&mut paths).as_deref(), Ok(",\"z\":{\"y\":[1,25]}"));
    paths.tell(300, Some(path("a", 0)));
    assert_eq!(
        asked(&mut paths).as_deref(),
        Ok(",\"a\":\"x\",\"z\":{\"y\":[1,25]}")
    );
    assert_eq!(written(&arena, 0, &mut paths).as_deref(), Ok(""));
}

/// More paths stand before others than are kept, each of them twice.
#[test]
fn what_stands_between_two_values_does_not_depend_on_what_was_written_before() {
    let names: Vec<String> = (0..12)
        .map(|field| format!("a.b{}.c{field}", field % 4))
        .collect();
    let mut known = NotePaths::default();
    let told = |paths: &mut NotePaths| {
        for (field, name) in names.iter().enumerate() {
            paths.tell(field as u16, Some(path(name, 0)));
        }
    };
    told(&mut known);
    for round in 0..2 {
        for first in 0..12 {
            for second in 0..12 {
                let (arena, _slab) = arena(&[(first, b"1"), (second, b"2")]);
                let mut fresh = NotePaths::default();
                told(&mut fresh);
                let text = written(&arena, 1, &mut fresh);
                assert_eq!(written(&arena, 1, &mut known), text, "round {round}");
            }
        }
    }
}

#[test]
fn notes_of_any_length_are_whole() {
    let lengths = [1, 24, 25, 126, 127, 128, 129, 16_383, 16_384, 20_000];
    let texts = lengths.map(|length| vec![b'5'; length]);
    let notes = texts.each_ref().map(|text| (1, &text[..]));
    let (arena, _slab) = arena(&notes);
    let mut paths = NotePaths::default();
    paths.tell(1, Some(path("n", note_form::LIST)));
    assert_eq!(
        written(&arena, 1, &mut paths).map(|text| text.len()),
        Ok(lengths.iter().sum::<usize>() + lengths.len() - 1 + ",\"n\":[]".len())
    );
}

#[test]
fn chunks_that_are_not_there_or_go_round_are_no_notes() {
    let mut paths = NotePaths::default();
    paths.tell(1, Some(path("n", 0)));
    let (arena, mut slab) = arena(&[(1, &[b'1'; 60])]);
    assert_eq!(written(&arena, 9999, &mut paths), Err(Unwritten::Room));
    assert_eq!(written(&arena, u32::MAX, &mut paths), Err(Unwritten::Room));
    // Longer than its chunks; longer than all chunks; and a chunk that is followed by itself.
    let mut broken = |length: u32, next: u32| {
        slab[CHUNK + 4..CHUNK + 8].copy_from_slice(&length.to_le_bytes());
        slab[CHUNK..CHUNK + 4].copy_from_slice(&next.to_le_bytes());
        let mut arena = NoteArena::default();
        // SAFETY: the slab outlives the arena, and is not written to before that ends.
        arena.add(unsafe { Span::at(slab.as_mut_ptr(), slab.len()) });
        written(&arena, 1, &mut paths)
    };
    assert_eq!(broken(500, 2), Err(Unwritten::Room));
    assert_eq!(broken(u32::MAX, 2), Err(Unwritten::Room));
    assert!(broken(SLAB as u32, 1).is_err());
    assert_eq!(broken(63, 0), Err(Unwritten::Room));
    assert!(broken(63, 2).is_ok());
}

/// Has all fields, some of them left out.
static EVERY_FIELD: LazyLock<Mutex<NotePaths>> = LazyLock::new(|| {
    let mut paths = NotePaths::default();
    for field in 0..=u16::MAX {
        let name = format!("a{}.b{}", field % 3, field % 5);
        let form = u32::from(field % 4);
        paths.tell(field, (field % 7 != 0).then_some(path(&name, form)));
    }
    Mutex::new(paths)
});

proptest! {
    #[test]
    fn any_bytes_end_somewhere(bytes in prop::collection::vec(any::<u8>(), 0..400), first in 0..20u32, limit in 0..600usize) {
        let mut slab = vec![0; SLAB];
        slab[CHUNK..CHUNK + bytes.len()].copy_from_slice(&bytes);
        // Chunks near by follow one another, and lengths are often ones that there are.
        for chunk in 1..13 {
            let at = chunk * CHUNK;
            slab[at + 1..at + 4].fill(0);
            slab[at] &= 15;
            slab[at + 6..at + 8].fill(0);
            slab[at + 5] &= 1;
        }
        let mut arena = NoteArena::default();
        // SAFETY: the slab outlives the arena, and is not written to.
        arena.add(unsafe { Span::at(slab.as_mut_ptr(), slab.len()) });
        let mut memory = vec![0xee; 700];
        let mut out = Out::new(&mut memory, 0);
        let mut paths = EVERY_FIELD.lock().expect("no test has failed");
        let _ = NoteWriter::default().write(&arena, first, &mut paths, &mut out, limit);
        drop(paths);
        prop_assert!(out.at() <= limit);
        prop_assert!(memory[limit + 32..].iter().all(|byte| *byte == 0xee));
    }
}
