//! Daily limits: of everything that is sent (the operator's brake), of each relay, and of what one person is told.

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use tracing::warn;

use super::{Dispatch, Transport, flow::Flow};
use crate::{
    domain::{
        delivery::Kind,
        subscription::Channel,
        time::{local_date, start_of},
    },
    store::{Cap, Claimed, Mark},
};

/// What all mails together are counted as.
const ALL: &str = "all";

/// Why an alert is told in a digest instead.
const ENOUGH: &str = "alerts.per_person_per_day";

/// Limits of what is sent on a day in the portal's zone; 0 for none.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// Mails to everybody together; confirmations and private links are not held back.
    pub mails_per_day: i64,
    /// Alerts to one address; more are told in the next digest.
    pub per_person_per_day: i64,
}

impl Dispatch {
    /// The lanes that may be sent from now: all of them, or the urgent one once the day's mails are sent. What relays have
    /// sent today is learnt on the way.
    pub(super) async fn open_lanes(&self, now: DateTime<Utc>) -> Result<&'static [i64]> {
        let Transport::Email { mailer, .. } = &self.transport else {
            return Ok(&Kind::LANES);
        };
        let today = local_date(now);
        for (scope, most) in mailer.caps() {
            if self
                .store
                .mails_of_day(&scope, today)
                .await
                .context("counting a relay's mails")?
                >= most
            {
                mailer.is_full(&scope, now);
            }
        }
        let most = self.limits.mails_per_day;
        let is_over = most > 0
            && self
                .store
                .mails_of_day(ALL, today)
                .await
                .context("counting the day's mails")?
                >= most;
        Ok(if is_over { &Kind::LANES[..1] } else { &Kind::LANES })
    }

    /// What a mail counts against.
    pub(super) fn caps_of(&self, delivery: &Claimed, relay: Option<(String, i64)>) -> Vec<Cap> {
        let relay = relay.map(|(scope, most)| Cap { scope, most });
        let is_braked = self.limits.mails_per_day > 0 && delivery.kind.priority() != Kind::URGENT;
        let all = is_braked.then(|| Cap {
            scope: ALL.to_owned(),
            most: self.limits.mails_per_day,
        });
        relay.into_iter().chain(all).collect()
    }

    /// A limit was reached: nothing more of what it holds back is sent today.
    pub(super) fn is_full(&self, scope: &str, now: DateTime<Utc>) {
        if scope == ALL {
            warn!("Sent the mails of the day (alerts.mails_per_day): the others wait for tomorrow");
        } else {
            warn!(relay = scope, "A relay has had its mails of the day (per_day)");
            if let Transport::Email { mailer, .. } = &self.transport {
                mailer.is_full(scope, now);
            }
        }
    }

    /// Folds the alerts of people who were told enough today; gives the others.
    pub(super) async fn within_caps(&self, claimed: Vec<Claimed>, flow: &Flow) -> Result<Vec<Claimed>> {
        let most = self.limits.per_person_per_day;
        if most == 0 || self.transport.channel() != Channel::Email {
            return Ok(claimed);
        }
        let of_alerts: Vec<i64> = claimed
            .iter()
            .filter(|d| d.kind == Kind::Alert)
            .map(|d| d.subscriber_id)
            .collect();
        let midnight = start_of(local_date(self.clock.now()));
        let mut told = self
            .store
            .alerts_told_since(&of_alerts, midnight)
            .await
            .context("counting alerts of today")?;
        let mut within = Vec::with_capacity(claimed.len());
        for delivery in claimed {
            if delivery.kind == Kind::Alert && delivery.hold.is_none() {
                let count = told.entry(delivery.subscriber_id).or_default();
                // One whose outcome is unknown may have arrived: in a digest it would not be recognised.
                if *count >= most && !delivery.was_unknown {
                    flow.marks.mark_soon(&delivery, Mark::Fold(ENOUGH))?;
                    continue;
                }
                *count += 1;
            }
            within.push(delivery);
        }
        Ok(within)
    }
}
