//! One request at a time per host, spaced, and none while the host asks to be left alone.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::OwnedMutexGuard;
use tokio::time::Instant;
use url::Url;

use super::FetchError;

/// The hosts that were asked so far.
#[derive(Debug, Default)]
pub(super) struct Hosts(Mutex<HashMap<String, Arc<tokio::sync::Mutex<Host>>>>);

#[derive(Debug, Default)]
struct Host {
    last_request: Option<Instant>,
    hold_until: Option<Instant>,
}

/// The turn to ask one host; others wait until it is dropped.
pub(super) struct Turn(OwnedMutexGuard<Host>);

impl Hosts {
    /// Waits for the turn at the address's host (`www.` apart). An error where the host asked to wait longer.
    pub(super) async fn turn(&self, url: &Url) -> Result<Turn, FetchError> {
        let host = url.host_str().unwrap_or_default().trim_start_matches("www.");
        let name = format!("{host}:{}", url.port().unwrap_or_default());
        let entry = {
            let mut hosts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(hosts.entry(name).or_default())
        };
        let state = entry.lock_owned().await;
        if let Some(until) = state.hold_until
            && let Some(wait) = until
                .checked_duration_since(Instant::now())
                .filter(|w| !w.is_zero())
        {
            return Err(FetchError::AskedToWait {
                host: host.to_owned(),
                wait,
            });
        }
        Ok(Turn(state))
    }
}

impl Turn {
    /// Waits until `spacing` after the last request, and counts the one that follows.
    pub(super) async fn wait(&mut self, spacing: Duration) {
        if let Some(last) = self.0.last_request {
            tokio::time::sleep_until(last + spacing).await;
        }
        self.0.last_request = Some(Instant::now());
    }

    /// Nothing is asked of the host for this long.
    pub(super) fn hold(&mut self, wait: Duration) {
        self.0.hold_until = Some(Instant::now() + wait);
    }
}
