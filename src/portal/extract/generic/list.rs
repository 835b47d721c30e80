//! List pages: the links whose addresses have one form, in the box that holds most of them.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html};
use url::Url;

use super::address::{self, Key};
use super::page::Page;
use super::{dates, paging};
use crate::domain::article::Published;
use crate::domain::text::one_line;
use crate::portal::address::is_same_site;
use crate::portal::date;
use crate::portal::extract::characters::restore;
use crate::portal::extract::list::{base_url, feeds, link_title};
use crate::portal::extract::{ListItem, ListPage};
use crate::portal::profile::Profile;

/// A title has at least as many words; a shorter one needs a date beside it.
const FEWEST_WORDS: usize = 4;
/// A box with this share of its parent's items holds the list (percent).
const DOMINANT: usize = 60;
/// How far up from a link its date is looked for (elements).
const ITEM_DEPTH: usize = 8;
/// Only so many links are read.
const MOST_LINKS: usize = 5_000;
/// Fewer items make no list.
const FEWEST_ITEMS: usize = 2;

/// A link that may lead to an article.
struct Link {
    element: usize,
    url: Url,
    key: Key,
    shape: String,
    title: (String, bool),
}

/// A key's links, put together.
struct Item {
    /// Elements of its links.
    elements: Vec<usize>,
    weight: usize,
    url: Url,
    title: (String, bool),
    published: Option<Published>,
}

/// Everything the page offers; no items is not an error here.
pub(in crate::portal::extract) fn read(
    document: &Html,
    page_url: &Url,
    profile: &Profile,
    now: DateTime<Utc>,
) -> ListPage {
    let page = Page::new(document);
    let base = base_url(document, page_url);
    let links = links(&page, &base, page_url);
    let is_date = dates::lines(&page, now);
    let places = places(&links);
    let mut shapes: BTreeMap<&str, BTreeMap<&str, Item>> = BTreeMap::new();
    for link in &links {
        let key = link.key.text.as_str();
        let dated = || item_date(&page, link, &links, &places[key], &is_date, now);
        let items = shapes.entry(&link.shape).or_default();
        if let Some(item) = items.get_mut(key) {
            item.elements.push(link.element);
            // The first link may be a picture in a box of its own.
            item.published = item.published.or_else(dated);
            if is_better(&link.title, &item.title) {
                item.title = link.title.clone();
            }
        } else {
            let item = Item {
                elements: vec![link.element],
                weight: 0,
                url: link.url.clone(),
                title: link.title.clone(),
                published: dated(),
            };
            items.insert(key, item);
        }
    }
    let best = shapes
        .into_values()
        .map(|mut items| {
            items.values_mut().for_each(weigh);
            items.retain(|_, item| item.weight > 0);
            items
        })
        .max_by_key(|items| items.values().map(|i| i.weight).sum::<usize>())
        .unwrap_or_default();
    let keys: BTreeSet<String> = best.keys().map(|key| (*key).to_owned()).collect();
    let items = in_main_box(&page, best);
    let is_list = items.len() >= FEWEST_ITEMS || items.iter().any(|i| i.published.is_some());
    let all = page
        .elements
        .iter()
        .filter_map(|e| Some((e.node, base.join(e.node.attr("href")?.trim()).ok()?)));
    let head = document
        .root_element()
        .descendent_elements()
        .filter(|e| e.value().name() == "link");
    let head = head.filter_map(|e| Some((e, base.join(e.attr("href")?.trim()).ok()?)));
    let head = head.filter(|(e, _)| e.attr("rel") == Some("next"));
    let next = paging::next(
        head.chain(all.filter(|(e, _)| e.value().name() == "a")),
        page_url,
        &profile.list,
        |url| address::key(url).is_some_and(|key| keys.contains(&key.text)),
    );
    ListPage {
        items: if is_list { items } else { Vec::new() },
        next,
        feeds: feeds(document, &base),
        warnings: Vec::new(),
    }
}

/// Links outside of menus that may lead to an article of this portal.
fn links(page: &Page<'_>, base: &Url, page_url: &Url) -> Vec<Link> {
    let mut furniture = page
        .furniture
        .iter()
        .map(|at| *at..page.elements[*at].end)
        .peekable();
    let mut is_furniture = |at: usize| {
        while furniture.peek().is_some_and(|range| range.end <= at) {
            furniture.next();
        }
        furniture.peek().is_some_and(|range| range.contains(&at))
    };
    let elements = page.elements.iter().enumerate().filter(|(_, e)| e.name() == "a");
    elements
        .filter(|(at, _)| !is_furniture(*at))
        .filter_map(|(at, e)| {
            let url = base.join(e.node.attr("href")?.trim()).ok()?;
            if !is_same_site(&url, page_url) || address::is_same_page(&url, page_url) {
                return None;
            }
            let key = address::key(&url)?;
            Some(Link {
                element: at,
                shape: address::shape(&url, &key),
                title: link_title(heading(page, at).unwrap_or(e.node)),
                url: address::on_origin(&url, page_url)?,
                key,
            })
        })
        .take(MOST_LINKS)
        .collect()
}

/// The heading within a link that holds a whole card.
fn heading<'a>(page: &Page<'a>, link: usize) -> Option<ElementRef<'a>> {
    let inside = &page.elements[link..page.elements[link].end];
    inside
        .iter()
        .take(30)
        .find(|e| matches!(e.name(), "h1" | "h2" | "h3" | "h4" | "h5") && !e.lines.is_empty())
        .map(|e| e.node)
}

/// Where each key's links stand, in order.
fn places(links: &[Link]) -> HashMap<&str, Vec<usize>> {
    let mut places: HashMap<&str, Vec<usize>> = HashMap::new();
    for link in links {
        places.entry(&link.key.text).or_default().push(link.element);
    }
    places
}

/// How many of the sorted numbers lie in a range.
fn within(sorted: &[usize], range: &Range<usize>) -> usize {
    sorted.partition_point(|at| *at < range.end) - sorted.partition_point(|at| *at < range.start)
}

/// The date that stands in the smallest box around the link that holds no other article.
fn item_date(
    page: &Page<'_>,
    link: &Link,
    links: &[Link],
    own: &[usize],
    is_date: &[bool],
    now: DateTime<Utc>,
) -> Option<Published> {
    let from = |at: usize| links.partition_point(|l| l.element < at);
    for at in page.around(link.element).take(ITEM_DEPTH) {
        let element = &page.elements[at];
        let range = at..element.end;
        if from(range.end) - from(range.start) > within(own, &range) {
            return None;
        }
        let mut lines = element.lines.clone().take(MOST_LINES);
        let found = lines.find_map(|i| {
            let text = page.lines[i].text();
            if is_date[i] {
                return date::parse(text, now)?.published;
            }
            let text = as_title(text);
            date::parse(beside(&text, &link.title.0)?, now)?.published
        });
        let stamp = || {
            let mut times = page.elements[range.clone()]
                .iter()
                .take(MOST_LINES)
                .filter(|e| e.name() == "time");
            times.find_map(|e| date::find(e.node.attr("datetime")?, now)?.published)
        };
        if let Some(date) = found.or_else(stamp) {
            return Some(date);
        }
    }
    None
}

/// How many lines, or elements, of a box are looked at.
const MOST_LINES: usize = 60;

/// A line with its entities restored, as titles are.
fn as_title(line: &str) -> Cow<'_, str> {
    if line.contains(';') {
        Cow::Owned(restore(line))
    } else {
        Cow::Borrowed(line)
    }
}

/// What of a line stands beside the link's text in it.
fn beside<'t>(text: &'t str, title: &str) -> Option<&'t str> {
    let rest = text.strip_prefix(title).or_else(|| text.strip_suffix(title))?;
    let rest = rest.trim();
    (!title.is_empty() && !rest.is_empty() && dates::looks_like_date(rest)).then_some(rest)
}

/// A longer title, or one that is not cut; `Xem thêm` is none.
fn is_better(title: &(String, bool), known: &(String, bool)) -> bool {
    let words = |t: &str| t.split_whitespace().count();
    let is_label = |t: &str| words(t) < FEWEST_WORDS;
    match (is_label(&known.0), is_label(&title.0)) {
        (true, false) => true,
        (false, false) => known.1 && !title.1 && title.0.len() > known.0.len(),
        (true, true) => known.0.is_empty() && !title.0.is_empty(),
        (false, true) => false,
    }
}

/// An item weighs as much as its title says, and more with a date; a section's name weighs nothing.
fn weigh(item: &mut Item) {
    let title = &item.title.0;
    let words = title.split_whitespace().count();
    let is_title = words >= FEWEST_WORDS || (item.published.is_some() && words > 0);
    let length = title.chars().count().min(100);
    item.weight = match (is_title, item.published.is_some()) {
        (true, true) => length * 2 + 20,
        (true, false) => length,
        (false, _) => 0,
    };
}

/// The items in the innermost box that holds most of their weight, in page order.
fn in_main_box(page: &Page<'_>, items: BTreeMap<&str, Item>) -> Vec<ListItem> {
    let mut weights: Vec<(usize, usize)> = items
        .values()
        .flat_map(|item| {
            item.elements
                .iter()
                .map(|at| (*at, item.weight / item.elements.len().max(1)))
        })
        .collect();
    weights.sort_unstable();
    let mut sums = vec![0];
    for (_, weight) in &weights {
        sums.push(sums[sums.len() - 1] + weight);
    }
    let of = |range: &Range<usize>| {
        let index = |at: usize| sums[weights.partition_point(|(element, _)| *element < at)];
        index(range.end) - index(range.start)
    };
    let span = |at: usize| at..page.elements[at].end;
    let mut here = 0;
    while let Some(child) = page.children(here).max_by_key(|c| of(&span(*c)))
        && of(&span(child)) * 100 >= of(&span(here)) * DOMINANT
        && of(&span(child)) > 0
    {
        let holds = weights.partition_point(|(e, _)| *e < span(child).end)
            - weights.partition_point(|(e, _)| *e < span(child).start);
        // The first item of a list may be a box of its own, and heavy.
        if holds < 2 && weights.len() > 1 {
            break;
        }
        here = child;
    }
    let span = span(here);
    let mut found: Vec<(usize, ListItem)> = items
        .into_iter()
        .filter_map(|(key, item)| {
            let first = item.elements.iter().find(|at| span.contains(at))?;
            let item_of_list = ListItem {
                key: key.to_owned(),
                url: item.url,
                title: one_line(&item.title.0),
                title_is_cut: item.title.1,
                published: item.published,
            };
            Some((*first, item_of_list))
        })
        .collect();
    found.sort_by_key(|(at, _)| *at);
    found.into_iter().map(|(_, item)| item).collect()
}
