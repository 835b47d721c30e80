//! The bot's side of the conversation: what people write and press comes in by long polling or by the webhook, is kept until it
//! is answered, and is answered chat by chat, within Telegram's limits. News is none of its business: that is the outbox's.
//!
//! A process that dies answers twice rather than never, so that whatever is done here may be done again: a button says what is
//! wished, not what is to be turned over.

mod act;
mod command;
mod connect;
mod consent;
mod converse;
mod names;
mod pace;
mod press;
mod reply;
mod requests;
mod rights;
mod standing;
mod talk;

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures::future::join_all;
use teloxide::{
    Bot, RequestError,
    requests::{JsonRequest, Request as _},
};
use tokio::sync::Semaphore;
use tracing::{info, warn};

pub use connect::{Way, learn_name};
pub use pace::Pace;

use self::{reply::Sent, requests::GetUpdates};
use crate::{
    clock::Clock,
    domain::{
        bot_link::BotName,
        bot_update::{Incoming, What},
        schedule::Usual,
        topic::Label,
    },
    store::{Store, StoreError, WaitingUpdate},
};

/// How long the Bot API holds the line while nobody writes. Shorter than the client's own time-out.
const LONG_POLL: Duration = Duration::from_secs(10);

/// Chats that are answered at once, by one step.
const BATCH: i64 = 8;

/// How often an answer is begun whose fate is unknown, and the pause in between.
const ATTEMPTS: i64 = 3;
const AGAIN: TimeDelta = TimeDelta::seconds(10);

/// What the bot says about the service.
#[derive(Debug, Clone)]
pub struct About {
    /// Where the news can be read, without a slash at the end.
    pub public_url: String,
    /// The portal's full name.
    pub portal_name: String,
    /// Who runs the service; may be empty.
    pub operator: String,
    /// How to reach them; may be empty.
    pub contact: String,
    /// Every topic.
    pub labels: Vec<Label>,
    /// When digests come for who wished for nothing else.
    pub usual_digest: Usual,
}

/// Where people are answered. Clones share one pace.
#[derive(Clone)]
pub struct Desk {
    /// teloxide's handle.
    pub bot: Bot,
    /// Who follows what.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The bot's own name, once it is known.
    pub name: BotName,
    /// What it says about the service.
    pub about: Arc<About>,
    /// How fast it may answer.
    pub pace: Arc<Pace>,
    /// Searches take turns: anybody may ask for any words.
    pub searches: Arc<Semaphore>,
}

/// Why nobody was heard.
#[derive(Debug, thiserror::Error)]
pub enum HearError {
    /// The Bot API did not tell.
    #[error("{}", kind(.0))]
    Api(RequestError),
    /// What it told could not be kept.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why there is no answer yet.
#[derive(Debug)]
enum Trouble {
    Store(StoreError),
    Api(RequestError),
    /// The Bot API did not answer in time.
    Silence,
    /// A chat without an address.
    Address,
}

impl From<StoreError> for Trouble {
    fn from(e: StoreError) -> Self {
        Self::Store(e)
    }
}

impl Desk {
    /// Hears what people said since `offset`, keeps it, and gives the next offset. Telegram forgets an update once a later
    /// offset was asked for: by then it is kept.
    pub async fn hear(&self, offset: i64) -> Result<i64, HearError> {
        let question = GetUpdates {
            offset,
            timeout: u32::try_from(LONG_POLL.as_secs()).unwrap_or(10),
            allowed_updates: requests::wanted(),
        };
        let updates = JsonRequest::new(self.bot.clone(), question)
            .send()
            .await
            .map_err(HearError::Api)?;
        let numbers = updates.iter().filter_map(|update| update["update_id"].as_i64());
        let next = numbers.max().map_or(offset, |last| last.saturating_add(1));
        let concerning: Vec<Incoming> = updates.iter().filter_map(Incoming::read).collect();
        if !concerning.is_empty() {
            self.store.keep_updates(&concerning, self.clock.now()).await?;
        }
        Ok(next)
    }

    /// Answers what waits: at most so many chats, once each. How many were seen to; several of these may run side by side.
    pub async fn step(&self) -> Result<usize, StoreError> {
        let waiting = self.store.claim_updates(BATCH, self.clock.now()).await?;
        let answered = join_all(waiting.iter().map(|update| self.see_to(update))).await;
        answered.into_iter().collect::<Result<Vec<()>, _>>()?;
        Ok(waiting.len())
    }

    async fn see_to(&self, update: &WaitingUpdate) -> Result<(), StoreError> {
        let (incoming, now) = (&update.incoming, self.clock.now());
        let chat = incoming.chat;
        match &incoming.what {
            What::MovedTo(id) => {
                self.move_chat(chat.id, *id).await?;
                return self.store.settle_update(update.id).await;
            }
            What::Said { .. } | What::Pressed { .. } if !self.concerns(incoming) => {
                return self.store.settle_update(update.id).await;
            }
            _ => {}
        }
        if let Err(turn) = self.pace.take(chat.id, chat.kind, now) {
            return self.store.postpone_update(update.id, turn, false).await;
        }
        let sent = match self.converse(incoming).await {
            Ok(sent) => sent,
            Err(Trouble::Store(e)) => return Err(e),
            Err(Trouble::Api(e)) => reply::judge(&e),
            Err(Trouble::Silence) => Sent::Unsure,
            Err(Trouble::Address) => Sent::Settled,
        };
        self.settle(update, sent, now).await
    }

    async fn settle(&self, update: &WaitingUpdate, sent: Sent, now: DateTime<Utc>) -> Result<(), StoreError> {
        let chat = update.incoming.chat.id;
        match sent {
            Sent::Settled | Sent::Moved(_) => {}
            Sent::Paused(pause) => {
                warn!("Telegram asks for a pause in one chat; the others are answered meanwhile");
                self.pace.hold(chat, now + pause);
                return self.store.postpone_update(update.id, now + pause, false).await;
            }
            Sent::Unsure if update.attempts < ATTEMPTS => {
                return self.store.postpone_update(update.id, now + AGAIN, true).await;
            }
            Sent::Unsure => warn!("Gave up answering somebody: the Bot API was silent {ATTEMPTS} times"),
            Sent::Gone => {
                self.end_chat(chat, "Telegram: the bot cannot write there any more")
                    .await?;
            }
        }
        self.store.settle_update(update.id).await
    }

    /// A group became a supergroup: what it follows moves with it.
    async fn move_chat(&self, from: i64, to: i64) -> Result<(), StoreError> {
        use crate::domain::subscription::{Address, Channel};
        let now = self.clock.now();
        for (id, address) in self.store.rows_of_chat(from).await? {
            let thread = address.as_str().split_once(':').map(|(_, thread)| thread);
            let text = thread.map_or(to.to_string(), |thread| format!("{to}:{thread}"));
            let moved = match Address::parse(Channel::Telegram, &text) {
                Ok(address) => self.store.move_subscriber(id, &address).await?,
                Err(_) => false,
            };
            if moved {
                info!(
                    subscriber.id = id,
                    "A group became a supergroup; its subscription moved with it"
                );
            } else {
                self.store.end_subscriber(id, "the chat moved", now).await?;
            }
        }
        Ok(())
    }

    /// Nothing can be written to a chat any more.
    async fn end_chat(&self, chat: i64, reason: &str) -> Result<(), StoreError> {
        for (id, _) in self.store.rows_of_chat(chat).await? {
            self.end_row(id, reason).await?;
        }
        Ok(())
    }

    async fn end_row(&self, id: i64, reason: &str) -> Result<(), StoreError> {
        if self.store.end_subscriber(id, reason, self.clock.now()).await? {
            info!(subscriber.id = id, "Ended a subscriber: {reason}");
        }
        Ok(())
    }
}

/// An error without what it may quote: addresses of requests hold the bot's token.
pub fn kind(e: &RequestError) -> &'static str {
    match e {
        RequestError::Api(_) => "the Bot API refused",
        RequestError::RetryAfter(_) => "the Bot API asks to wait",
        RequestError::MigrateToChatId(_) => "the chat moved",
        RequestError::Network(_) => "the Bot API cannot be reached",
        RequestError::InvalidJson { .. } => "the Bot API answered with something else than JSON",
        RequestError::Io(_) => "reading or writing failed",
    }
}
