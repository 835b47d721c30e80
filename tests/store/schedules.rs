//! Schedules and frequencies: whatever changes whenever, an article is told once.

use std::collections::BTreeMap;

use chrono::{Days as CalendarDays, NaiveDate, NaiveTime, Weekday};
use chrono_tz::Asia::Ho_Chi_Minh;
use loa::domain::schedule::Schedule;

use super::*;

for_each_db!(
    whatever_changes_whenever_each_article_is_told_once,
    what_waited_for_a_weekly_digest_is_told_by_it_and_what_comes_after_the_change_daily,
    a_new_time_begins_where_the_old_one_ended,
    a_folded_alert_waits_for_its_owners_own_time,
    a_new_schedule_begins_where_it_was_made,
    two_processes_make_one_run_and_one_digest,
);

const DAILY: i64 = 1;
const WEEKLY: i64 = 2;

fn evening() -> Schedule {
    Schedule::daily(NaiveTime::from_hms_opt(18, 0, 0), None, Ho_Chi_Minh)
}

fn friday() -> Schedule {
    Schedule::weekly(None, Weekday::Fri, Ho_Chi_Minh)
}

/// Rounds, runs and changes in any order, with everything told counted.
struct Desk {
    db: TestDb,
    section: i64,
    articles: i64,
    date: NaiveDate,
    claims: i64,
    told: BTreeMap<(String, i64), usize>,
}

impl Desk {
    async fn new(db: TestDb) -> Self {
        Self {
            section: prepare(&db.store, start()).await,
            db,
            articles: 0,
            date: start().date_naive(),
            claims: 0,
            told: BTreeMap::new(),
        }
    }

    async fn subscriber(&self, address: &str, frequency: Frequency) -> i64 {
        subscribe(&self.db.store, address, "all", frequency).await;
        crate::common::sql::count(
            &self.db.url,
            &format!("SELECT id FROM subscribers WHERE address = '{address}'"),
        )
        .await
    }

    /// A round with one article, ready.
    async fn round(&mut self) -> i64 {
        self.articles += 1;
        let store = &self.db.store;
        let round = store.open_fanout(start()).await.unwrap();
        let recorded = record(store, self.section, self.articles, &[], Some(round)).await;
        store.close_fanout(round, start()).await.unwrap();
        let Recorded::New(id) = recorded else {
            panic!("article {} is new", self.articles)
        };
        id
    }

    async fn schedules(&self) -> Vec<i64> {
        let rows = self.db.store.schedules().await.unwrap();
        rows.iter().map(|row| row.id).collect()
    }

    /// Starts a schedule's next run.
    async fn start(&mut self, schedule: i64) {
        self.date = self.date + CalendarDays::new(1);
        let started = self.db.store.start_digest_run(schedule, self.date, start()).await;
        assert!(started.unwrap());
    }

    /// Runs a schedule to its end, and reads what was made.
    async fn run(&mut self, schedule: i64) {
        self.start(schedule).await;
        while self.db.store.digest_chunk(1, 2, start()).await.unwrap().is_some() {}
        self.read(100).await;
    }

    async fn set(&self, subscriber: i64, schedule: &Schedule) {
        assert!(
            self.db
                .store
                .set_schedule(subscriber, schedule, start())
                .await
                .unwrap()
        );
    }

    /// Sends what is queued, at most so many: what each tells is read now.
    async fn read(&mut self, most: i64) {
        self.claims += 1;
        let store = &self.db.store;
        for delivery in store
            .claim(Channel::Email, most, self.claims, start())
            .await
            .unwrap()
        {
            let articles = match delivery.fanout_id {
                Some(round) => store
                    .articles_of_alert(round, delivery.subscriber_id)
                    .await
                    .unwrap(),
                None => super::digests::told_by(store, &delivery).await,
            };
            for article in articles {
                *self
                    .told
                    .entry((delivery.address.as_str().to_owned(), article))
                    .or_default() += 1;
            }
            store
                .mark(&delivery, &Outcome::Sent(None), start())
                .await
                .unwrap();
        }
    }

    /// What one was told, each as often as it was.
    fn told_to(&self, address: &str) -> Vec<(i64, usize)> {
        self.told
            .iter()
            .filter(|((who, _), _)| who == address)
            .map(|((_, article), times)| (*article, *times))
            .collect()
    }
}

fn once(articles: &[i64]) -> Vec<(i64, usize)> {
    articles.iter().map(|article| (*article, 1)).collect()
}

/// The same numbers at every run of the tests, and others for every seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

async fn whatever_changes_whenever_each_article_is_told_once(db: TestDb) {
    const ALL: [Frequency; 3] = [Frequency::Instant, Frequency::Daily, Frequency::Weekly];
    let mut desk = Desk::new(db).await;
    let people = ["a@example.vn", "b@example.vn", "c@example.vn"];
    let mut ids = Vec::new();
    for (address, frequency) in people.iter().zip(ALL) {
        ids.push(desk.subscriber(address, frequency).await);
    }
    let mut dice = Dice(7);
    for _ in 0..600 {
        let who = ids[dice.roll(ids.len())];
        match dice.roll(12) {
            0..=2 => drop(desk.round().await),
            3 => drop(desk.db.store.fan_out_chunk(1, 1, start()).await.unwrap()),
            4 | 5 => {
                let schedules = desk.schedules().await;
                desk.start(schedules[dice.roll(schedules.len())]).await;
            }
            6 | 7 => drop(desk.db.store.digest_chunk(1, 2, start()).await.unwrap()),
            8 | 9 => {
                let frequency = ALL[dice.roll(3)];
                let store = &desk.db.store;
                assert!(store.set_frequency(who, &Watch::All, frequency).await.unwrap());
            }
            10 => {
                let schedule = match dice.roll(4) {
                    0 => {
                        let minute = u32::try_from(dice.roll(20)).unwrap();
                        Schedule::daily(NaiveTime::from_hms_opt(18, minute, 0), None, Ho_Chi_Minh)
                    }
                    1 => friday(),
                    2 => Schedule::usual(Frequency::Daily),
                    _ => Schedule::usual(Frequency::Weekly),
                };
                let set = desk.db.store.set_schedule(who, &schedule, start()).await;
                assert!(set.is_ok(), "{set:?}");
            }
            _ => desk.read(1).await,
        }
    }
    drain(&desk.db.store, 100).await;
    for schedule in desk.schedules().await {
        desk.run(schedule).await;
    }
    let expected: Vec<(i64, usize)> = (1..=desk.articles).map(|n| (n, 1)).collect();
    assert!(expected.len() > 50, "{} articles", expected.len());
    for address in people {
        assert_eq!(desk.told_to(address), expected, "{address}");
    }
}

async fn what_waited_for_a_weekly_digest_is_told_by_it_and_what_comes_after_the_change_daily(db: TestDb) {
    let mut desk = Desk::new(db).await;
    let lan = desk.subscriber("lan@example.vn", Frequency::Weekly).await;
    desk.run(DAILY).await;
    let monday = desk.round().await;
    desk.run(DAILY).await;
    assert_eq!(desk.told_to("lan@example.vn"), []);
    let changed = desk
        .db
        .store
        .set_frequency(lan, &Watch::All, Frequency::Daily)
        .await;
    assert!(changed.unwrap());
    let wednesday = desk.round().await;
    desk.run(DAILY).await;
    assert_eq!(desk.told_to("lan@example.vn"), once(&[wednesday]));
    desk.run(WEEKLY).await;
    assert_eq!(desk.told_to("lan@example.vn"), once(&[monday, wednesday]));
    // And back: what a daily digest told is not told by the weekly one.
    let thursday = desk.round().await;
    let changed = desk
        .db
        .store
        .set_frequency(lan, &Watch::All, Frequency::Weekly)
        .await;
    assert!(changed.unwrap());
    desk.run(DAILY).await;
    let told = once(&[monday, wednesday, thursday]);
    assert_eq!(desk.told_to("lan@example.vn"), told);
    desk.run(WEEKLY).await;
    assert_eq!(desk.told_to("lan@example.vn"), told);
}

async fn a_new_time_begins_where_the_old_one_ended(db: TestDb) {
    let mut desk = Desk::new(db).await;
    let lan = desk.subscriber("lan@example.vn", Frequency::Daily).await;
    let minh = desk.subscriber("minh@example.vn", Frequency::Daily).await;
    let first = desk.round().await;
    desk.run(DAILY).await;
    let second = desk.round().await;
    desk.set(lan, &evening()).await;
    assert_eq!(
        desk.db.store.schedule_of(lan, Frequency::Daily).await.unwrap(),
        Some(evening())
    );
    let usual = Schedule::usual(Frequency::Daily);
    assert_eq!(
        desk.db.store.schedule_of(minh, Frequency::Instant).await.unwrap(),
        Some(usual)
    );
    assert_eq!(
        desk.db.store.schedule_of(-1, Frequency::Daily).await.unwrap(),
        None
    );
    let again = desk.db.store.set_schedule(lan, &evening(), start()).await;
    assert!(!again.unwrap(), "theirs already");
    let evening_row = *desk.schedules().await.iter().max().unwrap();
    desk.run(DAILY).await;
    assert_eq!(desk.told_to("lan@example.vn"), once(&[first]));
    assert_eq!(desk.told_to("minh@example.vn"), once(&[first, second]));
    let third = desk.round().await;
    desk.run(evening_row).await;
    assert_eq!(desk.told_to("lan@example.vn"), once(&[first, second, third]));
    // Back again while the morning's run has passed Lan by, and not yet come to Minh.
    desk.start(DAILY).await;
    desk.db.store.digest_chunk(1, 2, start()).await.unwrap();
    desk.set(lan, &usual).await;
    desk.set(minh, &evening()).await;
    while desk.db.store.digest_chunk(1, 2, start()).await.unwrap().is_some() {}
    desk.read(100).await;
    let fourth = desk.round().await;
    desk.run(evening_row).await;
    desk.run(DAILY).await;
    let all = once(&[first, second, third, fourth]);
    assert_eq!(desk.told_to("lan@example.vn"), all);
    assert_eq!(desk.told_to("minh@example.vn"), all);
}

async fn a_folded_alert_waits_for_its_owners_own_time(db: TestDb) {
    let mut desk = Desk::new(db).await;
    let lan = desk.subscriber("lan@example.vn", Frequency::Instant).await;
    desk.subscriber("minh@example.vn", Frequency::Instant).await;
    desk.set(lan, &evening()).await;
    let late = desk.round().await;
    drain(&desk.db.store, 100).await;
    for delivery in desk
        .db
        .store
        .claim(Channel::Email, 10, 99, start())
        .await
        .unwrap()
    {
        desk.db
            .store
            .mark(&delivery, &Outcome::Folded, start())
            .await
            .unwrap();
    }
    // Neither asked for a weekly digest.
    desk.run(WEEKLY).await;
    assert_eq!(desk.told, BTreeMap::new());
    desk.run(DAILY).await;
    assert_eq!(desk.told_to("minh@example.vn"), once(&[late]));
    assert_eq!(desk.told_to("lan@example.vn"), []);
    let evening_row = *desk.schedules().await.iter().max().unwrap();
    desk.run(evening_row).await;
    desk.run(DAILY).await;
    desk.run(evening_row).await;
    assert_eq!(desk.told_to("lan@example.vn"), once(&[late]));
    assert_eq!(desk.told_to("minh@example.vn"), once(&[late]));
}

async fn a_new_schedule_begins_where_it_was_made(db: TestDb) {
    let mut desk = Desk::new(db).await;
    desk.round().await;
    let lan = desk.subscriber("lan@example.vn", Frequency::Daily).await;
    desk.run(DAILY).await;
    desk.set(lan, &evening()).await;
    let evening_row = *desk.schedules().await.iter().max().unwrap();
    // Somebody who is new, on a schedule that has no run yet.
    desk.subscriber("moi@example.vn", Frequency::Daily).await;
    let sql =
        format!("UPDATE subscribers SET daily_schedule_id = {evening_row} WHERE address = 'moi@example.vn'");
    crate::common::sql::execute(&desk.db.url, &sql).await;
    let owed = desk.round().await;
    desk.run(evening_row).await;
    assert_eq!(
        desk.told_to("moi@example.vn"),
        once(&[owed]),
        "not all that ever was"
    );
}

async fn two_processes_make_one_run_and_one_digest(db: TestDb) {
    let mut desk = Desk::new(db).await;
    for n in 0..20 {
        desk.subscriber(&format!("a{n}@example.vn"), Frequency::Daily)
            .await;
    }
    desk.round().await;
    let other = Store::open(&desk.db.url).await.unwrap();
    let date = start().date_naive();
    let work = async |store: &Store| {
        let started = store.start_digest_run(DAILY, date, start()).await.unwrap();
        let mut made = 0;
        while let Some(n) = store.digest_chunk(1, 2, start()).await.unwrap() {
            made += n;
        }
        (started, made)
    };
    let (one, two) = tokio::join!(work(&desk.db.store), work(&other));
    assert!(one.0 ^ two.0, "one of them starts it");
    assert_eq!(one.1 + two.1, 20);
    desk.read(100).await;
    assert!(desk.told.values().all(|times| *times == 1));
    assert_eq!(desk.told.len(), 20);
    other.close().await;
}
