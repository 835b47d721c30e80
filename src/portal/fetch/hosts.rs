//! One request at a time per host, spaced, and none while the host asks to be left alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use url::Url;

use super::FetchError;
use crate::portal::address::host_of;

/// The hosts that were asked so far.
#[derive(Debug, Default)]
pub(super) struct Hosts(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Host>>>>);

#[derive(Debug, Default)]
struct Host {
    last_request: Option<Instant>,
    hold_until: Option<DateTime<Utc>>,
}

/// The turn to ask one host; others wait until it is dropped.
pub(super) struct Turn(OwnedMutexGuard<Host>);

impl Hosts {
    /// Waits for the turn at the address's host (`www.` apart). An error where the host asked to wait longer.
    pub(super) async fn turn(&self, url: &Url, now: DateTime<Utc>) -> Result<Turn, FetchError> {
        let host = host_of(url);
        let entry = {
            let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(hosts.entry(host.clone()).or_default())
        };
        let state = entry.lock_owned().await;
        let wait = state.hold_until.and_then(|until| (until - now).to_std().ok());
        if let Some(wait) = wait.filter(|wait| !wait.is_zero()) {
            return Err(FetchError::AskedToWait { host, wait });
        }
        Ok(Turn(state))
    }
}

impl Turn {
    /// Waits until `spacing` after the last request.
    pub(super) async fn wait(&mut self, spacing: Duration) {
        if let Some(last) = self.0.last_request {
            tokio::time::sleep_until(last + spacing).await;
        }
    }

    /// A request is over, whatever came of it. Counted from here, connecting and a slow answer cannot eat up the pause.
    pub(super) fn asked(&mut self) {
        self.0.last_request = Some(Instant::now());
    }

    /// Nothing is asked of the host until then.
    pub(super) fn hold(&mut self, until: DateTime<Utc>) {
        self.0.hold_until = Some(until);
    }
}
