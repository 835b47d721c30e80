//! A [`Mail`] as the bytes that travel.

use std::time::SystemTime;

use lettre::message::{
    Body, Mailbox, Message, MultiPart, SinglePart,
    header::{ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
};

use super::quoted::quoted;
use crate::notify::{
    SendError,
    message::{Mail, Sender},
};

/// Longest address in a header: a line holds 998 octets (RFC 5322, 2.1.1) and the field's name.
const MAX_URL: usize = 900;

/// The message as bytes: headers, then text and HTML as alternatives, all lines ASCII and short. The same mail gives the
/// same bytes. What would break a header is refused, not escaped.
pub fn encode(mail: &Mail) -> Result<Vec<u8>, SendError> {
    let part = |kind: ContentType, body: &str| {
        SinglePart::builder()
            .header(kind)
            .header(ContentTransferEncoding::QuotedPrintable)
            .body(Body::dangerous_pre_encoded(
                quoted(body),
                ContentTransferEncoding::QuotedPrintable,
            ))
    };
    let boundary = blake3::hash(mail.message_id.as_bytes()).to_hex();
    let parts = MultiPart::alternative()
        .boundary(format!("=_loa_{}", &boundary[..32]))
        .singlepart(part(ContentType::TEXT_PLAIN, &mail.text))
        .singlepart(part(ContentType::TEXT_HTML, &mail.html));
    let mut builder = Message::builder()
        .from(sender(&mail.from)?)
        .to(Mailbox::new(None, address(mail.to.as_str())?))
        .subject(one_line(&mail.subject))
        .date(SystemTime::from(mail.date))
        .message_id(Some(token("Message-ID", &mail.message_id)?))
        .raw_header(raw("Auto-Submitted", "auto-generated".to_owned()))
        // Keeps out-of-office replies of servers that do not know Auto-Submitted away. No Precedence beside it: every program
        // that heeds that one heeds Auto-Submitted or List-Id too, and some mail servers would return no bounce.
        .raw_header(raw("X-Auto-Response-Suppress", "All".to_owned()))
        .raw_header(raw("Feedback-ID", token("Feedback-ID", &feedback_id(mail))?));
    if let Some(id) = &mail.list_id {
        builder = builder.raw_header(raw("List-Id", format!("<{}>", token("List-Id", id)?)));
    }
    if let Some(url) = &mail.unsubscribe_url {
        let target = format!("<{}>", token("List-Unsubscribe", url)?);
        builder = builder
            .raw_header(raw("List-Unsubscribe", target))
            .raw_header(raw(
                "List-Unsubscribe-Post",
                "List-Unsubscribe=One-Click".to_owned(),
            ));
    }
    let message = builder
        .multipart(parts)
        .map_err(|e| SendError::Refused(format!("cannot build the mail: {e}")))?;
    Ok(message.formatted())
}

/// What Gmail counts complaints by, since it reports none of them: the list, the kind of mail, and a name of this sender that
/// it wants to be of 5 to 15 characters. Nothing in it tells one receiver from another.
fn feedback_id(mail: &Mail) -> String {
    let list = mail.list_id.as_deref().and_then(|id| id.split('.').next());
    // The words of a phrase may be one reader's own.
    let list = match list.unwrap_or("letters") {
        phrase if phrase.starts_with("phrase-") => "phrase",
        list => list,
    };
    let host = mail.message_id.rsplit('@').next().unwrap_or_default();
    let host: String = host.chars().filter(|c| *c != '>').take(15).collect();
    let sender = host.replace('.', "-");
    format!("{list}:{}:loa:{:x<5}", mail.stream, sender.trim_end_matches('-'))
}

/// The address for lettre. An [`crate::domain::subscription::Address`] is stricter, so this does not fail.
pub(super) fn address(text: &str) -> Result<lettre::Address, SendError> {
    text.parse()
        .map_err(|_| SendError::Refused("the address is not one that mail servers take".to_owned()))
}

fn sender(from: &Sender) -> Result<Mailbox, SendError> {
    Ok(Mailbox::new(from.name().map(one_line), address(from.address())?))
}

fn raw(name: &'static str, value: String) -> HeaderValue {
    let name = HeaderName::new_from_ascii_str(name);
    HeaderValue::dangerous_new_pre_encoded(name, value.clone(), value)
}

/// A header value that goes out as it is: visible ASCII without spaces, nothing that ends a line.
fn token(field: &str, value: &str) -> Result<String, SendError> {
    let is_fine = (1..=MAX_URL).contains(&value.len()) && value.bytes().all(|b| b.is_ascii_graphic());
    if is_fine {
        Ok(value.to_owned())
    } else {
        Err(SendError::Refused(format!(
            "{field} would break the mail's header"
        )))
    }
}

fn one_line(s: &str) -> String {
    s.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
