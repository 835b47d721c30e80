//! All that is watched, asked at once: which of it an article belongs to.

use std::collections::{HashMap, HashSet};

use super::{
    phrases::Phrases,
    watch::{Watch, Watchable},
};

/// Watches by what they ask for, each under its row id.
#[derive(Debug, Default)]
pub struct Watched {
    ids: HashSet<i64>,
    named: HashMap<Watch, i64>,
    exact: Phrases,
    folded: Phrases,
}

impl Watched {
    /// Adds a watch, unless it is known by its id.
    pub fn add(&mut self, id: i64, watch: Watch) {
        if !self.ids.insert(id) {
            return;
        }
        if let Watch::Phrase(phrase) = &watch {
            let (needle, is_folded) = Watch::phrase_form(phrase);
            let phrases = if is_folded {
                &mut self.folded
            } else {
                &mut self.exact
            };
            phrases.add(&needle, id);
        } else {
            self.named.insert(watch, id);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    /// Whether nothing is watched.
    pub fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// The watches that an article belongs to, by their ids, in their order.
    pub fn matching(&self, article: &Watchable<'_>) -> Vec<i64> {
        let section = Watch::Section {
            portal: article.portal.to_owned(),
            slug: article.section.to_owned(),
        };
        let topics = article
            .topics
            .iter()
            .map(|topic| Watch::Topic(topic.slug.clone()));
        let named = [Watch::All, section].into_iter().chain(topics);
        let mut ids: Vec<i64> = named
            .filter_map(|watch| self.named.get(&watch).copied())
            .collect();
        self.exact.find(&article.normalised, |id| ids.push(id));
        self.folded.find(&article.folded, |id| ids.push(id));
        ids.sort_unstable();
        ids.dedup();
        ids
    }
}
