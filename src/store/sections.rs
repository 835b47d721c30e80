//! Sections: what is due stands here. A claim moves `next_poll_at` ahead, so that two processes never poll one section
//! at once and a crash needs no cleaning.

use chrono::{DateTime, Utc};
use sqlx::{FromRow, QueryBuilder};

use super::{BeginWrite, Result, Store, on_db};

/// A section as the store knows it.
#[derive(Debug, Clone, FromRow)]
pub struct SectionRow {
    /// Row id.
    pub id: i64,
    /// Portal id.
    pub portal: String,
    /// Section slug.
    pub slug: String,
    /// Title for people.
    pub title: String,
    /// When the last poll ended.
    pub polled_at: Option<DateTime<Utc>>,
    /// When it is due next.
    pub next_poll_at: DateTime<Utc>,
    /// Polls that failed in a row.
    pub failures: i64,
    /// Why the last one failed.
    pub last_error: Option<String>,
    /// Where the portal redirects the list for good.
    pub moved_to: Option<String>,
    /// Polls in a row that were redirected for good.
    pub redirects: i64,
    /// Since when the list answers 410; it is not asked again by itself.
    pub gone_at: Option<DateTime<Utc>>,
    /// Items on the first list page, moving average.
    pub usual_items: Option<f64>,
    /// Share of an article page that is found (0 to 1), moving average.
    pub usual_yield: Option<f64>,
    /// Since when something is broken.
    pub degraded_at: Option<DateTime<Utc>>,
    /// What kind of breakage, one word.
    pub degraded_by: Option<String>,
    /// The same for people.
    pub degraded_why: Option<String>,
}

/// A claimed section.
#[derive(Debug, Clone, FromRow)]
pub struct DueSection {
    /// Row id.
    pub id: i64,
    /// Portal id.
    pub portal: String,
    /// Section slug.
    pub slug: String,
    /// The list page's `ETag`, byte for byte.
    pub etag: Option<String>,
    /// The list page's `Last-Modified`, byte for byte.
    pub last_modified: Option<String>,
    /// End of the first whole poll; `None` means that nothing may be announced yet.
    pub baseline_at: Option<DateTime<Utc>>,
    /// Polls that failed in a row.
    pub failures: i64,
}

/// How a poll ended.
#[derive(Debug)]
pub enum PollResult<'a> {
    /// The list was read, or was the same, and what it shows is noted.
    Done {
        /// New `ETag`.
        etag: Option<&'a str>,
        /// New `Last-Modified`.
        last_modified: Option<&'a str>,
    },
    /// It was not read.
    Failed {
        /// Why.
        why: &'a str,
    },
}

const RETIRE: &str = "UPDATE sections SET retired_at = $1 WHERE retired_at IS NULL";

const UPSERT: &str = "INSERT INTO sections (portal, slug, title, next_poll_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (portal, slug) DO UPDATE SET title = excluded.title, retired_at = NULL";

const CLAIM: &str = "UPDATE sections SET next_poll_at = $2
    WHERE id IN (SELECT id FROM sections WHERE retired_at IS NULL AND next_poll_at <= $1 ORDER BY next_poll_at, id)
      AND retired_at IS NULL AND next_poll_at <= $1
    RETURNING id, portal, slug, etag, last_modified, baseline_at, failures";

impl Store {
    /// Makes the table agree with the configuration: (portal, slug, title) each. New sections are due at once; ones that
    /// are gone are retired, not deleted, since articles stand in them. For the service alone: a command that was started
    /// with other settings must not retire what a running service polls.
    pub async fn sync_sections(&self, sections: &[(&str, &str, &str)], now: DateTime<Utc>) -> Result<()> {
        self.put_sections(sections, true, now).await
    }

    /// Sees that the table has these sections; others stay as they are.
    pub async fn add_sections(&self, sections: &[(&str, &str, &str)], now: DateTime<Utc>) -> Result<()> {
        self.put_sections(sections, false, now).await
    }

    async fn put_sections(
        &self,
        sections: &[(&str, &str, &str)],
        retires_others: bool,
        now: DateTime<Utc>,
    ) -> Result<()> {
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            if retires_others {
                sqlx::query(RETIRE).bind(now).execute(&mut *tx).await?;
            }
            for (portal, slug, title) in sections {
                sqlx::query(UPSERT)
                    .bind(portal)
                    .bind(slug)
                    .bind(title)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
        });
        Ok(())
    }

    /// Claims every due section until `lease`.
    pub async fn claim_due_sections(
        &self,
        now: DateTime<Utc>,
        lease: DateTime<Utc>,
    ) -> Result<Vec<DueSection>> {
        let due = on_db!(self.write, |pool| sqlx::query_as(CLAIM)
            .bind(now)
            .bind(lease)
            .fetch_all(pool)
            .await)?;
        Ok(due)
    }

    /// Keeps claimed sections until a later lease.
    pub async fn keep_sections(&self, ids: &[i64], lease: DateTime<Utc>) -> Result<()> {
        if ids.is_empty() {
            return Ok(());
        }
        on_db!(self.write, |pool| {
            let mut query = QueryBuilder::new("UPDATE sections SET next_poll_at = ");
            query
                .push_bind(lease)
                .push(" WHERE next_poll_at < ")
                .push_bind(lease)
                .push(" AND id IN (");
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(")");
            query.build().execute(pool).await
        }
        .map(drop))?;
        Ok(())
    }

    /// Claims sections until `lease`, due or not, and no others: all, or those of a portal, or one.
    pub async fn claim_named_sections(
        &self,
        portal: Option<&str>,
        section: Option<&str>,
        lease: DateTime<Utc>,
    ) -> Result<Vec<DueSection>> {
        const SQL: &str = "UPDATE sections SET next_poll_at = $1 WHERE retired_at IS NULL
            AND ($2 = '' OR portal = $2) AND ($3 = '' OR slug = $3)
            RETURNING id, portal, slug, etag, last_modified, baseline_at, failures";
        let claimed = on_db!(self.write, |pool| sqlx::query_as(SQL)
            .bind(lease)
            .bind(portal.unwrap_or_default())
            .bind(section.unwrap_or_default())
            .fetch_all(pool)
            .await)?;
        Ok(claimed)
    }

    /// Makes sections due at once: all, or those of a portal, or one. Returns how many.
    pub async fn make_due(
        &self,
        portal: Option<&str>,
        section: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<u64> {
        const SQL: &str = "UPDATE sections SET next_poll_at = $1 WHERE retired_at IS NULL
            AND ($2 = '' OR portal = $2) AND ($3 = '' OR slug = $3)";
        let done = on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(now)
            .bind(portal.unwrap_or_default())
            .bind(section.unwrap_or_default())
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(done)
    }

    /// Ends a poll and says when the next is due.
    pub async fn finish_poll(
        &self,
        id: i64,
        result: &PollResult<'_>,
        next_poll_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        const DONE: &str =
            "UPDATE sections SET etag = $2, last_modified = $3, next_poll_at = $4, polled_at = $5,
            baseline_at = COALESCE(baseline_at, $5), failures = 0, last_error = NULL WHERE id = $1";
        const FAILED: &str = "UPDATE sections SET next_poll_at = $3, polled_at = $4, failures = failures + 1,
            last_error = $2 WHERE id = $1";
        on_db!(self.write, |pool| match result {
            PollResult::Done { etag, last_modified } =>
                sqlx::query(DONE)
                    .bind(id)
                    .bind(*etag)
                    .bind(*last_modified)
                    .bind(next_poll_at)
                    .bind(now)
                    .execute(pool)
                    .await,
            PollResult::Failed { why } =>
                sqlx::query(FAILED)
                    .bind(id)
                    .bind(*why)
                    .bind(next_poll_at)
                    .bind(now)
                    .execute(pool)
                    .await,
        }
        .map(drop))?;
        Ok(())
    }

    /// All sections in force.
    pub async fn sections(&self) -> Result<Vec<SectionRow>> {
        const SQL: &str = "SELECT id, portal, slug, title, polled_at, next_poll_at, failures, last_error,
                moved_to, redirects, gone_at, usual_items, usual_yield, degraded_at, degraded_by, degraded_why
            FROM sections WHERE retired_at IS NULL ORDER BY id";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .fetch_all(pool)
            .await)?)
    }

    /// What is known of an article key: `None` if nothing (it is new), otherwise the title under which this section's
    /// list showed it (`None` if it stood only in others, was removed and must not come back, or has its page still to be read).
    pub async fn known(&self, portal: &str, key: &str, section: i64) -> Result<Option<Known>> {
        const SQL: &str = "SELECT a.id, x.list_title FROM articles a
            LEFT JOIN article_sections x ON x.article_id = a.id AND x.section_id = $3
            WHERE a.portal = $1 AND a.key = $2";
        const NOTED: &str = "SELECT CAST(1 AS BIGINT) FROM tombstones WHERE portal = $1 AND key = $2
            UNION SELECT CAST(1 AS BIGINT) FROM wanted_pages WHERE section_id = $3 AND key = $2";
        on_db!(self.read, |pool| {
            let row: Option<(i64, Option<String>)> = sqlx::query_as(SQL)
                .bind(portal)
                .bind(key)
                .bind(section)
                .fetch_optional(pool)
                .await?;
            if let Some((id, list_title)) = row {
                return Ok(Some(Known {
                    id: Some(id),
                    list_title,
                }));
            }
            let noted: Option<i64> = sqlx::query_scalar(NOTED)
                .bind(portal)
                .bind(key)
                .bind(section)
                .fetch_optional(pool)
                .await?;
            Ok(noted.map(|_| Known {
                id: None,
                list_title: None,
            }))
        })
    }

    /// The newest moment of publication among the announced or silently stored articles of a section.
    pub async fn newest_in_section(&self, section: i64) -> Result<Option<DateTime<Utc>>> {
        const SQL: &str = "SELECT MAX(a.published_at) FROM articles a
            JOIN article_sections x ON x.article_id = a.id WHERE x.section_id = $1";
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(section)
            .fetch_one(pool)
            .await)?)
    }
}

/// What the store knows of an article key.
#[derive(Debug, Clone)]
pub struct Known {
    /// Its row; `None` for a tombstone, and for one whose page is still to be read.
    pub id: Option<i64>,
    /// The title under which the section's list showed it.
    pub list_title: Option<String>,
}
