//! A `WebSub` hub: told that feeds changed, it fetches them and passes them on to whoever subscribed there.
//!
//! How a publisher tells its hub is left open by the recommendation; every hub takes the form that `PubSubHubbub` 0.4 had:
//! `hub.mode=publish` and one `hub.url` for each changed address.

use std::time::Duration;

use reqwest::{Client, StatusCode, header, redirect};
use url::{Url, form_urlencoded};

use super::SendError;

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(20);

/// A hub. Cheap to clone.
#[derive(Clone)]
pub struct Hub {
    client: Client,
    url: Url,
}

impl Hub {
    /// The hub at an address; `user_agent` is how Loa names itself.
    pub fn new(url: Url, user_agent: &str) -> Result<Self, SendError> {
        let client = Client::builder()
            .user_agent(user_agent)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|e| SendError::Refused(format!("no HTTP client: {}", plain(e))))?;
        Ok(Self { client, url })
    }

    /// Its host, for people. The address may hold a secret.
    pub fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }

    /// Tells the hub that the documents at these addresses changed.
    pub async fn publish(&self, addresses: &[String]) -> Result<(), SendError> {
        let pairs = addresses.iter().map(|address| ("hub.url", address.as_str()));
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("hub.mode", "publish")
            .extend_pairs(pairs)
            .finish();
        let request = self
            .client
            .post(self.url.clone())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(form);
        let answer = request.send().await.map_err(|e| SendError::later(plain(e)))?;
        let wait = retry_after(answer.headers());
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(SendError::Later(format!("it answers {status}"), wait)),
        }
    }

    /// Whether something answers there. What it answers to a question that it need not know says no more.
    pub async fn check(&self) -> Result<StatusCode, SendError> {
        let answer = self.client.get(self.url.clone()).send().await;
        let status = answer.map_err(|e| SendError::later(plain(e)))?.status();
        if status.is_server_error() {
            return Err(SendError::later(format!("it answers {status}")));
        }
        Ok(status)
    }
}

/// The pause that is asked for, in seconds; a date is rare, and our own back-off does as well.
fn retry_after(headers: &header::HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}

/// The error and its causes, without the address.
fn plain(e: reqwest::Error) -> String {
    let e = e.without_url();
    let mut text = e.to_string();
    let mut cause = std::error::Error::source(&e);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
