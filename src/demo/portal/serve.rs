//! The sample portal over HTTP.

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{Html, IntoResponse, Redirect, Response},
    routing::get,
};
use serde::Deserialize;

use super::{Live, SamplePortal, html, picture, sample::SECTIONS};
use crate::demo::held;

pub(super) fn router(portal: SamplePortal) -> Router {
    Router::new()
        .route("/", get(|| async { Redirect::temporary("/tin-tuc-su-kien") }))
        .route(
            "/robots.txt",
            get(|| async { "User-agent: *\nDisallow: /quan-tri/\n" }),
        )
        .route("/o/3cmsnew-portlet/ViewImage", get(image))
        .route("/chi-tiet-tin/-/view-article/1/{category}/{id}", get(article))
        .route("/vi/chi-tiet-tin/-/view-article/1/{category}/{id}", get(article))
        .route("/{section}", get(list))
        .with_state(portal)
}

#[derive(Deserialize)]
struct ListQuery {
    page: Option<usize>,
}

async fn list(
    State(portal): State<SamplePortal>,
    Path(slug): Path<String>,
    Query(query): Query<ListQuery>,
    headers: HeaderMap,
) -> Response {
    let Some(section) = SECTIONS.iter().find(|section| section.slug == slug) else {
        return (StatusCode::NOT_FOUND, Html("Không tìm thấy trang.")).into_response();
    };
    let page = query.page.unwrap_or(1).clamp(1, 1000);
    let content = {
        let state = held(&portal.state);
        let articles: Vec<&Live> = state
            .published
            .iter()
            .filter(|live| live.sample.section == section)
            .collect();
        html::list(section, &articles, page)
    };
    portal.answer(section.title, &content, &headers)
}

async fn article(
    State(portal): State<SamplePortal>,
    Path((_category, id)): Path<(String, String)>,
    headers: HeaderMap,
) -> Response {
    let content = {
        let state = held(&portal.state);
        let found = state.published.iter().find(|live| live.id.to_string() == id);
        found.map_or_else(html::no_article, |live| {
            let others: Vec<&Live> = state
                .published
                .iter()
                .filter(|other| other.id != live.id && other.sample.section == live.sample.section)
                .take(5)
                .collect();
            html::article(live, &others)
        })
    };
    portal.answer("Chi tiết tin", &content, &headers)
}

#[derive(Deserialize)]
struct ImageQuery {
    imagename: String,
}

async fn image(Query(query): Query<ImageQuery>) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, "image/svg+xml"),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, picture::svg(&query.imagename))
}

impl SamplePortal {
    /// 304 where the content that matters is what the visitor already has; the counters do not matter.
    fn answer(&self, title: &str, content: &str, headers: &HeaderMap) -> Response {
        let etag = format!("W/\"{}\"", &blake3::hash(content.as_bytes()).to_hex()[..16]);
        let known = headers
            .get(header::IF_NONE_MATCH)
            .and_then(|value| value.to_str().ok());
        if known.is_some_and(|known| known.split(',').any(|one| one.trim() == etag)) {
            return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
        }
        let page = {
            let mut state = held(&self.state);
            state.visits += 1;
            html::frame(title, content, state.today, state.visits)
        };
        ([(header::ETAG, etag)], Html(page)).into_response()
    }
}
