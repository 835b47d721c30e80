//! `loa articles`: what an operator does with one article by name.

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::Failure;
use crate::{
    app::App,
    config::Config,
    domain::article,
    store::{ArticleName, Removable},
};

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Removes an article for good, from pages, feeds, archives and searches; neither a list nor a backfill brings it back.
    Remove(RemoveArguments),
    /// Takes an article in again that was removed by mistake or for its age: it is read anew, silently, at the next poll.
    Restore(RestoreArguments),
}

#[derive(Debug, Args)]
pub(super) struct RemoveArguments {
    /// The article: the number in its page's address, its identity in feeds (tag:…), or its address here or on the portal.
    #[arg(value_name = "ID_OR_TAG_OR_URL")]
    article: String,
    /// Why: kept with what is remembered of it.
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Debug, Args)]
pub(super) struct RestoreArguments {
    /// The article, named as for `remove`.
    #[arg(value_name = "ID_OR_TAG_OR_URL")]
    article: String,
}

pub(super) async fn run(config: Config, command: Command) -> Result<(), Failure> {
    let (Command::Remove(RemoveArguments { article, .. }) | Command::Restore(RestoreArguments { article })) =
        &command;
    let name = name(article, &config.public_url)?;
    if matches!(&command, Command::Remove(arguments) if arguments.reason.trim().is_empty()) {
        return Err(Failure::Usage(
            "--reason is empty; say why the article is removed".to_owned(),
        ));
    }
    let app = App::build(config, &[]).await?;
    let now = app.clock.now();
    let (done, verb) = match &command {
        Command::Remove(arguments) => (
            app.store
                .remove_article(&name, arguments.reason.trim(), now)
                .await
                .context("removing an article")?,
            "removed",
        ),
        Command::Restore(_) => (
            app.store
                .restore_article(&name, now)
                .await
                .context("restoring an article")?,
            "read again at the next poll",
        ),
    };
    app.store.close().await;
    let Some(done) = done else {
        eprintln!("{article}: no such article{}", hint(&command));
        return Err(Failure::Reported);
    };
    println!("{}: {verb}", shown(&done));
    Ok(())
}

fn hint(command: &Command) -> &'static str {
    match command {
        Command::Remove(_) => "; name it by the number of its page, its tag:… or its address",
        Command::Restore(_) => " was removed here",
    }
}

fn shown(article: &Removable) -> String {
    let title = article.title.as_deref().map(|title| format!(" “{title}”"));
    format!("{}/{}{}", article.portal, article.key, title.unwrap_or_default())
}

fn name(text: &str, public_url: &str) -> Result<ArticleName, Failure> {
    let text = text.trim();
    let own = text.strip_prefix(&format!("{public_url}/articles/"));
    if let Ok(id) = own.unwrap_or(text).parse() {
        return Ok(ArticleName::Id(id));
    }
    if let Some((portal, key)) = article::parse_tag(text) {
        return Ok(ArticleName::Key { portal, key });
    }
    if text.starts_with("http://") || text.starts_with("https://") {
        return Ok(ArticleName::Url(text.to_owned()));
    }
    Err(Failure::Usage(format!(
        "{text:?} names no article; expected the number of its page, its tag:… or its address"
    )))
}
