//! A document over HTTP: validators, 304, and what caches and browsers must know.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse as _, Response},
};

use super::build::TTL_MINUTES;
use crate::feed::conditional::Validators;

/// The document with its validators, or 304 without a body.
pub(in super::super) fn answer(
    bytes: &[u8],
    changed_at: chrono::DateTime<chrono::Utc>,
    content_type: &'static str,
    request: &HeaderMap,
) -> Response {
    let validators = Validators::of(bytes, changed_at);
    let lists: Vec<&str> = request
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let if_none_match = (!lists.is_empty()).then(|| lists.join(", "));
    let since = request
        .get(header::IF_MODIFIED_SINCE)
        .and_then(|value| value.to_str().ok());
    let not_modified = validators.is_not_modified(if_none_match.as_deref(), since);
    let mut response = if not_modified {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = Body::from(bytes.to_vec()).into_response();
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
        response
    };
    let headers = response.headers_mut();
    let max_age = format!("public, max-age={}", TTL_MINUTES * 60);
    for (name, value) in [
        (header::ETAG, validators.etag().to_owned()),
        (header::LAST_MODIFIED, validators.last_modified()),
        (header::CACHE_CONTROL, max_age),
        (header::VARY, "Accept-Encoding".to_owned()),
        (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*".to_owned()),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff".to_owned()),
    ] {
        // ETags, dates and these constants are plain ASCII.
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(name, value);
        }
    }
    response
}
