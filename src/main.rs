//! Finds out why a Recall.ai meeting bot didn't record.

use std::process::ExitCode;

/// The allocator of the image; see Cargo.toml.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    // Before any TLS, so that there is one provider of cryptography and never a choice to make.
    let _ = rustls::crypto::ring::default_provider().install_default();
    why_no_recording::cli::run()
}
