//! A restart never polls early, and several processes are one polite visitor.

use super::{proxy::Proxy, *};

for_each_db!(
    a_restarted_poller_asks_nothing_before_the_next_poll_is_due,
    what_a_host_asked_for_holds_after_a_restart,
    two_processes_never_ask_a_host_at_once_and_store_nothing_twice,
);

async fn a_restarted_poller_asks_nothing_before_the_next_poll_is_due(db: TestDb) {
    let Some(mut scene) = Scene::set(db, &LIFERAY, &["--published", "200"], LATER).await else {
        return;
    };
    assert_eq!(scene.poll().await.new, 10);
    scene.publish(1);
    scene.take_log();
    let due = scene.row().await.next_poll_at;
    assert_eq!(due - scene.clock.now(), TimeDelta::minutes(15));
    for left in [900, 600, 1] {
        scene
            .clock
            .advance(due - scene.clock.now() - TimeDelta::seconds(left));
        scene.poller = scene.another_poller().await;
        assert!(scene.poller.step().await.unwrap().is_empty());
        assert_eq!(scene.asked(), [""; 0], "{left} seconds before it is due");
    }
    scene.clock.advance(TimeDelta::seconds(1));
    assert_eq!(scene.poll().await.new, 1);
    let log = scene.take_log();
    assert_eq!(log[0]["path"], "/robots.txt");
    assert!(
        log[1]["inm"].is_string(),
        "conditional over a restart too: {}",
        log[1]
    );
}

async fn what_a_host_asked_for_holds_after_a_restart(db: TestDb) {
    let Some(mut scene) = Scene::set(db, &LIFERAY, &["--published", "200"], LATER).await else {
        return;
    };
    scene.poll().await;
    for kind in ["503", "429"] {
        for page in [scene.shape.list, scene.shape.article] {
            scene.take_log();
            scene.publish(1);
            scene.fault(kind, 1, page);
            scene.next().await;
            assert_eq!(scene.log().last().unwrap()["status"].to_string(), kind);
            scene.take_log();
            let report = over_a_restart(&mut scene, 1).await;
            assert!(matches!(report.status, Status::Waiting(..)), "{kind}: {report:?}");
            assert_eq!(scene.asked(), [""; 0], "{kind}: not even robots.txt");
            let report = over_a_restart(&mut scene, 1).await;
            assert!(
                matches!(report.status, Status::Read | Status::NotModified),
                "{report:?}"
            );
            assert_eq!(scene.asked()[0], "/robots.txt");
        }
    }
}

/// A while later, in a new process, somebody asks for a poll.
async fn over_a_restart(scene: &mut Scene, seconds: i64) -> SectionReport {
    scene.clock.advance(TimeDelta::seconds(seconds));
    scene.poller = scene.another_poller().await;
    scene.poll_named().await
}

async fn two_processes_never_ask_a_host_at_once_and_store_nothing_twice(db: TestDb) {
    let Some(replica) = replica(&CMS, &["--published", "200"]) else {
        return;
    };
    let proxy = Proxy::start(&replica).await;
    // The same list under two addresses, each a section.
    let sections = [("mot", CMS.list), ("hai", "/khoa-hoc-cong-nghe?page=1")];
    let scene = Scene::over(db, replica, &proxy.url, &CMS, &sections, LATER).await;
    let other = scene.another_poller().await;
    let mut waited = 0;
    for round in 0..6 {
        let (one, two) = tokio::join!(
            scene.poller.poll_named(Some("mau"), Some("mot")),
            other.poll_named(Some("mau"), Some("hai"))
        );
        let reports: Vec<_> = one.unwrap().into_iter().chain(two.unwrap()).collect();
        assert_eq!(reports.len(), 2, "{reports:?}");
        for report in &reports {
            assert!(report.failed.is_empty(), "{report:?}");
            waited += usize::from(matches!(report.status, Status::Busy(..)));
        }
        scene.clock.advance(TimeDelta::minutes(15));
        // What had to wait is due by now; both look.
        let (one, two) = tokio::join!(scene.poller.step(), other.step());
        let reports: Vec<_> = one.unwrap().into_iter().chain(two.unwrap()).collect();
        assert!(
            reports.len() <= 2 && reports.iter().all(|r| r.failed.is_empty()),
            "{reports:?}"
        );
        scene.clock.advance(TimeDelta::minutes(15));
        if round < 5 {
            scene.publish(3);
        }
    }
    assert_eq!(proxy.most_at_once(), 1);
    assert!(waited > 0, "the processes met at least once");
    let keys = scene.keys();
    let mut stored: Vec<String> = scene.articles().await.into_iter().map(|a| a.key).collect();
    stored.sort();
    let mut shown: Vec<String> = keys[..25].to_vec();
    shown.sort();
    assert_eq!(stored, shown);
    assert_eq!(scene.revisions().await, 0);
    let twice = "SELECT count(*) FROM (SELECT article_id FROM fanout_articles WHERE only_watch_id IS NULL
        GROUP BY article_id HAVING count(*) > 1) x";
    assert_eq!(scene.count(twice).await, 0);
}
