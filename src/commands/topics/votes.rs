//! `loa topics votes`: what readers say of the topics of articles, for staff to look at.

use std::fmt::Write as _;

use anyhow::Context as _;
use clap::Args;

use super::{super::Failure, print};
use crate::{
    app::{App, BuildError},
    config::Config,
    store::{Says, TopicVote},
};

#[derive(Debug, Args)]
pub(in crate::commands) struct Arguments {
    /// Lines at most, those that most readers said first.
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
    /// Forgets what was said of this article, once you have looked at it.
    #[arg(long, value_name = "ID", conflicts_with = "json")]
    done: Option<i64>,
    /// Prints one JSON array.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<(), Failure> {
    let app = App::build(config, &[])
        .await
        .map_err(|e: BuildError| Failure::from(e))?;
    let text = match arguments.done {
        Some(article) => done(&app, article).await,
        None => listed(&app, &arguments).await,
    };
    app.store.close().await;
    print(&text?)
}

async fn done(app: &App, article: i64) -> Result<String, Failure> {
    let forgotten = app
        .store
        .forget_votes(article)
        .await
        .context("forgetting votes")?;
    if forgotten == 0 {
        return Err(Failure::Usage(format!(
            "nobody said anything of article {article}; `loa topics votes` lists the articles by their numbers"
        )));
    }
    Ok(format!("forgot {forgotten} votes on article {article}\n"))
}

async fn listed(app: &App, arguments: &Arguments) -> Result<String, Failure> {
    let votes = app
        .store
        .topic_votes(arguments.limit)
        .await
        .context("reading votes")?;
    if arguments.json {
        let json: Vec<_> = votes.iter().map(object).collect();
        return Ok(format!("{:#}\n", serde_json::Value::from(json)));
    }
    Ok(text(&votes))
}

fn object(vote: &TopicVote) -> serde_json::Value {
    serde_json::json!({
        "article": vote.article,
        "title": vote.title,
        "topic": vote.topic,
        "says": vote.says.as_str(),
        "votes": vote.votes,
        "last": vote.last_at,
        "has_topic": vote.has_it,
    })
}

fn text(votes: &[TopicVote]) -> String {
    if votes.is_empty() {
        return "no reader said anything of topics\n".to_owned();
    }
    let mut out = String::new();
    for vote in votes {
        let (says, is_settled) = match vote.says {
            Says::Should => ("should have", vote.has_it),
            Says::ShouldNot => ("should not have", !vote.has_it),
        };
        let settled = if is_settled { " (as it is now)" } else { "" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{:>4} × article {} {says} {}{settled}; last {}\n       {}",
            vote.votes,
            vote.article,
            vote.topic,
            vote.last_at.format("%Y-%m-%d"),
            vote.title
        );
    }
    out
}
