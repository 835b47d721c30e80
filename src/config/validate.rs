//! What types alone cannot say about settings.

use std::{path::Path, time::Duration};

use chrono::NaiveTime;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{Config, ConfigError, Dkim, Moved};
use crate::{
    domain::subscription::{Address, Channel},
    notify::Secret,
    store,
};

/// Checks what hangs together and reads secrets from their files.
pub(super) fn finish(config: &mut Config) -> Result<(), ConfigError> {
    config.public_url = web_address("public_url", &config.public_url)?;
    config.telegram.api_url = web_address("telegram.api_url", &config.telegram.api_url)?;
    if !store::is_supported(&config.database.url) {
        return fail("database.url must start with sqlite: or postgres:// (for example sqlite:loa.db)");
    }
    if config.portals.iter().all(std::string::String::is_empty) {
        return fail("portals is empty; name at least one, for example portals = [\"quangtri\"]");
    }
    if config.web.listen.parse::<std::net::SocketAddr>().is_err() {
        return fail(&format!(
            "web.listen is {:?}; expected an address and a port such as 127.0.0.1:8080",
            config.web.listen
        ));
    }
    secret(
        "smtp.password",
        &mut config.smtp.password,
        &config.smtp.password_file,
    )?;
    secret(
        "telegram.token",
        &mut config.telegram.token,
        &config.telegram.token_file,
    )?;
    smtp(config)?;
    super::signup::check(&config.signup)?;
    dkim(&mut config.smtp.dkim)?;
    telegram(config)?;
    between("feeds.items", config.feeds.items, 1, 100)?;
    between("feeds.retired_days", config.feeds.retired_days, 0, 3_660)?;
    moved(&config.feeds.moved)?;
    // Portals list and correct articles for weeks; a round, a digest and a feed of 100 need theirs.
    if !matches!(config.retention.keep_days, 0 | 90..=36_500) {
        return fail(&format!(
            "retention.keep_days is {}; expected 0 (for ever), or 90 to 36500",
            config.retention.keep_days
        ));
    }
    between("feeds.cache_mb", config.feeds.cache_mb, 1, 65_536)?;
    between("polling.max_articles", config.polling.max_articles, 1, 1000)?;
    between("polling.max_list_pages", config.polling.max_list_pages, 1, 100)?;
    between("polling.max_looks", config.polling.max_looks, 0, 1000)?;
    between("smtp.connections", config.smtp.connections, 1, 64)
}

fn smtp(config: &Config) -> Result<(), ConfigError> {
    let smtp = &config.smtp;
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

/// What a file holds; nothing where none is named.
fn contents(key: &str, file: &str) -> Result<Secret, ConfigError> {
    if file.is_empty() {
        return Ok(Secret::default());
    }
    let text = std::fs::read_to_string(Path::new(file)).map_err(|e| {
        ConfigError(format!(
            "{key}: {file} cannot be read ({e}); name a readable file"
        ))
    })?;
    Ok(Secret::new(text))
}

fn telegram(config: &Config) -> Result<(), ConfigError> {
    let telegram = &config.telegram;
    let most = if telegram.allow_paid_broadcast { 1000 } else { 30 };
    between("telegram.per_second", telegram.per_second, 1, most)?;
    // Well within the shortest time that articles are kept: one that is removed for its age is not told as withdrawn.
    between("telegram.edit_alerts_days", telegram.edit_alerts_days, 0, 60)?;
    between("telegram.edit_posts_days", telegram.edit_posts_days, 0, 60)?;
    let token = telegram.token.expose();
    let looks_right = token.split_once(':').is_some_and(|(id, rest)| {
        !id.is_empty()
            && id.bytes().all(|b| b.is_ascii_digit())
            && !rest.is_empty()
            && rest
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    });
    if telegram.token.is_set() && !looks_right {
        return fail("telegram.token does not look like a token from @BotFather (123456:ABC…)");
    }
    let proxy = &telegram.proxy;
    if !proxy.is_empty()
        && !["http://", "https://", "socks5://", "socks5h://"]
            .iter()
            .any(|p| proxy.starts_with(p))
    {
        return fail("telegram.proxy must start with http://, https:// or socks5://");
    }
    Ok(())
}

/// Each old address leads to one place in one step. Whether the new one exists, the composition root knows.
fn moved(moves: &[Moved]) -> Result<(), ConfigError> {
    let mut seen = std::collections::BTreeSet::new();
    for Moved { from, to } in moves {
        for (key, name) in [("from", from), ("to", to)] {
            let is_name = |parts: &[&str]| parts.iter().all(|part| is_slug(part));
            let is_right = match name.split('/').collect::<Vec<_>>().as_slice() {
                ["all"] => key == "to",
                ["topics", rest @ ..] if rest.len() == 1 => is_name(rest),
                ["sections", rest @ ..] if rest.len() == 2 => is_name(rest),
                _ => false,
            };
            if !is_right {
                return fail(&format!(
                    "feeds.moved: {key} = {name:?} is no feed; expected topics/SLUG or sections/PORTAL/SLUG{}",
                    if key == "to" { ", or all" } else { "" }
                ));
            }
        }
        if !seen.insert(from.as_str()) {
            return fail(&format!("feeds.moved: {from:?} moves twice; keep one"));
        }
    }
    match moves.iter().find(|moved| seen.contains(moved.to.as_str())) {
        Some(Moved { from, to }) => fail(&format!(
            "feeds.moved: {from:?} moves to {to:?}, which moves itself; name the last place"
        )),
        None => Ok(()),
    }
}

fn is_slug(part: &str) -> bool {
    !part.is_empty()
        && part
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b))
}

fn secret(key: &str, value: &mut Secret, file: &str) -> Result<(), ConfigError> {
    if file.is_empty() {
        return Ok(());
    }
    if value.is_set() {
        return fail(&format!("{key} and {key}_file are both set; keep one"));
    }
    let text = contents(&format!("{key}_file"), file)?;
    *value = Secret::new(text.expose().trim());
    if value.is_set() {
        Ok(())
    } else {
        fail(&format!("{key}_file: {file} is empty"))
    }
}

fn web_address(key: &str, text: &str) -> Result<String, ConfigError> {
    match url::Url::parse(text) {
        Ok(url)
            if matches!(url.scheme(), "http" | "https") && url.host().is_some() && url.query().is_none() =>
        {
            Ok(text.trim_end_matches('/').to_owned())
        }
        _ => Err(ConfigError(format!(
            "{key} is {text:?}; expected an address such as https://loa.example.vn"
        ))),
    }
}

pub(super) fn between<N: Copy + PartialOrd + std::fmt::Display>(
    key: &str,
    value: N,
    least: N,
    most: N,
) -> Result<(), ConfigError> {
    if value < least || value > most {
        return fail(&format!("{key} is {value}; expected {least} to {most}"));
    }
    Ok(())
}

fn fail(message: &str) -> Result<(), ConfigError> {
    Err(ConfigError(message.to_owned()))
}

/// `90s`, `15m`, `6h`, `2d`.
pub(super) fn duration<'de, D: Deserializer<'de>>(de: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(de)?;
    parse_duration(&text)
        .ok_or_else(|| D::Error::custom(format!("{text:?} is not a duration such as 90s, 15m, 6h or 2d")))
}

fn parse_duration(text: &str) -> Option<Duration> {
    let unit = text.chars().next_back()?;
    let secs = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return None,
    };
    let count: u64 = text[..text.len() - 1].parse().ok()?;
    (count > 0).then_some(())?;
    count
        .checked_mul(secs)
        .filter(|secs| *secs <= 366 * 86_400)
        .map(Duration::from_secs)
}

/// `https://hub.example/`, or nothing.
pub(super) fn hub<'de, D: Deserializer<'de>>(de: D) -> Result<Option<url::Url>, D::Error> {
    let text = String::deserialize(de)?;
    if text.is_empty() {
        return Ok(None);
    }
    match url::Url::parse(&text) {
        Ok(url) if matches!(url.scheme(), "http" | "https") && url.host().is_some() => Ok(Some(url)),
        _ => Err(D::Error::custom(format!(
            "{text:?} is not an address such as https://hub.example.vn/"
        ))),
    }
}

/// `07:00`.
pub(super) fn time_of_day<'de, D: Deserializer<'de>>(de: D) -> Result<NaiveTime, D::Error> {
    let text = String::deserialize(de)?;
    NaiveTime::parse_from_str(&text, "%H:%M")
        .map_err(|_| D::Error::custom(format!("{text:?} is not a time of day such as 07:00")))
}

/// `lan@example.vn, minh@example.vn`, or nothing.
pub(super) fn addresses<'de, D: Deserializer<'de>>(de: D) -> Result<Vec<Address>, D::Error> {
    let text = String::deserialize(de)?;
    let mut addresses = Vec::new();
    for part in text.split(',').filter(|_| !text.trim().is_empty()) {
        let address = Address::parse(Channel::Email, part).map_err(|_| {
            D::Error::custom(format!(
                "{:?} is not an e-mail address such as lan@example.vn (several have commas between them)",
                part.trim()
            ))
        })?;
        if !addresses.contains(&address) {
            addresses.push(address);
        }
    }
    Ok(addresses)
}
