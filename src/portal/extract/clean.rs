//! Part of a page as clean HTML: only what an article needs, absolute links, nothing that runs.
//!
//! Two steps: a writer of our own chooses and repairs (places, lazy pictures, empty paragraphs, Word's leftovers), then
//! `ammonia`, which the safety rests on, lets through an allow-list alone.

use std::collections::{HashMap, HashSet};
use std::ops::Range;

use scraper::{ElementRef, Selector};
use url::Url;

use super::characters::repair;
use super::lines::{INVISIBLE, MAX_DEPTH};
use crate::domain::text::escape_html;

/// Elements that are written; others are replaced by what they hold.
const KEPT: &[&str] = &[
    "a",
    "b",
    "blockquote",
    "br",
    "caption",
    "dd",
    "dl",
    "dt",
    "em",
    "figcaption",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "li",
    "ol",
    "p",
    "pre",
    "strong",
    "sub",
    "sup",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
    "div",
];
/// Elements that are written even when they hold nothing.
const KEPT_EMPTY: &[&str] = &["br", "hr", "td", "th"];
const ATTRIBUTES: &[(&str, &[&str])] = &[
    ("a", &["href", "title"]),
    ("img", &["src", "alt"]),
    ("td", &["colspan", "rowspan"]),
    ("th", &["colspan", "rowspan"]),
];

/// What of a page is written.
pub(super) struct Part<'s> {
    /// Elements that are left out.
    pub(super) skip: &'s [&'s Selector],
    /// Places (see [`super::lines`]) of the leaves that are written.
    pub(super) within: Range<usize>,
    /// Places that are left out of them, in order and apart from one another.
    pub(super) drop: &'s [Range<usize>],
    /// The page's address: relative links hang on it.
    pub(super) base: &'s Url,
}

/// The part of `root` as sanitised HTML.
pub(super) fn html(root: ElementRef<'_>, part: &Part<'_>) -> String {
    let mut writer = Writer { part, place: 0 };
    let raw = writer.element(root, 0, true);
    sanitise(&raw)
}

fn sanitise(raw: &str) -> String {
    let attributes: HashMap<&str, HashSet<&str>> = ATTRIBUTES
        .iter()
        .map(|(tag, names)| (*tag, names.iter().copied().collect()))
        .collect();
    ammonia::Builder::default()
        .tags(KEPT.iter().copied().filter(|tag| *tag != "div").collect())
        .tag_attributes(attributes)
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https", "mailto", "tel"]))
        .link_rel(Some("noopener noreferrer"))
        .clean(raw)
        .to_string()
        .trim()
        .to_owned()
}

struct Writer<'p, 's> {
    part: &'p Part<'s>,
    place: usize,
}

impl Writer<'_, '_> {
    fn element(&mut self, element: ElementRef<'_>, depth: usize, is_root: bool) -> String {
        let name = element.value().name();
        if depth > MAX_DEPTH
            || INVISIBLE.contains(&name)
            || self.part.skip.iter().any(|s| s.matches(&element))
        {
            return String::new();
        }
        let before = self.place;
        if name == "img" {
            self.place += 1;
            return if self.is_written() {
                self.image(element)
            } else {
                String::new()
            };
        }
        let mut inner = String::new();
        for child in element.children() {
            if let Some(child) = ElementRef::wrap(child) {
                inner.push_str(&self.element(child, depth + 1, false));
            } else if let Some(text) = child.value().as_text() {
                self.place += 1;
                if self.is_written() {
                    inner.push_str(&escape_html(&repair(text)));
                }
            }
        }
        let is_whole = before + 1 >= self.part.within.start && self.place < self.part.within.end;
        if is_root || !is_whole {
            inner
        } else {
            self.wrap(element, name, inner)
        }
    }

    fn is_written(&self) -> bool {
        self.part.within.contains(&self.place) && !self.is_dropped()
    }

    fn is_dropped(&self) -> bool {
        let drop = self.part.drop;
        let next = drop.partition_point(|d| d.start <= self.place);
        next > 0 && drop[next - 1].contains(&self.place)
    }

    fn wrap(&self, element: ElementRef<'_>, name: &str, inner: String) -> String {
        let is_empty = inner.replace("<br>", "").trim().is_empty();
        if name == "br" || name == "hr" {
            return format!("<{name}>");
        }
        if is_empty && !KEPT_EMPTY.contains(&name) {
            let left = if inner.contains("<br>") { "<br>" } else { " " };
            return if inner.is_empty() { inner } else { left.to_owned() };
        }
        match name {
            "a" => match self.link(element) {
                Some(href) => format!("<a href=\"{}\">{inner}</a>", escape_html(href.as_str())),
                None => inner,
            },
            // A division of text is a paragraph; one that holds paragraphs is only a box.
            "div" | "section" | "article" | "center" | "main" if !holds_blocks(&inner) => {
                format!("<p>{}</p>", trim_breaks(&inner))
            }
            "p" if holds_blocks(&inner) => inner,
            "p" => format!("<p>{}</p>", trim_breaks(&inner)),
            "table" if inner.matches("<td").count() + inner.matches("<th>").count() < 2 => {
                without_cells(&inner)
            }
            "td" | "th" => format!("<{name}{}>{inner}</{name}>", spans(element)),
            "div" => inner,
            name if KEPT.contains(&name) => format!("<{name}>{inner}</{name}>"),
            _ => inner,
        }
    }

    fn link(&self, element: ElementRef<'_>) -> Option<Url> {
        let href = element.attr("href")?.trim();
        if href.is_empty() || href.starts_with('#') {
            return None;
        }
        let url = self.part.base.join(href).ok()?;
        matches!(url.scheme(), "http" | "https" | "mailto" | "tel").then_some(url)
    }

    fn image(&self, element: ElementRef<'_>) -> String {
        let Some(src) = image_source(element, self.part.base) else {
            return String::new();
        };
        let alt = repair(element.attr("alt").unwrap_or_default());
        format!(
            "<img src=\"{}\" alt=\"{}\">",
            escape_html(src.as_str()),
            escape_html(alt.trim())
        )
    }
}

/// The address of a picture, behind lazy loading too. Inlined data and blank spacers are none.
fn image_source(element: ElementRef<'_>, base: &Url) -> Option<Url> {
    ["data-src", "data-original", "data-lazy-src", "src"]
        .iter()
        .find_map(|name| {
            let value = element.attr(name)?.trim();
            let url = base.join(value).ok().filter(|_| !value.is_empty())?;
            let is_blank = url.path().ends_with("/spacer.png") || url.path().ends_with("/spacer.gif");
            (matches!(url.scheme(), "http" | "https") && !is_blank).then_some(url)
        })
}

/// A table of one cell is a box around text.
fn without_cells(inner: &str) -> String {
    [
        "<tbody>", "</tbody>", "<tr>", "</tr>", "<td>", "</td>", "<th>", "</th>",
    ]
    .iter()
    .fold(inner.to_owned(), |text, tag| text.replace(tag, ""))
}

fn spans(element: ElementRef<'_>) -> String {
    let span = |name: &str| {
        let count: u8 = element.attr(name)?.trim().parse().ok()?;
        (count > 1).then(|| format!(" {name}=\"{count}\""))
    };
    [span("colspan"), span("rowspan")].into_iter().flatten().collect()
}

fn holds_blocks(inner: &str) -> bool {
    [
        "<p>",
        "<ul>",
        "<ol>",
        "<table>",
        "<blockquote>",
        "<h1>",
        "<h2>",
        "<h3>",
        "<h4>",
        "<h5>",
        "<h6>",
        "<figure>",
        "<dl>",
        "<pre>",
    ]
    .iter()
    .any(|tag| inner.contains(tag))
}

fn trim_breaks(inner: &str) -> &str {
    let mut text = inner.trim();
    while let Some(rest) = text.strip_prefix("<br>").or_else(|| text.strip_suffix("<br>")) {
        text = rest.trim();
    }
    text
}
