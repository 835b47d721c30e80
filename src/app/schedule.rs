//! The clockwork: cron expressions in the portal's zone that nudge a loop. What is due stands in the database; a tick that
//! is missed or comes twice changes nothing.

use std::{str::FromStr as _, sync::Arc};

use anyhow::{Context as _, Result};
use chrono::DateTime;
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

/// Nudges `digest` at every full minute: digests come at the minute that somebody chose, and the store knows which.
pub async fn nudge_digests(scheduler: &JobScheduler, digest: &Arc<Notify>) -> Result<()> {
    add(scheduler, "0 * * * * *", digest)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feeds_are_worth_asking_for_as_often_as_the_busiest_section_is_polled() {
        let portal = |schedules: &[&str]| {
            let sections = schedules.iter().enumerate().map(|(n, schedule)| {
                format!("[[section]]\nslug = \"s{n}\"\ntitle = \"S\"\npath = \"/s{n}\"\nschedule = \"{schedule}\"\n")
            });
            let text = "id = \"mau\"\nname = \"M\"\nbase_url = \"http://m.example/\"\nauthority = \"m.example\"\nyear = 2026\nprofile = \"3cms\"\n";
            Portal::from_toml(&(text.to_owned() + &sections.collect::<String>())).unwrap()
        };
        for (schedules, minutes) in [
            (&["0 */10 * * * *"][..], 10),
            (&["0 0 * * * *", "30 */15 * * * *"], 15),
            (&["0 0,20 6-18 * * *"], 20),
            (&["0 0 7 * * *"], 60),
            (&["0 * * * * *"], 5),
            (&["*/10 * * * * *"], 5),
        ] {
            assert_eq!(
                shortest_gap_minutes(&[portal(schedules)]),
                minutes,
                "{schedules:?}"
            );
        }
        assert_eq!(shortest_gap_minutes(&[]), 60);
    }
}
