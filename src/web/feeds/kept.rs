//! What the cache holds, and what it needs to make a document.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::BoxFuture;

use super::{
    super::state::WebState,
    answer::{Document, Draft},
    notice::Mark,
};
use crate::{domain::watch::Watch, measure::Tally, store::Result};

/// A document that was asked for so lately is made anew at every change; any other once after it was asked for. Readers
/// ask every quarter of an hour or every hour.
const ASKED_LATELY: TimeDelta = TimeDelta::hours(2);

/// A document in the cache.
pub(super) struct Kept {
    /// The document.
    pub document: Arc<Document>,
    /// Where its answers are counted.
    pub tally: Tally,
    /// The state that it was made from.
    pub mark: Mark,
    made_at: DateTime<Utc>,
    /// When it, or an older one in its place, was last asked for (milliseconds).
    asked_at: AtomicI64,
    /// How it is made anew before anybody asks; nothing where that is left until somebody does.
    pub recipe: Option<(Wanted, Build)>,
}

/// Makes a document, any number of times. It gets the moment of the watch's last change, and the document that there is.
pub(super) type Build = Arc<
    dyn Fn(WebState, DateTime<Utc>, Option<Arc<Document>>) -> BoxFuture<'static, Result<Built>> + Send + Sync,
>;

/// Which document is wanted.
#[derive(Debug, Clone)]
pub(super) struct Wanted {
    /// Its canonical address: with the parameters that mean something, in one order, and no others.
    pub address: String,
    /// The route as metrics name it.
    pub route: String,
    /// The watch whose changes change it; none where it hangs on the settings alone.
    pub watch: Option<Watch>,
    /// Who makes it, and when.
    pub lane: Lane,
}

/// Whom a document waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lane {
    /// A feed that has a name: made anew when it changed, if it is asked for.
    Named,
    /// Made when somebody asks, beside the named ones.
    OnDemand,
    /// A search: waits for other searches alone.
    Search,
}

/// What making a document came to.
pub(super) enum Built {
    /// This one, which there was, is still right.
    Same(Arc<Document>),
    /// It is to be written, by this: what computes is left to a thread where nobody waits.
    New(Box<dyn FnOnce() -> Draft + Send>),
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Kept");
        shown.field("mark", &self.mark).finish_non_exhaustive()
    }
}

impl Kept {
    /// One that was made and last asked for at these moments.
    pub(super) fn new(
        document: Arc<Document>,
        tally: Tally,
        mark: Mark,
        (made_at, asked_at): (DateTime<Utc>, DateTime<Utc>),
        recipe: Option<(Wanted, Build)>,
    ) -> Self {
        Self {
            document,
            tally,
            mark,
            made_at,
            asked_at: AtomicI64::new(asked_at.timestamp_millis()),
            recipe,
        }
    }

    /// Whether it is worth while to make it anew before anybody asks.
    pub(super) fn is_asked_for(&self, now: DateTime<Utc>) -> bool {
        let asked_at = self.asked_at.load(Relaxed);
        asked_at >= self.made_at.timestamp_millis()
            || now.timestamp_millis() - asked_at < ASKED_LATELY.num_milliseconds()
    }

    /// Notes that somebody asks for it.
    pub(super) fn asked(&self, now: DateTime<Utc>) {
        self.asked_at.store(now.timestamp_millis(), Relaxed);
    }

    /// When it, or an older one in its place, was last asked for.
    pub(super) fn asked_at(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.asked_at.load(Relaxed)).unwrap_or_default()
    }
}
