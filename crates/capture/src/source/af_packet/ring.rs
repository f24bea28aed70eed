//! The memory ring of version 3 that the kernel fills (Documentation/networking/packet_mmap.rst, linux/if_packet.h).
//! Walked by [`super::AfPacketSource`] on the capture thread, block by block, packet by packet.
//!
//! ```text
//!   ring    block 0 | block 1 | … | block n-1
//!   block   version 4 | private area 4 | status 4 | packets 4 | offset of the first 4 | … | packet | packet | …
//!   packet  offset of the next 4 | seconds 4 | nanoseconds 4 | captured 4 | on the wire 4 | status 4 | frame at 2 | …
//!           | hash 4 | VLAN control information 4 | VLAN type 2 | … | sockaddr_ll | … | frame
//! ```
//! A block belongs to the kernel while its status is 0 and to us while the user bit is set. We read only blocks that are
//! ours, so nothing writes what a frame borrows. Offsets are checked against the block although the kernel wrote them.

use std::io;
use std::os::fd::RawFd;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};

const STATUS_AT: usize = 8;
const PACKET_COUNT_AT: usize = 12;
const FIRST_PACKET_AT: usize = 16;
/// `struct tpacket3_hdr`, and where the sockaddr_ll behind it has the type of the packet.
const PACKET_HEADER_BYTES: usize = 48;
const PACKET_TYPE_AT: usize = PACKET_HEADER_BYTES + 10;
const PACKET_HEAD_BYTES: usize = PACKET_HEADER_BYTES + 20;

/// One packet of the ring: its facts, and where its frame lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingPacket {
    /// Frame's first byte, from the start of the block.
    data_offset: usize,
    /// Frame bytes present.
    data_length: usize,
    /// Frame bytes on the wire.
    pub wire_length: u32,
    /// Nanoseconds since 1970.
    pub time_ns: u64,
    /// The tag that the kernel took out.
    pub vlan: Option<u16>,
    /// `PACKET_HOST`, `PACKET_OUTGOING`, …
    pub packet_type: u8,
}

/// The mapped ring.
#[derive(Debug)]
pub struct Ring {
    memory: NonNull<u8>,
    block_bytes: usize,
    block_count: usize,
    /// The block that is being read or will be next.
    block: usize,
    /// Whether it is ours.
    ours: bool,
    packets_left: u32,
    /// The next packet, from the start of the block.
    packet_offset: usize,
}

// SAFETY: the ring owns its mapping, and nothing in it is tied to a thread.
unsafe impl Send for Ring {}

impl Ring {
    /// Maps the ring of a socket that was set up with these sizes.
    pub fn map(socket: RawFd, block_bytes: u32, block_count: u32) -> io::Result<Ring> {
        let (block_bytes, block_count) = (block_bytes as usize, block_count as usize);
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        // SAFETY: a new mapping at a place of the kernel's choice; the result is checked.
        let memory = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                block_bytes * block_count,
                protection,
                libc::MAP_SHARED,
                socket,
                0,
            )
        };
        if memory == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        let memory = NonNull::new(memory.cast())
            .ok_or_else(|| io::Error::from_raw_os_error(libc::ENOMEM))?;
        Ok(Ring {
            memory,
            block_bytes,
            block_count,
            block: 0,
            ours: false,
            packets_left: 0,
            packet_offset: 0,
        })
    }

    /// Whether a packet is there without waiting.
    pub fn has_packet(&self) -> bool {
        if self.ours {
            self.packets_left > 0
        } else {
            self.is_block_ours()
        }
    }

    /// Whether less than half of the blocks wait to be read: the kernel fills them in turn, so one of them tells.
    pub fn has_room(&self) -> bool {
        let middle = (self.block + self.block_count / 2) % self.block_count;
        self.status_of(middle).load(Ordering::Relaxed) & libc::TP_STATUS_USER == 0
    }

    /// Moves to the next packet. A block goes back to the kernel when the packet after its last one is asked for, or
    /// with [`Ring::release_finished`].
    pub fn next_packet(&mut self) -> Option<RingPacket> {
        loop {
            self.release_finished();
            if !self.ours && !self.take_block() {
                return None;
            }
            if self.packets_left == 0 {
                continue;
            }
            self.packets_left -= 1;
            match self.read_packet() {
                Some(packet) => return Some(packet),
                // An offset out of the block: nothing after it in the block can be found.
                None => self.packets_left = 0,
            }
        }
    }

    /// Gives the block back if all its packets have been taken. Frames of it must not be read any more.
    pub fn release_finished(&mut self) {
        if self.ours && self.packets_left == 0 {
            self.ours = false;
            self.status()
                .store(libc::TP_STATUS_KERNEL, Ordering::Release);
            self.block = (self.block + 1) % self.block_count;
        }
    }

    /// The frame of the packet that [`Ring::next_packet`] gave last.
    pub fn frame(&self, packet: &RingPacket) -> &[u8] {
        let end = packet.data_offset + packet.data_length;
        if !self.ours || end > self.block_bytes {
            return &[];
        }
        // SAFETY: the range lies in the current block, which is ours: the kernel does not write it before
        // `release_finished` has given it back, and that takes `&mut self`.
        unsafe {
            std::slice::from_raw_parts(
                self.block_start().add(packet.data_offset).as_ptr(),
                packet.data_length,
            )
        }
    }

    fn block_start(&self) -> NonNull<u8> {
        self.start_of(self.block)
    }

    fn start_of(&self, block: usize) -> NonNull<u8> {
        debug_assert!(block < self.block_count);
        // SAFETY: `block` is below `block_count`, so the result lies in the mapping.
        unsafe { self.memory.add(block * self.block_bytes) }
    }

    fn status(&self) -> &AtomicU32 {
        self.status_of(self.block)
    }

    fn status_of(&self, block: usize) -> &AtomicU32 {
        // SAFETY: the word is aligned (blocks begin on pages), lives as long as the mapping, and both sides access it
        // atomically.
        unsafe { AtomicU32::from_ptr(self.start_of(block).add(STATUS_AT).cast().as_ptr()) }
    }

    fn is_block_ours(&self) -> bool {
        self.status().load(Ordering::Acquire) & libc::TP_STATUS_USER != 0
    }

    fn take_block(&mut self) -> bool {
        if !self.is_block_ours() {
            return false;
        }
        self.ours = true;
        self.packets_left = self.u32_at(PACKET_COUNT_AT);
        self.packet_offset = self.u32_at(FIRST_PACKET_AT) as usize;
        true
    }

    /// A word of the current block, which is ours; the caller has checked that it lies in the block.
    fn u32_at(&self, at: usize) -> u32 {
        debug_assert!(self.ours && at + 4 <= self.block_bytes);
        // SAFETY: the word lies in a block that is ours (see above).
        unsafe { self.block_start().add(at).cast::<u32>().read_unaligned() }
    }

    fn u16_at(&self, at: usize) -> u16 {
        debug_assert!(self.ours && at + 2 <= self.block_bytes);
        // SAFETY: as in `u32_at`.
        unsafe { self.block_start().add(at).cast::<u16>().read_unaligned() }
    }

    fn u8_at(&self, at: usize) -> u8 {
        debug_assert!(self.ours && at < self.block_bytes);
        // SAFETY: as in `u32_at`.
        unsafe { self.block_start().add(at).read() }
    }

    fn read_packet(&mut self) -> Option<RingPacket> {
        let at = self.packet_offset;
        if at.checked_add(PACKET_HEAD_BYTES)? > self.block_bytes {
            return None;
        }
        let next = self.u32_at(at) as usize;
        let (seconds, nanoseconds) = (self.u32_at(at + 4), self.u32_at(at + 8));
        let (captured, on_wire) = (self.u32_at(at + 12), self.u32_at(at + 16));
        let status = self.u32_at(at + 20);
        let data_offset = at + usize::from(self.u16_at(at + 24));
        let data_length = captured as usize;
        if data_offset.checked_add(data_length)? > self.block_bytes {
            return None;
        }
        let vlan = (status & libc::TP_STATUS_VLAN_VALID != 0).then(|| self.u32_at(at + 32) as u16);
        let packet_type = self.u8_at(at + PACKET_TYPE_AT);
        self.packet_offset = at + next;
        Some(RingPacket {
            data_offset,
            data_length,
            wire_length: on_wire.max(captured),
            time_ns: u64::from(seconds) * 1_000_000_000 + u64::from(nanoseconds),
            vlan,
            packet_type,
        })
    }
}

impl Drop for Ring {
    fn drop(&mut self) {
        // SAFETY: the mapping was made with this length and nothing borrows from it any more.
        unsafe {
            libc::munmap(
                self.memory.as_ptr().cast(),
                self.block_bytes * self.block_count,
            )
        };
    }
}
