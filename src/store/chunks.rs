//! One chunk of deliveries: what fan-outs and digest runs have in common. Both walk the subscribers in order of their ids,
//! and commit each chunk together with the cursor that passed it.

/// The statements of a walk. All take the walk's row id as `$1`.
pub(super) struct Chunk {
    /// The last subscriber of the chunk after the cursor `$2`, at most `$3` of them; null when there is none.
    pub end: &'static str,
    /// Makes deliveries for subscribers after `$2` up to `$3`, due at `$4`, in lane `$5`.
    pub insert: &'static str,
    /// Moves the cursor to `$2`.
    pub advance: &'static str,
    /// Marks the walk as done at `$2`.
    pub finish: &'static str,
}

/// Makes one chunk within a transaction, and gives the number of deliveries: 0 when the walk is over.
macro_rules! make_chunk {
    ($tx:ident, $sql:expr, ($id:expr, $cursor:expr), $size:expr, $priority:expr, $now:expr) => {{
        let sql = $sql;
        let end: Option<i64> = sqlx::query_scalar(sql.end)
            .bind($id)
            .bind($cursor)
            .bind($size)
            .fetch_one(&mut *$tx)
            .await?;
        if let Some(end) = end {
            let made = sqlx::query(sql.insert)
                .bind($id)
                .bind($cursor)
                .bind(end)
                .bind($now)
                .bind($priority)
                .execute(&mut *$tx)
                .await?
                .rows_affected();
            sqlx::query(sql.advance)
                .bind($id)
                .bind(end)
                .execute(&mut *$tx)
                .await?;
            made
        } else {
            sqlx::query(sql.finish)
                .bind($id)
                .bind($now)
                .execute(&mut *$tx)
                .await?;
            0
        }
    }};
}
pub(super) use make_chunk;
