//! Mails out: over SMTP, into a folder, or into memory.
//!
//! Sending has two stages, so that the caller can commit "sending" in between: [`Mailer::prepare`] does everything that
//! is safe to repeat (up to the server's 354), [`Ready::finish`] sends the text and the final dot.

pub mod bounce;
pub mod dkim;
mod memory;
mod mime;
mod quoted;
mod reply;
mod session;
mod settings;
mod tls;

use std::path::{Path, PathBuf};

pub use memory::Outbox;
pub use mime::encode;
pub use settings::{Deadlines, PoolLimits, SmtpSettings, SmtpSettingsError, Tls};

use super::{SendError, message::Mail};
use session::{Open, Pool};

/// The e-mail channel.
#[derive(Clone)]
pub enum Mailer {
    /// To a mail server.
    Smtp(Pool),
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
        settings.check()?;
        Ok(Self::Smtp(Pool::new(settings)))
    }

    /// Everything before the point of no return: encodes, signs where a key is set, connects or reuses, `MAIL`, `RCPT`, `DATA`.
    pub async fn prepare(&self, mail: &Mail) -> Result<Ready, SendError> {
        let bytes = encode(mail)?;
        Ok(Ready(match self {
            Self::Smtp(pool) => {
                let bytes = pool.signed(mail, bytes).await?;
                Step::Smtp(Box::new(pool.open(mail, bytes).await?))
            }
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
            Self::Smtp(pool) => pool.check().await,
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
