//! Words by FTS5: row by row in the order of places, so that a frequent word costs no more than a rare one.

use sqlx::{QueryBuilder, Sqlite, SqlitePool};

use super::{FindWords, Part, PushWords};
use crate::{
    domain::{
        query::{Query, Term},
        text,
    },
    store::{
        Place,
        of_watch::push_is_one_of,
        search::{Filter, push_moments},
        words::pairs,
    },
};

impl FindWords for SqlitePool {
    async fn newest(
        &self,
        query: &Query,
        filter: &Filter,
        after: Option<Place>,
        limit: i64,
    ) -> sqlx::Result<Vec<Place>> {
        let mut sql = select_rows("article_search", match_expression(query), filter, after, limit);
        sql.build_query_as().fetch_all(self).await
    }

    async fn headed(
        &self,
        query: &Query,
        filter: &Filter,
        part: Part,
        limit: i64,
    ) -> sqlx::Result<Vec<Place>> {
        let words = strings(query, false, |term| string(term, part.column(term.is_folded())));
        let mut sql = select_rows("article_search_heading", words.join(" AND "), filter, None, limit);
        sql.build_query_as().fetch_all(self).await
    }

    async fn headed_by_any(&self, words: &[String], limit: i64) -> sqlx::Result<Vec<Place>> {
        let words = format!("{} : (\"{}\")", Part::Head.column(true), words.join("\" OR \""));
        let mut sql = select_rows("article_search_heading", words, &Filter::default(), None, limit);
        sql.build_query_as().fetch_all(self).await
    }

    async fn confirmed(&self, query: &Query, places: &[Place]) -> sqlx::Result<Vec<i64>> {
        let mut sql =
            QueryBuilder::new("SELECT rowid & 2147483647 FROM article_search WHERE article_search MATCH ");
        sql.push_bind(match_expression(query)).push(" AND rowid IN (");
        let mut list = sql.separated(", ");
        for place in places {
            list.push_bind(row(*place));
        }
        sql.push(")");
        sql.build_query_scalar().fetch_all(self).await
    }
}

impl PushWords for Sqlite {
    fn push_words(sql: &mut QueryBuilder<Self>, query: &Query) {
        sql.push(" AND a.id IN (SELECT rowid & 2147483647 FROM article_search WHERE article_search MATCH ");
        sql.push_bind(match_expression(query)).push(")");
    }
}

/// The newest rows of a table of words. The moment is told from the row, too, so that `articles_shown` tells what was
/// withdrawn: in the articles themselves it stands behind their texts. Rows of other days are passed over by FTS5, and those of
/// other topics told without a look at the article.
fn select_rows(
    table: &str,
    words: String,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(format!(
        "SELECT a.listed_at, a.id FROM {table} w CROSS JOIN articles a INDEXED BY articles_shown ON a.id = (w.rowid & 2147483647)
            AND a.listed_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', w.rowid >> 31, 'unixepoch')
         WHERE a.withdrawn_at IS NULL AND {table} MATCH "
    ));
    sql.push_bind(words);
    if let Some(place) = after {
        sql.push(" AND w.rowid < ").push_bind(row(place));
    }
    for watch in &filter.watches {
        push_is_one_of(&mut sql, watch, "(w.rowid & 2147483647)");
    }
    for (sign, moment) in [(">=", filter.from), ("<", filter.until)] {
        if let Some(moment) = moment {
            sql.push(format_args!(" AND w.rowid {sign} "));
            sql.push_bind(moment.timestamp() << 31);
        }
    }
    push_moments(&mut sql, filter);
    sql.push(" ORDER BY w.rowid DESC LIMIT ").push_bind(limit);
    sql
}

/// The row of a place in the tables of words.
fn row(place: Place) -> i64 {
    (place.listed_at.timestamp() << 31) + place.id
}

/// For FTS5.
fn match_expression(query: &Query) -> String {
    let of = |is_excluded| {
        strings(query, is_excluded, |term| {
            match (term.syllables(), term.is_folded()) {
                ([_], true) => string(term, "folded"),
                ([_], false) => string(term, "exact"),
                (_, true) => string_of_pairs(term),
                (_, false) => format!("({} AND {})", string_of_pairs(term), string(term, "exact")),
            }
        })
    };
    let (wanted, excluded) = (of(false).join(" AND "), of(true).join(" OR "));
    if excluded.is_empty() {
        wanted
    } else {
        format!("({wanted}) NOT ({excluded})")
    }
}

/// Terms as FTS5 reads them.
fn strings(query: &Query, is_excluded: bool, string: impl Fn(&Term) -> String) -> Vec<String> {
    let terms = query.terms().iter();
    terms
        .filter(|term| term.is_excluded() == is_excluded)
        .map(string)
        .collect()
}

/// A term in a column. Words are letters, digits and marks alone, so that no quote ends a string.
fn string(term: &Term, column: &str) -> String {
    format!("{column} : \"{}\"", term.syllables().join(" "))
}

/// A phrase by its pairs of neighbours: where its words are frequent, FTS5 would look at each place where one stands.
fn string_of_pairs(term: &Term) -> String {
    let folded = text::fold(&term.syllables().join(" "));
    format!("pairs : \"{}\"", pairs(&folded))
}
