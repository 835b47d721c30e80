//! DKIM signatures (RFC 6376, 8301 and 8463): what tells a receiver that a mail is the sender domain's own and that
//! nobody changed it on the way.
//!
//! `relaxed/relaxed` with rsa-sha256, and a second signature with ed25519-sha256 where its key is given. A signature is
//! made over the finished bytes of a mail: what travels is what is signed. No `l=`, which would let anyone append to the text,
//! and no `x=`: a mail may wait for days in a queue of its receiver's.

mod canonical;
mod key;

use std::{fmt, sync::Arc};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::{DateTime, Utc};
use ring::digest::{SHA256, digest};

use crate::notify::{Secret, SendError};
use canonical::Field;
use key::Key;
pub use key::KeyError;

/// Header fields that are always named in a signature, once more than they occur: an added one breaks it. They are what a
/// reader sees, and where an answer would go.
const SEALED: [&str; 7] = ["From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID"];

/// Sealed where they occur (RFC 8058 wants them signed); a relay that adds its own to other mails breaks nothing.
const SEALED_IF_PRESENT: [&str; 2] = ["List-Unsubscribe", "List-Unsubscribe-Post"];

/// Signed where they occur. `MIME-Version`, `Content-Type` and `Content-Transfer-Encoding` are not among them: relays write
/// them anew (another quoting of the boundary, another encoding), and the hash of the body guards what they describe.
const SIGNED_IF_PRESENT: [&str; 3] = ["List-Id", "Auto-Submitted", "Feedback-ID"];

/// Base64 characters of a signature on one line.
const SIGNATURE_LINE: usize = 72;

/// Length from which a line of the list of signed fields is broken.
const FIELDS_LINE: usize = 64;

/// Bytes of one string in a TXT record (RFC 1035, 3.3).
const TXT_STRING: usize = 255;

/// Signs mails for one domain. Clones share the keys.
#[derive(Clone)]
pub struct Signer(Arc<Keys>);

#[derive(Clone)]
struct Keys {
    domain: String,
    /// Selector and key; the first is RSA.
    keys: Vec<(String, Key)>,
}

/// A public key as the DNS has to publish it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// `selector._domainkey.example.vn`.
    pub name: String,
    /// `v=DKIM1; k=rsa; p=…`.
    pub text: String,
    /// The key in words: `RSA, 2048 bits` or `Ed25519`.
    pub key: String,
}

impl Signer {
    /// Signs for `domain` with an RSA key of 2,048 to 4,096 bits (PEM: PKCS#8 or PKCS#1, without a passphrase), whose public part
    /// stands in the DNS under `selector`.
    pub fn rsa(domain: &str, selector: &str, pem: &Secret) -> Result<Self, KeyError> {
        let key = Key::rsa(pem)?;
        Ok(Self(Arc::new(Keys {
            domain: domain.to_ascii_lowercase(),
            keys: vec![(selector.to_ascii_lowercase(), key)],
        })))
    }

    /// Signs a second time with an Ed25519 key (PEM, PKCS#8). Receivers that do not know it yet pass it over.
    pub fn and_ed25519(&self, selector: &str, pem: &Secret) -> Result<Self, KeyError> {
        let mut keys = (*self.0).clone();
        keys.keys
            .push((selector.to_ascii_lowercase(), Key::ed25519(pem)?));
        Ok(Self(Arc::new(keys)))
    }

    /// The domain that is signed for.
    pub fn domain(&self) -> &str {
        &self.0.domain
    }

    /// What the DNS has to publish, a record a key.
    pub fn records(&self) -> Vec<Record> {
        let Keys { domain, keys } = &*self.0;
        keys.iter()
            .map(|(selector, key)| Record {
                name: format!("{selector}._domainkey.{domain}"),
                text: format!("v=DKIM1; k={}; p={}", key.kind(), STANDARD.encode(key.public())),
                key: key.name(),
            })
            .collect()
    }

    /// The mail with its signatures on top. `mail` is as [`super::encode`] makes it: CRLF, ASCII, lines of at most 998 bytes.
    /// `at` is the moment of the signature; the same mail at the same moment has the same one. Takes about a millisecond of one core.
    pub fn sign(&self, mail: &[u8], at: DateTime<Utc>) -> Result<Vec<u8>, SendError> {
        let (head, body) = canonical::split(mail);
        let fields = canonical::fields(head);
        let body_hash = STANDARD.encode(digest(&SHA256, &canonical::body(body)));
        let signed = signed_names(&fields);
        let mut covered = Vec::with_capacity(2048);
        for field in selected(&fields, &signed) {
            field.relaxed(&mut covered);
        }
        let mut out = Vec::with_capacity(mail.len() + 1024 * self.0.keys.len());
        for (selector, key) in &self.0.keys {
            let unsigned = self.unsigned(selector, key, at, &signed, &body_hash);
            let mut message = covered.clone();
            // The signature's own field comes last, without its value and without a line end.
            for own in canonical::fields(unsigned.as_bytes()) {
                own.relaxed(&mut message);
            }
            message.truncate(message.len() - "\r\n".len());
            let signature = key.sign(&message).ok_or_else(|| {
                SendError::later("the mail could not be signed: no randomness from the system")
            })?;
            out.extend_from_slice(unsigned.as_bytes());
            out.extend_from_slice(folded(&STANDARD.encode(signature)).as_bytes());
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(mail);
        Ok(out)
    }

    /// The field up to `b=`.
    fn unsigned(
        &self,
        selector: &str,
        key: &Key,
        at: DateTime<Utc>,
        signed: &[&str],
        body_hash: &str,
    ) -> String {
        let (kind, domain, at) = (key.kind(), &self.0.domain, at.timestamp());
        let mut list = String::new();
        let mut line = 0;
        for name in signed {
            if !list.is_empty() {
                list.push(':');
                line += 1;
            }
            if line >= FIELDS_LINE {
                list.push_str("\r\n\t ");
                line = 0;
            }
            list.push_str(name);
            line += name.len();
        }
        format!(
            "DKIM-Signature: v=1; a={kind}-sha256; c=relaxed/relaxed;\r\n\td={domain};\r\n\ts={selector}; t={at};\r\n\th={list};\r\n\tbh={body_hash};\r\n\tb="
        )
    }
}

/// Shows no key.
impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let selectors: Vec<&str> = self
            .0
            .keys
            .iter()
            .map(|(selector, _)| selector.as_str())
            .collect();
        f.debug_struct("Signer")
            .field("domain", &self.0.domain)
            .field("selectors", &selectors)
            .finish_non_exhaustive()
    }
}

impl Record {
    /// The record as a line of a zone file, its text in strings of at most 255 bytes.
    pub fn zone_line(&self) -> String {
        let strings: Vec<String> = pieces(&self.text, TXT_STRING)
            .into_iter()
            .map(|piece| format!("\"{piece}\""))
            .collect();
        format!("{}. IN TXT ( {} )", self.name, strings.join(" "))
    }
}

/// The `h=` list: every name as often as it occurs, and the sealed ones once more.
fn signed_names(fields: &[Field<'_>]) -> Vec<&'static str> {
    let mut names = Vec::new();
    let mut add = |name: &'static str, more: usize, even_absent: bool| {
        let count = fields.iter().filter(|field| field.is(name)).count();
        if count > 0 || even_absent {
            names.extend(std::iter::repeat_n(name, count + more));
        }
    };
    for name in SEALED {
        add(name, 1, true);
    }
    for name in SEALED_IF_PRESENT {
        add(name, 1, false);
    }
    for name in SIGNED_IF_PRESENT {
        add(name, 0, false);
    }
    names
}

/// The fields behind the names: of several of one name the last first (RFC 6376, 5.4.2), nothing where there are no more.
fn selected<'a>(fields: &'a [Field<'a>], names: &[&str]) -> Vec<&'a Field<'a>> {
    let mut selected = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let before = names[..at].iter().filter(|earlier| *earlier == name).count();
        selected.extend(fields.iter().rev().filter(|field| field.is(name)).nth(before));
    }
    selected
}

/// Base64 in lines.
fn folded(base64: &str) -> String {
    pieces(base64, SIGNATURE_LINE).join("\r\n\t ")
}

/// An ASCII text in pieces of at most so many bytes.
fn pieces(text: &str, longest: usize) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.len().min(longest));
        pieces.push(piece);
        rest = after;
    }
    pieces
}
