//! gzip, zstd and LZ4-frame streams, recognised by their first bytes, as plain readers. A stream may consist of several
//! members or frames, as `cat a.gz b.gz` or pzstd leave them. Memory is bounded by the formats' windows: 32 KiB, 128 MiB
//! (libzstd's own limit) and 4 MiB blocks.

use std::io::{self, BufRead, BufReader, Cursor, Read};

use lz4_flex::frame::FrameDecoder;

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

/// Neither a magic nor a possible block length.
const NO_FRAME: [u8; 8] = [0xff; 8];

/// Frames one after the other, each with a decoder of its own. The decoder below takes the end of its input between two
/// blocks for the end of a frame, so a cut there would go unseen. At the end of the input this reader therefore offers it
/// [`NO_FRAME`]: one that has finished its frame misses a magic in it, one in the middle finds an impossible block.
struct Lz4Reader<R: BufRead> {
    /// `None` after the end.
    decoder: Option<FrameDecoder<Lz4Input<R>>>,
}

struct Lz4Input<R: BufRead> {
    input: R,
    /// What is given after the end of `input`.
    trailer: &'static [u8],
    /// Bytes given to the current decoder.
    given: u64,
}

impl<R: BufRead> Lz4Input<R> {
    fn decoder(input: R) -> Option<FrameDecoder<Lz4Input<R>>> {
        Some(FrameDecoder::new(Lz4Input {
            input,
            trailer: &[],
            given: 0,
        }))
    }
}

impl<R: BufRead> Read for Lz4Input<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.input.read(buffer)?;
        if count == 0 {
            return self.trailer.read(buffer);
        }
        self.given += count as u64;
        Ok(count)
    }
}

impl<R: BufRead> Lz4Reader<R> {
    fn new(input: R) -> Lz4Reader<R> {
        Lz4Reader {
            decoder: Lz4Input::decoder(input),
        }
    }
}

/// Whether the decoder, after the end of its input, stands between two frames.
fn between_frames<R: BufRead>(mut decoder: FrameDecoder<Lz4Input<R>>) -> bool {
    // A magic alone is taken for the end as well.
    if decoder.get_ref().given == MAGIC_BYTES as u64 {
        return false;
    }
    decoder.get_mut().trailer = &NO_FRAME;
    let Err(error) = decoder.read(&mut [0]) else {
        return false;
    };
    let cause = error.get_ref().and_then(|cause| cause.downcast_ref());
    matches!(cause, Some(lz4_flex::frame::Error::WrongMagicNumber))
}

impl<R: BufRead> Read for Lz4Reader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        while let Some(mut decoder) = self.decoder.take() {
            let count = decoder.read(buffer)?;
            if count > 0 {
                self.decoder = Some(decoder);
                return Ok(count);
            }
            if decoder.get_mut().input.fill_buf()?.is_empty() {
                if between_frames(decoder) {
                    return Ok(0);
                }
                let message = "the stream ends inside a frame";
                return Err(io::Error::new(io::ErrorKind::UnexpectedEof, message));
            }
            self.decoder = Lz4Input::decoder(decoder.into_inner().input);
        }
        Ok(0)
    }
}
