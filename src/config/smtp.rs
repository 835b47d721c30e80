//! The settings of mail.

use serde::Deserialize;

use super::{
    ConfigError,
    validate::{between, contents, fail, secret},
};
use crate::notify::Secret;

/// Connections to one relay, at most.
const MOST_CONNECTIONS: usize = 64;

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
    /// Mails over one connection.
    pub mails_per_connection: u32,
    /// Mails a second; 0 for no limit.
    pub per_second: u32,
    /// Mails a day; 0 for no limit.
    pub per_day: u32,
    /// Further relays that share the work.
    pub relays: Vec<Relay>,
    /// What signs them.
    pub dkim: Dkim,
}

/// `[[smtp.relays]]`: one more relay. What it leaves out is as in `[smtp]`, but for the sign-in.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relay {
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: Option<u16>,
    /// How the connection is protected.
    pub tls: Option<Tls>,
    /// User name; empty for none.
    #[serde(default)]
    pub user: String,
    /// File that holds the password; a relay's password stands nowhere else.
    #[serde(default)]
    pub password_file: String,
    /// What `password_file` holds.
    #[serde(skip)]
    pub password: Secret,
    /// PEM file of further certificates to trust.
    pub extra_ca_file: Option<String>,
    /// Mails sent at once.
    pub connections: Option<usize>,
    /// Mails over one connection.
    pub mails_per_connection: Option<u32>,
    /// Mails a second; 0 for no limit.
    pub per_second: Option<u32>,
    /// Mails a day; 0 for no limit.
    pub per_day: Option<u32>,
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

/// Checks what hangs together, and reads passwords and keys from their files.
pub(super) fn check(smtp: &mut Smtp) -> Result<(), ConfigError> {
    secret("smtp.password", &mut smtp.password, &smtp.password_file)?;
    between("smtp.connections", smtp.connections, 1, MOST_CONNECTIONS)?;
    between("smtp.mails_per_connection", smtp.mails_per_connection, 1, 10_000)?;
    sender(smtp)?;
    relays(smtp)?;
    dkim(&mut smtp.dkim)
}

fn sender(smtp: &Smtp) -> Result<(), ConfigError> {
    if smtp.host.is_empty() {
        return Ok(());
    }
    if smtp.from.is_empty() {
        return fail(
            "smtp.host is set but smtp.from is not; set it to the sender, for example \"Loa <loa@example.vn>\"",
        );
    }
    if smtp.from.parse::<lettre::message::Mailbox>().is_err() {
        return fail("smtp.from is not a sender such as \"Loa <loa@example.vn>\"");
    }
    if !smtp.letters_from.is_empty() && smtp.letters_from.parse::<lettre::message::Mailbox>().is_err() {
        return fail("smtp.letters_from is not a sender such as \"Loa <dang-ky@example.vn>\"");
    }
    match (smtp.user.is_empty(), smtp.password.is_set()) {
        (false, false) => fail("smtp.user is set but smtp.password is not; set it, or smtp.password_file"),
        (true, true) => fail("smtp.password is set but smtp.user is not; set it, or take the password out"),
        _ => Ok(()),
    }
}

/// Each further relay by its number, from 1.
fn relays(smtp: &mut Smtp) -> Result<(), ConfigError> {
    if smtp.host.is_empty() && !smtp.relays.is_empty() {
        return fail("smtp.relays is set but smtp.host is not; the first relay stands in [smtp]");
    }
    for (relay, number) in smtp.relays.iter_mut().zip(1..) {
        let key = |name: &str| format!("smtp.relays ({number}): {name}");
        if relay.host.is_empty() {
            return fail(&format!("{} is empty; name the mail server", key("host")));
        }
        if let Some(connections) = relay.connections {
            between(&key("connections"), connections, 1, MOST_CONNECTIONS)?;
        }
        if let Some(mails) = relay.mails_per_connection {
            between(&key("mails_per_connection"), mails, 1, 10_000)?;
        }
        secret(&key("password"), &mut relay.password, &relay.password_file)?;
        if relay.user.is_empty() == relay.password.is_set() {
            return fail(&format!(
                "{} and password_file belong together: set both, or neither",
                key("user")
            ));
        }
    }
    Ok(())
}

/// Domain, selector and key belong together, and so do the second selector and key, which need the first.
fn dkim(dkim: &mut Dkim) -> Result<(), ConfigError> {
    let together = |keys: [(&str, &str); 3]| {
        let set = keys.iter().find(|(_, value)| !value.is_empty());
        let missing = keys.iter().find(|(_, value)| value.is_empty());
        match (set, missing) {
            (Some((set, _)), Some((missing, _))) => fail(&format!(
                "{set} is set but {missing} is not; set it, or take {set} out"
            )),
            _ => Ok(()),
        }
    };
    let rsa = ("smtp.dkim.key_file", dkim.key_file.as_str());
    together([
        ("smtp.dkim.domain", &dkim.domain),
        ("smtp.dkim.selector", &dkim.selector),
        rsa,
    ])?;
    let second = [&dkim.ed25519_selector, &dkim.ed25519_key_file];
    if second.iter().any(|value| !value.is_empty()) {
        together([
            ("smtp.dkim.ed25519_selector", second[0]),
            ("smtp.dkim.ed25519_key_file", second[1]),
            rsa,
        ])?;
        if dkim.ed25519_selector.eq_ignore_ascii_case(&dkim.selector) {
            return fail(
                "smtp.dkim.ed25519_selector is the same as smtp.dkim.selector; each key needs a name of its own",
            );
        }
    }
    let is_domain = dkim.domain.contains('.') && is_dns_name(&dkim.domain, false);
    if !(dkim.domain.is_empty() || is_domain) {
        return fail(&format!(
            "smtp.dkim.domain is {:?}; expected the sender's domain such as example.vn",
            dkim.domain
        ));
    }
    for (key, selector) in [
        ("smtp.dkim.selector", &dkim.selector),
        ("smtp.dkim.ed25519_selector", &dkim.ed25519_selector),
    ] {
        if !selector.is_empty() && !is_dns_name(selector, true) {
            return fail(&format!(
                "{key} is {selector:?}; expected letters, digits and hyphens such as loa2026"
            ));
        }
    }
    dkim.key = contents("smtp.dkim.key_file", &dkim.key_file)?;
    dkim.ed25519_key = contents("smtp.dkim.ed25519_key_file", &dkim.ed25519_key_file)?;
    Ok(())
}

/// Labels of letters, digits and inner hyphens with dots between them; a selector may hold underscores too.
fn is_dns_name(name: &str, is_selector: bool) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || (is_selector && b == b'_'))
    };
    // With the other half and `_domainkey` between them, a DNS name holds 253 bytes.
    name.len() <= 120 && name.split('.').all(is_label)
}
