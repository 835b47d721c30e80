//! What all pages share: the head, the masthead, the navigation, the footer.

use super::{list, search};
use crate::{
    domain::{query::Query, subscription::Language},
    web::{
        assets,
        lang::{self, Lang},
        site::Site,
    },
};

/// Where in the navigation a page stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nav {
    /// The newest articles.
    News,
    /// The topics.
    Topics,
    /// The feeds.
    Feeds,
    /// Alerts by e-mail.
    Subscribe,
    /// The search, which has its own field.
    Search,
    /// None of them.
    Elsewhere,
}

/// A feed in its three formats, as pages announce it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedLink {
    /// What readers show as the feed's name.
    pub title: String,
    /// The address without its extension, such as `/feeds/topics/chuyen-doi-so`.
    pub path: String,
    /// What stands behind the extension: `?q=…` for a search, and else nothing.
    pub query: String,
}

impl FeedLink {
    /// Every article.
    pub fn all(site: &Site, lang: Lang) -> Self {
        Self {
            title: format!("{}: {}", site.name, lang.t("tất cả tin", "all articles")),
            path: "/feeds/all".to_owned(),
            query: String::new(),
        }
    }

    /// The articles of a topic.
    pub fn topic(site: &Site, name: &str, slug: &str) -> Self {
        Self {
            title: format!("{}: {name}", site.name),
            path: format!("/feeds/topics/{slug}"),
            query: String::new(),
        }
    }

    /// The articles of a section.
    pub fn section(site: &Site, portal: &str, slug: &str, title: &str) -> Self {
        Self {
            title: format!("{}: {title}", site.name),
            path: format!("/feeds/sections/{portal}/{slug}"),
            query: String::new(),
        }
    }

    /// What a search finds.
    pub fn search(site: &Site, query: &Query) -> Self {
        Self {
            title: format!("{}: {}", site.name, search::quoted(query)),
            path: "/feeds/search".to_owned(),
            query: format!("?{}", search::parameter(query)),
        }
    }

    /// The address on this site in a format: `rss`, `atom` or `json`.
    pub fn href(&self, extension: &str) -> String {
        format!("{}.{extension}{}", self.path, self.query)
    }

    /// The absolute address in a format.
    pub fn address(&self, site: &Site, extension: &str) -> String {
        site.url(&self.href(extension))
    }
}

/// The layout's data. A page is built from it and its own content.
#[derive(Debug, Clone)]
pub struct Page<'a> {
    /// The service.
    pub site: &'a Site,
    /// The language spoken.
    pub lang: Lang,
    /// The document's title, without the service's name.
    pub title: String,
    /// One sentence for search engines and previews; may be empty.
    pub description: String,
    /// The page's own address, with its query but without the language; empty for pages that have none (errors).
    pub path: String,
    /// Where in the navigation it stands.
    pub nav: Nav,
    /// Feeds to announce, most specific first.
    pub feeds: Vec<FeedLink>,
    /// Whether search engines should leave it out.
    pub is_private: bool,
    /// What the reader should know before anything else on it; may be empty.
    pub notice: String,
    /// Seconds after which the browser loads the page anew.
    pub refresh_secs: Option<u32>,
}

impl<'a> Page<'a> {
    /// A public page that announces the feed of everything.
    pub fn new(site: &'a Site, lang: Lang, title: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            site,
            lang,
            title: title.into(),
            description: String::new(),
            path: path.into(),
            nav: Nav::Elsewhere,
            feeds: vec![FeedLink::all(site, lang)],
            is_private: false,
            notice: String::new(),
            refresh_secs: None,
        }
    }

    /// With its place in the navigation.
    #[must_use]
    pub fn at(mut self, nav: Nav) -> Self {
        self.nav = nav;
        self
    }

    /// With more specific feeds in front of the feed of everything.
    #[must_use]
    pub fn announcing(mut self, mut feeds: Vec<FeedLink>) -> Self {
        feeds.append(&mut self.feeds);
        self.feeds = feeds;
        self
    }

    /// Kept out of search engines.
    #[must_use]
    pub fn private(mut self) -> Self {
        self.is_private = true;
        self
    }

    /// The stylesheet's address.
    pub fn stylesheet(&self) -> &'static str {
        assets::stylesheet_path()
    }

    /// The icon's address.
    pub fn icon(&self) -> &'static str {
        assets::icon_path()
    }

    /// The formats of every feed.
    pub fn formats(&self) -> [Format; 3] {
        FORMATS
    }

    /// The page in another language, for the switch.
    pub fn in_language(&self, language: Language) -> String {
        let path = if self.path.is_empty() { "/" } else { &self.path };
        lang::with_language(path, language)
    }

    /// The page in every language, for `hreflang`.
    pub fn translations(&self) -> [(Language, String); 2] {
        [Language::Vi, Language::En].map(|language| (language, self.site.url(&self.in_language(language))))
    }

    /// An address on this site that keeps the reader's choice of language.
    pub fn href(&self, path: &str) -> String {
        self.lang.href(path)
    }

    /// An article's page.
    pub fn article_href(&self, id: impl std::fmt::Display) -> String {
        self.href(&format!("/articles/{id}"))
    }

    /// A topic's page.
    pub fn topic_href(&self, slug: &str) -> String {
        self.href(&format!("/topics/{slug}"))
    }

    /// A section's page.
    pub fn section_href(&self, portal: &str, slug: &str) -> String {
        self.href(&format!("/sections/{portal}/{slug}"))
    }

    /// A list's page that starts after an article.
    pub fn older_href(&self, path: &str, before: impl std::fmt::Display) -> String {
        self.href(&list::after(path, before))
    }

    /// Whether the masthead has a field for searches.
    pub fn has_search_box(&self) -> bool {
        self.nav != Nav::Search
    }

    /// A topic's name.
    pub fn topic_name<'s>(&'s self, slug: &'s str) -> &'s str {
        self.site.topic_name(self.lang, slug)
    }

    /// `(heading, address, place)` of the navigation.
    pub fn nav_links(&self) -> Vec<(&'static str, &'static str, Nav)> {
        let mut links = vec![
            (self.lang.t("Tin mới", "News"), "/", Nav::News),
            (self.lang.t("Chủ đề", "Topics"), "/topics", Nav::Topics),
            (self.lang.t("Nguồn cấp", "Feeds"), "/feeds", Nav::Feeds),
        ];
        if self.site.takes_signups {
            let name = self.lang.t("Nhận qua thư", "By e-mail");
            links.push((name, "/subscribe", Nav::Subscribe));
        }
        links
    }

    /// The form to sign up with a choice made, such as `topic=y-te`; none where nobody can sign up.
    pub fn subscribe_href(&self, choice: &str) -> Option<String> {
        let address = format!("/subscribe?{choice}");
        self.site.takes_signups.then(|| self.href(&address))
    }
}

/// A format of a feed: extension, name, media type.
pub type Format = (&'static str, &'static str, &'static str);

const FORMATS: [Format; 3] = [
    ("atom", "Atom", "application/atom+xml"),
    ("rss", "RSS", "application/rss+xml"),
    ("json", "JSON Feed", "application/feed+json"),
];
