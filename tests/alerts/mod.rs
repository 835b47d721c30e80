//! From an owed alert to a message: the dispatch step with a clock turned by hand, over memory, a mail server that fails
//! when told to, and a Bot API that answers by script.

mod digests;
mod edits;
mod limits;
mod links;
mod mail;
mod posts;
mod telegram;
mod webhooks;

use std::sync::{Arc, Mutex};

use axum::{
    Json, Router,
    http::{StatusCode, header},
};
use axum_test::TestServer;
use chrono::{DateTime, NaiveTime, TimeDelta, Utc};
use loa::{
    clock::Clock,
    domain::{
        schedule::{Days, Usual},
        subscription::Frequency,
        token::Tokens,
    },
    jobs::{
        Step,
        digest::digest,
        dispatch::{Dispatch, Limits, Origin, Pace, PostSettings, Transport},
        fanout::fanout,
        follow::{FollowFor, follow},
    },
    notify::{
        Secret,
        email::{Mailer, Outbox, SmtpSettings},
        message::{Mail, Operator, Sender},
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
    stand_ins::StandIn,
};

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
            operator: Operator::default(),
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
            limits: Limits::default(),
            stop: self.stop.clone(),
        }
    }

    fn mails(&self, mailer: Mailer) -> Dispatch {
        self.dispatch(Transport::Email {
            mailer,
            from: Sender::parse("Loa <loa@example.vn>").unwrap(),
            letters_from: Sender::parse("Loa <dang-ky@example.vn>").unwrap(),
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

    /// Dispatch to the Bot API's stand-in, as fast as it answers.
    fn to_bot_api(&self, stand_in: &StandIn) -> Dispatch {
        let mut settings = TelegramSettings::new(Secret::new("123456:TEST"));
        settings.api_url = Some(stand_in.url());
        settings.request_timeout = std::time::Duration::from_millis(2500);
        self.dispatch(Transport::Telegram {
            bot: Telegram::new(&settings).unwrap(),
            pace: Pace::unlimited(),
            how: PostSettings {
                is_whole: true,
                follows: true,
            },
        })
    }

    /// Takes up what changed of articles: posts in groups follow for thirty days, private ones for two.
    async fn follow(&self) {
        let follow_for = FollowFor {
            shared: TimeDelta::days(30),
            private: TimeDelta::days(2),
        };
        self.clock.advance(TimeDelta::seconds(6));
        while follow(&self.db.store, follow_for, self.clock.now())
            .await
            .unwrap()
            != Step::Idle
        {}
    }

    async fn digest(&self) -> Step {
        digest(&self.db.store, usual(), self.clock.now()).await.unwrap()
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

/// Digests at seven, every day.
fn usual() -> Usual {
    Usual {
        at: NaiveTime::from_hms_opt(7, 0, 0).unwrap(),
        days: Days::ALL,
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
