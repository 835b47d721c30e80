//! Chats of Telegram, and what was said to the bot, on both databases.

use chrono::TimeDelta;
use loa::{
    domain::{
        bot_update::{Chat, ChatKind, Incoming, What, Who},
        subscription::{Address, Channel, Frequency, Language},
        watch::Watch,
    },
    store::{ChatWishes, Confirmed, Store},
};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{prepare, start, subscribe},
};

for_each_db!(
    a_chat_agrees_to_what_it_was_asked_last_and_to_nothing_of_others,
    only_what_ended_with_everything_is_taken_up_again,
    a_chat_and_its_threads_are_found_and_no_other,
    what_is_offered_stands_in_the_order_of_lists,
    quiet_hours_and_previews_are_kept,
    a_chat_that_never_agreed_is_forgotten,
    updates_are_answered_in_order_one_of_a_chat_at_a_time,
    an_update_is_known_for_days_and_its_text_for_no_longer_than_it_waits,
);

fn address(text: &str) -> Address {
    Address::parse(Channel::Telegram, text).unwrap()
}

fn watch(text: &str) -> Watch {
    text.parse().unwrap()
}

async fn met(store: &Store, chat: &str) -> i64 {
    store
        .meet_chat(&address(chat), Language::En, start())
        .await
        .unwrap()
}

async fn asked(store: &Store, subscriber: i64, watches: &[&str]) -> i64 {
    let watches: Vec<Watch> = watches.iter().map(|text| watch(text)).collect();
    let words = (Language::Vi, "words/vi");
    store
        .ask_chat(subscriber, &watches, words, start())
        .await
        .unwrap()
}

async fn a_chat_agrees_to_what_it_was_asked_last_and_to_nothing_of_others(db: TestDb) {
    prepare(&db.store, start()).await;
    let (lan, minh) = (met(&db.store, "42").await, met(&db.store, "43").await);
    assert_eq!(met(&db.store, "42").await, lan, "a chat has one row");
    let first = asked(&db.store, lan, &["all"]).await;
    let second = asked(&db.store, lan, &["topic:y-te-suc-khoe", "phrase:bão số"]).await;
    let agree = async |who, signup| {
        let agreed = db.store.agree_chat(who, signup, Frequency::Weekly, start()).await;
        agreed.unwrap()
    };
    assert_eq!(
        agree(lan, first).await,
        Confirmed::TooLate,
        "another wish took its place"
    );
    assert_eq!(
        agree(minh, second).await,
        Confirmed::TooLate,
        "it is somebody else's"
    );
    assert_eq!(agree(lan, second).await, Confirmed::Now(lan));
    assert_eq!(agree(lan, second).await, Confirmed::Before(lan, start()));
    let followed = db.store.followed_rows(lan).await.unwrap();
    let followed: Vec<_> = followed
        .iter()
        .map(|(_, one)| (one.watch.to_string(), one.frequency))
        .collect();
    assert_eq!(
        followed,
        [
            ("topic:y-te-suc-khoe".to_owned(), Frequency::Weekly),
            ("phrase:bão số".to_owned(), Frequency::Weekly)
        ]
    );
    let basis = db.store.basis(lan).await.unwrap();
    assert_eq!(basis.as_deref(), Some("telegram sign-up, wording words/vi"));
    assert_eq!(
        db.store.person(lan).await.unwrap().unwrap().language,
        Language::Vi
    );
}

async fn only_what_ended_with_everything_is_taken_up_again(db: TestDb) {
    prepare(&db.store, start()).await;
    let lan = met(&db.store, "42").await;
    let signup = asked(&db.store, lan, &["all", "topic:y-te-suc-khoe"]).await;
    db.store
        .agree_chat(lan, signup, Frequency::Daily, start())
        .await
        .unwrap();
    let words = (Language::Vi, "again/vi");
    let later = start() + TimeDelta::hours(1);
    assert_eq!(
        db.store.resume_chat(lan, words, later).await.unwrap(),
        [],
        "nothing has ended"
    );
    db.store.unfollow(lan, &Watch::All, later).await.unwrap();
    let later = later + TimeDelta::hours(1);
    db.store.end_subscriber(lan, "blocked", later).await.unwrap();
    let later = later + TimeDelta::hours(1);
    let health = watch("topic:y-te-suc-khoe");
    assert_eq!(db.store.resume_chat(lan, words, later).await.unwrap(), [health]);
    let rows = db.store.ever_followed(lan).await.unwrap();
    let live: Vec<_> = rows
        .iter()
        .map(|(_, one, is_live)| (one.watch.kind(), *is_live))
        .collect();
    assert_eq!(live, [("all", false), ("topic", true)]);
    assert!(db.store.person(lan).await.unwrap().unwrap().ended_at.is_none());
    let held = db.store.held(lan).await.unwrap().unwrap().to_json();
    assert!(
        held.contains("again/vi"),
        "the word that brought it back is on record: {held}"
    );
}

async fn a_chat_and_its_threads_are_found_and_no_other(db: TestDb) {
    prepare(&db.store, start()).await;
    for chat in ["-100", "-100:7", "-1001", "-1001:7", "100"] {
        subscribe(&db.store, chat, "all", Frequency::Instant).await;
    }
    let rows = db.store.rows_of_chat(-100).await.unwrap();
    let found: Vec<_> = rows.iter().map(|(_, address)| address.as_str()).collect();
    assert_eq!(found, ["-100", "-100:7"]);
}

async fn what_is_offered_stands_in_the_order_of_lists(db: TestDb) {
    prepare(&db.store, start()).await;
    subscribe(&db.store, "42", "phrase:bão số", Frequency::Instant).await;
    let offered = db.store.offered().await.unwrap();
    let names: Vec<_> = offered
        .iter()
        .map(|(known, title)| format!("{} {}", known.watch, title.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(
        names,
        [
            "all -",
            "topic:khoa-hoc-cong-nghe -",
            "topic:y-te-suc-khoe -",
            "section:mau/khoa-hoc Khoa học"
        ]
    );
}

async fn quiet_hours_and_previews_are_kept(db: TestDb) {
    let lan = met(&db.store, "42").await;
    let usual = ChatWishes {
        quiet: None,
        preview: true,
    };
    assert_eq!(db.store.chat_wishes(lan).await.unwrap(), Some(usual));
    let time = |text: &str| text.parse().unwrap();
    let wishes = ChatWishes {
        quiet: Some((time("21:30:00"), time("06:00:00"))),
        preview: false,
    };
    db.store.set_chat_wishes(lan, wishes).await.unwrap();
    assert_eq!(db.store.chat_wishes(lan).await.unwrap(), Some(wishes));
    assert_eq!(db.store.chat_wishes(lan + 1).await.unwrap(), None);
}

async fn a_chat_that_never_agreed_is_forgotten(db: TestDb) {
    prepare(&db.store, start()).await;
    let lan = met(&db.store, "42").await;
    asked(&db.store, lan, &["all"]).await;
    let later = start() + TimeDelta::days(8);
    assert_eq!(
        db.store
            .forget_strangers(later - TimeDelta::days(7), 10, later)
            .await
            .unwrap(),
        1
    );
    assert!(db.store.person(lan).await.unwrap().is_none());
}

fn update(update_id: i64, chat: i64, text: &str) -> Incoming {
    Incoming {
        update_id,
        chat: Chat {
            id: chat,
            kind: ChatKind::Private,
            thread: None,
        },
        who: Who {
            id: Some(chat),
            is_the_chat: false,
            speaks_english: false,
        },
        what: What::Said {
            text: text.to_owned(),
            message: update_id,
            at: 0,
        },
    }
}

async fn updates_are_answered_in_order_one_of_a_chat_at_a_time(db: TestDb) {
    let store = &db.store;
    // Told out of order: they are answered as they came.
    let told = [update(9, 1, "a"), update(4, 1, "b"), update(5, 2, "c")];
    assert_eq!(store.keep_updates(&told, start()).await.unwrap(), 3);
    assert_eq!(store.keep_updates(&told, start()).await.unwrap(), 0, "told again");
    let first = store.claim_updates(10, start()).await.unwrap();
    let numbers = |claimed: &[loa::store::WaitingUpdate]| {
        claimed
            .iter()
            .map(|update| update.incoming.update_id)
            .collect::<Vec<_>>()
    };
    assert_eq!(numbers(&first), [9, 5]);
    assert!(
        store.claim_updates(10, start()).await.unwrap().is_empty(),
        "they are somebody's"
    );
    store.settle_update(first[0].id).await.unwrap();
    let until = start() + TimeDelta::seconds(30);
    store.postpone_update(first[1].id, until, false).await.unwrap();
    let second = store.claim_updates(10, start()).await.unwrap();
    assert_eq!(numbers(&second), [4]);
    let third = store.claim_updates(10, until).await.unwrap();
    assert_eq!(
        (numbers(&third), third[0].attempts),
        (vec![5], 1),
        "waiting for a turn is no attempt"
    );
}

async fn an_update_is_known_for_days_and_its_text_for_no_longer_than_it_waits(db: TestDb) {
    let store = &db.store;
    store
        .keep_updates(&[update(1, 42, "riêng tư")], start())
        .await
        .unwrap();
    let claimed = store.claim_updates(1, start()).await.unwrap();
    store.settle_update(claimed[0].id).await.unwrap();
    assert_eq!(kept(&db).await, "0 0", "neither text nor chat is kept");
    let day = TimeDelta::days(1);
    assert_eq!(
        store
            .keep_updates(&[update(1, 42, "riêng tư")], start() + day)
            .await
            .unwrap(),
        0
    );
    // Another text under the same number: Telegram counts anew after a quiet week.
    assert_eq!(
        store
            .keep_updates(&[update(1, 42, "khác")], start() + day)
            .await
            .unwrap(),
        1
    );
    let claimed = store.claim_updates(1, start() + day).await.unwrap();
    store.settle_update(claimed[0].id).await.unwrap();
    store.keep_updates(&[], start() + day * 9).await.unwrap();
    assert_eq!(
        store
            .keep_updates(&[update(1, 42, "riêng tư")], start() + day * 9)
            .await
            .unwrap(),
        1
    );
}

async fn kept(db: &TestDb) -> String {
    let mut sql = crate::common::sql::Sql::connect(&db.url).await;
    let texts = sql
        .number("SELECT COUNT(*) FROM bot_updates WHERE body IS NOT NULL")
        .await;
    let chats = sql
        .number("SELECT COUNT(*) FROM bot_updates WHERE chat <> 0")
        .await;
    format!("{texts} {chats}")
}
