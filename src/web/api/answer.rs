//! Answers of the API: JSON with a validator, or a problem (RFC 9457) that names what is wrong, in both languages.

use axum::{
    body::Body,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use tracing::error;
use utoipa::ToSchema;

use crate::{
    feed::conditional::Validators,
    store::StoreError,
    web::{
        filters::Wrong,
        known::{is_known, is_known_by_tag},
    },
};

/// How long others may keep an answer: mirrors come to ask what is new, and asking with a validator is cheap.
const CACHE_CONTROL: HeaderValue = HeaderValue::from_static("public, max-age=60");

/// What every answer says, problems included.
const COMMON: [(HeaderName, HeaderValue); 4] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")),
    (
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static("ETag, Retry-After"),
    ),
    (header::VARY, HeaderValue::from_static("accept-encoding")),
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
];

/// The answer to a GET or HEAD: the value, or 304 where the reader has it. `changed_at` is given where every change of the
/// value moves it.
pub(super) fn json(
    value: &impl Serialize,
    changed_at: Option<DateTime<Utc>>,
    request: &HeaderMap,
) -> Response {
    let body = match serde_json::to_vec(value) {
        Ok(body) => body,
        Err(e) => {
            error!("An answer of the API cannot be written as JSON: {e}");
            return Problem::internal().into_response();
        }
    };
    let validators = Validators::of(&body, changed_at.unwrap_or_default());
    let is_known = match changed_at {
        Some(_) => is_known(request, &validators),
        None => is_known_by_tag(request, &validators),
    };
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        ([(header::CONTENT_TYPE, "application/json")], Body::from(body)).into_response()
    };
    let headers = response.headers_mut();
    headers.extend(COMMON);
    headers.insert(header::CACHE_CONTROL, CACHE_CONTROL);
    // Tags and dates are plain ASCII.
    if let Ok(tag) = HeaderValue::from_str(validators.etag()) {
        headers.insert(header::ETAG, tag);
    }
    if let (Some(_), Ok(date)) = (changed_at, HeaderValue::from_str(&validators.last_modified())) {
        headers.insert(header::LAST_MODIFIED, date);
    }
    response
}

/// What is wrong with a request, or with Loa (RFC 9457, `application/problem+json`).
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Problem {
    /// Always `about:blank`: the status says it.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// What is wrong, in English.
    detail: String,
    /// What is wrong, in Vietnamese.
    detail_vi: String,
    /// The parameter that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    parameter: Option<&'static str>,
    /// Seconds until it is worth while to ask again, for the header.
    #[serde(skip)]
    retry_after: Option<u32>,
}

impl Problem {
    fn new(status: StatusCode, detail: impl Into<String>, detail_vi: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or_default().to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            detail_vi: detail_vi.into(),
            parameter: None,
            retry_after: None,
        }
    }

    /// 400: a parameter's value makes no sense. The texts go on after its name.
    pub(super) fn of_parameter(parameter: &'static str, detail: &str, detail_vi: &str) -> Self {
        Self {
            parameter: Some(parameter),
            ..Self::new(
                StatusCode::BAD_REQUEST,
                format!("{parameter} {detail}"),
                format!("{parameter} {detail_vi}"),
            )
        }
    }

    /// 404.
    pub(super) fn not_found(detail: &str, detail_vi: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail, detail_vi)
    }

    /// 410: the article is not there any more.
    pub(super) fn gone() -> Self {
        Self::new(
            StatusCode::GONE,
            "This article was taken away",
            "Bài viết này đã được gỡ",
        )
    }

    /// 405.
    pub(super) fn not_allowed(method: &Method) -> Self {
        Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            format!("{method} is not allowed here: the API is read only"),
            format!("Không dùng được {method}: API chỉ cho đọc"),
        )
    }

    /// 503: one search too many at once. When it goes better cannot be told, and nothing else here is to be waited with.
    pub(super) fn busy() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "Too many searches wait already",
            "Đang có quá nhiều lượt tìm kiếm",
        )
    }

    /// 500.
    pub(super) fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "The fault is ours, and it was recorded",
            "Lỗi thuộc về phía chúng tôi và đã được ghi lại",
        )
    }
}

impl From<Wrong> for Problem {
    fn from(wrong: Wrong) -> Self {
        Self::of_parameter(wrong.parameter, &wrong.english, &wrong.vietnamese)
    }
}

impl From<StoreError> for Problem {
    fn from(e: StoreError) -> Self {
        error!("A request to the API failed: {e}");
        match e {
            StoreError::Database(_) => Self {
                retry_after: Some(60),
                ..Self::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "The database is away for a moment",
                    "Cơ sở dữ liệu tạm nghỉ một lát",
                )
            },
            _ => Self::internal(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        // Texts and numbers can always be written.
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = (status, Body::from(body)).into_response();
        let headers = response.headers_mut();
        headers.extend(COMMON);
        let kind = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, kind);
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if status == StatusCode::METHOD_NOT_ALLOWED {
            headers.insert(header::ALLOW, HeaderValue::from_static("GET,HEAD,OPTIONS"));
        }
        response
    }
}
