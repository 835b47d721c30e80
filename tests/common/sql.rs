//! Straight SQL for what the store has no call for: counting rows, and arranging what only staff will be able to do.

use sqlx::{Connection as _, PgConnection, SqliteConnection};

/// Runs one statement.
pub async fn execute(url: &str, sql: &'static str) {
    if url.starts_with("sqlite:") {
        let mut db = SqliteConnection::connect(url).await.unwrap();
        sqlx::query(sql).execute(&mut db).await.unwrap();
    } else {
        let mut db = PgConnection::connect(url).await.unwrap();
        sqlx::query(sql).execute(&mut db).await.unwrap();
    }
}

/// The one number that a query gives.
pub async fn count(url: &str, sql: &'static str) -> i64 {
    if url.starts_with("sqlite:") {
        let mut db = SqliteConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap()
    } else {
        let mut db = PgConnection::connect(url).await.unwrap();
        sqlx::query_scalar(sql).fetch_one(&mut db).await.unwrap()
    }
}
