//! What this process counts of its own work, for `/metrics`: requests, fetches, polls, articles.
//!
//! Each [`Measures`] has a recorder of its own; there is no global one, so that several services in one process (tests, the
//! demo) do not count for each other. What can be read from the database is not counted here: every process would know
//! its own share only.

use std::{
    fmt,
    sync::{Arc, OnceLock},
    time::Duration,
};

use metrics::{Counter, Unit, counter, describe_counter, describe_histogram, histogram, with_local_recorder};
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusRecorder};

const REQUESTS: &str = "loa_http_requests_total";
const REBUILDS: &str = "loa_feed_rebuilds_total";
const FETCHES: &str = "loa_fetch_total";
const POLLS: &str = "loa_poll_duration_seconds";
const RECORDED: &str = "loa_articles_recorded_total";

/// Upper bounds in seconds: an unchanged list takes one request, a first poll some minutes at one page a second.
const POLL_BUCKETS: [f64; 9] = [0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 120.0, 300.0, 900.0];

/// Methods that are counted under their own name. Anyone can send any other word, and each would be a new series.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"];

/// Counters and histograms of one process. Cheap to clone.
#[derive(Clone)]
pub struct Measures(Arc<PrometheusRecorder>);

impl Default for Measures {
    fn default() -> Self {
        let builder = PrometheusBuilder::new();
        let builder = builder
            .set_buckets_for_metric(Matcher::Full(POLLS.to_owned()), &POLL_BUCKETS)
            .expect("there are buckets");
        let recorder = builder.build_recorder();
        with_local_recorder(&recorder, || {
            describe_counter!(REQUESTS, "Requests answered, by route, method and status");
            describe_counter!(
                REBUILDS,
                "Feed documents made anew because something changed, by outcome: changed, same, failed"
            );
            describe_counter!(
                FETCHES,
                "Pages asked of portals, by outcome: page, unchanged, or what went wrong"
            );
            describe_histogram!(POLLS, Unit::Seconds, "How long the poll of one section took");
            describe_counter!(
                RECORDED,
                "Articles stored for the first time (new) or after an edit (changed)"
            );
        });
        Self(Arc::new(recorder))
    }
}

impl fmt::Debug for Measures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Measures")
    }
}

impl Measures {
    /// A request was answered. `route` is the pattern that matched (`/articles/{id}`), never the path itself: paths hold
    /// tokens, and are endless.
    pub fn answered(&self, route: Option<&str>, method: &str, status: u16) {
        let method = METHODS
            .into_iter()
            .find(|known| *known == method)
            .unwrap_or("other");
        let route = route.unwrap_or("none").to_owned();
        self.record(|| {
            counter!(REQUESTS, "route" => route, "method" => method, "status" => status.to_string())
                .increment(1);
        });
    }

    /// Counts answers of one route that are given often: what [`Measures::answered`] would count, at the cost of an
    /// addition.
    pub fn tally(&self, route: String) -> Tally {
        Tally(Arc::new(Tallied {
            measures: self.clone(),
            route,
            counters: Default::default(),
        }))
    }

    /// A feed document was made, or could not be.
    pub fn rebuilt(&self, outcome: Rebuilt) {
        let outcome = match outcome {
            Rebuilt::Changed => "changed",
            Rebuilt::Same => "same",
            Rebuilt::Failed => "failed",
        };
        self.record(|| counter!(REBUILDS, "outcome" => outcome).increment(1));
    }

    /// A portal was asked for a page. `outcome` is one word: `page`, `unchanged`, or the kind of the failure.
    pub fn fetched(&self, portal: &str, outcome: &'static str) {
        let portal = portal.to_owned();
        self.record(|| counter!(FETCHES, "portal" => portal, "outcome" => outcome).increment(1));
    }

    /// A section of a portal was polled.
    pub fn polled(&self, portal: &str, took: Duration) {
        let portal = portal.to_owned();
        self.record(|| histogram!(POLLS, "portal" => portal).record(took.as_secs_f64()));
        // Samples are kept one by one until they are put into buckets, and nobody may be reading /metrics.
        self.0.handle().run_upkeep();
    }

    /// Articles of a portal were stored.
    pub fn recorded(&self, portal: &str, new: usize, changed: usize) {
        for (kind, count) in [("new", new), ("changed", changed)] {
            let portal = portal.to_owned();
            self.record(|| counter!(RECORDED, "portal" => portal, "kind" => kind).increment(count as u64));
        }
    }

    /// Everything so far, in Prometheus's text format.
    pub fn render(&self) -> String {
        self.0.handle().render()
    }

    fn record(&self, record: impl FnOnce()) {
        with_local_recorder(&*self.0, record);
    }
}

/// What making a feed document came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rebuilt {
    /// It says something new.
    Changed,
    /// It says what it said before.
    Same,
    /// It could not be made.
    Failed,
}

/// Counters of one route's 200 and 304, for GET and HEAD. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Tally(Arc<Tallied>);

#[derive(Debug)]
struct Tallied {
    measures: Measures,
    route: String,
    /// By method and status; made at the first answer of the kind, so that there are no series of what never happened.
    counters: [OnceLock<Counter>; 4],
}

impl Tally {
    /// A GET or HEAD was answered with the whole document or with 304.
    pub fn answered(&self, is_head: bool, is_not_modified: bool) {
        let Self(tallied) = self;
        let counter = &tallied.counters[usize::from(is_head) * 2 + usize::from(is_not_modified)];
        let counter = counter.get_or_init(|| {
            let method = if is_head { "HEAD" } else { "GET" };
            let status = if is_not_modified { "304" } else { "200" };
            let route = tallied.route.clone();
            with_local_recorder(
                &*tallied.measures.0,
                || counter!(REQUESTS, "route" => route, "method" => method, "status" => status),
            )
        });
        counter.increment(1);
    }
}
