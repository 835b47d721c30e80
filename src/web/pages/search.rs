//! `/search`: the form, what was found with its hits marked, and where nothing was, what else might be looked for.

use askama::Template;

use super::{
    found::{Item, Suggestion, Way, counted, items, ways},
    layout::{FeedLink, Nav, Page},
    list::{Paging, Section},
};
use crate::{
    domain::{
        article::Article,
        query::{MAX_CHARS, Query},
        subscription::Language,
    },
    web::{lang::Lang, site::Site},
};

/// In which order articles are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// The best first.
    #[default]
    Relevance,
    /// The newest first.
    Newest,
}

/// What was asked for, as the form shows it; empty where nothing was.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Asked {
    /// The words.
    pub typed: String,
    /// A topic's slug.
    pub topic: String,
    /// `PORTAL/SLUG`.
    pub section: String,
    /// The first day, `2026-11-24`.
    pub from: String,
    /// The last day.
    pub to: String,
    /// The order.
    pub order: Order,
}

impl Asked {
    /// Of words alone. Somebody's essay is not sent back whole.
    pub fn words(typed: &str) -> Self {
        Self {
            typed: typed.chars().take(MAX_CHARS).collect(),
            ..Self::default()
        }
    }

    /// Whether a filter is set.
    pub fn is_filtered(&self) -> bool {
        let filters = [&self.topic, &self.section, &self.from, &self.to];
        filters.iter().any(|filter| !filter.is_empty())
    }

    /// The address of this search, with one thing more: a page, a place.
    pub fn address(&self, more: Option<(&str, String)>) -> String {
        let order = match self.order {
            Order::Relevance => "",
            Order::Newest => "newest",
        };
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("q", self.typed.as_str()),
            ("topic", &self.topic),
            ("section", &self.section),
            ("from", &self.from),
            ("to", &self.to),
            ("order", order),
        ] {
            if !value.is_empty() {
                query.append_pair(name, value);
            }
        }
        if let Some((name, value)) = more {
            query.append_pair(name, &value);
        }
        format!("/search?{}", query.finish())
    }
}

/// A search and what came of it.
#[derive(Debug, Clone, Copy)]
pub struct Search<'a> {
    /// What was asked for.
    pub asked: &'a Asked,
    /// The sections that can be chosen.
    pub sections: &'a [Section],
    /// What came of it.
    pub outcome: Outcome<'a>,
}

/// What came of a search.
#[derive(Debug, Clone, Copy)]
pub enum Outcome<'a> {
    /// Nothing was asked yet.
    Blank,
    /// A parameter makes no sense: its name, and what is wrong with it in Vietnamese and English.
    Refused(&'static str, (&'a str, &'a str)),
    /// It was looked for.
    Found(Found<'a>),
}

/// What was found.
#[derive(Debug, Clone, Copy)]
pub struct Found<'a> {
    /// What was looked for.
    pub query: &'a Query,
    /// This page's articles.
    pub articles: &'a [Article],
    /// Which part of all this is.
    pub part: Part,
    /// What else might be looked for.
    pub suggestions: &'a [Suggestion],
}

/// Which part of what was found a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The best first.
    Best {
        /// From 1.
        page: usize,
        /// How many stand in order.
        ranked: usize,
        /// Whether there are more, which do not.
        has_more: bool,
        /// Whether another page follows.
        goes_on: bool,
    },
    /// The newest first.
    Newest(Paging),
}

impl Part {
    fn is_first(self) -> bool {
        match self {
            Self::Best { page, .. } => page == 1,
            Self::Newest(paging) => paging.before.is_none(),
        }
    }
}

#[derive(Template)]
#[template(path = "search.html")]
struct View<'a> {
    page: Page<'a>,
    asked: &'a Asked,
    sections: &'a [Section],
    /// The parameter that is wrong, and why.
    error: Option<(&'static str, &'a str)>,
    result: Option<Shown<'a>>,
}

struct Shown<'a> {
    feed: FeedLink,
    /// Where to ask for the same by e-mail.
    subscribe: Option<String>,
    count: String,
    is_first: bool,
    items: Vec<Item<'a>>,
    suggestions: Vec<Way>,
    paging: Vec<Way>,
}

impl View<'_> {
    fn is_newest(&self) -> bool {
        self.asked.order == Order::Newest
    }

    fn error_of(&self, parameter: &str) -> Option<&str> {
        self.error
            .filter(|(of, _)| *of == parameter)
            .map(|(_, words)| words)
    }

    fn is_chosen(&self, section: &Section) -> bool {
        self.asked.section == section.name()
    }
}

/// The page of a search. Search engines are asked to leave it out: there are as many as there are words.
pub fn search(site: &Site, lang: Lang, search: Search<'_>) -> String {
    let Search {
        asked,
        sections,
        outcome,
    } = search;
    let (title, path) = match outcome {
        Outcome::Found(found) => (quoted(found.query), asked.address(place(found.part))),
        Outcome::Blank | Outcome::Refused(..) => {
            (lang.t("Tìm kiếm", "Search").to_owned(), "/search".to_owned())
        }
    };
    let page = Page::new(site, lang, title, path).at(Nav::Search).private();
    let (error, result) = match outcome {
        Outcome::Blank => (None, None),
        Outcome::Refused(parameter, (vi, en)) => (Some((parameter, lang.t(vi, en))), None),
        Outcome::Found(found) => (None, Some(shown(&page, asked, found))),
    };
    let page = match &result {
        Some(shown) => page.announcing(vec![shown.feed.clone()]),
        None => page,
    };
    super::render(&View {
        page,
        asked,
        sections,
        error,
        result,
    })
}

fn shown<'a>(page: &Page<'_>, asked: &Asked, found: Found<'a>) -> Shown<'a> {
    let (lang, query) = (page.lang, found.query);
    let subscribe = followed(query).and_then(|phrase| {
        let phrase: String = url::form_urlencoded::byte_serialize(phrase.as_bytes()).collect();
        page.subscribe_href(&format!("q={phrase}"))
    });
    Shown {
        feed: FeedLink::search(page.site, query),
        subscribe,
        count: count(lang, found),
        is_first: found.part.is_first(),
        items: items(lang, query, found.articles),
        suggestions: ways(lang, asked, found.suggestions),
        paging: paging(lang, asked, found.part),
    }
}

/// `Tìm thấy 12 bài, phù hợp nhất trước.`
fn count(lang: Lang, found: Found<'_>) -> String {
    match (found.part, lang.language) {
        (_, _) if found.articles.is_empty() => String::new(),
        (
            Part::Best {
                ranked,
                has_more: false,
                ..
            },
            Language::Vi,
        ) => {
            format!("Tìm thấy {ranked} bài, phù hợp nhất trước.")
        }
        (
            Part::Best {
                ranked,
                has_more: false,
                ..
            },
            Language::En,
        ) => {
            format!("{} found, the best first.", counted(lang, ranked))
        }
        (Part::Best { ranked, .. }, Language::Vi) => {
            format!(
                "Tìm thấy nhiều bài; đây là {ranked} bài phù hợp nhất. Xếp theo “Mới nhất trước” để xem tất cả."
            )
        }
        (Part::Best { ranked, .. }, Language::En) => {
            format!("Many were found; these are the best {ranked}. Order by “Newest first” to see all.")
        }
        (Part::Newest(_), _) => lang.t("Mới nhất trước.", "The newest first.").to_owned(),
    }
}

fn place(part: Part) -> Option<(&'static str, String)> {
    match part {
        Part::Best { page, .. } => (page > 1).then(|| ("page", page.to_string())),
        Part::Newest(paging) => paging.before.map(|id| ("before", id.to_string())),
    }
}

fn paging(lang: Lang, asked: &Asked, part: Part) -> Vec<Way> {
    let way = |more: Option<(&'static str, String)>, vi: &str, en: &str, is_next: bool| Way {
        href: lang.href(&asked.address(more)),
        words: lang.t(vi, en).to_owned(),
        is_next,
    };
    let (back, on) = match part {
        Part::Best { page, goes_on, .. } => {
            let to = |page: usize| (page > 1).then(|| ("page", page.to_string()));
            (
                (page > 1).then(|| way(to(page - 1), "Trang trước", "Previous page", false)),
                goes_on.then(|| way(to(page + 1), "Trang sau", "Next page", true)),
            )
        }
        Part::Newest(Paging { before, older }) => (
            before.map(|_| way(None, "Về tin mới nhất", "Newest articles", false)),
            older.map(|id| {
                way(
                    Some(("before", id.to_string())),
                    "Tin cũ hơn",
                    "Older articles",
                    true,
                )
            }),
        ),
    };
    back.into_iter().chain(on).collect()
}

/// The phrase that can be followed in place of a search: that of a search for one phrase or word, or for words that leave
/// nothing out.
fn followed(query: &Query) -> Option<String> {
    let terms = query.terms();
    let words: Vec<String> = terms.iter().map(|term| term.syllables().join(" ")).collect();
    let is_plain = terms.iter().all(|term| !term.is_excluded());
    is_plain.then(|| words.join(" "))
}

/// A search as the parameter of its addresses, `q=…`, as a browser's form writes it.
pub fn parameter(query: &Query) -> String {
    let text = query.to_string();
    let encoded: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    format!("q={encoded}")
}

/// A search in quotation marks, for titles; where phrases have their own, those stand alone: `“khoa học” -bão`.
pub fn quoted(query: &Query) -> String {
    let text = query.to_string();
    if !text.contains('"') {
        return format!("“{text}”");
    }
    let mut parts = text.split('"');
    let mut quoted = parts.next().unwrap_or_default().to_owned();
    for (place, part) in parts.enumerate() {
        quoted.push(if place % 2 == 0 { '“' } else { '”' });
        quoted.push_str(part);
    }
    quoted
}
