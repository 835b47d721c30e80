//! Chats that moved or that blocked the bot, and a batch that the end of the process interrupts.

use super::*;

for_each_db!(
    what_was_not_started_is_given_back_when_the_process_is_to_end,
    a_chat_that_moved_is_followed,
    a_chat_that_blocked_the_bot_is_ended,
);

/// A Bot API whose answers to `sendMessage` a test writes.
pub(super) struct BotApi {
    url: String,
    sent: Arc<Mutex<Vec<String>>>,
}

pub(super) type Answer = (StatusCode, Value);

impl BotApi {
    pub(super) async fn start(answer: impl Fn(&str) -> Answer + Clone + Send + Sync + 'static) -> Self {
        let sent: Arc<Mutex<Vec<String>>> = Arc::default();
        let log = Arc::clone(&sent);
        let router = Router::new().fallback(async move |Json(fields): Json<Value>| {
            let chat = match &fields["chat_id"] {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let (status, body) = answer(&chat);
            if status == StatusCode::OK {
                log.lock().unwrap().push(chat);
            }
            (status, Json(body))
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, sent }
    }

    pub(super) fn taken() -> Answer {
        let message = json!({"message_id": 7, "date": 0, "text": "x", "chat": {"id": 1, "type": "private", "first_name": "A"}});
        (StatusCode::OK, json!({"ok": true, "result": message}))
    }

    pub(super) fn refused(status: StatusCode, description: &str, parameters: &Value) -> Answer {
        let body = json!({"ok": false, "error_code": status.as_u16(), "description": description, "parameters": parameters});
        (status, body)
    }

    pub(super) fn transport(&self) -> Transport {
        let mut settings = TelegramSettings::new(Secret::new("123456:TEST"));
        settings.api_url = Some(self.url.clone());
        Transport::Telegram {
            bot: Telegram::new(&settings).unwrap(),
            pace: Pace::unlimited(),
            how: PostSettings::default(),
        }
    }

    pub(super) fn sent(&self) -> Vec<String> {
        self.sent.lock().unwrap().clone()
    }
}

async fn a_chat_that_moved_is_followed(db: TestDb) {
    let world = World::owing(db, "-4711").await;
    let api = BotApi::start(|chat| match chat {
        "-4711" => BotApi::refused(
            StatusCode::BAD_REQUEST,
            "Bad Request: group chat was upgraded to a supergroup chat",
            &json!({"migrate_to_chat_id": -1_001_234_567_890_i64}),
        ),
        _ => BotApi::taken(),
    })
    .await;
    let dispatch = world.dispatch(api.transport());
    run(&dispatch).await;
    assert_eq!(api.sent(), ["-1001234567890"]);
    assert_eq!(world.states().await, ["sent 1"]);
    world.round(&[2]).await;
    run(&dispatch).await;
    assert_eq!(api.sent().len(), 2, "the subscription moved with it");
}

async fn a_chat_that_blocked_the_bot_is_ended(db: TestDb) {
    let world = World::owing(db, "4711").await;
    let api = BotApi::start(|_| {
        BotApi::refused(
            StatusCode::FORBIDDEN,
            "Forbidden: bot was blocked by the user",
            &Value::Null,
        )
    })
    .await;
    run(&world.dispatch(api.transport())).await;
    assert_eq!(
        (world.states().await, world.ended().await),
        (vec!["failed 1".to_owned()], 1)
    );
}

async fn what_was_not_started_is_given_back_when_the_process_is_to_end(db: TestDb) {
    let world = World::new(db).await;
    for n in 1..=3 {
        subscribe(&world.db.store, &format!("70{n}"), "all", Frequency::Instant).await;
    }
    world.round(&[1]).await;
    let stop = world.stop.clone();
    let api = BotApi::start(move |_| {
        stop.cancel();
        BotApi::taken()
    })
    .await;
    let mut dispatch = world.dispatch(api.transport());
    if let Transport::Telegram { pace, .. } = &mut dispatch.transport {
        // One has its turn at once, the others later.
        pace.per_second = 1;
    }
    dispatch.step().await.unwrap();
    assert_eq!(
        world.states().await,
        ["queued 2", "sent 1"],
        "what was begun is finished"
    );
    let untouched =
        "SELECT COUNT(*) FROM deliveries WHERE state = 'queued' AND attempts = 0 AND claim IS NULL";
    world.clock.advance(TimeDelta::seconds(9));
    assert_eq!(sql::count(&world.db.url, untouched).await, 2);
    let mut next = world.dispatch(api.transport());
    next.stop = CancellationToken::new();
    assert_eq!(run(&next).await, 2, "the next process goes on at once");
    assert_eq!(api.sent().len(), 3);
}
