//! Retention: articles that are older than the operator keeps them go for good, a few at a time.

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use tracing::info;

use super::Step;
use crate::store::Store;

/// Articles in one transaction: recording waits no longer for it than for a few articles.
const CHUNK: i64 = 50;

/// Removes one chunk of the articles whose place in lists is more than `keep` ago; `None` keeps everything for ever.
pub async fn retention(store: &Store, keep: Option<TimeDelta>, now: DateTime<Utc>) -> Result<Step> {
    let Some(older_than) = keep.and_then(|keep| now.checked_sub_signed(keep)) else {
        return Ok(Step::Idle);
    };
    let removed = store
        .remove_old_articles(older_than, CHUNK, now)
        .await
        .context("removing old articles")?;
    if removed > 0 {
        info!(articles = removed, %older_than, "Removed {removed} articles older than retention.keep_days");
    }
    Ok(Step::worked(removed))
}
