//! How well topics are given: what was given beside what people say, article by article, added up to precision, recall
//! and F1 per topic and over all.

use std::collections::{BTreeMap, BTreeSet};

/// Counts of one topic, or of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Given, and rightly so.
    pub right: u32,
    /// Given, but it is not about that.
    pub wrong: u32,
    /// Not given, though it is about that.
    pub missed: u32,
}

/// Articles that were judged.
#[derive(Debug, Clone, Default)]
pub struct Evaluation {
    articles: u32,
    topics: BTreeMap<String, Tally>,
    confused: BTreeMap<(String, String), u32>,
}

impl Tally {
    /// The share of what was given that is right; none where nothing was given.
    pub fn precision(self) -> Option<f64> {
        ratio(self.right, self.right + self.wrong)
    }

    /// The share of what should be given that was; none where nothing should be.
    pub fn recall(self) -> Option<f64> {
        ratio(self.right, self.right + self.missed)
    }

    /// The harmonic mean of both; none where nothing was or should be given.
    pub fn f1(self) -> Option<f64> {
        ratio(2 * self.right, 2 * self.right + self.wrong + self.missed)
    }

    /// Counts one decision: whether the topic was given, and whether the article is about it.
    pub fn judge(&mut self, is_given: bool, is_about: bool) {
        match (is_given, is_about) {
            (true, true) => self.right += 1,
            (true, false) => self.wrong += 1,
            (false, true) => self.missed += 1,
            (false, false) => {}
        }
    }

    fn add(&mut self, other: Self) {
        self.right += other.right;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }
}

impl Evaluation {
    /// Counts one article: the topics that it was given, and those that it has.
    pub fn add(&mut self, given: &BTreeSet<String>, has: &BTreeSet<String>) {
        self.articles += 1;
        for topic in given.union(has) {
            let tally = self.topics.entry(topic.clone()).or_default();
            tally.judge(given.contains(topic), has.contains(topic));
        }
        for missed in has.difference(given) {
            for instead in given.difference(has) {
                *self
                    .confused
                    .entry((missed.clone(), instead.clone()))
                    .or_default() += 1;
            }
        }
    }

    /// How many articles were judged.
    pub fn articles(&self) -> u32 {
        self.articles
    }

    /// The counts of each topic that was given or should have been.
    pub fn topics(&self) -> impl Iterator<Item = (&str, Tally)> {
        self.topics.iter().map(|(slug, tally)| (slug.as_str(), *tally))
    }

    /// All decisions together: frequent topics weigh more.
    pub fn micro(&self) -> Tally {
        let mut all = Tally::default();
        self.topics.values().for_each(|tally| all.add(*tally));
        all
    }

    /// The mean F1 of the topics that some article has: rare topics weigh as much as frequent ones.
    pub fn macro_f1(&self) -> Option<f64> {
        let has = self
            .topics
            .values()
            .filter(|tally| tally.right + tally.missed > 0);
        let scores: Vec<f64> = has.map(|tally| tally.f1().unwrap_or(0.0)).collect();
        let count = u32::try_from(scores.len()).ok().filter(|count| *count > 0)?;
        Some(scores.iter().sum::<f64>() / f64::from(count))
    }

    /// Which topic was missed where which other was given instead, the most frequent first.
    pub fn confusion(&self) -> Vec<(&str, &str, u32)> {
        let mut pairs: Vec<(&str, &str, u32)> = self
            .confused
            .iter()
            .map(|((missed, instead), count)| (missed.as_str(), instead.as_str(), *count))
            .collect();
        pairs.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
        pairs
    }
}

fn ratio(part: u32, whole: u32) -> Option<f64> {
    (whole > 0).then(|| f64::from(part) / f64::from(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(topics: &[&str]) -> BTreeSet<String> {
        topics.iter().map(|topic| (*topic).to_owned()).collect()
    }

    #[test]
    fn counts_become_precision_recall_and_f1() {
        let mut evaluation = Evaluation::default();
        evaluation.add(&set(&["a", "b"]), &set(&["a"]));
        evaluation.add(&set(&["b"]), &set(&["a"]));
        evaluation.add(&set(&[]), &set(&[]));
        assert_eq!(evaluation.articles(), 3);
        let topics: BTreeMap<&str, Tally> = evaluation.topics().collect();
        let a = topics["a"];
        assert_eq!(
            (a.precision(), a.recall(), a.f1()),
            (Some(1.0), Some(0.5), Some(2.0 / 3.0))
        );
        let b = topics["b"];
        assert_eq!((b.precision(), b.recall(), b.f1()), (Some(0.0), None, Some(0.0)));
        let all = evaluation.micro();
        assert_eq!((all.right, all.wrong, all.missed), (1, 2, 1));
        // No article is about b: its wrong alerts stand in the micro figures, and no recall of it can be told.
        assert_eq!(evaluation.macro_f1(), Some(2.0 / 3.0));
        assert_eq!(evaluation.confusion(), [("a", "b", 1)]);
    }
}
