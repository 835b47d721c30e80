//! From the configuration to the small settings that each room takes.

use std::time::Duration;

use anyhow::Context as _;

use crate::{
    config::{self, Config, ConfigError},
    domain::classify::Taxonomy,
    notify::{
        Secret,
        email::{
            self, Mailer, SmtpSettings,
            dkim::{KeyError, Signer},
        },
        telegram::{Telegram, TelegramSettings},
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

/// The relay, if one is set.
pub fn mailer(config: &Config) -> anyhow::Result<Option<Mailer>> {
    let settings = smtp_settings(config)?;
    settings
        .map(Mailer::smtp)
        .transpose()
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
    settings.proxy = (!telegram.proxy.is_empty()).then(|| Secret::new(telegram.proxy.clone()));
    Telegram::new(&settings)
        .map(Some)
        .context("the Telegram settings")
}

fn smtp_settings(config: &Config) -> anyhow::Result<Option<SmtpSettings>> {
    let smtp = &config.smtp;
    if smtp.host.is_empty() {
        return Ok(None);
    }
    let mut settings = SmtpSettings::relay(smtp.host.clone(), smtp.port);
    settings.tls = match smtp.tls {
        config::Tls::None => email::Tls::None,
        config::Tls::StartTls => email::Tls::StartTls,
        config::Tls::Implicit => email::Tls::Implicit,
    };
    if !smtp.user.is_empty() {
        settings.user = Some(smtp.user.clone());
        settings.password = Some(smtp.password.clone());
    }
    settings.bounces = (!smtp.bounces.is_empty()).then(|| smtp.bounces.clone());
    if !smtp.extra_ca_file.is_empty() {
        let file = &smtp.extra_ca_file;
        let pem = std::fs::read_to_string(file)
            .with_context(|| format!("smtp.extra_ca_file: {file} cannot be read"))?;
        settings.extra_ca_pem = Some(pem);
    }
    settings.pool.parked = smtp.connections;
    settings.dkim = signer(config)?;
    Ok(Some(settings))
}
