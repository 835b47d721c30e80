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
    /// The address that the validators belong to; empty before the first poll.
    pub url: String,
    /// Where the list was redirected for good.
    pub moved_to: Option<String>,
    /// Polls in a row that were redirected for good.
    pub redirects: i64,
    /// Items on the first list page, moving average.
    pub usual_items: Option<f64>,
    /// Share of an article page that is found (0 to 1), moving average over many pages.
    pub usual_yield: Option<f64>,
    /// The same over the last few.
    pub recent_yield: Option<f64>,
    /// What kind of breakage there is, one word.
    pub degraded_by: Option<String>,
}

/// The columns of a [`DueSection`].
macro_rules! returning_due {
    ($sql:literal) => {
        concat!(
            $sql,
            " RETURNING id, portal, slug, etag, last_modified, baseline_at, failures, url, moved_to, redirects,",
            " usual_items, usual_yield, recent_yield, degraded_by"
        )
    };
}

const RETIRE: &str = "UPDATE sections SET retired_at = $1 WHERE retired_at IS NULL";

const UPSERT: &str = "INSERT INTO sections (portal, slug, title, next_poll_at) VALUES ($1, $2, $3, $4)
    ON CONFLICT (portal, slug) DO UPDATE SET title = excluded.title, retired_at = NULL";

const CLAIM: &str = returning_due!(
    "UPDATE sections SET next_poll_at = $2
    WHERE id IN (SELECT id FROM sections WHERE retired_at IS NULL AND gone_at IS NULL AND next_poll_at <= $1)
      AND retired_at IS NULL AND gone_at IS NULL AND next_poll_at <= $1"
);

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
        const SQL: &str = returning_due!(
            "UPDATE sections SET next_poll_at = $1 WHERE retired_at IS NULL
            AND ($2 = '' OR portal = $2) AND ($3 = '' OR slug = $3)"
        );
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

    /// Tells the table where the lists are now, (portal, slug, address) each. A section whose address was changed is due at
    /// once, also one that was given up as gone; what was known of the old address is forgotten.
    pub async fn sync_addresses(&self, sections: &[(&str, &str, String)], now: DateTime<Utc>) -> Result<()> {
        const SQL: &str =
            "UPDATE sections SET next_poll_at = $4, etag = NULL, last_modified = NULL, moved_to = NULL,
                redirects = 0, gone_at = NULL, usual_items = NULL, url = $3
            WHERE portal = $1 AND slug = $2 AND url <> $3 AND url <> ''";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            for (portal, slug, url) in sections {
                sqlx::query(SQL)
                    .bind(portal)
                    .bind(slug)
                    .bind(url)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
            }
            tx.commit().await?;
        });
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
        const SQL: &str = "SELECT a.id, x.list_title, a.withdrawn_at FROM articles a
            LEFT JOIN article_sections x ON x.article_id = a.id AND x.section_id = $3
            WHERE a.portal = $1 AND a.key = $2";
        const NOTED: &str = "SELECT CAST(1 AS BIGINT) FROM tombstones WHERE portal = $1 AND key = $2
            UNION SELECT CAST(1 AS BIGINT) FROM wanted_pages WHERE section_id = $3 AND key = $2";
        on_db!(self.read, |pool| {
            let row: Option<(i64, Option<String>, Option<DateTime<Utc>>)> = sqlx::query_as(SQL)
                .bind(portal)
                .bind(key)
                .bind(section)
                .fetch_optional(pool)
                .await?;
            if let Some((id, list_title, withdrawn_at)) = row {
                return Ok(Some(Known {
                    id: Some(id),
                    list_title,
                    is_withdrawn: withdrawn_at.is_some(),
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
                is_withdrawn: false,
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
    /// The portal took it away.
    pub is_withdrawn: bool,
}
