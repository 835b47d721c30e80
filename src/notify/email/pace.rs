//! How fast each domain wants its mail. A server that answers 421, 450, 451 or 452 gets the next mail later: an interval of the
//! domain's own, doubled each time that it asks again, halved each time that it takes a mail. Other domains do not notice.
//! Kept in memory: whoever forgets it asks once more.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

/// The interval after the first time.
const FIRST: TimeDelta = TimeDelta::seconds(5);

/// The longest interval, and the longest that a delivery waits before it looks again: the domain may have recovered.
const LONGEST: TimeDelta = TimeDelta::minutes(10);

/// Below it a domain counts as recovered.
const RECOVERED: TimeDelta = TimeDelta::seconds(2);

/// Domains remembered at most. Few slow down at one moment; whoever could make up more would gain nothing but normal speed.
const MOST_DOMAINS: usize = 10_000;

/// The domains that asked for patience.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<HashMap<String, Slow>>);

#[derive(Debug)]
struct Slow {
    interval: TimeDelta,
    slowed_at: DateTime<Utc>,
    /// When the next mail may go.
    next_at: DateTime<Utc>,
    /// Deliveries that were told to come back after that, one interval each.
    waiting: i32,
}

impl Pace {
    /// Whether a mail for this domain may go now (`None`), or when to look again. A mail that may go takes the turn.
    pub(super) fn wait_until(&self, domain: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let mut domains = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let slow = domains.get_mut(domain)?;
        if now >= slow.next_at {
            slow.next_at = now + slow.interval;
            slow.waiting = 0;
            return None;
        }
        let at = slow.next_at + slow.interval * slow.waiting;
        slow.waiting += 1;
        Some(at.min(now + LONGEST).max(slow.next_at))
    }

    /// The domain asked for patience. What several connections hear at one moment is said once.
    pub(super) fn slowed(&self, domain: &str, now: DateTime<Utc>) {
        let mut domains = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slow) = domains.get_mut(domain) {
            if now >= slow.slowed_at + slow.interval {
                slow.interval = (slow.interval * 2).min(LONGEST);
                slow.slowed_at = now;
                slow.next_at = slow.next_at.max(now + slow.interval);
            }
            return;
        }
        if domains.len() >= MOST_DOMAINS {
            domains.retain(|_, slow| slow.next_at > now);
        }
        if domains.len() < MOST_DOMAINS {
            let slow = Slow {
                interval: FIRST,
                slowed_at: now,
                next_at: now + FIRST,
                waiting: 0,
            };
            domains.insert(domain.to_owned(), slow);
        }
    }

    /// The domain took a mail.
    pub(super) fn taken(&self, domain: &str) {
        let mut domains = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(slow) = domains.get_mut(domain) {
            slow.interval = slow.interval / 2;
            if slow.interval < RECOVERED {
                domains.remove(domain);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH + TimeDelta::seconds(secs)
    }

    fn wait(pace: &Pace, domain: &str, secs: i64) -> Option<i64> {
        pace.wait_until(domain, at(secs)).map(|until| until.timestamp())
    }

    #[test]
    fn one_domain_waits_and_each_delivery_has_its_own_place() {
        let pace = Pace::default();
        assert_eq!(wait(&pace, "a.vn", 0), None);
        pace.slowed("a.vn", at(0));
        assert_eq!(wait(&pace, "a.vn", 1), Some(5));
        assert_eq!(wait(&pace, "a.vn", 1), Some(10));
        assert_eq!(wait(&pace, "a.vn", 1), Some(15));
        assert_eq!(wait(&pace, "b.vn", 1), None, "others do not notice");
        assert_eq!(wait(&pace, "a.vn", 5), None, "its turn");
        assert_eq!(wait(&pace, "a.vn", 5), Some(10), "one turn an interval");
    }

    #[test]
    fn the_interval_doubles_once_an_interval_up_to_minutes_and_halves_with_each_mail() {
        let pace = Pace::default();
        pace.slowed("a.vn", at(0));
        for _ in 0..8 {
            pace.slowed("a.vn", at(1));
        }
        assert_eq!(
            wait(&pace, "a.vn", 1),
            Some(5),
            "eight connections heard one answer"
        );
        let mut now = 0;
        for expected in [10, 20, 40, 80, 160, 320, 600, 600] {
            now += 600;
            assert_eq!(wait(&pace, "a.vn", now), None);
            pace.slowed("a.vn", at(now));
            assert_eq!(wait(&pace, "a.vn", now), Some(now + expected));
        }
        for _ in 0..9 {
            pace.taken("a.vn");
        }
        assert_eq!(wait(&pace, "a.vn", now), None, "recovered");
    }

    #[test]
    fn a_long_queue_looks_again_within_minutes() {
        let pace = Pace::default();
        pace.slowed("a.vn", at(0));
        let last = (0..10_000).filter_map(|_| wait(&pace, "a.vn", 0)).max();
        assert_eq!(last, Some(600));
    }

    #[test]
    fn memory_is_bounded() {
        let pace = Pace::default();
        for n in 0..MOST_DOMAINS + 5 {
            pace.slowed(&format!("{n}.vn"), at(0));
        }
        assert_eq!(pace.0.lock().unwrap().len(), MOST_DOMAINS);
    }
}
