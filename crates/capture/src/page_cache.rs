//! A file that grows and is not read again soon fills the system's page cache with what nobody wants, and every page of
//! it is a fresh one, which on virtual machines can cost more than the copy into it. A writer that sends its file to disk
//! as it goes, and gives the pages back, goes round in a few MiB.

use std::io;

/// Asks the kernel to begin writing bytes `[from, to)` of a file to disk, and to forget the pages below `below` that are
/// on disk already; the others stay until a later call. Never waits for a write to end.
pub fn write_behind(descriptor: i32, below: u64, from: u64, to: u64) -> io::Result<()> {
    let offset = |bytes: u64| {
        libc::off64_t::try_from(bytes)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidInput, "an offset beyond 2^63"))
    };
    let (below, from, to) = (offset(below)?, offset(from)?, offset(to)?);
    if to > from {
        // SAFETY: numbers alone; a descriptor that is none is an error.
        let begun = unsafe {
            libc::sync_file_range(descriptor, from, to - from, libc::SYNC_FILE_RANGE_WRITE)
        };
        if begun != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    if below > 0 {
        // SAFETY: as above.
        let error =
            unsafe { libc::posix_fadvise64(descriptor, 0, below, libc::POSIX_FADV_DONTNEED) };
        if error != 0 {
            return Err(io::Error::from_raw_os_error(error));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::io::{Read, Write};
    use std::os::fd::AsRawFd;

    #[test]
    fn what_was_written_stays_as_it_is() {
        let path = std::env::temp_dir().join(format!("ringtap-page-cache-{}", std::process::id()));
        let mut file = File::create(&path).unwrap();
        let block = [7u8; 65_536];
        for number in 1..=16u64 {
            file.write_all(&block).unwrap();
            let end = number * 65_536;
            write_behind(
                file.as_raw_fd(),
                end.saturating_sub(262_144),
                end - 65_536,
                end,
            )
            .unwrap();
        }
        let mut read = Vec::new();
        File::open(&path).unwrap().read_to_end(&mut read).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert_eq!(read.len(), 16 * 65_536);
        assert!(read.iter().all(|byte| *byte == 7));
    }

    /// Pages of a file that are in memory.
    fn resident_pages(file: &File, bytes: usize) -> usize {
        let mut pages = vec![0u8; bytes.div_ceil(4096)];
        // SAFETY: a mapping of its own of a file that nobody cuts; `mincore` writes a byte for each of its pages.
        unsafe {
            let (read, share) = (libc::PROT_READ, libc::MAP_SHARED);
            let place = libc::mmap(
                std::ptr::null_mut(),
                bytes,
                read,
                share,
                file.as_raw_fd(),
                0,
            );
            assert_ne!(place, libc::MAP_FAILED);
            assert_eq!(libc::mincore(place, bytes, pages.as_mut_ptr()), 0);
            libc::munmap(place, bytes);
        }
        pages.iter().filter(|page| **page & 1 != 0).count()
    }

    #[test]
    fn pages_on_disk_leave_memory() {
        let path = std::env::temp_dir().join(format!("ringtap-pages-go-{}", std::process::id()));
        let bytes = 16 << 20;
        let mut file = File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .open(&path)
            .unwrap();
        file.write_all(&vec![1; bytes]).unwrap();
        file.sync_all().unwrap();
        let before = resident_pages(&file, bytes);
        write_behind(file.as_raw_fd(), bytes as u64 / 2, 0, 0).unwrap();
        let after = resident_pages(&file, bytes);
        // SAFETY: plain numbers, all zero is a value; the kernel fills them in.
        let mut system: libc::statfs = unsafe { std::mem::zeroed() };
        // SAFETY: as above.
        assert_eq!(unsafe { libc::fstatfs(file.as_raw_fd(), &mut system) }, 0);
        std::fs::remove_file(&path).unwrap();
        // Files in memory alone cannot leave it.
        if system.f_type != libc::TMPFS_MAGIC {
            assert!(after <= before - before / 4, "{before} pages, then {after}");
            assert!(after >= before / 4, "the upper half stays: {after}");
        }
    }

    #[test]
    fn a_descriptor_that_is_none_is_an_error() {
        assert_eq!(
            write_behind(-1, 0, 0, 1).unwrap_err().raw_os_error(),
            Some(libc::EBADF)
        );
        assert!(write_behind(-1, u64::MAX, 0, 0).is_err());
    }
}
