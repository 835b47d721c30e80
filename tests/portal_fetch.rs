//! Fetching: manners, caps and refusals, against a small server that answers by script.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use loa::portal::Portal;
use loa::portal::fetch::{FetchError, FetchSettings, Fetched, Fetcher, Validators};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

/// A server on loopback: a raw answer for each path, and what was asked.
struct Server {
    base: Url,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    async fn start(answers: &[(&str, &[u8])]) -> Self {
        let answers: HashMap<String, Vec<u8>> = answers
            .iter()
            .map(|(p, a)| ((*p).to_owned(), a.to_vec()))
            .collect();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let base = format!("http://{}/", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = Vec::new();
                while !request.windows(4).any(|w| w == b"\r\n\r\n")
                    && stream.read_buf(&mut request).await.is_ok_and(|n| n > 0)
                {}
                let request = String::from_utf8_lossy(&request).into_owned();
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                log.lock().unwrap_or_else(PoisonError::into_inner).push(request);
                let none =
                    b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".to_vec();
                let answer = answers.get(&path).unwrap_or(&none);
                if answer.is_empty() {
                    tokio::spawn(async move {
                        let _kept_open = stream;
                        std::future::pending::<()>().await;
                    });
                    continue;
                }
                let _ = stream.write_all(answer).await;
            }
        });
        Self {
            base: Url::parse(&base).expect("an address"),
            asked,
        }
    }

    fn portal(&self) -> Portal {
        let text = Portal::builtin("quangtri").expect("compiled in");
        Portal::from_toml(text)
            .expect("a portal's file")
            .with_base_url(self.base.clone())
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn get(&self, path: &str) -> Result<Fetched, FetchError> {
        self.get_by(&fetcher(settings()), path, &Validators::default())
            .await
    }

    async fn get_by(
        &self,
        fetcher: &Fetcher,
        path: &str,
        validators: &Validators,
    ) -> Result<Fetched, FetchError> {
        let url = self.base.join(path).expect("a path");
        fetcher.get(&self.portal(), &url, validators, now()).await
    }
}

fn settings() -> FetchSettings {
    FetchSettings {
        allow_private_addresses: true,
        min_interval: Duration::ZERO,
        contact: "staff@loa.example".to_owned(),
        ..FetchSettings::default()
    }
}

fn fetcher(settings: FetchSettings) -> Fetcher {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Fetcher::new(settings)
}

fn now() -> DateTime<Utc> {
    "2023-11-30T01:00:00Z".parse().expect("a date")
}

fn answer(head: &str, body: &[u8]) -> Vec<u8> {
    let length = format!(
        "HTTP/1.1 {head}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    [length.as_bytes(), body].concat()
}

#[tokio::test]
async fn a_page_comes_decoded_and_asks_again_with_the_same_validators() {
    let page = answer(
        "200 OK\r\ncontent-type: text/html\r\netag: W/\"a\\b\"\r\nlast-modified: Thu",
        "Quảng Trị".as_bytes(),
    );
    let same = answer("304 Not Modified\r\netag: W/\"c\"", b"");
    let server = Server::start(&[("/tin", &page), ("/same", &same)]).await;
    let fetcher = fetcher(settings());
    let Ok(Fetched::Page(page)) = server.get_by(&fetcher, "/tin", &Validators::default()).await else {
        panic!()
    };
    assert_eq!(
        (page.html.as_str(), page.status, page.moved_to),
        ("Quảng Trị", 200, None)
    );
    assert_eq!(page.validators.etag.as_deref(), Some("W/\"a\\b\""));

    let Ok(Fetched::NotModified { validators, .. }) =
        server.get_by(&fetcher, "/same", &page.validators).await
    else {
        panic!()
    };
    assert_eq!(validators.etag.as_deref(), Some("W/\"c\""));
    assert_eq!(validators.last_modified.as_deref(), Some("Thu"));

    let asked = server.asked();
    assert!(asked[0].starts_with("GET /robots.txt "), "robots.txt comes first");
    let last = asked.last().unwrap();
    assert!(
        last.contains("if-none-match: W/\"a\\b\"\r\n") && last.contains("if-modified-since: Thu\r\n"),
        "{last}"
    );
    assert!(
        last.contains("accept-language: vi,en;q=0.5\r\n") && last.contains("accept-encoding: gzip, br\r\n"),
        "{last}"
    );
    assert!(
        last.contains("(+staff@loa.example)\r\n") && last.contains("from: staff@loa.example\r\n"),
        "{last}"
    );
    assert_eq!(asked.len(), 3, "robots.txt is read once a day");
}

#[tokio::test]
async fn what_is_no_page_is_refused_with_its_reason() {
    let wrong = answer("200 OK\r\ncontent-type: application/octet-stream", b"\x00\x01");
    let gone = answer("410 Gone", b"");
    let failing = answer("500 Oops", b"");
    let short =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 99\r\nconnection: close\r\n\r\nhalf"
            .to_vec();
    let long = answer("200 OK\r\ncontent-type: text/html", &[b'a'; 5000]);
    let server = Server::start(&[
        ("/wrong", &wrong),
        ("/gone", &gone),
        ("/failing", &failing),
        ("/short", &short),
        ("/long", &long),
        ("/slow", b""),
    ])
    .await;
    let small = FetchSettings {
        max_body_bytes: 4096,
        timeout: Duration::from_millis(300),
        ..settings()
    };
    let fetcher = fetcher(small);
    let mut kinds = Vec::new();
    for path in [
        "/wrong", "/gone", "/nowhere", "/failing", "/short", "/long", "/slow",
    ] {
        let error = server
            .get_by(&fetcher, path, &Validators::default())
            .await
            .expect_err(path);
        assert!(
            error.to_string().contains(path) && error.to_string().contains(';') || path == "/failing",
            "{error}"
        );
        kinds.push(error.kind());
    }
    assert_eq!(
        kinds,
        [
            "wrong-type",
            "gone",
            "not-found",
            "status",
            "broken",
            "too-large",
            "timeout"
        ]
    );
}

#[tokio::test]
async fn redirects_are_followed_within_the_portal_and_not_in_circles() {
    let to = |location: &str| answer(&format!("301 Moved\r\nlocation: {location}"), b"");
    let page = answer("200 OK\r\ncontent-type: text/html", b"x");
    let chain: Vec<_> = (0..7)
        .map(|i| (format!("/c{i}"), to(&format!("/c{}", i + 1))))
        .collect();
    let mut answers: Vec<(&str, Vec<u8>)> = vec![
        ("/old", to("/new")),
        ("/new", page),
        ("/circle", to("/circle")),
        ("/away", to("https://elsewhere.example/")),
    ];
    answers.extend(chain.iter().map(|(p, a)| (p.as_str(), a.clone())));
    let answers: Vec<(&str, &[u8])> = answers.iter().map(|(p, a)| (*p, a.as_slice())).collect();
    let server = Server::start(&answers).await;
    let Ok(Fetched::Page(page)) = server.get("/old").await else {
        panic!()
    };
    assert_eq!(page.final_url.path(), "/new");
    assert_eq!(page.moved_to.unwrap().path(), "/new");
    assert!(matches!(
        server.get("/circle").await,
        Err(FetchError::RedirectLoop { .. })
    ));
    assert!(matches!(
        server.get("/away").await,
        Err(FetchError::RedirectElsewhere { .. })
    ));
    assert!(matches!(
        server.get("/c0").await,
        Err(FetchError::TooManyRedirects { limit: 5, .. })
    ));
}

#[tokio::test]
async fn a_host_that_asks_to_wait_is_left_alone() {
    let busy = answer("503 Busy\r\nretry-after: 120", b"");
    let page = answer("200 OK\r\ncontent-type: text/html", b"x");
    let server = Server::start(&[("/busy", &busy), ("/tin", &page)]).await;
    let fetcher = fetcher(settings());
    let error = server
        .get_by(&fetcher, "/busy", &Validators::default())
        .await
        .unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_mins(2)));
    let count = server.asked().len();
    let error = server
        .get_by(&fetcher, "/tin", &Validators::default())
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::AskedToWait { .. }), "{error}");
    assert_eq!(server.asked().len(), count, "nothing was sent");
}

#[tokio::test]
async fn robots_txt_is_obeyed_and_its_failure_stops_everything() {
    let robots = answer(
        "200 OK\r\ncontent-type: text/plain",
        b"User-agent: *\nDisallow: /quan-tri/",
    );
    let page = answer("200 OK\r\ncontent-type: text/html", b"x");
    let server = Server::start(&[("/robots.txt", &robots), ("/quan-tri/", &page), ("/tin", &page)]).await;
    assert!(matches!(
        server.get("/quan-tri/").await,
        Err(FetchError::Robots { .. })
    ));
    assert!(server.get("/tin").await.is_ok());
    let failing = Server::start(&[("/robots.txt", &answer("500 Oops", b"")), ("/tin", &page)]).await;
    assert!(matches!(
        failing.get("/tin").await,
        Err(FetchError::RobotsUnavailable(_))
    ));
    assert_eq!(failing.asked().len(), 1);
}

#[tokio::test]
async fn private_addresses_and_other_sites_are_refused() {
    let server = Server::start(&[]).await;
    let fetcher = fetcher(FetchSettings {
        allow_private_addresses: false,
        min_interval: Duration::ZERO,
        ..FetchSettings::default()
    });
    let error = server
        .get_by(&fetcher, "/tin", &Validators::default())
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::BlockedAddress { .. }), "{error}");
    let named = Url::parse(&server.base.as_str().replace("127.0.0.1", "localhost")).unwrap();
    let error = fetcher
        .get(
            &server.portal().with_base_url(named.clone()),
            &named,
            &Validators::default(),
            now(),
        )
        .await;
    let error = error.unwrap_err();
    assert!(matches!(error, FetchError::BlockedAddress { .. }), "{error:?}");
    let elsewhere = Url::parse("http://elsewhere.example/tin").unwrap();
    let error = fetcher
        .get(&server.portal(), &elsewhere, &Validators::default(), now())
        .await
        .unwrap_err();
    assert!(matches!(error, FetchError::RedirectElsewhere { .. }), "{error}");
    assert!(server.asked().is_empty(), "not even robots.txt was asked");
}

#[tokio::test]
async fn requests_to_one_host_keep_their_distance() {
    let page = answer("200 OK\r\ncontent-type: text/html", b"x");
    let server = Server::start(&[("/tin", &page)]).await;
    let fetcher = fetcher(FetchSettings {
        min_interval: Duration::from_millis(80),
        ..settings()
    });
    let started = tokio::time::Instant::now();
    let none = Validators::default();
    let (first, second) = tokio::join!(
        server.get_by(&fetcher, "/tin", &none),
        server.get_by(&fetcher, "/tin", &none)
    );
    assert!(first.is_ok() && second.is_ok());
    assert!(
        started.elapsed() >= Duration::from_millis(160),
        "robots.txt, page, page"
    );
}

#[tokio::test]
async fn a_bad_certificate_file_is_named() {
    let server = Server::start(&[]).await;
    let mut portal = server.portal();
    portal.extra_ca_file = Some("/nowhere/ca.pem".to_owned());
    let error = fetcher(settings())
        .get(&portal, &server.base, &Validators::default(), now())
        .await
        .unwrap_err();
    assert!(error.to_string().contains("/nowhere/ca.pem"), "{error}");
}
