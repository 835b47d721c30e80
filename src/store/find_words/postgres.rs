//! Words by GIN indexes over sets of words and pairs.
//!
//! Such an index gives all articles that hold some words, in no order. Each is then a short row (migration 0014), so that even all
//! of them are put in order in a few hundredths of a second. What costs is to look into an article's words or text. So a few of
//! the newest are looked into first, which is enough where most hold the words or a filter lets few through; else none is, but
//! for phrases of more than two words.
//!
//! The planner would choose otherwise: it takes such a look for as cheap as that at a number. So each statement leaves it one way.

use chrono::{DateTime, Utc};
use sqlx::{PgPool, Postgres, QueryBuilder, Transaction};

use super::{FindWords, Part, PushWords, push_after, push_newest};
use crate::{
    domain::query::{Query, Term},
    store::{Place, of_watch::push_belongs, search::Filter},
};

impl FindWords for PgPool {
    async fn newest(
        &self,
        query: &Query,
        filter: &Filter,
        after: Option<Place>,
        limit: i64,
    ) -> sqlx::Result<Vec<Place>> {
        let asked = asked_of_whole(query);
        let phrases: Vec<&Term> = query.terms().iter().filter(|term| is_long(term)).collect();
        if phrases.is_empty() {
            let sought = Sought {
                limit,
                looks: limit + limit / 2,
            };
            if let Some(places) = look(self, &asked, filter, after, sought).await? {
                return Ok(places);
            }
        }
        let mut sql = begin_hits(&asked, " & ");
        push_hits(&mut sql, filter, after, &phrases, limit);
        fetch_hits(self, sql).await
    }

    async fn headed(
        &self,
        query: &Query,
        filter: &Filter,
        part: Part,
        limit: i64,
    ) -> sqlx::Result<Vec<Place>> {
        let asked = [false, true].map(|is_folded| {
            let terms = query.terms().iter();
            let terms = terms.filter(|term| !term.is_excluded() && term.is_folded() == is_folded);
            (part.column(is_folded), terms.flat_map(lexemes).collect())
        });
        // A heading's words are few: a look costs less.
        let sought = Sought {
            limit,
            looks: 4 * limit,
        };
        if let Some(places) = look(self, &asked, filter, None, sought).await? {
            return Ok(places);
        }
        let mut sql = begin_hits(&asked, " & ");
        push_hits(&mut sql, filter, None, &[], limit);
        fetch_hits(self, sql).await
    }

    async fn headed_by_any(&self, words: &[String], limit: i64) -> sqlx::Result<Vec<Place>> {
        let lexemes = words.iter().map(|word| format!("'{word}'")).collect();
        let mut sql = begin_hits(&[(Part::Head.column(true), lexemes)], " | ");
        push_hits(&mut sql, &Filter::default(), None, &[], limit);
        fetch_hits(self, sql).await
    }

    async fn confirmed(&self, query: &Query, places: &[Place]) -> sqlx::Result<Vec<i64>> {
        let mut sql = QueryBuilder::new("SELECT s.article_id FROM article_search s WHERE s.article_id IN (");
        let mut list = sql.separated(", ");
        for place in places {
            list.push_bind(place.id);
        }
        sql.push(")");
        push_lexemes(&mut sql, &asked_of_whole(query), " & ");
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
        push_lexemes(sql, &asked_of_whole(query), " & ");
        for phrase in query.terms().iter().filter(|term| is_long(term)) {
            sql.push(" AND ");
            push_phrase(sql, phrase);
        }
        sql.push(")");
    }
}

/// What has to be in sets of an article's words, as `tsquery` reads it, by their columns.
type Asked = [(&'static str, Vec<String>)];

/// How many articles are wanted, and how many may be looked into for them.
struct Sought {
    limit: i64,
    looks: i64,
}

/// Looks into the newest articles that a filter lets through. `None` if that tells too little: not enough were found, and
/// there are more to look into.
async fn look(
    pool: &PgPool,
    asked: &Asked,
    filter: &Filter,
    after: Option<Place>,
    sought: Sought,
) -> sqlx::Result<Option<Vec<Place>>> {
    let mut sql = QueryBuilder::new("SELECT n.listed_at, n.id, s.article_id IS NOT NULL FROM (");
    push_newest(&mut sql, filter, after, sought.looks);
    sql.push(") n LEFT JOIN article_search s ON s.article_id = n.id");
    push_lexemes(&mut sql, asked, " & ");
    sql.push(" ORDER BY n.listed_at DESC, n.id DESC");
    let rows: Vec<(DateTime<Utc>, i64, bool)> = sql.build_query_as().fetch_all(pool).await?;
    let are_all = i64::try_from(rows.len()).is_ok_and(|looked| looked < sought.looks);
    let found = rows.into_iter().filter(|(_, _, holds)| *holds);
    let limit = usize::try_from(sought.limit).unwrap_or(usize::MAX);
    let places: Vec<Place> = found
        .map(|(listed_at, id, _)| Place { listed_at, id })
        .take(limit)
        .collect();
    Ok((are_all || places.len() == limit).then_some(places))
}

/// Runs a statement of [`begin_hits`].
async fn fetch_hits(pool: &PgPool, mut sql: QueryBuilder<Postgres>) -> sqlx::Result<Vec<Place>> {
    let mut tx: Transaction<'_, Postgres> = pool.begin().await?;
    sqlx::raw_sql("SET LOCAL enable_seqscan = off")
        .execute(&mut *tx)
        .await?;
    let places = sql.build_query_as().fetch_all(&mut *tx).await?;
    tx.commit().await?;
    Ok(places)
}

/// Begins a statement that puts all articles in order that the indexes give.
fn begin_hits(asked: &Asked, joint: &str) -> QueryBuilder<Postgres> {
    let mut sql = QueryBuilder::new(
        "WITH hits (listed_at, id) AS MATERIALIZED (SELECT s.listed_at, s.article_id FROM article_search s WHERE s.is_shown",
    );
    push_lexemes(&mut sql, asked, joint);
    sql
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

/// What words have to be in the sets of a whole article, with and without diacritics, and which must not.
fn asked_of_whole(query: &Query) -> [(&'static str, Vec<String>); 2] {
    [("exact_words", false), ("folded_words", true)].map(|(column, is_folded)| {
        let terms = query.terms().iter();
        let terms = terms.filter(|term| term.is_folded() == is_folded);
        (column, terms.flat_map(lexemes).collect())
    })
}

fn push_lexemes(sql: &mut QueryBuilder<Postgres>, asked: &Asked, joint: &str) {
    for (column, lexemes) in asked {
        if !lexemes.is_empty() {
            sql.push(format_args!(" AND s.{column} @@ CAST("))
                .push_bind(lexemes.join(joint))
                .push(" AS tsquery)");
        }
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
