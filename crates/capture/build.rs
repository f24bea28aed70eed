//! Lets the addon link against symbols that Node gives at load time.
fn main() {
    #[cfg(feature = "addon")]
    napi_build::setup();
}
