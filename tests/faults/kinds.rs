//! Every fault, on the list, on a new article's page and on the page of an article that is stored: nothing is lost, nothing
//! false is stored, the operator hears once that it broke and once that it is well again.

use super::*;

for_each_db!(
    every_fault_of_liferay_passes_and_leaves_nothing_behind,
    every_fault_of_3cms_passes_and_leaves_nothing_behind,
    a_burst_whose_second_list_page_fails_is_read_whole_afterwards,
    a_portal_that_fails_at_first_is_read_silently_afterwards,
);

/// What a fault is: its name in the replica, and what the operator is told of it.
#[derive(Clone, Copy)]
struct Kind {
    name: &'static str,
    /// What the operator is told at once, on whatever page it comes.
    cause: Option<&'static str>,
    /// How often it is tried on a list: five times make an outer failure an alarm. A bomb takes the replica seconds.
    times: usize,
}

const fn outer(name: &'static str, times: usize) -> Kind {
    Kind {
        name,
        cause: None,
        times,
    }
}

const fn told_at_once(name: &'static str, cause: &'static str) -> Kind {
    Kind {
        name,
        cause: Some(cause),
        times: 3,
    }
}

const KINDS: [Kind; 11] = [
    outer("500", 5),
    outer("503", 6),
    outer("429", 5),
    outer("slow", 5),
    told_at_once("challenge", "challenge"),
    told_at_once("empty", "maintenance"),
    outer("truncated", 5),
    outer("loop", 5),
    outer("bomb", 1),
    outer("wrongtype", 5),
    outer("evil", 2),
];

impl Kind {
    /// A page with a script in it is a page all the same.
    fn can_be_read(self) -> bool {
        self.name == "evil"
    }
}

async fn every_fault_of_liferay_passes_and_leaves_nothing_behind(db: TestDb) {
    every_fault(db, &LIFERAY).await;
}

async fn every_fault_of_3cms_passes_and_leaves_nothing_behind(db: TestDb) {
    every_fault(db, &CMS).await;
}

async fn every_fault(db: TestDb, shape: &'static Shape) {
    let Some(mut scene) = Scene::set(db, shape, &["--published", "200"], LATER).await else {
        return;
    };
    assert_eq!(scene.poll().await.new, 10);
    for kind in KINDS {
        let patient = scene.poller.fetcher.clone();
        if kind.name == "slow" {
            scene.poller.fetcher = fetcher(Duration::from_secs(1));
        }
        on_the_list(&scene, kind).await;
        on_a_new_page(&scene, kind).await;
        on_a_stored_page(&scene, kind).await;
        scene.poller.fetcher = patient;
        let log = scene.take_log();
        for line in log {
            let path = line["path"].as_str().unwrap();
            let is_page =
                path == "/robots.txt" || path.starts_with(shape.list) || path.contains(shape.article);
            // Of files only the size is asked, and nothing at all where only officials go.
            assert_eq!(line["method"], if is_page { "GET" } else { "HEAD" }, "{line}");
            assert!(
                !path.contains("/quan-tri/") && !path.contains("/_control/"),
                "{line}"
            );
        }
    }
    let titles = real_titles();
    let stored = scene.articles().await;
    assert_eq!(stored.len(), 10 + 3 * KINDS.len());
    let shown = scene.keys();
    for (article, key) in stored.iter().zip(&shown) {
        assert!(shown[..stored.len()].contains(&article.key), "{}", article.key);
        assert!(stored.iter().any(|a| a.key == *key), "{key} is lost");
        assert!(titles.contains(&plain(&article.title)), "{}", article.title);
    }
    let announced = scene
        .count("SELECT count(DISTINCT article_id) FROM fanout_articles")
        .await;
    assert_eq!(announced, i64::try_from(3 * KINDS.len()).unwrap());
    assert_eq!(scene.announced().await, announced, "each in one round");
    assert_eq!(scene.count("SELECT count(*) FROM wanted_pages").await, 0);
    assert_eq!(scene.count("SELECT count(*) FROM tombstones").await, 0);
    assert_eq!(
        scene
            .count("SELECT count(*) FROM articles WHERE withdrawn_at IS NOT NULL")
            .await,
        0
    );
}

async fn a_burst_whose_second_list_page_fails_is_read_whole_afterwards(db: TestDb) {
    let Some(scene) = Scene::set(db, &CMS, &["--published", "120"], LATER).await else {
        return;
    };
    scene.poll().await;
    let cheap = |kind: &&Kind| !["slow", "bomb", "evil"].contains(&kind.name);
    for kind in KINDS.iter().filter(cheap).take(8) {
        let name = kind.name;
        scene.take_log();
        let keys = scene.publish(13);
        let (before, alarms, announced) = (scene.told().await, scene.alarms().await, scene.announced().await);
        scene.fault(name, kind.times, "page=2");
        for failures in 1..=kind.times {
            let report = scene.next().await;
            assert!(matches!(report.status, Status::Failed(_)), "{name}: {report:?}");
            assert_eq!(scene.told().await, before, "{name}");
            let failing = (failures >= 5).then_some("failing");
            let row = scene.row().await;
            assert_eq!(
                row.degraded_by.as_deref(),
                kind.cause.or(failing),
                "{name}: {row:?}"
            );
        }
        assert_eq!(scene.next().await.new, 13, "{name}");
        for key in keys {
            assert!(scene.article(&key).await.is_some(), "{name}: {key} is lost");
        }
        assert_eq!(scene.announced().await, announced + 13, "{name}");
        assert_alarms(&scene, alarms, kind.cause.or(Some("failing")), name).await;
    }
}

async fn a_portal_that_fails_at_first_is_read_silently_afterwards(db: TestDb) {
    let Some(scene) = Scene::set(db, &CMS, &["--published", "200"], LATER).await else {
        return;
    };
    for kind in ["500", "challenge", "empty", "truncated", "503"] {
        scene.fault(kind, 1, CMS.list);
    }
    for failures in 1..=5 {
        let report = if failures == 1 {
            scene.poll().await
        } else {
            scene.next().await
        };
        assert!(matches!(report.status, Status::Failed(_)), "{report:?}");
    }
    scene.fault("500", 1, &scene.keys()[4]);
    assert_eq!(scene.next().await.new, 9);
    assert_eq!(scene.next().await.new, 1);
    assert_eq!((scene.articles().await.len(), scene.announced().await), (10, 0));
}

/// The list fails while an article comes.
async fn on_the_list(scene: &Scene, kind: Kind) {
    let name = kind.name;
    scene.take_log();
    let key = scene.publish(1).remove(0);
    let (before, alarms) = (scene.told().await, scene.alarms().await);
    scene.fault(name, kind.times, scene.shape.list);
    if kind.can_be_read() {
        let report = scene.next().await;
        assert_eq!((report.status, report.new), (Status::Read, 1), "{name}");
        assert_eq!(scene.next().await.new, 0);
        assert_eq!(scene.alarms().await, alarms);
        assert_harmless(scene, &key).await;
        return;
    }
    for failures in 1..=kind.times {
        let asked = scene.asked().len();
        let report = scene.next().await;
        assert!(matches!(report.status, Status::Failed(_)), "{name}: {report:?}");
        // The robots.txt may be due.
        assert!(scene.asked().len() <= asked + 2, "{name}: {:?}", scene.asked());
        let row = scene.row().await;
        assert_eq!(row.failures, i64::try_from(failures).unwrap(), "{name}");
        assert!(row.last_error.is_some());
        let failing = (failures >= 5).then_some("failing");
        assert_eq!(row.degraded_by.as_deref(), kind.cause.or(failing), "{name}");
        let wait = (row.next_poll_at - scene.clock.now()).num_seconds();
        let least = 60 << (failures - 1);
        assert!((least..=least * 6 / 5).contains(&wait), "{name}: {wait} s");
        assert_eq!(
            scene.told().await,
            before,
            "{name}: what was there stays as it was"
        );
    }
    let report = scene.next().await;
    assert_eq!((report.status, report.new), (Status::Read, 1), "{name}");
    let row = scene.row().await;
    assert_eq!(
        (row.failures, row.last_error, row.degraded_by),
        (0, None, None),
        "{name}"
    );
    assert!(scene.article(&key).await.is_some());
    let cause = kind.cause.or((kind.times >= 5).then_some("failing"));
    assert_alarms(scene, alarms, cause, name).await;
}

/// Two articles come, and the page of the newer one fails. (The real articles are months apart: the older one's would come
/// back as old news.)
async fn on_a_new_page(scene: &Scene, kind: Kind) {
    let name = kind.name;
    let keys = scene.publish(2);
    let (before, alarms, revisions) = (scene.told().await, scene.alarms().await, scene.revisions().await);
    let mut unchanged = before.clone();
    scene.fault(name, kind.times.min(2), &keys[0]);
    let report = scene.next().await;
    assert_eq!(report.status, Status::Read, "{name}: the list is well");
    assert_eq!(report.failed.is_empty(), kind.can_be_read(), "{name}: {report:?}");
    assert_eq!(
        scene.article(&keys[0]).await.is_some(),
        kind.can_be_read(),
        "{name}"
    );
    assert_eq!(scene.row().await.degraded_by.as_deref(), kind.cause, "{name}");
    for _ in 0..6 {
        let (one, other) = (scene.article(&keys[0]).await, scene.article(&keys[1]).await);
        if one.is_some() && other.is_some() && scene.row().await.degraded_by.is_none() {
            break;
        }
        scene.next().await;
    }
    assert_harmless(scene, &keys[0]).await;
    let mut now = scene.told().await;
    assert_eq!(now.len(), before.len() + 2, "{name}");
    now.retain(|article| !keys.contains(&article.0));
    now.sort();
    unchanged.sort();
    assert_eq!(now, unchanged, "{name}");
    assert_eq!(scene.revisions().await, revisions, "{name}");
    assert_alarms(scene, alarms, kind.cause, name).await;
}

/// The page of a stored article fails when it is looked at again.
async fn on_a_stored_page(scene: &Scene, kind: Kind) {
    let name = kind.name;
    let key = scene.keys().swap_remove(3);
    let (before, alarms, revisions) = (scene.told().await, scene.alarms().await, scene.revisions().await);
    scene.make_looks_due().await;
    scene.fault(name, 1, &key);
    let report = scene.next().await;
    assert_eq!((report.new, report.withdrawn), (0, 0), "{name}: {report:?}");
    assert_eq!(report.failed.is_empty(), kind.can_be_read(), "{name}: {report:?}");
    assert_harmless(scene, &key).await;
    if !kind.can_be_read() {
        assert_eq!(report.changed, 0, "{name}");
        assert_eq!(scene.told().await, before, "{name}");
    }
    assert_eq!(scene.row().await.degraded_by.as_deref(), kind.cause, "{name}");
    scene.make_looks_due().await;
    let report = scene.next().await;
    assert!(report.failed.is_empty(), "{name}: {report:?}");
    if !kind.can_be_read() {
        assert_eq!(
            (scene.told().await, scene.revisions().await),
            (before, revisions),
            "{name}"
        );
    }
    assert_alarms(scene, alarms, kind.cause, name).await;
}

/// A page's script is not stored, and its title is the article's.
async fn assert_harmless(scene: &Scene, key: &str) {
    let article = scene.article(key).await.unwrap();
    let html = article.body_html.to_lowercase();
    for evil in [
        "<script",
        "onerror",
        "onload",
        "javascript:",
        "<iframe",
        "<svg",
        "position:",
        "pwned",
    ] {
        assert!(!html.contains(evil), "{evil} in {html}");
    }
    assert!(
        article
            .body_html
            .chars()
            .all(|c| c == '\n' || c == '\t' || !c.is_control()),
        "{html}"
    );
    assert!(
        real_titles().contains(&plain(&article.title)),
        "{}",
        article.title
    );
}

/// One alarm more of each turn, with this cause; or none.
async fn assert_alarms(scene: &Scene, mut before: Vec<String>, cause: Option<&str>, name: &str) {
    if let Some(cause) = cause {
        before.extend([format!("degraded {cause}"), format!("recovered {cause}")]);
    }
    assert_eq!(scene.alarms().await, before, "{name}");
}
