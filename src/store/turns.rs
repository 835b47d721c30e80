//! Turns: when a message may be sent, so that neither one chat nor all together get more than the channel allows. They stand in
//! the database, so that several processes share them and a restart does not begin a burst. A turn that was taken and not used
//! is lost; nothing else is.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::QueryBuilder;

use super::{BeginWrite, Result, Store, on_db};
use crate::domain::subscription::Channel;

/// A message that is to have a turn.
#[derive(Debug, Clone)]
pub struct Wish {
    /// The chat.
    pub chat: String,
    /// The pause after it before the same chat is written to again.
    pub pause: TimeDelta,
}

/// When a message may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Then; the turn is taken.
    At(DateTime<Utc>),
    /// Not before then, and no turn was taken.
    Not(DateTime<Utc>),
}

/// How far ahead turns are taken: what is claimed for a later one had better be claimed anew.
const AHEAD: TimeDelta = TimeDelta::seconds(3);

/// Locks all turns to the commit: whoever takes one does so first of all.
const LOCK: &str = "INSERT INTO chat_turns (chat, free_at) VALUES ($1, $2)
    ON CONFLICT (chat) DO UPDATE SET free_at = chat_turns.free_at RETURNING free_at";

const PUT: &str = " ON CONFLICT (chat) DO UPDATE SET free_at = excluded.free_at";

impl Store {
    /// Takes a turn for each wish in its order, `every` apart over all chats. Gives them, and when the next one is free.
    pub async fn take_turns(
        &self,
        channel: Channel,
        wishes: &[Wish],
        every: TimeDelta,
        now: DateTime<Utc>,
    ) -> Result<(Vec<Turn>, DateTime<Utc>)> {
        let every_chat = every_chat(channel);
        on_db!(self.write, |pool| {
            let mut tx = pool.begin_write().await?;
            let free: DateTime<Utc> = sqlx::query_scalar(LOCK)
                .bind(&every_chat)
                .bind(now)
                .fetch_one(&mut *tx)
                .await?;
            let mut query = QueryBuilder::new("SELECT chat, free_at FROM chat_turns WHERE chat IN (");
            let mut list = query.separated(", ");
            for wish in wishes {
                list.push_bind(&wish.chat);
            }
            query.push(")");
            let of_chats: Vec<(String, DateTime<Utc>)> = if wishes.is_empty() {
                Vec::new()
            } else {
                query.build_query_as().fetch_all(&mut *tx).await?
            };
            let (turns, taken, next) =
                assign(wishes, every, free.max(now), of_chats.into_iter().collect(), now);
            let mut query = QueryBuilder::new("INSERT INTO chat_turns (chat, free_at) ");
            query.push_values(
                taken.iter().chain([(&every_chat, &next)]),
                |mut row, (chat, at)| {
                    row.push_bind(chat.clone()).push_bind(*at);
                },
            );
            query.push(PUT);
            query.build().execute(&mut *tx).await?;
            tx.commit().await?;
            Ok((turns, next))
        })
    }

    /// Leaves all chats of a channel alone until then.
    pub async fn hold_channel(&self, channel: Channel, until: DateTime<Utc>) -> Result<()> {
        self.hold_chat(&every_chat(channel), until).await
    }

    /// Leaves a chat alone until then: it asked for a pause.
    pub async fn hold_chat(&self, chat: &str, until: DateTime<Utc>) -> Result<()> {
        const SQL: &str = "INSERT INTO chat_turns (chat, free_at) VALUES ($1, $2)
            ON CONFLICT (chat) DO UPDATE SET free_at = excluded.free_at WHERE chat_turns.free_at < excluded.free_at";
        Ok(on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(chat)
            .bind(until)
            .execute(pool)
            .await
            .map(drop))?)
    }

    /// Forgets turns that are over.
    pub async fn forget_turns(&self, now: DateTime<Utc>) -> Result<()> {
        const SQL: &str = "DELETE FROM chat_turns WHERE free_at < $1";
        Ok(on_db!(self.write, |pool| sqlx::query(SQL)
            .bind(now)
            .execute(pool)
            .await
            .map(drop))?)
    }
}

/// The row of all chats of a channel together: no chat has such a name.
fn every_chat(channel: Channel) -> String {
    format!("*{channel}")
}

/// The turns; when each chat that has one is free again; when the next turn is.
fn assign(
    wishes: &[Wish],
    every: TimeDelta,
    free: DateTime<Utc>,
    of_chats: HashMap<String, DateTime<Utc>>,
    now: DateTime<Utc>,
) -> (Vec<Turn>, HashMap<String, DateTime<Utc>>, DateTime<Utc>) {
    let (mut next, mut known, mut taken) = (free, of_chats, HashMap::new());
    let turns = wishes.iter().map(|wish| {
        let chat_free = known.get(&wish.chat).copied().unwrap_or(next);
        if next - now > AHEAD {
            return Turn::Not(next);
        }
        if chat_free > next {
            // Those behind it wait for the turns after: they would all come back at once otherwise.
            known.insert(wish.chat.clone(), chat_free + wish.pause);
            return Turn::Not(chat_free);
        }
        let turn = next;
        next += every;
        known.insert(wish.chat.clone(), turn + wish.pause);
        taken.insert(wish.chat.clone(), turn + wish.pause);
        Turn::At(turn)
    });
    (turns.collect(), taken, next)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_are_spaced_for_all_and_for_each() {
        let now = DateTime::UNIX_EPOCH;
        let at = |ms| now + TimeDelta::milliseconds(ms);
        let wish = |chat: &str, ms| Wish {
            chat: chat.to_owned(),
            pause: TimeDelta::milliseconds(ms),
        };
        let wishes = [
            wish("1", 1000),
            wish("1", 1000),
            wish("-2", 3000),
            wish("1", 1000),
            wish("3", 1000),
        ];
        let known = HashMap::from([("3".to_owned(), at(5000))]);
        let (turns, taken, next) = assign(&wishes, TimeDelta::milliseconds(40), at(100), known, now);
        let expected = [
            Turn::At(at(100)),
            Turn::Not(at(1100)),
            Turn::At(at(140)),
            Turn::Not(at(2100)),
            Turn::Not(at(5000)),
        ];
        assert_eq!((turns.as_slice(), next), (&expected[..], at(180)));
        assert_eq!((taken.len(), taken["1"], taken["-2"]), (2, at(1100), at(3140)));
    }

    #[test]
    fn a_channel_that_is_held_gives_no_turn() {
        let now = DateTime::UNIX_EPOCH;
        let until = now + TimeDelta::seconds(30);
        let wish = Wish {
            chat: "1".to_owned(),
            pause: TimeDelta::seconds(1),
        };
        let (turns, taken, next) = assign(&[wish], TimeDelta::zero(), until, HashMap::new(), now);
        assert_eq!(
            (turns.as_slice(), taken.len(), next),
            (&[Turn::Not(until)][..], 0, until)
        );
    }
}
