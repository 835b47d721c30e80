//! From an address to the feed that it names: where its articles come from, its words, its page.

use chrono::{DateTime, Utc};
use percent_encoding::percent_decode_str;

use super::super::{
    error::WebError, pages::search as words, parameters::Parameters, retired::still_shown, state::WebState,
};
use crate::{
    domain::{query::Query, watch::Watch},
    feed::{Content, Format},
};

/// Where a feed's articles come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in super::super) enum Source {
    /// The newest articles of a watch.
    Watch(Watch),
    /// The newest articles that a search finds.
    Search(Query),
}

impl Source {
    /// The watch whose changes may change the list.
    pub(in super::super) fn watch(&self) -> &Watch {
        match self {
            Self::Watch(watch) => watch,
            Self::Search(_) => &Watch::All,
        }
    }
}

/// A feed that exists, whatever its format.
#[derive(Debug, Clone)]
pub(in super::super) struct Described {
    /// Where its articles come from.
    pub source: Source,
    /// Its address without extension, such as `/feeds/topics/y-te`.
    pub path: String,
    /// What its addresses need behind the extension, such as `q=khoa`: part of its identity.
    pub parameter: Option<String>,
    /// The HTML page that shows the same.
    pub html_path: String,
    /// Its topic, section or search alone.
    pub name: String,
    /// Plain text.
    pub title: String,
    /// One sentence, plain text.
    pub description: String,
    /// Whose articles these are.
    pub authority: String,
    /// When it ended, if it did: its topic or section is no more.
    pub ended_at: Option<DateTime<Utc>>,
}

/// One document of a feed, as an address asks for it.
#[derive(Debug, Clone)]
pub(in super::super) struct Asked {
    /// The feed.
    pub feed: Described,
    /// The form.
    pub format: Format,
    /// How many articles, 1 to 100.
    pub limit: i64,
    /// How much of each article; never more than the operator allows.
    pub content: Content,
    /// The document's own address on this site: with the parameters that mean something, in one order, and no others.
    pub address: String,
}

impl Asked {
    /// Whether it is the feed as everybody gets it, without parameters.
    pub(in super::super) fn is_plain(&self) -> bool {
        !self.address.contains('?')
    }
}

/// What an address asks for, before it is known whether there is such a feed.
#[derive(Debug, Clone)]
pub(super) struct Wish {
    /// As in [`Asked`].
    pub address: String,
    /// The address without extension.
    stem: String,
    /// What to look for, where it is a search.
    query: Option<Query>,
    format: Format,
    limit: i64,
    content: Content,
}

/// What an address (`path` as it stands in the request) and its parameters ask for.
pub(super) fn wish(state: &WebState, path: &str, wish: &Parameters) -> Result<Wish, WebError> {
    let path = percent_decode_str(path).decode_utf8();
    let path = path.map_err(|_| WebError::NotFound)?;
    let (stem, extension) = path.rsplit_once('.').ok_or(WebError::NotFound)?;
    let format = Format::from_extension(extension).ok_or(WebError::NotFound)?;
    let query = (stem == "/feeds/search").then(|| wish.query()).transpose()?;
    let mut parameters: Vec<String> = query.iter().map(words::parameter).collect();
    let limit = match wish.get("limit") {
        None => state.feed_items,
        Some(text) => {
            let limit = text.parse().ok().filter(|n| (1..=100).contains(n));
            let limit = limit.ok_or(WebError::Invalid)?;
            parameters.push(format!("limit={limit}"));
            limit
        }
    };
    let content = match wish.get("content") {
        None => state.content,
        Some(text @ ("excerpt" | "full")) => {
            parameters.push(format!("content={text}"));
            // `full` is given only where the operator allows it.
            if text == "full" {
                state.content
            } else {
                Content::Excerpt
            }
        }
        Some(_) => return Err(WebError::Invalid),
    };
    let mut address = format!("{stem}.{extension}");
    if !parameters.is_empty() {
        address = format!("{address}?{}", parameters.join("&"));
    }
    Ok(Wish {
        stem: stem.to_owned(),
        query,
        format,
        limit,
        content,
        address,
    })
}

/// The document that is wanted, if there is such a feed.
pub(super) async fn asked(state: &WebState, wish: Wish) -> Result<Asked, WebError> {
    Ok(Asked {
        feed: match wish.query {
            Some(query) => search(state, query),
            None => found(state, &wish.stem).await?,
        },
        format: wish.format,
        limit: wish.limit,
        content: wish.content,
        address: wish.address,
    })
}

/// The feed whose address without extension is `stem`, in force or ended not long ago.
pub(in super::super) async fn found(state: &WebState, stem: &str) -> Result<Described, WebError> {
    match described(state, stem) {
        Some(feed) => Ok(feed),
        None => ended(state, stem).await,
    }
}

/// A feed whose topic or section the settings no longer name.
async fn ended(state: &WebState, stem: &str) -> Result<Described, WebError> {
    let name = stem.strip_prefix("/feeds/").ok_or(WebError::NotFound)?;
    let watch = match name.split('/').collect::<Vec<_>>().as_slice() {
        ["topics", slug] => Watch::Topic((*slug).to_owned()),
        ["sections", portal, slug] => Watch::Section {
            portal: (*portal).to_owned(),
            slug: (*slug).to_owned(),
        },
        _ => return Err(WebError::NotFound),
    };
    let retired = still_shown(state, &watch).await?;
    let portal = match &watch {
        Watch::Section { portal, .. } => state.identity(portal),
        _ => None,
    };
    let authority = portal.map_or(&state.site.portal_name, |portal| &portal.name);
    Ok(Described {
        path: format!("/feeds/{name}"),
        parameter: None,
        html_path: format!("/{name}"),
        title: format!("{} – {authority}", retired.vi),
        description: format!("“{}” từ {authority}: nguồn cấp đã ngừng", retired.vi),
        authority: authority.clone(),
        name: retired.vi,
        ended_at: Some(retired.at),
        source: Source::Watch(watch),
    })
}

/// The feed in force whose address without extension is `stem`.
pub(in super::super) fn described(state: &WebState, stem: &str) -> Option<Described> {
    let name = stem.strip_prefix("/feeds/")?;
    let mut parts = name.split('/');
    match (parts.next()?, parts.next(), parts.next(), parts.next()) {
        ("all", None, None, None) => Some(all(state)),
        ("topics", Some(slug), None, None) => topic(state, slug),
        ("sections", Some(portal), Some(slug), None) => section(state, portal, slug),
        _ => None,
    }
}

fn all(state: &WebState) -> Described {
    let name = &state.site.portal_name;
    Described {
        source: Source::Watch(Watch::All),
        path: "/feeds/all".to_owned(),
        parameter: None,
        html_path: "/".to_owned(),
        name: name.clone(),
        title: name.clone(),
        description: format!("Tất cả tin mới từ {name}"),
        authority: name.clone(),
        ended_at: None,
    }
}

fn search(state: &WebState, query: Query) -> Described {
    let name = &state.site.portal_name;
    let (parameter, quoted) = (words::parameter(&query), words::quoted(&query));
    Described {
        source: Source::Search(query),
        path: "/feeds/search".to_owned(),
        html_path: format!("/search?{parameter}"),
        parameter: Some(parameter),
        name: quoted.clone(),
        title: format!("{quoted} – {name}"),
        description: format!("Tin có {quoted} từ {name}"),
        authority: name.clone(),
        ended_at: None,
    }
}

fn topic(state: &WebState, slug: &str) -> Option<Described> {
    let name = &state.site.portal_name;
    let label = state.site.topics.iter().find(|label| label.slug == slug)?;
    Some(Described {
        source: Source::Watch(Watch::Topic(slug.to_owned())),
        path: format!("/feeds/topics/{slug}"),
        parameter: None,
        html_path: format!("/topics/{slug}"),
        name: label.vi.clone(),
        title: format!("{} – {name}", label.vi),
        description: format!("Tin về chủ đề “{}” từ {name}", label.vi),
        authority: name.clone(),
        ended_at: None,
    })
}

fn section(state: &WebState, portal: &str, slug: &str) -> Option<Described> {
    let of = state.portal(portal)?;
    let section = of.section(slug)?;
    Some(Described {
        source: Source::Watch(Watch::Section {
            portal: portal.to_owned(),
            slug: slug.to_owned(),
        }),
        path: format!("/feeds/sections/{portal}/{slug}"),
        parameter: None,
        html_path: format!("/sections/{portal}/{slug}"),
        name: section.title.clone(),
        title: format!("{} – {}", section.title, of.name),
        description: format!("Tin trong chuyên mục “{}” của {}", section.title, of.name),
        authority: of.name.clone(),
        ended_at: None,
    })
}
