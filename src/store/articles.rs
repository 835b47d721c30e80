//! Reading articles: rows completed with their topics and sections.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder, types::Json};

use super::{Result, Store, StoreError, on_db};
use crate::domain::{
    article::{Article, Attachment, Image, Precision, Published},
    topic::{Assigned, Evidence},
};

/// The columns of an [`ArticleRow`].
macro_rules! article_columns {
    () => {
        "SELECT a.id, a.portal, a.key, a.url, a.title, a.lead, a.source, a.author, a.published_at, a.published_precision, \
         a.body_html, a.body_text, a.images, a.attachments, a.first_seen_at, a.updated_at"
    };
}
pub(super) use article_columns;

#[derive(FromRow)]
pub(super) struct ArticleRow {
    id: i64,
    portal: String,
    key: String,
    url: String,
    title: String,
    lead: Option<String>,
    source: Option<String>,
    author: Option<String>,
    published_at: Option<DateTime<Utc>>,
    published_precision: Option<String>,
    body_html: String,
    body_text: String,
    images: Json<Vec<Image>>,
    attachments: Json<Vec<Attachment>>,
    first_seen_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

type TopicRow = (i64, String, f64, Json<Vec<Evidence>>);

impl Store {
    /// One article that was not withdrawn.
    pub async fn article(&self, id: i64) -> Result<Option<Article>> {
        Ok(self.articles(&[id]).await?.pop())
    }

    /// Whether there is such an article that the portal took away.
    pub async fn is_withdrawn(&self, id: i64) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM articles WHERE id = $1 AND withdrawn_at IS NOT NULL";
        let found: i64 = on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(id)
            .fetch_one(pool)
            .await)?;
        Ok(found > 0)
    }

    /// The articles with these ids that were not withdrawn, newest first.
    pub async fn articles(&self, ids: &[i64]) -> Result<Vec<Article>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<ArticleRow> = on_db!(self.read, |pool| {
            let mut query = QueryBuilder::new(article_columns!());
            query.push(" FROM articles a WHERE a.withdrawn_at IS NULL AND a.id IN (");
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(") ORDER BY a.listed_at DESC, a.id DESC");
            query.build_query_as().fetch_all(pool).await
        })?;
        self.complete(rows).await
    }

    /// The files of an article as they are known; none where the article is not.
    pub async fn attachments(&self, portal: &str, key: &str) -> Result<Vec<Attachment>> {
        const SQL: &str = "SELECT attachments FROM articles WHERE portal = $1 AND key = $2";
        let known: Option<Json<Vec<Attachment>>> = on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(portal)
            .bind(key)
            .fetch_optional(pool)
            .await)?;
        Ok(known.map(|json| json.0).unwrap_or_default())
    }

    /// Adds topics and sections: two statements, however many articles.
    pub(super) async fn complete(&self, rows: Vec<ArticleRow>) -> Result<Vec<Article>> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let (topics, sections): (Vec<TopicRow>, Vec<(i64, String, String)>) = on_db!(self.read, |pool| {
            let ids = |sql: &'static str, order: &'static str| {
                let mut query = QueryBuilder::new(sql);
                let mut list = query.separated(", ");
                for row in &rows {
                    list.push_bind(row.id);
                }
                query.push(order);
                query
            };
            (
                ids(TOPICS, ") ORDER BY x.score DESC, t.position")
                    .build_query_as()
                    .fetch_all(pool)
                    .await?,
                ids(SECTIONS, ") ORDER BY s.id")
                    .build_query_as()
                    .fetch_all(pool)
                    .await?,
            )
        });
        let mut topics_of: HashMap<i64, Vec<Assigned>> = HashMap::new();
        for (article, slug, score, Json(evidence)) in topics {
            topics_of.entry(article).or_default().push(Assigned {
                slug,
                score,
                evidence,
            });
        }
        let mut sections_of: HashMap<i64, Vec<(String, String)>> = HashMap::new();
        for (article, slug, title) in sections {
            sections_of.entry(article).or_default().push((slug, title));
        }
        rows.into_iter()
            .map(|row| {
                let topics = topics_of.remove(&row.id).unwrap_or_default();
                let sections = sections_of.remove(&row.id).unwrap_or_default();
                row.into_article(topics, sections)
            })
            .collect()
    }
}

const TOPICS: &str = "SELECT x.article_id, t.slug, x.score, x.evidence FROM article_topics x
    JOIN topics t ON t.id = x.topic_id WHERE x.article_id IN (";
const SECTIONS: &str = "SELECT x.article_id, s.slug, s.title FROM article_sections x
    JOIN sections s ON s.id = x.section_id WHERE x.article_id IN (";

impl ArticleRow {
    fn into_article(self, topics: Vec<Assigned>, sections: Vec<(String, String)>) -> Result<Article> {
        let precision = match self.published_precision.as_deref() {
            None | Some("minute") => Precision::Minute,
            Some("day") => Precision::Day,
            Some(other) => {
                let why = format!("unknown precision {other:?}");
                return Err(StoreError::Unreadable {
                    what: "articles.published_precision",
                    why,
                });
            }
        };
        Ok(Article {
            id: self.id,
            portal: self.portal,
            key: self.key,
            url: self.url,
            title: self.title,
            lead: self.lead,
            source: self.source,
            author: self.author,
            published: self.published_at.map(|at| Published { at, precision }),
            body_html: self.body_html,
            body_text: self.body_text,
            images: self.images.0,
            attachments: self.attachments.0,
            first_seen_at: self.first_seen_at,
            updated_at: self.updated_at,
            topics,
            sections,
        })
    }
}
