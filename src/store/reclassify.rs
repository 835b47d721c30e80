//! Other topics for stored articles, after the rules changed or staff corrected them. Nobody is told: it is old news.

use chrono::{DateTime, Utc};
use sqlx::{QueryBuilder, types::Json};

use super::{
    BeginWrite, Result, Store,
    archives::join_archives,
    articles::{ArticleRow, article_columns},
    changes::note_change,
    on_db,
    record::{ADD_TOPIC, ADD_WATCH},
};
use crate::domain::{article::Article, topic::Assigned};

/// Other topics for an article.
#[derive(Debug, Clone)]
pub struct Reclassified {
    /// Its row.
    pub article: i64,
    /// When it last changed as it was read: where it was edited since, it is left to whoever edited it.
    pub updated_at: DateTime<Utc>,
    /// In how many sections it stood as it was read: so with another that found it meanwhile, and votes.
    pub sections: usize,
    /// Its topics.
    pub topics: Vec<Assigned>,
}

/// How far the stored articles are classified by some rules.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Classification {
    /// Hash of the rules.
    pub rules: String,
    /// Row id of the last article that is.
    pub done_to: i64,
    /// When no article was left.
    pub finished_at: Option<DateTime<Utc>>,
}

/// Locks the row, if all is as it was read.
const LOCK: &str = "UPDATE articles SET updated_at = updated_at WHERE id = $1 AND updated_at = $2
    AND (SELECT COUNT(*) FROM article_sections WHERE article_id = $1) = $3";

/// Topic watches that the article leaves: those of topics that it no longer has.
const LEAVE: &str = "DELETE FROM article_watches WHERE article_id = $1
    AND watch_id IN (SELECT id FROM watches WHERE kind = 'topic' AND value NOT IN
        (SELECT t.slug FROM article_topics x JOIN topics t ON t.id = x.topic_id WHERE x.article_id = $1))";

const JOIN: &str = "SELECT w.id FROM watches w JOIN topics t ON t.slug = w.value
    JOIN article_topics x ON x.topic_id = t.id WHERE w.kind = 'topic' AND x.article_id = $1";

const SLUGS: &str = "SELECT t.slug FROM article_topics x JOIN topics t ON t.id = x.topic_id
    WHERE x.article_id = $1 ORDER BY t.slug";

/// Within a transaction: an article's topics, its topic watches, and what hangs on them.
macro_rules! put_topics {
    ($tx:ident, $change:expr, $now:expr) => {{
        let article = $change.article;
        let same = sqlx::query(LOCK)
            .bind(article)
            .bind($change.updated_at)
            .bind(i64::try_from($change.sections).unwrap_or(i64::MAX))
            .execute(&mut *$tx)
            .await?;
        if same.rows_affected() == 1 {
            let had: Vec<String> = sqlx::query_scalar(SLUGS)
                .bind(article)
                .fetch_all(&mut *$tx)
                .await?;
            let mut has: Vec<&str> = $change.topics.iter().map(|t| t.slug.as_str()).collect();
            has.sort_unstable();
            let is_moved = had != has;
            if is_moved {
                note_change!($tx, article, $now);
            }
            sqlx::query("DELETE FROM article_topics WHERE article_id = $1")
                .bind(article)
                .execute(&mut *$tx)
                .await?;
            for topic in &$change.topics {
                sqlx::query(ADD_TOPIC)
                    .bind(article)
                    .bind(&topic.slug)
                    .bind(topic.score)
                    .bind(Json(&topic.evidence))
                    .execute(&mut *$tx)
                    .await?;
            }
            if is_moved {
                sqlx::query(LEAVE).bind(article).execute(&mut *$tx).await?;
                let watches: Vec<i64> = sqlx::query_scalar(JOIN)
                    .bind(article)
                    .fetch_all(&mut *$tx)
                    .await?;
                let mut gained = Vec::new();
                for watch in watches {
                    let added = sqlx::query(ADD_WATCH)
                        .bind(article)
                        .bind(watch)
                        .execute(&mut *$tx)
                        .await?;
                    if added.rows_affected() == 1 {
                        gained.push(watch);
                    }
                }
                note_change!($tx, article, $now);
                join_archives!($tx, article, &gained);
            }
        }
    }};
}

impl Store {
    /// Articles with row ids above one, withdrawn ones too (they may come back), by their ids.
    pub async fn articles_after(&self, id: i64, limit: i64) -> Result<Vec<Article>> {
        let rows: Vec<ArticleRow> = on_db!(self.read, |pool| {
            let mut query = QueryBuilder::new(article_columns!());
            query.push(" FROM articles a WHERE a.id > ").push_bind(id);
            query.push(" ORDER BY a.id LIMIT ").push_bind(limit);
            query.build_query_as().fetch_all(pool).await
        })?;
        self.complete(rows).await
    }

    /// How far the stored articles are classified; `None` before the first time.
    pub async fn classification(&self) -> Result<Option<Classification>> {
        const SQL: &str = "SELECT rules, done_to, finished_at FROM classification";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .fetch_optional(pool)
            .await)?)
    }

    /// Begins to classify all stored articles by other rules.
    pub async fn begin_classification(&self, rules: &str) -> Result<()> {
        const SQL: &str = "INSERT INTO classification (id, rules, done_to) VALUES (1, $1, 0)
            ON CONFLICT (id) DO UPDATE SET rules = excluded.rules, done_to = 0, finished_at = NULL
            WHERE classification.rules <> excluded.rules";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(rules)
            .execute(pool)
            .await
            .map(drop)?);
        Ok(())
    }

    /// Gives the articles from one place to another their topics by the rules; all or nothing. `to` is `None` where no
    /// article is left. False, and nothing happens, where another process was there before or has other rules.
    pub async fn classify_chunk(
        &self,
        rules: &str,
        (from, to): (i64, Option<i64>),
        changes: &[Reclassified],
        now: DateTime<Utc>,
    ) -> Result<bool> {
        const MOVE: &str = "UPDATE classification SET done_to = COALESCE($3, done_to), finished_at = $4
            WHERE rules = $1 AND done_to = $2 AND finished_at IS NULL";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let moved = sqlx::query(MOVE)
                .bind(rules)
                .bind(from)
                .bind(to)
                .bind(to.is_none().then_some(now))
                .execute(&mut *tx)
                .await?;
            if moved.rows_affected() == 0 {
                tx.rollback().await?;
                return Ok(false);
            }
            for change in changes {
                put_topics!(tx, change, now);
            }
            tx.commit().await?;
        });
        Ok(true)
    }

    /// Gives one article its topics, silently.
    pub async fn reclassify(&self, change: &Reclassified, now: DateTime<Utc>) -> Result<()> {
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            put_topics!(tx, change, now);
            tx.commit().await?;
        });
        Ok(())
    }
}
