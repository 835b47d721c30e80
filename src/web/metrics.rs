//! `/metrics`, in Prometheus's text format: how each section, the outbox and the store stand, read from the database at
//! each scrape so that several processes agree; and what this process counted itself ([`crate::measure`]).
//!
//! No label holds anything of a reader's or a subscriber's: portals, sections, routes and words of Loa's own.

use std::{collections::HashMap, time::Duration};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{HeaderValue, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use metrics::{Unit, counter, describe_counter, describe_gauge, gauge, with_local_recorder};
use metrics_exporter_prometheus::PrometheusBuilder;
use tracing::warn;

use super::state::WebState;
use crate::{
    domain::{
        bounce::{Kind, Reason},
        subscription::Channel,
    },
    measure::Measures,
    store::{ArticleCounts, DELIVERY_STATES, DeliveryCounts, Says, SectionRow, Store, StoreError},
};

/// The format's version 0.0.4, as Prometheus asks for it.
const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");

/// A scrape gives up after ten seconds by default; a database that hangs must not take the process's own numbers along.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(5);

/// What the database says at one moment.
struct Standing {
    sections: Vec<SectionRow>,
    /// Section id to pages that are still to be read.
    wanted: HashMap<i64, i64>,
    articles: ArticleCounts,
    deliveries: DeliveryCounts,
    unsure: Vec<(String, i64)>,
    alarms_waiting: i64,
    bounces: Vec<(String, i64)>,
    suppressions: Vec<(String, i64)>,
    votes: Vec<(String, i64)>,
}

impl Standing {
    async fn read(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            sections: store.sections().await?,
            wanted: store.wanted_counts().await?.into_iter().collect(),
            articles: store.article_counts().await?,
            deliveries: store.delivery_counts().await?,
            unsure: store.unsure_counts().await?,
            alarms_waiting: store.alarms_waiting().await?,
            bounces: store.bounce_counts().await?,
            suppressions: store.suppression_counts().await?,
            votes: store.vote_counts().await?,
        })
    }
}

/// Answers 200 also while the database is away: `loa_database_up` says so.
pub(super) async fn metrics(State(state): State<WebState>) -> Response {
    let standing = match tokio::time::timeout(DATABASE_TIMEOUT, Standing::read(&state.store)).await {
        Ok(Ok(standing)) => Some(standing),
        Ok(Err(e)) => {
            warn!("/metrics says nothing of the database: {e}");
            None
        }
        Err(_) => {
            warn!("/metrics says nothing of the database: it did not answer in time");
            None
        }
    };
    let text = format!("{}{}", written(standing.as_ref()), state.measures.render());
    let headers = [
        (header::CONTENT_TYPE, CONTENT_TYPE),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    (headers, text).into_response()
}

/// Counts each request once it is answered.
pub(super) async fn count(State(measures): State<Measures>, request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().cloned();
    let method = request.method().clone();
    let response = next.run(request).await;
    measures.answered(
        route.as_ref().map(MatchedPath::as_str),
        method.as_str(),
        response.status().as_u16(),
    );
    response
}

fn written(standing: Option<&Standing>) -> String {
    // A fresh recorder each time: a section that is retired, a state that no delivery has any more, must not stay.
    let recorder = PrometheusBuilder::new().build_recorder();
    with_local_recorder(&recorder, || {
        describe_gauge!("loa_build_info", "Always 1; the version stands in the label");
        gauge!("loa_build_info", "version" => env!("CARGO_PKG_VERSION")).set(1.0);
        describe_gauge!("loa_database_up", "Whether the database answered this scrape");
        gauge!("loa_database_up").set(if standing.is_some() { 1.0 } else { 0.0 });
        if let Some(standing) = standing {
            describe();
            for section in &standing.sections {
                tell_section(section, standing.wanted.get(&section.id).copied().unwrap_or(0));
            }
            tell_totals(standing);
        }
    });
    recorder.handle().render()
}

fn describe() {
    for (name, unit, what) in [
        (
            "loa_section_up",
            None,
            "Whether a section is read well (1) or degraded (0)",
        ),
        (
            "loa_section_last_poll_timestamp_seconds",
            Some(Unit::Seconds),
            "When a section's last poll ended; missing before the first",
        ),
        (
            "loa_section_next_poll_timestamp_seconds",
            Some(Unit::Seconds),
            "When a section is due next; while it is polled, when its claim ends",
        ),
        (
            "loa_section_failures",
            None,
            "Polls of a section that failed in a row",
        ),
        (
            "loa_section_usual_items",
            None,
            "Items on a section's first list page, moving average; missing until known",
        ),
        (
            "loa_section_degraded_info",
            None,
            "Always 1 for a degraded section; the cause stands in the label",
        ),
        (
            "loa_wanted_pages",
            None,
            "Article pages that are still to be read",
        ),
        (
            "loa_articles_withdrawn",
            None,
            "Stored articles that were withdrawn",
        ),
        (
            "loa_deliveries",
            None,
            "Messages to subscribers, by channel and state",
        ),
        (
            "loa_deliveries_unsure",
            None,
            "Messages whose outcome was ever unknown, those that were sent once more included",
        ),
        (
            "loa_alarms_waiting",
            None,
            "Alarms that the operator was not told of yet",
        ),
        (
            "loa_topic_votes",
            None,
            "What readers say of articles' topics and staff did not settle, by what they say",
        ),
        (
            "loa_suppressed_addresses",
            None,
            "Addresses that nothing is sent to, by reason",
        ),
    ] {
        match unit {
            Some(unit) => describe_gauge!(name, unit, what),
            None => describe_gauge!(name, what),
        }
    }
    describe_counter!("loa_articles_total", "Articles stored, withdrawn ones included");
    describe_counter!(
        "loa_bounces_total",
        "Mails that came back or were complained about, by kind"
    );
}

fn tell_section(section: &SectionRow, wanted: i64) {
    let labels = [
        ("portal", section.portal.clone()),
        ("section", section.slug.clone()),
    ];
    let is_up = section.degraded_at.is_none() && section.gone_at.is_none();
    gauge!("loa_section_up", &labels).set(if is_up { 1.0 } else { 0.0 });
    if let Some(at) = section.polled_at {
        gauge!("loa_section_last_poll_timestamp_seconds", &labels).set(seconds(at));
    }
    gauge!("loa_section_next_poll_timestamp_seconds", &labels).set(seconds(section.next_poll_at));
    gauge!("loa_section_failures", &labels).set(number(section.failures));
    if let Some(items) = section.usual_items {
        gauge!("loa_section_usual_items", &labels).set(items);
    }
    gauge!("loa_wanted_pages", &labels).set(number(wanted));
    if let Some(cause) = &section.degraded_by {
        let [portal, slug] = labels;
        let labels = [portal, slug, ("cause", cause.clone())];
        gauge!("loa_section_degraded_info", &labels).set(1.0);
    }
}

fn tell_totals(standing: &Standing) {
    let articles = &standing.articles;
    counter!("loa_articles_total").absolute(u64::try_from(articles.all).unwrap_or(0));
    gauge!("loa_articles_withdrawn").set(number(articles.withdrawn));
    for channel in Channel::ALL.map(Channel::as_str) {
        for state in DELIVERY_STATES {
            let mut rows = standing.deliveries.iter();
            let row = rows.find(|(of, in_state, _)| of == channel && in_state == state);
            // Zero is said too: the first unknown delivery is then a rise, not a new series.
            let count = row.map_or(0, |row| row.2);
            gauge!("loa_deliveries", "channel" => channel, "state" => state).set(number(count));
        }
    }
    for channel in Channel::ALL.map(Channel::as_str) {
        let row = standing.unsure.iter().find(|(of, _)| of == channel);
        gauge!("loa_deliveries_unsure", "channel" => channel).set(number(row.map_or(0, |row| row.1)));
    }
    gauge!("loa_alarms_waiting").set(number(standing.alarms_waiting));
    let count_of = |rows: &[(String, i64)], word: &str| {
        let row = rows.iter().find(|(of, _)| of == word);
        row.map_or(0, |row| row.1)
    };
    for kind in Kind::ALL.map(Kind::as_str) {
        let count = count_of(&standing.bounces, kind);
        counter!("loa_bounces_total", "kind" => kind).absolute(u64::try_from(count).unwrap_or(0));
    }
    for says in Says::ALL.map(Says::as_str) {
        gauge!("loa_topic_votes", "says" => says).set(number(count_of(&standing.votes, says)));
    }
    for reason in [Reason::Bounce, Reason::Complaint].map(Reason::as_str) {
        let count = count_of(&standing.suppressions, reason);
        gauge!("loa_suppressed_addresses", "reason" => reason).set(number(count));
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts stay far below 2^53, up to which every whole number has a float"
)]
fn number(n: i64) -> f64 {
    n as f64
}

fn seconds(at: DateTime<Utc>) -> f64 {
    number(at.timestamp())
}
