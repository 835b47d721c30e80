//! The settings of the form on which citizens ask for alerts.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de::Error as _};

use super::{ConfigError, validate::between};

/// `[signup]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signup {
    /// Whether anybody may sign up.
    pub enabled: bool,
    /// Bits of the puzzle; 0 for none.
    pub difficulty: u32,
    /// Answers to the form from one address within an hour.
    pub per_hour: u32,
    /// As many of them without JavaScript.
    pub per_hour_without_script: u32,
}

pub(super) fn check(signup: &Signup) -> Result<(), ConfigError> {
    // More than 20 bits take an old phone half a minute.
    between("signup.difficulty", signup.difficulty, 0, 20)?;
    between("signup.per_hour", signup.per_hour, 1, 10_000)?;
    between(
        "signup.per_hour_without_script",
        signup.per_hour_without_script,
        0,
        10_000,
    )
}

/// `["127.0.0.0/8", "10.0.0.7"]`.
pub(super) fn networks<'de, D: Deserializer<'de>>(de: D) -> Result<Vec<IpNet>, D::Error> {
    let texts = Vec::<String>::deserialize(de)?;
    let network = |text: String| {
        let alone = || text.parse::<IpAddr>().ok().map(IpNet::from);
        let network = text.parse().ok().or_else(alone);
        network.ok_or_else(|| {
            D::Error::custom(format!(
                "{text:?} is neither an address nor a network such as 10.0.0.7 or 10.0.0.0/8"
            ))
        })
    };
    texts.into_iter().map(network).collect()
}
