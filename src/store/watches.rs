//! Topics and watches, kept in step with the taxonomy and the configuration.

use chrono::{DateTime, Utc};

use sqlx::QueryBuilder;

use super::{BeginWrite, Result, Store, StoreError, on_db};
use crate::domain::{topic::Label, watch::Watch};

/// A watch with its row id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownWatch {
    /// Row id.
    pub id: i64,
    /// What is watched.
    pub watch: Watch,
}

pub(super) const ADD_WATCH: &str =
    "INSERT INTO watches (kind, value, created_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";

impl Store {
    /// Makes the topics agree with the taxonomy, and sees that everything, each topic and each section can be watched
    /// from the first article on. Topics that are gone are retired.
    pub async fn sync_topics(&self, labels: &[Label], now: DateTime<Utc>) -> Result<()> {
        const UPSERT: &str = "INSERT INTO topics (slug, vi, en, position) VALUES ($1, $2, $3, $4)
            ON CONFLICT (slug) DO UPDATE SET vi = excluded.vi, en = excluded.en, position = excluded.position, retired_at = NULL";
        const SECTIONS: &str = "INSERT INTO watches (kind, value, created_at)
            SELECT 'section', portal || '/' || slug, $1 FROM sections WHERE retired_at IS NULL ON CONFLICT DO NOTHING";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            sqlx::query("UPDATE topics SET retired_at = $1 WHERE retired_at IS NULL")
                .bind(now)
                .execute(&mut *tx)
                .await?;
            sqlx::query(ADD_WATCH)
                .bind("all")
                .bind("")
                .bind(now)
                .execute(&mut *tx)
                .await?;
            for (position, label) in (0_i64..).zip(labels) {
                sqlx::query(UPSERT)
                    .bind(&label.slug)
                    .bind(&label.vi)
                    .bind(&label.en)
                    .bind(position)
                    .execute(&mut *tx)
                    .await?;
                sqlx::query(ADD_WATCH)
                    .bind("topic")
                    .bind(&label.slug)
                    .bind(now)
                    .execute(&mut *tx)
                    .await?;
            }
            sqlx::query(SECTIONS).bind(now).execute(&mut *tx).await?;
            tx.commit().await?;
        });
        Ok(())
    }

    /// Every watch that someone or something hangs on.
    pub async fn watches(&self) -> Result<Vec<KnownWatch>> {
        self.watches_after(0).await
    }

    /// The row ids of watches, in their order; 0 for one that nobody has.
    pub async fn watch_ids(&self, watches: &[Watch]) -> Result<Vec<i64>> {
        if watches.is_empty() {
            return Ok(Vec::new());
        }
        let rows: Vec<(i64, String, String)> = on_db!(self.read, |pool| {
            let mut query = QueryBuilder::new("SELECT id, kind, value FROM watches WHERE ");
            let mut list = query.separated(" OR ");
            for watch in watches {
                list.push("(kind = ")
                    .push_bind_unseparated(watch.kind())
                    .push_unseparated(" AND value = ")
                    .push_bind_unseparated(watch.value())
                    .push_unseparated(")");
            }
            query.build_query_as().fetch_all(pool).await
        })?;
        let id_of = |watch: &Watch| {
            let is_it =
                |(_, kind, value): &&(i64, String, String)| kind == watch.kind() && *value == watch.value();
            rows.iter().find(is_it).map_or(0, |(id, ..)| *id)
        };
        Ok(watches.iter().map(id_of).collect())
    }

    /// The watches with a row id above one, in the order of their ids.
    pub async fn watches_after(&self, id: i64) -> Result<Vec<KnownWatch>> {
        const SQL: &str = "SELECT id, kind, value FROM watches WHERE id > $1 ORDER BY id";
        let rows: Vec<(i64, String, String)> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(id)
            .fetch_all(pool)
            .await)?;
        rows.into_iter()
            .map(|(id, kind, value)| {
                Ok(KnownWatch {
                    id,
                    watch: parse(&kind, value)?,
                })
            })
            .collect()
    }
}

pub(super) fn parse(kind: &str, value: String) -> Result<Watch> {
    let unreadable = |why| StoreError::Unreadable {
        what: "watches.kind",
        why,
    };
    Ok(match kind {
        "all" => Watch::All,
        "topic" => Watch::Topic(value),
        "phrase" => Watch::Phrase(value),
        "section" => {
            let (portal, slug) = value
                .split_once('/')
                .ok_or_else(|| unreadable(format!("section watch {value:?}")))?;
            Watch::Section {
                portal: portal.to_owned(),
                slug: slug.to_owned(),
            }
        }
        other => return Err(unreadable(format!("unknown kind {other:?}"))),
    })
}
