//! Articles that are listed while their pages are not there: a portal's trouble, or an editor who lists first.

use super::{proxy::Proxy, *};

for_each_db!(
    articles_whose_pages_all_disappear_are_not_withdrawn,
    a_list_that_shows_other_articles_withdraws_none,
    an_article_that_is_listed_before_its_page_is_there_is_announced_when_it_comes,
);

/// Ten stored articles of a portal with something between it and Loa.
async fn scene(db: TestDb) -> Option<(Scene, Proxy)> {
    let replica = replica(&CMS, &["--published", "200"])?;
    let proxy = Proxy::start(&replica).await;
    let scene = Scene::over(db, replica, &proxy.url, &CMS, &[("tin", CMS.list)], LATER).await;
    assert_eq!(scene.poll().await.new, 10);
    Some((scene, proxy))
}

async fn assert_nothing_withdrawn(scene: &Scene, told: &[Told]) {
    assert_eq!(scene.told().await, told, "what was there stays");
    let marks = "SELECT count(*) FROM articles WHERE withdrawn_at IS NOT NULL";
    let tombstones = "SELECT count(*) FROM tombstones";
    assert_eq!((scene.count(marks).await, scene.count(tombstones).await), (0, 0));
}

async fn articles_whose_pages_all_disappear_are_not_withdrawn(db: TestDb) {
    let Some((scene, proxy)) = scene(db).await else {
        return;
    };
    let told = scene.told().await;
    proxy.hide(CMS.article);
    for _ in 0..3 {
        scene.make_looks_due().await;
        let report = scene.next().await;
        assert_eq!((report.status, report.withdrawn), (Status::Read, 0));
        assert_nothing_withdrawn(&scene, &told).await;
        assert_eq!(scene.row().await.degraded_by.as_deref(), Some("yield"));
    }
    proxy.change_nothing();
    scene.make_looks_due().await;
    let report = scene.next().await;
    assert_eq!((report.new, report.changed, report.withdrawn), (0, 0, 0));
    assert_nothing_withdrawn(&scene, &told).await;
    assert_eq!(scene.alarms().await, ["degraded yield", "recovered yield"]);
    assert_eq!((scene.announced().await, scene.revisions().await), (0, 0));
    let missing = "SELECT count(*) FROM articles WHERE missing_since IS NOT NULL";
    assert_eq!(scene.count(missing).await, 0);
}

async fn a_list_that_shows_other_articles_withdraws_none(db: TestDb) {
    let Some((scene, proxy)) = scene(db).await else {
        return;
    };
    let mut told = scene.told().await;
    let old: Vec<String> = told.iter().map(|article| article.0.clone()).collect();
    // Page 5 in place of the first one, and no page of what was listed before.
    for key in &old {
        proxy.hide(key);
    }
    proxy.show_instead(CMS.list, "/khoa-hoc-cong-nghe?page=5");
    for _ in 0..12 {
        assert_eq!(scene.next().await.withdrawn, 0);
    }
    let kept = scene
        .articles()
        .await
        .into_iter()
        .filter(|a| old.contains(&a.key))
        .count();
    assert_eq!(kept, 10);
    proxy.change_nothing();
    for _ in 0..12 {
        let report = scene.next().await;
        assert_eq!((report.changed, report.withdrawn), (0, 0), "{report:?}");
    }
    let mut now = scene.told().await;
    now.retain(|article| old.contains(&article.0));
    now.sort();
    told.sort();
    assert_eq!(now, told);
    assert_eq!(scene.count("SELECT count(*) FROM tombstones").await, 0);
    assert_eq!(scene.announced().await, 0, "old news is told to nobody");
}

async fn an_article_that_is_listed_before_its_page_is_there_is_announced_when_it_comes(db: TestDb) {
    let Some((scene, proxy)) = scene(db).await else {
        return;
    };
    let key = scene.publish(1).remove(0);
    proxy.hide(&key);
    scene.take_log();
    let mut tries = Vec::new();
    for poll in 0..12 {
        let before = scene.row().await.polled_at;
        let report = scene.next().await;
        assert_ne!(scene.row().await.polled_at, before);
        assert_eq!((report.status, report.new), (Status::Read, 0));
        if !report.failed.is_empty() {
            tries.push(poll);
        }
    }
    // Five minutes after the first try, then ten, twenty, …; at the next poll that is due.
    assert_eq!(tries, [0, 1, 2, 4, 7]);
    assert!(scene.article(&key).await.is_none());
    assert_eq!(scene.alarms().await, [""; 0], "an editor's haste is no breakage");
    proxy.change_nothing();
    let mut new = 0;
    for _ in 0..6 {
        new += scene.next().await.new;
    }
    assert_eq!((new, scene.announced().await), (1, 1));
    assert!(scene.article(&key).await.is_some());
    assert_eq!(scene.count("SELECT count(*) FROM tombstones").await, 0);
}
