//! Articles: what a portal's page says ([`Extracted`]) and what the store keeps of it ([`Article`]).

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, Utc};
use serde::{Deserialize, Serialize};

/// How exactly a portal says when an article was published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Date and time of day.
    Minute,
    /// The date alone; the time of day is unknown and stands as 00:00 in the portal's zone.
    Day,
}

impl Precision {
    /// The word in the store and in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Day => "day",
        }
    }
}

/// A moment of publication, with how much of it the portal told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    /// The moment, in UTC.
    pub at: DateTime<Utc>,
    /// How much of it is known.
    pub precision: Precision,
}

impl Published {
    /// Whether an article of the web can be of this moment: a year before 1990 is an empty field of the portal's database
    /// (1970) or a slip of the pen, and feeds with such dates are held to be broken.
    pub fn is_plausible(&self) -> bool {
        self.at.year() >= 1990
    }
}

/// A picture of an article.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Image {
    /// Absolute address.
    pub src: String,
    /// The portal's alternative text; empty where there is none.
    pub alt: String,
    /// The caption under the picture.
    pub caption: Option<String>,
}

/// A file that an article links to (a decree as PDF, a table as XLSX).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// Absolute address.
    pub url: String,
    /// Media type, such as `application/pdf`, where known.
    #[serde(rename = "type")]
    pub media_type: Option<String>,
    /// Size in bytes, where known.
    #[serde(rename = "size")]
    pub size_bytes: Option<u64>,
}

/// An article as its page says it, before it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extracted {
    /// The portal's own article id: the article's identity within its portal.
    pub key: String,
    /// Absolute address of the page, without tracking parameters.
    pub url: String,
    /// Title, one line of plain text, NFC.
    pub title: String,
    /// Lead (sapo), plain text, where the page has one.
    pub lead: Option<String>,
    /// The source in brackets that opens the text, such as `Cổng TTĐT`.
    pub source: Option<String>,
    /// Author or signature line.
    pub author: Option<String>,
    /// When the portal says it was published.
    pub published: Option<Published>,
    /// The section that the page's breadcrumb names, as text.
    pub section: Option<String>,
    /// Sanitised HTML with absolute links.
    pub body_html: String,
    /// The same as plain text, paragraphs separated by one newline.
    pub body_text: String,
    /// Pictures of the body, in order.
    pub images: Vec<Image>,
    /// Files that the body links to, in order.
    pub attachments: Vec<Attachment>,
    /// Field name to the rule that found it, for `loa try`.
    pub rules: BTreeMap<&'static str, String>,
    /// What looked wrong, for people.
    pub warnings: Vec<String>,
}

/// An article as the store keeps it: its newest revision.
#[derive(Debug, Clone, PartialEq)]
pub struct Article {
    /// Row id; part of the page's address, never of the feeds' identity.
    pub id: i64,
    /// Portal id, such as `quangtri`.
    pub portal: String,
    /// The portal's own article id.
    pub key: String,
    /// Address on the portal.
    pub url: String,
    /// Title, plain text.
    pub title: String,
    /// Lead, plain text.
    pub lead: Option<String>,
    /// Source in brackets.
    pub source: Option<String>,
    /// Author or signature.
    pub author: Option<String>,
    /// When the portal says it was published.
    pub published: Option<Published>,
    /// Sanitised HTML.
    pub body_html: String,
    /// Plain text.
    pub body_text: String,
    /// Pictures.
    pub images: Vec<Image>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// When Loa first saw it.
    pub first_seen_at: DateTime<Utc>,
    /// When it last changed materially; equals `first_seen_at` until it does.
    pub updated_at: DateTime<Utc>,
    /// Its topics, strongest first.
    pub topics: Vec<crate::domain::topic::Assigned>,
    /// The sections it stands in, as (`section slug`, `section title`).
    pub sections: Vec<(String, String)>,
}

impl Article {
    /// The moment that feeds and pages show: the portal's, or else when Loa first saw the article.
    /// Never in the future of `first_seen_at` nor before the web, and a date without a time of day stays a date.
    pub fn shown_at(&self) -> DateTime<Utc> {
        self.published
            .filter(Published::is_plausible)
            .map_or(self.first_seen_at, |p| p.at.min(self.first_seen_at))
    }

    /// The identity string that all feeds use: `tag:AUTHORITY,YEAR:PORTAL/article/KEY` (RFC 4151).
    pub fn tag(&self, authority: &str, year: i32) -> String {
        tag_uri(authority, year, &self.portal, &self.key)
    }
}

/// The identity of an article in every feed (RFC 4151). `key` is percent-encoded where a tag may not hold it.
pub fn tag_uri(authority: &str, year: i32, portal: &str, key: &str) -> String {
    let key = percent_encoding::utf8_percent_encode(key, KEY_IN_TAG);
    format!("tag:{authority},{year}:{portal}/article/{key}")
}

/// The portal id and the key that an identity of [`tag_uri`] names; `None` for any other text.
pub fn parse_tag(tag: &str) -> Option<(String, String)> {
    let (_, specific) = tag.strip_prefix("tag:")?.split_once(':')?;
    let (portal, key) = specific.split_once("/article/")?;
    let key = percent_encoding::percent_decode_str(key).decode_utf8().ok()?;
    (!portal.is_empty() && !key.is_empty()).then(|| (portal.to_owned(), key.into_owned()))
}

/// RFC 3986's unreserved characters stay; everything else in a key is encoded.
const KEY_IN_TAG: &percent_encoding::AsciiSet = &percent_encoding::NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A hash of what a reader would call the article: normalised title, lead, source, author, words, pictures and files.
/// White space, markup, letter forms and counters outside the body do not change it; a material edit does. The moment of
/// publication is not part of it: the first that was told stays, and `5 phút trước` is another one at every look.
pub fn content_hash(page: &Extracted) -> String {
    let mut hasher = blake3::Hasher::new();
    let mut add = |text: &str| {
        for word in text.split_whitespace() {
            hasher
                .update(crate::domain::text::one_line(word).as_bytes())
                .update(b" ");
        }
        hasher.update(b"\n");
    };
    add(&page.title);
    for field in [&page.lead, &page.source, &page.author] {
        add(field.as_deref().unwrap_or_default());
    }
    add(&page.body_text);
    for image in &page.images {
        // The query holds a cache stamp that changes by itself.
        add(image.src.split('?').next().unwrap_or_default());
        add(image.caption.as_deref().unwrap_or_default());
    }
    for file in &page.attachments {
        add(&file.url);
    }
    hasher.finalize().to_hex().to_string()
}
