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
    /// Every watch up to this id is known, and none will get such an id any more.
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
        let ids: Vec<i64> = newer.iter().map(|newer| newer.id).collect();
        for watch in newer {
            known.watched.add(watch.id, watch.watch);
        }
        known.settle(&ids, now);
        Ok(known.watched.matching(article))
    }
}

impl Known {
    /// Moves what is settled on, after what follows it was read: `ids`, in their order.
    fn settle(&mut self, ids: &[i64], now: DateTime<Utc>) {
        let newest = ids.last().copied().unwrap_or(self.settled);
        match self.newest {
            Some((settled, at)) if now - at >= SETTLES_AFTER => {
                self.settled = self.settled.max(settled);
                self.newest = Some((newest, now));
            }
            Some(_) => {}
            None => {
                self.settled = (newest - UNSETTLED).max(0);
                self.newest = Some((newest, now));
            }
        }
        // Where no id is missing, none is on its way.
        for id in ids {
            if *id == self.settled + 1 {
                self.settled = *id;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_still_come_is_read_again() {
        let now = DateTime::UNIX_EPOCH;
        let mut known = Known::default();
        known.settle(&[1, 2, 3, 5], now);
        assert_eq!(known.settled, 3, "4 may be on its way");
        known.settle(&[5, 6], now);
        assert_eq!(known.settled, 3);
        known.settle(&[4, 5, 6], now);
        assert_eq!(known.settled, 6, "it came");
        known.settle(&[8], now);
        known.settle(&[8], now + SETTLES_AFTER);
        assert_eq!(known.settled, 6, "8 is read a last time");
        known.settle(&[8, 9], now + SETTLES_AFTER * 2);
        assert_eq!(known.settled, 9, "7 will never come");
        known.settle(&[], now + SETTLES_AFTER * 2);
        assert_eq!(known.settled, 9);
    }

    #[test]
    fn of_many_at_the_beginning_the_last_may_still_change() {
        let ids: Vec<i64> = (1..=5_000).filter(|id| *id != 4_000).collect();
        let mut known = Known::default();
        known.settle(&ids, DateTime::UNIX_EPOCH);
        assert_eq!(known.settled, 3_999);
    }
}
