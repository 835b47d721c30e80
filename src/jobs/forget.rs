//! Forgetting: sign-ups that nobody confirmed in time, and deliveries that were settled long ago, a few at a time.

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use tracing::info;

use super::Step;
use crate::store::{SIGNUP_GOOD_FOR, Store};

/// Rows in one transaction: nobody waits longer for it than for a few mails.
const CHUNK: i64 = 500;

/// How long a settled delivery is kept. People ask about a mail of the last weeks, and complaints and late bounces name one;
/// nobody asks after two months, and what somebody was sent is told to nobody then.
pub const KEEP_DELIVERIES: TimeDelta = TimeDelta::days(60);

/// Erases one chunk of what is not kept. May be broken off and begun again at any time.
pub async fn forget(store: &Store, now: DateTime<Utc>) -> Result<Step> {
    let people = store
        .forget_strangers(now - SIGNUP_GOOD_FOR, CHUNK, now)
        .await
        .context("forgetting people who never confirmed")?;
    let signups = store
        .forget_signups(CHUNK, now)
        .await
        .context("forgetting sign-ups that were not confirmed")?;
    let deliveries = store
        .forget_deliveries(now - KEEP_DELIVERIES, CHUNK)
        .await
        .context("forgetting old deliveries")?;
    let forgotten = people + signups + deliveries;
    if forgotten > 0 {
        info!(
            people,
            signups,
            deliveries,
            "Erased {people} addresses and {signups} sign-ups that nobody confirmed in time, and {deliveries} old deliveries"
        );
    }
    Ok(Step::worked(forgotten))
}
