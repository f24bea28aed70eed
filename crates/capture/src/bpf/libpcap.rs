//! The compiler from expressions to programs: libpcap, loaded when the first expression comes, so that neither building
//! nor running without a filter needs it. Called on the control path; it may ask the resolver for a host's name.

use std::error::Error;
use std::ffi::{CStr, CString, c_char, c_int, c_uint, c_void};
use std::sync::{Mutex, OnceLock, PoisonError};

use libloading::Library;

use super::{FilterError, Instruction, MAX_INSTRUCTIONS, Program};

/// Names of the library: upstream's, Debian's, and that of a development package.
const NAMES: [&str; 3] = ["libpcap.so.1", "libpcap.so.0.8", "libpcap.so"];
/// Longest expression.
const MAX_EXPRESSION_BYTES: usize = 64 << 10;
/// PCAP_NETMASK_UNKNOWN: no address is a broadcast address.
const NETMASK_UNKNOWN: c_uint = 0xffff_ffff;

/// `struct bpf_program`.
#[repr(C)]
struct RawProgram {
    count: c_uint,
    instructions: *mut Instruction,
}

type OpenDead = unsafe extern "C" fn(c_int, c_int) -> *mut c_void;
type Compile =
    unsafe extern "C" fn(*mut c_void, *mut RawProgram, *const c_char, c_int, c_uint) -> c_int;
type GetError = unsafe extern "C" fn(*mut c_void) -> *mut c_char;
type FreeCode = unsafe extern "C" fn(*mut RawProgram);
type Close = unsafe extern "C" fn(*mut c_void);

/// The functions, and the library that must stay loaded as long as they are called.
#[derive(Debug)]
struct Libpcap {
    open_dead: OpenDead,
    compile: Compile,
    get_error: GetError,
    free_code: FreeCode,
    close: Close,
    _library: Library,
}

static LIBRARY: OnceLock<Result<Libpcap, FilterError>> = OnceLock::new();
/// libpcap before 1.8 compiles with global state.
static COMPILING: Mutex<()> = Mutex::new(());

/// Compiles an expression for frames of this LINKTYPE_ value. A matching packet makes the program return
/// `snap_length`. Nothing in the program depends on the kernel's extensions.
pub fn compile(expression: &str, link_type: u16, snap_length: u32) -> Result<Program, FilterError> {
    compile_with(library()?, expression, link_type, snap_length)
}

/// Whether libpcap can be loaded; the error says what to install.
pub fn is_available() -> Result<(), FilterError> {
    library().map(|_| ())
}

fn library() -> Result<&'static Libpcap, FilterError> {
    LIBRARY
        .get_or_init(|| Libpcap::load(&NAMES))
        .as_ref()
        .map_err(Clone::clone)
}

impl Libpcap {
    /// The first of these that loads and has everything.
    fn load(names: &[&str]) -> Result<Libpcap, FilterError> {
        let mut reason = String::new();
        for name in names {
            match Libpcap::load_one(name) {
                Ok(libpcap) => return Ok(libpcap),
                Err(error) if reason.is_empty() => {
                    // The loader's own words are in the cause.
                    reason = error
                        .source()
                        .map_or_else(|| error.to_string(), ToString::to_string);
                }
                Err(_) => {}
            }
        }
        Err(FilterError::LibraryMissing { reason })
    }

    fn load_one(name: &str) -> Result<Libpcap, libloading::Error> {
        // SAFETY: libpcap's initialisers only set up its own data; the name is resolved by the system's loader, which
        // the process trusts for all its libraries.
        let library = unsafe { Library::new(name)? };
        // SAFETY: the types are those of pcap/pcap.h, unchanged since libpcap 0.8, and `library` lives in the result
        // next to the pointers.
        unsafe {
            Ok(Libpcap {
                open_dead: *library.get::<OpenDead>(b"pcap_open_dead\0")?,
                compile: *library.get::<Compile>(b"pcap_compile\0")?,
                get_error: *library.get::<GetError>(b"pcap_geterr\0")?,
                free_code: *library.get::<FreeCode>(b"pcap_freecode\0")?,
                close: *library.get::<Close>(b"pcap_close\0")?,
                _library: library,
            })
        }
    }
}

fn compile_with(
    libpcap: &Libpcap,
    expression: &str,
    link_type: u16,
    snap_length: u32,
) -> Result<Program, FilterError> {
    let refuse = |message: String| FilterError::Syntax {
        expression: expression.to_owned(),
        message,
    };
    if expression.len() > MAX_EXPRESSION_BYTES {
        return Err(refuse(format!("longer than {MAX_EXPRESSION_BYTES} bytes")));
    }
    let text = CString::new(expression).map_err(|_| refuse("a zero byte in it".to_owned()))?;
    let snap_length = c_int::try_from(snap_length).unwrap_or(c_int::MAX);
    let _one_at_a_time = COMPILING.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: plain values; a null result is checked.
    let handle = unsafe { (libpcap.open_dead)(dlt(link_type), snap_length) };
    if handle.is_null() {
        return Err(refuse("libpcap has no memory".to_owned()));
    }
    let mut raw = RawProgram {
        count: 0,
        instructions: std::ptr::null_mut(),
    };
    // SAFETY: the handle is open, `raw` and `text` outlive the call, and pcap_compile writes only `raw`.
    let status = unsafe { (libpcap.compile)(handle, &mut raw, text.as_ptr(), 1, NETMASK_UNKNOWN) };
    let result = if status == 0 {
        // SAFETY: pcap_compile succeeded, so `raw` describes `count` instructions that stay until pcap_freecode.
        let instructions = unsafe { copy_out(&raw) };
        // SAFETY: `raw` came from pcap_compile and is freed once.
        unsafe { (libpcap.free_code)(&mut raw) };
        Program::new(instructions)
    } else {
        // SAFETY: pcap_geterr gives a terminated string inside the handle, copied before the handle is closed.
        let message = unsafe { CStr::from_ptr((libpcap.get_error)(handle)) };
        Err(refuse(message.to_string_lossy().into_owned()))
    };
    // SAFETY: the handle came from pcap_open_dead and is closed once.
    unsafe { (libpcap.close)(handle) };
    result
}

/// # Safety
/// `raw` is as pcap_compile left it.
unsafe fn copy_out(raw: &RawProgram) -> Vec<Instruction> {
    let count = raw.count as usize;
    if raw.instructions.is_null() || count > MAX_INSTRUCTIONS {
        return Vec::new();
    }
    // SAFETY: the caller vouches for `count` instructions at this place; Instruction has the layout of bpf_insn.
    unsafe { std::slice::from_raw_parts(raw.instructions, count) }.to_vec()
}

/// libpcap's own number for a LINKTYPE_ value: they differ where systems did not agree on the number.
fn dlt(link_type: u16) -> c_int {
    c_int::from(match link_type {
        100 => 11,
        101 => 12,
        106 => 19,
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_library_is_an_error_that_says_what_to_install() {
        let error =
            Libpcap::load(&["libringtap-does-not-exist.so.9"]).expect_err("no such library");
        let FilterError::LibraryMissing { reason } = &error else {
            panic!("{error}")
        };
        assert!(
            reason.contains("libringtap-does-not-exist.so.9"),
            "{reason}"
        );
        assert!(
            error.to_string().contains("apt install libpcap0.8"),
            "{error}"
        );
        assert!(error.to_string().contains("dnf install libpcap"), "{error}");
    }

    #[test]
    fn a_library_without_the_functions_is_not_taken() {
        let error = Libpcap::load(&["libc.so.6"]).expect_err("libc has no pcap_open_dead");
        assert!(error.to_string().contains("pcap_open_dead"), "{error}");
    }
}
