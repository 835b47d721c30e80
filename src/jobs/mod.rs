//! The work that Loa does by itself, each kind as ONE public async step: the loops that call them are in
//! [`crate::app`], and tests call them by hand. A step takes what is due from the store and returns; nothing due is
//! [`Step::Idle`].

pub mod alarm;
pub mod bounces;
pub mod digest;
pub mod dispatch;
pub mod fanout;
pub mod follow;
pub mod forget;
pub mod ping;
pub mod poll;
pub mod reclassify;
pub mod reindex;
pub mod retention;
pub mod rules;

/// What a step did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing was due.
    Idle,
    /// So many rows were worked on; there may be more.
    Worked(usize),
}

impl Step {
    fn worked(n: usize) -> Self {
        if n == 0 { Self::Idle } else { Self::Worked(n) }
    }
}

/// A number that no other process has: what a claim or a lease is known by.
fn random_number() -> anyhow::Result<i64> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).map_err(|e| anyhow::anyhow!("no randomness from the system: {e}"))?;
    Ok(i64::from_le_bytes(bytes))
}
