//! Which address goes where.

use std::time::Duration;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::StatusCode,
    middleware,
    routing::{MethodRouter, get, post},
};
use tower_http::{
    catch_panic::CatchPanicLayer, compression::CompressionLayer, limit::RequestBodyLimitLayer,
    timeout::TimeoutLayer,
};

use super::{
    api, assets, browse, feeds, health, hook, metrics, people, retired, search, state::WebState, votes,
};

/// Nothing that Loa accepts is larger (bytes).
const MAX_REQUEST_BYTES: usize = 64 * 1024;

/// A request that takes longer has met a database that is away.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// Everything that Loa serves.
pub fn router(state: WebState) -> Router {
    let pages = Router::new()
        .route("/", get(browse::home))
        .route("/articles/{id}", get(browse::article))
        .route("/articles/{id}/topics", get(votes::ask).post(votes::take))
        .route("/articles/{id}/topics/sent", get(votes::thanks))
        .route("/topics", get(browse::topics))
        .route("/topics/{slug}", get(browse::topic))
        .route("/sections/{portal}/{slug}", get(browse::section))
        .route("/feeds", get(browse::feeds))
        .route("/search", get(search::search))
        .merge(people::router())
        .fallback(browse::not_found);
    Router::new()
        .route("/feeds.opml", read_only(get(feeds::subscriptions_list)))
        .route("/feeds/{file}", read_only(get(feeds::feed)))
        .route("/feeds/topics/{file}", read_only(get(feeds::feed)))
        .route("/feeds/sections/{portal}/{file}", read_only(get(feeds::feed)))
        .route("/feeds/all/archive/{file}", read_only(get(feeds::archive)))
        .route(
            "/feeds/topics/{slug}/archive/{file}",
            read_only(get(feeds::archive)),
        )
        .route(
            "/feeds/sections/{portal}/{slug}/archive/{file}",
            read_only(get(feeds::archive)),
        )
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .merge(pages)
        .merge(api::router())
        .merge(assets::router())
        .layer(middleware::from_fn_with_state(state.clone(), retired::redirect))
        .layer(CompressionLayer::new())
        .layer(RequestBodyLimitLayer::new(MAX_REQUEST_BYTES))
        .merge(hooks())
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            REQUEST_TIMEOUT,
        ))
        .layer(CatchPanicLayer::new())
        .layer(middleware::from_fn_with_state(
            state.measures.clone(),
            metrics::count,
        ))
        .with_state(state)
}

/// What other programs tell Loa, with limits of its own.
fn hooks() -> Router<WebState> {
    Router::new()
        .route("/hooks/telegram", post(hook::telegram))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(hook::MAX_UPDATE_BYTES))
}

/// Browsers ask for permission before a page of another site may ask.
fn read_only(feed: MethodRouter<WebState>) -> MethodRouter<WebState> {
    feed.options(feeds::preflight).fallback(feeds::not_allowed)
}
