//! `loa topics train`: fits the learned second vote, measures it beside the rules, and puts it in force where it wins.

use std::{collections::BTreeMap, fmt::Write as _, path::PathBuf};

use anyhow::Context as _;
use clap::Args;

use super::{super::Failure, labelled, print};
use crate::{
    app::App,
    config::Config,
    domain::{
        article::Article,
        learned::{Example, FOLDS, Judged, LEAST, Model, validate},
    },
    jobs::rules::vouched,
};

/// Articles read at a time.
const CHUNK: i64 = 200;

/// The newest articles that are learned from: about 15 kB of memory each, and a thousand labels a topic are enough.
const MOST: usize = 10_000;

#[derive(Debug, Args)]
pub(in crate::commands) struct Arguments {
    /// Also learns from labelled articles, given as for `loa topics eval`. Repeatable.
    #[arg(long, value_name = "DIR_OR_JSONL")]
    labelled: Vec<PathBuf>,
    /// Measures, and changes nothing.
    #[arg(long, conflicts_with = "off")]
    dry_run: bool,
    /// Takes the learned vote out of force.
    #[arg(long, conflicts_with = "labelled")]
    off: bool,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

pub(super) async fn run(config: Config, arguments: &Arguments) -> Result<(), Failure> {
    let app = App::build(config, &[]).await?;
    let trained = train(&app, arguments).await;
    app.store.close().await;
    print(&trained?)
}

async fn train(app: &App, arguments: &Arguments) -> Result<String, Failure> {
    let now = app.clock.now();
    if arguments.off {
        app.store.learn(None, now).await.context("taking the vote out")?;
        return Ok("The learned vote is off; stored articles follow.\n".to_owned());
    }
    let mut examples = stored(app).await?;
    for path in &arguments.labelled {
        for article in labelled::read(path, &app.taxonomy)? {
            let all = app.taxonomy.labels().iter();
            let known = all.map(|l| (l.slug.clone(), article.topics.contains(&l.slug)));
            examples.push(Example {
                known: known.collect(),
                title: article.text.title,
                lead: article.text.lead,
                body: article.text.body,
            });
        }
    }
    let rules = app.rules().current().classifier.rules_alone();
    let (judged, model) = validate(&rules, &examples);
    if !arguments.dry_run {
        let bytes = model.as_ref().map(Model::to_bytes);
        app.store
            .learn(bytes.as_deref(), now)
            .await
            .context("keeping what was learned")?;
    }
    if arguments.json {
        return Ok(format!("{:#}\n", json(examples.len(), &judged)));
    }
    Ok(in_words(
        examples.len(),
        &judged,
        model.as_ref(),
        arguments.dry_run,
    ))
}

/// The stored articles of which sections or staff say what they are about.
async fn stored(app: &App) -> anyhow::Result<Vec<Example>> {
    let (mut examples, mut after) = (std::collections::VecDeque::new(), 0);
    loop {
        let articles = app.store.articles_after(after, CHUNK).await;
        let articles = articles.context("reading articles")?;
        let Some(last) = articles.last() else {
            return Ok(examples.into());
        };
        after = last.id;
        let ids: Vec<i64> = articles.iter().map(|article| article.id).collect();
        let corrections = app.store.corrections(&ids).await.context("reading corrections")?;
        for article in articles {
            let mut known = by_sections(app, &article);
            if let Some(said) = corrections.get(&article.id) {
                known.extend(said.0.iter().map(|(slug, is)| (slug.clone(), *is)));
            }
            if known.is_empty() {
                continue;
            }
            if examples.len() == MOST {
                examples.pop_front();
            }
            examples.push_back(Example {
                title: article.title,
                lead: article.lead,
                body: article.body_text,
                known,
            });
        }
    }
}

/// What an article's sections say: about what they vouch for, and, where each of them vouches for something, not about what
/// only other sections vouch for. Of topics that no section vouches for they say nothing.
fn by_sections(app: &App, article: &Article) -> BTreeMap<String, bool> {
    let portal = app.portals.iter().find(|portal| portal.id == article.portal);
    let Some(portal) = portal else {
        return BTreeMap::new();
    };
    let about = vouched(Some(portal), article);
    let mut mine = article
        .sections
        .iter()
        .filter_map(|(slug, _)| portal.section(slug));
    let says_all = mine.all(|section| !section.topics.is_empty()) && !about.is_empty();
    let mut known: BTreeMap<String, bool> = BTreeMap::new();
    if says_all {
        let others = portal.sections.iter().flat_map(|section| &section.topics);
        known.extend(others.map(|slug| (slug.clone(), false)));
    }
    known.extend(about.into_iter().map(|slug| (slug, true)));
    known
}

fn json(examples: usize, judged: &BTreeMap<String, Judged>) -> serde_json::Value {
    let topics: serde_json::Map<String, serde_json::Value> = judged
        .iter()
        .map(|(slug, j)| {
            let of_topic = serde_json::json!({
                "about": j.about, "other": j.other, "rules_f1": j.rules.f1(), "both_f1": j.both.f1(),
                "used": j.wins(), "enough": j.is_enough(),
            });
            (slug.clone(), of_topic)
        })
        .collect();
    serde_json::json!({ "articles": examples, "folds": FOLDS, "topics": topics })
}

fn in_words(
    examples: usize,
    judged: &BTreeMap<String, Judged>,
    model: Option<&Model>,
    is_dry: bool,
) -> String {
    let figure = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    let mut out = format!(
        "{examples} articles of which sections, staff or files say what they are about; F1 in {FOLDS} folds\n{:<30} {:>6} {:>6} {:>7} {:>7}\n",
        "topic", "about", "not", "rules", "both"
    );
    for (slug, j) in judged {
        let verdict = if !j.is_enough() {
            format!("not judged: needs {LEAST} that are about it and {LEAST} that are not")
        } else if j.wins() {
            "used".to_owned()
        } else {
            "refused: no better than the rules".to_owned()
        };
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{slug:<30} {:>6} {:>6} {:>7} {:>7}  {verdict}",
            j.about,
            j.other,
            figure(j.rules.f1()),
            figure(j.both.f1())
        );
    }
    out.push_str(match (model, is_dry) {
        (Some(_), false) => {
            "The vote is in force for the topics that say \"used\"; a running Loa takes it up by itself.\n"
        }
        (None, false) => "No topic gets better by it: the learned vote is off.\n",
        (_, true) => "Nothing was changed (--dry-run).\n",
    });
    out
}
