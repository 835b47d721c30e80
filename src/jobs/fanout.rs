//! Fan-out: the markers of new articles become deliveries, a bounded chunk a step.

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use tracing::{info, warn};

use super::Step;
use crate::{domain::delivery::Kind, store::Store};

/// Subscribers in one transaction: a million subscribers then hold SQLite's writer for milliseconds at a time.
pub const CHUNK: i64 = 5_000;

/// A polling round that asked for nothing and recorded nothing for so long belongs to a process that died.
const ROUND_IS_DEAD_AFTER: TimeDelta = TimeDelta::minutes(10);

/// Makes one chunk of deliveries.
pub async fn fanout(store: &Store, now: DateTime<Utc>) -> Result<Step> {
    let abandoned = store
        .close_abandoned_fanouts(now - ROUND_IS_DEAD_AFTER, now)
        .await
        .context("closing rounds whose process died")?;
    if abandoned > 0 {
        warn!(
            rounds = abandoned,
            "Closed polling rounds whose process died; what they recorded is announced now"
        );
    }
    let made = store
        .fan_out_chunk(CHUNK, Kind::Alert.priority(), now)
        .await
        .context("fanning out")?;
    Ok(match made {
        None => Step::Idle,
        Some(0) => Step::Worked(1),
        Some(made) => {
            info!(deliveries = made, "Queued {made} alerts");
            Step::Worked(usize::try_from(made).unwrap_or(usize::MAX))
        }
    })
}
