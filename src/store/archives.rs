//! Archive documents (RFC 5005, section 4): a month of a watch, which is sealed when it is first asked for. News that is
//! recorded after that goes to a later month; see `settle_month!`. Only what vanishes, and older articles that come to a
//! watch silently or later, drop a document; see `drop_archives!` and `join_archives!`.
//!
//! A row of `archives` is made before its document is written, under the lock of the change clock, which every recording
//! holds as well: from then on the month takes no article more, and the months that its links name stay its neighbours. So
//! documents are written outside of any transaction, however long that takes.

use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;

use super::{
    BeginWrite, Result, Store, StoreError,
    articles::{ArticleRow, article_columns},
    of_watch::push_watch,
    on_db,
};
use crate::domain::{article::Article, month::Month, watch::Watch};

/// Which document: of whom, of when, in which form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArchiveKey {
    /// Whose.
    pub watch: Watch,
    /// The month.
    pub month: Month,
    /// The format, and how much of an article it holds, such as `rss full`.
    pub variant: &'static str,
}

/// A month whose document is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seal {
    /// The clock of changes at this sealing, which dropping a document counts on: one whose row was dropped meanwhile is
    /// not kept.
    number: i64,
    /// Its neighbours, for its links.
    pub neighbours: Neighbours,
}

/// A document as it was first served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its entity tag, which holds for every encoding of the body.
    pub etag: String,
    /// When it was sealed. Not the newest change of its articles: without one that was withdrawn, that would go back, and
    /// who asks by `If-Modified-Since` would keep the text.
    pub sealed_at: DateTime<Utc>,
}

/// The months before and after a month that are over and have articles of the same watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Neighbours {
    /// The next older one.
    pub prev: Option<Month>,
    /// The next newer one.
    pub next: Option<Month>,
}

/// Locks out recordings until the end of the transaction, without counting a change.
const LOCK: &str = "UPDATE change_clock SET value = value WHERE id = 1";

/// Whether the article `$1` may not go to the month `$2`: the month is sealed, or for one of its watches the chain of
/// documents has passed over the month and would never lead there.
pub(super) const IS_CLOSED: &str = "SELECT COUNT(*) FROM archives r WHERE r.month = $2
    OR ((r.month > $2 OR r.next_month > $2)
        AND r.watch_id IN (SELECT w.watch_id FROM article_watches w WHERE w.article_id = $1)
        AND NOT EXISTS (SELECT 1 FROM article_watches v JOIN articles b ON b.id = v.article_id
            WHERE v.watch_id = r.watch_id AND b.archive_month = $2 AND b.withdrawn_at IS NULL AND b.id <> $1))";

pub(super) const SET_MONTH: &str = "UPDATE articles SET archive_month = $2 WHERE id = $1";

/// Within a transaction that holds the clock's lock: gives an article the first month that still takes it. That is the one
/// of its place in lists, or else the current one; or the next, where another machine's clock has passed the turn of the month.
macro_rules! settle_month {
    ($tx:ident, $article:expr, $own:expr, $now:expr) => {
        let current = crate::domain::month::Month::of($now);
        for (at, month) in [$own, current, current.next()].into_iter().enumerate() {
            let closed: i64 = sqlx::query_scalar(crate::store::archives::IS_CLOSED)
                .bind($article)
                .bind(month.to_string())
                .fetch_one(&mut *$tx)
                .await?;
            if closed == 0 || at == 2 {
                if month != $own {
                    sqlx::query(crate::store::archives::SET_MONTH)
                        .bind($article)
                        .bind(month.to_string())
                        .execute(&mut *$tx)
                        .await?;
                }
                break;
            }
        }
    };
}
pub(super) use settle_month;

/// For an article `$1` that comes to the watch `$2`: the watch's documents of the article's month, and those whose links pass
/// over that month.
pub(super) const DROP_JOINED: &str = "DELETE FROM archives
    WHERE watch_id = $2 AND EXISTS (SELECT 1 FROM articles a WHERE a.id = $1
        AND (a.archive_month = month OR (a.archive_month < month AND (prev_month IS NULL OR prev_month < a.archive_month))
            OR (a.archive_month > month AND next_month > a.archive_month)))";

/// Within a transaction that holds the clock's lock: an article comes to watches, and stays in its month.
macro_rules! join_archives {
    ($tx:ident, $article:expr, $watches:expr) => {
        for watch in $watches {
            sqlx::query(crate::store::archives::DROP_JOINED)
                .bind($article)
                .bind(*watch)
                .execute(&mut *$tx)
                .await?;
        }
    };
}
pub(super) use join_archives;

/// The documents of the article's month, and those that link to the month where it has no other article of their watch.
/// Of the whole month: an edit may have taken the article out of a watch after its document was sealed.
pub(super) const DROP: &str = "DELETE FROM archives
    WHERE month = (SELECT archive_month FROM articles WHERE id = $1)
    OR ((prev_month = (SELECT archive_month FROM articles WHERE id = $1)
         OR next_month = (SELECT archive_month FROM articles WHERE id = $1))
        AND NOT EXISTS (SELECT 1 FROM article_watches v JOIN articles b ON b.id = v.article_id
            WHERE v.watch_id = archives.watch_id AND b.withdrawn_at IS NULL AND b.id <> $1
            AND b.archive_month = (SELECT archive_month FROM articles WHERE id = $1)))";

/// Within a transaction that holds the clock's lock: an article vanishes from the archives.
macro_rules! drop_archives {
    ($tx:ident, $article:expr) => {
        sqlx::query(crate::store::archives::DROP)
            .bind($article)
            .execute(&mut *$tx)
            .await?;
    };
}
pub(super) use drop_archives;

/// The newest (`DESC`) or oldest (`ASC`) month of a watch that fits, through any executor. Not by `MAX`: PostgreSQL would look at
/// all articles of a topic.
macro_rules! month_of {
    ($executor:expr, $watch:expr, $order:literal, $($test:literal $month:expr),+) => {{
        let mut query = QueryBuilder::new("SELECT a.archive_month");
        push_watch(&mut query, $watch);
        $(query.push(concat!(" AND a.archive_month ", $test, " ")).push_bind($month.to_string());)+
        query.push(concat!(" ORDER BY a.archive_month ", $order, " LIMIT 1"));
        query.build_query_scalar::<String>().fetch_optional($executor).await?
    }};
}

impl Store {
    /// The months that have a document, newest first, with the number of articles in each. `current` is not over yet.
    pub async fn archive_months(&self, watch: &Watch, current: Month) -> Result<Vec<(Month, i64)>> {
        let rows: Vec<(String, i64)> = on_db!(self.read, |pool| {
            let mut query = QueryBuilder::new("SELECT a.archive_month, COUNT(*)");
            push_watch(&mut query, watch);
            query
                .push(" AND a.archive_month < ")
                .push_bind(current.to_string());
            query.push(" GROUP BY a.archive_month ORDER BY a.archive_month DESC");
            query.build_query_as().fetch_all(pool).await
        })?;
        rows.into_iter()
            .map(|(month, count)| Ok((parse(&month)?, count)))
            .collect()
    }

    /// The newest month that has a document: what the subscription document links to.
    pub async fn newest_archive(&self, watch: &Watch, current: Month) -> Result<Option<Month>> {
        let month = on_db!(self.read, |pool| month_of!(pool, watch, "DESC", "<" current));
        month.as_deref().map(parse).transpose()
    }

    /// The neighbours of a month as they are now. A sealed document keeps those that it had.
    pub async fn archive_neighbours(
        &self,
        watch: &Watch,
        month: Month,
        current: Month,
    ) -> Result<Neighbours> {
        let (prev, next) = on_db!(self.read, |pool| (
            month_of!(pool, watch, "DESC", "<" month),
            month_of!(pool, watch, "ASC", ">" month, "<" current)
        ));
        neighbours(prev.as_deref(), next.as_deref())
    }

    /// Seals a month for a document that is to be written; `None` where it is not over, or has no article of the watch.
    /// A sealing whose process died before the document was written is taken up.
    pub async fn seal_archive(&self, key: &ArchiveKey, now: DateTime<Utc>) -> Result<Option<Seal>> {
        const SEAL: &str = "INSERT INTO archives (watch_id, month, variant, seal, sealed_at, prev_month, next_month)
            SELECT id, $3, $4, (SELECT value FROM change_clock WHERE id = 1), $5, $6, $7 FROM watches WHERE kind = $1 AND value = $2 ON CONFLICT DO NOTHING";
        const SEALED: &str = "SELECT r.seal, r.prev_month, r.next_month FROM archives r
            JOIN watches w ON w.id = r.watch_id WHERE w.kind = $1 AND w.value = $2 AND r.month = $3 AND r.variant = $4";
        let current = Month::of(now);
        let (watch, month) = (&key.watch, key.month);
        if month >= current {
            return Ok(None);
        }
        // Most addresses that name no document need no lock to be told so.
        if on_db!(self.read, |pool| month_of!(pool, watch, "DESC", "=" month)).is_none() {
            return Ok(None);
        }
        let row: Option<(i64, Option<String>, Option<String>)> = on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            sqlx::query(LOCK).execute(&mut *tx).await?;
            if month_of!(&mut *tx, watch, "DESC", "=" month).is_none() {
                return Ok(None);
            }
            let prev = month_of!(&mut *tx, watch, "DESC", "<" month);
            let next = month_of!(&mut *tx, watch, "ASC", ">" month, "<" current);
            sqlx::query(SEAL)
                .bind(watch.kind())
                .bind(watch.value())
                .bind(month.to_string())
                .bind(key.variant)
                .bind(now)
                .bind(prev)
                .bind(next)
                .execute(&mut *tx)
                .await?;
            let row = sqlx::query_as(SEALED)
                .bind(watch.kind())
                .bind(watch.value())
                .bind(month.to_string())
                .bind(key.variant)
                .fetch_optional(&mut *tx)
                .await?;
            tx.commit().await?;
            row
        });
        let Some((number, prev, next)) = row else {
            return Ok(None);
        };
        let neighbours = neighbours(prev.as_deref(), next.as_deref())?;
        Ok(Some(Seal { number, neighbours }))
    }

    /// At most `limit` articles of a month, newest first, older than the article `before` where one is given.
    pub async fn archived(
        &self,
        watch: &Watch,
        month: Month,
        before: Option<i64>,
        limit: i64,
    ) -> Result<Vec<Article>> {
        let rows: Vec<ArticleRow> = on_db!(self.read, |pool| {
            let mut query = QueryBuilder::new(article_columns!());
            push_watch(&mut query, watch);
            query.push(" AND a.archive_month = ").push_bind(month.to_string());
            if let Some(before) = before {
                query.push(
                    " AND (a.listed_at, a.id) < (SELECT b.listed_at, b.id FROM articles b WHERE b.id = ",
                );
                query.push_bind(before).push(")");
            }
            query
                .push(" ORDER BY a.listed_at DESC, a.id DESC LIMIT ")
                .push_bind(limit);
            query.build_query_as().fetch_all(pool).await
        })?;
        self.complete(rows).await
    }

    /// Keeps a document that was written for a sealing, under its entity tag. The first one stays; one whose sealing was
    /// dropped meanwhile is not kept.
    pub async fn keep_archive(&self, key: &ArchiveKey, seal: &Seal, etag: &str, gzip: &[u8]) -> Result<()> {
        const SQL: &str = "UPDATE archives SET body = $5, etag = $6
            WHERE month = $3 AND variant = $4 AND seal = $7 AND body IS NULL
              AND watch_id = (SELECT id FROM watches WHERE kind = $1 AND value = $2)";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(key.watch.kind())
            .bind(key.watch.value())
            .bind(key.month.to_string())
            .bind(key.variant)
            .bind(gzip)
            .bind(etag)
            .bind(seal.number)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// What caches are told of a document; `None` where it is not written.
    pub async fn sealed_archive(&self, key: &ArchiveKey) -> Result<Option<Sealed>> {
        const SQL: &str = "SELECT r.etag, r.sealed_at FROM archives r JOIN watches w ON w.id = r.watch_id
            WHERE w.kind = $1 AND w.value = $2 AND r.month = $3 AND r.variant = $4 AND r.body IS NOT NULL";
        let row: Option<(String, DateTime<Utc>)> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(key.watch.kind())
            .bind(key.watch.value())
            .bind(key.month.to_string())
            .bind(key.variant)
            .fetch_optional(pool)
            .await)?;
        Ok(row.map(|(etag, sealed_at)| Sealed { etag, sealed_at }))
    }

    /// The document itself, as gzip, if it is still the one with that entity tag.
    pub async fn archive_body(&self, key: &ArchiveKey, etag: &str) -> Result<Option<Vec<u8>>> {
        const SQL: &str = "SELECT r.body FROM archives r JOIN watches w ON w.id = r.watch_id
            WHERE w.kind = $1 AND w.value = $2 AND r.month = $3 AND r.variant = $4 AND r.etag = $5";
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(key.watch.kind())
            .bind(key.watch.value())
            .bind(key.month.to_string())
            .bind(key.variant)
            .bind(etag)
            .fetch_optional(pool)
            .await)?)
    }
}

fn neighbours(prev: Option<&str>, next: Option<&str>) -> Result<Neighbours> {
    Ok(Neighbours {
        prev: prev.map(parse).transpose()?,
        next: next.map(parse).transpose()?,
    })
}

fn parse(text: &str) -> Result<Month> {
    text.parse().map_err(|e| StoreError::Unreadable {
        what: "articles.archive_month",
        why: format!("{e}"),
    })
}
