//! From the configuration to the small settings that each room takes.

use std::time::Duration;

use anyhow::Context as _;

use crate::{
    config::{self, Config, ConfigError},
    domain::classify::Taxonomy,
    notify::{
        Secret,
        email::{
            self, Mailer, PoolLimits, SmtpSettings,
            dkim::{KeyError, Signer},
        },
        telegram::{Telegram, TelegramSettings},
        webhook::{WebhookSettings, Webhooks},
    },
    portal::{
        Portal,
        fetch::{FetchSettings, Fetcher},
    },
};

/// The topic rules that are compiled in.
const TOPICS: &str = include_str!("../../config/topics.toml");

/// Where the topic rules that the settings name come from, and their text.
pub fn topics_source(config: &Config) -> Result<(String, String), ConfigError> {
    let file = &config.topics_file;
    if file.is_empty() {
        return Ok(("config/topics.toml".to_owned(), TOPICS.to_owned()));
    }
    let text = std::fs::read_to_string(file)
        .map_err(|e| ConfigError(format!("topics_file: {file} cannot be read ({e})")))?;
    Ok((file.clone(), text))
}

/// The topic rules that the settings name.
pub fn load_taxonomy(config: &Config) -> Result<Taxonomy, ConfigError> {
    let (source, text) = topics_source(config)?;
    Taxonomy::parse(&text).map_err(|e| {
        let line = e
            .line(&text)
            .map_or_else(String::new, |line| format!(" line {line}:"));
        ConfigError(format!("{source}:{line} {e}").replace('\n', " "))
    })
}

/// A section that vouches for a topic that does not exist would vouch for nothing.
pub(super) fn check_topics(portals: &[Portal], taxonomy: &Taxonomy) -> Result<(), ConfigError> {
    for portal in portals {
        for section in &portal.sections {
            if let Some(slug) = section.topics.iter().find(|slug| taxonomy.label(slug).is_none()) {
                return Err(ConfigError(format!(
                    "portal {}: section {}: topics: no topic {slug:?} in the topic rules",
                    portal.id, section.slug
                )));
            }
        }
    }
    Ok(())
}

/// A feed that moved must lead to one that is there, and cannot be there itself.
pub(super) fn check_moves(
    moves: &[config::Moved],
    portals: &[Portal],
    taxonomy: &Taxonomy,
) -> Result<(), ConfigError> {
    let exists = |name: &str| match name.split('/').collect::<Vec<_>>().as_slice() {
        ["topics", slug] => taxonomy.label(slug).is_some(),
        ["sections", id, slug] => portals
            .iter()
            .any(|portal| portal.id == *id && portal.section(slug).is_some()),
        other => *other == ["all"],
    };
    for config::Moved { from, to } in moves {
        if !exists(to) {
            return Err(ConfigError(format!(
                "feeds.moved: {from:?} moves to {to:?}, which is no feed; see the addresses under /feeds"
            )));
        }
        if exists(from) {
            return Err(ConfigError(format!(
                "feeds.moved: {from:?} is a feed still; take it out of the settings before it moves"
            )));
        }
    }
    Ok(())
}

/// The client for portals, with the manners that the settings say.
pub fn build_fetcher(config: &Config) -> Fetcher {
    let polling = &config.polling;
    let settings = FetchSettings {
        user_agent: polling.user_agent.clone(),
        contact: polling.contact.clone(),
        allow_private_addresses: polling.allow_private_addresses,
        min_interval: Duration::from_millis(polling.min_interval_ms),
        connect_timeout: Duration::from_secs(polling.connect_timeout_secs),
        timeout: Duration::from_secs(polling.timeout_secs),
        max_wire_bytes: polling.max_wire_bytes,
        max_body_bytes: polling.max_body_bytes,
    };
    Fetcher::new(settings)
}

/// The host name under which ids of messages are made: that of `public_url`.
pub fn authority(config: &Config) -> String {
    url::Url::parse(&config.public_url)
        .ok()
        .and_then(|url| url.host_str().map(str::to_owned))
        .unwrap_or_else(|| "localhost".to_owned())
}

/// What signs mails, if a key is set.
pub fn signer(config: &Config) -> Result<Option<Signer>, ConfigError> {
    let dkim = &config.smtp.dkim;
    if dkim.domain.is_empty() {
        return Ok(None);
    }
    let wrong = |key: &str, file: &str, e: KeyError| ConfigError(format!("smtp.dkim.{key}: {file} {e}"));
    let signer = Signer::rsa(&dkim.domain, &dkim.selector, &dkim.key)
        .map_err(|e| wrong("key_file", &dkim.key_file, e))?;
    if dkim.ed25519_selector.is_empty() {
        return Ok(Some(signer));
    }
    signer
        .and_ed25519(&dkim.ed25519_selector, &dkim.ed25519_key)
        .map(Some)
        .map_err(|e| wrong("ed25519_key_file", &dkim.ed25519_key_file, e))
}

/// The relays, if one is set.
pub fn mailer(config: &Config) -> anyhow::Result<Option<Mailer>> {
    if config.smtp.host.is_empty() {
        return Ok(None);
    }
    Mailer::relays(relays(config)?)
        .map(Some)
        .context("the mail settings")
}

/// The bot, if a token is set.
pub fn telegram(config: &Config) -> anyhow::Result<Option<Telegram>> {
    let telegram = &config.telegram;
    if !telegram.token.is_set() {
        return Ok(None);
    }
    let mut settings = TelegramSettings::new(telegram.token.clone());
    settings.api_url = Some(telegram.api_url.clone());
    settings.pays_for_broadcast = telegram.allow_paid_broadcast;
    settings.proxy = (!telegram.proxy.is_empty()).then(|| Secret::new(telegram.proxy.clone()));
    Telegram::new(&settings)
        .map(Some)
        .context("the Telegram settings")
}

/// The client for webhooks.
pub fn webhooks(config: &Config) -> anyhow::Result<Webhooks> {
    Webhooks::new(&WebhookSettings {
        user_agent: config.polling.user_agent.clone(),
        allow_private_addresses: config.webhooks.allow_private_addresses,
    })
    .context("the webhook settings")
}

/// The relay of `[smtp]`, and the further ones.
fn relays(config: &Config) -> anyhow::Result<Vec<SmtpSettings>> {
    let smtp = &config.smtp;
    let first = first_relay(config)?;
    let further = smtp.relays.iter().map(|relay| {
        let mut settings = first.clone();
        settings.host.clone_from(&relay.host);
        settings.port = relay.port.unwrap_or(smtp.port);
        settings.tls = encryption(relay.tls.unwrap_or(smtp.tls));
        (settings.user, settings.password) = sign_in(&relay.user, &relay.password);
        if let Some(file) = &relay.extra_ca_file {
            settings.extra_ca_pem = certificates("smtp.relays: extra_ca_file", file)?;
        }
        settings.pool = PoolLimits {
            parked: relay.connections.unwrap_or(smtp.connections),
            mails: relay.mails_per_connection.unwrap_or(smtp.mails_per_connection),
            per_second: relay.per_second.unwrap_or(smtp.per_second),
            per_day: relay.per_day.unwrap_or(smtp.per_day),
            ..settings.pool
        };
        Ok(settings)
    });
    let further = further.collect::<anyhow::Result<Vec<_>>>()?;
    Ok([vec![first], further].concat())
}

fn first_relay(config: &Config) -> anyhow::Result<SmtpSettings> {
    let smtp = &config.smtp;
    let mut settings = SmtpSettings::relay(smtp.host.clone(), smtp.port);
    settings.tls = encryption(smtp.tls);
    (settings.user, settings.password) = sign_in(&smtp.user, &smtp.password);
    settings.bounces = (!smtp.bounces.is_empty()).then(|| smtp.bounces.clone());
    settings.extra_ca_pem = certificates("smtp.extra_ca_file", &smtp.extra_ca_file)?;
    // A name that the relay can look up; an address would need brackets there, and says no more than the connection itself.
    let name = authority(config);
    if name.contains('.') && name.parse::<std::net::IpAddr>().is_err() {
        settings.helo_name = name;
    }
    settings.pool = PoolLimits {
        parked: smtp.connections,
        mails: smtp.mails_per_connection,
        per_second: smtp.per_second,
        per_day: smtp.per_day,
        ..settings.pool
    };
    settings.dkim = signer(config)?;
    Ok(settings)
}

fn encryption(tls: config::Tls) -> email::Tls {
    match tls {
        config::Tls::None => email::Tls::None,
        config::Tls::StartTls => email::Tls::StartTls,
        config::Tls::Implicit => email::Tls::Implicit,
    }
}

fn sign_in(user: &str, password: &Secret) -> (Option<String>, Option<Secret>) {
    let is_set = !user.is_empty();
    (is_set.then(|| user.to_owned()), is_set.then(|| password.clone()))
}

/// What a file of certificates holds; `None` where none is named.
fn certificates(key: &str, file: &str) -> anyhow::Result<Option<String>> {
    if file.is_empty() {
        return Ok(None);
    }
    let pem = std::fs::read_to_string(file).with_context(|| format!("{key}: {file} cannot be read"))?;
    Ok(Some(pem))
}
