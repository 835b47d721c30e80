//! Looking into a database from outside, as an operator would, and turning its clock: for processes that cannot be given
//! a manual clock.

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
