//! When a section is due next.

use std::{str::FromStr as _, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use chrono_tz::{Asia::Ho_Chi_Minh, Tz};
use croner::Cron;

/// After a first failure; doubles with every further one.
const FIRST_RETRY: TimeDelta = TimeDelta::minutes(1);

/// A portal that is down is asked at least this often: never given up, and its return is noticed within the hour.
const LONGEST_RETRY: TimeDelta = TimeDelta::hours(1);

/// The first look at a page that could not be read, and the rarest.
const FIRST_PAGE_RETRY: TimeDelta = TimeDelta::minutes(5);
const LONGEST_PAGE_RETRY: TimeDelta = TimeDelta::hours(24);

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

/// After the n-th failure in a row (1 or more): doubling from a minute to an hour, and never before the portal's wish.
pub(super) fn after_failure(failures: i64, wished: Option<Duration>, now: DateTime<Utc>) -> DateTime<Utc> {
    let doublings = u32::try_from(failures.clamp(1, 10) - 1).unwrap_or(0);
    let own = (FIRST_RETRY * 2_i32.pow(doublings)).min(LONGEST_RETRY);
    let wished = wished
        .and_then(|wait| TimeDelta::from_std(wait).ok())
        .unwrap_or_default();
    now + own.max(wished)
}

/// When a page is asked for again that could not be read `attempts` times before: soon at first, since editors list an
/// article minutes before its page is there, and once a day for one that stays away.
pub(super) fn after_page_failure(attempts: i64, now: DateTime<Utc>) -> DateTime<Utc> {
    let doublings = u32::try_from(attempts.clamp(0, 10)).unwrap_or(10);
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
        let wait = |failures, wished| (after_failure(failures, wished, now) - now).num_seconds();
        assert_eq!(
            [1, 2, 3, 7, 99].map(|n| wait(n, None)),
            [60, 120, 240, 3600, 3600]
        );
        let page = |attempts| (after_page_failure(attempts, now) - now).num_minutes();
        assert_eq!([0, 1, 2, 20].map(page), [5, 10, 20, 1440]);
        assert_eq!(wait(1, Some(Duration::from_hours(2))), 7200);
    }
}
