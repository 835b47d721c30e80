//! `loa bounce`: one mail that came back, as a mail server pipes it.
//!
//! A mail server takes the exit code for the fate of the mail: 0 and it is done with, 75 (`EX_TEMPFAIL`) and it is kept and
//! tried again. Any other would send the bounce back to nobody, so there is none: what cannot be made out is done with, and
//! whatever hinders Loa itself (settings, the database) is hoped to pass.

use std::{
    io::{Read as _, stdin},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use clap::Args;

use super::Failure;
use crate::{app, config::Config, notify::email::bounce::MOST_BYTES};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The mail, as it was delivered; standard input by default.
    file: Option<PathBuf>,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<(), Failure> {
    take(&config, arguments.file.as_deref())
        .await
        .map_err(Failure::TryAgain)
}

async fn take(config: &Config, file: Option<&Path>) -> Result<()> {
    let mail = match file {
        None => beginning(&mut stdin().lock()).context("reading the mail from standard input")?,
        Some(file) => std::fs::File::open(file)
            .and_then(|mut file| beginning(&mut file))
            .with_context(|| file.display().to_string())?,
    };
    let returns = app::open_returns(config).await?;
    let taken = returns.take(mail).await;
    returns.store.close().await;
    eprintln!("loa: {}", taken?);
    Ok(())
}

/// Enough of a mail. The rest is read too: a mail server that cannot write to its end takes that for a failure.
fn beginning(mail: &mut impl std::io::Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    mail.by_ref().take(MOST_BYTES as u64).read_to_end(&mut bytes)?;
    std::io::copy(mail, &mut std::io::sink())?;
    Ok(bytes)
}
