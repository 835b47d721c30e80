//! The `loa` command: arguments in, an exit code out. Everything else is in the library.

use std::process::ExitCode;

use clap::Parser as _;
use loa::commands::{Cli, Failure, run};

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(e) => return report(&Failure::Work(anyhow::anyhow!("cannot start: {e}"))),
    };
    match runtime.block_on(run(cli)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => report(&failure),
    }
}

/// `EX_TEMPFAIL` of sysexits.h: a mail server keeps the mail and tries again.
const TRY_AGAIN: u8 = 75;

/// 2 for wrong arguments or settings, 1 for work that failed.
fn report(failure: &Failure) -> ExitCode {
    match failure {
        Failure::Usage(message) => {
            eprintln!("loa: {message}");
            ExitCode::from(2)
        }
        Failure::Work(e) => {
            eprintln!("loa: {e:#}");
            ExitCode::from(1)
        }
        Failure::TryAgain(e) => {
            eprintln!("loa: {e:#}");
            ExitCode::from(TRY_AGAIN)
        }
        Failure::Reported => ExitCode::from(1),
    }
}
