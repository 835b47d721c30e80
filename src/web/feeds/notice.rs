//! Which feeds changed, as far as this process knows: a number for each watch that some kept document hangs on, moved by
//! looking at the database's clock of changes every so often.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{
            AtomicBool, AtomicI64, AtomicU64,
            Ordering::{AcqRel, Acquire, Release},
        },
    },
    time::Duration,
};

use chrono::{DateTime, NaiveDate, Utc};
use tokio::time::timeout;
use tracing::{info, warn};

use crate::{
    domain::{time::local_date, watch::Watch},
    store::{Result, Store},
};

/// A database that hangs is as good as away.
const LOOK_TIMEOUT: Duration = Duration::from_secs(5);

/// The last change of every watch that is of interest here.
#[derive(Debug, Default)]
pub(super) struct Changes {
    known: Mutex<HashMap<Watch, Arc<AtomicI64>>>,
    /// The clock of changes up to which `known` is right.
    clock: AtomicI64,
    /// Counts databases: another one may have taken the place of the first.
    epoch: AtomicU64,
    is_away: AtomicBool,
}

/// The state of a watch that a document was made from.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    counter: Arc<AtomicI64>,
    epoch: u64,
    change: i64,
    /// The day on which it was made: links to archives and the end of a retired feed hang on the date.
    date: NaiveDate,
}

impl Changes {
    /// Begins a document of a watch, or of none. The caller reads the watch's last change after this and the articles after that: what
    /// changes meanwhile makes the document look older than it is, never newer.
    pub(super) fn begin(&self, watch: Option<&Watch>, now: DateTime<Utc>) -> Mark {
        let epoch = self.epoch.load(Acquire);
        let counter = watch.map_or_else(Arc::default, |watch| {
            let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(known.entry(watch.clone()).or_default())
        });
        Mark {
            counter,
            epoch,
            change: 0,
            date: local_date(now),
        }
    }

    pub(super) fn is_fresh(&self, mark: &Mark, now: DateTime<Utc>) -> bool {
        mark.date == local_date(now)
            && mark.counter.load(Acquire) <= mark.change
            && mark.epoch == self.epoch.load(Acquire)
    }

    /// Looks what changed since the last look; how many watches did.
    pub(super) async fn look(&self, store: &Store) -> Result<usize> {
        let mut seen = self.clock.load(Acquire);
        let clock = store.change_clock().await?;
        if clock == seen {
            return Ok(0);
        }
        if clock < seen {
            info!(
                "The clock of changes went back: another database took the place of the first, and all feeds are made anew"
            );
            self.forget();
            seen = 0;
        }
        let changes = store.changes_after(seen).await?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // Counters that no document holds any more.
        known.retain(|_, counter| Arc::strong_count(counter) > 1);
        for change in &changes {
            if let Some(counter) = known.get(&change.watch) {
                counter.fetch_max(change.change, AcqRel);
            }
        }
        drop(known);
        // Changes are committed in the order of the clock: who has seen one has missed none before it.
        let newest = changes.last().map_or(clock, |last| last.change.max(clock));
        self.clock.store(newest, Release);
        Ok(changes.len())
    }

    fn forget(&self) {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        for counter in known.values() {
            counter.store(0, Release);
        }
        self.epoch.fetch_add(1, AcqRel);
        self.clock.store(0, Release);
    }

    /// [`Changes::look`] for a loop: a database that is away is logged once, and once more when it is back. None changed
    /// then, as far as can be seen.
    pub(super) async fn look_and_log(&self, store: &Store) -> usize {
        let (changed, failure) = match timeout(LOOK_TIMEOUT, self.look(store)).await {
            Ok(Ok(changed)) => (changed, None),
            Ok(Err(e)) => (0, Some(e.to_string())),
            Err(_) => (0, Some("it did not answer in time".to_owned())),
        };
        let was_away = self.is_away.swap(failure.is_some(), AcqRel);
        match failure {
            Some(why) if !was_away => {
                warn!(
                    "Cannot see whether feeds changed: {why}; they are served as they are until it can be seen"
                );
            }
            None if was_away => info!("It can be seen again whether feeds changed"),
            _ => {}
        }
        changed
    }
}

impl Mark {
    /// The watch's change, read from the database after [`Changes::begin`].
    pub(super) fn at(self, change: i64) -> Self {
        Self { change, ..self }
    }
}
