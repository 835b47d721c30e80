//! What a request can end in besides an answer. A page of the site's own says so, in the reader's language; a fault of
//! ours shows nothing of its cause, which stands in the log.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use tracing::error;

use super::{lang::Lang, pages, site::Site, state::WebState};
use crate::store::StoreError;

/// Why a request has no answer.
#[derive(Debug)]
pub enum WebError {
    /// There is no such page.
    NotFound,
    /// The request makes no sense.
    Invalid,
    /// Our fault.
    Internal(StoreError),
}

impl From<StoreError> for WebError {
    fn from(e: StoreError) -> Self {
        Self::Internal(e)
    }
}

/// The site and the language of a request, and errors in them.
#[derive(Debug, Clone)]
pub struct Reader {
    /// What pages say about the service.
    pub site: Arc<Site>,
    /// The reader's language.
    pub lang: Lang,
}

impl FromRequestParts<WebState> for Reader {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &WebState) -> Result<Self, Self::Rejection> {
        let query = parts.uri.query().unwrap_or_default();
        let chosen = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang");
        let header = parts
            .headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let lang = Lang::negotiate(chosen.as_ref().map(|(_, value)| value.as_ref()), header);
        Ok(Self {
            site: Arc::clone(&state.site),
            lang,
        })
    }
}

impl Reader {
    /// A page, or the error page for it.
    pub fn answer(&self, page: Result<String, WebError>) -> Response {
        match page {
            Ok(html) => Html(html).into_response(),
            Err(e) => self.failure(&e),
        }
    }

    /// The error page.
    pub fn failure(&self, e: &WebError) -> Response {
        let kind = match e {
            WebError::NotFound => pages::ErrorKind::NotFound,
            WebError::Invalid => pages::ErrorKind::BadRequest,
            WebError::Internal(e) => {
                error!("A request failed: {e}");
                match e {
                    StoreError::Database(_) => pages::ErrorKind::Unavailable,
                    _ => pages::ErrorKind::Internal,
                }
            }
        };
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Html(pages::error(&self.site, self.lang, kind))).into_response();
        if status == StatusCode::SERVICE_UNAVAILABLE {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, header::HeaderValue::from_static("60"));
        }
        response
    }
}
