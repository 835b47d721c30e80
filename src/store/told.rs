//! What many deliveries tell, read at once: which articles of a round are news to each of many subscribers, and what they
//! watch.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::QueryBuilder;

use super::{Result, Store, markers::is_news, on_db, watches::parse};
use crate::domain::{subscription::Frequency, watch::Watch};

/// Subscribers asked about at once, at most: both databases take thousands of parameters, and a statement of this size is
/// parsed in less than the time that its rows take.
const TOLD_AT_ONCE: usize = 500;

/// Pushes `(a, b, …)`.
macro_rules! push_ids {
    ($query:ident, $ids:expr) => {{
        $query.push("(");
        let mut list = $query.separated(", ");
        for id in $ids {
            list.push_bind(*id);
        }
        $query.push(")");
    }};
}

impl Store {
    /// The articles that an alert tells each of these subscribers: the round's, as far as they still watch them. Who has
    /// none is left out.
    pub async fn articles_of_alerts(
        &self,
        fanout: i64,
        subscribers: &[i64],
    ) -> Result<HashMap<i64, Vec<i64>>> {
        let mut found: HashMap<i64, Vec<i64>> = HashMap::new();
        for some in subscribers.chunks(TOLD_AT_ONCE) {
            let rows: Vec<(i64, i64)> = on_db!(self.read, |pool| {
                let mut query = QueryBuilder::new(
                    "SELECT DISTINCT s.subscriber_id, f.article_id FROM fanout_articles f
                     JOIN article_watches w ON w.article_id = f.article_id
                     JOIN subscriptions s ON s.watch_id = w.watch_id
                     WHERE s.frequency = 'instant' AND s.ended_at IS NULL AND f.fanout_id = ",
                );
                query.push_bind(fanout);
                query.push(concat!(" AND ", is_news!("instant"), " AND s.subscriber_id IN "));
                push_ids!(query, some);
                query.build_query_as().fetch_all(pool).await
            })?;
            for (subscriber, article) in rows {
                found.entry(subscriber).or_default().push(article);
            }
        }
        Ok(found)
    }

    /// What each of these subscribers watches at a frequency, in the order of the watches. Who watches nothing is left out.
    pub async fn watches_of_all(
        &self,
        subscribers: &[i64],
        frequency: Frequency,
    ) -> Result<HashMap<i64, Vec<Watch>>> {
        let mut found: HashMap<i64, Vec<Watch>> = HashMap::new();
        for some in subscribers.chunks(TOLD_AT_ONCE) {
            let rows: Vec<(i64, String, String)> = on_db!(self.read, |pool| {
                let mut query = QueryBuilder::new(
                    "SELECT s.subscriber_id, w.kind, w.value FROM subscriptions s JOIN watches w ON w.id = s.watch_id
                     WHERE s.ended_at IS NULL AND s.frequency = ",
                );
                query.push_bind(frequency.as_str());
                query.push(" AND s.subscriber_id IN ");
                push_ids!(query, some);
                query.push(" ORDER BY w.id");
                query.build_query_as().fetch_all(pool).await
            })?;
            for (subscriber, kind, value) in rows {
                found.entry(subscriber).or_default().push(parse(&kind, value)?);
            }
        }
        Ok(found)
    }

    /// How many alerts each of these subscribers was told since a moment. Who was told none is left out.
    pub async fn alerts_told_since(
        &self,
        subscribers: &[i64],
        since: DateTime<Utc>,
    ) -> Result<HashMap<i64, i64>> {
        let mut found = HashMap::new();
        for some in subscribers.chunks(TOLD_AT_ONCE) {
            let rows: Vec<(i64, i64)> = on_db!(self.read, |pool| {
                let mut query = QueryBuilder::new(
                    "SELECT subscriber_id, COUNT(*) FROM deliveries WHERE kind = 'alert' AND sent_at IS NOT NULL AND sent_at >= ",
                );
                query.push_bind(since);
                query.push(" AND subscriber_id IN ");
                push_ids!(query, some);
                query.push(" GROUP BY subscriber_id");
                query.build_query_as().fetch_all(pool).await
            })?;
            found.extend(rows);
        }
        Ok(found)
    }
}
