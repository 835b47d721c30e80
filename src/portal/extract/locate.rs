//! Finds the parts of an article page: by selectors first, then by the order of the texts.

use chrono::{DateTime, Utc};
use scraper::{ElementRef, Html};
use url::Url;

use super::characters::repair;
use super::lines::{self, Line};
use super::{order, signature};
use crate::domain::text::one_line;
use crate::portal::date::{self, Reading};
use crate::portal::profile::{Css, Kind, Profile};

/// A part and the rule that found it.
pub(super) type Ruled<T> = Option<(T, String)>;

/// The parts of an article page.
pub(super) struct Located<'a> {
    pub(super) title: Ruled<String>,
    pub(super) date: Ruled<Reading>,
    pub(super) lead: Ruled<String>,
    pub(super) author: Ruled<String>,
    pub(super) section: Ruled<String>,
    /// The element that is written, and which of its places.
    pub(super) body: Ruled<(ElementRef<'a>, std::ops::Range<usize>)>,
    /// Places left out of the body.
    pub(super) drop: Vec<std::ops::Range<usize>>,
    /// Something on the page says that it is an article: a start line, a title's class, an article's address.
    pub(super) has_mark: bool,
    /// The body as the page tells it to machines, where no element shows it.
    pub(super) told_body: Ruled<String>,
    /// What looked wrong, for people.
    pub(super) warnings: Vec<String>,
}

/// Locates the parts. `skip` are the profile's selectors of what never belongs to a text.
pub(super) fn locate<'a>(
    document: &'a Html,
    url: &Url,
    profile: &Profile,
    skip: &[Css],
    now: DateTime<Utc>,
) -> Located<'a> {
    let s = &profile.selectors;
    let mut found = Located {
        title: first_text(document, &s.title),
        date: first_date(document, &s.date, now),
        lead: first_text(document, &s.lead),
        author: first_text(document, &s.author),
        section: first_text(document, &s.section),
        body: first(document, &s.body, |_| true).map(|(e, rule)| ((e, 0..usize::MAX), rule)),
        drop: Vec::new(),
        has_mark: profile.address.article.key(url).is_some(),
        told_body: None,
        warnings: Vec::new(),
    };
    match profile.kind {
        Kind::Selectors => found.has_mark |= found.title.is_some(),
        Kind::TextOrder => by_order(&mut found, document, profile, skip, now),
        // A feed has no articles; the generic kind has rules of its own: see `generic`.
        Kind::Feed | Kind::Generic => {}
    }
    drop_lines(&mut found, profile, skip);
    found
}

fn by_order<'a>(
    found: &mut Located<'a>,
    document: &'a Html,
    profile: &Profile,
    skip: &[Css],
    now: DateTime<Utc>,
) {
    let root = document.root_element();
    let lines = lines::lines(root, skip);
    let parts = order::find(
        &lines,
        &profile.order,
        found.title.as_ref().map(|(t, _)| t.as_str()),
        now,
    );
    found.has_mark |= parts.has_start;
    if found.title.is_none() {
        let rule = "order: longest line between breadcrumb and body";
        found.title = parts.title.map(|at| (lines[at].text.clone(), rule.to_owned()));
    }
    if found.date.is_none() {
        found.date = parts
            .date
            .map(|(_, reading)| (reading, "order: date line beside the title".to_owned()));
    }
    if found.section.is_none() {
        found.section = parts.section.map(|name| (name, "order: breadcrumb".to_owned()));
    }
    let body = lines.get(parts.body_start..parts.body_end).unwrap_or_default();
    if let (None, Some(first), Some(last)) = (&found.body, body.first(), body.last()) {
        let from = if parts.has_start {
            "the start line"
        } else {
            "title and date"
        };
        let until = parts
            .ended_by
            .map_or_else(|| "the end of the page".to_owned(), |mark| format!("{mark:?}"));
        found.body = Some((
            (root, first.from..last.to),
            format!("order: after {from}, up to {until}"),
        ));
    }
}

/// Furniture within the body, and its signature.
fn drop_lines(found: &mut Located<'_>, profile: &Profile, skip: &[Css]) {
    let signs = profile.order.signature && found.author.is_none();
    if profile.order.drop.is_empty() && !signs {
        return;
    }
    let Some(((root, within), _)) = &found.body else {
        return;
    };
    let lines = lines::lines(*root, skip);
    let is_inside = |l: &Line<'_>| l.from >= within.start && l.from < within.end;
    let is_furniture = |l: &Line<'_>| order::begins_with(&l.text, &profile.order.drop).is_some();
    let (furniture, body): (Vec<_>, Vec<_>) = lines.into_iter().filter(is_inside).partition(is_furniture);
    found.drop = furniture.iter().map(|l| l.from..l.to).collect();
    if !signs {
        return;
    }
    if let Some(at) = signature::find(&body) {
        found.drop.push(body[at].from..body[at].to);
        found.drop.sort_by_key(|places| places.start);
        found.author = Some((body[at].text.clone(), "order: last line of the body".to_owned()));
    }
}

/// The first element that fits a selector of the list, with the selector.
fn first<'a>(
    document: &'a Html,
    rules: &[Css],
    fits: impl Fn(ElementRef<'a>) -> bool,
) -> Ruled<ElementRef<'a>> {
    rules.iter().find_map(|css| {
        let element = css.select(document).find(|e| fits(*e))?;
        Some((element, css.text.clone()))
    })
}

fn first_text(document: &Html, rules: &[Css]) -> Ruled<String> {
    let (element, rule) = first(document, rules, |e| !text_of(e).is_empty())?;
    Some((text_of(element), rule))
}

/// An element's text on one line; a `meta` element's content.
fn text_of(element: ElementRef<'_>) -> String {
    let content = element
        .attr("content")
        .filter(|_| element.value().name() == "meta");
    let text = content.map_or_else(|| element.text().collect::<String>(), str::to_owned);
    one_line(&repair(&text))
}

fn first_date(document: &Html, rules: &[Css], now: DateTime<Utc>) -> Ruled<Reading> {
    let read = |e: ElementRef<'_>| {
        let attribute = e.attr("datetime").or_else(|| e.attr("content"));
        attribute
            .and_then(|text| date::find(text, now))
            .or_else(|| date::find(&text_of(e), now))
    };
    let (element, rule) = first(document, rules, |e| read(e).is_some())?;
    Some((read(element)?, rule))
}
