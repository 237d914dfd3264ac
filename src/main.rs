//! Tells why a Recall.ai meeting bot came back without a recording.

use std::process::ExitCode;

fn main() -> ExitCode {
    why_no_recording::cli::run()
}
