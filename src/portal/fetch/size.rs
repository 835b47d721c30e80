//! How large a file is and of which kind, without fetching it.

use chrono::{DateTime, Utc};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE};
use url::Url;

use super::{FetchError, Fetcher, exchange::Exchange};
use crate::portal::{address::is_same_site, definition::Portal};

/// What a server says about a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFacts {
    /// Bytes, where it tells.
    pub size_bytes: Option<u64>,
    /// Media type without parameters, where it tells.
    pub media_type: Option<String>,
}

impl Fetcher {
    /// Asks about a file with HEAD, in turn and within robots.txt as for a page. `None` for a file elsewhere: only the
    /// portal agreed to be asked.
    pub async fn file_facts(
        &self,
        portal: &Portal,
        url: &Url,
        now: DateTime<Utc>,
    ) -> Result<Option<FileFacts>, FetchError> {
        if !is_same_site(url, &portal.base_url) {
            return Ok(None);
        }
        let client = self.clients.of(portal, &self.settings)?;
        let exchange = Exchange {
            client: &client,
            portal,
            settings: &self.settings,
            now,
        };
        let mut turn = self.hosts.turn(url, now).await?;
        let robots = self.robots.of(&exchange, &mut turn, url).await?;
        if !robots.allows(url) {
            return Err(FetchError::Robots { url: url.to_string() });
        }
        let spacing = self.settings.min_interval;
        turn.wait(spacing.max(robots.crawl_delay().unwrap_or_default()))
            .await;
        let answer = exchange.head(url).await;
        turn.asked();
        if let Some(wait) = answer.as_ref().err().and_then(FetchError::retry_after) {
            turn.hold(now + wait);
        }
        let headers = answer?;
        let text = |name| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .map(str::trim)
        };
        let essence = |text: &str| {
            text.split(';')
                .next()
                .unwrap_or_default()
                .trim()
                .to_ascii_lowercase()
        };
        Ok(Some(FileFacts {
            size_bytes: text(CONTENT_LENGTH).and_then(|size| size.parse().ok()),
            media_type: text(CONTENT_TYPE)
                .map(essence)
                .filter(|media_type| !media_type.is_empty()),
        }))
    }
}
