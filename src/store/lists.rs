//! Lists of articles: everything, or what belongs to one watch, newest first.

use super::{
    Result, Store,
    articles::{ArticleRow, select_articles},
    on_db,
};
use crate::domain::{article::Article, topic::Label, watch::Watch};

/// A page of a list: at most `limit` articles, older than the article `before` where one is given.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// Row id of the last article of the page before.
    pub before: Option<i64>,
    /// How many.
    pub limit: i64,
}

/// A topic with the number of its articles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicCount {
    /// The topic.
    pub label: Label,
    /// Articles that are not withdrawn.
    pub articles: i64,
}

/// The order and the cursor of every list; `$1` is the cursor, `$2` the limit.
macro_rules! select_page {
    ($where:literal) => {
        concat!(
            select_articles!(""),
            "WHERE a.withdrawn_at IS NULL AND (CAST($1 AS BIGINT) IS NULL OR (a.listed_at, a.id) < ",
            "(SELECT b.listed_at, b.id FROM articles b WHERE b.id = $1)) ",
            $where,
            " ORDER BY a.listed_at DESC, a.id DESC LIMIT $2"
        )
    };
}

const ALL: &str = select_page!("AND $3 = $4");
// Why not `IN`: see `push_watch`.
const OF_TOPIC: &str = select_page!(
    "AND $4 = '' AND EXISTS (SELECT 1 FROM article_topics x WHERE x.article_id = a.id
     AND x.topic_id = (SELECT t.id FROM topics t WHERE t.slug = $3))"
);
const OF_SECTION: &str = select_page!(
    "AND EXISTS (SELECT 1 FROM article_sections x WHERE x.article_id = a.id
     AND x.section_id = (SELECT s.id FROM sections s WHERE s.portal = $3 AND s.slug = $4))"
);
const OF_PHRASE: &str = select_page!(
    "AND $4 = '' AND EXISTS (SELECT 1 FROM article_watches x WHERE x.article_id = a.id
     AND x.watch_id = (SELECT w.id FROM watches w WHERE w.kind = 'phrase' AND w.value = $3))"
);

impl Store {
    /// The newest articles of a watch.
    pub async fn list(&self, watch: &Watch, page: Page) -> Result<Vec<Article>> {
        let (sql, first, second) = match watch {
            Watch::All => (ALL, "", ""),
            Watch::Topic(slug) => (OF_TOPIC, slug.as_str(), ""),
            Watch::Section { portal, slug } => (OF_SECTION, portal.as_str(), slug.as_str()),
            Watch::Phrase(phrase) => (OF_PHRASE, phrase.as_str(), ""),
        };
        let rows: Vec<ArticleRow> = on_db!(self.read, |pool| sqlx::query_as(sql)
            .bind(page.before)
            .bind(page.limit)
            .bind(first)
            .bind(second)
            .fetch_all(pool)
            .await)?;
        self.complete(rows).await
    }

    /// Every topic in force with the number of its articles, in the taxonomy's order.
    pub async fn topic_counts(&self) -> Result<Vec<TopicCount>> {
        const SQL: &str = "SELECT t.slug, t.vi, t.en, COUNT(a.id) FROM topics t
            LEFT JOIN article_topics x ON x.topic_id = t.id
            LEFT JOIN articles a ON a.id = x.article_id AND a.withdrawn_at IS NULL
            WHERE t.retired_at IS NULL GROUP BY t.id, t.slug, t.vi, t.en, t.position ORDER BY t.position";
        let rows: Vec<(String, String, String, i64)> =
            on_db!(self.read, |pool| sqlx::query_as(SQL).fetch_all(pool).await)?;
        Ok(rows
            .into_iter()
            .map(|(slug, vi, en, articles)| TopicCount {
                label: Label { slug, vi, en },
                articles,
            })
            .collect())
    }
}
