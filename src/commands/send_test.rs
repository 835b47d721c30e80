//! `loa send-test`: one real message through a channel, and what the other side said to it. Mail and Telegram need no
//! database: they can be tried before anything else works. A webhook's secret is made from this Loa's own.

use anyhow::{Context as _, anyhow};
use chrono::{DateTime, Utc};
use clap::Args;

use super::Failure;
use crate::{
    app::{App, settings},
    clock::Clock,
    config::{Config, ConfigError},
    domain::subscription::{Address, Channel},
    notify::{
        SendError,
        message::{Addressing, Sender, Trial, trial_hook, trial_mail, trial_post},
        webhook::{Hook, secret_text},
    },
};

#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// email, telegram or webhook.
    channel: Channel,
    /// An e-mail address; or a chat's id, -100…:7 for a thread of a group, @name for a channel; a webhook's address.
    #[arg(allow_hyphen_values = true)]
    address: String,
}

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<(), Failure> {
    let Arguments { channel, address } = arguments;
    let to = Address::parse(channel, &address).map_err(|e| Failure::Usage(e.to_string()))?;
    let now = Clock::default().now();
    let said = match channel {
        Channel::Email => mail(&config, &to, now).await?,
        Channel::Telegram => post(&config, &to, now).await?,
        Channel::Webhook => hook(config, &to, now).await?,
    };
    println!("Sent to {to}: {said}");
    Ok(())
}

/// Sends the mail; what the relay said.
async fn mail(config: &Config, to: &Address, now: DateTime<Utc>) -> Result<String, Failure> {
    let mailer = settings::mailer(config)?.ok_or_else(|| off("mail is off: set smtp.host and smtp.from"))?;
    let signer = settings::signer(config)?;
    let from =
        Sender::parse(&config.smtp.from).map_err(|e| ConfigError(format!("smtp.from is not usable: {e}")))?;
    let id = format!(
        "<loa.test.{:x}.{}@{}>",
        now.timestamp_micros(),
        unlike_others()?,
        settings::authority(config)
    );
    let trial = Trial {
        public_url: &config.public_url,
        signed_for: signer.as_ref().map_or("", |signer| signer.domain()),
        at: now,
    };
    let addressing = Addressing {
        mark: None,
        message_id: &id,
        from: &from,
        to,
        at: now,
    };
    let sent = async {
        let ready = mailer.prepare(&trial_mail(&trial, &addressing)).await?;
        ready.finish_with_reply().await
    };
    let said = sent
        .await
        .map_err(|e| failed(e, "smtp.host, smtp.port, smtp.tls and smtp.user"))?;
    let signed = match &signer {
        Some(signer) => format!("signed for {}", signer.domain()),
        None => "not signed".to_owned(),
    };
    Ok(format!(
        "{}:{} took the mail ({signed}) and said {said:?}; Message-ID {id}",
        config.smtp.host, config.smtp.port
    ))
}

/// Sends the post; the id that it got.
async fn post(config: &Config, to: &Address, now: DateTime<Utc>) -> Result<String, Failure> {
    let bot = settings::telegram(config)?.ok_or_else(|| off("Telegram is off: set telegram.token"))?;
    let trial = Trial {
        public_url: &config.public_url,
        signed_for: "",
        at: now,
    };
    let id = bot
        .send(to, &trial_post(&trial))
        .await
        .map_err(|e| failed(e, "telegram.token, telegram.api_url and telegram.proxy"))?;
    Ok(format!("the Bot API took it as message {id}"))
}

/// Sends the hook, signed as those of the subscriber at this address if there is one.
async fn hook(config: Config, to: &Address, now: DateTime<Utc>) -> Result<String, Failure> {
    let hooks = settings::webhooks(&config)?;
    let app = App::build(config, &[]).await?;
    let subscriber = app.store.person_at(to).await.context("looking the address up")?;
    let hook = Hook {
        id: format!("loa.test.{:x}.{}", now.timestamp_micros(), unlike_others()?),
        at: now,
        body: trial_hook(&app.config.public_url),
        secret: secret_text(&app.tokens().webhook_key(subscriber.unwrap_or(0))),
    };
    app.store.close().await;
    hooks
        .send(to, &hook)
        .await
        .map_err(|e| failed(e, "the address and what listens there"))?;
    Ok(format!(
        "it took the hook {}, signed with {}",
        hook.id,
        hook.secret.expose()
    ))
}

fn off(how: &str) -> Failure {
    Failure::Usage(how.to_owned())
}

/// What did not happen, and what to do.
fn failed(e: SendError, keys: &str) -> Failure {
    Failure::Work(match e {
        SendError::Later(why, None) | SendError::Unreachable(why) => {
            anyhow!("not sent: {why}; check {keys}, or try again later")
        }
        SendError::Later(why, Some(wait)) => {
            anyhow!("not sent: {why}; try again in {} s", wait.as_secs())
        }
        SendError::Gone(why) | SendError::NotTaken(why) => {
            anyhow!("not sent, the address does not take messages: {why}")
        }
        SendError::Moved(id) => {
            anyhow!("not sent: the group became a supergroup and has another id now: {id}")
        }
        SendError::Refused(why) => anyhow!("not sent, the message was refused: {why}"),
        SendError::Unknown(why) => {
            anyhow!("it may have been sent: {why}; look into the mailbox or chat before trying again")
        }
    })
}

/// Mail programs drop a mail whose Message-ID they have seen.
fn unlike_others() -> anyhow::Result<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes)
        .map_err(|e| anyhow!("{e}"))
        .context("no randomness from the system")?;
    Ok(format!("{:016x}", u64::from_be_bytes(bytes)))
}
