//! The replica of a portal and the Bot API's stand-in that lie beside the project, as child processes on free ports.

use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};

use serde_json::Value;

/// A server that ends with the test.
pub struct StandIn {
    child: Child,
    authority: String,
}

impl StandIn {
    /// A portal made of real pages.
    pub fn replica(arguments: &[&str]) -> Option<Self> {
        Self::start("portal-replica/replica.py", arguments)
    }

    /// The Bot API with its limits.
    pub fn bot_api() -> Option<Self> {
        Self::start("telegram/standin.py", &["--token", "123456:TEST"])
    }

    /// The same without limits, for tests that are not about them.
    pub fn unlimited_bot_api() -> Option<Self> {
        Self::start("telegram/standin.py", &["--token", "123456:TEST", "--no-limits"])
    }

    fn start(script: &str, arguments: &[&str]) -> Option<Self> {
        let path = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared")).join(script);
        if !path.exists() {
            println!("skipped: no ../shared");
            return None;
        }
        let mut child = Command::new("python3")
            .arg("-B")
            .arg(path)
            .args(["--port", "0"])
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take()?).read_line(&mut line).unwrap();
        let authority = line.trim().rsplit("http://").next().unwrap().to_owned();
        Some(Self { child, authority })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.authority)
    }

    /// The body of `/_control/<what>`.
    pub fn control(&self, what: &str) -> String {
        let answer = get(&format!("{}/_control/{what}", self.url()));
        assert_eq!(answer.0, 200, "/_control/{what}");
        answer.1
    }

    /// Tells `/_control/<what>` a JSON object.
    pub fn tell(&self, what: &str, body: &Value) {
        let answer = exchange(
            "POST",
            &format!("{}/_control/{what}", self.url()),
            &body.to_string(),
        );
        assert_eq!(answer.0, 200, "/_control/{what}: {}", answer.1);
    }

    /// The lines of `/_control/<what>`, each a JSON object.
    pub fn lines(&self, what: &str) -> Vec<Value> {
        self.control(what)
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Asks a server on loopback for a page: status and body.
pub fn get(url: &str) -> (u16, String) {
    exchange("GET", url, "")
}

fn exchange(method: &str, url: &str, body: &str) -> (u16, String) {
    exchange_with(method, url, JSON, body)
}

/// What says that a body is JSON, as [`exchange_with`] takes it.
pub const JSON: &str = "Content-Type: application/json\r\n";

/// The same with headers of its own, each with its line's end.
pub fn exchange_with(method: &str, url: &str, headers: &str, body: &str) -> (u16, String) {
    let (authority, path) = url
        .trim_start_matches("http://")
        .split_once('/')
        .expect("an address with a path");
    let mut stream = TcpStream::connect(authority).unwrap();
    write!(
        stream,
        "{method} /{path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n{headers}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
