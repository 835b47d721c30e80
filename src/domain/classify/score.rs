//! From counts to scores, and from scores to the topics that are given.

use std::collections::BTreeSet;

use super::{Classifier, Counts, evidence_of};
use crate::domain::{
    learned::Vote,
    topic::{Assigned, Evidence, Place},
};

/// What is known of an article beside the phrases in it.
pub(super) struct Beside<'a> {
    /// Topics that sections vouch for.
    pub vouched: BTreeSet<&'a str>,
    /// What was learned.
    pub votes: &'a [Vote],
    /// What the body would add to each topic.
    pub bodies: Vec<f64>,
}

impl Classifier {
    /// Adds the counts up and keeps the topics that reach their threshold and their share of the best one.
    pub(super) fn decide(&self, counts: &Counts, vouched: &[String], votes: &[Vote]) -> Vec<Assigned> {
        let beside = self.beside(counts, vouched, votes);
        let scored: Vec<Assigned> = (0..self.topics.len())
            .map(|topic| self.score(topic, counts, &beside))
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

    pub(super) fn beside<'a>(&self, counts: &Counts, vouched: &'a [String], votes: &'a [Vote]) -> Beside<'a> {
        Beside {
            vouched: vouched.iter().map(String::as_str).collect(),
            votes,
            bodies: self.bodies(counts),
        }
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

    pub(super) fn score(&self, topic: usize, counts: &Counts, beside: &Beside<'_>) -> Assigned {
        let (slug, threshold) = &self.topics[topic];
        let (mut pro, mut contra) = (self.body_share(topic, &beside.bodies), 0.0);
        let mut evidence: Vec<(f64, Evidence)> = Vec::new();
        if beside.vouched.contains(slug.as_str()) {
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
        let vote = beside.votes.iter().find(|vote| vote.slug == *slug);
        let vote = vote.map_or(0.0, |vote| {
            let worth = vote.share * threshold;
            let because = vote.because.iter();
            evidence.extend(because.map(|gram| (worth, evidence_of(gram, Place::Learned, 1))));
            worth
        });
        evidence.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        Assigned {
            slug: slug.clone(),
            score: pro - contra.min(self.engine.neg_cap * pro) + vote,
            evidence: evidence.into_iter().map(|(_, evidence)| evidence).collect(),
        }
    }

    fn multiplier(&self, place: Place) -> f64 {
        match place {
            Place::Title => self.engine.title_mult,
            Place::Lead => self.engine.lead_mult,
            Place::Body | Place::Section | Place::Learned | Place::Staff => 1.0,
        }
    }
}
