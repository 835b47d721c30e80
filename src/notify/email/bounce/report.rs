//! The part of a delivery report that is for machines (RFC 3464): fields about the mail, then fields about each recipient.

use super::{
    Action, Recipient,
    fields::{Fields, typed, unescaped},
};
use crate::domain::bounce::Status;

/// Recipients that are looked at. Our mails have one; an office's list behind it may have more.
const MOST_RECIPIENTS: usize = 100;

/// What is said of the mail, and of each recipient.
pub(super) fn read(text: &str) -> (Fields, Vec<Recipient>) {
    let mut blocks = blocks(text).map(Fields::of).filter(|fields| !fields.is_empty());
    let about = blocks.next().unwrap_or_default();
    let mut recipients = Vec::new();
    // Some write everything in one block.
    if is_about_recipient(&about) {
        recipients.push(recipient(&about));
    }
    recipients.extend(
        blocks
            .filter(is_about_recipient)
            .take(MOST_RECIPIENTS)
            .map(|fields| recipient(&fields)),
    );
    (about, recipients)
}

fn is_about_recipient(fields: &Fields) -> bool {
    fields.has("final-recipient") || fields.has("original-recipient")
}

/// Between empty lines.
fn blocks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while !rest.is_empty() {
            let mut end = 0;
            for line in rest.split_inclusive('\n') {
                if line.trim().is_empty() {
                    break;
                }
                end += line.len();
            }
            let (block, after) = rest.split_at(end);
            let gap = after.split_inclusive('\n').next().map_or(0, str::len);
            rest = &after[gap..];
            if !block.is_empty() {
                return Some(block);
            }
        }
        None
    })
}

fn recipient(fields: &Fields) -> Recipient {
    let told = fields.first("status").and_then(Status::parse);
    let detail = fields.first("diagnostic-code").unwrap_or_default();
    // Exim says 5.0.0 of everything; what the other server said is more exact.
    let status = match told {
        Some(status) if !status.is_vague() => Some(status),
        vague => Status::find(detail).or(vague),
    };
    let detail = typed(detail).map_or(detail, |(_, rest)| rest);
    Recipient {
        address: fields.first("final-recipient").and_then(address),
        action: action(fields, status),
        status,
        detail: if detail.is_empty() {
            told.map(|status| status.to_string()).unwrap_or_default()
        } else {
            detail.to_owned()
        },
    }
}

/// `rfc822; lan@example.vn`, `utf-8; nguy\x{1EC5}n@example.vn`; other types are not addresses that mail is sent to.
fn address(value: &str) -> Option<String> {
    let (kind, rest) = typed(value)?;
    let rest = rest.split_whitespace().next()?.trim_matches(['<', '>']);
    match kind.as_str() {
        // Written as it is (RFC 3464, 2.3.2), but some encode it as the original recipient is.
        "rfc822" => Some(rest.to_owned()),
        "utf-8" => Some(unescaped(rest)),
        _ => None,
    }
}

fn action(fields: &Fields, status: Option<Status>) -> Action {
    let word = fields
        .first("action")
        .and_then(|value| value.split_whitespace().next());
    match word.map(str::to_ascii_lowercase).as_deref() {
        Some("failed") => Action::Failed,
        Some("delayed") => Action::Delayed,
        Some("delivered" | "relayed" | "expanded") => Action::Arrived,
        // Required, but missing or misspelt: a final word is believed only of a failure that lasts.
        _ => match status {
            Some(status) if status.is_success() => Action::Arrived,
            Some(status) if status.is_permanent() => Action::Failed,
            _ => Action::Delayed,
        },
    }
}
