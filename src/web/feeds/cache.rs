//! Documents that were made, kept until they change: each is made once a change, whoever and however many ask.
//!
//! A document is named by its canonical address. A hit looks at two numbers in memory and nothing else. Of a document that
//! changed, one task makes the new one; requests wait for it a little and then take the old one. An old document stays
//! until a new one takes its place: a database that is away takes no feed away.

use std::{
    fmt,
    future::Future,
    panic::resume_unwind,
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};
use tracing::error;

use super::{
    super::state::WebState,
    answer::{Document, Draft},
    flight::{Flights, Joined, Landing},
    notice::{Changes, Mark},
};
use crate::{
    domain::watch::Watch,
    measure::{Rebuilt, Tally},
    store::{Result, Store, StoreError},
};

/// Documents that are being made at once. More would only queue for connections to the database, and each holds its
/// articles meanwhile.
const BUILDERS: usize = 4;

/// How long one may take: longer than the store waits for a connection.
const BUILD_TIMEOUT: Duration = Duration::from_secs(20);

/// After a failure, how long nothing is tried: a database that is away is not helped by every reader's question.
const AFTER_FAILURE: TimeDelta = TimeDelta::seconds(1);

/// What the cache takes of a document beside its bytes: keys, counters and the cache's own books.
const OVERHEAD: usize = 1024;

/// The documents of a process. Cheap to clone.
#[derive(Clone)]
pub struct FeedCache(Arc<Inner>);

struct Inner {
    kept: moka::sync::Cache<String, Arc<Kept>>,
    flights: Flights<Arc<Kept>>,
    changes: Changes,
    patience: Duration,
    builders: Semaphore,
    /// Writing and compressing: half of the cores at most, so that hits go on beside it.
    writers: Semaphore,
    failed_at: Mutex<Option<DateTime<Utc>>>,
}

/// A document in the cache.
#[derive(Debug)]
pub(super) struct Kept {
    pub document: Arc<Document>,
    pub tally: Tally,
    mark: Mark,
}

/// Which document is wanted.
#[derive(Debug, Clone)]
pub(in super::super) struct Wanted {
    /// Its canonical address: with the parameters that mean something, in one order, and no others.
    pub address: String,
    /// The route as metrics name it.
    pub route: String,
    /// The watch whose changes change it; none where it hangs on the settings alone.
    pub watch: Option<Watch>,
}

/// What making a document came to.
pub(in super::super) enum Built {
    /// This one, which there was, is still right.
    Same(Arc<Document>),
    /// It is to be written, by this: what computes is left to a thread where nobody waits.
    New(Box<dyn FnOnce() -> Draft + Send>),
}

/// The document cannot be had now, and there is no older one; logged already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) struct Unavailable;

impl fmt::Debug for FeedCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedCache")
            .field("kept", &self.0.kept.entry_count())
            .finish_non_exhaustive()
    }
}

impl FeedCache {
    /// At most so many bytes. `patience` is how long a request waits for a newer document before it takes the old one.
    pub fn new(max_bytes: u64, patience: Duration) -> Self {
        let size = |address: &String, kept: &Arc<Kept>| {
            let bytes = OVERHEAD + 2 * address.len() + kept.document.size_bytes();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        let kept = moka::sync::Cache::builder().weigher(size).max_capacity(max_bytes);
        let cores = available_parallelism().map_or(1, std::num::NonZero::get);
        Self(Arc::new(Inner {
            kept: kept.build(),
            flights: Flights::default(),
            changes: Changes::default(),
            patience,
            builders: Semaphore::new(BUILDERS),
            writers: Semaphore::new((cores / 2).max(1)),
            failed_at: Mutex::default(),
        }))
    }

    /// Looks into the database which watches changed since the last look; how many did. Feeds of this process are as
    /// fresh as the last look.
    pub async fn notice(&self, store: &Store) -> Result<usize> {
        self.0.changes.look(store).await
    }

    /// [`FeedCache::notice`] for a loop, which logs a database that is away once.
    pub async fn look(&self, store: &Store) {
        self.0.changes.look_and_log(store).await;
    }

    /// How many bytes the documents take, with what the cache needs for them.
    pub fn size_bytes(&self) -> u64 {
        self.0.kept.run_pending_tasks();
        self.0.kept.weighted_size()
    }

    /// A document that is there and did not change.
    pub(super) fn hit(&self, address: &str, now: DateTime<Utc>) -> Option<Arc<Kept>> {
        let kept = self.0.kept.get(address)?;
        self.0.changes.is_fresh(&kept.mark, now).then_some(kept)
    }

    /// The document, newly made by `build` if it has to be. `build` gets the moment of the watch's last change, and the
    /// document that there is.
    pub(in super::super) async fn get<B, F>(
        &self,
        state: &WebState,
        wanted: Wanted,
        build: B,
    ) -> std::result::Result<Arc<Document>, Unavailable>
    where
        B: FnOnce(WebState, DateTime<Utc>, Option<Arc<Document>>) -> F + Send + 'static,
        F: Future<Output = Result<Built>> + Send,
    {
        let old = self.0.kept.get(&wanted.address);
        if let Some(kept) = &old
            && self.0.changes.is_fresh(&kept.mark, state.clock.now())
        {
            return Ok(Arc::clone(&kept.document));
        }
        if self.failed_lately(state.clock.now()) {
            return old.map(|kept| Arc::clone(&kept.document)).ok_or(Unavailable);
        }
        let mut flight = match self
            .0
            .flights
            .join(&wanted.address, || self.hit(&wanted.address, state.clock.now()))
        {
            Joined::Made(kept) => return Ok(Arc::clone(&kept.document)),
            Joined::Waiting(flight) => flight,
            Joined::First(flight, landing) => {
                self.start(state, wanted, landing, build);
                flight
            }
        };
        let kept = match old {
            None => flight.end().await.ok_or(Unavailable)?,
            Some(old) => flight.end_within(self.0.patience).await.unwrap_or(old),
        };
        Ok(Arc::clone(&kept.document))
    }

    fn failed_lately(&self, now: DateTime<Utc>) -> bool {
        let failed_at = self.0.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back must not make it lately for long.
        failed_at.is_some_and(|at| (now - at).abs() < AFTER_FAILURE)
    }

    fn failed(&self, state: &WebState, address: &str, why: &str, is_away: bool) {
        error!("Could not make {address}: {why}; an older one is served where there is one");
        state.measures.rebuilt(Rebuilt::Failed);
        if is_away {
            let mut failed_at = self.0.failed_at.lock().unwrap_or_else(PoisonError::into_inner);
            *failed_at = Some(state.clock.now());
        }
    }

    /// The task that makes the document. It goes on when nobody waits any more.
    fn start<B, F>(&self, state: &WebState, wanted: Wanted, landing: Landing<Arc<Kept>>, build: B)
    where
        B: FnOnce(WebState, DateTime<Utc>, Option<Arc<Document>>) -> F + Send + 'static,
        F: Future<Output = Result<Built>> + Send,
    {
        let (cache, state) = (self.clone(), state.clone());
        tokio::spawn(async move {
            let address = wanted.address.clone();
            let made = timeout(BUILD_TIMEOUT, cache.make(&state, wanted, build)).await;
            let kept = match made {
                Ok(Ok(kept)) => {
                    cache.0.kept.insert(address, Arc::clone(&kept));
                    // Over the cap no longer than until here.
                    cache.0.kept.run_pending_tasks();
                    Some(kept)
                }
                Ok(Err(e)) => {
                    let is_away = matches!(e, StoreError::Database(_));
                    cache.failed(&state, &address, &e.to_string(), is_away);
                    None
                }
                Err(_) => {
                    cache.failed(&state, &address, "the database did not answer in time", true);
                    None
                }
            };
            landing.land(kept);
        });
    }

    async fn make<B, F>(&self, state: &WebState, wanted: Wanted, build: B) -> Result<Arc<Kept>>
    where
        B: FnOnce(WebState, DateTime<Utc>, Option<Arc<Document>>) -> F + Send + 'static,
        F: Future<Output = Result<Built>> + Send,
    {
        let _turn = self.0.builders.acquire().await;
        let old = self.0.kept.get(&wanted.address);
        let (mark, changed_at) = self.mark(state, wanted.watch.as_ref()).await?;
        let old_document = old.as_ref().map(|kept| Arc::clone(&kept.document));
        let (document, rebuilt) = match build(state.clone(), changed_at, old_document.clone()).await? {
            Built::Same(old) => (old, Rebuilt::Same),
            Built::New(write) => self.write(write, old_document, state.clock.now()).await,
        };
        state.measures.rebuilt(rebuilt);
        let tally = match old {
            Some(kept) => kept.tally.clone(),
            None => state.measures.tally(wanted.route),
        };
        Ok(Arc::new(Kept {
            document,
            tally,
            mark,
        }))
    }

    /// Where the watch stands, and since when. A watch that nobody ever had stands where it will begin.
    async fn mark(&self, state: &WebState, watch: Option<&Watch>) -> Result<(Mark, DateTime<Utc>)> {
        let mark = self.0.changes.begin(watch, state.clock.now());
        let change = match watch {
            Some(watch) => state.store.change_of(watch).await?,
            None => None,
        };
        Ok(match change {
            Some(last) => (mark.at(last.change), last.changed_at),
            None => (mark, state.created),
        })
    }

    async fn write(
        &self,
        write: Box<dyn FnOnce() -> Draft + Send>,
        old: Option<Arc<Document>>,
        now: DateTime<Utc>,
    ) -> (Arc<Document>, Rebuilt) {
        let _turn = self.0.writers.acquire().await;
        let written = spawn_blocking(move || {
            let draft = write();
            match old {
                // It keeps its moment of change with it.
                Some(old) if old.is_of(&draft) => (old, Rebuilt::Same),
                _ => (Arc::new(Document::new(draft, now)), Rebuilt::Changed),
            }
        });
        written.await.unwrap_or_else(|e| resume_unwind(e.into_panic()))
    }
}
