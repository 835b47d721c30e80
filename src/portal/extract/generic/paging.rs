//! The way to older items of a list.

use scraper::ElementRef;
use url::Url;

use super::address;
use crate::domain::text::one_line;
use crate::portal::address::is_same_site;
use crate::portal::extract::links::without_tracking;
use crate::portal::profile::ListRule;

/// Words before a page's number in a path: `/tin-tuc/page/2`, `/tin-tuc/trang-2.html`.
const IN_PATH: &[&str] = &["page", "trang", "p", "pg"];
/// No list has more pages: larger numbers count something else.
const MOST_PAGES: u32 = 100_000;

/// The next page among the links of a list page: never an item's address, whose `Xem tiếp` leads to the article.
pub(super) fn next<'a>(
    links: impl Iterator<Item = (ElementRef<'a>, Url)>,
    page_url: &Url,
    rule: &ListRule,
    is_item: impl Fn(&Url) -> bool,
) -> Option<Url> {
    let current = number(page_url, rule).map_or(1, |(n, _)| n);
    let own = number(page_url, rule).map_or_else(|| bare_path(page_url.path()), |(_, rest)| rest);
    let (mut by_number, mut by_text) = (None, None);
    for (link, url) in links {
        if !is_same_site(&url, page_url) || address::is_same_page(&url, page_url) {
            continue;
        }
        let on_origin = address::on_origin(&url, page_url);
        let text = one_line(&link.text().take(MOST_TEXTS).collect::<String>());
        let is_next_text = rule
            .next_texts
            .iter()
            .any(|t| t.to_lowercase() == text.to_lowercase());
        let is_rel = link
            .attr("rel")
            .is_some_and(|rel| rel.split_ascii_whitespace().any(|r| r == "next"));
        let counted = number(&url, rule);
        if is_rel && counted.as_ref().is_none_or(|(n, _)| *n > current) {
            return on_origin;
        }
        match counted {
            Some((n, rest)) if n == current + 1 => {
                let says_so = is_next_text || text.parse() == Ok(n);
                if rest == own {
                    return on_origin;
                }
                by_number = by_number.or(on_origin.filter(|_| says_so));
            }
            // Drupal counts from zero: its second page is `?page=1`.
            Some((1, rest))
                if rest == own && number(page_url, rule).is_none() && (is_next_text || text == "2") =>
            {
                return on_origin;
            }
            None if is_next_text && !is_item(&url) => by_text = by_text.or(on_origin),
            _ => {}
        }
    }
    by_number.or(by_text)
}

/// How many texts of a link are read.
const MOST_TEXTS: usize = 8;

/// The number of a list's page, and its path without it.
fn number(url: &Url, rule: &ListRule) -> Option<(u32, String)> {
    let in_query = url
        .query_pairs()
        .find_map(|(name, value)| counts(&name, rule).then(|| value.parse().ok())?);
    let found = in_query
        .map(|n| (n, bare_path(url.path())))
        .or_else(|| in_path(url.path()));
    found.filter(|(n, _)| *n <= MOST_PAGES)
}

fn in_path(path: &str) -> Option<(u32, String)> {
    let segments: Vec<&str> = path.split('/').filter(|s| !s.is_empty()).collect();
    let (last, rest) = segments.split_last()?;
    let stem = last.split('.').next().unwrap_or(last);
    let is_word = |word: &str| IN_PATH.iter().any(|w| w.eq_ignore_ascii_case(word));
    if let (Ok(n), Some((word, folders))) = (stem.parse(), rest.split_last())
        && is_word(word)
    {
        return Some((n, folders.join("/")));
    }
    let digits = stem.len() - stem.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (word, n) = stem.split_at(digits);
    let before = word.trim_end_matches(['-', '_', '=']);
    let n = n.parse().ok()?;
    if is_word(before) {
        return Some((n, rest.join("/")));
    }
    // `/tin-tuc-p2.html`, `/tin-tuc/trang-2.htm`
    let (name, word) = before.rsplit_once('-')?;
    is_word(word).then(|| (n, [rest, &[name]].concat().join("/")))
}

/// A path without what makes no other page of it.
fn bare_path(path: &str) -> String {
    let path = path.trim_matches('/');
    path.strip_suffix(".html")
        .or_else(|| path.strip_suffix(".htm"))
        .unwrap_or(path)
        .to_owned()
}

/// Path and query of a list's first page: without the parameter that counts its pages.
pub(super) fn first(url: &Url, rule: &ListRule) -> String {
    let url = without_tracking(url);
    let is_kept = |part: &&str| {
        let name = part.split('=').next().unwrap_or_default();
        !part.is_empty() && !counts(name, rule)
    };
    let query: Vec<&str> = url
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(is_kept)
        .collect();
    if query.is_empty() {
        url.path().to_owned()
    } else {
        format!("{}?{}", url.path(), query.join("&"))
    }
}

/// Whether a parameter counts pages.
fn counts(name: &str, rule: &ListRule) -> bool {
    let name = name.to_ascii_lowercase();
    rule.page_params.iter().any(|p| {
        name == *p
            || name
                .strip_suffix(p.as_str())
                .is_some_and(|rest| rest.ends_with('_'))
    })
}
