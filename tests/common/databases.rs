//! Both databases for every store test: SQLite in a file, PostgreSQL in a server that the test run starts itself.
//!
//! The server lives as long as the test process: a shell holds it, and ends it when the process closes the pipe.

use std::{
    future::Future,
    io::{BufRead as _, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use loa::store::Store;
use tempfile::TempDir;

/// A fresh database with the schema in place.
pub struct TestDb {
    pub store: Store,
    pub url: String,
    /// Lives as long as the test.
    _dir: TempDir,
}

/// Declares one test on SQLite and one on PostgreSQL. The case is an `async fn(TestDb)`.
macro_rules! for_each_db {
    ($($case:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() { $crate::common::databases::on_sqlite(super::$case).await; })+
        }
        mod postgres {
            $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() { $crate::common::databases::on_postgres(super::$case).await; })+
        }
    };
}
pub(crate) use for_each_db;

/// Runs a case on a new SQLite file.
pub async fn on_sqlite<F: Future<Output = ()>>(case: impl FnOnce(TestDb) -> F) {
    let dir = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", dir.path().join("loa.db").display());
    case(open(url, dir).await).await;
}

/// Databases made so far: each case has its own.
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Runs a case on a new PostgreSQL database, or says that it was skipped.
pub async fn on_postgres<F: Future<Output = ()>>(case: impl FnOnce(TestDb) -> F) {
    let Some(server) = server() else {
        assert!(
            !postgres_is_required(),
            "PostgreSQL is required here, but its programs were not found"
        );
        eprintln!("skipped: no PostgreSQL");
        return;
    };
    let name = format!("loa_{}", COUNT.fetch_add(1, Ordering::Relaxed));
    server.run_sql(&format!("CREATE DATABASE {name}"));
    let dir = tempfile::tempdir().expect("a temporary folder");
    case(open(server.url(&name), dir).await).await;
}

async fn open(url: String, dir: TempDir) -> TestDb {
    let store = Store::open(&url).await.expect("the database opens");
    store.migrate().await.expect("the schema applies");
    TestDb {
        store,
        url,
        _dir: dir,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "CI says through the environment that no case may be skipped"
)]
fn postgres_is_required() -> bool {
    std::env::var("LOA_TEST_REQUIRE_POSTGRES").is_ok_and(|v| v == "1")
}

struct Server {
    socket_dir: PathBuf,
    bin: PathBuf,
    /// Its standard input is the pipe that keeps the server alive.
    _shell: Child,
}

fn server() -> Option<&'static Server> {
    static SERVER: OnceLock<Option<Server>> = OnceLock::new();
    SERVER.get_or_init(Server::start).as_ref()
}

/// Initialises a cluster in `$2` with the programs in `$1`, serves it on a Unix socket alone, and ends with its input.
const RUN: &str = r#"
set -e
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" != 0 ] || chown postgres "$2"
as "$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >"$2/initdb.log" 2>&1
as "$1/postgres" -D "$2/data" -k "$2" -c listen_addresses= -c fsync=off -c synchronous_commit=off \
    -c full_page_writes=off -c max_connections=300 -c shared_buffers=64MB >"$2/server.log" 2>&1 &
until as "$1/pg_isready" -q -h "$2"; do kill -0 $! || { cat "$2/server.log"; exit 1; }; done
echo ready
cat >/dev/null
as "$1/pg_ctl" -D "$2/data" -m immediate -s stop
rm -rf "$2"
"#;

impl Server {
    fn start() -> Option<Self> {
        let bin = programs()?;
        let dir = tempfile::Builder::new().prefix("loa-pg-").tempdir().ok()?.keep();
        let mut shell = Command::new("bash")
            .args(["-c", RUN, "loa-test-postgres"])
            .args([&bin, &dir])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut line = String::new();
        BufReader::new(shell.stdout.take()?).read_line(&mut line).ok()?;
        let log = || std::fs::read_to_string(dir.join("initdb.log")).unwrap_or_default();
        assert_eq!(line.trim(), "ready", "PostgreSQL did not start: {line}{}", log());
        Some(Self {
            socket_dir: dir,
            bin,
            _shell: shell,
        })
    }

    fn url(&self, database: &str) -> String {
        format!(
            "postgres://postgres@localhost/{database}?host={}",
            self.socket_dir.display()
        )
    }

    fn run_sql(&self, sql: &str) {
        let done = Command::new(self.bin.join("psql"))
            .args(["-q", "-U", "postgres", "-d", "postgres", "-h"])
            .arg(&self.socket_dir)
            .args(["-c", sql])
            .output()
            .expect("psql runs");
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    }
}

/// The folder of PostgreSQL's programs: Debian's, newest first, or the one on the path.
pub(super) fn programs() -> Option<PathBuf> {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|dir| dir.flatten().map(|entry| entry.path().join("bin")).collect())
        .unwrap_or_default();
    versions.sort();
    let has_all = |dir: &Path| {
        ["initdb", "postgres", "pg_ctl", "psql", "pg_isready"]
            .iter()
            .all(|p| dir.join(p).exists())
    };
    let on_path = || {
        let found = Command::new("bash")
            .args(["-c", "command -v initdb"])
            .output()
            .ok()?;
        let path = PathBuf::from(String::from_utf8(found.stdout).ok()?.trim());
        path.canonicalize().ok()?.parent().map(Path::to_owned)
    };
    versions
        .into_iter()
        .rev()
        .find(|dir| has_all(dir))
        .or_else(|| on_path().filter(|dir| has_all(dir)))
}
