//! What becomes news, and to whom.

use super::*;

for_each_db!(
    the_first_poll_is_silent_and_sets_the_baseline,
    a_new_article_is_announced_once_and_to_the_right_watches,
    an_article_in_several_sections_is_one_article_and_one_alert,
    an_article_listed_elsewhere_later_reaches_those_who_watch_there,
    an_unchanged_list_costs_one_conditional_request,
    a_changed_list_title_makes_a_revision_and_no_alert,
    an_article_that_is_not_there_yet_is_announced_when_it_is,
    old_news_that_reappears_is_stored_silently,
    lost_ampersands_are_mended_in_what_is_stored_and_make_no_revision,
);

async fn the_first_poll_is_silent_and_sets_the_baseline(db: TestDb) {
    let world = World::new(db).await;
    subscribe(&world.db.store, "a@example.vn", "all", Frequency::Instant).await;
    let reports = world.poll().await;
    assert!(
        reports.iter().all(|report| report.status == Status::Read),
        "{reports:?}"
    );
    assert_eq!(
        reports.iter().map(|report| report.new).sum::<usize>(),
        4,
        "{reports:?}"
    );
    assert_eq!(world.articles().await, 4);
    assert_eq!(world.alerts().await, told([]));
    assert_eq!(sql::count(&world.db.url, "SELECT COUNT(*) FROM fanouts").await, 0);
    assert_eq!(
        sql::count(
            &world.db.url,
            "SELECT COUNT(*) FROM sections WHERE baseline_at IS NOT NULL"
        )
        .await,
        2
    );
    assert!(
        world.poll().await.is_empty(),
        "nothing is due before the next quarter"
    );
    assert_eq!(
        world.section("khoa-hoc").await.next_poll_at,
        start() + TimeDelta::minutes(15)
    );
}

async fn a_new_article_is_announced_once_and_to_the_right_watches(db: TestDb) {
    let world = World::polled(db).await;
    for (who, watch) in [
        ("all@example.vn", "all"),
        ("topic@example.vn", "topic:khoa-hoc-cong-nghe"),
        ("two@example.vn", "topic:khoa-hoc-cong-nghe"),
        ("two@example.vn", "section:mau/khoa-hoc"),
        ("phrase@example.vn", "phrase:hội đồng"),
        ("no-phrase@example.vn", "phrase:cầu đường"),
        ("no-topic@example.vn", "topic:nong-nghiep-nong-thon"),
        ("no-section@example.vn", "section:mau/su-kien"),
        ("4711", "section:mau/khoa-hoc"),
    ] {
        subscribe(&world.db.store, who, watch, Frequency::Instant).await;
    }
    world.portal.publish(5, world.clock.now(), &[KH]);
    let reports = world.poll().await;
    assert_eq!(
        reports.iter().map(|r| (r.new, r.changed)).collect::<Vec<_>>(),
        [(1, 0), (0, 0)]
    );
    let everyone: [(&str, &[i64]); 5] = [
        ("all@example.vn", &[5]),
        ("topic@example.vn", &[5]),
        ("two@example.vn", &[5]),
        ("phrase@example.vn", &[5]),
        ("4711", &[5]),
    ];
    assert_eq!(world.alerts().await, told(everyone));
    for _ in 0..3 {
        world.next_quarter();
        world.poll().await;
        assert_eq!(world.alerts().await, told([]), "once");
    }
}

async fn an_article_in_several_sections_is_one_article_and_one_alert(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    subscribe(
        &world.db.store,
        "kh@example.vn",
        "section:mau/khoa-hoc",
        Frequency::Instant,
    )
    .await;
    subscribe(
        &world.db.store,
        "tt@example.vn",
        "section:mau/su-kien",
        Frequency::Instant,
    )
    .await;
    world.portal.publish(5, world.clock.now(), &[KH, TT]);
    world.poll().await;
    assert_eq!(world.articles().await, 5);
    let fetched = world.portal.take_asked();
    assert_eq!(
        fetched.iter().filter(|path| **path == article_path(5)).count(),
        1,
        "{fetched:?}"
    );
    let both: [(&str, &[i64]); 3] = [
        ("all@example.vn", &[5]),
        ("kh@example.vn", &[5]),
        ("tt@example.vn", &[5]),
    ];
    assert_eq!(world.alerts().await, told(both));
    let of = |slug: &str| Watch::Section {
        portal: "mau".to_owned(),
        slug: slug.to_owned(),
    };
    for (slug, count) in [("khoa-hoc", 4), ("su-kien", 2)] {
        let page = Page {
            before: None,
            limit: 50,
        };
        assert_eq!(
            world.db.store.list(&of(slug), page).await.unwrap().len(),
            count,
            "{slug}"
        );
    }
}

async fn an_article_listed_elsewhere_later_reaches_those_who_watch_there(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    subscribe(
        &world.db.store,
        "tt@example.vn",
        "section:mau/su-kien",
        Frequency::Instant,
    )
    .await;
    world.portal.publish(5, world.clock.now(), &[KH]);
    world.poll().await;
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5])]));
    world.next_quarter();
    world.portal.pin(5, TT);
    world.poll().await;
    assert_eq!(world.alerts().await, told([("tt@example.vn", &[5])]));
    world.next_quarter();
    world.poll().await;
    assert_eq!(world.alerts().await, told([]));
}

async fn an_unchanged_list_costs_one_conditional_request(db: TestDb) {
    let world = World::polled(db).await;
    let reports = world.poll().await;
    assert!(
        reports.iter().all(|report| report.status == Status::NotModified),
        "{reports:?}"
    );
    assert_eq!(world.portal.take_asked(), [format!("{KH}?"), format!("{TT}?")]);
    assert_eq!(
        world.section("khoa-hoc").await.next_poll_at,
        world.next_quarter(),
        "the schedule goes on"
    );
}

async fn a_changed_list_title_makes_a_revision_and_no_alert(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.edit(2, |shown| shown.title.push_str(" (sửa)"));
    world
        .portal
        .edit(3, |shown| shown.title = shown.title.replace(' ', "  "));
    let edited_at = world.clock.now();
    let reports = world.poll().await;
    assert_eq!((reports[0].new, reports[0].changed), (0, 1));
    assert_eq!(
        world.portal.take_asked(),
        [format!("{KH}?"), article_path(2), format!("{TT}?")],
        "more spaces are no other title"
    );
    let page = Page {
        before: None,
        limit: 50,
    };
    let articles = world.db.store.list(&Watch::All, page).await.unwrap();
    let edited = articles.iter().find(|a| number(&a.key) == 2).unwrap();
    assert!(edited.title.ends_with("(sửa)"));
    assert_eq!((edited.first_seen_at, edited.updated_at), (start(), edited_at));
    assert_eq!(
        sql::count(&world.db.url, "SELECT COUNT(*) FROM revisions").await,
        1
    );
    assert_eq!(world.alerts().await, told([]));
    world.next_quarter();
    assert!(world.poll().await.iter().all(|report| report.changed == 0));
}

async fn an_article_that_is_not_there_yet_is_announced_when_it_is(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.portal.publish(5, world.clock.now(), &[KH]);
    world.portal.edit(5, |shown| shown.is_hidden = true);
    let reports = world.poll().await;
    assert_eq!(reports[0].status, Status::Read);
    assert!(reports[0].failed[0].contains("not there yet"), "{:?}", reports[0]);
    assert_eq!((world.articles().await, world.alerts().await), (4, told([])));
    // The list is the same as before, and is read all the same: no validators were kept.
    world.next_quarter();
    world.portal.edit(5, |shown| shown.is_hidden = false);
    assert_eq!(world.poll().await[0].new, 1);
    assert_eq!(world.alerts().await, told([("all@example.vn", &[5])]));
    world.next_quarter();
    assert_eq!(
        world.poll().await[0].status,
        Status::NotModified,
        "now the list is known whole"
    );
}

async fn old_news_that_reappears_is_stored_silently(db: TestDb) {
    let world = World::polled(db).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    // The newest that the section had is six hours old.
    let newest = start() - TimeDelta::hours(6);
    world
        .portal
        .publish(5, newest - TimeDelta::days(7) - TimeDelta::minutes(1), &[KH]);
    world
        .portal
        .publish(6, newest - TimeDelta::days(7) + TimeDelta::minutes(1), &[KH]);
    assert_eq!(world.poll().await[0].new, 2);
    assert_eq!(world.articles().await, 6);
    assert_eq!(world.alerts().await, told([("all@example.vn", &[6])]));
}

async fn lost_ampersands_are_mended_in_what_is_stored_and_make_no_revision(db: TestDb) {
    let world = World::polled(db).await;
    world.portal.publish(5, world.clock.now(), &[KH]);
    world.portal.edit(5, |shown| {
        shown.title = "Sở TTamp;TT nghiệm thu đề tài ldquo;Chuyển đổi sốrdquo;".to_owned();
        shown.body = "(Cổng TTamp;TT) Đề tài ldquo;Chuyển đổi <b>sốrdquo;</b> của phograve;ng &amp;lt;1&gt;."
            .to_owned();
    });
    let stored = async || {
        let newest = Page {
            before: None,
            limit: 50,
        };
        let articles = world.db.store.list(&Watch::All, newest).await.unwrap();
        articles.into_iter().find(|a| number(&a.key) == 5).unwrap()
    };
    assert_eq!(world.poll().await[0].new, 1);
    let first = stored().await;
    assert_eq!(first.title, "Sở TT&TT nghiệm thu đề tài “Chuyển đổi số”");
    assert_eq!(first.source.as_deref(), Some("Cổng TT&TT"));
    assert_eq!(first.body_text, "Đề tài “Chuyển đổi số” của phòng <1>.");
    assert_eq!(
        first.body_html,
        "<p>Đề tài “Chuyển đổi <b>số”</b> của phòng &lt;1&gt;.</p>"
    );
    // Looked at again, once for the list's other title and once for its day.
    world.portal.take_asked();
    world
        .portal
        .edit(5, |shown| shown.title = shown.title.replace("rdquo;", "”"));
    for _ in 0..2 {
        world.clock.advance(TimeDelta::days(1));
        assert!(world.poll().await.iter().all(|report| report.changed == 0));
    }
    let asked = world.portal.take_asked();
    assert!(
        asked.iter().any(|path| path.starts_with(&article_path(5))),
        "{asked:?}"
    );
    assert_eq!(stored().await, first);
    assert_eq!(
        sql::count(&world.db.url, "SELECT COUNT(*) FROM revisions").await,
        0
    );
}
