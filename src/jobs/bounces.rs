//! What comes back: a mail is read, its mark is checked, and the store keeps what follows. Mails come one at a time from the
//! command that a mail server pipes them to ([`Returns::take`]), or wait in a Maildir ([`Returns::step`]).

mod maildir;

use std::fmt;

use anyhow::{Context as _, Result};
use tracing::{error, info};

pub use maildir::{KEPT_FOR, check};

use crate::{
    clock::Clock,
    domain::{bounce::Bounce, token::Tokens},
    notify::email::bounce::{self, Reading},
    store::{Counted, Store},
};

/// What reading what comes back works with.
#[derive(Clone)]
pub struct Returns {
    /// Where it is kept.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Marks and hashes.
    pub tokens: Tokens,
}

/// What was done about one mail. Its text names rows, never an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It was about a delivery of ours.
    Counted {
        /// The delivery (row id).
        delivery: i64,
        /// Whom it was for (row id).
        subscriber: i64,
        /// What it said.
        bounce: Bounce,
        /// What followed.
        counted: Counted,
    },
    /// Nothing follows from it, and why.
    Ignored(&'static str),
}

impl Returns {
    /// Reads one mail, of which [`bounce::MOST_BYTES`] are enough, and does what follows. An error means that the store could
    /// not be asked: the mail is to be kept and tried again.
    pub async fn take(&self, mail: Vec<u8>) -> Result<Taken> {
        // On a thread of its own: should a mail ever be found that the reader dies of, it is lost alone.
        let Ok(Reading { marks, word }) = tokio::task::spawn_blocking(move || bounce::read(&mail)).await
        else {
            error!("A mail that came back could not be read; this is a fault of Loa's");
            return Ok(Taken::Ignored("it could not be read"));
        };
        let Some(delivery) = marks.iter().find_map(|mark| self.tokens.bounced(mark)) else {
            return Ok(Taken::Ignored("it has no mark of ours"));
        };
        let person = self.store.bounced_person(delivery).await;
        let Some(person) = person.context("looking a delivery up")? else {
            return Ok(Taken::Ignored("its delivery is not kept any more"));
        };
        let bounce = match word.about(&person.address) {
            Ok(bounce) => bounce,
            Err(why) => return Ok(Taken::Ignored(why)),
        };
        let hash = self.tokens.address_hash(person.address.as_str());
        let counted = self
            .store
            .note_bounce(&person, &hash, delivery, &bounce, self.clock.now())
            .await
            .context("keeping a bounce")?;
        let taken = Taken::Counted {
            delivery,
            subscriber: person.subscriber_id,
            bounce,
            counted,
        };
        info!(
            delivery.id = delivery,
            subscriber.id = person.subscriber_id,
            "Came back: {taken}"
        );
        Ok(taken)
    }
}

impl fmt::Display for Taken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counted {
                delivery,
                subscriber,
                bounce,
                counted,
            } => {
                let kind = bounce.kind.as_str();
                write!(f, "delivery {delivery} to subscriber {subscriber}: {kind}")?;
                if let Some(status) = bounce.status {
                    write!(f, " {status}")?;
                }
                write!(f, ", {counted}")
            }
            Self::Ignored(why) => write!(f, "ignored: {why}"),
        }
    }
}
