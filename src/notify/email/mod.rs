//! Mails out: over SMTP, into a folder, or into memory.
//!
//! Sending has two stages, so that the caller can commit "sending" in between: [`Mailer::prepare`] does everything that
//! is safe to repeat (up to the server's 354), [`Ready::finish`] sends the text and the final dot.

pub mod bounce;
pub mod dkim;
mod greeting;
mod memory;
mod mime;
mod pace;
mod quoted;
mod relays;
mod reply;
mod session;
mod settings;
mod tls;

use std::path::{Path, PathBuf};

pub use memory::Outbox;
pub use mime::encode;
pub use relays::{Prepared, Relays};
pub use settings::{Deadlines, PoolLimits, SmtpSettings, SmtpSettingsError, Tls};

use chrono::{DateTime, Utc};

use super::{SendError, message::Mail};
use crate::domain::subscription::Address;
use session::Open;

/// The e-mail channel.
#[derive(Clone)]
pub enum Mailer {
    /// To mail servers.
    Smtp(Relays),
    /// As `.eml` files into a folder.
    Files(PathBuf),
    /// Kept in memory, for tests and previews.
    Memory(Outbox),
}

/// A mail that only needs its final step. Dropping it sends nothing.
#[must_use = "nothing is sent before finish()"]
pub struct Ready(Step);

enum Step {
    Smtp(Box<Open>),
    File {
        folder: PathBuf,
        name: String,
        bytes: Vec<u8>,
    },
    Memory(Outbox, Box<Mail>),
}

impl Mailer {
    /// A mailer for a server; connects when it is first used.
    pub fn smtp(settings: SmtpSettings) -> Result<Self, SmtpSettingsError> {
        Self::relays(vec![settings])
    }

    /// A mailer for several servers, which share the work.
    pub fn relays(settings: Vec<SmtpSettings>) -> Result<Self, SmtpSettingsError> {
        settings.iter().try_for_each(SmtpSettings::check)?;
        Ok(Self::Smtp(Relays::new(settings)))
    }

    /// Mails that may be under way at once, where the way out says so.
    pub fn connections(&self) -> Option<usize> {
        match self {
            Self::Smtp(relays) => Some(relays.connections()),
            Self::Files(_) | Self::Memory(_) => None,
        }
    }

    /// Whether mail can be sent now: a relay neither rests after a failure nor has had its mails of the day.
    pub fn is_open(&self, now: DateTime<Utc>) -> bool {
        match self {
            Self::Smtp(relays) => relays.is_open(now),
            Self::Files(_) | Self::Memory(_) => true,
        }
    }

    /// What is limited to so many mails a day: names, as they are counted, and limits.
    pub fn caps(&self) -> Vec<(String, i64)> {
        match self {
            Self::Smtp(relays) => relays.caps(),
            Self::Files(_) | Self::Memory(_) => Vec::new(),
        }
    }

    /// What is counted under this name has had its mails of the day.
    pub fn is_full(&self, scope: &str, now: DateTime<Utc>) {
        if let Self::Smtp(relays) = self {
            relays.is_full(scope, now);
        }
    }

    /// When an address whose domain asked for patience may be written to; `None`: now, and this mail takes the turn.
    pub fn wait_until(&self, to: &Address, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
        match self {
            Self::Smtp(relays) => relays.wait_until(to, now),
            Self::Files(_) | Self::Memory(_) => None,
        }
    }

    /// As [`Mailer::prepare`], keeping to the limits of the relays: waits for a place at one. `urgent` mails do not queue
    /// behind others. `now` gives the time.
    pub async fn prepare_in_turn(
        &self,
        mail: &Mail,
        is_urgent: bool,
        now: &(dyn Fn() -> DateTime<Utc> + Send + Sync),
    ) -> Result<Prepared, SendError> {
        match self {
            Self::Smtp(relays) => relays.prepare_in_turn(mail, encode(mail)?, is_urgent, now).await,
            Self::Files(_) | Self::Memory(_) => self.prepare(mail).await.map(Prepared::Ready),
        }
    }

    /// Everything before the point of no return: encodes, signs where a key is set, connects or reuses, `MAIL`, `RCPT`, `DATA`.
    pub async fn prepare(&self, mail: &Mail) -> Result<Ready, SendError> {
        let bytes = encode(mail)?;
        Ok(Ready(match self {
            Self::Smtp(relays) => return relays.prepare(mail, bytes).await,
            Self::Files(folder) => Step::File {
                folder: folder.clone(),
                name: file_name(&mail.message_id),
                bytes,
            },
            Self::Memory(outbox) => Step::Memory(outbox.clone(), Box::new(mail.clone())),
        }))
    }

    /// Whether the channel would work now: greeting, `EHLO`, TLS and sign-in as settings say, `QUIT`; or a folder that
    /// takes files. Sends nothing. Returns a line for `loa check`.
    pub async fn check(&self) -> Result<String, SendError> {
        match self {
            Self::Smtp(relays) => relays.check().await,
            Self::Files(folder) => {
                write_renamed(folder, ".check", b"").await?;
                let _ = tokio::fs::remove_file(folder.join(".check")).await;
                Ok("mails are written as .eml files".to_owned())
            }
            Self::Memory(_) => Ok("mails are kept in memory".to_owned()),
        }
    }
}

impl Ready {
    /// The limit a day that the mail counts against: what it is counted as, and the limit.
    pub fn cap(&self) -> Option<(String, i64)> {
        match &self.0 {
            Step::Smtp(open) => open.turn()?.cap(),
            Step::File { .. } | Step::Memory(..) => None,
        }
    }

    /// Sends. `Ok` only on a 250 after the final dot; [`SendError::Unknown`] where the answer was lost after it.
    pub async fn finish(self) -> Result<(), SendError> {
        self.finish_with_reply().await.map(drop)
    }

    /// As [`Ready::finish`], and what the server said to it (`250 2.0.0 Ok: queued as 4F1C`), addresses masked.
    pub async fn finish_with_reply(self) -> Result<String, SendError> {
        match self.0 {
            Step::Smtp(open) => open.finish().await,
            Step::File { folder, name, bytes } => {
                write_renamed(&folder, &name, &bytes).await?;
                Ok(format!("written to {name}"))
            }
            Step::Memory(outbox, mail) => {
                outbox.put(*mail);
                Ok("kept in memory".to_owned())
            }
        }
    }
}

/// Written under another name and renamed, so that a reader never sees half a mail.
async fn write_renamed(folder: &Path, name: &str, bytes: &[u8]) -> Result<(), SendError> {
    let write = async {
        tokio::fs::create_dir_all(folder).await?;
        let unfinished = folder.join(format!("{name}.tmp"));
        tokio::fs::write(&unfinished, bytes).await?;
        tokio::fs::rename(&unfinished, folder.join(name)).await
    };
    write
        .await
        .map_err(|e: std::io::Error| SendError::later(format!("mail folder: {}", e.kind())))
}

/// A resend writes the same file again.
fn file_name(message_id: &str) -> String {
    let safe = |c: char| {
        if c.is_ascii_alphanumeric() || "-_.@".contains(c) {
            c
        } else {
            '-'
        }
    };
    let name: String = message_id.trim_matches(['<', '>']).chars().map(safe).collect();
    format!("{}.eml", name.trim_start_matches('.'))
}
