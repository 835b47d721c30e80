//! The topic rules in force, which may be changed while the service runs: whoever classifies asks for them each time.

use std::{collections::BTreeMap, sync::Arc};

use anyhow::{Context as _, Result};
use tokio::sync::watch;

use crate::{
    domain::{article::Article, classify::Classifier, topic::Assigned},
    portal::Portal,
    store::{Reclassified, Store},
};

/// Rules, with a hash that is another for other rules.
#[derive(Debug, Clone)]
pub struct InForce {
    /// The rules, with what was learned.
    pub classifier: Arc<Classifier>,
    /// Hash of the rules, of what was learned and of what sections vouch for.
    pub hash: String,
}

/// The rules in force. Clones share them.
#[derive(Debug, Clone)]
pub struct Rules(Arc<watch::Sender<InForce>>);

impl Rules {
    /// The first ones.
    pub fn new(in_force: InForce) -> Self {
        Self(Arc::new(watch::Sender::new(in_force)))
    }

    /// Rules that never change, such as tests need.
    pub fn fixed(classifier: Classifier) -> Self {
        Self::new(InForce {
            classifier: Arc::new(classifier),
            hash: String::new(),
        })
    }

    /// Those in force now.
    pub fn current(&self) -> InForce {
        self.0.borrow().clone()
    }

    /// Puts others in force.
    pub fn replace(&self, in_force: InForce) {
        self.0.send_replace(in_force);
    }
}

/// The topics that stored articles have by these rules, with the votes of the sections that they stand in and with what staff
/// said: one for each article, in their order.
pub async fn topics_of(
    store: &Store,
    portals: &[Portal],
    classifier: &Classifier,
    articles: &[Article],
) -> Result<Vec<Vec<Assigned>>> {
    let ids: Vec<i64> = articles.iter().map(|article| article.id).collect();
    let mut corrections = store.corrections(&ids).await.context("reading corrections")?;
    let by_id: BTreeMap<&str, &Portal> = portals.iter().map(|p| (p.id.as_str(), p)).collect();
    let topics = articles.iter().map(|article| {
        let vouched = vouched(by_id.get(article.portal.as_str()).copied(), article);
        let lead = article.lead.as_deref();
        let topics = classifier.classify(&article.title, lead, &article.body_text, &vouched);
        corrections.remove(&article.id).unwrap_or_default().apply(topics)
    });
    Ok(topics.collect())
}

/// The topics that the sections of an article vouch for.
pub fn vouched(portal: Option<&Portal>, article: &Article) -> Vec<String> {
    let Some(portal) = portal else {
        return Vec::new();
    };
    let sections = article
        .sections
        .iter()
        .filter_map(|(slug, _)| portal.section(slug));
    let mut topics: Vec<String> = sections.flat_map(|section| section.topics.clone()).collect();
    topics.sort();
    topics.dedup();
    topics
}

/// Other topics for a stored article.
pub fn reclassified(article: &Article, topics: Vec<Assigned>) -> Reclassified {
    Reclassified {
        article: article.id,
        updated_at: article.updated_at,
        sections: article.sections.len(),
        topics,
    }
}
