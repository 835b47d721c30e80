//! `loa topics diff`: which topics stored articles would gain and lose by other rules. Changes nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::PathBuf,
};

use anyhow::Context as _;
use clap::Args;
use serde::Serialize;

use super::{super::Failure, print};
use crate::{
    app::{App, topics_source},
    config::Config,
    domain::{
        article::Article,
        classify::{Classifier, Taxonomy},
        learned::Model,
        topic::{Assigned, Evidence},
    },
    jobs::rules::topics_of,
};

/// Articles read at a time.
const CHUNK: i64 = 200;

/// Articles a topic and direction that the text shows; JSON shows all.
const SHOWN: usize = 20;

/// Phrases that the text shows of an article.
const PHRASES: usize = 4;

#[derive(Debug, Args)]
pub(in crate::commands) struct Arguments {
    /// The rules to compare with what is stored; those of the settings if left out.
    #[arg(long, value_name = "FILE")]
    rules: Option<PathBuf>,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
}

/// One article that would gain or lose a topic.
#[derive(Debug, Serialize)]
struct Changed {
    id: i64,
    title: String,
    score: f64,
    /// Why it gains the topic, or why it had it.
    evidence: Vec<Evidence>,
}

#[derive(Debug, Default, Serialize)]
struct OfTopic {
    gained: Vec<Changed>,
    lost: Vec<Changed>,
}

#[derive(Debug, Default, Serialize)]
struct Difference {
    articles: usize,
    /// Articles whose topics would change.
    changed: usize,
    topics: BTreeMap<String, OfTopic>,
}

pub(super) async fn run(config: Config, arguments: &Arguments) -> Result<(), Failure> {
    let (source, text) = match &arguments.rules {
        None => topics_source(&config)?,
        Some(file) => {
            let text = std::fs::read_to_string(file)
                .map_err(|e| Failure::Usage(format!("--rules: {} cannot be read ({e})", file.display())))?;
            (file.display().to_string(), text)
        }
    };
    let wrong = |e| Failure::Usage(format!("{source}: {e}"));
    let classifier = Classifier::new(&Taxonomy::parse(&text).map_err(wrong)?).map_err(wrong)?;
    let app = App::build(config, &[]).await?;
    let difference = compare(&app, classifier).await;
    app.store.close().await;
    let difference = difference?;
    if arguments.json {
        let json = serde_json::to_string_pretty(&difference).context("writing JSON")?;
        return print(&format!("{json}\n"));
    }
    print(&in_words(&difference))
}

async fn compare(app: &App, classifier: Classifier) -> anyhow::Result<Difference> {
    let model = app.store.learned().await.context("reading what was learned")?;
    let model = model.as_deref().map(Model::from_bytes).transpose()?;
    let classifier = classifier.with_learned(model);
    let mut difference = Difference::default();
    let mut after = 0;
    loop {
        let articles = app.store.articles_after(after, CHUNK).await;
        let articles = articles.context("reading articles")?;
        let Some(last) = articles.last() else {
            return Ok(difference);
        };
        after = last.id;
        let topics = topics_of(&app.store, &app.portals, &classifier, &articles).await?;
        for (article, topics) in articles.iter().zip(topics) {
            difference.add(article, &topics);
        }
    }
}

impl Difference {
    fn add(&mut self, article: &Article, topics: &[Assigned]) {
        let slugs = |topics: &[Assigned]| -> BTreeSet<String> {
            topics.iter().map(|topic| topic.slug.clone()).collect()
        };
        let (had, has) = (slugs(&article.topics), slugs(topics));
        self.articles += 1;
        self.changed += usize::from(had != has);
        let changed = |topic: &Assigned| Changed {
            id: article.id,
            title: article.title.clone(),
            score: topic.score,
            evidence: topic.evidence.clone(),
        };
        for topic in topics.iter().filter(|topic| !had.contains(&topic.slug)) {
            let of_topic = self.topics.entry(topic.slug.clone()).or_default();
            of_topic.gained.push(changed(topic));
        }
        for topic in article.topics.iter().filter(|topic| !has.contains(&topic.slug)) {
            let of_topic = self.topics.entry(topic.slug.clone()).or_default();
            of_topic.lost.push(changed(topic));
        }
    }
}

fn in_words(difference: &Difference) -> String {
    let mut out = format!(
        "{} of {} articles would have other topics\n",
        difference.changed, difference.articles
    );
    // Writing to a String cannot fail.
    for (slug, of_topic) in &difference.topics {
        let (gained, lost) = (of_topic.gained.len(), of_topic.lost.len());
        let _ = writeln!(out, "\n{slug}: {gained} more, {lost} fewer");
        for (sign, changed) in [("+", &of_topic.gained), ("-", &of_topic.lost)] {
            for article in changed.iter().take(SHOWN) {
                let phrases = article.evidence.iter().take(PHRASES);
                let phrases: Vec<String> = phrases.map(|e| format!("“{}”", e.phrase)).collect();
                let _ = writeln!(
                    out,
                    "  {sign} {} {} ({:.1}: {})",
                    article.id,
                    article.title,
                    article.score,
                    phrases.join(", ")
                );
            }
            if changed.len() > SHOWN {
                let _ = writeln!(
                    out,
                    "  {sign} and {} more; --json shows all",
                    changed.len() - SHOWN
                );
            }
        }
    }
    out
}
