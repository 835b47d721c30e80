//! What the bot tells Telegram when it starts: its menu of commands, and how it wants to hear.

use teloxide::{
    Bot, RequestError,
    payloads::{SetMyCommandsSetters as _, SetWebhookSetters as _},
    prelude::Requester as _,
    types::BotCommand,
};

use super::{
    Desk,
    command::{Command, TABLE},
    requests::wanted,
};
use crate::domain::{bot_link::BotName, subscription::Language};

/// How the bot hears.
#[derive(Clone)]
pub enum Way {
    /// It asks, and Telegram holds the line.
    Polling,
    /// Telegram tells it at an address, with a secret beside.
    Webhook {
        /// `https://…/hooks/telegram`.
        url: String,
        /// `A-Z`, `a-z`, `0-9`, `_` and `-`, at most 256.
        secret: String,
    },
}

impl Desk {
    /// Says how the bot wants to hear, and which commands it has. May be said again at any time.
    pub async fn connect(&self, way: &Way) -> Result<(), RequestError> {
        match way {
            Way::Polling => self.bot.delete_webhook().await.map(drop)?,
            Way::Webhook { url, secret } => {
                let url = reqwest_telegram::Url::parse(url).map_err(|e| {
                    RequestError::Io(std::sync::Arc::new(std::io::Error::other(e.to_string())))
                })?;
                self.bot
                    .set_webhook(url)
                    .secret_token(secret.clone())
                    .allowed_updates(wanted())
                    .await
                    .map(drop)?;
            }
        }
        self.bot.set_my_commands(menu(Language::Vi)).await?;
        self.bot
            .set_my_commands(menu(Language::En))
            .language_code("en")
            .await
            .map(drop)
    }
}

/// Asks Telegram for the bot's name.
pub async fn learn_name(bot: &Bot, name: &BotName) -> Result<(), RequestError> {
    name.learn(bot.get_me().await?.username());
    Ok(())
}

/// The menu. `/start` is Telegram's own button.
fn menu(language: Language) -> Vec<BotCommand> {
    let listed = TABLE.iter().filter(|entry| entry.command != Command::Start);
    listed
        .map(|entry| BotCommand::new(entry.name(language), entry.about(language)))
        .collect()
}
