//! The whole way, with the real program: a portal made of real pages, polled over HTTP; mail and Telegram at the end.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::common::{
    databases::{TestDb, for_each_db},
    process::{Ended, Loa},
    smtp::Sink,
    sql::Sql,
    stand_ins::StandIn,
};

for_each_db!(
    new_articles_are_told_once_on_both_channels_and_old_ones_and_edits_never,
    the_old_provincial_shape_is_read_whatever_its_class_names,
);

const SECTION: &str = "sotttt-hanoi/cong-nghe-thong-tin";

/// The columns of a section in the table that `loa poll` prints.
fn row(ended: &Ended, section: &str) -> Vec<String> {
    let line = ended.stdout.lines().find(|line| line.starts_with(section));
    let line = line.unwrap_or_else(|| panic!("no line of {section} in {ended:?}"));
    line.split_whitespace().skip(1).map(str::to_owned).collect()
}

/// One instant subscriber on each channel for each watch, and a daily one for everything.
fn csv(watches: &[String]) -> String {
    let mut lines = vec![
        "channel,address,watch,frequency".to_owned(),
        "email,hang-ngay@example.vn,all,daily".to_owned(),
    ];
    for (n, watch) in watches.iter().enumerate() {
        lines.push(format!("email,nguoi-{n}@example.vn,{watch},instant"));
        lines.push(format!("telegram,70010{n},{watch},instant"));
    }
    lines.join("\n")
}

/// How many messages each address got.
fn counted(addresses: impl Iterator<Item = String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for address in addresses {
        *counts.entry(address).or_default() += 1;
    }
    counts
}

struct Scene {
    replica: StandIn,
    bot_api: StandIn,
    sink: Sink,
    loa: Loa,
    portal_url: String,
}

impl Scene {
    async fn set(db: &TestDb) -> Option<Self> {
        let replica = StandIn::replica(&["--shape", "liferay62", "--published", "230"])?;
        let bot_api = StandIn::bot_api()?;
        let sink = Sink::start().await;
        let loa = Loa::new(&db.url)
            .with_relay(sink.address)
            .with_bot_api(&bot_api.url());
        let portal_url = format!("sotttt-hanoi={}", replica.url());
        Some(Self {
            replica,
            bot_api,
            sink,
            loa,
            portal_url,
        })
    }

    /// Polls, and returns status, found, new, changed, failed.
    async fn poll(&self) -> [String; 5] {
        let ended = self.loa.run(&["poll", "--portal-url", &self.portal_url]).await;
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let row = row(&ended, SECTION);
        std::array::from_fn(|at| row[at].clone())
    }

    fn mailed(&self) -> BTreeMap<String, usize> {
        counted(self.sink.taken().into_iter().map(|mail| mail.to))
    }

    fn posted(&self) -> BTreeMap<String, usize> {
        counted(self.bot_api.lines("sent").iter().map(|m| m["chat"].to_string()))
    }

    fn article_requests(&self) -> usize {
        let log = self.replica.lines("log");
        log.iter()
            .filter(|line| line["path"].as_str().unwrap().contains("/view_content/"))
            .count()
    }
}

async fn new_articles_are_told_once_on_both_channels_and_old_ones_and_edits_never(db: TestDb) {
    let Some(scene) = Scene::set(&db).await else {
        return;
    };
    // The first command brings sections and topics into the database.
    assert_eq!(scene.loa.run(&["migrate"]).await.code, Some(0));
    let mut sql = Sql::connect(&db.url).await;
    let topics = sql
        .texts("SELECT slug FROM topics WHERE retired_at IS NULL ORDER BY slug")
        .await;
    let mut watches: Vec<String> = topics.iter().map(|slug| format!("topic:{slug}")).collect();
    watches.push(format!("section:{SECTION}"));
    watches.push("all".to_owned());
    let file = scene.loa.folder().join("nguoi-nhan.csv");
    std::fs::write(&file, csv(&watches)).unwrap();
    let file = file.display().to_string();
    let import = scene
        .loa
        .run(&["subscribers", "import", &file, "--basis", "test", "--no-welcome"])
        .await;
    assert_eq!(import.code, Some(0), "{import:?}");

    // The newest pages of the list, silently.
    assert_eq!(scene.poll().await, ["ok", "30", "30", "0", "0"]);
    assert_eq!(sql.number("SELECT count(*) FROM articles").await, 30);
    assert_eq!(sql.number("SELECT count(*) FROM deliveries").await, 0);

    // Unchanged: one conditional request, no article page.
    scene.replica.control("reset");
    assert_eq!(scene.poll().await[0], "unchanged");
    let log = scene.replica.lines("log");
    let list: Vec<&Value> = log.iter().filter(|line| line["path"] != "/robots.txt").collect();
    assert_eq!(list.len(), 1, "{list:?}");
    assert_eq!(list[0]["status"], 304);

    // Three new ones: each person who watches one of them gets one message about all of them that they watch.
    scene.replica.control("publish?n=3");
    let polled = scene.poll().await;
    assert_eq!(polled[2..], ["3", "0", "0"]);
    let matched: BTreeSet<String> = sql
        .texts(
            "SELECT DISTINCT CASE WHEN w.value = '' THEN w.kind ELSE w.kind || ':' || w.value END FROM article_watches x
             JOIN watches w ON w.id = x.watch_id JOIN fanout_articles f ON f.article_id = x.article_id",
        )
        .await
        .into_iter()
        .collect();
    let by_topic: BTreeSet<String> = sql
        .texts(
            "SELECT DISTINCT 'topic:' || t.slug FROM article_topics x JOIN topics t ON t.id = x.topic_id
             JOIN fanout_articles f ON f.article_id = x.article_id",
        )
        .await
        .into_iter()
        .collect();
    let expected: BTreeSet<String> = by_topic
        .into_iter()
        .chain(["all".to_owned(), format!("section:{SECTION}")])
        .collect();
    assert_eq!(matched, expected);
    assert!(
        expected.len() > 2 && expected.len() < watches.len(),
        "some topics match and some do not: {expected:?}"
    );
    let told = |address: fn(usize) -> String| -> BTreeMap<String, usize> {
        let hits = watches
            .iter()
            .enumerate()
            .filter(|(_, watch)| expected.contains(*watch));
        hits.map(|(n, _)| (address(n), 1)).collect()
    };
    let mails = told(|n| format!("nguoi-{n}@example.vn"));
    let posts = told(|n| format!("70010{n}"));
    assert_eq!((scene.mailed(), scene.posted()), (mails.clone(), posts.clone()));

    // Again: nothing, not even a look at a page. A space in a title: nothing. A material edit: noted, and nobody alerted.
    scene.replica.control("reset");
    assert_eq!(scene.poll().await[0], "unchanged");
    assert_eq!(scene.article_requests(), 0);
    let keys: Vec<String> = serde_json::from_str(&scene.replica.control("keys")).unwrap();
    scene.replica.control("reset");
    scene.replica.control(&format!("edit?key={}&how=space", keys[4]));
    assert_eq!(scene.poll().await, ["ok", "10", "0", "0", "0"]);
    assert_eq!(sql.number("SELECT count(*) FROM revisions").await, 0);
    scene.replica.control(&format!("edit?key={}&how=text", keys[5]));
    assert_eq!(scene.poll().await, ["ok", "10", "0", "1", "0"]);
    assert_eq!(sql.number("SELECT count(*) FROM revisions").await, 1);
    assert_eq!((scene.mailed(), scene.posted()), (mails, posts));
    let errors: Vec<Value> = scene
        .bot_api
        .lines("log")
        .into_iter()
        .filter(|line| line["status"] != 200)
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
}

/// The article that Loa was born from.
const SEED: &str = "1701305474022";

async fn the_old_provincial_shape_is_read_whatever_its_class_names(db: TestDb) {
    for seed in ["1", "2", "3"] {
        let Some(replica) = StandIn::replica(&["--shape", "3cms", "--seed", seed]) else {
            return;
        };
        let elsewhere = format!("quangtri={}", replica.url());
        let loa = Loa::new(&db.url)
            .with("PORTALS", "quangtri")
            .with("POLLING__MAX_LIST_PAGES", "1");
        let place = ["--portal", "quangtri", "--section", "khoa-hoc-cong-nghe"];
        let poll: Vec<&str> = ["poll"]
            .into_iter()
            .chain(place)
            .chain(["--portal-url", &elsewhere])
            .collect();
        let ended = loa.run(&poll).await;
        assert_eq!(ended.code, Some(0), "seed {seed}: {ended:?}");
        assert!(
            !ended.stdout.contains("quangtri/tin-tuc"),
            "only the named section is polled: {ended:?}"
        );
        let row = row(&ended, "quangtri/khoa-hoc-cong-nghe");
        assert_eq!(row[..3], ["ok", "10", "10"], "seed {seed}");
        let mut sql = Sql::connect(&db.url).await;
        let topics = sql
            .texts(&format!(
                "SELECT t.slug FROM article_topics x JOIN topics t ON t.id = x.topic_id
                 JOIN articles a ON a.id = x.article_id WHERE a.key = '{SEED}'"
            ))
            .await;
        let has = topics.iter().any(|slug| slug == "khoa-hoc-cong-nghe");
        assert!(has && topics.len() <= 3, "seed {seed}: {topics:?}");

        let page = format!(
            "{}/chi-tiet-tin/-/view-article/1/13729062791727/{SEED}",
            replica.url()
        );
        let tried = loa
            .run(&[
                "try",
                &page,
                "--portal",
                "quangtri",
                "--json",
                "--portal-url",
                &elsewhere,
            ])
            .await;
        assert_eq!(tried.code, Some(0), "seed {seed}: {tried:?}");
        let tried: Value = serde_json::from_str(&tried.stdout).unwrap();
        let stored = |column: &str| format!("SELECT {column} FROM articles WHERE key = '{SEED}'");
        assert_eq!(tried["kind"], "article");
        assert_eq!(tried["key"], SEED);
        assert_eq!(tried["title"], sql.texts(&stored("title")).await[0].as_str());
        assert_eq!(
            tried["body_text"],
            sql.texts(&stored("body_text")).await[0].as_str()
        );
        assert_eq!(tried["published"], "2023-11-30T07:51:00+07:00");
        assert_eq!(tried["author"], "Phạm Mỹ Hạnh");
        let slugs: Vec<&Value> = tried["topics"]
            .as_array()
            .unwrap()
            .iter()
            .map(|t| &t["slug"])
            .collect();
        assert!(slugs.contains(&&Value::from("khoa-hoc-cong-nghe")), "{slugs:?}");

        // The next seed is a portal with the same articles under other class names: read it from nothing.
        sql.run("DELETE FROM articles").await;
        sql.run("UPDATE sections SET etag = NULL, last_modified = NULL, baseline_at = NULL")
            .await;
    }
}
