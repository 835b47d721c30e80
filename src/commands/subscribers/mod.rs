//! `loa subscribers`: a file each for what an operator does about people.

mod import;

use clap::Subcommand;

use super::Failure;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Adds subscribers from a CSV file with the header channel,address,watch,frequency.
    Import(import::Arguments),
}

pub(super) async fn run(config: Config, command: Command) -> Result<(), Failure> {
    match command {
        Command::Import(arguments) => import::run(config, arguments).await,
    }
}
