//! The polling step over real HTTP, against a portal that does what the test says, with a clock turned by hand.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use loa::{
    clock::Clock,
    domain::{
        classify::{Classifier, Taxonomy},
        subscription::{Channel, Frequency},
        watch::Watch,
    },
    jobs::{
        Step,
        fanout::fanout,
        poll::{Limits, Poller, SectionReport, Status},
    },
    portal::{
        Portal,
        fetch::{FetchSettings, Fetcher},
    },
    store::{Outcome, Page, SectionRow, Store},
};

use tokio_util::sync::CancellationToken;

use crate::common::{
    databases::{TestDb, for_each_db},
    portal::{ScriptedPortal, article_path},
    records::{start, subscribe},
    sql,
};

for_each_db!(
    the_first_poll_is_silent_and_sets_the_baseline,
    a_new_article_is_announced_once_and_to_the_right_watches,
    an_article_in_several_sections_is_one_article_and_one_alert,
    an_article_listed_elsewhere_later_reaches_those_who_watch_there,
    an_unchanged_list_costs_one_conditional_request,
    a_changed_list_title_makes_a_revision_and_no_alert,
    an_article_that_is_not_there_yet_is_announced_when_it_is,
    old_news_that_reappears_is_stored_silently,
    the_page_budget_leaves_the_rest_to_the_next_round_and_loses_nothing,
    pages_that_fail_for_good_do_not_use_the_budget_up,
    a_burst_behind_a_pinned_article_is_read_whole,
    a_failing_portal_is_asked_less_often_and_its_return_is_noticed,
    a_list_of_the_portals_other_shape_is_absent_and_no_failure,
    a_missing_list_is_a_failure_while_nothing_else_answers,
    two_pollers_share_the_work_and_record_nothing_twice,
    what_a_round_recorded_before_a_crash_is_announced_later,
    a_round_that_is_slow_but_alive_is_not_given_up_for_dead,
    a_poll_that_is_told_to_stop_leaves_the_rest_due_at_once,
);

const KH: &str = "/khoa-hoc";
const TT: &str = "/su-kien";

/// A store, a portal, a clock, and the poller over them.
struct World {
    db: TestDb,
    portal: ScriptedPortal,
    clock: Clock,
    poller: Poller,
}

impl World {
    /// Two sections, polled every quarter of an hour; three articles are out.
    async fn new(db: TestDb) -> Self {
        let portal = ScriptedPortal::start(&[KH, TT]).await;
        for n in 1..=3 {
            portal.publish(n, start() - TimeDelta::hours(9 - n), &[KH]);
        }
        portal.publish(4, start() - TimeDelta::hours(1), &[TT]);
        let file = format!(
            "id = \"mau\"\nname = \"Cổng mẫu\"\nbase_url = \"{}\"\nauthority = \"portal.example\"\nyear = 2026\n\
             profile = \"3cms\"\n{}{}",
            portal.url,
            section("khoa-hoc", KH, "3cms"),
            section("su-kien", TT, "3cms"),
        );
        Self::with(db, portal, &file).await
    }

    async fn with(db: TestDb, portal: ScriptedPortal, file: &str) -> Self {
        let clock = Clock::manual(start());
        let taxonomy = Taxonomy::parse(include_str!("../config/topics.toml")).unwrap();
        let file = Portal::from_toml(file).unwrap();
        let sections: Vec<_> = file
            .sections
            .iter()
            .map(|s| ("mau", s.slug.as_str(), s.title.as_str()))
            .collect();
        db.store.sync_sections(&sections, start()).await.unwrap();
        db.store.sync_topics(taxonomy.labels(), start()).await.unwrap();
        let poller = Poller {
            store: db.store.clone(),
            clock: clock.clone(),
            portals: vec![file].into(),
            fetcher: fetcher(),
            classifier: Arc::new(Classifier::new(&taxonomy).unwrap()),
            limits: Limits {
                max_articles: 40,
                max_list_pages: 3,
            },
            stop: CancellationToken::new(),
        };
        Self {
            db,
            portal,
            clock,
            poller,
        }
    }

    /// A world whose first, silent poll is done.
    async fn polled(db: TestDb) -> Self {
        let world = Self::new(db).await;
        world.poll().await;
        world.portal.take_asked();
        world.next_quarter();
        world
    }

    async fn poll(&self) -> Vec<SectionReport> {
        self.poller.step().await.unwrap()
    }

    fn next_quarter(&self) -> DateTime<Utc> {
        self.clock.advance(TimeDelta::minutes(15));
        self.clock.now()
    }

    async fn section(&self, slug: &str) -> SectionRow {
        let rows = self.db.store.sections().await.unwrap();
        rows.into_iter().find(|row| row.slug == slug).unwrap()
    }

    async fn articles(&self) -> usize {
        let page = Page {
            before: None,
            limit: 500,
        };
        self.db.store.list(&Watch::All, page).await.unwrap().len()
    }

    /// Fans out, and takes every alert that is due: whom it is for, and the numbers of its articles.
    async fn alerts(&self) -> BTreeMap<String, Vec<i64>> {
        alerts(&self.db.store, self.clock.now()).await
    }
}

fn section(slug: &str, path: &str, profile: &str) -> String {
    format!(
        "[[section]]\nslug = \"{slug}\"\ntitle = \"{slug}\"\npath = \"{path}\"\nschedule = \"0 */15 * * * *\"\n\
         profile = \"{profile}\"\n"
    )
}

fn fetcher() -> Arc<Fetcher> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Arc::new(Fetcher::new(FetchSettings {
        allow_private_addresses: true,
        min_interval: Duration::ZERO,
        ..FetchSettings::default()
    }))
}

async fn alerts(store: &Store, now: DateTime<Utc>) -> BTreeMap<String, Vec<i64>> {
    while fanout(store, now).await.unwrap() != Step::Idle {}
    let mut told = BTreeMap::new();
    for channel in [Channel::Email, Channel::Telegram] {
        for delivery in store
            .claim(channel, 100, now.timestamp_micros(), now)
            .await
            .unwrap()
        {
            let (round, subscriber) = (delivery.fanout_id.unwrap(), delivery.subscriber_id);
            let ids = store.articles_of_alert(round, subscriber).await.unwrap();
            let articles = store.articles(&ids).await.unwrap();
            let mut numbers: Vec<i64> = articles.iter().map(|a| number(&a.key)).collect();
            numbers.sort_unstable();
            if numbers.is_empty() {
                // What dispatch cancels: they heard of it through another watch.
                let nothing = Outcome::Cancelled("nothing left to tell");
                store.mark(&delivery, &nothing, now).await.unwrap();
                continue;
            }
            let twice = told.insert(delivery.address.as_str().to_owned(), numbers);
            assert_eq!(twice, None, "one message a round");
            assert!(store.mark_sending(&delivery, now).await.unwrap());
            store.mark(&delivery, &Outcome::Sent(None), now).await.unwrap();
        }
    }
    told
}

fn number(key: &str) -> i64 {
    key.parse::<i64>().unwrap() - crate::common::portal::FIRST_KEY
}

fn told<const N: usize>(alerts: [(&str, &[i64]); N]) -> BTreeMap<String, Vec<i64>> {
    alerts
        .into_iter()
        .map(|(who, what)| (who.to_owned(), what.to_vec()))
        .collect()
}

async fn the_first_poll_is_silent_and_sets_the_baseline(db: TestDb) {
    let world = World::new(db).await;
    subscribe(&world.db.store, "a@example.vn", "all", Frequency::Instant).await;
    let reports = world.poll().await;
    assert!(
        reports.iter().all(|report| report.status == Status::Read),
        "{reports:?}"
    );
    assert_eq!(
        reports.iter().map(|report| report.new).sum::<usize>(),
        4,
        "{reports:?}"
    );
    assert_eq!(world.articles().await, 4);
    assert_eq!(world.alerts().await, told([]));
    assert_eq!(sql::count(&world.db.url, "SELECT COUNT(*) FROM fanouts").await, 0);
    assert_eq!(
        sql::count(
            &world.db.url,
            "SELECT COUNT(*) FROM sections WHERE baseline_at IS NOT NULL"
        )
        .await,
        2
    );
    assert!(
        world.poll().await.is_empty(),
        "nothing is due before the next quarter"
    );
    assert_eq!(
        world.section("khoa-hoc").await.next_poll_at,
        start() + TimeDelta::minutes(15)
    );
}

async fn a_new_article_is_announced_once_and_to_the_right_watches(db: TestDb) {
    let world = World::polled(db).await;
    for (who, watch) in [
        ("all@example.vn", "all"),
        ("topic@example.vn", "topic:khoa-hoc-cong-nghe"),
        ("two@example.vn", "topic:khoa-hoc-cong-nghe"),
        ("two@example.vn", "section:mau/khoa-hoc"),
        ("phrase@example.vn", "phrase:hội đồng"),
        ("no-phrase@example.vn", "phrase:cầu đường"),
        ("no-topic@example.vn", "topic:nong-nghiep-nong-thon"),
        ("no-section@example.vn", "section:mau/su-kien"),
        ("4711", "section:mau/khoa-hoc"),
    ] {
        subscribe(&world.db.store, who, watch, Frequency::Instant).await;
    }
    world.portal.publish(5, world.clock.now(), &[KH]);
    let reports = world.poll().await;
    assert_eq!(
        reports.iter().map(|r| (r.new, r.changed)).collect::<Vec<_>>(),
        [(1, 0), (0, 0)]
    );
    let everyone: [(&str, &[i64]); 5] = [
        ("all@example.vn", &[5]),
        ("topic@example.vn", &[5]),
        ("two@example.vn", &[5]),
        ("phrase@example.vn", &[5]),
        ("4711", &[5]),
    ];
    assert_eq!(world.alerts().await, told(everyone));
    for _ in 0..3 {
        world.next_quarter();
        world.poll().await;
        assert_eq!(world.alerts().await, told([]), "once");
    }
}

async fn an_article_in_several_sections_is_one_article_and_one_alert(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    subscribe(
        &world.db.store,
        "kh@example.vn",
        "section:mau/khoa-hoc",
        Frequency::Instant,
    )
    .await;
    subscribe(
        &world.db.store,
        "tt@example.vn",
        "section:mau/su-kien",
        Frequency::Instant,
    )
    .await;
    world.portal.publish(5, world.clock.now(), &[KH, TT]);
    world.poll().await;
    assert_eq!(world.articles().await, 5);
    let fetched = world.portal.take_asked();
    assert_eq!(
        fetched.iter().filter(|path| **path == article_path(5)).count(),
        1,
        "{fetched:?}"
    );
    let both: [(&str, &[i64]); 3] = [
        ("all@example.vn", &[5]),
        ("kh@example.vn", &[5]),
        ("tt@example.vn", &[5]),
    ];
    assert_eq!(world.alerts().await, told(both));
    let of = |slug: &str| Watch::Section {
        portal: "mau".to_owned(),
        slug: slug.to_owned(),
    };
    for (slug, count) in [("khoa-hoc", 4), ("su-kien", 2)] {
        let page = Page {
            before: None,
            limit: 50,
        };
        assert_eq!(
            world.db.store.list(&of(slug), page).await.unwrap().len(),
            count,
            "{slug}"
        );
    }
}

async fn an_article_listed_elsewhere_later_reaches_those_who_watch_there(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    subscribe(
        &world.db.store,
        "tt@example.vn",
        "section:mau/su-kien",
        Frequency::Instant,
    )
    .await;
    world.portal.publish(5, world.clock.now(), &[KH]);
    world.poll().await;
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5])]));
    world.next_quarter();
    world.portal.pin(5, TT);
    world.poll().await;
    assert_eq!(world.alerts().await, told([("tt@example.vn", &[5])]));
    world.next_quarter();
    world.poll().await;
    assert_eq!(world.alerts().await, told([]));
}

async fn an_unchanged_list_costs_one_conditional_request(db: TestDb) {
    let world = World::polled(db).await;
    let reports = world.poll().await;
    assert!(
        reports.iter().all(|report| report.status == Status::NotModified),
        "{reports:?}"
    );
    assert_eq!(world.portal.take_asked(), [format!("{KH}?"), format!("{TT}?")]);
    assert_eq!(
        world.section("khoa-hoc").await.next_poll_at,
        world.next_quarter(),
        "the schedule goes on"
    );
}

async fn a_changed_list_title_makes_a_revision_and_no_alert(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.edit(2, |shown| shown.title.push_str(" (sửa)"));
    world
        .portal
        .edit(3, |shown| shown.title = shown.title.replace(' ', "  "));
    let edited_at = world.clock.now();
    let reports = world.poll().await;
    assert_eq!((reports[0].new, reports[0].changed), (0, 1));
    assert_eq!(
        world.portal.take_asked(),
        [format!("{KH}?"), article_path(2), format!("{TT}?")],
        "more spaces are no other title"
    );
    let page = Page {
        before: None,
        limit: 50,
    };
    let articles = world.db.store.list(&Watch::All, page).await.unwrap();
    let edited = articles.iter().find(|a| number(&a.key) == 2).unwrap();
    assert!(edited.title.ends_with("(sửa)"));
    assert_eq!((edited.first_seen_at, edited.updated_at), (start(), edited_at));
    assert_eq!(
        sql::count(&world.db.url, "SELECT COUNT(*) FROM revisions").await,
        1
    );
    assert_eq!(world.alerts().await, told([]));
    world.next_quarter();
    assert!(world.poll().await.iter().all(|report| report.changed == 0));
}

async fn an_article_that_is_not_there_yet_is_announced_when_it_is(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.publish(5, world.clock.now(), &[KH]);
    world.portal.edit(5, |shown| shown.is_hidden = true);
    let reports = world.poll().await;
    assert_eq!(reports[0].status, Status::Read);
    assert!(reports[0].failed[0].contains("not there yet"), "{:?}", reports[0]);
    assert_eq!((world.articles().await, world.alerts().await), (4, told([])));
    // The list is the same as before, and is read all the same: no validators were kept.
    world.next_quarter();
    world.portal.edit(5, |shown| shown.is_hidden = false);
    assert_eq!(world.poll().await[0].new, 1);
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5])]));
    world.next_quarter();
    assert_eq!(
        world.poll().await[0].status,
        Status::NotModified,
        "now the list is known whole"
    );
}

async fn old_news_that_reappears_is_stored_silently(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    // The newest that the section had is six hours old.
    let newest = start() - TimeDelta::hours(6);
    world
        .portal
        .publish(5, newest - TimeDelta::days(7) - TimeDelta::minutes(1), &[KH]);
    world
        .portal
        .publish(6, newest - TimeDelta::days(7) + TimeDelta::minutes(1), &[KH]);
    assert_eq!(world.poll().await[0].new, 2);
    assert_eq!(world.articles().await, 6);
    assert_eq!(world.alerts().await, told([("all@example.vn", &[6])]));
}

async fn the_page_budget_leaves_the_rest_to_the_next_round_and_loses_nothing(db: TestDb) {
    let mut world = World::polled(db).await;
    world.poller.limits.max_articles = 2;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    for n in 5..=9 {
        world.portal.publish(n, world.clock.now(), &[KH]);
    }
    for expected in [&[5, 6][..], &[7, 8], &[9]] {
        world.poll().await;
        assert_eq!(
            world.alerts().await,
            told([("all@example.vn", expected)]),
            "oldest first"
        );
        world.next_quarter();
    }
    world.poll().await;
    assert_eq!((world.articles().await, world.alerts().await), (9, told([])));
}

async fn pages_that_fail_for_good_do_not_use_the_budget_up(db: TestDb) {
    let mut world = World::polled(db).await;
    world.poller.limits.max_articles = 2;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    for n in 5..=9 {
        world.portal.publish(n, world.clock.now(), &[KH]);
    }
    world.portal.edit(5, |shown| shown.is_hidden = true);
    world.portal.edit(6, |shown| shown.is_hidden = true);
    for expected in [&[7, 8][..], &[9]] {
        assert_eq!(world.poll().await[0].failed.len(), 2);
        assert_eq!(world.alerts().await, told([("all@example.vn", expected)]));
        world.next_quarter();
    }
    world.portal.take_asked();
    world.poll().await;
    let asked = [KH.to_owned(), article_path(5), article_path(6), format!("{TT}?")];
    assert_eq!(world.portal.take_asked(), asked, "looked for again, once a round");
}

async fn a_burst_behind_a_pinned_article_is_read_whole(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    let burst: Vec<i64> = (5..=24).collect();
    for n in &burst {
        world.portal.publish(*n, world.clock.now(), &[KH]);
    }
    world.portal.pin(1, KH);
    assert_eq!(
        world.poll().await[0].new,
        20,
        "over two pages, although the first shows one that is known"
    );
    assert_eq!(world.alerts().await, told([("all@example.vn", &burst)]));
}

async fn a_failing_portal_is_asked_less_often_and_its_return_is_noticed(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.set_down(true);
    for (failures, wait_minutes) in [(1, 1), (2, 2), (3, 4), (4, 8)] {
        let reports = world.poll().await;
        assert!(
            matches!(&reports[0].status, Status::Failed(why) if why.contains("500")),
            "{reports:?}"
        );
        assert!(reports[0].is_failure());
        let row = world.section("khoa-hoc").await;
        assert_eq!(row.failures, failures);
        assert!(row.last_error.unwrap().contains("500"));
        assert_eq!(
            row.next_poll_at,
            world.clock.now() + TimeDelta::minutes(wait_minutes)
        );
        world
            .clock
            .advance(TimeDelta::minutes(wait_minutes) - TimeDelta::seconds(1));
        assert!(world.poll().await.is_empty(), "not before it is due");
        world.clock.advance(TimeDelta::seconds(1));
    }
    world.portal.set_down(false);
    world.portal.publish(5, world.clock.now(), &[KH]);
    assert_eq!(world.poll().await[0].new, 1);
    let row = world.section("khoa-hoc").await;
    assert_eq!((row.failures, row.last_error), (0, None));
    assert_eq!(
        world.alerts().await,
        told([("all@example.vn", &[5])]),
        "what came meanwhile is not lost"
    );
}

/// The compiled-in portal's two shapes: the new one may be read by both profiles, the old one by its own.
async fn two_shapes(db: TestDb) -> World {
    let portal = ScriptedPortal::start(&[KH, TT]).await;
    portal.publish(1, start(), &[KH, TT]);
    let file = format!(
        "id = \"mau\"\nname = \"Cổng mẫu\"\nbase_url = \"{}\"\nauthority = \"portal.example\"\nyear = 2026\n\
         profile = \"3cms\"\n[[section]]\nslug = \"tin-tuc\"\ntitle = \"Tin tức\"\npath = \"/tin-tuc\"\n\
         schedule = \"0 */15 * * * *\"\nprofile = [\"quangtri-tin-tuc\", \"3cms\"]\n{}",
        portal.url,
        section("khoa-hoc", KH, "3cms"),
    );
    World::with(db, portal, &file).await
}

async fn a_list_of_the_portals_other_shape_is_absent_and_no_failure(db: TestDb) {
    let world = two_shapes(db).await;
    let reports = world.poll().await;
    assert_eq!(reports[0].status, Status::Absent);
    assert!(reports.iter().all(|report| !report.is_failure()), "{reports:?}");
    assert_eq!(
        world.section("tin-tuc").await.next_poll_at,
        start() + TimeDelta::hours(24),
        "looked for once a day"
    );
    // The other section is remembered to answer, also while it is not due itself.
    world.clock.advance(TimeDelta::minutes(1));
    let now = world.clock.now();
    world
        .db
        .store
        .make_due(Some("mau"), Some("tin-tuc"), now)
        .await
        .unwrap();
    let reports = world.poll().await;
    assert_eq!((reports.len(), &reports[0].status), (1, &Status::Absent));
}

async fn a_missing_list_is_a_failure_while_nothing_else_answers(db: TestDb) {
    let world = two_shapes(db).await;
    world.portal.remove_list(KH);
    let reports = world.poll().await;
    assert!(reports.iter().all(SectionReport::is_failure), "{reports:?}");
    assert_eq!(world.section("tin-tuc").await.failures, 1);
}

async fn two_pollers_share_the_work_and_record_nothing_twice(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    for n in 5..=9 {
        world.portal.publish(n, world.clock.now(), &[KH, TT]);
    }
    let mut other = world.poller.clone();
    other.store = Store::open(&world.db.url).await.unwrap();
    other.fetcher = fetcher();
    let (one, two) = tokio::join!(world.poller.step(), other.step());
    let mut polled: Vec<String> = one
        .unwrap()
        .into_iter()
        .chain(two.unwrap())
        .map(|r| r.section)
        .collect();
    polled.sort();
    assert_eq!(polled, ["khoa-hoc", "su-kien"], "no section twice");
    assert_eq!(world.articles().await, 9);
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5, 6, 7, 8, 9])]));

    // One section each, at the same time, with the same articles in both.
    for n in 10..=14 {
        world.portal.publish(n, world.clock.now(), &[KH, TT]);
    }
    let now = world.next_quarter();
    let later = now + TimeDelta::hours(1);
    let claimed = world.db.store.claim_due_sections(now, later).await.unwrap();
    assert_eq!(claimed.len(), 2);
    let make_due = async |slug| world.db.store.make_due(None, Some(slug), now).await.unwrap();
    make_due("khoa-hoc").await;
    world.portal.hold(article_path(12));
    let (one, two) = tokio::join!(world.poller.step(), async {
        world.portal.reached().await;
        make_due("su-kien").await;
        let reports = other.step().await;
        world.portal.release();
        reports
    });
    let reports: Vec<_> = one.unwrap().into_iter().chain(two.unwrap()).collect();
    assert_eq!(reports.len(), 2);
    assert_eq!(reports.iter().map(|r| r.new).sum::<usize>(), 5, "{reports:?}");
    assert!(reports.iter().all(|r| r.failed.is_empty()), "{reports:?}");
    assert_eq!(world.articles().await, 14);
    let announced = "SELECT COUNT(*) FROM fanout_articles WHERE only_watch_id IS NULL";
    assert_eq!(
        sql::count(&world.db.url, announced).await,
        10,
        "each in one round"
    );
    assert_eq!(
        sql::count(&world.db.url, "SELECT COUNT(*) FROM revisions").await,
        0
    );
}

async fn what_a_round_recorded_before_a_crash_is_announced_later(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.publish(5, world.clock.now(), &[KH]);
    world.portal.publish(6, world.clock.now(), &[KH]);
    world.portal.hold(article_path(6));
    tokio::select! {
        _ = world.poller.step() => panic!("the round hangs at the second article"),
        () = world.portal.reached() => {}
    }
    // The process is gone. Its round is still open, and nobody may think that it is over.
    assert_eq!(world.articles().await, 5);
    assert_eq!(world.alerts().await, told([]));
    world.portal.release();
    world.clock.advance(TimeDelta::minutes(11));
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5])]));
    // The lease on the section passes too, and the rest is read.
    world.clock.advance(TimeDelta::minutes(20));
    assert_eq!(world.poll().await[0].new, 1);
    assert_eq!(world.alerts().await, told([("all@example.vn", &[6])]));
}

async fn a_round_that_is_slow_but_alive_is_not_given_up_for_dead(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.publish(5, world.clock.now(), &[TT]);
    // Eight minutes for the first list, eight for the second: nothing was recorded for longer than a dead round's time.
    world.portal.hold(KH);
    let (reports, ()) = tokio::join!(world.poller.step(), async {
        world.portal.reached().await;
        world.clock.advance(TimeDelta::minutes(8));
        world.portal.hold(TT);
        world.portal.release();
        world.portal.reached().await;
        world.clock.advance(TimeDelta::minutes(8));
        assert_eq!(world.alerts().await, told([]));
        let mut other = world.poller.clone();
        other.fetcher = fetcher();
        let claimed = other.step().await.unwrap();
        assert!(claimed.is_empty(), "its sections stay its own: {claimed:?}");
        world.portal.release();
    });
    let reports = reports.unwrap();
    assert_eq!((reports[1].new, &reports[1].failed), (1, &Vec::new()));
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5])]));
}

async fn a_poll_that_is_told_to_stop_leaves_the_rest_due_at_once(db: TestDb) {
    let mut world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.publish(5, world.clock.now(), &[KH]);
    world.portal.publish(6, world.clock.now(), &[KH]);
    world.portal.publish(7, world.clock.now(), &[TT]);
    world.portal.hold(article_path(5));
    let (reports, ()) = tokio::join!(world.poller.step(), async {
        world.portal.reached().await;
        world.poller.stop.cancel();
        world.portal.release();
    });
    assert_eq!(reports.unwrap()[0].new, 1, "what was begun is finished");
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5])]));
    world.poller.stop = CancellationToken::new();
    let reports = world.poll().await;
    assert_eq!(
        reports.iter().map(|r| r.new).collect::<Vec<_>>(),
        [1, 1],
        "{reports:?}"
    );
    assert_eq!(world.alerts().await, told([("all@example.vn", &[6, 7])]));
}
