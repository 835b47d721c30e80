//! A portal's own feed (RSS, Atom, JSON Feed) as a list of articles. What it says of their texts is not taken: the page
//! decides.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use feed_rs::model::{Entry, Feed, Link};
use scraper::Html;
use url::Url;

use super::characters::restore;
use super::links::without_tracking;
use super::{ExtractError, ListItem, ListPage, breakage, generic, xml};
use crate::domain::article::{Precision, Published};
use crate::domain::text::one_line;
use crate::portal::address::is_same_site;
use crate::portal::date;
use crate::portal::profile::Profile;

/// A run of digits in an address is an article's number from this length on; shorter ones are years, months, pages.
const SHORTEST_NUMBER: usize = 5;
/// A guid longer than this is no name (bytes).
const LONGEST_GUID: usize = 200;

/// Whether a text is a feed, by how it begins.
pub(super) fn is_feed(text: &str) -> bool {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    if text.starts_with('{') {
        return text.contains("https://jsonfeed.org/version/");
    }
    matches!(xml::root(text).as_deref(), Some("rss" | "feed" | "rdf"))
}

/// Reads a feed. One without entries is an error, as is a page in its place.
pub(super) fn read(
    text: &str,
    page_url: &Url,
    profile: &Profile,
    now: DateTime<Utc>,
) -> Result<ListPage, ExtractError> {
    let not_a_feed = |problem: String| ExtractError::NotAFeed {
        url: page_url.to_string(),
        problem,
    };
    if !is_feed(text) {
        if !text.trim_start().starts_with('{') && !breakage::is_too_deep(text) {
            breakage::check(text, page_url)?;
        }
        return Err(not_a_feed(what_it_is(text)));
    }
    let feed = parse(text, page_url, now).map_err(not_a_feed)?;
    if feed.entries.is_empty() {
        return Err(ExtractError::EmptyList {
            url: page_url.to_string(),
        });
    }
    let page = items(&feed, page_url, profile, now);
    if page.items.is_empty() {
        return Err(not_a_feed(format!(
            "it has {} entries, but {}",
            feed.entries.len(),
            page.warnings.join("; ")
        )));
    }
    Ok(page)
}

fn what_it_is(text: &str) -> String {
    if text.trim().is_empty() {
        return "the answer is empty".to_owned();
    }
    match xml::root(text) {
        Some(root) if root == "html" => "it is an HTML page".to_owned(),
        Some(root) => format!("it begins with <{root}>"),
        None => "it begins with neither XML nor JSON Feed".to_owned(),
    }
}

fn parse(text: &str, page_url: &Url, now: DateTime<Utc>) -> Result<Feed, String> {
    let text = xml::mended(text);
    let parser = feed_rs::parser::Builder::new()
        .base_uri(Some(page_url.as_str()))
        // A made-up id changes with the title; an entry without one is known by its address.
        .id_generator(|_, _, _| String::new())
        .timestamp_parser(move |text| moment(text, now))
        .build();
    parser.parse(text.as_bytes()).map_err(|e| e.to_string())
}

/// Dates of the future come out as they are: [`published`] refuses them aloud.
fn moment(text: &str, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let far = DateTime::<Utc>::MAX_UTC - chrono::TimeDelta::days(1);
    let reading = date::find(text, now).filter(|r| r.published.is_some());
    let reading = reading.or_else(|| date::find(text, far));
    reading?.published.map(|p| p.at)
}

fn items(feed: &Feed, page_url: &Url, profile: &Profile, now: DateTime<Utc>) -> ListPage {
    let mut items: Vec<ListItem> = Vec::new();
    let mut warnings = Vec::new();
    let mut seen = HashSet::new();
    let mut elsewhere = Vec::new();
    let mut without_address = 0;
    for entry in &feed.entries {
        let Some(link) = address(entry, page_url) else {
            without_address += 1;
            continue;
        };
        let Some((key, url)) = identity(entry, &link, page_url, profile) else {
            elsewhere.push(link);
            continue;
        };
        if !seen.insert(key.clone()) {
            let is_other = items.iter().any(|i| i.key == key && i.url != url);
            if is_other {
                warnings.push(format!(
                    "{url} carries the key {key} of another entry and was left out"
                ));
            }
            continue;
        }
        let title = title(entry);
        if title.is_empty() {
            warnings.push(format!("item {key} has no title in the feed"));
        }
        let title_is_cut = title.ends_with("...") || title.ends_with('…');
        let published = published(entry, &key, now, &mut warnings);
        items.push(ListItem {
            key,
            url,
            title,
            title_is_cut,
            published,
        });
    }
    if let Some(first) = elsewhere.first() {
        warnings.push(format!(
            "{} entries lead to other sites, such as {first}",
            elsewhere.len()
        ));
    }
    if without_address > 0 {
        warnings.push(format!("{without_address} entries have no address"));
    }
    let next = feed.links.iter().find(|l| l.rel.as_deref() == Some("next"));
    ListPage {
        items,
        next: next
            .and_then(|l| page_url.join(&l.href).ok())
            .filter(|url| is_same_site(url, page_url) && url != page_url),
        feeds: Vec::new(),
        warnings,
    }
}

/// The entry's page: its link, or else a guid that is one.
fn address(entry: &Entry, page_url: &Url) -> Option<Url> {
    let is_page = |l: &&Link| matches!(l.rel.as_deref(), None | Some("alternate"));
    let hrefs = entry.links.iter().filter(is_page).map(|l| l.href.as_str());
    let guid = std::iter::once(entry.id.as_str()).filter(|id| is_address(id));
    hrefs
        .chain(guid)
        .filter(|href| !href.trim().is_empty())
        .find_map(|href| page_url.join(href.trim()).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"))
}

fn is_address(guid: &str) -> bool {
    guid.contains("://")
}

/// Key and address. `None` where the entry leads to another site.
fn identity(entry: &Entry, link: &Url, page_url: &Url, profile: &Profile) -> Option<(String, Url)> {
    let pattern = &profile.address.article;
    let mut url = pattern.article_address(link, page_url)?;
    if let Some(key) = pattern.key(link) {
        return Some((key, url));
    }
    // Nothing is known of the address: what its query says may be what makes it an article's. A list of such addresses is
    // read by what pages have in common, and must know the articles by the same keys.
    url.set_query(without_tracking(link).query());
    if let Some(key) = generic::key(&url) {
        return Some((key, url));
    }
    let guid = entry.id.trim();
    let is_name = !guid.is_empty() && guid.len() <= LONGEST_GUID && !is_address(guid);
    let key = if is_name {
        guid.to_owned()
    } else {
        number_in(&url).unwrap_or_else(|| slug(&url))
    };
    Some((key, url))
}

/// The longest run of digits in an address (the last of equals) that is neither short nor a date.
fn number_in(url: &Url) -> Option<String> {
    let text = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    // An escaped character (`%20`) is no number.
    let plain = percent_encoding::percent_decode_str(&text)
        .decode_utf8_lossy()
        .into_owned();
    let runs = plain.split(|c: char| !c.is_ascii_digit());
    runs.filter(|run| run.len() >= SHORTEST_NUMBER && !generic::is_date(run))
        .max_by_key(|run| run.len())
        .map(str::to_owned)
}

/// The last name in the path without its ending, and the query, where there is one.
fn slug(url: &Url) -> String {
    let path = url.path().trim_matches('/');
    let last = path.rsplit('/').next().unwrap_or(path);
    let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
    match url.query() {
        Some(query) => format!("{stem}?{query}"),
        None => stem.to_owned(),
    }
}

/// Mark-up that titles carry. Any other `<` is a sign: `Giải <chạy 5 km>`.
const TITLE_TAGS: &[&str] = &[
    "b", "strong", "i", "em", "u", "span", "font", "a", "br", "p", "div", "sup", "sub", "small", "img", "h1",
    "h2", "h3",
];

/// The title on one line, without mark-up.
fn title(entry: &Entry) -> String {
    let written = entry.title.as_ref().map_or("", |t| t.content.as_str());
    if !written.contains(['<', '&']) {
        return one_line(&restore(written));
    }
    let mut html = String::with_capacity(written.len());
    let mut pieces = written.split('<');
    html.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let tag = piece.trim_start_matches('/');
        let name = &tag[..tag
            .find(|c: char| !c.is_ascii_alphanumeric())
            .unwrap_or(tag.len())];
        let is_tag = TITLE_TAGS.iter().any(|known| known.eq_ignore_ascii_case(name)) && tag.contains('>');
        html.push_str(if is_tag { "<" } else { "&lt;" });
        html.push_str(piece);
    }
    let fragment = Html::parse_fragment(&html);
    one_line(&restore(&fragment.root_element().text().collect::<String>()))
}

fn published(entry: &Entry, key: &str, now: DateTime<Utc>, warnings: &mut Vec<String>) -> Option<Published> {
    let at = entry.published.or(entry.updated)?;
    let reading = date::find(&at.to_rfc3339(), now)?;
    if let Some(warning) = reading.warning {
        warnings.push(format!("item {key}: {warning}"));
    }
    let is_midnight = at.with_timezone(&chrono_tz::Asia::Ho_Chi_Minh).time() == chrono::NaiveTime::MIN;
    reading.published.map(|published| Published {
        // A bare midnight is how these systems write that they know no time of day.
        precision: if is_midnight {
            Precision::Day
        } else {
            published.precision
        },
        ..published
    })
}
