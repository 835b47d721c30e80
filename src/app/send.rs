//! The loops of the sending role: fan-out, digests, dispatch, alarms, pings.

use std::{sync::Arc, time::Duration};

use anyhow::Result;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use super::{
    App,
    loops::{Nudges, run},
    returned::spawn_returns,
};
use crate::{
    domain::subscription::Channel,
    jobs::{
        Step,
        alarm::{Operators, alarm},
        digest::digest,
        dispatch::Dispatch,
        fanout::fanout,
        follow::follow,
        ping::{Publisher, ping},
    },
};

/// How often the loops look by themselves: retries come due, and other processes leave work.
const LOOK_FOR_WORK: Duration = Duration::from_secs(3);
/// Somebody sits before a screen and waits, and it is another process that queued it, or this one's pages.
const LOOK_FOR_LETTERS: Duration = Duration::from_millis(500);
const LOOK_FOR_DIGESTS: Duration = Duration::from_mins(1);
const LOOK_FOR_ALARMS: Duration = Duration::from_secs(15);

/// Starts them all.
pub(super) fn spawn_send_role(
    app: &App,
    dispatches: Vec<Dispatch>,
    nudges: &Nudges,
    tasks: &mut JoinSet<()>,
) -> Result<()> {
    spawn_outbox(app, dispatches, nudges, tasks);
    spawn_ping(app, app.publisher()?, tasks);
    spawn_alarm(app, app.operators()?, nudges, tasks);
    spawn_returns(app, tasks);
    Ok(())
}

fn spawn_outbox(app: &App, dispatches: Vec<Dispatch>, nudges: &Nudges, tasks: &mut JoinSet<()>) {
    let (store, clock, stop) = (app.store.clone(), app.clock.clone(), app.stop().clone());
    let wake = nudges.clone();
    tasks.spawn(async move {
        run(
            "fan-out",
            stop,
            Arc::clone(&wake.fanout),
            LOOK_FOR_WORK,
            || async {
                let step = fanout(&store, clock.now()).await?;
                if step != Step::Idle {
                    wake.senders();
                }
                Ok(step)
            },
        )
        .await;
    });
    let (store, clock, stop) = (app.store.clone(), app.clock.clone(), app.stop().clone());
    let usual = app.config.alerts.usual_digests();
    let wake = nudges.clone();
    tasks.spawn(async move {
        run(
            "digest",
            stop,
            Arc::clone(&wake.digest),
            LOOK_FOR_DIGESTS,
            || async {
                let step = digest(&store, usual, clock.now()).await?;
                if step != Step::Idle {
                    wake.senders();
                }
                Ok(step)
            },
        )
        .await;
    });
    spawn_follow(app, nudges, tasks);
    for dispatch in dispatches {
        spawn_dispatch(dispatch, nudges, app.stop().clone(), tasks);
    }
}

fn spawn_follow(app: &App, nudges: &Nudges, tasks: &mut JoinSet<()>) {
    let (store, clock, stop) = (app.store.clone(), app.clock.clone(), app.stop().clone());
    let (wake, follow_for) = (nudges.clone(), app.follow_for());
    tasks.spawn(async move {
        run("follow", stop, Arc::default(), LOOK_FOR_WORK, || async {
            let step = follow(&store, follow_for, clock.now()).await?;
            if step != Step::Idle {
                wake.senders();
            }
            Ok(step)
        })
        .await;
    });
}

fn spawn_alarm(app: &App, operators: Option<Operators>, nudges: &Nudges, tasks: &mut JoinSet<()>) {
    let (store, clock, stop) = (app.store.clone(), app.clock.clone(), app.stop().clone());
    let nudge = Arc::clone(&nudges.alarm);
    tasks.spawn(async move {
        run("alarm", stop, nudge, LOOK_FOR_ALARMS, || {
            alarm(&store, operators.as_ref(), clock.now())
        })
        .await;
    });
}

fn spawn_ping(app: &App, publisher: Option<Publisher>, tasks: &mut JoinSet<()>) {
    let Some(publisher) = publisher else { return };
    let (store, clock, stop) = (app.store.clone(), app.clock.clone(), app.stop().clone());
    tasks.spawn(async move {
        run("ping", stop, Arc::default(), LOOK_FOR_WORK, || {
            ping(&store, &publisher, clock.now())
        })
        .await;
    });
}

fn spawn_dispatch(dispatch: Dispatch, nudges: &Nudges, stop: CancellationToken, tasks: &mut JoinSet<()>) {
    let nudge = match dispatch.transport.channel() {
        Channel::Email => Arc::clone(&nudges.email),
        Channel::Telegram => Arc::clone(&nudges.telegram),
        Channel::Webhook => Arc::clone(&nudges.webhook),
    };
    if dispatch.transport.channel() == Channel::Email {
        let (dispatch, stop) = (dispatch.clone(), stop.clone());
        tasks.spawn(async move {
            run("urgent mails", stop, Arc::default(), LOOK_FOR_LETTERS, || {
                dispatch.urgent_step()
            })
            .await;
        });
    }
    tasks.spawn(async move {
        run("dispatch", stop, nudge, LOOK_FOR_WORK, || dispatch.step()).await;
    });
}
