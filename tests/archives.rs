//! Archives (RFC 5005): whoever walks from a feed along `prev-archive` meets every article of the months that are over,
//! exactly once, and a document that was served never changes again.

use std::{collections::BTreeMap, io::Read as _};

use axum::http::{Method, StatusCode, header};
use axum_test::{TestResponse, TestServer};
use chrono::{DateTime, TimeDelta, Utc};
use loa::{
    clock::Clock,
    domain::{
        article::{Extracted, Precision, Published},
        token::Tokens,
        topic::Assigned,
    },
    feed::Content,
    store::{ArticleName, FanoutId, Recorded, Relisted, Seen},
    web::{self, FeedCache},
};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record_page, start},
    site,
    sql::Sql,
};

/// On PostgreSQL: how many wait for a lock.
const WAITS: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

for_each_db!(
    a_walk_meets_every_article_of_the_months_that_are_over_once,
    a_sealed_document_stays_byte_for_byte_and_what_comes_later_goes_elsewhere,
    an_older_month_that_links_passed_over_takes_nothing_more,
    what_a_backfill_brings_stands_in_its_own_month,
    what_comes_to_a_topic_later_is_in_its_archives,
    what_is_withdrawn_or_removed_vanishes_and_the_chain_holds,
    what_is_recorded_while_a_month_is_sealed_is_in_one_document,
    a_month_is_sealed_once_what_is_being_recorded_is_committed,
    a_document_that_is_dropped_while_it_is_written_is_not_kept,
    who_records_and_who_removes_do_not_wait_for_each_other,
    archives_over_http,
    who_asks_by_date_gets_the_document_without_what_was_withdrawn,
    months_without_a_document_are_not_found_and_newer_ones_are_linked_to,
    excerpts_have_archives_of_their_own_where_full_texts_are_served,
    the_link_to_the_newest_archive_comes_with_the_month_itself,
);

const TOPIC: &str = "khoa-hoc-cong-nghe";
const FEEDS: [&str; 3] = [
    "/feeds/all",
    "/feeds/topics/khoa-hoc-cong-nghe",
    "/feeds/sections/mau/khoa-hoc",
];

struct World {
    db: TestDb,
    section: i64,
    clock: Clock,
    server: TestServer,
    feeds: FeedCache,
}

async fn world(db: TestDb, content: Content) -> World {
    let section = prepare(&db.store, start()).await;
    let clock = Clock::manual(start());
    let mut state = site::state(&db.store, &clock, &Tokens::new("test"));
    state.content = content;
    World {
        feeds: state.feeds.clone(),
        server: TestServer::new(web::router(state)),
        db,
        section,
        clock,
    }
}

fn at(text: &str) -> DateTime<Utc> {
    format!("{text}T03:00:00Z").parse().unwrap()
}

fn dated(n: i64, date: &str) -> Extracted {
    Extracted {
        published: Some(Published {
            at: at(date) + TimeDelta::seconds(n),
            precision: Precision::Minute,
        }),
        ..page(n)
    }
}

impl World {
    /// Records article `n`, published on a date, silently; the even ones have the topic.
    async fn put(&self, n: i64, date: &str) -> i64 {
        self.record(n, date, None).await
    }

    /// The same, but announced.
    async fn tell(&self, n: i64, date: &str) -> i64 {
        let round = self.db.store.open_fanout(self.clock.now()).await.unwrap();
        self.record(n, date, Some(round)).await
    }

    async fn record(&self, n: i64, date: &str, round: Option<FanoutId>) -> i64 {
        let topics: &[&str] = if n % 2 == 0 { &[TOPIC] } else { &[] };
        let now = self.clock.now();
        let recorded = record_page(&self.db.store, self.section, &dated(n, date), topics, round, now).await;
        let (Recorded::New(id) | Recorded::Changed(id) | Recorded::Same(id)) = recorded else {
            panic!("{n} was removed");
        };
        id
    }

    fn set(&self, to: DateTime<Utc>) {
        self.clock.advance(to - self.clock.now());
    }

    async fn month(&self, feed: &str, month: &str) -> TestResponse {
        self.server.get(&format!("{feed}/archive/{month}")).await
    }

    async fn withdraw(&self, id: i64) {
        let store = &self.db.store;
        store
            .note_look(id, Seen::Withdrawn, None, self.clock.now())
            .await
            .unwrap();
    }

    /// Walks from a feed along `prev-archive`: the documents' months, and how often each article stands in one.
    async fn walk(&self, feed: &str, format: &str) -> (Vec<String>, BTreeMap<i64, usize>) {
        self.feeds.notice(&self.db.store).await.unwrap();
        let mut next = link(
            &self.server.get(&format!("{feed}.{format}")).await.text(),
            "prev-archive",
        );
        let (mut months, mut met) = (Vec::new(), BTreeMap::new());
        while let Some(url) = next {
            let path = url.strip_prefix(site::PUBLIC_URL).unwrap();
            let answer = self.server.get(path).await;
            answer.assert_status_ok();
            let text = answer.text();
            assert!(text.contains("<fh:archive"), "{text}");
            assert_eq!(link(&text, "self").as_deref(), Some(&*url));
            assert_eq!(
                link(&text, "current"),
                Some(format!("{}{feed}.{format}", site::PUBLIC_URL))
            );
            let numbers = numbers(&text);
            assert!(!numbers.is_empty(), "{url} is empty");
            for n in numbers {
                *met.entry(n).or_default() += 1;
            }
            months.push(
                path.rsplit_once('/')
                    .unwrap()
                    .1
                    .split_once('.')
                    .unwrap()
                    .0
                    .to_owned(),
            );
            next = link(&text, "prev-archive");
        }
        assert!(months.is_sorted_by(|newer, older| newer > older), "{months:?}");
        (months, met)
    }

    async fn assert_walks(&self, expected: &[i64]) {
        for format in ["rss", "atom"] {
            for feed in FEEDS {
                let is_topic = feed.contains("topics");
                let expected: BTreeMap<i64, usize> = expected
                    .iter()
                    .filter(|n| !is_topic || *n % 2 == 0)
                    .map(|n| (*n, 1))
                    .collect();
                let (months, met) = self.walk(feed, format).await;
                assert_eq!(met, expected, "{feed}.{format}: {months:?}");
            }
        }
    }
}

/// The address of a link, by simple means that know no format.
fn link(document: &str, rel: &str) -> Option<String> {
    let tag = document
        .split('<')
        .find(|tag| tag.contains(&format!("rel=\"{rel}\"")) && tag.contains("link "))?;
    let href = tag.split_once("href=\"")?.1.split_once('"')?.0;
    Some(href.replace("&amp;", "&"))
}

/// The numbers of the articles, in the order of the document.
fn numbers(document: &str) -> Vec<i64> {
    let marks = document.split("mau/article/").skip(1);
    marks
        .map(|rest| rest[..13].parse::<i64>().unwrap() - 1_764_000_000_000)
        .collect()
}

async fn a_walk_meets_every_article_of_the_months_that_are_over_once(db: TestDb) {
    let world = world(db, Content::Excerpt).await;
    let mut expected = Vec::new();
    for n in 1..=75 {
        let date = [
            "2026-10-05",
            "2026-10-30",
            "2026-08-17",
            "2025-12-31",
            "2026-10-01",
        ][usize::try_from(n % 5).unwrap()];
        world.put(n, date).await;
        expected.push(n);
    }
    for n in 80..90 {
        world.put(n, "2026-11-20").await;
    }
    world.assert_walks(&expected).await;
    let (months, _) = world.walk("/feeds/all", "rss").await;
    assert_eq!(months, ["2026-10", "2026-08", "2025-12"]);
    let october = numbers(&world.month("/feeds/all", "2026-10.rss").await.text());
    assert_eq!(&october[..3], [71, 66, 61], "newest first");
    let august = world.month("/feeds/all", "2026-08.atom").await.text();
    assert!(
        link(&august, "next-archive")
            .unwrap()
            .ends_with("/feeds/all/archive/2026-10.atom")
    );
    assert!(link(&august, "prev-archive").unwrap().ends_with("/2025-12.atom"));
    // Midnight in the portal's zone is when a month ends.
    let before = world.month("/feeds/all", "2026-11.rss").await;
    before.assert_status(StatusCode::NOT_FOUND);
    world.set("2026-11-30T16:59:59Z".parse().unwrap());
    world
        .month("/feeds/all", "2026-11.rss")
        .await
        .assert_status(StatusCode::NOT_FOUND);
    world.set("2026-11-30T17:00:00Z".parse().unwrap());
    expected.extend(80..90);
    world.assert_walks(&expected).await;
}

async fn a_sealed_document_stays_byte_for_byte_and_what_comes_later_goes_elsewhere(db: TestDb) {
    let world = world(db, Content::Full).await;
    for n in 1..=6 {
        world.put(n, "2026-10-10").await;
    }
    world.put(7, "2026-09-10").await;
    let paths = [
        "/feeds/all/archive/2026-10.rss",
        "/feeds/all/archive/2026-10.atom",
        "/feeds/all/archive/2026-09.rss",
    ];
    let mut before = Vec::new();
    for path in paths {
        before.push(world.server.get(path).await.as_bytes().clone());
    }
    // An edit, a late article of the same month, one of an unsealed month before, and one that loses its topic.
    let mut edited = dated(2, "2026-10-10");
    edited.title.push_str(" (sửa)");
    let now = world.clock.now();
    record_page(&world.db.store, world.section, &edited, &[], None, now).await;
    world.tell(8, "2026-10-11").await;
    world.tell(9, "2026-08-11").await;
    for (path, before) in paths.iter().zip(&before) {
        assert_eq!(world.server.get(path).await.as_bytes(), before, "{path}");
    }
    let missing = world.month("/feeds/all", "2026-08.rss").await;
    missing.assert_status(StatusCode::NOT_FOUND);
    world.set(at("2026-12-03"));
    let (months, met) = world.walk("/feeds/all", "rss").await;
    assert_eq!(months, ["2026-11", "2026-10", "2026-09"]);
    assert_eq!(met, (1..=9).map(|n| (n, 1)).collect());
    for (path, before) in paths.iter().zip(&before) {
        assert_eq!(world.server.get(path).await.as_bytes(), before, "{path}");
    }
}

async fn an_older_month_that_links_passed_over_takes_nothing_more(db: TestDb) {
    let world = world(db, Content::Excerpt).await;
    world.put(1, "2026-06-10").await;
    world.put(3, "2026-09-10").await;
    // The section's chain goes from September to June. July lies between, and June is open.
    world
        .month("/feeds/sections/mau/khoa-hoc", "2026-09.atom")
        .await
        .assert_status_ok();
    world.tell(5, "2026-07-10").await;
    world.tell(7, "2026-06-11").await;
    world.tell(9, "2026-05-10").await;
    world.set(at("2026-12-03"));
    world.assert_walks(&[1, 3, 5, 7, 9]).await;
    let (months, _) = world.walk("/feeds/all", "rss").await;
    assert_eq!(months, ["2026-11", "2026-09", "2026-06"]);
}

async fn what_a_backfill_brings_stands_in_its_own_month(db: TestDb) {
    let world = world(db, Content::Excerpt).await;
    for (n, date) in [(2, "2026-07-01"), (4, "2026-09-01"), (6, "2026-10-01")] {
        world.put(n, date).await;
    }
    world.assert_walks(&[2, 4, 6]).await;
    let october = world.month("/feeds/all", "2026-10.rss").await.as_bytes().clone();
    // In a sealed month, between two, and before the first; none has the topic.
    for (n, date) in [(1, "2026-09-02"), (3, "2026-08-02"), (5, "2026-01-02")] {
        let before = world.month(FEEDS[1], "2026-09.rss").await.as_bytes().clone();
        world.put(n, date).await;
        world
            .assert_walks(&[2, 4, 6, 1, 3, 5][..4 + usize::try_from(n / 2).unwrap()])
            .await;
        assert_eq!(
            world.month(FEEDS[1], "2026-09.rss").await.as_bytes(),
            &before,
            "the topic's documents stay"
        );
    }
    let (months, _) = world.walk("/feeds/all", "rss").await;
    assert_eq!(months, ["2026-10", "2026-09", "2026-08", "2026-07", "2026-01"]);
    let july = world.month("/feeds/all", "2026-07.rss").await.text();
    assert!(
        link(&july, "next-archive").unwrap().ends_with("2026-08.rss"),
        "{july}"
    );
    assert_eq!(
        world.month("/feeds/all", "2026-10.rss").await.as_bytes(),
        &october,
        "nothing of it changed"
    );
}

async fn what_comes_to_a_topic_later_is_in_its_archives(db: TestDb) {
    let world = world(db, Content::Excerpt).await;
    let mut ids = BTreeMap::new();
    for (n, date) in [
        (2, "2026-07-01"),
        (4, "2026-09-01"),
        (1, "2026-09-02"),
        (3, "2026-08-02"),
        (5, "2026-06-02"),
    ] {
        ids.insert(n, world.put(n, date).await);
    }
    world.assert_walks(&[2, 4, 1, 3, 5]).await;
    let everything = world.month("/feeds/all", "2026-09.rss").await.as_bytes().clone();
    let now = world.clock.now();
    // By an edit, in a sealed month; one that keeps its topic leaves the document as it is.
    let topic = world.month(FEEDS[1], "2026-07.rss").await.as_bytes().clone();
    for (n, date) in [(2, "2026-07-01"), (1, "2026-09-02")] {
        let mut edited = dated(n, date);
        edited.title.push_str(" (sửa)");
        record_page(&world.db.store, world.section, &edited, &[TOPIC], None, now).await;
        assert_eq!(world.month(FEEDS[1], "2026-07.rss").await.as_bytes(), &topic);
    }
    for format in ["rss", "atom"] {
        let september = world.month(FEEDS[1], &format!("2026-09.{format}")).await;
        assert_eq!(numbers(&september.text()), [1, 4]);
    }
    // By another section's vote, between two months and before the first.
    for n in [3, 5] {
        let topics = [Assigned {
            slug: TOPIC.to_owned(),
            score: 9.0,
            evidence: Vec::new(),
        }];
        let relisted = Relisted {
            article: ids[&n],
            section: (world.section, "x"),
            topics: &topics,
            announce: None,
            now,
        };
        world.db.store.relist(&relisted).await.unwrap();
    }
    for format in ["rss", "atom"] {
        let (months, met) = world.walk(FEEDS[1], format).await;
        assert_eq!(months, ["2026-09", "2026-08", "2026-07", "2026-06"]);
        assert_eq!(met, (1..=5).map(|n| (n, 1)).collect());
    }
    assert_eq!(
        world.month("/feeds/all", "2026-09.rss").await.as_bytes(),
        &everything
    );
}

async fn what_is_withdrawn_or_removed_vanishes_and_the_chain_holds(db: TestDb) {
    let world = world(db, Content::Excerpt).await;
    let mut ids = BTreeMap::new();
    for (n, date) in [
        (2, "2026-07-01"),
        (4, "2026-08-01"),
        (6, "2026-09-01"),
        (8, "2026-09-02"),
        (10, "2026-10-01"),
    ] {
        ids.insert(n, world.put(n, date).await);
    }
    world.assert_walks(&[2, 4, 6, 8, 10]).await;
    let october = world.month("/feeds/all", "2026-10.rss").await.as_bytes().clone();
    let september = world.month("/feeds/all", "2026-09.rss").await.as_bytes().clone();
    world.withdraw(ids[&6]).await;
    world.assert_walks(&[2, 4, 8, 10]).await;
    assert_ne!(
        world.month("/feeds/all", "2026-09.rss").await.as_bytes(),
        &september
    );
    assert_eq!(
        world.month("/feeds/all", "2026-10.rss").await.as_bytes(),
        &october,
        "it lost nothing"
    );
    // A month of one: those around it link to each other now.
    world.withdraw(ids[&4]).await;
    world.assert_walks(&[2, 8, 10]).await;
    world
        .month("/feeds/all", "2026-08.rss")
        .await
        .assert_status(StatusCode::NOT_FOUND);
    let july = world.month("/feeds/all", "2026-07.rss").await.text();
    assert!(
        link(&july, "next-archive").unwrap().ends_with("2026-09.rss"),
        "{july}"
    );
    let name = ArticleName::Id(ids[&10]);
    let removed = world.db.store.remove_article(&name, "x", world.clock.now());
    assert!(removed.await.unwrap().is_some());
    world.assert_walks(&[2, 8]).await;
    // Brought back by the portal: once more, in a month that is open.
    world.put(4, "2026-08-01").await;
    world.put(6, "2026-09-01").await;
    world.set(at("2026-12-03"));
    world.assert_walks(&[2, 4, 6, 8]).await;
}

async fn what_is_recorded_while_a_month_is_sealed_is_in_one_document(db: TestDb) {
    let world = world(db, Content::Excerpt).await;
    let months: Vec<String> = (1..=10).map(|month| format!("2026-{month:02}")).collect();
    for (n, month) in (1..).zip(&months) {
        world.put(n, &format!("{month}-02")).await;
    }
    for (n, month) in (21..).zip(&months) {
        let put = async {
            for more in 0..5 {
                let (n, date) = (n + 20 * more, format!("{month}-03"));
                if more % 2 == 0 {
                    world.tell(n, &date).await;
                } else {
                    world.put(n, &date).await;
                }
            }
        };
        let seal = async {
            for feed in FEEDS {
                world.month(feed, &format!("{month}.rss")).await;
            }
        };
        tokio::join!(put, seal);
    }
    world.set(at("2026-12-03"));
    let expected: Vec<i64> = (1..=10)
        .chain((0..5).flat_map(|more| 21 + 20 * more..=30 + 20 * more))
        .collect();
    world.assert_walks(&expected).await;
}

async fn a_month_is_sealed_once_what_is_being_recorded_is_committed(db: TestDb) {
    const COLUMNS: &str =
        "url, title, body_html, body_text, images, attachments, content_hash, first_seen_at, updated_at,
        listed_at, archive_month";
    let world = world(db, Content::Excerpt).await;
    world.put(1, "2026-10-01").await;
    // Another process, between its changes and its commit.
    let mut other = Sql::connect(&world.db.url).await;
    let begin = if other.is_sqlite() {
        "BEGIN IMMEDIATE"
    } else {
        "BEGIN"
    };
    other.run(begin).await;
    other.run("UPDATE change_clock SET value = value + 1").await;
    let copy = format!(
        "INSERT INTO articles (portal, key, {COLUMNS}) SELECT portal, '1764000000099', {COLUMNS} FROM articles"
    );
    other.run(&copy).await;
    // The server shows a transaction the same activity from its first look on.
    let mut watcher = Sql::connect(&world.db.url).await;
    let is_answered = std::cell::Cell::new(false);
    let ask = async {
        let answer = world.month("/feeds/all", "2026-10.rss").await;
        is_answered.set(true);
        answer.text()
    };
    let commit = async {
        while !other.is_sqlite() && !is_answered.get() && watcher.number(WAITS).await == 0 {}
        other.run("COMMIT").await;
    };
    let (document, ()) = tokio::join!(ask, commit);
    assert_eq!(numbers(&document), [99, 1]);
}

async fn who_records_and_who_removes_do_not_wait_for_each_other(db: TestDb) {
    let world = world(db, Content::Excerpt).await;
    world.put(1, "2026-08-01").await;
    let second = world.put(3, "2026-09-01").await;
    // Another process lists the second article once more: that locks its row, and then the clock.
    let mut other = Sql::connect(&world.db.url).await;
    let begin = if other.is_sqlite() {
        "BEGIN IMMEDIATE"
    } else {
        "BEGIN"
    };
    other.run(begin).await;
    other
        .run(&format!(
            "INSERT INTO article_topics (article_id, topic_id, score, evidence) SELECT {second}, id, 1, '[]' FROM topics"
        ))
        .await;
    let mut watcher = Sql::connect(&world.db.url).await;
    let remove = world.db.store.remove_old_articles(start(), 10, start());
    let record = async {
        while !other.is_sqlite() && watcher.number(WAITS).await == 0 {}
        other.run("UPDATE change_clock SET value = value + 1").await;
        other.run("COMMIT").await;
    };
    let (removed, ()) = tokio::join!(remove, record);
    assert_eq!(removed.unwrap(), 2);
}

async fn a_document_that_is_dropped_while_it_is_written_is_not_kept(db: TestDb) {
    use loa::{domain::watch::Watch, store::ArchiveKey};
    let world = world(db, Content::Excerpt).await;
    let (one, _) = (world.put(1, "2026-10-01").await, world.put(3, "2026-10-01").await);
    let store = &world.db.store;
    let key = ArchiveKey {
        watch: Watch::All,
        month: "2026-10".parse().unwrap(),
        variant: "rss excerpt",
    };
    let seal = store.seal_archive(&key, start()).await.unwrap().unwrap();
    world.withdraw(one).await;
    let again = store.seal_archive(&key, start()).await.unwrap().unwrap();
    store.keep_archive(&key, &seal, "old", b"old").await.unwrap();
    assert_eq!(store.sealed_archive(&key).await.unwrap(), None);
    store.keep_archive(&key, &again, "new", b"new").await.unwrap();
    store
        .keep_archive(&key, &again, "second", b"second")
        .await
        .unwrap();
    assert_eq!(
        store.archive_body(&key, "new").await.unwrap().as_deref(),
        Some(&b"new"[..])
    );
}

async fn archives_over_http(db: TestDb) {
    let world = world(db, Content::Excerpt).await;
    world.put(2, "2026-10-01").await;
    world.put(4, "2026-08-01").await;
    for (format, kind) in [("rss", "application/rss+xml"), ("atom", "application/atom+xml")] {
        let path = format!("/feeds/all/archive/2026-10.{format}");
        let answer = world.server.get(&path).await;
        answer.assert_status_ok();
        let header = |answer: &TestResponse, name| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!(
            header(&answer, header::CONTENT_TYPE),
            format!("{kind}; charset=utf-8")
        );
        let (tag, modified) = (
            header(&answer, header::ETAG),
            header(&answer, header::LAST_MODIFIED),
        );
        assert!(tag.starts_with("W/\""), "{tag}");
        let url = |month: &str| format!("<{}/feeds/all/archive/{month}.{format}>", site::PUBLIC_URL);
        let links = header(&answer, header::LINK);
        for wanted in [
            format!("{}; rel=\"self\"", url("2026-10")),
            format!("{}; rel=\"prev-archive\"", url("2026-08")),
            format!("<{}/feeds/all.{format}>; rel=\"current\"", site::PUBLIC_URL),
        ] {
            assert!(links.contains(&wanted), "{links}");
        }
        assert!(!links.contains("next-archive"), "{links}");
        for (name, value, status) in [
            (header::IF_NONE_MATCH, tag.as_str(), StatusCode::NOT_MODIFIED),
            (header::IF_NONE_MATCH, "\"x\", *", StatusCode::OK),
            (header::IF_NONE_MATCH, "*", StatusCode::NOT_MODIFIED),
            (header::IF_MODIFIED_SINCE, &modified, StatusCode::NOT_MODIFIED),
            (
                header::IF_MODIFIED_SINCE,
                "Thu, 01 Jan 1970 00:00:00 GMT",
                StatusCode::OK,
            ),
        ] {
            let again = world.server.get(&path).add_header(name, value).await;
            again.assert_status(status);
            assert_eq!(again.as_bytes().is_empty(), status == StatusCode::NOT_MODIFIED);
            for answer in [&answer, &again] {
                assert_eq!(
                    header(answer, header::CACHE_CONTROL),
                    "public, max-age=31536000, immutable"
                );
                assert_eq!(header(answer, header::VARY).to_lowercase(), "accept-encoding");
                assert_eq!(header(answer, header::ACCESS_CONTROL_ALLOW_ORIGIN), "*");
                assert_eq!(header(answer, header::ETAG), tag);
            }
        }
        let packed = world
            .server
            .get(&path)
            .add_header(header::ACCEPT_ENCODING, "br, gzip")
            .await;
        assert_eq!(header(&packed, header::CONTENT_ENCODING), "gzip");
        let mut unpacked = Vec::new();
        flate2::read::GzDecoder::new(packed.as_bytes().as_ref())
            .read_to_end(&mut unpacked)
            .unwrap();
        assert_eq!(unpacked, answer.as_bytes().to_vec());
        let head = world.server.method(Method::HEAD, &path).await;
        head.assert_status_ok();
        assert_eq!((header(&head, header::ETAG), head.as_bytes().len()), (tag, 0));
        for (head, body) in [
            (&head, answer.as_bytes()),
            (
                &world
                    .server
                    .method(Method::HEAD, &path)
                    .add_header(header::ACCEPT_ENCODING, "gzip")
                    .await,
                packed.as_bytes(),
            ),
        ] {
            assert_eq!(header(head, header::CONTENT_LENGTH), body.len().to_string());
        }
        let post = world.server.post(&path).await;
        post.assert_status(StatusCode::METHOD_NOT_ALLOWED);
        assert!(
            world
                .server
                .get(&format!("{path}?utm_source=x&limit=1"))
                .await
                .as_bytes()
                == answer.as_bytes()
        );
    }
}

async fn who_asks_by_date_gets_the_document_without_what_was_withdrawn(db: TestDb) {
    let world = world(db, Content::Excerpt).await;
    world.put(1, "2026-10-01").await;
    world.clock.advance(TimeDelta::hours(1));
    let newest = world.put(3, "2026-10-02").await;
    world.clock.advance(TimeDelta::hours(1));
    let before = world.month("/feeds/all", "2026-10.rss").await.headers()[header::LAST_MODIFIED].clone();
    world.clock.advance(TimeDelta::hours(1));
    world.withdraw(newest).await;
    let again = world
        .server
        .get("/feeds/all/archive/2026-10.rss")
        .add_header(header::IF_MODIFIED_SINCE, before)
        .await;
    again.assert_status_ok();
    assert_eq!(
        again.headers()[header::LAST_MODIFIED],
        "Tue, 24 Nov 2026 11:00:00 GMT"
    );
    assert_eq!(numbers(&again.text()), [1]);
}

async fn months_without_a_document_are_not_found_and_newer_ones_are_linked_to(db: TestDb) {
    let world = world(db, Content::Excerpt).await;
    world.put(2, "2026-10-01").await;
    world.put(4, "2026-08-01").await;
    for missing in [
        "/feeds/all/archive/2026-10.json",
        "/feeds/all/archive/2026-11.rss",
        "/feeds/all/archive/2026-09.rss",
        "/feeds/all/archive/2027-01.rss",
        "/feeds/all/archive/2026-13.rss",
        "/feeds/all/archive/2026-10",
        "/feeds/all/archive/2026-10.rss.rss",
        "/feeds/topics/khong-co/archive/2026-10.rss",
        "/feeds/topics/y-te-suc-khoe/archive/2026-10.rss",
        "/feeds/search/archive/2026-10.rss",
    ] {
        world
            .server
            .get(missing)
            .await
            .assert_status(StatusCode::NOT_FOUND);
    }
    // Where the document itself names no newer one, the header does once there is one.
    world.set(at("2026-12-03"));
    world.put(6, "2026-11-29").await;
    let answer = world.month("/feeds/all", "2026-10.rss").await;
    let links = answer.headers()[header::LINK].to_str().unwrap().to_owned();
    assert!(links.contains("/2026-11.rss>; rel=\"next-archive\""), "{links}");
}

async fn excerpts_have_archives_of_their_own_where_full_texts_are_served(db: TestDb) {
    let world = world(db, Content::Full).await;
    world.put(2, "2026-10-01").await;
    let text = world.month("/feeds/all", "2026-10.rss").await.text();
    assert!(text.contains("content:encoded"), "{text}");
    let feed = world.server.get("/feeds/all.atom?content=excerpt").await.text();
    let prev = link(&feed, "prev-archive").unwrap();
    assert!(
        prev.ends_with("/feeds/all/archive/2026-10.atom?content=excerpt"),
        "{prev}"
    );
    let text = world
        .server
        .get(prev.strip_prefix(site::PUBLIC_URL).unwrap())
        .await
        .text();
    assert!(!text.contains("Đoạn văn của bài 2.</p>"), "{text}");
    assert_eq!(link(&text, "self"), Some(prev));
}

async fn the_link_to_the_newest_archive_comes_with_the_month_itself(db: TestDb) {
    let world = world(db, Content::Excerpt).await;
    world.put(2, "2026-11-20").await;
    let feed = async || {
        let answer = world.server.get("/feeds/all.atom").await;
        let header = answer.headers()[header::LINK]
            .to_str()
            .unwrap()
            .contains("prev-archive");
        (link(&answer.text(), "prev-archive").is_some(), header)
    };
    assert_eq!(feed().await, (false, false));
    world.set("2026-11-30T16:59:59Z".parse().unwrap());
    assert_eq!(feed().await, (false, false));
    world.set("2026-11-30T17:00:00Z".parse().unwrap());
    assert_eq!(feed().await, (true, true), "though no article came");
}
