//! When an article was published: what the page says to machines, then the date line beside the title.

use std::ops::Range;

use chrono::{DateTime, Timelike, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

pub(super) use super::date_words::looks_like_date;
use super::date_words::{is_event, is_posting, is_today, is_update, opens_others, opens_with_date};
use super::furniture;
use super::marks::Marks;
use super::metadata::Metadata;
use super::page::{Element, Page};
use crate::domain::article::{Precision, Published};
use crate::portal::date::{self, Reading};

/// Longer lines are no date lines (characters).
const LONGEST: usize = 120;
/// Only so many lines are read as dates: a page may hold a hundred thousand.
const MOST_LINES: usize = 1_500;
/// How far from the title a date may stand (lines).
const BELOW: usize = 8;
const ABOVE: usize = 4;
/// How far behind the text (lines).
const BEHIND: usize = 4;
/// `meta` elements that tell the moment, the surest first.
const META: &[&str] = &[
    "article:published_time",
    "datepublished",
    "pubdate",
    "publishdate",
    "publish-date",
    "publish_date",
    "dc.date.issued",
    "dc.date",
    "dcterms.created",
    "date",
    "article:published",
    "og:published_time",
];

/// A date, the rule that found it, and the lines that say nothing else.
#[derive(Debug, Default)]
pub(super) struct Dated {
    pub(super) reading: Option<(Reading, String)>,
    /// The date's line in the head of the article.
    pub(super) line: Option<usize>,
    pub(super) warnings: Vec<String>,
}

/// Which lines are dates and nothing else but labels.
pub(super) fn lines(page: &Page<'_>, now: DateTime<Utc>) -> Vec<bool> {
    let mut left = MOST_LINES;
    page.lines
        .iter()
        .map(|l| {
            let may_be = l.chars <= LONGEST
                && l.line.image.is_none()
                && looks_like_date(l.text())
                && !is_event(&l.head);
            if !may_be || left == 0 {
                return false;
            }
            left -= 1;
            date::parse(l.text(), now).is_some()
        })
        .collect()
}

/// The date of the article whose title stands in line `title`.
pub(super) fn find(
    page: &Page<'_>,
    metadata: &Metadata,
    title: Option<usize>,
    end: &Marks,
    is_date: &[bool],
    now: DateTime<Utc>,
) -> Dated {
    let mut dated = Dated::default();
    let told = metadata
        .json_ld
        .published
        .as_deref()
        .map(|text| (text, "JSON-LD datePublished".to_owned()))
        .or_else(|| {
            metadata
                .first(META)
                .map(|(text, name)| (text, format!("meta {name}")))
        })
        .and_then(|(text, rule)| Some((exact(text, now)?, rule)));
    let shown =
        marked(page, title, end, now).or_else(|| beside(page, title, end, is_date, now, &mut dated.line));
    if dated.line.is_none() {
        beside(page, title, end, is_date, now, &mut dated.line);
    }
    dated.reading = match (told, shown) {
        (Some(told), Some(shown)) => Some(agree(told, shown, &mut dated.warnings)),
        (told, shown) => told.or(shown),
    };
    dated
}

/// Metadata goes first, but the page may know the time of day where metadata has the day alone.
fn agree(told: (Reading, String), shown: (Reading, String), warnings: &mut Vec<String>) -> (Reading, String) {
    let day = |p: &Published| p.at.with_timezone(&Ho_Chi_Minh).date_naive();
    match (&told.0.published, &shown.0.published) {
        (Some(a), Some(b)) if day(a) == day(b) => {
            let is_finer = a.precision == Precision::Day && b.precision == Precision::Minute;
            if is_finer { shown } else { told }
        }
        (Some(a), Some(b)) => {
            warnings.push(format!(
                "{} says {} but the page shows {}",
                told.1,
                day(a),
                day(b)
            ));
            told
        }
        (None, Some(_)) => shown,
        _ => told,
    }
}

/// A moment as machines write it. Midnight is how a system writes a date without a time.
fn exact(text: &str, now: DateTime<Utc>) -> Option<Reading> {
    let text = text.trim();
    let with_zone = [
        "%Y-%m-%dT%H:%M:%S%z",
        "%Y-%m-%d %H:%M:%S%z",
        "%Y-%m-%dT%H:%M%z",
        "%Y-%m-%dT%H:%M:%S%.f%z",
    ]
    .iter()
    .find_map(|form| DateTime::parse_from_str(text, form).ok());
    let mut reading = date::find(
        &with_zone.map_or_else(|| text.to_owned(), |at| at.to_rfc3339()),
        now,
    )?;
    if let Some(published) = &mut reading.published {
        let local = published.at.with_timezone(&Ho_Chi_Minh).time();
        if (local.hour(), local.minute(), local.second()) == (0, 0, 0) {
            published.precision = Precision::Day;
        }
    }
    Some(reading)
}

/// The lines around a title in which its date may stand.
fn near(page: &Page<'_>, title: usize, end: &Marks) -> (Range<usize>, Range<usize>) {
    let mut below = title + 1..(title + 1 + BELOW).min(page.lines.len());
    if let Some(others) = below.clone().find(|i| opens_others(page, *i, end)) {
        below.end = others;
    }
    (below, title.saturating_sub(ABOVE)..title)
}

/// The date that stands alone behind a text, before anything else begins, and its line.
pub(super) fn behind(
    page: &Page<'_>,
    text: &Range<usize>,
    end: &Marks,
    is_date: &[bool],
    now: DateTime<Utc>,
) -> Option<(usize, (Reading, String))> {
    let last = text.end.saturating_sub(1).max(text.start);
    let lines = (last..(text.end + BEHIND).min(page.lines.len())).filter(|i| !page.lines[*i].is_furniture);
    lines
        .take_while(|i| {
            !page.lines[*i].is_link() && end.open(&page.lines[*i].head, page.lines[*i].text()).is_none()
        })
        .filter(|i| is_date[*i])
        .find_map(|i| {
            let reading = date::parse(page.lines[i].text(), now)?;
            reading.published?;
            Some((i, (reading, "date line behind the text".to_owned())))
        })
}

/// An element near the title that is marked up as the date of publication.
fn marked(
    page: &Page<'_>,
    title: Option<usize>,
    end: &Marks,
    now: DateTime<Utc>,
) -> Option<(Reading, String)> {
    let lines = title.map(|title| {
        let (below, above) = near(page, title, end);
        above.start..below.end
    });
    page.elements
        .iter()
        .filter(|e| lines.as_ref().is_none_or(|near| near.contains(&e.lines.start)))
        .find_map(|e| {
            let names = (e.node.attr("itemprop"), e.name());
            let (value, rule) = match names {
                (Some("datePublished"), _) => {
                    let told = e.node.attr("content").or_else(|| e.node.attr("datetime"));
                    let shown = || e.node.text().next();
                    (told.or_else(shown)?, "itemprop datePublished")
                }
                (None, "time") if !e.node.value().classes().any(|c| c == "updated") => {
                    (e.node.attr("datetime")?, "time element")
                }
                _ => return None,
            };
            Some((exact(value, now)?, rule.to_owned()))
        })
}

/// The date line below the title, else above it: never a menu's clock, never a related article's.
fn beside(
    page: &Page<'_>,
    title: Option<usize>,
    end: &Marks,
    is_date: &[bool],
    now: DateTime<Utc>,
    at: &mut Option<usize>,
) -> Option<(Reading, String)> {
    let title = title?;
    let (below, above) = near(page, title, end);
    let is_open = |i: &usize| !page.lines[*i].is_furniture && !page.lines[*i].is_link();
    let strict = |i: usize| {
        is_date[i]
            .then(|| date::parse(page.lines[i].text(), now))?
            .map(|r| (i, r))
    };
    // `Đăng lúc: Thứ ba - 05/03/2024 08:00 - Người đăng: Admin`: other words, but no sentence.
    let loose = |i: usize| {
        let line = &page.lines[i];
        let is_short = line.chars <= LONGEST && !line.text().ends_with(['.', '!', '?', ';']);
        let may_be =
            is_short && line.line.image.is_none() && looks_like_date(line.text()) && !is_event(&line.head);
        let reading = may_be.then(|| date::find(line.text(), now))??;
        (line.chars <= LONGEST / 2 || opens_with_date(&line.head)).then_some((i, reading))
    };
    // The clock of the site's head stands above the title too.
    let is_above = |i: &usize| is_open(i) && !is_in_head(page, *i, title);
    let no_clock = |(i, reading): &(usize, Reading)| !is_today(reading, now) || shares_box(page, *i, title);
    let close_below = below.start..(below.start + 4).min(below.end);
    let (i, reading) = close_below
        .clone()
        .filter(is_open)
        .find_map(strict)
        .or_else(|| {
            above
                .clone()
                .rev()
                .filter(is_above)
                .filter_map(strict)
                .find(no_clock)
        })
        .or_else(|| close_below.filter(is_open).find_map(loose))
        .or_else(|| below.filter(is_open).find_map(strict))
        .or_else(|| {
            above
                .clone()
                .rev()
                .take(2)
                .filter(is_above)
                .filter_map(loose)
                .find(no_clock)
        })?;
    // The page tells the update before the publication.
    let (i, mut reading) = Some(i)
        .filter(|i| is_update(&page.lines[*i].head))
        .and_then(|_| {
            let others = near(page, title, end).0;
            others
                .filter(|other| is_open(other) && is_posting(&page.lines[*other].head))
                .find_map(strict)
        })
        .unwrap_or((i, reading));
    *at = Some(i);
    add_time(page, i, &mut reading, now);
    Some((reading, "date line beside the title".to_owned()))
}

/// Whether a line stands in a page's head that does not hold the title.
fn is_in_head(page: &Page<'_>, line: usize, title: usize) -> bool {
    page.around(page.lines[line].element).any(|at| {
        let e = &page.elements[at];
        let is_head = || e.name() == "header" || furniture::is_named(e.node, &["header"], &["top", "clock"]);
        !e.lines.contains(&title) && is_head()
    })
}

/// Whether a line above the title stands in a box of the article with it: one that is not the whole page, and holds no
/// menu and no head of the site.
fn shares_box(page: &Page<'_>, line: usize, title: usize) -> bool {
    let own = page
        .around(page.lines[title].element)
        .find(|at| page.elements[*at].lines.contains(&line));
    own.is_some_and(|at| {
        let element = &page.elements[at];
        let is_site = |e: &Element<'_>| {
            let is_head = matches!(e.name(), "nav" | "header" | "menu")
                || furniture::is_named(e.node, &[], &["nav", "navbar", "menu", "header", "topbar"]);
            is_head && !e.lines.contains(&title)
        };
        let mut above = page.elements[at + 1..element.end]
            .iter()
            .take_while(|e| e.lines.start <= title);
        !matches!(element.name(), "html" | "body" | "form") && !above.any(is_site)
    })
}

/// A time of day that stands in an element, and so on a line, of its own.
fn add_time(page: &Page<'_>, at: usize, reading: &mut Reading, now: DateTime<Utc>) {
    let is_day = |r: &Reading| r.published.is_some_and(|p| p.precision == Precision::Day);
    let is_time = |text: &str| {
        text.len() <= 12
            && text.contains([':', 'h'])
            && text.bytes().next().is_some_and(|b| b.is_ascii_digit())
    };
    for other in [Some(at + 1), at.checked_sub(1)].into_iter().flatten() {
        let Some(line) = page
            .lines
            .get(other)
            .filter(|l| is_day(reading) && is_time(l.text()))
        else {
            continue;
        };
        let both = format!("{} {}", page.lines[at].text(), line.text());
        if let Some(finer) = date::find(&both, now).filter(|r| !is_day(r) && r.published.is_some()) {
            *reading = finer;
        }
    }
}
