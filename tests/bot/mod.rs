//! The bot's side of the conversation over real HTTP, against the Bot API's stand-in: each request is checked there against the
//! Bot API's description, and a talk ends with word that none was refused.

mod buttons;
mod channels;
mod commands;
mod groups;
mod hook;
mod members;
mod trouble;

use std::sync::Arc;

use chrono::TimeDelta;
use loa::{
    bot::{self, About, Desk, Pace, Way},
    clock::Clock,
    domain::{
        bot_link::BotName,
        schedule::{Days, Usual},
        subscription::{Address, Channel},
    },
    notify::{
        Secret,
        telegram::{Telegram, TelegramSettings},
    },
    store::{Person, Store},
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;

use self::members::Members;
use crate::common::{
    databases::TestDb,
    records::{prepare, record, start},
    site::labels,
    stand_ins::StandIn,
};

/// A person's private chat.
const LAN: i64 = 42;
const GROUP: i64 = -1009;

/// A desk at which people are answered, and Telegram around it.
struct Talk {
    stand_in: Arc<StandIn>,
    members: Members,
    desk: Desk,
    store: Store,
    clock: Clock,
    offset: i64,
    section: i64,
}

/// The desk of the tests.
fn desk(api_url: &str, store: &Store, clock: &Clock) -> Desk {
    let mut settings = TelegramSettings::new(Secret::new("123456:TEST"));
    settings.api_url = Some(api_url.to_owned());
    let telegram = Telegram::new(&settings).unwrap();
    Desk {
        bot: telegram.bot().clone(),
        store: store.clone(),
        clock: clock.clone(),
        name: BotName::default(),
        about: Arc::new(About {
            public_url: "https://tin.example.vn".to_owned(),
            portal_name: "Cổng <mẫu> & bạn".to_owned(),
            operator: "Sở Mẫu".to_owned(),
            contact: "loa@example.vn".to_owned(),
            labels: labels(),
            usual_digest: Usual {
                at: "07:00:00".parse().unwrap(),
                days: Days::ALL,
            },
        }),
        pace: Arc::new(Pace::new(5)),
        searches: Arc::new(Semaphore::new(1)),
    }
}

impl Talk {
    /// None where there is no stand-in.
    async fn begin(db: &TestDb) -> Option<Self> {
        let stand_in = Arc::new(StandIn::unlimited_bot_api()?);
        let members = Members::before(Arc::clone(&stand_in)).await;
        let clock = Clock::manual(start());
        let section = prepare(&db.store, clock.now()).await;
        let desk = desk(&members.url(), &db.store, &clock);
        desk.connect(&Way::Polling).await.unwrap();
        bot::learn_name(&desk.bot, &desk.name).await.unwrap();
        Some(Self {
            stand_in,
            members,
            desk,
            store: db.store.clone(),
            clock,
            offset: 0,
            section,
        })
    }

    /// Records so many articles of the sample section, of science.
    async fn publish(&self, count: i64) {
        for n in 1..=count {
            record(&self.store, self.section, n, &["khoa-hoc-cong-nghe"], None).await;
        }
    }

    /// Somebody writes in their private chat; the messages that answer.
    async fn say(&mut self, text: &str) -> Vec<Value> {
        self.said(&json!({"chat": LAN, "text": text})).await
    }

    /// The same, anywhere.
    async fn said(&mut self, message: &Value) -> Vec<Value> {
        self.stand_in.tell("say", message);
        self.answered().await
    }

    /// Somebody writes in their private chat; the one message that answers, as text.
    async fn told(&mut self, text: &str) -> String {
        plain(&one(self.say(text).await))
    }

    /// Presses the button of a message whose label begins so; the message as it is afterwards, and new ones.
    async fn press(&mut self, message: &Value, label: &str) -> Vec<Value> {
        self.press_as(message, label, LAN).await
    }

    async fn press_as(&mut self, message: &Value, label: &str, user: i64) -> Vec<Value> {
        let data = data(message, label);
        self.press_data(message, &data, user).await
    }

    async fn press_data(&mut self, message: &Value, data: &str, user: i64) -> Vec<Value> {
        let press =
            json!({"chat": message["chat"], "message": message["message_id"], "data": data, "user": user});
        self.stand_in.tell("press", &press);
        let new = self.answered().await;
        let id = &message["message_id"];
        let old = self.sent().into_iter().find(|m| m["message_id"] == *id);
        old.into_iter().chain(new).collect()
    }

    /// Hears and answers all that was said; the messages that are new then.
    async fn answered(&mut self) -> Vec<Value> {
        let before = self.sent().len();
        self.offset = self.desk.hear(self.offset).await.unwrap();
        self.settle().await;
        // People take their time.
        self.clock.advance(TimeDelta::seconds(10));
        self.sent().split_off(before)
    }

    async fn settle(&self) {
        while self.desk.step().await.unwrap() > 0 {}
    }

    fn sent(&self) -> Vec<Value> {
        self.stand_in.lines("sent")
    }

    /// What was shown for a moment to whoever pressed buttons, in order.
    fn toasts(&self) -> Vec<String> {
        self.members.toasts()
    }

    async fn person(&self, address: &str) -> Option<Person> {
        let address = Address::parse(Channel::Telegram, address).unwrap();
        let id = self.store.person_at(&address).await.unwrap()?;
        self.store.person(id).await.unwrap()
    }

    /// What an address follows, as `topic:y-te daily`.
    async fn followed(&self, address: &str) -> Vec<String> {
        let Some(person) = self.person(address).await else {
            return Vec::new();
        };
        let followed = self.store.followed(person.id).await.unwrap();
        followed
            .iter()
            .map(|one| format!("{} {}", one.watch, one.frequency))
            .collect()
    }

    /// Follows science at once, as a person does it.
    async fn follow_science(&mut self) {
        let asked = one(self.say("/start topic_khoa-hoc-cong-nghe").await);
        self.press(&asked, "Ngay khi").await;
        assert_eq!(self.followed("42").await, ["topic:khoa-hoc-cong-nghe instant"]);
    }

    /// No request was refused.
    fn nothing_was_refused(&self) {
        let refused: Vec<_> = self
            .stand_in
            .lines("log")
            .into_iter()
            .filter(|line| line["status"] != 200)
            .collect();
        assert!(refused.is_empty(), "{refused:?}");
    }
}

fn one(messages: Vec<Value>) -> Value {
    assert_eq!(messages.len(), 1, "{messages:?}");
    messages.into_iter().next().unwrap()
}

fn plain(message: &Value) -> String {
    message["plain"].as_str().unwrap().to_owned()
}

/// The labels of a message's buttons, a line a row.
fn labels_of(message: &Value) -> Vec<String> {
    let rows = message["buttons"].as_array().cloned().unwrap_or_default();
    let row = |row: &Value| {
        let row = row.as_array().unwrap().iter();
        row.map(|button| button["text"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
            .join(" | ")
    };
    rows.iter().map(row).collect()
}

fn data(message: &Value, label: &str) -> String {
    let rows = message["buttons"].as_array().unwrap();
    let mut buttons = rows.iter().flat_map(|row| row.as_array().unwrap());
    let found = buttons.find(|button| button["text"].as_str().unwrap().starts_with(label));
    let found = found.unwrap_or_else(|| panic!("no button {label:?} among {:?}", labels_of(message)));
    found["callback_data"].as_str().unwrap().to_owned()
}
