//! One request and its answer, sorted.

use std::error::Error as _;
use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, ACCEPT_LANGUAGE, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName,
    LOCATION, RETRY_AFTER,
};
use reqwest::{Client, Response, StatusCode};
use url::Url;

use super::body::{BodyError, CappedBody};
use super::{FetchError, FetchSettings};
use crate::net::guard;
use crate::portal::definition::Portal;

/// What an exchange needs to know.
pub(super) struct Exchange<'a> {
    pub(super) client: &'a Client,
    pub(super) portal: &'a Portal,
    pub(super) settings: &'a FetchSettings,
    pub(super) now: DateTime<Utc>,
}

/// An answer that is no error.
pub(super) enum Answer {
    Body {
        status: u16,
        headers: HeaderMap,
        content_type: String,
        bytes: Vec<u8>,
    },
    NotModified(HeaderMap),
    Redirect {
        to: Url,
        permanent: bool,
    },
}

/// `Retry-After` is honoured up to this; a portal that names more is asked again after it.
const LONGEST_RETRY_AFTER: Duration = Duration::from_hours(24);

/// What is asked for: pages, and the feeds of a portal that has some.
fn accept(portal: &Portal) -> &'static str {
    if portal.reads_feeds() {
        "text/html,application/xhtml+xml;q=0.9,application/rss+xml;q=0.9,application/atom+xml;q=0.9,\
         application/feed+json;q=0.9,application/xml;q=0.8,*/*;q=0.1"
    } else {
        "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1"
    }
}

impl Exchange<'_> {
    /// Sends one GET and reads all of the answer, within the time-out.
    pub(super) async fn ask(&self, url: &Url, conditions: &HeaderMap) -> Result<Answer, FetchError> {
        self.guard(url)?;
        let timeout = self.settings.timeout;
        tokio::time::timeout(timeout, self.ask_untimed(url, conditions))
            .await
            .unwrap_or_else(|_| {
                Err(FetchError::Timeout {
                    url: url.to_string(),
                    seconds: timeout.as_secs(),
                })
            })
    }

    /// Sends one HEAD and gives the headers of a success; redirects are not followed.
    pub(super) async fn head(&self, url: &Url) -> Result<HeaderMap, FetchError> {
        self.guard(url)?;
        let request = self
            .client
            .head(url.clone())
            .header(ACCEPT_LANGUAGE, &self.portal.accept_language)
            .timeout(self.settings.timeout);
        let response = request.send().await.map_err(|e| self.connection_error(url, &e))?;
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() {
            return Ok(headers);
        }
        Err(FetchError::Status {
            url: url.to_string(),
            code: status.as_u16(),
            retry_after: retry_after(&text(&headers, RETRY_AFTER), self.now),
        })
    }

    fn guard(&self, url: &Url) -> Result<(), FetchError> {
        match guard::literal_private(url).filter(|_| !self.settings.allow_private_addresses) {
            Some(address) => Err(FetchError::BlockedAddress {
                url: url.to_string(),
                address: address.to_string(),
            }),
            None => Ok(()),
        }
    }

    async fn ask_untimed(&self, url: &Url, conditions: &HeaderMap) -> Result<Answer, FetchError> {
        let request = self
            .client
            .get(url.clone())
            .header(ACCEPT, accept(self.portal))
            .header(ACCEPT_ENCODING, "gzip, br")
            .header(ACCEPT_LANGUAGE, &self.portal.accept_language)
            .headers(conditions.clone());
        let response = request.send().await.map_err(|e| self.connection_error(url, &e))?;
        self.sort(url, response, !conditions.is_empty()).await
    }

    async fn sort(&self, url: &Url, response: Response, is_conditional: bool) -> Result<Answer, FetchError> {
        let status = response.status();
        let headers = response.headers().clone();
        match status {
            StatusCode::NOT_MODIFIED if is_conditional => Ok(Answer::NotModified(headers)),
            StatusCode::NOT_FOUND => Err(FetchError::NotFound { url: url.to_string() }),
            StatusCode::GONE => Err(FetchError::Gone { url: url.to_string() }),
            _ if status.is_redirection() && headers.contains_key(LOCATION) => {
                let location = text(&headers, LOCATION);
                let to = url.join(&location);
                let to = to.map_err(|_| FetchError::RedirectElsewhere {
                    url: url.to_string(),
                    to: location,
                })?;
                let permanent = matches!(
                    status,
                    StatusCode::MOVED_PERMANENTLY | StatusCode::PERMANENT_REDIRECT
                );
                Ok(Answer::Redirect { to, permanent })
            }
            _ if status.is_success() => {
                let bytes = self
                    .read(url, response, &text(&headers, CONTENT_ENCODING))
                    .await?;
                let content_type = text(&headers, CONTENT_TYPE);
                Ok(Answer::Body {
                    status: status.as_u16(),
                    headers,
                    content_type,
                    bytes,
                })
            }
            _ => {
                let retry_after = retry_after(&text(&headers, RETRY_AFTER), self.now);
                Err(FetchError::Status {
                    url: url.to_string(),
                    code: status.as_u16(),
                    retry_after,
                })
            }
        }
    }

    async fn read(&self, url: &Url, mut response: Response, encoding: &str) -> Result<Vec<u8>, FetchError> {
        let broken = |error: BodyError| match error {
            BodyError::TooLarge(limit_bytes) => FetchError::TooLarge {
                url: url.to_string(),
                limit_bytes,
            },
            BodyError::Broken(why) => FetchError::Broken {
                url: url.to_string(),
                why,
            },
        };
        let settings = self.settings;
        let mut body =
            CappedBody::new(encoding, settings.max_wire_bytes, settings.max_body_bytes).map_err(broken)?;
        while let Some(chunk) = next_chunk(&mut response)
            .await
            .map_err(BodyError::Broken)
            .map_err(broken)?
        {
            body.push(&chunk).map_err(broken)?;
        }
        body.finish().map_err(broken)
    }

    fn connection_error(&self, url: &Url, error: &reqwest::Error) -> FetchError {
        let url = url.to_string();
        let mut cause = error.source();
        let mut why = error.to_string();
        while let Some(inner) = cause {
            if let Some(guard::Blocked(address)) = inner.downcast_ref() {
                return FetchError::BlockedAddress {
                    url,
                    address: address.to_string(),
                };
            }
            why = inner.to_string();
            cause = inner.source();
        }
        if error.is_timeout() {
            return FetchError::Timeout {
                url,
                seconds: self.settings.connect_timeout.as_secs(),
            };
        }
        FetchError::Connect { url, why }
    }
}

async fn next_chunk(response: &mut Response) -> Result<Option<Bytes>, String> {
    response
        .chunk()
        .await
        .map_err(|e| e.source().map_or_else(|| e.to_string(), ToString::to_string))
}

fn text(headers: &HeaderMap, name: HeaderName) -> String {
    headers
        .get(name)
        .map(|v| String::from_utf8_lossy(v.as_bytes()).into_owned())
        .unwrap_or_default()
}

/// Seconds, or a date (RFC 9110, 10.2.3).
fn retry_after(value: &str, now: DateTime<Utc>) -> Option<Duration> {
    let value = value.trim();
    let wait = if let Ok(seconds) = value.parse::<u64>() {
        Duration::from_secs(seconds)
    } else {
        let at: DateTime<Utc> = httpdate::parse_http_date(value).ok()?.into();
        (at - now).to_std().unwrap_or_default()
    };
    Some(wait.min(LONGEST_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now: DateTime<Utc> = "2023-11-30T00:00:00Z".parse().unwrap();
        assert_eq!(retry_after("120", now), Some(Duration::from_mins(2)));
        assert_eq!(
            retry_after("Thu, 30 Nov 2023 00:01:00 GMT", now),
            Some(Duration::from_mins(1))
        );
        assert_eq!(
            retry_after("Wed, 29 Nov 2023 00:01:00 GMT", now),
            Some(Duration::ZERO)
        );
        assert_eq!(retry_after("99999999", now), Some(LONGEST_RETRY_AFTER));
        assert_eq!(retry_after("soon", now), None);
    }
}
