//! Rounds: their budget, several pollers, crashes, slow portals, the end of the process.

use super::*;

for_each_db!(
    the_page_budget_leaves_the_rest_to_the_next_round_and_loses_nothing,
    pages_that_fail_for_good_do_not_use_the_budget_up,
    a_page_that_fails_behind_a_burst_is_not_lost,
    a_page_that_fails_at_the_first_poll_is_stored_silently_later,
    a_burst_behind_a_pinned_article_is_read_whole,
    two_pollers_share_the_work_and_record_nothing_twice,
    what_a_round_recorded_before_a_crash_is_announced_later,
    a_round_that_is_slow_but_alive_is_not_given_up_for_dead,
    a_poll_that_is_told_to_stop_leaves_the_rest_due_at_once,
);

async fn the_page_budget_leaves_the_rest_to_the_next_round_and_loses_nothing(db: TestDb) {
    let mut world = World::polled(db).await;
    world.poller.limits.max_articles = 2;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    for n in 5..=9 {
        world.portal.publish(n, world.clock.now(), &[KH]);
    }
    for expected in [&[5, 6][..], &[7, 8], &[9]] {
        world.poll().await;
        assert_eq!(
            world.alerts().await,
            told([("all@example.vn", expected)]),
            "oldest first"
        );
        world.next_quarter();
    }
    world.poll().await;
    assert_eq!((world.articles().await, world.alerts().await), (9, told([])));
}

async fn pages_that_fail_for_good_do_not_use_the_budget_up(db: TestDb) {
    let mut world = World::polled(db).await;
    world.poller.limits.max_articles = 2;
    world.poller.limits.max_looks = 0;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    for n in 5..=9 {
        world.portal.publish(n, world.clock.now(), &[KH]);
    }
    world.portal.edit(5, |shown| shown.is_hidden = true);
    world.portal.edit(6, |shown| shown.is_hidden = true);
    for expected in [&[7, 8][..], &[9]] {
        assert_eq!(world.poll().await[0].failed.len(), 2);
        assert_eq!(world.alerts().await, told([("all@example.vn", expected)]));
        world.next_quarter();
    }
    world.portal.take_asked();
    world.poll().await;
    let asked = [
        format!("{KH}?"),
        article_path(5),
        article_path(6),
        format!("{TT}?"),
    ];
    assert_eq!(
        world.portal.take_asked(),
        asked,
        "looked for again; the list need not be read for it"
    );
    world.next_quarter();
    world.poll().await;
    assert_eq!(
        world.portal.take_asked(),
        [format!("{KH}?"), format!("{TT}?")],
        "and ever more rarely"
    );
    world.clock.advance(TimeDelta::hours(1));
    world.portal.edit(5, |shown| shown.is_hidden = false);
    assert_eq!(world.poll().await[0].new, 1);
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5])]));
}

async fn a_page_that_fails_behind_a_burst_is_not_lost(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    for n in 5..=24 {
        world.portal.publish(n, world.clock.now(), &[KH]);
    }
    // On the second page of the list, which no later poll reads: the first page is known by then.
    world.portal.edit(6, |shown| shown.is_hidden = true);
    assert_eq!(world.poll().await[0].new, 19);
    world.alerts().await;
    world.portal.edit(6, |shown| shown.is_hidden = false);
    world.next_quarter();
    assert_eq!(world.poll().await[0].new, 1);
    assert_eq!(world.alerts().await, told([("all@example.vn", &[6])]));
}

async fn a_page_that_fails_at_the_first_poll_is_stored_silently_later(db: TestDb) {
    let world = World::new(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.edit(3, |shown| shown.is_hidden = true);
    assert_eq!(world.poll().await[0].new, 2);
    world.portal.edit(3, |shown| shown.is_hidden = false);
    world.next_quarter();
    assert_eq!(world.poll().await[0].new, 1);
    assert_eq!(world.alerts().await, told([]));
}

async fn a_burst_behind_a_pinned_article_is_read_whole(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    let burst: Vec<i64> = (5..=24).collect();
    for n in &burst {
        world.portal.publish(*n, world.clock.now(), &[KH]);
    }
    world.portal.pin(1, KH);
    assert_eq!(
        world.poll().await[0].new,
        20,
        "over two pages, although the first shows one that is known"
    );
    assert_eq!(world.alerts().await, told([("all@example.vn", &burst)]));
}

async fn two_pollers_share_the_work_and_record_nothing_twice(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    for n in 5..=9 {
        world.portal.publish(n, world.clock.now(), &[KH, TT]);
    }
    let mut other = world.poller.clone();
    other.store = Store::open(&world.db.url).await.unwrap();
    other.fetcher = fetcher();
    let (one, two) = tokio::join!(world.poller.step(), other.step());
    let mut polled: Vec<String> = one
        .unwrap()
        .into_iter()
        .chain(two.unwrap())
        .map(|r| r.section)
        .collect();
    polled.sort();
    assert_eq!(polled, ["khoa-hoc", "su-kien"], "no section twice");
    assert_eq!(world.articles().await, 9);
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5, 6, 7, 8, 9])]));

    // One section each, at the same time, with the same articles in both.
    for n in 10..=14 {
        world.portal.publish(n, world.clock.now(), &[KH, TT]);
    }
    let now = world.next_quarter();
    let later = now + TimeDelta::hours(1);
    let claimed = world.db.store.claim_due_sections(now, later).await.unwrap();
    assert_eq!(claimed.len(), 2);
    let make_due = async |slug| world.db.store.make_due(None, Some(slug), now).await.unwrap();
    make_due("khoa-hoc").await;
    world.portal.hold(article_path(12));
    let (one, two) = tokio::join!(world.poller.step(), async {
        world.portal.reached().await;
        make_due("su-kien").await;
        let reports = other.step().await;
        world.portal.release();
        reports
    });
    let reports: Vec<_> = one.unwrap().into_iter().chain(two.unwrap()).collect();
    assert_eq!(reports.len(), 2);
    assert_eq!(reports.iter().map(|r| r.new).sum::<usize>(), 5, "{reports:?}");
    assert!(reports.iter().all(|r| r.failed.is_empty()), "{reports:?}");
    assert_eq!(world.articles().await, 14);
    let announced = "SELECT COUNT(*) FROM fanout_articles WHERE only_watch_id IS NULL";
    assert_eq!(
        sql::count(&world.db.url, announced).await,
        10,
        "each in one round"
    );
    assert_eq!(
        sql::count(&world.db.url, "SELECT COUNT(*) FROM revisions").await,
        0
    );
}

async fn what_a_round_recorded_before_a_crash_is_announced_later(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.publish(5, world.clock.now(), &[KH]);
    world.portal.publish(6, world.clock.now(), &[KH]);
    world.portal.hold(article_path(6));
    tokio::select! {
        _ = world.poller.step() => panic!("the round hangs at the second article"),
        () = world.portal.reached() => {}
    }
    // The process is gone. Its round is still open, and nobody may think that it is over.
    assert_eq!(world.articles().await, 5);
    assert_eq!(world.alerts().await, told([]));
    world.portal.release();
    world.clock.advance(TimeDelta::minutes(11));
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5])]));
    // The lease on the section passes too, and the rest is read.
    world.clock.advance(TimeDelta::minutes(20));
    assert_eq!(world.poll().await[0].new, 1);
    assert_eq!(world.alerts().await, told([("all@example.vn", &[6])]));
}

async fn a_round_that_is_slow_but_alive_is_not_given_up_for_dead(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.publish(5, world.clock.now(), &[TT]);
    // Eight minutes for the first list, eight for the second: nothing was recorded for longer than a dead round's time.
    world.portal.hold(KH);
    let (reports, ()) = tokio::join!(world.poller.step(), async {
        world.portal.reached().await;
        world.clock.advance(TimeDelta::minutes(8));
        world.portal.hold(TT);
        world.portal.release();
        world.portal.reached().await;
        world.clock.advance(TimeDelta::minutes(8));
        assert_eq!(world.alerts().await, told([]));
        let mut other = world.poller.clone();
        other.fetcher = fetcher();
        let claimed = other.step().await.unwrap();
        assert!(claimed.is_empty(), "its sections stay its own: {claimed:?}");
        world.portal.release();
    });
    let reports = reports.unwrap();
    assert_eq!((reports[1].new, &reports[1].failed), (1, &Vec::new()));
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5])]));
}

async fn a_poll_that_is_told_to_stop_leaves_the_rest_due_at_once(db: TestDb) {
    let mut world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.publish(5, world.clock.now(), &[KH]);
    world.portal.publish(6, world.clock.now(), &[KH]);
    world.portal.publish(7, world.clock.now(), &[TT]);
    world.portal.hold(article_path(5));
    let (reports, ()) = tokio::join!(world.poller.step(), async {
        world.portal.reached().await;
        world.poller.stop.cancel();
        world.portal.release();
    });
    assert_eq!(reports.unwrap()[0].new, 1, "what was begun is finished");
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5])]));
    world.poller.stop = CancellationToken::new();
    let reports = world.poll().await;
    assert_eq!(
        reports.iter().map(|r| r.new).collect::<Vec<_>>(),
        [1, 1],
        "{reports:?}"
    );
    assert_eq!(world.alerts().await, told([("all@example.vn", &[6, 7])]));
}
