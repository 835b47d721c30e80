//! Alarms: what the operator is told when sections break and recover, with a clock turned by hand and a mail server that
//! fails when told to.

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use insta::assert_snapshot;
use loa::{
    domain::{
        breakage::{Cause, Turn},
        subscription::{Address, Channel},
    },
    jobs::{
        Step,
        alarm::{Operators, alarm},
        dispatch::Origin,
    },
    notify::{
        email::{Mailer, Outbox, SmtpSettings},
        message::{self, ALARM_SECTIONS, AlarmItem, Mail, Operator, Sender},
    },
    store::Store,
};

use crate::common::{
    articles::morning,
    databases::{TestDb, for_each_db},
    process::Loa,
    records::start,
    site,
    smtp::{At, Fault, Sink},
    sql::{self, Sql},
};

for_each_db!(
    all_that_is_due_is_one_mail,
    what_broke_and_recovered_before_anyone_was_told_is_told_nobody,
    a_recovery_is_told_once_the_breakage_was,
    what_recovered_and_broke_again_is_told_only_if_it_broke_in_another_way,
    a_relay_that_is_down_postpones_by_doubling_waits_and_loses_nothing,
    a_lost_answer_leads_to_the_same_mail_again_and_then_an_end,
    a_recovery_never_overtakes_the_mail_that_told_of_the_breakage,
    two_processes_claim_an_alarm_once,
    a_process_that_died_with_a_mail_is_followed_by_the_same_mail,
    alarms_wait_for_the_round_under_way_but_not_for_ever,
    every_operator_is_told_and_one_that_is_full_keeps_nobody_waiting,
    an_address_that_is_refused_is_given_up_only_if_another_was_told,
    without_an_operator_alarms_are_kept_for_a_day,
    what_was_told_long_ago_is_removed_but_not_what_is_still_broken,
    a_section_that_was_taken_out_of_the_settings_is_told_nobody,
    loa_poll_tells_what_is_due,
    loa_serve_tells_what_comes_up,
);

const LAN: &str = "lan@example.vn";
const MINH: &str = "minh@example.vn";

struct World {
    db: TestDb,
    sink: Sink,
}

fn at(minutes: i64) -> DateTime<Utc> {
    start() + TimeDelta::minutes(minutes)
}

fn operators(mailer: Mailer, addresses: &[&str]) -> Operators {
    let parse = |text: &&str| Address::parse(Channel::Email, text).unwrap();
    Operators {
        mailer,
        from: Sender::parse("Loa <loa@example.vn>").unwrap(),
        addresses: addresses.iter().map(parse).collect(),
        portals: Arc::new([site::portal()]),
        user_agent: "Loa/0.1 (news feeds and alerts)".to_owned(),
        origin: Origin {
            public_url: site::PUBLIC_URL.to_owned(),
            portal_name: "Cổng mẫu".to_owned(),
            authority: "loa.example".to_owned(),
            operator: Operator::default(),
            instance: "1".to_owned(),
        },
    }
}

impl World {
    /// Three sections, and a mail server.
    async fn new(db: TestDb) -> Self {
        let sections = [
            ("mau", "khoa-hoc", "Khoa học"),
            ("mau", "su-kien", "Sự kiện"),
            ("mau", "y-te", "Y tế"),
        ];
        db.store.sync_sections(&sections, start()).await.unwrap();
        Self {
            db,
            sink: Sink::start().await,
        }
    }

    fn operators(&self, addresses: &[&str]) -> Operators {
        let relay = SmtpSettings::relay("127.0.0.1", self.sink.address.port());
        operators(Mailer::smtp(relay).unwrap(), addresses)
    }

    async fn section(&self, slug: &str) -> i64 {
        let sections = self.db.store.sections().await.unwrap();
        sections.iter().find(|s| s.slug == slug).unwrap().id
    }

    async fn raise(&self, slug: &str, turn: Turn, cause: Cause, minute: i64) {
        let section = self.section(slug).await;
        let why = "the list page shows no articles";
        let raised = self
            .db
            .store
            .raise_alarm(section, (turn, cause), why, at(minute))
            .await;
        raised.unwrap();
    }

    async fn breaks(&self, slug: &str, minute: i64) {
        self.raise(slug, Turn::Degraded, Cause::Empty, minute).await;
    }

    async fn recovers(&self, slug: &str, minute: i64) {
        self.raise(slug, Turn::Recovered, Cause::Empty, minute).await;
    }

    /// Runs the step until it is idle.
    async fn tell(&self, minute: i64) {
        self.tell_all(&[LAN], minute).await;
    }

    async fn tell_all(&self, addresses: &[&str], minute: i64) {
        run(&self.db.store, &self.operators(addresses), at(minute)).await;
    }

    /// Subjects of the mails taken so far.
    fn subjects(&self) -> Vec<String> {
        let taken = self.sink.taken();
        taken.iter().map(|mail| subject(&mail.data)).collect()
    }

    async fn waiting(&self) -> i64 {
        self.db.store.alarms_waiting().await.unwrap()
    }

    async fn rows(&self) -> i64 {
        sql::count(&self.db.url, "SELECT COUNT(*) FROM alarms").await
    }
}

async fn run(store: &Store, operators: &Operators, now: DateTime<Utc>) {
    let mut steps = 0;
    while alarm(store, Some(operators), now).await.unwrap() != Step::Idle {
        steps += 1;
        assert!(steps < 20, "the step goes round in circles");
    }
}

fn subject(data: &str) -> String {
    let mail = mail_parser::MessageParser::default().parse(data).unwrap();
    mail.subject().unwrap().to_owned()
}

const BROKEN: &str = "[Loa] Chuyên mục gặp sự cố: mau/khoa-hoc";
const WELL: &str = "[Loa] Đã hoạt động lại: mau/khoa-hoc";

async fn all_that_is_due_is_one_mail(db: TestDb) {
    let world = World::new(db).await;
    for slug in ["khoa-hoc", "su-kien", "y-te"] {
        world.breaks(slug, 0).await;
    }
    world.tell(0).await;
    assert_eq!(
        world.subjects(),
        ["[Loa] Chuyên mục gặp sự cố: mau/khoa-hoc và 2 chuyên mục khác"]
    );
    let mail = &world.sink.taken()[0];
    assert_eq!(mail.to, LAN);
    assert!(mail.data.contains("Auto-Submitted: auto-generated"));
    assert!(!mail.data.contains("List-Unsubscribe"));
    let parsed = mail_parser::MessageParser::default().parse(&mail.data).unwrap();
    let text = parsed.body_text(0).unwrap();
    for part in [
        "(mau/khoa-hoc)",
        "(mau/su-kien)",
        "(mau/y-te)",
        "loa try 'http://portal.example/khoa-hoc'",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(world.waiting().await, 0);
    world.tell(10_000).await;
    assert_eq!(world.sink.taken_count(), 1, "once");
}

async fn what_broke_and_recovered_before_anyone_was_told_is_told_nobody(db: TestDb) {
    let world = World::new(db).await;
    world.breaks("khoa-hoc", 0).await;
    world.recovers("khoa-hoc", 1).await;
    world.tell(1).await;
    assert_eq!((world.sink.taken_count(), world.rows().await), (0, 0));
    // Also a pair that follows on it, and a third breakage that stays.
    world.breaks("khoa-hoc", 2).await;
    world.recovers("khoa-hoc", 3).await;
    world.breaks("khoa-hoc", 4).await;
    world.tell(4).await;
    assert_eq!(
        (world.subjects(), world.rows().await),
        (vec![BROKEN.to_owned()], 1)
    );
}

async fn a_recovery_is_told_once_the_breakage_was(db: TestDb) {
    let world = World::new(db).await;
    world.breaks("khoa-hoc", 0).await;
    world.tell(0).await;
    world.recovers("khoa-hoc", 125).await;
    world.tell(125).await;
    assert_eq!(world.subjects(), [BROKEN, WELL]);
    let data = &world.sink.taken()[1].data;
    let mail = mail_parser::MessageParser::default().parse(data).unwrap();
    let text = mail.body_text(0).unwrap();
    assert!(text.contains("15:00, 24/11/2026 – 17:05, 24/11/2026"), "{text}");
    world.breaks("khoa-hoc", 200).await;
    world.tell(200).await;
    assert_eq!(world.sink.taken_count(), 3, "the next breakage is told again");
}

async fn what_recovered_and_broke_again_is_told_only_if_it_broke_in_another_way(db: TestDb) {
    let world = World::new(db).await;
    world.breaks("khoa-hoc", 0).await;
    world.tell(0).await;
    world.recovers("khoa-hoc", 1).await;
    world.breaks("khoa-hoc", 2).await;
    world.tell(2).await;
    assert_eq!((world.sink.taken_count(), world.waiting().await), (1, 0));
    world.recovers("khoa-hoc", 3).await;
    world.raise("khoa-hoc", Turn::Degraded, Cause::Layout, 4).await;
    world.tell(4).await;
    assert_eq!(world.subjects(), [BROKEN, BROKEN]);
    world.recovers("khoa-hoc", 5).await;
    world.tell(5).await;
    assert_eq!(world.subjects(), [BROKEN, BROKEN, WELL]);
}

async fn a_relay_that_is_down_postpones_by_doubling_waits_and_loses_nothing(db: TestDb) {
    let world = World::new(db).await;
    world.breaks("khoa-hoc", 0).await;
    let mut minute = 0;
    for wait in [1, 2, 4, 8, 16, 32, 60, 60] {
        world.sink.fault(At::Mail, Fault::Say("451 4.3.0 later"));
        world.tell(minute).await;
        assert!(world.sink.is_struck(), "asked at minute {minute}");
        let connections = world.sink.connections();
        world.tell(minute + wait - 1).await;
        assert_eq!(world.sink.connections(), connections, "not before {wait} minutes");
        minute += wait;
    }
    // What broke meanwhile goes into the same mail; what recovered is told nobody.
    world.breaks("su-kien", minute).await;
    world.breaks("y-te", minute).await;
    world.recovers("y-te", minute).await;
    world.tell(minute).await;
    assert_eq!(
        world.subjects(),
        ["[Loa] Chuyên mục gặp sự cố: mau/khoa-hoc và 1 chuyên mục khác"]
    );
    assert_eq!(world.waiting().await, 0);
}

async fn a_lost_answer_leads_to_the_same_mail_again_and_then_an_end(db: TestDb) {
    let world = World::new(db).await;
    world.breaks("khoa-hoc", 0).await;
    world.sink.fault(At::Dot, Fault::Drop);
    world.sink.fault(At::Dot, Fault::Drop);
    world.tell(0).await;
    // Not into the mail that may have arrived: it is recognised by what it holds.
    world.breaks("su-kien", 1).await;
    world.tell(1).await;
    world.tell(1000).await;
    let taken = world.sink.taken();
    let ids: Vec<&str> = taken.iter().map(|mail| mail.message_id.as_str()).collect();
    let subjects = world.subjects();
    assert_eq!(taken.len(), 3, "{subjects:?}");
    assert_eq!((ids[0], taken[0].data.as_str()), (ids[1], taken[1].data.as_str()));
    assert_ne!(ids[0], ids[2]);
    assert!(ids[0].starts_with("<loa.alarm.") && ids[0].ends_with(".1@loa.example>"));
    assert_eq!(world.waiting().await, 0);
}

async fn a_recovery_never_overtakes_the_mail_that_told_of_the_breakage(db: TestDb) {
    let world = World::new(db).await;
    world.breaks("khoa-hoc", 0).await;
    world.sink.fault(At::Dot, Fault::Drop);
    world.tell(0).await;
    world.recovers("khoa-hoc", 0).await;
    world.tell(0).await;
    assert_eq!(world.subjects(), [BROKEN], "it waits for the mail in doubt");
    world.tell(1).await;
    assert_eq!(world.subjects(), [BROKEN, BROKEN, WELL]);
}

async fn two_processes_claim_an_alarm_once(db: TestDb) {
    let world = World::new(db).await;
    let other = Store::open(&world.db.url).await.unwrap();
    let outbox = Outbox::default();
    let told = operators(Mailer::Memory(outbox.clone()), &[LAN]);
    let turns = [Turn::Degraded, Turn::Recovered].into_iter().cycle();
    for (mails, (minute, turn)) in (1..=20).zip((0..).step_by(2).zip(turns)) {
        for slug in ["khoa-hoc", "su-kien", "y-te"] {
            world.raise(slug, turn, Cause::Empty, minute).await;
        }
        tokio::join!(
            run(&world.db.store, &told, at(minute)),
            run(&other, &told, at(minute)),
            run(&world.db.store, &told, at(minute)),
            run(&other, &told, at(minute))
        );
        assert_eq!(outbox.mails().len(), mails);
    }
    other.close().await;
}

async fn a_process_that_died_with_a_mail_is_followed_by_the_same_mail(db: TestDb) {
    let world = World::new(db).await;
    world.breaks("khoa-hoc", 0).await;
    let claimed = world.db.store.claim_alarms(7, at(0)).await.unwrap().unwrap();
    assert_eq!((claimed.id, claimed.alarms.len()), (7, 1));
    world.breaks("su-kien", 39).await;
    world.tell(39).await;
    assert_eq!(
        world.subjects(),
        ["[Loa] Chuyên mục gặp sự cố: mau/su-kien"],
        "the claim holds"
    );
    world.tell(40).await;
    assert_eq!(world.sink.taken()[1].message_id, "<loa.alarm.7.1@loa.example>");
    // The first one lives after all, and has lost its lease: it changes nothing.
    world.db.store.alarms_postponed(&claimed, at(50)).await.unwrap();
    world.tell(60).await;
    assert_eq!((world.sink.taken_count(), world.waiting().await), (2, 0));
}

async fn alarms_wait_for_the_round_under_way_but_not_for_ever(db: TestDb) {
    let world = World::new(db).await;
    let store = &world.db.store;
    let round = store.open_fanout(at(0)).await.unwrap();
    world.breaks("khoa-hoc", 1).await;
    world.tell(1).await;
    assert_eq!(world.sink.taken_count(), 0, "further sections may break");
    world.breaks("su-kien", 2).await;
    store.close_fanout(round, at(2)).await.unwrap();
    world.tell(2).await;
    assert_eq!(world.sink.taken_count(), 1);

    let round = store.open_fanout(at(10)).await.unwrap();
    world.breaks("y-te", 10).await;
    for minute in 10..25 {
        store.keep_fanout_open(round, at(minute)).await.unwrap();
        world.tell(minute).await;
    }
    assert_eq!(world.sink.taken_count(), 1);
    store.keep_fanout_open(round, at(25)).await.unwrap();
    world.tell(25).await;
    assert_eq!(
        world.sink.taken_count(),
        2,
        "a portal that hangs is told all the same"
    );
}

async fn every_operator_is_told_and_one_that_is_full_keeps_nobody_waiting(db: TestDb) {
    let world = World::new(db).await;
    let both = [LAN, MINH];
    world.breaks("khoa-hoc", 0).await;
    world.sink.fault(At::Rcpt, Fault::Say("452 4.2.2 mailbox full"));
    world.tell_all(&both, 0).await;
    assert_eq!(world.sink.taken_count(), 1);
    let first = world.sink.taken()[0].to.clone();
    // The recovery reaches the one who was told of the breakage, though the other was not yet.
    world.recovers("khoa-hoc", 0).await;
    world.tell_all(&[&first], 0).await;
    assert_eq!(world.subjects(), [BROKEN, WELL]);
    for minute in [1, 600, 1440] {
        world.sink.fault(At::Rcpt, Fault::Say("452 4.2.2 mailbox full"));
        world.tell_all(&both, minute).await;
    }
    assert_eq!(world.sink.taken_count(), 2, "nobody is told twice");
    assert_eq!(world.waiting().await, 0, "after a day it is left at that");
    let left = sql::count(&world.db.url, "SELECT COUNT(*) FROM alarm_mails").await;
    assert_eq!(left, 0, "nothing is kept of a mail that is settled");
}

async fn an_address_that_is_refused_is_given_up_only_if_another_was_told(db: TestDb) {
    let world = World::new(db).await;
    world.breaks("khoa-hoc", 0).await;
    world.sink.fault(At::Rcpt, Fault::Say("550 5.1.1 unknown user"));
    world.tell(0).await;
    assert_eq!(world.waiting().await, 1, "someone is to be told");
    world.sink.fault(At::Rcpt, Fault::Say("550 5.1.1 unknown user"));
    world.tell_all(&[LAN, MINH], 1).await;
    assert_eq!((world.sink.taken_count(), world.waiting().await), (1, 0));
}

async fn without_an_operator_alarms_are_kept_for_a_day(db: TestDb) {
    let world = World::new(db).await;
    let store = &world.db.store;
    world.breaks("khoa-hoc", 0).await;
    assert_eq!(
        alarm(store, None, at(0)).await.unwrap(),
        Step::Worked(1),
        "logged"
    );
    assert_eq!(alarm(store, None, at(1)).await.unwrap(), Step::Idle, "once");
    world.breaks("su-kien", 60).await;
    alarm(store, None, at(60)).await.unwrap();
    alarm(store, None, at(24 * 60)).await.unwrap();
    assert_eq!(world.rows().await, 1, "the older one is a day old");
    world.tell(24 * 60 + 1).await;
    assert_eq!(world.subjects(), ["[Loa] Chuyên mục gặp sự cố: mau/su-kien"]);
    world.recovers("khoa-hoc", 1500).await;
    world.tell(1500).await;
    assert_eq!(world.sink.taken_count(), 1, "nobody knew that it was broken");
}

async fn what_was_told_long_ago_is_removed_but_not_what_is_still_broken(db: TestDb) {
    let world = World::new(db).await;
    world.breaks("khoa-hoc", 0).await;
    world.breaks("su-kien", 0).await;
    world.tell(0).await;
    world.recovers("su-kien", 1).await;
    world.tell(1).await;
    let later = 91 * 24 * 60;
    world.breaks("y-te", later).await;
    world.tell(later).await;
    let mut sql = Sql::connect(&world.db.url).await;
    let left =
        "SELECT s.slug || ' ' || a.kind FROM alarms a JOIN sections s ON s.id = a.section_id ORDER BY a.id";
    assert_eq!(sql.texts(left).await, ["khoa-hoc degraded", "y-te degraded"]);
    world.recovers("khoa-hoc", later + 1).await;
    world.tell(later + 1).await;
    assert_eq!(world.subjects().last().unwrap(), WELL);
}

async fn a_section_that_was_taken_out_of_the_settings_is_told_nobody(db: TestDb) {
    let world = World::new(db).await;
    world.breaks("khoa-hoc", 0).await;
    let rest = [("mau", "su-kien", "Sự kiện")];
    world.db.store.sync_sections(&rest, at(0)).await.unwrap();
    world.tell(0).await;
    assert_eq!((world.sink.taken_count(), world.rows().await), (0, 0));
}

async fn loa_poll_tells_what_is_due(db: TestDb) {
    let world = World::new(db).await;
    // The program reads the real clock.
    world.breaks("khoa-hoc", -60 * 24 * 365).await;
    let loa = Loa::new(&world.db.url).with("POLLING__TIMEOUT_SECS", "1");
    let nowhere = ["poll", "--portal-url", "sotttt-hanoi=http://127.0.0.1:9"];
    let quiet = [&nowhere[..], &["--no-send"]].concat();
    let loa = loa.with_relay(world.sink.address).with("ALERTS__OPERATOR", LAN);
    loa.run(&quiet).await;
    assert_eq!(world.sink.taken_count(), 0);
    let ended = loa.run(&nowhere).await;
    assert!(
        world.subjects()[0].contains("mau/khoa-hoc"),
        "{ended:?} {:?}",
        world.subjects()
    );
    assert!(!ended.stderr.contains(LAN), "{ended:?}");
}

async fn loa_serve_tells_what_comes_up(db: TestDb) {
    let world = World::new(db).await;
    let long_ago = -60 * 24 * 365;
    world.breaks("khoa-hoc", long_ago).await;
    let loa = Loa::new(&world.db.url)
        .with_relay(world.sink.address)
        .with("ALERTS__OPERATOR", LAN);
    let mut running = loa.start(&["serve", "--only", "send"]);
    running.line_with("Told the operator of 1 alarms").await;
    running.terminate().await;
    let (code, said) = running.end().await;
    assert_eq!((world.subjects(), code), (vec![BROKEN.to_owned()], Some(0)));
    assert!(!said.contains("lan@"), "{said}");
}

fn item(cause: Cause) -> AlarmItem<'static> {
    AlarmItem {
        portal: "quangtri",
        slug: "tin-tuc",
        title: "Tin tức <sự kiện>",
        turn: Turn::Degraded,
        cause,
        why: "no text looks like a list of articles",
        since: morning(),
        until: morning(),
        next_look: morning() + TimeDelta::hours(1),
        url: Some("https://portal.example.vn/tin-tuc?a=1&b=2"),
        moved_to: None,
    }
}

fn written(items: &[AlarmItem<'_>]) -> Mail {
    let alarms = message::Alarms {
        items,
        user_agent: "Loa/0.1 (news feeds and alerts)",
        public_url: "https://loa.example.vn",
    };
    let addressing = message::Addressing {
        mark: None,
        message_id: &message::alarm_message_id(10, "1", "loa.example.vn"),
        from: &Sender::parse("Loa <loa@example.vn>").unwrap(),
        to: &Address::parse(Channel::Email, LAN).unwrap(),
        at: morning(),
    };
    message::alarm(&alarms, &addressing)
}

#[test]
fn an_alarm_says_what_is_wrong_since_when_and_what_to_do() {
    let mut gone = item(Cause::Gone);
    gone.slug = "su-kien";
    gone.moved_to = Some("https://portal.example.vn/moi");
    let mut well = item(Cause::Failing);
    well.slug = "y-te";
    well.turn = Turn::Recovered;
    well.until = morning() + TimeDelta::minutes(90);
    let mail = written(&[item(Cause::Layout), well, gone]);
    assert_snapshot!(mail.message_id, @"<loa.alarm.a.1@loa.example.vn>");
    assert_snapshot!(mail.subject, @"[Loa] Chuyên mục gặp sự cố: quangtri/tin-tuc và 1 chuyên mục khác; Đã hoạt động lại: quangtri/y-te");
    assert_snapshot!(mail.text, @r#"
    Chuyên mục gặp sự cố: quangtri/tin-tuc và 1 chuyên mục khác; Đã hoạt động
    lại: quangtri/y-te
    Sections in trouble: quangtri/tin-tuc and 1 more; Working again:
    quangtri/y-te

    == Không nhận ra bố cục trang / Layout not recognised ==

    Trang mở được nhưng không còn theo bố cục mà Loa biết đọc.
    The page opens, and no longer has a layout that Loa knows how to read.

    Việc cần làm: Chạy lệnh “loa try” ở dưới để biết thiếu gì, rồi khai báo bố
    cục mới theo docs/portals.md.
    What to do: Run the “loa try” below to see what is missing, and describe the
    new layout as docs/portals.md says.

    * Tin tức <sự kiện> (quangtri/tin-tuc)
      Từ / Since: 08:00, 24/11/2026
      Chi tiết / Details: no text looks like a list of articles
      Xem lại lúc / Looked at next: 09:00, 24/11/2026
      loa try 'https://portal.example.vn/tin-tuc?a=1&b=2'

    == Chuyên mục đã bị gỡ bỏ / Gone for good ==

    Cổng báo trang danh sách đã bị gỡ hẳn (mã 410). Loa không tự hỏi lại trang
    này.
    The portal says that the list page was taken away for good (410). Loa does
    not ask for it again by itself.

    Việc cần làm: Sửa đường dẫn (path) của chuyên mục trong tệp khai báo cổng,
    hoặc bỏ chuyên mục khỏi tệp đó. Nếu trang đã có lại, chạy “loa poll” cho
    chuyên mục này.
    What to do: Correct the section's path in the portal's file, or take the
    section out of it. If the page is back, run “loa poll” for the section.

    * Tin tức <sự kiện> (quangtri/su-kien)
      Từ / Since: 08:00, 24/11/2026
      Chi tiết / Details: no text looks like a list of articles
      Cổng chuyển hướng đến / The portal redirects to: https://portal.example.vn/moi
      loa try 'https://portal.example.vn/tin-tuc?a=1&b=2'

    == Đã hoạt động lại / Working again ==

    Tin mới của các chuyên mục này lại được lấy như thường lệ.
    New articles of these sections are read again as usual.

    * Tin tức <sự kiện> (quangtri/y-te)
      Gặp sự cố / In trouble: 08:00, 24/11/2026 – 09:30, 24/11/2026

    Trong khi đó, bạn đọc vẫn xem được các tin đã lưu; Loa không đăng gì từ
    trang mà nó không hiểu.
    Meanwhile readers still see the articles that are stored; nothing is
    published from a page that was not understood.

    -- 
    Bạn nhận thư này vì địa chỉ của bạn có trong mục alerts.operator của cấu hình Loa tại https://loa.example.vn.
    You receive this because your address stands in alerts.operator of Loa's settings at https://loa.example.vn.
    "#);
}

#[test]
fn an_alarms_two_parts_say_the_same_and_html_is_escaped() {
    let mail = written(&[item(Cause::Challenge)]);
    assert!(mail.html.contains("Tin tức &#60;sự kiện&#62;"), "{}", mail.html);
    assert!(
        mail.html
            .contains("https://portal.example.vn/tin-tuc?a=1&#38;b=2")
    );
    for part in [
        "Bị chặn bởi trang xác minh",
        "Blocked by a challenge",
        "“Loa/0.1 (news feeds and alerts)”",
        "08:00, 24/11/2026",
        "09:00, 24/11/2026",
        "no text looks like a list of articles",
        "bạn đọc vẫn xem được các tin đã lưu",
        "alerts.operator",
    ] {
        assert!(mail.html.contains(part) && mail.text.contains(part), "{part}");
    }
    assert!(mail.list_id.is_none() && mail.unsubscribe_url.is_none());
}

#[test]
fn every_cause_has_words_of_its_own() {
    let mut texts: Vec<String> = Cause::ALL.map(|cause| written(&[item(cause)]).text).to_vec();
    for text in &texts {
        assert!(text.contains("Việc cần làm: ") && text.contains("What to do: "));
        assert!(!text.contains("{user_agent}"), "{text}");
    }
    texts.sort();
    texts.dedup();
    assert_eq!(texts.len(), Cause::ALL.len());
}

#[test]
fn a_mail_about_very_many_sections_names_some_and_counts_the_rest() {
    let items = vec![item(Cause::Failing); ALARM_SECTIONS + 3];
    let mail = written(&items);
    assert_eq!(mail.text.matches("* Tin tức").count(), ALARM_SECTIONS);
    assert!(
        mail.text
            .contains("… và 3 chuyên mục khác: xem lệnh “loa check”.")
    );
    assert!(
        mail.html.len() < 102_000,
        "Gmail clips there: {}",
        mail.html.len()
    );
}
