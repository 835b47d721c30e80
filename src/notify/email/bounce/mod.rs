//! What comes back to the return path: delivery reports (RFC 3464, RFC 6533), complaints (RFC 5965), bounces in words, and all
//! that is neither. Bytes in, a word out; no bytes make it fail.
//!
//! A mail proves nothing about its sender. What a word is about is told by marks ([`Reading::marks`]), which only those
//! have who got one of our mails: the caller looks for one that is proven, and acts on nothing else.

mod fields;
mod mark;
mod parts;
mod report;
mod text;

use crate::domain::{
    bounce::{Bounce, Kind, Source, Status},
    subscription::Address,
};
use fields::Fields;
use parts::Part;

/// Bytes of a mail that are read. Reports stand before the copy of the mail that they are about, and are a few kilobytes.
pub const MOST_BYTES: usize = 1 << 20;

/// A mail that came back, read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What may be the mark of a delivery, the likeliest first; not proven.
    pub marks: Vec<String>,
    /// What it says.
    pub word: Word,
}

/// What a mail says of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// A delivery report or a bounce: each address that it speaks of.
    Bounce(Source, Vec<Recipient>),
    /// A complaint, with the kind that it was given (`abuse`).
    Complaint(String),
    /// Something else, and what.
    Nothing(&'static str),
}

/// What became of the mail to one address.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address that failed in the end, where it is told: not always the one that was written to.
    pub address: Option<String>,
    /// What became of it.
    pub action: Action,
    /// Its status, where one is told.
    pub status: Option<Status>,
    /// The server's words, as they are.
    pub detail: String,
}

/// What became of a mail (RFC 3464, 2.3.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Given up.
    Failed,
    /// Still tried.
    Delayed,
    /// Delivered, relayed, expanded.
    Arrived,
}

/// Addresses never stand in a `Debug` form.
impl std::fmt::Debug for Recipient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let status = self.status.map(|status| status.to_string());
        f.debug_struct("Recipient")
            .field("action", &self.action)
            .field("status", &status)
            .finish_non_exhaustive()
    }
}

/// Reads a mail as a mail server hands it over, with what it added at the top (`Delivered-To`). Of longer ones than
/// [`MOST_BYTES`], the beginning.
pub fn read(bytes: &[u8]) -> Reading {
    let bytes = bytes.get(..MOST_BYTES).unwrap_or(bytes);
    let mail = Part::of(bytes);
    let fields = mail.fields();
    let mut marks = mark::of_mail(&fields);
    let parts = mail.parts();
    let word = word(&fields, &mail, &parts, &mut marks);
    marks.truncate(mark::MOST);
    Reading { marks, word }
}

fn word(fields: &Fields, mail: &Part<'_>, parts: &[Part<'_>], marks: &mut Vec<String>) -> Word {
    if let Some(part) = parts.iter().find(|part| part.is("message", "feedback-report")) {
        let feedback = Fields::of(&part.text());
        mark::add_of_feedback(&feedback, parts, marks);
        return complaint(&feedback);
    }
    let is_report = |part: &&Part<'_>| {
        part.is("message", "delivery-status") || part.is("message", "global-delivery-status")
    };
    if let Some(part) = parts.iter().find(is_report) {
        let (about, recipients) = report::read(&part.text());
        mark::add_of_envelope(&about, marks);
        return if recipients.is_empty() {
            Word::Nothing("a delivery report about nobody")
        } else {
            Word::Bounce(Source::Report, recipients)
        };
    }
    if let Some(recipient) = text::bounce(fields, mail, parts) {
        return Word::Bounce(Source::Text, vec![recipient]);
    }
    Word::Nothing(if text::is_automatic(fields) {
        "an automatic reply"
    } else {
        "neither a bounce nor a complaint"
    })
}

/// RFC 5965, 3.1: `not-spam` takes a complaint back, and is about a mail that arrived; `dmarc`'s and the like have types of
/// their own. All others say that somebody does not want the mail.
fn complaint(feedback: &Fields) -> Word {
    match feedback.first("feedback-type").map(str::to_ascii_lowercase) {
        Some(kind) if kind == "not-spam" => Word::Nothing("a report that a mail is not spam"),
        Some(kind) if kind == "auth-failure" => Word::Nothing("a report about signatures"),
        Some(kind) => Word::Complaint(kind.chars().filter(char::is_ascii_graphic).take(40).collect()),
        None => Word::Nothing("a feedback report without a type"),
    }
}

impl Word {
    /// What it means for the person that the delivery was for; otherwise why it means nothing.
    pub fn about(&self, to: &Address) -> Result<Bounce, &'static str> {
        match self {
            Self::Nothing(why) => Err(why),
            Self::Complaint(kind) => Ok(Bounce {
                kind: Kind::Complaint,
                source: Source::Feedback,
                status: None,
                detail: kind.clone(),
            }),
            Self::Bounce(source, recipients) => {
                // The address itself first, then failures before delays: the worst of what is said counts.
                let told = recipients.iter().filter_map(|r| Some((r, r.kind(to, *source)?)));
                let worst = told.min_by_key(|(r, kind)| (!r.is(to), rank(*kind)));
                let (recipient, kind) = worst.ok_or("a report that the mail arrived")?;
                Ok(Bounce {
                    kind,
                    source: *source,
                    status: recipient.status,
                    detail: recipient.masked(to),
                })
            }
        }
    }
}

fn rank(kind: Kind) -> usize {
    Kind::ALL.iter().position(|k| *k == kind).unwrap_or(usize::MAX)
}

impl Recipient {
    /// Whether it is about the address that was written to, as far as it says.
    fn is(&self, to: &Address) -> bool {
        self.address
            .as_deref()
            .is_none_or(|address| address.eq_ignore_ascii_case(to.as_str()))
    }

    fn kind(&self, to: &Address, source: Source) -> Option<Kind> {
        let kind = match self.action {
            Action::Arrived => return None,
            Action::Delayed => return Some(Kind::Delayed),
            Action::Failed => self.status.map_or(Kind::Soft, Status::kind),
        };
        // In words, a status may be about anything that the text tells: only a clear one is believed.
        let is_clear = source != Source::Text || self.status == Status::parse("5.1.1");
        Some(if self.is(to) && is_clear {
            kind
        } else {
            kind.behind_the_address()
        })
    }

    /// The server's words without addresses, neither that which was written to nor that which failed.
    fn masked(&self, to: &Address) -> String {
        let printable = self.detail.replace(char::is_control, " ");
        let text = super::reply::masked(&printable, to.as_str());
        super::reply::masked(&text, self.address.as_deref().unwrap_or_default())
    }
}
