//! The service: every loop and the web server in one process, one token that ends them all.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use axum::{Router, ServiceExt as _, serve::ListenerExt as _};
use tokio::{net::TcpListener, task::JoinSet};
use tokio_cron_scheduler::JobScheduler;
use tokio_util::sync::CancellationToken;
use tracing::{debug, error, info, warn};

use super::{
    App,
    background::Background,
    bot::{spawn_bot, spawn_learn_name},
    loops::{Nudges, run},
    schedule, send,
};
use crate::{
    domain::subscription::Channel,
    jobs::{Step, dispatch::Dispatch},
    web::{self, Front, WebState, site::Site},
};

/// A part of the service, when several machines share one database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Role {
    /// Reads portals.
    Poll,
    /// Fans out, makes digests, sends.
    Send,
    /// Answers people who write to the Telegram bot.
    Bot,
    /// Pages and feeds.
    Web,
}

/// Others may change what feeds show; one row is read each time. A reader is to see it within a second.
const LOOK_FOR_CHANGES: Duration = Duration::from_millis(400);

/// How long requests under way may take once the service is to end: a slow reader must not keep it alive.
const LAST_REQUESTS: Duration = Duration::from_secs(5);

/// What to run.
pub struct Plan {
    /// The parts of the service.
    pub roles: Vec<Role>,
    /// The ways out.
    pub dispatches: Vec<Dispatch>,
    /// Where to serve, for the web role.
    pub listener: Option<TcpListener>,
    /// Whether pages link to the bot. The demo's bot is nobody's, and its name may be a stranger's.
    pub links_to_bot: bool,
    /// Further pages beside Loa's own (the demo's).
    pub pages: Router,
}

/// Runs the roles until the app's stop token is set; every step under way is finished first. An end that nobody asked
/// for is an error.
pub async fn serve(app: &App, plan: Plan) -> Result<()> {
    let Plan {
        roles,
        dispatches,
        listener,
        links_to_bot,
        pages,
    } = plan;
    let stop = app.stop().clone();
    let nudges = Nudges::default();
    let mut tasks = JoinSet::new();
    let background = roles.contains(&Role::Poll).then(Background::start).transpose()?;
    let sends_mail = dispatches
        .iter()
        .any(|dispatch| dispatch.transport.channel() == Channel::Email);
    let mut scheduler = JobScheduler::new().await.context("starting the clockwork")?;
    announce(app, &roles, &dispatches);
    if let Some(background) = &background {
        app.retire_other_sections().await?;
        schedule::nudge_polls(&scheduler, &app.portals, &nudges.poll).await?;
        background.spawn_poll_role(app, &nudges, &mut tasks);
    }
    if roles.contains(&Role::Send) {
        schedule::nudge_digests(&scheduler, &nudges.digest).await?;
        send::spawn_send_role(app, dispatches, &nudges, &mut tasks)?;
    }
    if let Some(telegram) = app.telegram()? {
        if links_to_bot {
            spawn_learn_name(app, &telegram, &mut tasks);
        }
        if roles.contains(&Role::Bot) {
            spawn_bot(app, &telegram, &nudges, &mut tasks);
        }
    }
    if let Some(listener) = listener {
        let mut state = app.web_state();
        state.door.letters = Arc::clone(&nudges.email);
        if let Some(hook) = &mut state.hook {
            hook.arrived = Arc::clone(&nudges.bot);
        }
        // The demo's mails go into files, with no relay in the settings.
        state.site = Arc::new(Site {
            takes_signups: state.site.takes_signups || (sends_mail && app.config.signup.enabled),
            ..(*state.site).clone()
        });
        let front = Front::new(&state, web::router(state.clone()).merge(pages));
        spawn_look(&state, stop.clone(), &mut tasks);
        tasks.spawn(serve_web(listener, front, stop.clone()));
    }
    scheduler.start().await.context("starting the clockwork")?;
    let first = tasks.join_next().await;
    let was_asked = stop.is_cancelled();
    stop.cancel();
    while tasks.join_next().await.is_some() {}
    if let Err(e) = scheduler.shutdown().await {
        warn!("The clockwork did not stop cleanly: {e}");
    }
    app.store.close().await;
    drop(background);
    match first {
        Some(Err(e)) => bail!("a part of the service ended by itself: {e}"),
        Some(Ok(())) if !was_asked => bail!("a part of the service ended by itself"),
        _ => Ok(()),
    }
}

/// Serves until `stop`, then lets requests under way finish, for a while.
async fn serve_web(listener: TcpListener, front: Front, stop: CancellationToken) {
    let asked = stop.clone();
    // Answers are written whole: waiting for more to send along would only delay them.
    let listener = listener.tap_io(|connection| {
        if let Err(e) = connection.set_nodelay(true) {
            debug!("A connection keeps its delay: {e}");
        }
    });
    let served = axum::serve(
        listener,
        front.into_make_service_with_connect_info::<SocketAddr>(),
    )
    .with_graceful_shutdown(async move { asked.cancelled().await });
    tokio::select! {
        result = async { served.await } => {
            if let Err(e) = result {
                error!("The web server ended: {e}");
            }
        }
        () = async { stop.cancelled().await; tokio::time::sleep(LAST_REQUESTS).await } => {
            info!("Requests that did not finish in time were cut off");
        }
    }
}

/// Sees which feeds changed, for as long as the service runs.
fn spawn_look(state: &WebState, stop: CancellationToken, tasks: &mut JoinSet<()>) {
    let state = state.clone();
    tasks.spawn(async move {
        run("feeds", stop, Arc::default(), LOOK_FOR_CHANGES, || async {
            state.feeds.look(&state).await;
            Ok(Step::Idle)
        })
        .await;
    });
}

/// What is on and what is off, a line each, with the way to switch it on.
fn announce(app: &App, roles: &[Role], dispatches: &[Dispatch]) {
    let polled = app.portals.iter().filter(|_| roles.contains(&Role::Poll));
    for portal in polled {
        info!(portal = %portal.id, "Polling {} ({} sections) at {}", portal.id, portal.sections.len(), portal.base_url);
        if portal.accept_invalid_certs {
            warn!(portal = %portal.id, "accept_invalid_certs is set: anyone on the way can forge what {} says", portal.id);
        }
    }
    if !roles.contains(&Role::Send) {
        return;
    }
    let is_on = |channel| {
        dispatches
            .iter()
            .any(|d: &Dispatch| d.transport.channel() == channel)
    };
    if !is_on(Channel::Email) {
        info!("Mail is off: set smtp.host and smtp.from to switch it on");
    }
    if app.config.alerts.operator.is_empty() {
        info!("Alarms are off: set alerts.operator to be told by mail when a section breaks");
    } else if !is_on(Channel::Email) {
        warn!("alerts.operator is set but smtp.host is not: nobody is told when a section breaks");
    }
    if !is_on(Channel::Telegram) {
        info!("Telegram is off: set telegram.token (from @BotFather) to switch it on");
    }
}

/// Sets the token at SIGTERM or Ctrl-C; a second Ctrl-C ends the process without waiting.
pub fn stop_on_signal(stop: &CancellationToken) -> Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate()).context("listening for SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("listening for Ctrl-C")?;
    let stop = stop.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        info!("Stopping: what is under way is finished first");
        stop.cancel();
        interrupt.recv().await;
        std::process::exit(130);
    });
    Ok(())
}
