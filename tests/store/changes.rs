//! Which feeds an event changes: what a watch's feed shows, and nothing else, counts its change on.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use loa::{
    domain::watch::Watch,
    store::{Recorded, Relisted, Seen, Store},
};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record, record_page, start},
};

for_each_db!(
    a_new_article_changes_the_feeds_of_its_watches_alone,
    an_edit_changes_the_feeds_that_it_leaves_too,
    what_changes_no_feed_moves_no_clock,
    taken_away_and_brought_back_are_changes,
    another_section_is_a_change,
    the_moment_of_a_change_never_goes_back,
);

const SCIENCE: &str = "khoa-hoc-cong-nghe";
const HEALTH: &str = "y-te-suc-khoe";

/// The watches that changed after a moment of the clock, as text, and the clock now.
async fn changed(store: &Store, after: i64) -> (BTreeSet<String>, i64) {
    let changes = store.changes_after(after).await.unwrap();
    let clock = store.change_clock().await.unwrap();
    assert!(changes.iter().all(|c| c.change > after && c.change <= clock));
    (changes.iter().map(|c| c.watch.to_string()).collect(), clock)
}

fn set(watches: &[&str]) -> BTreeSet<String> {
    watches.iter().map(ToString::to_string).collect()
}

async fn a_new_article_changes_the_feeds_of_its_watches_alone(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    assert_eq!(changed(&db.store, 0).await, (set(&[]), 0));
    let before = db.store.change_of(&Watch::All).await.unwrap().unwrap();
    assert_eq!((before.change, before.changed_at), (0, start()));
    record(&db.store, section, 1, &[SCIENCE], None).await;
    let (watches, clock) = changed(&db.store, 0).await;
    assert_eq!(
        watches,
        set(&["all", "topic:khoa-hoc-cong-nghe", "section:mau/khoa-hoc"])
    );
    record(&db.store, section, 2, &[], None).await;
    let (watches, _) = changed(&db.store, clock).await;
    assert_eq!(watches, set(&["all", "section:mau/khoa-hoc"]));
    let nobody = db.store.change_of(&Watch::Topic("none".to_owned())).await;
    assert_eq!(nobody.unwrap(), None);
}

async fn an_edit_changes_the_feeds_that_it_leaves_too(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    record(&db.store, section, 1, &[SCIENCE], None).await;
    let clock = db.store.change_clock().await.unwrap();
    let mut edited = page(1);
    edited.title.push_str(" (sửa)");
    let now = start() + TimeDelta::hours(1);
    let recorded = record_page(&db.store, section, &edited, &[HEALTH], None, now).await;
    assert!(matches!(recorded, Recorded::Changed(_)));
    let (watches, _) = changed(&db.store, clock).await;
    let all = [
        "all",
        "topic:khoa-hoc-cong-nghe",
        "topic:y-te-suc-khoe",
        "section:mau/khoa-hoc",
    ];
    assert_eq!(watches, set(&all));
    let left = db.store.change_of(&Watch::Topic(SCIENCE.to_owned())).await;
    assert_eq!(left.unwrap().unwrap().changed_at, now);
}

async fn what_changes_no_feed_moves_no_clock(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    let Recorded::New(id) = record(&db.store, section, 1, &[SCIENCE], None).await else {
        panic!("it is new");
    };
    let clock = db.store.change_clock().await.unwrap();
    let again = record(&db.store, section, 1, &[SCIENCE], None).await;
    assert_eq!(again, Recorded::Same(id));
    let same = Seen::Same {
        etag: Some("\"1\""),
        last_modified: None,
    };
    for seen in [same, Seen::Unreadable, Seen::Missing] {
        db.store.note_look(id, seen, None, start()).await.unwrap();
    }
    assert_eq!(changed(&db.store, clock).await, (set(&[]), clock));
}

async fn taken_away_and_brought_back_are_changes(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    let Recorded::New(id) = record(&db.store, section, 1, &[], None).await else {
        panic!("it is new");
    };
    let clock = db.store.change_clock().await.unwrap();
    let withdraw = async || db.store.note_look(id, Seen::Withdrawn, None, start()).await;
    withdraw().await.unwrap();
    let (watches, withdrawn) = changed(&db.store, clock).await;
    assert_eq!(watches, set(&["all", "section:mau/khoa-hoc"]));
    withdraw().await.unwrap();
    assert_eq!(changed(&db.store, withdrawn).await, (set(&[]), withdrawn));
    record(&db.store, section, 1, &[], None).await;
    assert_eq!(changed(&db.store, withdrawn).await.0, watches);
}

async fn another_section_is_a_change(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    let Recorded::New(id) = record(&db.store, section, 1, &[], None).await else {
        panic!("it is new");
    };
    let sections = [("mau", "khoa-hoc", "Khoa học"), ("mau", "tin-moi", "Tin mới")];
    db.store.add_sections(&sections, start()).await.unwrap();
    db.store.sync_topics(&[], start()).await.unwrap();
    let rows = db.store.sections().await.unwrap();
    let other = rows.iter().find(|row| row.slug == "tin-moi").unwrap().id;
    let clock = db.store.change_clock().await.unwrap();
    let relisted = Relisted {
        article: id,
        section: (other, "Tỉnh công bố đề tài"),
        topics: &[],
        announce: None,
        now: start(),
    };
    db.store.relist(&relisted).await.unwrap();
    let (watches, _) = changed(&db.store, clock).await;
    assert!(watches.contains("section:mau/tin-moi"), "{watches:?}");
}

async fn the_moment_of_a_change_never_goes_back(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    record(&db.store, section, 1, &[], None).await;
    let earlier = start() - TimeDelta::hours(1);
    record_page(&db.store, section, &page(2), &[], None, earlier).await;
    let all = db.store.change_of(&Watch::All).await.unwrap().unwrap();
    assert_eq!((all.change, all.changed_at), (2, start()));
}
