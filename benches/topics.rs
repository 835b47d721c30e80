//! How long it takes to decide what an article is about: `cargo bench --bench topics`. Normalising, the shipped rules and a model
//! of every topic, beside asking for each phrase of the rules by itself, which is what everyone writes first. The parts by
//! criterion, and one line with the ratio of both in this run.

use std::{fmt::Write as _, fs, hint::black_box, time::Instant};

use criterion::Criterion;
use loa::domain::{
    classify::{Classifier, Taxonomy},
    learned::{BUCKETS, Model, Weights},
    text,
};

const RULES: &str = include_str!("../config/topics.toml");

/// Articles written for the tests, which an article of 6 kB is put together from.
const ARTICLES: &str = include_str!("../tests/fixtures/topics/articles.jsonl");

const ROUNDS: u32 = 50;

fn main() {
    let (title, lead, body) = article();
    let taxonomy = Taxonomy::parse(RULES).expect("the shipped rules");
    let rules = Classifier::new(&taxonomy).expect("the shipped rules");
    let weights = |topic: usize| Weights {
        weights: (0..BUCKETS)
            .map(|at| f32::from(u8::try_from((at * 31 + topic) % 255).unwrap_or(0)) - 127.0)
            .collect(),
        bias: 0.0,
    };
    let of_topics: Vec<(String, Weights)> = taxonomy
        .labels()
        .iter()
        .enumerate()
        .map(|(at, label)| (label.slug.clone(), weights(at)))
        .collect();
    let both = rules.clone().with_learned(Some(Model::new(&of_topics)));
    let phrases = phrases();
    let time = |work: &mut dyn FnMut()| {
        let began = Instant::now();
        for _ in 0..ROUNDS {
            work();
        }
        began.elapsed().as_secs_f64() * 1000.0 / f64::from(ROUNDS)
    };
    let ours = time(&mut || drop(black_box(both.classify(&title, Some(&lead), &body, &[]))));
    let naive = time(&mut || {
        for part in [&title, &lead, &body] {
            let normalised = text::normalise(part);
            let stands = |phrase: &&String| text::contains_syllables(&normalised, phrase);
            black_box(phrases.iter().filter(stands).count());
        }
    });
    println!(
        "{} bytes, {} phrases: {ours:.3} ms for rules and model; {naive:.3} ms phrase by phrase, without any score; ratio {:.1}",
        title.len() + lead.len() + body.len(),
        phrases.len(),
        naive / ours
    );
    let mut criterion = Criterion::default().configure_from_args();
    criterion.bench_function("normalise", |b| b.iter(|| text::normalise(black_box(&body))));
    criterion.bench_function("normalise and rules", |b| {
        b.iter(|| rules.classify(black_box(&title), Some(&lead), &body, &[]));
    });
    criterion.bench_function("normalise, rules and model", |b| {
        b.iter(|| both.classify(black_box(&title), Some(&lead), &body, &[]));
    });
    // Real articles, where they are kept beside the repository.
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/seed/article.txt");
    if let Ok(text) = fs::read_to_string(file) {
        criterion.bench_function("a real article of 7 kB", |b| {
            b.iter(|| both.classify("UBND tỉnh làm việc với sở", None, black_box(&text), &[]));
        });
    }
    criterion.final_summary();
}

fn article() -> (String, String, String) {
    let mut body = String::new();
    let mut first = None;
    for line in ARTICLES.lines() {
        let article: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
        let text = |key: &str| article[key].as_str().unwrap_or_default().to_owned();
        if first.is_none() {
            first = Some((text("title"), text("lead")));
        }
        let _ = write!(body, "{}\n\n", text("body"));
        if body.len() > 6_000 {
            break;
        }
    }
    let (title, lead) = first.expect("there are articles");
    (title, lead, body)
}

/// Every phrase of the rules, for what it may be.
fn phrases() -> Vec<String> {
    let rules: toml::Table = toml::from_str(RULES).expect("TOML");
    let topics = rules["topic"].as_array().expect("topics");
    let mut phrases: Vec<String> = Vec::new();
    for topic in topics {
        for list in ["phrases", "negative", "mask"] {
            let list = topic.get(list).and_then(toml::Value::as_array);
            for entry in list.into_iter().flatten() {
                let phrase = entry.as_array().map_or(entry, |pair| &pair[0]);
                phrases.push(text::normalise(phrase.as_str().unwrap_or_default()));
            }
        }
    }
    phrases.sort();
    phrases.dedup();
    phrases
}
