//! Hosts that want to be left alone, lists that moved or are gone, and breakages: what is noticed, stored and told once.

use super::*;

for_each_db!(
    a_host_that_asks_to_be_left_alone_is_left_alone_by_everyone_and_after_a_restart,
    two_processes_never_ask_one_host_at_once,
    a_list_that_is_gone_for_good_is_not_asked_for_until_its_address_changes,
    a_list_that_moved_is_followed_counted_and_reported,
    a_list_that_drops_to_a_few_items_is_told_once_and_its_return_once,
    an_empty_list_is_a_breakage_and_old_articles_stay,
    a_portal_that_fails_for_long_is_told_once,
    unreadable_articles_are_noticed_by_the_third,
);

/// The alarms in order: what turned, and by which cause.
async fn alarms(world: &World) -> Vec<String> {
    let mut sql = sql::Sql::connect(&world.db.url).await;
    sql.texts("SELECT kind || ' ' || cause FROM alarms ORDER BY id")
        .await
}

async fn a_host_that_asks_to_be_left_alone_is_left_alone_by_everyone_and_after_a_restart(db: TestDb) {
    let mut world = World::polled(db).await;
    world.portal.breaks(KH, 503, Some(1_800));
    let reports = world.poll().await;
    assert!(
        matches!(&reports[0].status, Status::Failed(why) if why.contains("1800")),
        "{reports:?}"
    );
    assert!(matches!(&reports[1].status, Status::Waiting(..)), "{reports:?}");
    assert_eq!(
        world.portal.take_asked(),
        [format!("{KH}?")],
        "nor for its other lists"
    );
    assert_eq!(world.section("su-kien").await.failures, 0);
    world.portal.mend(KH);
    // A new process knows nothing but the database; not even a person's wish goes before the host's.
    world.poller.fetcher = fetcher();
    world.clock.advance(TimeDelta::seconds(1_799));
    assert!(world.poll().await.is_empty());
    let asked = world.poller.poll_named(None, None).await.unwrap();
    assert!(
        asked
            .iter()
            .all(|report| matches!(report.status, Status::Waiting(..))),
        "{asked:?}"
    );
    assert_eq!(world.portal.take_asked(), [""; 0]);
    world.clock.advance(TimeDelta::seconds(1));
    let reports = world.poll().await;
    assert_eq!(reports.len(), 2, "{reports:?}");
    assert!(
        reports.iter().all(|report| report.status == Status::NotModified),
        "{reports:?}"
    );
}

async fn two_processes_never_ask_one_host_at_once(db: TestDb) {
    let world = World::polled(db).await;
    let other = Poller {
        fetcher: fetcher(),
        ..world.poller.clone()
    };
    world.portal.hold(KH);
    let first = tokio::spawn({
        let poller = world.poller.clone();
        async move { poller.step().await }
    });
    world.portal.reached().await;
    let reports = other.poll_named(Some("mau"), Some("su-kien")).await.unwrap();
    assert!(
        matches!(&reports[0].status, Status::Busy(why, _) if why.contains("another process")),
        "{reports:?}"
    );
    assert_eq!(world.portal.take_asked(), [format!("{KH}?")]);
    world.portal.release();
    first.await.unwrap().unwrap();
    let reports = other.poll_named(Some("mau"), Some("su-kien")).await.unwrap();
    assert_eq!(reports[0].status, Status::NotModified, "the host was given back");
}

async fn a_list_that_is_gone_for_good_is_not_asked_for_until_its_address_changes(db: TestDb) {
    let world = World::polled(db).await;
    world.portal.breaks(KH, 410, None);
    let reports = world.poll().await;
    assert!(
        matches!(&reports[0].status, Status::Failed(why) if why.contains("410")),
        "{reports:?}"
    );
    assert_eq!(alarms(&world).await, ["degraded gone"]);
    assert_eq!(world.articles().await, 4, "what it brought stays");
    world.portal.take_asked();
    world.clock.advance(TimeDelta::days(30));
    world.poll().await;
    assert!(
        !world
            .portal
            .take_asked()
            .iter()
            .any(|asked| asked.starts_with(KH))
    );
    // The operator corrects the path: it is due at once.
    world.portal.mend(KH);
    let elsewhere = format!("{}/khac", world.portal.url);
    let now = world.clock.now();
    world
        .db
        .store
        .sync_addresses(&[("mau", "khoa-hoc", elsewhere)], now)
        .await
        .unwrap();
    let reports = world.poll().await;
    assert_eq!(reports[0].section, "khoa-hoc");
    assert_eq!(alarms(&world).await, ["degraded gone", "recovered gone"]);
}

async fn a_list_that_moved_is_followed_counted_and_reported(db: TestDb) {
    let world = World::polled(db).await;
    world.portal.moves(KH, TT);
    for times in 1..=2 {
        let reports = world.poll().await;
        assert!(!reports[0].is_failure(), "{reports:?}");
        let row = world.section("khoa-hoc").await;
        assert_eq!(
            (row.redirects, row.moved_to),
            (times, Some(format!("{}{TT}", world.portal.url)))
        );
        world.next_quarter();
    }
    world.portal.moves(KH, "/vong-quanh");
    world.portal.moves("/vong-quanh", KH);
    let reports = world.poll().await;
    assert!(
        matches!(&reports[0].status, Status::Failed(why) if why.contains("circle")),
        "{reports:?}"
    );
}

async fn a_list_that_drops_to_a_few_items_is_told_once_and_its_return_once(db: TestDb) {
    let world = World::new(db).await;
    for n in 5..=12 {
        world.portal.publish(n, world.clock.now(), &[KH]);
    }
    world.poll().await;
    let whole: Vec<i64> = (5..=12).rev().chain([3, 2, 1]).collect();
    world.portal.list(KH, &[12, 11]);
    for _ in 0..3 {
        world.next_quarter();
        world.poll().await;
        assert_eq!(world.articles().await, 12, "old articles stay");
    }
    let row = world.section("khoa-hoc").await;
    assert_eq!((row.degraded_by.as_deref(), row.failures), (Some("drop"), 0));
    assert_eq!(alarms(&world).await, ["degraded drop"]);
    assert_eq!(
        sql::count(
            &world.db.url,
            "SELECT COUNT(*) FROM articles WHERE withdrawn_at IS NOT NULL"
        )
        .await,
        0
    );
    world.portal.list(KH, &whole);
    world.next_quarter();
    world.poll().await;
    assert_eq!(alarms(&world).await, ["degraded drop", "recovered drop"]);
    assert_eq!(world.section("khoa-hoc").await.degraded_at, None);
}

async fn an_empty_list_is_a_breakage_and_old_articles_stay(db: TestDb) {
    let world = World::polled(db).await;
    world.portal.list(KH, &[]);
    for _ in 0..3 {
        world.poll().await;
        world.clock.advance(TimeDelta::hours(1));
    }
    assert_eq!(alarms(&world).await, ["degraded empty"]);
    assert_eq!(world.articles().await, 4);
    world.portal.list(KH, &[3, 2, 1]);
    world.poll().await;
    assert_eq!(alarms(&world).await, ["degraded empty", "recovered empty"]);
}

async fn a_portal_that_fails_for_long_is_told_once(db: TestDb) {
    let world = World::polled(db).await;
    world.portal.breaks(KH, 500, None);
    for failures in 1..=8 {
        world.poll().await;
        let told = usize::from(failures >= 5);
        assert_eq!(alarms(&world).await.len(), told, "after {failures}");
        world.clock.advance(TimeDelta::hours(2));
    }
    world.portal.mend(KH);
    world.poll().await;
    assert_eq!(alarms(&world).await, ["degraded failing", "recovered failing"]);
}

async fn unreadable_articles_are_noticed_by_the_third(db: TestDb) {
    let world = World::polled(db).await;
    for n in 5..=8 {
        world.portal.publish(n, world.clock.now(), &[KH]);
        // A page with nothing on it.
        world.portal.breaks(article_path(n), 200, None);
        world.poll().await;
        let told = alarms(&world).await;
        assert_eq!(told.is_empty(), n < 7, "after article {n}: {told:?}");
        world.next_quarter();
    }
    assert_eq!(alarms(&world).await, ["degraded yield"]);
    assert_eq!(world.articles().await, 4, "nothing is stored of them");
    for n in 5..=8 {
        world.portal.mend(&article_path(n));
    }
    world.clock.advance(TimeDelta::hours(12));
    assert_eq!(world.poll().await[0].new, 4, "none is lost");
    assert_eq!(alarms(&world).await, ["degraded yield", "recovered yield"]);
}
