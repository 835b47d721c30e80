//! The learned second vote: a linear model over syllables and pairs of them, beside the rules.
//!
//! One set of weights a topic, eight bits each, over hashed n-grams. It never decides alone: its vote is worth less than
//! a topic's threshold, so that what it gives has a phrase of the rules beside it, and it takes half of one away at most.
//! It is trained on what people said (sections of portals that vouch for a topic, corrections by staff) and is used for those
//! topics alone where it was measured to be better than the rules ([`validate`]).

mod features;
mod train;
mod validate;

use serde::{Deserialize, Serialize};

pub use features::{BUCKETS, Features, features};
pub use train::{Weights, train};
pub use validate::{Example, FOLDS, Judged, LEAST, validate};

/// N-grams that a vote names.
const NAMED: usize = 3;

/// What the vote of a topic may take away, as a share of the threshold.
const AGAINST: f64 = 0.5;

/// How a stored model begins.
const MAGIC: &[u8] = b"loa-learned-1\n";

/// A trained model.
#[derive(Debug, Clone, PartialEq)]
pub struct Model {
    topics: Vec<Head>,
    /// By bucket, then by topic.
    weights: Vec<i8>,
}

/// What a topic's weights are read with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Head {
    slug: String,
    /// What a weight of 1 stands for.
    scale: f32,
    bias: f32,
}

/// The vote on one topic.
#[derive(Debug, Clone, PartialEq)]
pub struct Vote {
    /// The topic.
    pub slug: String,
    /// What is added to the score, in thresholds: from -0.5 to less than 1.
    pub share: f64,
    /// The n-grams that speak for it the most.
    pub because: Vec<String>,
}

/// Why bytes are no model.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a learned model of this version; train again: loa topics train")]
pub struct ModelError;

impl Model {
    /// A model of the topics with these weights.
    pub fn new(of_topics: &[(String, Weights)]) -> Self {
        let mut weights = vec![0; BUCKETS * of_topics.len()];
        let mut topics = Vec::new();
        for (topic, (slug, trained)) in of_topics.iter().enumerate() {
            let largest = trained.weights.iter().fold(0.0_f32, |most, w| most.max(w.abs()));
            let scale = if largest > 0.0 { largest / 127.0 } else { 1.0 };
            for (bucket, weight) in trained.weights.iter().enumerate() {
                #[expect(clippy::cast_possible_truncation, reason = "rounded to -127..=127")]
                let small = (weight / scale).round() as i8;
                weights[bucket * of_topics.len() + topic] = small;
            }
            topics.push(Head {
                slug: slug.clone(),
                scale,
                bias: trained.bias,
            });
        }
        Self { topics, weights }
    }

    /// The topics that it votes on.
    pub fn slugs(&self) -> impl Iterator<Item = &str> {
        self.topics.iter().map(|head| head.slug.as_str())
    }

    /// Its votes on an article whose title, lead and body are normalised.
    pub fn votes(&self, title: &str, lead: &str, body: &str) -> Vec<Vote> {
        let grams = features::grams(title, lead, body);
        let length = features::length(&grams);
        let seen: Features = grams.iter().map(|g| (g.bucket(), g.value())).collect();
        let width = self.topics.len();
        let mut sums = vec![0.0_f32; width];
        for (bucket, value) in &seen {
            let row = &self.weights[*bucket as usize * width..][..width];
            for (sum, weight) in sums.iter_mut().zip(row) {
                *sum += f32::from(*weight) * value;
            }
        }
        let votes = self.topics.iter().zip(sums).enumerate();
        votes
            .map(|(topic, (head, sum))| {
                let share = share(head.bias + sum / length * head.scale);
                let heaviest = if share > 0.0 {
                    self.heaviest(topic, &seen)
                } else {
                    Vec::new()
                };
                Vote {
                    slug: head.slug.clone(),
                    share,
                    because: heaviest.into_iter().map(|at| grams[at].text()).collect(),
                }
            })
            .collect()
    }

    /// The places of those n-grams that speak for a topic the most.
    fn heaviest(&self, topic: usize, seen: &Features) -> Vec<usize> {
        let mut most: Vec<(f32, usize)> = Vec::with_capacity(NAMED + 1);
        for (at, (bucket, value)) in seen.iter().enumerate() {
            let weight = f32::from(self.weights[*bucket as usize * self.topics.len() + topic]) * value;
            if weight <= 0.0 || most.len() == NAMED && most.last().is_some_and(|(least, _)| weight <= *least)
            {
                continue;
            }
            let place = most.partition_point(|(known, _)| *known >= weight);
            most.insert(place, (weight, at));
            most.truncate(NAMED);
        }
        most.into_iter().map(|(_, at)| at).collect()
    }

    /// As it is stored: a line that names the form, a line of JSON, and the weights.
    pub fn to_bytes(&self) -> Vec<u8> {
        let heads = serde_json::to_string(&self.topics).unwrap_or_default();
        let mut bytes = [MAGIC, heads.as_bytes(), b"\n"].concat();
        bytes.extend(self.weights.iter().map(|weight| weight.cast_unsigned()));
        bytes
    }

    /// What [`Model::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, ModelError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError)?;
        let end = rest.iter().position(|b| *b == b'\n').ok_or(ModelError)?;
        let topics: Vec<Head> = serde_json::from_slice(&rest[..end]).map_err(|_| ModelError)?;
        let weights: Vec<i8> = rest[end + 1..].iter().map(|b| b.cast_signed()).collect();
        if weights.len() != BUCKETS * topics.len() {
            return Err(ModelError);
        }
        Ok(Self { topics, weights })
    }
}

/// A vote's size from a model's log odds: the probability from -1 to 1, halved below 0.
fn share(log_odds: f32) -> f64 {
    let vote = (f64::from(log_odds) / 2.0).tanh().min(0.99);
    if vote < 0.0 { vote * AGAINST } else { vote }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn example(text: &str) -> Features {
        features(text, "", "")
    }

    fn model() -> Model {
        let about = ["lúa hè thu được mùa", "nông dân gặt lúa", "giá lúa tăng"];
        let other = ["bệnh viện mổ tim", "bác sĩ khám bệnh", "giá thuốc tăng"];
        let known: Vec<(Features, bool)> = about
            .iter()
            .map(|t| (example(t), true))
            .chain(other.iter().map(|t| (example(t), false)))
            .collect();
        let known: Vec<(&Features, bool)> = known.iter().map(|(f, is)| (f, *is)).collect();
        Model::new(&[("nong".to_owned(), train(&known))])
    }

    #[test]
    fn a_model_votes_for_what_it_saw_and_names_why() {
        let model = model();
        let vote = &model.votes("mùa lúa", "", "")[0];
        assert!(vote.share > 0.2 && vote.share < 1.0, "{vote:?}");
        assert_eq!(vote.because[0], "lúa");
        let vote = &model.votes("khám tim", "", "")[0];
        assert!((-AGAINST..0.0).contains(&vote.share), "{vote:?}");
        assert!(vote.because.is_empty());
    }

    #[test]
    fn a_stored_model_is_the_same_and_a_broken_one_is_refused() {
        let model = model();
        let bytes = model.to_bytes();
        assert_eq!(Model::from_bytes(&bytes), Ok(model));
        assert_eq!(Model::from_bytes(&bytes[..bytes.len() - 1]), Err(ModelError));
        assert_eq!(Model::from_bytes(b"something else\n"), Err(ModelError));
        assert_eq!(Model::from_bytes(b""), Err(ModelError));
    }
}
