//! Looking again at articles that are known: for edits that their list does not show, and for articles that the portal took
//! away. When to look stands with each article.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{BeginWrite, Result, Store, archives::drop_archives, changes::note_change, on_db};

/// A known article to look at again.
#[derive(Debug, Clone, FromRow)]
pub struct Look {
    /// Its row.
    pub id: i64,
    /// The portal's own article id.
    pub key: String,
    /// Its page.
    pub url: String,
    /// The page's `ETag`, byte for byte.
    pub etag: Option<String>,
    /// The page's `Last-Modified`, byte for byte.
    pub last_modified: Option<String>,
    /// Its place in lists: about when it was published.
    pub listed_at: DateTime<Utc>,
    /// Since when its page is not there.
    pub missing_since: Option<DateTime<Utc>>,
    /// When it was taken away.
    pub withdrawn_at: Option<DateTime<Utc>>,
    /// Its title in the section's list.
    pub list_title: String,
    /// 1 if a section's list showed it when that was last read.
    pub is_listed: i64,
}

/// The columns of a [`Look`]; `$1` is the section.
macro_rules! select_looks {
    ($end:literal) => {
        concat!(
            "SELECT a.id, a.key, a.url, a.etag, a.last_modified, a.listed_at, a.missing_since, a.withdrawn_at, x.list_title,
                COALESCE((SELECT MAX(y.is_listed) FROM article_sections y JOIN sections s ON s.id = y.section_id
                 WHERE y.article_id = a.id AND s.retired_at IS NULL), 0) AS is_listed
            FROM article_sections x JOIN articles a ON a.id = x.article_id WHERE x.section_id = $1 ",
            $end
        )
    };
}

/// What a look found.
#[derive(Debug, Clone, Copy)]
pub enum Seen<'a> {
    /// The page as it was: these are its validators now.
    Same {
        /// `ETag`.
        etag: Option<&'a str>,
        /// `Last-Modified`.
        last_modified: Option<&'a str>,
    },
    /// It could not be had or read; what is known stays.
    Unreadable,
    /// It is not there.
    Missing,
    /// It is not there, and the portal took the article away.
    Withdrawn,
}

impl Store {
    /// Articles of a section that are due for a look, the longest overdue first.
    pub async fn due_looks(&self, section: i64, limit: i64, now: DateTime<Utc>) -> Result<Vec<Look>> {
        const SQL: &str = select_looks!("AND a.next_look_at <= $2 ORDER BY a.next_look_at, a.id LIMIT $3");
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(section)
            .bind(now)
            .bind(limit)
            .fetch_all(pool)
            .await)?)
    }

    /// Articles on a section's list that nobody looked at since `before`, the longest unseen first.
    pub async fn listed_looks(&self, section: i64, limit: i64, before: DateTime<Utc>) -> Result<Vec<Look>> {
        const SQL: &str = select_looks!(
            "AND x.is_listed = 1 AND (a.looked_at IS NULL OR a.looked_at < $2)
            ORDER BY a.looked_at NULLS FIRST, a.id LIMIT $3"
        );
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(section)
            .bind(before)
            .bind(limit)
            .fetch_all(pool)
            .await)?)
    }

    /// The articles that a section's list showed when it was last read.
    pub async fn listed(&self, section: i64) -> Result<Vec<Look>> {
        const SQL: &str = select_looks!("AND x.is_listed = 1 ORDER BY a.listed_at DESC, a.id DESC");
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(section)
            .fetch_all(pool)
            .await)?)
    }

    /// Notes which articles a section's list shows now, by their keys, and that those of `vanished` are to be looked at.
    pub async fn note_listed(
        &self,
        section: i64,
        portal: &str,
        keys: &[&str],
        vanished: &[i64],
        now: DateTime<Utc>,
    ) -> Result<()> {
        const NONE: &str =
            "UPDATE article_sections SET is_listed = 0 WHERE section_id = $1 AND is_listed = 1";
        const LISTED: &str = "UPDATE article_sections SET is_listed = 1 WHERE section_id = $1
            AND article_id = (SELECT id FROM articles WHERE portal = $2 AND key = $3)";
        const LOOK: &str = "UPDATE articles SET next_look_at = $2 WHERE id = $1";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            // In the order in which a removal locks them, and articles before what hangs on them.
            for id in vanished.iter().collect::<BTreeSet<_>>() {
                sqlx::query(LOOK).bind(id).bind(now).execute(&mut *tx).await?;
            }
            sqlx::query(NONE).bind(section).execute(&mut *tx).await?;
            for key in keys {
                sqlx::query(LISTED)
                    .bind(section)
                    .bind(portal)
                    .bind(*key)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
        });
        Ok(())
    }

    /// Notes what a look found, and when the next is due.
    pub async fn note_look(
        &self,
        article: i64,
        seen: Seen<'_>,
        next: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        const SAME: &str =
            "UPDATE articles SET looked_at = $2, next_look_at = $3, etag = $4, last_modified = $5,
                missing_since = NULL WHERE id = $1";
        const UNREADABLE: &str = "UPDATE articles SET looked_at = $2, next_look_at = $3 WHERE id = $1";
        const MISSING: &str = "UPDATE articles SET looked_at = $2, next_look_at = $3,
                missing_since = COALESCE(missing_since, $2), etag = NULL, last_modified = NULL WHERE id = $1";
        const WITHDRAW: &str = "UPDATE articles SET withdrawn_at = $2 WHERE id = $1 AND withdrawn_at IS NULL";
        const TOMBSTONE: &str = "INSERT INTO tombstones (portal, key, removed_at, reason)
            SELECT portal, key, $2, 'withdrawn' FROM articles WHERE id = $1 ON CONFLICT DO NOTHING";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let (sql, etag, last_modified) = match seen {
                Seen::Same { etag, last_modified } => (SAME, etag, last_modified),
                Seen::Unreadable => (UNREADABLE, None, None),
                Seen::Missing | Seen::Withdrawn => (MISSING, None, None),
            };
            let mut query = sqlx::query(sql).bind(article).bind(now).bind(next);
            if matches!(seen, Seen::Same { .. }) {
                query = query.bind(etag).bind(last_modified);
            }
            query.execute(&mut *tx).await?;
            if matches!(seen, Seen::Withdrawn) {
                sqlx::query(TOMBSTONE)
                    .bind(article)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
                let withdrawn = sqlx::query(WITHDRAW).bind(article).bind(now).execute(&mut *tx);
                if withdrawn.await?.rows_affected() > 0 {
                    note_change!(tx, article, now);
                    drop_archives!(tx, article);
                }
            }
            tx.commit().await?;
        });
        Ok(())
    }
}
