//! The text part of each kind of mail, word for word, in both languages.

mod alerts;
mod digests;
mod letters;

use crate::{common::articles::morning, mail_samples::every_kind};

/// A mail's subject and text.
fn told(kind: &str) -> String {
    let mails = every_kind(morning());
    let (_, mail) = mails.into_iter().find(|(name, _)| *name == kind).unwrap();
    format!("{}\n\n{}", mail.subject, mail.text)
}
