//! The clockwork: cron expressions in the portal's zone that nudge a loop. What is due stands in the database; a tick that
//! is missed or comes twice changes nothing.

use std::{str::FromStr as _, sync::Arc};

use anyhow::{Context as _, Result};
use chrono::{DateTime, NaiveTime, Timelike as _};
use chrono_tz::Asia::Ho_Chi_Minh;
use croner::Cron;
use tokio::sync::Notify;
use tokio_cron_scheduler::{Job, JobScheduler};

use crate::portal::Portal;

/// Nudges `poll` at every section's moments. Keep the scheduler: dropping it stops the clockwork.
pub async fn nudge_polls(scheduler: &JobScheduler, portals: &[Portal], poll: &Arc<Notify>) -> Result<()> {
    for portal in portals {
        for section in &portal.sections {
            add(scheduler, &section.schedule, poll)
                .await
                .with_context(|| format!("scheduling section {}/{}", portal.id, section.slug))?;
        }
    }
    Ok(())
}

/// Nudges `digest` every day at that time of the portal's zone.
pub async fn nudge_digests(scheduler: &JobScheduler, at: NaiveTime, digest: &Arc<Notify>) -> Result<()> {
    let daily = format!("{} {} {} * * *", at.second(), at.minute(), at.hour());
    add(scheduler, &daily, digest)
        .await
        .context("scheduling the digest")
}

async fn add(scheduler: &JobScheduler, schedule: &str, whom: &Arc<Notify>) -> Result<()> {
    let whom = Arc::clone(whom);
    let job = Job::new_async_tz(schedule, Ho_Chi_Minh, move |_, _| {
        whom.notify_one();
        Box::pin(std::future::ready(()))
    })?;
    scheduler.add(job).await?;
    Ok(())
}

/// How many minutes lie between two polls of the section that is polled most often, at its busiest hours; 5 to 60, since a
/// reader that asks more often finds nothing new mostly, and one that asks more rarely is late.
pub fn shortest_gap_minutes(portals: &[Portal]) -> u32 {
    /// Enough for a day of the usual schedules.
    const MOMENTS: usize = 150;
    let sections = portals.iter().flat_map(|portal| &portal.sections);
    let gaps = sections.filter_map(|section| {
        let cron = Cron::from_str(&section.schedule).ok()?;
        let start = DateTime::UNIX_EPOCH.with_timezone(&Ho_Chi_Minh);
        let moments: Vec<_> = cron.iter_after(start).take(MOMENTS).collect();
        moments
            .windows(2)
            .map(|two| (two[1] - two[0]).num_minutes())
            .min()
    });
    let shortest = gaps.min().unwrap_or(60).clamp(5, 60);
    u32::try_from(shortest).unwrap_or(60)
}
