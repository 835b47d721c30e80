//! The real program as a child process, and waiting for what it does.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::{
    io::{AsyncBufReadExt, AsyncRead, BufReader},
    process::{Child, Command},
    sync::mpsc,
    time::{MissedTickBehavior, interval, timeout},
};

/// Long enough for a busy machine; reached only when a test fails.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// `loa` with settings of its own: it sees nothing of this process's environment.
pub struct Loa {
    folder: tempfile::TempDir,
    settings: Vec<(String, String)>,
}

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Loa {
    /// On a database, with one portal that is never reached.
    pub fn new(database_url: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let loa = Self {
            folder,
            settings: Vec::new(),
        };
        loa.with("DATABASE__URL", database_url)
            .with("PORTALS", "sotttt-hanoi")
            .with("WEB__LISTEN", "127.0.0.1:0")
            .with("POLLING__ALLOW_PRIVATE_ADDRESSES", "true")
            .with("POLLING__MIN_INTERVAL_MS", "0")
    }

    /// Sets `LOA__<name>`.
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.settings.push((format!("LOA__{name}"), value.into()));
        self
    }

    /// Sends mail to a relay on that address.
    pub fn with_relay(self, relay: std::net::SocketAddr) -> Self {
        self.with("SMTP__HOST", relay.ip().to_string())
            .with("SMTP__PORT", relay.port().to_string())
            .with("SMTP__TLS", "none")
            .with("SMTP__FROM", "Loa <loa@example.vn>")
    }

    /// Talks to a Bot API at that address.
    pub fn with_bot_api(self, url: &str) -> Self {
        self.with("TELEGRAM__TOKEN", "123456:TEST")
            .with("TELEGRAM__API_URL", url)
    }

    /// Its working folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_loa"));
        command
            .args(arguments)
            .env_clear()
            .envs(self.settings.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// Runs a command to its end.
    pub async fn run(&self, arguments: &[&str]) -> Ended {
        let output = timeout(PATIENCE, self.command(arguments).output());
        let output = output
            .await
            .unwrap_or_else(|_| panic!("loa {arguments:?} did not end"))
            .unwrap();
        Ended {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts a command that goes on.
    pub fn start(&self, arguments: &[&str]) -> Running {
        let mut child = self
            .command(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let (said, lines) = mpsc::unbounded_channel();
        listen(child.stdout.take().unwrap(), said.clone());
        listen(child.stderr.take().unwrap(), said);
        Running {
            child,
            lines,
            heard: String::new(),
        }
    }
}

fn listen(from: impl AsyncRead + Unpin + Send + 'static, said: mpsc::UnboundedSender<String>) {
    tokio::spawn(async move {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            if said.send(line).is_err() {
                return;
            }
        }
    });
}

/// A running `loa`; killed when the test ends.
pub struct Running {
    child: Child,
    lines: mpsc::UnboundedReceiver<String>,
    heard: String,
}

impl Running {
    /// Waits until it prints or logs a line with `part`.
    pub async fn line_with(&mut self, part: &str) -> String {
        let wait = async {
            while let Some(line) = self.lines.recv().await {
                self.heard.push_str(&line);
                self.heard.push('\n');
                if line.contains(part) {
                    return Some(line);
                }
            }
            None
        };
        let found = timeout(PATIENCE, wait).await.ok().flatten();
        found.unwrap_or_else(|| panic!("no line with {part:?} in:\n{}", self.heard))
    }

    /// The address that it says it listens on.
    pub async fn address(&mut self) -> String {
        let line = self.line_with("Listening on http://").await;
        line.trim_start_matches("Listening on ").to_owned()
    }

    /// `kill -9`: no handler runs, nothing is flushed.
    pub async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }

    /// `SIGTERM`, as a service manager sends it.
    pub async fn terminate(&self) {
        let id = self.id().to_string();
        let done = Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        assert!(done.success());
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id().expect("it runs")
    }

    /// Whether it still runs.
    pub fn is_up(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }

    /// Waits for its end; the exit code and what it said.
    pub async fn end(mut self) -> (Option<i32>, String) {
        let status = timeout(PATIENCE, self.child.wait())
            .await
            .expect("it ends")
            .unwrap();
        while let Some(line) = self.lines.recv().await {
            self.heard.push_str(&line);
            self.heard.push('\n');
        }
        (status.code(), self.heard)
    }
}

/// Waits until `condition` holds, which another process or task makes true.
pub async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let look = async {
        let mut ticks = interval(Duration::from_millis(10));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if condition().await {
                return;
            }
        }
    };
    assert!(
        timeout(PATIENCE, look).await.is_ok(),
        "waited in vain until {what}"
    );
}
