//! Documents that were made, kept until they change: each is made once a change, whoever and however many ask.
//!
//! A document is named by its canonical address. A hit looks at two numbers in memory and nothing else. Of a document that
//! changed, one task makes the new one; requests wait for it a little and then take the old one. An old document stays
//! until a new one takes its place: a database that is away takes no feed away. What is asked for is made anew as soon as a
//! change is noticed ([`FeedCache::refresh`]), so that the first who asks after it gets it too.

use std::{
    fmt,
    panic::resume_unwind,
    sync::{Arc, Mutex, PoisonError},
    thread::available_parallelism,
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use futures::{StreamExt as _, stream};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};
use tracing::error;

use super::{
    super::{searches::Place, state::WebState},
    answer::{Document, Draft},
    flight::{Flights, Joined, Landing},
    kept::{Build, Built, Kept, Lane, Wanted},
    notice::{Changes, Mark},
};
use crate::{
    domain::watch::Watch,
    measure::Rebuilt,
    store::{Result, Store},
};

/// Documents that are being made at once, beside searches, which have turns of their own. More would only queue for
/// connections to the database, and each holds its articles meanwhile.
const BUILDERS: usize = 4;

/// As many of them may be made before anybody asks: the others are for those who wait.
const REFRESHERS: usize = 2;

/// So many times longer do requests wait for a document that nobody made anew ahead of them: its old one may be old indeed.
/// Not for searches, of which there are many: one made anew behind each would hold all the others up.
const NOT_AHEAD: u32 = 40;

/// How long one may take once it has its turn: longer than the store waits for a connection.
const BUILD_TIMEOUT: Duration = Duration::from_secs(20);

/// After a failure, how long nothing is tried: a database that is away is not helped by every reader's question.
const AFTER_FAILURE: TimeDelta = TimeDelta::seconds(1);

/// What the cache takes of a document beside its bytes: keys, counters and the cache's own books.
const OVERHEAD: usize = 2048;

/// The documents of a process. Cheap to clone.
#[derive(Clone)]
pub struct FeedCache(Arc<Inner>);

struct Inner {
    kept: moka::sync::Cache<String, Arc<Kept>>,
    flights: Flights<Arc<Kept>>,
    changes: Changes,
    patience: Duration,
    builders: Semaphore,
    refreshing: tokio::sync::Mutex<()>,
    /// Writing and compressing: half of the cores at most, so that hits go on beside it.
    writers: Semaphore,
    failed_at: Mutex<Option<DateTime<Utc>>>,
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
            refreshing: tokio::sync::Mutex::default(),
            writers: Semaphore::new((cores / 2).max(1)),
            failed_at: Mutex::default(),
        }))
    }

    /// Looks into the database which watches changed since the last look; how many did. Feeds of this process are as
    /// fresh as the last look.
    pub async fn notice(&self, store: &Store) -> Result<usize> {
        self.0.changes.look(store).await
    }

    /// [`FeedCache::notice`] for a loop, which logs a database that is away once. What changed is made anew in the background.
    pub async fn look(&self, state: &WebState) {
        if self.0.changes.look_and_log(&state.store).await > 0 {
            let (feeds, state) = (self.clone(), state.clone());
            tokio::spawn(async move { feeds.refresh(&state).await });
        }
    }

    /// Makes anew what changed and is being asked for; ends when all of it is made. Requests get what there is meanwhile.
    pub async fn refresh(&self, state: &WebState) {
        let _turn = self.0.refreshing.lock().await;
        let now = state.clock.now();
        let is_due = |kept: &Kept| kept.is_asked_for(now) && !self.0.changes.is_fresh(&kept.mark, now);
        let recipe = |kept: Arc<Kept>| kept.recipe.clone().filter(|_| is_due(&kept));
        let due: Vec<_> = self.0.kept.iter().filter_map(|(_, kept)| recipe(kept)).collect();
        let make = async |(wanted, build): (Wanted, Build)| {
            if self.failed_lately(state.clock.now()) {
                return;
            }
            let address = wanted.address.clone();
            let mut flight = match self.join(&address, state.clock.now()) {
                Joined::Made(_) => return,
                Joined::Waiting(flight) => flight,
                Joined::First(flight, landing) => {
                    self.start(state, wanted, landing, (None, build));
                    flight
                }
            };
            // One that failed is logged, and the next who asks has it tried again.
            flight.end().await;
        };
        stream::iter(due).for_each_concurrent(REFRESHERS, make).await;
    }

    /// How many bytes the documents take, with what the cache needs for them.
    pub fn size_bytes(&self) -> u64 {
        self.0.kept.run_pending_tasks();
        self.0.kept.weighted_size()
    }

    /// A document that is there and did not change.
    pub(super) fn hit(&self, address: &str, now: DateTime<Utc>) -> Option<Arc<Kept>> {
        let kept = self.fresh(address, now)?;
        kept.asked(now);
        Some(kept)
    }

    /// A document that is there, however old.
    pub(super) fn kept(&self, address: &str) -> Option<Arc<Document>> {
        let kept = self.0.kept.get(address)?;
        Some(Arc::clone(&kept.document))
    }

    fn fresh(&self, address: &str, now: DateTime<Utc>) -> Option<Arc<Kept>> {
        let kept = self.0.kept.get(address)?;
        self.0.changes.is_fresh(&kept.mark, now).then_some(kept)
    }

    fn join(&self, address: &str, now: DateTime<Utc>) -> Joined<Arc<Kept>> {
        self.0.flights.join(address, || self.fresh(address, now))
    }

    /// The document, newly made by `build` if it has to be.
    pub(super) async fn get(
        &self,
        state: &WebState,
        wanted: Wanted,
        build: Build,
    ) -> std::result::Result<Arc<Document>, Unavailable> {
        let now = state.clock.now();
        let old = self.0.kept.get(&wanted.address);
        let mut patience = self.0.patience;
        if let Some(kept) = &old {
            let is_ahead = kept.recipe.is_some() && kept.is_asked_for(now);
            kept.asked(now);
            if self.0.changes.is_fresh(&kept.mark, now) {
                return Ok(Arc::clone(&kept.document));
            }
            if !is_ahead && wanted.lane != Lane::Search {
                patience = patience.saturating_mul(NOT_AHEAD);
            }
        }
        if self.failed_lately(state.clock.now()) {
            return old.map(|kept| Arc::clone(&kept.document)).ok_or(Unavailable);
        }
        let mut flight = match self.join(&wanted.address, state.clock.now()) {
            Joined::Made(kept) => return Ok(Arc::clone(&kept.document)),
            Joined::Waiting(flight) => flight,
            Joined::First(flight, landing) => {
                let place = (wanted.lane == Lane::Search).then(|| state.searches.place());
                if let Some(None) = place {
                    return old.map(|kept| Arc::clone(&kept.document)).ok_or(Unavailable);
                }
                self.start(state, wanted, landing, (place.flatten(), build));
                flight
            }
        };
        let kept = match old {
            None => flight.end().await.ok_or(Unavailable)?,
            Some(old) => flight.end_within(patience).await.unwrap_or(old),
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

    /// The task that makes the document, a search when its place comes to be the first. It goes on when nobody waits any more.
    fn start(
        &self,
        state: &WebState,
        wanted: Wanted,
        landing: Landing<Arc<Kept>>,
        (place, build): (Option<Place>, Build),
    ) {
        let (cache, state) = (self.clone(), state.clone());
        tokio::spawn(async move {
            let address = wanted.address.clone();
            // Waiting takes nothing of the time that making it may take.
            let _turns = match place {
                Some(place) => (Some(place.turn().await), None),
                None => (None, cache.0.builders.acquire().await.ok()),
            };
            let made = timeout(BUILD_TIMEOUT, cache.make(&state, wanted, build)).await;
            let kept = match made {
                Ok(Ok(kept)) => {
                    cache.0.kept.insert(address, Arc::clone(&kept));
                    // Over the cap no longer than until here.
                    cache.0.kept.run_pending_tasks();
                    Some(kept)
                }
                Ok(Err(e)) => {
                    cache.failed(&state, &address, &e.to_string(), e.is_away());
                    None
                }
                Err(_) => {
                    cache.failed(&state, &address, "the database did not answer in time", false);
                    None
                }
            };
            landing.land(kept);
        });
    }

    async fn make(&self, state: &WebState, wanted: Wanted, build: Build) -> Result<Arc<Kept>> {
        let old = self.0.kept.get(&wanted.address);
        let (mark, changed_at) = self.mark(state, wanted.watch.as_ref()).await?;
        let old_document = old.as_ref().map(|kept| Arc::clone(&kept.document));
        let (document, rebuilt) = match build(state.clone(), changed_at, old_document.clone()).await? {
            Built::Same(old) => (old, Rebuilt::Same),
            Built::New(write) => self.write(write, old_document, state.clock.now()).await,
        };
        state.measures.rebuilt(rebuilt);
        let made_at = state.clock.now();
        // Whoever asked while it was made, asked the old one.
        let (tally, asked_at) = match old {
            Some(kept) => (kept.tally.clone(), kept.asked_at()),
            None => (state.measures.tally(wanted.route.clone()), made_at),
        };
        let recipe = (wanted.lane == Lane::Named).then_some((wanted, build));
        Ok(Arc::new(Kept::new(
            document,
            tally,
            mark,
            (made_at, asked_at),
            recipe,
        )))
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
