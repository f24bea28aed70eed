//! Lets the addon link against symbols that Node gives at load time, and tells rustc of the model checker's cfg.
fn main() {
    println!("cargo::rustc-check-cfg=cfg(loom)");
    #[cfg(feature = "addon")]
    napi_build::setup();
}
