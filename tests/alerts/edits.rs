//! Posts that follow their articles.

use super::*;
use loa::store::{ArticleName, Seen};

for_each_db!(
    an_edited_article_edits_exactly_its_messages_once,
    what_is_withdrawn_is_marked_and_comes_back,
    a_long_article_that_became_short_says_so,
    old_private_alerts_and_people_who_left_are_left_alone,
    an_edit_that_was_interrupted_is_made_again,
    an_edit_on_the_way_is_not_forgotten,
);

impl World {
    /// The portal changes an article's title.
    async fn edit(&self, n: i64, title: &str) {
        let mut edited = page(n);
        edited.title = title.to_owned();
        record_page(&self.db.store, self.section, &edited, &[], None, self.clock.now()).await;
    }

    async fn withdraw(&self, article: i64) {
        let now = self.clock.now();
        let done = self.db.store.note_look(article, Seen::Withdrawn, None, now).await;
        done.unwrap();
    }
}

/// `chat: edited N times, says TEXT`, of messages that hold a text.
fn edited(stand_in: &StandIn, holding: &str) -> Vec<(String, i64)> {
    let sent = stand_in.lines("sent");
    let with_text = sent
        .iter()
        .filter(|m| m["plain"].as_str().unwrap().contains(holding));
    let mut found: Vec<_> = with_text
        .map(|m| (m["chat"].to_string(), m["edited"].as_i64().unwrap()))
        .collect();
    found.sort();
    found
}

fn edit_requests(stand_in: &StandIn) -> usize {
    let log = stand_in.lines("log");
    log.iter().filter(|r| r["method"] == "editMessageText").count()
}

async fn an_edited_article_edits_exactly_its_messages_once(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    for chat in ["42", "-1001:7", "@kenh_tin"] {
        subscribe(&world.db.store, chat, "all", Frequency::Instant).await;
    }
    let dispatch = world.to_bot_api(&stand_in);
    // Two alerts of one article each, and one of three.
    for articles in [&[1][..], &[2], &[3, 4, 5]] {
        world.round(articles).await;
        run(&dispatch).await;
    }
    world.follow().await;
    run(&dispatch).await;
    assert_eq!(edit_requests(&stand_in), 0, "nothing changed");
    world.edit(1, "Đính chính: đề tài số một").await;
    world.edit(4, "Đính chính: đề tài số bốn").await;
    // The same again, and a change that no reader would call one.
    world.edit(1, "Đính chính:  đề tài số một").await;
    world.follow().await;
    run(&dispatch).await;
    let all = |times| ["\"@kenh_tin\"", "-1001", "42"].map(|chat| (chat.to_owned(), times));
    assert_eq!(edited(&stand_in, "Đính chính: đề tài số một"), all(1));
    assert_eq!(edited(&stand_in, "Đính chính: đề tài số bốn"), all(1));
    assert_eq!(edited(&stand_in, "đề tài khoa học số 2"), all(0));
    assert_eq!(
        edited(&stand_in, "đề tài khoa học số 5"),
        all(1),
        "beside the fourth"
    );
    assert_eq!(edit_requests(&stand_in), 6, "each message once");
    world.follow().await;
    run(&dispatch).await;
    assert_eq!((edit_requests(&stand_in), stand_in.lines("sent").len()), (6, 9));
}

async fn what_is_withdrawn_is_marked_and_comes_back(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    subscribe(&world.db.store, "42", "all", Frequency::Instant).await;
    let alone = world.round(&[1]).await;
    let dispatch = world.to_bot_api(&stand_in);
    run(&dispatch).await;
    let both = world.round(&[2, 3]).await;
    run(&dispatch).await;
    world.withdraw(alone[0]).await;
    world.withdraw(both[0]).await;
    world.follow().await;
    run(&dispatch).await;
    let sent = stand_in.lines("sent");
    assert_eq!(
        sent[0]["plain"],
        "Tin đã được gỡ: Tỉnh công bố đề tài khoa học số 1"
    );
    assert!(
        sent[0]["buttons"].as_array().is_none_or(|rows| rows.len() == 1),
        "nothing to read"
    );
    let second = sent[1]["plain"].as_str().unwrap();
    assert!(
        second.contains("Tin đã được gỡ: Tỉnh công bố đề tài khoa học số 2") && second.contains("số 3\n"),
        "{second}"
    );
    // Brought back, it says what it said.
    record_page(
        &world.db.store,
        world.section,
        &page(1),
        &["khoa-hoc-cong-nghe"],
        None,
        world.clock.now(),
    )
    .await;
    world.follow().await;
    run(&dispatch).await;
    assert!(
        !stand_in.lines("sent")[0]["plain"]
            .as_str()
            .unwrap()
            .contains("gỡ")
    );
    // What the operator removes has no title any more.
    let name = ArticleName::Id(alone[0]);
    world
        .db
        .store
        .remove_article(&name, "sai", world.clock.now())
        .await
        .unwrap();
    world.follow().await;
    run(&dispatch).await;
    assert_eq!(stand_in.lines("sent")[0]["plain"], "Tin đã được gỡ");
    assert_eq!(edit_requests(&stand_in), 4);
}

async fn a_long_article_that_became_short_says_so(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    subscribe(&world.db.store, "42", "all", Frequency::Instant).await;
    world.long_round().await;
    let dispatch = world.to_bot_api(&stand_in);
    run(&dispatch).await;
    world.edit(1, "Đính chính").await;
    world.follow().await;
    run(&dispatch).await;
    let sent = stand_in.lines("sent");
    assert!(sent[0]["plain"].as_str().unwrap().starts_with("Đính chính"));
    for rest in &sent[1..] {
        assert_eq!(rest["plain"], "Tin đã được sửa; phần này không còn.");
    }
    assert_eq!(edit_requests(&stand_in), sent.len());
}

async fn old_private_alerts_and_people_who_left_are_left_alone(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    for chat in ["41", "42", "-1001"] {
        subscribe(&world.db.store, chat, "all", Frequency::Instant).await;
    }
    world.round(&[1]).await;
    let dispatch = world.to_bot_api(&stand_in);
    run(&dispatch).await;
    let left = sql::count(&world.db.url, "SELECT id FROM subscribers WHERE address = '41'").await;
    let ended = world
        .db
        .store
        .end_subscriber(left, "asked to", world.clock.now())
        .await;
    assert!(ended.unwrap());
    world.clock.advance(TimeDelta::days(1));
    world.edit(1, "Đính chính một").await;
    world.follow().await;
    run(&dispatch).await;
    let ours = [("-1001".to_owned(), 1), ("42".to_owned(), 1)];
    assert_eq!(edited(&stand_in, "Đính chính một"), ours);
    world.clock.advance(TimeDelta::days(2));
    world.edit(1, "Đính chính hai").await;
    world.follow().await;
    run(&dispatch).await;
    assert_eq!(edited(&stand_in, "Đính chính hai"), [("-1001".to_owned(), 2)]);
}

async fn an_edit_that_was_interrupted_is_made_again(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    subscribe(&world.db.store, "42", "all", Frequency::Instant).await;
    world.round(&[1]).await;
    let dispatch = world.to_bot_api(&stand_in);
    run(&dispatch).await;
    world.edit(1, "Đính chính").await;
    world.follow().await;
    // A process takes it, edits the message, and dies before it knows.
    let (store, now) = (&world.db.store, world.clock.now());
    let claimed = store
        .claim(loa::domain::subscription::Channel::Telegram, 9, 5, now)
        .await
        .unwrap();
    assert_eq!(claimed.len(), 1);
    assert!(store.mark_sending(&claimed[0], now).await.unwrap());
    world.clock.advance(TimeDelta::minutes(2));
    run(&dispatch).await;
    run(&dispatch).await;
    assert_eq!(edited(&stand_in, "Đính chính"), [("42".to_owned(), 1)]);
    assert_eq!(world.states().await, ["sent 2"]);
    let unsure = "SELECT COUNT(*) FROM deliveries WHERE unknown_at IS NOT NULL";
    assert_eq!(
        sql::count(&world.db.url, unsure).await,
        0,
        "an edit is never in doubt"
    );
}

async fn an_edit_on_the_way_is_not_forgotten(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    subscribe(&world.db.store, "42", "all", Frequency::Instant).await;
    world.round(&[1]).await;
    // The alert is refused for a moment; meanwhile the article changes, and changes are followed.
    stand_in.tell("fault", &json!({"chat": 42, "kind": "flood", "after": 5}));
    let dispatch = world.to_bot_api(&stand_in);
    run(&dispatch).await;
    world.edit(1, "Đính chính").await;
    world.follow().await;
    run(&dispatch).await;
    assert_eq!(
        edited(&stand_in, "Đính chính"),
        [("42".to_owned(), 0)],
        "told as it is now"
    );
    assert_eq!(edit_requests(&stand_in), 0);
}
