//! `loa topics explain`: each topic that has a phrase in an article, with its score and what it rests on.

use std::{fmt::Write as _, path::Path};

use anyhow::Context as _;
use clap::Args;

use super::{super::Failure, print, rules, text_file};
use crate::{
    app::{App, BuildError},
    config::Config,
    domain::{
        classify::{Considered, Taxonomy, Verdict},
        topic::{Evidence, Place},
    },
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
    let (title, considered) = match arguments.article.parse::<i64>() {
        Ok(id) if !Path::new(&arguments.article).exists() => {
            let (title, lead, body, vouched) = stored(config, id).await?;
            let considered = classifier.explain(&title, lead.as_deref(), &body, &vouched);
            (title, considered)
        }
        _ => {
            let file = text_file::read(Path::new(&arguments.article))?;
            let considered = classifier.explain(&file.title, file.lead.as_deref(), &file.body, &[]);
            (file.title, considered)
        }
    };
    if arguments.json {
        let json = serde_json::json!({ "title": title, "topics": considered });
        return print(&format!("{json:#}\n"));
    }
    print(&text(&title, &considered, &taxonomy))
}

type Stored = (String, Option<String>, String, Vec<String>);

/// An article of the store, with the topics that its sections vouch for.
async fn stored(config: Config, id: i64) -> Result<Stored, Failure> {
    let app = App::build(config, &[])
        .await
        .map_err(|e: BuildError| Failure::from(e))?;
    let article = app.store.article(id).await.context("reading the article")?;
    app.store.close().await;
    let article = article.ok_or_else(|| {
        Failure::Usage(format!(
            "there is no article {id}, nor a file of that name; the number stands in the address of the article's page"
        ))
    })?;
    let sections = article.sections.iter().filter_map(|(slug, _)| {
        let portal = app.portals.iter().find(|portal| portal.id == article.portal)?;
        portal.section(slug)
    });
    let vouched = sections.flat_map(|section| section.topics.clone()).collect();
    Ok((article.title, article.lead, article.body_text, vouched))
}

fn text(title: &str, considered: &[Considered], taxonomy: &Taxonomy) -> String {
    let mut out = format!("{title}\n");
    if considered.is_empty() {
        out.push_str("\nno phrase of any topic stands in it\n");
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
