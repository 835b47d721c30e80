//! The parts of a mail that are looked at: two levels of multiparts, no mail inside a mail. A parser that goes as deep as a
//! mail pretends to be can be sent one that is too deep for it.

use std::borrow::Cow;

use mail_parser::{
    HeaderName, MessageParser, MimeHeaders as _,
    decoders::{base64::base64_decode, quoted_printable::quoted_printable_decode},
};

use super::fields::Fields;

/// Levels of multiparts: reports stand at the first, and at the second where a mailing list or a gateway wrapped them.
const LEVELS: usize = 2;

/// Parts in all: a report has three.
const MOST_PARTS: usize = 30;

/// Headers and body, as they came.
pub(super) struct Part<'a> {
    head: &'a [u8],
    body: &'a [u8],
    kind: (String, String),
    boundary: Option<String>,
    encoding: String,
}

impl<'a> Part<'a> {
    /// From the bytes of a mail or of a part.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        let (head, body) = split(bytes);
        // Only the fields are parsed: `parse` would go into mails inside of mails.
        let parsed = MessageParser::new().with_mime_headers().parse_headers(head);
        let content_type = parsed.as_ref().and_then(|mail| mail.content_type());
        let lower = |text: &str| text.to_ascii_lowercase();
        Self {
            head,
            body,
            kind: content_type.map_or_else(
                || ("text".to_owned(), "plain".to_owned()),
                |c| (lower(c.ctype()), c.subtype().map(lower).unwrap_or_default()),
            ),
            boundary: content_type
                .and_then(|c| c.attribute("boundary"))
                .map(str::to_owned),
            encoding: parsed
                .as_ref()
                .and_then(|mail| mail.header_raw(HeaderName::ContentTransferEncoding))
                .map(|text| lower(text.trim()))
                .unwrap_or_default(),
        }
    }

    /// Whether its type is this.
    pub(super) fn is(&self, kind: &str, subtype: &str) -> bool {
        self.kind.0 == kind && self.kind.1 == subtype
    }

    /// Its own fields.
    pub(super) fn fields(&self) -> Fields {
        Fields::of(&String::from_utf8_lossy(self.head))
    }

    /// Its body, decoded.
    pub(super) fn text(&self) -> Cow<'a, str> {
        let decoded = match self.encoding.as_str() {
            "base64" => base64_decode(self.body),
            "quoted-printable" => quoted_printable_decode(self.body),
            _ => None,
        };
        match decoded {
            Some(bytes) => Cow::Owned(String::from_utf8_lossy(&bytes).into_owned()),
            None => String::from_utf8_lossy(self.body),
        }
    }

    /// The parts inside, those of inner multiparts too, in their order; none where it is no multipart.
    pub(super) fn parts(&self) -> Vec<Part<'a>> {
        let mut found = Vec::new();
        self.collect(LEVELS, &mut found);
        found
    }

    fn collect(&self, levels: usize, found: &mut Vec<Part<'a>>) {
        let Some(boundary) = self
            .boundary
            .as_ref()
            .filter(|b| self.kind.0 == "multipart" && !b.is_empty())
        else {
            return;
        };
        for bytes in sections(self.body, boundary.as_bytes()) {
            if found.len() >= MOST_PARTS {
                return;
            }
            let part = Part::of(bytes);
            if part.kind.0 == "multipart" && levels > 1 {
                part.collect(levels - 1, found);
            } else {
                found.push(part);
            }
        }
    }
}

/// At the first empty line; a part may begin with it, and then has no fields.
fn split(bytes: &[u8]) -> (&[u8], &[u8]) {
    let mut at = 0;
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        let next = at + line.len();
        if line == b"\n" || line == b"\r\n" {
            return (&bytes[..next], &bytes[next..]);
        }
        at = next;
    }
    (bytes, &[])
}

/// What stands between the lines of a boundary (RFC 2046, 5.1.1). The last part of a mail that was cut off ends where it ends.
fn sections<'a>(body: &'a [u8], boundary: &[u8]) -> Vec<&'a [u8]> {
    let (mut found, mut begin, mut at) = (Vec::new(), None, 0);
    for line in body.split_inclusive(|b| *b == b'\n') {
        let next = at + line.len();
        let after = line.strip_prefix(b"--").and_then(|l| l.strip_prefix(boundary));
        let end = after.map(<[u8]>::trim_ascii);
        if let Some(end) = end.filter(|end| end.is_empty() || *end == b"--") {
            found.extend(begin.map(|begin| &body[begin..at]));
            begin = end.is_empty().then_some(next);
        }
        at = next;
    }
    found.extend(begin.map(|begin| &body[begin..]));
    found
}
