//! Re-indexing: articles that an earlier version stored come to be found by their words, a bounded chunk a step.

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use tracing::info;

use super::Step;
use crate::store::Store;

/// Articles in one transaction: SQLite's writer is held for a fraction of a second.
pub const CHUNK: i64 = 200;

/// Writes the words of one chunk. May be broken off and begun again at any time.
pub async fn reindex(store: &Store, now: DateTime<Utc>) -> Result<Step> {
    let written = store
        .write_missing_words(CHUNK, now)
        .await
        .context("writing the words of articles for searches")?;
    if written > 0 {
        info!(articles = written, "Indexed {written} articles for searches");
    }
    Ok(Step::worked(written))
}
