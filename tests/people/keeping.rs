//! What is kept of people, and for how long, where no page shows it.

use loa::{
    jobs::forget::forget,
    store::{Import, Imported, Lifted, Lifter},
};

use super::*;

for_each_db!(
    who_never_confirmed_is_forgotten_after_a_week,
    a_sign_up_too_late_is_forgotten_and_the_person_is_not,
    a_complaint_outlives_the_erasure,
    a_confirmation_lifts_a_bounce_of_a_month_ago,
    who_stopped_is_not_imported_again_in_capitals,
);

async fn all_forgotten(world: &World) {
    while forget(&world.db.store, world.clock.now()).await.unwrap() != Step::Idle {}
}

async fn who_never_confirmed_is_forgotten_after_a_week(db: TestDb) {
    let world = World::new(db).await;
    world.sign_up(LAN, &[]).await;
    world.mails().await;
    world.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    all_forgotten(&world).await;
    assert!(!world.rows_with(LAN).await.is_empty(), "the link is still good");
    world.clock.advance(TimeDelta::seconds(1));
    all_forgotten(&world).await;
    assert_eq!(world.rows_with(LAN).await, Vec::<String>::new());
    assert_eq!(world.number("SELECT COUNT(*) FROM signups").await, 0);
}

async fn a_sign_up_too_late_is_forgotten_and_the_person_is_not(db: TestDb) {
    let world = World::new(db).await;
    let own = world.somebody(LAN, &[]).await;
    world.next_day();
    world.sign_up(LAN, &[("watch", "all")]).await;
    world.clock.advance(TimeDelta::days(7));
    all_forgotten(&world).await;
    assert_eq!(
        world.number("SELECT COUNT(*) FROM signups").await,
        1,
        "the consent that was given"
    );
    world.get(&own).await.assert_status_ok();
}

async fn suppress(world: &World, address: &str, reason: &str) {
    let hash = world.tokens.address_hash(address);
    let at = world.clock.now().to_rfc3339();
    sql::execute(
        &world.db.url,
        &format!("INSERT INTO suppressions (address_hash, at, reason) VALUES ('{hash}', '{at}', '{reason}')"),
    )
    .await;
}

async fn a_complaint_outlives_the_erasure(db: TestDb) {
    let world = World::new(db).await;
    let own = world.somebody(LAN, &[]).await;
    suppress(&world, LAN, "complaint").await;
    world.post(&own, &[("action", "erase"), ("really", "yes")]).await;
    world.clock.advance(TimeDelta::days(100));
    moved_to(&world.sign_up(LAN, &[]).await);
    assert_eq!(world.mails().await.len(), 0);
    let address = Address::parse(Channel::Email, "LAN@example.vn").unwrap();
    let hash = world.tokens.address_hash(address.as_str());
    let lift = async |by| {
        world
            .db
            .store
            .lift(&address, &hash, by, world.clock.now())
            .await
            .unwrap()
    };
    assert_eq!(lift(Lifter::Person).await, Lifted::Complaint);
    assert!(matches!(
        lift(Lifter::Operator { also_complaint: true }).await,
        Lifted::Done(_)
    ));
    assert_eq!(lift(Lifter::Person).await, Lifted::NotSuppressed);
    world.next_day();
    world.sign_up(LAN, &[]).await;
    assert_eq!(world.mails().await.len(), 1);
}

async fn a_confirmation_lifts_a_bounce_of_a_month_ago(db: TestDb) {
    let world = World::new(db).await;
    suppress(&world, LAN, "bounce").await;
    world.clock.advance(TimeDelta::days(29));
    moved_to(&world.sign_up(LAN, &[]).await);
    assert_eq!(world.mails().await.len(), 0, "it came back lately");
    world.clock.advance(TimeDelta::days(2));
    world.sign_up(LAN, &[("frequency", "instant")]).await;
    let confirm = world.confirmation().await;
    assert_eq!(world.number("SELECT COUNT(*) FROM suppressions").await, 1);
    world.post(&confirm, &[]).await.assert_status_ok();
    assert_eq!(
        world.number("SELECT COUNT(*) FROM suppressions").await,
        0,
        "the mail arrived"
    );
    world.round(&[1]).await;
    assert_eq!(world.mails().await.len(), 1);
}

async fn who_stopped_is_not_imported_again_in_capitals(db: TestDb) {
    let world = World::new(db).await;
    world.somebody(LAN, &[]).await;
    let stop = format!("/unsubscribe/{}", world.tokens.unsubscribe(1));
    world.post(&stop, &[]).await.assert_status_ok();
    let import = async |address: &str| {
        let import = Import {
            address: Address::parse(Channel::Email, address).unwrap(),
            watch: "all".parse().unwrap(),
            frequency: "daily".parse().unwrap(),
        };
        world
            .db
            .store
            .import(&import, "Quyết định", &world.tokens, world.clock.now())
            .await
            .unwrap()
    };
    assert!(matches!(import("LAN@Example.vn").await, Imported::Refused(_)));
    assert_eq!(import("Minh@example.vn").await, Imported::Added);
    assert_eq!(import("minh@example.vn").await, Imported::Kept);
    assert_eq!(world.number("SELECT COUNT(*) FROM subscribers").await, 2);
}
