//! What is noted of a session, as members of its document: only what is there, sorted by path, objects around what belongs together.
//! The notes lie in chunks of an arena that TypeScript fills (`src/session/notes.ts`; `tools/fact-layout.ts` has the picture). A session
//! has few of the hundreds of fields that it may have, so a plan is told how it has a field when a session comes that has it.

use crate::generated::layout::{note_chunk, note_form};
use crate::memory::{Span, prefetch};

use super::Unwritten;
use super::text::{Name, Out, quoted};

const CHUNK: usize = note_chunk::BYTES as usize;
const SLAB_SHIFT: u32 = note_chunk::SLAB_SHIFT;
const FIRST_HEAD: usize = note_chunk::FIRST_HEAD as usize;
const LATER_HEAD: usize = note_chunk::LATER_HEAD as usize;
/// Bits of a note's length in one byte of it.
const LENGTH_BITS: u32 = 7;

/// The memory of the chunks.
#[derive(Default)]
pub struct NoteArena {
    slabs: Vec<Span>,
}

impl NoteArena {
    /// The next slab.
    pub fn add(&mut self, slab: Span) {
        self.slabs.push(slab);
    }

    /// Asks for the memory of a chunk, and of what lies behind it: those of a session often do.
    #[inline]
    pub fn want(&self, number: u32) {
        if let Some(chunk) = self.chunk(number) {
            prefetch(chunk.as_ptr());
            prefetch(chunk.as_ptr().wrapping_add(64));
        }
    }

    fn chunk(&self, number: u32) -> Option<&[u8; CHUNK]> {
        let slab = self.slabs.get((number >> SLAB_SHIFT) as usize)?;
        let at = (number as usize & ((1 << SLAB_SHIFT) - 1)) * CHUNK;
        slab.part(at, at + CHUNK)?.first_chunk()
    }

    /// Puts what begins in chunk `first` into one piece; none where the chunks are not as they should be.
    fn join(&self, first: u32, notes: &mut Vec<u8>) -> Option<()> {
        notes.clear();
        let chunk = self.chunk(first)?;
        let length = word(chunk, 4) as usize;
        // There is no more, so a ring of chunks has an end too.
        if length > self.slabs.len() * (CHUNK << SLAB_SHIFT) {
            return None;
        }
        notes.extend_from_slice(chunk.get(FIRST_HEAD..)?);
        let mut next = word(chunk, 0);
        while notes.len() < length {
            // 0 is no chunk.
            let chunk = self.chunk(next).filter(|_| next != 0)?;
            notes.extend_from_slice(chunk.get(LATER_HEAD..)?);
            next = word(chunk, 0);
        }
        notes.truncate(length);
        Some(())
    }
}

fn word(chunk: &[u8; CHUNK], at: usize) -> u32 {
    let bytes = chunk.get(at..).and_then(|rest| rest.first_chunk());
    bytes.map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// How a document has a field.
pub struct NotePath<'a> {
    /// Names with dots between them.
    pub path: &'a str,
    /// Bits of `note_form`.
    pub form: u32,
    /// Ending of the member beside it that has the number of values; '' none.
    pub count: &'a str,
}

/// Paths that are kept beside a path as those before it.
const HEADS_MOST: usize = 8;

struct Path {
    /// What paths are sorted by.
    key: Box<[u8]>,
    /// Place in the order of all paths.
    rank: u32,
    /// Objects around the value, outermost first: `"name":{`.
    groups: Box<[Box<[u8]>]>,
    /// `"name":`, with the bracket of a list.
    name: Box<[u8]>,
    /// What stands before the value, by the path before it. Documents have few paths, in few orders.
    heads: Vec<Head>,
    /// `,"nameCnt":`
    count: Option<Name>,
    is_list: bool,
    is_latin: bool,
}

/// What stands between the values of two paths.
struct Head {
    /// Index of the path before; none for the first of a document.
    before: Option<u32>,
    text: Name,
}

impl Path {
    fn new(told: &NotePath, key: Box<[u8]>) -> Path {
        let mut names: Vec<&str> = told.path.split('.').collect();
        let name = names.pop().unwrap_or_default();
        let is_list = told.form & note_form::LIST != 0;
        let opening = |name: &&str| [&quoted(name), &b":{"[..]].concat().into();
        let bracket = if is_list { &b":["[..] } else { b":" };
        let count = [b",", &quoted(&[name, told.count].concat())[..], b":"].concat();
        Path {
            key,
            rank: 0,
            groups: names.iter().map(opening).collect(),
            name: [&quoted(name), bracket].concat().into(),
            heads: Vec::new(),
            count: (!told.count.is_empty()).then(|| Name::new(&count)),
            is_list,
            is_latin: told.form & note_form::LATIN != 0,
        }
    }

    /// Objects around both this and `other`.
    fn common_groups(&self, other: &Path) -> usize {
        let pairs = self.groups.iter().zip(&other.groups);
        pairs.take_while(|(own, its)| own == its).count()
    }

    /// Closes the objects of the path before, opens others, names the value.
    fn head_after(&self, before: Option<&Path>) -> Name {
        let open = before.map_or(0, |before| before.groups.len());
        let common = before.map_or(0, |before| self.common_groups(before));
        let mut text = vec![b'}'; open - common];
        text.push(b',');
        for group in &self.groups[common..] {
            text.extend_from_slice(group);
        }
        text.extend_from_slice(&self.name);
        Name::new(&text)
    }
}

/// What a plan knows of a field.
#[derive(Clone, Copy)]
enum Known {
    Nothing,
    /// The document has not got it.
    Left,
    /// Index of its path.
    At(u32),
}

/// How a plan has the fields that it has met.
#[derive(Default)]
pub struct NotePaths {
    /// By the field's number.
    fields: Vec<Known>,
    paths: Vec<Path>,
}

impl NotePaths {
    /// How the document has a field; none: not at all. Fields of one path are one, of the form that was told first.
    pub fn tell(&mut self, field: u16, told: Option<NotePath>) {
        let field = usize::from(field);
        if self.fields.len() <= field {
            self.fields.resize(field + 1, Known::Nothing);
        }
        self.fields[field] = told.map_or(Known::Left, |told| Known::At(self.index_of(&told)));
    }

    fn index_of(&mut self, told: &NotePath) -> u32 {
        // Name by name: what has a common beginning stands together.
        let key: Box<[u8]> = told.path.replace('.', "\0").into_bytes().into();
        if let Some(index) = self.paths.iter().position(|path| path.key == key) {
            return index as u32;
        }
        self.paths.push(Path::new(told, key));
        let mut order: Vec<&mut Path> = self.paths.iter_mut().collect();
        order.sort_by(|a, b| a.key.cmp(&b.key));
        for (rank, path) in order.into_iter().enumerate() {
            path.rank = rank as u32;
        }
        self.paths.len() as u32 - 1
    }

    /// The path with this index, once what stands before it is known.
    #[inline]
    fn with_head(&mut self, index: u32, before: Option<u32>) -> Option<(&Path, &Name)> {
        let is_same = |head: &Head| head.before == before;
        let place = self
            .paths
            .get(index as usize)?
            .heads
            .iter()
            .position(is_same);
        let place = place.unwrap_or_else(|| self.add_head(index, before));
        let path = self.paths.get(index as usize)?;
        Some((path, &path.heads.get(place)?.text))
    }

    /// Keeps what stands before the path; its place.
    #[cold]
    fn add_head(&mut self, index: u32, before: Option<u32>) -> usize {
        let path = |index: u32| &self.paths[index as usize];
        let text = path(index).head_after(before.map(path));
        let heads = &mut self.paths[index as usize].heads;
        heads.truncate(HEADS_MOST - 1);
        heads.push(Head { before, text });
        heads.len() - 1
    }
}

/// A note that the document has.
#[derive(Clone, Copy)]
struct Note {
    /// The rank of its path, and which note it is.
    order: u64,
    /// Index of its path.
    path: u32,
    from: u32,
    to: u32,
}

/// Writes notes; its memory is used again.
#[derive(Default)]
pub struct NoteWriter {
    joined: Vec<u8>,
    notes: Vec<Note>,
}

impl NoteWriter {
    /// Writes what begins in chunk `first` of the arena as further members of an object: each begins with a comma. Nothing of it is
    /// behind `limit`.
    pub fn write(
        &mut self,
        arena: &NoteArena,
        first: u32,
        paths: &mut NotePaths,
        out: &mut Out,
        limit: usize,
    ) -> Result<(), Unwritten> {
        if first == 0 {
            return Ok(());
        }
        arena.join(first, &mut self.joined).ok_or(Unwritten::Room)?;
        self.list(paths)?;
        let NoteWriter { joined, notes } = self;
        let mut before = None;
        let mut open = 0;
        for same in notes.chunk_by(|a, b| a.path == b.path) {
            let index = same.first().map(|note| note.path);
            let found = index.and_then(|index| paths.with_head(index, before));
            let (path, head) = found.ok_or(Unwritten::Room)?;
            put_name(head, out, limit).ok_or(Unwritten::Room)?;
            put_values(path, same, joined, out, limit).ok_or(Unwritten::Room)?;
            before = index;
            open = path.groups.len();
        }
        put_repeated(b'}', open, out, limit).ok_or(Unwritten::Room)
    }

    /// Lists the notes that the document has, sorted by path, those of one path as they came.
    fn list(&mut self, paths: &NotePaths) -> Result<(), Unwritten> {
        let NoteWriter { joined, notes } = self;
        notes.clear();
        let mut at = 0;
        while at < joined.len() {
            let (field, from, to) = note_at(joined, at).ok_or(Unwritten::Room)?;
            at = to;
            let known = paths.fields.get(usize::from(field));
            match known.copied().unwrap_or(Known::Nothing) {
                Known::Nothing => return Err(Unwritten::UnknownNote(field)),
                Known::Left => {}
                Known::At(path) => {
                    let rank = paths.paths.get(path as usize).map_or(0, |path| path.rank);
                    notes.push(Note {
                        order: u64::from(rank) << 32 | notes.len() as u64,
                        path,
                        from: from as u32,
                        to: to as u32,
                    });
                }
            }
        }
        notes.sort_unstable_by_key(|note| note.order);
        Ok(())
    }
}

/// The field of the note at `at`, and where its JSON is.
fn note_at(notes: &[u8], at: usize) -> Option<(u16, usize, usize)> {
    let field = notes.get(at..)?.first_chunk()?;
    let mut from = at + 2;
    let mut length = 0;
    for shift in (0..u32::BITS).step_by(LENGTH_BITS as usize) {
        let byte = *notes.get(from)?;
        from += 1;
        length |= (usize::from(byte) & 0x7f) << shift;
        if byte < 0x80 {
            break;
        }
    }
    let to = from + length;
    (to <= notes.len()).then_some((u16::from_le_bytes(*field), from, to))
}

fn put_values(
    path: &Path,
    notes: &[Note],
    joined: &[u8],
    out: &mut Out,
    limit: usize,
) -> Option<()> {
    let shown = if path.is_list { notes.len() } else { 1 };
    for (index, note) in notes.iter().take(shown).enumerate() {
        if index > 0 {
            put_within(b",", out, limit)?;
        }
        let json = joined.get(note.from as usize..note.to as usize)?;
        let blanks = json.iter().take_while(|byte| **byte == b' ').count();
        let json = &json[blanks..];
        if path.is_latin && !json.is_ascii() {
            put_latin(json, out, limit)?;
        } else {
            put_within(json, out, limit)?;
        }
    }
    if path.is_list {
        put_within(b"]", out, limit)?;
    }
    if let Some(count) = &path.count {
        put_name(count, out, limit)?;
        put_within(
            itoa::Buffer::new().format(notes.len()).as_bytes(),
            out,
            limit,
        )?;
    }
    Some(())
}

/// Bytes from 0x80 on become two.
fn put_latin(json: &[u8], out: &mut Out, limit: usize) -> Option<()> {
    for byte in json {
        let mut utf8 = [0; 2];
        put_within(
            char::from(*byte).encode_utf8(&mut utf8).as_bytes(),
            out,
            limit,
        )?;
    }
    Some(())
}

fn put_repeated(byte: u8, count: usize, out: &mut Out, limit: usize) -> Option<()> {
    for _ in 0..count {
        put_within(&[byte], out, limit)?;
    }
    Some(())
}

#[inline]
fn put_name(name: &Name, out: &mut Out, limit: usize) -> Option<()> {
    if out.at() + name.len() > limit {
        return None;
    }
    out.put_name(name);
    Some(())
}

#[inline]
fn put_within(bytes: &[u8], out: &mut Out, limit: usize) -> Option<()> {
    if out.at() + bytes.len() > limit {
        return None;
    }
    out.put(bytes);
    Some(())
}
