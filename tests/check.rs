//! `loa check`, the real program: what polls have found so far, and who is told.

use chrono::TimeDelta;

use crate::common::{
    databases::{TestDb, for_each_db},
    portal::ScriptedPortal,
    process::{Ended, Loa},
    records::start,
    smtp::Sink,
    sql::Sql,
};

for_each_db!(
    a_section_in_trouble_fails_the_check_and_says_since_when_why_and_what_to_do,
    a_section_that_moved_is_noted_with_what_to_change,
    the_check_says_who_is_told_of_breakages_and_how_many_wait,
);

/// The program over a portal whose one list can be read.
struct World {
    db: TestDb,
    portal: ScriptedPortal,
    loa: Loa,
}

impl World {
    async fn new(db: TestDb) -> Self {
        let portal = ScriptedPortal::start(&["/khoa-hoc"]).await;
        for n in 1..=5 {
            portal.publish(n, start() - TimeDelta::hours(n), &["/khoa-hoc"]);
        }
        let loa = Loa::new(&db.url);
        let file = loa.folder().join("mau.toml");
        let text = format!(
            "id = \"mau\"\nname = \"Cổng mẫu\"\nbase_url = \"{}\"\nauthority = \"portal.example\"\nyear = 2026\n\
             profile = \"3cms\"\n[[section]]\nslug = \"khoa-hoc\"\ntitle = \"Khoa học\"\npath = \"/khoa-hoc\"\n\
             schedule = \"0 */15 * * * *\"\n",
            portal.url
        );
        std::fs::write(&file, text).unwrap();
        let loa = loa.with("PORTALS", file.display().to_string());
        let world = Self { db, portal, loa };
        assert_eq!(world.check().await.code, Some(0), "all is well at first");
        world
    }

    async fn check(&self) -> Ended {
        self.loa.run(&["check"]).await
    }

    async fn sections(&self, set: &str) {
        let mut sql = Sql::connect(&self.db.url).await;
        sql.run(&format!("UPDATE sections SET {set}")).await;
    }
}

/// The line about something.
fn line<'a>(ended: &'a Ended, about: &str) -> &'a str {
    let mut lines = ended.stdout.lines();
    lines
        .find(|line| line[6..].starts_with(&format!("{about}: ")))
        .unwrap_or_else(|| panic!("no line about {about}: {ended:?}"))
}

const SINCE: &str = "'2026-11-24 01:00:00+00:00'";

async fn a_section_in_trouble_fails_the_check_and_says_since_when_why_and_what_to_do(db: TestDb) {
    let world = World::new(db).await;
    let url = &world.portal.url;
    for (cause, advice) in [
        ("layout", "docs/portals.md"),
        ("challenge", "polling.user_agent"),
        ("robots", "robots.txt"),
        ("a-later-versions", "loa try"),
    ] {
        world
            .sections(&format!(
                "degraded_at = {SINCE}, degraded_by = '{cause}', degraded_why = 'it says so'"
            ))
            .await;
        let ended = world.check().await;
        assert_eq!(ended.code, Some(1), "{ended:?}");
        let said = line(&ended, "polls of mau/khoa-hoc");
        let begins = format!("FAIL  polls of mau/khoa-hoc: {cause} since 08:00, 24/11/2026: it says so; ");
        assert!(said.starts_with(&begins) && said.contains(advice), "{said}");
        assert!(
            line(&ended, "mau/khoa-hoc").starts_with("ok    "),
            "the portal answers now"
        );
    }
    world
        .sections(&format!(
            "degraded_at = {SINCE}, degraded_by = 'gone', degraded_why = 'gone', gone_at = {SINCE}"
        ))
        .await;
    let ended = world.check().await;
    let said = line(&ended, "polls of mau/khoa-hoc");
    assert!(
        said.contains("410 since 08:00, 24/11/2026")
            && said.contains("loa poll --portal mau --section khoa-hoc"),
        "{said}"
    );
    assert_eq!(
        (ended.code, ended.stdout.matches("polls of").count()),
        (Some(1), 1)
    );
    assert!(!said.contains(url.trim_end_matches('/')), "{said}");
}

async fn a_section_that_moved_is_noted_with_what_to_change(db: TestDb) {
    let world = World::new(db).await;
    let url = world.portal.url.trim_end_matches('/').to_owned();
    world
        .sections(&format!("moved_to = '{url}/moi?trang=1', redirects = 3"))
        .await;
    let ended = world.check().await;
    assert_eq!(
        line(&ended, "polls of mau/khoa-hoc"),
        format!(
            "note  polls of mau/khoa-hoc: the portal redirects the list for good to {url}/moi?trang=1; in the file of portal mau, set path = \"/moi?trang=1\" for section khoa-hoc"
        )
    );
    assert_eq!(ended.code, Some(0), "it is read all the same");
    world
        .sections("moved_to = 'https://elsewhere.example/khoa-hoc'")
        .await;
    let ended = world.check().await;
    let said = line(&ended, "polls of mau/khoa-hoc");
    assert!(
        said.ends_with(
            "the portal has another address: change base_url in the file of portal mau, or the section's path"
        ),
        "{said}"
    );
}

async fn the_check_says_who_is_told_of_breakages_and_how_many_wait(db: TestDb) {
    let World { db, loa, .. } = World::new(db).await;
    let ended = loa.run(&["check"]).await;
    assert_eq!(
        line(&ended, "alarms"),
        "off   alarms: set alerts.operator to be told by mail when a section breaks"
    );
    let mut sql = Sql::connect(&db.url).await;
    sql.run(&format!(
        "INSERT INTO alarms (section_id, kind, cause, why, created_at, due_at) SELECT id, 'degraded', 'empty', 'why', {SINCE}, {SINCE} FROM sections"
    ))
    .await;
    let loa = loa.with(
        "ALERTS__OPERATOR",
        "lan@example.vn, minh@Example.vn,lan@example.vn",
    );
    let ended = loa.run(&["check"]).await;
    assert_eq!(
        line(&ended, "alarms"),
        "off   alarms: alerts.operator is set but smtp.host is not: nobody is told; 1 not told"
    );
    let sink = Sink::start().await;
    let loa = loa.with_relay(sink.address);
    let ended = loa.run(&["check"]).await;
    assert_eq!(
        line(&ended, "alarms"),
        "ok    alarms: lan@example.vn, minh@example.vn are told by mail; 1 wait"
    );
    assert_eq!(ended.code, Some(0), "{ended:?}");
}
