//! What the portal sees of Loa, from its own log.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use super::*;

for_each_db!(
    nothing_is_asked_before_the_time_that_the_portal_wished,
    requests_are_conditional_with_the_validators_byte_for_byte,
    robots_txt_is_asked_first_and_once_a_day,
    a_round_asks_for_no_more_pages_than_its_budget,
);

async fn nothing_is_asked_before_the_time_that_the_portal_wished(db: TestDb) {
    let Some(scene) = Scene::set(db, &CMS, &["--published", "200"], LATER).await else {
        return;
    };
    scene.poll().await;
    for kind in ["503", "429"] {
        for page in [CMS.list, CMS.article] {
            scene.take_log();
            let keys = scene.publish(3);
            scene.fault(kind, 1, page);
            scene.next().await;
            let statuses: Vec<String> = scene.take_log().iter().map(|l| l["status"].to_string()).collect();
            let last = statuses.last().unwrap();
            assert_eq!(last, kind, "nothing after it: {statuses:?}");
            assert_eq!(statuses.iter().filter(|status| *status == kind).count(), 1);
            for millis in [1, 998, 1_000] {
                scene.clock.advance(TimeDelta::milliseconds(millis));
                let report = scene.poll_named().await;
                assert!(matches!(report.status, Status::Waiting(..)), "{kind}: {report:?}");
                assert_eq!(scene.asked(), [""; 0], "{kind}");
            }
            scene.clock.advance(TimeDelta::milliseconds(1));
            assert_eq!(scene.poll_named().await.status, Status::Read, "{kind}");
            // The page that failed has its own schedule.
            scene.next().await;
            for key in keys {
                assert!(scene.article(&key).await.is_some(), "{kind} on {page}: {key}");
            }
        }
    }
}

async fn requests_are_conditional_with_the_validators_byte_for_byte(db: TestDb) {
    let Some(scene) = Scene::set(db, &LIFERAY, &["--published", "200"], LATER).await else {
        return;
    };
    scene.poll().await;
    let first = scene.take_log();
    let is_bare = |line: &Value| line["inm"].is_null() && line["ims"].is_null();
    assert!(first.iter().all(is_bare), "{first:?}");
    for round in 0..3 {
        let expected = validators(&scene.replica, LIFERAY.list);
        scene.take_log();
        // After a 200, then after 304s.
        assert_eq!(scene.next().await.status, Status::NotModified, "round {round}");
        let log = scene.take_log();
        let statuses: Vec<&Value> = log.iter().map(|line| &line["status"]).collect();
        assert_eq!(statuses, [304], "the list and nothing else");
        assert_eq!(sent(&log[0]), expected, "round {round}");
    }
    let key = scene.keys().remove(0);
    let url = scene.article(&key).await.unwrap().url;
    let path = url.strip_prefix(&scene.replica.url()).unwrap();
    let expected = validators(&scene.replica, path);
    for round in 0..3 {
        scene.make_looks_due().await;
        scene.take_log();
        scene.next().await;
        let log = scene.take_log();
        let look = log.iter().find(|line| line["path"] == path).unwrap();
        assert_eq!(look["status"], 304);
        assert_eq!(sent(look), expected, "round {round}");
        assert!(log.iter().all(|line| line["status"] == 304), "{log:?}");
    }
    // A failure costs no validator.
    scene.fault("500", 1, LIFERAY.list);
    scene.next().await;
    scene.take_log();
    assert_eq!(scene.next().await.status, Status::NotModified);
}

/// What a request said of validators.
fn sent(line: &Value) -> (String, String) {
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    (text("inm"), text("ims"))
}

/// The `ETag` and `Last-Modified` that a page has, seen with other eyes than the fetcher's.
fn validators(replica: &StandIn, path: &str) -> (String, String) {
    let url = replica.url();
    let authority = url.strip_prefix("http://").unwrap();
    let mut stream = TcpStream::connect(authority).unwrap();
    write!(
        stream,
        "GET {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n\r\n"
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let header = |name: &str| {
        let line = answer.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap_or_else(|| panic!("no {name} in {path}"))
            .trim()
            .to_owned()
    };
    (header("ETag:"), header("Last-Modified:"))
}

async fn robots_txt_is_asked_first_and_once_a_day(db: TestDb) {
    let Some(scene) = Scene::set(db, &CMS, &["--published", "200"], LATER).await else {
        return;
    };
    scene.poll().await;
    assert_eq!(scene.asked()[0], "/robots.txt");
    let day = scene.clock.now() + TimeDelta::hours(24);
    while scene.row().await.next_poll_at < day {
        scene.next().await;
    }
    let asked = |path: &str| scene.asked().iter().filter(|asked| *asked == path).count();
    assert_eq!((asked("/robots.txt"), asked(CMS.list)), (1, 96));
    scene.take_log();
    scene.next().await;
    assert_eq!(scene.asked(), ["/robots.txt", CMS.list]);
}

async fn a_round_asks_for_no_more_pages_than_its_budget(db: TestDb) {
    let Some(mut scene) = Scene::set(db, &CMS, &["--published", "200"], LATER).await else {
        return;
    };
    scene.poller.limits.max_articles = 4;
    scene.poller.limits.max_looks = 3;
    let mut rounds = 0;
    scene.publish(25);
    while scene.articles().await.len() < 10 {
        scene.take_log();
        rounds += 1;
        assert!(rounds <= 3 && scene.next().await.new <= 4);
        assert!(pages(&scene) <= 4, "{:?}", scene.asked());
    }
    scene.make_looks_due().await;
    scene.publish(15);
    let mut stored = Vec::new();
    while scene.articles().await.len() < 25 && rounds < 20 {
        scene.take_log();
        rounds += 1;
        stored.push(scene.next().await.new);
        assert!(pages(&scene) <= 4 + 3, "{:?}", scene.asked());
    }
    assert_eq!(stored, [4, 4, 4, 3]);
}

/// How many article pages were asked for.
fn pages(scene: &Scene) -> usize {
    let asked = scene.asked();
    asked
        .iter()
        .filter(|path| path.contains(scene.shape.article))
        .count()
}
