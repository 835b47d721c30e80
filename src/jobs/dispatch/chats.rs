//! The flow of posts and hooks: claimed in batches of about a second's, each given its turn, and sent by a task of its own. One
//! chat has one message under way; how long it takes to answer, or that it never does, is felt by nobody else.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use chrono::{DateTime, TimeDelta, Utc};
use tokio::task::JoinSet;
use tracing::{error, warn};

use super::{
    Dispatch,
    content::Told,
    marks::Marks,
    pace::{Gate, Pace, Pauses, chat},
    ready::Ready,
};
use crate::{
    domain::delivery::Kind,
    jobs::{Step, random_number},
    store::{Claimed, Mark, Turn},
};

/// Requests under way at once: twenty seconds of a Bot API that takes everything and answers nothing.
const UNDER_WAY: usize = 600;

/// What comes due within so long is waited for, rather than ending the step.
const SOON: TimeDelta = TimeDelta::seconds(4);

/// How long before the next free turn its delivery is claimed: a busy machine or a slow database leaves no turn unused.
const BEFORE: TimeDelta = TimeDelta::milliseconds(1200);

/// How often new work is looked for while requests are under way.
const LOOK: Duration = Duration::from_millis(250);

/// How often lost sendings are looked for.
const SETTLE: Duration = Duration::from_secs(10);

/// Deliveries that wait in this process for their chat's message under way, at most, and how long others leave the chat alone.
const PARKED: usize = 500;
const BUSY: TimeDelta = TimeDelta::seconds(1);

/// What the feeder and the tasks share.
#[derive(Clone)]
pub(super) struct Lines {
    pub(super) marks: Marks,
    pub(super) pauses: Arc<Mutex<Pauses>>,
    pub(super) gate: Arc<Gate>,
    /// Set where nothing more can be sent for now.
    pub(super) is_held: Arc<AtomicBool>,
    /// When the next of what was put off is due.
    next: Arc<Mutex<Option<DateTime<Utc>>>>,
}

impl Lines {
    /// Remembers that something is due then.
    pub(super) fn due(&self, at: DateTime<Utc>) {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        *next = Some(next.map_or(at, |before| before.min(at)));
    }

    fn take_next(&self) -> Option<DateTime<Utc>> {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    pub(super) fn give_back(&self, delivery: &Claimed, at: DateTime<Utc>) -> Result<()> {
        self.due(at);
        self.marks.mark_soon(delivery, Mark::GiveBack(at))
    }
}

/// The chats that have a message under way, and the tasks.
#[derive(Default)]
struct UnderWay {
    tasks: JoinSet<String>,
    chats: HashSet<String>,
    /// What waits for its chat, in its order.
    parked: HashMap<String, VecDeque<Claimed>>,
    parked_count: usize,
}

impl UnderWay {
    /// The chat is free: what waited for it comes next.
    fn ended(
        &mut self,
        done: std::result::Result<String, tokio::task::JoinError>,
        lines: &Lines,
        now: DateTime<Utc>,
    ) -> Result<()> {
        let chat = done.context("a task that sends ended early")?;
        self.chats.remove(&chat);
        let Some(waiting) = self.parked.get_mut(&chat) else {
            return Ok(());
        };
        let next = waiting.pop_front();
        if waiting.is_empty() {
            self.parked.remove(&chat);
        }
        match next {
            Some(next) => {
                self.parked_count -= 1;
                lines.give_back(&next, now)
            }
            None => Ok(()),
        }
    }

    fn park(&mut self, chat: String, delivery: Claimed, lines: &Lines, now: DateTime<Utc>) -> Result<()> {
        if self.parked_count >= PARKED {
            return lines.give_back(&delivery, now + BUSY);
        }
        self.parked_count += 1;
        self.parked.entry(chat).or_default().push_back(delivery);
        Ok(())
    }

    /// Nothing more is started: whatever waits may be claimed by others.
    fn give_back_parked(&mut self, lines: &Lines, now: DateTime<Utc>) -> Result<()> {
        for (_, waiting) in self.parked.drain() {
            for delivery in waiting {
                lines.give_back(&delivery, now)?;
            }
        }
        Ok(())
    }
}

impl Dispatch {
    /// Sends what is due until nothing is, or nothing can be sent.
    pub(super) async fn run_chats(&self, pace: Pace) -> Result<Step> {
        let (marks, writer) = Marks::start(self.store.clone(), self.clock.clone());
        let lines = Lines {
            marks,
            pauses: Arc::default(),
            gate: Arc::default(),
            is_held: Arc::default(),
            next: Arc::default(),
        };
        self.store
            .forget_turns(self.clock.now())
            .await
            .context("forgetting turns")?;
        let mut under_way = UnderWay::default();
        let fed = self.feed_chats(pace, &lines, &mut under_way).await;
        under_way.give_back_parked(&lines, self.clock.now())?;
        while let Some(done) = under_way.tasks.join_next().await {
            under_way.ended(done, &lines, self.clock.now())?;
        }
        drop(lines);
        writer.await.context("the task that marks ended early")?;
        fed.map(Step::worked)
    }

    async fn feed_chats(&self, pace: Pace, lines: &Lines, under_way: &mut UnderWay) -> Result<usize> {
        let (mut fed, mut settled) = (0, Instant::now());
        while !self.stop.is_cancelled() && !lines.is_held.load(Ordering::Relaxed) {
            while let Some(done) = under_way.tasks.try_join_next() {
                under_way.ended(done, lines, self.clock.now())?;
            }
            if settled.elapsed() > SETTLE {
                self.settle_lost().await?;
                settled = Instant::now();
            }
            let claimed = self
                .store
                .claim_lanes(
                    self.transport.channel(),
                    &Kind::LANES,
                    pace.batch(),
                    random_number()?,
                    self.clock.now(),
                )
                .await
                .context("claiming deliveries")?;
            if claimed.is_empty() {
                if !self.wait_for_more(lines, under_way).await? {
                    break;
                }
                continue;
            }
            fed += claimed.len();
            let next = self.start(claimed, pace, lines, under_way).await?;
            self.wait_until(next - BEFORE).await;
            while under_way.tasks.len() >= UNDER_WAY {
                let Some(done) = under_way.tasks.join_next().await else {
                    break;
                };
                under_way.ended(done, lines, self.clock.now())?;
            }
        }
        Ok(fed)
    }

    /// Waits for what comes due soon or for a request under way; `false` where there is neither.
    async fn wait_for_more(&self, lines: &Lines, under_way: &mut UnderWay) -> Result<bool> {
        let now = self.clock.now();
        let due = lines.take_next().filter(|at| *at - now < SOON);
        if under_way.tasks.is_empty() && due.is_none() {
            return Ok(false);
        }
        let wait = due.map_or(LOOK, |at| (at - now).to_std().unwrap_or_default());
        let wait = if under_way.tasks.is_empty() {
            wait
        } else {
            wait.min(LOOK)
        };
        if let Some(at) = due.filter(|at| (*at - now).to_std().is_ok_and(|left| left > wait)) {
            lines.due(at);
        }
        tokio::select! {
            done = under_way.tasks.join_next(), if !under_way.tasks.is_empty() => {
                if let Some(done) = done {
                    under_way.ended(done, lines, self.clock.now())?;
                }
            }
            () = self.stop.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
        }
        Ok(true)
    }

    /// Builds a batch, gives each its turn, and starts those that have one. Gives when the next turn is free.
    async fn start(
        &self,
        claimed: Vec<Claimed>,
        pace: Pace,
        lines: &Lines,
        under_way: &mut UnderWay,
    ) -> Result<DateTime<Utc>> {
        let ready = self.ready(claimed, lines, under_way).await?;
        let now = self.clock.now();
        let wishes: Vec<_> = ready
            .iter()
            .map(|(delivery, _)| pace.wish(&delivery.address))
            .collect();
        let (turns, next) = self
            .store
            .take_turns(self.transport.channel(), &wishes, pace.every(), now)
            .await
            .context("taking turns")?;
        for ((delivery, ready), turn) in ready.into_iter().zip(turns) {
            let chat = chat(&delivery.address);
            match turn {
                Turn::Not(until) => lines.give_back(&delivery, until)?,
                Turn::At(_) if under_way.chats.contains(&chat) => {
                    under_way.park(chat, delivery, lines, now)?;
                }
                Turn::At(at) => {
                    under_way.chats.insert(chat.clone());
                    let (dispatch, lines) = (self.clone(), lines.clone());
                    under_way.tasks.spawn(async move {
                        dispatch.at_its_turn(delivery, ready, at, pace, &lines).await;
                        chat
                    });
                }
            }
        }
        Ok(next)
    }

    /// What is to be sent of a batch. What is not is marked.
    async fn ready(
        &self,
        claimed: Vec<Claimed>,
        lines: &Lines,
        under_way: &mut UnderWay,
    ) -> Result<Vec<(Claimed, Ready)>> {
        let now = self.clock.now();
        let is_busy = |d: &Claimed| under_way.chats.contains(&chat(&d.address));
        let (waiting, claimed): (Vec<_>, Vec<_>) = claimed.into_iter().partition(is_busy);
        for delivery in waiting {
            under_way.park(chat(&delivery.address), delivery, lines, now)?;
        }
        let mut told = match Told::read(&self.store, &claimed).await {
            Ok(told) => told,
            Err(e) => {
                // One by one, whichever cannot be read stands alone.
                warn!("Deliveries are read one by one: {e:#}");
                Told::default()
            }
        };
        let mut ready = Vec::with_capacity(claimed.len());
        for delivery in claimed {
            let message = told.take(&delivery);
            match self.make_ready(&delivery, message).await {
                Ok(Some(made)) => ready.push((delivery, made)),
                Ok(None) => {}
                Err(e) => self.leave(&delivery, &e).await,
            }
        }
        Ok(ready)
    }

    async fn at_its_turn(
        &self,
        delivery: Claimed,
        ready: Ready,
        at: DateTime<Utc>,
        pace: Pace,
        lines: &Lines,
    ) {
        self.wait_until(at).await;
        lines.gate.pass(pace).await;
        let done = if self.stop.is_cancelled() || lines.is_held.load(Ordering::Relaxed) {
            lines.give_back(&delivery, self.clock.now())
        } else {
            self.hand_over(&delivery, ready, pace, lines).await
        };
        if let Err(e) = done {
            self.leave(&delivery, &e).await;
        }
    }

    /// Tried again when the lease has passed; nothing is lost by going on.
    pub(super) async fn leave(&self, delivery: &Claimed, why: &anyhow::Error) {
        let id = delivery.id;
        error!(delivery.id = id, "Delivery {id} could not be worked on: {why:#}");
        if let Err(e) = self.store.leave_to_lease(delivery).await {
            error!(delivery.id = id, "Delivery {id} could not be left: {e}");
        }
    }

    /// Until a moment of the clock, or the end of the process.
    pub(super) async fn wait_until(&self, at: DateTime<Utc>) {
        let Ok(wait) = (at - self.clock.now()).to_std() else {
            return;
        };
        tokio::select! {
            () = self.stop.cancelled() => {}
            () = tokio::time::sleep(wait) => {}
        }
    }
}
