//! Which CPUs the calling thread may run on. A worker calls this from inside itself, before its loop.

use std::io;
use std::mem::{size_of, zeroed};

/// Lets the calling thread run on these CPUs only.
pub fn set_affinity(cpus: &[u32]) -> io::Result<()> {
    let limit = libc::CPU_SETSIZE as u32;
    if cpus.is_empty() || cpus.iter().any(|cpu| *cpu >= limit) {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("CPU numbers go from 0 to {}", limit - 1),
        ));
    }
    // SAFETY: a CPU set is plain bits, all zero is the empty set.
    let mut set: libc::cpu_set_t = unsafe { zeroed() };
    for cpu in cpus {
        // SAFETY: the number is below CPU_SETSIZE by the check above.
        unsafe { libc::CPU_SET(*cpu as usize, &mut set) };
    }
    // SAFETY: the kernel reads as many bytes as the set has; 0 is the calling thread.
    match unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &set) } {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The CPUs that the calling thread may run on, ascending.
pub fn affinity() -> io::Result<Vec<u32>> {
    // SAFETY: as in `set_affinity`.
    let mut set: libc::cpu_set_t = unsafe { zeroed() };
    // SAFETY: the kernel writes at most as many bytes as the set has; 0 is the calling thread.
    if unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &mut set) } != 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the numbers are below CPU_SETSIZE.
    let allowed = |cpu: &u32| unsafe { libc::CPU_ISSET(*cpu as usize, &set) };
    Ok((0..libc::CPU_SETSIZE as u32).filter(allowed).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_the_calling_thread_to_an_allowed_cpu() {
        std::thread::spawn(|| {
            let last = *affinity().unwrap().last().unwrap();
            set_affinity(&[last]).unwrap();
            assert_eq!(affinity().unwrap(), [last]);
        })
        .join()
        .unwrap();
    }

    #[test]
    fn refuses_numbers_that_are_no_cpus() {
        assert_eq!(
            set_affinity(&[]).unwrap_err().kind(),
            io::ErrorKind::InvalidInput
        );
        assert_eq!(
            set_affinity(&[libc::CPU_SETSIZE as u32])
                .unwrap_err()
                .kind(),
            io::ErrorKind::InvalidInput
        );
    }
}
