//! One mail: built from what the store holds now, handed over, and marked.

use anyhow::Result;

use super::{
    Dispatch, Transport,
    content::{self, Message},
    flow::Flow,
};
use crate::{
    domain::delivery::Kind,
    notify::{
        email::{Mailer, Prepared},
        message::{self, Addressing, Mail, Sender},
    },
    store::{Claimed, Hold, Mark, Marked, Outcome},
};
use std::sync::{Arc, atomic::Ordering};
use tracing::info;

impl Dispatch {
    /// Sends a delivery, or marks why not. `message` is what it tells, where that was read already.
    pub(super) async fn deliver(
        &self,
        delivery: &Claimed,
        message: Option<Arc<Message>>,
        flow: &Flow,
    ) -> Result<()> {
        let now = self.clock.now();
        if let Some(hold) = delivery.hold {
            let why = match hold {
                Hold::Paused => "the subscriber wished for a pause",
                Hold::Suppressed => "mails to the address came back",
            };
            return Ok(self.store.mark(delivery, &Outcome::Cancelled(why), now).await?);
        }
        if delivery.kind.is_letter() {
            return self.deliver_letter(delivery, flow).await;
        }
        let is_stale = now - delivery.created_at > self.instant_max_age;
        // One whose outcome is unknown may have arrived: as an alert again it is recognised, in a digest it would not be.
        if delivery.fanout_id.is_some() && is_stale && !delivery.was_unknown {
            return Ok(self.store.mark(delivery, &Outcome::Folded, now).await?);
        }
        let message = match message {
            Some(message) => Some(message),
            None => content::message(&self.store, delivery).await?,
        };
        let Some(message) = message else {
            let nothing = Outcome::Cancelled("nothing left to tell: unsubscribed or withdrawn meanwhile");
            return Ok(self.store.mark(delivery, &nothing, now).await?);
        };
        let unsubscribe = self.tokens.unsubscribe(delivery.subscriber_id);
        let unsubscribe_url = format!("{}/unsubscribe/{unsubscribe}", self.origin.public_url);
        let manage_url = self.manage_url(delivery);
        let content = message.content(self, delivery, (&unsubscribe_url, &manage_url));
        let Transport::Email { mailer, from, .. } = &self.transport else {
            anyhow::bail!("posts and hooks go another way");
        };
        let mail = self.addressed(delivery, from, |addressing| message::mail(&content, addressing));
        self.post_mail(delivery, mailer, &mail, flow).await
    }

    async fn deliver_letter(&self, delivery: &Claimed, flow: &Flow) -> Result<()> {
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
            return self.post_mail(delivery, mailer, &mail, flow).await;
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
    async fn post_mail(&self, delivery: &Claimed, mailer: &Mailer, mail: &Mail, flow: &Flow) -> Result<()> {
        let id = delivery.id;
        let now = self.clock.now();
        if let Some(at) = mailer.wait_until(&delivery.address, now) {
            return flow.marks.mark_soon(delivery, Mark::GiveBack(at));
        }
        let is_urgent = delivery.kind.priority() == Kind::URGENT;
        let ready = match mailer
            .prepare_in_turn(mail, is_urgent, &|| self.clock.now())
            .await
        {
            Ok(Prepared::Ready(ready)) => ready,
            Ok(Prepared::Closed) => {
                flow.is_held.store(true, Ordering::Relaxed);
                return flow.marks.mark_soon(delivery, Mark::GiveBack(self.clock.now()));
            }
            Err(e) => return self.settle(delivery, Err(e)).await,
        };
        let caps = self.caps_of(delivery, ready.cap());
        match flow.marks.mark(delivery, Mark::Sending(caps)).await? {
            Marked::Done => {}
            Marked::Lost => return Ok(()),
            Marked::Full(scope) => {
                self.is_full(&scope, self.clock.now());
                flow.is_held.store(true, Ordering::Relaxed);
                return flow.marks.mark_soon(delivery, Mark::GiveBack(self.clock.now()));
            }
        }
        match ready.finish().await {
            Ok(()) => {
                info!(delivery.id = id, channel = %delivery.address.channel(), "Sent delivery {id}");
                flow.marks.mark_soon(delivery, Mark::Sent(None))
            }
            Err(e) => self.settle(delivery, Err(e)).await,
        }
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
