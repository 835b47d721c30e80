//! Settings: what is compiled in (`config/default.toml`) < a file < the environment. Nothing else of Loa reads the
//! environment, and only `main`, the commands and [`crate::app`] see this module: the rooms get small structs of their own.

mod bounces;
mod digests;
mod layers;
mod signup;
mod smtp;
mod telegram;
mod validate;

use std::{collections::BTreeMap, path::Path, time::Duration};

use chrono::NaiveTime;
use serde::Deserialize;

pub use bounces::Bounces;
pub use layers::{Layers, masked};
pub use signup::Signup;
pub use smtp::{Dkim, Relay, Smtp, Tls};
pub use telegram::{Mode, Telegram};

use crate::domain::{schedule::Days, subscription::Address};

/// Every key with its default and a comment.
pub const DEFAULT: &str = include_str!("../../config/default.toml");

/// Why the settings cannot be used: one line that names the key or the file, and the way out.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ConfigError(pub String);

/// The settings in force.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address under which people reach this Loa, without a final slash.
    pub public_url: String,
    /// Compiled-in portals by name, own ones by path.
    pub portals: Vec<String>,
    /// Own topic rules; empty for the compiled-in ones.
    pub topics_file: String,
    /// The database.
    pub database: Database,
    /// Pages and feeds.
    pub web: Web,
    /// Who may ask for alerts, and how often.
    pub signup: Signup,
    /// Manners towards portals.
    pub polling: Polling,
    /// The mail relay.
    pub smtp: Smtp,
    /// Mails that come back.
    pub bounces: Bounces,
    /// The bot.
    pub telegram: Telegram,
    /// Programs that take signed JSON.
    pub webhooks: Webhooks,
    /// When alerts and digests go out.
    pub alerts: Alerts,
    /// What feeds hold.
    pub feeds: Feeds,
    /// How long articles are kept.
    pub retention: Retention,
    /// Logging.
    pub log: Log,
}

/// `[database]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    /// `sqlite:FILE` or `postgres://…`.
    pub url: String,
}

/// `[web]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Web {
    /// Address and port.
    pub listen: String,
    /// Who runs the service.
    pub owner: String,
    /// Their address.
    pub address: String,
    /// How to reach them.
    pub contact: String,
    /// Whose word counts about a reader's address.
    #[serde(deserialize_with = "signup::networks")]
    pub trusted_proxies: Vec<ipnet::IpNet>,
}

/// `[polling]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Polling {
    /// How Loa names itself.
    pub user_agent: String,
    /// Where a portal's staff can reach the operator.
    pub contact: String,
    /// Pause between two requests to one host.
    pub min_interval_ms: u64,
    /// Article pages a round and section.
    pub max_articles: usize,
    /// List pages to follow.
    pub max_list_pages: usize,
    /// Known articles a round and section that are looked at again.
    pub max_looks: usize,
    /// Seconds to connect.
    pub connect_timeout_secs: u64,
    /// Seconds in all.
    pub timeout_secs: u64,
    /// Bytes as sent.
    pub max_wire_bytes: usize,
    /// Bytes as unpacked.
    pub max_body_bytes: usize,
    /// Whether loopback and private addresses may be polled.
    pub allow_private_addresses: bool,
}

/// `[webhooks]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// Whether loopback and private addresses, and `http`, are called.
    pub allow_private_addresses: bool,
}

/// `[alerts]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Alerts {
    /// Age at which an unsent alert is folded into the next digest.
    #[serde(deserialize_with = "validate::duration")]
    pub instant_max_age: Duration,
    /// Mails to everybody on one day; 0 for no limit.
    pub mails_per_day: u32,
    /// Alerts by e-mail to one address on one day; 0 for no limit.
    pub per_person_per_day: u32,
    /// Time of day of the digests, in the portal's zone.
    #[serde(deserialize_with = "validate::time_of_day")]
    pub digest_at: NaiveTime,
    /// On which days the daily digest is sent.
    #[serde(deserialize_with = "digests::days")]
    pub digest_days: Days,
    /// Who is told when a section breaks or recovers; nobody if empty.
    #[serde(deserialize_with = "validate::addresses")]
    pub operator: Vec<Address>,
}

/// What a feed or a post holds of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Lead, link and source.
    Excerpt,
    /// The whole text.
    Full,
}

/// `[feeds]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Feeds {
    /// Excerpt or full text.
    pub content: Content,
    /// Articles in a feed.
    pub items: i64,
    /// Megabytes of memory for feeds that were made.
    pub cache_mb: u64,
    /// The `WebSub` hub; none if empty.
    #[serde(deserialize_with = "validate::hub")]
    pub hub_url: Option<url::Url>,
    /// Days that the feed of what was retired is still served.
    pub retired_days: i64,
    /// Feeds whose address changed.
    pub moved: Vec<Moved>,
}

/// `[[feeds.moved]]`
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Moved {
    /// The old address without `/feeds/` and extension, such as `topics/khoa-hoc`.
    pub from: String,
    /// The new one, likewise; a feed that exists.
    pub to: String,
}

/// `[retention]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Days that an article is kept; 0 for ever.
    pub keep_days: i64,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines.
    Json,
}

/// `[log]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// The form.
    pub format: LogFormat,
    /// The filter, as in `RUST_LOG`.
    pub level: String,
}

impl Config {
    /// Reads the layers: the file, if one is given, and the variables whose names start with `LOA__`.
    pub fn load(file: Option<&Path>, environment: &BTreeMap<String, String>) -> Result<Self, ConfigError> {
        Self::from_layers(&Layers::read(file, environment)?)
    }

    /// Makes settings of layers that were read.
    pub fn from_layers(layers: &Layers) -> Result<Self, ConfigError> {
        let mut config: Self = layers
            .merged()
            .clone()
            .try_into()
            .map_err(|e: toml::de::Error| layers.blame(&e))?;
        validate::finish(&mut config).map_err(|e| layers.name_source(e))?;
        Ok(config)
    }

    /// The settings that nobody changed.
    pub fn compiled_in() -> Self {
        Self::load(None, &BTreeMap::new()).expect("the compiled-in settings are valid: a test reads them")
    }
}

/// The environment of this process, as [`Config::load`] takes it.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the environment"
)]
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars()
        .filter(|(name, _)| name.starts_with("LOA_"))
        .collect()
}
