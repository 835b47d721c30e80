//! Finding articles by their words, topics, sections and days: newest first, or in the order of their changes.
//!
//! What is found is decided on light columns; whole articles are read for the few that are shown.

use chrono::{DateTime, Utc};
use sqlx::{Database, Encode, QueryBuilder, Type};

use super::{
    Page, Result, Store,
    find_words::{FindWords as _, push_newest},
    of_watch::push_belongs,
    on_db,
};
use crate::domain::{article::Article, query::Query, watch::Watch};

/// What articles have to be; everything that is set has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What they belong to: a topic, a section.
    pub watches: Vec<Watch>,
    /// What they hold.
    pub query: Option<Query>,
    /// When they were published, as lists take it: at this moment or later.
    pub from: Option<DateTime<Utc>>,
    /// Before this moment.
    pub until: Option<DateTime<Utc>>,
}

impl Filter {
    /// Of a search alone.
    pub fn of(query: &Query) -> Self {
        Self {
            query: Some(query.clone()),
            ..Self::default()
        }
    }
}

/// A place in a list, newest first. It stays where it is when articles come or go, even its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub struct Place {
    /// The moment that lists are ordered by.
    pub listed_at: DateTime<Utc>,
    /// Row id; orders what has the same moment.
    pub id: i64,
}

/// A part of a list, newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The articles.
    pub articles: Vec<Article>,
    /// Where the list goes on after them; `None` at its end.
    pub next: Option<Place>,
}

/// Adds the conditions of a filter on the article `a`, but for its words.
pub(super) fn push_filter<'q, DB>(sql: &mut QueryBuilder<DB>, filter: &Filter)
where
    DB: Database,
    String: Encode<'q, DB> + Type<DB>,
    DateTime<Utc>: Encode<'q, DB> + Type<DB>,
{
    for watch in &filter.watches {
        push_belongs(sql, watch);
    }
    push_moments(sql, filter);
}

/// Adds the conditions on when the article `a` was published.
pub(super) fn push_moments<'q, DB>(sql: &mut QueryBuilder<DB>, filter: &Filter)
where
    DB: Database,
    DateTime<Utc>: Encode<'q, DB> + Type<DB>,
{
    for (sign, moment) in [(">=", filter.from), ("<", filter.until)] {
        if let Some(moment) = moment {
            sql.push(format_args!(" AND a.listed_at {sign} "))
                .push_bind(moment);
        }
    }
}

impl Store {
    /// The newest articles that hold what is looked for, in the order and with the cursor of [`Store::list`].
    pub async fn search(&self, query: &Query, page: Page) -> Result<Vec<Article>> {
        let after = match page.before {
            None => None,
            Some(id) => match self.place_of(id).await? {
                None => return Ok(Vec::new()),
                place => place,
            },
        };
        let places = self.places(&Filter::of(query), after, page.limit).await?;
        self.articles(&ids(&places)).await
    }

    /// Where an article stands in lists.
    pub async fn place_of(&self, id: i64) -> Result<Option<Place>> {
        const SQL: &str = "SELECT listed_at, id FROM articles WHERE id = $1";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(id)
            .fetch_optional(pool)
            .await)?)
    }

    /// The newest articles that a filter lets through, at most `limit`, after a place in that list.
    pub async fn find(&self, filter: &Filter, after: Option<Place>, limit: i64) -> Result<Found> {
        let mut places = self.places(filter, after, limit + 1).await?;
        let full = usize::try_from(limit).unwrap_or(usize::MAX);
        let goes_on = places.len() > full;
        places.truncate(full);
        Ok(Found {
            articles: self.articles(&ids(&places)).await?,
            next: places.last().copied().filter(|_| goes_on),
        })
    }

    /// What tells whether the newest articles of a search are the same as before, without reading them: the row id and the
    /// last change of each, in their order.
    pub async fn search_signature(&self, query: &Query, limit: i64) -> Result<Vec<(i64, i64)>> {
        let ids = ids(&self.places(&Filter::of(query), None, limit).await?);
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let changes: Vec<(i64, i64)> = on_db!(self.read, |pool| {
            let mut sql =
                QueryBuilder::new("SELECT article_id, change FROM article_changes WHERE article_id IN (");
            let mut list = sql.separated(", ");
            for id in &ids {
                list.push_bind(*id);
            }
            sql.push(")").build_query_as().fetch_all(pool).await
        })?;
        let change_of = |id: &i64| {
            changes
                .iter()
                .find(|(of, _)| of == id)
                .map_or(0, |(_, change)| *change)
        };
        Ok(ids.iter().map(|id| (*id, change_of(id))).collect())
    }

    /// How many articles a filter lets through, counted up to a limit.
    pub async fn count(&self, filter: &Filter, limit: i64) -> Result<i64> {
        let places = self.places(filter, None, limit).await?;
        Ok(i64::try_from(places.len()).unwrap_or(i64::MAX))
    }

    /// Where the newest articles stand that a filter lets through.
    pub(super) async fn places(
        &self,
        filter: &Filter,
        after: Option<Place>,
        limit: i64,
    ) -> Result<Vec<Place>> {
        let Some(query) = &filter.query else {
            return Ok(on_db!(self.read, |pool| {
                let mut sql = QueryBuilder::new("");
                push_newest(&mut sql, filter, after, limit);
                sql.build_query_as().fetch_all(pool).await
            })?);
        };
        Ok(on_db!(self.read, |pool| pool
            .newest(query, filter, after, limit)
            .await)?)
    }
}

fn ids(places: &[Place]) -> Vec<i64> {
    places.iter().map(|place| place.id).collect()
}
