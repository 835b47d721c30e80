//! The outbox: claiming deliveries under a lease, and marking what became of them.
//!
//! `queued -> (claimed) -> sending -> sent | queued again | failed | unknown`; beside these `folded` (too old for an
//! alert: told in the next digest) and `cancelled` (nothing left to tell). A claim's number fences: whoever lost the lease
//! can neither send nor mark.

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::FromRow;

use super::{
    Pool, Result, Store, StoreError, markers::is_news, on_db, outcome::Outcome, schedules::frequency_at,
};
use crate::domain::{
    bounce::Reason,
    delivery::Kind,
    quiet::QuietHours,
    subscription::{Address, Channel, Language},
};

/// How long a claimed delivery belongs to its claimer before it is sent.
pub const CLAIM_LEASE: TimeDelta = TimeDelta::minutes(5);

/// How long a delivery may be in `sending` before its outcome is unknown: longer than the ten minutes that RFC 5321
/// (4.5.3.2.6) gives a server to answer the final dot.
pub const SENDING_LEASE: TimeDelta = TimeDelta::minutes(12);

/// The same for posts and hooks, whose requests end after twenty seconds.
const REQUEST_LEASE: TimeDelta = TimeDelta::minutes(1);

/// How long a claimed delivery on a channel belongs to its claimer. Posts and hooks are claimed a second before their turn.
fn claim_lease(channel: Channel) -> TimeDelta {
    match channel {
        Channel::Email => CLAIM_LEASE,
        Channel::Telegram | Channel::Webhook => REQUEST_LEASE,
    }
}

/// How long a delivery on a channel may be in `sending`.
pub fn sending_lease(channel: Channel) -> TimeDelta {
    match channel {
        Channel::Email => SENDING_LEASE,
        Channel::Telegram | Channel::Webhook => REQUEST_LEASE,
    }
}

/// How late the one retry of an e-mail with an unknown outcome is.
pub(super) const UNKNOWN_RETRY: TimeDelta = TimeDelta::minutes(30);

/// A delivery that is ours to send until its lease ends.
#[derive(Debug, Clone)]
pub struct Claimed {
    /// Row id; the Message-ID is made from it.
    pub id: i64,
    /// The claim that fences.
    pub claim: i64,
    /// What it carries.
    pub kind: Kind,
    /// Whom it is for (row id).
    pub subscriber_id: i64,
    /// The number that the subscriber's private link is made with.
    pub link_number: i64,
    /// Whether the subscriber signed up themselves: nobody else did it for them.
    pub signed_up: bool,
    /// Why the subscriber is not written to after all, if so: what happened since the delivery was queued.
    pub hold: Option<Hold>,
    /// Where to.
    pub address: Address,
    /// In which language.
    pub language: Language,
    /// The round, for an alert.
    pub fanout_id: Option<i64>,
    /// The run, for a digest.
    pub digest_run_id: Option<i64>,
    /// For a digest: it tells the rounds after here, by the digest clock.
    pub digest_after: Option<i64>,
    /// The sign-up, for a confirmation.
    pub signup_id: Option<i64>,
    /// Attempts, this one included.
    pub attempts: i64,
    /// When it came to be owed.
    pub created_at: DateTime<Utc>,
    /// Whether an attempt's outcome was unknown before: there is no second retry then.
    pub was_unknown: bool,
    /// For an edit: whose post it edits.
    pub edits_id: Option<i64>,
    /// The messages of a post that takes several, as they were written down before the first was sent.
    pub parts: Option<String>,
    /// How many of them were handed over.
    pub parts_done: i64,
    /// When the chat is not to ring.
    pub quiet: Option<QuietHours>,
    /// Whether the subscriber likes to see previews of links.
    pub preview: bool,
}

/// Why a subscriber is not written to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hold {
    /// Their own wish, until a moment. Letters are sent all the same.
    Paused,
    /// Mails to the address came back, or were complained about.
    Suppressed,
}

#[derive(FromRow)]
struct ClaimedRow {
    id: i64,
    subscriber_id: i64,
    address: String,
    language: String,
    kind: String,
    link_number: i64,
    signed_up: bool,
    paused_until: Option<DateTime<Utc>>,
    suppressed_at: Option<DateTime<Utc>>,
    suppressed_for: Option<String>,
    fanout_id: Option<i64>,
    digest_run_id: Option<i64>,
    after_number: Option<i64>,
    signup_id: Option<i64>,
    attempts: i64,
    created_at: DateTime<Utc>,
    unknown_at: Option<DateTime<Utc>>,
    edits_id: Option<i64>,
    parts: Option<String>,
    parts_done: i64,
    quiet_from: Option<String>,
    quiet_to: Option<String>,
    preview: bool,
}

macro_rules! claim_sql {
    ($begin:literal, $end:literal) => {
        concat!(
            "UPDATE deliveries SET attempts = attempts + 1, due_at = $2, claim = $3 WHERE id ",
            $begin,
            "SELECT id FROM deliveries
             WHERE channel = $4 AND state = 'queued' AND priority = $6 AND due_at <= $1
             ORDER BY due_at, id LIMIT $5 ",
            $end
        )
    };
}
const CLAIM_SQLITE: &str = claim_sql!("IN (", ")");
/// Competing workers pass over each other's rows instead of waiting for them. An array, since PostgreSQL may run a subquery
/// anew for each row, and passes over what it has just claimed itself: of a burst that its statistics do not know yet it would
/// claim everything, however long that takes.
const CLAIM_POSTGRES: &str = claim_sql!("= ANY(ARRAY(", "FOR UPDATE SKIP LOCKED))");

const CLAIMED: &str = "SELECT d.id, d.subscriber_id, p.address, p.language, d.kind, p.link_number, p.paused_until, p.suppressed_at,
        EXISTS (SELECT 1 FROM signups u WHERE u.subscriber_id = p.id AND u.confirmed_at IS NOT NULL) AS signed_up,
        p.suppressed_for, d.fanout_id, d.digest_run_id, d.after_number, d.signup_id, d.attempts, d.created_at, d.unknown_at,
        d.edits_id, d.parts, CASE WHEN d.parts IS NULL THEN 0
            ELSE (SELECT COUNT(*) FROM post_parts x WHERE x.delivery_id = d.id) END AS parts_done,
        p.quiet_from, p.quiet_to, p.preview
    FROM deliveries d JOIN subscribers p ON p.id = d.subscriber_id
    WHERE d.claim = $1 AND d.state = 'queued' ORDER BY d.priority, d.id";

impl Store {
    /// Claims at most `limit` due deliveries of a channel, the most urgent first. `claim` is a random number.
    pub async fn claim(
        &self,
        channel: Channel,
        limit: i64,
        claim: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claimed>> {
        self.claim_lanes(channel, &Kind::LANES, limit, claim, now).await
    }

    /// As [`Store::claim`], of these lanes alone. Lane by lane, so that each is one short walk along the index, however many
    /// of a more urgent lane wait for a later moment.
    pub async fn claim_lanes(
        &self,
        channel: Channel,
        lanes: &[i64],
        limit: i64,
        claim: i64,
        now: DateTime<Utc>,
    ) -> Result<Vec<Claimed>> {
        let sql = match self.write {
            Pool::Sqlite(_) => CLAIM_SQLITE,
            Pool::Postgres(_) => CLAIM_POSTGRES,
        };
        let rows: Vec<ClaimedRow> = on_db!(self.write, |pool| {
            let mut left = limit;
            for lane in lanes {
                let claimed = sqlx::query(sql)
                    .bind(now)
                    .bind(now + claim_lease(channel))
                    .bind(claim)
                    .bind(channel.as_str())
                    .bind(left)
                    .bind(lane)
                    .execute(pool)
                    .await?;
                left -= i64::try_from(claimed.rows_affected()).unwrap_or(left);
                if left <= 0 {
                    break;
                }
            }
            if left == limit {
                return Ok(Vec::new());
            }
            sqlx::query_as(CLAIMED).bind(claim).fetch_all(pool).await?
        });
        rows.into_iter()
            .map(|row| row.into_claimed(channel, claim, now))
            .collect()
    }

    /// Commits that a claimed delivery is about to be handed over; `false` when the lease was lost or the delivery was
    /// cancelled meanwhile, and nothing may be sent.
    pub async fn mark_sending(&self, delivery: &Claimed, now: DateTime<Utc>) -> Result<bool> {
        const SQL: &str = "UPDATE deliveries SET state = 'sending', due_at = $3
            WHERE id = $1 AND claim = $2 AND state = 'queued' AND due_at > $4";
        let marked = on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(delivery.id)
            .bind(delivery.claim)
            .bind(now + sending_lease(delivery.address.channel()))
            .bind(now)
            .execute(pool)
            .await
            .map(|done| done.rows_affected()))?;
        Ok(marked == 1)
    }

    /// Marks what became of a claimed delivery. Without effect if the claim was lost.
    pub async fn mark(&self, delivery: &Claimed, outcome: &Outcome<'_>, now: DateTime<Utc>) -> Result<()> {
        const SQL: &str = "UPDATE deliveries SET state = $3, due_at = COALESCE($4, due_at), sent_at = COALESCE($5, sent_at),
                unknown_at = COALESCE(unknown_at, $6), remote_id = COALESCE($7, remote_id), reason = $8, claim = NULL
            WHERE id = $1 AND claim = $2 AND state IN ('queued', 'sending', 'unknown')";
        let row = outcome.row(now);
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(delivery.id)
            .bind(delivery.claim)
            .bind(row.state)
            .bind(row.due_at)
            .bind(row.sent_at)
            .bind(row.unknown_at)
            .bind(row.remote_id)
            .bind(row.reason)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }

    /// When a delivery with an unknown outcome may be sent once more: e-mail only, since a reader's program recognises the
    /// Message-ID, and once.
    pub fn unknown_retry(delivery: &Claimed, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let may = delivery.address.channel() == Channel::Email && !delivery.was_unknown;
        may.then(|| now + UNKNOWN_RETRY)
    }

    /// The articles that an alert tells: the round's, as far as the subscriber still watches what they watched when it became
    /// ready.
    pub async fn articles_of_alert(&self, fanout: i64, subscriber: i64) -> Result<Vec<i64>> {
        const SQL: &str = concat!(
            "SELECT DISTINCT f.article_id FROM fanouts o JOIN fanout_articles f ON f.fanout_id = o.id
            JOIN article_watches w ON w.article_id = f.article_id
            JOIN subscriptions s ON s.watch_id = w.watch_id
            WHERE o.id = $1 AND s.subscriber_id = $2 AND s.ended_at IS NULL AND ",
            frequency_at!("s", "o"),
            " = 'instant' AND ",
            is_news!("instant")
        );
        Ok(on_db!(self.read, |pool| sqlx::query_scalar(SQL)
            .bind(fanout)
            .bind(subscriber)
            .fetch_all(pool)
            .await)?)
    }

    /// Leaves a delivery that could not be worked on to its lease: given back, it would be claimed again at once, and
    /// fail again, without end.
    pub async fn leave_to_lease(&self, delivery: &Claimed) -> Result<()> {
        const SQL: &str =
            "UPDATE deliveries SET claim = NULL WHERE id = $1 AND claim = $2 AND state = 'queued'";
        Ok(on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(delivery.id)
            .bind(delivery.claim)
            .execute(pool)
            .await
            .map(drop))?)
    }

    /// Gives back what of a claim was not tried, as if it had never been claimed.
    pub async fn release(&self, claim: i64, now: DateTime<Utc>) -> Result<()> {
        const SQL: &str = "UPDATE deliveries SET attempts = attempts - 1, due_at = $2, claim = NULL
            WHERE claim = $1 AND state = 'queued'";
        on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(claim)
            .bind(now)
            .execute(pool)
            .await
            .map(drop))?;
        Ok(())
    }
}

impl ClaimedRow {
    fn into_claimed(self, channel: Channel, claim: i64, now: DateTime<Utc>) -> Result<Claimed> {
        let unreadable = |what, why: String| StoreError::Unreadable { what, why };
        let address = Address::parse(channel, &self.address)
            .map_err(|e| unreadable("subscribers.address", format!("row {}: {e}", self.subscriber_id)))?;
        let language = self
            .language
            .parse()
            .map_err(|e| unreadable("subscribers.language", format!("{e}")))?;
        let kind = Kind::parse(&self.kind)
            .ok_or_else(|| unreadable("deliveries.kind", format!("row {}: {:?}", self.id, self.kind)))?;
        let is_paused = self.paused_until.is_some_and(|until| until > now);
        let reason = self.suppressed_for.as_deref().and_then(Reason::parse);
        let is_suppressed = self.suppressed_at.is_some_and(|at| {
            let may_ask = reason.unwrap_or(Reason::Bounce).is_confirmable(at, now);
            !(kind == Kind::Confirmation && may_ask)
        });
        let hold = match (is_suppressed, is_paused && kind.is_news()) {
            (true, _) => Some(Hold::Suppressed),
            (false, true) => Some(Hold::Paused),
            (false, false) => None,
        };
        Ok(Claimed {
            id: self.id,
            claim,
            kind,
            subscriber_id: self.subscriber_id,
            link_number: self.link_number,
            signed_up: self.signed_up,
            hold,
            address,
            language,
            fanout_id: self.fanout_id,
            digest_run_id: self.digest_run_id,
            digest_after: self.after_number,
            signup_id: self.signup_id,
            attempts: self.attempts,
            created_at: self.created_at,
            was_unknown: self.unknown_at.is_some(),
            edits_id: self.edits_id,
            parts: self.parts,
            parts_done: self.parts_done,
            quiet: QuietHours::parse(self.quiet_from.as_deref(), self.quiet_to.as_deref()),
            preview: self.preview,
        })
    }
}
