//! The bot's loops: it learns its name and says how it wants to hear, hears, and answers.

use std::{sync::Arc, time::Duration};

use tokio::{sync::Semaphore, task::JoinSet};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use super::{
    App,
    loops::{Nudges, run},
};
use crate::{
    bot::{self, About, Desk, HearError, Pace, Way},
    config::Mode,
    domain::{bot_link::BotName, schedule::Usual},
    jobs::Step,
    notify::telegram::Telegram,
};

/// How long the bot waits when the Bot API is away.
const DEAF: Duration = Duration::from_mins(1);

/// Steps side by side: a chat whose answer hangs keeps one of them waiting, for some seconds.
const WORKERS: usize = 4;

/// Somebody looks at their phone and waits, and it may be another process that heard it.
const LOOK_FOR_UPDATES: Duration = Duration::from_millis(500);

/// Telegram's limit over all chats; what news does not use is for answers.
const LIMIT_PER_SECOND: u32 = 30;

impl App {
    /// How the bot hears.
    pub fn way(&self) -> Way {
        match self.config.telegram.mode {
            Mode::Polling => Way::Polling,
            Mode::Webhook => Way::Webhook {
                url: format!("{}/hooks/telegram", self.config.public_url),
                secret: self.webhook_secret(),
            },
        }
    }

    /// The secret that Telegram sends with each update: the one that is set, or one of Loa's own.
    pub(super) fn webhook_secret(&self) -> String {
        let set = &self.config.telegram.webhook_secret;
        if set.is_set() {
            set.expose().to_owned()
        } else {
            self.tokens.webhook_secret()
        }
    }

    /// Where people are answered.
    pub fn desk(&self, telegram: &Telegram) -> Desk {
        let web = &self.config.web;
        Desk {
            bot: telegram.bot().clone(),
            store: self.store.clone(),
            clock: self.clock.clone(),
            name: self.bot_name.clone(),
            about: Arc::new(About {
                public_url: self.config.public_url.clone(),
                portal_name: self.portal_name(),
                operator: web.owner.clone(),
                contact: web.contact.clone(),
                labels: self.taxonomy.labels().to_vec(),
                usual_digest: Usual {
                    at: self.config.alerts.digest_at,
                    days: self.config.alerts.digest_days,
                },
            }),
            pace: Arc::new(Pace::new(
                LIMIT_PER_SECOND.saturating_sub(self.config.telegram.per_second),
            )),
            searches: Arc::new(Semaphore::new(1)),
        }
    }
}

/// Learns the bot's name, for the links on pages; tried again until Telegram tells it.
pub(super) fn spawn_learn_name(app: &App, telegram: &Telegram, tasks: &mut JoinSet<()>) {
    let (stop, bot, name) = (app.stop().clone(), telegram.bot().clone(), app.bot_name.clone());
    tasks.spawn(async move {
        learn_name(&stop, &bot, &name).await;
        stop.cancelled().await;
    });
}

async fn learn_name(stop: &CancellationToken, bot: &teloxide::Bot, name: &BotName) {
    until_done(stop, "The bot's name is not known yet", || {
        bot::learn_name(bot, name)
    })
    .await;
    if let Some(name) = name.get() {
        info!("The bot is @{name}");
    }
}

/// Starts the bot.
pub(super) fn spawn_bot(app: &App, telegram: &Telegram, nudges: &Nudges, tasks: &mut JoinSet<()>) {
    let (desk, way) = (app.desk(telegram), app.way());
    for _ in 0..WORKERS {
        let (desk, stop, nudge) = (desk.clone(), app.stop().clone(), Arc::clone(&nudges.bot));
        tasks.spawn(async move {
            run("bot", stop, nudge, LOOK_FOR_UPDATES, || async {
                let seen_to = desk.step().await?;
                Ok(if seen_to == 0 {
                    Step::Idle
                } else {
                    Step::Worked(seen_to)
                })
            })
            .await;
        });
    }
    let (stop, nudge) = (app.stop().clone(), Arc::clone(&nudges.bot));
    tasks.spawn(async move {
        until_done(&stop, "The bot is not set up yet", || desk.connect(&way)).await;
        match way {
            Way::Polling => listen(&stop, &desk, &nudge).await,
            Way::Webhook { .. } => {
                info!("Telegram tells the bot what people say at /hooks/telegram");
                stop.cancelled().await;
            }
        }
    });
}

/// Hears until `stop`.
async fn listen(stop: &CancellationToken, desk: &Desk, nudge: &tokio::sync::Notify) {
    let mut offset = 0;
    while !stop.is_cancelled() {
        let heard = tokio::select! {
            () = stop.cancelled() => break,
            heard = desk.hear(offset) => heard,
        };
        match heard {
            Ok(next) => {
                if next != offset {
                    nudge.notify_waiters();
                }
                offset = next;
                continue;
            }
            Err(HearError::Api(e)) => {
                warn!(
                    "The bot hears nobody: {}; it listens again in a minute",
                    bot::kind(&e)
                );
            }
            Err(HearError::Store(e)) => {
                warn!("What people say to the bot cannot be kept: {e}; it listens again in a minute");
            }
        }
        wait(stop).await;
    }
}

/// Tries until it is done or all is to end.
async fn until_done<F>(stop: &CancellationToken, what: &str, mut try_it: impl FnMut() -> F)
where
    F: Future<Output = Result<(), teloxide::RequestError>>,
{
    while !stop.is_cancelled() {
        let tried = tokio::select! {
            () = stop.cancelled() => return,
            tried = try_it() => tried,
        };
        match tried {
            Ok(()) => return,
            Err(e) => warn!("{what}: {}; tried again in a minute", bot::kind(&e)),
        }
        wait(stop).await;
    }
}

async fn wait(stop: &CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        () = tokio::time::sleep(DEAF) => {}
    }
}
