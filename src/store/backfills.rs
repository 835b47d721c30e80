//! How far a backfill came: the cursor of a walk over a section's older list pages. It moves in the transaction that
//! notes what a list page showed, so that a process that dies between two pages neither loses an article nor reads more
//! than one list page twice.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder};

use super::{BeginWrite, DueSection, Result, Store, WantedPage, on_db, wanted::want};

/// A walk that was begun.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct BackfillRow {
    /// The list page to read next; `None` at the end of the list.
    pub next_url: Option<String>,
    /// List pages behind it, from the first one on.
    pub pages_read: i64,
    /// When the end of the list was reached.
    pub done_at: Option<DateTime<Utc>>,
}

impl Store {
    /// A section by its names, as a poll would claim it, but unclaimed: its next poll stays when it is. Every column is
    /// asked for: whatever a [`DueSection`] holds is one.
    pub async fn section_unclaimed(&self, portal: &str, slug: &str) -> Result<Option<DueSection>> {
        const SQL: &str = "SELECT * FROM sections WHERE portal = $1 AND slug = $2 AND retired_at IS NULL";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(portal)
            .bind(slug)
            .fetch_optional(pool)
            .await)?)
    }

    /// How far the walk over a section came; `None` where none was begun.
    pub async fn backfill(&self, section: i64) -> Result<Option<BackfillRow>> {
        const SQL: &str = "SELECT next_url, pages_read, done_at FROM backfills WHERE section_id = $1";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(section)
            .fetch_optional(pool)
            .await)?)
    }

    /// Forgets how far the walk came; articles stay, and so does what is noted to be read.
    pub async fn restart_backfill(&self, section: i64) -> Result<()> {
        on_db!(self.write, |pool| sqlx::query(
            "DELETE FROM backfills WHERE section_id = $1"
        )
        .bind(section)
        .execute(pool)
        .await
        .map(drop))?;
        Ok(())
    }

    /// Notes what a list page showed and moves the cursor `from` where it was on to `to`; all or nothing. `false` where the
    /// cursor is no longer there: another process walks the same section, and nothing was done.
    pub async fn advance_backfill(
        &self,
        section: i64,
        from: Option<&BackfillRow>,
        to: &BackfillRow,
        wanted: &[WantedPage],
        now: DateTime<Utc>,
    ) -> Result<bool> {
        const BEGIN: &str = "INSERT INTO backfills (section_id, next_url, pages_read, done_at, started_at)
            VALUES ($1, $2, $3, $4, $5) ON CONFLICT (section_id) DO NOTHING";
        const MOVE: &str = "UPDATE backfills SET next_url = $2, pages_read = $3, done_at = $4
            WHERE section_id = $1 AND pages_read = $5";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let to_there = sqlx::query(if from.is_some() { MOVE } else { BEGIN })
                .bind(section)
                .bind(to.next_url.as_deref())
                .bind(to.pages_read)
                .bind(to.done_at);
            let to_there = match from {
                Some(from) => to_there.bind(from.pages_read),
                None => to_there.bind(now),
            };
            if to_there.execute(&mut *tx).await?.rows_affected() == 0 {
                return Ok(false);
            }
            want!(tx, section, wanted, now);
            tx.commit().await?;
            Ok(true)
        })
    }

    /// The first page of a section that is due and is to be stored silently. What is news is left to a poll, which
    /// announces it.
    pub async fn wanted_silently(&self, section: i64, now: DateTime<Utc>) -> Result<Option<WantedPage>> {
        const SQL: &str = "SELECT * FROM wanted_pages
            WHERE section_id = $1 AND is_news = 0 AND next_try_at <= $2 ORDER BY id LIMIT 1";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(section)
            .bind(now)
            .fetch_optional(pool)
            .await)?)
    }

    /// The oldest and the newest moment of publication among a portal's stored articles of these keys.
    pub async fn published_between(
        &self,
        portal: &str,
        keys: &[String],
    ) -> Result<Option<(DateTime<Utc>, DateTime<Utc>)>> {
        type Span = (Option<DateTime<Utc>>, Option<DateTime<Utc>>);
        if keys.is_empty() {
            return Ok(None);
        }
        let (oldest, newest): Span = on_db!(self.read, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT MIN(published_at), MAX(published_at) FROM articles WHERE portal = ",
            );
            query.push_bind(portal).push(" AND key IN (");
            let mut list = query.separated(", ");
            for key in keys {
                list.push_bind(key);
            }
            query.push(")");
            query.build_query_as().fetch_one(pool).await
        })?;
        Ok(oldest.zip(newest))
    }
}
