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
mod taxonomy;

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use aho_corasick::AhoCorasick;

pub use error::TaxonomyError;
pub use explain::{Considered, Verdict};
pub use taxonomy::Taxonomy;

use crate::domain::{
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
        })
    }

    /// The topics of an article, strongest first, each with its evidence.
    ///
    /// Without a `lead`, the first [`LEAD_CHARS`] characters of the body are one; a body that begins with its lead
    /// (after a source in brackets at most) is read without it. Each topic in `vouched` gets one vote of its threshold's size, with the evidence [`Place::Section`]
    /// and the topic's slug as phrase; slugs that the taxonomy does not know are passed over.
    pub fn classify(&self, title: &str, lead: Option<&str>, body: &str, vouched: &[String]) -> Vec<Assigned> {
        self.decide(&self.find(title, lead, body).counted, vouched)
    }

    fn find(&self, title: &str, lead: Option<&str>, body: &str) -> Found {
        let mut found = Found::default();
        self.count(&text::normalise(title), usize::MAX, Place::Title, &mut found);
        let body = text::normalise(body);
        let lead = lead.map(text::normalise).filter(|lead| !lead.is_empty());
        if let Some(lead) = lead {
            self.count(&lead, usize::MAX, Place::Lead, &mut found);
            let repeated = body.split_once(&lead);
            let (mark, rest) = repeated
                .filter(|(mark, _)| mark.len() <= SOURCE_MARK_BYTES)
                .unwrap_or(("", &body));
            self.count(mark, 0, Place::Body, &mut found);
            self.count(rest, 0, Place::Body, &mut found);
        } else {
            let end = body
                .char_indices()
                .nth(LEAD_CHARS)
                .map_or(usize::MAX, |(at, _)| at);
            self.count(&body, end, Place::Lead, &mut found);
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

    /// Adds the counts up and keeps the topics that reach their threshold and their share of the best one.
    fn decide(&self, counts: &Counts, vouched: &[String]) -> Vec<Assigned> {
        let vouched: BTreeSet<&str> = vouched.iter().map(String::as_str).collect();
        let bodies = self.bodies(counts);
        let scored: Vec<Assigned> = (0..self.topics.len())
            .map(|topic| self.score(topic, counts, &bodies, &vouched))
            .collect();
        let best = scored.iter().map(|topic| topic.score).fold(0.0, f64::max);
        let mut given: Vec<Assigned> = scored
            .into_iter()
            .zip(&self.topics)
            .filter(|(topic, (_, threshold))| {
                topic.score >= *threshold && topic.score >= self.engine.relative * best
            })
            .map(|(topic, _)| topic)
            .collect();
        given.sort_by(|a, b| b.score.total_cmp(&a.score));
        given
    }

    /// What the body would add to each topic.
    fn bodies(&self, counts: &Counts) -> Vec<f64> {
        let mut bodies = vec![0.0; self.topics.len()];
        for ((topic, phrase, place), count) in counts {
            if *place != Place::Body {
                continue;
            }
            let uses = &self.phrases[*phrase].uses;
            if let Some((_, effect)) = uses.iter().find(|(user, _)| user == topic) {
                bodies[*topic] += effect.speaks_for * (1.0 + f64::from(*count).ln());
            }
        }
        bodies
    }

    /// What the body adds to a topic: up to the cap, or twice as much where it holds half as much of no other topic.
    fn body_share(&self, topic: usize, bodies: &[f64]) -> f64 {
        let others = bodies.iter().enumerate().filter(|(other, _)| *other != topic);
        let next = others.map(|(_, body)| *body).fold(0.0, f64::max);
        let cap = if bodies[topic] > 2.0 * next {
            2.0 * self.engine.body_cap
        } else {
            self.engine.body_cap
        };
        bodies[topic].min(cap)
    }

    fn score(
        &self,
        topic: usize,
        counts: &Counts,
        bodies: &[f64],
        vouched: &BTreeSet<&str>,
    ) -> Assigned {
        let (slug, threshold) = &self.topics[topic];
        let (mut pro, mut contra) = (self.body_share(topic, bodies), 0.0);
        let mut evidence: Vec<(f64, Evidence)> = Vec::new();
        if vouched.contains(slug.as_str()) {
            pro += threshold;
            evidence.push((*threshold, evidence_of(slug, Place::Section, 1)));
        }
        let of_topic = (topic, 0, Place::Title)..(topic + 1, 0, Place::Title);
        for ((_, phrase, place), count) in counts.range(of_topic) {
            let phrase = &self.phrases[*phrase];
            let effect = phrase.uses.iter().find(|(user, _)| *user == topic);
            let Some((_, effect)) = effect else { continue };
            let times = (1.0 + f64::from(*count).ln()) * self.multiplier(*place);
            contra += effect.speaks_against * times;
            let weight = effect.speaks_for * times;
            if weight > 0.0 {
                if *place != Place::Body {
                    pro += weight;
                }
                evidence.push((weight, evidence_of(&phrase.text, *place, *count)));
            }
        }
        evidence.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        Assigned {
            slug: slug.clone(),
            score: pro - contra.min(self.engine.neg_cap * pro),
            evidence: evidence.into_iter().map(|(_, evidence)| evidence).collect(),
        }
    }

    fn multiplier(&self, place: Place) -> f64 {
        match place {
            Place::Title => self.engine.title_mult,
            Place::Lead => self.engine.lead_mult,
            Place::Body | Place::Section => 1.0,
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
