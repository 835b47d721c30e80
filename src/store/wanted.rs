//! The pages that polling still has to read. A list is read whole and what it shows is noted here at once; the pages follow
//! within the budget of each round. Nothing hangs on the list being read again: a page that fails has a schedule of its
//! own, and a crash or an unchanged list loses none.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::{BeginWrite, Result, Store, on_db};

/// An article that a list showed.
#[derive(Debug, Clone, FromRow)]
pub struct WantedPage {
    /// The portal's own article id.
    pub key: String,
    /// Its page.
    pub url: String,
    /// Its title in the list.
    pub list_title: String,
    /// 1 if it is to be announced, 0 if it stood on the list at the section's first poll.
    pub is_news: i64,
    /// How often its page was asked for in vain.
    pub attempts: i64,
}

/// Within a transaction: notes pages to be read. What is noted already keeps its place and its schedule.
macro_rules! want {
    ($tx:ident, $section:expr, $pages:expr, $now:expr) => {
        for page in $pages {
            sqlx::query(crate::store::wanted::WANT)
                .bind($section)
                .bind(&page.key)
                .bind(&page.url)
                .bind(&page.list_title)
                .bind(page.is_news)
                .bind($now)
                .execute(&mut *$tx)
                .await?;
        }
    };
}
pub(super) use want;

pub(super) const WANT: &str =
    "INSERT INTO wanted_pages (section_id, key, url, list_title, is_news, next_try_at)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (section_id, key) DO UPDATE SET url = excluded.url, list_title = excluded.list_title";

impl Store {
    /// Notes pages to be read, oldest first. What is noted already keeps its place and its schedule.
    pub async fn want_pages(&self, section: i64, pages: &[WantedPage], now: DateTime<Utc>) -> Result<()> {
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            want!(tx, section, pages, now);
            tx.commit().await?;
        });
        Ok(())
    }

    /// At most `limit` pages of a section that are due, in the order in which they were noted.
    pub async fn wanted_pages(
        &self,
        section: i64,
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<WantedPage>> {
        const SQL: &str = "SELECT key, url, list_title, is_news, attempts FROM wanted_pages
            WHERE section_id = $1 AND next_try_at <= $2 ORDER BY is_news DESC, id LIMIT $3";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(section)
            .bind(now)
            .bind(limit)
            .fetch_all(pool)
            .await)?)
    }

    /// A page could not be read: it is asked for again then.
    pub async fn postpone_page(&self, section: i64, key: &str, next: DateTime<Utc>, why: &str) -> Result<()> {
        const SQL: &str = "UPDATE wanted_pages SET attempts = attempts + 1, next_try_at = $3, last_error = $4
            WHERE section_id = $1 AND key = $2";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(section)
            .bind(key)
            .bind(next)
            .bind(why)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// A page is gone for good: nobody asks for it again, whatever lists still show.
    pub async fn forget_page(&self, section: i64, portal: &str, key: &str, now: DateTime<Utc>) -> Result<()> {
        const FORGET: &str = "DELETE FROM wanted_pages WHERE section_id = $1 AND key = $2";
        const TOMBSTONE: &str =
            "INSERT INTO tombstones (portal, key, removed_at, reason) VALUES ($1, $2, $3, 'gone')
            ON CONFLICT DO NOTHING";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            sqlx::query(FORGET)
                .bind(section)
                .bind(key)
                .execute(&mut *tx)
                .await?;
            sqlx::query(TOMBSTONE)
                .bind(portal)
                .bind(key)
                .bind(now)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
        });
        Ok(())
    }
}
