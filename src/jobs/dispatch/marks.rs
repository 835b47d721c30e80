//! Group commit: what all connections want marked at one moment is one transaction, by one task. Each waits for its commit
//! where something depends on it (nothing is handed over before "sending" is committed), and goes on where nothing does.

use anyhow::{Result, anyhow};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use tracing::error;

use crate::{
    clock::Clock,
    domain::time::local_date,
    store::{Claimed, Mark, Marked, Store},
};

/// Marks in one transaction, at most.
const AT_ONCE: usize = 256;

/// The way to the task that commits. Clones share it; it ends when the last is dropped.
#[derive(Clone)]
pub(super) struct Marks(mpsc::UnboundedSender<Request>);

struct Request {
    delivery: Claimed,
    mark: Mark,
    answer: Option<oneshot::Sender<Result<Marked, String>>>,
}

impl Marks {
    /// Starts the task.
    pub(super) fn start(store: Store, clock: Clock) -> (Self, JoinHandle<()>) {
        let (requests, waiting) = mpsc::unbounded_channel();
        (Self(requests), tokio::spawn(commit(store, clock, waiting)))
    }

    /// Marks, and waits for the commit.
    pub(super) async fn mark(&self, delivery: &Claimed, mark: Mark) -> Result<Marked> {
        let (answer, committed) = oneshot::channel();
        self.send(delivery, mark, Some(answer))?;
        committed
            .await
            .map_err(|_| anyhow!("marking was interrupted"))?
            .map_err(|why| anyhow!("marking failed: {why}"))
    }

    /// Marks with the next commit, without waiting for it: whatever is marked later is committed later, or with it. A failure
    /// is logged.
    pub(super) fn mark_soon(&self, delivery: &Claimed, mark: Mark) -> Result<()> {
        self.send(delivery, mark, None)
    }

    fn send(
        &self,
        delivery: &Claimed,
        mark: Mark,
        answer: Option<oneshot::Sender<Result<Marked, String>>>,
    ) -> Result<()> {
        let request = Request {
            delivery: delivery.clone(),
            mark,
            answer,
        };
        self.0.send(request).map_err(|_| anyhow!("marking has ended"))
    }
}

async fn commit(store: Store, clock: Clock, mut waiting: mpsc::UnboundedReceiver<Request>) {
    let mut requests = Vec::with_capacity(AT_ONCE);
    while waiting.recv_many(&mut requests, AT_ONCE).await > 0 {
        let mut marks = Vec::with_capacity(requests.len());
        let mut answers = Vec::with_capacity(requests.len());
        for Request {
            delivery,
            mark,
            answer,
        } in requests.drain(..)
        {
            marks.push((delivery, mark));
            answers.push(answer);
        }
        let now = clock.now();
        let marked = store.mark_all(&marks, local_date(now), now).await;
        if let Err(e) = &marked {
            // Rows stay as they were: claimed ones are tried again when the lease has passed, sending ones are unknown then.
            error!(
                deliveries = marks.len(),
                "{} deliveries could not be marked: {e}",
                marks.len()
            );
        }
        for (place, answer) in answers.into_iter().enumerate() {
            let Some(answer) = answer else { continue };
            let said = match &marked {
                Ok(marked) => Ok(marked[place].clone()),
                Err(e) => Err(e.to_string()),
            };
            // Who no longer waits was stopped.
            let _ = answer.send(said);
        }
    }
}
