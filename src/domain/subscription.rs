//! Subscribers and what they ask for.

use std::{fmt, str::FromStr};

/// A way to reach a subscriber.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Channel {
    /// An e-mail address.
    Email,
    /// A Telegram chat, group (or a thread of it) or channel.
    Telegram,
    /// A program that takes signed JSON at an address of its own.
    Webhook,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Email, Self::Telegram, Self::Webhook];
}

/// How often a subscriber hears about a watch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Frequency {
    /// At the polling round that finds the article.
    Instant,
    /// In the digest of the day.
    Daily,
    /// In the digest of the week.
    Weekly,
}

impl Frequency {
    /// How it is offered where people choose it.
    pub fn choice(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::Instant, Language::Vi) => "Ngay khi có tin",
            (Self::Daily, Language::Vi) => "Bản tin hằng ngày",
            (Self::Weekly, Language::Vi) => "Bản tin hằng tuần",
            (Self::Instant, Language::En) => "At once",
            (Self::Daily, Language::En) => "Daily digest",
            (Self::Weekly, Language::En) => "Weekly digest",
        }
    }
}

/// The language that a subscriber is written to in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vi,
    /// English.
    En,
}

/// A word that is none of the known ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what} {word:?} is none of: {known}")]
pub struct UnknownWord {
    what: &'static str,
    word: String,
    known: &'static str,
}

/// An enum that stands in the database, in CSV files and in addresses as one word.
macro_rules! words {
    ($type:ident, $what:literal, $known:literal, $($variant:ident = $word:literal),+) => {
        impl $type {
            /// The word for it in the store and in files.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }
        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
        impl FromStr for $type {
            type Err = UnknownWord;
            fn from_str(s: &str) -> Result<Self, UnknownWord> {
                match s {
                    $($word => Ok(Self::$variant),)+
                    _ => Err(UnknownWord { what: $what, word: s.to_owned(), known: $known }),
                }
            }
        }
    };
}
words!(
    Channel,
    "channel",
    "email, telegram, webhook",
    Email = "email",
    Telegram = "telegram",
    Webhook = "webhook"
);
words!(
    Frequency,
    "frequency",
    "instant, daily, weekly",
    Instant = "instant",
    Daily = "daily",
    Weekly = "weekly"
);
words!(Language, "language", "vi, en", Vi = "vi", En = "en");

/// Why a text is not an address on its channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Not an e-mail address that a relay would take.
    #[error("not an e-mail address (expected name@host)")]
    Email,
    /// Not a Telegram address.
    #[error(
        "not a Telegram address (expected a chat id such as 123456789, a group such as -100123 or -100123:7 for its thread, or a channel such as @ten_kenh)"
    )]
    Telegram,
    /// Not an address of the web.
    #[error(
        "not a webhook's address (expected https://host/path; http:// where webhooks.allow_private_addresses is set)"
    )]
    Webhook,
}

/// An address that was checked for its channel: the proof is the type.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address {
    channel: Channel,
    text: String,
}

impl Address {
    /// Checks and normalises: an e-mail's host is lower-cased, a Telegram address is `ID`, `ID:THREAD` or `@name`, a webhook's a
    /// web address without a name or password.
    pub fn parse(channel: Channel, text: &str) -> Result<Self, AddressError> {
        let text = match channel {
            Channel::Email => email(text.trim()).ok_or(AddressError::Email)?,
            Channel::Telegram => telegram(text.trim()).ok_or(AddressError::Telegram)?,
            Channel::Webhook => webhook(text.trim()).ok_or(AddressError::Webhook)?,
        };
        Ok(Self { channel, text })
    }

    /// The channel it is an address on.
    pub fn channel(&self) -> Channel {
        self.channel
    }

    /// The address itself. Never to be logged; [`fmt::Display`] gives the masked form.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// The masked form that logs and reports may show: `l…@example.vn`, `1…9`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.channel == Channel::Webhook {
            // The path may hold a secret.
            let url = url::Url::parse(&self.text).ok();
            let host = url.as_ref().and_then(url::Url::host_str).unwrap_or("?");
            return write!(f, "webhook at {host}");
        }
        let first = self.text.chars().next().unwrap_or('?');
        match self.text.split_once('@') {
            Some((name, host)) if !name.is_empty() => write!(f, "{first}…@{host}"),
            _ => write!(f, "{first}…{}", self.text.chars().next_back().unwrap_or('?')),
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({self})", self.channel)
    }
}

/// RFC 5321's limits, and the characters that real addresses use: no quoting, no address literals.
fn email(text: &str) -> Option<String> {
    let (name, host) = text.rsplit_once('@')?;
    let name_is_fine = (1..=64).contains(&name.len())
        && !name.starts_with('.')
        && !name.ends_with('.')
        && !name.contains("..")
        && name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&b));
    let label_is_fine = |label: &str| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let host = host.to_ascii_lowercase();
    let host_is_fine = host.len() <= 253 && host.split('.').all(label_is_fine);
    (name_is_fine && host_is_fine).then(|| format!("{name}@{host}"))
}

/// Whether `http` is taken is a setting, which who sends and who imports look at.
fn webhook(text: &str) -> Option<String> {
    const LONGEST: usize = 2000;
    let url = url::Url::parse(text).ok()?;
    let is_plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    let is_web = matches!(url.scheme(), "http" | "https") && url.has_host();
    (is_web && is_plain && url.as_str().len() <= LONGEST).then(|| url.into())
}

fn telegram(text: &str) -> Option<String> {
    if let Some(name) = text.strip_prefix('@') {
        let fine = (4..=32).contains(&name.len())
            && name.starts_with(|c: char| c.is_ascii_alphabetic())
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        return fine.then(|| format!("@{name}"));
    }
    let (chat, thread) = text
        .split_once(':')
        .map_or((text, None), |(chat, thread)| (chat, Some(thread)));
    let chat: i64 = chat.parse().ok().filter(|id| *id != 0)?;
    match thread {
        None => Some(chat.to_string()),
        Some(thread) => {
            let thread: i32 = thread.parse().ok().filter(|id| *id > 0)?;
            Some(format!("{chat}:{thread}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_normalised_and_masked() {
        let mail = Address::parse(Channel::Email, " Lan.Nguyen@Example.VN ").unwrap();
        assert_eq!(mail.as_str(), "Lan.Nguyen@example.vn");
        assert_eq!(format!("{mail} {mail:?}"), "L…@example.vn email(L…@example.vn)");
        let chat = Address::parse(Channel::Telegram, "-1001234:7").unwrap();
        assert_eq!((chat.as_str(), chat.to_string().as_str()), ("-1001234:7", "-…7"));
    }

    #[test]
    fn what_no_relay_or_bot_would_take_is_refused() {
        for bad in [
            "",
            "lan",
            "@vn",
            "a@b@",
            "a b@c.vn",
            "a@-x.vn",
            ".a@x.vn",
            "a\r\n@x.vn",
            "a@x..vn",
        ] {
            assert_eq!(
                Address::parse(Channel::Email, bad),
                Err(AddressError::Email),
                "{bad:?}"
            );
        }
        for bad in ["", "0", "@ab", "@1abc", "12:0", "12:x", "lan"] {
            assert_eq!(
                Address::parse(Channel::Telegram, bad),
                Err(AddressError::Telegram),
                "{bad:?}"
            );
        }
    }
}
