//! Where the mark of a delivery may stand: in the address that a mail came back to, in the envelope's id that the report
//! names, and in the return path of the mail that somebody complained about.

use super::{
    fields::{Fields, unescaped},
    parts::Part,
};

/// Marks that are looked at. A report has one; a mail full of them is somebody's guess.
pub(super) const MOST: usize = 8;

/// In what the mail server adds (Postfix: `Delivered-To` and `X-Original-To`, Exim: `Envelope-To`, others: `X-Envelope-To`),
/// and in `To`, where senders of reports put the return path.
pub(super) fn of_mail(fields: &Fields) -> Vec<String> {
    let mut marks = Vec::new();
    for name in [
        "x-original-to",
        "delivered-to",
        "envelope-to",
        "x-envelope-to",
        "to",
    ] {
        for value in fields.all(name) {
            add_of_addresses(value, &mut marks);
        }
    }
    marks
}

/// In the envelope's id of a delivery report, which the sender gave (RFC 3461, 4.4).
pub(super) fn add_of_envelope(about: &Fields, marks: &mut Vec<String>) {
    for value in about.all("original-envelope-id") {
        add(&unescaped(value.trim()), marks);
    }
}

/// In the return path of the mail that a complaint encloses, or that its report names.
pub(super) fn add_of_feedback(feedback: &Fields, parts: &[Part<'_>], marks: &mut Vec<String>) {
    let enclosed = parts
        .iter()
        .filter(|part| part.is("message", "rfc822") || part.is("text", "rfc822-headers"))
        .map(|part| Fields::of(&part.text()));
    for fields in enclosed {
        for name in ["return-path", "x-envelope-from"] {
            for value in fields.all(name) {
                add_of_addresses(value, marks);
            }
        }
    }
    for value in feedback.all("original-mail-from") {
        add_of_addresses(value, marks);
    }
}

/// `NAME+MARK@HOST`, as often as it stands there.
fn add_of_addresses(value: &str, marks: &mut Vec<String>) {
    for (at, _) in value.match_indices('@').take(MOST) {
        let before = &value[..at];
        let name = before
            .rsplit(|c: char| c.is_whitespace() || "<>,:;\"".contains(c))
            .next()
            .unwrap_or_default();
        if let Some((_, mark)) = name.rsplit_once('+') {
            add(mark, marks);
        }
    }
}

/// Takes what has the shape of a mark: `7-9f86d081884c7d65`.
fn add(text: &str, marks: &mut Vec<String>) {
    let is_mark = text.split_once('-').is_some_and(|(id, proof)| {
        (1..=19).contains(&id.len())
            && id.bytes().all(|b| b.is_ascii_digit())
            && proof.len() == 16
            && proof.bytes().all(|b| b.is_ascii_hexdigit())
    });
    if is_mark && marks.len() < MOST && !marks.iter().any(|m| m == text) {
        marks.push(text.to_owned());
    }
}
