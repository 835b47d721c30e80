//! Which posts are owed an edit because an article changed: changes are walked in the order of their clock.

use chrono::{DateTime, Utc};

use super::{
    Result, Store, on_db,
    posts::{owe, standing},
};

/// Posts of one article `$1` that tell something else; `$4` and `$5` are since when shared chats and private ones follow.
const OWE_ALL: &str = owe!(
    concat!(
        "FROM post_articles x JOIN deliveries d ON d.id = x.delivery_id JOIN subscribers p ON p.id = d.subscriber_id
         LEFT JOIN articles a ON a.id = x.article_id
         WHERE x.article_id = $1 AND d.id > $3 AND p.ended_at IS NULL
           AND d.sent_at >= CASE WHEN substr(p.address, 1, 1) IN ('-', '@') THEN $4 ELSE $5 END
           AND x.told <> ",
        standing!(),
        " ORDER BY d.id LIMIT $6"
    ),
    "$2"
);

impl Store {
    /// The first change of an article that posts were not looked for yet, if it is from before `ripe`: what was on its way
    /// then has arrived. The article, and the change's number.
    pub async fn article_to_follow(&self, ripe: DateTime<Utc>) -> Result<Option<(i64, i64)>> {
        const SQL: &str = "SELECT article_id, change, changed_at FROM article_changes
            WHERE change > (SELECT change FROM post_follow WHERE id = 1) ORDER BY change LIMIT 1";
        let next: Option<(i64, i64, DateTime<Utc>)> =
            on_db!(self.read, |pool| sqlx::query_as(SQL).fetch_optional(pool).await)?;
        Ok(next.and_then(|(article, change, at)| (at <= ripe).then_some((article, change))))
    }

    /// Owes edits for at most `limit` posts that tell something else of an article, after a delivery's number and in that order.
    /// Gives the largest number. `since` is from when on posts follow: in groups and channels, and in private chats.
    pub async fn owe_edits(
        &self,
        article: i64,
        after: i64,
        since: (DateTime<Utc>, DateTime<Utc>),
        limit: i64,
        now: DateTime<Utc>,
    ) -> Result<Option<i64>> {
        let owed: Vec<i64> = on_db!(self.write, |pool| sqlx::query_scalar(OWE_ALL)
            .bind(article)
            .bind(now)
            .bind(after)
            .bind(since.0)
            .bind(since.1)
            .bind(limit)
            .fetch_all(pool)
            .await)?;
        Ok(owed.into_iter().max())
    }

    /// Posts were looked for up to this change.
    pub async fn followed_up_to(&self, change: i64) -> Result<()> {
        const SQL: &str = "UPDATE post_follow SET change = $1 WHERE id = 1 AND change < $1";
        Ok(on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(change)
            .execute(pool)
            .await
            .map(drop))?)
    }
}
