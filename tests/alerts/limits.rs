//! Limits: relays that share the work, what each takes on a day, the operator's brake, what one person is told, and
//! domains that ask for patience.

use loa::{
    domain::subscription::{Address, Channel, Language},
    store::NewSignup,
};

use super::*;

for_each_db!(
    a_relay_that_is_down_leaves_its_work_to_the_other,
    a_relay_with_its_mails_of_the_day_leaves_the_rest_to_the_other_and_begins_anew_tomorrow,
    the_brake_of_the_day_holds_news_and_no_confirmations,
    somebody_who_was_told_enough_today_hears_the_rest_in_the_digest,
    a_domain_that_asks_for_patience_waits_alone_and_spends_no_attempts,
    a_connection_carries_so_many_mails_and_then_a_new_one_is_made,
);

/// A round told to so many people, each at a domain of their own.
async fn told_to(db: TestDb, people: i64) -> World {
    let world = World::new(db).await;
    for n in 1..=people {
        let who = format!("nguoi-{n}@co-quan-{n}.example.vn");
        subscribe(&world.db.store, &who, "all", Frequency::Instant).await;
    }
    world.round(&[1]).await;
    world
}

fn relay(port: u16, per_day: u32) -> SmtpSettings {
    let mut settings = SmtpSettings::relay("127.0.0.1", port);
    settings.pool.per_day = per_day;
    settings
}

impl World {
    fn to_relays(&self, relays: Vec<SmtpSettings>) -> Dispatch {
        let mut dispatch = self.mails(Mailer::relays(relays).unwrap());
        dispatch.instant_max_age = TimeDelta::days(30);
        dispatch
    }
}

async fn a_relay_that_is_down_leaves_its_work_to_the_other(db: TestDb) {
    let world = told_to(db, 5).await;
    let sink = Sink::start().await;
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let closed = nobody.local_addr().unwrap().port();
    drop(nobody);
    run(&world.to_relays(vec![relay(closed, 0), relay(sink.address.port(), 0)])).await;
    assert_eq!(
        (sink.taken_count(), world.states().await),
        (5, vec!["sent 5".to_owned()])
    );
}

async fn a_relay_with_its_mails_of_the_day_leaves_the_rest_to_the_other_and_begins_anew_tomorrow(db: TestDb) {
    let world = told_to(db, 5).await;
    let (one, other) = (Sink::start().await, Sink::start().await);
    let relays = || vec![relay(one.address.port(), 1), relay(other.address.port(), 2)];
    run(&world.to_relays(relays())).await;
    assert_eq!((one.taken_count(), other.taken_count()), (1, 2));
    // Another process knows what is spent, and holds what waits without an attempt.
    run(&world.to_relays(relays())).await;
    assert_eq!((one.taken_count(), other.taken_count()), (1, 2));
    assert_eq!(world.states().await, ["queued 2", "sent 3"]);
    let tried = "SELECT COUNT(*) FROM deliveries WHERE state = 'queued' AND attempts > 0";
    assert_eq!(sql::count(&world.db.url, tried).await, 0, "waiting is no attempt");
    world.clock.advance(TimeDelta::days(1));
    run(&world.to_relays(relays())).await;
    assert_eq!(world.states().await, ["sent 5"]);
}

async fn the_brake_of_the_day_holds_news_and_no_confirmations(db: TestDb) {
    let world = told_to(db, 3).await;
    let (mut dispatch, outbox) = world.to_memory();
    dispatch.limits.mails_per_day = 2;
    run(&dispatch).await;
    assert_eq!(
        (outbox.mails().len(), world.states().await),
        (2, vec!["queued 1".to_owned(), "sent 2".to_owned()])
    );
    let address = Address::parse(Channel::Email, "moi@example.vn").unwrap();
    let watches = vec!["all".parse().unwrap()];
    let signup = NewSignup {
        address: &address,
        address_hash: &world.tokens.address_hash(address.as_str()),
        watches: &watches,
        frequency: Frequency::Daily,
        language: Language::Vi,
        wording: "test/vi",
    };
    assert!(world.db.store.sign_up(&signup, world.clock.now()).await.unwrap());
    run(&dispatch).await;
    let to: Vec<String> = outbox.mails().iter().map(|m| m.to.as_str().to_owned()).collect();
    assert_eq!(
        (to.len(), to[2].as_str()),
        (3, "moi@example.vn"),
        "somebody waits before a screen"
    );
    dispatch.instant_max_age = TimeDelta::days(30);
    world.clock.advance(TimeDelta::days(1));
    run(&dispatch).await;
    assert_eq!(world.states().await, ["sent 4"]);
}

async fn somebody_who_was_told_enough_today_hears_the_rest_in_the_digest(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let (mut dispatch, outbox) = world.to_memory();
    dispatch.limits.per_person_per_day = 1;
    run(&dispatch).await;
    world.round(&[2]).await;
    run(&dispatch).await;
    assert_eq!(told(&outbox), [of(LAN, &[1])]);
    assert_eq!(world.states().await, ["folded 1", "sent 1"]);
    world.clock.advance(TimeDelta::days(1));
    while world.digest().await != Step::Idle {}
    run(&dispatch).await;
    assert_eq!(told(&outbox), [of(LAN, &[1]), of(LAN, &[2])]);
}

async fn a_domain_that_asks_for_patience_waits_alone_and_spends_no_attempts(db: TestDb) {
    let world = World::new(db).await;
    for who in ["mot@cham.example", "hai@cham.example", "ba@nhanh.example"] {
        subscribe(&world.db.store, who, "all", Frequency::Instant).await;
    }
    world.round(&[1]).await;
    let sink = Sink::start().await;
    sink.fault(At::Rcpt, Fault::Say("450 4.7.1 too many mails from you"));
    let dispatch = world.to_relays(vec![relay(sink.address.port(), 0)]);
    run(&dispatch).await;
    let taken = || sink.taken().iter().map(|m| m.to.clone()).collect::<Vec<_>>();
    assert_eq!(taken(), ["ba@nhanh.example"]);
    let attempts = "SELECT CAST(SUM(attempts) AS BIGINT) FROM deliveries WHERE state = 'queued'";
    assert_eq!(
        sql::count(&world.db.url, attempts).await,
        1,
        "only the one that was refused"
    );
    // First the one that was not tried, and then the other, when its own next attempt is due.
    world.clock.advance(TimeDelta::seconds(10));
    run(&dispatch).await;
    world.clock.advance(TimeDelta::minutes(2));
    run(&dispatch).await;
    assert_eq!(
        taken(),
        ["ba@nhanh.example", "hai@cham.example", "mot@cham.example"]
    );
}

async fn a_connection_carries_so_many_mails_and_then_a_new_one_is_made(db: TestDb) {
    let world = told_to(db, 5).await;
    let sink = Sink::start().await;
    let mut settings = relay(sink.address.port(), 0);
    settings.pool.mails = 2;
    run(&world.to_relays(vec![settings])).await;
    assert_eq!((sink.taken_count(), sink.connections()), (5, 3));
}
