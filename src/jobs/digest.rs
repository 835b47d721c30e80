//! Digests: starts the runs that are due and missing, then queues their deliveries, a bounded chunk a step. Whether a run is
//! missing stands in the database, so a restart at 6:59 or a machine that was off at 7:00 loses nothing.

use anyhow::{Context as _, Result};
use chrono::{DateTime, NaiveDate, Utc};
use tracing::info;

use super::{Step, fanout::CHUNK};
use crate::{
    domain::{delivery::Kind, schedule::Usual},
    store::{ScheduleRow, Store},
};

/// Starts what is due, and queues one chunk. `usual` is what the settings say for all who wished for nothing else.
pub async fn digest(store: &Store, usual: Usual, now: DateTime<Utc>) -> Result<Step> {
    let mut started = 0;
    for row in store.schedules().await.context("reading the digest schedules")? {
        let Some(date) = missing(&row, usual, now) else {
            continue;
        };
        if store
            .start_digest_run(row.id, date, now)
            .await
            .context("starting a digest run")?
        {
            let frequency = row.schedule.frequency();
            info!(%frequency, %date, schedule = row.id, "Started the {frequency} digest of {date}");
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

/// The date of the run that a schedule is due and has not had. Of several that were missed, the newest tells all. Nobody who
/// wishes for six o'clock at ten is sent this morning's at once.
fn missing(row: &ScheduleRow, usual: Usual, now: DateTime<Utc>) -> Option<NaiveDate> {
    let (date, moment) = row.schedule.latest(usual, now)?;
    let is_owed = moment > row.created_at && row.last_date.is_none_or(|last| last < date);
    is_owed.then_some(date)
}
