//! Posts: which of their messages were accepted, what they tell, and edits that are owed because it changed.
//!
//! A post may take several messages. They are written down before the first is sent, and each that was handed over is known by
//! its number, so that neither a crash nor a pause in between repeats one or leaves one out. An edit is a delivery of its own in
//! the last lane, one for each post: what it says is read when it is sent.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;

use super::{Claimed, DigestRun, Result, Store, on_db};

/// What is told of an article that is withdrawn or removed.
pub const WITHDRAWN: &str = "withdrawn";

/// An article's row id and what is told of it: its content hash, or [`WITHDRAWN`].
pub type ToldArticle = (i64, String);

/// A message of a post that was handed over.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Its place in the post, from 0.
    pub part: i64,
    /// The channel's own number; `None` where nobody knows whether it was accepted.
    pub message_id: Option<i64>,
    /// When the next message of the post is due; `None` after the last.
    pub next: Option<DateTime<Utc>>,
    /// What the post tells.
    pub articles: Vec<ToldArticle>,
    /// Whether it follows its articles: an edit is owed at once where one changed meanwhile.
    pub follows: bool,
}

/// A post that is to be edited.
#[derive(Debug, Clone)]
pub struct EditedPost {
    /// Its delivery.
    pub delivery_id: i64,
    /// The run, where it is a digest.
    pub digest_run: Option<DigestRun>,
    /// The channel's numbers of its messages, in their order.
    pub messages: Vec<i64>,
    /// The articles that it tells.
    pub articles: Vec<i64>,
}

/// How an article stands now, in a query that has it as `a` (null: it was removed).
macro_rules! standing {
    () => {
        "CASE WHEN a.id IS NULL OR a.withdrawn_at IS NOT NULL THEN 'withdrawn' ELSE a.content_hash END"
    };
}

/// Whether the post of a delivery tells something else than its articles say now.
macro_rules! differs {
    ($delivery:literal) => {
        concat!(
            "EXISTS (SELECT 1 FROM post_articles x LEFT JOIN articles a ON a.id = x.article_id
                WHERE x.delivery_id = ",
            $delivery,
            " AND x.told <> ",
            crate::store::posts::standing!(),
            ")"
        )
    };
}

/// Owes an edit for each delivery `d` of a query; one that waits already is not owed twice.
macro_rules! owe {
    ($from:expr, $now:literal) => {
        concat!(
            "INSERT INTO deliveries (subscriber_id, channel, kind, priority, state, due_at, created_at, edits_id)
                SELECT d.subscriber_id, d.channel, 'edit', 3, 'queued', ",
            $now,
            ", ",
            $now,
            ", d.id ",
            $from,
            " ON CONFLICT (edits_id) WHERE edits_id IS NOT NULL DO UPDATE
                SET state = 'queued', due_at = excluded.due_at, created_at = excluded.created_at, attempts = 0, claim = NULL, reason = NULL
                WHERE deliveries.state NOT IN ('queued', 'sending') RETURNING edits_id"
        )
    };
}
pub(super) use {owe, standing};

/// `$1` is the delivery, `$2` its claim.
pub(super) const HANDED_OVER: &str = "INSERT INTO post_parts (delivery_id, part, message_id)
    SELECT id, $3, $4 FROM deliveries WHERE id = $1 AND claim = $2 AND state IN ('queued', 'sending', 'unknown')
    ON CONFLICT (delivery_id, part) DO UPDATE SET message_id = excluded.message_id RETURNING part";

/// The next message is due at `$3`; each has its own attempts.
pub(super) const GO_ON: &str =
    "UPDATE deliveries SET state = 'queued', attempts = 0, claim = NULL, due_at = $3, reason = NULL
    WHERE id = $1 AND claim = $2";

/// The last message was handed over at `$3`.
pub(super) const COMPLETE: &str = "UPDATE deliveries SET claim = NULL, parts = NULL,
        sent_at = CASE WHEN EXISTS (SELECT 1 FROM post_parts x WHERE x.delivery_id = $1 AND x.message_id IS NOT NULL) THEN $3 END,
        remote_id = (SELECT CAST(MIN(x.message_id) AS TEXT) FROM post_parts x WHERE x.delivery_id = $1),
        state = CASE WHEN EXISTS (SELECT 1 FROM post_parts x WHERE x.delivery_id = $1 AND x.message_id IS NULL) THEN 'unknown' ELSE 'sent' END,
        reason = CASE WHEN EXISTS (SELECT 1 FROM post_parts x WHERE x.delivery_id = $1 AND x.message_id IS NULL)
                 THEN 'the answer was lost' END,
        unknown_at = CASE WHEN EXISTS (SELECT 1 FROM post_parts x WHERE x.delivery_id = $1 AND x.message_id IS NULL)
                     THEN COALESCE(unknown_at, $3) ELSE unknown_at END
    WHERE id = $1 AND claim = $2";

pub(super) const TELLS: &str = "INSERT INTO post_articles (delivery_id, article_id, told) VALUES ($1, $2, $3)
    ON CONFLICT (delivery_id, article_id) DO UPDATE SET told = excluded.told";

/// `$1` is the delivery, `$2` now.
pub(super) const OWE_ONE: &str = owe!(
    concat!("FROM deliveries d WHERE d.id = $1 AND ", differs!("d.id")),
    "$2"
);

/// No answer yet: should the process die now, it is not tried again.
pub(super) const UNSURE: &str = "UPDATE deliveries SET state = 'unknown', reason = 'no answer yet'
    WHERE id = $1 AND claim = $2 AND state = 'sending'";

/// Not taken for now, and no attempt lost.
pub(super) const WAIT: &str =
    "UPDATE deliveries SET state = 'queued', attempts = attempts - 1, claim = NULL, due_at = $3, reason = $4
    WHERE id = $1 AND claim = $2 AND state IN ('queued', 'sending', 'unknown')";

/// An edit was made at `$3`. Where an article changed while it was under way, it is due again.
pub(super) const EDITED: &str = concat!(
    "UPDATE deliveries SET claim = NULL, attempts = 0, reason = NULL, due_at = $3, sent_at = $3, state = CASE WHEN ",
    differs!("deliveries.edits_id"),
    " THEN 'queued' ELSE 'sent' END WHERE id = $1 AND claim = $2 AND state IN ('queued', 'sending', 'unknown')"
);

/// Within a transaction: a message of a post was handed over.
macro_rules! mark_posted {
    ($tx:ident, $delivery:expr, $posted:expr, $now:expr) => {{
        use crate::store::posts::{COMPLETE, GO_ON, HANDED_OVER, OWE_ONE, TELLS};
        let (delivery, posted) = ($delivery, $posted);
        let is_ours: Option<i64> = sqlx::query_scalar(HANDED_OVER)
            .bind(delivery.id)
            .bind(delivery.claim)
            .bind(posted.part)
            .bind(posted.message_id)
            .fetch_optional(&mut *$tx)
            .await?;
        if is_ours.is_some() {
            for (article, told) in &posted.articles {
                sqlx::query(TELLS)
                    .bind(delivery.id)
                    .bind(article)
                    .bind(told)
                    .execute(&mut *$tx)
                    .await?;
            }
            sqlx::query(if posted.next.is_some() { GO_ON } else { COMPLETE })
                .bind(delivery.id)
                .bind(delivery.claim)
                .bind(posted.next.unwrap_or($now))
                .execute(&mut *$tx)
                .await?;
            if posted.follows && posted.next.is_none() && posted.message_id.is_some() {
                sqlx::query(OWE_ONE)
                    .bind(delivery.id)
                    .bind($now)
                    .execute(&mut *$tx)
                    .await?;
            }
        }
    }};
}
pub(super) use mark_posted;

/// Within a transaction: what is marked of posts and their edits.
macro_rules! mark_post {
    ($tx:ident, $delivery:expr, $mark:expr, $now:expr) => {{
        use crate::store::{
            Mark,
            posts::{EDITED, TELLS, UNSURE, WAIT, mark_posted},
        };
        match $mark {
            Mark::Posted(posted) => mark_posted!($tx, $delivery, posted, $now),
            Mark::Unsure => {
                sqlx::query(UNSURE)
                    .bind($delivery.id)
                    .bind($delivery.claim)
                    .execute(&mut *$tx)
                    .await?;
            }
            Mark::Wait(due, why) => {
                sqlx::query(WAIT)
                    .bind($delivery.id)
                    .bind($delivery.claim)
                    .bind(*due)
                    .bind(why)
                    .execute(&mut *$tx)
                    .await?;
            }
            Mark::Edited(told) => {
                for (article, told) in told {
                    sqlx::query(TELLS)
                        .bind($delivery.edits_id)
                        .bind(article)
                        .bind(told)
                        .execute(&mut *$tx)
                        .await?;
                }
                sqlx::query(EDITED)
                    .bind($delivery.id)
                    .bind($delivery.claim)
                    .bind($now)
                    .execute(&mut *$tx)
                    .await?;
            }
            Mark::Sending(_) | Mark::Sent(_) | Mark::GiveBack(_) | Mark::Fold(_) => {}
        }
    }};
}
pub(super) use mark_post;

impl Store {
    /// How articles stand that were not withdrawn, as it will be told. Asked before they are read, so that an edit in between is
    /// told later rather than never.
    pub async fn standing_of_articles(&self, ids: &[i64]) -> Result<Vec<ToldArticle>> {
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        Ok(on_db!(self.read, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT id, content_hash FROM articles WHERE withdrawn_at IS NULL AND id IN (",
            );
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(") ORDER BY id");
            query.build_query_as().fetch_all(pool).await
        })?)
    }

    /// Writes the messages of a post down, before the first is sent. `false` where the claim was lost.
    pub async fn write_parts(&self, delivery: &Claimed, parts: &str) -> Result<bool> {
        const SQL: &str =
            "UPDATE deliveries SET parts = $3 WHERE id = $1 AND claim = $2 AND state = 'queued'";
        let written = on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(delivery.id)
            .bind(delivery.claim)
            .bind(parts)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(written == 1)
    }

    /// The post that an edit is of; `None` where none of its messages is known.
    pub async fn edited_post(&self, edit: &Claimed) -> Result<Option<EditedPost>> {
        const MESSAGES: &str = "SELECT message_id FROM post_parts WHERE delivery_id = $1 AND message_id IS NOT NULL ORDER BY part";
        const ARTICLES: &str =
            "SELECT article_id FROM post_articles WHERE delivery_id = $1 ORDER BY article_id";
        const RUN: &str = "SELECT digest_run_id FROM deliveries WHERE id = $1";
        let Some(delivery_id) = edit.edits_id else {
            return Ok(None);
        };
        let (messages, articles, run): (Vec<i64>, Vec<i64>, Option<Option<i64>>) =
            on_db!(self.read, |pool| (
                sqlx::query_scalar(MESSAGES)
                    .bind(delivery_id)
                    .fetch_all(pool)
                    .await?,
                sqlx::query_scalar(ARTICLES)
                    .bind(delivery_id)
                    .fetch_all(pool)
                    .await?,
                sqlx::query_scalar(RUN)
                    .bind(delivery_id)
                    .fetch_optional(pool)
                    .await?,
            ));
        let digest_run = match run.flatten() {
            Some(run) => self.digest_run(run).await?,
            None => None,
        };
        Ok((!messages.is_empty()).then_some(EditedPost {
            delivery_id,
            digest_run,
            messages,
            articles,
        }))
    }

    /// The titles of articles, withdrawn ones too; those that were removed have none.
    pub async fn titles(&self, ids: &[i64]) -> Result<HashMap<i64, String>> {
        if ids.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(i64, String)> = on_db!(self.read, |pool| {
            let mut query = QueryBuilder::new("SELECT id, title FROM articles WHERE id IN (");
            let mut list = query.separated(", ");
            for id in ids {
                list.push_bind(*id);
            }
            query.push(")");
            query.build_query_as().fetch_all(pool).await
        })?;
        Ok(rows.into_iter().collect())
    }
}
