//! From settings to what reads the mails that come back.

use std::{path::Path, sync::Arc, time::Duration};

use anyhow::{Context as _, bail};
use tokio::task::JoinSet;
use tracing::{info, warn};

use super::{App, loops::run, parts::LINK_KEY};
use crate::{
    clock::Clock,
    config::Config,
    domain::token::Tokens,
    jobs::bounces::{self, Returns},
    store::Store,
};

/// How often the Maildir is looked into. A bounce is not urgent: it keeps the next mail back, not this one.
const LOOK_FOR_RETURNS: Duration = Duration::from_secs(30);

/// What `loa bounce` needs, and no more: a mail server starts it for each mail. Neither makes a database nor changes its
/// schema: a mail server runs it as another user, in a folder of its own.
pub async fn open_returns(config: &Config) -> anyhow::Result<Returns> {
    let store = Store::open_existing(&config.database.url).await?;
    if !store.is_ready().await.context("looking at the database")? {
        bail!("the database's schema is not this version's: run loa migrate, or start loa serve");
    }
    let key = store
        .known_secret(LINK_KEY)
        .await
        .context("reading the link key")?;
    let Some(key) = key else {
        bail!("this database has no link key yet: no mail was sent from it");
    };
    Ok(Returns {
        store,
        clock: Clock::default(),
        tokens: Tokens::new(&key),
    })
}

impl App {
    /// The step that reads what comes back.
    pub fn returns(&self) -> Returns {
        Returns {
            store: self.store.clone(),
            clock: self.clock.clone(),
            tokens: self.tokens.clone(),
        }
    }

    /// What is wrong with the way that bounces take, if mail is on: in words for the operator.
    pub async fn trouble_with_bounces(&self) -> Option<String> {
        let (smtp, maildir) = (&self.config.smtp, &self.config.bounces.maildir);
        if smtp.host.is_empty() {
            return None;
        }
        if smtp.bounces.is_empty() {
            return Some(format!(
                "smtp.bounces is not set: bounces go to smtp.from, and nobody is suppressed for them{}",
                if maildir.is_empty() {
                    ""
                } else {
                    "; bounces.maildir stays empty"
                }
            ));
        }
        if maildir.is_empty() {
            return None;
        }
        let trouble = bounces::check(Path::new(maildir)).await.err();
        trouble.map(|why| format!("bounces.maildir: {why}"))
    }
}

pub(super) fn spawn_returns(app: &App, tasks: &mut JoinSet<()>) {
    let app = app.clone();
    tasks.spawn(async move {
        if let Some(trouble) = app.trouble_with_bounces().await {
            warn!("{trouble}");
        }
        let maildir = &app.config.bounces.maildir;
        if maildir.is_empty() {
            // Without a loop to run, but a task that ends early counts as a failure.
            app.stop().cancelled().await;
            return;
        }
        info!("Mails that come back are read from {maildir}");
        let returns = app.returns();
        let stop = app.stop().clone();
        run("bounces", stop, Arc::default(), LOOK_FOR_RETURNS, || {
            returns.step(Path::new(maildir))
        })
        .await;
    });
}
