//! Handing over: "sending" is committed right before the request is written, and what became of it right after. Where no
//! answer comes soon, that is written down too, so that nobody sends the message again who finds this process dead.

use std::{
    sync::{PoisonError, atomic::Ordering},
    time::Duration,
};

use anyhow::Result;
use chrono::TimeDelta;
use tracing::{info, warn};

use super::{
    Dispatch, Transport,
    chats::Lines,
    pace::{Pace, chat},
    ready::Ready,
};
use crate::{
    domain::subscription::Channel,
    notify::{SendError, message::Post},
    store::{Claimed, Mark, Marked, Posted, ToldArticle, Turn},
};

/// An answer that takes longer than this may never come. The Bot API's usual ones take a tenth of it.
const USUAL_ANSWER: Duration = Duration::from_millis(1500);

/// How long a way out that is closed is left alone.
const CLOSED: TimeDelta = TimeDelta::seconds(15);

impl Dispatch {
    pub(super) async fn hand_over(
        &self,
        delivery: &Claimed,
        ready: Ready,
        pace: Pace,
        lines: &Lines,
    ) -> Result<()> {
        if lines.marks.mark(delivery, Mark::Sending(Vec::new())).await? != Marked::Done {
            return Ok(());
        }
        match (ready, &self.transport) {
            (
                Ready::Post {
                    post,
                    part,
                    has_more,
                    articles,
                },
                Transport::Telegram { bot, how, .. },
            ) => {
                let sent = self
                    .answered(bot.send(&delivery.address, &post), delivery, lines)
                    .await?;
                let id = match sent {
                    Ok(id) => Some(id),
                    Err(SendError::Unknown(why)) => {
                        warn!(
                            delivery.id,
                            part, "Outcome of delivery {} is unknown: {why}", delivery.id
                        );
                        None
                    }
                    Err(e) => return self.not_sent(delivery, e, lines).await,
                };
                let next = has_more.then(|| self.clock.now() + pace.pause(&delivery.address));
                if let Some(at) = next {
                    lines.due(at);
                }
                let posted = Posted {
                    part,
                    message_id: id,
                    next,
                    articles,
                    follows: how.follows,
                };
                if id.is_some() && next.is_none() {
                    info!(delivery.id, channel = %delivery.address.channel(), "Sent delivery {}", delivery.id);
                }
                // Waited for: the next message to the chat is told from what this commits.
                lines.marks.mark(delivery, Mark::Posted(posted)).await.map(drop)
            }
            (
                Ready::Edit {
                    messages,
                    posts,
                    articles,
                },
                Transport::Telegram { .. },
            ) => {
                self.edit_all(delivery, (messages, posts, articles), pace, lines)
                    .await
            }
            (Ready::Hook(hook), Transport::Webhook { hooks, .. }) => {
                match hooks.send(&delivery.address, &hook).await {
                    Ok(()) => {
                        info!(delivery.id, channel = %delivery.address.channel(), "Sent delivery {}", delivery.id);
                        lines.marks.mark(delivery, Mark::Sent(None)).await.map(drop)
                    }
                    Err(e) => self.not_sent(delivery, e, lines).await,
                }
            }
            _ => anyhow::bail!("what was built is for another channel"),
        }
    }

    /// Waits for an answer; where it takes long, that is committed meanwhile.
    async fn answered<T>(
        &self,
        sending: impl Future<Output = Result<T, SendError>>,
        delivery: &Claimed,
        lines: &Lines,
    ) -> Result<Result<T, SendError>> {
        tokio::pin!(sending);
        if let Ok(answer) = tokio::time::timeout(USUAL_ANSWER, &mut sending).await {
            return Ok(answer);
        }
        lines.marks.mark_soon(delivery, Mark::Unsure)?;
        Ok(sending.await)
    }

    /// Edits the messages of a post one after the other. Each may be tried again without harm: one that says it already is
    /// done.
    async fn edit_all(
        &self,
        delivery: &Claimed,
        (messages, posts, articles): (Vec<i64>, Vec<Post>, Vec<ToldArticle>),
        pace: Pace,
        lines: &Lines,
    ) -> Result<()> {
        let Transport::Telegram { bot, .. } = &self.transport else {
            return Ok(());
        };
        for (place, (message, post)) in messages.into_iter().zip(&posts).enumerate() {
            if place > 0 {
                self.wait_for_turn(delivery, pace).await?;
                lines.gate.pass(pace).await;
            }
            if let Err(e) = bot.edit(&delivery.address, message, post).await {
                let e = match e {
                    SendError::Unknown(why) => SendError::Later(why, None),
                    other => other,
                };
                return self.not_sent(delivery, e, lines).await;
            }
        }
        info!(
            delivery.id,
            "Edited a post whose articles changed, delivery {}", delivery.id
        );
        lines.marks.mark(delivery, Mark::Edited(articles)).await.map(drop)
    }

    /// Waits until the same chat may be written to again.
    async fn wait_for_turn(&self, delivery: &Claimed, pace: Pace) -> Result<()> {
        loop {
            let wish = [pace.wish(&delivery.address)];
            let (turns, _) = self
                .store
                .take_turns(self.transport.channel(), &wish, pace.every(), self.clock.now())
                .await?;
            match turns.as_slice() {
                [Turn::Not(until)] if !self.stop.is_cancelled() => self.wait_until(*until).await,
                [Turn::At(at)] => {
                    self.wait_until(*at).await;
                    return Ok(());
                }
                _ => anyhow::bail!("the process is to end"),
            }
        }
    }

    /// What becomes of a delivery that was surely not sent, or never will be.
    async fn not_sent(&self, delivery: &Claimed, e: SendError, lines: &Lines) -> Result<()> {
        let (now, channel) = (self.clock.now(), self.transport.channel());
        match e {
            SendError::Later(why, Some(wait)) if channel == Channel::Telegram => {
                let until = now + TimeDelta::from_std(wait).unwrap_or(CLOSED);
                let chat = chat(&delivery.address);
                let is_all = lines
                    .pauses
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .note(&chat, now);
                if is_all {
                    warn!(until = %until, "Several chats at once ask for a pause: nothing is sent on the channel");
                    self.store.hold_channel(channel, until).await?;
                    lines.is_held.store(true, Ordering::Relaxed);
                }
                self.store.hold_chat(&chat, until).await?;
                lines.due(until);
                lines.marks.mark(delivery, Mark::Wait(until, why)).await.map(drop)
            }
            SendError::Unreachable(why) => {
                let until = now + CLOSED;
                if !lines.is_held.swap(true, Ordering::Relaxed) {
                    warn!(channel = %delivery.address.channel(), until = %until, "Messages wait: {why}");
                    self.store.hold_channel(channel, until).await?;
                }
                lines.marks.mark(delivery, Mark::Wait(until, why)).await.map(drop)
            }
            other => self.settle(delivery, Err(other)).await,
        }
    }
}
