//! What others do when something is down: nothing is lost, nothing is told twice, and the log says what and when next.

use std::{collections::BTreeMap, net::SocketAddr, sync::Arc};

use chrono::{DateTime, TimeDelta, Utc};
use loa::{
    app::App,
    clock::Clock,
    config::{Config, Layers},
    demo::telegram::TelegramStandIn,
    domain::subscription::Frequency,
    jobs::{Step, digest::digest, dispatch::Dispatch, fanout::fanout},
    store::Store,
};
use tokio::net::TcpListener;

use crate::common::{
    cluster::Cluster,
    databases::{TestDb, for_each_db},
    process::{Loa, until},
    records::{prepare, record, start, subscribe},
    smtp::{At, Fault, Sink},
    sql::Sql,
    stand_ins::get,
};

for_each_db!(
    mail_waits_while_the_relay_is_down_and_is_sent_when_it_returns,
    posts_wait_while_telegram_is_down_and_are_sent_when_it_returns,
    alerts_that_waited_too_long_for_telegram_are_told_in_the_next_digest,
    a_portal_that_is_down_is_asked_less_and_less_while_the_pages_stay_up,
    a_delivery_under_way_is_finished_and_marked_before_the_service_stops,
);

/// An address on which nothing listens, and on which no other test will: they all take 127.0.0.1.
async fn closed() -> SocketAddr {
    for host in ["127.0.0.2:0", "127.0.0.1:0"] {
        if let Ok(listener) = TcpListener::bind(host).await {
            return listener.local_addr().unwrap();
        }
    }
    panic!("no loopback address");
}

/// The program's parts with a clock turned by hand, and one alert owed to `address`.
async fn owing(db: &TestDb, address: &str, settings: &[(&str, String)]) -> App {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut layers = Layers::read(None, &BTreeMap::new()).unwrap();
    layers.set_text("database.url", &db.url, "test").unwrap();
    for (key, value) in settings {
        layers.set_text(key, value, "test").unwrap();
    }
    let mut app = App::build(Config::from_layers(&layers).unwrap(), &[])
        .await
        .unwrap();
    app.clock = Clock::manual(start());
    announce(&app.store, address, start()).await;
    let clock = app.clock.clone();
    while fanout(&app.store, clock.now()).await.unwrap() != Step::Idle {}
    app
}

/// Records an article that one person is to be told.
async fn announce(store: &Store, address: &str, now: DateTime<Utc>) {
    let section = prepare(store, now).await;
    subscribe(store, address, "all", Frequency::Instant).await;
    let round = store.open_fanout(now).await.unwrap();
    record(store, section, 1, &[], Some(round)).await;
    store.close_fanout(round, now).await.unwrap();
}

async fn run(dispatch: &Dispatch) {
    while dispatch.step().await.unwrap() != Step::Idle {}
}

fn only_dispatch(app: &App) -> Dispatch {
    let mut dispatches = app.dispatches().unwrap();
    // The other one is of webhooks, which need no setting.
    assert_eq!(dispatches.len(), 2);
    dispatches.remove(0)
}

async fn states(db: &TestDb) -> Vec<String> {
    let mut sql = Sql::connect(&db.url).await;
    sql.texts("SELECT kind || ' ' || state || ' ' || attempts FROM deliveries ORDER BY id")
        .await
}

fn relay(address: SocketAddr) -> Vec<(&'static str, String)> {
    vec![
        ("smtp.host", address.ip().to_string()),
        ("smtp.port", address.port().to_string()),
        ("smtp.tls", "none".to_owned()),
        ("smtp.from", "Loa <loa@example.vn>".to_owned()),
    ]
}

fn bot_api(address: SocketAddr) -> Vec<(&'static str, String)> {
    vec![
        ("telegram.token", "123456:TEST".to_owned()),
        ("telegram.api_url", format!("http://{address}")),
    ]
}

/// A Bot API at that address.
async fn start_bot_api(address: SocketAddr) -> TelegramStandIn {
    let bot_api = TelegramStandIn::new(start);
    let listener = TcpListener::bind(address).await.unwrap();
    let router = bot_api.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    bot_api
}

async fn mail_waits_while_the_relay_is_down_and_is_sent_when_it_returns(db: TestDb) {
    let address = closed().await;
    let app = owing(&db, "lan@example.vn", &relay(address)).await;
    let dispatch = only_dispatch(&app);
    run(&dispatch).await;
    assert_eq!(states(&db).await, ["alert queued 1"]);
    run(&dispatch).await;
    assert_eq!(states(&db).await, ["alert queued 1"], "not before it is due");
    app.clock.advance(TimeDelta::minutes(1));
    run(&dispatch).await;
    assert_eq!(states(&db).await, ["alert queued 2"]);

    let sink = Sink::start_at(address).await;
    app.clock.advance(TimeDelta::minutes(5));
    run(&dispatch).await;
    assert_eq!(states(&db).await, ["alert sent 3"]);
    app.clock.advance(TimeDelta::days(2));
    run(&dispatch).await;
    assert_eq!(sink.taken_count(), 1);
}

async fn posts_wait_while_telegram_is_down_and_are_sent_when_it_returns(db: TestDb) {
    let address = closed().await;
    let app = owing(&db, "700100200", &bot_api(address)).await;
    let dispatch = only_dispatch(&app);
    run(&dispatch).await;
    assert_eq!(
        states(&db).await,
        ["alert queued 0"],
        "a connection that was never made is no unknown outcome, and no attempt"
    );
    let bot_api = start_bot_api(address).await;
    app.clock.advance(TimeDelta::minutes(1));
    run(&dispatch).await;
    assert_eq!(states(&db).await, ["alert sent 1"]);
    assert_eq!(bot_api.messages().len(), 1);
}

async fn alerts_that_waited_too_long_for_telegram_are_told_in_the_next_digest(db: TestDb) {
    let address = closed().await;
    let app = owing(&db, "700100200", &bot_api(address)).await;
    let dispatch = only_dispatch(&app);
    // 15:00 in the portal's zone; the alert may be six hours old.
    for _ in 0..7 {
        run(&dispatch).await;
        app.clock.advance(TimeDelta::hours(1));
    }
    run(&dispatch).await;
    let state = states(&db).await;
    assert!(state[0].starts_with("alert folded"), "{state:?}");
    let bot_api = start_bot_api(address).await;
    run(&dispatch).await;
    assert_eq!(bot_api.messages().len(), 0, "old news is not sent as an alert");

    // 07:00 the next morning.
    app.clock.advance(TimeDelta::hours(9));
    let usual = app.config.alerts.usual_digests();
    while digest(&app.store, usual, app.clock.now()).await.unwrap() != Step::Idle {}
    run(&dispatch).await;
    let state = states(&db).await;
    assert_eq!(state.len(), 2, "{state:?}");
    assert_eq!(state[1], "digest sent 1");
    let messages = bot_api.messages();
    assert_eq!(messages.len(), 1);
    assert!(
        messages[0].text.contains("đề tài khoa học số 1"),
        "{}",
        messages[0].text
    );
}

async fn a_portal_that_is_down_is_asked_less_and_less_while_the_pages_stay_up(db: TestDb) {
    let elsewhere = format!("sotttt-hanoi=http://{}", closed().await);
    let loa = Loa::new(&db.url);
    let mut waits = Vec::new();
    for _ in 0..2 {
        let ended = loa.run(&["poll", "--portal-url", &elsewhere]).await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let line = ended.stdout.lines().nth(1).unwrap();
        assert!(line.contains("failed"), "{line}");
        let rows = db.store.sections().await.unwrap();
        let row = rows.iter().find(|row| row.portal == "sotttt-hanoi").unwrap();
        waits.push((row.next_poll_at - row.polled_at.unwrap()).num_minutes());
    }
    assert_eq!(waits, [1, 2]);

    db.store
        .make_due(None, None, start() - TimeDelta::days(365))
        .await
        .unwrap();
    let mut service = loa.start(&["serve", "--portal-url", &elsewhere]);
    let address = service.address().await;
    let warning = service.line_with("Could not poll sotttt-hanoi/").await;
    assert!(warning.contains("WARN") && warning.contains("next"), "{warning}");
    for path in ["/healthz", "/readyz", "/", "/feeds/all.rss"] {
        assert_eq!(get(&format!("{address}{path}")).0, 200, "{path}");
    }
    service.terminate().await;
    assert_eq!(service.end().await.0, Some(0));
}

async fn a_delivery_under_way_is_finished_and_marked_before_the_service_stops(db: TestDb) {
    let sink = Sink::start().await;
    let section = prepare(&db.store, start()).await;
    for n in 1..=3 {
        subscribe(
            &db.store,
            &format!("nguoi-{n}@example.vn"),
            "all",
            Frequency::Instant,
        )
        .await;
    }
    let round = db.store.open_fanout(start()).await.unwrap();
    record(&db.store, section, 1, &[], Some(round)).await;
    db.store.close_fanout(round, start()).await.unwrap();
    sink.fault(At::Dot, Fault::Hold);
    let loa = Loa::new(&db.url)
        .with_relay(sink.address)
        .with("SMTP__CONNECTIONS", "1");
    let mut service = loa.start(&["serve", "--only", "send"]);
    until("the relay took a mail", async || sink.taken_count() == 1).await;
    service.terminate().await;
    service.line_with("Stopping").await;
    assert!(service.is_up(), "it waits for the relay's answer");
    sink.release();
    let (code, said) = service.end().await;
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(sink.taken_count(), 1, "nothing new was begun");
    let states = states(&db).await;
    assert_eq!(
        states,
        ["alert sent 1", "alert queued 0", "alert queued 0"],
        "the rest is given back as if it had never been claimed"
    );
    // The next start sends the rest, at once.
    let service = loa.start(&["serve", "--only", "send"]);
    until("the rest was sent", async || sink.taken_count() == 3).await;
    service.terminate().await;
    assert_eq!(service.end().await.0, Some(0));
}

#[tokio::test]
async fn a_database_that_cannot_be_written_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("loa.db");
    let url = format!("sqlite:{}", file.display());
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
    let table = [
        "sqlite:/nonexistent/folder/loa.db".to_owned(),
        format!("sqlite:{}", folder.path().display()),
        format!("{url}?mode=ro"),
    ];
    for url in table {
        let ended = Loa::new(&url).run(&["serve"]).await;
        assert_eq!(ended.code, Some(2), "{url}: {ended:?}");
        let error = ended.stderr.trim();
        assert_eq!(error.lines().count(), 1, "{url}: {error}");
        assert!(
            error.contains("database.url") && error.contains("write"),
            "{url}: {error}"
        );
    }
}

#[tokio::test]
async fn a_database_server_that_is_away_at_the_start_ends_it_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let address = closed().await;
    let table = [
        (format!("postgres://loa:mat-khau@{address}/loa"), "refused"),
        (
            format!(
                "postgres://loa:mat-khau@localhost/loa?host={}",
                folder.path().display()
            ),
            "No such file",
        ),
    ];
    for (url, reason) in table {
        let ended = Loa::new(&url).run(&["serve"]).await;
        assert_eq!(ended.code, Some(1), "{url}: {ended:?}");
        let error = ended.stderr.trim();
        assert_eq!(error.lines().count(), 1, "{url}: {error}");
        assert!(
            error.contains("database.url") && error.contains(reason),
            "{url}: {error}"
        );
        assert!(!error.contains("mat-khau"), "a password is not shown: {error}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_server_that_goes_away_is_waited_for_and_what_is_owed_is_sent_after() {
    let Some(mut cluster) = Cluster::start() else {
        return;
    };
    let sink = Sink::start().await;
    let store = Store::open(&cluster.url).await.unwrap();
    store.migrate().await.unwrap();
    let loa = Loa::new(&cluster.url).with_relay(sink.address);
    let mut service = loa.start(&["serve", "--only", "send,web"]);
    let address = Arc::new(service.address().await);
    let ready = async || {
        let url = format!("{address}/readyz");
        tokio::task::spawn_blocking(move || get(&url).0).await.unwrap()
    };
    until("it is ready", async || ready().await == 200).await;

    cluster.stop();
    assert_eq!(ready().await, 503);
    service.line_with("is tried again").await;
    assert!(service.is_up());
    assert_eq!(get(&format!("{address}/healthz")).0, 200);

    cluster.resume();
    until("it is ready again", async || ready().await == 200).await;
    announce(&store, "lan@example.vn", start()).await;
    until("what is owed was sent", async || sink.taken_count() == 1).await;
    service.terminate().await;
    let (code, said) = service.end().await;
    assert_eq!(code, Some(0), "{said}");
}
