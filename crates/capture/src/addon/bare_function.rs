//! Functions without arguments and results: what they are asked and answer is in memory that both sides see. They are called
//! for every record, or for a few packets each, and a function costs a fifth of what a method does.

use std::cell::RefCell;
use std::ffi::{CStr, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::rc::Rc;

use napi::Env;
use napi::bindgen_prelude::{Unknown, sys};

/// What a bare function does.
pub trait Bare: 'static {
    /// What JavaScript calls it.
    const NAME: &'static CStr;
    /// The error when it panics.
    const FAILED: &'static CStr;

    /// Does it.
    fn call(&mut self);
}

/// A function that calls `bare`, and keeps it.
pub fn bare_function<B: Bare>(env: Env, bare: &Rc<RefCell<B>>) -> napi::Result<Unknown<'static>> {
    let data = Box::into_raw(Box::new(Rc::clone(bare))).cast();
    let mut function = ptr::null_mut();
    // SAFETY: `data` is given to the function and freed by its finalizer, after the last call; both run on this thread.
    unsafe {
        let name = B::NAME;
        let made = sys::napi_create_function(
            env.raw(),
            name.as_ptr(),
            name.count_bytes() as isize,
            Some(call::<B>),
            data,
            &mut function,
        );
        if made != sys::Status::napi_ok {
            drop(Box::from_raw(data.cast::<Rc<RefCell<B>>>()));
            return Err(napi::Error::from_reason("no function could be made"));
        }
        let (nothing, no_reference) = (ptr::null_mut(), ptr::null_mut());
        let freed = Some(free::<B> as unsafe extern "C" fn(_, _, _));
        sys::napi_add_finalizer(env.raw(), function, data, freed, nothing, no_reference);
        Ok(Unknown::from_raw_unchecked(env.raw(), function))
    }
}

unsafe extern "C" fn call<B: Bare>(
    env: sys::napi_env,
    info: sys::napi_callback_info,
) -> sys::napi_value {
    let mut data = ptr::null_mut();
    // SAFETY: the call's own `env` and `info`; of what it says only the data of `bare_function` is wanted.
    unsafe {
        let (count, arguments, this) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
        sys::napi_get_cb_info(env, info, count, arguments, this, &mut data);
    }
    // SAFETY: `data` lives as long as the function.
    let bare = unsafe { &*data.cast::<Rc<RefCell<B>>>() };
    if catch_unwind(AssertUnwindSafe(|| bare.borrow_mut().call())).is_err() {
        // SAFETY: as above; the text ends with 0.
        unsafe { sys::napi_throw_error(env, ptr::null(), B::FAILED.as_ptr()) };
    }
    ptr::null_mut()
}

unsafe extern "C" fn free<B: Bare>(_env: sys::napi_env, data: *mut c_void, _hint: *mut c_void) {
    // SAFETY: made by `bare_function`, and nobody can call the function any more.
    drop(unsafe { Box::from_raw(data.cast::<Rc<RefCell<B>>>()) });
}
