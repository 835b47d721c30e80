//! Recording an article: the one transaction in which the article, its topics, its watches and the fan-out that it
//! owes come to be, so that what is stored and what is owed can never disagree.

use chrono::{DateTime, SubsecRound as _, Utc};
use sqlx::types::Json;

use super::{
    BeginWrite, FanoutId, Result, Store,
    archives::{join_archives, settle_month},
    changes::note_change,
    fanouts::prove_open,
    on_db,
    removal::IS_REMOVED,
    words::{ArticleWords, KeepWords as _, WORDS_VERSION},
};
use crate::domain::{
    article::{Extracted, Published},
    month::Month,
    topic::Assigned,
};

/// An article to record.
#[derive(Debug)]
pub struct NewArticle<'a> {
    /// Portal id.
    pub portal: &'a str,
    /// What its page says.
    pub page: &'a Extracted,
    /// Hash of the normalised values; another hash is a material edit.
    pub content_hash: &'a str,
    /// Its topics.
    pub topics: &'a [Assigned],
    /// Row ids of the watches that it matches.
    pub watches: &'a [i64],
    /// The section it was found in, and its title in that list.
    pub section: (i64, &'a str),
    /// The round that announces it; `None` records silently.
    pub announce: Option<FanoutId>,
    /// Validators of its page, `ETag` and `Last-Modified`, byte for byte.
    pub validators: (Option<&'a str>, Option<&'a str>),
    /// When to look at it again if it is new or the same; `None` for never.
    pub next_look_at: Option<DateTime<Utc>>,
    /// When to look at it again if it was edited: an edit is often followed by another.
    pub edited_look_at: Option<DateTime<Utc>>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// What recording did. Holds the article's row id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// First seen.
    New(i64),
    /// Known, and materially edited.
    Changed(i64),
    /// Known, and the same.
    Same(i64),
    /// Not stored: it was removed here, and stays away until its tombstone is lifted. It has no row.
    Removed,
}

const INSERT: &str =
    "INSERT INTO articles (portal, key, url, title, lead, source, author, published_at, published_precision,
        body_html, body_text, images, attachments, content_hash, first_seen_at, updated_at, search_version, listed_at,
        archive_month)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $15, $16, $17, $18)
    ON CONFLICT (portal, key) DO NOTHING RETURNING id";

const KEEP_OLD: &str =
    "INSERT INTO revisions (article_id, content_hash, title, lead, body_html, body_text, replaced_at)
    SELECT id, content_hash, title, lead, body_html, body_text, $4 FROM articles
    WHERE portal = $1 AND key = $2 AND content_hash <> $3 ON CONFLICT DO NOTHING";

/// The moment of publication is the first that the portal told: readers take a later one for a new article.
const UPDATE: &str = "UPDATE articles SET url = $3, title = $4, lead = $5, source = $6, author = $7,
        published_at = COALESCE(published_at, $8),
        published_precision = CASE WHEN published_at IS NULL THEN $9 ELSE published_precision END,
        body_html = $10, body_text = $11, images = $12, attachments = $13, content_hash = $14,
        updated_at = $15, search_version = $16
    WHERE portal = $1 AND key = $2 AND content_hash <> $14 RETURNING id";

/// The place in lists: the portal's moment, but never later than first seen; a date without a time of day that is
/// today's keeps the moment of first sight, so that the day's articles stand in the order in which they came. A whole second,
/// which searches on SQLite rely on; articles of one second stand in the order of their row ids.
fn listed_at(published: Option<Published>, now: DateTime<Utc>) -> DateTime<Utc> {
    use crate::domain::{article::Precision, time};
    let moment = match published.filter(Published::is_plausible) {
        Some(p) if p.precision == Precision::Day && time::same_day(p.at, now) => now,
        Some(p) => p.at.min(now),
        None => now,
    };
    moment.trunc_subsecs(0)
}

/// Binds an article's columns, `$1` to `$16` of [`INSERT`] and [`UPDATE`].
macro_rules! bind_article {
    ($sql:expr, $article:expr) => {{
        let page = $article.page;
        sqlx::query_scalar::<_, i64>($sql)
            .bind($article.portal)
            .bind(&page.key)
            .bind(&page.url)
            .bind(&page.title)
            .bind(page.lead.as_deref())
            .bind(page.source.as_deref())
            .bind(page.author.as_deref())
            .bind(page.published.map(|p| p.at))
            .bind(page.published.map(|p| p.precision.as_str()))
            .bind(&page.body_html)
            .bind(&page.body_text)
            .bind(Json(&page.images))
            .bind(Json(&page.attachments))
            .bind($article.content_hash)
            .bind($article.now)
            .bind(WORDS_VERSION)
    }};
}

/// Within a transaction: the article's own row, and a revision where it was edited.
macro_rules! put_article {
    ($tx:ident, $article:expr, $listed:expr, $month:expr) => {{
        let inserted = bind_article!(INSERT, $article)
            .bind($listed)
            .bind($month.to_string())
            .fetch_optional(&mut *$tx)
            .await?;
        if let Some(id) = inserted {
            Recorded::New(id)
        } else {
            sqlx::query(KEEP_OLD)
                .bind($article.portal)
                .bind(&$article.page.key)
                .bind($article.content_hash)
                .bind($article.now)
                .execute(&mut *$tx)
                .await?;
            match bind_article!(UPDATE, $article).fetch_optional(&mut *$tx).await? {
                Some(id) => Recorded::Changed(id),
                None => sqlx::query_scalar("SELECT id FROM articles WHERE portal = $1 AND key = $2")
                    .bind($article.portal)
                    .bind(&$article.page.key)
                    .fetch_optional(&mut *$tx)
                    .await?
                    .map_or(Recorded::Removed, Recorded::Same),
            }
        }
    }};
}

/// Within a transaction: the section that it stands in, whose page is read now, and the watches that it belongs to.
macro_rules! put_places {
    ($tx:ident, $article:expr, $id:expr) => {
        sqlx::query(ADD_SECTION)
            .bind($id)
            .bind($article.section.0)
            .bind($article.section.1)
            .execute(&mut *$tx)
            .await?;
        sqlx::query(FORGET_PAGE)
            .bind($article.section.0)
            .bind(&$article.page.key)
            .execute(&mut *$tx)
            .await?;
        for watch in $article.watches {
            sqlx::query(ADD_WATCH)
                .bind($id)
                .bind(watch)
                .execute(&mut *$tx)
                .await?;
        }
    };
}

impl Store {
    /// Records an article; all or nothing.
    pub async fn record(&self, article: &NewArticle<'_>) -> Result<Recorded> {
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let listed = listed_at(article.page.published, article.now);
            let month = Month::of(listed);
            let recorded = put_article!(tx, article, listed, month);
            let (Recorded::New(id) | Recorded::Changed(id) | Recorded::Same(id)) = recorded else {
                // Removed between the two statements.
                tx.rollback().await?;
                return self.leave_removed(article).await;
            };
            let had: Vec<i64> =
                sqlx::query_scalar("SELECT watch_id FROM article_watches WHERE article_id = $1")
                    .bind(id)
                    .fetch_all(&mut *tx)
                    .await?;
            if let Recorded::Changed(id) = recorded {
                note_change!(tx, id, article.now);
                for sql in ["DELETE FROM article_topics WHERE article_id = $1", FORGET_MATCHES] {
                    sqlx::query(sql).bind(id).execute(&mut *tx).await?;
                }
            }
            if !matches!(recorded, Recorded::Same(_)) {
                let page = article.page;
                let words = ArticleWords::of(&page.title, page.lead.as_deref(), &page.body_text);
                tx.write_words(id, &words).await?;
                for topic in article.topics {
                    sqlx::query(ADD_TOPIC)
                        .bind(id)
                        .bind(&topic.slug)
                        .bind(topic.score)
                        .bind(Json(&topic.evidence))
                        .execute(&mut *tx)
                        .await?;
                }
            }
            let back: Option<Option<String>> = sqlx::query_scalar(RETURN)
                .bind(id)
                .fetch_optional(&mut *tx)
                .await?;
            sqlx::query(THERE)
                .bind(id)
                .bind(article.now)
                .bind(article.validators.0)
                .bind(article.validators.1)
                .bind(match recorded {
                    Recorded::Changed(_) => article.edited_look_at,
                    Recorded::New(_) | Recorded::Same(_) | Recorded::Removed => article.next_look_at,
                })
                .execute(&mut *tx)
                .await?;
            sqlx::query(RAISE_AGAIN).bind(id).execute(&mut *tx).await?;
            put_places!(tx, article, id);
            let joined = || article.watches.iter().filter(|watch| !had.contains(watch));
            if let (Recorded::New(_), Some(round)) = (recorded, article.announce) {
                prove_open!(tx, round, article.now);
                sqlx::query("INSERT INTO fanout_articles (article_id, fanout_id) VALUES ($1, $2)")
                    .bind(id)
                    .bind(round.0)
                    .execute(&mut *tx)
                    .await?;
            }
            if !matches!(recorded, Recorded::Same(_)) || back.is_some() || joined().next().is_some() {
                note_change!(tx, id, article.now);
            }
            // From here on nobody else removes, withdraws or seals.
            if matches!(recorded, Recorded::New(_)) {
                let removed: i64 = sqlx::query_scalar(IS_REMOVED)
                    .bind(article.portal)
                    .bind(&article.page.key)
                    .fetch_one(&mut *tx)
                    .await?;
                if removed > 0 {
                    tx.rollback().await?;
                    return self.leave_removed(article).await;
                }
                // Silent: a first poll or a backfill, whose articles would all be of the current month after the first
                // sealing.
                if article.announce.is_some() {
                    settle_month!(tx, id, month, article.now);
                } else {
                    join_archives!(tx, id, article.watches);
                }
            } else if let Some(month) = back {
                let month = month
                    .and_then(|month| month.parse().ok())
                    .unwrap_or(Month::of(listed));
                settle_month!(tx, id, month, article.now);
            } else {
                join_archives!(tx, id, joined());
            }
            tx.commit().await?;
            Ok(recorded)
        })
    }

    /// Nothing is stored of an article that was removed, and its page is not asked for again.
    async fn leave_removed(&self, article: &NewArticle<'_>) -> Result<Recorded> {
        on_db!(self.write, |pool| sqlx::query(FORGET_PAGE)
            .bind(article.section.0)
            .bind(&article.page.key)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(Recorded::Removed)
    }
}

const FORGET_PAGE: &str = "DELETE FROM wanted_pages WHERE section_id = $1 AND key = $2";

/// The page is there, whatever it was before: an article that the portal took away and brought back is the old one, with
/// its old identity, and announced to nobody.
const THERE: &str = "UPDATE articles SET looked_at = $2, etag = $3, last_modified = $4, next_look_at = $5,
        missing_since = NULL WHERE id = $1";

const RETURN: &str = "UPDATE articles SET withdrawn_at = NULL WHERE id = $1 AND withdrawn_at IS NOT NULL
    RETURNING archive_month";

const RAISE_AGAIN: &str = "DELETE FROM tombstones WHERE reason = 'withdrawn'
    AND (portal, key) IN (SELECT portal, key FROM articles WHERE id = $1)";

/// An edit may lose a topic or a phrase; the sections that it stands in stay.
const FORGET_MATCHES: &str = "DELETE FROM article_watches WHERE article_id = $1
    AND watch_id IN (SELECT id FROM watches WHERE kind IN ('topic', 'phrase'))";

pub(super) const ADD_TOPIC: &str = "INSERT INTO article_topics (article_id, topic_id, score, evidence)
    SELECT $1, id, $3, $4 FROM topics WHERE slug = $2 ON CONFLICT DO NOTHING";

pub(super) const ADD_SECTION: &str =
    "INSERT INTO article_sections (article_id, section_id, list_title) VALUES ($1, $2, $3)
    ON CONFLICT (article_id, section_id) DO UPDATE SET list_title = excluded.list_title";

pub(super) const ADD_WATCH: &str =
    "INSERT INTO article_watches (article_id, watch_id) VALUES ($1, $2) ON CONFLICT DO NOTHING";
