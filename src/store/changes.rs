//! Which feed changed when. Whatever changes what a watch's feed shows counts a clock on and writes its new value to the
//! watches of the article, in the same transaction. The clock is one row, which stays locked until the commit: its values
//! are committed in order, so that who has read them up to one has missed none.

use chrono::{DateTime, Utc};

use super::{Result, Store, on_db, watches::parse};
use crate::domain::watch::Watch;

/// The last change of a watch's feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Whose feed.
    pub watch: Watch,
    /// The clock then; 0 if nothing changed yet.
    pub change: i64,
    /// The moment; the watch's own beginning if nothing changed yet.
    pub changed_at: DateTime<Utc>,
}

pub(super) const TICK: &str = "UPDATE change_clock SET value = value + 1 WHERE id = 1";

/// `$1` is the article, `$2` now. Never back in time: clocks of several machines differ.
pub(super) const NOTE: &str = "UPDATE watches SET change = (SELECT value FROM change_clock WHERE id = 1),
        changed_at = CASE WHEN changed_at > $2 THEN changed_at ELSE $2 END
    WHERE id IN (SELECT watch_id FROM article_watches WHERE article_id = $1)";

/// `$1` is the article, `$2` now. What a mirror of all articles has yet to hear.
pub(super) const NOTE_ARTICLE: &str = "INSERT INTO article_changes (article_id, change, changed_at)
        SELECT $1, value, $2 FROM change_clock WHERE id = 1
    ON CONFLICT (article_id) DO UPDATE SET change = excluded.change,
        changed_at = CASE WHEN article_changes.changed_at > excluded.changed_at THEN article_changes.changed_at
                     ELSE excluded.changed_at END";

/// `$1` and `$2` are a watch's kind and value, `$3` now.
pub(super) const NOTE_WATCH: &str =
    "UPDATE watches SET change = (SELECT value FROM change_clock WHERE id = 1),
        changed_at = CASE WHEN changed_at > $3 THEN changed_at ELSE $3 END
    WHERE kind = $1 AND value = $2";

/// Notes that an article and the feeds of all of its watches change. Where the article leaves watches, it is called before and
/// after. As late in the transaction as may be: other writers wait from here to the commit.
macro_rules! note_change {
    ($tx:ident, $article:expr, $now:expr) => {
        sqlx::query(crate::store::changes::TICK)
            .execute(&mut *$tx)
            .await?;
        for sql in [crate::store::changes::NOTE, crate::store::changes::NOTE_ARTICLE] {
            sqlx::query(sql)
                .bind($article)
                .bind($now)
                .execute(&mut *$tx)
                .await?;
        }
    };
}
pub(super) use note_change;

type Row = (String, String, i64, DateTime<Utc>);

macro_rules! select_changes {
    ($rest:literal) => {
        concat!(
            "SELECT kind, value, change, COALESCE(changed_at, created_at) FROM watches ",
            $rest
        )
    };
}

impl Store {
    /// The clock of changes: 0 before the first. It only ever goes back when another database took this one's place.
    pub async fn change_clock(&self) -> Result<i64> {
        const SQL: &str = "SELECT value FROM change_clock WHERE id = 1";
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .fetch_one(pool)
            .await)?)
    }

    /// The watches whose feeds changed after a value of the clock.
    pub async fn changes_after(&self, clock: i64) -> Result<Vec<Change>> {
        const SQL: &str = select_changes!("WHERE change > $1 ORDER BY change, id");
        let rows: Vec<Row> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(clock)
            .fetch_all(pool)
            .await)?;
        rows.into_iter().map(change).collect()
    }

    /// The last change of one watch's feed; `None` for a watch that nobody ever had.
    pub async fn change_of(&self, watch: &Watch) -> Result<Option<Change>> {
        const SQL: &str = select_changes!("WHERE kind = $1 AND value = $2");
        let row: Option<Row> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(watch.kind())
            .bind(watch.value())
            .fetch_optional(pool)
            .await)?;
        row.map(change).transpose()
    }
}

fn change((kind, value, change, changed_at): Row) -> Result<Change> {
    Ok(Change {
        watch: parse(&kind, value)?,
        change,
        changed_at,
    })
}
