//! Digests: starts the run that is due and missing, then queues its deliveries, a bounded chunk a step. Whether a run is
//! missing stands in the database, so a restart at 6:59 or a machine that was off at 7:00 loses nothing.

use anyhow::{Context as _, Result};
use chrono::{DateTime, NaiveTime, Utc};
use tracing::info;

use super::{Step, fanout::CHUNK};
use crate::{
    domain::{delivery::Kind, subscription::Frequency, time},
    store::Store,
};

/// Starts what is due, and queues one chunk.
pub async fn digest(store: &Store, digest_at: NaiveTime, now: DateTime<Utc>) -> Result<Step> {
    let due = [
        (Frequency::Daily, time::daily_digest_date(now, digest_at)),
        (Frequency::Weekly, time::weekly_digest_date(now, digest_at)),
    ];
    let mut started = 0;
    for (frequency, date) in due {
        if store
            .start_digest_run(date, frequency, now)
            .await
            .context("starting a digest run")?
        {
            info!(%frequency, %date, "Started the {frequency} digest of {date}");
            started += 1;
        }
    }
    let made = store
        .digest_chunk(CHUNK, Kind::Digest.priority(), now)
        .await
        .context("queueing digests")?;
    if let Some(made) = made.filter(|made| *made > 0) {
        info!(deliveries = made, "Queued {made} digests");
    }
    let chunk = made.map_or(0, |made| usize::try_from(made.max(1)).unwrap_or(usize::MAX));
    Ok(Step::worked(started + chunk))
}
