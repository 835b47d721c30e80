//! robots.txt of each origin, kept for a day (RFC 9309, 2.4).

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Duration, Utc};
use reqwest::header::HeaderMap;
use url::Url;

use super::exchange::{Answer, Exchange};
use super::hosts::Turn;
use super::{FetchError, follow};
use crate::portal::robots::Robots;

/// How long a copy is used.
const LIFETIME: Duration = Duration::hours(24);
/// How long an old copy still serves while the portal's robots.txt fails.
const LIFETIME_WHILE_FAILING: Duration = Duration::days(7);
/// More of a file is not read (bytes; RFC 9309, 2.5 asks for at least 500 KiB).
const MOST_BYTES: usize = 500 << 10;

/// The rules of one origin, and when they were read.
type Copy = (DateTime<Utc>, Arc<Robots>);

/// The rules by origin, with when they were read.
#[derive(Debug)]
pub(super) struct RobotsCache {
    agent: String,
    known: Mutex<HashMap<String, Copy>>,
}

impl RobotsCache {
    /// A cache for the robot whose user agent begins with its product token.
    pub(super) fn new(user_agent: &str) -> Self {
        let agent = user_agent.split(['/', ' ']).next().unwrap_or_default().to_owned();
        Self {
            agent,
            known: Mutex::default(),
        }
    }

    /// Least time between two requests that the copy of an address's origin asks for; none where there is no copy.
    pub(super) fn crawl_delay(&self, url: &Url) -> Option<std::time::Duration> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&url.origin().ascii_serialization())?.1.crawl_delay()
    }

    /// The rules for an address's origin, asked for where there is no fresh copy.
    pub(super) async fn of(
        &self,
        exchange: &Exchange<'_>,
        turn: &mut Turn,
        url: &Url,
    ) -> Result<Arc<Robots>, FetchError> {
        let origin = url.origin().ascii_serialization();
        let known = self
            .known
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .get(&origin)
            .cloned();
        let age = |(read_at, _): &Copy| exchange.now - *read_at;
        if let Some(fresh) = known.as_ref().filter(|k| age(k) < LIFETIME) {
            return Ok(Arc::clone(&fresh.1));
        }
        match self.ask(exchange, turn, url).await {
            Ok(robots) => {
                let robots = Arc::new(robots);
                let entry = (exchange.now, Arc::clone(&robots));
                self.known
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .insert(origin, entry);
                Ok(robots)
            }
            Err(error) => match known.filter(|k| age(k) < LIFETIME_WHILE_FAILING) {
                Some((_, old)) => Ok(old),
                None => Err(error),
            },
        }
    }

    async fn ask(&self, exchange: &Exchange<'_>, turn: &mut Turn, url: &Url) -> Result<Robots, FetchError> {
        let unavailable = |error| FetchError::RobotsUnavailable(Box::new(error));
        let file = url
            .join("/robots.txt")
            .map_err(|e| FetchError::Setup(e.to_string()))?;
        let mut visited = vec![file.clone()];
        loop {
            let current = visited.last().unwrap_or(&file).clone();
            turn.wait(exchange.settings.min_interval).await;
            let answer = exchange.ask(&current, &HeaderMap::new()).await;
            turn.asked();
            match answer {
                Ok(Answer::Body { bytes, .. }) => {
                    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(MOST_BYTES)]);
                    return Ok(Robots::parse(&text, &self.agent));
                }
                Ok(Answer::Redirect { to, .. }) => match follow(&visited, to) {
                    Ok(next) => visited.push(next),
                    // A file that cannot be reached by redirects is as good as none (RFC 9309, 2.3.1.2).
                    Err(_) => return Ok(Robots::allow_all()),
                },
                Ok(Answer::NotModified(_)) | Err(FetchError::NotFound { .. } | FetchError::Gone { .. }) => {
                    return Ok(Robots::allow_all());
                }
                Err(FetchError::Status { code, .. }) if (400..500).contains(&code) && code != 429 => {
                    return Ok(Robots::allow_all());
                }
                // An address that is blocked is not the fault of the file.
                Err(error @ (FetchError::BlockedAddress { .. } | FetchError::Setup(_))) => return Err(error),
                Err(error) => return Err(unavailable(error)),
            }
        }
    }
}
