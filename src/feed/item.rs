//! Items of a feed, and how an article becomes one.

use chrono::{DateTime, TimeDelta, Utc};

use super::plain::clean;
use crate::domain::{
    article::{Article, Attachment, Image},
    text,
    topic::Label,
};

/// How long an excerpt may be, in characters: about three lines in a reader's list, and what most portals' leads fit.
pub const EXCERPT_CHARS: usize = 400;

/// One entry of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The article's identity, a tag URI; the same in every feed, format and edit.
    pub id: String,
    /// Address of the article on its portal.
    pub url: String,
    /// Title, plain text.
    pub title: String,
    /// The lead or the beginning, plain text.
    pub excerpt: String,
    /// The whole article as sanitised HTML, in feeds that carry it.
    pub content_html: Option<String>,
    /// A person's name.
    pub author: Option<String>,
    /// The source that the text names, such as `Cổng TTĐT`.
    pub source: Option<String>,
    /// When it was published; an edit never moves it.
    pub published: DateTime<Utc>,
    /// When it last changed materially; the moment of publication until it does. What is shorter than a second tells
    /// nothing of time: it keeps apart what happened in one minute ([`Item::from_article`]).
    pub updated: DateTime<Utc>,
    /// Its topics, strongest first.
    pub categories: Vec<Category>,
    /// Its pictures, in order.
    pub images: Vec<Image>,
    /// Its files, in order.
    pub attachments: Vec<Attachment>,
}

/// A topic of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Category {
    /// Stable term: the topic's slug.
    pub term: String,
    /// Vietnamese name.
    pub label: String,
}

/// How much of an article a feed carries; the operator decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Content {
    /// Title and excerpt.
    #[default]
    Excerpt,
    /// The whole text as HTML besides.
    Full,
}

/// What the items of one portal need to know besides the article.
#[derive(Debug, Clone, Copy)]
pub struct Origin<'a> {
    /// The portal's tagging authority (RFC 4151), such as `quangtri.gov.vn`.
    pub authority: &'a str,
    /// The year of the authority in tags.
    pub year: i32,
    /// The names of all topics.
    pub labels: &'a [Label],
}

impl Item {
    /// The entry for an article. Topics that have no label any more are left out.
    ///
    /// What was never edited was last changed when it was published: the moment at which it was first seen would make the
    /// articles of a first poll look like today's. Portals tell the minute or the day, so that many articles have one
    /// moment, and readers that sort by `updated` need it to differ (the W3C's validator warns where it does not). It
    /// differs by microseconds in the order in which the articles were stored, in every feed and format alike.
    pub fn from_article(article: &Article, origin: &Origin<'_>, content: Content) -> Self {
        let label_of = |slug: &str| origin.labels.iter().find(|label| label.slug == slug);
        let categories = article.topics.iter().filter_map(|topic| {
            label_of(&topic.slug).map(|label| Category {
                term: label.slug.clone(),
                label: label.vi.clone(),
            })
        });
        let line = |text: &str| text::one_line(&clean(text));
        let optional = |field: &Option<String>| field.as_deref().map(line).filter(|text| !text.is_empty());
        let title = Some(line(&article.title)).filter(|title| !title.is_empty());
        let title = title.unwrap_or_else(|| "Không có tiêu đề".to_owned());
        let lead = article.lead.as_deref().filter(|lead| !line(lead).is_empty());
        let excerpt = text::excerpt(&clean(lead.unwrap_or(&article.body_text)), EXCERPT_CHARS);
        let shown = article.shown_at();
        // What was first seen has parts of a second, which only `updated` tells.
        let published = DateTime::from_timestamp(shown.timestamp(), 0).unwrap_or(shown);
        let changed = if article.updated_at > article.first_seen_at {
            article.updated_at.max(published)
        } else {
            published
        };
        Self {
            id: article.tag(origin.authority, origin.year),
            url: article.url.clone(),
            // An entry must say something; an article of pictures has a title alone.
            excerpt: Some(excerpt)
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| title.clone()),
            title,
            content_html: (content == Content::Full && !article.body_html.trim().is_empty())
                .then(|| article.body_html.clone()),
            author: optional(&article.author),
            source: optional(&article.source),
            published,
            updated: apart(changed, article.id),
            categories: categories.collect(),
            images: article.images.clone(),
            attachments: article.attachments.clone(),
        }
    }

    /// The last entry of a feed that ends, so that its readers hear of it before its address answers 410. `feed_id` is
    /// the feed's own identity ([`super::Feed::id`]), from which the entry's is made: the same in every format and at every
    /// asking. `feed_title` names the feed, `page_url` is where people find what there is instead.
    pub fn retired(feed_id: &str, feed_title: &str, page_url: &str, retired_at: DateTime<Utc>) -> Self {
        let title = text::one_line(feed_title);
        Self {
            id: format!("{feed_id}/retired"),
            url: page_url.to_owned(),
            title: format!("Nguồn cấp này đã ngừng: {title} / This feed has ended"),
            excerpt: format!(
                "Nguồn cấp “{title}” đã ngừng và sẽ không có tin mới. Xin xem các nguồn cấp khác tại {page_url}. / This feed \
                 has ended and brings nothing new. The other feeds stand at {page_url}."
            ),
            content_html: None,
            author: None,
            source: None,
            published: retired_at,
            updated: retired_at,
            categories: Vec::new(),
            images: Vec::new(),
            attachments: Vec::new(),
        }
    }
}

/// The second of a moment, with as many microseconds as keep it apart from those of other articles.
fn apart(at: DateTime<Utc>, id: i64) -> DateTime<Utc> {
    let second = DateTime::from_timestamp(at.timestamp(), 0).unwrap_or(at);
    second + TimeDelta::microseconds(id.rem_euclid(1_000_000))
}
