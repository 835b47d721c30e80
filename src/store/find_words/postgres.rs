//! Words by GIN indexes over sets of words and pairs.
//!
//! Such an index gives all articles that hold some words, in no order. Each is then a short row (migration 0014), so that even all
//! of them are put in order in a few hundredths of a second. What costs is to look into an article's words or text: where most
//! of the newest articles hold the words, a few are looked into; else none is, but for phrases of more than two words.
//!
//! The planner would choose otherwise: it takes such a look for as cheap as that at a number. So each statement leaves it one way.

use sqlx::{PgPool, Postgres, QueryBuilder, Transaction};

use super::{FindWords, Part, PushWords, push_after, select_newest};
use crate::{
    domain::query::{Query, Term},
    store::{Place, of_watch::push_belongs, search::Filter},
};

impl FindWords for PgPool {
    async fn newest(&self, filter: &Filter, after: Option<Place>, limit: i64) -> sqlx::Result<Vec<Place>> {
        let Some(query) = &filter.query else {
            return select_newest(filter, after, limit)
                .build_query_as()
                .fetch_all(self)
                .await;
        };
        let phrases: Vec<&Term> = query.terms().iter().filter(|term| is_long(term)).collect();
        if filter.watches.is_empty() && phrases.is_empty() {
            let mut sql = select_among_newest(query, filter, after, limit);
            let places: Vec<Place> = sql.build_query_as().fetch_all(self).await?;
            if i64::try_from(places.len()).is_ok_and(|found| found == limit) {
                return Ok(places);
            }
        }
        let mut sql = begin_hits();
        push_vectors(&mut sql, query, ["exact_words", "folded_words"]);
        push_hits(&mut sql, filter, after, &phrases, limit);
        self.fetch_hits(sql).await
    }

    async fn headed(
        &self,
        query: &Query,
        filter: &Filter,
        part: Part,
        limit: i64,
    ) -> sqlx::Result<Vec<Place>> {
        let mut sql = begin_hits();
        for is_folded in [false, true] {
            let terms = query.terms().iter();
            let terms = terms.filter(|term| !term.is_excluded() && term.is_folded() == is_folded);
            let lexemes: Vec<String> = terms.flat_map(lexemes).collect();
            push_lexemes(&mut sql, part.column(is_folded), &lexemes, " & ");
        }
        push_hits(&mut sql, filter, None, &[], limit);
        self.fetch_hits(sql).await
    }

    async fn headed_by_any(&self, words: &[String], limit: i64) -> sqlx::Result<Vec<Place>> {
        let mut sql = begin_hits();
        let lexemes: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        push_lexemes(&mut sql, Part::Head.column(true), &lexemes, " | ");
        push_hits(&mut sql, &Filter::default(), None, &[], limit);
        self.fetch_hits(sql).await
    }

    async fn confirmed(&self, query: &Query, places: &[Place]) -> sqlx::Result<Vec<i64>> {
        let mut sql = QueryBuilder::new("SELECT s.article_id FROM article_search s WHERE s.article_id IN (");
        let mut list = sql.separated(", ");
        for place in places {
            list.push_bind(place.id);
        }
        sql.push(")");
        push_vectors(&mut sql, query, ["exact_words", "folded_words"]);
        for phrase in query.terms().iter().filter(|term| is_long(term)) {
            sql.push(" AND ");
            push_phrase(&mut sql, phrase);
        }
        sql.build_query_scalar().fetch_all(self).await
    }
}

impl PushWords for Postgres {
    fn push_words(sql: &mut QueryBuilder<Self>, query: &Query) {
        sql.push(" AND a.id IN (SELECT s.article_id FROM article_search s WHERE TRUE");
        push_vectors(sql, query, ["exact_words", "folded_words"]);
        for phrase in query.terms().iter().filter(|term| is_long(term)) {
            sql.push(" AND ");
            push_phrase(sql, phrase);
        }
        sql.push(")");
    }
}

/// A pool that runs the statements of [`begin_hits`].
trait FetchHits {
    async fn fetch_hits(&self, sql: QueryBuilder<Postgres>) -> sqlx::Result<Vec<Place>>;
}

impl FetchHits for PgPool {
    async fn fetch_hits(&self, mut sql: QueryBuilder<Postgres>) -> sqlx::Result<Vec<Place>> {
        let mut tx: Transaction<'_, Postgres> = self.begin().await?;
        sqlx::raw_sql("SET LOCAL enable_seqscan = off")
            .execute(&mut *tx)
            .await?;
        let places = sql.build_query_as().fetch_all(&mut *tx).await?;
        tx.commit().await?;
        Ok(places)
    }
}

/// Those of the newest articles that hold what is looked for: half as many again as are wanted are looked into.
fn select_among_newest(
    query: &Query,
    filter: &Filter,
    after: Option<Place>,
    limit: i64,
) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(
        "SELECT n.listed_at, n.id FROM (SELECT a.listed_at, a.id FROM articles a WHERE a.withdrawn_at IS NULL",
    );
    push_after(&mut sql, filter, after);
    sql.push(" ORDER BY a.listed_at DESC, a.id DESC LIMIT ")
        .push_bind(limit + limit / 2)
        .push(") n JOIN article_search s ON s.article_id = n.id WHERE TRUE");
    push_vectors(&mut sql, query, ["exact_words", "folded_words"]);
    sql.push(" ORDER BY n.listed_at DESC, n.id DESC LIMIT ")
        .push_bind(limit);
    sql
}

/// Begins a statement that puts all articles in order that an index gives.
fn begin_hits() -> QueryBuilder<Postgres> {
    QueryBuilder::new(
        "WITH hits (listed_at, id) AS MATERIALIZED (SELECT s.listed_at, s.article_id FROM article_search s WHERE s.is_shown",
    )
}

/// Its end. Phrases are looked for in the texts one by one, until enough are found: `OFFSET 0` keeps the planner from
/// doing it before they are in order.
fn push_hits(
    sql: &mut QueryBuilder<Postgres>,
    filter: &Filter,
    after: Option<Place>,
    phrases: &[&Term],
    limit: i64,
) {
    let (begin, end) = if phrases.is_empty() {
        ("", "")
    } else {
        ("SELECT a.listed_at, a.id FROM (", " OFFSET 0) a WHERE TRUE")
    };
    sql.push(") ")
        .push(begin)
        .push("SELECT a.listed_at, a.id FROM hits a WHERE TRUE");
    for watch in &filter.watches {
        push_belongs(sql, watch);
    }
    push_after(sql, filter, after);
    let order = " ORDER BY a.listed_at DESC, a.id DESC";
    sql.push(order).push(end);
    for phrase in phrases {
        sql.push(" AND (SELECT ");
        push_phrase(sql, phrase);
        sql.push(" FROM article_search s WHERE s.article_id = a.id)");
    }
    if !phrases.is_empty() {
        sql.push(order);
    }
    sql.push(" LIMIT ").push_bind(limit);
}

/// What words have to be in an article's sets, with and without diacritics, and which must not.
fn push_vectors(sql: &mut QueryBuilder<Postgres>, query: &Query, columns: [&str; 2]) {
    for (column, is_folded) in columns.into_iter().zip([false, true]) {
        let terms = query.terms().iter();
        let terms = terms.filter(|term| term.is_folded() == is_folded);
        let lexemes: Vec<String> = terms.flat_map(lexemes).collect();
        push_lexemes(sql, column, &lexemes, " & ");
    }
}

fn push_lexemes(sql: &mut QueryBuilder<Postgres>, column: &str, lexemes: &[String], joint: &str) {
    if !lexemes.is_empty() {
        sql.push(format_args!(" AND s.{column} @@ CAST("))
            .push_bind(lexemes.join(joint))
            .push(" AS tsquery)");
    }
}

/// Of longer phrases, the set tells that all pairs are there, not that they stand in one row.
fn is_long(term: &Term) -> bool {
    term.syllables().len() > 2
}

/// Whether the text of `s` holds a phrase, or does not if it is to be left out.
fn push_phrase(sql: &mut QueryBuilder<Postgres>, phrase: &Term) {
    let column = if phrase.is_folded() { "folded" } else { "exact" };
    let sign = if phrase.is_excluded() { "=" } else { ">" };
    sql.push(format_args!("strpos(s.{column}, "))
        .push_bind(phrase.padded())
        .push(format_args!(") {sign} 0"));
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
