//! Several relays: which of them takes the next mail. Each has its connections, its mails a second and a day; one that cannot
//! be reached or refuses the sign-in is left alone for a growing time, while the others take over.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio::sync::Notify;

use super::{Ready, Step, dkim::Signer, pace::Pace, reply::Fault, session::Pool, settings::SmtpSettings};
use crate::{
    domain::{subscription::Address, time::local_date},
    notify::{SendError, message::Mail},
};

/// How long a relay that failed is left alone at first, doubled each time, and at most.
const FIRST_REST: TimeDelta = TimeDelta::seconds(20);
const LONGEST_REST: TimeDelta = TimeDelta::minutes(15);

/// Mail servers to send through; clones share them.
#[derive(Clone)]
pub struct Relays(Arc<Inner>);

struct Inner {
    relays: Vec<Relay>,
    pace: Pace,
    freed: Notify,
}

struct Relay {
    pool: Pool,
    scope: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    under_way: usize,
    failures: u32,
    rests_until: Option<DateTime<Utc>>,
    /// With a limit a second: when the next mail may begin.
    next_at: Option<DateTime<Utc>>,
    full_on: Option<NaiveDate>,
}

/// A place at a relay for one mail; free again when it is dropped.
pub(super) struct Turn {
    inner: Arc<Inner>,
    relay: usize,
    starts_at: DateTime<Utc>,
    taken_at: DateTime<Utc>,
    since: std::time::Instant,
    domain: String,
}

/// What [`Relays::choose`] found.
enum Choice {
    Turn(Turn),
    /// All places are taken.
    Busy,
    /// No relay takes mail now.
    Closed,
}

/// What became of preparing a mail for whichever relay is free.
pub enum Prepared {
    /// A server waits for the text.
    Ready(Ready),
    /// No relay takes mail now; the mail was not tried.
    Closed,
}

impl Relays {
    pub(super) fn new(settings: Vec<SmtpSettings>) -> Self {
        let relay = |settings: SmtpSettings| Relay {
            scope: scope(&settings),
            pool: Pool::new(settings),
            state: Mutex::default(),
        };
        Self(Arc::new(Inner {
            relays: settings.into_iter().map(relay).collect(),
            pace: Pace::default(),
            freed: Notify::new(),
        }))
    }

    /// The mail with its DKIM signatures, where a key is set. Signing keeps a core busy for about a millisecond, so it is done
    /// beside the connections, on as many cores as there are.
    pub(super) async fn signed(&self, mail: &Mail, bytes: Vec<u8>) -> Result<Arc<[u8]>, SendError> {
        let Some(signer) = self.signer() else {
            return Ok(bytes.into());
        };
        let at = mail.date;
        tokio::task::spawn_blocking(move || signer.sign(&bytes, at))
            .await
            .map_err(|_| SendError::later("signing was interrupted"))?
            .map(Arc::from)
    }

    fn signer(&self) -> Option<Signer> {
        self.0.relays.first()?.pool.settings().dkim.clone()
    }

    /// Connections to all of them, at least one.
    pub(super) fn connections(&self) -> usize {
        let parked = self.0.relays.iter().map(|r| r.pool.settings().pool.parked);
        parked.sum::<usize>().max(1)
    }

    /// Whether any relay takes mail now.
    pub(super) fn is_open(&self, now: DateTime<Utc>) -> bool {
        self.0.relays.iter().any(|relay| relay.is_open(now))
    }

    /// The relays with a limit a day: what they are counted as, and the limit.
    pub(super) fn caps(&self) -> Vec<(String, i64)> {
        self.0.relays.iter().filter_map(Relay::cap).collect()
    }

    /// A relay has had its mails of the day.
    pub(super) fn is_full(&self, scope: &str, now: DateTime<Utc>) {
        for relay in self.0.relays.iter().filter(|relay| relay.scope == scope) {
            relay.state().full_on = Some(local_date(now));
        }
    }

    /// When a domain that asked for patience may have its next mail; `None`: now.
    pub(super) fn wait_until(&self, to: &Address, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.0.pace.wait_until(&domain_of(to), now)
    }

    /// A mail up to a server's 354, at the first relay; the next where it cannot be reached. For mails that are no delivery:
    /// without limits.
    pub(super) async fn prepare(&self, mail: &Mail, bytes: Vec<u8>) -> Result<Ready, SendError> {
        let bytes = self.signed(mail, bytes).await?;
        let mut failed = SendError::later("no relay is set");
        for relay in &self.0.relays {
            match relay.pool.open(mail, Arc::clone(&bytes), None).await? {
                Ok(open) => return Ok(Ready(Step::Smtp(Box::new(open)))),
                Err(fault) => {
                    let is_of_relay = fault.is_of_relay();
                    failed = fault.verdict(mail.to.as_str());
                    if !is_of_relay {
                        break;
                    }
                }
            }
        }
        Err(failed)
    }

    /// A mail up to a server's 354, at whichever relay has a place: waits for one, and for its turn of the second. `urgent`
    /// mails have a place of their own at each relay. `now` gives the time.
    pub(super) async fn prepare_in_turn(
        &self,
        mail: &Mail,
        bytes: Vec<u8>,
        is_urgent: bool,
        now: &(dyn Fn() -> DateTime<Utc> + Send + Sync),
    ) -> Result<Prepared, SendError> {
        let bytes = self.signed(mail, bytes).await?;
        let mut failed = None;
        loop {
            let freed = self.0.freed.notified();
            let turn = match self.choose(&mail.to, now(), is_urgent) {
                Choice::Turn(turn) => turn,
                Choice::Busy => {
                    freed.await;
                    continue;
                }
                Choice::Closed => return failed.map_or(Ok(Prepared::Closed), Err),
            };
            if let Ok(wait) = (turn.starts_at - now()).to_std() {
                tokio::time::sleep(wait).await;
            }
            let relay = turn.relay;
            let pool = self.0.relays[relay].pool.clone();
            // Held apart, for what the relay says before there is a mail under way.
            let domain = turn.domain.clone();
            match pool.open(mail, Arc::clone(&bytes), Some(turn)).await? {
                Ok(open) => {
                    self.0.relays[relay].works();
                    return Ok(Prepared::Ready(Ready(Step::Smtp(Box::new(open)))));
                }
                Err(fault) if fault.is_of_relay() => {
                    self.0.relays[relay].rests(now());
                    failed = Some(fault.verdict(mail.to.as_str()));
                }
                Err(fault) => {
                    if fault.is_slow_down() {
                        self.0.pace.slowed(&domain, now());
                    }
                    return Err(fault.verdict(mail.to.as_str()));
                }
            }
        }
    }

    /// The relay with the most room among those that take mail; with limits a second, the one whose turn comes first.
    fn choose(&self, to: &Address, now: DateTime<Utc>, is_urgent: bool) -> Choice {
        let mut best: Option<(DateTime<Utc>, usize, usize)> = None;
        let mut is_any_open = false;
        for (place, relay) in self.0.relays.iter().enumerate().filter(|(_, r)| r.is_open(now)) {
            is_any_open = true;
            let state = relay.state();
            let most = relay.pool.settings().pool.parked + usize::from(is_urgent);
            if state.under_way >= most {
                continue;
            }
            let starts_at = if is_urgent {
                now
            } else {
                state.next_at.map_or(now, |next| next.max(now))
            };
            // Parts of a thousand: a relay with more connections takes more.
            let load = state.under_way * 1000 / most;
            if best.is_none_or(|(at, least, _)| (starts_at, load) < (at, least)) {
                best = Some((starts_at, load, place));
            }
        }
        let Some((starts_at, _, place)) = best else {
            return if is_any_open { Choice::Busy } else { Choice::Closed };
        };
        let relay = &self.0.relays[place];
        let mut state = relay.state();
        state.under_way += 1;
        let per_second = i32::try_from(relay.pool.settings().pool.per_second).unwrap_or(i32::MAX);
        if per_second > 0 {
            let next = state.next_at.map_or(starts_at, |next| next.max(now));
            state.next_at = Some(next + TimeDelta::seconds(1) / per_second);
        }
        Choice::Turn(Turn {
            inner: Arc::clone(&self.0),
            relay: place,
            starts_at,
            taken_at: now,
            since: std::time::Instant::now(),
            domain: domain_of(to),
        })
    }

    /// A line about each server.
    pub(super) async fn check(&self) -> Result<String, SendError> {
        let mut lines = Vec::new();
        for relay in &self.0.relays {
            lines.push(relay.pool.check().await?);
        }
        Ok(lines.join("; "))
    }
}

impl Relay {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn cap(&self) -> Option<(String, i64)> {
        let most = self.pool.settings().pool.per_day;
        (most > 0).then(|| (self.scope.clone(), i64::from(most)))
    }

    fn is_open(&self, now: DateTime<Utc>) -> bool {
        let state = self.state();
        state.rests_until.is_none_or(|until| until <= now) && state.full_on != Some(local_date(now))
    }

    /// What several connections meet at one moment is one failure.
    fn rests(&self, now: DateTime<Utc>) {
        let mut state = self.state();
        if state.rests_until.is_some_and(|until| until > now) {
            return;
        }
        let rest = FIRST_REST * 2_i32.saturating_pow(state.failures.min(10));
        state.failures += 1;
        state.rests_until = Some(now + rest.min(LONGEST_REST));
    }

    fn works(&self) {
        let mut state = self.state();
        state.failures = 0;
        state.rests_until = None;
    }
}

impl Turn {
    /// What the relay is counted as, and its limit of the day, where it has one.
    pub(super) fn cap(&self) -> Option<(String, i64)> {
        self.inner.relays[self.relay].cap()
    }

    pub(super) fn was_taken(&self) {
        self.inner.pace.taken(&self.domain);
    }

    pub(super) fn failed(&self, fault: &Fault) {
        if fault.is_slow_down() {
            let now = self.taken_at + TimeDelta::from_std(self.since.elapsed()).unwrap_or_default();
            self.inner.pace.slowed(&self.domain, now);
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        let mut state = self.inner.relays[self.relay].state();
        state.under_way = state.under_way.saturating_sub(1);
        drop(state);
        self.inner.freed.notify_one();
    }
}

/// What a relay's mails are counted as: two accounts at one provider have a limit each.
fn scope(settings: &SmtpSettings) -> String {
    let at = format!("{}:{}", settings.host, settings.port);
    match &settings.user {
        Some(user) => format!("{at}/{user}"),
        None => at,
    }
}

fn domain_of(to: &Address) -> String {
    let (_, domain) = to.as_str().rsplit_once('@').unwrap_or_default();
    domain.to_ascii_lowercase()
}
