//! What becomes of articles once they are known: corrected, taken away, brought back, listed before they are there.

use super::*;

for_each_db!(
    a_correction_that_no_list_shows_is_found_by_looking_again,
    a_poll_that_somebody_asked_for_looks_at_what_a_changed_list_shows,
    an_article_that_is_taken_away_leaves_the_feeds_and_comes_back_as_the_old_one,
    an_article_that_falls_off_its_lists_end_is_not_missed,
    an_article_that_is_still_listed_was_not_taken_away,
    when_most_articles_are_not_there_none_was_taken_away,
    the_sizes_of_files_are_asked_for_once,
    what_staff_said_of_an_article_holds_through_an_edit,
);

async fn count(world: &World, sql: &str) -> i64 {
    sql::count(&world.db.url, sql).await
}

async fn article(world: &World, n: i64) -> loa::domain::article::Article {
    let key = crate::common::portal::FIRST_KEY + n;
    let id = count(world, &format!("SELECT id FROM articles WHERE key = '{key}'")).await;
    world.db.store.article(id).await.unwrap().unwrap()
}

const REVISIONS: &str = "SELECT COUNT(*) FROM revisions";
const WITHDRAWN: &str = "SELECT COUNT(*) FROM articles WHERE withdrawn_at IS NOT NULL";
const TOMBSTONES: &str = "SELECT COUNT(*) FROM tombstones";

async fn a_correction_that_no_list_shows_is_found_by_looking_again(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    let before = article(&world, 3).await;
    world.portal.edit(3, |shown| {
        "Số liệu đã được đính chính.".clone_into(&mut shown.body);
    });
    // Six hours old when it was first seen: looked at again when it is eight.
    world.clock.advance(TimeDelta::minutes(90));
    world.poll().await;
    let too_early = format!("{}?", article_path(3));
    assert!(!world.portal.take_asked().contains(&too_early));
    world.clock.advance(TimeDelta::minutes(20));
    let reports = world.poll().await;
    assert_eq!((reports[0].new, reports[0].changed), (0, 1));
    let asked = world.portal.take_asked();
    assert!(
        asked.contains(&format!("{}?", article_path(3))),
        "conditionally: {asked:?}"
    );
    let after = article(&world, 3).await;
    assert_eq!(
        (after.first_seen_at, after.published),
        (before.first_seen_at, before.published)
    );
    assert_eq!(after.updated_at, world.clock.now());
    assert_eq!(count(&world, REVISIONS).await, 1);
    assert_eq!(world.alerts().await, told([]), "nobody is told of a correction");
    // An edit is often followed by another: it is looked at again in an hour, and found to be the same.
    world.clock.advance(TimeDelta::hours(1));
    world.poll().await;
    assert!(
        world
            .portal
            .take_asked()
            .contains(&format!("{}?", article_path(3)))
    );
    assert_eq!(count(&world, REVISIONS).await, 1);
}

async fn a_poll_that_somebody_asked_for_looks_at_what_a_changed_list_shows(db: TestDb) {
    let world = World::polled(db).await;
    world
        .portal
        .edit(1, |shown| "Đính chính.".clone_into(&mut shown.body));
    let named = || world.poller.poll_named(Some("mau"), Some("khoa-hoc"));
    named().await.unwrap();
    assert_eq!(
        world.portal.take_asked(),
        [format!("{KH}?")],
        "the list says that nothing changed"
    );
    world.portal.publish(5, world.clock.now(), &[KH]);
    let reports = named().await.unwrap();
    assert_eq!((reports[0].new, reports[0].changed), (1, 1));
    let asked = world.portal.take_asked();
    let looks = [1, 2, 3].map(|n| format!("{}?", article_path(n)));
    assert!(looks.iter().all(|look| asked.contains(look)), "{asked:?}");
}

async fn an_article_that_is_taken_away_leaves_the_feeds_and_comes_back_as_the_old_one(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    let before = article(&world, 2).await;
    world.portal.withdraw(2);
    let reports = world.poll().await;
    assert_eq!(reports[0].withdrawn, 1);
    assert_eq!((world.articles().await, count(&world, WITHDRAWN).await), (3, 1));
    assert_eq!(count(&world, TOMBSTONES).await, 1);

    world.next_quarter();
    world.portal.edit(2, |shown| shown.is_hidden = false);
    world.portal.list(KH, &[3, 2, 1]);
    let reports = world.poll().await;
    assert_eq!((reports[0].new, reports[0].withdrawn), (0, 0));
    assert_eq!((world.articles().await, count(&world, TOMBSTONES).await), (4, 0));
    let after = article(&world, 2).await;
    assert_eq!(
        (after.id, after.first_seen_at, after.updated_at),
        (before.id, before.first_seen_at, before.updated_at)
    );
    assert_eq!(world.alerts().await, told([]));
}

async fn an_article_that_falls_off_its_lists_end_is_not_missed(db: TestDb) {
    let world = World::new(db).await;
    for n in 5..=11 {
        world
            .portal
            .publish(n, start() - TimeDelta::minutes(20 - n), &[KH]);
    }
    world.poll().await;
    world.next_quarter();
    world.portal.take_asked();
    world.portal.publish(12, world.clock.now(), &[KH]);
    world.poll().await;
    assert_eq!(
        world.portal.take_asked(),
        [format!("{KH}?"), article_path(12), format!("{TT}?")],
        "the oldest of ten made room"
    );
    assert_eq!(count(&world, WITHDRAWN).await, 0);
}

async fn an_article_that_is_still_listed_was_not_taken_away(db: TestDb) {
    let world = World::polled(db).await;
    world.portal.edit(3, |shown| shown.is_hidden = true);
    for _ in 0..12 {
        world.clock.advance(TimeDelta::hours(1));
        world.poll().await;
    }
    assert_eq!(count(&world, WITHDRAWN).await, 0);
    assert_eq!(
        count(
            &world,
            "SELECT COUNT(*) FROM articles WHERE missing_since IS NOT NULL"
        )
        .await,
        1
    );
    world.portal.edit(3, |shown| shown.is_hidden = false);
    world.clock.advance(TimeDelta::hours(12));
    world.poll().await;
    assert_eq!(
        count(
            &world,
            "SELECT COUNT(*) FROM articles WHERE missing_since IS NOT NULL"
        )
        .await,
        0
    );
}

async fn when_most_articles_are_not_there_none_was_taken_away(db: TestDb) {
    let world = World::new(db).await;
    for n in 5..=9 {
        world.portal.publish(n, world.clock.now(), &[KH]);
    }
    world.poll().await;
    world.next_quarter();
    // Every page says that it is not there, and the list shows others.
    for n in [1, 2, 3, 5, 6, 7, 8] {
        world.portal.edit(n, |shown| shown.is_hidden = true);
    }
    world.portal.list(KH, &[9, 8, 7, 6]);
    let reports = world.poll().await;
    assert_eq!(reports[0].withdrawn, 0);
    for _ in 0..3 {
        world.clock.advance(TimeDelta::hours(1));
        world.poll().await;
    }
    assert_eq!(count(&world, WITHDRAWN).await, 0);
    assert_eq!(
        world.section("khoa-hoc").await.degraded_by.as_deref(),
        Some("yield")
    );
}

async fn the_sizes_of_files_are_asked_for_once(db: TestDb) {
    let world = World::polled(db).await;
    world.portal.file("/tep/quyet-dinh.pdf", 4_321);
    world.portal.publish(5, world.clock.now(), &[KH]);
    let file = "Toàn văn quyết định: <a href=\"/tep/quyet-dinh.pdf\">Quyết định số 5</a>.";
    world.portal.edit(5, |shown| file.clone_into(&mut shown.body));
    world.poll().await;
    let stored = article(&world, 5).await;
    assert_eq!(stored.attachments[0].size_bytes, Some(4_321));
    let head = "HEAD /tep/quyet-dinh.pdf".to_owned();
    assert!(world.portal.take_asked().contains(&head));
    world
        .portal
        .edit(5, |shown| shown.body.push_str(" Có hiệu lực từ hôm nay."));
    world.clock.advance(TimeDelta::hours(1));
    assert_eq!(world.poll().await[0].changed, 1);
    assert!(
        !world.portal.take_asked().contains(&head),
        "known files are not asked about again"
    );
    assert_eq!(article(&world, 5).await.attachments[0].size_bytes, Some(4_321));
}

async fn what_staff_said_of_an_article_holds_through_an_edit(db: TestDb) {
    let world = World::polled(db).await;
    let before = article(&world, 3).await;
    let now = world.clock.now();
    let corrected = world
        .db
        .store
        .correct(before.id, "du-lich", Some(true), now)
        .await;
    corrected.unwrap();
    world.portal.edit(3, |shown| {
        "Số liệu đã được đính chính.".clone_into(&mut shown.body);
    });
    world.clock.advance(TimeDelta::hours(2));
    let reports = world.poll().await;
    assert_eq!(reports[0].changed, 1);
    let topics = article(&world, 3).await.topics;
    assert!(topics.iter().any(|topic| topic.slug == "du-lich"), "{topics:?}");
}
