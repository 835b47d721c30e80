//! Archive documents (RFC 5005, section 4): a month of a watch, which is sealed when it is first asked for and never
//! changes again. What is recorded after that goes to a later month; see [`later_month`].
//!
//! A row of `archives` is made before its document is written, under the lock of the change clock, which every recording
//! holds as well: from then on the month takes no article more, and the months that its links name stay its neighbours. So
//! documents are written outside of any transaction, however long that takes.

use chrono::{DateTime, Utc};
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::{BeginWrite, Result, Store, StoreError, articles::{ArticleRow, select_articles}, on_db};
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
    /// This sealing and no other: a document whose row was dropped meanwhile is not kept.
    number: i64,
    /// Its neighbours, for its links.
    pub neighbours: Neighbours,
    /// The newest change among its articles.
    pub changed_at: DateTime<Utc>,
}

/// A document as it was first served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    /// Its entity tag, which holds for every encoding of the body.
    pub etag: String,
    /// The newest change among its articles when it was sealed.
    pub changed_at: DateTime<Utc>,
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

/// `… WHERE` what is of a watch, as its lists show it.
fn push_watch<'q, DB>(query: &mut QueryBuilder<DB>, watch: &Watch)
where
    DB: Database,
    String: Encode<'q, DB> + Type<DB>,
{
    query.push(" FROM articles a WHERE a.withdrawn_at IS NULL");
    match watch {
        Watch::All => {}
        Watch::Topic(slug) => {
            query.push(" AND a.id IN (SELECT x.article_id FROM article_topics x JOIN topics t ON t.id = x.topic_id WHERE t.slug = ");
            query.push_bind(slug.clone()).push(")");
        }
        Watch::Section { portal, slug } => {
            query.push(" AND a.id IN (SELECT x.article_id FROM article_sections x JOIN sections s ON s.id = x.section_id WHERE s.portal = ");
            query.push_bind(portal.clone()).push(" AND s.slug = ");
            query.push_bind(slug.clone()).push(")");
        }
        Watch::Phrase(phrase) => {
            query.push(" AND a.id IN (SELECT x.article_id FROM article_watches x JOIN watches w ON w.id = x.watch_id WHERE w.kind = 'phrase' AND w.value = ");
            query.push_bind(phrase.clone()).push(")");
        }
    }
}
