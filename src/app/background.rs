//! What can wait: reading portals and upkeep of the store, on threads of their own that leave the processor to whoever
//! serves readers. Where there is time for both, nothing differs.

use std::{panic::resume_unwind, sync::Arc, time::Duration};

use anyhow::{Context as _, Result};
use tokio::{
    runtime::{Builder, Runtime},
    signal::unix::{SignalKind, signal},
    sync::{Mutex, Notify},
    task::JoinSet,
};

use super::{
    App,
    loops::{Nudges, run},
    rules::Reloading,
};
use crate::jobs::{
    Step, forget::forget, reclassify::Reclassification, reindex::reindex, retention::retention,
};

/// How often the loops look by themselves.
const LOOK_FOR_POLLS: Duration = Duration::from_secs(20);
const LOOK_FOR_OLD_ARTICLES: Duration = Duration::from_hours(1);
const LOOK_FOR_OLD_WORDS: Duration = Duration::from_hours(1);
const LOOK_FOR_OTHER_RULES: Duration = Duration::from_secs(5);
const LOOK_FOR_OLD_TOPICS: Duration = Duration::from_mins(10);
const LOOK_FOR_THE_FORGOTTEN: Duration = Duration::from_hours(1);

/// The nice value of the threads: a tenth of the processor where others want all of it.
#[cfg(target_os = "linux")]
const NICE: i32 = 10;

/// The threads. Connections to the database that were opened there are worked there: it has to outlive the store.
pub(super) struct Background(Option<Runtime>);

impl Background {
    /// Starts the threads, with nothing to do.
    pub(super) fn start() -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("loa-background")
            .on_thread_start(give_way)
            .enable_all()
            .build();
        Ok(Self(Some(
            runtime.context("starting the threads that read portals")?,
        )))
    }

    /// Runs the loops of the polling role; `tasks` ends with them.
    pub(super) fn spawn_poll_role(&self, app: &App, nudges: &Nudges, tasks: &mut JoinSet<()>) {
        self.spawn(poll(app.clone(), nudges.clone()), tasks);
        self.spawn(remove_old_articles(app.clone()), tasks);
        self.spawn(index_old_words(app.clone()), tasks);
        self.spawn(forget_people(app.clone()), tasks);
        let changed = Arc::default();
        self.spawn(read_rules_again(app.clone(), Arc::clone(&changed)), tasks);
        self.spawn(classify_again(app.clone(), changed), tasks);
    }

    fn spawn(&self, work: impl Future<Output = ()> + Send + 'static, tasks: &mut JoinSet<()>) {
        let Some(runtime) = &self.0 else { return };
        let task = runtime.spawn(work);
        tasks.spawn(async move {
            // Cancelled only with the runtime, at the very end.
            if let Err(e) = task.await
                && let Ok(panic) = e.try_into_panic()
            {
                resume_unwind(panic);
            }
        });
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        // Dropping a runtime waits for its threads, which a task of another must not.
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// Lowers the priority of the calling thread; on systems where only a whole process has one, nothing.
fn give_way() {
    #[cfg(target_os = "linux")]
    if let Err(e) = rustix::process::setpriority_process(None, NICE) {
        tracing::warn!("Reading portals does not give way to serving readers: {e}");
    }
}

async fn poll(app: App, nudges: Nudges) {
    let poller = app.poller();
    let (stop, nudge) = (app.stop().clone(), Arc::clone(&nudges.poll));
    run("poll", stop, nudge, LOOK_FOR_POLLS, || async {
        let reports = poller.step().await?;
        nudges.fanout.notify_one();
        nudges.alarm.notify_one();
        Ok(if reports.is_empty() {
            Step::Idle
        } else {
            Step::Worked(reports.len())
        })
    })
    .await;
}

async fn remove_old_articles(app: App) {
    let (store, clock, stop, keep) = (&app.store, &app.clock, app.stop().clone(), app.keep());
    run("retention", stop, Arc::default(), LOOK_FOR_OLD_ARTICLES, || {
        retention(store, keep, clock.now())
    })
    .await;
}

async fn index_old_words(app: App) {
    let stop = app.stop().clone();
    run("re-indexing", stop, Arc::default(), LOOK_FOR_OLD_WORDS, || {
        reindex(&app.store, app.clock.now())
    })
    .await;
}

async fn forget_people(app: App) {
    let stop = app.stop().clone();
    run("forgetting", stop, Arc::default(), LOOK_FOR_THE_FORGOTTEN, || {
        forget(&app.store, app.clock.now())
    })
    .await;
}

/// Reads the topic rules again when their file or what was learned changes, and at SIGHUP.
async fn read_rules_again(app: App, changed: Arc<Notify>) {
    let (stop, hang_up) = (app.stop().clone(), Arc::new(Notify::new()));
    let asked = Arc::clone(&hang_up);
    let listener = tokio::spawn(async move {
        match signal(SignalKind::hangup()) {
            Ok(mut signals) => {
                while signals.recv().await.is_some() {
                    asked.notify_one();
                }
            }
            Err(e) => tracing::warn!("SIGHUP does not make the topic rules be read again: {e}"),
        }
    });
    let reloading = Mutex::new(Reloading::new(&app));
    run("rules", stop, hang_up, LOOK_FOR_OTHER_RULES, || async {
        let step = reloading.lock().await.look().await?;
        if step != Step::Idle {
            changed.notify_one();
        }
        Ok(step)
    })
    .await;
    listener.abort();
}

async fn classify_again(app: App, changed: Arc<Notify>) {
    let again = Reclassification::new(app.store.clone(), Arc::clone(&app.portals), app.rules.clone());
    let stop = app.stop().clone();
    run("re-classification", stop, changed, LOOK_FOR_OLD_TOPICS, || {
        again.step(app.clock.now())
    })
    .await;
}
