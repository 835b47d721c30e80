//! `loa subscribers`: a file each for what an operator does about people.

mod import;
mod lift;
mod show;

use clap::Subcommand;

use super::Failure;
use crate::config::Config;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Adds subscribers from a CSV file with the header channel,address,watch,frequency.
    Import(import::Arguments),
    /// Shows how a person stands, what they follow, and what came back. Exit code 1 if nothing is known of the address.
    Show(show::Arguments),
    /// Lists everyone that nothing is sent to because mails came back or were complained about.
    Suppressed,
    /// Writes to somebody again whose mails came back.
    Lift(lift::Arguments),
}

pub(super) async fn run(config: Config, command: Command) -> Result<(), Failure> {
    match command {
        Command::Import(arguments) => import::run(config, arguments).await,
        Command::Show(arguments) => show::run(config, arguments).await,
        Command::Suppressed => show::suppressed(config).await,
        Command::Lift(arguments) => lift::run(config, arguments).await,
    }
}
