//! Re-classification: after a change of the rules, stored articles get the topics that they have by the new ones, a chunk
//! a step, from where the last step or process stopped. Silently: nobody is told of old news.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use tracing::info;

use super::{
    Step,
    rules::{InForce, Rules, reclassified, topics_of},
};
use crate::{portal::Portal, store::Store};

/// Articles in one transaction: SQLite's writer is held for a fraction of a second.
pub const CHUNK: i64 = 50;

/// What re-classification works with.
#[derive(Debug)]
pub struct Reclassification {
    /// Where the articles are.
    pub store: Store,
    /// Whose sections vouch.
    pub portals: Arc<[Portal]>,
    /// The rules.
    pub rules: Rules,
    begun: tokio::sync::Mutex<Option<String>>,
    is_told: AtomicBool,
}

impl Reclassification {
    /// With nothing begun.
    pub fn new(store: Store, portals: Arc<[Portal]>, rules: Rules) -> Self {
        Self {
            store,
            portals,
            rules,
            begun: tokio::sync::Mutex::default(),
            is_told: AtomicBool::new(false),
        }
    }

    /// Classifies one chunk of the articles that are not classified by the rules in force.
    ///
    /// A process begins with each rules of its own once: of two processes with different rules, the one that began later is
    /// followed, and they do not undo each other's work for ever.
    pub async fn step(&self, now: DateTime<Utc>) -> Result<Step> {
        let rules = self.rules.current();
        let known = self.store.classification().await;
        let known = known.context("reading how far articles are classified")?;
        let Some(known) = known.filter(|known| known.rules == rules.hash) else {
            return self.begin(&rules).await;
        };
        if known.finished_at.is_some() {
            return Ok(Step::Idle);
        }
        *self.begun.lock().await = Some(rules.hash.clone());
        self.chunk(&rules, known.done_to, now).await
    }

    async fn begin(&self, rules: &InForce) -> Result<Step> {
        let mut begun = self.begun.lock().await;
        if begun.as_ref() == Some(&rules.hash) {
            if !self.is_told.swap(true, Ordering::Relaxed) {
                info!("Another process classifies articles by other topic rules; give all of them the same");
            }
            return Ok(Step::Idle);
        }
        let beginning = self.store.begin_classification(&rules.hash).await;
        beginning.context("beginning to classify articles by other rules")?;
        *begun = Some(rules.hash.clone());
        self.is_told.store(false, Ordering::Relaxed);
        info!("The topic rules are others than before; stored articles get their topics by them");
        Ok(Step::Worked(1))
    }

    async fn chunk(&self, rules: &InForce, from: i64, now: DateTime<Utc>) -> Result<Step> {
        let articles = self.store.articles_after(from, CHUNK).await;
        let articles = articles.context("reading articles to classify")?;
        let to = articles.last().map(|article| article.id);
        let topics = topics_of(&self.store, &self.portals, &rules.classifier, &articles).await?;
        let changes: Vec<_> = articles
            .iter()
            .zip(topics)
            .filter(|(article, topics)| article.topics != *topics)
            .map(|(article, topics)| reclassified(article, topics))
            .collect();
        let chunk = self
            .store
            .classify_chunk(&rules.hash, (from, to), &changes, now)
            .await;
        if !chunk.context("giving articles other topics")? {
            return Ok(Step::Worked(1));
        }
        if to.is_none() {
            info!("All articles have their topics by the rules in force");
            return Ok(Step::Idle);
        }
        Ok(Step::worked(articles.len()))
    }
}
