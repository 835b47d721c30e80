//! What belongs to a watch, for statements that are put together: the same as its lists show.

use chrono::{DateTime, Utc};
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::{Result, Store, on_db};
use crate::domain::watch::Watch;

/// ` FROM articles a WHERE …`: what is of a watch, as its lists show it.
pub(super) fn push_watch<'q, DB>(query: &mut QueryBuilder<DB>, watch: &Watch)
where
    DB: Database,
    String: Encode<'q, DB> + Type<DB>,
{
    query.push(" FROM articles a WHERE a.withdrawn_at IS NULL");
    let (sql, first, second) = match watch {
        Watch::All => return,
        Watch::Topic(slug) => (
            " AND a.id IN (SELECT x.article_id FROM article_topics x JOIN topics t ON t.id = x.topic_id WHERE t.slug = ",
            slug,
            None,
        ),
        Watch::Section { portal, slug } => (
            " AND a.id IN (SELECT x.article_id FROM article_sections x JOIN sections s ON s.id = x.section_id WHERE s.portal = ",
            portal,
            Some(slug),
        ),
        Watch::Phrase(phrase) => (
            " AND a.id IN (SELECT x.article_id FROM article_watches x JOIN watches w ON w.id = x.watch_id WHERE w.kind = 'phrase' AND w.value = ",
            phrase,
            None,
        ),
    };
    query.push(sql).push_bind(first.clone());
    if let Some(slug) = second {
        query.push(" AND s.slug = ").push_bind(slug.clone());
    }
    query.push(")");
}

impl Store {
    /// How many articles of a watch stand in lists at or after a moment.
    pub async fn articles_since(&self, watch: &Watch, since: DateTime<Utc>) -> Result<i64> {
        Ok(on_db!(self.read, |pool| {
            let mut query = QueryBuilder::new("SELECT COUNT(*)");
            push_watch(&mut query, watch);
            query.push(" AND a.listed_at >= ").push_bind(since);
            query.build_query_scalar().fetch_one(pool).await
        })?)
    }
}
