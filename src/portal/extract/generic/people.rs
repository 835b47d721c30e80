//! Lead, author and section: what is called so, what the page says to machines, what stands where they stand.

use std::ops::Range;

use super::content::Content;
use super::furniture;
use super::metadata::Metadata;
use super::page::Page;
use super::title::bare;
use crate::portal::extract::signature;

/// A text, the lines that hold it, and the rule that found it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) text: String,
    pub(super) lines: Option<Range<usize>>,
    pub(super) rule: String,
}

/// Leads are no shorter and no longer (characters).
const LEAD: Range<usize> = 20..1_500;
/// Names are no longer (characters).
const LONGEST_NAME: usize = 80;
/// How many lines of the body's end may hold its author.
const LAST_LINES: usize = 6;
const LEAD_STEMS: &[&str] = &[
    "sapo",
    "hometext",
    "tomtat",
    "tom-tat",
    "tom_tat",
    "trichdan",
    "trich-dan",
    "trich_dan",
    "chapeau",
];
const LEAD_WORDS: &[&str] = &["lead", "standfirst", "intro"];
const AUTHOR_STEMS: &[&str] = &[
    "author", "tacgia", "tac-gia", "tac_gia", "byline", "butdanh", "but-danh",
];
/// Names of accounts, not of people.
const ACCOUNTS: &[&str] = &[
    "admin",
    "administrator",
    "quan tri",
    "quản trị",
    "editor",
    "webmaster",
    "user",
    "root",
    "ban quản trị",
    "super user",
];

/// The lead between the title and the rest of the body.
pub(super) fn lead(page: &Page<'_>, metadata: &Metadata, from: usize, content: &Content) -> Option<Found> {
    let until = content.lines.end;
    // A lead is not the whole text.
    let other_text = |lines: &Range<usize>| {
        content
            .lines
            .clone()
            .any(|i| !lines.contains(&i) && content.weights[i] > 0)
    };
    if let Some((at, text)) = named_lead(page, from..until, &content.weights) {
        let lines = page.elements[at].lines.clone();
        if !other_text(&lines) {
            return None;
        }
        return Some(Found {
            text,
            lines: Some(lines),
            rule: "class or property of a lead".to_owned(),
        });
    }
    described(page, metadata, from, content, &other_text)
}

/// The element that is called a lead, where it is not the only text among `lines`, and its text.
pub(super) fn named_lead(page: &Page<'_>, lines: Range<usize>, weights: &[usize]) -> Option<(usize, String)> {
    let all: usize = weights[lines.clone()].iter().sum();
    page.elements.iter().enumerate().find_map(|(at, e)| {
        let is_near = e.lines.start >= lines.start && e.lines.end <= lines.end && !e.lines.is_empty();
        let is_marked = || {
            furniture::is_named(e.node, LEAD_STEMS, LEAD_WORDS)
                || e.node.attr("itemprop") == Some("description")
        };
        // Microdata describes pictures too.
        let is_caption = || {
            let mut up = page.around(at).take(4);
            up.any(|at| matches!(page.elements[at].name(), "figure" | "figcaption"))
        };
        if !is_near || page.lines[e.lines.start].is_furniture || !is_marked() || is_caption() {
            return None;
        }
        // The box around the lead may hold its picture too.
        let text = texts(page, e.lines.clone());
        let own: usize = weights[e.lines.clone()].iter().sum();
        let fits = LEAD.contains(&text.chars().count()) && all > own && e.lines.len() <= MOST_LEAD_LINES;
        fits.then_some((at, text))
    })
}

/// A lead has no more lines.
const MOST_LEAD_LINES: usize = 12;

/// The paragraph that the page's own description repeats: above the body, or its first one where that is set apart.
fn described(
    page: &Page<'_>,
    metadata: &Metadata,
    from: usize,
    content: &Content,
    other_text: &impl Fn(&Range<usize>) -> bool,
) -> Option<Found> {
    let (told, rule) = match &metadata.json_ld.description {
        Some(text) => (text.as_str(), "JSON-LD description"),
        None => metadata.first(&["description", "og:description"])?,
    };
    let told = bare(told.trim_end_matches(['.', '…']));
    if told.len() < LEAD.start {
        return None;
    }
    let first = (from..content.lines.end).find(|i| content.weights[*i] >= LEAD.start)?;
    let line = &page.lines[first];
    let text = bare(line.text());
    let is_same = text == told
        || (told.len() >= 60 && text.starts_with(&told))
        || (text.len() >= 60 && told.starts_with(&text));
    let is_apart = first < content.lines.start || line.line.is_emphasised;
    let fits = is_same && is_apart && LEAD.contains(&line.chars) && other_text(&(first..first + 1));
    fits.then(|| Found {
        text: line.text().to_owned(),
        lines: Some(first..first + 1),
        rule: format!("paragraph that {rule} repeats"),
    })
}

/// The author, with the lines that say so within the body.
pub(super) fn author(page: &Page<'_>, metadata: &Metadata, head: usize, content: &Content) -> Option<Found> {
    let lines = head..(content.lines.end + LAST_LINES).min(page.lines.len());
    // The surest place is the last: a class of the body's own end.
    let named = page.elements.iter().rev().find_map(|e| {
        let is_near =
            e.lines.start >= lines.start && e.lines.end <= lines.end && (1..=2).contains(&e.lines.len());
        let is_marked =
            || furniture::is_named(e.node, AUTHOR_STEMS, &[]) || e.node.attr("itemprop") == Some("author");
        if !is_near || !is_marked() {
            return None;
        }
        let text = name(&texts(page, e.lines.clone()))?;
        Some(Found {
            text,
            lines: Some(e.lines.clone()),
            rule: "class or property of an author".to_owned(),
        })
    });
    let told = || {
        let (text, rule) = match &metadata.json_ld.author {
            Some(text) => (text.as_str(), "JSON-LD author"),
            None => metadata.first(&["author", "article:author", "dc.creator"])?,
        };
        let text = name(text).filter(|t| !t.starts_with("http"))?;
        Some(Found {
            text,
            lines: None,
            rule: rule.to_owned(),
        })
    };
    // `Tác giả: Trần Thị Mai`, on a line of its own.
    let labelled = || {
        let is_label =
            |i: &usize| page.lines[*i].head.starts_with("tác giả") && page.lines[*i].chars <= LONGEST_NAME;
        let at = lines
            .clone()
            .rev()
            .filter(is_label)
            .find(|i| page.lines[*i].text().contains(':'))?;
        Some(Found {
            text: name(page.lines[at].text())?,
            lines: Some(at..at + 1),
            rule: "line \"Tác giả\"".to_owned(),
        })
    };
    named
        .or_else(labelled)
        .or_else(|| signed(page, content))
        .or_else(told)
}

/// The line that signs the body.
fn signed(page: &Page<'_>, content: &Content) -> Option<Found> {
    let own: Vec<usize> = content
        .lines
        .clone()
        .filter(|i| !page.lines[*i].is_furniture)
        .collect();
    let last = &own[own.len().saturating_sub(LAST_LINES)..];
    let lines: Vec<_> = last.iter().map(|i| page.lines[*i].line.clone()).collect();
    let at = last[signature::find(&lines)?];
    Some(Found {
        text: page.lines[at].text().to_owned(),
        lines: Some(at..at + 1),
        rule: "last line of the body".to_owned(),
    })
}

/// A name without its label; `None` for an account's.
fn name(text: &str) -> Option<String> {
    const LABELS: &[&str] = &[
        "tác giả",
        "author",
        "người đăng",
        "người viết",
        "bài viết",
        "theo",
        "by",
        "viết bởi",
        "bài",
        "tin, bài",
        "nguồn tin",
    ];
    let text = text.trim();
    let bare_text = LABELS
        .iter()
        .find_map(|label| {
            let head: String = text
                .chars()
                .take(label.chars().count())
                .flat_map(char::to_lowercase)
                .collect();
            let rest: String = text.chars().skip(label.chars().count()).collect();
            (head == *label).then(|| rest.trim_start().strip_prefix(':').map(|r| r.trim().to_owned()))?
        })
        .unwrap_or_else(|| text.to_owned());
    let lower = bare_text.to_lowercase();
    let fits =
        (2..=LONGEST_NAME).contains(&bare_text.chars().count()) && bare_text.chars().any(char::is_alphabetic);
    (fits && !ACCOUNTS.contains(&lower.as_str())).then_some(bare_text)
}

/// The section that metadata or the breadcrumb names.
pub(super) fn section(page: &Page<'_>, metadata: &Metadata, title: &str) -> Option<Found> {
    let told = match &metadata.json_ld.section {
        Some(text) => Some((text.as_str(), "JSON-LD articleSection")),
        None => metadata.first(&["article:section"]),
    };
    if let Some((text, rule)) = told {
        return Some(Found {
            text: text.to_owned(),
            lines: None,
            rule: rule.to_owned(),
        });
    }
    let crumbs = page.elements.iter().find(|e| {
        furniture::is_named(e.node, &["breadcrumb"], &["crumb", "crumbs"])
            && !e.lines.is_empty()
            && e.lines.len() <= 12
    })?;
    let links = &page.elements[..];
    let names = links.iter().filter(|e| {
        e.name() == "a"
            && e.places.start >= crumbs.places.start
            && e.places.end <= crumbs.places.end
            && !e.lines.is_empty()
    });
    let last = names
        .map(|e| crate::domain::text::one_line(&e.node.text().collect::<String>()))
        .rfind(|t| (2..=LONGEST_NAME).contains(&t.chars().count()) && t != title)?;
    let is_home = ["trang chủ", "trang nhất", "home"].contains(&last.to_lowercase().as_str());
    (!is_home).then(|| Found {
        text: last,
        lines: None,
        rule: "breadcrumb".to_owned(),
    })
}

fn texts(page: &Page<'_>, lines: Range<usize>) -> String {
    let texts: Vec<&str> = lines
        .map(|i| page.lines[i].text())
        .filter(|text| !text.is_empty())
        .collect();
    texts.join(" ")
}
