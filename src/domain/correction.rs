//! What staff say of an article's topics, against the rules: it holds whatever the rules give, now and after them.

use std::collections::BTreeMap;

use super::topic::{Assigned, Evidence, Place};

/// The score of a topic that staff gave where the rules give none: a little more than enough.
const STAFF_SCORE: f64 = 10.0;

/// Topics by slug: whether the article is about each, as staff say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corrections(pub BTreeMap<String, bool>);

impl Corrections {
    /// The topics as corrected, strongest first. Those that staff gave say so first.
    pub fn apply(&self, mut topics: Vec<Assigned>) -> Vec<Assigned> {
        let best = topics.iter().map(|topic| topic.score).fold(STAFF_SCORE, f64::max);
        topics.retain(|topic| self.0.get(&topic.slug) != Some(&false));
        for (slug, _) in self.0.iter().filter(|(_, is_about)| **is_about) {
            let by_staff = Evidence {
                phrase: slug.clone(),
                place: Place::Staff,
                count: 1,
            };
            if let Some(known) = topics.iter_mut().find(|topic| topic.slug == *slug) {
                known.evidence.insert(0, by_staff);
            } else {
                topics.push(Assigned {
                    slug: slug.clone(),
                    score: best,
                    evidence: vec![by_staff],
                });
            }
        }
        topics.sort_by(|a, b| b.score.total_cmp(&a.score));
        topics
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staff_have_the_last_word() {
        let given = |slug: &str, score| Assigned {
            slug: slug.to_owned(),
            score,
            evidence: Vec::new(),
        };
        let says = [("a", false), ("b", true), ("c", true), ("d", false)];
        let corrections = Corrections(says.map(|(slug, says)| (slug.to_owned(), says)).into());
        let topics = corrections.apply(vec![given("a", 12.0), given("b", 7.0)]);
        let told: Vec<_> = topics
            .iter()
            .map(|t| (t.slug.as_str(), t.score, t.evidence[0].place))
            .collect();
        assert_eq!(told, [("c", 12.0, Place::Staff), ("b", 7.0, Place::Staff)]);
        assert_eq!(
            Corrections::default().apply(vec![given("a", 1.0)]),
            [given("a", 1.0)]
        );
    }
}
