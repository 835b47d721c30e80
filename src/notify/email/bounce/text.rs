//! Bounces in words alone, as qmail and old gateways write them, and automatic replies, which look much like them. A
//! mail server is believed only where it names itself as one, and says that something failed.

use super::{Action, Recipient, fields::Fields, parts::Part};
use crate::domain::bounce::Status;

/// Who writes bounces.
const DAEMONS: [&str; 4] = ["mailer-daemon", "mail-daemon", "maildaemon", "postmaster"];

/// What subjects of bounces hold, in lower case.
const FAILURE_SUBJECTS: [&str; 10] = [
    "failure notice",
    "undeliver",
    "delivery fail",
    "delivery status",
    "delivery notification",
    "mail delivery",
    "returned mail",
    "returned to sender",
    "không gửi được",
    "không thể gửi",
];

/// What subjects of notes about delays hold.
const DELAY_SUBJECTS: [&str; 4] = ["delayed", "delay", "warning", "trì hoãn"];

/// Where the copy of the mail begins: what stands there is ours, not the server's.
const COPY_BEGINS: [&str; 5] = [
    "--- below this line is a copy",
    "------ this is a copy",
    "----- original message",
    "--- original message",
    "-----original message",
];

/// Bytes of the text that are looked at.
const MOST_BYTES: usize = 16 << 10;

/// What a bounce in words says; `None` where it is none.
pub(super) fn bounce(fields: &Fields, mail: &Part<'_>, parts: &[Part<'_>]) -> Option<Recipient> {
    let failed = fields.first("x-failed-recipients");
    let is_daemon = fields.first("from").is_some_and(is_daemon);
    let subject = subject(fields);
    let has = |words: &[&str]| words.iter().any(|word| subject.contains(word));
    let text = match parts.iter().find(|part| part.is("text", "plain")) {
        Some(part) => part.text(),
        None if parts.is_empty() && mail.is("text", "plain") => mail.text(),
        None => return None,
    };
    let words = own_words(&text);
    let is_qmail = words.contains("qmail-send program");
    if !(failed.is_some() || is_daemon && (is_qmail || has(&FAILURE_SUBJECTS) || has(&DELAY_SUBJECTS))) {
        return None;
    }
    let is_delay = has(&DELAY_SUBJECTS) && !has(&FAILURE_SUBJECTS[..3]);
    let address = failed
        .and_then(|list| list.split(',').next())
        .or_else(|| named(words));
    Some(Recipient {
        address: address.map(|a| a.trim().to_owned()),
        action: if is_delay { Action::Delayed } else { Action::Failed },
        status: Status::find(words),
        detail: said(words),
    })
}

/// RFC 3834, and what programs wrote before it.
pub(super) fn is_automatic(fields: &Fields) -> bool {
    let says = |name: &str, words: &[&str]| {
        fields.first(name).is_some_and(|value| {
            words
                .iter()
                .any(|word| value.to_ascii_lowercase().starts_with(word))
        })
    };
    fields
        .first("auto-submitted")
        .is_some_and(|value| !value.eq_ignore_ascii_case("no"))
        || [
            "x-autoreply",
            "x-autorespond",
            "x-auto-reply-from",
            "x-ms-exchange-inbox-rules-loop",
        ]
        .iter()
        .any(|name| fields.has(name))
        || says("precedence", &["auto_reply", "auto-reply", "bulk", "junk"])
        || says("x-precedence", &["auto_reply", "auto-reply"])
        || fields
            .first("content-type")
            .is_some_and(|value| value.to_ascii_lowercase().contains("disposition-notification"))
}

fn is_daemon(from: &str) -> bool {
    let address = from.rsplit('<').next().unwrap_or(from);
    let name = address
        .split('@')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    DAEMONS.contains(&name.as_str())
}

/// The subject in lower case, decoded where it is an encoded word.
fn subject(fields: &Fields) -> String {
    let raw = fields.first("subject").unwrap_or_default();
    let line = format!("Subject: {raw}\r\n\r\n");
    let parsed = mail_parser::MessageParser::default().parse_headers(line.as_bytes());
    let decoded = parsed.as_ref().and_then(|mail| mail.subject());
    decoded.unwrap_or(raw).to_lowercase()
}

/// What stands before the copy of the mail.
fn own_words(text: &str) -> &str {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        let lower = line.trim().to_lowercase();
        if end > MOST_BYTES || COPY_BEGINS.iter().any(|begin| lower.starts_with(begin)) {
            break;
        }
        end += line.len();
    }
    &text[..end]
}

/// `<lan@example.vn>:` on a line of its own, as qmail names who failed.
fn named(words: &str) -> Option<&str> {
    words.lines().find_map(|line| {
        let name = line.trim().strip_prefix('<')?.strip_suffix(">:")?;
        name.contains('@').then_some(name)
    })
}

/// The line with the status, else the beginning.
fn said(words: &str) -> String {
    let line = words.lines().find(|line| Status::find(line).is_some());
    line.map_or_else(
        || words.chars().take(300).collect(),
        |line| line.trim().to_owned(),
    )
}
