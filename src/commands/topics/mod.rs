//! `loa topics`: why an article has its topics, how well the rules do on articles that people labelled, what other rules
//! would change, and what staff and readers say against them.

mod correct;
mod diff;
mod eval;
mod explain;
mod labelled;
mod text_file;
mod train;
mod votes;

use std::io::{ErrorKind, Write as _};

use clap::Subcommand;

use super::Failure;
use crate::{
    app,
    config::Config,
    domain::classify::{Classifier, Taxonomy},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Shows why an article has its topics, and why not others.
    Explain(explain::Arguments),
    /// Measures the rules on labelled articles: precision, recall and F1 per topic and over all.
    Eval(eval::Arguments),
    /// Shows which topics the stored articles would gain and lose by other rules; changes nothing.
    Diff(diff::Arguments),
    /// Says what an article is about, against the rules.
    Correct(correct::Arguments),
    /// Trains the second vote on sections and corrections, and uses it where it is better than the rules alone.
    Train(train::Arguments),
    /// Lists what readers say of articles' topics: what should have which, and what should not.
    Votes(votes::Arguments),
}

pub(super) async fn run(config: Config, command: Command) -> Result<(), Failure> {
    match command {
        Command::Explain(arguments) => explain::run(config, arguments).await,
        Command::Eval(arguments) => eval::run(&config, &arguments),
        Command::Diff(arguments) => diff::run(config, &arguments).await,
        Command::Correct(arguments) => correct::run(config, &arguments).await,
        Command::Train(arguments) => train::run(config, &arguments).await,
        Command::Votes(arguments) => votes::run(config, arguments).await,
    }
}

/// The rules in force.
fn rules(config: &Config) -> Result<(Taxonomy, Classifier), Failure> {
    let taxonomy = app::load_taxonomy(config)?;
    let classifier = Classifier::new(&taxonomy).map_err(|e| Failure::Usage(format!("topics: {e}")))?;
    Ok((taxonomy, classifier))
}

/// To standard output. `loa topics … | head` closes the pipe before all is written.
fn print(text: &str) -> Result<(), Failure> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Failure::Work(e.into())),
        _ => Ok(()),
    }
}
