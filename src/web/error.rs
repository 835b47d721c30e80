//! What a request can end in besides an answer. A page of the site's own says so, in the reader's language; a fault of
//! ours shows nothing of its cause, which stands in the log.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{StatusCode, header, request::Parts},
    response::{Html, IntoResponse, Response},
};
use tracing::error;

use super::{feeds::Unavailable, lang::Lang, pages, parameters::Parameters, site::Site, state::WebState};
use crate::{
    domain::{query::QueryError, subscription::Language},
    store::StoreError,
};

/// Why a request has no answer.
#[derive(Debug)]
pub enum WebError {
    /// There is no such page.
    NotFound,
    /// There was one; the portal took the article away.
    Gone,
    /// There was one; it was removed here, or is older than articles are kept.
    Removed,
    /// There was such a feed, of a topic or section that is no more.
    Ended,
    /// The request makes no sense.
    Invalid,
    /// What was typed as `q` is no search.
    Query(String, QueryError),
    /// Our fault.
    Internal(StoreError),
    /// More than one reader sends.
    TooMany,
    /// A feed that cannot be made now, and was not made before; or one search too many at once.
    Unavailable,
}

impl From<Unavailable> for WebError {
    fn from(Unavailable: Unavailable) -> Self {
        Self::Unavailable
    }
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
        let Ok(asked) = Parameters::from_request_parts(parts, state).await;
        let header = parts
            .headers
            .get(header::ACCEPT_LANGUAGE)
            .and_then(|value| value.to_str().ok());
        let lang = Lang::negotiate(asked.get("lang"), header);
        Ok(Self {
            site: Arc::clone(&state.site),
            lang,
        })
    }
}

impl Reader {
    /// In the language of the person whose page it is, unless the address names one.
    #[must_use]
    pub fn speaking(mut self, language: Language) -> Self {
        self.lang = self.lang.or(language);
        self
    }

    /// A page, or the error page for it.
    pub fn answer(&self, page: Result<String, WebError>) -> Response {
        match page {
            Ok(html) => self.page(StatusCode::OK, html),
            Err(e) => self.failure(&e),
        }
    }

    /// A document in the reader's language, with what browsers and caches must know of it. `Vary` names what the
    /// language hangs on.
    pub fn page(&self, status: StatusCode, html: String) -> Response {
        let headers = [
            (header::CONTENT_LANGUAGE, self.lang.code()),
            (header::VARY, "Accept-Language"),
            (header::CONTENT_SECURITY_POLICY, pages::CONTENT_SECURITY_POLICY),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        ];
        (status, headers, Html(html)).into_response()
    }

    /// The error page.
    pub fn failure(&self, e: &WebError) -> Response {
        let kind = match e {
            WebError::Query(typed, e) => {
                let refused = pages::Search {
                    asked: &pages::Asked::words(typed),
                    sections: &[],
                    outcome: pages::Outcome::Refused("q", (&e.vietnamese(), &e.to_string())),
                };
                let html = pages::search(&self.site, self.lang, refused);
                return self.page(StatusCode::BAD_REQUEST, html);
            }
            WebError::NotFound => pages::ErrorKind::NotFound,
            WebError::Gone => pages::ErrorKind::Gone,
            WebError::Ended => pages::ErrorKind::Ended,
            WebError::Removed => pages::ErrorKind::Removed,
            WebError::Invalid => pages::ErrorKind::BadRequest,
            WebError::Unavailable => pages::ErrorKind::Unavailable,
            WebError::TooMany => pages::ErrorKind::TooMany,
            WebError::Internal(e) => {
                error!("A request failed: {e}");
                match e {
                    StoreError::Database(_) => pages::ErrorKind::Unavailable,
                    _ => pages::ErrorKind::Internal,
                }
            }
        };
        let status = StatusCode::from_u16(kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = self.page(status, pages::error(&self.site, self.lang, kind));
        // No part of the whole is away then, and what is can come back at any moment.
        if status == StatusCode::SERVICE_UNAVAILABLE && !matches!(e, WebError::Unavailable) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, header::HeaderValue::from_static("60"));
        }
        response
    }
}
