//! What is watched, as far as this process knows it: asked again before each article, so that a watch that somebody just
//! confirmed counts for the next one.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex;

use crate::{
    domain::{watch::Watchable, watched::Watched},
    store::Store,
};

/// Row ids are given before their transactions commit, so that a lower one may appear after a higher one; not later than
/// this.
const SETTLES_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Ids that may still be on their way when a process begins: a few imports at once.
const UNSETTLED: i64 = 2_000;

/// The watches. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct KnownWatches(Arc<Mutex<Known>>);

#[derive(Debug, Default)]
struct Known {
    watched: Watched,
    /// Every watch up to this id is known.
    settled: i64,
    /// The newest id, and when it was.
    newest: Option<(i64, DateTime<Utc>)>,
}

impl KnownWatches {
    /// The watches that an article belongs to, by their row ids. What was watched since the article before is read first.
    pub async fn matching(
        &self,
        store: &Store,
        article: &Watchable<'_>,
        now: DateTime<Utc>,
    ) -> Result<Vec<i64>> {
        let mut known = self.0.lock().await;
        let newer = store
            .watches_after(known.settled)
            .await
            .context("reading watches")?;
        let newest = newer.last().map_or(known.settled, |newest| newest.id);
        for watch in newer {
            known.watched.add(watch.id, watch.watch);
        }
        match known.newest {
            Some((settled, at)) if now - at >= SETTLES_AFTER => {
                known.settled = settled;
                known.newest = Some((newest, now));
            }
            Some(_) => {}
            None => {
                known.settled = newest - UNSETTLED;
                known.newest = Some((newest, now));
            }
        }
        Ok(known.watched.matching(article))
    }
}
