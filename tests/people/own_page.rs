//! The private page: everything can be changed, taken along and erased by who has its link.

use serde_json::Value;

use super::*;

for_each_db!(
    what_is_followed_is_changed_with_a_button,
    digests_come_when_their_reader_wants_them,
    a_pause_ends_on_its_day_or_before,
    the_page_speaks_its_readers_language,
    a_new_link_makes_the_old_ones_void,
    the_export_holds_everything_of_one_person_and_nothing_of_others,
    erased_is_erased,
    no_answer_lets_the_token_out,
    nonsense_is_refused_and_changes_nothing,
    a_program_with_a_link_is_slowed_down,
);

async fn act(world: &World, page: &str, fields: &[(&str, &str)]) -> String {
    let answer = world.post(page, fields).await;
    assert_is_private(&answer);
    let target = moved_to(&answer);
    let shown = world.get(target.split('#').next().unwrap()).await;
    shown.assert_status_ok();
    shown.text()
}

async fn what_is_followed_is_changed_with_a_button(db: TestDb) {
    let world = World::new(db).await;
    let own = world.somebody(LAN, &[]).await;
    let page = act(
        &world,
        &own,
        &[
            ("action", "add"),
            ("watch", "topic:y-te-suc-khoe"),
            ("phrase", "xã Hải Lăng"),
            ("frequency", "weekly"),
        ],
    )
    .await;
    assert_eq!(
        texts(&page, ".watches h3"),
        ["Khoa học và công nghệ", "Y tế, sức khỏe", "Cụm từ “xã Hải Lăng”"]
    );
    assert_eq!(texts(&page, "#notice"), ["Đã thêm vào danh sách theo dõi."]);
    assert_eq!(
        count(&page, "#watch option[value='topic:y-te-suc-khoe']"),
        0,
        "it is followed already"
    );
    let page = act(
        &world,
        &own,
        &[
            ("action", "frequency"),
            ("watch", "topic:khoa-hoc-cong-nghe"),
            ("frequency", "instant"),
        ],
    )
    .await;
    assert_eq!(count(&page, "#frequency-1 option[value=instant][selected]"), 1);
    let page = act(
        &world,
        &own,
        &[("action", "remove"), ("watch", "topic:y-te-suc-khoe")],
    )
    .await;
    assert_eq!(texts(&page, ".watches h3").len(), 2);
    world.round(&[1]).await;
    assert_eq!(world.mails().await.len(), 1, "at once now");
    for (fields, field) in [
        (&[("action", "add"), ("frequency", "daily")][..], "#watch-error"),
        (
            &[("action", "add"), ("frequency", "daily"), ("phrase", "x")][..],
            "#phrase-error",
        ),
        (
            &[
                ("action", "add"),
                ("frequency", "daily"),
                ("watch", "topic:khong-co"),
            ][..],
            "#watch-error",
        ),
        (
            &[
                ("action", "add"),
                ("frequency", "daily"),
                ("watch", "phrase:khoa học"),
            ][..],
            "#watch-error",
        ),
    ] {
        let refused = world.post(&own, fields).await;
        assert_eq!(refused.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_is_private(&refused);
        assert_eq!(count(&refused.text(), field), 1, "{fields:?}");
    }
}

async fn digests_come_when_their_reader_wants_them(db: TestDb) {
    let world = World::new(db).await;
    let own = world.somebody(LAN, &[]).await;
    let page = world.get(&own).await.text();
    assert_eq!(
        (value(&page, "#at"), count(&page, "[name=days][checked]")),
        ("07:00".to_owned(), 7)
    );
    let wish = [
        ("action", "schedule"),
        ("at", "16:30"),
        ("days", "mon"),
        ("days", "fri"),
        ("weekly", "sat"),
        ("zone", "Europe/Berlin"),
    ];
    let page = act(&world, &own, &wish).await;
    assert_eq!(value(&page, "#at"), "16:30");
    assert_eq!(value(&page, "#zone"), "Europe/Berlin");
    assert_eq!(count(&page, "[name=days][checked]"), 2);
    assert_eq!(count(&page, "#weekly option[value=sat][selected]"), 1);
    for (name, bad) in [("at", "25:00"), ("zone", "Mars/Base"), ("days", "")] {
        let mut fields = wish.to_vec();
        fields.retain(|(known, _)| *known != name);
        fields.push((name, bad));
        let refused = world.post(&own, &fields).await;
        assert_eq!(refused.status_code(), StatusCode::UNPROCESSABLE_ENTITY, "{name}");
        assert_eq!(count(&refused.text(), "#times-error"), 1, "{name}");
    }
    // Wednesday to Friday, 16:30 in Berlin is 15:30 UTC.
    world.round(&[1]).await;
    let usual = loa::domain::schedule::Usual {
        at: "07:00:00".parse().unwrap(),
        days: loa::domain::schedule::Days::ALL,
    };
    let mut sent = Vec::new();
    for hours in [24, 48, 7, 1] {
        world.clock.advance(TimeDelta::hours(hours));
        while loa::jobs::digest::digest(&world.db.store, usual, world.clock.now())
            .await
            .unwrap()
            != Step::Idle
        {}
        sent.push(world.mails().await.len());
    }
    assert_eq!(sent, [0, 0, 0, 1], "Friday at half past four");
}

async fn a_pause_ends_on_its_day_or_before(db: TestDb) {
    let world = World::new(db).await;
    let own = world.somebody(LAN, &[("frequency", "instant")]).await;
    let page = act(&world, &own, &[("action", "pause"), ("until", "2026-11-27")]).await;
    assert!(page.contains("27/11/2026"));
    world.round(&[1]).await;
    assert_eq!(world.mails().await.len(), 0);
    world.clock.advance(TimeDelta::days(3));
    world.round(&[2]).await;
    assert_eq!(
        world.mails().await.len(),
        1,
        "over by itself, and nothing made up for"
    );
    for bad in ["2026-11-27", "2028-01-01", "mai", ""] {
        let refused = world.post(&own, &[("action", "pause"), ("until", bad)]).await;
        assert_eq!(refused.status_code(), StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert_eq!(count(&refused.text(), "#until-error"), 1);
    }
    act(&world, &own, &[("action", "pause"), ("until", "2026-12-20")]).await;
    let page = act(&world, &own, &[("action", "resume")]).await;
    assert_eq!(count(&page, "[value=resume]"), 0);
    world.round(&[3]).await;
    assert_eq!(world.mails().await.len(), 1);
}

async fn the_page_speaks_its_readers_language(db: TestDb) {
    let world = World::new(db).await;
    let own = world.somebody(LAN, &[("frequency", "instant")]).await;
    let page = act(&world, &own, &[("action", "language"), ("language", "en")]).await;
    assert_eq!(texts(&page, "h1"), ["Your subscription"]);
    assert_eq!(attribute(&page, "html", "lang"), "en");
    world.round(&[1]).await;
    assert!(world.mails().await[0].text.contains("Science and technology"));
    let vietnamese = world.get(&format!("{own}?lang=vi")).await.text();
    assert_eq!(
        texts(&vietnamese, "h1"),
        ["Đăng ký nhận tin của bạn"],
        "who asks for it in the address"
    );
    let carried = attribute(&vietnamese, "form.onward", "action");
    assert!(carried.ends_with("?lang=vi"), "{carried}");
}

async fn a_new_link_makes_the_old_ones_void(db: TestDb) {
    let world = World::new(db).await;
    world.sign_up(LAN, &[]).await;
    let confirm = world.confirmation().await;
    let own = href(&world.post(&confirm, &[]).await.text(), "a[href*='/manage/']");
    let made = world.post(&own, &[("action", "new-link")]).await;
    let fresh = moved_to(&made).split('?').next().unwrap().to_owned();
    assert_ne!(fresh, own);
    assert_eq!(world.get(&own).await.status_code(), StatusCode::NOT_FOUND);
    world.get(&fresh).await.assert_status_ok();
    assert_eq!(link(&world.mails().await[0], "manage"), fresh);
    let again = world.post(&confirm, &[]).await.text();
    assert_eq!(
        count(&again, "a[href*='/manage/']"),
        0,
        "nor does an older mail lead to it"
    );
    let mut newest = fresh;
    for _ in 0..12 {
        newest = moved_to(&world.post(&newest, &[("action", "new-link")]).await)
            .split('?')
            .next()
            .unwrap()
            .to_owned();
    }
    let page = world.get(&format!("{newest}?done=no-new-link")).await.text();
    assert!(texts(&page, "#notice").concat().contains("quá nhiều"));
    assert_eq!(
        world.number("SELECT link_number FROM subscribers").await,
        10,
        "ten a day"
    );
}

async fn the_export_holds_everything_of_one_person_and_nothing_of_others(db: TestDb) {
    let world = World::new(db).await;
    world
        .somebody("nguoi-khac@example.vn", &[("watch", "phrase:của người khác")])
        .await;
    let own = world
        .somebody(
            LAN,
            &[
                ("frequency", "instant"),
                ("watch", "phrase:giống lúa"),
                ("watch", "topic:khoa-hoc-cong-nghe"),
            ],
        )
        .await;
    world.round(&[1]).await;
    world.mails().await;
    let mut sql = Sql::connect(&world.db.url).await;
    sql.run(
        "INSERT INTO bounces (event_key, address_hash, subscriber_id, delivery_id, at, kind, source, status, detail)
         VALUES ('k', 'h', 2, 3, '2026-11-24T00:00:00Z', 'soft', 'dsn', '4.2.2', 'mailbox of lan is full')",
    )
    .await;
    let file = world.get(&format!("{own}/export")).await;
    file.assert_status_ok();
    assert_is_private(&file);
    file.assert_header("content-type", "application/json");
    file.assert_header("content-disposition", "attachment; filename=\"loa.json\"");
    assert!(!file.text().contains("khác"), "{}", file.text());
    let held: Value = file.json();
    assert_eq!(held["subscriber"]["address"], LAN);
    assert_eq!(held["signups"][0]["wording"], format!("{WORDING}/vi"));
    assert_eq!(held["signups"][0]["watches"].as_array().unwrap().len(), 2);
    assert_eq!(held["subscriptions"].as_array().unwrap().len(), 2);
    let kinds: Vec<&str> = held["deliveries"]
        .as_array()
        .unwrap()
        .iter()
        .map(|d| d["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["confirmation", "alert"]);
    assert_eq!(held["bounces"][0]["detail"], "mailbox of lan is full");
    // A column that comes later is either told or named here.
    let told = held["subscriber"].as_object().unwrap();
    let columns = if sql.is_sqlite() {
        "SELECT name FROM pragma_table_info('subscribers')"
    } else {
        "SELECT column_name::text FROM information_schema.columns WHERE table_name = 'subscribers' AND table_schema = current_schema()"
    };
    let inner = [
        "daily_schedule_id",
        "daily_told",
        "daily_since",
        "weekly_schedule_id",
        "weekly_told",
        "weekly_since",
        "office_id",
    ];
    for column in sql.texts(columns).await {
        assert!(
            told.contains_key(&column) || inner.contains(&column.as_str()),
            "{column} is not told"
        );
    }
}

async fn erased_is_erased(db: TestDb) {
    let world = World::new(db).await;
    let other = world.somebody("nguoi-khac@example.vn", &[]).await;
    let own = world.somebody(LAN, &[("frequency", "instant")]).await;
    world.round(&[1]).await;
    world.mails().await;
    let hash = world.tokens.address_hash(LAN);
    let mut sql = Sql::connect(&world.db.url).await;
    sql.run(&format!(
        "INSERT INTO suppressions (address_hash, at, reason) VALUES ('{hash}', '2026-11-24T00:00:00Z', 'bounce');
         INSERT INTO bounces (event_key, address_hash, subscriber_id, delivery_id, at, kind, source, status, detail)
         VALUES ('k', '{hash}', 2, 3, '2026-11-24T00:00:00Z', 'hard', 'dsn', '5.1.1', 'no mailbox lan@example.vn here')"
    ))
    .await;
    let asked = world.get(&format!("{own}/erase")).await;
    asked.assert_status_ok();
    assert_is_private(&asked);
    let hasty = world.post(&own, &[("action", "erase")]).await;
    assert_eq!(
        hasty.status_code(),
        StatusCode::BAD_REQUEST,
        "the second step is explicit"
    );
    assert!(!world.rows_with(LAN).await.is_empty());
    let done = world.post(&own, &[("action", "erase"), ("really", "yes")]).await;
    let page = world.get(&moved_to(&done)).await;
    assert_eq!(heading(&page), "Đã xóa tất cả");
    assert_eq!(world.rows_with(LAN).await, Vec::<String>::new());
    assert_eq!(
        world.number("SELECT COUNT(*) FROM suppressions").await,
        1,
        "known by its hash alone"
    );
    assert_eq!(
        world
            .number("SELECT COUNT(*) FROM bounces WHERE subscriber_id IS NULL AND detail = ''")
            .await,
        1
    );
    for gone in [
        own.clone(),
        format!("{own}/export"),
        format!("/unsubscribe/{}", world.tokens.unsubscribe(2)),
    ] {
        assert_eq!(
            world.get(&gone).await.status_code(),
            StatusCode::NOT_FOUND,
            "{gone}"
        );
    }
    let confirm = format!("/confirm/{}", world.tokens.confirm(2));
    assert_eq!(world.post(&confirm, &[]).await.status_code(), StatusCode::GONE);
    world.get(&other).await.assert_status_ok();
    world.next_day();
    world.sign_up("moi@example.vn", &[]).await;
    assert_eq!(
        world.get(&own).await.status_code(),
        StatusCode::NOT_FOUND,
        "no row number comes twice"
    );
}

async fn no_answer_lets_the_token_out(db: TestDb) {
    let world = World::new(db).await;
    let own = world.somebody(LAN, &[]).await;
    let token = own.rsplit('/').next().unwrap();
    let page = world.get(&own).await;
    assert_is_private(&page);
    let policy = page
        .header("content-security-policy")
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        policy.contains("default-src 'none'")
            && policy.contains("frame-ancestors 'none'")
            && policy.contains("form-action 'self'")
    );
    let html = page.text();
    assert_eq!(attribute(&html, "meta[name=robots]", "content"), "noindex");
    assert_eq!(
        count(
            &html,
            "script, link[rel=canonical], link[rel=alternate][hreflang]"
        ),
        0
    );
    assert!(!world.get("/metrics").await.text().contains(token));
    for row in world.dump().await {
        assert!(!row.contains(token), "{row}");
    }
    for action in ["export", "erase"] {
        let address = format!("{own}/{action}");
        assert_is_private(&world.get(&address).await);
    }
}

async fn nonsense_is_refused_and_changes_nothing(db: TestDb) {
    let world = World::new(db).await;
    let own = world.somebody(LAN, &[]).await;
    let before = world.dump().await;
    for fields in [
        &[][..],
        &[("action", "drop")],
        &[("action", "language"), ("language", "fr")],
        &[
            ("action", "frequency"),
            ("watch", "topic:y-te-suc-khoe"),
            ("frequency", "daily"),
        ],
        &[
            ("action", "frequency"),
            ("watch", "topic:khoa-hoc-cong-nghe"),
            ("frequency", "hourly"),
        ],
        &[("action", "remove"), ("watch", "x")],
    ] {
        let refused = world.post(&own, fields).await;
        assert_eq!(refused.status_code(), StatusCode::BAD_REQUEST, "{fields:?}");
        assert_is_private(&refused);
    }
    let page = world.get(&format!("{own}?done=%3Cscript%3E")).await.text();
    assert_eq!(count(&page, "#notice"), 0);
    assert_eq!(world.dump().await, before);
}

async fn a_program_with_a_link_is_slowed_down(db: TestDb) {
    let world = World::new(db).await;
    let own = world.somebody(LAN, &[]).await;
    for _ in 0..300 {
        let answer = world.post(&own, &[("action", "drop")]).await;
        assert_eq!(answer.status_code(), StatusCode::BAD_REQUEST);
    }
    let resume = [("action", "resume")];
    let slowed = world.post(&own, &resume).await;
    assert_eq!(slowed.status_code(), StatusCode::TOO_MANY_REQUESTS);
    slowed.assert_header("retry-after", "3600");
    assert_is_private(&slowed);
    let stop = format!("/unsubscribe/{}", world.tokens.unsubscribe(1));
    world.post(&stop, &[]).await.assert_status_ok();
    world.clock.advance(TimeDelta::hours(1));
    act(&world, &own, &[("action", "send-link")]).await;
}
