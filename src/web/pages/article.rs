//! `/articles/{id}`: one article, and why it has its topics.

use askama::Template;

use super::{
    layout::{FeedLink, Page},
    list::{machine, written},
};
use crate::{
    domain::{
        article::{Article, Attachment, Image, Precision, Published},
        text,
        topic::{Assigned, Evidence, Place},
    },
    web::{
        lang::Lang,
        site::{Site, is_web_address},
    },
};

/// About three paragraphs: enough to know what an article says, and a reason to read it where it belongs (characters).
const EXCERPT_CHARS: usize = 700;

/// Phrases shown per topic; the heaviest come first and the rest adds nothing to the reason.
const EVIDENCE_SHOWN: usize = 6;

/// How much of an article the operator lets pages show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ContentMode {
    /// The lead, an excerpt and the pictures; the rest is on the portal.
    #[default]
    Excerpt,
    /// The whole sanitised body.
    Full,
}

#[derive(Template)]
#[template(path = "article.html")]
struct View<'a> {
    page: Page<'a>,
    article: &'a Article,
    published: String,
    published_at: String,
    /// When it last changed, where that was after Loa first saw it.
    updated: Option<(String, String)>,
    /// The lead, unless it merely repeats the body's beginning.
    lead: Option<&'a str>,
    /// The body as paragraphs, in excerpt mode.
    excerpt: Vec<String>,
    images: Vec<&'a Image>,
    attachments: Vec<File<'a>>,
    is_full: bool,
    reasons: Vec<Reason<'a>>,
    original: Option<&'a str>,
}

impl View<'_> {
    /// Where to say that its topics are wrong.
    fn doubt_href(&self) -> String {
        self.page.href(&format!("/articles/{}/topics", self.article.id))
    }
}

struct File<'a> {
    url: &'a str,
    name: String,
    detail: String,
}

struct Reason<'a> {
    slug: &'a str,
    evidence: Vec<Phrase<'a>>,
}

struct Phrase<'a> {
    text: &'a str,
    is_section: bool,
    place: &'static str,
    count: u32,
}

/// One article.
pub fn article(site: &Site, lang: Lang, article: &Article, content: ContentMode) -> String {
    let published = article.published.unwrap_or(minute(article.first_seen_at));
    let shown = Published {
        at: article.shown_at(),
        ..published
    };
    let lead = article.lead.as_deref();
    let is_full = content == ContentMode::Full;
    let mut page = Page::new(site, lang, &article.title, format!("/articles/{}", article.id))
        .announcing(more_feeds(site, lang, article));
    page.description = text::excerpt(lead.unwrap_or(&article.body_text), 200);
    super::render(&View {
        page,
        published: written(lang, shown),
        published_at: machine(shown.at),
        updated: (article.updated_at > article.first_seen_at).then(|| {
            (
                written(lang, minute(article.updated_at)),
                machine(article.updated_at),
            )
        }),
        lead: lead.filter(|_| !is_full || !opens_with(&article.body_text, lead)),
        excerpt: if is_full { Vec::new() } else { excerpt(article) },
        images: pictures(article, is_full),
        attachments: article.attachments.iter().filter_map(file).collect(),
        is_full,
        reasons: article.topics.iter().map(|t| reason(lang, article, t)).collect(),
        original: Some(article.url.as_str()).filter(|url| is_web_address(url)),
        article,
    })
}

fn minute(at: chrono::DateTime<chrono::Utc>) -> Published {
    Published {
        at,
        precision: Precision::Minute,
    }
}

/// The feeds that this article is in: its topics', then its sections'.
fn more_feeds(site: &Site, lang: Lang, article: &Article) -> Vec<FeedLink> {
    let topics = article
        .topics
        .iter()
        .map(|t| FeedLink::topic(site, site.topic_name(lang, &t.slug), &t.slug));
    let sections = article
        .sections
        .iter()
        .map(|(slug, title)| FeedLink::section(site, &article.portal, slug, title));
    topics.chain(sections).collect()
}

/// Pictures apart from the text, which a full body already holds.
fn pictures(article: &Article, is_full: bool) -> Vec<&Image> {
    if is_full {
        return Vec::new();
    }
    article.images.iter().filter(|i| is_web_address(&i.src)).collect()
}

fn opens_with(body: &str, lead: Option<&str>) -> bool {
    lead.is_some_and(|lead| body.trim_start().starts_with(lead.trim()))
}

/// Paragraphs of the body up to [`EXCERPT_CHARS`], without the lead and without the pictures' captions.
fn excerpt(article: &Article) -> Vec<String> {
    let lead = article.lead.as_deref().map(str::trim).unwrap_or_default();
    let body = article.body_text.trim_start();
    let body = body.strip_prefix(lead).unwrap_or(body);
    let is_caption = |p: &str| article.images.iter().any(|i| i.caption.as_deref() == Some(p));
    let mut left = EXCERPT_CHARS;
    let mut paragraphs = Vec::new();
    for paragraph in body
        .lines()
        .map(str::trim)
        .filter(|p| !p.is_empty() && !is_caption(p))
    {
        let length = paragraph.chars().count();
        paragraphs.push(text::excerpt(paragraph, left));
        if length >= left {
            break;
        }
        left -= length;
    }
    paragraphs
}

fn file(attachment: &Attachment) -> Option<File<'_>> {
    is_web_address(&attachment.url).then(|| File {
        url: &attachment.url,
        name: file_name(&attachment.url),
        detail: [
            attachment.media_type.as_deref().map(kind),
            attachment.size_bytes.map(size),
        ]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(", "),
    })
}

/// The last part of the path, readable: a portal's file names are percent-encoded Vietnamese.
fn file_name(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    let last = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
    percent_encoding::percent_decode_str(last)
        .decode_utf8_lossy()
        .into_owned()
}

/// A media type as people call it.
fn kind(media_type: &str) -> String {
    let known =
        match media_type {
            "application/pdf" => "PDF",
            "application/msword"
            | "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "Word",
            "application/vnd.ms-excel"
            | "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "Excel",
            "application/zip" => "ZIP",
            other => other,
        };
    known.to_owned()
}

/// `312 kB`, `1,4 MB`: Vietnamese decimals, as the sizes stand beside Vietnamese file names.
fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1000)),
        _ => format!("{},{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}

fn reason<'a>(lang: Lang, article: &'a Article, topic: &'a Assigned) -> Reason<'a> {
    let phrase = |e: &'a Evidence| Phrase {
        text: match e.place {
            Place::Section => section_title(article, &e.phrase),
            Place::Staff => lang.t("cán bộ biên tập", "an editor"),
            _ => &e.phrase,
        },
        is_section: e.place == Place::Section,
        place: match e.place {
            Place::Title => lang.t("trong tiêu đề", "in the title"),
            Place::Lead => lang.t("trong phần mở đầu", "in the lead"),
            Place::Body => lang.t("trong bài", "in the text"),
            Place::Section => lang.t("chuyên mục của Cổng", "the portal's own section"),
            Place::Learned => lang.t("giống các bài cùng chủ đề", "as in other articles of the topic"),
            Place::Staff => lang.t("xếp vào chủ đề này", "put it there"),
        },
        count: e.count,
    };
    Reason {
        slug: &topic.slug,
        evidence: topic.evidence.iter().take(EVIDENCE_SHOWN).map(phrase).collect(),
    }
}

fn section_title<'a>(article: &'a Article, slug: &'a str) -> &'a str {
    article
        .sections
        .iter()
        .find(|(known, _)| known == slug)
        .map_or(slug, |(_, title)| title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_named_as_people_would() {
        let url = "https://cong.example/documents/Quy%E1%BA%BFt%20%C4%91%E1%BB%8Bnh.pdf?version=1";
        assert_eq!(file_name(url), "Quyết định.pdf");
        assert_eq!(size(1), "1 kB");
        assert_eq!(size(312_400), "313 kB");
        assert_eq!(size(1_450_000), "1,4 MB");
    }
}
