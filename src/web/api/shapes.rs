//! What the API answers with.

use chrono::{DateTime, FixedOffset, Utc};
use chrono_tz::Asia::Ho_Chi_Minh;
use serde::Serialize;
use utoipa::ToSchema;

use crate::{
    domain::{article, text},
    feed::{Content, EXCERPT_CHARS},
    web::state::WebState,
};

/// An article, as it is now.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Article {
    /// Names the article in this API; never given to another one.
    id: i64,
    /// The article's identity in every feed, a tag URI.
    #[schema(example = "tag:quangtri.gov.vn,2025:quangtri/article/1764000000001")]
    tag: String,
    /// Always false here: see the other shape of a list's entries.
    withdrawn: bool,
    /// The article on its portal.
    #[schema(format = "uri")]
    url: String,
    /// The article's page here.
    #[schema(format = "uri")]
    page: String,
    /// Id of its portal.
    portal: String,
    /// Title, plain text.
    title: String,
    /// The portal's own lead, plain text.
    lead: Option<String>,
    /// The lead or the beginning, plain text, at most 400 characters.
    excerpt: String,
    /// The source that the text names.
    source: Option<String>,
    /// Author or signature.
    author: Option<String>,
    /// When the portal says that it was published; an edit never moves it.
    published: Option<DateTime<FixedOffset>>,
    /// How much of `published` the portal told: `day` is a date alone, and its time of day says nothing.
    precision: Option<Precision>,
    /// When Loa first saw it.
    first_seen: DateTime<FixedOffset>,
    /// When it last changed materially; `first_seen` until it does.
    updated: DateTime<FixedOffset>,
    /// Its topics, strongest first.
    topics: Vec<GivenTopic>,
    /// The sections that it stands in.
    sections: Vec<SectionName>,
    /// Its pictures, in order.
    images: Vec<Image>,
    /// Its files, in order.
    attachments: Vec<Attachment>,
    /// The whole text as sanitised HTML, where the operator gives it out; otherwise absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    body_html: Option<String>,
}

/// How exactly a moment is known.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Precision {
    /// Date and time of day.
    Minute,
    /// The date alone.
    Day,
}

/// A topic of an article.
#[derive(Debug, Serialize, ToSchema)]
struct GivenTopic {
    slug: String,
    /// How much speaks for it; comparable within a topic only.
    score: f64,
}

/// A section of a portal.
#[derive(Debug, Serialize, ToSchema)]
struct SectionName {
    slug: String,
    title: String,
}

/// A picture.
#[derive(Debug, Serialize, ToSchema)]
struct Image {
    /// Address.
    src: String,
    /// The portal's alternative text; empty where there is none.
    alt: String,
    caption: Option<String>,
}

/// A file.
#[derive(Debug, Serialize, ToSchema)]
struct Attachment {
    url: String,
    /// Media type.
    #[serde(rename = "type")]
    media_type: Option<String>,
    /// Size in bytes.
    size: Option<u64>,
}

/// An article that is not there any more: its portal took it away, or it was removed here.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Withdrawn {
    /// The id that the article had.
    pub id: i64,
    /// Always true.
    pub withdrawn: bool,
}

/// An article of a list. Articles that are gone stand only in lists asked for with `since`.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(super) enum Entry {
    /// The article.
    Article(Box<Article>),
    /// That it is gone.
    Withdrawn(Withdrawn),
}

/// The order of a list.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[expect(
    dead_code,
    reason = "names the words in the description; the address is read by hand, for errors in two languages"
)]
pub(super) enum Order {
    /// Newest first.
    Newest,
    /// The best first.
    Relevance,
}

/// A part of the articles.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ArticleList {
    /// Newest first; with `since`, in the order of their changes; with `order=relevance`, the best first.
    pub articles: Vec<Entry>,
    /// To be given as `cursor` for what follows. Null at the end of a list; with `since` never null, since changes go on.
    pub next: Option<String>,
    /// Whether something follows already.
    pub has_more: bool,
}

/// A topic.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Topic {
    pub slug: String,
    /// Vietnamese name.
    pub vi: String,
    /// English name.
    pub en: String,
    /// How many articles it has.
    pub articles: i64,
    /// The feed of the topic, as Atom.
    #[schema(format = "uri")]
    pub feed: String,
}

/// Every topic, in the taxonomy's order.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Topics {
    pub topics: Vec<Topic>,
}

/// A section of a portal.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Section {
    /// Id of the portal.
    pub portal: String,
    /// The portal's name.
    pub portal_name: String,
    pub slug: String,
    /// The portal's own heading.
    pub title: String,
    /// The feed of the section, as Atom.
    #[schema(format = "uri")]
    pub feed: String,
}

/// Every section, in the order of the settings.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Sections {
    pub sections: Vec<Section>,
}

impl Article {
    /// `None` for an article of a portal that was taken out of the settings before portals were remembered.
    pub(super) fn new(state: &WebState, article: article::Article) -> Option<Self> {
        let portal = state.identity(&article.portal)?;
        let lead = article.lead.filter(|lead| !lead.trim().is_empty());
        let precision = article.published.map(|published| match published.precision {
            article::Precision::Minute => Precision::Minute,
            article::Precision::Day => Precision::Day,
        });
        Some(Self {
            id: article.id,
            tag: article::tag_uri(&portal.authority, portal.year, &article.portal, &article.key),
            withdrawn: false,
            page: state.site.url(&format!("/articles/{}", article.id)),
            url: article.url,
            portal: article.portal,
            title: article.title,
            excerpt: text::excerpt(lead.as_deref().unwrap_or(&article.body_text), EXCERPT_CHARS),
            lead,
            source: article.source,
            author: article.author,
            published: article.published.map(|published| local(published.at)),
            precision,
            first_seen: local(article.first_seen_at),
            updated: local(article.updated_at),
            topics: (article.topics.into_iter())
                .map(|topic| GivenTopic {
                    slug: topic.slug,
                    score: topic.score,
                })
                .collect(),
            sections: (article.sections.into_iter())
                .map(|(slug, title)| SectionName { slug, title })
                .collect(),
            images: (article.images.into_iter())
                .map(|image| Image {
                    src: image.src,
                    alt: image.alt,
                    caption: image.caption,
                })
                .collect(),
            attachments: (article.attachments.into_iter())
                .map(|file| Attachment {
                    url: file.url,
                    media_type: file.media_type,
                    size: file.size_bytes,
                })
                .collect(),
            body_html: (state.content == Content::Full).then_some(article.body_html),
        })
    }
}

fn local(at: DateTime<Utc>) -> DateTime<FixedOffset> {
    at.with_timezone(&Ho_Chi_Minh).fixed_offset()
}
