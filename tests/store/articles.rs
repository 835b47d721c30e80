//! Articles, lists and sections.

use super::*;

for_each_db!(
    an_article_is_recorded_once_and_a_material_edit_makes_a_revision,
    lists_are_newest_first_and_page_by_cursor,
    sections_are_claimed_once_and_come_due_again,
);

async fn an_article_is_recorded_once_and_a_material_edit_makes_a_revision(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    let Recorded::New(id) = record(&db.store, section, 1, &["khoa-hoc-cong-nghe"], None).await else {
        panic!("the first time it is new");
    };
    assert_eq!(record(&db.store, section, 1, &[], None).await, Recorded::Same(id));
    let before = db.store.article(id).await.unwrap().unwrap();
    assert_eq!(before.topics[0].slug, "khoa-hoc-cong-nghe");
    assert_eq!(
        before.published,
        page(1).published,
        "a moment comes back as it was written"
    );

    let mut spaced = page(1);
    spaced.title = spaced.title.replace(' ', "  ");
    let later = start() + TimeDelta::hours(1);
    assert_eq!(
        record_page(&db.store, section, &spaced, &[], None, later).await,
        Recorded::Same(id)
    );

    let mut edited = page(1);
    edited.body_text.push_str(" Nội dung đã được cập nhật.");
    assert_eq!(
        record_page(&db.store, section, &edited, &["y-te-suc-khoe"], None, later).await,
        Recorded::Changed(id)
    );
    let after = db.store.article(id).await.unwrap().unwrap();
    assert_eq!((after.first_seen_at, after.updated_at), (start(), later));
    assert_eq!(after.topics.len(), 1);
    assert_eq!(after.topics[0].slug, "y-te-suc-khoe");
}

async fn lists_are_newest_first_and_page_by_cursor(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    for n in 1..=5 {
        let topics: &[&str] = if n % 2 == 1 { &["khoa-hoc-cong-nghe"] } else { &[] };
        // Recorded a day later, so that each keeps the portal's own moment.
        record_page(
            &db.store,
            section,
            &page(n),
            topics,
            None,
            start() + TimeDelta::days(1),
        )
        .await;
    }
    let keys = async |watch: &Watch, before| {
        let page = Page { before, limit: 2 };
        let list = db.store.list(watch, page).await.unwrap();
        list.into_iter()
            .map(|a| (a.key.parse::<i64>().unwrap() - 1_764_000_000_000, a.id))
            .collect::<Vec<_>>()
    };
    let first = keys(&Watch::All, None).await;
    assert_eq!(first.iter().map(|x| x.0).collect::<Vec<_>>(), [5, 4]);
    let second = keys(&Watch::All, Some(first[1].1)).await;
    assert_eq!(second.iter().map(|x| x.0).collect::<Vec<_>>(), [3, 2]);
    let topic = keys(&"topic:khoa-hoc-cong-nghe".parse().unwrap(), None).await;
    assert_eq!(topic.iter().map(|x| x.0).collect::<Vec<_>>(), [5, 3]);
    let of_section = keys(&"section:mau/khoa-hoc".parse().unwrap(), Some(first[0].1)).await;
    assert_eq!(of_section.iter().map(|x| x.0).collect::<Vec<_>>(), [4, 3]);
    assert!(keys(&"section:mau/khac".parse().unwrap(), None).await.is_empty());
    assert_eq!(db.store.topic_counts().await.unwrap()[0].articles, 3);
}

async fn sections_are_claimed_once_and_come_due_again(db: TestDb) {
    use loa::store::{Health, PollEnd, PollResult, Usual};
    prepare(&db.store, start()).await;
    let lease = start() + TimeDelta::minutes(10);
    let due = db.store.claim_due_sections(start(), lease).await.unwrap();
    assert_eq!(due.len(), 1);
    assert!(due[0].baseline_at.is_none());
    assert!(
        db.store
            .claim_due_sections(start(), lease)
            .await
            .unwrap()
            .is_empty()
    );
    let next = start() + TimeDelta::minutes(5);
    let done = PollEnd {
        result: PollResult::Done {
            etag: Some("W/\"x\""),
            last_modified: Some("Tue, 24 Nov 2026 08:00:00 GMT"),
        },
        url: "http://portal.example/khoa-hoc",
        moved_to: None,
        is_gone: false,
        usual: Usual::default(),
        health: Health::Sound,
        next_poll_at: next,
    };
    db.store.finish_poll(due[0].id, &done, start()).await.unwrap();
    assert!(
        db.store
            .claim_due_sections(next - TimeDelta::seconds(1), lease)
            .await
            .unwrap()
            .is_empty()
    );
    let again = db.store.claim_due_sections(next, lease).await.unwrap();
    assert_eq!(again[0].etag.as_deref(), Some("W/\"x\""));
    assert_eq!(again[0].baseline_at, Some(start()));
    db.store
        .add_sections(&[("khac", "tin", "Tin")], start())
        .await
        .unwrap();
    let names = db
        .store
        .sections()
        .await
        .unwrap()
        .into_iter()
        .map(|row| row.portal);
    assert_eq!(
        names.collect::<Vec<_>>(),
        ["mau", "khac"],
        "a command with other settings retires nothing"
    );
    db.store.sync_sections(&[], start()).await.unwrap();
    assert!(
        db.store.sections().await.unwrap().is_empty(),
        "a section that left the configuration is retired"
    );
}
