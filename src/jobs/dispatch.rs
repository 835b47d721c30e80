//! Dispatch: claims due deliveries, builds each message from what the store holds now, sends it, and marks what became of
//! it. "Sending" is committed before the point of no return, so that a crash leaves either a delivery that is safe to try
//! again or one whose outcome is recorded as unknown; never one that is forgotten or silently repeated.

mod caps;
mod chats;
mod content;
mod deliver;
mod flow;
mod handover;
mod letters;
mod marks;
mod outcome;
mod pace;
mod ready;

use std::sync::Arc;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use tokio_util::sync::CancellationToken;
use tracing::warn;

use super::Step;
use crate::{
    clock::Clock,
    domain::{delivery::Kind, subscription::Channel, token::Tokens, topic::Label},
    notify::{
        email::Mailer,
        message::{Operator, Sender},
        telegram::Telegram,
        webhook::Webhooks,
    },
    store::Store,
};

pub use caps::Limits;
pub use pace::Pace;

/// A way out: what is needed to send on one channel.
#[derive(Clone)]
pub enum Transport {
    /// E-mail.
    Email {
        /// The relay.
        mailer: Mailer,
        /// The `From` field of news.
        from: Sender,
        /// The `From` field of letters: a filter that somebody has for news must not catch them.
        letters_from: Sender,
        /// Mails under way at once.
        connections: usize,
    },
    /// Telegram.
    Telegram {
        /// The bot.
        bot: Telegram,
        /// What it takes.
        pace: Pace,
        /// What posts are like.
        how: PostSettings,
    },
    /// Programs that take signed JSON.
    Webhook {
        /// The client.
        hooks: Webhooks,
    },
}

/// What posts are like.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostSettings {
    /// Whether an article that comes alone is posted whole.
    pub is_whole: bool,
    /// Whether a post follows its articles: [`crate::jobs::follow`] owes edits.
    pub follows: bool,
}

impl Transport {
    /// The channel that it serves.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Email { .. } => Channel::Email,
            Self::Telegram { .. } => Channel::Telegram,
            Self::Webhook { .. } => Channel::Webhook,
        }
    }
}

/// What messages say about where they come from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// Address of Loa's pages.
    pub public_url: String,
    /// The portal's name as people know it.
    pub portal_name: String,
    /// Host name under which `List-Id` and `Message-ID` are made.
    pub authority: String,
    /// Who runs this service.
    pub operator: Operator,
    /// Tells this database from one before it, whose deliveries had the same numbers: part of each `Message-ID`.
    pub instance: String,
}

/// What dispatch works with.
#[derive(Clone)]
pub struct Dispatch {
    /// The outbox.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The way out.
    pub transport: Transport,
    /// Topic names.
    pub labels: Arc<[Label]>,
    /// Where messages come from.
    pub origin: Arc<Origin>,
    /// Private links.
    pub tokens: Tokens,
    /// Age at which an unsent alert becomes part of the next digest.
    pub instant_max_age: TimeDelta,
    /// Limits of a day.
    pub limits: Limits,
    /// Set when the process is to end: what is not yet started is given back.
    pub stop: CancellationToken,
}

impl Dispatch {
    /// Sends what is due on the channel, the most urgent first, until nothing is.
    pub async fn step(&self) -> Result<Step> {
        self.settle_lost().await?;
        match &self.transport {
            Transport::Email { connections, .. } => {
                self.run(self.open_lanes(self.clock.now()).await?, *connections)
                    .await
            }
            Transport::Telegram { pace, .. } => self.run_chats(*pace).await,
            Transport::Webhook { .. } => self.run_chats(Pace::unlimited()).await,
        }
    }

    /// Deliveries whose process died while it sent them are sent once more, or their outcome is unknown.
    async fn settle_lost(&self) -> Result<()> {
        let now = self.clock.now();
        let lost = self
            .store
            .settle_lost_sendings(now)
            .await
            .context("settling lost sendings")?;
        if lost > 0 {
            warn!(
                deliveries = lost,
                "Outcome unknown for {lost} deliveries: their process died while sending"
            );
        }
        Ok(())
    }

    /// Sends what somebody sits before a screen and waits for, beside [`Dispatch::step`] and over a connection of its own:
    /// whatever else is under way, however slowly, it does not wait.
    pub async fn urgent_step(&self) -> Result<Step> {
        self.run(&[Kind::URGENT], 1).await
    }
}
