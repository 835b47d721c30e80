//! What a mirror of the articles has yet to hear, in the order of the commits: each article once, as it is now, or that it
//! is gone. Whoever has read up to a place has missed nothing before it, whichever processes wrote at the same time.

use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;

use super::{
    Result, Store,
    find_words::PushWords,
    on_db,
    search::{Filter, push_filter},
};
use crate::domain::article::Article;

/// A place in the order of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangePlace {
    /// The clock of changes.
    pub change: i64,
    /// Row id; orders what changed in one transaction.
    pub id: i64,
}

/// A part of the changes, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct ChangedPart {
    /// Row ids, with the article as it is now; `None` where it was taken away or removed.
    pub articles: Vec<(i64, Option<Article>)>,
    /// The last place of the part, or where it was asked to begin.
    pub last: ChangePlace,
    /// Whether more changes follow already.
    pub goes_on: bool,
}

type Row = (i64, i64, bool);

impl Store {
    /// The place before the first change that happened at a moment or later.
    pub async fn place_before(&self, moment: DateTime<Utc>) -> Result<ChangePlace> {
        const SQL: &str = "SELECT MIN(change) FROM article_changes WHERE changed_at >= $1";
        // Before the statement: what is committed in between is not passed over.
        let clock = self.change_clock().await?;
        let first: Option<i64> = on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(moment)
            .fetch_one(pool)
            .await)?;
        Ok(ChangePlace {
            change: first.map_or(clock, |first| first - 1),
            id: i64::MAX,
        })
    }

    /// When what is told of an article last changed.
    pub async fn article_changed_at(&self, article: i64) -> Result<Option<DateTime<Utc>>> {
        const SQL: &str = "SELECT changed_at FROM article_changes WHERE article_id = $1";
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(article)
            .fetch_optional(pool)
            .await)?)
    }

    /// At most `limit` articles that changed after a place. The filter is asked of articles that are there or were taken
    /// away by their portal; of those removed from here nothing is known any more, and they are told whatever it says.
    pub async fn changed_after(
        &self,
        filter: &Filter,
        after: ChangePlace,
        limit: i64,
    ) -> Result<ChangedPart> {
        let mut rows: Vec<Row> = on_db!(self.read, |pool| {
            let mut sql = QueryBuilder::new(
                "SELECT c.article_id, c.change, a.id IS NULL OR a.withdrawn_at IS NOT NULL FROM article_changes c
                 LEFT JOIN articles a ON a.id = c.article_id WHERE (c.change, c.article_id) > (",
            );
            sql.push_bind(after.change)
                .push(", ")
                .push_bind(after.id)
                .push(") AND (a.id IS NULL OR (TRUE");
            push_filter(&mut sql, filter);
            if let Some(query) = &filter.query {
                PushWords::push_words(&mut sql, query);
            }
            sql.push(")) ORDER BY c.change, c.article_id LIMIT ")
                .push_bind(limit + 1);
            sql.build_query_as().fetch_all(pool).await
        })?;
        let full = usize::try_from(limit).unwrap_or(usize::MAX);
        let goes_on = rows.len() > full;
        rows.truncate(full);
        let there: Vec<i64> = rows.iter().filter(|row| !row.2).map(|row| row.0).collect();
        let mut found = self.articles(&there).await?;
        let mut articles = Vec::with_capacity(rows.len());
        for (id, _, is_gone) in &rows {
            let place = found.iter().position(|article| article.id == *id);
            match place {
                Some(place) => articles.push((*id, Some(found.swap_remove(place)))),
                None if *is_gone => articles.push((*id, None)),
                // Taken away since the first statement: that is a later change, and told then.
                None => {}
            }
        }
        let last = rows.last().map_or(after, |(id, change, _)| ChangePlace {
            change: *change,
            id: *id,
        });
        Ok(ChangedPart {
            articles,
            last,
            goes_on,
        })
    }
}
