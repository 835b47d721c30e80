//! Lists of articles: everything, or what belongs to one watch, newest first.

use sqlx::QueryBuilder;

use super::{
    Result, Store,
    articles::{ArticleRow, article_columns},
    of_watch::push_watch,
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

impl Store {
    /// The newest articles of a watch.
    pub async fn list(&self, watch: &Watch, page: Page) -> Result<Vec<Article>> {
        let rows: Vec<ArticleRow> = on_db!(self.read, |pool| {
            let mut query = QueryBuilder::new(article_columns!());
            push_watch(&mut query, watch);
            if let Some(before) = page.before {
                query
                    .push(
                        " AND (a.listed_at, a.id) < (SELECT b.listed_at, b.id FROM articles b WHERE b.id = ",
                    )
                    .push_bind(before)
                    .push(")");
            }
            query
                .push(" ORDER BY a.listed_at DESC, a.id DESC LIMIT ")
                .push_bind(page.limit);
            query.build_query_as().fetch_all(pool).await
        })?;
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
