//! How each database looks for words: the searches that are not the same statements on both.

mod postgres;
mod sqlite;

use chrono::{DateTime, Utc};
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::{
    Place,
    of_watch::push_belongs,
    search::{Filter, push_moments},
};
use crate::domain::query::Query;

/// A part of an article that can be searched by itself.
#[derive(Debug, Clone, Copy)]
pub(super) enum Part {
    /// The title alone.
    Title,
    /// The title and the lead.
    Head,
}

impl Part {
    fn column(self, is_folded: bool) -> &'static str {
        match (self, is_folded) {
            (Self::Title, false) => "title_exact",
            (Self::Title, true) => "title_folded",
            (Self::Head, false) => "head_exact",
            (Self::Head, true) => "head_folded",
        }
    }
}

/// A database that looks for words. All lists are newest first.
pub(super) trait FindWords {
    /// The articles that hold what is looked for, are of a filter's watches and moments, and stand after a place.
    async fn newest(
        &self,
        query: &Query,
        filter: &Filter,
        after: Option<Place>,
        limit: i64,
    ) -> sqlx::Result<Vec<Place>>;

    /// The articles that hold all that has to occur in a part of them, and are of a filter's watches and moments. Of longer
    /// phrases it is perhaps only pairs that stand there, and what is to be left out may stand elsewhere: see
    /// [`FindWords::confirmed`].
    async fn headed(
        &self,
        query: &Query,
        filter: &Filter,
        part: Part,
        limit: i64,
    ) -> sqlx::Result<Vec<Place>>;

    /// The articles that hold any of some words, without diacritics, in their titles or leads.
    async fn headed_by_any(&self, words: &[String], limit: i64) -> sqlx::Result<Vec<Place>>;

    /// The ids of those of some places whose articles hold what is looked for and nothing of what is not.
    async fn confirmed(&self, query: &Query, places: &[Place]) -> sqlx::Result<Vec<i64>>;
}

/// How a database asks for words in statements in another order.
pub(super) trait PushWords: Database {
    /// Adds the condition that the article `a` holds what is looked for.
    fn push_words(sql: &mut QueryBuilder<Self>, query: &Query);
}

/// A statement: the newest articles that a filter lets through, whatever their words.
pub(super) fn push_newest<DB: Database>(
    sql: &mut QueryBuilder<DB>,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) where
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> String: Encode<'q, DB> + Type<DB>,
    for<'q> DateTime<Utc>: Encode<'q, DB> + Type<DB>,
{
    sql.push("SELECT a.listed_at, a.id FROM articles a WHERE a.withdrawn_at IS NULL");
    for watch in &filter.watches {
        push_belongs(sql, watch);
    }
    push_after(sql, filter, after);
    sql.push(" ORDER BY a.listed_at DESC, a.id DESC LIMIT ")
        .push_bind(limit);
}

/// What asks of `a` to stand after a place and within a filter's moments.
fn push_after<DB: Database>(sql: &mut QueryBuilder<DB>, filter: &Filter, after: Option<Place>)
where
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> DateTime<Utc>: Encode<'q, DB> + Type<DB>,
{
    push_moments(sql, filter);
    if let Some(place) = after {
        sql.push(" AND (a.listed_at, a.id) < (")
            .push_bind(place.listed_at)
            .push(", ")
            .push_bind(place.id)
            .push(")");
    }
}
