//! The JSON API, version 1: what the feeds tell, for programs. [`Api`] describes it; the description is made from the
//! handlers and the shapes that they answer with.

mod answer;
mod articles;
mod catalogue;
mod cursor;
mod shapes;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, Method},
    response::Response,
    routing::{MethodRouter, get},
};
use utoipa::OpenApi;

use self::answer::{Problem, json};
use super::{feeds, state::WebState};

/// The description of the API.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Loa API",
        version = "1",
        description = "A government portal's articles as JSON. Read only; no account. Moments are RFC 3339 in the portal's zone. \
            Answers carry a weak `ETag`; send it back as `If-None-Match` and be told 304 while nothing changed."
    ),
    paths(articles::list, articles::one, catalogue::topics, catalogue::sections),
    components(schemas(shapes::Order))
)]
struct Api;

/// The routes under `/api`.
pub(super) fn router() -> Router<WebState> {
    Router::new()
        .route("/api/v1/articles", read_only(get(articles::list)))
        .route("/api/v1/articles/{id}", read_only(get(articles::one)))
        .route("/api/v1/topics", read_only(get(catalogue::topics)))
        .route("/api/v1/sections", read_only(get(catalogue::sections)))
        .route("/api/openapi.json", read_only(get(description)))
        // A browser that may not ask would not tell the page that there is nothing.
        .route(
            "/api/{*rest}",
            get(nothing).options(feeds::preflight).fallback(nothing),
        )
}

fn read_only(route: MethodRouter<WebState>) -> MethodRouter<WebState> {
    route.options(feeds::preflight).fallback(not_allowed)
}

async fn description(State(state): State<WebState>, headers: HeaderMap) -> Response {
    let mut api = Api::openapi();
    api.servers = Some(vec![utoipa::openapi::Server::new(
        state.site.public_url.trim_end_matches('/'),
    )]);
    json(&api, None, &headers)
}

async fn nothing() -> Problem {
    Problem::not_found(
        "There is nothing here; see /api/openapi.json",
        "Không có gì ở địa chỉ này; xem /api/openapi.json",
    )
}

async fn not_allowed(method: Method) -> Problem {
    Problem::not_allowed(&method)
}
