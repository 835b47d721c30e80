//! The best of what a search finds first: candidates from the indexes, put in order by one function for both databases
//! ([`Query::head_start`]).
//!
//! A frequent word stands in half of all articles, and they are not all looked at. Candidates are the newest that hold the
//! words anywhere, in their title and lead, and in their title; each of these lists comes from an index in its order. The order
//! is exact where no more articles are found than the first list takes. Beyond that, only an old article whose title has some of
//! the words and whose text has the others may be missing.

use std::{
    cmp::Reverse,
    collections::{HashMap, HashSet},
};

use sqlx::QueryBuilder;

use super::{
    Filter, Place, Result, Store,
    find_words::{FindWords as _, Part},
    on_db,
};
use crate::domain::{article::Article, query::Query};

/// The newest that hold the words anywhere.
const ANYWHERE: i64 = 250;

/// The newest that hold them in a part.
const IN_A_PART: i64 = 100;

/// As many are put in order: five pages. Who wants more of them asks for the newest.
pub const MOST_RANKED: usize = 100;

/// A place in the order of a search, the best first. It stays where it is when articles come or go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RankPlace {
    /// The moment that lists order by with the head start, in seconds of the Unix epoch.
    pub rank: i64,
    /// Row id; of two that rank alike, the later one comes first.
    pub id: i64,
}

/// A part of what was found, the best first.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundBest {
    /// The articles.
    pub articles: Vec<Article>,
    /// Where they go on; `None` at the end.
    pub next: Option<RankPlace>,
    /// How many were found and put in order: all there are, or [`MOST_RANKED`] of more.
    pub ranked: usize,
    /// Whether more were found than were put in order.
    pub has_more: bool,
}

impl Store {
    /// The best articles that a search and its filter let through: `limit` after a place, or after so many. None without
    /// a query.
    pub async fn find_best(&self, filter: &Filter, after: After, limit: usize) -> Result<FoundBest> {
        let (ranked, has_more) = self.rank(filter).await?;
        let skipped = match after {
            After::Count(count) => count,
            After::Place(place) => ranked.iter().filter(|known| **known >= place).count(),
        };
        let part: Vec<RankPlace> = ranked.iter().copied().skip(skipped).take(limit).collect();
        let ids: Vec<i64> = part.iter().map(|place| place.id).collect();
        let mut articles = self.articles(&ids).await?;
        articles.sort_by_key(|article| ids.iter().position(|id| *id == article.id));
        Ok(FoundBest {
            next: part
                .last()
                .copied()
                .filter(|_| skipped + part.len() < ranked.len()),
            articles,
            ranked: ranked.len(),
            has_more,
        })
    }

    /// What a search finds, the best first, and whether that is not all.
    async fn rank(&self, filter: &Filter) -> Result<(Vec<RankPlace>, bool)> {
        let Some(query) = &filter.query else {
            return Ok((Vec::new(), false));
        };
        let mut places = self.places(filter, None, ANYWHERE).await?;
        if i64::try_from(places.len()).is_ok_and(|found| found == ANYWHERE) {
            let mut others = self.headed(filter, query, Part::Title).await?;
            others.extend(self.headed(filter, query, Part::Head).await?);
            let known: HashSet<i64> = places.iter().map(|place| place.id).collect();
            others.retain(|place| !known.contains(&place.id));
            places.extend(self.confirmed(query, others).await?);
        }
        let headings = self.headings(&places).await?;
        let start = |place: &Place| {
            let heading = headings
                .get(&place.id)
                .map(|(title, lead)| query.heading(title, lead.as_deref()));
            heading.map_or(0, |heading| query.head_start(&heading).num_seconds())
        };
        let mut ranked: Vec<RankPlace> = places
            .iter()
            .map(|place| RankPlace {
                rank: place.listed_at.timestamp() + start(place),
                id: place.id,
            })
            .collect();
        ranked.sort_by_key(|place| Reverse(*place));
        ranked.dedup();
        let has_more = ranked.len() > MOST_RANKED;
        ranked.truncate(MOST_RANKED);
        Ok((ranked, has_more))
    }

    /// The newest that hold the words in a part.
    async fn headed(&self, filter: &Filter, query: &Query, part: Part) -> Result<Vec<Place>> {
        Ok(on_db!(self.read, |pool| pool
            .headed(query, filter, part, IN_A_PART)
            .await)?)
    }

    /// Those of some places whose articles hold the phrases whole and nothing of what is left out.
    async fn confirmed(&self, query: &Query, places: Vec<Place>) -> Result<Vec<Place>> {
        let is_certain = |query: &Query| {
            let mut terms = query.terms().iter();
            terms.all(|term| !term.is_excluded() && term.syllables().len() <= 2)
        };
        if places.is_empty() || is_certain(query) {
            return Ok(places);
        }
        let ids = on_db!(self.read, |pool| pool.confirmed(query, &places).await)?;
        let ids: HashSet<i64> = ids.into_iter().collect();
        Ok(places
            .into_iter()
            .filter(|place| ids.contains(&place.id))
            .collect())
    }

    async fn headings(&self, places: &[Place]) -> Result<HashMap<i64, (String, Option<String>)>> {
        if places.is_empty() {
            return Ok(HashMap::new());
        }
        let rows: Vec<(i64, String, Option<String>)> = on_db!(self.read, |pool| {
            let mut sql = QueryBuilder::new("SELECT id, title, lead FROM articles WHERE id IN (");
            let mut list = sql.separated(", ");
            for place in places {
                list.push_bind(place.id);
            }
            sql.push(")").build_query_as().fetch_all(pool).await
        })?;
        Ok(rows
            .into_iter()
            .map(|(id, title, lead)| (id, (title, lead)))
            .collect())
    }

    /// Titles and leads of the newest articles in which any of some words stand, without diacritics: at most `limit`.
    pub async fn headings_with(&self, words: &[String], limit: i64) -> Result<Vec<(String, Option<String>)>> {
        if words.is_empty() {
            return Ok(Vec::new());
        }
        let places = on_db!(self.read, |pool| pool.headed_by_any(words, limit).await)?;
        let mut headings = self.headings(&places).await?;
        Ok(places
            .iter()
            .filter_map(|place| headings.remove(&place.id))
            .collect())
    }
}

/// From where on a search is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum After {
    /// After so many.
    Count(usize),
    /// After a place.
    Place(RankPlace),
}
