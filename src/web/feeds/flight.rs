//! One task for each document that is being made, and any number of requests that wait for its end.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};

use tokio::{sync::watch, time::timeout};

/// Documents being made, by address.
#[derive(Debug)]
pub(super) struct Flights<T>(Arc<Mutex<HashMap<String, Flight<T>>>>);

/// One of them, as who waits sees it.
#[derive(Debug, Clone)]
pub(super) struct Flight<T> {
    end: watch::Receiver<End<T>>,
    /// Whether somebody waited in vain already.
    is_slow: Arc<AtomicBool>,
}

#[derive(Debug, Clone)]
enum End<T> {
    Ahead,
    Made(T),
    Failed,
}

/// The same, as who makes it sees it: it ends when this is dropped, also by a panic.
#[derive(Debug)]
pub(super) struct Landing<T> {
    flights: Flights<T>,
    address: String,
    end: watch::Sender<End<T>>,
    is_over: bool,
}

/// What a request finds.
pub(super) enum Joined<T> {
    /// It was made a moment ago.
    Made(T),
    /// Somebody makes it.
    Waiting(Flight<T>),
    /// Nobody does: the one who asked is to.
    First(Flight<T>, Landing<T>),
}

impl<T> Clone for Flights<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Default for Flights<T> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<T: Clone> Flights<T> {
    /// Joins the flight of an address or begins one, unless `look` finds what the last one brought.
    pub(super) fn join(&self, address: &str, look: impl FnOnce() -> Option<T>) -> Joined<T> {
        let mut flights = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = flights.get(address) {
            return Joined::Waiting(flight.clone());
        }
        if let Some(made) = look() {
            return Joined::Made(made);
        }
        let (sender, end) = watch::channel(End::Ahead);
        let flight = Flight {
            end,
            is_slow: Arc::default(),
        };
        flights.insert(address.to_owned(), flight.clone());
        let landing = Landing {
            flights: self.clone(),
            address: address.to_owned(),
            end: sender,
            is_over: false,
        };
        Joined::First(flight, landing)
    }
}

impl<T: Clone> Flight<T> {
    /// What was made, or nothing if that failed.
    pub(super) async fn end(&mut self) -> Option<T> {
        let end = self.end.wait_for(|end| !matches!(end, End::Ahead)).await;
        match &*end.ok()? {
            End::Made(made) => Some(made.clone()),
            End::Ahead | End::Failed => None,
        }
    }

    /// The same, or nothing after a while (at once, if that is no time). Where one waited in vain, no other waits.
    pub(super) async fn end_within(&mut self, patience: Duration) -> Option<T> {
        if patience.is_zero() || self.is_slow.load(Relaxed) {
            return None;
        }
        if let Ok(end) = timeout(patience, self.end()).await {
            return end;
        }
        self.is_slow.store(true, Relaxed);
        None
    }
}

impl<T> Landing<T> {
    /// Ends the flight. What was made must be where `look` of [`Flights::join`] finds it.
    pub(super) fn land(mut self, made: Option<T>) {
        self.leave();
        self.end.send_replace(made.map_or(End::Failed, End::Made));
    }

    /// Off the list before anyone hears of the end: who asks after that begins another flight.
    fn leave(&mut self) {
        if !self.is_over {
            self.is_over = true;
            let mut flights = self.flights.0.lock().unwrap_or_else(PoisonError::into_inner);
            flights.remove(&self.address);
        }
    }
}

impl<T> Drop for Landing<T> {
    fn drop(&mut self) {
        self.leave();
    }
}
