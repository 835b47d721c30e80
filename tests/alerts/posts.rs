//! Posts through the Bot API's stand-in: split, silent, refused, interrupted.

use super::*;
use crate::notify_message::long_body;
use loa::{domain::subscription::Channel, store::Mark};

for_each_db!(
    every_fault_has_its_state,
    a_long_article_is_several_messages_each_once,
    a_post_that_was_interrupted_goes_on_where_it_was,
    a_post_whose_process_died_is_sent_once_more_and_counted,
    quiet_hours_are_silent_and_previews_are_a_wish,
    a_day_without_telegram_is_only_delay_and_a_digest,
    chats_that_ask_for_a_pause_at_once_hold_the_channel,
    a_group_is_written_to_at_its_own_pace,
);

async fn every_fault_has_its_state(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    let faults = [
        ("1", "blocked"),
        ("2", "kicked"),
        ("3", "deactivated"),
        ("4", "notfound"),
        ("-5", "migrate"),
        ("6", "flood"),
        ("7", "500"),
        ("-8:7", "topicclosed"),
        ("9", "drop"),
        ("10", "hang"),
        ("11", ""),
    ];
    for (address, kind) in faults {
        subscribe(&world.db.store, address, "all", Frequency::Instant).await;
        let chat: i64 = address.split(':').next().unwrap().parse().unwrap();
        if !kind.is_empty() {
            let fault = json!({"chat": chat, "kind": kind, "to": -100_500, "after": 30});
            stand_in.tell("fault", &fault);
        }
    }
    world.round(&[1]).await;
    let dispatch = world.to_bot_api(&stand_in);
    run(&dispatch).await;
    let state_of = |address: &str| {
        format!(
            "SELECT COUNT(*) FROM deliveries d JOIN subscribers p ON p.id = d.subscriber_id
             WHERE p.address = '{address}' AND d.state = "
        )
    };
    for (address, state) in [
        ("1", "failed"),
        ("2", "failed"),
        ("3", "failed"),
        ("4", "failed"),
        ("-100500", "sent"),
        ("6", "queued"),
        ("7", "queued"),
        ("-8:7", "failed"),
        ("9", "unknown"),
        ("10", "unknown"),
        ("11", "sent"),
    ] {
        let asked = format!("{}'{state}'", state_of(address));
        assert_eq!(sql::count(&world.db.url, &asked).await, 1, "{address} is {state}");
    }
    assert_eq!(world.ended().await, 4, "a closed thread may be opened again");
    // The wish for a pause is honoured, and costs no attempt; a broken server is tried again.
    world.clock.advance(TimeDelta::seconds(29));
    run(&dispatch).await;
    let asked = format!("{}'queued' AND d.attempts = 0", state_of("6"));
    assert_eq!(sql::count(&world.db.url, &asked).await, 1);
    world.clock.advance(TimeDelta::minutes(2));
    run(&dispatch).await;
    assert_eq!(world.states().await, ["failed 5", "sent 4", "unknown 2"]);
    let mut chats: Vec<String> = stand_in
        .lines("sent")
        .iter()
        .map(|m| m["chat"].to_string())
        .collect();
    chats.sort();
    assert_eq!(chats, ["-100500", "10", "11", "6", "7", "9"], "each once");
}

impl World {
    /// A round with an article of twelve thousand characters.
    pub(super) async fn long_round(&self) {
        let (store, now) = (&self.db.store, self.clock.now());
        let round = store.open_fanout(now).await.unwrap();
        let mut long = page(1);
        long.body_html = long_body();
        record_page(store, self.section, &long, &[], Some(round), now).await;
        store.close_fanout(round, now).await.unwrap();
        while fanout(store, now).await.unwrap() != Step::Idle {}
    }
}

async fn a_long_article_is_several_messages_each_once(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    subscribe(&world.db.store, "42", "all", Frequency::Instant).await;
    subscribe(&world.db.store, "@kenh_tin", "all", Frequency::Instant).await;
    world.long_round().await;
    run(&world.to_bot_api(&stand_in)).await;
    assert_eq!(world.states().await, ["sent 2"]);
    let sent = stand_in.lines("sent");
    for chat in [json!(42), json!("@kenh_tin")] {
        let parts: Vec<_> = sent.iter().filter(|m| m["chat"] == chat).collect();
        assert!((3..=5).contains(&parts.len()), "{}", parts.len());
        let text: String = parts.iter().map(|m| m["plain"].as_str().unwrap()).collect();
        for n in 0..24 {
            assert_eq!(
                text.matches(&format!("Đoạn {n}: ")).count(),
                1,
                "paragraph {n} to {chat}"
            );
        }
        let with_buttons = parts.iter().filter(|m| !m["buttons"].is_null()).count();
        assert_eq!(
            (with_buttons, parts.last().unwrap()["buttons"].is_null()),
            (1, false)
        );
    }
}

async fn a_post_that_was_interrupted_goes_on_where_it_was(db: TestDb) {
    let world = World::new(db).await;
    subscribe(&world.db.store, "42", "all", Frequency::Instant).await;
    world.long_round().await;
    // The second message is answered with a wish for a pause.
    let asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked);
    let api = telegram::BotApi::start(move |_| {
        let mut count = count.lock().unwrap();
        *count += 1;
        if *count == 2 {
            let wait = json!({"retry_after": 30});
            return telegram::BotApi::refused(StatusCode::TOO_MANY_REQUESTS, "Too Many Requests", &wait);
        }
        telegram::BotApi::taken()
    })
    .await;
    let Transport::Telegram { bot, pace, .. } = api.transport() else {
        panic!("a bot")
    };
    let how = PostSettings {
        is_whole: true,
        follows: true,
    };
    let dispatch = world.dispatch(Transport::Telegram { bot, pace, how });
    run(&dispatch).await;
    assert_eq!(
        (api.sent().len(), world.states().await),
        (1, vec!["queued 1".to_owned()])
    );
    // After the pause, a process takes the second message and dies.
    world.clock.advance(TimeDelta::seconds(31));
    let now = world.clock.now();
    let claimed = world.db.store.claim(Channel::Telegram, 1, 5, now).await.unwrap();
    assert_eq!(claimed[0].parts_done, 1);
    assert!(world.db.store.mark_sending(&claimed[0], now).await.unwrap());
    // An edit meanwhile does not change what was begun: the parts would not fit together.
    let mut edited = page(1);
    edited.body_html = "<p>Ngắn.</p>".to_owned();
    edited.body_text = "Ngắn.".to_owned();
    record_page(&world.db.store, world.section, &edited, &[], None, now).await;
    world.clock.advance(TimeDelta::minutes(2));
    run(&dispatch).await;
    let parts = "SELECT COUNT(*) FROM post_parts WHERE message_id IS NOT NULL";
    let parts = sql::count(&world.db.url, parts).await;
    assert!((3..=5).contains(&parts));
    // And the edit, which was owed when the last part was there: a request for each message.
    let edits = "SELECT COUNT(*) FROM deliveries WHERE kind = 'edit' AND state = 'sent'";
    assert_eq!(sql::count(&world.db.url, edits).await, 1);
    assert_eq!(i64::try_from(api.sent().len()).unwrap(), 2 * parts);
    let unsure = "SELECT COUNT(*) FROM deliveries WHERE unknown_at IS NOT NULL AND state = 'sent'";
    assert_eq!(sql::count(&world.db.url, unsure).await, 1, "counted");
}

async fn a_post_whose_process_died_is_sent_once_more_and_counted(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    for chat in ["1", "2", "3"] {
        subscribe(&world.db.store, chat, "all", Frequency::Instant).await;
    }
    world.round(&[1]).await;
    let (store, now) = (&world.db.store, world.clock.now());
    // One was about to be written, one waited for its answer for long, one was not begun.
    let claimed = store.claim(Channel::Telegram, 3, 5, now).await.unwrap();
    for delivery in &claimed[..2] {
        assert!(store.mark_sending(delivery, now).await.unwrap());
    }
    let marks = [(claimed[1].clone(), Mark::Unsure)];
    store.mark_all(&marks, now.date_naive(), now).await.unwrap();
    world.clock.advance(TimeDelta::minutes(6));
    run(&world.to_bot_api(&stand_in)).await;
    assert_eq!(world.states().await, ["sent 2", "unknown 1"]);
    let unsure = "SELECT COUNT(*) FROM deliveries WHERE unknown_at IS NOT NULL";
    assert_eq!(sql::count(&world.db.url, unsure).await, 2);
    assert_eq!(
        world.db.store.unsure_counts().await.unwrap(),
        [("telegram".to_owned(), 2)]
    );
    assert_eq!(stand_in.lines("sent").len(), 2);
}

async fn quiet_hours_are_silent_and_previews_are_a_wish(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    for chat in ["1", "2"] {
        subscribe(&world.db.store, chat, "all", Frequency::Instant).await;
    }
    let quiet = "UPDATE subscribers SET quiet_from = '22:00', quiet_to = '15:01' WHERE address = '1'";
    sql::execute(&world.db.url, quiet).await;
    // 15:00 in the portal's zone, and a minute later.
    for n in [1, 2] {
        world.round(&[n]).await;
        run(&world.to_bot_api(&stand_in)).await;
        world.clock.advance(TimeDelta::minutes(1));
    }
    let sent = stand_in.lines("sent");
    let silent = |chat: i64| -> Vec<bool> {
        let of_chat = sent.iter().filter(|m| m["chat"] == chat);
        of_chat.map(|m| m["silent"].as_bool().unwrap()).collect()
    };
    assert_eq!((silent(1), silent(2)), (vec![true, false], vec![false, false]));
}

async fn a_day_without_telegram_is_only_delay_and_a_digest(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    while world.digest().await != Step::Idle {}
    subscribe(&world.db.store, "42", "all", Frequency::Instant).await;
    world.round(&[1]).await;
    let mut settings = TelegramSettings::new(Secret::new("123456:TEST"));
    settings.api_url = Some("http://127.0.0.1:1".to_owned());
    let nowhere = world.dispatch(Transport::Telegram {
        bot: Telegram::new(&settings).unwrap(),
        pace: Pace::unlimited(),
        how: PostSettings::default(),
    });
    for _ in 0..30 {
        run(&nowhere).await;
        world.clock.advance(TimeDelta::seconds(20));
    }
    let untouched = "SELECT COUNT(*) FROM deliveries WHERE state = 'queued' AND attempts = 0";
    assert_eq!(sql::count(&world.db.url, untouched).await, 1);
    world.round(&[2]).await;
    world.clock.advance(TimeDelta::hours(5) + TimeDelta::minutes(51));
    let dispatch = world.to_bot_api(&stand_in);
    run(&dispatch).await;
    assert_eq!(
        world.states().await,
        ["folded 1", "sent 1"],
        "six hours old, and ten minutes younger"
    );
    world.clock.advance(TimeDelta::hours(11));
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    let sent = stand_in.lines("sent");
    let digest = sent[1]["plain"].as_str().unwrap();
    assert!(digest.contains("Bản tin") && digest.contains("số 1"), "{digest}");
    assert_eq!(sent.len(), 2);
}

async fn chats_that_ask_for_a_pause_at_once_hold_the_channel(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    for chat in 1..=6 {
        subscribe(&world.db.store, &chat.to_string(), "all", Frequency::Instant).await;
    }
    for chat in 1..=3 {
        stand_in.tell("fault", &json!({"chat": chat, "kind": "flood", "after": 20}));
    }
    world.round(&[1]).await;
    let dispatch = world.to_bot_api(&stand_in);
    run(&dispatch).await;
    world.round(&[2]).await;
    let before = stand_in.lines("log").len();
    run(&dispatch).await;
    assert_eq!(stand_in.lines("log").len(), before, "the whole channel waits");
    world.clock.advance(TimeDelta::seconds(21));
    run(&dispatch).await;
    assert_eq!(world.states().await, ["sent 12"]);
}

async fn a_group_is_written_to_at_its_own_pace(db: TestDb) {
    let Some(stand_in) = StandIn::unlimited_bot_api() else {
        return;
    };
    let world = World::new(db).await;
    // Two threads of one group, and a person.
    for chat in ["-1001:1", "-1001:2", "42"] {
        subscribe(&world.db.store, chat, "all", Frequency::Instant).await;
    }
    world.round(&[1]).await;
    let mut dispatch = world.to_bot_api(&stand_in);
    if let Transport::Telegram { pace, .. } = &mut dispatch.transport {
        *pace = Pace {
            shared: TimeDelta::seconds(30),
            ..Pace::unlimited()
        };
    }
    run(&dispatch).await;
    assert_eq!(world.states().await, ["queued 1", "sent 2"]);
    world.clock.advance(TimeDelta::seconds(29));
    run(&dispatch).await;
    assert_eq!(world.states().await, ["queued 1", "sent 2"], "not yet");
    world.clock.advance(TimeDelta::seconds(1));
    run(&dispatch).await;
    assert_eq!(world.states().await, ["sent 3"]);
}
