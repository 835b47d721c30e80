//! The rule engine: which topics an article belongs to, and the phrases that say so.
//!
//! One pass of one automaton over the normalised text finds every phrase of every topic. Then each topic resolves its
//! own hits, leftmost and longest first, so that a longer phrase, negative or mask takes the words of the shorter
//! ones inside it. What a topic's own rules take is taken for that topic alone: "môi trường đầu tư" hides "môi
//! trường" from the environment and still speaks for investment. Boundaries are checked before that, so that a longer
//! phrase which breaks a syllable hides nothing.
//!
//! Score = Σ weight × (1 + ln count) × place − negatives by the same sum, at most their cap's share. Counts are per
//! phrase and place. Not here: what a portal's sections vouch for (the caller knows), and a learned second vote.

mod asides;
mod error;
mod explain;
mod learned;
mod score;
mod taxonomy;

use std::{cmp::Reverse, collections::BTreeMap, sync::Arc};

use aho_corasick::AhoCorasick;

pub use error::TaxonomyError;
pub use explain::{Considered, Verdict};
pub use taxonomy::Taxonomy;

use crate::domain::{
    learned::Model,
    text,
    topic::{Assigned, Evidence, Place},
};
use asides::Asides;
use taxonomy::{Effect, Engine};

/// How much of the body (in characters) stands in for a lead that the page does not have.
pub const LEAD_CHARS: usize = 400;

/// How far into a body its repeated lead may begin: room for a source in brackets, such as "(Cổng TTĐT)".
const SOURCE_MARK_BYTES: usize = 64;

/// The engine, ready to run: build it once for each reading of the topics file. Cheap to share behind an `Arc`.
#[derive(Debug, Clone)]
pub struct Classifier {
    automaton: AhoCorasick,
    /// The automaton's patterns: each with the topics that use it and what it does for them.
    phrases: Vec<Phrase>,
    topics: Vec<(String, f64)>,
    asides: Asides,
    engine: Engine,
    learned: Option<Arc<Model>>,
}

/// An article, normalised.
struct Parts {
    title: String,
    /// None where there is no lead, or an empty one.
    lead: Option<String>,
    body: String,
}

impl Parts {
    fn new(title: &str, lead: Option<&str>, body: &str) -> Self {
        Self {
            title: text::normalise(title),
            lead: lead.map(text::normalise).filter(|lead| !lead.is_empty()),
            body: text::normalise(body),
        }
    }
}

#[derive(Debug, Clone)]
struct Phrase {
    text: String,
    uses: Vec<(usize, Effect)>,
}

/// A whole-syllable hit of a phrase in one part of an article.
struct Hit {
    start: usize,
    end: usize,
    phrase: usize,
    place: Place,
}

/// How often each phrase stood in an article, by (topic, phrase, place).
type Counts = BTreeMap<(usize, usize, Place), u32>;

/// What was found in an article.
#[derive(Default)]
struct Found {
    /// What counts for or against topics.
    counted: Counts,
    /// What stands in asides.
    aside: Counts,
}

impl Classifier {
    /// Builds the automaton.
    pub fn new(taxonomy: &Taxonomy) -> Result<Self, TaxonomyError> {
        let mut by_text: BTreeMap<&str, Vec<(usize, Effect)>> = BTreeMap::new();
        for (topic, rules) in taxonomy.topics.iter().enumerate() {
            for (phrase, effect) in &rules.phrases {
                by_text.entry(phrase).or_default().push((topic, *effect));
            }
        }
        let automaton =
            AhoCorasick::new(by_text.keys()).map_err(|e| TaxonomyError::TooLarge(e.to_string()))?;
        let phrases = by_text.into_iter().map(|(text, uses)| Phrase {
            text: text.to_owned(),
            uses,
        });
        let slugs = taxonomy.labels().iter().map(|label| label.slug.clone());
        let thresholds = taxonomy.topics.iter().map(|rules| rules.threshold);
        Ok(Self {
            automaton,
            phrases: phrases.collect(),
            topics: slugs.zip(thresholds).collect(),
            asides: Asides::new(&taxonomy.asides)?,
            engine: taxonomy.engine.clone(),
            learned: None,
        })
    }

    /// As well as the rules, what was learned votes.
    #[must_use]
    pub fn with_learned(mut self, model: Option<Model>) -> Self {
        self.learned = model.map(Arc::new);
        self
    }

    /// The topics of an article, strongest first, each with its evidence.
    ///
    /// Without a `lead`, the first [`LEAD_CHARS`] characters of the body are one; a body that begins with its lead
    /// (after a source in brackets at most) is read without it. Each topic in `vouched` gets one vote of its threshold's size, with the evidence [`Place::Section`]
    /// and the topic's slug as phrase; slugs that the taxonomy does not know are passed over.
    pub fn classify(&self, title: &str, lead: Option<&str>, body: &str, vouched: &[String]) -> Vec<Assigned> {
        let parts = Parts::new(title, lead, body);
        self.decide(&self.find(&parts).counted, vouched, &self.votes(&parts))
    }

    fn find(&self, parts: &Parts) -> Found {
        let mut found = Found::default();
        self.count(&parts.title, usize::MAX, Place::Title, &mut found);
        let body = &parts.body;
        if let Some(lead) = &parts.lead {
            self.count(lead, usize::MAX, Place::Lead, &mut found);
            let repeated = body.split_once(lead.as_str());
            let (mark, rest) = repeated
                .filter(|(mark, _)| mark.len() <= SOURCE_MARK_BYTES)
                .unwrap_or(("", body));
            self.count(mark, 0, Place::Body, &mut found);
            self.count(rest, 0, Place::Body, &mut found);
        } else {
            let end = body
                .char_indices()
                .nth(LEAD_CHARS)
                .map_or(usize::MAX, |(at, _)| at);
            self.count(body, end, Place::Lead, &mut found);
        }
        found
    }

    /// Counts the hits in one part: up to the byte `until` they stand in `place`, from there on in the body.
    fn count(&self, part: &str, until: usize, place: Place, found: &mut Found) {
        let mut hits: Vec<Hit> = self
            .automaton
            .find_overlapping_iter(part)
            .filter(|hit| text::is_whole(part, hit.start(), hit.end()))
            .map(|hit| Hit {
                start: hit.start(),
                end: hit.end(),
                phrase: hit.pattern().as_usize(),
                place: if hit.start() < until { place } else { Place::Body },
            })
            .collect();
        hits.sort_by_key(|hit| (hit.start, Reverse(hit.end)));
        // A title lists nobody.
        let asides = if place == Place::Title {
            Vec::new()
        } else {
            self.asides.find(part)
        };
        let mut free_from = vec![0; self.topics.len()];
        for hit in hits {
            let is_aside = asides
                .iter()
                .any(|(start, end)| (*start..*end).contains(&hit.start));
            let counts = if is_aside {
                &mut found.aside
            } else {
                &mut found.counted
            };
            for (topic, _) in &self.phrases[hit.phrase].uses {
                if hit.start >= free_from[*topic] {
                    free_from[*topic] = hit.end;
                    *counts.entry((*topic, hit.phrase, hit.place)).or_default() += 1;
                }
            }
        }
    }
}

fn evidence_of(phrase: &str, place: Place, count: u32) -> Evidence {
    Evidence {
        phrase: phrase.to_owned(),
        place,
        count,
    }
}
