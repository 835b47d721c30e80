//! Every request of a round: shown to be alive before it, counted after it, and what the host asks for heeded.

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use url::Url;

use super::{LEASE, Poller, Round, Target};
use crate::{
    portal::{
        Portal,
        address::host_of,
        fetch::{FetchError, Fetched, Page, Validators},
    },
    store::Leave,
};

/// What a host's lease lasts beyond a request: storing what it brought takes time too.
const LEASE_MARGIN: TimeDelta = TimeDelta::seconds(5);

impl Poller {
    /// Asks for a list as it was known before, see [`Poller::keep_alive`].
    pub(super) async fn fetch(
        &self,
        target: &Target<'_>,
        round: &Round,
        url: &Url,
        validators: &Validators,
    ) -> Result<Result<Fetched, FetchError>> {
        let now = match self.keep_alive(target, round).await? {
            Ok(now) => now,
            Err(error) => return Ok(Err(error)),
        };
        let fetched = self.fetcher.get(target.portal, url, validators, now).await;
        let outcome = fetched.as_ref().map(|fetched| match fetched {
            Fetched::Page(_) => "page",
            Fetched::NotModified { .. } => "unchanged",
        });
        self.count_fetch(target, outcome);
        self.heed(target, fetched.as_ref().err()).await?;
        Ok(fetched)
    }

    /// Asks for a page whatever was known of it, see [`Poller::keep_alive`].
    pub(super) async fn fetch_page(
        &self,
        target: &Target<'_>,
        round: &Round,
        url: &Url,
    ) -> Result<Result<Box<Page>, FetchError>> {
        let now = match self.keep_alive(target, round).await? {
            Ok(now) => now,
            Err(error) => return Ok(Err(error)),
        };
        let fetched = self.fetcher.get_page(target.portal, url, now).await;
        self.count_fetch(target, fetched.as_ref().map(|_| "page"));
        self.heed(target, fetched.as_ref().err()).await?;
        Ok(fetched)
    }

    /// A host that asks to be left alone is left alone by every process, also after a restart.
    pub(super) async fn heed(&self, target: &Target<'_>, error: Option<&FetchError>) -> Result<()> {
        let is_new = |error: &&FetchError| !matches!(error, FetchError::AskedToWait { .. });
        if let Some(wait) = error.filter(is_new).and_then(FetchError::retry_after) {
            let host = host_of(&target.portal.base_url);
            let held = self.store.hold_host(&host, self.clock.now() + wait).await;
            held.context("noting that a host wants to be left alone")?;
        }
        Ok(())
    }

    /// How long a host belongs to the process that asks it; prolonged before each request, and longer than one may take. Short,
    /// because a process that died leaves it behind.
    pub(super) fn host_lease(&self, portal: &Portal) -> TimeDelta {
        let longest = self.fetcher.longest_request(portal);
        LEASE_MARGIN + TimeDelta::from_std(longest).unwrap_or(LEASE)
    }

    /// Shows before each request that the round is alive: a slow portal must not make it look dead, nor hand its sections
    /// to another process. Gives the moment, or why the host may not be asked any more.
    pub(super) async fn keep_alive(
        &self,
        target: &Target<'_>,
        round: &Round,
    ) -> Result<Result<DateTime<Utc>, FetchError>> {
        let now = self.clock.now();
        if let Some(fanout) = round.id {
            let open = self.store.keep_fanout_open(fanout, now).await;
            open.context("keeping the polling round open")?;
        }
        let kept = self.store.keep_sections(target.claimed, now + LEASE).await;
        kept.context("keeping the sections claimed")?;
        let host = host_of(&target.portal.base_url);
        let until = now + self.host_lease(target.portal);
        let leave = self.store.lease_host(&host, round.holder, now, until).await;
        Ok(match leave.context("keeping the host's turn")? {
            Leave::Granted => Ok(now),
            Leave::Busy(until) | Leave::Held(until) => Err(FetchError::AskedToWait {
                host,
                wait: (until - now).to_std().unwrap_or_default(),
            }),
        })
    }
}
