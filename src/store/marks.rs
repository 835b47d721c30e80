//! Marking deliveries many at a time. Each connection to a relay has to know two things to be committed for every mail, that
//! it is being sent and what became of it; what all of them wait for at one moment is committed as one transaction.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::QueryBuilder;

use super::{
    BeginWrite, Claimed, Pool, Posted, Result, SENDING_LEASE, Store, ToldArticle,
    marks_postgres::mark_in_one, on_db, posts::mark_post, sending_lease,
};

/// A number of mails a day that something may not go beyond.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cap {
    /// What is counted: `all`, or a relay.
    pub scope: String,
    /// Mails a day at most.
    pub most: i64,
}

/// One thing to be marked of a claimed delivery.
#[derive(Debug, Clone)]
pub enum Mark {
    /// It is about to be handed over, and counts against these caps.
    Sending(Vec<Cap>),
    /// It was accepted; the channel's own id where it has one.
    Sent(Option<String>),
    /// It was not tried: due then, as if it had never been claimed.
    GiveBack(DateTime<Utc>),
    /// It is told in the next digest instead; why.
    Fold(&'static str),
    /// A message of it was handed over.
    Posted(Posted),
    /// There is no answer yet: should the process die now, it is not tried again.
    Unsure,
    /// It was not taken for now: due then, and no attempt was lost; why.
    Wait(DateTime<Utc>, String),
    /// The post that it edits tells this now.
    Edited(Vec<ToldArticle>),
}

/// What became of a [`Mark`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marked {
    /// It is committed.
    Done,
    /// The claim was lost, or the delivery was cancelled meanwhile: nothing may be sent.
    Lost,
    /// This scope has had its mails of the day: nothing may be sent.
    Full(String),
}

const SENDING: &str = "UPDATE deliveries SET state = 'sending', due_at = ";
const SENT: &str = "UPDATE deliveries SET state = 'sent', claim = NULL, reason = NULL, sent_at = ";
const GIVE_BACK: &str = "UPDATE deliveries SET attempts = attempts - 1, claim = NULL, due_at = ";
const COUNT: &str = "INSERT INTO mail_counts (scope, day, mails) VALUES ($1, $2, $3)
    ON CONFLICT (scope, day) DO UPDATE SET mails = mail_counts.mails + excluded.mails RETURNING mails";
const UNCOUNT: &str = "UPDATE mail_counts SET mails = mails - $3 WHERE scope = $1 AND day = $2";

const SENT_AS: &str =
    "UPDATE deliveries SET state = 'sent', claim = NULL, reason = NULL, sent_at = $3, remote_id = $4
    WHERE id = $1 AND claim = $2 AND state IN ('queued', 'sending')";
const FOLD: &str = "UPDATE deliveries SET state = 'folded', claim = NULL, reason = $3
    WHERE id = $1 AND claim = $2 AND state = 'queued'";

/// `$sql $value WHERE claim = … AND id IN (…) AND $condition`; gives the rows that it changed.
macro_rules! marked {
    ($tx:ident, $sql:expr, $value:expr, $claim:expr, $ids:expr, $condition:literal $(, $than:expr)?) => {{
        let mut query = QueryBuilder::new($sql);
        query.push_bind($value);
        query.push(" WHERE claim = ").push_bind($claim).push(" AND id IN (");
        let mut list = query.separated(", ");
        for id in $ids {
            list.push_bind(*id);
        }
        query.push(concat!(") AND ", $condition));
        $(query.push_bind($than);)?
        query.push(" RETURNING id");
        let changed: Vec<i64> = query.build_query_scalar().fetch_all(&mut *$tx).await?;
        changed
    }};
}

impl Store {
    /// Marks them all in one transaction. Mails are counted on `day`, a date in the portal's zone. The answers stand in the
    /// order of the marks.
    pub async fn mark_all(
        &self,
        marks: &[(Claimed, Mark)],
        day: NaiveDate,
        now: DateTime<Utc>,
    ) -> Result<Vec<Marked>> {
        // Marks that are committed together are of one channel.
        let channel = marks.first().map(|(delivery, _)| delivery.address.channel());
        let until = now + channel.map_or(SENDING_LEASE, sending_lease);
        if let Pool::Postgres(pool) = &self.write
            && let Some(answers) = mark_in_one(pool, marks, until, now).await?
        {
            return Ok(answers);
        }
        self.mark_each(marks, day, until, now).await
    }

    async fn mark_each(
        &self,
        marks: &[(Claimed, Mark)],
        day: NaiveDate,
        until: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Result<Vec<Marked>> {
        let sent = by_claim(marks, |_, mark| matches!(mark, Mark::Sent(None)));
        let mut answers = vec![Marked::Done; marks.len()];
        let wanted = wanted(marks);
        let day = day.to_string();
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            for (claim, ids) in &sent {
                marked!(tx, SENT, now, *claim, ids, "state IN ('queued', 'sending')");
            }
            for (delivery, mark) in marks {
                match mark {
                    Mark::Sent(Some(remote_id)) => {
                        sqlx::query(SENT_AS)
                            .bind(delivery.id)
                            .bind(delivery.claim)
                            .bind(now)
                            .bind(remote_id)
                            .execute(&mut *tx)
                            .await?;
                    }
                    Mark::Fold(why) => {
                        sqlx::query(FOLD)
                            .bind(delivery.id)
                            .bind(delivery.claim)
                            .bind(*why)
                            .execute(&mut *tx)
                            .await?;
                    }
                    Mark::GiveBack(due) => {
                        marked!(
                            tx,
                            GIVE_BACK,
                            *due,
                            delivery.claim,
                            &[delivery.id],
                            "state = 'queued'"
                        );
                    }
                    Mark::Posted(_) | Mark::Unsure | Mark::Wait(..) | Mark::Edited(_) => {
                        mark_post!(tx, delivery, mark, now);
                    }
                    Mark::Sent(None) | Mark::Sending(_) => {}
                }
            }
            for (scope, (most, places)) in &wanted {
                let total: i64 = sqlx::query_scalar(COUNT)
                    .bind(*scope)
                    .bind(&day)
                    .bind(count(places.len()))
                    .fetch_one(&mut *tx)
                    .await?;
                let over = (total - most).clamp(0, count(places.len()));
                for place in places.iter().rev().take(usize::try_from(over).unwrap_or(0)) {
                    answers[*place] = Marked::Full((*scope).to_owned());
                }
            }
            let sending = by_claim(marks, |place, mark| {
                matches!(mark, Mark::Sending(_)) && answers[place] == Marked::Done
            });
            let mut begun = BTreeSet::new();
            for (claim, ids) in &sending {
                begun.extend(marked!(
                    tx,
                    SENDING,
                    until,
                    *claim,
                    ids,
                    "state = 'queued' AND due_at > ",
                    now
                ));
            }
            for (place, (delivery, mark)) in marks.iter().enumerate() {
                if matches!(mark, Mark::Sending(_))
                    && answers[place] == Marked::Done
                    && !begun.contains(&delivery.id)
                {
                    answers[place] = Marked::Lost;
                }
            }
            for (scope, (_, places)) in &wanted {
                let not_begun = places
                    .iter()
                    .filter(|place| answers[**place] != Marked::Done)
                    .count();
                if not_begun > 0 {
                    sqlx::query(UNCOUNT)
                        .bind(*scope)
                        .bind(&day)
                        .bind(count(not_begun))
                        .execute(&mut *tx)
                        .await?;
                }
            }
            tx.commit().await?;
        });
        Ok(answers)
    }

    /// How many mails were handed over on a day in the portal's zone.
    pub async fn mails_of_day(&self, scope: &str, day: NaiveDate) -> Result<i64> {
        const SQL: &str = "SELECT mails FROM mail_counts WHERE scope = $1 AND day = $2";
        let found: Option<i64> = on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(scope)
            .bind(day.to_string())
            .fetch_optional(pool)
            .await)?;
        Ok(found.unwrap_or(0))
    }
}

/// The rows whose marks are wanted, by the claim that holds them.
fn by_claim(marks: &[(Claimed, Mark)], is_wanted: impl Fn(usize, &Mark) -> bool) -> BTreeMap<i64, Vec<i64>> {
    let mut ids: BTreeMap<i64, Vec<i64>> = BTreeMap::new();
    for (place, (delivery, mark)) in marks.iter().enumerate() {
        if is_wanted(place, mark) {
            ids.entry(delivery.claim).or_default().push(delivery.id);
        }
    }
    ids
}

/// What is to be counted: for each scope its cap, and the places of the marks. In the order of names, so that two processes
/// never wait for each other.
fn wanted(marks: &[(Claimed, Mark)]) -> BTreeMap<&str, (i64, Vec<usize>)> {
    let mut wanted: BTreeMap<&str, (i64, Vec<usize>)> = BTreeMap::new();
    for (place, (_, mark)) in marks.iter().enumerate() {
        if let Mark::Sending(caps) = mark {
            for cap in caps {
                let (most, places) = wanted.entry(&cap.scope).or_insert((cap.most, Vec::new()));
                *most = cap.most.min(*most);
                places.push(place);
            }
        }
    }
    wanted
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
