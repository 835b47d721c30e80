//! The settings of the bot.

use serde::Deserialize;

use super::{
    Config, ConfigError, Content,
    validate::{between, fail},
};
use crate::notify::Secret;

/// How the bot hears what people say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// It asks Telegram.
    Polling,
    /// Telegram tells it.
    Webhook,
}

/// `[telegram]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Telegram {
    /// The bot's token; empty switches Telegram off.
    pub token: Secret,
    /// File that holds the token.
    pub token_file: String,
    /// The Bot API.
    pub api_url: String,
    /// Proxy for it; empty for none.
    pub proxy: String,
    /// Messages a second over all chats.
    pub per_second: u32,
    /// Whether messages past the free limit are paid for.
    pub allow_paid_broadcast: bool,
    /// What the post of one article holds.
    pub content: Content,
    /// Days that private alerts follow their articles; 0 for not at all.
    pub edit_alerts_days: u32,
    /// Days that posts in groups and channels follow their articles; 0 for not at all.
    pub edit_posts_days: u32,
    /// How the bot hears what people say.
    pub mode: Mode,
    /// What Telegram sends along in webhook mode; empty for one of Loa's own.
    pub webhook_secret: Secret,
    /// File that holds it.
    pub webhook_secret_file: String,
}

/// What types alone cannot say.
pub(super) fn check(config: &Config) -> Result<(), ConfigError> {
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
    let hook_secret = telegram.webhook_secret.expose();
    let is_secret = hook_secret.len() <= 256
        && hook_secret
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if !is_secret {
        return fail("telegram.webhook_secret may hold letters, digits, - and _ alone, at most 256 of them");
    }
    let is_telegrams = telegram.api_url == "https://api.telegram.org";
    if telegram.mode == Mode::Webhook && is_telegrams && !config.public_url.starts_with("https://") {
        return fail(
            "telegram.mode is webhook but public_url is not https, where Telegram tells nobody; set public_url, or telegram.mode = \"polling\"",
        );
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
