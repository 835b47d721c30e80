//! A citizen's life with Loa, as a browser and a mailbox see it: over HTTP, on both databases, with a clock turned by hand.

mod asking;
mod commands;
mod door;
mod keeping;
mod links;
mod own_page;

use std::sync::Arc;

use axum::http::StatusCode;
use axum_test::{TestResponse, TestServer};
use chrono::TimeDelta;
use loa::{
    clock::Clock,
    domain::{
        subscription::{Address, Channel},
        token::Tokens,
    },
    jobs::{
        Step,
        dispatch::{Dispatch, Limits, Origin, Transport},
        fanout::fanout,
    },
    notify::{
        email::{Mailer, Outbox},
        message::{Mail, Operator, Sender},
    },
    store::{NewSignup, Recorded},
    web::{self, Door, WebState, pages::WORDING},
};
use scraper::{Html, Selector};
use tokio_util::sync::CancellationToken;

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{prepare, record, start},
    site,
    sql::{self, Sql},
};

const LAN: &str = "lan@example.vn";

/// A site that takes sign-ups, and the mailboxes of everybody.
struct World {
    db: TestDb,
    clock: Clock,
    tokens: Tokens,
    section: i64,
    server: TestServer,
    outbox: Outbox,
}

impl World {
    async fn new(db: TestDb) -> Self {
        Self::with_door(db, Door::new(0, (1000, 1000), Vec::new().into())).await
    }

    async fn with_door(db: TestDb, door: Door) -> Self {
        let section = prepare(&db.store, start()).await;
        let (clock, tokens) = (Clock::manual(start()), Tokens::new("test"));
        let state = WebState {
            door,
            ..site::state(&db.store, &clock, &tokens)
        };
        let site = loa::web::site::Site {
            takes_signups: true,
            ..(*state.site).clone()
        };
        let state = WebState {
            site: Arc::new(site),
            ..state
        };
        Self {
            section,
            server: TestServer::new(web::router(state)),
            outbox: Outbox::default(),
            clock,
            tokens,
            db,
        }
    }

    /// One day and a bit later: no limit on letters of before counts any more.
    fn next_day(&self) {
        self.clock.advance(TimeDelta::hours(25));
    }

    async fn get(&self, path: &str) -> TestResponse {
        self.server.get(path).await
    }

    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> TestResponse {
        self.server.post(path).form(&fields).await
    }

    /// The ticket of a form that is opened now.
    async fn ticket(&self) -> String {
        let page = self.get("/subscribe").await.text();
        value(&page, "input[name=ticket]")
    }

    /// Fills in the form as the page asks for it, but for what `changed` says otherwise.
    async fn sign_up(&self, address: &str, changed: &[(&str, &str)]) -> TestResponse {
        let ticket = self.ticket().await;
        let mut fields = vec![
            ("address", address),
            ("frequency", "daily"),
            ("consent", WORDING),
            ("ticket", ticket.as_str()),
        ];
        if changed.iter().all(|(name, _)| *name != "watch") {
            fields.push(("watch", "topic:khoa-hoc-cong-nghe"));
        }
        fields.retain(|(name, _)| changed.iter().all(|(other, _)| other != name) || *name == "watch");
        fields.extend_from_slice(changed);
        self.post("/subscribe", &fields).await
    }

    /// Sends all that is due, and gives what was sent by it.
    async fn mails(&self) -> Vec<Mail> {
        let before = self.outbox.mails().len();
        let origin = Origin {
            public_url: site::PUBLIC_URL.to_owned(),
            portal_name: "Cổng mẫu".to_owned(),
            authority: "loa.example".to_owned(),
            operator: Operator::default(),
            instance: "1".to_owned(),
        };
        let dispatch = Dispatch {
            store: self.db.store.clone(),
            clock: self.clock.clone(),
            transport: Transport::Email {
                mailer: Mailer::Memory(self.outbox.clone()),
                from: Sender::parse("Loa <loa@example.vn>").unwrap(),
                letters_from: Sender::parse("Loa <dang-ky@example.vn>").unwrap(),
                connections: 1,
            },
            labels: site::labels().into(),
            origin: Arc::new(origin),
            tokens: self.tokens.clone(),
            instant_max_age: TimeDelta::hours(6),
            limits: Limits::default(),
            stop: CancellationToken::new(),
        };
        while dispatch.step().await.unwrap() != Step::Idle {}
        self.outbox.mails().split_off(before)
    }

    /// The path of the confirmation's link, in the one mail that is due.
    async fn confirmation(&self) -> String {
        let mails = self.mails().await;
        assert_eq!(mails.len(), 1, "one mail asks");
        link(&mails[0], "confirm")
    }

    /// Somebody who signed up and confirmed; the path of their private page.
    async fn somebody(&self, address: &str, changed: &[(&str, &str)]) -> String {
        self.sign_up(address, changed).await;
        let confirm = self.confirmation().await;
        let page = self.post(&confirm, &[]).await;
        page.assert_status_ok();
        href(&page.text(), "a[href*='/manage/']")
    }

    /// A polling round that found these articles, all about science, fanned out.
    async fn round(&self, numbers: &[i64]) {
        let (store, now) = (&self.db.store, self.clock.now());
        let round = store.open_fanout(now).await.unwrap();
        for n in numbers {
            let recorded = record(store, self.section, *n, &["khoa-hoc-cong-nghe"], Some(round)).await;
            assert!(matches!(recorded, Recorded::New(_)), "article {n} is new");
        }
        store.close_fanout(round, now).await.unwrap();
        while fanout(store, now).await.unwrap() != Step::Idle {}
    }

    async fn number(&self, sql: &str) -> i64 {
        sql::count(&self.db.url, sql).await
    }

    /// All rows of all tables, as text.
    async fn dump(&self) -> Vec<String> {
        let mut sql = Sql::connect(&self.db.url).await;
        let tables = if sql.is_sqlite() {
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY 1"
        } else {
            "SELECT table_name::text FROM information_schema.tables WHERE table_schema = current_schema() ORDER BY 1"
        };
        let mut rows = Vec::new();
        for table in sql.texts(tables).await {
            let query = if sql.is_sqlite() {
                let columns = sql
                    .texts(&format!("SELECT name FROM pragma_table_info('{table}')"))
                    .await;
                let quoted: Vec<String> = columns.iter().map(|name| format!("quote(\"{name}\")")).collect();
                format!(
                    "SELECT {} AS t FROM \"{table}\" ORDER BY 1",
                    quoted.join(" || ',' || ")
                )
            } else {
                format!("SELECT row_to_json(t)::text FROM \"{table}\" t ORDER BY 1")
            };
            let found = sql.texts(&query).await;
            rows.extend(found.into_iter().map(|row| format!("{table}: {row}")));
        }
        rows
    }

    /// Rows of all tables that hold a text.
    async fn rows_with(&self, text: &str) -> Vec<String> {
        let mut rows = self.dump().await;
        rows.retain(|row| row.to_lowercase().contains(text));
        rows
    }
}

/// The path of a mail's link of a kind.
fn link(mail: &Mail, kind: &str) -> String {
    let start = format!("{}/{kind}/", site::PUBLIC_URL);
    let found = mail.text.split_whitespace().find(|word| word.contains(&start));
    let word = found.unwrap_or_else(|| panic!("no {kind} link in {}", mail.text));
    path(word.trim_matches(['<', '>', '.']))
}

/// An address on this site without its host.
fn path(url: &str) -> String {
    url.strip_prefix(site::PUBLIC_URL).unwrap_or(url).to_owned()
}

fn attribute(page: &str, selector: &str, name: &str) -> String {
    let html = Html::parse_document(page);
    let found = html.select(&Selector::parse(selector).unwrap()).next();
    let found = found.unwrap_or_else(|| panic!("no {selector} in {page}"));
    found.attr(name).unwrap_or_default().to_owned()
}

fn value(page: &str, selector: &str) -> String {
    attribute(page, selector, "value")
}

fn href(page: &str, selector: &str) -> String {
    path(&attribute(page, selector, "href"))
}

fn count(page: &str, selector: &str) -> usize {
    let html = Html::parse_document(page);
    html.select(&Selector::parse(selector).unwrap()).count()
}

/// The texts of all elements, each on one line.
fn texts(page: &str, selector: &str) -> Vec<String> {
    let (html, selector) = (Html::parse_document(page), Selector::parse(selector).unwrap());
    let texts = html.select(&selector).map(|found| {
        let text: String = found.text().collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    });
    texts.collect()
}

fn heading(page: &TestResponse) -> String {
    texts(&page.text(), "h1").concat()
}

fn moved_to(response: &TestResponse) -> String {
    assert_eq!(
        response.status_code(),
        StatusCode::SEE_OTHER,
        "{}",
        response.text()
    );
    response.header("location").to_str().unwrap().to_owned()
}

/// What the page must not let out.
fn assert_is_private(response: &TestResponse) {
    response.assert_header("cache-control", "no-store");
    response.assert_header("referrer-policy", "no-referrer");
    response.assert_header("x-robots-tag", "noindex");
    assert!(response.maybe_header("set-cookie").is_none());
}
