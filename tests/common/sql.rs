//! Looking into a database from outside, as an operator would, and turning its clock: for processes that cannot be given
//! a manual clock.

use super::process::until;
use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection};

/// Runs one statement.
pub async fn execute(url: &str, sql: &str) {
    Sql::connect(url).await.run(sql).await;
}

/// The one number that a query gives.
pub async fn count(url: &str, sql: &str) -> i64 {
    Sql::connect(url).await.number(sql).await
}

/// One connection, beside the program's own.
pub enum Sql {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

macro_rules! on_connection {
    ($sql:expr, |$name:ident| $body:expr) => {
        match $sql {
            Sql::Sqlite($name) => $body,
            Sql::Postgres($name) => $body,
        }
    };
}

impl Sql {
    pub async fn connect(url: &str) -> Self {
        if url.starts_with("sqlite:") {
            let mut connection = SqliteConnection::connect(url).await.unwrap();
            sqlx::query("PRAGMA busy_timeout = 60000")
                .execute(&mut connection)
                .await
                .unwrap();
            Self::Sqlite(connection)
        } else {
            Self::Postgres(PgConnection::connect(url).await.unwrap())
        }
    }

    pub fn is_sqlite(&self) -> bool {
        matches!(self, Self::Sqlite(_))
    }

    /// Runs a statement.
    pub async fn run(&mut self, sql: &str) {
        let text = AssertSqlSafe(sql.to_owned());
        on_connection!(self, |c| sqlx::raw_sql(text).execute(c).await.map(drop))
            .unwrap_or_else(|e| panic!("{e}: {sql}"));
    }

    /// The first column of the first row, a whole number.
    pub async fn number(&mut self, sql: &str) -> i64 {
        let text = AssertSqlSafe(sql.to_owned());
        on_connection!(self, |c| sqlx::query_scalar(text).fetch_one(c).await)
            .unwrap_or_else(|e| panic!("{e}: {sql}"))
    }

    /// The first column of every row, as text.
    pub async fn texts(&mut self, sql: &str) -> Vec<String> {
        let text = AssertSqlSafe(sql.to_owned());
        on_connection!(self, |c| sqlx::query_scalar(text).fetch_all(c).await)
            .unwrap_or_else(|e| panic!("{e}: {sql}"))
    }

    /// Makes whoever inserts a row `WHEN NEW.…` into a table stand still, its transaction open, until [`Sql::go_on`].
    pub async fn stall(&mut self, table: &str, when: &str) {
        if self.is_sqlite() {
            self.run("CREATE VIEW endless AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
                .await;
            self.run(&format!(
                "CREATE TRIGGER stall BEFORE INSERT ON {table} WHEN {when} BEGIN SELECT count(*) FROM endless; END"
            ))
            .await;
        } else {
            self.run("SELECT pg_advisory_lock(7)").await;
            self.run(&format!(
                "CREATE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                   IF {when} THEN PERFORM pg_advisory_xact_lock(7); END IF; RETURN NEW; END $$;
                 CREATE TRIGGER stall BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION stall()"
            ))
            .await;
        }
    }

    /// Ends [`Sql::stall`] on a table, once the process that stood still is gone.
    pub async fn go_on(&mut self, table: &str) {
        if self.is_sqlite() {
            self.run("DROP TRIGGER stall").await;
            self.run("DROP VIEW endless").await;
        } else {
            self.run("SELECT pg_advisory_unlock(7)").await;
            self.run(&format!("DROP TRIGGER stall ON {table}")).await;
            self.run("DROP FUNCTION stall").await;
        }
    }

    /// Whether another connection is in the middle of a transaction that writes.
    pub async fn is_being_written(&mut self) -> bool {
        match self {
            Self::Sqlite(c) => {
                sqlx::raw_sql("PRAGMA busy_timeout = 0")
                    .execute(&mut *c)
                    .await
                    .unwrap();
                let free = sqlx::raw_sql("BEGIN IMMEDIATE; ROLLBACK").execute(&mut *c).await;
                sqlx::raw_sql("PRAGMA busy_timeout = 60000")
                    .execute(&mut *c)
                    .await
                    .unwrap();
                free.is_err()
            }
            Self::Postgres(_) => {
                self.number(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                             AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
                )
                .await
                    > 0
            }
        }
    }

    /// What a killed process had handed to PostgreSQL still happens: waits for the end of its connections.
    pub async fn others_are_gone(&mut self) {
        if self.is_sqlite() {
            return;
        }
        let others = "SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'";
        until("the server noticed the kill", async || {
            self.number(others).await == 0
        })
        .await;
    }

    /// Keeps every other connection from writing deliveries, until [`Sql::let_write`].
    pub async fn stop_writers(&mut self) {
        let sql = if self.is_sqlite() {
            "BEGIN IMMEDIATE"
        } else {
            "BEGIN; LOCK TABLE deliveries IN EXCLUSIVE MODE"
        };
        self.run(sql).await;
    }

    /// Ends [`Sql::stop_writers`].
    pub async fn let_write(&mut self) {
        self.run("ROLLBACK").await;
    }
}
