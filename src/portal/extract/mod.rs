//! Reads pages: a list page into items, an article page into its parts. Pure and synchronous.
//!
//! The parsed document cannot cross threads, so nothing here awaits: fetch first, then read. A page that fits no
//! profile is an error that says so; fields are never guessed silently (each carries the rule that found it).

mod allowed;
mod article;
mod body;
mod breakage;
mod characters;
mod clean;
mod entities;
mod feed;
mod files;
mod generic;
mod lines;
mod links;
mod list;
mod locate;
mod media;
mod mend;
mod order;
mod signature;
mod tables;
mod tidy;
mod xml;

use std::sync::LazyLock;

use chrono::{DateTime, Utc};
use url::Url;

use crate::domain::article::{Extracted, Published};
use crate::portal::profile::{GENERIC, Kind, Profile};

pub use generic::{Site, site};
pub use mend::mend;

/// A list page, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListPage {
    /// The items in page order, each key once.
    pub items: Vec<ListItem>,
    /// The next (older) page, where the page links to one.
    pub next: Option<Url>,
    /// The feeds (RSS, Atom, JSON) that the page names as its own.
    pub feeds: Vec<Url>,
    /// What looked wrong, for people.
    pub warnings: Vec<String>,
}

/// One item of a list page. Title and date are hints: the article page decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListItem {
    /// The portal's own article id.
    pub key: String,
    /// The article's address on the origin that was polled.
    pub url: Url,
    /// Title as the list shows it, one line.
    pub title: String,
    /// The list shows only the beginning of the title (`…` at its end).
    pub title_is_cut: bool,
    /// The date that stands with the item.
    pub published: Option<Published>,
}

/// An article page, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArticlePage {
    /// The article.
    Article(Box<Extracted>),
    /// A page with status 200 that says that there is no such article: store nothing, look again later.
    NotThere,
}

/// A page of either kind, with the profile that could read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnyPage {
    /// Name of the profile.
    pub profile: String,
    /// What the page is.
    pub page: Page,
}

/// What a page turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Page {
    /// A list of articles.
    List(ListPage),
    /// One article.
    Article(Box<Extracted>),
    /// An article's page that says that the article is not there.
    NotThere,
}

/// Why a page could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// No profile fits. The old items stay; a person has to look.
    #[error(
        "layout not recognised: {url} fits none of {profiles} ({missing}); look at it with `loa try {url}` and correct the profile"
    )]
    LayoutNotRecognised {
        /// The page.
        url: String,
        /// The profiles that were tried, comma-separated.
        profiles: String,
        /// What could not be found.
        missing: String,
    },
    /// A list page without a single article: a breakage, or (when walking back) the end.
    #[error("{url} lists no article; if the section is not empty, look at it with `loa try {url}`")]
    EmptyList {
        /// The page.
        url: String,
    },
    /// A section's path should be a feed and is something else.
    #[error(
        "{url} is no feed ({problem}); correct the section's path, or name the profile of its pages alone"
    )]
    NotAFeed {
        /// The page.
        url: String,
        /// What it is, or what is wrong with it.
        problem: String,
    },
    /// A profile of feeds was asked for an article.
    #[error("profile {profile} reads lists and no article; name a profile of the pages of {url} beside it")]
    ListsOnly {
        /// The page.
        url: String,
        /// The profile.
        profile: String,
    },
    /// The article's key stands in neither the address nor the page's own canonical address.
    #[error("{url} carries no article key; give the page's own address with --url")]
    NoKey {
        /// The address that was given.
        url: String,
    },
    /// A page that wants a browser or a person first.
    #[error(
        "{url} answers with a challenge for browsers; poll more slowly, and ask the portal to let Loa's user agent in"
    )]
    Challenge {
        /// The page.
        url: String,
    },
    /// A maintenance notice.
    #[error("{url} says that the portal is under maintenance; it is asked again at the next round")]
    Maintenance {
        /// The page.
        url: String,
    },
    /// A login form instead of content.
    #[error("{url} asks for a login; check the section's path in the portal's file")]
    Login {
        /// The page.
        url: String,
    },
}

/// Reads a list page. A page without items is an error.
pub fn list(
    html: &str,
    page_url: &Url,
    profile: &Profile,
    now: DateTime<Utc>,
) -> Result<ListPage, ExtractError> {
    if profile.kind == Kind::Feed {
        return feed::read(html, page_url, profile, now);
    }
    if breakage::is_too_deep(html) {
        return Err(breakage::too_deep(page_url, &profile.name));
    }
    let page = list::read(html, page_url, profile, now);
    if page.items.is_empty() {
        breakage::check(html, page_url)?;
        return Err(ExtractError::EmptyList {
            url: page_url.to_string(),
        });
    }
    Ok(page)
}

/// Reads an article page. The key comes from the page's address, or else from its canonical link.
pub fn article(
    html: &str,
    page_url: &Url,
    profile: &Profile,
    now: DateTime<Utc>,
) -> Result<ArticlePage, ExtractError> {
    if profile.kind == Kind::Feed {
        let (url, profile) = (page_url.to_string(), profile.name.clone());
        return Err(ExtractError::ListsOnly { url, profile });
    }
    if breakage::is_too_deep(html) {
        return Err(breakage::too_deep(page_url, &profile.name));
    }
    match article::read(html, page_url, profile, now) {
        Ok(ArticlePage::Article(article)) if article.key.is_empty() => Err(ExtractError::NoKey {
            url: page_url.to_string(),
        }),
        Err(error) => breakage::check(html, page_url).and(Err(error)),
        page => page,
    }
}

/// What reads the articles of a section that names nothing but a feed.
static ANY_PAGE: LazyLock<Option<Profile>> = LazyLock::new(|| Profile::builtin(GENERIC));

/// Reads a page with the first of a section's profiles that can: that profile, and what it read. Where none can, the error
/// is that of the one preferred. A section whose profiles all read lists alone has its articles read by `generic`.
pub fn with_first<'p, T>(
    profiles: &'p [Profile],
    page_url: &Url,
    read: impl Fn(&Profile) -> Result<T, ExtractError>,
) -> Result<(&'p Profile, T), ExtractError> {
    let mut preferred = None;
    for profile in profiles {
        match read(profile) {
            Ok(page) => return Ok((profile, page)),
            // What another profile misses says more than that this one is not asked for articles.
            Err(error) => {
                preferred = preferred
                    .filter(|e| !matches!(e, ExtractError::ListsOnly { .. }))
                    .or(Some(error));
            }
        }
    }
    if let (Some(ExtractError::ListsOnly { .. }), Some(profile)) = (&preferred, ANY_PAGE.as_ref()) {
        return read(profile).map(|page| (profile, page));
    }
    Err(preferred.unwrap_or_else(|| ExtractError::LayoutNotRecognised {
        url: page_url.to_string(),
        profiles: "no profile".to_owned(),
        missing: "the section has none".to_owned(),
    }))
}

/// Finds which profile can read a page, and whether it is an article or a list, for `loa try`.
/// An article without a key is read too, with a warning.
pub fn any(html: &str, url: &Url, profiles: &[Profile], now: DateTime<Utc>) -> Result<AnyPage, ExtractError> {
    let named = |profile: &Profile, page| AnyPage {
        profile: profile.name.clone(),
        page,
    };
    let (feeds, mut profiles): (Vec<&Profile>, Vec<&Profile>) =
        profiles.iter().partition(|p| p.kind == Kind::Feed);
    if let Some(profile) = feeds.first().filter(|_| feed::is_feed(html)) {
        return feed::read(html, url, profile, now).map(|list| named(profile, Page::List(list)));
    }
    if breakage::is_too_deep(html) {
        return Err(breakage::too_deep(url, "any profile"));
    }
    // As a poll does: a feed alone leaves its articles' pages, and nothing else, to what reads any.
    let is_feed_alone = profiles.is_empty() && !feeds.is_empty();
    if is_feed_alone {
        profiles.extend(ANY_PAGE.as_ref());
    }
    let mut missing = Vec::new();
    let (mut not_there, mut keyless) = (None, None);
    // Profiles whose own article addresses fit go first: they cannot be mistaken. The one that fits anything goes last.
    let mut ordered = profiles.clone();
    ordered.sort_by_key(|p| (p.kind == Kind::Generic, p.address.article.key(url).is_none()));
    for profile in &ordered {
        let is_article_address = profile.address.article.key(url).is_some();
        match article::read(html, url, profile, now) {
            // Without a key the profile's family is a guess; what reads anything may tell more.
            Ok(ArticlePage::Article(found)) if found.key.is_empty() => {
                keyless = keyless.or_else(|| Some(named(profile, Page::Article(found))));
            }
            Ok(ArticlePage::Article(found)) => return Ok(named(profile, Page::Article(found))),
            Ok(ArticlePage::NotThere) if is_article_address => return Ok(named(profile, Page::NotThere)),
            Ok(ArticlePage::NotThere) if profile.kind == Kind::Generic && generic::key(url).is_some() => {
                not_there = Some(named(profile, Page::NotThere));
            }
            Ok(ArticlePage::NotThere) => missing.push(format!("{}: no article", profile.name)),
            Err(ExtractError::LayoutNotRecognised { missing: what, .. }) => {
                missing.push(format!("{}: {what}", profile.name));
            }
            Err(_) => {}
        }
    }
    if let Some(page) = keyless {
        return Ok(page);
    }
    let lists = ordered.iter().filter(|_| !is_feed_alone);
    let lists = lists.filter(|p| p.address.article.key(url).is_none());
    let found = lists.map(|p| (p, list::read(html, url, p, now)));
    if let Some((profile, page)) = found
        .max_by_key(|(p, l)| worth(p, l))
        .filter(|(p, l)| worth(p, l) > 0)
    {
        return Ok(named(profile, Page::List(page)));
    }
    if let Some(page) = not_there {
        return Ok(page);
    }
    breakage::check(html, url)?;
    Err(ExtractError::LayoutNotRecognised {
        url: url.to_string(),
        profiles: profiles
            .iter()
            .map(|p| p.name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
        missing: missing.join("; "),
    })
}

/// How well a list page was read. What fits anything must show more to be believed, and a profile that knows the family
/// is preferred where it finds about as much.
fn worth(profile: &Profile, page: &ListPage) -> usize {
    const FEWEST: usize = 3;
    let items = page.items.len();
    if profile.kind != Kind::Generic {
        return items * 3;
    }
    let is_list = items >= FEWEST || page.items.iter().any(|item| item.published.is_some());
    if is_list { items * 2 } else { 0 }
}
