//! The feeds over HTTP: one address per feed and format, weak validators, 304, and CORS for readers in browsers.
//!
//! [`describe`] reads an address, [`build`] makes its document of articles, [`cache`] keeps documents and [`notice`] sees
//! which of them changed, [`answer`] picks what a request gets; [`front`] answers what is kept before anything else runs.

mod answer;
mod archive;
mod build;
mod cache;
mod describe;
mod encoding;
mod flight;
mod front;
mod kept;
mod notice;
mod opml;
mod page;

use std::{future::ready, sync::Arc};

use axum::{
    extract::{MatchedPath, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use futures::FutureExt as _;
use tracing::warn;

pub(super) use self::{archive::archive, cache::Unavailable};
pub use self::{cache::FeedCache, front::Front};
use self::{
    describe::Source,
    kept::{Build, Built, Lane, Wanted},
};
use super::{
    error::{Reader, WebError},
    parameters::Parameters,
    state::WebState,
};

/// What a browser wants to hear before a page of another site may ask with validators or headers of its own.
const PREFLIGHT: [(HeaderName, HeaderValue); 4] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (
        header::ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, HEAD"),
    ),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("*"),
    ),
    (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
];

/// Any feed, by its address.
pub(super) async fn feed(
    State(state): State<WebState>,
    route: MatchedPath,
    method: Method,
    uri: Uri,
    wish: Parameters,
    headers: HeaderMap,
    reader: Reader,
) -> Response {
    if page::is_page(uri.path()) {
        return match page::page(&state, uri.path(), &reader).await {
            Ok(html) => reader.page(StatusCode::OK, html),
            Err(e) => failure(&reader, &e),
        };
    }
    let wish = match describe::wish(&state, uri.path(), &wish) {
        Ok(wish) => wish,
        Err(e) => return failure(&reader, &e),
    };
    let address = wish.address.clone();
    let asked = match describe::asked(&state, wish).await {
        Ok(asked) => asked,
        Err(e) => {
            let kept = state
                .feeds
                .kept(&address)
                .filter(|_| matches!(e, WebError::Internal(_)));
            return kept.map_or_else(
                || failure(&reader, &e),
                |document| {
                    warn!("Cannot see whether {address} is still there: {e:?}; it is served as it was");
                    document.answer(&method, &headers, &state.clock)
                },
            );
        }
    };
    let wanted = Wanted {
        address: asked.address.clone(),
        route: route.as_str().to_owned(),
        watch: Some(asked.feed.source.watch().clone()),
        lane: match &asked.feed.source {
            Source::Search(_) => Lane::Search,
            // Whether one that ended is still shown is asked whenever it is made.
            Source::Watch(_) if asked.feed.ended_at.is_some() => Lane::OnDemand,
            Source::Watch(_) => Lane::Named,
        },
    };
    let build: Build = Arc::new(move |state, changed_at, old| {
        build::subscription(state, asked.clone(), changed_at, old).boxed()
    });
    match state.feeds.get(&state, wanted, build).await {
        Ok(document) => document.answer(&method, &headers, &state.clock),
        Err(e) => failure(&reader, &e.into()),
    }
}

/// The error page; readers in browsers may see that it is one. A reader that is told when to come again leaves the whole host
/// alone until then, and with it the feeds that can be had.
fn failure(reader: &Reader, e: &WebError) -> Response {
    let mut response = reader.failure(e);
    let headers = response.headers_mut();
    headers.remove(header::RETRY_AFTER);
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    response
}

/// The answer to anything but reading.
pub(super) async fn not_allowed() -> Response {
    let headers = [
        (header::ALLOW, "GET,HEAD,OPTIONS"),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    ];
    (StatusCode::METHOD_NOT_ALLOWED, headers).into_response()
}

/// The answer to a browser that asks whether it may ask.
pub(super) async fn preflight() -> Response {
    (StatusCode::NO_CONTENT, PREFLIGHT).into_response()
}

/// The list of all feeds for readers to import.
pub(super) async fn subscriptions_list(
    State(state): State<WebState>,
    route: MatchedPath,
    method: Method,
    headers: HeaderMap,
    reader: Reader,
) -> Response {
    let wanted = Wanted {
        address: "/feeds.opml".to_owned(),
        route: route.as_str().to_owned(),
        watch: None,
        lane: Lane::OnDemand,
    };
    let build: Build = Arc::new(|state, _, old| {
        let draft = || Built::New(Box::new(move || opml::draft(&state)));
        ready(Ok(old.map_or_else(draft, Built::Same))).boxed()
    });
    match state.feeds.get(&state, wanted, build).await {
        Ok(document) => document.answer(&method, &headers, &state.clock),
        Err(e) => failure(&reader, &e.into()),
    }
}
