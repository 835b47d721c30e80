//! What staff say of articles' topics.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;

use super::{Result, Store, on_db};
use crate::domain::correction::Corrections;

impl Store {
    /// Notes what staff say: the article is about the topic, is not, or (`None`) that they take their word back. Its topics
    /// themselves are changed by [`Store::reclassify`].
    pub async fn correct(
        &self,
        article: i64,
        topic: &str,
        is_about: Option<bool>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        const PUT: &str = "INSERT INTO topic_corrections (article_id, topic_id, is_about, corrected_at)
            SELECT $1, id, $3, $4 FROM topics WHERE slug = $2
            ON CONFLICT (article_id, topic_id) DO UPDATE
                SET is_about = excluded.is_about, corrected_at = excluded.corrected_at";
        const TAKE_BACK: &str = "DELETE FROM topic_corrections
            WHERE article_id = $1 AND topic_id = (SELECT id FROM topics WHERE slug = $2)";
        on_db!(self.write, |pool| {
            let query = sqlx::query(if is_about.is_some() { PUT } else { TAKE_BACK });
            let query = query.bind(article).bind(topic);
            match is_about {
                Some(is_about) => query.bind(is_about).bind(now).execute(pool).await?,
                None => query.execute(pool).await?,
            };
        });
        Ok(())
    }

    /// What staff say of these articles; those of whom nothing was said are left out.
    pub async fn corrections(&self, articles: &[i64]) -> Result<HashMap<i64, Corrections>> {
        let mut corrections: HashMap<i64, Corrections> = HashMap::new();
        if articles.is_empty() {
            return Ok(corrections);
        }
        let rows: Vec<(i64, String, bool)> = on_db!(self.read, |pool| {
            let mut query = QueryBuilder::new(
                "SELECT c.article_id, t.slug, c.is_about FROM topic_corrections c JOIN topics t ON t.id = c.topic_id
                 WHERE c.article_id IN (",
            );
            let mut list = query.separated(", ");
            for article in articles {
                list.push_bind(*article);
            }
            query.push(")");
            query.build_query_as().fetch_all(pool).await?
        });
        for (article, slug, is_about) in rows {
            corrections.entry(article).or_default().0.insert(slug, is_about);
        }
        Ok(corrections)
    }
}
