//! Fetching and reading against the replica of a portal that is kept beside the project, faults and all. Skipped
//! without it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use chrono::{DateTime, Utc};
use loa::portal::Portal;
use loa::portal::extract;
use loa::portal::fetch::{FetchError, FetchSettings, Fetched, Fetcher, Validators};
use url::Url;

use crate::portal_corpus::shared;

struct Replica {
    child: Child,
    base: Url,
}

impl Replica {
    fn start(shape: &str) -> Option<Self> {
        let script = shared("portal-replica/replica.py")?;
        let mut command = Command::new("python3");
        command
            .arg("-B")
            .arg(script)
            .args(["--shape", shape, "--port", "0"])
            .stdout(Stdio::piped());
        let Ok(mut child) = command.spawn() else {
            println!("skipped: no python3");
            return None;
        };
        let mut line = String::new();
        BufReader::new(child.stdout.take()?).read_line(&mut line).ok()?;
        let base = Url::parse(line.trim().rsplit(' ').next()?).ok()?;
        Some(Self { child, base })
    }

    /// Asks one of the replica's own `/_control/` pages.
    fn control(&self, what: &str) -> String {
        let address = format!("127.0.0.1:{}", self.base.port().unwrap_or_default());
        let mut stream = TcpStream::connect(address).expect("the replica listens");
        write!(stream, "GET /_control/{what} HTTP/1.0\r\n\r\n").expect("the replica reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the replica answers");
        answer
    }
}

impl Drop for Replica {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn now() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("a date")
}

fn fetcher(timeout: Duration) -> Fetcher {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let settings = FetchSettings {
        allow_private_addresses: true,
        min_interval: Duration::ZERO,
        timeout,
        ..FetchSettings::default()
    };
    Fetcher::new(settings)
}

#[tokio::test]
async fn a_list_and_its_articles_are_fetched_read_and_asked_again() {
    let Some(replica) = Replica::start("liferay62") else {
        return;
    };
    let text = Portal::builtin("sotttt-hanoi").unwrap();
    let portal = Portal::from_toml(text)
        .unwrap()
        .with_base_url(replica.base.clone());
    let fetcher = fetcher(Duration::from_secs(30));
    let url = portal.section_url(&portal.sections[0]);
    let Ok(Fetched::Page(page)) = fetcher.get(&portal, &url, &Validators::default(), now()).await else {
        panic!()
    };
    let list = extract::list(&page.html, &page.final_url, &portal.profiles[0], now()).unwrap();
    assert_eq!(list.items.len(), 10);
    let next = list.next.unwrap();
    assert_eq!(next.query(), Some("_101_cur=2"));
    let again = fetcher.get(&portal, &url, &page.validators, now()).await;
    assert!(matches!(again, Ok(Fetched::NotModified { .. })), "{again:?}");
    for item in &list.items[..3] {
        let Ok(Fetched::Page(page)) = fetcher
            .get(&portal, &item.url, &Validators::default(), now())
            .await
        else {
            panic!()
        };
        let reading =
            loa::portal::report::read(&page.html, &page.final_url, std::slice::from_ref(&portal), now())
                .unwrap();
        let found = reading.article().unwrap();
        assert_eq!(
            (found.key.as_str(), found.published),
            (item.key.as_str(), item.published)
        );
        assert!(
            item.title_is_cut || found.title == item.title,
            "{} {}",
            found.title,
            item.title
        );
    }
    assert!(!replica.control("log").contains("\"path\": \"/quan-tri/"));
}

#[tokio::test]
async fn every_fault_has_its_error() {
    let Some(replica) = Replica::start("liferay62") else {
        return;
    };
    let text = Portal::builtin("sotttt-hanoi").unwrap();
    let portal = Portal::from_toml(text)
        .unwrap()
        .with_base_url(replica.base.clone());
    let url = portal.section_url(&portal.sections[0]);
    let mut kinds = Vec::new();
    for (fault, seconds) in [
        ("500", 30),
        ("503", 30),
        ("429", 30),
        ("slow", 1),
        ("truncated", 30),
        ("loop", 30),
        ("bomb", 60),
        ("wrongtype", 30),
    ] {
        replica.control("reset");
        replica.control(&format!("fault?kind={fault}&n=9&match=cong-nghe"));
        // A fetcher of its own, so that a fault's Retry-After does not hold the next one back.
        let error = fetcher(Duration::from_secs(seconds))
            .get(&portal, &url, &Validators::default(), now())
            .await;
        let error = error.expect_err(fault);
        kinds.push(format!(
            "{fault}: {} {:?}",
            error.kind(),
            error.retry_after().map(|w| w.as_secs())
        ));
        if fault == "bomb" {
            assert!(matches!(error, FetchError::TooLarge { limit_bytes, .. } if limit_bytes <= 8 << 20));
        }
    }
    insta::assert_debug_snapshot!(kinds, @r#"
    [
        "500: status None",
        "503: status Some(2)",
        "429: status Some(2)",
        "slow: timeout None",
        "truncated: broken None",
        "loop: redirect None",
        "bomb: too-large None",
        "wrongtype: wrong-type None",
    ]
    "#);
    for fault in ["challenge", "empty"] {
        replica.control("reset");
        replica.control(&format!("fault?kind={fault}&n=9&match=cong-nghe"));
        let page = fetcher(Duration::from_secs(30))
            .get(&portal, &url, &Validators::default(), now())
            .await;
        let Ok(Fetched::Page(page)) = page else {
            panic!("{page:?}")
        };
        let error = extract::list(&page.html, &url, &portal.profiles[0], now()).unwrap_err();
        let is_told = matches!(
            error,
            extract::ExtractError::Challenge { .. } | extract::ExtractError::Maintenance { .. }
        );
        assert!(is_told, "{fault}: {error}");
    }
}
