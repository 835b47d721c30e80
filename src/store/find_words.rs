//! How each database looks for words: the statements of searches that are not the same on both.

use chrono::{DateTime, Utc};
use sqlx::{Database, Encode, Postgres, QueryBuilder, Sqlite, Type};

use super::{Place, search::Filter};
use crate::domain::query::{Query, Term};

/// A part of an article that has an index of its own.
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

/// How a database looks for words.
pub(super) trait FindWords: Database {
    /// Begins a statement: `listed_at` and `id` of the articles `a` that hold what is looked for and stand after a place, but
    /// for what else a filter asks. Also gives its end: newest first.
    fn select_places(filter: &Filter, after: Option<Place>) -> (QueryBuilder<Self>, &'static str);

    /// The same of the articles that hold all that has to occur in a part of them. Of longer phrases it is perhaps only
    /// pairs that stand there, and what is to be left out may stand elsewhere: see [`FindWords::select_confirmed`].
    fn select_headed(query: &Query, days: &Filter, part: Part) -> (QueryBuilder<Self>, &'static str);

    /// The same of the articles that hold any of some words, without diacritics, in their titles or leads.
    fn select_any(words: &[String]) -> (QueryBuilder<Self>, &'static str);

    /// A statement: the ids of those of some places whose articles hold what is looked for and nothing of what is not.
    fn select_confirmed(query: &Query, places: &[Place]) -> QueryBuilder<Self>;

    /// Adds the condition that the article `a` holds what is looked for, to statements in another order.
    fn push_words(sql: &mut QueryBuilder<Self>, query: &Query);
}

impl FindWords for Sqlite {
    /// Row by row in the order of places, as FTS5 gives them: a frequent word costs no more than a rare one. The moment is
    /// told from the row, too, so that `articles_shown` tells what was withdrawn: in the articles themselves it stands behind
    /// their texts.
    fn select_places(filter: &Filter, after: Option<Place>) -> (QueryBuilder<Self>, &'static str) {
        let Some(query) = &filter.query else {
            return all_places(after);
        };
        let mut sql = QueryBuilder::new(
            "SELECT a.listed_at, a.id FROM article_search w CROSS JOIN articles a INDEXED BY articles_shown ON a.id = (w.rowid & 2147483647)
                AND a.listed_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', w.rowid >> 31, 'unixepoch')
             WHERE a.withdrawn_at IS NULL AND article_search MATCH ",
        );
        sql.push_bind(match_expression(query));
        if let Some(place) = after {
            sql.push(" AND w.rowid < ").push_bind(row(place));
        }
        push_days(&mut sql, filter);
        (sql, " ORDER BY w.rowid DESC LIMIT ")
    }

    fn select_headed(query: &Query, days: &Filter, part: Part) -> (QueryBuilder<Self>, &'static str) {
        let (mut sql, end) =
            headed(strings(query, false, |term| part.column(term.is_folded())).join(" AND "));
        push_days(&mut sql, days);
        (sql, end)
    }

    fn select_any(words: &[String]) -> (QueryBuilder<Self>, &'static str) {
        headed(format!("head_folded : (\"{}\")", words.join("\" OR \"")))
    }

    fn select_confirmed(query: &Query, places: &[Place]) -> QueryBuilder<Self> {
        let mut sql =
            QueryBuilder::new("SELECT rowid & 2147483647 FROM article_search WHERE article_search MATCH ");
        sql.push_bind(match_expression(query)).push(" AND rowid IN (");
        let mut list = sql.separated(", ");
        for place in places {
            list.push_bind(row(*place));
        }
        sql.push(")");
        sql
    }

    fn push_words(sql: &mut QueryBuilder<Self>, query: &Query) {
        sql.push(" AND a.id IN (SELECT rowid & 2147483647 FROM article_search WHERE article_search MATCH ");
        sql.push_bind(match_expression(query)).push(")");
    }
}

/// The days of a filter, said of the rows, too, which FTS5 then passes over.
fn push_days(sql: &mut QueryBuilder<Sqlite>, filter: &Filter) {
    for (sign, moment) in [(">=", filter.from), ("<", filter.until)] {
        if let Some(moment) = moment {
            sql.push(format_args!(" AND w.rowid {sign} "));
            sql.push_bind(moment.timestamp() << 31);
        }
    }
}

/// The row of a place in the tables of words.
fn row(place: Place) -> i64 {
    (place.listed_at.timestamp() << 31) + place.id
}

fn headed(expression: String) -> (QueryBuilder<Sqlite>, &'static str) {
    let mut sql = QueryBuilder::new(
        "SELECT a.listed_at, a.id FROM article_search_heading w CROSS JOIN articles a INDEXED BY articles_shown ON a.id = (w.rowid & 2147483647)
            AND a.listed_at = strftime('%Y-%m-%dT%H:%M:%S+00:00', w.rowid >> 31, 'unixepoch')
         WHERE a.withdrawn_at IS NULL AND article_search_heading MATCH ",
    );
    sql.push_bind(expression);
    (sql, " ORDER BY w.rowid DESC LIMIT ")
}

/// For FTS5.
fn match_expression(query: &Query) -> String {
    let of = |is_excluded| {
        strings(query, is_excluded, |term| {
            if term.is_folded() { "folded" } else { "exact" }
        })
    };
    let (wanted, excluded) = (of(false).join(" AND "), of(true).join(" OR "));
    if excluded.is_empty() {
        wanted
    } else {
        format!("({wanted}) NOT ({excluded})")
    }
}

/// Terms as FTS5 reads them, each in its column. Words are letters, digits and marks alone, so that no quote ends a string.
fn strings(query: &Query, is_excluded: bool, column: impl Fn(&Term) -> &'static str) -> Vec<String> {
    let terms = query
        .terms()
        .iter()
        .filter(|term| term.is_excluded() == is_excluded);
    terms
        .map(|term| format!("{} : \"{}\"", column(term), term.syllables().join(" ")))
        .collect()
}

impl FindWords for Postgres {
    fn select_places(filter: &Filter, after: Option<Place>) -> (QueryBuilder<Self>, &'static str) {
        let (mut sql, end) = all_places(after);
        if let Some(query) = &filter.query {
            Self::push_words(&mut sql, query);
        }
        (sql, end)
    }

    fn select_headed(query: &Query, _days: &Filter, part: Part) -> (QueryBuilder<Self>, &'static str) {
        let (mut sql, end) = all_places(None);
        sql.push(" AND a.id IN (SELECT h.article_id FROM article_search_heading h WHERE TRUE");
        for is_folded in [false, true] {
            let terms = query.terms().iter();
            let terms = terms.filter(|term| !term.is_excluded() && term.is_folded() == is_folded);
            let lexemes: Vec<String> = terms.flat_map(lexemes).collect();
            push_lexemes(&mut sql, part.column(is_folded), &lexemes, " & ");
        }
        sql.push(")");
        (sql, end)
    }

    fn select_any(words: &[String]) -> (QueryBuilder<Self>, &'static str) {
        let (mut sql, end) = all_places(None);
        sql.push(" AND a.id IN (SELECT h.article_id FROM article_search_heading h WHERE TRUE");
        let lexemes: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        push_lexemes(&mut sql, Part::Head.column(true), &lexemes, " | ");
        sql.push(")");
        (sql, end)
    }

    fn select_confirmed(query: &Query, places: &[Place]) -> QueryBuilder<Self> {
        let mut sql = QueryBuilder::new("SELECT a.id FROM articles a WHERE a.id IN (");
        let mut list = sql.separated(", ");
        for place in places {
            list.push_bind(place.id);
        }
        sql.push(")");
        Self::push_words(&mut sql, query);
        sql
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

fn push_lexemes(sql: &mut QueryBuilder<Postgres>, column: &str, lexemes: &[String], joint: &str) {
    if !lexemes.is_empty() {
        sql.push(format_args!(" AND h.{column} @@ CAST("))
            .push_bind(lexemes.join(joint))
            .push(" AS tsquery)");
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
