//! Hooks: signed, tried again, kept out of private networks.

use super::*;
use axum::{body::Bytes, extract::State, http::HeaderMap};
use loa::{
    domain::subscription::{Address, Channel},
    notify::webhook::{WebhookSettings, Webhooks, secret_text},
    store::Import,
};

for_each_db!(
    a_hook_is_signed_and_says_what_is_new,
    a_hook_is_tried_again_with_the_same_id_and_ended_by_a_410,
    private_addresses_are_not_called,
    a_dead_hook_keeps_nobody_waiting,
);

#[derive(Clone, Default)]
struct Program {
    got: Arc<Mutex<Vec<(HeaderMap, Bytes)>>>,
    says: Arc<Mutex<Vec<StatusCode>>>,
}

impl Program {
    /// Answers with these statuses, then with 204.
    async fn start(&self, says: &[StatusCode]) -> String {
        *self.says.lock().unwrap() = says.iter().rev().copied().collect();
        let take = |State(program): State<Self>, headers: HeaderMap, body: Bytes| async move {
            program.got.lock().unwrap().push((headers, body));
            program
                .says
                .lock()
                .unwrap()
                .pop()
                .unwrap_or(StatusCode::NO_CONTENT)
        };
        let router = Router::new().fallback(take).with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://127.0.0.1:{}/loa", listener.local_addr().unwrap().port());
        tokio::spawn(async move { axum::serve(listener, router).await });
        url
    }

    fn got(&self) -> Vec<(HeaderMap, Bytes)> {
        self.got.lock().unwrap().clone()
    }
}

impl World {
    async fn hook_to(&self, url: &str) {
        let import = Import {
            address: Address::parse(Channel::Webhook, url).unwrap(),
            watch: "all".parse().unwrap(),
            frequency: Frequency::Instant,
        };
        self.db
            .store
            .import(&import, "test", &self.tokens, start())
            .await
            .unwrap();
    }

    fn hooks(&self, allow_private_addresses: bool) -> Dispatch {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let settings = WebhookSettings {
            user_agent: "Loa-test".to_owned(),
            allow_private_addresses,
        };
        self.dispatch(Transport::Webhook {
            hooks: Webhooks::new(&settings).unwrap(),
        })
    }
}

async fn a_hook_is_signed_and_says_what_is_new(db: TestDb) {
    let world = World::new(db).await;
    let program = Program::default();
    world.hook_to(&program.start(&[]).await).await;
    world.round(&[1, 2]).await;
    run(&world.hooks(true)).await;
    assert_eq!(world.states().await, ["sent 1"]);
    let (headers, body) = program.got().remove(0);
    let said: Value = serde_json::from_slice(&body).unwrap();
    assert_eq!(
        (&said["kind"], said["articles"].as_array().unwrap().len()),
        (&json!("alert"), 2)
    );
    assert_eq!(said["articles"][1]["id"], "mau/1764000000001");
    assert_eq!(said["articles"][1]["published"], "2026-11-24T08:01:00+00:00");
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    // The snippet of the documentation, at the time of the test's clock.
    let document = include_str!("../../docs/webhooks.md");
    let snippet = document
        .split("```python\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let secret = secret_text(&world.tokens.webhook_key(1));
    let hex: Vec<String> = body.iter().map(|byte| format!("{byte:02x}")).collect();
    let check = format!(
        "{snippet}\ntime.time = lambda: {}\nbody = bytes.fromhex({:?})\nheaders = {{'webhook-id': {:?}, 'webhook-timestamp': {:?}, 'webhook-signature': {:?}}}\n\
         verify({:?}, headers, body)\ntry:\n    verify({:?}, headers, body + b' ')\n    print('forged')\nexcept ValueError:\n    print('right')\n",
        start().timestamp(),
        hex.concat(),
        header("webhook-id"),
        header("webhook-timestamp"),
        header("webhook-signature"),
        secret.expose(),
        secret.expose(),
    );
    let Ok(done) = std::process::Command::new("python3")
        .arg("-c")
        .arg(check)
        .output()
    else {
        println!("skipped: no python3");
        return;
    };
    let said = String::from_utf8_lossy(&done.stdout);
    assert_eq!(said.trim(), "right", "{}", String::from_utf8_lossy(&done.stderr));
}

async fn a_hook_is_tried_again_with_the_same_id_and_ended_by_a_410(db: TestDb) {
    let world = World::new(db).await;
    let program = Program::default();
    let says = [
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::FOUND,
        StatusCode::OK,
        StatusCode::GONE,
    ];
    world.hook_to(&program.start(&says).await).await;
    world.round(&[1]).await;
    let dispatch = world.hooks(true);
    for minutes in [0, 2, 6] {
        world.clock.advance(TimeDelta::minutes(minutes));
        run(&dispatch).await;
    }
    assert_eq!(world.states().await, ["sent 1"]);
    let ids: Vec<_> = program
        .got()
        .iter()
        .map(|(headers, _)| headers["webhook-id"].clone())
        .collect();
    assert!(ids.len() == 3 && ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    world.round(&[2]).await;
    run(&dispatch).await;
    assert_eq!(
        (world.states().await, world.ended().await),
        (vec!["failed 1".to_owned(), "sent 1".to_owned()], 1)
    );
    assert_ne!(program.got()[3].0["webhook-id"], ids[0]);
}

async fn private_addresses_are_not_called(db: TestDb) {
    let world = World::new(db).await;
    let program = Program::default();
    let url = program.start(&[]).await;
    let port = url.rsplit(':').next().unwrap().to_owned();
    // Plainly, by number, and by a name that leads there.
    for url in [
        url.clone(),
        format!("https://127.0.0.1:{port}"),
        format!("https://localhost:{port}"),
    ] {
        world.hook_to(&url).await;
    }
    world.round(&[1]).await;
    run(&world.hooks(false)).await;
    assert_eq!(world.states().await, ["failed 3"]);
    assert!(program.got().is_empty());
    let reasons = "SELECT COUNT(*) FROM deliveries WHERE reason LIKE '%webhooks.allow_private_addresses%'";
    assert_eq!(sql::count(&world.db.url, reasons).await, 3);
}

async fn a_dead_hook_keeps_nobody_waiting(db: TestDb) {
    let world = World::new(db).await;
    let program = Program::default();
    let closed = TcpListener::bind("127.0.0.1:0")
        .await
        .unwrap()
        .local_addr()
        .unwrap();
    world.hook_to(&format!("http://{closed}/")).await;
    world
        .hook_to(&program.start(&[]).await.replace("127.0.0.1", "localhost"))
        .await;
    world.round(&[1]).await;
    let dispatch = world.hooks(true);
    run(&dispatch).await;
    assert_eq!(world.states().await, ["queued 1", "sent 1"]);
    // Days later it has failed, and still no other was kept from anything.
    for _ in 0..10 {
        world.clock.advance(TimeDelta::hours(25));
        run(&dispatch).await;
    }
    assert_eq!(
        world.states().await,
        ["folded 1", "sent 1"],
        "too old for an alert"
    );
}
