//! Which elements never belong to an article's text, by what they are and what they are called.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use scraper::ElementRef;

use super::page::Page;

/// Elements and roles of the page around the content.
const TAGS: &[&str] = &["nav", "footer", "aside", "menu", "dialog"];
const ROLES: &[&str] = &[
    "navigation",
    "contentinfo",
    "complementary",
    "search",
    "menu",
    "menubar",
    "dialog",
    "banner",
];
/// Parts of names of classes and ids, wherever they stand in the name.
const STEMS: &[&str] = &[
    "breadcrumb",
    "footer",
    "sidebar",
    "related",
    "relate-",
    "relatenews",
    "lienquan",
    "lien-quan",
    "lien_quan",
    "tinkhac",
    "tin-khac",
    "tin_khac",
    "baikhac",
    "tinmoi",
    "tin-moi",
    "cungchuyenmuc",
    "cung-chuyen-muc",
    "comment",
    "binhluan",
    "binh-luan",
    "sharing",
    "addthis",
    "fb-like",
    "zalo-share",
    "social",
    "chiase",
    "chia-se",
    "pagination",
    "pagenavi",
    "pager",
    "copyright",
    "thongke",
    "thong-ke",
    "quangcao",
    "quang-cao",
    "advert",
    "newsletter",
    "subscribe",
    "popup",
    "modal",
    "cookie",
    "luotxem",
    "screen-reader",
    "skip-link",
    "taglib-ratings",
    "prevnext",
    "post-navigation",
    "mostread",
    "most-read",
    "docnhieu",
    "othernews",
    "other-news",
    "other_news",
    "newsother",
    "news-other",
    "news_other",
    "morenews",
];
/// Whole words of such names.
const WORDS: &[&str] = &[
    "nav", "navbar", "menu", "topbar", "ads", "adv", "tags", "tagcloud", "share", "shares", "like", "rating",
    "ratings", "print", "toolbar", "tools", "search", "login", "banner", "keywords", "toc",
];

/// [`STEMS`], ready to look for; `None` only if they could not be compiled.
static STEM_FINDER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(STEMS)
        .ok()
});

/// The words of an element's classes and id, with the names themselves.
pub(super) fn names(node: ElementRef<'_>) -> impl Iterator<Item = &str> {
    node.value()
        .classes()
        .chain(node.value().id())
        .filter(|name| name.len() <= LONGEST_NAME)
        .take(MOST_NAMES)
}

/// Longer names are made by machines.
const LONGEST_NAME: usize = 80;
/// An element with more classes than these is looked at no further.
const MOST_NAMES: usize = 12;

/// The words of a name: `detailTitle-main` has `detail`, `Title` and `main`.
pub(super) fn words(name: &str) -> impl Iterator<Item = &str> {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
        let mut before = rest.chars().next()?;
        let end = rest
            .char_indices()
            .skip(1)
            .find(|(_, c)| {
                let ends =
                    !c.is_ascii_alphanumeric() || (c.is_ascii_uppercase() && before.is_ascii_lowercase());
                before = *c;
                ends
            })
            .map_or(rest.len(), |(at, _)| at);
        let (word, tail) = rest.split_at(end.max(1).min(rest.len()));
        rest = tail;
        Some(word)
    })
}

/// Whether one of the names of an element holds one of the stems, or has one of the words.
pub(super) fn is_named(node: ElementRef<'_>, stems: &[&str], whole: &[&str]) -> bool {
    names(node).any(|name| {
        let lower = name.to_ascii_lowercase();
        stems.iter().any(|stem| lower.contains(stem))
            || words(name).any(|word| whole.iter().any(|w| word.eq_ignore_ascii_case(w)))
    })
}

/// `tag-…`, and `widget` within a name, are what `WordPress` and its page builders put on the content itself.
fn is_furniture_name(name: &str) -> bool {
    let has_stem = STEM_FINDER.as_ref().is_some_and(|finder| finder.is_match(name));
    let has_word = || words(name).any(|word| WORDS.iter().any(|w| word.eq_ignore_ascii_case(w)));
    has_stem || name.starts_with("widget") || name == "tag" || has_word()
}

/// Whether nothing in the element is shown.
fn is_hidden(node: ElementRef<'_>) -> bool {
    let style = node.attr("style").unwrap_or_default();
    let is_none = style.to_ascii_lowercase().split(';').any(|rule| {
        rule.split_once(':')
            .is_some_and(|(name, value)| name.trim() == "display" && value.trim().starts_with("none"))
    });
    is_none || node.attr("hidden").is_some()
}

/// Whether the element is furniture, by itself.
pub(super) fn is(page: &Page<'_>, at: usize) -> bool {
    let element = &page.elements[at];
    let (node, name) = (element.node, element.name());
    if matches!(name, "html" | "body" | "main" | "article") {
        return false;
    }
    // Themes set a title in the page's banner, and class names such as `has-sidebar` on whole columns.
    let holds_title = || {
        page.elements[at..element.end]
            .iter()
            .take(MOST_LOOKED_AT)
            .any(|e| e.name() == "h1" || e.node.attr("itemprop") == Some("headline"))
    };
    if is_hidden(node) || TAGS.contains(&name) {
        return true;
    }
    let has_role = node.attr("role").is_some_and(|role| ROLES.contains(&role));
    (has_role || names(node).any(is_furniture_name)) && !holds_title()
}

/// How many elements within one are looked at for a title: the page's own size must not be multiplied.
const MOST_LOOKED_AT: usize = 40;
