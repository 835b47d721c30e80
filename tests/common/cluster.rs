//! A PostgreSQL server of a test's own, to be taken away and brought back.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use super::databases::programs;

/// Does what its input says, a word a line, and answers each; ends the server with its input.
const RUN: &str = r#"
as() { if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi; }
[ "$(id -u)" != 0 ] || chown postgres "$2"
as "$1/initdb" -D "$2/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null 2>&1 || exit 1
options="-k $2 -c listen_addresses= -c fsync=off -c shared_buffers=16MB"
start() { as "$1/pg_ctl" -D "$2/data" -l "$2/server.log" -o "$options" -w -s start >/dev/null 2>&1; }
stop() { as "$1/pg_ctl" -D "$2/data" -m fast -w -s stop >/dev/null 2>&1; }
start "$1" "$2" && echo done
while read -r word; do "$word" "$1" "$2" && echo done; done
as "$1/pg_ctl" -D "$2/data" -m immediate -s stop
rm -rf "$2"
"#;

pub struct Cluster {
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    _shell: Child,
    pub url: String,
}

impl Cluster {
    /// A fresh server, or `None` where there is no PostgreSQL.
    pub fn start() -> Option<Self> {
        let Some(bin) = programs() else {
            println!("skipped: no PostgreSQL");
            return None;
        };
        let dir = tempfile::Builder::new()
            .prefix("loa-pg-")
            .tempdir()
            .unwrap()
            .keep();
        let url = format!("postgres://postgres@localhost/postgres?host={}", dir.display());
        let mut shell = Command::new("bash")
            .args(["-c", RUN, "loa-test-cluster"])
            .args([&bin, &dir])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut cluster = Self {
            input: shell.stdin.take().unwrap(),
            output: BufReader::new(shell.stdout.take().unwrap()),
            _shell: shell,
            url,
        };
        cluster.is_done();
        Some(cluster)
    }

    fn is_done(&mut self) {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), "done", "PostgreSQL did not do as it was told");
    }

    /// The server goes away, with every connection.
    pub fn stop(&mut self) {
        self.input.write_all(b"stop\n").unwrap();
        self.is_done();
    }

    /// The server comes back.
    pub fn resume(&mut self) {
        self.input.write_all(b"start\n").unwrap();
        self.is_done();
    }
}
