//! What readers say of the topics of articles: counted, and kept without a word of who said it. Nothing follows from it by
//! itself; staff look at it.

use chrono::{DateTime, Utc};

use super::{BeginWrite, Result, Store, StoreError, on_db};

/// What a reader says of an article and a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Says {
    /// It should have the topic.
    Should,
    /// It should not have it.
    ShouldNot,
}

impl Says {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Should, Self::ShouldNot];

    /// The word in the database and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Should => "should",
            Self::ShouldNot => "should_not",
        }
    }
}

/// How many said the same of an article and a topic.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TopicVote {
    /// The article's row id.
    pub article: i64,
    /// Its title.
    pub title: String,
    /// The topic's slug.
    pub topic: String,
    /// What they said.
    pub says: Says,
    /// How many times it was said.
    pub votes: i64,
    /// When it was said last.
    pub last_at: DateTime<Utc>,
    /// Whether the article has the topic now.
    pub has_it: bool,
}

type Row = (i64, String, String, String, i64, DateTime<Utc>, i64);

impl Store {
    /// Counts what one reader says of an article's topics. Nothing is counted where the article is not there.
    pub async fn vote(&self, article: i64, said: &[(String, Says)], now: DateTime<Utc>) -> Result<()> {
        const SQL: &str = "INSERT INTO topic_votes (article_id, topic, says, votes, first_at, last_at)
            SELECT id, $2, $3, 1, $4, $4 FROM articles WHERE id = $1 AND withdrawn_at IS NULL
            ON CONFLICT (article_id, topic, says) DO UPDATE SET votes = topic_votes.votes + 1, last_at = excluded.last_at";
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            for (topic, says) in said {
                let query = sqlx::query(SQL)
                    .bind(article)
                    .bind(topic)
                    .bind(says.as_str())
                    .bind(now);
                query.execute(&mut *tx).await?;
            }
            tx.commit().await?;
        });
        Ok(())
    }

    /// What most readers said, the latest first of what as many said.
    pub async fn topic_votes(&self, limit: i64) -> Result<Vec<TopicVote>> {
        const SQL: &str = "SELECT v.article_id, a.title, v.topic, v.says, v.votes, v.last_at,
                (SELECT COUNT(*) FROM article_topics x JOIN topics t ON t.id = x.topic_id
                    WHERE x.article_id = v.article_id AND t.slug = v.topic)
            FROM topic_votes v JOIN articles a ON a.id = v.article_id
            ORDER BY v.votes DESC, v.last_at DESC, v.article_id, v.topic, v.says LIMIT $1";
        let rows: Vec<Row> = on_db!(self.read, |pool| sqlx::query_as(SQL)
            .bind(limit)
            .fetch_all(pool)
            .await)?;
        rows.into_iter()
            .map(|(article, title, topic, says, votes, last_at, given)| {
                let known = Says::ALL.into_iter().find(|known| known.as_str() == says);
                Ok(TopicVote {
                    article,
                    title,
                    topic,
                    says: known.ok_or_else(|| StoreError::Unreadable {
                        what: "topic_votes.says",
                        why: format!("unknown word {says:?}"),
                    })?,
                    votes,
                    last_at,
                    has_it: given > 0,
                })
            })
            .collect()
    }

    /// Forgets what was said of an article, once staff have looked at it; gives how many votes that were.
    pub async fn forget_votes(&self, article: i64) -> Result<i64> {
        const SQL: &str = "DELETE FROM topic_votes WHERE article_id = $1 RETURNING votes";
        let votes: Vec<i64> = on_db!(self.write, |pool| sqlx::query_scalar(SQL)
            .bind(article)
            .fetch_all(pool)
            .await)?;
        Ok(votes.iter().sum())
    }

    /// How many votes wait for staff, by what they say.
    pub async fn vote_counts(&self) -> Result<Vec<(String, i64)>> {
        const SQL: &str = "SELECT says, CAST(SUM(votes) AS BIGINT) FROM topic_votes GROUP BY says";
        Ok(on_db!(self.read, |pool| sqlx::query_as(SQL)
            .fetch_all(pool)
            .await)?)
    }
}
