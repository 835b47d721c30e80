//! What belongs to a watch, for statements that are put together: lists, archives, searches and the API ask alike.

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
    push_belongs(query, watch);
}

/// ` AND …`: that the article `a` belongs to a watch.
///
/// `EXISTS` and not `IN`: an article is then told from others by indexes alone (`articles_shown`, `articles_archive_month`). By
/// `IN`, SQLite fetches every article of the watch, and finds `withdrawn_at` behind the texts of its row.
pub(super) fn push_belongs<'q, DB>(query: &mut QueryBuilder<DB>, watch: &Watch)
where
    DB: Database,
    String: Encode<'q, DB> + Type<DB>,
{
    if *watch != Watch::All {
        query.push(" AND EXISTS (SELECT 1");
        push_members(query, watch);
        query.push(" AND x.article_id = a.id)");
    }
}

/// ` AND …`: that what tells a row id is one of a watch's articles, all of which are listed once: for statements that pass
/// over many rows before they find a few.
pub(super) fn push_is_one_of<'q, DB>(query: &mut QueryBuilder<DB>, watch: &Watch, id: &str)
where
    DB: Database,
    String: Encode<'q, DB> + Type<DB>,
{
    if *watch != Watch::All {
        query.push(format_args!(" AND {id} IN (SELECT x.article_id"));
        push_members(query, watch);
        query.push(")");
    }
}

/// ` FROM … x WHERE …`: what belongs to a watch, by `article_id`.
fn push_members<'q, DB>(query: &mut QueryBuilder<DB>, watch: &Watch)
where
    DB: Database,
    String: Encode<'q, DB> + Type<DB>,
{
    let (sql, first, second) = match watch {
        Watch::All => return,
        Watch::Topic(slug) => (
            " FROM article_topics x WHERE x.topic_id = (SELECT t.id FROM topics t WHERE t.slug = ",
            slug,
            None,
        ),
        Watch::Section { portal, slug } => (
            " FROM article_sections x WHERE x.section_id = (SELECT s.id FROM sections s WHERE s.portal = ",
            portal,
            Some(slug),
        ),
        Watch::Phrase(phrase) => (
            " FROM article_watches x WHERE x.watch_id = (SELECT p.id FROM watches p WHERE p.kind = 'phrase' AND p.value = ",
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
