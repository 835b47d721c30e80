//! Articles and lists of portals that nobody has written a profile for, read by what pages have in common.
//!
//! Each part by the surest rule that finds it: what the page says to machines (JSON-LD, Open Graph, microdata), then
//! headings and names, then where things stand. A page without enough of it is no article: nothing is made up.

mod address;
mod assemble;
mod content;
mod date_words;
mod dates;
mod furniture;
mod heading;
mod list;
mod marks;
mod metadata;
mod page;
mod paging;
mod people;
mod site;
mod title;

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use scraper::Html;
use url::Url;

pub(super) use address::is_date;
pub(super) use list::read as list;
pub use site::{Site, site};

use super::list::base_url;
use super::locate::Located;
use crate::domain::text::{escape_html, one_line};
use crate::portal::address::is_same_site;
use crate::portal::profile::Profile;
use content::Content;
use dates::Dated;
use marks::Marks;
use metadata::Metadata;
use page::Page;
use title::Title;

/// A text that is only this long needs another sign that the page is an article (characters).
const SHORT: usize = 400;
/// Pages that say that there is nothing, by the beginning of a line.
const NOTHING: &[&str] = &[
    "Chi tiết bài viết tạm thời không có",
    "Bài viết không tồn tại",
    "Tin bài không tồn tại",
    "Tin không tồn tại",
    "Bài viết đã bị xóa",
    "Bài viết đã bị xoá",
    "Bài viết này không tồn tại",
    "Nội dung không tồn tại",
    "Không tìm thấy bài viết",
    "Không tìm thấy nội dung",
];
/// What the title of such a page says somewhere, in lower case.
const NOT_THERE: &[&str] = &["không tồn tại", "không còn nữa", "không còn tồn tại", "rất tiếc"];
/// Titles of pages that are no articles, by their beginning.
const NO_TITLES: &[&str] = &[
    "404",
    "403",
    "500",
    "502",
    "503",
    "Không tìm thấy",
    "Page not found",
    "Not found",
    "Lỗi",
    "Error",
    "Liên hệ",
    "Đăng nhập",
    "Kết quả tìm kiếm",
    "Tìm kiếm",
    "Sơ đồ",
    "Search results",
    "Access denied",
    "Forbidden",
];

/// What an article page turned out to be.
pub(super) enum Read<'a> {
    Article(Box<Located<'a>>),
    /// The page says that there is no such article.
    NotThere,
    /// What the page lacks.
    No(&'static str),
}

/// The key in an address that may be an article's.
pub(super) fn key(url: &Url) -> Option<String> {
    address::key(url).map(|key| key.text)
}

/// The address of an article on the origin that was polled; what may name it in the query is kept.
pub(super) fn article_address(link: &Url, page: &Url) -> Option<Url> {
    address::on_origin(link, page)
}

/// Locates the parts of an article page.
pub(super) fn locate<'a>(document: &'a Html, url: &Url, profile: &Profile, now: DateTime<Utc>) -> Read<'a> {
    let page = Page::new(document);
    let metadata = Metadata::read(document);
    let base = base_url(document, url);
    let order = &profile.order;
    let is_date = dates::lines(&page, now);
    let (start, end, drop) = (
        Marks::new(&order.start),
        Marks::new(&order.end),
        Marks::new(&order.drop),
    );
    let not_titles = [&Marks::new(&order.breadcrumb), &end, &drop];
    let Some(title) = title::find(&page, &metadata, url, &start, &not_titles, &is_date) else {
        return nothing(&page, "no title");
    };
    let mut dated = dates::find(&page, &metadata, title.line, &end, &is_date, now);
    let around = content::Around {
        from: head_end(&page, &title, &dated, &start),
        is_date: &is_date,
        end: &end,
        drop: &drop,
        base: &base,
    };
    let found = content::find(&page, &around);
    let prose = found.as_ref().map_or(0, |content| content.prose);
    if prose < SHORT && says_nothing(&title.text) {
        return Read::NotThere;
    }
    let Some(content) = found else {
        return told_only(title, dated, metadata).unwrap_or_else(|| nothing(&page, "no body"));
    };
    if dated.reading.is_none()
        && let Some((line, reading)) = dates::behind(&page, &content.lines, &end, &is_date, now)
    {
        (dated.line, dated.reading) = (Some(line), Some(reading));
    }
    if let Some(why) = is_no_article(&page, &metadata, &title, &dated, &content, &around, url) {
        return nothing(&page, why);
    }
    let parts = assemble::Parts {
        page: &page,
        metadata: &metadata,
        around: &around,
    };
    Read::Article(Box::new(parts.assemble(
        document.root_element(),
        title,
        dated,
        &content,
    )))
}

/// The first line behind title, date and start line; prose between them stays.
fn head_end(page: &Page<'_>, title: &Title, dated: &Dated, start: &Marks) -> usize {
    let Some(at) = title.line else { return 0 };
    let mut from = at + 1;
    let starts = (from..(from + LONGEST_HEAD).min(page.lines.len())).filter(|i| {
        let line = &page.lines[*i];
        start.open(&line.head, line.text()).is_some() || dated.line == Some(*i)
    });
    for i in starts {
        let prose: usize = page.lines[from..i]
            .iter()
            .filter(|l| !l.is_link())
            .map(|l| l.plain)
            .sum();
        if prose < LEAST_PROSE || page.lines[from..i].len() <= 1 && prose < SHORT {
            from = i + 1;
        }
    }
    from
}

/// How many lines of a head are looked at, and how much prose between its parts is no label (characters).
const LONGEST_HEAD: usize = 12;
const LEAST_PROSE: usize = 120;

/// Why the page is no article, where it is none.
fn is_no_article(
    page: &Page<'_>,
    metadata: &Metadata,
    title: &Title,
    dated: &Dated,
    content: &Content,
    around: &content::Around<'_>,
    url: &Url,
) -> Option<&'static str> {
    if lists_excerpts(page, content, around, url) {
        return Some("a text: it lists beginnings of other articles");
    }
    if metadata.json_ld.is_article && title.line.is_some() {
        return None;
    }
    let opens = Marks::new(NO_TITLES);
    if opens.open(&marks::head(&title.text), &title.text).is_some() {
        return Some("a title of an article");
    }
    if content.prose < SHORT && asks_password(page) {
        return Some("a text: it asks for a password");
    }
    if is_list(page, content, around, url) {
        return Some("a text: it lists other articles");
    }
    let is_dated = dated.reading.is_some();
    let is_known =
        title.is_named_elsewhere && content.prose >= SHORT && address::key(url).is_some_and(|k| k.is_number);
    (!is_dated && !is_known).then_some("nothing that marks an article page")
}

/// Whether the text consists of other articles' titles, dates and beginnings.
fn is_list(page: &Page<'_>, content: &Content, around: &content::Around<'_>, url: &Url) -> bool {
    const FEWEST: usize = 4;
    let own = address::key(url);
    let elements = &page.elements;
    let (mut links, mut letters) = (BTreeSet::new(), 0);
    let inside = elements.iter().filter(|e| {
        e.name() == "a"
            && e.lines.start >= content.lines.start
            && e.lines.end <= content.lines.end
            && !e.lines.is_empty()
    });
    for link in inside.take(MOST_LINKS) {
        let line = &page.lines[link.lines.start];
        let target = link
            .node
            .attr("href")
            .and_then(|href| around.base.join(href).ok());
        let target = target
            .filter(|target| is_same_site(target, url))
            .and_then(|target| address::key(&target));
        if let Some(key) =
            target.filter(|key| line.is_link() && line.chars >= 20 && Some(key) != own.as_ref())
            && !line.is_furniture
            && links.insert(key.text)
        {
            letters += line.chars;
        }
    }
    let dates = content
        .lines
        .clone()
        .filter(|i| around.is_date[*i] && !page.lines[*i].is_furniture)
        .count();
    let is_heavy = letters * 4 >= content.prose;
    // Each entry of a list has its own date; a text has one.
    let is_long = links.len() >= FEWEST && (is_heavy || dates * 2 >= links.len());
    is_long || (links.len() >= 2 && dates >= links.len())
}

/// Whether the text consists of other articles' linked titles, each with a paragraph of its own behind it. A category may
/// call itself an article in its JSON-LD.
fn lists_excerpts(page: &Page<'_>, content: &Content, around: &content::Around<'_>, url: &Url) -> bool {
    const FEWEST: usize = 4;
    const EXCERPT: usize = 60;
    let own = address::key(url);
    let is_other = |target: &Url| {
        let key = address::key(target).filter(|_| is_same_site(target, url));
        key.is_some() && key != own
    };
    let links = page.elements.iter().filter(|e| {
        e.name() == "a" && content.lines.contains(&e.lines.start) && page.lines[e.lines.start].is_link()
    });
    let titles: BTreeSet<usize> = links
        .take(MOST_LINKS)
        .filter(|e| {
            let line = &page.lines[e.lines.start];
            let target = e.node.attr("href").and_then(|href| around.base.join(href).ok());
            line.chars >= 20 && !line.is_furniture && target.is_some_and(|target| is_other(&target))
        })
        .map(|e| e.lines.start)
        .collect();
    let has_excerpt = |title: &&usize| {
        let behind = page.lines[**title + 1..].iter().take(2);
        let mut behind = behind.take_while(|l| !l.is_link());
        behind.any(|l| l.plain >= EXCERPT && !l.is_furniture)
    };
    let with_excerpt = titles.iter().filter(has_excerpt).count();
    with_excerpt >= FEWEST && with_excerpt * 10 >= titles.len() * 8
}

/// Only so many links of a text are looked at.
const MOST_LINKS: usize = 2_000;

/// Whether a form of the page itself, not one of its head or sidebar, asks for a password.
fn asks_password(page: &Page<'_>) -> bool {
    let is_furniture = |at: usize| {
        let boxes = &page.furniture;
        let before = boxes.partition_point(|start| *start <= at);
        before > 0 && at < page.elements[boxes[before - 1]].end
    };
    let mut elements = page.elements.iter().enumerate();
    elements
        .any(|(at, e)| e.name() == "input" && e.node.attr("type") == Some("password") && !is_furniture(at))
}

/// Whether a title says that there is nothing; above a longer text it is a headline.
fn says_nothing(title: &str) -> bool {
    let lower = title.to_lowercase();
    let opens = Marks::new(NOTHING);
    opens.open(&marks::head(title), title).is_some() || NOT_THERE.iter().any(|words| lower.contains(words))
}

/// A page that says that there is nothing, or one that is no article.
fn nothing<'a>(page: &Page<'a>, missing: &'static str) -> Read<'a> {
    let marks = Marks::new(NOTHING);
    let says_so = page.lines.iter().any(|l| marks.open(&l.head, l.text()).is_some());
    if says_so {
        Read::NotThere
    } else {
        Read::No(missing)
    }
}

/// An article whose text stands in its JSON-LD alone: the page is drawn by a script.
fn told_only<'a>(title: Title, dated: Dated, metadata: Metadata) -> Option<Read<'a>> {
    let text = metadata.json_ld.body?;
    let paragraphs = text.lines().map(one_line).filter(|line| !line.is_empty());
    let html: Vec<String> = paragraphs
        .map(|line| format!("<p>{}</p>", escape_html(&line)))
        .collect();
    let mut warnings = dated.warnings;
    warnings.push(
        "the page shows no text without a browser: the body is the plain text of its JSON-LD".to_owned(),
    );
    Some(Read::Article(Box::new(Located {
        title: Some((title.text, title.rule)),
        date: dated.reading,
        lead: metadata
            .json_ld
            .description
            .map(|text| (text, "JSON-LD description".to_owned())),
        author: metadata
            .json_ld
            .author
            .map(|text| (text, "JSON-LD author".to_owned())),
        section: metadata
            .json_ld
            .section
            .map(|text| (text, "JSON-LD articleSection".to_owned())),
        body: None,
        told_body: Some((html.concat(), "JSON-LD articleBody".to_owned())),
        drop: Vec::new(),
        has_mark: true,
        warnings,
    })))
}
