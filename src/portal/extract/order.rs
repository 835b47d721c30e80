//! The parts of an article page by the order of its texts, for families whose class names are unknown:
//! breadcrumb, title and date (either first), a start line, the body, a line that ends it.

use chrono::{DateTime, Utc};

use super::lines::Line;
use crate::domain::text::normalise;
use crate::portal::date::{self, Reading};
use crate::portal::profile::TextOrder;

/// Where the parts stand, as indexes of lines.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) section: Option<String>,
    pub(super) title: Option<usize>,
    pub(super) date: Option<(usize, Reading)>,
    /// First line of the body.
    pub(super) body_start: usize,
    /// Line after the body.
    pub(super) body_end: usize,
    /// The profile's start line stands on the page.
    pub(super) has_start: bool,
    /// What ended the body.
    pub(super) ended_by: Option<String>,
}

/// Vietnamese has none longer (`nghiêng`; characters), and no spelling depends on more than the syllable.
const LONGEST_SYLLABLE: usize = 8;

/// How many lines before the body may belong to the head where the page has no breadcrumb.
const LONGEST_HEAD: usize = 8;

/// Finds the parts. `known_title` is a title that a selector found already.
pub(super) fn find(
    lines: &[Line<'_>],
    rule: &TextOrder,
    known_title: Option<&str>,
    now: DateTime<Utc>,
) -> Parts {
    let start = lines
        .iter()
        .position(|l| begins_with(&l.text, &rule.start).is_some());
    let known = known_title.and_then(|title| lines.iter().rposition(|l| l.text == title));
    let head_end = start.or_else(|| known.map(|at| (at + LONGEST_HEAD).min(lines.len())));
    let Some(head_end) = head_end else {
        return without_start(lines, rule, now);
    };

    let crumb = breadcrumb(&lines[..head_end.min(known.unwrap_or(head_end))], rule);
    let head_start = crumb.map_or(head_end.saturating_sub(LONGEST_HEAD), |at| at + 1);
    let head_start = known.map_or(head_start, |at| {
        head_start.max(at.saturating_sub(LONGEST_HEAD)).min(at)
    });
    let date = head_date(lines, head_start, head_end, known, start.is_some(), now);
    let title = known.or_else(|| longest(lines, head_start, head_end, rule, now));
    let after_head = title
        .into_iter()
        .chain(date.as_ref().map(|(at, _)| *at))
        .max()
        .map_or(head_start, |at| at + 1);
    let body_start = start.map_or(after_head, |at| after_head.max(at + 1));
    let (body_end, ended_by) = body_end(lines, body_start, rule);
    let section = crumb.and_then(|at| section_name(&lines[at].text, rule));
    Parts {
        section,
        title,
        date,
        body_start,
        body_end,
        has_start: start.is_some(),
        ended_by,
    }
}

/// Neither a start line nor a title: the date line after the breadcrumb and the text above or below it.
fn without_start(lines: &[Line<'_>], rule: &TextOrder, now: DateTime<Utc>) -> Parts {
    let none = Parts {
        body_start: lines.len(),
        body_end: lines.len(),
        ..Parts::default()
    };
    let Some(crumb) = breadcrumb(lines, rule) else {
        return none;
    };
    let head = crumb + 1..(crumb + 1 + LONGEST_HEAD).min(lines.len());
    let Some((at, reading)) = head
        .clone()
        .find_map(|i| Some((i, date::parse(&lines[i].text, now)?)))
    else {
        return none;
    };
    let title =
        longest(lines, head.start, at, rule, now).or_else(|| (at + 1 < lines.len()).then_some(at + 1));
    let body_start = title.map_or(at, |t| t.max(at)) + 1;
    let (body_end, ended_by) = body_end(lines, body_start, rule);
    let section = section_name(&lines[crumb].text, rule);
    Parts {
        section,
        title,
        date: Some((at, reading)),
        body_start,
        body_end,
        has_start: false,
        ended_by,
    }
}

/// The last date of the head (a header's clock stands before the breadcrumb), or else one just under the start line.
fn head_date(
    lines: &[Line<'_>],
    from: usize,
    to: usize,
    title: Option<usize>,
    has_start: bool,
    now: DateTime<Utc>,
) -> Option<(usize, Reading)> {
    let read = |i: usize| Some((i, date::parse(&lines.get(i)?.text, now)?));
    let behind = to..(to + 3).min(lines.len());
    match title {
        Some(title) if !has_start => (title + 1..to)
            .find_map(read)
            .or_else(|| (from..title).rev().find_map(read)),
        _ => (from..to)
            .rev()
            .find_map(read)
            .or_else(|| behind.into_iter().find_map(read)),
    }
}

/// The longest line of the head that is no date and no known furniture: sections' names are shorter than titles.
fn longest(
    lines: &[Line<'_>],
    from: usize,
    to: usize,
    rule: &TextOrder,
    now: DateTime<Utc>,
) -> Option<usize> {
    let is_title = |i: &usize| {
        let line = &lines[*i];
        line.image.is_none()
            && date::parse(&line.text, now).is_none()
            && begins_with(&line.text, &rule.drop).is_none()
    };
    (from..to)
        .filter(is_title)
        .max_by_key(|i| lines[*i].text.chars().count())
}

fn breadcrumb(lines: &[Line<'_>], rule: &TextOrder) -> Option<usize> {
    lines
        .iter()
        .rposition(|l| begins_with(&l.text, &rule.breadcrumb).is_some())
}

fn section_name(line: &str, rule: &TextOrder) -> Option<String> {
    let prefix = begins_with(line, &rule.breadcrumb)?;
    let rest: String = line.chars().skip(prefix.chars().count()).collect();
    let name = rest.trim_matches(|c: char| !c.is_alphanumeric() && c != ')');
    let last = name.rsplit(['»', '>', '›']).next().unwrap_or(name).trim();
    (!last.is_empty()).then(|| last.to_owned())
}

fn body_end(lines: &[Line<'_>], from: usize, rule: &TextOrder) -> (usize, Option<String>) {
    let end =
        (from..lines.len()).find_map(|i| begins_with(&lines[i].text, &rule.end).map(|m| (i, m.to_owned())));
    end.map_or((lines.len(), None), |(at, mark)| (at, Some(mark)))
}

/// Which of the marks the line begins with, in any case of letters. A mark is a phrase of its own: what follows it on the
/// line is a sign, a number or a capital letter; `Các tin khác nhau về…` is prose.
pub(super) fn begins_with<'m>(line: &str, marks: &'m [String]) -> Option<&'m str> {
    // A line may be a paragraph; a syllable more than the longest mark is enough of it.
    let longest = marks.iter().map(|mark| mark.chars().count()).max()?;
    let head: String = line.chars().take(longest + LONGEST_SYLLABLE).collect();
    let lower = normalise(&head);
    let fits = |mark: &&String| {
        lower.starts_with(&normalise(mark)) && {
            let next = line
                .chars()
                .skip(mark.chars().count())
                .find(|c| !c.is_whitespace());
            let mark_ends_in_sign = mark.ends_with(|c: char| !c.is_alphanumeric());
            mark_ends_in_sign || next.is_none_or(|c| !c.is_lowercase())
        }
    };
    marks.iter().find(fits).map(String::as_str)
}
