//! How fast chats are written to, and what a wish for a pause is taken for.

use std::{collections::VecDeque, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};

use crate::{domain::subscription::Address, notify::message::is_private, store::Wish};

/// So many chats that ask for a pause within [`AT_ONCE`] are the whole channel that asks: a chat alone is not asked twice.
const CHATS: usize = 3;
const AT_ONCE: TimeDelta = TimeDelta::seconds(2);

/// What a channel takes.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// Messages a second to all chats; 0 for no limit.
    pub per_second: u32,
    /// Between two messages to one person.
    pub private: TimeDelta,
    /// Between two messages to one group or channel.
    pub shared: TimeDelta,
}

impl Pace {
    /// The Bot API's limits (Bots FAQ): one message a second to a chat, twenty a minute to a group, with a little to spare,
    /// since the network draws messages together.
    pub fn of_telegram(per_second: u32) -> Self {
        Self {
            per_second,
            private: TimeDelta::milliseconds(1050),
            shared: TimeDelta::milliseconds(3100),
        }
    }

    /// As fast as the other side answers.
    pub fn unlimited() -> Self {
        Self {
            per_second: 0,
            private: TimeDelta::zero(),
            shared: TimeDelta::zero(),
        }
    }

    /// Between two messages.
    pub(super) fn every(self) -> TimeDelta {
        match self.per_second {
            0 => TimeDelta::zero(),
            n => TimeDelta::microseconds(1_000_000 / i64::from(n) + 1),
        }
    }

    /// Messages of about a second: what is claimed at once is sent soon, and what is more urgent need not wait long.
    pub(super) fn batch(self) -> i64 {
        const UNLIMITED: i64 = 64;
        match self.per_second {
            0 => UNLIMITED,
            n => i64::from(n),
        }
    }

    pub(super) fn pause(self, to: &Address) -> TimeDelta {
        if is_private(to) { self.private } else { self.shared }
    }

    /// A turn to write to an address.
    pub(super) fn wish(self, to: &Address) -> Wish {
        Wish {
            chat: chat(to),
            pause: self.pause(to),
        }
    }
}

/// What a limit is for: a chat without its thread; a host.
pub(super) fn chat(to: &Address) -> String {
    use crate::domain::subscription::Channel;
    let text = to.as_str();
    match to.channel() {
        Channel::Telegram => text.split_once(':').map_or(text, |(chat, _)| chat).to_owned(),
        Channel::Webhook => url::Url::parse(text)
            .ok()
            .and_then(|url| url.host_str().map(str::to_owned))
            .unwrap_or_default(),
        Channel::Email => text.to_owned(),
    }
}

/// Keeps what is really handed over within any second below the limit: after a moment in which this process had no time, all
/// whose turn has passed would go at once.
#[derive(Debug, Default)]
pub(super) struct Gate(tokio::sync::Mutex<VecDeque<tokio::time::Instant>>);

impl Gate {
    /// Waits until one more may be handed over. Whoever comes first goes first.
    pub(super) async fn pass(&self, pace: Pace) {
        let Ok(most) = usize::try_from(pace.per_second) else {
            return;
        };
        if most == 0 {
            return;
        }
        let mut last = self.0.lock().await;
        if last.len() >= most
            && let Some(first) = last.pop_front()
        {
            tokio::time::sleep_until(first + Duration::from_secs(1)).await;
        }
        last.push_back(tokio::time::Instant::now());
    }
}

/// The last wishes for a pause.
#[derive(Debug, Default)]
pub(super) struct Pauses(VecDeque<(DateTime<Utc>, String)>);

impl Pauses {
    /// Notes that a chat asked for a pause; whether it is the whole channel that does.
    pub(super) fn note(&mut self, chat: &str, now: DateTime<Utc>) -> bool {
        self.0.retain(|(at, of)| now - *at < AT_ONCE && of != chat);
        self.0.push_back((now, chat.to_owned()));
        self.0.len() >= CHATS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_chats_at_once_are_the_whole_channel() {
        let mut pauses = Pauses::default();
        let at = |seconds| DateTime::UNIX_EPOCH + TimeDelta::seconds(seconds);
        assert!(!pauses.note("1", at(0)));
        assert!(!pauses.note("1", at(1)));
        assert!(!pauses.note("2", at(1)));
        assert!(!pauses.note("3", at(9)), "the others were long ago");
        assert!(!pauses.note("4", at(9)));
        assert!(pauses.note("5", at(10)));
    }
}
