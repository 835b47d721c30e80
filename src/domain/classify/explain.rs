//! Why a topic was given or not: the same counts as [`Classifier::classify`] decides by, with nothing left out.

use serde::Serialize;

use super::{Classifier, Parts, evidence_of};
use crate::domain::topic::Evidence;

/// What became of a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The article has it.
    Given,
    /// Its score is below its threshold.
    BelowThreshold,
    /// It reached its threshold, but another topic is so much stronger that this one is a mention in passing.
    OutweighedByTheBest,
}

/// A topic of which at least one phrase stands in the article.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Considered {
    /// The topic.
    pub slug: String,
    /// What became of it.
    pub verdict: Verdict,
    /// Its score.
    pub score: f64,
    /// The score that it would have needed: its threshold, or where it reached that, its share of the best topic's score.
    pub needed: f64,
    /// What speaks for it, heaviest first.
    pub evidence: Vec<Evidence>,
    /// Negatives, which lower the score.
    pub against: Vec<Evidence>,
    /// Masks, which took their words out of the count, and phrases in asides, which do not count.
    pub masked: Vec<Evidence>,
}

impl Classifier {
    /// Every topic with a phrase in the article, strongest first. Takes what [`Classifier::classify`] takes.
    pub fn explain(
        &self,
        title: &str,
        lead: Option<&str>,
        body: &str,
        vouched: &[String],
    ) -> Vec<Considered> {
        let parts = Parts::new(title, lead, body);
        let (found, votes) = (self.find(&parts), self.votes(&parts));
        let (counts, aside) = (&found.counted, &found.aside);
        let beside = self.beside(counts, vouched, &votes);
        let mut considered: Vec<Considered> = Vec::new();
        for (topic, (slug, threshold)) in self.topics.iter().enumerate() {
            let scored = self.score(topic, counts, &beside);
            let (mut against, mut masked) = (Vec::new(), Vec::new());
            for ((of, phrase, place), count) in aside {
                if *of == topic {
                    masked.push(evidence_of(&self.phrases[*phrase].text, *place, *count));
                }
            }
            for ((of, phrase, place), count) in counts {
                let phrase = &self.phrases[*phrase];
                let effect = phrase
                    .uses
                    .iter()
                    .find(|(user, _)| *of == topic && *user == topic);
                let Some((_, effect)) = effect else { continue };
                if effect.speaks_against > 0.0 {
                    against.push(evidence_of(&phrase.text, *place, *count));
                } else if effect.speaks_for <= 0.0 {
                    masked.push(evidence_of(&phrase.text, *place, *count));
                }
            }
            if scored.evidence.is_empty() && against.is_empty() && masked.is_empty() {
                continue;
            }
            considered.push(Considered {
                slug: slug.clone(),
                verdict: Verdict::BelowThreshold,
                score: scored.score,
                needed: *threshold,
                evidence: scored.evidence,
                against,
                masked,
            });
        }
        let best = considered.iter().map(|topic| topic.score).fold(0.0, f64::max);
        for topic in &mut considered {
            let share = self.engine.relative * best;
            if topic.score < topic.needed {
                continue;
            }
            topic.needed = topic.needed.max(share);
            topic.verdict = if topic.score < share {
                Verdict::OutweighedByTheBest
            } else {
                Verdict::Given
            };
        }
        considered.sort_by(|a, b| b.score.total_cmp(&a.score));
        considered
    }
}
