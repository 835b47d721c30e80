//! Dispatch: claims due deliveries, builds each message from what the store holds now, sends it, and marks what became of
//! it. "Sending" is committed before the point of no return, so that a crash leaves either a delivery that is safe to try
//! again or one whose outcome is recorded as unknown; never one that is forgotten or silently repeated.

mod content;
mod letters;
mod outcome;

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use futures::StreamExt as _;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

use super::{Step, random_number};
use crate::{
    clock::Clock,
    domain::{subscription::Channel, token::Tokens, topic::Label},
    notify::{
        email::Mailer,
        message::{self, Addressing, Mail, Operator, Sender},
        telegram::Telegram,
    },
    store::{CLAIM_LEASE, Claimed, Hold, Outcome, Store},
};
use content::Told;

/// Deliveries claimed at once. At the pace of a slow relay they are sent well within the claim's lease.
const BATCH: i64 = 100;

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
        /// The pause between two messages, which keeps below the Bot API's overall limit.
        pause: Duration,
    },
}

impl Transport {
    /// The channel that it serves.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Email { .. } => Channel::Email,
            Self::Telegram { .. } => Channel::Telegram,
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
    /// Set when the process is to end: what is not yet started is given back.
    pub stop: CancellationToken,
}

impl Dispatch {
    /// Sends one batch of what is due on the channel.
    pub async fn step(&self) -> Result<Step> {
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
        let claim = random_number()?;
        let channel = self.transport.channel();
        let claimed = self
            .store
            .claim(channel, BATCH, claim, now)
            .await
            .context("claiming deliveries")?;
        if claimed.is_empty() {
            return Ok(Step::Idle);
        }
        let count = claimed.len();
        let told = Told::default();
        let at_once = match &self.transport {
            Transport::Email { connections, .. } => *connections,
            Transport::Telegram { .. } => 1,
        };
        // Half the lease: what is not started by then is given back, rather than sent with a claim about to be lost.
        let start_until = now + CLAIM_LEASE / 2;
        futures::stream::iter(&claimed)
            .for_each_concurrent(at_once, |delivery| {
                let told = &told;
                async move {
                    if self.stop.is_cancelled() || self.clock.now() > start_until {
                        return;
                    }
                    if let Err(e) = self.deliver(delivery, told).await {
                        // Tried again when the lease has passed; nothing is lost by going on.
                        error!(
                            delivery.id,
                            "Delivery {} could not be worked on: {e:#}", delivery.id
                        );
                        if let Err(e) = self.store.leave_to_lease(delivery).await {
                            error!(delivery.id, "Delivery {} could not be left: {e}", delivery.id);
                        }
                    }
                }
            })
            .await;
        self.store
            .release(claim, self.clock.now())
            .await
            .context("giving back what was not started")?;
        Ok(Step::Worked(count))
    }

    async fn deliver(&self, delivery: &Claimed, told: &Told) -> Result<()> {
        let now = self.clock.now();
        if let Some(hold) = delivery.hold {
            let why = match hold {
                Hold::Paused => "the subscriber wished for a pause",
                Hold::Suppressed => "mails to the address came back",
            };
            return Ok(self.store.mark(delivery, &Outcome::Cancelled(why), now).await?);
        }
        if delivery.kind.is_letter() {
            return self.deliver_letter(delivery).await;
        }
        let is_stale = now - delivery.created_at > self.instant_max_age;
        // One whose outcome is unknown may have arrived: as an alert again it is recognised, in a digest it would not be.
        if delivery.fanout_id.is_some() && is_stale && !delivery.was_unknown {
            return Ok(self.store.mark(delivery, &Outcome::Folded, now).await?);
        }
        let Some(message) = told.message(&self.store, delivery).await? else {
            let nothing = Outcome::Cancelled("nothing left to tell: unsubscribed or withdrawn meanwhile");
            return Ok(self.store.mark(delivery, &nothing, now).await?);
        };
        let unsubscribe = self.tokens.unsubscribe(delivery.subscriber_id);
        let unsubscribe_url = format!("{}/unsubscribe/{unsubscribe}", self.origin.public_url);
        let manage_url = self.manage_url(delivery);
        let content = message.content(self, delivery, (&unsubscribe_url, &manage_url));
        let sent = match &self.transport {
            Transport::Email { mailer, from, .. } => {
                let mail = self.addressed(delivery, from, |addressing| message::mail(&content, addressing));
                return self.post_mail(delivery, mailer, &mail).await;
            }
            Transport::Telegram { bot, pause } => {
                let post = message::post(&content, &delivery.address, false);
                if !self.store.mark_sending(delivery, self.clock.now()).await? {
                    return Ok(());
                }
                let (sent, ()) = tokio::join!(bot.send(&delivery.address, &post), tokio::time::sleep(*pause));
                sent.map(|id| Some(id.to_string()))
            }
        };
        self.settle(delivery, sent).await
    }

    async fn deliver_letter(&self, delivery: &Claimed) -> Result<()> {
        let Transport::Email {
            mailer, letters_from, ..
        } = &self.transport
        else {
            let never = Outcome::Cancelled("letters are mails");
            return Ok(self.store.mark(delivery, &never, self.clock.now()).await?);
        };
        let id = message::message_id(delivery.id, &self.origin.instance, &self.origin.authority);
        let mark = self.tokens.bounce_mark(delivery.id);
        let addressing = addressing(delivery, letters_from, &id, &mark);
        if let Some(mail) = self.letter(delivery, &addressing).await? {
            return self.post_mail(delivery, mailer, &mail).await;
        }
        let nothing = Outcome::Cancelled("nothing left to say");
        Ok(self.store.mark(delivery, &nothing, self.clock.now()).await?)
    }

    fn addressed(
        &self,
        delivery: &Claimed,
        from: &Sender,
        write: impl FnOnce(&Addressing<'_>) -> Mail,
    ) -> Mail {
        let id = message::message_id(delivery.id, &self.origin.instance, &self.origin.authority);
        let mark = self.tokens.bounce_mark(delivery.id);
        write(&addressing(delivery, from, &id, &mark))
    }

    /// Sends a mail with "sending" committed before the final dot.
    async fn post_mail(&self, delivery: &Claimed, mailer: &Mailer, mail: &Mail) -> Result<()> {
        let sent = match mailer.prepare(mail).await {
            Err(e) => Err(e),
            Ok(ready) if self.store.mark_sending(delivery, self.clock.now()).await? => {
                ready.finish().await.map(|()| None)
            }
            Ok(_) => return Ok(()),
        };
        self.settle(delivery, sent).await
    }
}

fn addressing<'a>(delivery: &'a Claimed, from: &'a Sender, id: &'a str, mark: &'a str) -> Addressing<'a> {
    Addressing {
        message_id: id,
        from,
        to: &delivery.address,
        mark: Some(mark),
        at: delivery.created_at,
    }
}
