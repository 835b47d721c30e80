//! When a section is due next.

use std::{str::FromStr as _, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::{Asia::Ho_Chi_Minh, Tz};
use croner::Cron;

/// After a first failure; doubles with every further one.
const FIRST_RETRY: TimeDelta = TimeDelta::minutes(1);

/// A portal that is down is asked at least this often: never given up, and its return is noticed within the hour.
const LONGEST_RETRY: TimeDelta = TimeDelta::hours(1);

/// How much later than that a retry may be (share of the wait): many that failed together must not come back together.
const JITTER: f64 = 0.2;

/// The first look at a page that could not be read, and the rarest.
const FIRST_PAGE_RETRY: TimeDelta = TimeDelta::minutes(5);
const LONGEST_PAGE_RETRY: TimeDelta = TimeDelta::days(7);

/// Ages at which an article is looked at again: most corrections come within hours, and after two months none is expected.
const LOOKS: [TimeDelta; 9] = [
    TimeDelta::hours(1),
    TimeDelta::hours(3),
    TimeDelta::hours(8),
    TimeDelta::days(1),
    TimeDelta::days(3),
    TimeDelta::days(7),
    TimeDelta::days(14),
    TimeDelta::days(30),
    TimeDelta::days(60),
];

/// An article whose page was not there, or could not be had, is looked at again so soon.
pub(super) const LOOK_SOON: TimeDelta = TimeDelta::hours(1);

/// A list that is not there because the portal has another shape: looked for once a day.
pub(super) const ABSENT: TimeDelta = TimeDelta::hours(24);

/// A schedule that names no moment any more (a date in the past): as often as any section.
const FALLBACK: TimeDelta = TimeDelta::hours(1);

/// The next moment of a six-field cron expression in the portal's zone. Expressions are checked when settings are read.
pub(super) fn scheduled(schedule: &str, now: DateTime<Utc>) -> DateTime<Utc> {
    let next = Cron::from_str(schedule).ok().and_then(|cron| {
        cron.find_next_occurrence(&now.with_timezone(&Ho_Chi_Minh), false)
            .ok()
    });
    next.map_or(now + FALLBACK, |at| at.with_timezone(&Utc))
}

/// After the n-th failure in a row (1 or more): doubling from a minute to an hour, a little later by chance, and never
/// before the portal's wish.
pub(super) fn after_failure(
    failures: i64,
    wished: Option<Duration>,
    section: i64,
    now: DateTime<Utc>,
) -> DateTime<Utc> {
    let doublings = u32::try_from(failures.clamp(1, 10) - 1).unwrap_or(0);
    let own = (FIRST_RETRY * 2_i32.pow(doublings)).min(LONGEST_RETRY);
    let own = own + jitter(own, section, now);
    let wished = wished
        .and_then(|wait| TimeDelta::from_std(wait).ok())
        .unwrap_or_default();
    now + own.max(wished)
}

/// Up to a fifth of a wait: different for each section, and for each process that starts at another moment.
fn jitter(wait: TimeDelta, section: i64, now: DateTime<Utc>) -> TimeDelta {
    let seed = [section.to_le_bytes(), now.timestamp_micros().to_le_bytes()].concat();
    let share = f64::from(blake3::hash(&seed).as_bytes()[0]) / 256.0 * JITTER;
    let extra = wait.to_std().unwrap_or_default().mul_f64(share);
    TimeDelta::from_std(extra).unwrap_or_default()
}

/// When an article is looked at again that was published or edited at `since`; `None` once it is old.
pub(super) fn look(since: DateTime<Utc>, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    LOOKS.iter().map(|age| since + *age).find(|at| *at > now)
}

/// When a page is asked for again that could not be read `attempts` times before: soon at first, since editors list an
/// article minutes before its page is there, and once a week for one that stays away.
pub(super) fn after_page_failure(attempts: i64, now: DateTime<Utc>) -> DateTime<Utc> {
    let doublings = u32::try_from(attempts.clamp(0, 12)).unwrap_or(12);
    now + (FIRST_PAGE_RETRY * 2_i32.pow(doublings)).min(LONGEST_PAGE_RETRY)
}

/// For logs: the operator's clock, not UTC.
pub(super) fn local(at: DateTime<Utc>) -> DateTime<Tz> {
    at.with_timezone(&Ho_Chi_Minh)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schedule_is_in_the_portals_zone_and_failures_double_to_an_hour() {
        let now: DateTime<Utc> = "2026-11-24T00:01:00Z".parse().unwrap();
        // 07:01 in Quảng Trị: the next 7:05 is in four minutes.
        assert_eq!((scheduled("0 5 7 * * *", now) - now).num_minutes(), 4);
        let wait = |failures, wished| (after_failure(failures, wished, 1, now) - now).num_seconds();
        for (failures, least) in [(1, 60), (2, 120), (3, 240), (7, 3600), (99, 3600)] {
            let seconds = wait(failures, None);
            assert!(
                (least..=least * 6 / 5).contains(&seconds),
                "{failures}: {seconds}"
            );
        }
        let apart: std::collections::HashSet<_> = (0..20).map(|id| after_failure(7, None, id, now)).collect();
        assert!(apart.len() > 15, "sections do not come back together");
        let page = |attempts| (after_page_failure(attempts, now) - now).num_minutes();
        assert_eq!([0, 1, 2, 20].map(page), [5, 10, 20, 10080]);
        assert_eq!(wait(1, Some(Duration::from_hours(2))), 7200);
    }

    #[test]
    fn looks_become_rare_and_end() {
        let now: DateTime<Utc> = "2026-11-24T00:01:00Z".parse().unwrap();
        let next = |age| look(now - age, now).map(|at| at - now);
        assert_eq!(next(TimeDelta::zero()), Some(TimeDelta::hours(1)));
        assert_eq!(next(TimeDelta::hours(1)), Some(TimeDelta::hours(2)));
        assert_eq!(next(TimeDelta::days(10)), Some(TimeDelta::days(4)));
        assert_eq!(next(TimeDelta::days(60)), None);
    }
}
