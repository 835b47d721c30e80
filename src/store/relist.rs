//! A known article found in one more section: the section's list shows it, the section's vote may give it a topic, and
//! whoever watches either hears of it, unless they heard already.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{
    BeginWrite, FanoutId, Result, Store,
    archives::join_archives,
    changes::note_change,
    fanouts::prove_open,
    on_db,
    record::{ADD_SECTION, ADD_TOPIC, ADD_WATCH},
};
use crate::domain::topic::Assigned;

/// An article that stands in one more section.
#[derive(Debug)]
pub struct Relisted<'a> {
    /// Its row.
    pub article: i64,
    /// The section, and the article's title in its list.
    pub section: (i64, &'a str),
    /// Its topics with the section's vote; those that it has stay as they are.
    pub topics: &'a [Assigned],
    /// The round that tells; `None` tells nobody.
    pub announce: Option<FanoutId>,
    /// Now.
    pub now: DateTime<Utc>,
}

/// The watch on the section `$1`, and those on the topics of the article `$2`.
const WATCHES: &str = "SELECT w.id FROM watches w JOIN sections s ON w.value = s.portal || '/' || s.slug
    WHERE w.kind = 'section' AND s.id = $1
    UNION SELECT w.id FROM watches w JOIN topics t ON t.slug = w.value
    JOIN article_topics x ON x.topic_id = t.id WHERE w.kind = 'topic' AND x.article_id = $2";

/// An article that was stored silently stays silent.
const MARK: &str = "INSERT INTO fanout_articles (article_id, fanout_id, only_watch_id)
    SELECT article_id, $2, $3 FROM fanout_articles WHERE article_id = $1 AND only_watch_id IS NULL
    ON CONFLICT DO NOTHING";

impl Store {
    /// Adds an article to a section; all or nothing.
    pub async fn relist(&self, relisted: &Relisted<'_>) -> Result<()> {
        let (article, (section, list_title)) = (relisted.article, relisted.section);
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            sqlx::query(ADD_SECTION)
                .bind(article)
                .bind(section)
                .bind(list_title)
                .execute(&mut *tx)
                .await?;
            sqlx::query("DELETE FROM wanted_pages WHERE section_id = $1 AND key = (SELECT key FROM articles WHERE id = $2)")
                .bind(section)
                .bind(article)
                .execute(&mut *tx)
                .await?;
            for topic in relisted.topics {
                sqlx::query(ADD_TOPIC)
                    .bind(article)
                    .bind(&topic.slug)
                    .bind(topic.score)
                    .bind(Json(&topic.evidence))
                    .execute(&mut *tx)
                    .await?;
            }
            let watches: Vec<i64> = sqlx::query_scalar(WATCHES)
                .bind(section)
                .bind(article)
                .fetch_all(&mut *tx)
                .await?;
            let mut gained = Vec::new();
            for watch in watches {
                let added = sqlx::query(ADD_WATCH)
                    .bind(article)
                    .bind(watch)
                    .execute(&mut *tx)
                    .await?;
                if added.rows_affected() == 1 {
                    gained.push(watch);
                }
            }
            if let Some(round) = relisted.announce.filter(|_| !gained.is_empty()) {
                prove_open!(tx, round, relisted.now);
                for watch in &gained {
                    sqlx::query(MARK)
                        .bind(article)
                        .bind(round.0)
                        .bind(watch)
                        .execute(&mut *tx)
                        .await?;
                }
            }
            note_change!(tx, article, relisted.now);
            join_archives!(tx, article, &gained);
            tx.commit().await?;
        });
        Ok(())
    }
}
