//! Hooks out: signed JSON by POST, after the Standard Webhooks specification (standardwebhooks.com), which libraries for many
//! languages verify.
//!
//! `webhook-signature` is `v1,` and the Base64 of HMAC-SHA256 over `ID.TIMESTAMP.BODY`. The id is the same at every attempt at one
//! delivery: whoever has seen it takes it for done.

use std::{sync::Arc, time::Duration};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use reqwest::{Client, StatusCode, header, redirect};
use ring::hmac;
use url::Url;

use super::{Secret, SendError};
use crate::{
    domain::subscription::Address,
    net::guard::{self, Blocked, PublicResolver},
};

const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const TIMEOUT: Duration = Duration::from_secs(20);

/// What a secret begins with, by the specification.
const SECRET_PREFIX: &str = "whsec_";

/// How hooks are sent.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// How Loa names itself.
    pub user_agent: String,
    /// Whether loopback and private addresses, and `http`, are taken.
    pub allow_private_addresses: bool,
}

/// One delivery.
#[derive(Clone)]
pub struct Hook {
    /// The same at every attempt.
    pub id: String,
    /// When this attempt is made.
    pub at: DateTime<Utc>,
    /// JSON.
    pub body: String,
    /// As [`secret_text`] writes it.
    pub secret: Secret,
}

/// The client for hooks. Cheap to clone.
#[derive(Clone)]
pub struct Webhooks {
    client: Client,
    allow_private_addresses: bool,
}

impl Webhooks {
    /// Sets the client up.
    pub fn new(settings: &WebhookSettings) -> Result<Self, SendError> {
        // A proxy would dial addresses that cannot be checked here, and a redirect would be another address.
        let mut builder = Client::builder()
            .user_agent(&settings.user_agent)
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(TIMEOUT)
            .redirect(redirect::Policy::none())
            .no_proxy();
        if !settings.allow_private_addresses {
            builder = builder.dns_resolver(Arc::new(PublicResolver));
        }
        let client = builder
            .build()
            .map_err(|e| SendError::Refused(format!("no HTTP client: {}", e.without_url())))?;
        Ok(Self {
            client,
            allow_private_addresses: settings.allow_private_addresses,
        })
    }

    /// Sends a hook; done when it is answered with a 2xx.
    pub async fn send(&self, to: &Address, hook: &Hook) -> Result<(), SendError> {
        let url = self.allowed(to)?;
        let timestamp = hook.at.timestamp();
        let signature = signature(hook, timestamp)?;
        let answer = self
            .client
            .post(url)
            .header(header::CONTENT_TYPE, "application/json")
            .header("webhook-id", &hook.id)
            .header("webhook-timestamp", timestamp)
            .header("webhook-signature", signature)
            .body(hook.body.clone())
            .send()
            .await
            .map_err(|e| not_taken(&e))?;
        let wait = retry_after(answer.headers());
        match answer.status() {
            status if status.is_success() => Ok(()),
            StatusCode::GONE => Err(SendError::Gone("it answers 410 Gone".to_owned())),
            status if status.is_redirection() => Err(SendError::later(format!(
                "it answers {status}, and redirects are not followed"
            ))),
            status => Err(SendError::Later(format!("it answers {status}"), wait)),
        }
    }

    fn allowed(&self, to: &Address) -> Result<Url, SendError> {
        let wrong = || SendError::Refused("not a webhook's address".to_owned());
        let url = Url::parse(to.as_str()).map_err(|_| wrong())?;
        if self.allow_private_addresses {
            return Ok(url);
        }
        if url.scheme() != "https" {
            return Err(SendError::Refused(
                "only https addresses are called (webhooks.allow_private_addresses)".to_owned(),
            ));
        }
        match guard::literal_private(&url) {
            Some(_) => Err(private()),
            None => Ok(url),
        }
    }
}

/// A secret as people hand it on: `whsec_` and Base64.
pub fn secret_text(key: &[u8]) -> Secret {
    Secret::new(format!("{SECRET_PREFIX}{}", STANDARD.encode(key)))
}

fn signature(hook: &Hook, timestamp: i64) -> Result<String, SendError> {
    let text = hook.secret.expose();
    let key = text
        .strip_prefix(SECRET_PREFIX)
        .and_then(|text| STANDARD.decode(text).ok())
        .ok_or_else(|| SendError::Refused("the secret of the webhook is unreadable".to_owned()))?;
    let signed = format!("{}.{timestamp}.{}", hook.id, hook.body);
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, &key), signed.as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(tag)))
}

fn private() -> SendError {
    SendError::Refused("a private address is not called (webhooks.allow_private_addresses)".to_owned())
}

/// Whatever went wrong, the same hook may be sent again.
fn not_taken(e: &reqwest::Error) -> SendError {
    let mut cause = std::error::Error::source(e);
    while let Some(inner) = cause {
        if inner.downcast_ref::<Blocked>().is_some() {
            return private();
        }
        cause = inner.source();
    }
    SendError::later(if e.is_timeout() {
        "it does not answer in time"
    } else if e.is_connect() {
        "it cannot be connected to"
    } else {
        "the connection broke"
    })
}

/// The pause that is asked for, in seconds; a date is rare, and our own back-off does as well.
fn retry_after(headers: &header::HeaderMap) -> Option<Duration> {
    let value = headers.get(header::RETRY_AFTER)?.to_str().ok()?;
    value.trim().parse().ok().map(Duration::from_secs)
}
