//! `kill -9` of the real program, three times during one fan-out to twenty thousand people, at the moments that hurt.

use std::collections::{HashMap, HashSet};

use chrono::SecondsFormat;
use loa::clock::Clock;

use crate::common::{
    databases::{TestDb, for_each_db},
    process::{Loa, Running, until},
    records::{prepare, record, start},
    smtp::{At, Fault, Sink},
    sql::Sql,
};

for_each_db!(
    twenty_thousand_people_are_told_once_through_three_kills_but_for_recorded_unknowns,
    a_mail_that_was_accepted_but_not_marked_is_sent_again_as_the_same_message,
);

/// Four chunks of the fan-out.
const SUBSCRIBERS: i64 = 20_000;

/// Mails under way at once: no kill may double more.
const CONNECTIONS: usize = 8;

/// Subscribers, and one article that they are all to be told.
async fn announce(db: &TestDb, subscribers: i64) {
    let section = prepare(&db.store, start()).await;
    let mut sql = Sql::connect(&db.url).await;
    sql.run(&format!(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {subscribers})
         INSERT INTO subscribers (channel, address, basis, basis_at, created_at, confirmed_at)
         SELECT 'email', 'nguoi-' || i || '@example.vn', 'test', {PAST}, {PAST}, {PAST} FROM n"
    ))
    .await;
    sql.run(&format!(
        "INSERT INTO subscriptions (subscriber_id, watch_id, frequency, created_at)
         SELECT p.id, w.id, 'instant', {PAST} FROM subscribers p, watches w WHERE w.kind = 'all'"
    ))
    .await;
    let round = db.store.open_fanout(start()).await.unwrap();
    record(&db.store, section, 1, &[], Some(round)).await;
    db.store.close_fanout(round, start()).await.unwrap();
}

/// A moment as both databases read it.
const PAST: &str = "'2026-01-01T00:00:00+00:00'";

/// The leases of a process that was killed, and the wait before an unknown outcome is retried, pass: minutes by the
/// system's clock, which no test can turn. Called only when no process holds a claim.
async fn leases_pass(sql: &mut Sql) {
    sql.others_are_gone().await;
    sql.run(&format!(
        "UPDATE deliveries SET due_at = {PAST} WHERE state IN ('queued', 'sending')"
    ))
    .await;
}

/// Waits until so many mails were taken and nothing is due any more, and lets the unknown outcomes' wait pass, until
/// nothing is owed.
async fn drain(sql: &mut Sql, sink: &Sink, at_least: i64) {
    let at_least = usize::try_from(at_least).unwrap();
    while sink.taken_count() < at_least {
        let goal = at_least.min(sink.taken_count() + 1_000);
        until("more were told", async || sink.taken_count() >= goal).await;
    }
    loop {
        until("nothing is due", async || {
            let now = Clock::System.now().to_rfc3339_opts(SecondsFormat::Micros, false);
            let busy = format!(
                "SELECT (SELECT count(*) FROM fanouts WHERE done_at IS NULL) + (SELECT count(*) FROM deliveries
                 WHERE state = 'sending' OR claim IS NOT NULL OR (state = 'queued' AND due_at <= '{now}'))"
            );
            sql.number(&busy).await == 0
        })
        .await;
        if sql
            .number("SELECT count(*) FROM deliveries WHERE state = 'queued'")
            .await
            == 0
        {
            return;
        }
        sql.run(&format!(
            "UPDATE deliveries SET due_at = {PAST} WHERE state = 'queued' AND claim IS NULL"
        ))
        .await;
    }
}

fn serve(loa: &Loa) -> Running {
    loa.start(&["serve", "--only", "send"])
}

/// How often each address was told, with which Message-IDs.
fn told(sink: &Sink) -> HashMap<String, Vec<String>> {
    let mut told: HashMap<String, Vec<String>> = HashMap::new();
    for mail in sink.taken() {
        told.entry(mail.to).or_default().push(mail.message_id);
    }
    told
}

/// Whoever was told more than once has a delivery whose outcome is recorded as unknown, and saw one message twice.
async fn only_unknowns_are_doubled(sql: &mut Sql, sink: &Sink) -> usize {
    let unknown: HashSet<String> = sql
        .texts("SELECT p.address FROM deliveries d JOIN subscribers p ON p.id = d.subscriber_id WHERE d.unknown_at IS NOT NULL")
        .await
        .into_iter()
        .collect();
    let mut doubled = 0;
    for (address, ids) in told(sink).into_iter().filter(|(_, ids)| ids.len() > 1) {
        doubled += 1;
        assert!(
            unknown.contains(&address),
            "{address} was told twice, and no outcome was unknown"
        );
        assert_eq!(ids.len(), 2, "{address}: an unknown outcome is retried once");
        assert_eq!(ids[0], ids[1], "{address}: another message");
    }
    doubled
}

async fn twenty_thousand_people_are_told_once_through_three_kills_but_for_recorded_unknowns(db: TestDb) {
    announce(&db, SUBSCRIBERS).await;
    db.store.close().await;
    let mut sql = Sql::connect(&db.url).await;
    let sink = Sink::start().await;
    sink.drop_texts();
    let loa = Loa::new(&db.url)
        .with_relay(sink.address)
        .with("SMTP__CONNECTIONS", CONNECTIONS.to_string())
        .with("LOG__LEVEL", "warn");

    // First: in the middle of the third of four chunks, two committed.
    let in_the_third = format!("NEW.subscriber_id = {}", SUBSCRIBERS / 2 + 100);
    sql.stall("deliveries", &in_the_third).await;
    let first = serve(&loa);
    until("half was fanned out", async || {
        sql.number("SELECT cursor FROM fanouts").await == SUBSCRIBERS / 2
    })
    .await;
    first.kill().await;
    sql.go_on("deliveries").await;
    leases_pass(&mut sql).await;
    let made = sql.number("SELECT count(*) FROM deliveries").await;
    assert_eq!(made, SUBSCRIBERS / 2, "chunks are whole");

    // Second: while mails are on the way, one of them taken by the relay and not yet answered.
    let second = serve(&loa);
    let goal = sink.taken_count() + 1_000;
    until("a thousand more were told", async || sink.taken_count() >= goal).await;
    sink.fault(At::Dot, Fault::Hang);
    until("the relay took one without an answer", async || sink.is_struck()).await;
    second.kill().await;
    leases_pass(&mut sql).await;

    // Third: wherever it is.
    let third = serve(&loa);
    let goal = sink.taken_count() + 1_000;
    until("another thousand were told", async || sink.taken_count() >= goal).await;
    third.kill().await;
    leases_pass(&mut sql).await;

    let last = serve(&loa);
    drain(&mut sql, &sink, SUBSCRIBERS).await;
    last.terminate().await;
    let (code, said) = last.end().await;
    assert_eq!(code, Some(0), "{said}");

    let sent = sql
        .number("SELECT count(*) FROM deliveries WHERE state = 'sent'")
        .await;
    assert_eq!(sent, SUBSCRIBERS);
    let told_count = i64::try_from(told(&sink).len()).unwrap();
    assert_eq!(told_count, SUBSCRIBERS, "no one is missed");
    let doubled = only_unknowns_are_doubled(&mut sql, &sink).await;
    assert!(
        (1..=3 * CONNECTIONS).contains(&doubled),
        "{doubled} were told twice: at least the one whose answer never came, at most what was under way at the kills"
    );
}

async fn a_mail_that_was_accepted_but_not_marked_is_sent_again_as_the_same_message(db: TestDb) {
    announce(&db, 1).await;
    db.store.close().await;
    let mut sql = Sql::connect(&db.url).await;
    let sink = Sink::start().await;
    let loa = Loa::new(&db.url).with_relay(sink.address);
    sink.fault(At::Dot, Fault::Hold);
    let first = serve(&loa);
    until("the relay took the mail", async || sink.taken_count() == 1).await;
    let state = sql.texts("SELECT state FROM deliveries").await;
    assert_eq!(state, ["sending"], "committed before the point of no return");
    // The relay says 250; what was to note it cannot be written before the kill.
    sql.stop_writers().await;
    sink.release();
    until("the relay answered", async || sink.released_count() == 1).await;
    first.kill().await;
    if !sql.is_sqlite() {
        // PostgreSQL would still carry out a statement that it was handed: the machine that died had not got so far.
        sql.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
            .await;
    }
    sql.let_write().await;
    leases_pass(&mut sql).await;

    let second = serve(&loa);
    drain(&mut sql, &sink, 1).await;
    second.terminate().await;
    assert_eq!(second.end().await.0, Some(0));
    assert_eq!(only_unknowns_are_doubled(&mut sql, &sink).await, 1);
    assert_eq!(sql.texts("SELECT state FROM deliveries").await, ["sent"]);
}
