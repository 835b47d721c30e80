//! Articles that go for good, because of their age or by the operator's hand: what still shows them does not bring them back.

use loa::{
    domain::article::parse_tag,
    jobs::{
        poll::backfill::{Step as Walked, Until},
        retention::retention,
    },
    store::{ArticleName, Gone},
};

use super::*;
use crate::common::portal::FIRST_KEY;

for_each_db!(
    old_articles_go_for_good_and_no_list_brings_them_back,
    a_backfill_and_another_section_bring_nothing_back,
    an_article_that_is_removed_while_its_page_is_read_stays_away,
    what_is_removed_by_hand_leaves_at_once_and_can_be_taken_in_again,
    what_is_owed_of_a_removed_article_is_not_sent,
    a_withdrawn_article_that_is_too_old_is_forgotten_too,
);

const KEEP: Option<TimeDelta> = Some(TimeDelta::days(90));

impl World {
    async fn clean(&self) -> usize {
        let mut removed = 0;
        while let Step::Worked(n) = retention(&self.db.store, KEEP, self.clock.now()).await.unwrap() {
            removed += n;
        }
        removed
    }

    fn later(&self, days: i64) {
        self.clock.advance(TimeDelta::days(days));
    }

    /// Rows that belong to articles, whatever the table.
    async fn rows(&self) -> i64 {
        let mut rows = 0;
        for table in [
            "articles",
            "revisions",
            "article_sections",
            "article_topics",
            "article_watches",
            "fanout_articles",
        ] {
            rows += sql::count(&self.db.url, &format!("SELECT COUNT(*) FROM {table}")).await;
        }
        rows
    }

    async fn walk_all(&self, section: &str) -> usize {
        let walk = self.poller.backfill("mau", section, Until::Pages(99), true);
        let mut walk = walk.await.unwrap();
        loop {
            if let Walked::Ended(_) = walk.step().await.unwrap() {
                return walk.tally().stored;
            }
        }
    }
}

fn named(n: i64) -> ArticleName {
    let tag = format!("tag:portal.example,2026:mau/article/{}", FIRST_KEY + n);
    let (portal, key) = parse_tag(&tag).unwrap();
    ArticleName::Key { portal, key }
}

async fn old_articles_go_for_good_and_no_list_brings_them_back(db: TestDb) {
    let world = World::polled(db).await;
    assert_eq!(
        retention(&world.db.store, None, world.clock.now()).await.unwrap(),
        Step::Idle
    );
    world.later(89);
    assert_eq!(world.clean().await, 0);
    world.portal.publish(9, world.clock.now(), &[KH]);
    world.poll().await;
    let page = sql::count(
        &world.db.url,
        &format!("SELECT id FROM articles WHERE key = '{}'", FIRST_KEY + 1),
    )
    .await;
    let clock = world.db.store.change_clock().await.unwrap();
    world.later(2);
    assert_eq!(world.clean().await, 4);
    assert_eq!(world.articles().await, 1);
    let changed = world.db.store.changes_after(clock).await.unwrap();
    assert!(
        changed.iter().any(|change| change.watch == Watch::All),
        "the feeds notice"
    );
    assert_eq!(world.db.store.gone(page).await.unwrap(), Some(Gone::Removed));
    // The list still shows all of them, under another title now.
    world.portal.edit(1, |shown| shown.title.push_str(" (mới)"));
    world.portal.publish(10, world.clock.now(), &[KH]);
    for _ in 0..2 {
        world.next_quarter();
        world.poll().await;
    }
    assert_eq!(world.articles().await, 2);
    assert_eq!(world.clean().await, 0);
}

async fn a_backfill_and_another_section_bring_nothing_back(db: TestDb) {
    let world = World::polled(db).await;
    world.later(100);
    assert_eq!(world.clean().await, 4);
    assert_eq!(world.rows().await, 0, "nothing of them is left");
    world.portal.pin(1, TT);
    world.poll().await;
    assert_eq!(world.walk_all("khoa-hoc").await, 0);
    assert_eq!(world.walk_all("su-kien").await, 0);
    assert_eq!(world.articles().await, 0);
}

async fn an_article_that_is_removed_while_its_page_is_read_stays_away(db: TestDb) {
    let world = World::polled(db).await;
    world.portal.hold(article_path(5));
    world.portal.publish(5, world.clock.now(), &[KH]);
    let poll = world.poll();
    let remove =
        async {
            world.portal.reached().await;
            // A tombstone that another process sets meanwhile.
            let mut sql = sql::Sql::connect(&world.db.url).await;
            sql.run(&format!(
            "INSERT INTO tombstones (portal, key, removed_at, reason) VALUES ('mau', '{}', '{}', 'removed')",
            FIRST_KEY + 5,
            if sql.is_sqlite() { "2026-11-24T08:00:00.000000+00:00" } else { "2026-11-24 08:00:00+00" },
        ))
        .await;
            world.portal.release();
        };
    let (reports, ()) = tokio::join!(poll, remove);
    assert_eq!(reports.iter().map(|report| report.new).sum::<usize>(), 0);
    assert_eq!(world.articles().await, 4);
    let waiting = sql::count(&world.db.url, "SELECT COUNT(*) FROM wanted_pages").await;
    assert_eq!(waiting, 0, "its page is not asked for again");
}

async fn what_is_removed_by_hand_leaves_at_once_and_can_be_taken_in_again(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    let (store, now) = (&world.db.store, world.clock.now());
    assert_eq!(store.remove_article(&named(99), "x", now).await.unwrap(), None);
    let removed = store
        .remove_article(&named(2), "Yêu cầu của cơ quan", now)
        .await
        .unwrap()
        .unwrap();
    assert!(removed.title.unwrap().ends_with("số 2"));
    assert_eq!(world.articles().await, 3);
    let notes = sql::Sql::connect(&world.db.url)
        .await
        .texts("SELECT note FROM tombstones")
        .await;
    assert_eq!(notes, ["Yêu cầu của cơ quan"]);
    world.portal.publish(9, now, &[KH]);
    world.poll().await;
    assert_eq!((world.articles().await, world.walk_all("khoa-hoc").await), (4, 0));
    world.alerts().await;
    // By its address this time.
    let url = ArticleName::Url(removed.url.unwrap());
    assert!(
        store
            .restore_article(&url, world.clock.now())
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(
        store.restore_article(&url, world.clock.now()).await.unwrap(),
        None
    );
    world.next_quarter();
    world.poll().await;
    assert_eq!(world.articles().await, 5);
    assert_eq!(world.alerts().await, told([]), "nobody is told of it twice");
}

async fn what_is_owed_of_a_removed_article_is_not_sent(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    for n in [9, 10] {
        world.portal.publish(n, world.clock.now(), &[KH]);
    }
    world.poll().await;
    let now = world.clock.now();
    assert!(
        world
            .db
            .store
            .remove_article(&named(9), "x", now)
            .await
            .unwrap()
            .is_some()
    );
    assert_eq!(world.alerts().await, told([("all@example.vn", &[10])]));
    world.portal.publish(11, now, &[KH]);
    world.next_quarter();
    world.poll().await;
    while fanout(&world.db.store, world.clock.now()).await.unwrap() != Step::Idle {}
    world.db.store.remove_article(&named(11), "x", now).await.unwrap();
    assert_eq!(
        world.alerts().await,
        told([]),
        "a delivery is made already, and nothing is left of it"
    );
}

async fn a_withdrawn_article_that_is_too_old_is_forgotten_too(db: TestDb) {
    let world = World::polled(db).await;
    world.portal.withdraw(2);
    for _ in 0..4 {
        world.clock.advance(TimeDelta::hours(3));
        world.poll().await;
    }
    assert_eq!(world.articles().await, 3);
    world.later(100);
    assert_eq!(world.clean().await, 4);
    world.portal.edit(2, |shown| shown.is_hidden = false);
    world.portal.pin(2, KH);
    world.poll().await;
    assert_eq!(
        world.articles().await,
        0,
        "brought back by the portal, it is still too old"
    );
}
