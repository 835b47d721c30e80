//! The flow of mails: one feeder claims them in batches and reads what they tell, as many workers as there may be mails
//! under way send them, and one task commits what they mark. Batches follow each other without a pause, and are as large as
//! about half a second's mails: what is read is fresh, and what is more urgent need not wait long.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use chrono::{DateTime, Utc};
use tokio::{
    sync::{Mutex, mpsc},
    task::JoinSet,
};
use tracing::{error, warn};

use super::{Dispatch, Transport, content::Message, content::Told, marks::Marks};
use crate::{
    jobs::{Step, random_number},
    store::{CLAIM_LEASE, Claimed, Mark},
};

/// Deliveries in the first batch, and in the largest and smallest.
const FIRST_BATCH: usize = 64;
const LARGEST_BATCH: usize = 500;
const SMALLEST_BATCH: usize = 8;

/// A batch that was taken up faster than this is followed by a larger one, one that took longer than that by a smaller one.
const FAST: Duration = Duration::from_millis(300);
const SLOW: Duration = Duration::from_secs(1);

/// A claimed delivery on its way to a worker.
struct Job {
    delivery: Claimed,
    /// What it tells, where the batch has read it.
    message: Option<Arc<Message>>,
    start_until: DateTime<Utc>,
}

/// What the feeder and the workers share.
#[derive(Clone)]
pub(super) struct Flow {
    pub(super) marks: Marks,
    /// Set where nothing more can be sent for now: a daily limit, or no relay is there.
    pub(super) is_held: Arc<AtomicBool>,
}

impl Dispatch {
    /// Sends what is due in these lanes until nothing is, or nothing can be sent.
    pub(super) async fn run(&self, lanes: &[i64], workers: usize) -> Result<Step> {
        let (marks, writer) = Marks::start(self.store.clone(), self.clock.clone());
        let flow = Flow {
            marks,
            is_held: Arc::default(),
        };
        let (jobs, waiting) = mpsc::channel(workers);
        let waiting = Arc::new(Mutex::new(waiting));
        let mut working = JoinSet::new();
        for _ in 0..workers {
            working.spawn(work(self.clone(), flow.clone(), Arc::clone(&waiting)));
        }
        let fed = self.feed(lanes, jobs, &flow).await;
        while let Some(done) = working.join_next().await {
            done.context("a worker ended early")?;
        }
        drop(flow);
        writer.await.context("the task that marks ended early")?;
        fed.map(Step::worked)
    }

    /// Claims batch after batch. Gives the number of deliveries.
    async fn feed(&self, lanes: &[i64], jobs: mpsc::Sender<Job>, flow: &Flow) -> Result<usize> {
        let channel = self.transport.channel();
        let (mut fed, mut size) = (0, FIRST_BATCH);
        while !self.stop.is_cancelled() && !flow.is_held.load(Ordering::Relaxed) && self.is_open() {
            let began = Instant::now();
            let now = self.clock.now();
            let limit = i64::try_from(size).unwrap_or(i64::MAX);
            let claimed = self
                .store
                .claim_lanes(channel, lanes, limit, random_number()?, now)
                .await
                .context("claiming deliveries")?;
            if claimed.is_empty() {
                break;
            }
            fed += claimed.len();
            let claimed = self.within_caps(claimed, flow).await?;
            let mut told = match Told::read(&self.store, &claimed).await {
                Ok(told) => told,
                Err(e) => {
                    // One by one, whichever cannot be read stands alone.
                    warn!("Deliveries are read one by one: {e:#}");
                    Told::default()
                }
            };
            // Half the lease: what is not started by then is given back, rather than sent with a claim about to be lost.
            let start_until = now + CLAIM_LEASE / 2;
            for delivery in claimed {
                let message = told.take(&delivery);
                let job = Job {
                    delivery,
                    message,
                    start_until,
                };
                if jobs.send(job).await.is_err() {
                    return Ok(fed);
                }
            }
            size = match began.elapsed() {
                fast if fast < FAST => (size * 2).min(LARGEST_BATCH),
                slow if slow > SLOW => (size / 2).max(SMALLEST_BATCH),
                _ => size,
            };
        }
        Ok(fed)
    }

    fn is_open(&self) -> bool {
        match &self.transport {
            Transport::Email { mailer, .. } => mailer.is_open(self.clock.now()),
            Transport::Telegram { .. } | Transport::Webhook { .. } => true,
        }
    }
}

async fn work(dispatch: Dispatch, flow: Flow, waiting: Arc<Mutex<mpsc::Receiver<Job>>>) {
    loop {
        let next = waiting.lock().await.recv().await;
        let Some(job) = next else { return };
        let delivery = &job.delivery;
        let id = delivery.id;
        let is_late = dispatch.stop.is_cancelled()
            || flow.is_held.load(Ordering::Relaxed)
            || dispatch.clock.now() > job.start_until;
        let done = if is_late {
            flow.marks
                .mark_soon(delivery, Mark::GiveBack(dispatch.clock.now()))
        } else {
            dispatch.deliver(delivery, job.message, &flow).await
        };
        if let Err(e) = done {
            // Tried again when the lease has passed; nothing is lost by going on.
            error!(delivery.id = id, "Delivery {id} could not be worked on: {e:#}");
            if let Err(e) = dispatch.store.leave_to_lease(delivery).await {
                error!(delivery.id = id, "Delivery {id} could not be left: {e}");
            }
        }
    }
}
