//! Finding articles by their words, topics and sections: newest first, or in the order of their changes.
//!
//! What is found is decided on light columns; whole articles are read for the few that are shown.

use chrono::{DateTime, Utc};
use sqlx::{Database, Encode, Postgres, QueryBuilder, Sqlite, Type};

use super::{Page, Result, Store, of_watch::push_belongs, on_db};
use crate::domain::{
    article::Article,
    query::{Query, Term},
    watch::Watch,
};

/// What articles have to be; everything that is set has to hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What they belong to: a topic, a section.
    pub watches: Vec<Watch>,
    /// What they hold.
    pub query: Option<Query>,
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

/// How a database looks for words.
pub(super) trait FindWords: Database {
    /// Begins a statement: `listed_at` and `id` of the articles `a` that hold what is looked for and stand after a place.
    /// Also gives its end: newest first.
    fn select_places(query: Option<&Query>, after: Option<Place>) -> (QueryBuilder<Self>, &'static str);

    /// Adds the condition that the article `a` holds what is looked for, to statements in another order.
    fn push_words(sql: &mut QueryBuilder<Self>, query: &Query);
}

impl FindWords for Sqlite {
    /// Row by row in the order of places, as FTS5 gives them: a frequent word costs no more than a rare one.
    fn select_places(query: Option<&Query>, after: Option<Place>) -> (QueryBuilder<Self>, &'static str) {
        let Some(query) = query else {
            return all_places(after);
        };
        let mut sql = QueryBuilder::new(
            "SELECT a.listed_at, a.id FROM article_search w CROSS JOIN articles a ON a.id = (w.rowid & 2147483647)
             WHERE a.withdrawn_at IS NULL AND article_search MATCH ",
        );
        sql.push_bind(match_expression(query));
        if let Some(place) = after {
            sql.push(" AND w.rowid < ").push_bind(place.listed_at.timestamp());
            sql.push(" * 2147483648 + ").push_bind(place.id);
        }
        (sql, " ORDER BY w.rowid DESC LIMIT ")
    }

    fn push_words(sql: &mut QueryBuilder<Self>, query: &Query) {
        sql.push(" AND a.id IN (SELECT rowid & 2147483647 FROM article_search WHERE article_search MATCH ");
        sql.push_bind(match_expression(query)).push(")");
    }
}

/// For FTS5. Words are letters, digits and marks alone, so that no quote ends a string.
fn match_expression(query: &Query) -> String {
    let column = |term: &Term| if term.is_folded() { "folded" } else { "exact" };
    let string = |term: &Term| format!("{} : \"{}\"", column(term), term.syllables().join(" "));
    let of = |is_excluded: bool, joint: &str| {
        let terms = query
            .terms()
            .iter()
            .filter(|term| term.is_excluded() == is_excluded);
        terms.map(string).collect::<Vec<_>>().join(joint)
    };
    let (wanted, excluded) = (of(false, " AND "), of(true, " OR "));
    if excluded.is_empty() {
        wanted
    } else {
        format!("({wanted}) NOT ({excluded})")
    }
}

impl FindWords for Postgres {
    fn select_places(query: Option<&Query>, after: Option<Place>) -> (QueryBuilder<Self>, &'static str) {
        let (mut sql, end) = all_places(after);
        if let Some(query) = query {
            Self::push_words(&mut sql, query);
        }
        (sql, end)
    }

    fn push_words(sql: &mut QueryBuilder<Self>, query: &Query) {
        sql.push(" AND a.id IN (SELECT s.article_id FROM article_search s WHERE TRUE");
        for (column, is_folded) in [("exact", false), ("folded", true)] {
            let terms = || {
                query
                    .terms()
                    .iter()
                    .filter(move |term| term.is_folded() == is_folded)
            };
            let lexemes: Vec<String> = terms().flat_map(lexemes).collect();
            if !lexemes.is_empty() {
                sql.push(format_args!(" AND s.{column}_words @@ CAST("))
                    .push_bind(lexemes.join(" & "))
                    .push(" AS tsquery)");
            }
            // Of longer phrases, the set tells that all pairs are there, not that they stand in one row.
            for phrase in terms().filter(|term| term.syllables().len() > 2) {
                let sign = if phrase.is_excluded() { "=" } else { ">" };
                sql.push(format_args!(" AND strpos(s.{column}, "))
                    .push_bind(phrase.padded())
                    .push(format_args!(") {sign} 0"));
            }
        }
        sql.push(")");
    }
}

/// What a term asks of the set of an article's words and pairs of neighbours.
fn lexemes(term: &Term) -> Vec<String> {
    match (term.is_excluded(), term.syllables()) {
        (true, words) if words.len() > 2 => Vec::new(),
        (true, words) => vec![format!("!'{}'", words.join(" "))],
        (false, [word]) => vec![format!("'{word}'")],
        (false, words) => words
            .windows(2)
            .map(|pair| format!("'{}'", pair.join(" ")))
            .collect(),
    }
}

fn all_places<DB: Database>(after: Option<Place>) -> (QueryBuilder<DB>, &'static str)
where
    for<'q> i64: Encode<'q, DB> + Type<DB>,
    for<'q> DateTime<Utc>: Encode<'q, DB> + Type<DB>,
{
    let mut sql = QueryBuilder::new("SELECT a.listed_at, a.id FROM articles a WHERE a.withdrawn_at IS NULL");
    if let Some(place) = after {
        sql.push(" AND (a.listed_at, a.id) < (")
            .push_bind(place.listed_at)
            .push(", ")
            .push_bind(place.id)
            .push(")");
    }
    (sql, " ORDER BY a.listed_at DESC, a.id DESC LIMIT ")
}

/// Adds the conditions of a filter on the article `a`, but for its words.
pub(super) fn push_filter<'q, DB>(sql: &mut QueryBuilder<DB>, filter: &Filter)
where
    DB: Database,
    String: Encode<'q, DB> + Type<DB>,
{
    for watch in &filter.watches {
        push_belongs(sql, watch);
    }
}

impl Store {
    /// The newest articles that hold what is looked for, in the order and with the cursor of [`Store::list`].
    pub async fn search(&self, query: &Query, page: Page) -> Result<Vec<Article>> {
        const PLACE: &str = "SELECT listed_at, id FROM articles WHERE id = $1";
        let after: Option<Place> = match page.before {
            None => None,
            Some(id) => {
                let place: Option<Place> = on_db!(self.read, |pool| sqlx::query_as(PLACE)
                    .bind(id)
                    .fetch_optional(pool)
                    .await)?;
                match place {
                    None => return Ok(Vec::new()),
                    place => place,
                }
            }
        };
        let filter = Filter {
            query: Some(query.clone()),
            ..Filter::default()
        };
        let places = self.places(&filter, after, page.limit).await?;
        self.articles(&ids(&places)).await
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
        let filter = Filter {
            query: Some(query.clone()),
            ..Filter::default()
        };
        let ids = ids(&self.places(&filter, None, limit).await?);
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

    /// Where the newest articles stand that a filter lets through.
    async fn places(&self, filter: &Filter, after: Option<Place>, limit: i64) -> Result<Vec<Place>> {
        Ok(on_db!(self.read, |pool| {
            let (mut sql, end) = FindWords::select_places(filter.query.as_ref(), after);
            push_filter(&mut sql, filter);
            sql.push(end).push_bind(limit);
            sql.build_query_as().fetch_all(pool).await
        })?)
    }
}

fn ids(places: &[Place]) -> Vec<i64> {
    places.iter().map(|place| place.id).collect()
}
