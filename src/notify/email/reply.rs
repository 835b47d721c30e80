//! What a failed stage means for the mail.

use lettre::transport::smtp;

use crate::{
    domain::bounce::{Kind, Status},
    notify::SendError,
};

/// How far a mail came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    Connect,
    /// Greeting, `EHLO`, TLS, sign-in: about the server and us, never about the recipient.
    Hello,
    From,
    Recipient,
    Data,
    /// The final dot was not written: the server throws away what it has.
    Content,
    /// The final dot may have arrived.
    Dot,
}

/// What went wrong at a stage.
#[derive(Debug)]
pub(super) enum Cause {
    /// The deadline passed.
    Slow,
    /// The connection broke, or what came was not SMTP.
    Broken(String),
    /// The server said no: code and text.
    Said(u16, String),
}

/// A failed stage.
#[derive(Debug)]
pub(super) struct Fault {
    pub stage: Stage,
    pub cause: Cause,
}

impl Fault {
    pub(super) fn new(stage: Stage, cause: Cause) -> Self {
        Self { stage, cause }
    }

    pub(super) fn from_smtp(stage: Stage, error: &smtp::Error) -> Self {
        let text = std::error::Error::source(error).map_or_else(String::new, ToString::to_string);
        let cause = match error.status() {
            Some(code) => Cause::Said(u16::from(code), text),
            // lettre's own words about the connection or TLS; a server's words are masked later all the same.
            None => Cause::Broken(error.to_string()),
        };
        Self { stage, cause }
    }

    /// Whether a parked connection had died before the mail was told of: then a fresh one is worth a try.
    pub(super) fn is_stale(&self) -> bool {
        self.stage == Stage::From
            && matches!(self.cause, Cause::Broken(_) | Cause::Slow | Cause::Said(421, _))
    }

    /// Whether it is the relay that fails, whatever the mail: it cannot be reached, refuses the sign-in or the sender.
    pub(super) fn is_of_relay(&self) -> bool {
        match (self.stage, &self.cause) {
            (Stage::Connect | Stage::Hello, _) => true,
            (Stage::From, Cause::Said(code, _)) => *code >= 500,
            (_, Cause::Said(code, _)) => *code == 530,
            _ => false,
        }
    }

    /// Whether the server asks for patience with its domain: too many at once, greylisting, an overload. A full or disabled
    /// mailbox (4.1, 4.2) is one person's trouble.
    pub(super) fn is_slow_down(&self) -> bool {
        let is_of_mail = !matches!(self.stage, Stage::Connect | Stage::Hello);
        match &self.cause {
            Cause::Said(421 | 450 | 451 | 452, text) => {
                is_of_mail && !text.starts_with("4.1.") && !text.starts_with("4.2.")
            }
            _ => false,
        }
    }

    /// The verdict. `to` is masked wherever the server echoes it.
    pub(super) fn verdict(self, to: &str) -> SendError {
        let at = self.stage.name();
        match self.cause {
            Cause::Slow if self.stage == Stage::Dot => {
                SendError::Unknown(format!("no answer to {at} in time"))
            }
            Cause::Slow => SendError::later(format!("no answer to {at} in time")),
            Cause::Broken(why) if self.stage == Stage::Dot => {
                SendError::Unknown(format!("connection lost after {at}: {}", masked(&why, to)))
            }
            Cause::Broken(why) => SendError::later(format!("connection lost at {at}: {}", masked(&why, to))),
            Cause::Said(code, text) => {
                let reason = format!("{code} {} (at {at})", masked(&text, to));
                match code {
                    // 530: sign in first. A refused sender or a wrong sign-in is a wrong setting of ours, and every mail
                    // would meet it: they wait until it is right.
                    500..=599 if self.stage.is_ours() || self.stage == Stage::From || code == 530 => {
                        SendError::later(reason)
                    }
                    500..=599 => match Self::about_mailbox(self.stage, &text) {
                        Some(Kind::Hard) => SendError::Gone(reason),
                        Some(Kind::Soft) => SendError::NotTaken(reason),
                        _ => SendError::Refused(reason),
                    },
                    _ => SendError::later(reason),
                }
            }
        }
    }

    /// What a refusal says of the mailbox, where it is about that: a relay that is set up wrongly refuses everybody.
    fn about_mailbox(stage: Stage, text: &str) -> Option<Kind> {
        let status = Status::parse(text).filter(|status| status.is_about_mailbox());
        matches!(stage, Stage::Recipient | Stage::Dot)
            .then(|| status.map(Status::kind))
            .flatten()
    }
}

impl Stage {
    fn name(self) -> &'static str {
        match self {
            Self::Connect => "connecting",
            Self::Hello => "EHLO",
            Self::From => "MAIL",
            Self::Recipient => "RCPT",
            Self::Data => "DATA",
            Self::Content => "the text",
            Self::Dot => "the final dot",
        }
    }

    /// Before any mail is named, a refusal is about our settings.
    fn is_ours(self) -> bool {
        matches!(self, Self::Connect | Self::Hello)
    }
}

/// The server's words without addresses: every word with an `@`, and the recipient's local part standing alone.
pub(super) fn masked(text: &str, to: &str) -> String {
    let local = to.split('@').next().unwrap_or_default();
    let edge = |c: char| !c.is_alphanumeric();
    let mask = |word: &str| {
        if word.contains('@')
            || word
                .trim_matches(edge)
                .eq_ignore_ascii_case(local.trim_matches(edge))
        {
            "[address]".to_owned()
        } else {
            word.to_owned()
        }
    };
    let words: Vec<String> = text.split_whitespace().map(mask).collect();
    words.join(" ").chars().take(300).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_echoes_is_masked() {
        let said = "5.1.1 <lan.nguyen@example.vn>: Recipient 'Lan.Nguyen' unknown\nsee mailto:a@b.vn";
        assert_eq!(
            masked(said, "lan.nguyen@example.vn"),
            "5.1.1 [address] Recipient [address] unknown see [address]"
        );
    }
}
