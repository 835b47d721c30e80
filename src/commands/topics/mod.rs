//! `loa topics`: why an article has its topics, how well the rules do on articles that people labelled,
//! and what readers say of it.

mod eval;
mod explain;
mod text_file;
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
    /// Lists what readers say of articles' topics: what should have which, and what should not.
    Votes(votes::Arguments),
}

pub(super) async fn run(config: Config, command: Command) -> Result<(), Failure> {
    match command {
        Command::Explain(arguments) => explain::run(config, arguments).await,
        Command::Eval(arguments) => eval::run(&config, &arguments),
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
