//! Feeds: articles in, bytes out, in RSS 2.0, Atom 1.0, JSON Feed 1.1 and OPML.
//!
//! Pure: what stands in a feed is decided by the caller, and nothing here reads a clock or knows HTTP, except for the
//! validators of [`conditional`], which are computed from the bytes. Three rules hold for all formats: an item has one
//! identity string everywhere; links are absolute and percent-encoded; no character that XML 1.0 forbids leaves here,
//! since one of them makes readers refuse the whole feed, and no plain text that a reader could take for markup.

mod atom;
pub mod conditional;
mod item;
mod json;
mod link;
mod opml;
mod plain;
mod rss;

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

pub use atom::atom;
pub use item::{Category, Content, EXCERPT_CHARS, Item, Origin};
pub use json::json;
pub use opml::{OPML_MEDIA_TYPE, Outline, OutlineGroup, opml};
pub use rss::rss;

/// What the feeds name as the software that made them.
const GENERATOR: &str = concat!("Loa ", env!("CARGO_PKG_VERSION"));

/// One feed, before it is written in a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// Identity of the feed for Atom: an absolute address or tag URI that stays when the public address changes.
    pub id: String,
    /// Title, plain text.
    pub title: String,
    /// One sentence about what stands in it, plain text.
    pub description: String,
    /// Language of the items, such as `vi` (BCP 47).
    pub language: String,
    /// The exact public address of this document in this format.
    pub self_url: String,
    /// The HTML page that shows the same.
    pub html_url: String,
    /// Name of the authority whose articles these are.
    pub authority: String,
    /// Absolute address of a square picture for the feed.
    pub icon_url: Option<String>,
    /// Hub for push (`WebSub`), where one is configured.
    pub hub_url: Option<String>,
    /// When the feed was set up: stands for its last change as long as it has no items.
    pub created: DateTime<Utc>,
    /// Whether nothing new will ever come.
    pub is_ended: bool,
    /// How many minutes a reader may wait until it asks again; the polling interval.
    pub ttl_minutes: u32,
    /// Links to older and newer documents of the same feed.
    pub paging: Paging,
    /// The items in the order in which they are to stand.
    pub items: Vec<Item>,
}

impl Feed {
    /// The newest change among the items, which is what `lastBuildDate` and `updated` tell: the time of rendering would
    /// make an unchanged feed look new. It is not what `Last-Modified` may tell: an article that is older than others when
    /// it comes, and one that goes, change the document and not this.
    pub fn changed_at(&self) -> DateTime<Utc> {
        let newest = self
            .items
            .iter()
            .map(|item| item.updated.max(item.published))
            .max();
        newest.unwrap_or(self.created)
    }

    /// Writes the feed in a format.
    pub fn write(&self, format: Format) -> Vec<u8> {
        match format {
            Format::Rss => rss(self),
            Format::Atom => atom(self),
            Format::Json => json(self),
        }
    }

    /// The links between the documents of one feed, as (relation, address).
    fn paging_links(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.paging.links()
    }
}

/// Where a document stands among the documents of its feed (RFC 5005, section 4). The addresses are of the same format.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Paging {
    /// Whether this is an archive document, which never changes again.
    pub is_archive: bool,
    /// From an archive document: the subscription document.
    pub current: Option<String>,
    /// The archive document with the next older items.
    pub prev_archive: Option<String>,
    /// From an archive document: the one with the next newer items.
    pub next_archive: Option<String>,
}

impl Paging {
    /// The links, as (relation, address).
    pub fn links(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("current", &self.current),
            ("prev-archive", &self.prev_archive),
            ("next-archive", &self.next_archive),
        ]
        .into_iter()
        .filter_map(|(rel, url)| url.as_deref().map(|url| (rel, url)))
    }
}

/// A form in which a feed is served; each has an address of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Format {
    /// RSS 2.0.
    Rss,
    /// Atom 1.0 (RFC 4287).
    Atom,
    /// JSON Feed 1.1.
    Json,
}

impl Format {
    /// All of them, in the order in which pages offer them.
    pub const ALL: [Self; 3] = [Self::Rss, Self::Atom, Self::Json];

    /// The format that an address's extension (without the dot) asks for.
    pub fn from_extension(extension: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|format| format.extension() == extension)
    }

    /// The extension of its addresses, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Json => "json",
        }
    }

    /// The media type alone, as `<link type>` has it.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml",
            Self::Atom => "application/atom+xml",
            Self::Json => "application/feed+json",
        }
    }

    /// The value of `Content-Type`: the media type with its charset.
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Rss => "application/rss+xml; charset=utf-8",
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Json => "application/feed+json; charset=utf-8",
        }
    }
}

/// A moment in the portal's zone, with its offset: feeds show the hour that the portal shows.
fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&Ho_Chi_Minh).fixed_offset()
}

/// A finished XML document without the characters that may not stand in a text. They cannot stand in markup, so that
/// removing them from the whole document removes them from every text, whichever field brought them.
fn xml_bytes(document: String) -> Vec<u8> {
    match plain::clean(&document) {
        Cow::Borrowed(_) => document.into_bytes(),
        Cow::Owned(cleaned) => cleaned.into_bytes(),
    }
}
