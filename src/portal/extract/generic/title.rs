//! The title: the line that most clues point at, checked against what the page says about itself.

use std::collections::BTreeSet;

use url::Url;

use super::address;
use super::furniture;
use super::heading;
use super::marks::Marks;
use super::metadata::Metadata;
use super::page::{Page, PageLine};
use crate::domain::text::{fold, normalise};

/// A title, where it stands, and why it was taken.
#[derive(Debug, Clone)]
pub(super) struct Title {
    pub(super) text: String,
    /// The line, where it stands on the page.
    pub(super) line: Option<usize>,
    pub(super) rule: String,
    /// Something besides its place says so: metadata, the address, `<title>`.
    pub(super) is_named_elsewhere: bool,
}

/// Titles are no shorter and no longer (characters).
const LENGTHS: std::ops::RangeInclusive<usize> = 8..=300;
/// Only so many lines are weighed.
const MOST_CANDIDATES: usize = 400;
/// Only so much of `<title>` is looked at (bytes), so many of its separators, and so many words of the address.
const LONGEST_TITLE: usize = 1_000;
const MOST_SEPARATORS: usize = 20;
const MOST_WORDS: usize = 40;
/// A line with fewer points is no title.
const LEAST_POINTS: i64 = 40;
/// How far below a title its text begins at most (lines), and how long a paragraph of it is at least (characters).
const NEAR: usize = 10;
const PARAGRAPH: usize = 80;
const STEMS: &[&str] = &["title", "tieude", "tieu-de", "tieu_de", "headline"];
const WORDS: &[&str] = &["heading", "subject", "tit"];
/// Words of the titles of boxes, sites and sections.
const OTHER: &[&str] = &[
    "site", "block", "box", "widget", "portlet", "module", "cat", "cate", "category", "section", "logo",
    "sub", "menu", "page",
];

/// What else speaks of the title.
struct Clues {
    headline: Option<String>,
    /// Beginnings and ends of `<title>` at its separators, in comparable form.
    starts: BTreeSet<String>,
    ends: BTreeSet<String>,
    /// The beginning of a `<title>` that was cut.
    cut: Option<String>,
    site: Option<String>,
    slug: Vec<String>,
}

pub(super) fn find(
    page: &Page<'_>,
    metadata: &Metadata,
    url: &Url,
    start: &Marks,
    others: &[&Marks],
    dates: &[bool],
) -> Option<Title> {
    let clues = Clues::new(metadata, url);
    let next_text = next_text(page);
    let is_candidate = |l: &PageLine<'_>| {
        l.line.image.is_none()
            && !l.is_furniture
            && LENGTHS.contains(&l.chars)
            && !heading::links_home(page, l)
            && others
                .iter()
                .chain([&start])
                .all(|marks| marks.open(&l.head, l.text()).is_none())
    };
    let best = (0..page.lines.len())
        .filter(|i| is_candidate(&page.lines[*i]) && !dates[*i])
        .take(MOST_CANDIDATES)
        .map(|i| (i, weigh(page, i, &clues, &next_text, dates)))
        .map(|(i, mut weight)| {
            let below = page.lines[i + 1..].iter().take(4);
            if below.into_iter().any(|l| start.open(&l.head, l.text()).is_some()) {
                weight.points += 20;
                weight.why.push("above the size switch");
            }
            (i, weight)
        })
        // The first of equals.
        .max_by_key(|(i, weight)| (weight.points, std::cmp::Reverse(*i)))
        .filter(|(_, weight)| weight.points >= LEAST_POINTS);
    let seen = best.map(|(i, weight)| Title {
        text: page.lines[i].line.text.clone(),
        line: Some(i),
        rule: weight.why.join(", "),
        is_named_elsewhere: weight.is_named_elsewhere,
    });
    let is_told = |text: &str| clues.headline.as_deref() == Some(text) || clues.starts.contains(text);
    let seen = seen.map(|seen| match heading::whole(page, seen.line, dates) {
        Some((text, last)) if is_told(&bare(&text)) || !is_told(&bare(&seen.text)) => Title {
            text,
            line: Some(last),
            ..seen
        },
        _ => seen,
    });
    choose(seen, metadata, &clues)
}

/// What stands on the page, or what the metadata says where the page does not show it.
fn choose(seen: Option<Title>, metadata: &Metadata, clues: &Clues) -> Option<Title> {
    let told = metadata
        .json_ld
        .headline
        .as_deref()
        .map(|text| (text, "JSON-LD headline"))
        .or_else(|| metadata.first(&["og:title", "twitter:title", "headline"]))
        .filter(|(text, _)| text.chars().count() >= *LENGTHS.start() && Some(bare(text)) != clues.site);
    let Some((told, rule)) = told else {
        return seen;
    };
    let told_bare = bare(told.trim_end_matches(['.', '…']));
    match seen {
        // The page may show the title that metadata cut, or without the site's name that metadata added.
        Some(seen)
            if told_bare.starts_with(&bare(&seen.text)) || bare(&seen.text).starts_with(&told_bare) =>
        {
            Some(Title {
                rule: format!("{rule}, {}", seen.rule),
                is_named_elsewhere: true,
                ..seen
            })
        }
        Some(seen) if seen.is_named_elsewhere && !metadata.json_ld.is_article => Some(seen),
        seen => metadata
            .json_ld
            .is_article
            .then(|| Title {
                text: told.to_owned(),
                line: None,
                rule: rule.to_owned(),
                is_named_elsewhere: true,
            })
            .or(seen),
    }
}

impl Clues {
    fn new(metadata: &Metadata, url: &Url) -> Self {
        let told = metadata
            .json_ld
            .headline
            .as_deref()
            .or_else(|| metadata.meta.get("og:title").map(String::as_str));
        let site = metadata.first(&["og:site_name", "application-name"]);
        let end = metadata.title.floor_char_boundary(LONGEST_TITLE);
        let title = &metadata.title[..end];
        let cuts: Vec<usize> = [
            " - ", " | ", " – ", " — ", " :: ", " » ", " › ", " > ", " / ", " · ", "| ", " |",
        ]
        .iter()
        .flat_map(|sign| title.match_indices(sign).map(|(at, _)| at))
        .take(MOST_SEPARATORS)
        .collect();
        let mut starts: BTreeSet<String> = cuts.iter().map(|at| bare(&title[..*at])).collect();
        let mut ends: BTreeSet<String> = cuts.iter().map(|at| bare(&title[*at..])).collect();
        starts.insert(bare(title));
        starts.remove("");
        ends.remove("");
        let is_cut = title.ends_with("...") || title.ends_with('…');
        let slug = address::slug(url);
        Self {
            headline: told.map(bare),
            starts,
            ends,
            cut: is_cut.then(|| bare(title)),
            site: site.map(|(name, _)| bare(name)),
            slug: slug
                .split('-')
                .filter(|w| !w.is_empty())
                .take(MOST_WORDS)
                .map(str::to_owned)
                .collect(),
        }
    }
}

struct Weight {
    points: i64,
    why: Vec<&'static str>,
    is_named_elsewhere: bool,
}

fn weigh(page: &Page<'_>, i: usize, clues: &Clues, next_text: &[usize], dates: &[bool]) -> Weight {
    let line = &page.lines[i];
    let text = bare(&line.line.text);
    let mut weight = Weight {
        points: 0,
        why: Vec::new(),
        is_named_elsewhere: false,
    };
    let mut add = |points: i64, why: &'static str, is_elsewhere: bool| {
        weight.points += points;
        weight.is_named_elsewhere |= is_elsewhere;
        if !why.is_empty() {
            weight.why.push(why);
        }
    };
    let length = i64::try_from(line.chars.min(80)).unwrap_or(80);
    add(length / 4, "", false);
    if line.line.is_emphasised {
        add(5, "", false);
    }
    if clues.site.as_ref() == Some(&text) {
        add(-80, "", false);
    }
    if clues
        .headline
        .as_ref()
        .is_some_and(|told| *told == text || told.starts_with(&format!("{text} ")))
    {
        add(70, "the metadata's title", true);
    }
    let is_long = line.chars >= 15;
    let is_cut = || {
        clues
            .cut
            .as_ref()
            .is_some_and(|cut| cut.len() >= 20 && text.starts_with(cut))
    };
    if clues.starts.contains(&text) || is_cut() {
        add(if is_long { 60 } else { 35 }, "<title>", is_long);
    } else if clues.ends.contains(&text) {
        add(if is_long { 40 } else { 15 }, "end of <title>", false);
    }
    let overlap = overlap(&text, &clues.slug);
    if overlap >= 50 {
        add(overlap * 6 / 10, "address", true);
    }
    add_mark_up(page, line, &mut add);
    if line.is_link() {
        add(-60, "", false);
    }
    let below = next_text[i].saturating_sub(i);
    if below <= NEAR {
        add(25 - 2 * i64::try_from(below).unwrap_or(0), "", false);
    }
    let has_date = |range: std::ops::Range<usize>| {
        range
            .into_iter()
            .any(|at| dates.get(at).copied().unwrap_or(false) && !page.lines[at].is_furniture)
    };
    if has_date(i + 1..i + 4) {
        add(22, "above the date", false);
    } else if has_date(i.saturating_sub(3)..i) {
        add(16, "below the date", false);
    }
    if line.text().ends_with(['.', ';', ',', ':']) {
        add(-8, "", false);
    }
    weight
}

/// Points for the element that holds the line, and for what it is called.
fn add_mark_up(page: &Page<'_>, line: &PageLine<'_>, add: &mut impl FnMut(i64, &'static str, bool)) {
    for (up, at) in page.around(line.element).take(4).enumerate() {
        let element = &page.elements[at];
        // A box with more lines than these is not the title's own.
        if element.lines.len() > 2 {
            break;
        }
        match element.name() {
            "h1" => add(35, "h1", false),
            "h2" => add(18, "h2", false),
            "h3" => add(10, "h3", false),
            _ => {}
        }
        if element.node.attr("itemprop") == Some("headline") {
            add(40, "itemprop headline", true);
        }
        let is_other = furniture::is_named(element.node, &[], OTHER);
        if is_other {
            add(-20, "", false);
        } else if up <= 2 && furniture::is_named(element.node, STEMS, WORDS) {
            add(22, "class", false);
            break;
        }
    }
}

/// For each line, the next one that is a paragraph.
fn next_text(page: &Page<'_>) -> Vec<usize> {
    let mut next = usize::MAX;
    let mut all: Vec<usize> = Vec::with_capacity(page.lines.len());
    for (i, line) in page.lines.iter().enumerate().rev() {
        all.push(next);
        if !line.is_furniture && line.plain >= PARAGRAPH && !line.is_link() {
            next = i;
        }
    }
    all.reverse();
    all
}

/// Letters, digits and single spaces in lower case: what of a title is compared.
pub(super) fn bare(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for word in normalise(text)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
    {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// How many of a slug's words stand in the text in order (percent). Slugs drop signs and letters' marks, and are cut.
fn overlap(bare: &str, slug: &[String]) -> i64 {
    const FEWEST: usize = 3;
    if slug.len() < FEWEST {
        return 0;
    }
    let folded = fold(bare);
    let mut words = folded.split(' ');
    let common = slug.iter().filter(|word| {
        let mut rest = words.clone();
        let found = rest.any(|w| w == word.as_str());
        if found {
            words = rest;
        }
        found
    });
    let common = common.count();
    let text = folded.split(' ').count();
    // Both ways: a short line whose words all stand in the slug is a section's name.
    let share = |of: usize| common * 100 / of.max(1);
    i64::try_from(share(slug.len()).min(share(text) + 20)).unwrap_or(0)
}
