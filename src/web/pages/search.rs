//! `/search`: what is found, newest first, and the form to look for something else.

use askama::Template;

use super::{
    layout::{FeedLink, Nav, Page},
    list::{Day, Paging, by_day, with_cursor},
};
use crate::{
    domain::{
        article::Article,
        query::{MAX_CHARS, Query, QueryError},
        subscription::Language,
    },
    web::{lang::Lang, site::Site},
};

/// What a search's page shows.
#[derive(Debug, Clone, Copy)]
pub enum Search<'a> {
    /// Nothing was asked yet.
    Blank,
    /// What was typed is no search.
    Refused(&'a str, &'a QueryError),
    /// What was looked for, what was found of it, and which part of that this is.
    Found(&'a Query, &'a [Article], Paging),
}

#[derive(Template)]
#[template(path = "search.html")]
struct View<'a> {
    page: Page<'a>,
    heading: String,
    typed: String,
    error: Option<String>,
    feed: Option<FeedLink>,
    /// Where to ask for the same by e-mail.
    subscribe: Option<String>,
    path: String,
    days: Vec<Day<'a>>,
    paging: Paging,
}

/// The page of a search. Search engines are asked to leave it out: there are as many as there are words.
pub fn search(site: &Site, lang: Lang, search: Search<'_>) -> String {
    let title = match search {
        Search::Found(query, ..) => quoted(query),
        Search::Blank | Search::Refused(..) => lang.t("Tìm kiếm", "Search").to_owned(),
    };
    let path = match search {
        Search::Found(query, ..) => format!("/search?{}", parameter(query)),
        Search::Blank | Search::Refused(..) => "/search".to_owned(),
    };
    let page = |path: String| {
        Page::new(site, lang, title.clone(), path)
            .at(Nav::Search)
            .private()
    };
    let view = match search {
        Search::Blank => View::new(page(path.clone()), path),
        Search::Refused(typed, error) => View {
            // Somebody's essay is not sent back whole.
            typed: typed.chars().take(MAX_CHARS).collect(),
            error: Some(match lang.language {
                Language::Vi => error.vietnamese(),
                Language::En => error.to_string(),
            }),
            ..View::new(page(path.clone()), path)
        },
        Search::Found(query, articles, paging) => {
            let feed = FeedLink::search(site, query);
            View {
                typed: query.to_string(),
                feed: Some(feed.clone()),
                subscribe: followed(query).and_then(|phrase| {
                    let phrase: String = url::form_urlencoded::byte_serialize(phrase.as_bytes()).collect();
                    page(String::new()).subscribe_href(&format!("q={phrase}"))
                }),
                days: by_day(lang, articles),
                paging,
                ..View::new(page(with_cursor(&path, paging)).announcing(vec![feed]), path)
            }
        }
    };
    super::render(&view)
}

impl<'a> View<'a> {
    fn new(page: Page<'a>, path: String) -> Self {
        Self {
            heading: page.title.clone(),
            page,
            typed: String::new(),
            error: None,
            feed: None,
            subscribe: None,
            path,
            days: Vec::new(),
            paging: Paging::default(),
        }
    }
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
