//! What a search found, article by article, and what else might be looked for where it found nothing.

use super::{
    list::{machine, written},
    search::{Asked, quoted},
};
use crate::{
    domain::{
        article::{Article, Precision, Published},
        query::{Fragment, Query, Relaxed},
        subscription::Language,
    },
    web::lang::Lang,
};

/// Enough of a text to see what a hit is about, and short enough for several articles on a phone's screen (characters).
const SNIPPET_CHARS: usize = 240;

/// From so many on, they are not counted.
pub const MOST_COUNTED: i64 = 100;

/// What else might be looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// How its words differ, where they do.
    pub change: Option<Relaxed>,
    /// Whether the filters are kept, where there are any.
    pub keeps_filters: bool,
    /// The search.
    pub query: Query,
    /// How many articles it finds, counted up to [`MOST_COUNTED`] and one more.
    pub articles: i64,
}

/// A link with its words.
pub(super) struct Way {
    pub(super) href: String,
    pub(super) words: String,
    pub(super) is_next: bool,
}

/// An article as it was found.
pub(super) struct Item<'a> {
    pub(super) article: &'a Article,
    pub(super) title: Vec<Fragment>,
    pub(super) snippet: Vec<Fragment>,
    pub(super) at: String,
    pub(super) written: String,
}

pub(super) fn items<'a>(lang: Lang, query: &Query, articles: &'a [Article]) -> Vec<Item<'a>> {
    let item = |article: &'a Article| {
        let at = article.shown_at();
        let precision = article.published.map_or(Precision::Minute, |p| p.precision);
        Item {
            title: query.mark(&article.title),
            snippet: query.snippet(&text_of(article), SNIPPET_CHARS),
            at: machine(at),
            written: written(lang, Published { at, precision }),
            article,
        }
    };
    articles.iter().map(item).collect()
}

/// The lead and the body, in which many portals repeat it.
fn text_of(article: &Article) -> String {
    let lead = article.lead.as_deref().unwrap_or_default().trim();
    let body = article.body_text.trim_start();
    format!("{lead}\n{}", body.strip_prefix(lead).unwrap_or(body))
}

/// The suggestions as links.
pub(super) fn ways(lang: Lang, asked: &Asked, suggestions: &[Suggestion]) -> Vec<Way> {
    let way = |suggestion: &Suggestion| {
        let other = Asked {
            typed: suggestion.query.to_string(),
            ..if suggestion.keeps_filters {
                asked.clone()
            } else {
                Asked {
                    order: asked.order,
                    ..Asked::default()
                }
            }
        };
        let count = usize::try_from(suggestion.articles).unwrap_or_default();
        let count = if suggestion.articles > MOST_COUNTED {
            lang.t("hơn 100 bài", "more than 100 articles").to_owned()
        } else {
            counted(lang, count)
        };
        Way {
            href: lang.href(&other.address(None)),
            words: format!("{} ({count})", told(lang, suggestion)),
            is_next: false,
        }
    };
    suggestions.iter().map(way).collect()
}

fn told(lang: Lang, suggestion: &Suggestion) -> String {
    let search = quoted(&suggestion.query);
    let (vi, en) = match &suggestion.change {
        None => (format!("Tìm {search}"), format!("Search for {search}")),
        Some(Relaxed::LeavesNothingOut) => (
            format!("Không loại trừ từ nào: {search}"),
            format!("Leaving nothing out: {search}"),
        ),
        Some(Relaxed::Diacritics) => (
            format!("Không tính dấu: {search}"),
            format!("Without diacritics: {search}"),
        ),
        Some(Relaxed::Quotes) => (
            format!("Không cần liền nhau: {search}"),
            format!("Words in any place: {search}"),
        ),
        Some(Relaxed::Without(gone)) => (
            format!("Bỏ “{gone}”: {search}"),
            format!("Without “{gone}”: {search}"),
        ),
        Some(Relaxed::Instead(_, other)) => (
            format!("Có phải “{other}”? Tìm {search}"),
            format!("Did you mean “{other}”? {search}"),
        ),
    };
    let words = match lang.language {
        Language::Vi => vi,
        Language::En => en,
    };
    if suggestion.keeps_filters {
        words
    } else {
        format!("{words} {}", lang.t("không kèm bộ lọc", "without filters"))
    }
}

/// `1 bài`, `12 bài`.
pub(super) fn counted(lang: Lang, articles: usize) -> String {
    match (lang.language, articles) {
        (Language::Vi, _) => format!("{articles} bài"),
        (Language::En, 1) => "1 article".to_owned(),
        (Language::En, _) => format!("{articles} articles"),
    }
}
