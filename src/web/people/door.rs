//! What stands between the web and somebody's mailbox: limits, tickets that are good once, and the word to the sender.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use ipnet::IpNet;
use tokio::sync::Notify;

use super::{
    client::{Client, Limiter},
    ticket::{self, Ticket, Trouble},
};
use crate::{domain::token::Tokens, web::state::WebState};

/// Tickets that are remembered as used: more than anybody's puzzles are solved within their time.
const TICKETS: u64 = 1_000_000;

/// Changes on private pages that are taken from a client within an hour: more than anybody's fingers make, and too few to fill
/// a database with phrases.
const CHANGES_PER_HOUR: u32 = 300;

/// What the form to sign up asks of who fills it in. Cheap to clone.
#[derive(Clone)]
pub struct Door {
    /// How hard the puzzle is (bits); 0 for none.
    pub difficulty: u32,
    /// Answers that are taken from a client within an hour.
    pub per_hour: u32,
    /// As many of them without a solved puzzle.
    pub per_hour_without_script: u32,
    /// Whose word counts about a client's address.
    pub trusted_proxies: Arc<[IpNet]>,
    /// Wakes the sender of mails where it runs in this process; one in another process looks by itself every few seconds.
    pub letters: Arc<Notify>,
    answers: Limiter,
    questions: Limiter,
    links: Limiter,
    changes: Limiter,
    votes: Limiter,
    used: moka::sync::Cache<u64, ()>,
}

/// Why a form is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turned {
    /// Too many from one client; after so long the next one is taken.
    TooMany(TimeDelta),
    /// The form is too old, was sent before, or is none of ours.
    Stale,
    /// Neither puzzle nor question, or the wrong answer.
    Unproven,
}

impl Door {
    /// With nothing counted yet.
    pub fn new(
        difficulty: u32,
        (per_hour, per_hour_without_script): (u32, u32),
        trusted_proxies: Arc<[IpNet]>,
    ) -> Self {
        let used = moka::sync::Cache::builder()
            .max_capacity(TICKETS)
            .time_to_live(Duration::from_secs(
                ticket::GOOD_FOR.num_seconds().unsigned_abs() + 60,
            ));
        Self {
            difficulty,
            per_hour,
            per_hour_without_script,
            trusted_proxies,
            letters: Arc::default(),
            answers: Limiter::new(),
            questions: Limiter::new(),
            links: Limiter::new(),
            changes: Limiter::new(),
            votes: Limiter::new(),
            used: used.build(),
        }
    }

    /// Counts an answer to the form.
    pub(super) fn count(&self, client: Client, now: DateTime<Utc>) -> Result<(), Turned> {
        let counted = self.answers.count(client, self.per_hour, now);
        counted.map_err(Turned::TooMany)
    }

    /// Counts a wish to be sent a private link.
    pub(in crate::web) fn count_link(&self, client: Client, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        self.links.count(client, self.per_hour, now)
    }

    /// Counts a change on a private page.
    pub(super) fn count_change(&self, client: Client, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        self.changes.count(client, CHANGES_PER_HOUR, now)
    }

    /// Counts what somebody says of an article's topics.
    pub(in crate::web) fn count_vote(&self, client: Client, now: DateTime<Utc>) -> Result<(), TimeDelta> {
        self.votes.count(client, self.per_hour, now)
    }

    /// Takes the ticket of a form that is right in all else: once, and for some trouble.
    pub(super) fn admit(
        &self,
        client: Client,
        (ticket, work, answer): (&str, &str, &str),
        tokens: &Tokens,
        now: DateTime<Utc>,
    ) -> Result<(), Turned> {
        let ticket = Ticket::read(ticket, tokens, now).ok_or(Turned::Stale)?;
        match ticket.trouble(self.difficulty, work, answer) {
            Trouble::Solved => {}
            Trouble::None => return Err(Turned::Unproven),
            Trouble::Answered(is_right) => {
                // Wrong ones count too: there are only so many sums.
                let counted = self.questions.count(client, self.per_hour_without_script, now);
                counted.map_err(Turned::TooMany)?;
                if !is_right {
                    return Err(Turned::Unproven);
                }
            }
        }
        let entry = self.used.entry(ticket.number()).or_insert(());
        if entry.is_fresh() {
            Ok(())
        } else {
            Err(Turned::Stale)
        }
    }
}

/// A ticket for a form that is being shown.
pub(super) fn fresh_ticket(state: &WebState) -> Option<(String, Ticket)> {
    let now = state.clock.now();
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .inspect_err(|e| tracing::error!("No randomness from the system for a form: {e}"))
        .ok()?;
    let text = ticket::issue(&state.tokens, u64::from_le_bytes(bytes), now);
    let ticket = Ticket::read(&text, &state.tokens, now)?;
    Some((text, ticket))
}
