//! How fast the bot may answer: below Telegram's limits, which news needs its part of too. Pure; `now` is an argument.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Mutex, PoisonError},
};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::bot_update::ChatKind;

/// Telegram lets a bot send about a message a second to a chat, with short bursts.
const PRIVATE: (usize, TimeDelta) = (3, TimeDelta::seconds(3));

/// And 20 a minute to a group; news is to find room beside answers.
const GROUP: (usize, TimeDelta) = (12, TimeDelta::seconds(60));

/// Chats that are remembered before those that were silent for long are looked for.
const MANY: usize = 1_000;

/// The answers of the last seconds, and who has to wait for longer.
#[derive(Debug)]
pub struct Pace {
    per_second: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    all: VecDeque<DateTime<Utc>>,
    chats: HashMap<i64, VecDeque<DateTime<Utc>>>,
    held: HashMap<i64, DateTime<Utc>>,
}

impl Pace {
    /// With so many answers a second over all chats.
    pub fn new(per_second: u32) -> Self {
        Self {
            per_second: usize::try_from(per_second).unwrap_or(1).max(1),
            state: Mutex::default(),
        }
    }

    /// Takes a turn to answer in a chat; where there is none, the moment of the next.
    pub fn take(&self, chat: i64, kind: ChatKind, now: DateTime<Utc>) -> Result<(), DateTime<Utc>> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let (most, within) = if kind == ChatKind::Private { PRIVATE } else { GROUP };
        state.forget(now);
        if let Some(until) = state.held.get(&chat) {
            return Err(*until);
        }
        let of_chat = state.chats.entry(chat).or_default();
        free(of_chat, most, within, now)?;
        free(&mut state.all, self.per_second, TimeDelta::seconds(1), now)?;
        state.all.push_back(now);
        state.chats.entry(chat).or_default().push_back(now);
        Ok(())
    }

    /// Telegram asked for a pause in a chat.
    pub fn hold(&self, chat: i64, until: DateTime<Utc>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.held.insert(chat, until);
    }
}

impl State {
    fn forget(&mut self, now: DateTime<Utc>) {
        self.held.retain(|_, until| *until > now);
        if self.chats.len() > MANY {
            let is_recent = |at: &DateTime<Utc>| now - *at < GROUP.1;
            self.chats.retain(|_, turns| turns.back().is_some_and(is_recent));
        }
    }
}

/// Whether fewer than `most` turns were taken lately; else when that will be so.
fn free(
    turns: &mut VecDeque<DateTime<Utc>>,
    most: usize,
    within: TimeDelta,
    now: DateTime<Utc>,
) -> Result<(), DateTime<Utc>> {
    while turns.front().is_some_and(|at| now - *at >= within) {
        turns.pop_front();
    }
    match turns.front() {
        Some(first) if turns.len() >= most => Err(*first + within),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chat_that_writes_fast_waits_and_the_others_do_not() {
        let pace = Pace::new(30);
        let start: DateTime<Utc> = "2026-11-24T08:00:00Z".parse().unwrap();
        let at = |millis: i64| start + TimeDelta::milliseconds(millis);
        for millis in [0, 100, 200] {
            assert_eq!(pace.take(1, ChatKind::Private, at(millis)), Ok(()));
        }
        assert_eq!(pace.take(1, ChatKind::Private, at(300)), Err(at(3000)));
        assert_eq!(pace.take(2, ChatKind::Private, at(300)), Ok(()));
        assert_eq!(pace.take(1, ChatKind::Private, at(3000)), Ok(()));
        assert_eq!(pace.take(1, ChatKind::Private, at(3050)), Err(at(3100)));
    }

    #[test]
    fn all_chats_together_and_a_pause_that_telegram_asked_for_hold() {
        let pace = Pace::new(2);
        let start: DateTime<Utc> = "2026-11-24T08:00:00Z".parse().unwrap();
        let second = TimeDelta::seconds(1);
        assert_eq!(pace.take(1, ChatKind::Private, start), Ok(()));
        assert_eq!(pace.take(2, ChatKind::Private, start), Ok(()));
        assert_eq!(pace.take(3, ChatKind::Private, start), Err(start + second));
        pace.hold(3, start + second * 9);
        assert_eq!(
            pace.take(3, ChatKind::Private, start + second),
            Err(start + second * 9)
        );
        assert_eq!(pace.take(3, ChatKind::Private, start + second * 9), Ok(()));
    }
}
