//! Alerts and digests as JSON for programs (docs/webhooks.md).

use serde::Serialize;

use super::{
    Content, Occasion,
    item::{self, Item, Reading},
};
use crate::domain::article::Precision;

/// What a hook says. Fields are added, never renamed.
#[derive(Serialize)]
struct Told<'a> {
    /// `alert`, `daily` or `weekly`.
    kind: &'static str,
    portal: &'a str,
    language: &'static str,
    articles: Vec<ToldArticle<'a>>,
}

#[derive(Serialize)]
struct ToldArticle<'a> {
    /// `PORTAL/KEY`: the portal's own, the same for ever.
    id: String,
    title: String,
    lead: String,
    /// The portal's page.
    url: String,
    /// Loa's.
    page: String,
    source: Option<&'a str>,
    /// RFC 3339, in UTC.
    published: Option<String>,
    /// `minute` or `day`.
    precision: Option<&'static str>,
    topics: Vec<&'a str>,
    why: String,
}

/// The body of a hook about `content`.
pub fn hook(content: &Content<'_>) -> String {
    let told = Told {
        kind: match content.occasion {
            Occasion::Alert => "alert",
            Occasion::Daily(_) => "daily",
            Occasion::Weekly(..) => "weekly",
        },
        portal: content.portal_name,
        language: content.language.as_str(),
        articles: content
            .articles
            .iter()
            .map(|article| told(article, content))
            .collect(),
    };
    serde_json::to_string(&told).unwrap_or_default()
}

/// The body of a hook that only says that it came.
pub fn trial_hook(public_url: &str) -> String {
    serde_json::json!({"kind": "test", "from": item::clean(public_url, 200)}).to_string()
}

fn told<'a>(article: &'a crate::domain::article::Article, content: &Content<'_>) -> ToldArticle<'a> {
    let item = Item::new(&Reading::of(article), content);
    ToldArticle {
        id: format!("{}/{}", article.portal, article.key),
        title: item.title,
        lead: item.lead,
        url: item.url,
        page: item.page,
        source: article.source.as_deref(),
        published: article.published.map(|p| p.at.to_rfc3339()),
        precision: article.published.map(|p| match p.precision {
            Precision::Minute => "minute",
            Precision::Day => "day",
        }),
        topics: article.topics.iter().map(|t| t.slug.as_str()).collect(),
        why: item.why,
    }
}
