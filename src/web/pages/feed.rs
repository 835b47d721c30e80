//! `/feeds/all`, `/feeds/topics/{slug}`, `/feeds/sections/{portal}/{slug}`: what a feed holds, and how to subscribe to it.
//! Everything works without a script: addresses stand in fields from which they are copied.

use askama::Template;
use chrono::{DateTime, Utc};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::{
    article::ContentMode,
    layout::{FeedLink, Nav, Page},
    list::{machine, written},
};
use crate::{
    domain::{
        article::{Article, Precision, Published},
        month::Month,
        subscription::Language,
        time,
    },
    web::{lang::Lang, site::Site},
};

/// Readers that take a feed's address in theirs: name, and what stands before the address.
const READERS: [(&str, &str); 5] = [
    ("Feedly", "https://feedly.com/i/subscription/feed%2F"),
    ("Inoreader", "https://www.inoreader.com/?add_feed="),
    ("NewsBlur", "https://www.newsblur.com/?url="),
    ("The Old Reader", "https://theoldreader.com/feeds/subscribe?url="),
    ("Feedbin", "https://feedbin.com/?subscribe="),
];

/// A feed, as its page shows it.
#[derive(Debug, Clone)]
pub struct FeedView<'a> {
    /// The address without extension, which is the page's own: `/feeds/topics/y-te`.
    pub path: &'a str,
    /// The page with the same articles.
    pub html_path: &'a str,
    /// Its Vietnamese and its English name.
    pub names: (&'a str, &'a str),
    /// What it holds.
    pub kind: FeedKind,
    /// The newest articles, a few.
    pub newest: &'a [Article],
    /// Articles of the last four weeks.
    pub in_four_weeks: i64,
    /// The months that have an archive document, newest first, with the number of articles in each.
    pub archives: &'a [(Month, i64)],
    /// How much of each article it carries.
    pub content: ContentMode,
    /// How often readers should ask, in minutes.
    pub poll_minutes: u32,
    /// When it ended, if it did.
    pub ended_at: Option<DateTime<Utc>>,
}

/// What a feed holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FeedKind {
    /// Every article.
    All,
    /// What Loa gave a topic.
    Topic,
    /// What the portal put in a section.
    Section,
}

#[derive(Template)]
#[template(path = "feed.html")]
struct View<'a> {
    page: Page<'a>,
    feed: FeedLink,
    kicker: &'static str,
    is_vietnamese: bool,
    holds: &'static str,
    pace: String,
    terms: &'static str,
    html_path: &'a str,
    /// Where to ask for the same by e-mail.
    subscribe: Option<String>,
    newest: Vec<Entry<'a>>,
    readers: Vec<(&'static str, String)>,
    years: Vec<Year>,
}

struct Entry<'a> {
    id: i64,
    title: &'a str,
    at: String,
    date: String,
}

struct Year {
    year: String,
    months: Vec<ArchiveLink>,
}

struct ArchiveLink {
    month: String,
    stem: String,
    articles: String,
}

/// The page of one feed.
pub fn feed(site: &Site, lang: Lang, view: &FeedView<'_>) -> String {
    let name = lang.t(view.names.0, view.names.1);
    let link = FeedLink {
        title: format!("{}: {name}", site.name),
        path: view.path.to_owned(),
        query: String::new(),
    };
    let title = format!("{}: {name}", lang.t("Nguồn cấp", "Feed"));
    let mut page = Page::new(site, lang, title, view.path).at(Nav::Feeds);
    if view.kind != FeedKind::All {
        page = page.announcing(vec![link.clone()]);
    }
    let (kicker, holds) = words(lang, view.kind);
    holds.clone_into(&mut page.description);
    if let Some(at) = view.ended_at {
        page.notice = ended(lang, at);
    }
    super::render(&View {
        kicker,
        is_vietnamese: lang.language == Language::Vi || view.names.0 == view.names.1,
        holds,
        pace: pace(lang, view),
        terms: terms(lang, view.content),
        html_path: view.html_path,
        subscribe: page
            .subscribe_href(&choice(view.path))
            .filter(|_| view.ended_at.is_none()),
        newest: view.newest.iter().map(|article| entry(lang, article)).collect(),
        readers: readers(&link.address(site, "rss")),
        years: years(lang, view),
        feed: link,
        page,
    })
}

/// What a feed holds, as the form to sign up takes it: `topic=y-te` of `/feeds/topics/y-te`.
fn choice(path: &str) -> String {
    let name = path.trim_start_matches("/feeds/");
    match name.split_once('/') {
        Some(("topics", slug)) => format!("topic={slug}"),
        Some(("sections", section)) => format!("section={section}"),
        _ => "watch=all".to_owned(),
    }
}

fn words(lang: Lang, kind: FeedKind) -> (&'static str, &'static str) {
    match kind {
        FeedKind::All => (
            lang.t("Nguồn cấp tất cả tin", "The feed of everything"),
            lang.t(
                "Mọi bài mới của Cổng mà Loa theo dõi.",
                "Every new article of the portal that Loa watches.",
            ),
        ),
        FeedKind::Topic => (
            lang.t("Nguồn cấp theo chủ đề", "The feed of a topic"),
            lang.t(
                "Những bài mà Loa xếp vào chủ đề này, từ mọi chuyên mục của Cổng.",
                "The articles that Loa gave this topic, from every section of the portal.",
            ),
        ),
        FeedKind::Section => (
            lang.t("Nguồn cấp theo chuyên mục", "The feed of a section"),
            lang.t(
                "Những bài mà chính Cổng đăng trong chuyên mục này.",
                "The articles that the portal itself put in this section.",
            ),
        ),
    }
}

/// How often there is something new, as far as the last four weeks tell.
fn pace(lang: Lang, view: &FeedView<'_>) -> String {
    let (articles, minutes) = (view.in_four_weeks, view.poll_minutes);
    match lang.language {
        Language::Vi => format!(
            "Bốn tuần qua có {articles} bài mới. Loa xem Cổng khoảng {minutes} phút một lần; ứng dụng đọc tin hỏi thường hơn \
             thế cũng không có thêm gì."
        ),
        Language::En => format!(
            "New in the last four weeks: {}. Loa looks at the portal about every {minutes} minutes; a reader that asks \
             more often finds nothing more.",
            counted(lang, articles)
        ),
    }
}

fn terms(lang: Lang, content: ContentMode) -> &'static str {
    match content {
        ContentMode::Excerpt => lang.t(
            "Mỗi mục có tiêu đề, đoạn trích, nguồn và đường liên kết về bài gốc trên Cổng. Nội dung thuộc về Cổng.",
            "Each entry has the title, an excerpt, the source and a link to the original on the portal. The content is the \
             portal's.",
        ),
        ContentMode::Full => lang.t(
            "Mỗi mục có toàn văn bài viết, nguồn và đường liên kết về bài gốc trên Cổng. Nội dung thuộc về Cổng. Thêm \
             ?content=excerpt vào địa chỉ để chỉ nhận đoạn trích.",
            "Each entry has the whole article, the source and a link to the original on the portal. The content is the \
             portal's. Add ?content=excerpt to an address for excerpts alone.",
        ),
    }
}

/// What pages say of a feed that ended.
pub(super) fn ended(lang: Lang, at: DateTime<Utc>) -> String {
    let date = time::date(at);
    match lang.language {
        Language::Vi => format!("Mục này đã ngừng từ ngày {date}: sẽ không có tin mới ở đây."),
        Language::En => format!("This ended on {date}: nothing new will come here."),
    }
}

fn entry(lang: Lang, article: &Article) -> Entry<'_> {
    let at = article.shown_at();
    let precision = Precision::Day;
    Entry {
        id: article.id,
        title: &article.title,
        at: machine(at),
        date: written(lang, Published { at, precision }),
    }
}

fn readers(address: &str) -> Vec<(&'static str, String)> {
    let address = utf8_percent_encode(address, NON_ALPHANUMERIC).to_string();
    let link = |(name, before)| (name, format!("{before}{address}"));
    READERS.into_iter().map(link).collect()
}

/// `12 bài`, `1 article`.
fn counted(lang: Lang, articles: i64) -> String {
    let noun = if articles == 1 { "article" } else { "articles" };
    format!("{articles} {}", lang.t("bài", noun))
}

/// The archives by year: portals have months for decades.
fn years(lang: Lang, view: &FeedView<'_>) -> Vec<Year> {
    let mut years: Vec<Year> = Vec::new();
    for (month, articles) in view.archives {
        let year = month.to_string()[..4].to_owned();
        let link = ArchiveLink {
            month: month.shown(),
            stem: format!("{}/archive/{month}", view.path),
            articles: counted(lang, *articles),
        };
        match years.last_mut().filter(|last| last.year == year) {
            Some(last) => last.months.push(link),
            None => years.push(Year {
                year,
                months: vec![link],
            }),
        }
    }
    years
}
