//! The form, and the mail that asks whether it was meant.

use super::*;

for_each_db!(
    the_form_says_the_same_of_every_address,
    only_the_button_confirms_and_once_is_enough,
    a_link_is_good_for_seven_days_and_then_shows_a_way_on,
    another_letter_waits_and_there_are_three_a_day,
    what_is_wrong_is_named_and_nothing_is_lost,
    a_phrase_has_its_volume_or_is_refused,
    everything_that_was_chosen_is_followed,
    the_form_is_closed_where_no_mail_is_sent,
    nobody_follows_more_than_one_person_may,
    an_address_is_one_however_it_is_written,
    who_had_stopped_comes_back_by_their_own_word,
);

async fn the_form_says_the_same_of_every_address(db: TestDb) {
    let world = World::new(db).await;
    let known = world.somebody("biet@example.vn", &[]).await;
    let ended = world.somebody("nghi@example.vn", &[]).await;
    world.round(&[1]).await;
    let id = world.tokens.unsubscribe(2);
    world
        .post(&format!("/unsubscribe/{id}"), &[])
        .await
        .assert_status_ok();
    let mut sql = Sql::connect(&world.db.url).await;
    let hash = world.tokens.address_hash("tra-lai@example.vn");
    sql.run(&format!(
        "INSERT INTO suppressions (address_hash, at, reason) VALUES ('{hash}', '2026-11-24T00:00:00Z', 'complaint')"
    ))
    .await;
    world.next_day();
    world.mails().await;
    let mut answers = Vec::new();
    for address in [
        "moi@example.vn",
        "biet@example.vn",
        "nghi@example.vn",
        "tra-lai@example.vn",
    ] {
        let answer = world.sign_up(address, &[]).await;
        let page = world.get(&moved_to(&answer)).await;
        let mut headers: Vec<String> = answer.headers().iter().map(|h| format!("{h:?}")).collect();
        headers.sort();
        answers.push((headers, answer.text(), page.text()));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    let mut written: Vec<String> = world
        .mails()
        .await
        .iter()
        .map(|m| m.to.as_str().to_owned())
        .collect();
    written.sort();
    assert_eq!(written, ["biet@example.vn", "moi@example.vn", "nghi@example.vn"]);

    let mut answers = Vec::new();
    for address in [
        "moi@example.vn",
        "biet@example.vn",
        "tra-lai@example.vn",
        "khong-ai@example.vn",
    ] {
        let answer = world.post("/manage", &[("address", address)]).await;
        answers.push((moved_to(&answer), answer.text()));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:#?}");
    let written = world.mails().await;
    assert_eq!(written.len(), 1, "only who confirmed has a link");
    assert_eq!(link(&written[0], "manage"), known);
    assert_ne!(known, ended);
}

async fn only_the_button_confirms_and_once_is_enough(db: TestDb) {
    let world = World::new(db).await;
    world.sign_up(LAN, &[("frequency", "instant")]).await;
    world.round(&[1]).await;
    world.clock.advance(TimeDelta::seconds(30));
    let mails = world.mails().await;
    assert_eq!(mails.len(), 1, "no news before the confirmation");
    assert_eq!(mails[0].from.address(), "dang-ky@example.vn");
    assert!(mails[0].text.contains("trong vòng 7 ngày"), "{}", mails[0].text);
    assert!(
        mails[0].unsubscribe_url.is_none(),
        "there is nothing to unsubscribe from"
    );
    let confirm = link(&mails[0], "confirm");
    let before = world.dump().await;
    let asked = world.get(&confirm).await;
    asked.assert_status_ok();
    assert_is_private(&asked);
    assert!(asked.text().contains("l…@example.vn") && !asked.text().contains(LAN));
    assert!(
        asked.text().contains("Khoa học và công nghệ (ngay khi có tin)"),
        "{}",
        asked.text()
    );
    assert_eq!(
        path(&attribute(&asked.text(), "main form", "action"))
            .replace("%2D", "-")
            .replace("%5F", "_"),
        confirm
    );
    assert_eq!(world.dump().await, before, "a GET changes nothing");

    let done = world.post(&confirm, &[]).await;
    assert_is_private(&done);
    assert_eq!(heading(&done), "Đã xác nhận");
    world.round(&[2]).await;
    assert_eq!(world.mails().await.len(), 1);
    let before = world.dump().await;
    let again = world.post(&confirm, &[]).await;
    again.assert_status_ok();
    assert_eq!(
        href(&again.text(), "a[href*='/manage/']"),
        href(&done.text(), "a[href*='/manage/']")
    );
    let ticks = |rows: Vec<String>| -> Vec<String> {
        rows.into_iter()
            .filter(|row| !row.starts_with("digest_clock"))
            .collect()
    };
    assert_eq!(
        ticks(world.dump().await),
        ticks(before),
        "a second press does no harm"
    );
    world.clock.advance(TimeDelta::hours(2));
    let later = world.post(&confirm, &[]).await;
    later.assert_status_ok();
    assert_eq!(
        count(&later.text(), "a[href*='/manage/']"),
        0,
        "the mail may have been passed on"
    );
}

async fn a_link_is_good_for_seven_days_and_then_shows_a_way_on(db: TestDb) {
    let world = World::new(db).await;
    world.sign_up(LAN, &[]).await;
    let confirm = world.confirmation().await;
    world.clock.advance(TimeDelta::days(7) - TimeDelta::seconds(1));
    world.get(&confirm).await.assert_status_ok();
    world.clock.advance(TimeDelta::seconds(1));
    for page in [world.get(&confirm).await, world.post(&confirm, &[]).await] {
        assert_eq!(page.status_code(), StatusCode::GONE);
        assert_is_private(&page);
        assert_eq!(href(&page.text(), "main a.button"), "/subscribe");
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM subscriptions").await, 0);
}

async fn another_letter_waits_and_there_are_three_a_day(db: TestDb) {
    let world = World::new(db).await;
    let mut sent = Vec::new();
    for minutes in [0, 9, 2, 11, 11, 11] {
        world.clock.advance(TimeDelta::minutes(minutes));
        world.sign_up(LAN, &[]).await;
        sent.push(world.mails().await.len());
    }
    assert_eq!(sent, [1, 0, 1, 1, 0, 0]);
    world.next_day();
    world.sign_up(LAN, &[]).await;
    assert_eq!(world.mails().await.len(), 1);
}

async fn what_is_wrong_is_named_and_nothing_is_lost(db: TestDb) {
    let world = World::new(db).await;
    let empty = world.post("/subscribe", &[]).await;
    assert_eq!(empty.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(
        texts(&empty.text(), "[role=alert] li").len(),
        4,
        "{}",
        empty.text()
    );
    for bad in [
        "lan",
        "lan@office",
        "lan@example.vn, ai@example.vn",
        "a\r\nBcc: b@c.vn",
        "",
    ] {
        let page = world.sign_up(bad, &[]).await;
        assert_eq!(page.status_code(), StatusCode::UNPROCESSABLE_ENTITY, "{bad:?}");
        let page = page.text();
        assert_eq!(count(&page, "#address[aria-invalid]"), 1, "{bad:?}");
        assert_eq!(count(&page, "[value='topic:khoa-hoc-cong-nghe'][checked]"), 1);
        assert_eq!(count(&page, "#frequency-daily[checked]"), 1);
        assert_eq!(count(&page, "#consent[checked]"), 1);
    }
    let old_words = world.sign_up(LAN, &[("consent", "2025-01")]).await.text();
    assert_eq!(
        count(&old_words, "#consent[aria-invalid]"),
        1,
        "these words were never read"
    );
    let unknown = world.sign_up(LAN, &[("watch", "topic:khong-co")]).await.text();
    assert_eq!(count(&unknown, "#watches-error"), 1);
    let english = world.post("/subscribe?lang=en", &[]).await.text();
    assert!(
        texts(&english, "[role=alert] li").contains(&"Please choose how often to hear of it.".to_owned())
    );
    let hostile = world
        .sign_up("\"><script>alert(1)</script>@x.vn", &[])
        .await
        .text();
    assert_eq!(count(&hostile, "script:not([src])"), 0);
    assert_eq!(world.number("SELECT COUNT(*) FROM subscribers").await, 0);
}

async fn a_phrase_has_its_volume_or_is_refused(db: TestDb) {
    let world = World::new(db).await;
    for n in 1..=24 {
        record(&world.db.store, world.section, n, &["khoa-hoc-cong-nghe"], None).await;
    }
    let page = world
        .get("/subscribe?q=%C4%91%E1%BB%81+t%C3%A0i+khoa+h%E1%BB%8Dc+s%E1%BB%91+7&watch=all")
        .await
        .text();
    assert_eq!(count(&page, "#phrases-1[checked]"), 1);
    assert_eq!(texts(&page, "#volume-phrases-1"), ["khoảng 1 tin mỗi tuần"]);
    assert_eq!(texts(&page, "#volume-topics-1"), ["khoảng 24 tin mỗi tuần"]);
    assert_eq!(texts(&page, "#volume-topics-2"), ["gần đây chưa có tin nào"]);
    assert_eq!(
        count(&page, "#everything-1[checked]"),
        1,
        "what was ticked is kept"
    );
    for (typed, why) in [
        ("x", "Cụm từ cần có từ 2 đến 80 ký tự."),
        ("khoa+h%E1%BB%8Dc", "có trong hầu hết các tin"),
        ("...", "Cụm từ"),
    ] {
        let page = world.get(&format!("/subscribe?q={typed}")).await.text();
        assert!(texts(&page, "#q-error").concat().contains(why), "{typed}: {page}");
        assert_eq!(count(&page, "#phrases-1"), 0, "{typed}");
    }
    let forced = world.sign_up(LAN, &[("watch", "phrase:khoa học")]).await;
    assert_eq!(
        forced.status_code(),
        StatusCode::UNPROCESSABLE_ENTITY,
        "nor from a form that is not ours"
    );
    assert_eq!(world.number("SELECT COUNT(*) FROM signups").await, 0);
}

async fn everything_that_was_chosen_is_followed(db: TestDb) {
    let world = World::new(db).await;
    let chosen = [
        ("watch", "topic:y-te-suc-khoe"),
        ("watch", "section:mau/khoa-hoc"),
        ("watch", "phrase:giống lúa"),
        ("frequency", "weekly"),
    ];
    let manage = world.somebody(LAN, &chosen).await;
    let page = world.get(&manage).await.text();
    assert_eq!(
        texts(&page, ".watches h3"),
        ["Y tế, sức khỏe", "Khoa học", "Cụm từ “giống lúa”"]
    );
    assert_eq!(count(&page, ".watches option[value=weekly][selected]"), 3);
}

async fn the_form_is_closed_where_no_mail_is_sent(db: TestDb) {
    let world = World::new(db).await;
    let closed = TestServer::new(web::router(site::state(
        &world.db.store,
        &world.clock,
        &world.tokens,
    )));
    let page = closed.get("/subscribe").await;
    page.assert_status_ok();
    assert_eq!(count(&page.text(), "form.signup"), 0);
    let refused = closed.post("/subscribe").form(&[("address", LAN)]).await;
    assert_eq!(refused.status_code(), StatusCode::SERVICE_UNAVAILABLE);
}

async fn nobody_follows_more_than_one_person_may(db: TestDb) {
    let world = World::new(db).await;
    let address = Address::parse(Channel::Email, LAN).unwrap();
    for day in 0..8 {
        let watches: Vec<_> = (0..10)
            .map(|n| format!("phrase:cụm {day} {n}").parse().unwrap())
            .collect();
        let signup = NewSignup {
            address: &address,
            address_hash: "x",
            watches: &watches,
            frequency: "daily".parse().unwrap(),
            language: "vi".parse().unwrap(),
            wording: WORDING,
        };
        assert!(world.db.store.sign_up(&signup, world.clock.now()).await.unwrap());
        world
            .db
            .store
            .confirm_signup(day + 1, world.clock.now())
            .await
            .unwrap();
        world.next_day();
    }
    let followed = world.db.store.followed(1).await.unwrap().len();
    assert_eq!(i64::try_from(followed).unwrap(), loa::store::MOST_WATCHES);
}

async fn an_address_is_one_however_it_is_written(db: TestDb) {
    let world = World::new(db).await;
    world.sign_up("Lan@Example.VN", &[]).await;
    world.sign_up("LAN@example.vn", &[]).await;
    let mails = world.mails().await;
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to.as_str(), LAN);
    assert_eq!(world.number("SELECT COUNT(*) FROM subscribers").await, 1);
}

async fn who_had_stopped_comes_back_by_their_own_word(db: TestDb) {
    let world = World::new(db).await;
    let manage = world.somebody(LAN, &[]).await;
    let stop = format!("/unsubscribe/{}", world.tokens.unsubscribe(1));
    world.post(&stop, &[]).await.assert_status_ok();
    let ended = world.get(&manage).await.text();
    assert!(ended.contains("Bạn đã ngừng nhận mọi tin"));
    let refused = world
        .post(
            &manage,
            &[("action", "add"), ("watch", "all"), ("frequency", "daily")],
        )
        .await;
    assert_eq!(
        refused.status_code(),
        StatusCode::BAD_REQUEST,
        "a new consent is needed"
    );
    world.next_day();
    world
        .sign_up(LAN, &[("watch", "all"), ("frequency", "instant")])
        .await;
    assert_eq!(
        world
            .number("SELECT COUNT(*) FROM subscribers WHERE ended_at IS NULL")
            .await,
        0
    );
    let confirm = world.confirmation().await;
    world.post(&confirm, &[]).await.assert_status_ok();
    world.round(&[1]).await;
    assert_eq!(world.mails().await.len(), 1);
}
