//! Searches wait for each other and not for the rest: anybody may look for anything, and each costs more than a feed. Pages,
//! feeds and the API share these turns, which leave connections to the database for everything else.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Searches under way at once: half of what SQLite has readers.
const TURNS: usize = 2;

/// Searches that wait for a turn. Who came after these would wait longer than readers do.
const WAITING: usize = 64;

/// The turns of a process. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Searches {
    places: Arc<Semaphore>,
    turns: Arc<Semaphore>,
}

/// A place in the queue; given up when it is dropped.
#[derive(Debug)]
pub struct Place {
    place: OwnedSemaphorePermit,
    turns: Arc<Semaphore>,
}

/// The right to search; over when it is dropped.
#[derive(Debug)]
pub struct Turn {
    _place: OwnedSemaphorePermit,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Default for Searches {
    fn default() -> Self {
        Self {
            places: Arc::new(Semaphore::new(TURNS + WAITING)),
            turns: Arc::new(Semaphore::new(TURNS)),
        }
    }
}

impl Searches {
    /// A place in the queue, unless it is too long.
    pub fn place(&self) -> Option<Place> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        Some(Place {
            place,
            turns: Arc::clone(&self.turns),
        })
    }
}

impl Place {
    /// Waits until it is this one's turn.
    pub async fn turn(self) -> Turn {
        // These turns are never closed.
        let turn = self.turns.acquire_owned().await.ok();
        Turn {
            _place: self.place,
            _turn: turn,
        }
    }
}
