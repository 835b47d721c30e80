//! The rules as `config/topics.toml` writes them, checked: a [`Taxonomy`] that exists is one the engine can run.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{TaxonomyError, asides::AsideWords};
use crate::domain::{text, topic::Label};

/// The topics, their names and their rules.
#[derive(Debug, Clone, PartialEq)]
pub struct Taxonomy {
    labels: Vec<Label>,
    pub(super) topics: Vec<TopicRules>,
    pub(super) asides: AsideWords,
    pub(super) engine: Engine,
}

/// How phrases add up to a score; the `[engine]` table.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Engine {
    /// What a hit in the title counts.
    pub title_mult: f64,
    /// What a hit in the lead counts.
    pub lead_mult: f64,
    tf: String,
    /// What the hits in the body may add up to.
    #[serde(default = "without_cap")]
    pub body_cap: f64,
    /// The share of the positive score that negatives may take away at most.
    pub neg_cap: f64,
    threshold: f64,
    /// The share of the best topic's score that a topic must reach.
    pub relative: f64,
    boundary: String,
}

/// One topic's rules, every phrase normalised.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TopicRules {
    /// The score that gives the topic.
    pub threshold: f64,
    /// What each phrase does when it stands in a text.
    pub phrases: BTreeMap<String, Effect>,
}

/// What a phrase does for its topic where it stands: a mask does nothing but take its words.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Effect {
    /// Weight for the topic.
    pub speaks_for: f64,
    /// Weight against it.
    pub speaks_against: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    version: u32,
    engine: Engine,
    #[serde(default)]
    asides: AsideWords,
    #[serde(default)]
    topic: Vec<TopicTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TopicTable {
    slug: String,
    vi: String,
    en: String,
    threshold: Option<f64>,
    phrases: Vec<(String, f64)>,
    #[serde(default)]
    negative: Vec<(String, f64)>,
    #[serde(default)]
    mask: Vec<String>,
}

/// Files from before there was a cap have none.
fn without_cap() -> f64 {
    f64::INFINITY
}

impl Taxonomy {
    /// Reads and checks a topics file. Phrases may be written in any Unicode form and either tone placement.
    pub fn parse(toml: &str) -> Result<Self, TaxonomyError> {
        let file: File = toml::from_str(toml).map_err(|e| TaxonomyError::Toml(e.to_string()))?;
        if file.version != 1 {
            return Err(TaxonomyError::Version(file.version));
        }
        file.engine.check()?;
        if file.topic.is_empty() {
            return Err(TaxonomyError::Empty);
        }
        let mut seen = BTreeSet::new();
        let mut labels = Vec::new();
        let mut topics = Vec::new();
        for table in file.topic {
            if !seen.insert(table.slug.clone()) {
                return Err(TaxonomyError::DuplicateTopic(table.slug));
            }
            topics.push(table.rules(file.engine.threshold)?);
            labels.push(table.label()?);
        }
        Ok(Self {
            labels,
            topics,
            asides: file.asides,
            engine: file.engine,
        })
    }

    /// The topics' names, in the order of the file.
    pub fn labels(&self) -> &[Label] {
        &self.labels
    }

    /// The name of one topic.
    pub fn label(&self, slug: &str) -> Option<&Label> {
        self.labels.iter().find(|label| label.slug == slug)
    }
}

impl Engine {
    fn check(&self) -> Result<(), TaxonomyError> {
        let wrong = |key, value: String, expected| Err(TaxonomyError::Engine { key, value, expected });
        if self.tf != "1+ln" {
            return wrong("tf", format!("{:?}", self.tf), "\"1+ln\"");
        }
        if self.boundary != "syllable" {
            return wrong("boundary", format!("{:?}", self.boundary), "\"syllable\"");
        }
        for (key, value) in [
            ("title_mult", self.title_mult),
            ("lead_mult", self.lead_mult),
            ("threshold", self.threshold),
        ] {
            if !(value > 0.0 && value <= 100.0) {
                return wrong(key, value.to_string(), "more than 0, at most 100");
            }
        }
        if self.body_cap.is_nan() || self.body_cap <= 0.0 {
            return wrong("body_cap", self.body_cap.to_string(), "more than 0");
        }
        for (key, value) in [("neg_cap", self.neg_cap), ("relative", self.relative)] {
            if !(0.0..=1.0).contains(&value) {
                return wrong(key, value.to_string(), "0 to 1");
            }
        }
        Ok(())
    }
}

impl TopicTable {
    fn label(self) -> Result<Label, TaxonomyError> {
        let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !self.slug.split('-').all(word) {
            return Err(TaxonomyError::Slug(self.slug));
        }
        let (vi, en) = (text::one_line(&self.vi), text::one_line(&self.en));
        if vi.is_empty() || en.is_empty() {
            return Err(TaxonomyError::Unnamed(self.slug));
        }
        Ok(Label {
            slug: self.slug,
            vi,
            en,
        })
    }

    fn rules(&self, default_threshold: f64) -> Result<TopicRules, TaxonomyError> {
        let threshold = self.threshold.unwrap_or(default_threshold);
        if !(threshold > 0.0 && threshold <= 100.0) {
            return Err(TaxonomyError::Threshold {
                topic: self.slug.clone(),
                threshold,
            });
        }
        if self.phrases.is_empty() {
            return Err(TaxonomyError::NoPhrases(self.slug.clone()));
        }
        let mut phrases = BTreeMap::new();
        for (phrase, weight) in &self.phrases {
            let effect = Effect {
                speaks_for: self.weight(phrase, *weight)?,
                ..Effect::default()
            };
            self.insert(&mut phrases, phrase, effect)?;
        }
        for (phrase, weight) in &self.negative {
            let effect = Effect {
                speaks_against: self.weight(phrase, *weight)?,
                ..Effect::default()
            };
            self.insert(&mut phrases, phrase, effect)?;
        }
        let mut masks = BTreeMap::new();
        for mask in &self.mask {
            self.insert(&mut masks, mask, Effect::default())?;
        }
        for (mask, nothing) in masks {
            // A negative takes its words as a mask does, so that one phrase may be both; a phrase may not.
            let effect = phrases.entry(mask.clone()).or_insert(nothing);
            if effect.speaks_for > 0.0 {
                return Err(self.contradiction(mask));
            }
        }
        Ok(TopicRules { threshold, phrases })
    }

    fn weight(&self, phrase: &str, weight: f64) -> Result<f64, TaxonomyError> {
        if weight > 0.0 && weight <= 10.0 {
            return Ok(weight);
        }
        Err(TaxonomyError::Weight {
            topic: self.slug.clone(),
            phrase: phrase.to_owned(),
            weight,
        })
    }

    fn insert(
        &self,
        into: &mut BTreeMap<String, Effect>,
        phrase: &str,
        effect: Effect,
    ) -> Result<(), TaxonomyError> {
        let normalised = text::normalise(phrase);
        if !normalised.contains(char::is_alphanumeric) {
            return Err(TaxonomyError::EmptyPhrase {
                topic: self.slug.clone(),
                phrase: phrase.to_owned(),
            });
        }
        if into.insert(normalised.clone(), effect).is_some() {
            return Err(self.contradiction(normalised));
        }
        Ok(())
    }

    fn contradiction(&self, phrase: String) -> TaxonomyError {
        TaxonomyError::Contradiction {
            topic: self.slug.clone(),
            phrase,
        }
    }
}
