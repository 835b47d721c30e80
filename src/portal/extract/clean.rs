//! Part of a page as clean HTML: only what an article needs, absolute links, nothing that runs.
//!
//! Two steps: a writer of our own chooses and repairs (places, lazy pictures, players, captions, empty paragraphs, Word's
//! leftovers), then `ammonia`, which the safety rests on, lets through an allow-list alone. Clean HTML comes out as it is.

use std::collections::HashSet;
use std::ops::Range;

use scraper::{ElementRef, Html};
use url::Url;

use super::allowed::{DIVISIONS, KEPT, KEPT_EMPTY, sanitise};
use super::body::LONGEST_CAPTION;
use super::characters::{repair, written_text};
use super::lines::{MAX_DEPTH, is_invisible};
use super::media::{self, Embedded};
use super::tidy::{flat, holds_blocks, inside, is_blank, paragraphs, within_lines};
use super::{files, links, tables};
use crate::domain::text::escape_html;
use crate::portal::profile::Css;

/// What of a page is written.
pub(super) struct Part<'s> {
    /// Elements that are left out.
    pub(super) skip: &'s [Css],
    /// Places (see [`super::lines`]) of the leaves that are written.
    pub(super) within: Range<usize>,
    /// Places that are left out of them, in order and apart from one another.
    pub(super) drop: &'s [Range<usize>],
    /// The page's address: relative links hang on it.
    pub(super) base: &'s Url,
}

/// Misnested mark-up is put in order by the parser behind our back (a rule within a caption, a list within a heading): what
/// comes out is read again until it stays the same, at most so often.
const MOST_PASSES: usize = 4;

/// Clean HTML, as text and as a tree.
pub(super) struct Clean {
    pub(super) html: String,
    pub(super) tree: Html,
}

impl From<String> for Clean {
    fn from(html: String) -> Self {
        let tree = Html::parse_fragment(&html);
        Self { html, tree }
    }
}

impl Default for Clean {
    fn default() -> Self {
        Self::from(String::new())
    }
}

/// The part of `root` as sanitised HTML; cleaned again, it comes out the same.
pub(super) fn html(root: ElementRef<'_>, part: &Part<'_>) -> Clean {
    let mut raw = written(root, part);
    let mut clean = Clean::from(sanitise(&raw));
    let whole = Part {
        skip: &[],
        within: 0..usize::MAX,
        drop: &[],
        base: part.base,
    };
    for _ in 1..MOST_PASSES {
        let again = written(clean.tree.root_element(), &whole);
        // The sanitiser makes the same of the same; mostly it need not be asked.
        if again == raw {
            break;
        }
        let html = sanitise(&again);
        if html == clean.html {
            break;
        }
        (raw, clean) = (again, Clean::from(html));
    }
    clean
}

/// As the writer alone writes it.
fn written(root: ElementRef<'_>, part: &Part<'_>) -> String {
    let mut writer = Writer {
        part,
        place: 0,
        pictures: HashSet::new(),
    };
    let raw = writer.element(root, Around::default());
    paragraphs(&raw)
}

/// What the walk knows about the elements around one.
#[derive(Debug, Clone, Copy, Default)]
struct Around {
    depth: usize,
    is_inside_root: bool,
    is_preformatted: bool,
}

struct Writer<'p, 's> {
    part: &'p Part<'s>,
    place: usize,
    /// Addresses of the pictures that were written.
    pictures: HashSet<String>,
}

impl Writer<'_, '_> {
    fn element(&mut self, element: ElementRef<'_>, around: Around) -> String {
        let name = element.value().name();
        let is_skipped = self.part.skip.iter().any(|s| s.matches(&element));
        if around.depth > MAX_DEPTH || is_skipped {
            return String::new();
        }
        if is_invisible(name) {
            return if self.is_written() {
                self.instead_of(element)
            } else {
                String::new()
            };
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
        let inner = self.children(element, name, around);
        let is_whole = before + 1 >= self.part.within.start && self.place < self.part.within.end;
        if !around.is_inside_root {
            inner
        } else if !is_whole {
            // A table of which only a part is wanted is a table no more.
            if name == "table" {
                tables::as_lines(&inner)
            } else {
                inner
            }
        } else {
            self.wrap(element, name, inner)
        }
    }

    fn children(&mut self, element: ElementRef<'_>, name: &str, around: Around) -> String {
        let mut inner = String::new();
        let within = Around {
            depth: around.depth + 1,
            is_inside_root: true,
            is_preformatted: around.is_preformatted || name == "pre",
        };
        for child in element.children() {
            if let Some(child) = ElementRef::wrap(child) {
                inner.push_str(&self.element(child, within));
            } else if let Some(text) = child.value().as_text() {
                self.place += 1;
                if self.is_written() {
                    inner.push_str(&escape_html(&written_text(text, within.is_preformatted)));
                }
            }
        }
        inner
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
        if name == "br" || name == "hr" {
            return format!("<{name}>");
        }
        if let Some(film) = media::scripted_film(element, self.part.base) {
            return paragraphs(&(inner + &player("Video", &film)));
        }
        if is_blank(&inner) && !KEPT_EMPTY.contains(&name) {
            return nothing(name, &inner).to_owned();
        }
        if is_caption(element, name, &inner) {
            return format!("<figcaption>{}</figcaption>", flat(&inner));
        }
        match name {
            "a" => self.anchor(element, &inner),
            name if DIVISIONS.contains(&name) => {
                if holds_blocks(&inner) {
                    paragraphs(&inner)
                } else {
                    format!("<p>{}</p>", within_lines(&inner))
                }
            }
            "figure" => tables::figure(&inner),
            "table" => tables::table(element, &inner),
            "td" | "th" => format!("<{name}{}>{}</{name}>", tables::spans(element), cell(&inner)),
            "li" | "dd" | "dt" | "caption" | "blockquote" => format!("<{name}>{}</{name}>", cell(&inner)),
            "b" | "strong" | "em" | "i" | "u" | "sub" | "sup" if holds_blocks(&inner) => inner,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => heading(name, inner),
            name if KEPT.contains(&name) => format!("<{name}>{inner}</{name}>"),
            _ => inner,
        }
    }

    fn anchor(&self, element: ElementRef<'_>, inner: &str) -> String {
        let url = element
            .attr("href")
            .and_then(|href| links::target(href, self.part.base));
        // A link around a table, or around a player's link, is none around its text.
        let Some(url) = url.filter(|_| !inner.contains("<a ") && !inner.contains("<table>")) else {
            return inner.to_owned();
        };
        let declared = files::declared(&url, element.attr("type"), element.attr("download"));
        let text = if holds_blocks(inner) {
            flat(inner)
        } else {
            inner.to_owned()
        };
        link(&url, declared.as_deref(), &text)
    }

    fn image(&mut self, element: ElementRef<'_>) -> String {
        let Some(src) = media::picture(element, self.part.base) else {
            return String::new();
        };
        self.pictures.insert(src.to_string());
        let alt = repair(element.attr("alt").unwrap_or_default());
        format!(
            "<img src=\"{}\" alt=\"{}\">",
            escape_html(src.as_str()),
            escape_html(alt.trim())
        )
    }

    /// What is written in place of an element that a reader cannot see: a link to what it plays or shows.
    fn instead_of(&mut self, element: ElementRef<'_>) -> String {
        if element.value().name() == "noscript" {
            return self.without_scripts(element);
        }
        match media::embedded(element, self.part.base) {
            Some(Embedded::Film(url)) => player("Video", &url),
            Some(Embedded::Recording(url)) => player("Âm thanh", &url),
            Some(Embedded::File(url, declared)) => {
                let name = escape_html(&repair(&files::name(&url)));
                format!("<p>{}</p>", link(&url, declared.as_deref(), &name))
            }
            None => String::new(),
        }
    }

    /// The pictures that stand in a page for readers without scripts, where lazy loading has not shown them already.
    fn without_scripts(&mut self, element: ElementRef<'_>) -> String {
        let before = element.prev_siblings().find_map(ElementRef::wrap);
        let is_shown = |e: ElementRef<'_>| {
            let pictures = std::iter::once(e).chain(e.descendent_elements());
            let mut pictures = pictures.filter(|e| e.value().name() == "img");
            pictures.any(|img| media::picture(img, self.part.base).is_some())
        };
        if before.is_some_and(is_shown) {
            return String::new();
        }
        // A parser that runs scripts takes what stands here for text.
        let fragment = Html::parse_fragment(&element.text().collect::<String>());
        let mut out = String::new();
        for img in fragment
            .root_element()
            .descendent_elements()
            .filter(|e| e.value().name() == "img")
        {
            let src = media::picture(img, self.part.base);
            if src.is_some_and(|src| !self.pictures.contains(src.as_str())) {
                out.push_str(&self.image(img));
            }
        }
        out
    }
}

/// What an element without content leaves behind: the end of a line, or the white space between words.
fn nothing(name: &str, inner: &str) -> &'static str {
    let is_division = DIVISIONS.contains(&name) || name.starts_with('h') && name.len() == 2;
    if inner.contains("<br>") || is_division {
        "<br>"
    } else if inner.is_empty() || KEPT.contains(&name) && holds_blocks(&format!("<{name}>")) {
        ""
    } else {
        " "
    }
}

/// A short text in an element that is called a caption.
fn is_caption(element: ElementRef<'_>, name: &str, inner: &str) -> bool {
    let is_called = name == "figcaption"
        || matches!(name, "div" | "p" | "span")
            && element
                .attr("class")
                .is_some_and(|class| class.to_ascii_lowercase().contains("caption"));
    let length = || element.text().map(|t| t.trim().chars().count()).sum::<usize>();
    is_called
        && !inner.contains("<img ")
        && !inner.contains("<t")
        && (name == "figcaption" || length() <= LONGEST_CAPTION)
}

/// What a cell or an item of a list holds: a lone paragraph is its text.
fn cell(inner: &str) -> String {
    if let Some(text) = inside(inner, "p").filter(|text| !holds_blocks(text)) {
        return within_lines(text);
    }
    if !holds_blocks(inner) {
        within_lines(inner)
    } else if inner.contains("<figcaption>") {
        paragraphs(inner)
    } else {
        inner.trim().to_owned()
    }
}

fn heading(name: &str, inner: String) -> String {
    if !holds_blocks(&inner) {
        format!("<{name}>{}</{name}>", within_lines(&inner))
    } else if inner.contains("<img ") || inner.contains("<t") || inner.contains("<li>") {
        inner
    } else {
        format!("<{name}>{}</{name}>", flat(&inner))
    }
}

fn link(url: &Url, media_type: Option<&str>, inner: &str) -> String {
    let href = escape_html(url.as_str());
    let media_type = media_type.map_or_else(String::new, |t| format!(" type=\"{}\"", escape_html(t)));
    format!("<a href=\"{href}\"{media_type}>{inner}</a>")
}

/// `Video: <address>`, as a paragraph: a reader of feeds has no player.
fn player(what: &str, url: &Url) -> String {
    let text = format!("{what}: {}", escape_html(url.as_str()));
    format!("<p>{}</p>", link(url, None, &text))
}
