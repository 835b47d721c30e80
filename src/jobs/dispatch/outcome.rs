//! From what a sender says to what the store keeps.

use anyhow::Result;
use chrono::{DateTime, TimeDelta, Utc};
use tracing::{info, warn};

use super::Dispatch;
use crate::{
    domain::{
        bounce::{Bounce, Kind, Source, Status},
        delivery::retry_at,
        subscription::{Address, Channel},
    },
    notify::SendError,
    store::{BouncedPerson, Claimed, Outcome, Store},
};

impl Dispatch {
    /// Marks a delivery, and ends or moves its subscriber where the channel said so.
    pub(super) async fn settle(
        &self,
        delivery: &Claimed,
        sent: Result<Option<String>, SendError>,
    ) -> Result<()> {
        let now = self.clock.now();
        let id = delivery.id;
        let channel = delivery.address.channel();
        match sent {
            Ok(remote_id) => {
                self.store
                    .mark(delivery, &Outcome::Sent(remote_id.as_deref()), now)
                    .await?;
                info!(delivery.id = id, %channel, "Sent delivery {id}");
            }
            Err(SendError::Unreachable(why)) => self.later(delivery, &why, None, now).await?,
            Err(SendError::Later(why, wished)) => self.later(delivery, &why, wished, now).await?,
            Err(SendError::Gone(why)) if channel == Channel::Email => {
                self.bounced(delivery, Kind::Hard, why, now).await?;
            }
            Err(SendError::NotTaken(why)) => self.bounced(delivery, Kind::Soft, why, now).await?,
            Err(SendError::Gone(why)) => {
                self.store.mark(delivery, &Outcome::Failed(&why), now).await?;
                self.store
                    .end_subscriber(delivery.subscriber_id, &why, now)
                    .await?;
                info!(subscriber.id = delivery.subscriber_id, %channel, "Ended a subscriber whose address is gone: {why}");
            }
            Err(SendError::Moved(address)) => self.moved(delivery, channel, &address, now).await?,
            Err(SendError::Refused(why)) => {
                self.store.mark(delivery, &Outcome::Failed(&why), now).await?;
                warn!(delivery.id = id, %channel, "Delivery {id} was refused: {why}");
            }
            Err(SendError::Unknown(why)) => {
                let outcome = match Store::unknown_retry(delivery, now) {
                    Some(at) => Outcome::UnknownRetry(at, &why),
                    None => Outcome::Unknown(&why),
                };
                self.store.mark(delivery, &outcome, now).await?;
                warn!(delivery.id = id, %channel, "Outcome of delivery {id} is unknown: {why}");
            }
        }
        Ok(())
    }

    /// A mailbox that refused at once: the same as if the mail had come back.
    async fn bounced(&self, delivery: &Claimed, kind: Kind, why: String, now: DateTime<Utc>) -> Result<()> {
        // First of all, so that what waits for the address is cancelled without this one.
        self.store.mark(delivery, &Outcome::Failed(&why), now).await?;
        let person = BouncedPerson {
            subscriber_id: delivery.subscriber_id,
            address: delivery.address.clone(),
        };
        let hash = self.tokens.address_hash(delivery.address.as_str());
        let bounce = Bounce {
            kind,
            source: Source::Recipient,
            status: Status::find(&why),
            detail: why,
        };
        let counted = self
            .store
            .note_bounce(&person, &hash, delivery.id, &bounce, now)
            .await?;
        warn!(
            delivery.id,
            subscriber.id = person.subscriber_id,
            "Delivery {} was refused by the mailbox ({counted}): {}",
            delivery.id,
            bounce.detail
        );
        Ok(())
    }

    async fn later(
        &self,
        delivery: &Claimed,
        why: &str,
        wished: Option<std::time::Duration>,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let id = delivery.id;
        let wished = wished.and_then(|wait| TimeDelta::from_std(wait).ok());
        if let Some(at) = retry_at(delivery.attempts, now, wished) {
            self.store.mark(delivery, &Outcome::Later(at, why), now).await?;
            warn!(delivery.id = id, attempts = delivery.attempts, next = %at, "Delivery {id} waits: {why}");
        } else {
            self.store.mark(delivery, &Outcome::Failed(why), now).await?;
            warn!(
                delivery.id = id,
                attempts = delivery.attempts,
                "Gave up on delivery {id}: {why}"
            );
        }
        Ok(())
    }

    async fn moved(
        &self,
        delivery: &Claimed,
        channel: Channel,
        address: &str,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let subscriber = delivery.subscriber_id;
        let moved = match Address::parse(channel, address) {
            Ok(address) => self.store.move_subscriber(subscriber, &address).await?,
            Err(_) => false,
        };
        if moved {
            self.store
                .mark(delivery, &Outcome::Later(now, "the chat moved"), now)
                .await?;
            info!(
                subscriber.id = subscriber,
                "A group became a supergroup; its subscription moved with it"
            );
        } else {
            self.store
                .mark(
                    delivery,
                    &Outcome::Failed("the chat moved to an address that is taken"),
                    now,
                )
                .await?;
            self.store
                .end_subscriber(subscriber, "the chat moved", now)
                .await?;
        }
        Ok(())
    }
}
