//! What a portal's file says about its certificates, over real HTTPS on loopback.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use loa::portal::Portal;
use loa::portal::fetch::{FetchError, FetchSettings, Fetcher};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use url::Url;

use crate::common::certificates::Office;
use crate::common::process::Loa;

/// A portal behind TLS: a page at `/tin`, at `/xuong` a redirect to its own address without TLS.
struct Site {
    port: u16,
    /// Connections of any kind.
    dialled: Arc<AtomicUsize>,
    /// Requests that came through TLS.
    asked: Arc<AtomicUsize>,
}

impl Site {
    async fn start(office: &Office, certificate: &str) -> Self {
        let acceptor = office.acceptor(certificate);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self {
            port: listener.local_addr().unwrap().port(),
            dialled: Arc::default(),
            asked: Arc::default(),
        };
        let (port, dialled, asked) = (site.port, site.dialled.clone(), site.asked.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                dialled.fetch_add(1, Ordering::SeqCst);
                let Ok(mut stream) = acceptor.accept(stream).await else {
                    continue;
                };
                let mut request = Vec::new();
                while !request.ends_with(b"\r\n\r\n")
                    && stream.read_buf(&mut request).await.is_ok_and(|n| n > 0)
                {}
                asked.fetch_add(1, Ordering::SeqCst);
                let path = String::from_utf8_lossy(&request)
                    .split(' ')
                    .nth(1)
                    .map(str::to_owned);
                let head = match path.as_deref() {
                    Some("/tin") => "200 OK\r\ncontent-type: text/html".to_owned(),
                    Some("/xuong") => format!("302 Found\r\nlocation: http://localhost:{port}/tin"),
                    _ => "404 Not Found".to_owned(),
                };
                let answer = format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                let _ = stream.write_all(answer.as_bytes()).await;
                let _ = stream.shutdown().await;
            }
        });
        site
    }

    /// The portal under a name, as its file would describe it.
    fn portal(&self, host: &str, extra_ca_file: Option<&Path>) -> Portal {
        let mut portal = Portal::from_toml(Portal::builtin("quangtri").unwrap()).unwrap();
        portal.base_url = Url::parse(&format!("https://{host}:{}/", self.port)).unwrap();
        portal.extra_ca_file = extra_ca_file.map(|file| file.to_str().unwrap().to_owned());
        portal
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

fn fetcher() -> Fetcher {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Fetcher::new(FetchSettings {
        allow_private_addresses: true,
        min_interval: std::time::Duration::ZERO,
        ..FetchSettings::default()
    })
}

async fn get(fetcher: &Fetcher, portal: &Portal, path: &str) -> Result<(), FetchError> {
    let now: DateTime<Utc> = "2026-11-24T00:00:00Z".parse().unwrap();
    let url = portal.base_url.join(path).unwrap();
    fetcher.get_page(portal, &url, now).await.map(drop)
}

#[tokio::test]
async fn an_unknown_authority_is_refused_until_the_portals_file_names_it() {
    let Some(office) = Office::make() else { return };
    let site = Site::start(&office, "direct").await;
    let fetcher = fetcher();
    let error = get(&fetcher, &site.portal("localhost", None), "/tin").await;
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("certificate") && error.contains("extra_ca_file"),
        "{error}"
    );
    assert_eq!(site.asked(), 0, "not even robots.txt");

    let trusting = site.portal("localhost", Some(&office.file("root")));
    assert_eq!(get(&fetcher, &trusting, "/tin").await, Ok(()));
    let error = get(&fetcher, &site.portal("localhost", None), "/tin").await;
    assert!(error.is_err(), "what one portal trusts, others do not");
}

#[tokio::test]
async fn a_chain_that_the_server_leaves_incomplete_is_completed_from_the_file() {
    let Some(office) = Office::make() else { return };
    let site = Site::start(&office, "indirect").await;
    let missing = office.file("middle");
    assert_eq!(
        get(&fetcher(), &site.portal("localhost", Some(&missing)), "/tin").await,
        Ok(())
    );

    let both = office.file("both");
    std::fs::write(
        &both,
        format!("Two of them:\n{}\n{}", office.pem("root"), office.pem("middle")),
    )
    .unwrap();
    assert_eq!(
        get(&fetcher(), &site.portal("localhost", Some(&both)), "/tin").await,
        Ok(())
    );

    let above = site.portal("localhost", Some(&office.file("root")));
    let error = get(&fetcher(), &above, "/tin").await.unwrap_err().to_string();
    assert!(
        error.contains("extra_ca_file"),
        "the missing one is wanted, not the one above it: {error}"
    );
}

#[tokio::test]
async fn a_certificate_for_another_name_is_refused_whoever_signed_it() {
    let Some(office) = Office::make() else { return };
    let site = Site::start(&office, "direct").await;
    let portal = site.portal("127.0.0.1", Some(&office.file("root")));
    let error = get(&fetcher(), &portal, "/tin").await.unwrap_err();
    assert_eq!(error.kind(), "robots", "{error}");
    assert!(error.to_string().contains("not valid for"), "{error}");
    assert_eq!(site.asked(), 0);
}

#[tokio::test]
async fn a_file_that_holds_no_certificate_is_named_with_its_key_and_portal() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name)
    };
    let damaged = "-----BEGIN CERTIFICATE-----\nTG9hIQ==\n-----END CERTIFICATE-----\n";
    for path in [
        folder.path().join("nowhere.pem"),
        file("empty.pem", ""),
        file("words.pem", "Chứng thư số\n"),
        file("half.pem", &damaged[..40]),
        file("damaged.pem", damaged),
    ] {
        let mut portal = Portal::from_toml(Portal::builtin("quangtri").unwrap()).unwrap();
        portal.extra_ca_file = Some(path.to_str().unwrap().to_owned());
        let error = fetcher().prepare(std::slice::from_ref(&portal)).unwrap_err();
        let text = error.to_string();
        for part in ["portal quangtri", "extra_ca_file", path.to_str().unwrap()] {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert_eq!(get(&fetcher(), &portal, "/tin").await, Err(error));
    }
}

#[tokio::test]
async fn any_certificate_is_accepted_only_for_the_portal_that_says_so() {
    let Some(office) = Office::make() else { return };
    let site = Site::start(&office, "indirect").await;
    let fetcher = fetcher();
    let mut careless = site.portal("127.0.0.1", None);
    careless.accept_invalid_certs = true;
    assert_eq!(get(&fetcher, &careless, "/tin").await, Ok(()));
    let error = get(&fetcher, &site.portal("localhost", None), "/tin").await;
    assert!(error.unwrap_err().to_string().contains("certificate"));
}

#[tokio::test]
async fn a_redirect_from_https_to_http_is_not_followed() {
    let Some(office) = Office::make() else { return };
    let site = Site::start(&office, "direct").await;
    let portal = site.portal("localhost", Some(&office.file("root")));
    let error = get(&fetcher(), &portal, "/xuong").await.unwrap_err();
    assert!(
        matches!(&error, FetchError::RedirectElsewhere { to, .. } if to.starts_with("http://")),
        "{error}"
    );
    assert_eq!(
        (site.dialled.load(Ordering::SeqCst), site.asked()),
        (2, 2),
        "robots.txt and the redirect; nothing in the clear"
    );
}

/// A service that polls two portals of its own, whose files end with the given line.
fn service(last_line: &str) -> Loa {
    let mut loa = Loa::new("sqlite:loa.db");
    let mut files = Vec::new();
    for id in ["mot", "hai"] {
        let text = format!(
            "id = {id:?}\nname = \"Cổng\"\nbase_url = \"https://{id}.invalid/\"\nauthority = \"{id}.invalid\"\nyear = 2026\nprofile = \"3cms\"\n{last_line}\n"
        );
        let file = loa.folder().join(format!("{id}.toml"));
        std::fs::write(&file, text).unwrap();
        files.push(file.to_str().unwrap().to_owned());
    }
    loa = loa.with("PORTALS", files.join(","));
    loa
}

#[tokio::test]
async fn each_start_warns_of_each_portal_whose_certificates_are_not_checked() {
    let loa = service("accept_invalid_certs = true");
    for _ in 0..2 {
        let mut running = loa.start(&["serve", "--only", "poll"]);
        for id in ["mot", "hai"] {
            let line = running.line_with("accept_invalid_certs").await;
            assert!(line.contains("WARN") && line.contains(id), "{line}");
        }
        running.kill().await;
    }
}

#[tokio::test]
async fn a_service_does_not_start_on_a_certificate_file_that_it_cannot_use() {
    let ended = service("extra_ca_file = \"khong-co.pem\"")
        .run(&["serve", "--only", "poll"])
        .await;
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(
        ended.stderr.contains("portal mot: extra_ca_file khong-co.pem"),
        "{ended:?}"
    );
}
