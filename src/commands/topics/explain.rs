//! `loa topics explain`: each topic that has a phrase in an article, with its score and what it rests on.

use std::{fmt::Write as _, path::Path};

use anyhow::Context as _;
use clap::Args;

use super::{super::Failure, print, rules, text_file};
use crate::{
    app::App,
    config::Config,
    domain::{
        classify::{Considered, Taxonomy, Verdict},
        correction::Corrections,
        topic::{Evidence, Place},
    },
    jobs::rules::vouched,
};

#[derive(Debug, Args)]
pub(in crate::commands) struct Arguments {
    /// An article's number (as in the address of its page), or a text file: title, blank line, lead, blank line, body.
    #[arg(value_name = "ID_OR_FILE")]
    article: String,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<(), Failure> {
    let (taxonomy, classifier) = rules(&config)?;
    let (title, considered, said) = match arguments.article.parse::<i64>() {
        Ok(id) if !Path::new(&arguments.article).exists() => stored(config, id).await?,
        _ => {
            let file = text_file::read(Path::new(&arguments.article))?;
            let considered = classifier.explain(&file.title, file.lead.as_deref(), &file.body, &[]);
            (file.title, considered, Corrections::default())
        }
    };
    if arguments.json {
        let json = serde_json::json!({ "title": title, "topics": considered, "corrections": said.0 });
        return print(&format!("{json:#}\n"));
    }
    print(&text(&title, &considered, &said, &taxonomy))
}

type Explained = (String, Vec<Considered>, Corrections);

/// An article of the store, by the rules in force and the topics that its sections vouch for, and what staff say of it.
async fn stored(config: Config, id: i64) -> Result<Explained, Failure> {
    let app = App::build(config, &[]).await?;
    let explained = explain_stored(&app, id).await;
    app.store.close().await;
    explained?.ok_or_else(|| {
        Failure::Usage(format!(
            "there is no article {id}, nor a file of that name; the number stands in the address of the article's page"
        ))
    })
}

async fn explain_stored(app: &App, id: i64) -> anyhow::Result<Option<Explained>> {
    let Some(article) = app.store.article(id).await.context("reading the article")? else {
        return Ok(None);
    };
    let mut said = app
        .store
        .corrections(&[id])
        .await
        .context("reading corrections")?;
    let portal = app.portals.iter().find(|portal| portal.id == article.portal);
    let (lead, body) = (article.lead.as_deref(), &article.body_text);
    let classifier = app.rules().current().classifier;
    let considered = classifier.explain(&article.title, lead, body, &vouched(portal, &article));
    Ok(Some((
        article.title,
        considered,
        said.remove(&id).unwrap_or_default(),
    )))
}

fn text(title: &str, considered: &[Considered], said: &Corrections, taxonomy: &Taxonomy) -> String {
    let mut out = format!("{title}\n");
    if considered.is_empty() {
        out.push_str("\nno phrase of any topic stands in it\n");
    }
    for (slug, is_about) in &said.0 {
        let says = if *is_about { "is" } else { "is not" };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "\n{slug}: staff say that the article {says} about it, whatever the rules say"
        );
    }
    for topic in considered {
        let name = taxonomy.label(&topic.slug).map_or("", |label| label.vi.as_str());
        let verdict = match topic.verdict {
            Verdict::Given => "given",
            Verdict::BelowThreshold => "not given: below its threshold",
            Verdict::OutweighedByTheBest => "not given: the best topic is so much stronger",
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "\n{} ({name}): {verdict}; score {:.2}, needs {:.2}",
            topic.slug, topic.score, topic.needed
        );
        for (sign, evidence) in [
            ("+", &topic.evidence),
            ("-", &topic.against),
            ("masked", &topic.masked),
        ] {
            for Evidence { phrase, place, count } in evidence {
                let place = match place {
                    Place::Title => "title",
                    Place::Lead => "lead",
                    Place::Body => "body",
                    Place::Section => "section",
                    Place::Learned => "learned",
                    Place::Staff => "staff",
                };
                let _ = writeln!(out, "  {sign} “{phrase}” {place} ×{count}");
            }
        }
    }
    out
}
