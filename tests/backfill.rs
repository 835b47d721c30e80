//! `loa backfill` with the real program, against a portal made of real pages: 242 articles on 25 list pages.

use serde_json::Value;

use crate::common::{
    databases::{TestDb, for_each_db},
    process::{Ended, Loa, until},
    sql::Sql,
    stand_ins::StandIn,
};

for_each_db!(
    the_whole_list_is_stored_once_and_nobody_is_told,
    the_days_asked_for_are_stored_and_no_more_list_pages_are_read,
    a_run_that_is_killed_loses_nothing_and_stores_nothing_twice,
    a_run_that_is_told_to_end_says_how_to_go_on,
);

const SECTION: &str = "sotttt-hanoi/cong-nghe-thong-tin";

const ARTICLES: i64 = 242;

struct Scene {
    replica: StandIn,
    loa: Loa,
    portal_url: String,
    sql: Sql,
}

impl Scene {
    async fn set(db: &TestDb) -> Option<Self> {
        let replica = StandIn::replica(&["--shape", "liferay62"])?;
        // A process that was killed keeps its host for about so long.
        let loa = Loa::new(&db.url).with("POLLING__TIMEOUT_SECS", "2");
        let portal_url = format!("sotttt-hanoi={}", replica.url());
        let sql = Sql::connect(&db.url).await;
        Some(Self {
            replica,
            loa,
            portal_url,
            sql,
        })
    }

    fn arguments<'a>(&'a self, more: &[&'a str]) -> Vec<&'a str> {
        let place = ["backfill", "--section", SECTION, "--portal-url", &self.portal_url];
        place.into_iter().chain(more.iter().copied()).collect()
    }

    async fn backfill(&self, more: &[&str]) -> Ended {
        self.loa.run(&self.arguments(more)).await
    }

    /// List pages and article pages that were asked for since the last call.
    fn asked(&self) -> (usize, usize) {
        let log = self.replica.lines("log");
        let of = |part: &str| {
            let paths = log.iter().map(|line: &Value| line["path"].as_str().unwrap());
            paths.filter(|path| path.contains(part)).count()
        };
        let articles = of("/view_content/");
        let lists = of("/cong-nghe-thong-tin") - articles;
        self.replica.control("reset");
        (lists, articles)
    }

    async fn articles(&mut self) -> i64 {
        self.sql.number("SELECT count(*) FROM articles").await
    }

    async fn subscribe_to_all(&self) {
        let file = self.loa.folder().join("nguoi-nhan.csv");
        let lines =
            "channel,address,watch,frequency\nemail,a@example.vn,all,instant\nemail,b@example.vn,all,daily\n";
        std::fs::write(&file, lines).unwrap();
        let file = file.display().to_string();
        let done = self
            .loa
            .run(&["subscribers", "import", &file, "--basis", "test", "--no-welcome"])
            .await;
        assert_eq!(done.code, Some(0), "{done:?}");
    }

    /// Nothing is left to be read, nothing is owed, nothing was stored twice.
    async fn is_complete_and_silent(&mut self) {
        assert_eq!(self.articles().await, ARTICLES);
        for table in [
            "wanted_pages",
            "revisions",
            "fanouts",
            "fanout_articles",
            "deliveries",
        ] {
            let count = format!("SELECT count(*) FROM {table}");
            assert_eq!(self.sql.number(&count).await, 0, "{table}");
        }
        let listed = format!(
            "SELECT count(*) FROM article_sections x JOIN sections s ON s.id = x.section_id
             WHERE s.portal || '/' || s.slug = '{SECTION}'"
        );
        assert_eq!(self.sql.number(&listed).await, ARTICLES);
    }
}

async fn the_whole_list_is_stored_once_and_nobody_is_told(db: TestDb) {
    let Some(mut scene) = Scene::set(&db).await else {
        return;
    };
    scene.subscribe_to_all().await;
    let ended = scene.backfill(&["--pages", "100"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let said = format!(
        "{SECTION}: 25 list pages read, 242 articles stored, 0 already known, 0 failed\n\
         The end of the list, page 25, is reached; --restart walks it again.\n"
    );
    assert_eq!(ended.stdout, said);
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert_eq!(lines.len(), 25, "{ended:?}");
    assert_eq!(
        lines[0],
        "page 1: 10 listed, 10 new, 10 stored (oldest 17/07/2020)"
    );
    assert_eq!(
        lines[24],
        "page 25: 2 listed, 2 new, 2 stored (oldest 13/03/2008)"
    );
    assert_eq!(scene.asked(), (25, 242));
    scene.is_complete_and_silent().await;

    // A poll does not take them for news, and what it finds later is.
    let polled = scene.loa.run(&["poll", "--portal-url", &scene.portal_url]).await;
    assert_eq!(polled.code, Some(0), "{polled:?}");
    scene.is_complete_and_silent().await;
    scene.asked();

    let again = scene.backfill(&["--pages", "100"]).await;
    assert_eq!((again.code, scene.asked()), (Some(0), (0, 0)), "{again:?}");
    let anew = scene.backfill(&["--pages", "100", "--restart"]).await;
    assert_eq!((anew.code, scene.asked()), (Some(0), (25, 0)), "{anew:?}");
    scene.is_complete_and_silent().await;
}

async fn the_days_asked_for_are_stored_and_no_more_list_pages_are_read(db: TestDb) {
    let Some(mut scene) = Scene::set(&db).await else {
        return;
    };
    let whole = scene.backfill(&["--pages", "100"]).await;
    assert_eq!(whole.code, Some(0), "{whole:?}");
    // The day of the hundredth article: on the tenth list page.
    let day = "SELECT CAST(published_at AS TEXT) FROM articles ORDER BY published_at DESC LIMIT 1 OFFSET 99";
    let at = scene.sql.texts(day).await[0][..10].to_owned();
    let since = format!("SELECT count(*) FROM articles WHERE CAST(published_at AS TEXT) >= '{at}'");
    let expected = scene.sql.number(&since).await;
    for table in ["articles", "backfills"] {
        scene.sql.run(&format!("DELETE FROM {table}")).await;
    }
    scene.asked();
    let ended = scene.backfill(&["--since", &at]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(scene.sql.number(&since).await >= expected - 1, "{ended:?}");
    let (lists, articles) = scene.asked();
    let last = usize::try_from(expected).unwrap().div_ceil(10);
    assert!((last..=last + 1).contains(&lists), "{lists} for {expected}");
    assert!(articles <= last * 10, "{articles} for {expected}");
    // Again: the list page that ends it, and no article.
    let again = scene.backfill(&["--since", &at]).await;
    assert_eq!((again.code, scene.asked()), (Some(0), (1, 0)), "{again:?}");
}

async fn a_run_that_is_killed_loses_nothing_and_stores_nothing_twice(db: TestDb) {
    let Some(mut scene) = Scene::set(&db).await else {
        return;
    };
    scene.subscribe_to_all().await;
    // So that every connection that is left is the killed program's.
    db.store.close().await;
    // In the middle of the transaction that notes a list page, some of its articles noted; and of one that stores one.
    let keys: Vec<String> = serde_json::from_str(&scene.replica.control("keys")).unwrap();
    for (table, key) in [("wanted_pages", &keys[25]), ("articles", &keys[57])] {
        scene.sql.stall(table, &format!("NEW.key = '{key}'")).await;
        let run = scene.loa.start(&scene.arguments(&["--pages", "100"]));
        let mut held = 0;
        until("a transaction stands still", async || {
            let is_held = scene.sql.is_being_written().await;
            held = if is_held { held + 1 } else { 0 };
            held == 20
        })
        .await;
        run.kill().await;
        scene.sql.go_on(table).await;
        scene.sql.others_are_gone().await;
    }
    // And wherever it is.
    let mut third = scene.loa.start(&scene.arguments(&["--pages", "100"]));
    third.line_with("page 12:").await;
    third.kill().await;
    scene.sql.others_are_gone().await;
    let before = scene.articles().await;
    assert!((110..ARTICLES).contains(&before), "{before}");
    let ended = scene.backfill(&["--pages", "100"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let summary = format!(
        " {} articles stored, 0 already known, 0 failed",
        ARTICLES - before
    );
    assert!(ended.stdout.contains(&summary), "{ended:?}");
    scene.is_complete_and_silent().await;
    let (lists, articles) = scene.asked();
    assert!(
        (26..=28).contains(&lists),
        "one list page twice for a kill at most: {lists}"
    );
    assert!((242..=245).contains(&articles), "and one article: {articles}");
}

async fn a_run_that_is_told_to_end_says_how_to_go_on(db: TestDb) {
    let Some(mut scene) = Scene::set(&db).await else {
        return;
    };
    let mut run = scene.loa.start(&scene.arguments(&["--pages", "100"]));
    run.line_with("page 2:").await;
    run.terminate().await;
    let (code, said) = run.end().await;
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("Stopped. The same command goes on behind list page "),
        "{said}"
    );
    assert!(scene.articles().await < ARTICLES);
    let ended = scene.backfill(&["--pages", "100"]).await;
    assert_eq!(ended.code, Some(0), "{ended:?}");
    scene.is_complete_and_silent().await;
}

#[tokio::test]
async fn wrong_arguments_are_told_before_the_database_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("loa.db");
    let loa = Loa::new(&format!("sqlite:{}", file.display()));
    let mut said = Vec::new();
    for arguments in [
        &["--section", SECTION][..],
        &["--section", SECTION, "--pages", "3", "--since", "2024-01-01"],
        &["--section", SECTION, "--pages", "0"],
        &["--section", SECTION, "--since", "hôm qua"],
        &["--section", SECTION, "--since", "2999-12-31"],
        &["--section", "the-thao", "--pages", "1"],
        &["--section", "tin-tuc", "--portal", "hue", "--pages", "1"],
    ] {
        let ended = loa.run(&[&["backfill"][..], arguments].concat()).await;
        assert_eq!(ended.code, Some(2), "{ended:?}");
        said.push(ended.stderr.lines().next().unwrap().to_owned());
    }
    insta::assert_snapshot!(said.join("\n"), @r"
    error: the following required arguments were not provided:
    error: the argument '--pages <N>' cannot be used with '--since <YYYY-MM-DD>'
    error: invalid value '0' for '--pages <N>': 0 is not in 1..=4294967295
    error: invalid value 'hôm qua' for '--since <YYYY-MM-DD>': input contains invalid characters
    loa: --since 2999-12-31 is in the future
    loa: --section the-thao: no such section; known are sotttt-hanoi/cong-nghe-thong-tin
    loa: --section tin-tuc: no such section; known are sotttt-hanoi/cong-nghe-thong-tin
    ");
    assert!(!file.exists());
}
