//! Opening a database and bringing its schema up to date.

use std::{str::FromStr, time::Duration};

use sqlx::{
    Connection as _, PgConnection, PgPool, SqlitePool,
    migrate::Migrator,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{Pool, Result, Store, on_db};

static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");
static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");

/// How long a writer waits for another process's transaction before it gives up.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);

/// How long to wait for a connection before saying that the database is away.
const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(15);

/// How long to ask for the reason after that.
const REASON_TIMEOUT: Duration = Duration::from_secs(3);

/// Readers beside SQLite's one writer, and connections to PostgreSQL.
const READERS: u32 = 4;
const CONNECTIONS: u32 = 10;

/// Why a database cannot be used; says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// Neither form of address.
    #[error("database.url must start with sqlite: or postgres:// (for example sqlite:loa.db)")]
    Scheme,
    /// The address is of the right kind but malformed.
    #[error("database.url cannot be read: {0}")]
    Url(String),
    /// The server or file cannot be opened.
    #[error(
        "cannot open the database: {0}; check that database.url names a reachable server or a writable file"
    )]
    Connect(sqlx::Error),
    /// The file or its folder refuses writes.
    #[error(
        "database.url: the database cannot be opened for writing: {0}; its folder must exist, and the user that runs loa needs write access to it and to the file"
    )]
    ReadOnly(sqlx::Error),
    /// The schema is newer or damaged.
    #[error(
        "cannot bring the database's schema up to date: {0}; run the newest version of loa, or restore a backup"
    )]
    Migrate(#[from] sqlx::migrate::MigrateError),
}

/// Whether an address is of a kind that [`Store::open`] takes.
pub fn is_supported(url: &str) -> bool {
    url.starts_with("sqlite:") || url.starts_with("postgres://") || url.starts_with("postgresql://")
}

impl Store {
    /// Opens the database at `url` (`sqlite:FILE` or `postgres://…`), creating an SQLite file that is not there.
    pub async fn open(url: &str) -> std::result::Result<Self, OpenError> {
        Self::open_or_not(url, true).await
    }

    /// As [`Store::open`], but an SQLite file that is not there stays so, and is an error.
    pub async fn open_existing(url: &str) -> std::result::Result<Self, OpenError> {
        Self::open_or_not(url, false).await
    }

    async fn open_or_not(url: &str, may_create: bool) -> std::result::Result<Self, OpenError> {
        if !is_supported(url) {
            return Err(OpenError::Scheme);
        }
        if url.starts_with("sqlite:") {
            Self::open_sqlite(url, may_create).await
        } else {
            Self::open_postgres(url).await
        }
    }

    async fn open_sqlite(url: &str, may_create: bool) -> std::result::Result<Self, OpenError> {
        let options = SqliteConnectOptions::from_str(url)
            .map_err(|e| OpenError::Url(e.to_string()))?
            .create_if_missing(may_create)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Normal)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .optimize_on_close(true, None);
        let pool = |size| {
            SqlitePoolOptions::new()
                .max_connections(size)
                .acquire_timeout(ACQUIRE_TIMEOUT)
        };
        let write = pool(1).connect_with(options.clone()).await.map_err(opening)?;
        probe(&write).await.map_err(opening)?;
        let read: SqlitePool = pool(READERS).connect_with(options).await.map_err(opening)?;
        Ok(Self {
            read: Pool::Sqlite(read),
            write: Pool::Sqlite(write),
        })
    }

    async fn open_postgres(url: &str) -> std::result::Result<Self, OpenError> {
        let options = PgConnectOptions::from_str(url).map_err(|e| OpenError::Url(e.to_string()))?;
        let options = options.application_name("loa");
        let opened = PgPoolOptions::new()
            .max_connections(CONNECTIONS)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            .connect_with(options.clone())
            .await;
        let pool: PgPool = match opened {
            Ok(pool) => pool,
            Err(sqlx::Error::PoolTimedOut) => return Err(OpenError::Connect(why_not(&options).await)),
            Err(e) => return Err(OpenError::Connect(e)),
        };
        Ok(Self {
            read: Pool::Postgres(pool.clone()),
            write: Pool::Postgres(pool),
        })
    }

    /// Applies what is missing of the schema. Safe to call from several processes at once.
    pub async fn migrate(&self) -> std::result::Result<(), OpenError> {
        match &self.write {
            Pool::Sqlite(pool) => SQLITE.run(pool).await?,
            Pool::Postgres(pool) => POSTGRES.run(pool).await?,
        }
        Ok(())
    }

    /// Whether the database answers and its schema is this version's: the readiness check.
    pub async fn is_ready(&self) -> Result<bool> {
        const SQL: &str = "SELECT COUNT(*) FROM _sqlx_migrations WHERE success = TRUE";
        let applied: i64 = on_db!(self.read, |pool| sqlx::query_scalar(SQL).fetch_one(pool).await)?;
        Ok(usize::try_from(applied).is_ok_and(|n| n >= SQLITE.iter().count()))
    }

    /// Waits for connections to come back and closes them.
    pub async fn close(&self) {
        on_db!(self.read, |pool| pool.close().await);
        on_db!(self.write, |pool| pool.close().await);
    }

    /// `sqlite` or `postgres`.
    pub fn kind(&self) -> &'static str {
        match self.write {
            Pool::Sqlite(_) => "sqlite",
            Pool::Postgres(_) => "postgres",
        }
    }
}

/// A file without write permission opens without complaint, and even gives out its write lock: write something now, and
/// take it back, rather than fail at the first article.
async fn probe(pool: &SqlitePool) -> sqlx::Result<()> {
    let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
    sqlx::query("CREATE TABLE loa_write_probe (x INTEGER)")
        .execute(&mut *tx)
        .await?;
    tx.rollback().await
}

/// The pool tries again until its time is up, and does not say what went wrong: a single connection does.
async fn why_not(options: &PgConnectOptions) -> sqlx::Error {
    match tokio::time::timeout(REASON_TIMEOUT, PgConnection::connect_with(options)).await {
        Ok(Err(e)) => e,
        Ok(Ok(_)) | Err(_) => sqlx::Error::PoolTimedOut,
    }
}

fn opening(e: sqlx::Error) -> OpenError {
    /// SQLite's primary result codes READONLY, PERM and CANTOPEN; the low byte of an extended code.
    const READONLY: [u32; 3] = [8, 3, 14];
    let code = e.as_database_error().and_then(sqlx::error::DatabaseError::code);
    match code.and_then(|code| code.parse::<u32>().ok()) {
        Some(code) if READONLY.contains(&(code & 0xff)) => OpenError::ReadOnly(e),
        _ => OpenError::Connect(e),
    }
}
