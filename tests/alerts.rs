//! From an owed alert to a message: the dispatch step with a clock turned by hand, over memory, a mail server that fails
//! when told to, and a Bot API that answers by script.

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    http::{StatusCode, header},
};
use axum_test::TestServer;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use loa::{
    clock::Clock,
    domain::{subscription::Frequency, token::Tokens},
    jobs::{
        Step,
        digest::digest,
        dispatch::{Dispatch, Origin, Transport},
        fanout::fanout,
    },
    notify::{
        Secret,
        email::{Mailer, Outbox, SmtpSettings},
        message::{Mail, Sender},
        telegram::{Telegram, TelegramSettings},
    },
    store::{CLAIM_LEASE, Recorded, Store},
    web,
};
use serde_json::{Value, json};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record_page, start, subscribe},
    site,
    smtp::{At, Fault, Sink},
    sql,
};

for_each_db!(
    one_round_is_one_message_to_each_subscriber,
    a_passing_failure_is_tried_again_by_the_table_and_given_up_in_the_end,
    an_address_that_is_gone_ends_its_subscriber,
    a_refused_mail_fails_and_its_subscriber_stays,
    a_lost_answer_after_the_dot_leads_to_one_late_retry_with_the_same_message_id,
    a_lost_lease_sends_nothing,
    what_was_not_started_is_given_back_when_the_process_is_to_end,
    a_delivery_that_cannot_be_worked_on_waits_for_its_lease,
    an_alert_too_old_is_told_by_the_next_digest,
    a_digest_goes_out_at_seven_in_viet_nam_once_and_never_empty,
    an_article_withdrawn_meanwhile_is_not_told,
    someone_who_unsubscribed_meanwhile_is_told_nothing,
    a_chat_that_moved_is_followed,
    a_chat_that_blocked_the_bot_is_ended,
    the_unsubscribe_link_of_a_mail_works_over_http,
);

const LAN: &str = "lan@example.vn";

/// A store with something to tell, and a clock.
struct World {
    db: TestDb,
    clock: Clock,
    section: i64,
    tokens: Tokens,
    stop: CancellationToken,
}

impl World {
    async fn new(db: TestDb) -> Self {
        Self {
            section: prepare(&db.store, start()).await,
            clock: Clock::manual(start()),
            tokens: Tokens::new("test"),
            stop: CancellationToken::new(),
            db,
        }
    }

    /// One subscriber who is owed one article.
    async fn owing(db: TestDb, address: &str) -> Self {
        let world = Self::new(db).await;
        subscribe(&world.db.store, address, "all", Frequency::Instant).await;
        world.round(&[1]).await;
        world
    }

    /// A polling round that found these articles, fanned out. Odd ones are about science.
    async fn round(&self, numbers: &[i64]) -> Vec<i64> {
        let (store, now) = (&self.db.store, self.clock.now());
        let round = store.open_fanout(now).await.unwrap();
        let mut ids = Vec::new();
        for n in numbers {
            let topics: &[&str] = if n % 2 == 1 { &["khoa-hoc-cong-nghe"] } else { &[] };
            let recorded = record_page(store, self.section, &page(*n), topics, Some(round), now).await;
            let Recorded::New(id) = recorded else {
                panic!("article {n} is new")
            };
            ids.push(id);
        }
        store.close_fanout(round, now).await.unwrap();
        while fanout(store, now).await.unwrap() != Step::Idle {}
        ids
    }

    fn dispatch(&self, transport: Transport) -> Dispatch {
        let origin = Origin {
            public_url: site::PUBLIC_URL.to_owned(),
            portal_name: "Cổng mẫu".to_owned(),
            authority: "loa.example".to_owned(),
            operator: String::new(),
            instance: "1".to_owned(),
        };
        Dispatch {
            store: self.db.store.clone(),
            clock: self.clock.clone(),
            transport,
            labels: site::labels().into(),
            origin: Arc::new(origin),
            tokens: self.tokens.clone(),
            instant_max_age: TimeDelta::hours(6),
            stop: self.stop.clone(),
        }
    }

    fn mails(&self, mailer: Mailer) -> Dispatch {
        self.dispatch(Transport::Email {
            mailer,
            from: Sender::parse("Loa <loa@example.vn>").unwrap(),
            connections: 1,
        })
    }

    /// Dispatch to memory.
    fn to_memory(&self) -> (Dispatch, Outbox) {
        let outbox = Outbox::default();
        (self.mails(Mailer::Memory(outbox.clone())), outbox)
    }

    /// Dispatch to a mail server.
    fn to_server(&self, port: u16) -> Dispatch {
        self.mails(Mailer::smtp(SmtpSettings::relay("127.0.0.1", port)).unwrap())
    }

    async fn digest(&self) -> Step {
        let seven = NaiveTime::from_hms_opt(7, 0, 0).unwrap();
        digest(&self.db.store, seven, self.clock.now()).await.unwrap()
    }

    /// `state count` over all deliveries.
    async fn states(&self) -> Vec<String> {
        let counts = self.db.store.delivery_counts().await.unwrap();
        counts
            .iter()
            .map(|(_, state, n)| format!("{state} {n}"))
            .collect()
    }

    async fn ended(&self) -> i64 {
        sql::count(
            &self.db.url,
            "SELECT COUNT(*) FROM subscribers WHERE ended_at IS NOT NULL",
        )
        .await
    }
}

async fn run(dispatch: &Dispatch) -> usize {
    let mut worked = 0;
    while let Step::Worked(n) = dispatch.step().await.unwrap() {
        worked += n;
        assert!(worked < 1000, "dispatch goes round in circles");
    }
    worked
}

/// Whom, and the articles of the sample that the mail tells.
fn told(outbox: &Outbox) -> Vec<(String, Vec<i64>)> {
    let mut told: Vec<_> = outbox
        .mails()
        .iter()
        .map(|mail| (mail.to.as_str().to_owned(), numbers(mail)))
        .collect();
    told.sort();
    told
}

fn numbers(mail: &Mail) -> Vec<i64> {
    (1..=9)
        .filter(|n| {
            mail.text
                .contains(&format!("Tỉnh công bố đề tài khoa học số {n}\n"))
        })
        .collect()
}

fn of(who: &str, what: &[i64]) -> (String, Vec<i64>) {
    (who.to_owned(), what.to_vec())
}

async fn one_round_is_one_message_to_each_subscriber(db: TestDb) {
    let world = World::new(db).await;
    let store = &world.db.store;
    for (who, watch, frequency) in [
        (LAN, "all", Frequency::Instant),
        (LAN, "topic:khoa-hoc-cong-nghe", Frequency::Instant),
        (LAN, "section:mau/khoa-hoc", Frequency::Instant),
        ("topic@example.vn", "topic:khoa-hoc-cong-nghe", Frequency::Instant),
        ("daily@example.vn", "all", Frequency::Daily),
        ("other@example.vn", "topic:y-te-suc-khoe", Frequency::Instant),
    ] {
        subscribe(store, who, watch, frequency).await;
    }
    world.round(&[1, 2, 3]).await;
    let (dispatch, outbox) = world.to_memory();
    assert_eq!(run(&dispatch).await, 2);
    assert_eq!(
        told(&outbox),
        [of(LAN, &[1, 2, 3]), of("topic@example.vn", &[1, 3])]
    );
    assert_eq!(world.states().await, ["sent 2"]);
    world.round(&[4]).await;
    run(&dispatch).await;
    assert_eq!(outbox.mails().len(), 3, "another round, another message");
}

async fn a_passing_failure_is_tried_again_by_the_table_and_given_up_in_the_end(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let sink = Sink::start().await;
    let mut dispatch = world.to_server(sink.address.port());
    dispatch.instant_max_age = TimeDelta::days(30);
    let waits = [60, 300, 900, 1800, 3600, 7200, 14_400, 28_800, 86_400];
    for wait in waits {
        sink.fault(At::Rcpt, Fault::Say("450 4.2.0 greylisted"));
        assert_eq!(run(&dispatch).await, 1);
        assert_eq!(world.states().await, ["queued 1"]);
        world.clock.advance(TimeDelta::seconds(wait - 1));
        assert_eq!(run(&dispatch).await, 0, "not before {wait} s");
        world.clock.advance(TimeDelta::seconds(1));
    }
    sink.fault(At::Rcpt, Fault::Say("450 4.2.0 greylisted"));
    assert_eq!(run(&dispatch).await, 1);
    assert_eq!(
        (world.states().await, sink.taken().len()),
        (vec!["failed 1".to_owned()], 0)
    );
    assert_eq!(
        world.ended().await,
        0,
        "a server that is away says nothing about the address"
    );
}

async fn an_address_that_is_gone_ends_its_subscriber(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let sink = Sink::start().await;
    sink.fault(At::Rcpt, Fault::Say("550 5.1.1 <lan@example.vn>: unknown user"));
    let dispatch = world.to_server(sink.address.port());
    run(&dispatch).await;
    assert_eq!(
        (world.states().await, world.ended().await),
        (vec!["failed 1".to_owned()], 1)
    );
    let with_address = "SELECT COUNT(*) FROM subscribers WHERE ended_reason LIKE '%lan%'";
    assert_eq!(
        sql::count(&world.db.url, with_address).await,
        0,
        "the reason holds no address"
    );
    world.round(&[2]).await;
    assert_eq!(world.states().await, ["failed 1"], "nothing more is owed");
}

async fn a_refused_mail_fails_and_its_subscriber_stays(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let sink = Sink::start().await;
    sink.fault(At::Dot, Fault::Say("554 5.7.1 looks like spam"));
    let dispatch = world.to_server(sink.address.port());
    run(&dispatch).await;
    assert_eq!(
        (world.states().await, world.ended().await),
        (vec!["failed 1".to_owned()], 0)
    );
    world.round(&[2]).await;
    run(&dispatch).await;
    assert_eq!(world.states().await, ["failed 1", "sent 1"]);
}

async fn a_lost_answer_after_the_dot_leads_to_one_late_retry_with_the_same_message_id(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let sink = Sink::start().await;
    sink.fault(At::Dot, Fault::Drop);
    sink.fault(At::Dot, Fault::Drop);
    let dispatch = world.to_server(sink.address.port());
    run(&dispatch).await;
    assert_eq!(world.states().await, ["queued 1"]);
    world.clock.advance(TimeDelta::minutes(29));
    assert_eq!(run(&dispatch).await, 0, "late");
    world.clock.advance(TimeDelta::minutes(1));
    assert_eq!(run(&dispatch).await, 1);
    assert_eq!(world.states().await, ["unknown 1"]);
    world.clock.advance(TimeDelta::days(3));
    assert_eq!(run(&dispatch).await, 0, "once");
    let taken = sink.taken();
    assert_eq!(taken.len(), 2);
    assert_eq!(taken[0].message_id, taken[1].message_id);
    assert!(taken[0].message_id.ends_with("@loa.example>"));
    assert_eq!(
        taken[0].data.lines().find(|l| l.starts_with("Date:")),
        taken[1].data.lines().find(|l| l.starts_with("Date:"))
    );
}

/// A relay before the relay at which time passes: each connection takes `wait`.
async fn slow_relay(sink: &Sink, clock: &Clock, wait: TimeDelta) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (behind, clock) = (sink.address, clock.clone());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            clock.advance(wait);
            let mut server = TcpStream::connect(behind).await.unwrap();
            tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
        }
    });
    port
}

async fn a_lost_lease_sends_nothing(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let sink = Sink::start().await;
    let port = slow_relay(&sink, &world.clock, CLAIM_LEASE).await;
    world.to_server(port).step().await.unwrap();
    assert_eq!(sink.connections(), 1, "the server was ready to take it");
    assert_eq!(
        (sink.taken().len(), world.states().await),
        (0, vec!["queued 1".to_owned()])
    );
    run(&world.to_server(sink.address.port())).await;
    assert_eq!(
        (sink.taken().len(), world.states().await),
        (1, vec!["sent 1".to_owned()])
    );
}

async fn what_was_not_started_is_given_back_when_the_process_is_to_end(db: TestDb) {
    let world = World::new(db).await;
    for n in 1..=3 {
        subscribe(&world.db.store, &format!("70{n}"), "all", Frequency::Instant).await;
    }
    world.round(&[1]).await;
    let stop = world.stop.clone();
    let api = BotApi::start(move |_| {
        stop.cancel();
        BotApi::taken()
    })
    .await;
    assert_eq!(
        world.dispatch(api.transport()).step().await.unwrap(),
        Step::Worked(3)
    );
    assert_eq!(
        world.states().await,
        ["queued 2", "sent 1"],
        "what was begun is finished"
    );
    let untouched =
        "SELECT COUNT(*) FROM deliveries WHERE state = 'queued' AND attempts = 0 AND claim IS NULL";
    assert_eq!(sql::count(&world.db.url, untouched).await, 2);
    let mut next = world.dispatch(api.transport());
    next.stop = CancellationToken::new();
    assert_eq!(run(&next).await, 2, "the next process goes on at once");
    assert_eq!(api.sent().len(), 3);
}

async fn a_delivery_that_cannot_be_worked_on_waits_for_its_lease(db: TestDb) {
    let world = World::new(db).await;
    subscribe(&world.db.store, "broken@example.vn", "all", Frequency::Instant).await;
    subscribe(&world.db.store, LAN, "all", Frequency::Instant).await;
    world.round(&[1]).await;
    // A watch as a later version might write it, which this one cannot read.
    sql::execute(
        &world.db.url,
        "INSERT INTO watches (kind, value, created_at) SELECT 'section', 'unreadable', created_at FROM watches WHERE kind = 'all'",
    )
    .await;
    sql::execute(
        &world.db.url,
        "INSERT INTO subscriptions (subscriber_id, watch_id, frequency, created_at)
         SELECT p.id, w.id, 'instant', p.created_at FROM subscribers p, watches w
         WHERE p.address = 'broken@example.vn' AND w.value = 'unreadable'",
    )
    .await;
    let (dispatch, outbox) = world.to_memory();
    run(&dispatch).await;
    assert_eq!(told(&outbox), [of(LAN, &[1])], "the others are not held up");
    assert_eq!(world.states().await, ["queued 1", "sent 1"]);
    world.clock.advance(CLAIM_LEASE);
    assert_eq!(run(&dispatch).await, 1, "tried again once its lease is over");
}

async fn an_alert_too_old_is_told_by_the_next_digest(db: TestDb) {
    let world = World::new(db).await;
    world.digest().await;
    subscribe(&world.db.store, LAN, "all", Frequency::Instant).await;
    world.round(&[1]).await;
    world.clock.advance(TimeDelta::hours(6) + TimeDelta::seconds(1));
    let (dispatch, outbox) = world.to_memory();
    run(&dispatch).await;
    assert_eq!(
        (told(&outbox), world.states().await),
        (vec![], vec!["folded 1".to_owned()])
    );
    // 07:00 of the next morning.
    world.clock.advance(TimeDelta::hours(10));
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(told(&outbox), [of(LAN, &[1])]);
    world.clock.advance(TimeDelta::days(1));
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(outbox.mails().len(), 1, "once");
}

async fn a_digest_goes_out_at_seven_in_viet_nam_once_and_never_empty(db: TestDb) {
    let world = World::new(db).await;
    let (dispatch, outbox) = world.to_memory();
    let at = |moment: &str| {
        let moment: DateTime<Utc> = moment.parse().unwrap();
        world.clock.advance(moment - world.clock.now());
    };
    // Set up on Tuesday afternoon: today's digest has nothing to tell.
    while world.digest().await != Step::Idle {}
    subscribe(&world.db.store, LAN, "all", Frequency::Daily).await;
    subscribe(
        &world.db.store,
        "y@example.vn",
        "topic:y-te-suc-khoe",
        Frequency::Daily,
    )
    .await;
    subscribe(&world.db.store, "tuan@example.vn", "all", Frequency::Weekly).await;
    world.round(&[1]).await;
    at("2026-11-24T20:00:00Z");
    world.round(&[2]).await;
    run(&dispatch).await;
    at("2026-11-24T23:59:59Z");
    assert_eq!(world.digest().await, Step::Idle, "a second before seven");
    at("2026-11-25T00:00:00Z");
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(
        told(&outbox),
        [of(LAN, &[1, 2])],
        "whoever has nothing to read gets nothing"
    );
    // The process starts again a minute later.
    at("2026-11-25T00:01:00Z");
    let restarted = Store::open(&world.db.url).await.unwrap();
    let seven = NaiveTime::from_hms_opt(7, 0, 0).unwrap();
    assert_eq!(
        digest(&restarted, seven, world.clock.now()).await.unwrap(),
        Step::Idle
    );
    // A day without news; then three days during which the machine was off.
    at("2026-11-26T00:00:00Z");
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(outbox.mails().len(), 1);
    world.round(&[3]).await;
    at("2026-11-29T05:00:00Z");
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(told(&outbox), [of(LAN, &[1, 2]), of(LAN, &[3])], "late, and once");
    // Monday: the week's.
    at("2026-11-30T00:00:00Z");
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(told(&outbox)[2], of("tuan@example.vn", &[1, 2, 3]));
    assert_eq!(outbox.mails().len(), 3);
}

async fn an_article_withdrawn_meanwhile_is_not_told(db: TestDb) {
    let world = World::new(db).await;
    subscribe(&world.db.store, LAN, "all", Frequency::Instant).await;
    subscribe(
        &world.db.store,
        "t@example.vn",
        "topic:khoa-hoc-cong-nghe",
        Frequency::Instant,
    )
    .await;
    world.round(&[1, 2]).await;
    sql::execute(
        &world.db.url,
        "UPDATE articles SET withdrawn_at = first_seen_at WHERE key = '1764000000001'",
    )
    .await;
    let (dispatch, outbox) = world.to_memory();
    run(&dispatch).await;
    assert_eq!(told(&outbox), [of(LAN, &[2])]);
    assert_eq!(world.states().await, ["cancelled 1", "sent 1"]);
}

async fn someone_who_unsubscribed_meanwhile_is_told_nothing(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let sink = Sink::start().await;
    // Between claim and sending, while the relay takes its time.
    let relay = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let dispatch = world.to_server(relay.local_addr().unwrap().port());
    let subscriber = sql::count(&world.db.url, "SELECT MAX(id) FROM subscribers").await;
    let (step, ()) = tokio::join!(dispatch.step(), async {
        let (mut client, _) = relay.accept().await.unwrap();
        let now = world.clock.now();
        assert!(
            world
                .db
                .store
                .end_subscriber(subscriber, "asked to", now)
                .await
                .unwrap()
        );
        let mut server = TcpStream::connect(sink.address).await.unwrap();
        tokio::spawn(async move { copy_bidirectional(&mut client, &mut server).await });
    });
    assert_eq!(step.unwrap(), Step::Worked(1));
    assert_eq!(
        (sink.taken().len(), world.states().await),
        (0, vec!["cancelled 1".to_owned()])
    );
}

/// A Bot API whose answers to `sendMessage` a test writes.
struct BotApi {
    url: String,
    sent: Arc<Mutex<Vec<String>>>,
}

type Answer = (StatusCode, Value);

impl BotApi {
    async fn start(answer: impl Fn(&str) -> Answer + Clone + Send + Sync + 'static) -> Self {
        let sent: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&sent);
        let router = Router::new().fallback(async move |Json(fields): Json<Value>| {
            let chat = match &fields["chat_id"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let (status, body) = answer(&chat);
            if status == StatusCode::OK {
                log.lock().unwrap().push(chat);
            }
            (status, Json(body))
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, sent }
    }

    fn taken() -> Answer {
        let message = json!({"message_id": 7, "date": 0, "text": "x", "chat": {"id": 1, "type": "private", "first_name": "A"}});
        (StatusCode::OK, json!({"ok": true, "result": message}))
    }

    fn refused(status: StatusCode, description: &str, parameters: &Value) -> Answer {
        let body = json!({"ok": false, "error_code": status.as_u16(), "description": description, "parameters": parameters});
        (status, body)
    }

    fn transport(&self) -> Transport {
        let mut settings = TelegramSettings::new(Secret::new("123456:TEST"));
        settings.api_url = Some(self.url.clone());
        Transport::Telegram {
            bot: Telegram::new(&settings).unwrap(),
            pause: std::time::Duration::ZERO,
        }
    }

    fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }
}

async fn a_chat_that_moved_is_followed(db: TestDb) {
    let world = World::owing(db, "-4711").await;
    let api = BotApi::start(|chat| match chat {
        "-4711" => BotApi::refused(
            StatusCode::BAD_REQUEST,
            "Bad Request: group chat was upgraded to a supergroup chat",
            &json!({"migrate_to_chat_id": -1_001_234_567_890_i64}),
        ),
        _ => BotApi::taken(),
    })
    .await;
    let dispatch = world.dispatch(api.transport());
    run(&dispatch).await;
    assert_eq!(api.sent(), ["-1001234567890"]);
    assert_eq!(world.states().await, ["sent 1"]);
    world.round(&[2]).await;
    run(&dispatch).await;
    assert_eq!(api.sent().len(), 2, "the subscription moved with it");
}

async fn a_chat_that_blocked_the_bot_is_ended(db: TestDb) {
    let world = World::owing(db, "4711").await;
    let api = BotApi::start(|_| {
        BotApi::refused(
            StatusCode::FORBIDDEN,
            "Forbidden: bot was blocked by the user",
            &Value::Null,
        )
    })
    .await;
    run(&world.dispatch(api.transport())).await;
    assert_eq!(
        (world.states().await, world.ended().await),
        (vec!["failed 1".to_owned()], 1)
    );
}

async fn the_unsubscribe_link_of_a_mail_works_over_http(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let (dispatch, outbox) = world.to_memory();
    run(&dispatch).await;
    let url = outbox.mails()[0].unsubscribe_url.clone().unwrap();
    assert!(outbox.mails()[0].text.contains(&url));
    let path = url.strip_prefix(site::PUBLIC_URL).unwrap();
    let state = site::state(&world.db.store, &world.clock, &world.tokens);
    let server = TestServer::new(web::router(state));

    let asked = server.get(path).await;
    asked.assert_status_ok();
    asked.assert_header(header::CACHE_CONTROL, "no-store");
    asked.assert_header(header::REFERRER_POLICY, "no-referrer");
    let page = asked.text();
    assert!(
        page.contains("l…@example.vn") && !page.contains(LAN),
        "the address is masked"
    );
    assert_eq!(world.ended().await, 0, "a GET changes nothing");

    world.round(&[2]).await;
    let one_click = async |path: &str| {
        server
            .post(path)
            .form(&[("List-Unsubscribe", "One-Click")])
            .await
            .status_code()
    };
    assert_eq!(one_click(path).await, StatusCode::OK);
    assert_eq!(world.ended().await, 1);
    run(&dispatch).await;
    assert_eq!(outbox.mails().len(), 1, "not even what was waiting");
    assert_eq!(
        one_click(path).await,
        StatusCode::OK,
        "a second click does no harm"
    );
    server.get(path).await.assert_status_ok();

    let other = world.tokens.unsubscribe(999);
    for bad in [
        "/unsubscribe/x",
        &format!("{path}A"),
        &format!("/unsubscribe/{other}"),
    ] {
        assert_eq!(one_click(bad).await, StatusCode::NOT_FOUND, "{bad}");
        assert_eq!(
            server.get(bad).await.status_code(),
            StatusCode::NOT_FOUND,
            "{bad}"
        );
    }
}
