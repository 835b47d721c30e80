//! What it takes to talk to a mail server.

use std::time::Duration;

use super::{dkim::Signer, tls};
use crate::{
    domain::subscription::{Address, Channel},
    notify::Secret,
};

/// How the connection is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// Not at all: a relay on the same machine.
    None,
    /// `STARTTLS` is required (port 587).
    StartTls,
    /// From the first byte (port 465).
    Implicit,
}

/// A mail server and how to use it.
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// Host name, as its certificate says it.
    pub host: String,
    /// Port.
    pub port: u16,
    /// Encryption.
    pub tls: Tls,
    /// Sign-in name, with `password`.
    pub user: Option<String>,
    /// Password of `user`.
    pub password: Option<Secret>,
    /// Certificates (PEM) trusted beside Mozilla's roots: a relay inside an office often has its own authority.
    pub extra_ca_pem: Option<String>,
    /// The name in `EHLO`: this machine's public one.
    pub helo_name: String,
    /// Where bounces go, such as `bounces@example.vn`: the delivery's mark is added as `bounces+MARK@example.vn` (VERP).
    /// Without it they go to the sender.
    pub bounces: Option<String>,
    /// What signs every mail; without it they go out unsigned.
    pub dkim: Option<Signer>,
    /// How long each stage may take.
    pub deadlines: Deadlines,
    /// What becomes of healthy connections.
    pub pool: PoolLimits,
}

/// How long each stage may take. RFC 5321, 4.5.3.2 asks for minutes; only the last is worth them: giving up on the reply
/// to the final dot too soon is what makes duplicates.
#[derive(Debug, Clone, Copy)]
pub struct Deadlines {
    /// TCP, and TLS where it is implicit.
    pub connect: Duration,
    /// Greeting, `EHLO`, `STARTTLS` and sign-in, together.
    pub hello: Duration,
    /// Each of `MAIL`, `RCPT`, `DATA`.
    pub command: Duration,
    /// The text, the final dot and its reply.
    pub dot: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            hello: Duration::from_secs(30),
            command: Duration::from_mins(1),
            dot: Duration::from_mins(10),
        }
    }
}

impl Deadlines {
    /// The longest that one mail may take: a lease on its delivery must be longer. A parked connection that turns out to
    /// be dead costs one command more.
    pub fn longest(&self) -> Duration {
        self.connect + self.hello + 4 * self.command + self.dot
    }
}

/// How a server is used: what becomes of healthy connections, and what it takes.
#[derive(Debug, Clone, Copy)]
pub struct PoolLimits {
    /// Connections at once, and kept for reuse.
    pub parked: usize,
    /// Mails over one connection; servers cut it off at some hundred.
    pub mails: u32,
    /// A connection idle for longer is closed instead of used: servers hang up after a minute or five.
    pub idle: Duration,
    /// Mails begun in a second at most; 0 for no limit.
    pub per_second: u32,
    /// Mails handed over on a day at most; 0 for no limit.
    pub per_day: u32,
}

impl Default for PoolLimits {
    fn default() -> Self {
        Self {
            parked: 4,
            mails: 100,
            idle: Duration::from_secs(30),
            per_second: 0,
            per_day: 0,
        }
    }
}

/// Settings that cannot work.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SmtpSettingsError {
    /// No host.
    #[error("smtp.host is empty")]
    Host,
    /// One of user and password is missing.
    #[error("smtp.user and smtp.password belong together: one is set, the other is not")]
    Credentials,
    /// Not a host name.
    #[error("smtp.helo_name is not a host name")]
    Helo,
    /// No certificate in it.
    #[error("smtp.extra_ca_file holds no PEM certificate")]
    ExtraCa,
    /// Not an address.
    #[error("smtp.bounces is not an e-mail address")]
    Bounces,
}

impl SmtpSettings {
    /// A relay at `host:port` without encryption or sign-in, all else by default.
    pub fn relay(host: impl Into<String>, port: u16) -> Self {
        Self {
            host: host.into(),
            port,
            tls: Tls::None,
            user: None,
            password: None,
            extra_ca_pem: None,
            helo_name: "localhost".to_owned(),
            bounces: None,
            dkim: None,
            deadlines: Deadlines::default(),
            pool: PoolLimits::default(),
        }
    }

    pub(super) fn check(&self) -> Result<(), SmtpSettingsError> {
        let is_name =
            |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b));
        if self.host.trim().is_empty() {
            return Err(SmtpSettingsError::Host);
        }
        if self.user.is_some() != self.password.is_some() {
            return Err(SmtpSettingsError::Credentials);
        }
        if !is_name(&self.helo_name) {
            return Err(SmtpSettingsError::Helo);
        }
        if let Some(pem) = &self.extra_ca_pem {
            tls::certificates(pem).ok_or(SmtpSettingsError::ExtraCa)?;
        }
        match &self.bounces {
            Some(to) if Address::parse(Channel::Email, to).is_err() => Err(SmtpSettingsError::Bounces),
            _ => Ok(()),
        }
    }
}
