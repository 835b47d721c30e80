//! The settings of mail.

use serde::Deserialize;

use crate::notify::Secret;

/// How the connection to the relay is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Not at all.
    None,
    /// By STARTTLS, required.
    StartTls,
    /// From the first byte.
    Implicit,
}

/// `[smtp]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Smtp {
    /// The relay; empty switches mail off.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: Tls,
    /// User name; empty for none.
    pub user: String,
    /// Password.
    pub password: Secret,
    /// File that holds the password.
    pub password_file: String,
    /// The sender.
    pub from: String,
    /// The sender of letters; empty for `from`.
    pub letters_from: String,
    /// Where bounces go; empty for the sender.
    pub bounces: String,
    /// PEM file of further certificates to trust; empty for none.
    pub extra_ca_file: String,
    /// Mails sent at once.
    pub connections: usize,
    /// What signs them.
    pub dkim: Dkim,
}

/// `[smtp.dkim]`; off while `domain` is empty.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dkim {
    /// The domain that is signed for.
    pub domain: String,
    /// The RSA key's name in the DNS.
    pub selector: String,
    /// PEM file of the private RSA key.
    pub key_file: String,
    /// The Ed25519 key's name in the DNS; empty for none.
    pub ed25519_selector: String,
    /// PEM file of the private Ed25519 key; empty for none.
    pub ed25519_key_file: String,
    /// What `key_file` holds.
    #[serde(skip)]
    pub key: Secret,
    /// What `ed25519_key_file` holds.
    #[serde(skip)]
    pub ed25519_key: Secret,
}
