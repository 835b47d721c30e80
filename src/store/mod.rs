//! The only SQL of Loa. One [`Store`] over SQLite (a file, nothing to set up) or PostgreSQL (what several machines
//! share); every statement is written once and runs on both, through `on_db!`.
//!
//! It knows nothing of portals, mail or HTTP: rows in, domain types out.

mod alarms;
mod archives;
mod articles;
mod backfills;
mod bot_updates;
mod bounces;
mod changes;
mod chats;
mod corrections;
mod deliveries;
mod digests;
mod fanouts;
mod find_words;
mod follow;
mod forget;
mod held;
mod hosts;
mod imports;
mod learned;
mod lists;
mod looks;
mod lost;
mod markers;
mod marks;
mod marks_postgres;
mod mirror;
mod of_watch;
mod offices;
mod open;
mod outcome;
mod people;
mod pings;
mod poll_end;
mod portals;
mod posts;
mod ranked;
mod reclassify;
mod record;
mod relist;
mod removal;
mod retired;
mod schedules;
mod search;
mod sections;
mod settled;
mod signups;
mod status;
mod subscribers;
mod suppressed;
mod told;
mod turns;
mod volumes;
mod votes;
mod wanted;
mod watches;
mod words;

pub use alarms::{Alarm, AlarmMail, MailState};
pub use archives::{ArchiveKey, Neighbours, Seal, Sealed};
pub use backfills::BackfillRow;
pub use bot_updates::WaitingUpdate;
pub use bounces::{BouncedPerson, Counted, Suppression};
pub use changes::Change;
pub use chats::ChatWishes;
pub use deliveries::{CLAIM_LEASE, Claimed, Hold, SENDING_LEASE, sending_lease};
pub use digests::{DigestRun, ScheduleRow};
pub use fanouts::FanoutId;
pub use held::Held;
pub use hosts::Leave;
pub use imports::{Import, ImportDone, Imported, Official};
pub use lists::{Page, TopicCount};
pub use looks::{Look, Seen};
pub use marks::{Cap, Mark, Marked};
pub use mirror::{ChangePlace, ChangedPart};
pub use offices::OfficeOrder;
pub use open::{OpenError, is_supported};
pub use outcome::Outcome;
pub use people::{Follow, LETTER_PAUSE, LETTERS_A_DAY, MOST_WATCHES, NEW_LINKS_A_DAY, Person};
pub use pings::Ping;
pub use poll_end::{Health, PollEnd, PollResult, Usual};
pub use posts::{EditedPost, Posted, ToldArticle, WITHDRAWN};
pub use ranked::{After, FoundBest, MOST_RANKED, RankPlace};
pub use reclassify::{Classification, Reclassified};
pub use record::{NewArticle, Recorded};
pub use relist::Relisted;
pub use removal::{ArticleName, Gone, Removable};
pub use retired::Retired;
pub use search::{Filter, Found, Place};
pub use sections::{DueSection, Known, SectionRow};
pub use signups::{Confirmed, Followed, NewSignup, SIGNUP_GOOD_FOR, Signup};
pub use status::{ArticleCounts, DELIVERY_STATES, DeliveryCounts};
pub use suppressed::{BounceRow, Lifted, Lifter, Standing, SuppressedPerson, points};
pub use turns::{Turn, Wish};
pub use volumes::Volumes;
pub use votes::{Says, TopicVote};
pub use wanted::WantedPage;
pub use watches::KnownWatch;

use sqlx::{Database, PgPool, Postgres, Sqlite, SqlitePool, Transaction};

/// What goes wrong in the database itself.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database refused or was away.
    #[error("the database failed: {0}")]
    Database(#[from] sqlx::Error),
    /// The polling round was given up for dead and its articles are on their way; the article was not stored.
    #[error(
        "the polling round took so long that it was closed; its remaining articles are read at the next poll"
    )]
    RoundClosed,
    /// A row holds what this version cannot read.
    #[error("the database holds {what} that this version cannot read: {why}")]
    Unreadable {
        /// Table and column.
        what: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl StoreError {
    /// Whether the database cannot be reached now, so that nothing else could be asked of it either; not that it refused
    /// one statement, or took too long for it.
    pub fn is_away(&self) -> bool {
        /// PostgreSQL: the server is being stopped or started, the connection broke (classes of SQLSTATE).
        const AWAY: [&str; 2] = ["57P0", "08"];
        match self {
            Self::Database(sqlx::Error::Database(e)) => {
                let code = e.code().unwrap_or_default();
                AWAY.iter().any(|class| code.starts_with(class))
            }
            Self::Database(e) => matches!(
                e,
                sqlx::Error::Io(_)
                    | sqlx::Error::Tls(_)
                    | sqlx::Error::PoolTimedOut
                    | sqlx::Error::PoolClosed
                    | sqlx::Error::WorkerCrashed
            ),
            Self::RoundClosed | Self::Unreadable { .. } => false,
        }
    }
}

/// Result of a store call.
pub type Result<T> = std::result::Result<T, StoreError>;

/// A pool of one of the two databases.
#[derive(Debug, Clone)]
pub(crate) enum Pool {
    Sqlite(SqlitePool),
    Postgres(PgPool),
}

/// Runs the same statement on whichever database is open.
macro_rules! on_db {
    ($pool:expr, |$name:ident| $body:expr) => {
        match &$pool {
            crate::store::Pool::Sqlite($name) => $body,
            crate::store::Pool::Postgres($name) => $body,
        }
    };
}
pub(crate) use on_db;

/// The database. Cheap to clone.
///
/// SQLite has one writer: `write` is then a pool of one connection, so that writers queue in the process instead of
/// failing with "database is locked", and readers never wait for them (WAL). On PostgreSQL both are the same pool.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) read: Pool,
    pub(crate) write: Pool,
}

/// A transaction that may write from its first statement on.
pub(crate) trait BeginWrite {
    type Db: Database;
    /// `BEGIN IMMEDIATE` on SQLite: a deferred transaction that reads first answers "database is locked" at its first
    /// write when another process wrote in between.
    async fn begin_write(&self) -> sqlx::Result<Transaction<'static, Self::Db>>;
}

impl BeginWrite for SqlitePool {
    type Db = Sqlite;
    async fn begin_write(&self) -> sqlx::Result<Transaction<'static, Sqlite>> {
        self.begin_with("BEGIN IMMEDIATE").await
    }
}

impl BeginWrite for PgPool {
    type Db = Postgres;
    async fn begin_write(&self) -> sqlx::Result<Transaction<'static, Postgres>> {
        self.begin().await
    }
}
