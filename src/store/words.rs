//! The words of articles, as searches look for them: written in the transaction that writes the article. Both databases get
//! the words that Loa cut; neither cuts or folds any itself.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, SqliteConnection};

use super::{
    BeginWrite, Result, Store,
    changes::{NOTE_WATCH, TICK},
    on_db,
};
use crate::domain::{query::Words, time::to_micros, watch::Watch};

/// The present form of the words. Another one is written for every article by [`Store::write_missing_words`].
pub(super) const WORDS_VERSION: i64 = 3;

/// What is kept of an article.
pub(super) struct ArticleWords {
    whole: Words,
    title: Words,
    head: Words,
}

impl ArticleWords {
    pub(super) fn of(title: &str, lead: Option<&str>, body_text: &str) -> Self {
        Self {
            whole: Words::of(title, lead, body_text),
            title: Words::of(title, None, ""),
            head: Words::of(title, lead, ""),
        }
    }
}

/// A connection that keeps articles' words. They go with their article: a trigger on SQLite, a foreign key on PostgreSQL.
pub(super) trait KeepWords {
    /// Writes the words of an article, of its title, and of its title and lead, in place of what was kept of it.
    async fn write_words(&mut self, article: i64, words: &ArticleWords) -> sqlx::Result<()>;
}

impl KeepWords for SqliteConnection {
    async fn write_words(&mut self, article: i64, words: &ArticleWords) -> sqlx::Result<()> {
        const WHOLE: &str = "INSERT OR REPLACE INTO article_search (rowid, exact, folded, pairs)
            SELECT unixepoch(listed_at) * 2147483648 + id, $2, $3, $4 FROM articles WHERE id = $1";
        const HEADING: &str = "INSERT OR REPLACE INTO article_search_heading (rowid, title_exact, title_folded, head_exact, head_folded)
            SELECT unixepoch(listed_at) * 2147483648 + id, $2, $3, $4, $5 FROM articles WHERE id = $1";
        let whole = sqlx::query(WHOLE)
            .bind(article)
            .bind(&words.whole.exact)
            .bind(&words.whole.folded)
            .bind(pairs(&words.whole.folded));
        whole.execute(&mut *self).await?;
        let heading = sqlx::query(HEADING)
            .bind(article)
            .bind(&words.title.exact)
            .bind(&words.title.folded)
            .bind(&words.head.exact)
            .bind(&words.head.folded);
        heading.execute(self).await.map(drop)
    }
}

impl KeepWords for PgConnection {
    async fn write_words(&mut self, article: i64, words: &ArticleWords) -> sqlx::Result<()> {
        const SQL: &str =
            "INSERT INTO article_search (article_id, listed_at, is_shown, exact, folded, exact_words, folded_words,
                title_exact, title_folded, head_exact, head_folded)
            SELECT id, listed_at, withdrawn_at IS NULL, $2, $3, CAST($4 AS tsvector), CAST($5 AS tsvector),
                CAST($6 AS tsvector), CAST($7 AS tsvector), CAST($8 AS tsvector), CAST($9 AS tsvector)
            FROM articles WHERE id = $1
            ON CONFLICT (article_id) DO UPDATE SET exact = excluded.exact, folded = excluded.folded,
                exact_words = excluded.exact_words, folded_words = excluded.folded_words,
                title_exact = excluded.title_exact, title_folded = excluded.title_folded,
                head_exact = excluded.head_exact, head_folded = excluded.head_folded";
        let query = sqlx::query(SQL)
            .bind(article)
            .bind(&words.whole.exact)
            .bind(&words.whole.folded)
            .bind(vector(&words.whole.exact))
            .bind(vector(&words.whole.folded))
            .bind(vector(&words.title.exact))
            .bind(vector(&words.title.folded))
            .bind(vector(&words.head.exact))
            .bind(vector(&words.head.folded));
        query.execute(self).await.map(drop)
    }
}

/// Each pair of neighbours as a word of its own, in their order.
pub(super) fn pairs(words: &str) -> String {
    let list: Vec<&str> = words.split_whitespace().collect();
    let pairs: Vec<String> = list
        .windows(2)
        .map(|pair| format!("{}{JOINT}{}", pair[0], pair[1]))
        .collect();
    pairs.join(" ")
}

/// No letter, so that no word has it; not ASCII, so that FTS5's tokenizer `ascii` does not split there.
const JOINT: char = '\u{B7}';

/// Words as a `tsvector` without positions, and with them each pair of neighbours: by pairs, a phrase of frequent words is
/// found as fast as a rare word, and positions would end at the 255th of a word. Words are letters, digits and marks alone,
/// so that a quote is never part of one.
fn vector(words: &str) -> String {
    let list: Vec<&str> = words.split_whitespace().collect();
    let pairs = list.windows(2).map(|pair| pair.join(" "));
    let set: BTreeSet<String> = list.iter().map(ToString::to_string).chain(pairs).collect();
    if set.is_empty() {
        return String::new();
    }
    format!("'{}'", set.into_iter().collect::<Vec<_>>().join("' '"))
}

type Text = (i64, String, Option<String>, String);

impl Store {
    /// Writes the words of at most `limit` articles that have none in the present form, and gives their number: 0 when all
    /// have theirs. Articles from before searches come to be found so. The last ones count the change of everything on, with
    /// `now` as its moment: feeds of searches hang on it.
    pub async fn write_missing_words(&self, limit: i64, now: DateTime<Utc>) -> Result<usize> {
        const LEFT: &str = "SELECT id FROM articles WHERE search_version < $1 LIMIT 1";
        // The outer condition is for PostgreSQL: of two processes that chose the same rows, the second then takes none.
        const TAKE: &str = "UPDATE articles SET search_version = $1
            WHERE id IN (SELECT id FROM articles WHERE search_version < $1 ORDER BY search_version, id LIMIT $2)
              AND search_version < $1 RETURNING id, title, lead, body_text";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let texts: Vec<Text> = sqlx::query_as(TAKE)
                .bind(WORDS_VERSION)
                .bind(limit)
                .fetch_all(&mut *tx)
                .await?;
            for (article, title, lead, body) in &texts {
                let words = ArticleWords::of(title, lead.as_deref(), body);
                tx.write_words(*article, &words).await?;
            }
            let left: Option<i64> = sqlx::query_scalar(LEFT)
                .bind(WORDS_VERSION)
                .fetch_optional(&mut *tx)
                .await?;
            if left.is_none() && !texts.is_empty() {
                sqlx::query(TICK).execute(&mut *tx).await?;
                let note = sqlx::query(NOTE_WATCH)
                    .bind(Watch::All.kind())
                    .bind(Watch::All.value());
                note.bind(to_micros(now)).execute(&mut *tx).await?;
            }
            tx.commit().await?;
            Ok(texts.len())
        })
    }
}
