//! Pings: tells a `WebSub` hub which feeds changed. A hub that is away costs only delay; one that answers again hears of each
//! feed once, however often it changed meanwhile.

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use tracing::{info, warn};

use super::{Step, random_number};
use crate::{
    domain::breakage::retry_at,
    notify::{SendError, hub::Hub},
    store::{Ping, Store},
};

/// Feeds in one claim.
const CHUNK: i64 = 20;

/// A hub that asks to be left alone for longer is mistaken, or is asked again for nothing.
const LONGEST_WISH: TimeDelta = TimeDelta::days(1);

/// Whom to tell, and of what.
#[derive(Clone)]
pub struct Publisher {
    /// The hub.
    pub hub: Hub,
    /// Address under which the feeds are public, without a final slash.
    pub public_url: String,
    /// The extensions of a feed's addresses, one for each format.
    pub extensions: Vec<&'static str>,
}

/// Tells the hub of feeds that changed: one request a feed, in all of its formats.
pub async fn ping(store: &Store, publisher: &Publisher, now: DateTime<Utc>) -> Result<Step> {
    let claimed = store.claim_pings(random_number()?, CHUNK, now).await;
    let claimed = claimed.context("claiming pings")?;
    for (at, ping) in claimed.iter().enumerate() {
        let told = publisher.hub.publish(&publisher.addresses(ping)).await;
        let Err(error) = told else {
            store.ping_told(ping, now).await.context("marking a ping")?;
            info!(watch = %ping.watch, "Told the hub that the feed {} changed", ping.watch);
            continue;
        };
        let (why, wait) = match error {
            SendError::Later(why, wait) => (why, wait),
            other => (other.to_string(), None),
        };
        let wished = wait.and_then(|wait| TimeDelta::from_std(wait).ok());
        let wished = wished.map(|wait| wait.min(LONGEST_WISH));
        let next = retry_at(ping.attempts, now, wished);
        // The others would meet the same hub.
        let rest = &claimed[at..];
        store
            .pings_postponed(rest, next, &why)
            .await
            .context("postponing pings")?;
        warn!(
            attempts = ping.attempts, %next, feeds = rest.len(),
            "The hub at {} was not told that feeds changed: {why}; it is told later", publisher.hub.host()
        );
        break;
    }
    Ok(Step::worked(claimed.len()))
}

impl Publisher {
    fn addresses(&self, ping: &Ping) -> Vec<String> {
        let Some(path) = ping.watch.feed_path() else {
            return Vec::new();
        };
        let address = |extension: &&str| format!("{}{path}.{extension}", self.public_url);
        self.extensions.iter().map(address).collect()
    }
}
