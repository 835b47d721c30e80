//! How much there is to hear: articles of the last weeks, counted for people who choose what to follow.

use chrono::{DateTime, TimeDelta, Utc};

use super::{Filter, Result, Store, on_db};
use crate::domain::query::Query;

/// What is counted: four whole weeks, so that each day of the week counts alike.
const WINDOW: TimeDelta = TimeDelta::days(28);

/// What is taken for the age of a store that is younger: a day's news would be extrapolated to a flood.
const YOUNGEST: TimeDelta = TimeDelta::days(7);

/// Articles that a phrase's volume is counted of at most; more are more than anybody wants.
const MOST_COUNTED: i64 = 5_000;

/// Articles of the last weeks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Volumes {
    /// What was counted: listed at or after this moment.
    pub since: DateTime<Utc>,
    /// Over how many days, 7 to 28.
    pub days: i64,
    /// All of them.
    pub all: i64,
    /// Slug and number of each topic that has some.
    pub topics: Vec<(String, i64)>,
    /// Portal, slug and number of each section that has some.
    pub sections: Vec<(String, String, i64)>,
}

impl Store {
    /// How many articles the last four weeks brought: in all, by topic and by section.
    pub async fn volumes(&self, now: DateTime<Utc>) -> Result<Volumes> {
        const OLDEST: &str = "SELECT MIN(listed_at) FROM articles WHERE withdrawn_at IS NULL";
        const ALL: &str = "SELECT COUNT(*) FROM articles WHERE withdrawn_at IS NULL AND listed_at >= $1";
        const TOPICS: &str =
            "SELECT t.slug, COUNT(*) FROM articles a JOIN article_topics x ON x.article_id = a.id
            JOIN topics t ON t.id = x.topic_id
            WHERE a.withdrawn_at IS NULL AND a.listed_at >= $1 GROUP BY t.slug ORDER BY t.slug";
        const SECTIONS: &str = "SELECT s.portal, s.slug, COUNT(*) FROM articles a JOIN article_sections x ON x.article_id = a.id
            JOIN sections s ON s.id = x.section_id
            WHERE a.withdrawn_at IS NULL AND a.listed_at >= $1 GROUP BY s.portal, s.slug ORDER BY s.portal, s.slug";
        let since = now - WINDOW;
        on_db!(self.read, |pool| {
            let oldest: Option<DateTime<Utc>> = sqlx::query_scalar(OLDEST).fetch_one(pool).await?;
            let age = (now - oldest.unwrap_or(now)).clamp(YOUNGEST, WINDOW);
            Ok(Volumes {
                since,
                days: age.num_days(),
                all: sqlx::query_scalar(ALL).bind(since).fetch_one(pool).await?,
                topics: sqlx::query_as(TOPICS).bind(since).fetch_all(pool).await?,
                sections: sqlx::query_as(SECTIONS).bind(since).fetch_all(pool).await?,
            })
        })
    }

    /// How many articles since a moment hold what is looked for, counted up to some thousands.
    pub async fn count_found(&self, query: &Query, since: DateTime<Utc>) -> Result<i64> {
        let filter = Filter {
            from: Some(since),
            ..Filter::of(query)
        };
        // The newest come first, and a frequent word costs no more than a rare one: see the search.
        self.count(&filter, MOST_COUNTED).await
    }
}
