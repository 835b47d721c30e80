//! Fetches pages, politely: one request at a time per host and spaced, conditional, within robots.txt, under time-outs
//! and caps, with redirects followed by hand and private addresses refused.
//!
//! Nothing is read out of a page here; [`super::extract`] does that. Refusals are typed, so that jobs decide without
//! looking at texts.

mod body;
mod charset;
mod client;
mod error;
mod exchange;
mod hosts;
mod legacy;
mod robots_cache;
mod size;

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{ETAG, HeaderMap, HeaderName, LAST_MODIFIED};
use url::Url;

use super::address::is_same_site;
use super::definition::Portal;
pub use charset::decode;
use client::Clients;
pub use error::FetchError;
use exchange::{Answer, Exchange};
use hosts::{Hosts, Turn};
use robots_cache::RobotsCache;
pub use size::FileFacts;

/// Redirects that are followed for one page.
pub const MAX_REDIRECTS: usize = 5;

/// How pages are fetched. The defaults are the manners that portals may expect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FetchSettings {
    /// Product name and version, such as `Loa/0.1`; the part before `/` is the name in robots.txt.
    pub user_agent: String,
    /// Where the portal's staff can reach the operator: an address or a page; empty for none.
    pub contact: String,
    /// Allow loopback and private addresses, for tests, the demo and portals in an intranet.
    pub allow_private_addresses: bool,
    /// Least time between two requests to one host.
    pub min_interval: Duration,
    /// Time for a connection.
    pub connect_timeout: Duration,
    /// Time for one answer as a whole.
    pub timeout: Duration,
    /// Most bytes of one answer over the wire.
    pub max_wire_bytes: usize,
    /// Most bytes of one answer once inflated.
    pub max_body_bytes: usize,
}

impl Default for FetchSettings {
    fn default() -> Self {
        Self {
            user_agent: format!("Loa/{}", env!("CARGO_PKG_VERSION")),
            contact: String::new(),
            allow_private_addresses: false,
            min_interval: Duration::from_millis(1_500),
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(30),
            max_wire_bytes: 4 << 20,
            max_body_bytes: 8 << 20,
        }
    }
}

/// What a conditional request sends back, byte for byte as the portal gave it (bytes outside ASCII as Latin-1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`.
    pub etag: Option<String>,
    /// `Last-Modified`.
    pub last_modified: Option<String>,
}

/// A page, or the news that it is the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fetched {
    /// The page.
    Page(Box<Page>),
    /// Status 304.
    NotModified {
        /// Store these in place of the old ones.
        validators: Validators,
        /// Where the page moved for good, as in [`Page::moved_to`].
        moved_to: Option<Url>,
    },
}

/// A page as it came, decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The text.
    pub html: String,
    /// Where it came from, after redirects.
    pub final_url: Url,
    /// Store these for the next request, with the page or not at all.
    pub validators: Validators,
    /// HTTP status, 2xx.
    pub status: u16,
    /// Where the page moved for good (301, 308 all the way), to be counted and reported.
    pub moved_to: Option<Url>,
}

/// Fetches pages of portals. One for the whole process: manners are kept per host.
#[derive(Debug)]
pub struct Fetcher {
    settings: FetchSettings,
    clients: Clients,
    hosts: Hosts,
    robots: RobotsCache,
}

impl Fetcher {
    /// A fetcher. The process must have installed rustls' crypto provider before the first request.
    pub fn new(settings: FetchSettings) -> Self {
        let robots = RobotsCache::new(&settings.user_agent);
        Self {
            clients: Clients::default(),
            hosts: Hosts::default(),
            robots,
            settings,
        }
    }

    /// Makes the clients of portals before the first request: a certificate file that cannot be used is an error at once,
    /// and portals whose certificates are not checked are logged.
    pub fn prepare(&self, portals: &[Portal]) -> Result<(), FetchError> {
        let mut clients = portals
            .iter()
            .map(|portal| self.clients.of(portal, &self.settings));
        clients.try_for_each(|client| client.map(drop))
    }

    /// Fetches one page. Waits for its turn at the host, so that callers need no manners of their own. `now` ages the
    /// cached robots.txt and reads a `Retry-After` that is a date.
    pub async fn get(
        &self,
        portal: &Portal,
        url: &Url,
        validators: &Validators,
        now: DateTime<Utc>,
    ) -> Result<Fetched, FetchError> {
        if !is_same_site(url, &portal.base_url) {
            return Err(FetchError::RedirectElsewhere {
                url: portal.base_url.to_string(),
                to: url.to_string(),
            });
        }
        let client = self.clients.of(portal, &self.settings)?;
        let exchange = Exchange {
            client: &client,
            portal,
            settings: &self.settings,
            now,
        };
        let mut turn = self.hosts.turn(url, now).await?;
        let result = self.get_in_turn(&exchange, &mut turn, url, validators).await;
        if let Some(wait) = result.as_ref().err().and_then(FetchError::retry_after) {
            turn.hold(now + wait);
        }
        result
    }

    /// Fetches one page without conditions, see [`Fetcher::get`].
    pub async fn get_page(
        &self,
        portal: &Portal,
        url: &Url,
        now: DateTime<Utc>,
    ) -> Result<Box<Page>, FetchError> {
        match self.get(portal, url, &Validators::default(), now).await? {
            Fetched::Page(page) => Ok(page),
            Fetched::NotModified { .. } => Err(FetchError::NotModifiedUnasked { url: url.to_string() }),
        }
    }

    /// How long a page of a portal may take to come, robots.txt before it included: the pauses that are asked for, and the
    /// time-outs.
    pub fn longest_request(&self, portal: &Portal) -> Duration {
        let delay = self.robots.crawl_delay(&portal.base_url).unwrap_or_default();
        (self.settings.min_interval.max(delay) + self.settings.timeout) * 2
    }

    async fn get_in_turn(
        &self,
        exchange: &Exchange<'_>,
        turn: &mut Turn,
        url: &Url,
        validators: &Validators,
    ) -> Result<Fetched, FetchError> {
        let robots = self.robots.of(exchange, turn, url).await?;
        let mut spacing = self.settings.min_interval;
        spacing = spacing.max(robots.crawl_delay().unwrap_or_default());
        let conditions = validators.headers();
        let mut visited = vec![url.clone()];
        let mut is_permanent = true;
        loop {
            let current = visited.last().unwrap_or(url).clone();
            if !robots.allows(&current) {
                return Err(FetchError::Robots {
                    url: current.to_string(),
                });
            }
            turn.wait(spacing).await;
            let moved_to = (visited.len() > 1 && is_permanent).then(|| current.clone());
            let answer = exchange.ask(&current, &conditions).await;
            turn.asked();
            match answer? {
                Answer::Redirect { to, permanent } => {
                    is_permanent &= permanent;
                    visited.push(follow(&visited, to)?);
                }
                Answer::NotModified(headers) => {
                    return Ok(Fetched::NotModified {
                        validators: validators.refreshed(&headers),
                        moved_to,
                    });
                }
                Answer::Body {
                    status,
                    headers,
                    content_type,
                    bytes,
                } => {
                    require_page(&current, &content_type, exchange.portal.reads_feeds())?;
                    return Ok(Fetched::Page(Box::new(Page {
                        html: charset::decode(&bytes, &content_type),
                        moved_to,
                        final_url: current,
                        validators: Validators::from_headers(&headers),
                        status,
                    })));
                }
            }
        }
    }
}

/// The next address, where the redirect may be followed.
fn follow(visited: &[Url], to: Url) -> Result<Url, FetchError> {
    let (Some(first), Some(last)) = (visited.first(), visited.last()) else {
        return Err(FetchError::Setup(
            "no address to follow a redirect from".to_owned(),
        ));
    };
    let url = first.to_string();
    let is_downgrade = last.scheme() == "https" && to.scheme() == "http";
    if !is_same_site(&to, first) || is_downgrade {
        return Err(FetchError::RedirectElsewhere {
            url,
            to: to.to_string(),
        });
    }
    if visited.contains(&to) {
        return Err(FetchError::RedirectLoop { url });
    }
    if visited.len() > MAX_REDIRECTS {
        return Err(FetchError::TooManyRedirects {
            url,
            limit: MAX_REDIRECTS,
        });
    }
    Ok(to)
}

/// Pages are HTML, and XML or JSON where the portal has sections that are feeds; a server that names no type is given the
/// benefit of the doubt.
fn require_page(url: &Url, content_type: &str, is_feed_welcome: bool) -> Result<(), FetchError> {
    let essence = content_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match essence.as_str() {
        "" | "text/html" | "application/xhtml+xml" | "text/plain" => Ok(()),
        "text/xml"
        | "application/xml"
        | "application/rss+xml"
        | "application/atom+xml"
        | "application/rdf+xml"
        | "application/json"
        | "application/feed+json"
            if is_feed_welcome =>
        {
            Ok(())
        }
        _ => Err(FetchError::WrongType {
            url: url.to_string(),
            found: essence,
        }),
    }
}

impl Validators {
    fn from_headers(headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| {
            let bytes = headers.get(name)?.as_bytes();
            Some(bytes.iter().map(|b| char::from(*b)).collect())
        };
        Self {
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
        }
    }

    /// A 304 may bring new validators; what it does not name stays.
    fn refreshed(&self, headers: &HeaderMap) -> Self {
        let new = Self::from_headers(headers);
        Self {
            etag: new.etag.or_else(|| self.etag.clone()),
            last_modified: new.last_modified.or_else(|| self.last_modified.clone()),
        }
    }

    fn headers(&self) -> HeaderMap {
        use reqwest::header::{HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH};
        let pairs = [
            (IF_NONE_MATCH, &self.etag),
            (IF_MODIFIED_SINCE, &self.last_modified),
        ];
        let bytes =
            |text: &String| -> Option<Vec<u8>> { text.chars().map(|c| u8::try_from(c).ok()).collect() };
        let value = |text: &Option<String>| HeaderValue::from_bytes(&bytes(text.as_ref()?)?).ok();
        pairs
            .into_iter()
            .filter_map(|(name, text)| Some((name, value(text)?)))
            .collect()
    }
}
