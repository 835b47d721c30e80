//! Private addresses are refused before a connection, in every dress, by whatever way a page leads there.
//!
//! What follows a first, public hop needs public addresses and names: where the system allows it, that part runs in a
//! network of its own, with nothing but a loopback interface that has a public address too, and its own `/etc/hosts`.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use loa::portal::Portal;
use loa::portal::fetch::{FetchError, FetchSettings, Fetcher};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

fn fetcher(allow_private_addresses: bool) -> Fetcher {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Fetcher::new(FetchSettings {
        allow_private_addresses,
        min_interval: Duration::ZERO,
        connect_timeout: Duration::from_secs(2),
        ..FetchSettings::default()
    })
}

/// Fetches a page of a portal that stands at `base`.
async fn get(fetcher: &Fetcher, base: &str, path: &str) -> Result<(), FetchError> {
    let now: DateTime<Utc> = "2026-11-24T00:00:00Z".parse().unwrap();
    let portal = Portal::from_toml(Portal::builtin("quangtri").unwrap()).unwrap();
    let portal = portal.with_base_url(Url::parse(base).unwrap());
    let url = portal.base_url.join(path).unwrap();
    fetcher.get_page(&portal, &url, now).await.map(drop)
}

/// The cause, where robots.txt was the first to meet it.
fn cause(error: FetchError) -> FetchError {
    match error {
        FetchError::RobotsUnavailable(why) => *why,
        other => other,
    }
}

/// Counts connections; each gets the answer that `answer` gives to its path.
fn serve(listener: TcpListener, answer: fn(&str, u16) -> String) -> Arc<AtomicUsize> {
    let dialled = Arc::new(AtomicUsize::new(0));
    let (count, port) = (dialled.clone(), listener.local_addr().unwrap().port());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            count.fetch_add(1, Ordering::SeqCst);
            let _ = respond(stream, port, answer).await;
        }
    });
    dialled
}

async fn respond(mut stream: TcpStream, port: u16, answer: fn(&str, u16) -> String) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") && stream.read_buf(&mut request).await? > 0 {}
    let request = String::from_utf8_lossy(&request).into_owned();
    let head = answer(request.split(' ').nth(1).unwrap_or_default(), port);
    let whole = format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
    stream.write_all(whole.as_bytes()).await
}

const PAGE: &str = "200 OK\r\ncontent-type: text/html";

fn page(_: &str, _: u16) -> String {
    PAGE.to_owned()
}

/// Hosts that lead to loopback, as an address or by name.
const LOOPBACK: &[&str] = &[
    "127.0.0.1",
    "127.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.0.0.1.",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "localhost",
    "LOCALHOST",
];

/// Private ones of other kinds: nobody is there, and nobody may be asked.
const PRIVATE: &[&str] = &[
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.127.255.254",
    "169.254.169.254",
    "172.16.0.1",
    "192.168.0.1",
    "0xA.1",
    "[::]",
    "[::1]",
    "[fe80::1]",
    "[fd00::1]",
    "[64:ff9b::7f00:1]",
    "[2002:7f00:1::]",
    "[::127.0.0.1]",
];

#[tokio::test]
async fn a_private_address_is_refused_before_a_connection_in_every_dress() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let dialled = serve(listener, page);
    for host in LOOPBACK.iter().chain(PRIVATE) {
        let error = get(&fetcher(false), &format!("http://{host}:{port}/"), "/tin").await;
        let error = cause(error.unwrap_err());
        assert!(
            matches!(error, FetchError::BlockedAddress { .. }),
            "{host}: {error}"
        );
        assert!(
            error.to_string().contains("polling.allow_private_addresses"),
            "{error}"
        );
    }
    assert_eq!(dialled.load(Ordering::SeqCst), 0);

    // The same addresses do lead there, where they are allowed.
    for (already, host) in LOOPBACK.iter().enumerate() {
        let base = format!("http://{host}:{port}/");
        assert_eq!(get(&fetcher(true), &base, "/tin").await, Ok(()), "{host}");
        assert_eq!(
            dialled.load(Ordering::SeqCst),
            2 * (already + 1),
            "{host}: robots.txt and page"
        );
    }
}

/// Even where private addresses are allowed, a portal leads nowhere but to itself.
#[tokio::test]
async fn a_redirect_to_another_host_is_not_followed_even_to_the_same_machine() {
    let other = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let other_port = other.local_addr().unwrap().port();
    let dialled = serve(other, page);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
    // /HOST/PORT: a redirect to there.
    serve(listener, |path, _| {
        match path.trim_start_matches('/').split_once('/') {
            Some((host, port)) => format!("302 Found\r\nlocation: http://{host}:{port}/tin"),
            None => "404 Not Found".to_owned(),
        }
    });
    for host in LOOPBACK.iter().chain(PRIVATE) {
        let error = get(&fetcher(true), &base, &format!("/{host}/{other_port}"))
            .await
            .unwrap_err();
        assert!(
            matches!(error, FetchError::RedirectElsewhere { .. }),
            "{host}: {error}"
        );
    }
    assert_eq!(dialled.load(Ordering::SeqCst), 0);
}

const PUBLIC: &str = "11.11.11.11";

/// Runs the test below in a network of its own.
#[test]
fn a_public_portal_cannot_lead_into_the_private_network() {
    let hosts = tempfile::NamedTempFile::new().unwrap();
    let set_up = format!(
        "set -e; ip link set lo up; ip addr add {PUBLIC}/32 dev lo; mount --bind {} /etc/hosts; exec \"$@\"",
        hosts.path().display()
    );
    let alone = |program: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net", "--mount", "sh", "-c", &set_up, "sh"]);
        command.args(program).output()
    };
    if !alone(&["true"]).is_ok_and(|done| done.status.success()) {
        println!("skipped: no network of its own to be had (unshare, ip, mount)");
        return;
    }
    let this = std::env::current_exe().unwrap();
    let inside = "portal_guard::in_a_network_of_its_own";
    let done = alone(&[
        this.to_str().unwrap(),
        "--ignored",
        "--exact",
        inside,
        "--nocapture",
    ])
    .unwrap();
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    assert!(done.status.success() && said.contains("1 passed"), "{said}");
}

fn resolve(lines: &[(&str, &str)]) {
    let lines: Vec<String> = lines
        .iter()
        .map(|(address, name)| format!("{address} {name}\n"))
        .collect();
    std::fs::write("/etc/hosts", lines.concat()).unwrap();
}

fn in_public(path: &str, port: u16) -> String {
    match path {
        "/tin" => PAGE.to_owned(),
        "/www" => format!("301 Moved\r\nlocation: http://www.cong.example:{port}/tin"),
        "/ten" => format!("301 Moved\r\nlocation: http://noi-bo.example:{port}/tin"),
        // The portal's owner changes where its name leads, once the name has been found to be public.
        "/robots.txt" => {
            let hosts = std::fs::read_to_string("/etc/hosts").unwrap();
            let swapped = hosts.replace(&format!("{PUBLIC} doi.example"), "127.0.0.1 doi.example");
            std::fs::write("/etc/hosts", swapped).unwrap();
            "404 Not Found".to_owned()
        }
        _ => format!(
            "301 Moved\r\nlocation: http://{}:{port}/tin",
            path.trim_start_matches('/')
        ),
    }
}

#[tokio::test]
#[ignore = "rewrites /etc/hosts: run by a_public_portal_cannot_lead_into_the_private_network"]
async fn in_a_network_of_its_own() {
    assert!(
        Path::new("/sys/class/net").read_dir().is_ok(),
        "a system with network interfaces"
    );
    let outside = TcpListener::bind((PUBLIC, 0))
        .await
        .expect("only in the network of its own");
    let port = outside.local_addr().unwrap().port();
    let reached = serve(outside, in_public);
    let dialled = serve(TcpListener::bind(("127.0.0.1", port)).await.unwrap(), page);
    let count = |of: &AtomicUsize| of.load(Ordering::SeqCst);
    resolve(&[
        (PUBLIC, "cong.example"),
        ("127.0.0.1", "www.cong.example"),
        ("10.0.0.5", "noi-bo.example"),
        ("127.0.0.1", "ca-hai.example"),
        (PUBLIC, "ca-hai.example"),
    ]);
    let at = |host: &str| format!("http://{host}:{port}/");

    // A public portal is read, by name and by address.
    assert_eq!(get(&fetcher(false), &at("cong.example"), "/tin").await, Ok(()));
    assert_eq!(get(&fetcher(false), &at(PUBLIC), "/tin").await, Ok(()));

    // Its `www.` is the same portal, but its address is looked at anew.
    let error = cause(
        get(&fetcher(false), &at("cong.example"), "/www")
            .await
            .unwrap_err(),
    );
    assert!(matches!(error, FetchError::BlockedAddress { .. }), "{error}");
    // Anything else is another portal.
    for path in ["/ten".to_owned()]
        .into_iter()
        .chain(LOOPBACK.iter().chain(PRIVATE).map(|h| format!("/{h}")))
    {
        let error = get(&fetcher(false), &at("cong.example"), &path)
            .await
            .unwrap_err();
        assert!(
            matches!(error, FetchError::RedirectElsewhere { .. }),
            "{path}: {error}"
        );
    }

    // Of a name with both kinds of addresses the public one is dialled alone.
    assert_eq!(get(&fetcher(false), &at("ca-hai.example"), "/tin").await, Ok(()));
    assert_eq!(count(&dialled), 0);

    // Rebinding: public when robots.txt is asked, private when the page is.
    resolve(&[(PUBLIC, "doi.example")]);
    let before = count(&reached);
    let error = cause(
        get(&fetcher(false), &at("doi.example"), "/tin")
            .await
            .unwrap_err(),
    );
    assert!(matches!(error, FetchError::BlockedAddress { .. }), "{error}");
    assert_eq!(count(&reached), before + 1, "robots.txt was read");
    assert_eq!(count(&dialled), 0, "nothing private was ever dialled");

    // Without the guard the same name leads there now.
    assert_eq!(get(&fetcher(true), &at("doi.example"), "/tin").await, Ok(()));
    assert!(count(&dialled) > 0);
}
