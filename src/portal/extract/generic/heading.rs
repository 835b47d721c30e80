//! Headings as a whole: one may be broken over lines, and one that leads home is the site's name.

use super::page::{Page, PageLine};

/// A heading is broken into no more lines, and is no longer as a whole (characters).
const MOST_LINES: usize = 3;
const LONGEST: usize = 300;

/// The heading around a line, where it is broken over several: its text, and its last line.
pub(super) fn whole(page: &Page<'_>, line: Option<usize>, dates: &[bool]) -> Option<(String, usize)> {
    let mut up = page.around(page.lines.get(line?)?.element).take(4);
    let is_heading = |at: &usize| {
        let element = &page.elements[*at];
        element.name() == "h1" || element.node.attr("itemprop") == Some("headline")
    };
    let lines = page.elements[up.find(is_heading)?].lines.clone();
    let is_text = |i: usize| page.lines[i].line.image.is_none() && !dates[i];
    if !(2..=MOST_LINES).contains(&lines.len()) || !lines.clone().all(is_text) {
        return None;
    }
    let texts: Vec<&str> = lines.clone().map(|i| page.lines[i].text()).collect();
    let text = texts.join(" ");
    (text.chars().count() <= LONGEST).then_some((text, lines.end - 1))
}

/// Whether a line stands in a link to the site's first page.
pub(super) fn links_home(page: &Page<'_>, line: &PageLine<'_>) -> bool {
    let mut up = page.around(line.element).take(3);
    up.find_map(|at| page.elements[at].node.attr("href"))
        .is_some_and(|href| matches!(href.trim(), "/" | "./" | "index.html" | "/index.html"))
}
