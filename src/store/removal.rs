//! Articles that go for good: too old to be kept, or removed by the operator. Each leaves a tombstone, so that neither a
//! list that still shows it nor a backfill brings it back; the tombstone remembers what is needed to answer for it, and
//! to take the article in again if the removal was a mistake.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, PgConnection, SqliteConnection, types::Json};

use super::{BeginWrite, Result, Store, archives::drop_archives, changes::note_change, on_db};

/// How an operator may name an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ArticleName {
    /// The number in the address of its page.
    Id(i64),
    /// What its identity in feeds says.
    Key {
        /// Portal id.
        portal: String,
        /// The portal's own article id.
        key: String,
    },
    /// Its address on the portal.
    Url(String),
}

/// An article that was removed, or is to be.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Removable {
    /// Portal id.
    pub portal: String,
    /// The portal's own article id.
    pub key: String,
    /// Its address on the portal, where that is known.
    pub url: Option<String>,
    /// Its title; none once it is removed.
    pub title: Option<String>,
}

/// Why an article is not there any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// The portal took it away.
    Withdrawn,
    /// It was removed here: by the operator, or because of its age.
    Removed,
}

/// Where a lifted tombstone says that the article was: address and sections.
type Lifted = (Option<String>, Option<Json<Vec<i64>>>);

/// Of a withdrawn article there is a tombstone already: this one outlives it.
const TOMBSTONE: &str = "INSERT INTO tombstones (portal, key, removed_at, reason, article_id, url, section_ids, note)
    SELECT portal, key, $2, $3, id, url, $4, $5 FROM articles WHERE id = $1
    ON CONFLICT (portal, key) DO UPDATE SET removed_at = excluded.removed_at, reason = excluded.reason,
        article_id = excluded.article_id, url = excluded.url, section_ids = excluded.section_ids, note = excluded.note";

const FORGET_PAGES: &str = "DELETE FROM wanted_pages WHERE key = (SELECT key FROM articles WHERE id = $1)
    AND section_id IN (SELECT id FROM sections WHERE portal = (SELECT portal FROM articles WHERE id = $1))";

/// Whether a removed article was recorded all the same; `$1` and `$2` are its portal and key.
pub(super) const IS_REMOVED: &str = "SELECT COUNT(*) FROM tombstones
    WHERE portal = $1 AND key = $2 AND reason IN ('removed', 'retention')";

/// A transaction that removes articles. Whoever records an article or looks at it locks its row, and then the clock of changes:
/// all rows are locked before the first `note_change!`, or two transactions would wait for each other.
trait LockArticles {
    /// Locks the articles in the order of their ids, and gives those that are there.
    async fn lock_articles(&mut self, ids: &[i64]) -> sqlx::Result<Vec<i64>>;
}

impl LockArticles for SqliteConnection {
    /// Its transactions lock the whole database from their first statement on.
    async fn lock_articles(&mut self, ids: &[i64]) -> sqlx::Result<Vec<i64>> {
        const SQL: &str = "SELECT id FROM articles WHERE id IN (SELECT value FROM json_each($1)) ORDER BY id";
        sqlx::query_scalar(SQL).bind(Json(ids)).fetch_all(self).await
    }
}

impl LockArticles for PgConnection {
    /// `FOR UPDATE`, as the `DELETE` will: a weaker one would let through who is about to add a section to the article.
    async fn lock_articles(&mut self, ids: &[i64]) -> sqlx::Result<Vec<i64>> {
        const SQL: &str = "SELECT id FROM articles WHERE id = ANY($1) ORDER BY id FOR UPDATE";
        sqlx::query_scalar(SQL).bind(ids).fetch_all(self).await
    }
}

/// Within a transaction that holds the article's row: the feeds notice, archive documents lose it, the tombstone stands, and the rows go. Deliveries that
/// are still owed read their articles when they are sent, and do not find it.
macro_rules! remove_article {
    ($tx:ident, $article:expr, $reason:expr, $note:expr, $now:expr) => {
        note_change!($tx, $article, $now);
        drop_archives!($tx, $article);
        let sections: Vec<i64> = sqlx::query_scalar(
            "SELECT section_id FROM article_sections WHERE article_id = $1 ORDER BY section_id",
        )
        .bind($article)
        .fetch_all(&mut *$tx)
        .await?;
        sqlx::query(TOMBSTONE)
            .bind($article)
            .bind($now)
            .bind($reason)
            .bind(Json(&sections))
            .bind($note)
            .execute(&mut *$tx)
            .await?;
        for sql in [FORGET_PAGES, "DELETE FROM articles WHERE id = $1"] {
            sqlx::query(sql).bind($article).execute(&mut *$tx).await?;
        }
    };
}

impl Store {
    /// Removes at most `limit` articles whose place in lists is before `older_than`, oldest first. Returns how many.
    pub async fn remove_old_articles(
        &self,
        older_than: DateTime<Utc>,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<usize> {
        const OLD: &str = "SELECT id FROM articles WHERE listed_at < $1 ORDER BY listed_at, id LIMIT $2";
        let old: Vec<i64> = on_db!(self.read, |pool| sqlx::query_scalar(OLD)
            .bind(older_than)
            .bind(limit)
            .fetch_all(pool)
            .await)?;
        if old.is_empty() {
            return Ok(0);
        }
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            // Those alone that nobody removed meanwhile.
            let old = tx.lock_articles(&old).await?;
            for id in &old {
                remove_article!(tx, *id, "retention", None::<&str>, now);
            }
            tx.commit().await?;
            Ok(old.len())
        })
    }

    /// Removes an article for good, for a reason that is kept with its tombstone. Of one that is gone already, only the
    /// tombstone is changed. `None` where nothing is known of such an article.
    pub async fn remove_article(
        &self,
        name: &ArticleName,
        why: &str,
        now: DateTime<Utc>,
    ) -> Result<Option<Removable>> {
        const AGAIN: &str =
            "UPDATE tombstones SET reason = 'removed', note = $3 WHERE portal = $1 AND key = $2";
        let Some((id, found)) = self.stored(name).await? else {
            let Some(known) = self.buried(name).await? else {
                return Ok(None);
            };
            on_db!(self.write, |pool| sqlx::query(AGAIN)
                .bind(&known.portal)
                .bind(&known.key)
                .bind(why)
                .execute(pool)
                .await
                .map(drop))?;
            return Ok(Some(known));
        };
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            tx.lock_articles(&[id]).await?;
            remove_article!(tx, id, "removed", Some(why), now);
            tx.commit().await?;
        });
        Ok(Some(found))
    }

    /// Lifts a tombstone that was set here, and has the article read again: silently, at the next poll of a section that it
    /// stood in. `None` where there is none.
    pub async fn restore_article(&self, name: &ArticleName, now: DateTime<Utc>) -> Result<Option<Removable>> {
        const LIFT: &str = "DELETE FROM tombstones WHERE portal = $1 AND key = $2
            AND reason IN ('removed', 'retention') RETURNING url, section_ids";
        const WANT: &str =
            "INSERT INTO wanted_pages (section_id, key, url, list_title, is_news, next_try_at)
            SELECT id, $2, $3, '', 0, $4 FROM sections WHERE id = $1 AND retired_at IS NULL ON CONFLICT DO NOTHING";
        let Some(known) = self.buried(name).await? else {
            return Ok(None);
        };
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let lifted: Option<Lifted> = sqlx::query_as(LIFT)
                .bind(&known.portal)
                .bind(&known.key)
                .fetch_optional(&mut *tx)
                .await?;
            let Some((url, sections)) = lifted else {
                return Ok(None);
            };
            if let (Some(url), Some(Json(sections))) = (url, sections) {
                for section in sections {
                    sqlx::query(WANT)
                        .bind(section)
                        .bind(&known.key)
                        .bind(&url)
                        .bind(now)
                        .execute(&mut *tx)
                        .await?;
                }
            }
            tx.commit().await?;
        });
        Ok(Some(known))
    }

    /// Whether and why an article that was once under this number is gone.
    pub async fn gone(&self, id: i64) -> Result<Option<Gone>> {
        const REMOVED: &str =
            "SELECT COUNT(*) FROM tombstones WHERE article_id = $1 AND reason IN ('removed', 'retention')";
        if self.is_withdrawn(id).await? {
            return Ok(Some(Gone::Withdrawn));
        }
        let removed: i64 = on_db!(self.read, |pool| sqlx::query_scalar(REMOVED)
            .bind(id)
            .fetch_one(pool)
            .await)?;
        Ok((removed > 0).then_some(Gone::Removed))
    }

    async fn stored(&self, name: &ArticleName) -> Result<Option<(i64, Removable)>> {
        const SQL: &str = "SELECT id, portal, key, url, title FROM articles
            WHERE id = $1 OR (portal = $2 AND key = $3) OR url = $4 ORDER BY id LIMIT 1";
        let (id, portal, key, url) = name.parts();
        let row: Option<(i64, String, String, String, String)> =
            on_db!(self.read, |pool| sqlx::query_as(SQL)
                .bind(id)
                .bind(portal)
                .bind(key)
                .bind(url)
                .fetch_optional(pool)
                .await)?;
        Ok(row.map(|(id, portal, key, url, title)| {
            let found = Removable {
                portal,
                key,
                url: Some(url),
                title: Some(title),
            };
            (id, found)
        }))
    }

    async fn buried(&self, name: &ArticleName) -> Result<Option<Removable>> {
        const SQL: &str = "SELECT portal, key, url, CAST(NULL AS TEXT) AS title FROM tombstones
            WHERE article_id = $1 OR (portal = $2 AND key = $3) OR url = $4 ORDER BY removed_at DESC LIMIT 1";
        let (id, portal, key, url) = name.parts();
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(id)
            .bind(portal)
            .bind(key)
            .bind(url)
            .fetch_optional(pool)
            .await)?)
    }
}

impl ArticleName {
    fn parts(&self) -> (Option<i64>, Option<&str>, Option<&str>, Option<&str>) {
        match self {
            Self::Id(id) => (Some(*id), None, None, None),
            Self::Key { portal, key } => (None, Some(portal), Some(key), None),
            Self::Url(url) => (None, None, None, Some(url)),
        }
    }
}
