//! The commands of `loa`, a file each: read arguments, call the rooms, print. Results go to standard output, logs and
//! errors to standard error.

mod articles;
mod backfill;
mod bounce;
mod check;
mod demo;
mod digest;
mod logging;
mod poll;
mod send_test;
mod serve;
mod subscribers;
mod topics;
mod try_page;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::{
    app::{App, BuildError, PortalUrl},
    config::{self, Config, ConfigError, Layers, LogFormat},
    store::OpenError,
};

/// How a command ends that did not succeed.
#[derive(Debug)]
pub enum Failure {
    /// Wrong arguments or settings: exit code 2.
    Usage(String),
    /// The work failed: exit code 1.
    Work(anyhow::Error),
    /// The work failed and is to be tried again, as mail servers understand it: exit code 75.
    TryAgain(anyhow::Error),
    /// As [`Failure::Work`], and the command has said what there is to say.
    Reported,
}

impl From<anyhow::Error> for Failure {
    fn from(e: anyhow::Error) -> Self {
        if e.is::<ConfigError>() {
            Self::Usage(format!("{e:#}"))
        } else {
            Self::Work(e)
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(e: ConfigError) -> Self {
        Self::Usage(e.to_string())
    }
}

impl From<BuildError> for Failure {
    fn from(e: BuildError) -> Self {
        match e {
            BuildError::Config(e) => e.into(),
            BuildError::Open(e) => e.into(),
            BuildError::Other(e) => Self::Work(e),
        }
    }
}

impl From<OpenError> for Failure {
    fn from(e: OpenError) -> Self {
        match e {
            OpenError::Scheme | OpenError::Url(_) | OpenError::ReadOnly(_) => Self::Usage(e.to_string()),
            OpenError::Connect(_) | OpenError::Migrate(_) => Self::Work(e.into()),
        }
    }
}

/// Turns a government portal into feeds and alerts.
#[derive(Debug, Parser)]
#[command(name = "loa", version, about, arg_required_else_help = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
    /// File with settings; see `loa config` for all keys.
    #[arg(long, global = true, env = "LOA_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
}

/// Where portals are polled.
#[derive(Debug, Args)]
struct Elsewhere {
    /// Polls a portal at another address (a replica) without changing its identity; a compiled-in portal joins those of
    /// the settings. Repeatable.
    #[arg(long = "portal-url", value_name = "ID=URL")]
    portal_urls: Vec<PortalUrl>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs the service: polls, sends, serves pages and feeds.
    Serve(serve::Arguments),
    /// Shows everything on this machine with nothing to set up.
    Demo(demo::Arguments),
    /// Polls once, now, and prints a table.
    Poll(poll::Arguments),
    /// Stores the older articles of a section, silently; goes on where the last run stopped.
    Backfill(backfill::Arguments),
    /// Reads one page and shows what was found in it; stores nothing.
    Try(try_page::Arguments),
    /// Articles: remove one for good, or take one in again.
    #[command(subcommand)]
    Articles(articles::Command),
    /// Digests: see one without sending it.
    #[command(subcommand)]
    Digest(digest::Command),
    /// Subscribers.
    #[command(subcommand)]
    Subscribers(subscribers::Command),
    /// Topics: why an article has them, and how well the rules do.
    #[command(subcommand)]
    Topics(topics::Command),
    /// Reads one mail that came back (a bounce, a complaint) from standard input or a file. Exit code 75: try again.
    Bounce(bounce::Arguments),
    /// Sends one real message to an address, and says what became of it.
    SendTest(send_test::Arguments),
    /// Checks the settings and everything that they name, a line each.
    Check(check::Arguments),
    /// Brings the database's schema up to date.
    Migrate,
    /// Prints the settings in force, secrets masked.
    Config,
}

/// Runs a command.
pub async fn run(cli: Cli) -> Result<(), Failure> {
    let is_from_mail_server = matches!(cli.command, Command::Bounce(_));
    match run_command(cli).await {
        // It knows no exit code of ours, and would throw the mail away.
        Err(Failure::Usage(message)) if is_from_mail_server => {
            Err(Failure::TryAgain(anyhow::anyhow!(message)))
        }
        ended => ended,
    }
}

async fn run_command(cli: Cli) -> Result<(), Failure> {
    // Err only when a provider is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let layers = Layers::read(cli.config.as_deref(), &config::environment())?;
    if matches!(cli.command, Command::Config) {
        Config::from_layers(&layers)?;
        print!("{}", config::masked(&layers));
        return Ok(());
    }
    if let Command::Demo(arguments) = cli.command {
        return demo::run(arguments).await;
    }
    let config = Config::from_layers(&layers)?;
    let level = match cli.command {
        Command::Serve(_) => config.log.level.as_str(),
        // What they print says what failed, and why.
        Command::Poll(_) | Command::Backfill(_) => "error",
        _ => "warn",
    };
    logging::start(config.log.format, level)?;
    match cli.command {
        Command::Serve(arguments) => serve::run(config, arguments).await,
        Command::Poll(arguments) => poll::run(config, arguments).await,
        Command::Backfill(arguments) => backfill::run(config, arguments).await,
        Command::Try(arguments) => try_page::run(config, arguments).await,
        Command::Digest(command) => digest::run(config, command).await,
        Command::Subscribers(command) => subscribers::run(config, command).await,
        Command::Articles(command) => articles::run(config, command).await,
        Command::Topics(command) => topics::run(config, command).await,
        Command::Bounce(arguments) => bounce::run(config, arguments).await,
        Command::SendTest(arguments) => send_test::run(config, arguments).await,
        Command::Check(arguments) => check::run(config, arguments).await,
        Command::Migrate => migrate(config).await,
        Command::Demo(_) | Command::Config => Ok(()),
    }
}

async fn migrate(config: Config) -> Result<(), Failure> {
    let app = App::build(config, &[]).await?;
    println!("The {} database's schema is up to date.", app.store.kind());
    app.store.close().await;
    Ok(())
}

fn default_logging() -> Result<(), Failure> {
    logging::start(LogFormat::Text, "loa=info,warn")
}
