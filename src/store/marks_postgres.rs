//! The marks of ordinary mails on PostgreSQL: one statement, one way to the server and back. As a transaction of several it
//! would be four, and each mail waits for two of them.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use super::{Claimed, Mark, Marked};

/// `ANY` and not `unnest`: of that, the planner would make another plan for each number of rows, which takes as long as the rest.
const SQL: &str = "WITH sent AS (
        UPDATE deliveries SET state = 'sent', claim = NULL, reason = NULL, sent_at = $1
        WHERE id = ANY ($2) AND claim = ($3::BIGINT[])[array_position($2, id)] AND state IN ('queued', 'sending')
    )
    UPDATE deliveries SET state = 'sending', due_at = $4
    WHERE id = ANY ($5) AND claim = ($6::BIGINT[])[array_position($5, id)] AND state = 'queued' AND due_at > $1
    RETURNING id";

/// Marks what was sent and what is about to be, until a moment; `None` if there are other marks among them, or mails that have to
/// be counted.
pub(super) async fn mark_in_one(
    pool: &PgPool,
    marks: &[(Claimed, Mark)],
    until: DateTime<Utc>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Vec<Marked>>> {
    let (mut sent, mut sending) = (Columns::default(), Columns::default());
    for (delivery, mark) in marks {
        let of_mark = match mark {
            Mark::Sent(None) => &mut sent,
            Mark::Sending(caps) if caps.is_empty() => &mut sending,
            _ => return Ok(None),
        };
        of_mark.ids.push(delivery.id);
        of_mark.claims.push(delivery.claim);
    }
    let begun: Vec<i64> = sqlx::query_scalar(SQL)
        .bind(now)
        .bind(&sent.ids)
        .bind(&sent.claims)
        .bind(until)
        .bind(&sending.ids)
        .bind(&sending.claims)
        .fetch_all(pool)
        .await?;
    let begun: BTreeSet<i64> = begun.into_iter().collect();
    let answers = marks.iter().map(|(delivery, mark)| match mark {
        Mark::Sending(_) if !begun.contains(&delivery.id) => Marked::Lost,
        _ => Marked::Done,
    });
    Ok(Some(answers.collect()))
}

#[derive(Default)]
struct Columns {
    ids: Vec<i64>,
    claims: Vec<i64>,
}
