//! The body: the innermost box that holds nearly all of the page's prose behind the title, without what surrounds it.

use std::ops::Range;

use url::Url;

use super::furniture;
use super::marks::Marks;
use super::page::{Page, PageLine};
use super::people;
use crate::portal::extract::files::media_type;

/// Where the body stands.
#[derive(Debug)]
pub(super) struct Content {
    /// Its lines.
    pub(super) lines: Range<usize>,
    /// What each line of the page says for being the body's.
    pub(super) weights: Vec<usize>,
    /// Characters of its prose.
    pub(super) prose: usize,
    pub(super) rule: String,
}

/// The lines between which the body is looked for, and what else is known.
pub(super) struct Around<'m> {
    /// The first line behind title and date.
    pub(super) from: usize,
    pub(super) is_date: &'m [bool],
    pub(super) end: &'m Marks,
    pub(super) drop: &'m Marks,
    pub(super) base: &'m Url,
}

/// A child with this share of its parent's prose holds the body (percent) …
const DOMINANT: usize = 80;
/// … or with this one, where it is called content.
const DOMINANT_NAMED: usize = 55;
/// A longer line that is left out counts as prose lost (characters).
const PROSE: usize = 80;
/// The shortest sentence (characters).
const SENTENCE: usize = 15;
/// A picture is worth as much as so many characters.
const PICTURE: usize = 30;
/// At this distance from the title (lines) a line counts half.
const FAR: usize = 30;
/// Shorter lines that are no sentences are labels rather than prose (characters); they count a quarter.
const LABEL: usize = 30;
const BOXES: &[&str] = &[
    "html", "body", "div", "section", "article", "main", "form", "center", "table", "tbody", "tr", "td",
    "header", "span", "font", "dd", "dl", "ul", "li",
];
const STEMS: &[&str] = &[
    "content",
    "noidung",
    "noi-dung",
    "noi_dung",
    "articlebody",
    "article-body",
    "article_body",
    "bodytext",
    "bodyhtml",
    "newsbody",
    "chitiet",
    "chi-tiet",
    "entry",
    "detail",
];

/// Finds the body; `None` where nothing behind the title is prose, a picture or a file.
pub(super) fn find(page: &Page<'_>, around: &Around<'_>) -> Option<Content> {
    let weights: Vec<usize> = (0..page.lines.len()).map(|i| weight(page, i, around)).collect();
    let lead = people::named_lead(page, around.from..end(page, around, &weights), &weights).map(|(at, _)| at);
    let found = find_without(page, around, weights.clone(), lead);
    let found = found.or_else(|| find_without(page, around, weights.clone(), None))?;
    Some(Content { weights, ..found })
}

/// Finds the body beside its lead, which may be longer.
fn find_without(
    page: &Page<'_>,
    around: &Around<'_>,
    mut weights: Vec<usize>,
    lead: Option<usize>,
) -> Option<Content> {
    if let Some(lead) = lead {
        weights[page.elements[lead].lines.clone()].fill(0);
    }
    let until = end(page, around, &weights);
    let range = around.from..until;
    let mut sums = vec![0; page.lines.len() + 1];
    for (i, weight) in weights.iter().enumerate() {
        // What stands far below the title is rather another column's.
        let near = *weight * FAR / (FAR + i.saturating_sub(around.from));
        sums[i + 1] = sums[i] + if range.contains(&i) { near } else { 0 };
    }
    let of = |lines: &Range<usize>| sums[lines.end] - sums[lines.start];
    if of(&(0..page.lines.len())) == 0 {
        return None;
    }
    if let Some(found) = marked(page, &of) {
        return Some(finish(
            page,
            around,
            found,
            &range,
            "itemprop articleBody".to_owned(),
        ));
    }
    let mut element = 0;
    while let Some(child) = inner(page, around, element, &of) {
        element = child;
    }
    let name = describe(page, element);
    Some(finish(
        page,
        around,
        element,
        &range,
        format!("most of the prose behind the title: {name}"),
    ))
}

/// The element that is marked up as the body, where it holds most of what there is.
fn marked(page: &Page<'_>, of: &impl Fn(&Range<usize>) -> usize) -> Option<usize> {
    let all = of(&(0..page.lines.len()));
    let mut named = (0..page.elements.len()).filter(|at| {
        let node = page.elements[*at].node;
        [node.attr("itemprop"), node.attr("property")].contains(&Some("articleBody"))
    });
    named.find(|at| of(&page.elements[*at].lines) * 2 >= all)
}

/// The child that goes on holding the body.
fn inner(
    page: &Page<'_>,
    around: &Around<'_>,
    element: usize,
    of: &impl Fn(&Range<usize>) -> usize,
) -> Option<usize> {
    let all = of(&page.elements[element].lines);
    let best = page
        .children(element)
        .max_by_key(|c| of(&page.elements[*c].lines))?;
    let child = &page.elements[best];
    let share = of(&child.lines) * 100;
    let is_table_part = matches!(
        child.name(),
        "table" | "tbody" | "tr" | "td" | "li" | "ul" | "span" | "font"
    );
    if !BOXES.contains(&child.name()) || (is_table_part && share < all * 95) {
        return None;
    }
    // A box of one paragraph, and another one right behind it: the body is around both.
    let next = child.lines.end..(child.lines.end + 2).min(page.elements[element].lines.end);
    let is_short = child.lines.len() <= 3;
    if is_short && next.into_iter().any(|i| of(&(i..i + 1)) >= SENTENCE) {
        return None;
    }
    if share >= all * 92 {
        return Some(best);
    }
    let parent = &page.elements[element].lines;
    let is_named = furniture::is_named(child.node, STEMS, &[]);
    let lost = |lines: Range<usize>| {
        lines
            .filter(|i| *i >= around.from && page.lines[*i].plain >= PROSE && of(&(*i..*i + 1)) > 0)
            .count()
    };
    let (before, after) = (
        lost(parent.start..child.lines.start),
        lost(child.lines.end..parent.end),
    );
    let keeps_prose = before <= 1 && after == 0;
    let least = if is_named { DOMINANT_NAMED } else { DOMINANT };
    (share >= all * least && keeps_prose).then_some(best)
}

/// How much a line says for being the body's, regardless of where it stands.
fn weight(page: &Page<'_>, i: usize, around: &Around<'_>) -> usize {
    let line = &page.lines[i];
    if line.is_furniture || around.is_date[i] || is_dropped(line, around.drop) {
        return 0;
    }
    if line.line.image.is_some() {
        return if is_banner(page, i, around.base) {
            0
        } else {
            PICTURE
        };
    }
    if line.is_link() {
        return if links_file(page, i, around.base) {
            PICTURE
        } else {
            0
        };
    }
    let is_label = line.chars < LABEL && !line.text().ends_with(['.', '!', '?', ';', ':', '…', '/']);
    if is_label { line.plain / 4 } else { line.plain }
}

/// Whether a picture stands in a link to another page.
fn is_banner(page: &Page<'_>, i: usize, base: &Url) -> bool {
    let mut up = page.around(page.lines[i].element).take(4);
    up.find_map(|at| page.elements[at].node.attr("href"))
        .is_some_and(|href| {
            let is_picture = |url: Url| {
                let path = url.path().to_ascii_lowercase();
                [".jpg", ".jpeg", ".png", ".gif", ".webp"]
                    .iter()
                    .any(|e| path.contains(e))
            };
            !base.join(href).is_ok_and(is_picture)
        })
}

/// Whether a line is, or holds, a link to a file.
pub(super) fn links_file(page: &Page<'_>, i: usize, base: &Url) -> bool {
    let line = &page.lines[i];
    let inside = page.elements[line.element..page.elements[line.element].end]
        .iter()
        .take(8);
    let outside = page.around(line.element).take(3).map(|at| &page.elements[at]);
    inside
        .chain(outside)
        .filter(|e| e.name() == "a")
        .filter_map(|e| base.join(e.node.attr("href")?).ok())
        .any(|url| media_type(&url).is_some())
}

/// A longer line that begins with a mark is prose (characters) …
const LONGEST_MARK_LINE: usize = 60;
/// … unless it is one of these.
const FEET: &[&str] = &[
    "bản quyền",
    "copyright",
    "©",
    "thống kê",
    "cơ quan chủ quản",
    "từ kh",
    "tags",
];

/// Whether a line is a button or a counter, not prose that begins with the same words.
pub(super) fn is_dropped(line: &PageLine<'_>, drop: &Marks) -> bool {
    line.chars <= LONGEST_MARK_LINE && drop.open(&line.head, line.text()).is_some()
}

/// The line that ends the body, or the end of the page.
fn end(page: &Page<'_>, around: &Around<'_>, weights: &[usize]) -> usize {
    let all: usize = weights[around.from.min(weights.len())..].iter().sum();
    let mut before = 0;
    for (i, line) in page.lines.iter().enumerate().skip(around.from) {
        // A box that is furniture by its name is left out of the body anyhow, wherever it stands.
        let is_box = line.is_furniture && goes_on(page, i, weights);
        if is_box {
            continue;
        }
        let mark = around.end.open(&line.head, line.text());
        if mark
            .is_some_and(|mark| line.chars <= LONGEST_MARK_LINE || FEET.iter().any(|f| mark.starts_with(f)))
        {
            // The heading of a column that the page's source has between title and body ends nothing.
            let is_column = before < PROSE && (all - before) > 5 * (before + PROSE);
            if !is_column {
                return i;
            }
        }
        before += weights[i];
    }
    page.lines.len()
}

/// Whether prose stands right behind the furniture that holds a line, in the same box as it: the furniture is an inset.
fn goes_on(page: &Page<'_>, i: usize, weights: &[usize]) -> bool {
    let at = page
        .furniture
        .partition_point(|f| page.elements[*f].lines.end <= i);
    let Some(inset) = page.furniture.get(at).map(|f| &page.elements[*f]) else {
        return false;
    };
    let parent = &page.elements[inset.parent].lines;
    let behind = inset.lines.end..(inset.lines.end + 2).min(parent.end);
    let ends = parent.start..inset.lines.start;
    let is_prose = |i: usize| weights[i] >= PROSE && !page.lines[i].is_link();
    behind.into_iter().any(is_prose) && ends.rev().take(3).any(is_prose)
}

fn finish(
    page: &Page<'_>,
    around: &Around<'_>,
    element: usize,
    range: &Range<usize>,
    rule: String,
) -> Content {
    let own = &page.elements[element].lines;
    let mut lines = own.start.max(range.start)..own.end.min(range.end).max(own.start.max(range.start));
    // Files that are offered under the text, in a box of their own.
    let below = lines.end..(lines.end + FILES_BELOW).min(range.end);
    if let Some(last) = below
        .rev()
        .find(|i| !page.lines[*i].is_furniture && links_file(page, *i, around.base))
    {
        lines.end = last + 1;
    }
    while let Some(first) = lines.clone().next().filter(|i| is_edge(page, *i, around)) {
        lines.start = first + 1;
    }
    while let Some(last) = lines.clone().next_back().filter(|i| is_edge(page, *i, around)) {
        lines.end = last;
    }
    let prose = lines
        .clone()
        .filter(|i| !page.lines[*i].is_furniture)
        .map(|i| page.lines[i].plain)
        .sum();
    Content {
        lines,
        weights: Vec::new(),
        prose,
        rule,
    }
}

/// How many lines under the body are looked at for files.
const FILES_BELOW: usize = 8;

/// A first or last line that is not the text's: furniture, a date, a link to another page.
fn is_edge(page: &Page<'_>, i: usize, around: &Around<'_>) -> bool {
    let line = &page.lines[i];
    let is_other_page = line.is_link() && !links_file(page, i, around.base);
    let is_banner = line.line.image.is_some() && is_banner(page, i, around.base);
    line.is_furniture || around.is_date[i] || is_other_page || is_banner || is_dropped(line, around.drop)
}

/// An element as a person would look for it.
fn describe(page: &Page<'_>, element: usize) -> String {
    let e = &page.elements[element];
    let class = e.node.value().classes().next().map(|c| format!(".{c}"));
    let id = e.node.value().id().map(|id| format!("#{id}"));
    format!("{}{}", e.name(), id.or(class).unwrap_or_default())
}
