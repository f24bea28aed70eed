//! gzip, zstd and LZ4-frame streams, recognised by their first bytes, as plain readers. A stream may consist of several
//! members or frames, as `cat a.gz b.gz` or pzstd leave them. Memory is bounded by the formats' windows: 32 KiB, 128 MiB
//! (libzstd's own limit) and 4 MiB blocks.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use super::raw_input::Input;

/// Bytes read at a time from a packed file.
const PACKED_BUFFER_BYTES: usize = 256 << 10;
/// First bytes needed to tell a packed stream.
pub const MAGIC_BYTES: usize = 4;

/// The packings that are understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compression {
    /// RFC 1952.
    Gzip,
    /// RFC 8878. Skippable frames may stand before and between; a stream that begins with one is taken for zstd.
    Zstd,
    /// LZ4 frame format 1.6.
    Lz4,
}

impl Compression {
    /// By the first bytes of a stream; `None` when it is not packed.
    pub fn recognise(bytes: &[u8]) -> Option<Compression> {
        match bytes {
            [0x1f, 0x8b, 0x08, ..] => Some(Compression::Gzip),
            [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Compression::Zstd),
            [0x04, 0x22, 0x4d, 0x18, ..] => Some(Compression::Lz4),
            [first, 0x2a, 0x4d, 0x18, ..] if first & 0xf0 == 0x50 => Some(Compression::Zstd),
            _ => None,
        }
    }

    /// As it is written in messages.
    pub fn name(self) -> &'static str {
        match self {
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Lz4 => "lz4",
        }
    }
}

/// Puts the decompressor over `input`; `head` are the bytes already taken from it.
pub fn unpack(
    compression: Compression,
    head: Vec<u8>,
    mut input: Box<dyn Input>,
) -> io::Result<Box<dyn Read + Send>> {
    input.wait_endlessly();
    let packed = Cursor::new(head).chain(BufReader::with_capacity(PACKED_BUFFER_BYTES, input));
    Ok(match compression {
        Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(packed)),
        Compression::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(packed)?),
        Compression::Lz4 => Box::new(Lz4Reader::new(packed)),
    })
}

/// An LZ4 frame without content: magic, version 1 with independent blocks, 64 KiB blocks, header checksum, end mark.
const EMPTY_LZ4_FRAME: [u8; 11] = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, 0, 0, 0, 0];

/// Frames one after the other. The decoder below takes the end of its input between two blocks for the end of a frame,
/// so a cut there would go unseen. At the end of the input this reader therefore offers it one empty frame: after a
/// whole frame that decodes to nothing, in the middle of one its magic is an impossible block length.
struct Lz4Reader<R: BufRead> {
    decoder: lz4_flex::frame::FrameDecoder<WithEmptyFrame<R>>,
}

struct WithEmptyFrame<R: BufRead> {
    input: R,
    trailer: &'static [u8],
    ended: bool,
    /// Bytes of `input` given since the last time the decoder said that a frame is over.
    since_frame: u64,
}

impl<R: BufRead> Lz4Reader<R> {
    fn new(input: R) -> Lz4Reader<R> {
        let input = WithEmptyFrame {
            input,
            trailer: &[],
            ended: false,
            since_frame: 0,
        };
        Lz4Reader {
            decoder: lz4_flex::frame::FrameDecoder::new(input),
        }
    }
}

impl<R: BufRead> Read for WithEmptyFrame<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.ended {
            return self.trailer.read(buffer);
        }
        let count = self.input.read(buffer)?;
        self.since_frame += count as u64;
        Ok(count)
    }
}

fn cut_off() -> io::Error {
    io::Error::new(
        io::ErrorKind::UnexpectedEof,
        "the stream ends inside a frame",
    )
}

impl<R: BufRead> Read for Lz4Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        loop {
            let count = match self.decoder.read(buffer) {
                Err(_) if self.decoder.get_ref().ended => return Err(cut_off()),
                other => other?,
            };
            if count > 0 {
                return Ok(count);
            }
            let below = self.decoder.get_mut();
            if below.ended {
                return Ok(0);
            }
            if below.input.fill_buf()?.is_empty() {
                // 4 bytes: a magic alone, which the decoder takes for the end as well.
                if below.since_frame == MAGIC_BYTES as u64 {
                    return Err(cut_off());
                }
                below.ended = true;
                below.trailer = &EMPTY_LZ4_FRAME;
            }
            below.since_frame = 0;
        }
    }
}
