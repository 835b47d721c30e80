//! A portal that fails, or that has another shape.

use super::*;

for_each_db!(
    a_failing_portal_is_asked_less_often_and_its_return_is_noticed,
    a_list_of_the_portals_other_shape_is_absent_and_no_failure,
    a_missing_list_is_a_failure_while_nothing_else_answers,
);

async fn a_failing_portal_is_asked_less_often_and_its_return_is_noticed(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.set_down(true);
    for (failures, wait_minutes) in [(1, 1), (2, 2), (3, 4), (4, 8)] {
        let reports = world.poll().await;
        assert!(
            matches!(&reports[0].status, Status::Failed(why) if why.contains("500")),
            "{reports:?}"
        );
        assert!(reports[0].is_failure());
        let row = world.section("khoa-hoc").await;
        assert_eq!(row.failures, failures);
        assert!(row.last_error.unwrap().contains("500"));
        let rows = world.db.store.sections().await.unwrap();
        for row in &rows {
            // A fifth at most by chance, so that many do not come back together.
            let wait = row.next_poll_at - world.clock.now();
            let least = TimeDelta::minutes(wait_minutes);
            assert!(wait >= least && wait <= least * 6 / 5, "{wait}");
        }
        let first = rows.iter().map(|row| row.next_poll_at).min().unwrap();
        let last = rows.iter().map(|row| row.next_poll_at).max().unwrap();
        world
            .clock
            .advance(first - world.clock.now() - TimeDelta::seconds(1));
        assert!(world.poll().await.is_empty(), "not before it is due");
        world.clock.advance(last - world.clock.now());
    }
    world.portal.set_down(false);
    world.portal.publish(5, world.clock.now(), &[KH]);
    assert_eq!(world.poll().await[0].new, 1);
    let row = world.section("khoa-hoc").await;
    assert_eq!((row.failures, row.last_error), (0, None));
    assert_eq!(
        world.alerts().await,
        told([("all@example.vn", &[5])]),
        "what came meanwhile is not lost"
    );
}

/// The compiled-in portal's two shapes: the new one may be read by both profiles, the old one by its own.
async fn two_shapes(db: TestDb) -> World {
    let portal = ScriptedPortal::start(&[KH, TT]).await;
    portal.publish(1, start(), &[KH, TT]);
    let file = format!(
        "id = \"mau\"\nname = \"Cổng mẫu\"\nbase_url = \"{}\"\nauthority = \"portal.example\"\nyear = 2026\n\
         profile = \"3cms\"\n[[section]]\nslug = \"tin-tuc\"\ntitle = \"Tin tức\"\npath = \"/tin-tuc\"\n\
         schedule = \"0 */15 * * * *\"\nprofile = [\"quangtri-tin-tuc\", \"3cms\"]\n{}",
        portal.url,
        section("khoa-hoc", KH, "3cms"),
    );
    World::with(db, portal, &file).await
}

async fn a_list_of_the_portals_other_shape_is_absent_and_no_failure(db: TestDb) {
    let world = two_shapes(db).await;
    let reports = world.poll().await;
    assert_eq!(reports[0].status, Status::Absent);
    assert!(reports.iter().all(|report| !report.is_failure()), "{reports:?}");
    assert_eq!(
        world.section("tin-tuc").await.next_poll_at,
        start() + TimeDelta::hours(24),
        "looked for once a day"
    );
    // The other section is remembered to answer, also while it is not due itself.
    world.clock.advance(TimeDelta::minutes(1));
    let now = world.clock.now();
    world
        .db
        .store
        .make_due(Some("mau"), Some("tin-tuc"), now)
        .await
        .unwrap();
    let reports = world.poll().await;
    assert_eq!((reports.len(), &reports[0].status), (1, &Status::Absent));
}

async fn a_missing_list_is_a_failure_while_nothing_else_answers(db: TestDb) {
    let world = two_shapes(db).await;
    world.portal.remove_list(KH);
    let reports = world.poll().await;
    assert!(reports.iter().all(SectionReport::is_failure), "{reports:?}");
    assert_eq!(world.section("tin-tuc").await.failures, 1);
}
