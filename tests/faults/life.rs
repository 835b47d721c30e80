//! An article's life on a portal whose pages are never the same twice: counters, other class names, other tags. It is stored,
//! announced once, edited, withdrawn and brought back; nothing but an edit is taken for one.

use axum::http::StatusCode;
use axum_test::TestServer;
use loa::{domain::token::Tokens, web};

use super::{proxy::Proxy, *};
use crate::common::{
    databases::{on_postgres, on_sqlite},
    site,
};

/// Five minutes after the newest article of the portals below.
const FRESH: &str = "2022-07-21T03:05:00Z";

/// So many articles are older than that.
const OLDER: &str = "241";

/// Seeds of the unknown class names, and what the portal is like. Four tags of titles, tables and none, the date before
/// and behind the title: each occurs. All seeds up to 40 pass in every way.
const SEEDS: [(u32, &[&str]); 4] = [
    (1, &["--noise"]),
    (2, &["--no-validators"]),
    (7, &["--noise", "--no-validators"]),
    (40, &[]),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_article_of_3cms_is_edited_once_for_each_edit_on_sqlite() {
    for (seed, options) in SEEDS {
        on_sqlite(|db| edits(db, &CMS, seed, options)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_article_of_3cms_is_edited_once_for_each_edit_on_postgres() {
    for (seed, options) in SEEDS {
        on_postgres(|db| edits(db, &CMS, seed, options)).await;
    }
}

for_each_db!(
    an_article_of_liferay_is_edited_once_for_each_edit,
    an_article_of_a_noisy_liferay_is_edited_once_for_each_edit,
    an_edit_that_the_list_does_not_show_is_found_at_the_next_look,
    a_withdrawn_article_of_3cms_comes_back_as_the_old_one,
    a_withdrawn_article_of_liferay_comes_back_as_the_old_one,
);

async fn an_article_of_liferay_is_edited_once_for_each_edit(db: TestDb) {
    edits(db, &LIFERAY, 1, &[]).await;
}

async fn an_article_of_a_noisy_liferay_is_edited_once_for_each_edit(db: TestDb) {
    edits(db, &LIFERAY, 1, &["--noise", "--no-validators"]).await;
}

/// Polled once, silently; then the newest article came.
async fn fresh(db: TestDb, shape: &'static Shape, options: &[&str]) -> Option<Scene> {
    let options = [&["--published", OLDER], options].concat();
    let mut scene = Scene::set(db, shape, &options, FRESH).await?;
    scene.poller.limits.max_list_pages = 2;
    assert_eq!(scene.poll().await.new, 20, "{options:?}");
    assert_eq!(scene.announced().await, 0, "the first poll is silent");
    let key = scene.publish(1).remove(0);
    assert_eq!(scene.next().await.new, 1, "{options:?}");
    assert!(scene.article(&key).await.is_some());
    assert_eq!(scene.announced().await, 1);
    Some(scene)
}

async fn edits(db: TestDb, shape: &'static Shape, seed: u32, options: &[&str]) {
    let seed = seed.to_string();
    let options = [&["--seed", &seed], options].concat();
    let Some(scene) = fresh(db, shape, &options).await else {
        return;
    };
    let told = scene.told().await;
    for _ in 0..20 {
        let report = scene.next().await;
        assert_eq!(
            (report.new, report.changed, report.withdrawn),
            (0, 0, 0),
            "{options:?}"
        );
        assert!(report.failed.is_empty(), "{options:?}: {report:?}");
    }
    assert_eq!(scene.told().await, told, "{options:?}");
    let keys = scene.keys();
    let guids = guids(&scene).await;

    // An edit, found by the list where it shows it, and at the look eight hours after publication at the latest.
    let first = found_by_itself(&scene, &keys[0]).await;
    let looked = FRESH.parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(8 * 60 + 15);
    assert!(first.updated_at <= looked, "{options:?}: {}", first.updated_at);

    // None of these is one.
    for (key, how) in [(&keys[1], "space"), (&keys[2], "counter")] {
        scene.replica.control(&format!("edit?key={key}&how={how}"));
        scene.make_looks_due().await;
        let report = scene.next().await;
        assert_eq!(
            (report.changed, &report.failed),
            (0, &Vec::new()),
            "{how}, {options:?}"
        );
        assert_eq!(scene.poll_named().await.changed, 0, "{how}, {options:?}");
    }
    assert_eq!(scene.revisions().await, 1, "{options:?}");

    // Somebody asks: an edit is found at once, also where the list cuts the title off; but only if the list changed, and
    // Liferay's does not show an edit of the title with the ampersand.
    let asked = &keys[if shape.name == CMS.name { 3 } else { 5 }];
    scene.clock.advance(TimeDelta::seconds(1));
    scene.replica.control(&format!("edit?key={asked}&how=text"));
    assert_eq!(scene.poll_named().await.changed, 1, "{options:?}");
    assert_eq!(scene.poll_named().await.changed, 0, "{options:?}");
    assert_eq!(
        (scene.revisions().await, scene.announced().await),
        (2, 1),
        "{options:?}"
    );
    for told in told {
        let article = scene.article(&told.0).await.unwrap();
        let is_edited = [&keys[0], asked].contains(&&told.0);
        assert_eq!(article.updated_at != told.5, is_edited, "{options:?}: {}", told.1);
        assert_eq!(article.title.ends_with("(cập nhật)"), is_edited, "{options:?}");
        let first = (article.published.map(|p| p.at), article.first_seen_at);
        assert_eq!(first, (told.3, told.4), "{options:?}: {}", told.1);
    }
    assert_eq!(
        self::guids(&scene).await,
        guids,
        "readers see no new article: {options:?}"
    );
}

async fn an_edit_that_the_list_does_not_show_is_found_at_the_next_look(db: TestDb) {
    let Some(replica) = replica(&CMS, &["--published", OLDER, "--noise"]) else {
        return;
    };
    let proxy = Proxy::start(&replica).await;
    let scene = Scene::over(db, replica, &proxy.url, &CMS, &[("tin", CMS.list)], FRESH).await;
    scene.poll().await;
    let key = scene.publish(1).remove(0);
    assert_eq!(scene.next().await.new, 1);
    proxy.freeze(CMS.list);
    // Published at three; the second edit takes the first back.
    for (how, found) in [("text", "04:00"), ("counter", "05:00")] {
        scene.replica.control(&format!("edit?key={key}&how={how}"));
        while scene.next().await.changed == 0 {
            assert!(
                scene.clock.now().format("%H:%M").to_string().as_str() < found,
                "{how}"
            );
        }
        assert_eq!(scene.clock.now().format("%H:%M").to_string(), found, "{how}");
        assert_eq!(scene.article(&key).await.unwrap().updated_at, scene.clock.now());
    }
    assert_eq!((scene.revisions().await, scene.announced().await), (2, 1));
}

/// Edits an article and polls as often as it is due, until the edit is found; and no second one afterwards.
async fn found_by_itself(scene: &Scene, key: &str) -> Article {
    scene.replica.control(&format!("edit?key={key}&how=text"));
    let mut changed = 0;
    for _ in 0..16 {
        changed += scene.next().await.changed;
        if changed == 1 {
            break;
        }
    }
    assert_eq!(changed, 1);
    let found = scene.clock.now();
    for _ in 0..4 {
        assert_eq!(scene.next().await.changed, 0);
    }
    assert_eq!(scene.revisions().await, 1);
    let article = scene.article(key).await.unwrap();
    assert_eq!(article.updated_at, found);
    assert!(
        article.body_text.contains("Nội dung đã được cập nhật."),
        "{}",
        article.body_text
    );
    article
}

async fn guids(scene: &Scene) -> Vec<String> {
    let rss = web(scene).get("/feeds/all.rss").await.text();
    let mut guids: Vec<String> = rss
        .split("<guid")
        .skip(1)
        .map(|rest| rest.split("</guid>").next().unwrap().to_owned())
        .collect();
    guids.sort();
    assert_eq!(guids.len(), scene.articles().await.len());
    guids
}

fn web(scene: &Scene) -> TestServer {
    let state = site::state(&scene.db.store, &scene.clock, &Tokens::new("test"));
    TestServer::new(web::router(state))
}

async fn a_withdrawn_article_of_3cms_comes_back_as_the_old_one(db: TestDb) {
    withdrawal(db, &CMS).await;
}

async fn a_withdrawn_article_of_liferay_comes_back_as_the_old_one(db: TestDb) {
    withdrawal(db, &LIFERAY).await;
}

async fn withdrawal(db: TestDb, shape: &'static Shape) {
    let Some(scene) = fresh(db, shape, &[]).await else {
        return;
    };
    let (told, guids_before) = (scene.told().await, guids(&scene).await);
    // The newest, and one that is too old to be looked at by itself.
    let keys = scene.keys();
    let gone = [keys[0].clone(), keys[4].clone()];
    let mut pages = Vec::new();
    for key in &gone {
        let page = format!("/articles/{}", scene.article(key).await.unwrap().id);
        web(&scene).get(&page).await.assert_status_ok();
        pages.push(page);
        scene.replica.control(&format!("withdraw?key={key}"));
    }
    let report = scene.next().await;
    assert_eq!(
        (report.withdrawn, report.new, report.changed),
        (2, 0, 0),
        "{report:?}"
    );
    for _ in 0..40 {
        let report = scene.next().await;
        assert_eq!(
            (report.withdrawn, report.new, report.changed),
            (0, 0, 0),
            "{report:?}"
        );
    }
    let left: Vec<Told> = told.iter().filter(|a| !gone.contains(&a.0)).cloned().collect();
    assert_eq!(scene.told().await, left);
    assert_eq!(guids(&scene).await.len(), left.len());
    for page in &pages {
        web(&scene).get(page).await.assert_status(StatusCode::GONE);
    }
    let marked = "SELECT count(*) FROM articles WHERE withdrawn_at IS NOT NULL";
    let tombstones = "SELECT count(*) FROM tombstones WHERE reason = 'withdrawn'";
    assert_eq!((scene.count(marked).await, scene.count(tombstones).await), (2, 2));
    assert_eq!(
        (scene.announced().await, scene.revisions().await),
        (1, 0),
        "nobody hears of it"
    );
    assert_eq!(scene.alarms().await, [""; 0]);

    // The portal comes back as it was before the withdrawals.
    let scene = restarted(scene);
    let mut reports = Vec::new();
    for _ in 0..3 {
        reports.push(scene.next().await);
    }
    assert!(
        reports.iter().all(|r| r.new == 0 && r.failed.is_empty()),
        "{reports:?}"
    );
    assert_eq!(scene.told().await, told, "with its old first sight and no edit");
    assert_eq!(guids(&scene).await, guids_before);
    for page in &pages {
        web(&scene).get(page).await.assert_status_ok();
    }
    assert_eq!((scene.count(marked).await, scene.count(tombstones).await), (0, 0));
    assert_eq!((scene.announced().await, scene.revisions().await), (1, 0));
}

/// The same portal at the same address, with everything published and nothing withdrawn.
fn restarted(scene: Scene) -> Scene {
    let Scene {
        db,
        replica: old,
        shape,
        clock,
        poller,
    } = scene;
    let url = old.url();
    let port = url.rsplit(':').next().unwrap();
    drop(old);
    let replica = replica(shape, &["--port", port, "--published", "242"]).unwrap();
    Scene {
        db,
        replica,
        shape,
        clock,
        poller,
    }
}
