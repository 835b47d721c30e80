//! The stylesheet, the icon and the one script: compiled in, and served under names that hold a hash of their content, so that
//! browsers may keep them for ever and never show a new page in an old dress.

use std::sync::LazyLock;

use axum::{
    Router,
    http::{HeaderValue, header},
    response::IntoResponse,
    routing::get,
};

const STYLESHEET: &str = include_str!("assets/loa.css");
const ICON: &str = include_str!("assets/loa.svg");
const SCRIPT: &str = include_str!("assets/signup.js");

static STYLESHEET_PATH: LazyLock<String> = LazyLock::new(|| hashed_path(STYLESHEET, "css"));
static ICON_PATH: LazyLock<String> = LazyLock::new(|| hashed_path(ICON, "svg"));
static SCRIPT_PATH: LazyLock<String> = LazyLock::new(|| hashed_path(SCRIPT, "js"));

/// A year, the longest that RFC 9111's readers honour; the name changes with the content.
const IMMUTABLE: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Where the stylesheet is: `/assets/loa.<hash>.css`.
pub fn stylesheet_path() -> &'static str {
    &STYLESHEET_PATH
}

/// Where the icon is: `/assets/loa.<hash>.svg`.
pub fn icon_path() -> &'static str {
    &ICON_PATH
}

/// Where the script of the form to sign up is: `/assets/loa.<hash>.js`.
pub fn script_path() -> &'static str {
    &SCRIPT_PATH
}

/// Serves them.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route(
            stylesheet_path(),
            get(|| file(STYLESHEET, "text/css; charset=utf-8")),
        )
        .route(icon_path(), get(|| file(ICON, "image/svg+xml")))
        .route(
            script_path(),
            get(|| file(SCRIPT, "text/javascript; charset=utf-8")),
        )
}

#[expect(clippy::unused_async, reason = "the shape of an axum handler")]
async fn file(content: &'static str, media_type: &'static str) -> impl IntoResponse {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
        (header::CACHE_CONTROL, IMMUTABLE),
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
    ];
    (headers, content)
}

fn hashed_path(content: &str, extension: &str) -> String {
    let hash = blake3::hash(content.as_bytes()).to_hex();
    format!("/assets/loa.{}.{extension}", &hash[..12])
}
