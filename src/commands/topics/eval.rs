//! `loa topics eval`: the rules beside labelled articles.

use std::{collections::BTreeSet, fmt::Write as _, path::PathBuf};

use clap::Args;

use super::{super::Failure, labelled, print, rules, text_file::TextFile};
use crate::{
    config::Config,
    domain::evaluation::{Evaluation, Tally},
};

/// Confusions that are worth a look.
const WORST: usize = 10;

#[derive(Debug, Args)]
pub(in crate::commands) struct Arguments {
    /// A folder with a folder per topic, DIR/SLUG/*.txt (title, blank line, lead, blank line, body; a file of the same name
    /// in several folders has several topics; DIR/none holds articles of no topic), or a file of JSON lines with title, lead,
    /// body and topics.
    #[arg(value_name = "DIR_OR_JSONL")]
    articles: PathBuf,
    /// Prints one JSON object.
    #[arg(long)]
    json: bool,
    /// Also prints each article that was judged wrongly, to standard error.
    #[arg(long)]
    verbose: bool,
}

pub(super) fn run(config: &Config, arguments: &Arguments) -> Result<(), Failure> {
    let (taxonomy, classifier) = rules(config)?;
    let labelled = labelled::read(&arguments.articles, &taxonomy)?;
    let mut evaluation = Evaluation::default();
    for article in &labelled {
        let TextFile { title, lead, body } = &article.text;
        let given = classifier.classify(title, lead.as_deref(), body, &[]);
        let given: BTreeSet<String> = given.into_iter().map(|topic| topic.slug).collect();
        if arguments.verbose && given != article.topics {
            let list = |topics: &BTreeSet<String>| topics.iter().cloned().collect::<Vec<_>>().join(", ");
            eprintln!(
                "{title}\n  given: {}\n  has:   {}",
                list(&given),
                list(&article.topics)
            );
        }
        evaluation.add(&given, &article.topics);
    }
    if arguments.json {
        print(&format!("{:#}\n", json(&evaluation)))
    } else {
        print(&table(&evaluation))
    }
}

fn json(evaluation: &Evaluation) -> serde_json::Value {
    let figures = |tally: Tally| {
        serde_json::json!({
            "right": tally.right, "wrong": tally.wrong, "missed": tally.missed,
            "precision": tally.precision(), "recall": tally.recall(), "f1": tally.f1(),
        })
    };
    let topics: serde_json::Map<String, serde_json::Value> = evaluation
        .topics()
        .map(|(slug, tally)| (slug.to_owned(), figures(tally)))
        .collect();
    let confusion: Vec<_> = evaluation
        .confusion()
        .into_iter()
        .map(|(missed, instead, count)| serde_json::json!({ "missed": missed, "instead": instead, "count": count }))
        .collect();
    serde_json::json!({
        "articles": evaluation.articles(),
        "topics": topics,
        "micro": figures(evaluation.micro()),
        "macro": { "f1": evaluation.macro_f1() },
        "confusion": confusion,
    })
}

fn table(evaluation: &Evaluation) -> String {
    let figure = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), |value| format!("{value:.3}"));
    let mut out = format!(
        "{:<30} {:>6} {:>6} {:>6}  {:>9} {:>9} {:>9}\n",
        "topic", "right", "wrong", "missed", "precision", "recall", "F1"
    );
    let mut line = |name: &str, tally: Tally| {
        // Writing to a String cannot fail.
        let _ = writeln!(
            out,
            "{name:<30} {:>6} {:>6} {:>6}  {:>9} {:>9} {:>9}",
            tally.right,
            tally.wrong,
            tally.missed,
            figure(tally.precision()),
            figure(tally.recall()),
            figure(tally.f1())
        );
    };
    for (slug, tally) in evaluation.topics() {
        line(slug, tally);
    }
    line("all decisions (micro)", evaluation.micro());
    let _ = writeln!(
        out,
        "mean F1 of the topics (macro): {}\n{} articles",
        figure(evaluation.macro_f1()),
        evaluation.articles()
    );
    for (missed, instead, count) in evaluation.confusion().into_iter().take(WORST) {
        let _ = writeln!(out, "{count} × {instead} instead of {missed}");
    }
    out
}
