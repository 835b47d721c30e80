//! Following articles: after a material edit or a withdrawal, the posts that tell the article are owed an edit. Changes are
//! taken up in the order of their clock; what is owed twice is owed once.

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use tracing::info;

use super::Step;
use crate::store::Store;

/// How long posts follow; zero for not at all.
#[derive(Debug, Clone, Copy)]
pub struct FollowFor {
    /// Posts in groups and channels, which everybody reads later too.
    pub shared: TimeDelta,
    /// Alerts to one person.
    pub private: TimeDelta,
}

/// Posts whose acceptance is being committed this moment are found after it.
const RIPE: TimeDelta = TimeDelta::seconds(5);

/// Edits owed in one transaction.
const CHUNK: i64 = 2000;

/// Takes up one change of an article.
pub async fn follow(store: &Store, follow_for: FollowFor, now: DateTime<Utc>) -> Result<Step> {
    let next = store.article_to_follow(now - RIPE).await;
    let Some((article, change)) = next.context("looking for changed articles")? else {
        return Ok(Step::Idle);
    };
    let since = (now - follow_for.shared, now - follow_for.private);
    let mut after = 0;
    while let Some(last) = store
        .owe_edits(article, after, since, CHUNK, now)
        .await
        .context("owing edits")?
    {
        after = last;
    }
    if after > 0 {
        info!(
            article.id = article,
            "Article {article} changed: posts that tell it are edited"
        );
    }
    store
        .followed_up_to(change)
        .await
        .context("noting how far changes were followed")?;
    Ok(Step::Worked(1))
}
