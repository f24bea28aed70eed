//! What the readers and the merge do with whole, odd, cut and random files.

mod damage;
mod fed;
mod merge;
mod packed;
mod pcap;
mod pcapng;
mod write;

use super::{CaptureReader, Peek};

/// A frame with what a reader said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub time_ns: u64,
    pub data: Vec<u8>,
    pub wire_length: u32,
    pub link_type: u16,
    pub interface_id: u16,
    pub position: u64,
}

/// Everything a reader gives, and how it ends. A file of n bytes cannot make it take more than n steps.
pub fn drain(bytes: Vec<u8>) -> (Vec<Seen>, Peek) {
    let mut reader = CaptureReader::over(bytes);
    let mut seen = Vec::new();
    loop {
        match reader.peek() {
            Peek::Record => {
                let frame = reader.frame(0).expect("a record has a frame");
                assert!(frame.wire_length as usize >= frame.data.len());
                seen.push(Seen {
                    time_ns: frame.time_ns,
                    data: frame.data.to_vec(),
                    wire_length: frame.wire_length,
                    link_type: frame.link_type,
                    interface_id: frame.interface_id,
                    position: frame.file_position.expect("files have positions"),
                });
                reader.advance();
            }
            Peek::Idle => {}
            end => {
                assert_eq!(reader.packets(), seen.len() as u64);
                assert_eq!(reader.peek(), Peek::End, "the end is the end");
                return (seen, end);
            }
        }
    }
}

/// What a damaged stream says of itself.
pub fn damage(end: Peek) -> String {
    match end {
        Peek::Damaged(message) => message,
        other => panic!("not damaged but {other:?}"),
    }
}

/// What is said of a stream that is no capture.
pub fn refusal(end: Peek) -> String {
    match end {
        Peek::NotCapture(message) => message,
        other => panic!("not refused but {other:?}"),
    }
}
