//! Lists of articles: the newest, a topic's, a section's.

use askama::Template;
use chrono::{DateTime, SecondsFormat, Timelike, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;

use super::layout::{FeedLink, Nav, Page};
use crate::{
    domain::{
        article::{Article, Precision, Published},
        subscription::Language,
        text, time,
        topic::Label,
        watch::Watch,
    },
    web::{lang::Lang, site::Site},
};

/// Enough of a lead to choose by, and short enough for several articles on a phone's screen (characters).
const TEASER_CHARS: usize = 220;

/// Which part of a longer list a page shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Paging {
    /// The cursor of this page (`?before=`); none on the first.
    pub before: Option<i64>,
    /// The cursor of the next page; none on the last.
    pub older: Option<i64>,
}

/// A section of a portal, as its page shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// Portal id.
    pub portal: String,
    /// Section slug.
    pub slug: String,
    /// The portal's own heading.
    pub title: String,
}

impl Section {
    /// `PORTAL/SLUG`, as forms and the API name it.
    pub fn name(&self) -> String {
        format!("{}/{}", self.portal, self.slug)
    }

    fn path(&self) -> String {
        format!("/sections/{}/{}", self.portal, self.slug)
    }
}

/// `/`: the newest articles.
pub fn home(site: &Site, lang: Lang, articles: &[Article], paging: Paging) -> String {
    let mut page = Page::new(site, lang, lang.t("Tin mới", "News"), with_cursor("/", paging)).at(Nav::News);
    page.description = format!("{} {}", lang.t("Tin mới từ", "News from"), site.portal_name);
    let heading = Heading {
        subscribe: page.subscribe_href("watch=all"),
        telegram: site.bot.link(Some(&Watch::All)),
        ..Heading::default()
    };
    list(page, heading, "/", articles, paging)
}

/// `/topics/{slug}`: the articles of a topic.
pub fn topic(site: &Site, lang: Lang, label: &Label, articles: &[Article], paging: Paging) -> String {
    let name = lang.t(&label.vi, &label.en);
    let path = format!("/topics/{}", label.slug);
    let page = Page::new(site, lang, name, with_cursor(&path, paging))
        .at(Nav::Topics)
        .announcing(vec![FeedLink::topic(site, name, &label.slug)]);
    let heading = Heading {
        kicker: lang.t("Chủ đề", "Topic"),
        is_vietnamese: false,
        subscribe: page.subscribe_href(&format!("topic={}", label.slug)),
        telegram: site.bot.link(Some(&Watch::Topic(label.slug.clone()))),
        feed: page.feeds.first().cloned(),
    };
    list(page, heading, &path, articles, paging)
}

/// `/sections/{portal}/{slug}`: the articles of a section.
pub fn section(site: &Site, lang: Lang, section: &Section, articles: &[Article], paging: Paging) -> String {
    let path = section.path();
    let feed = FeedLink::section(site, &section.portal, &section.slug, &section.title);
    let page = Page::new(site, lang, &section.title, with_cursor(&path, paging)).announcing(vec![feed]);
    let heading = Heading {
        kicker: lang.t("Chuyên mục của Cổng", "Section of the portal"),
        is_vietnamese: true,
        subscribe: page.subscribe_href(&format!("section={}/{}", section.portal, section.slug)),
        telegram: site.bot.link(Some(&Watch::Section {
            portal: section.portal.clone(),
            slug: section.slug.clone(),
        })),
        feed: page.feeds.first().cloned(),
    };
    list(page, heading, &path, articles, paging)
}

/// The articles of a topic or section that is no more, at its old address. `vi` and `en` are its names.
pub fn ended(
    site: &Site,
    lang: Lang,
    (path, names): (&str, (&str, &str)),
    at: DateTime<Utc>,
    articles: &[Article],
    paging: Paging,
) -> String {
    let name = lang.t(names.0, names.1);
    let mut page = Page::new(site, lang, name, with_cursor(path, paging));
    page.notice = super::feed::ended(lang, at);
    let heading = Heading {
        is_vietnamese: names.0 == names.1,
        ..Heading::default()
    };
    list(page, heading, path, articles, paging)
}

/// What stands around a list's title.
#[derive(Default)]
struct Heading<'a> {
    kicker: &'a str,
    is_vietnamese: bool,
    feed: Option<FeedLink>,
    /// Where to ask for the same by e-mail.
    subscribe: Option<String>,
    /// Where to ask for the same by Telegram.
    telegram: Option<String>,
}

/// The articles of one day.
pub(super) struct Day<'a> {
    pub(super) heading: String,
    pub(super) items: Vec<Item<'a>>,
}

/// One article in a list.
pub(super) struct Item<'a> {
    pub(super) article: &'a Article,
    pub(super) at: String,
    pub(super) time_of_day: Option<String>,
    pub(super) teaser: String,
}

#[derive(Template)]
#[template(path = "list.html")]
struct List<'a> {
    page: Page<'a>,
    heading: Heading<'a>,
    path: &'a str,
    days: Vec<Day<'a>>,
    paging: Paging,
}

fn list(page: Page<'_>, heading: Heading<'_>, path: &str, articles: &[Article], paging: Paging) -> String {
    super::render(&List {
        days: by_day(page.lang, articles),
        page,
        heading,
        path,
        paging,
    })
}

/// Neighbours of the same day under one heading, in the order given.
pub(super) fn by_day(lang: Lang, articles: &[Article]) -> Vec<Day<'_>> {
    let mut days: Vec<Day<'_>> = Vec::new();
    for article in articles {
        let heading = written(
            lang,
            Published {
                at: article.shown_at(),
                precision: Precision::Day,
            },
        );
        let item = Item {
            at: machine(article.shown_at()),
            time_of_day: time_of_day(article),
            teaser: teaser(article),
            article,
        };
        match days.last_mut().filter(|day| day.heading == heading) {
            Some(day) => day.items.push(item),
            None => days.push(Day {
                heading,
                items: vec![item],
            }),
        }
    }
    days
}

/// A moment in the reader's language, in the portal's zone.
pub(super) fn written(lang: Lang, published: Published) -> String {
    match lang.language {
        Language::Vi => time::vietnamese(published),
        Language::En => time::english(published),
    }
}

/// A moment for `<time datetime>`.
pub(super) fn machine(at: DateTime<Utc>) -> String {
    at.with_timezone(&Ho_Chi_Minh)
        .to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// `07:51`; nothing where the portal told the date alone.
fn time_of_day(article: &Article) -> Option<String> {
    let is_day = article.published.is_some_and(|p| p.precision == Precision::Day);
    let local = article.shown_at().with_timezone(&Ho_Chi_Minh);
    (!is_day).then(|| format!("{:02}:{:02}", local.hour(), local.minute()))
}

fn teaser(article: &Article) -> String {
    let text = article.lead.as_deref().unwrap_or(&article.body_text);
    text::excerpt(text, TEASER_CHARS)
}

pub(super) fn with_cursor(path: &str, paging: Paging) -> String {
    paging
        .before
        .map_or_else(|| path.to_owned(), |id| after(path, id))
}

/// The part of a list's page that comes after an article.
pub(super) fn after(path: &str, before: impl std::fmt::Display) -> String {
    let joint = if path.contains('?') { '&' } else { '?' };
    format!("{path}{joint}before={before}")
}
