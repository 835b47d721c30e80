//! List pages: links whose address is an article's, in page order, each article once.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html};
use url::Url;

use super::characters::{repair, restore};
use super::{ListItem, ListPage, generic, lines};
use crate::domain::article::Published;
use crate::domain::text::one_line;
use crate::portal::address::is_same_site;
use crate::portal::date;
use crate::portal::profile::{Css, Kind, Profile};

/// How far up from a link its date is looked for (elements).
const ITEM_DEPTH: usize = 6;

/// Media types of feeds (RFC 4287; RSS and JSON Feed by custom).
const FEED_TYPES: &[&str] = &[
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
    "application/feed+json",
];

/// Everything the page offers; no items is not an error here.
pub(super) fn read(html: &str, page_url: &Url, profile: &Profile, now: DateTime<Utc>) -> ListPage {
    let document = Html::parse_document(html);
    if profile.kind == Kind::Generic {
        return generic::list(&document, page_url, profile, now);
    }
    let base = base_url(&document, page_url);
    let mut items: Vec<ListItem> = Vec::new();
    let mut warnings = Vec::new();
    let links = links(&document, &base, profile);
    let keys: HashMap<_, &str> = links
        .iter()
        .filter_map(|link| Some((link.element.id(), link.key.as_deref()?)))
        .collect();
    let is_other = |a: ElementRef<'_>, key: &str| keys.get(&a.id()).is_some_and(|other| *other != key);
    for (link, url, key) in article_links(&links, page_url, profile) {
        let title = link_title(link);
        let published = || item_date(link, |a| is_other(a, key), now);
        if let Some(known) = items.iter_mut().find(|item| item.key == *key) {
            if is_better(&title, known) {
                (known.title, known.title_is_cut) = title;
            }
            known.published = known.published.or_else(published);
        } else {
            let published = published();
            items.push(ListItem {
                key: key.to_owned(),
                url,
                title: title.0,
                title_is_cut: title.1,
                published,
            });
        }
    }
    for item in items.iter().filter(|item| item.title.is_empty()) {
        warnings.push(format!("item {} has no title on the list", item.key));
    }
    if !profile.proven && !items.is_empty() {
        warnings.push(super::article::unproven(profile));
    }
    let next = next_page(&links, page_url, profile);
    ListPage {
        items,
        next,
        feeds: feeds(&document, &base),
        warnings,
    }
}

/// The feeds that a page names (`<link rel=alternate type=…>`), each once.
pub(super) fn feeds(document: &Html, base: &Url) -> Vec<Url> {
    let mut feeds = Vec::new();
    let links = document.root_element().descendent_elements();
    for link in links.filter(|e| e.value().name() == "link") {
        let has = |name: &str, wanted: &[&str]| {
            let value = link.attr(name).unwrap_or_default();
            let mut words = value.split([' ', ';']);
            words.any(|word| wanted.iter().any(|w| w.eq_ignore_ascii_case(word)))
        };
        let url = link.attr("href").and_then(|href| base.join(href.trim()).ok());
        if let Some(url) = url.filter(|_| has("rel", &["alternate"]) && has("type", FEED_TYPES))
            && !feeds.contains(&url)
        {
            feeds.push(url);
        }
    }
    feeds
}

/// What relative links hang on: `<base href>` where the page has one of the same site, else its own address.
pub(super) fn base_url(document: &Html, page_url: &Url) -> Url {
    let elements = document.root_element().descendent_elements();
    let href = elements
        .filter(|e| e.value().name() == "base")
        .find_map(|e| e.attr("href"));
    href.and_then(|href| page_url.join(href).ok())
        .filter(|base| is_same_site(base, page_url))
        .unwrap_or_else(|| page_url.clone())
}

/// A link of the page; the key is that of the article it leads to.
struct Link<'a> {
    element: ElementRef<'a>,
    url: Url,
    key: Option<String>,
}

fn links<'a>(document: &'a Html, base: &Url, profile: &Profile) -> Vec<Link<'a>> {
    let all = document.root_element().descendent_elements();
    let links = all.filter(|e| e.value().name() == "a").filter_map(|element| {
        let url = base.join(element.attr("href")?.trim()).ok()?;
        let key = profile.address.article.key(&url);
        Some(Link { element, url, key })
    });
    links.collect()
}

fn article_links<'l, 'a>(
    links: &'l [Link<'a>],
    page_url: &'l Url,
    profile: &'l Profile,
) -> impl Iterator<Item = (ElementRef<'a>, Url, &'l str)> {
    let rule = &profile.list;
    links.iter().filter_map(|link| {
        let (element, key) = (link.element, link.key.as_deref()?);
        let is_item = (rule.within.is_empty() || is_inside(element, &rule.within))
            && !is_inside(element, &rule.without);
        let url = profile.address.article.article_address(&link.url, page_url);
        Some((element, url.filter(|_| is_item)?, key))
    })
}

fn is_inside(element: ElementRef<'_>, boxes: &[Css]) -> bool {
    let around = element.ancestors().filter_map(ElementRef::wrap);
    !boxes.is_empty()
        && around
            .into_iter()
            .any(|e| boxes.iter().any(|css| css.matches(&e)))
}

/// The link's text, or its `title` where that is longer; and whether it is cut.
pub(super) fn link_title(link: ElementRef<'_>) -> (String, bool) {
    let text = one_line(&restore(&link.text().collect::<String>()));
    let full = one_line(&restore(link.attr("title").unwrap_or_default()));
    let shown = text.trim_end_matches(['.', '…']).trim_end();
    let title = if !text.is_empty() && full.len() > text.len() && full.starts_with(shown) {
        full
    } else {
        text
    };
    let is_cut = title.ends_with("...") || title.ends_with('…');
    (title, is_cut)
}

fn is_better(title: &(String, bool), known: &ListItem) -> bool {
    let missing = known.title.is_empty() && !title.0.is_empty();
    missing || (known.title_is_cut && !title.1 && title.0.len() > known.title.len())
}

/// The date that stands in the smallest box around the link that holds no other article.
fn item_date(
    link: ElementRef<'_>,
    is_other: impl Fn(ElementRef<'_>) -> bool,
    now: DateTime<Utc>,
) -> Option<Published> {
    let holds_others = |around: &ElementRef<'_>| {
        around
            .descendent_elements()
            .filter(|e| e.value().name() == "a")
            .any(&is_other)
    };
    let title = one_line(&repair(&link.text().collect::<String>()));
    let boxes = link.ancestors().filter_map(ElementRef::wrap).take(ITEM_DEPTH);
    boxes
        .take_while(|around| !holds_others(around))
        .find_map(|around| {
            let lines = lines::lines(around, &[]);
            lines.iter().find_map(|line| {
                let text = line.text.strip_prefix(&title).unwrap_or(&line.text);
                date::parse(text, now)?.published
            })
        })
}

fn next_page(links: &[Link<'_>], page_url: &Url, profile: &Profile) -> Option<Url> {
    let current = page_number(page_url, profile).unwrap_or(1);
    let mut by_text = None;
    let of_site = links.iter().filter(|link| is_same_site(&link.url, page_url));
    for (link, url) in of_site.map(|link| (link.element, &link.url)) {
        if page_number(url, profile) == Some(current + 1) {
            return Some(on_polled_origin(url, page_url));
        }
        // "Next" on the last page may lead back to the first ones.
        let leads_back = page_number(url, profile).is_some_and(|number| number <= current);
        let text = one_line(&link.text().collect::<String>());
        let is_next = !leads_back
            && profile
                .list
                .next_texts
                .iter()
                .any(|t| t.eq_ignore_ascii_case(&text));
        if is_next && url.as_str() != page_url.as_str() && by_text.is_none() {
            by_text = Some(on_polled_origin(url, page_url));
        }
    }
    by_text
}

fn page_number(url: &Url, profile: &Profile) -> Option<u32> {
    url.query_pairs().find_map(|(name, value)| {
        let counts = |p: &String| {
            name == p.as_str() || name.strip_suffix(p.as_str()).is_some_and(|n| n.ends_with('_'))
        };
        profile
            .list
            .page_params
            .iter()
            .any(counts)
            .then(|| value.parse().ok())?
    })
}

fn on_polled_origin(url: &Url, page_url: &Url) -> Url {
    let mut out = page_url.clone();
    out.set_path(url.path());
    out.set_query(url.query());
    out.set_fragment(None);
    out
}
