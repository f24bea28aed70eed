//! What the targets over capture files have in common: reading everything, with the claims that hold for any input.

use ringtap_capture::source::file::{CaptureReader, MAX_FRAME_BYTES, Peek};

/// A frame as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    position: u64,
    time_ns: u64,
    data: Vec<u8>,
}

/// Reads the file. Frames lie one behind the other in its first `limit` bytes.
pub fn check_file(file: Vec<u8>, limit: u64) -> Vec<Seen> {
    let mut reader = CaptureReader::over(file);
    let mut frames: Vec<Seen> = Vec::new();
    let mut least = 0;
    loop {
        match reader.peek() {
            Peek::Record => {}
            Peek::Idle => continue,
            Peek::End | Peek::Damaged(_) | Peek::NotCapture(_) => break,
        }
        let frame = reader.frame(0).expect("a record has a frame");
        let position = frame.file_position.expect("a file has positions");
        assert!(frame.data.len() <= MAX_FRAME_BYTES as usize);
        assert!(frame.wire_length as usize >= frame.data.len());
        assert!(position >= least);
        least = position + 16 + frame.data.len() as u64;
        assert!(least <= limit);
        // A packed stream may unpack to any number.
        if frames.len() < 10_000 {
            frames.push(Seen {
                position,
                time_ns: frame.time_ns,
                data: frame.data.to_vec(),
            });
        }
        reader.advance();
    }
    assert_eq!(reader.peek(), Peek::End);
    frames
}

/// Reads the beginning of a file whose frames are known.
pub fn check_prefix(beginning: &[u8], frames: &[Seen]) {
    let length = beginning.len() as u64;
    let found = check_file(beginning.to_vec(), length);
    assert!(frames.starts_with(&found));
}
