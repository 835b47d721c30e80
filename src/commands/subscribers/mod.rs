//! `loa subscribers`: a file each for what an operator does about people.

mod erase;
mod export;
mod import;
mod lift;
mod show;

use std::io::Read as _;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::Failure;
use crate::{
    config::Config,
    domain::subscription::{Address, Channel},
    store::Store,
};

/// Whom a command is about.
#[derive(Debug, Args)]
pub(super) struct Whom {
    /// An e-mail address, or a Telegram chat; `-` reads it from standard input, so that it stands in no shell's history.
    #[arg(allow_hyphen_values = true)]
    address: String,
}

impl Whom {
    fn parse(&self) -> Result<Address, Failure> {
        let mut typed = String::new();
        if self.address == "-" {
            std::io::stdin()
                .read_to_string(&mut typed)
                .context("reading the address from standard input")?;
        } else {
            typed.clone_from(&self.address);
        }
        let typed = typed.trim();
        let is_mail = typed.contains('@') && !typed.starts_with('@');
        let channel = if typed.contains("://") {
            Channel::Webhook
        } else if is_mail {
            Channel::Email
        } else {
            Channel::Telegram
        };
        Address::parse(channel, typed).map_err(|_| {
            Failure::Usage(
                "that is neither an e-mail address nor a Telegram chat nor a webhook's address".to_owned(),
            )
        })
    }

    /// As [`Whom::parse`], where only mail will do.
    fn mail_address(&self) -> Result<Address, Failure> {
        let address = self.parse()?;
        match address.channel() {
            Channel::Email => Ok(address),
            Channel::Telegram | Channel::Webhook => Err(Failure::Usage(
                "that is no e-mail address; bounces and suppressions are about e-mail".to_owned(),
            )),
        }
    }

    /// The subscriber's row id.
    async fn find(&self, store: &Store) -> Result<i64, Failure> {
        find(store, &self.parse()?).await
    }
}

/// The row id of the subscriber with an address.
async fn find(store: &Store, address: &Address) -> Result<i64, Failure> {
    let found = store.person_at(address).await.context("looking the address up")?;
    found.ok_or_else(|| Failure::Work(anyhow::anyhow!("nothing is held about this address")))
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Adds subscribers from a CSV file with the header channel,address,watch,frequency.
    Import(import::Arguments),
    /// Shows how a person stands, what they follow, and what came back. Exit code 1 if nothing is known of the address.
    Show(Whom),
    /// Lists everyone that nothing is sent to because mails came back or were complained about.
    Suppressed,
    /// Writes to somebody again whose mails came back.
    Lift(lift::Arguments),
    /// Prints everything that is held about an address, as JSON: the same as its owner can download.
    Export(Whom),
    /// Erases everything about an address, at once.
    Erase(Whom),
}

pub(super) async fn run(config: Config, command: Command) -> Result<(), Failure> {
    match command {
        Command::Import(arguments) => import::run(config, arguments).await,
        Command::Show(whom) => show::run(config, whom).await,
        Command::Suppressed => show::suppressed(config).await,
        Command::Lift(arguments) => lift::run(config, arguments).await,
        Command::Export(whom) => export::run(config, whom).await,
        Command::Erase(whom) => erase::run(config, whom).await,
    }
}
