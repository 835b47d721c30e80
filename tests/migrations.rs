//! The two folders of migrations make the same schema. What differs is only how each database writes a type, and the table
//! of words for searches, for which each has its own kind of index.

use std::{collections::BTreeSet, path::Path};

use sqlx::{AssertSqlSafe, PgPool, SqlitePool};

use crate::common::databases::{on_postgres, on_sqlite};

/// One line per fact: table, column, key or constraint, in words that both databases share.
type Facts = BTreeSet<String>;

#[test]
fn both_folders_have_the_same_files() {
    let names = |folder: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("migrations")
            .join(folder);
        let names: BTreeSet<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names
    };
    let sqlite = names("sqlite");
    assert_eq!(sqlite, names("postgres"));
    assert!(!sqlite.is_empty());
    for name in sqlite {
        let (number, rest) = name.split_once('_').unwrap();
        let is_numbered = number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit());
        let is_sql = Path::new(rest)
            .extension()
            .is_some_and(|extension| extension == "sql");
        assert!(is_numbered && is_sql, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_databases_have_the_same_schema() {
    on_postgres(async |postgres| {
        on_sqlite(async |sqlite| {
            let sqlite = sqlite_facts(&SqlitePool::connect(&sqlite.url).await.unwrap()).await;
            let postgres = postgres_facts(&PgPool::connect(&postgres.url).await.unwrap()).await;
            let only_sqlite: Vec<_> = sqlite.difference(&postgres).collect();
            let only_postgres: Vec<_> = postgres.difference(&sqlite).collect();
            assert!(
                only_sqlite.is_empty() && only_postgres.is_empty(),
                "only on SQLite: {only_sqlite:#?}\nonly on PostgreSQL: {only_postgres:#?}"
            );
            for kind in ["column", "primary key", "unique", "foreign key", "index", "check"] {
                let count = sqlite
                    .iter()
                    .filter(|fact| fact.contains(&format!(": {kind} ")))
                    .count();
                assert!(
                    count > 3,
                    "{count} facts about {kind}: they are looked for in the right place"
                );
            }
        })
        .await;
    })
    .await;
}

async fn sqlite_facts(db: &SqlitePool) -> Facts {
    let mut facts = Facts::new();
    let tables: Vec<(String, String)> = sqlx::query_as(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_sqlx%'
            AND name NOT LIKE 'article_search%'",
    )
    .fetch_all(db)
    .await
    .unwrap();
    for (table, sql) in &tables {
        assert!(sql.trim_end().ends_with("STRICT"), "{table} is STRICT");
        sqlite_columns(db, table, &mut facts).await;
        sqlite_indexes(db, table, &mut facts).await;
        let keys: Vec<(String, String, Option<String>, String)> = sqlx::query_as(AssertSqlSafe(format!(
            "SELECT \"from\", \"table\", \"to\", on_delete FROM pragma_foreign_key_list('{table}')"
        )))
        .fetch_all(db)
        .await
        .unwrap();
        for (column, other, target, on_delete) in keys {
            let target = target.unwrap_or_else(|| "id".to_owned());
            facts.insert(foreign_key(table, &column, &other, &target, &on_delete));
        }
        facts.extend(checks(table, sql));
    }
    facts
}

async fn sqlite_columns(db: &SqlitePool, table: &str, facts: &mut Facts) {
    let columns: Vec<(String, String, bool, Option<String>, i64)> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info('{table}') ORDER BY pk"
    )))
    .fetch_all(db)
    .await
    .unwrap();
    let mut key = Vec::new();
    for (name, kind, not_null, default, place) in columns {
        let kind = match kind.as_str() {
            "TEXT" => "text",
            "INTEGER" => "whole number",
            "REAL" => "number",
            "BLOB" => "bytes",
            other => panic!("{table}.{name}: {other} has no counterpart"),
        };
        // SQLite does not call a key's column NOT NULL unless the statement does; STRICT tables refuse NULL there all the same.
        facts.insert(column(
            table,
            &name,
            kind,
            not_null || place > 0,
            default.as_deref(),
        ));
        if place > 0 {
            key.push(name);
        }
    }
    facts.insert(format!("{table}: primary key ({})", key.join(", ")));
}

async fn sqlite_indexes(db: &SqlitePool, table: &str, facts: &mut Facts) {
    let indexes: Vec<(String, bool, String)> = sqlx::query_as(AssertSqlSafe(format!(
        "SELECT name, \"unique\", origin FROM pragma_index_list('{table}')"
    )))
    .fetch_all(db)
    .await
    .unwrap();
    for (name, is_unique, origin) in indexes {
        let columns: Vec<String> = sqlx::query_scalar(AssertSqlSafe(format!(
            "SELECT name FROM pragma_index_info('{name}') ORDER BY seqno"
        )))
        .fetch_all(db)
        .await
        .unwrap();
        let sql: Option<String> =
            sqlx::query_scalar("SELECT sql FROM sqlite_schema WHERE type = 'index' AND name = $1")
                .bind(&name)
                .fetch_one(db)
                .await
                .unwrap();
        let condition = sql
            .as_deref()
            .and_then(|sql| sql.split_once(" WHERE "))
            .map(|(_, condition)| condition);
        match origin.as_str() {
            "pk" => {}
            "u" => drop(facts.insert(index(table, None, true, &columns, condition))),
            _ => drop(facts.insert(index(table, Some(&name), is_unique, &columns, condition))),
        }
    }
}

async fn postgres_facts(db: &PgPool) -> Facts {
    let mut facts = Facts::new();
    let columns: Vec<(String, String, String, String, Option<String>)> = sqlx::query_as(
        "SELECT table_name::text, column_name::text, data_type::text, is_nullable::text, column_default::text
         FROM information_schema.columns WHERE table_schema = 'public' AND table_name NOT LIKE '\\_sqlx%'
            AND table_name NOT LIKE 'article\\_search%'",
    )
    .fetch_all(db)
    .await
    .unwrap();
    for (table, name, kind, nullable, default) in columns {
        let kind = match kind.as_str() {
            "text" | "timestamp with time zone" | "jsonb" => "text",
            // SQLite keeps truth as 0 and 1.
            "bigint" | "boolean" => "whole number",
            "double precision" => "number",
            "bytea" => "bytes",
            other => panic!("{table}.{name}: {other} has no counterpart"),
        };
        let default = default.map(|text| {
            text.trim_end_matches("::text")
                .trim_end_matches("::bigint")
                .to_owned()
        });
        let default = default.map(|text| match text.as_str() {
            "true" => "1".to_owned(),
            "false" => "0".to_owned(),
            _ => text,
        });
        facts.insert(column(&table, &name, kind, nullable == "NO", default.as_deref()));
    }
    postgres_constraints(db, &mut facts).await;
    postgres_indexes(db, &mut facts).await;
    facts
}

async fn postgres_constraints(db: &PgPool, facts: &mut Facts) {
    const SQL: &str = "SELECT t.relname::text, c.contype::text, o.relname::text, c.confdeltype::text,
            ARRAY(SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY k(n, place)
                  JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.place),
            ARRAY(SELECT a.attname::text FROM unnest(c.confkey) WITH ORDINALITY k(n, place)
                  JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.place),
            pg_get_constraintdef(c.oid)
        FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid JOIN pg_namespace s ON s.oid = t.relnamespace
        LEFT JOIN pg_class o ON o.oid = c.confrelid
        WHERE s.nspname = 'public' AND t.relname NOT LIKE '\\_sqlx%' AND t.relname NOT LIKE 'article\\_search%'";
    type Row = (
        String,
        String,
        Option<String>,
        String,
        Vec<String>,
        Vec<String>,
        String,
    );
    let constraints: Vec<Row> = sqlx::query_as(SQL).fetch_all(db).await.unwrap();
    for (table, kind, other, on_delete, columns, targets, definition) in constraints {
        match kind.as_str() {
            "p" => drop(facts.insert(format!("{table}: primary key ({})", columns.join(", ")))),
            "u" => drop(facts.insert(index(&table, None, true, &columns, None))),
            "f" => {
                let on_delete = match on_delete.as_str() {
                    "c" => "CASCADE",
                    "n" => "SET NULL",
                    _ => "NO ACTION",
                };
                facts.insert(foreign_key(
                    &table,
                    &columns[0],
                    &other.unwrap(),
                    &targets[0],
                    on_delete,
                ));
            }
            "c" => drop(facts.insert(check(&table, &columns[0], &definition))),
            // PostgreSQL 18 counts NOT NULL among the constraints; the columns tell it already.
            "n" => {}
            other => panic!("{table}: constraint of kind {other}"),
        }
    }
}

async fn postgres_indexes(db: &PgPool, facts: &mut Facts) {
    type Row = (String, String, bool, Vec<String>, Option<String>);
    const SQL: &str = "SELECT t.relname::text, i.relname::text, x.indisunique,
            ARRAY(SELECT a.attname::text FROM unnest(x.indkey::int2[]) WITH ORDINALITY k(n, place)
                  JOIN pg_attribute a ON a.attrelid = x.indrelid AND a.attnum = k.n ORDER BY k.place),
            pg_get_expr(x.indpred, x.indrelid)
        FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
        JOIN pg_namespace s ON s.oid = t.relnamespace
        WHERE s.nspname = 'public' AND t.relname NOT LIKE '\\_sqlx%' AND t.relname NOT LIKE 'article\\_search%'
          AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u'))";
    let indexes: Vec<Row> = sqlx::query_as(SQL).fetch_all(db).await.unwrap();
    for (table, name, is_unique, columns, condition) in indexes {
        facts.insert(index(
            &table,
            Some(&name),
            is_unique,
            &columns,
            condition.as_deref(),
        ));
    }
}

fn column(table: &str, name: &str, kind: &str, not_null: bool, default: Option<&str>) -> String {
    let null = if not_null { "NOT NULL" } else { "NULL" };
    format!(
        "{table}: column {name} {kind} {null} DEFAULT {}",
        default.unwrap_or("none")
    )
}

fn foreign_key(table: &str, column: &str, other: &str, target: &str, on_delete: &str) -> String {
    format!("{table}: foreign key {column} -> {other} ({target}) ON DELETE {on_delete}")
}

fn index(
    table: &str,
    name: Option<&str>,
    is_unique: bool,
    columns: &[String],
    condition: Option<&str>,
) -> String {
    let kind = match (is_unique, name) {
        (true, None) => "unique".to_owned(),
        (true, Some(name)) => format!("unique index {name}"),
        (false, name) => format!("index {}", name.unwrap_or_default()),
    };
    let condition = condition.map_or(String::new(), |condition| format!(" WHERE {}", words(condition)));
    format!("{table}: {kind} ({}){condition}", columns.join(", "))
}

/// A column's check, by the words that it allows: each database writes the rest in its own way.
fn check(table: &str, column: &str, definition: &str) -> String {
    let words: Vec<&str> = definition.split('\'').skip(1).step_by(2).collect();
    format!("{table}: check {column} in {}", words.join(", "))
}

/// The checks in a `CREATE TABLE` of SQLite, which has no table of them.
fn checks(table: &str, sql: &str) -> Vec<String> {
    let inner = sql.split("CHECK (").skip(1);
    inner
        .map(|rest| {
            let (column, rest) = rest.split_once(' ').unwrap();
            check(table, column, rest.split_once(')').unwrap().0)
        })
        .collect()
}

/// A condition without the casts and brackets that PostgreSQL adds.
fn words(condition: &str) -> String {
    condition.replace("::text", "").replace(['(', ')'], "")
}
