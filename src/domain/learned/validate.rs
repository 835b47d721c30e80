//! Whether a learned vote is worth having: each topic's F1 with it and without, on articles that it was not trained on.

use std::collections::{BTreeMap, BTreeSet};

use super::{Features, Model, Vote, train};
use crate::domain::{classify::Classifier, evaluation::Tally};

/// Parts of the articles; each is judged by a model of the others.
pub const FOLDS: usize = 5;

/// So many articles that are about a topic, and so many that are not, have to be known.
pub const LEAST: usize = 20;

/// F1 has to grow by so much: less is chance.
const GAIN: f64 = 0.005;

/// An article of which people said what it is about.
#[derive(Debug, Clone)]
pub struct Example {
    /// Title.
    pub title: String,
    /// Lead.
    pub lead: Option<String>,
    /// Body, plain text.
    pub body: String,
    /// What was said, by topic.
    pub known: BTreeMap<String, bool>,
}

/// What became of a topic.
#[derive(Debug, Clone, Default)]
pub struct Judged {
    /// Articles that are about it.
    pub about: usize,
    /// Articles that are not.
    pub other: usize,
    /// The rules alone.
    pub rules: Tally,
    /// The rules and the vote.
    pub both: Tally,
}

impl Judged {
    /// Whether enough is known to judge.
    pub fn is_enough(&self) -> bool {
        self.about >= LEAST && self.other >= LEAST
    }

    /// Whether the vote makes the topic better.
    pub fn wins(&self) -> bool {
        let (rules, both) = (self.rules.f1(), self.both.f1());
        self.is_enough() && both.unwrap_or(0.0) > rules.unwrap_or(0.0) + GAIN
    }
}

/// Judges each topic and trains a model of those where the vote wins; `None` where it wins nowhere. The rules are asked
/// without the votes of sections: those are what is to be guessed.
pub fn validate(rules: &Classifier, examples: &[Example]) -> (BTreeMap<String, Judged>, Option<Model>) {
    let features: Vec<Features> = examples.iter().map(Classifier::features).collect();
    let mut judged: BTreeMap<String, Judged> = BTreeMap::new();
    for (slug, is_about) in examples.iter().flat_map(|example| &example.known) {
        let of_topic = judged.entry(slug.clone()).or_default();
        *(if *is_about {
            &mut of_topic.about
        } else {
            &mut of_topic.other
        }) += 1;
    }
    let enough: Vec<String> = judged
        .iter()
        .filter(|(_, judged)| judged.is_enough())
        .map(|(slug, _)| slug.clone())
        .collect();
    for fold in 0..FOLDS {
        let model = model(&enough, examples, &features, |at| at % FOLDS != fold);
        for example in examples.iter().skip(fold).step_by(FOLDS) {
            judge(rules, &model, example, &mut judged);
        }
    }
    let winners: Vec<String> = judged
        .iter()
        .filter(|(_, judged)| judged.wins())
        .map(|(slug, _)| slug.clone())
        .collect();
    let trained = (!winners.is_empty()).then(|| model(&winners, examples, &features, |_| true));
    (judged, trained)
}

fn model(
    slugs: &[String],
    examples: &[Example],
    features: &[Features],
    may_see: impl Fn(usize) -> bool,
) -> Model {
    let of_topics: Vec<_> = slugs
        .iter()
        .map(|slug| {
            let known: Vec<(&Features, bool)> = examples
                .iter()
                .zip(features)
                .enumerate()
                .filter(|(at, _)| may_see(*at))
                .filter_map(|(_, (example, seen))| Some((seen, *example.known.get(slug)?)))
                .collect();
            (slug.clone(), train(&known))
        })
        .collect();
    Model::new(&of_topics)
}

fn judge(rules: &Classifier, model: &Model, example: &Example, judged: &mut BTreeMap<String, Judged>) {
    let given = |votes: &[Vote]| -> BTreeSet<String> {
        let given = rules.with_votes(example, votes).into_iter();
        given.map(|topic| topic.slug).collect()
    };
    let votes = Classifier::votes_of(model, example);
    // Each vote is judged alone: another topic's must not hide this one's.
    let alone = given(&[]);
    for (slug, is_about) in &example.known {
        let Some(judged) = judged.get_mut(slug).filter(|judged| judged.is_enough()) else {
            continue;
        };
        let vote: Vec<Vote> = votes.iter().filter(|vote| vote.slug == *slug).cloned().collect();
        judged.rules.judge(alone.contains(slug), *is_about);
        judged.both.judge(given(&vote).contains(slug), *is_about);
    }
}
