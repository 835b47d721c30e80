//! The loops around the steps: run what is due until nothing is, then wait for a nudge, the next look, or the end. A step
//! that fails (the database is away) is logged and tried again; the loop goes on.

use std::{future::Future, sync::Arc, time::Duration};

use anyhow::Result;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::error;

use crate::jobs::Step;

/// How long to leave a failing step alone.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Who wakes whom.
#[derive(Debug, Clone, Default)]
pub(super) struct Nudges {
    pub poll: Arc<Notify>,
    pub fanout: Arc<Notify>,
    pub digest: Arc<Notify>,
    pub alarm: Arc<Notify>,
    pub email: Arc<Notify>,
    pub telegram: Arc<Notify>,
    pub bot: Arc<Notify>,
    pub webhook: Arc<Notify>,
}

impl Nudges {
    /// New deliveries may be due on all channels.
    pub fn senders(&self) {
        self.email.notify_one();
        self.telegram.notify_one();
        self.webhook.notify_one();
    }
}

/// Runs `step` until it is idle, then waits for `nudge` or for `look_after`: what other processes or the passing of time
/// made due. Ends when `stop` is set, after the step under way.
pub(super) async fn run<F>(
    name: &'static str,
    stop: CancellationToken,
    nudge: Arc<Notify>,
    look_after: Duration,
    mut step: impl FnMut() -> F,
) where
    F: Future<Output = Result<Step>>,
{
    while !stop.is_cancelled() {
        let wait = match step().await {
            Ok(Step::Worked(_)) => continue,
            Ok(Step::Idle) => look_after,
            Err(e) => {
                error!("The {name} step failed and is tried again: {e:#}");
                AFTER_FAILURE
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = nudge.notified() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}
