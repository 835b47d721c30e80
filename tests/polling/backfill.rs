//! Backfills, step by step: what is stored, what is asked of the portal, and where a run goes on.

use loa::{
    domain::{
        schedule::{Days, Usual},
        subscription::Frequency::Daily,
    },
    jobs::{
        digest::digest,
        poll::backfill::{Backfill, End, PageLine, Step as Walked, Tally, Until},
    },
};

use super::*;
use crate::common::sql::Sql;

for_each_db!(
    older_pages_are_stored_and_nobody_is_told,
    a_run_goes_on_where_the_last_one_stopped_and_repeats_nothing,
    a_process_that_dies_loses_no_article_and_repeats_one_list_page_at_most,
    a_list_page_that_fails_is_waited_for_and_the_next_run_goes_on_there,
    a_portal_that_wants_to_be_left_alone_for_long_ends_the_run,
    a_page_whose_portal_pauses_is_not_the_next_pages_fault,
    pages_that_fail_have_a_schedule_of_their_own,
    what_may_be_news_is_left_to_the_next_poll_which_tells_it,
    news_that_waits_for_its_page_is_not_taken_silently,
    a_section_that_was_never_polled_announces_only_what_comes_after_its_first_poll,
    a_backfill_is_no_poll,
    a_list_without_dates_is_dated_by_its_articles,
    two_runs_on_one_section_do_not_mix,
    a_list_that_repeats_its_last_page_ends,
    a_run_that_is_told_to_stop_finishes_the_article_and_goes_on_later,
);

/// A section of `count` articles, a day apart, the newest number 1 000 an hour old.
async fn world(db: TestDb, count: i64) -> World {
    let portal = ScriptedPortal::start(&[KH, TT]).await;
    for n in (0..count).rev() {
        portal.publish(1_000 - n, start() - TimeDelta::hours(24 * n + 1), &[KH]);
    }
    let file = format!(
        "id = \"mau\"\nname = \"Cổng mẫu\"\nbase_url = \"{}\"\nauthority = \"portal.example\"\nyear = 2026\n\
         profile = \"3cms\"\n{}",
        portal.url,
        section("khoa-hoc", KH, "3cms"),
    );
    let mut world = World::with(db, portal, &file).await;
    world.poller.limits.max_list_pages = 1;
    world
}

impl World {
    async fn walk(&self, until: Until) -> Backfill<'_> {
        let walk = self.poller.backfill("mau", "khoa-hoc", until, false);
        walk.await.unwrap()
    }

    /// Walks until the end; a pause passes by the clock.
    async fn backfill(&self, until: Until) -> (Vec<PageLine>, Tally, End) {
        let mut walk = self.walk(until).await;
        let mut lines = Vec::new();
        loop {
            match walk.step().await.unwrap() {
                Walked::Listed | Walked::Article(_) => {}
                Walked::Finished(line) => lines.push(line),
                Walked::Pause { wait, .. } => self.clock.advance(TimeDelta::from_std(wait).unwrap()),
                Walked::Ended(end) => return (lines, walk.tally().clone(), end),
                other @ Walked::Stopped => panic!("{other:?}"),
            }
        }
    }

    async fn number(&self, sql: &str) -> i64 {
        sql::count(&self.db.url, sql).await
    }

    /// Markers, rounds and messages: what a silent run must not leave behind.
    async fn owed(&self) -> i64 {
        self.number(
            "SELECT (SELECT COUNT(*) FROM fanout_articles) + (SELECT COUNT(*) FROM fanouts)
                + (SELECT COUNT(*) FROM deliveries)",
        )
        .await
    }
}

/// Steps until one that `is_it`.
async fn step_until(walk: &mut Backfill<'_>, is_it: impl Fn(&Walked) -> bool) -> Walked {
    for _ in 0..1_000 {
        let step = walk.step().await.unwrap();
        if is_it(&step) {
            return step;
        }
        assert!(!matches!(step, Walked::Ended(_)), "{step:?}");
    }
    panic!("never")
}

fn pages(asked: &[String]) -> (usize, usize) {
    let lists = asked.iter().filter(|path| path.starts_with(KH)).count();
    (lists, asked.len() - lists)
}

async fn older_pages_are_stored_and_nobody_is_told(db: TestDb) {
    let world = world(db, 35).await;
    world.poll().await;
    assert_eq!(world.articles().await, 10, "the first list page alone");
    for (who, how) in [("all@example.vn", Frequency::Instant), ("ngay@example.vn", Daily)] {
        subscribe(&world.db.store, who, "all", how).await;
    }
    world.portal.take_asked();
    let (lines, tally, end) = world.backfill(Until::Pages(99)).await;
    assert_eq!(end, End::List);
    assert_eq!((tally.list_pages, tally.stored, tally.known), (4, 25, 10));
    assert_eq!((tally.left, tally.failed.len()), (0, 0));
    let stored: Vec<_> = lines
        .iter()
        .map(|l| (l.number, l.listed, l.new, l.stored))
        .collect();
    assert_eq!(
        stored,
        [(1, 10, 0, 0), (2, 10, 10, 10), (3, 10, 10, 10), (4, 5, 5, 5)]
    );
    assert_eq!(lines[2].oldest, Some(start() - TimeDelta::hours(24 * 29 + 1)));
    assert_eq!(pages(&world.portal.take_asked()), (4, 25));
    assert_eq!(world.articles().await, 35);
    assert_eq!(world.alerts().await, told([]));
    let seven = Usual {
        at: chrono::NaiveTime::from_hms_opt(7, 0, 0).unwrap(),
        days: Days::ALL,
    };
    world.clock.advance(TimeDelta::days(1));
    while digest(&world.db.store, seven, world.clock.now()).await.unwrap() != Step::Idle {}
    assert_eq!(world.owed().await, 0);
    assert_eq!(world.backfill(Until::Pages(99)).await.2, End::List);
    assert_eq!(
        pages(&world.portal.take_asked()),
        (0, 0),
        "nothing is left to ask for"
    );

    // Those who watch are still told what comes.
    world.portal.publish(1_001, world.clock.now(), &[KH]);
    world.poll().await;
    assert_eq!(world.alerts().await, told([("all@example.vn", &[1_001])]));
}

async fn a_run_goes_on_where_the_last_one_stopped_and_repeats_nothing(db: TestDb) {
    let world = world(db, 35).await;
    let (_, tally, end) = world.backfill(Until::Pages(2)).await;
    assert_eq!((tally.list_pages, tally.stored, end), (2, 20, End::Pages));
    world.portal.take_asked();
    let (_, tally, end) = world.backfill(Until::Pages(2)).await;
    assert_eq!((tally, end), (Tally::default(), End::Pages));
    assert_eq!(world.portal.take_asked(), [""; 0]);
    let (lines, tally, end) = world.backfill(Until::Pages(3)).await;
    assert_eq!((lines[0].number, tally.stored, end), (3, 10, End::Pages));

    // From the beginning: every list page, and only the articles that are missing.
    world.portal.take_asked();
    let mut walk = world
        .poller
        .backfill("mau", "khoa-hoc", Until::Pages(4), true)
        .await
        .unwrap();
    step_until(
        &mut walk,
        |step| matches!(step, Walked::Finished(line) if line.number == 4),
    )
    .await;
    assert_eq!((walk.tally().list_pages, walk.tally().known), (4, 30));
    assert_eq!(pages(&world.portal.take_asked()), (4, 5));
    assert_eq!(world.articles().await, 35);
}

async fn a_process_that_dies_loses_no_article_and_repeats_one_list_page_at_most(db: TestDb) {
    let world = world(db, 35).await;
    // In the middle of the second page's articles, one of them under way.
    world.portal.hold(article_path(983));
    tokio::select! {
        _ = world.backfill(Until::Pages(99)) => panic!("the run hangs"),
        () = world.portal.reached() => {}
    }
    world.portal.release();
    let stored = world.articles().await;
    assert!((10..20).contains(&stored), "{stored}");
    world.portal.take_asked();
    // The third list page under way: nothing of it is noted.
    world.portal.hold(KH);
    tokio::select! {
        _ = world.backfill(Until::Pages(99)) => panic!("the run hangs"),
        () = world.portal.reached() => {}
    }
    world.portal.release();
    assert_eq!(world.articles().await, 20);
    assert_eq!(pages(&world.portal.take_asked()), (1, 20 - stored));
    let (_, tally, end) = world.backfill(Until::Pages(99)).await;
    assert_eq!((tally.stored, end), (15, End::List));
    assert_eq!(
        pages(&world.portal.take_asked()),
        (2, 15),
        "one list page was asked for twice"
    );
    assert_eq!(world.articles().await, 35);
    assert_eq!(world.number("SELECT COUNT(*) FROM revisions").await, 0);
    assert_eq!(world.number("SELECT COUNT(*) FROM wanted_pages").await, 0);
}

async fn a_list_page_that_fails_is_waited_for_and_the_next_run_goes_on_there(db: TestDb) {
    let world = world(db, 25).await;
    let second = format!("{KH}?page=2");
    world.portal.breaks(&second, 502, None);
    let mut walk = world.walk(Until::Pages(99)).await;
    let mut waits = Vec::new();
    let end = loop {
        match walk.step().await.unwrap() {
            Walked::Pause { wait, .. } => waits.push(wait.as_secs()),
            Walked::Ended(end) => break end,
            _ => {}
        }
    };
    assert_eq!(waits, [5, 10, 20, 40, 80]);
    assert!(
        matches!(&end, End::Failed { why, wait: None } if why.contains("502")),
        "{end:?}"
    );
    assert_eq!((walk.pages_read(), walk.tally().stored), (1, 10));

    // It passes within the run: the pauses begin anew, and the walk goes on.
    world.portal.take_asked();
    let mut walk = world.walk(Until::Pages(99)).await;
    step_until(&mut walk, |step| matches!(step, Walked::Pause { .. })).await;
    world.portal.mend(&second);
    step_until(&mut walk, |step| matches!(step, Walked::Ended(End::List))).await;
    assert_eq!(walk.tally().stored, 15);
    assert_eq!(pages(&world.portal.take_asked()), (3, 15));

    // What is refused for good is not asked for five times.
    world.portal.breaks(&second, 403, None);
    let mut walk = world
        .poller
        .backfill("mau", "khoa-hoc", Until::Pages(99), true)
        .await
        .unwrap();
    let end = step_until(&mut walk, |step| {
        matches!(step, Walked::Ended(End::Failed { .. }))
    })
    .await;
    assert!(format!("{end:?}").contains("403"), "{end:?}");
    assert_eq!(pages(&world.portal.take_asked()), (2, 0));
}

async fn a_portal_that_wants_to_be_left_alone_for_long_ends_the_run(db: TestDb) {
    let world = world(db, 25).await;
    let second = format!("{KH}?page=2");
    world.portal.breaks(&second, 503, Some(300));
    let mut walk = world.walk(Until::Pages(99)).await;
    let step = step_until(&mut walk, |step| matches!(step, Walked::Pause { .. })).await;
    assert!(
        matches!(step, Walked::Pause { wait, .. } if wait.as_secs() == 300),
        "{step:?}"
    );
    // Too early: nothing is sent.
    world.portal.take_asked();
    assert!(matches!(walk.step().await.unwrap(), Walked::Pause { .. }));
    assert_eq!(world.portal.take_asked(), [""; 0]);

    world.portal.breaks(&second, 503, Some(301));
    world.clock.advance(TimeDelta::seconds(300));
    let mut walk = world.walk(Until::Pages(99)).await;
    let Walked::Ended(End::Failed { wait, .. }) = walk.step().await.unwrap() else {
        panic!("it waits");
    };
    assert_eq!(wait, Some(Duration::from_secs(301)));
    world.portal.mend(&second);
    world.clock.advance(TimeDelta::seconds(301));
    assert_eq!(world.backfill(Until::Pages(99)).await.1.stored, 15);
}

async fn a_page_whose_portal_pauses_is_not_the_next_pages_fault(db: TestDb) {
    let world = world(db, 10).await;
    world.portal.breaks(article_path(995), 503, Some(60));
    let mut walk = world.walk(Until::Pages(99)).await;
    let step = step_until(&mut walk, |step| matches!(step, Walked::Pause { .. })).await;
    assert!(
        matches!(step, Walked::Pause { wait, .. } if wait.as_secs() == 60),
        "{step:?}"
    );
    assert!(matches!(walk.step().await.unwrap(), Walked::Pause { .. }));
    let failed = "SELECT COUNT(*) FROM wanted_pages WHERE attempts > 0";
    assert_eq!(world.number(failed).await, 1, "the one that answered so");
    let (_, tally, _) = world.backfill(Until::Pages(99)).await;
    assert_eq!((tally.stored, world.articles().await), (5, 9));
}

async fn pages_that_fail_have_a_schedule_of_their_own(db: TestDb) {
    let world = world(db, 25).await;
    world.portal.edit(990, |shown| shown.is_hidden = true);
    world.portal.breaks(article_path(985), 500, None);
    let (lines, tally, end) = world.backfill(Until::Pages(99)).await;
    assert_eq!((lines[1].new, lines[1].stored, tally.stored), (10, 8, 23));
    assert_eq!((lines[1].failed, tally.failed.len(), end), (2, 2, End::List));
    world.portal.edit(990, |shown| shown.is_hidden = false);
    world.portal.mend(&article_path(985));

    // One is found by the same command, the other by the service, silently.
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    world.poll().await;
    assert_eq!(world.articles().await, 23, "not yet");
    world.next_quarter();
    let mut walk = world.walk(Until::Pages(99)).await;
    assert!(matches!(walk.step().await.unwrap(), Walked::Article(Ok(_))));
    assert_eq!(world.articles().await, 24);
    world.poll().await;
    assert_eq!((world.articles().await, world.alerts().await), (25, told([])));
}

async fn what_may_be_news_is_left_to_the_next_poll_which_tells_it(db: TestDb) {
    let world = world(db, 25).await;
    world.poll().await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    // Twelve since the last poll, behind a known one that is pinned: more than one page.
    let now = world.next_quarter();
    let news: Vec<i64> = (1_001..=1_012).collect();
    for n in &news {
        world.portal.publish(*n, now, &[KH]);
    }
    world.portal.pin(1_000, KH);
    let (lines, tally, end) = world.backfill(Until::Pages(99)).await;
    assert_eq!((tally.left, tally.stored, end), (12, 15, End::List));
    assert_eq!((lines[0].number, lines[0].left, lines[0].stored), (2, 12, 0));
    assert_eq!((world.articles().await, world.owed().await), (25, 0));
    world.poll().await;
    assert_eq!(world.articles().await, 37);
    assert_eq!(world.alerts().await, told([("all@example.vn", &news)]));
}

async fn news_that_waits_for_its_page_is_not_taken_silently(db: TestDb) {
    let world = world(db, 25).await;
    world.poll().await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    // Listed before its page is there: noted by the poll, and due again in five minutes.
    let now = world.next_quarter();
    world.portal.publish(1_001, now, &[KH]);
    world.portal.edit(1_001, |shown| shown.is_hidden = true);
    world.poll().await;
    world.portal.edit(1_001, |shown| shown.is_hidden = false);
    world.next_quarter();
    let (_, tally, _) = world.backfill(Until::Pages(99)).await;
    assert_eq!((tally.stored, tally.left), (15, 0));
    assert_eq!(world.articles().await, 25, "all but the news");
    world.poll().await;
    assert_eq!(world.alerts().await, told([("all@example.vn", &[1_001])]));
}

async fn a_section_that_was_never_polled_announces_only_what_comes_after_its_first_poll(db: TestDb) {
    let world = world(db, 25).await;
    subscribe(&world.db.store, "all@example.vn", "all", Frequency::Instant).await;
    assert_eq!(world.backfill(Until::Pages(2)).await.1.stored, 20);
    world.portal.publish(1_001, world.clock.now(), &[KH]);
    world.poll().await;
    assert_eq!(
        (world.articles().await, world.alerts().await),
        (21, told([])),
        "the first poll"
    );
    let now = world.next_quarter();
    world.portal.publish(1_002, now, &[KH]);
    // Old news that came back, and news.
    world.portal.publish(1_003, now - TimeDelta::days(8), &[KH]);
    world.poll().await;
    assert_eq!(world.alerts().await, told([("all@example.vn", &[1_002])]));
}

/// What a poll leaves in the table.
const POLL: &str = "SELECT COALESCE(etag, '-') || CAST(next_poll_at AS TEXT) || CAST(polled_at AS TEXT)
    || CAST(baseline_at AS TEXT) || CAST(failures AS TEXT) FROM sections";

async fn a_backfill_is_no_poll(db: TestDb) {
    let world = world(db, 25).await;
    world.poll().await;
    world.portal.take_asked();
    let mut sql = Sql::connect(&world.db.url).await;
    let before = sql.texts(POLL).await;
    world.backfill(Until::Pages(99)).await;
    assert_eq!(sql.texts(POLL).await, before);
    world.portal.take_asked();
    world.next_quarter();
    world.poll().await;
    assert_eq!(
        world.portal.take_asked(),
        [format!("{KH}?")],
        "unchanged, and nothing to read"
    );
}

async fn a_list_without_dates_is_dated_by_its_articles(db: TestDb) {
    let world = world(db, 70).await;
    // The fifteenth newest, on the second page; the third page is older as a whole.
    let since = |days: i64| Until::Since(start() - TimeDelta::hours(24 * days + 2));
    let (_, tally, end) = world.backfill(since(14)).await;
    assert_eq!((tally.list_pages, tally.stored, end), (3, 30, End::Since));
    world.portal.take_asked();
    let (_, tally, end) = world.backfill(since(14)).await;
    assert_eq!((tally.stored, end), (0, End::Since));
    assert_eq!(
        pages(&world.portal.take_asked()),
        (1, 0),
        "the page that ends it, and no article"
    );
    let (lines, tally, end) = world.backfill(since(44)).await;
    assert_eq!(
        (lines[0].number, tally.stored, end),
        (3, 30, End::Since),
        "further back"
    );
    assert_eq!(world.articles().await, 60);
    // An old article that is pinned at the top does not end the walk.
    world.portal.pin(950, KH);
    let mut walk = world
        .poller
        .backfill("mau", "khoa-hoc", since(14), true)
        .await
        .unwrap();
    step_until(&mut walk, |step| matches!(step, Walked::Ended(End::Since))).await;
    assert_eq!(walk.tally().list_pages, 3);
}

async fn two_runs_on_one_section_do_not_mix(db: TestDb) {
    let world = world(db, 35).await;
    let mut one = world.walk(Until::Pages(99)).await;
    let mut two = world.walk(Until::Pages(99)).await;
    step_until(&mut one, |step| matches!(step, Walked::Finished(_))).await;
    let error = loop {
        match two.step().await {
            Ok(step) => assert!(matches!(step, Walked::Listed | Walked::Article(_)), "{step:?}"),
            Err(error) => break error.to_string(),
        }
    };
    assert_eq!(error, "another backfill of mau/khoa-hoc is at work");
    step_until(&mut one, |step| matches!(step, Walked::Ended(End::List))).await;
    assert_eq!(world.articles().await, 35);
}

async fn a_list_that_repeats_its_last_page_ends(db: TestDb) {
    let world = world(db, 25).await;
    world.portal.repeat_last_page();
    let (lines, tally, end) = world.backfill(Until::Pages(99)).await;
    assert_eq!((lines.len(), tally.stored, end), (5, 25, End::List));
}

async fn a_run_that_is_told_to_stop_finishes_the_article_and_goes_on_later(db: TestDb) {
    let mut world = world(db, 15).await;
    world.portal.hold(article_path(995));
    let mut walk = world.walk(Until::Pages(99)).await;
    let (stopped, ()) = tokio::join!(
        step_until(&mut walk, |step| matches!(step, Walked::Stopped)),
        async {
            world.portal.reached().await;
            world.poller.stop.cancel();
            world.portal.release();
        }
    );
    assert_eq!(stopped, Walked::Stopped);
    let stored = walk.tally().stored;
    assert_eq!(
        (stored, world.articles().await),
        (5, 5),
        "what was begun is finished"
    );
    world.poller.stop = CancellationToken::new();
    assert_eq!(world.backfill(Until::Pages(99)).await.1.stored, 10);
}
