//! Every command, in both languages, alone and with words behind it, right and wrong.

use super::*;
use crate::common::databases::for_each_db;

for_each_db!(
    a_start_greets_tells_the_chats_id_and_keeps_nothing,
    a_link_asks_for_consent_and_what_was_agreed_to_is_on_record,
    the_topics_of_someone_who_agreed_turn_on_and_off,
    a_phrase_is_followed_with_its_volume_and_a_common_one_is_refused,
    digests_quiet_hours_and_previews_are_set_by_words,
    everything_is_erased_after_a_second_question,
    whoever_blocked_the_bot_is_back_with_start,
);

async fn a_start_greets_tells_the_chats_id_and_keeps_nothing(db: TestDb) {
    let Some(mut talk) = Talk::begin(&db).await else {
        return;
    };
    let greeting = one(talk.say("/start").await);
    let text = plain(&greeting);
    assert!(
        text.starts_with("Xin chào! Loa báo cho bạn tin mới của Cổng <mẫu> & bạn"),
        "{text}"
    );
    assert!(text.contains("Mã của cuộc trò chuyện này: 42") && text.contains("https://tin.example.vn"));
    assert_eq!(labels_of(&greeting), ["Chọn chủ đề | Tin mới nhất"]);
    let english = talk
        .said(&json!({"chat": 43, "text": "/help@loa_test_bot", "lang": "en"}))
        .await;
    assert!(plain(&one(english)).starts_with("/topics – Choose topics to follow\n"));
    assert!(talk.person("42").await.is_none() && talk.person("43").await.is_none());
    talk.nothing_was_refused();
}

async fn a_link_asks_for_consent_and_what_was_agreed_to_is_on_record(db: TestDb) {
    let Some(mut talk) = Talk::begin(&db).await else {
        return;
    };
    talk.publish(8).await;
    let asked = one(talk.say("/start topic_khoa-hoc-cong-nghe").await);
    let text = plain(&asked);
    assert!(
        text.starts_with("Theo dõi Khoa học và công nghệ (khoảng 8 tin mỗi tuần)"),
        "{text}"
    );
    assert!(
        text.contains("bạn đồng ý để Sở Mẫu lưu mã của cuộc trò chuyện này"),
        "{text}"
    );
    assert_eq!(
        labels_of(&asked),
        [
            "Ngay khi có tin",
            "Bản tin hằng ngày",
            "Bản tin hằng tuần",
            "Không, cảm ơn"
        ],
        "nothing is chosen for them"
    );
    assert_eq!(talk.followed("42").await, [""; 0]);
    let agreed = one(talk.press(&asked, "Bản tin hằng ngày").await);
    assert!(
        plain(&agreed).contains("• Khoa học và công nghệ (bản tin hằng ngày)"),
        "{agreed}"
    );
    assert_eq!(talk.followed("42").await, ["topic:khoa-hoc-cong-nghe daily"]);
    let person = talk.person("42").await.unwrap();
    assert_eq!(
        talk.store.basis(person.id).await.unwrap().as_deref(),
        Some("telegram sign-up, wording telegram-2026-12/vi")
    );
    let held = talk.store.held(person.id).await.unwrap().unwrap().to_json();
    let held: Value = serde_json::from_str(&held).unwrap();
    let signup = &held["signups"][0];
    assert_eq!(signup["watches"], json!(["topic:khoa-hoc-cong-nghe"]));
    assert_eq!(
        (&signup["wording"], &signup["frequency"]),
        (&json!("telegram-2026-12/vi"), &json!("daily"))
    );
    assert!(signup["confirmed_at"].is_string());
    // A section's link, now that they agreed: followed at once, as often as the rest.
    let told = talk.told("/start section_mau_khoa-hoc").await;
    assert!(
        told.starts_with("Đã theo dõi: Chuyên mục Khoa học\nBản tin hằng ngày"),
        "{told}"
    );
    assert!(talk.told("/start topic_khong-co").await.contains("không còn nữa"));
    // The button pressed once more, by an impatient thumb, changes nothing.
    talk.press_data(&asked, &data(&asked, "Bản tin hằng ngày"), LAN)
        .await;
    assert_eq!(
        talk.followed("42").await,
        ["topic:khoa-hoc-cong-nghe daily", "section:mau/khoa-hoc daily"]
    );
    talk.nothing_was_refused();
}

async fn the_topics_of_someone_who_agreed_turn_on_and_off(db: TestDb) {
    let Some(mut talk) = Talk::begin(&db).await else {
        return;
    };
    talk.follow_science().await;
    let shown = one(talk.say("/CHUDE@Loa_test_bot").await);
    assert_eq!(
        labels_of(&shown),
        [
            "Mọi tin mới",
            "✅ Khoa học và công nghệ",
            "Y tế, sức khỏe",
            "Chuyên mục Khoa học"
        ]
    );
    let health = data(&shown, "Y tế");
    let after = one(talk.press(&shown, "Y tế").await);
    assert_eq!(
        labels_of(&after)[2],
        "✅ Y tế, sức khỏe",
        "the keyboard is changed in its place"
    );
    // The same press, told twice, turns nothing back.
    talk.press_data(&after, &health, LAN).await;
    assert_eq!(
        talk.followed("42").await,
        ["topic:khoa-hoc-cong-nghe instant", "topic:y-te-suc-khoe instant"]
    );
    let after = talk.press(&after, "✅ Khoa học").await;
    assert_eq!(labels_of(&after[0])[1], "Khoa học và công nghệ");
    assert_eq!(talk.followed("42").await, ["topic:y-te-suc-khoe instant"]);
    let listed = one(talk.say("/danhsach").await);
    assert_eq!(
        plain(&listed),
        "Đang theo dõi (1)\n• Y tế, sức khỏe – ngay khi có tin"
    );
    let emptied = talk.press(&listed, "✖ Y tế").await;
    assert!(plain(&emptied[0]).starts_with("Chưa theo dõi mục nào"));
    assert_eq!(talk.toasts().last().unwrap(), "Đã thôi theo dõi: Y tế, sức khỏe");
}

async fn a_phrase_is_followed_with_its_volume_and_a_common_one_is_refused(db: TestDb) {
    let Some(mut talk) = Talk::begin(&db).await else {
        return;
    };
    talk.publish(24).await;
    assert!(
        talk.told("/theodoi").await.contains("/theodoi bão số"),
        "an example"
    );
    assert!(talk.told("/theodoi a").await.contains("Ví dụ: /theodoi bão số"));
    let refused = talk.told("/theodoi đề tài khoa học").await;
    assert!(refused.contains("có trong hầu hết các tin"), "{refused}");
    let asked = one(talk.say("/follow “khoa học số 7”").await);
    assert!(
        plain(&asked).starts_with("Theo dõi Cụm từ “khoa học số 7” (khoảng 1 tin mỗi tuần)"),
        "{asked}"
    );
    talk.press(&asked, "Ngay khi").await;
    let told = talk.told("/theodoi cảng <Mỹ Thủy>").await;
    assert!(
        told.starts_with("Đã theo dõi: Cụm từ “cảng <Mỹ Thủy>”\nNgay khi có tin, gần đây chưa có tin nào."),
        "{told}"
    );
    let told = talk.told("/botheodoi lũ").await;
    assert!(told.contains("Chưa theo dõi “lũ”"), "{told}");
    let stopped = one(talk.say("/botheodoi CẢNG <mỹ thuỷ>").await);
    assert_eq!(plain(&stopped), "Đã thôi theo dõi: Cụm từ “cảng <Mỹ Thủy>”");
    assert_eq!(talk.followed("42").await, ["phrase:khoa học số 7 instant"]);
    talk.press(&stopped, "↩").await;
    assert_eq!(talk.followed("42").await.len(), 2);
    assert!(talk.told("/unfollow").await.starts_with("Đang theo dõi (2)"));
    talk.nothing_was_refused();
}

async fn digests_quiet_hours_and_previews_are_set_by_words(db: TestDb) {
    let Some(mut talk) = Talk::begin(&db).await else {
        return;
    };
    assert!(talk.told("/tansuat").await.starts_with("Chưa theo dõi mục nào"));
    talk.follow_science().await;
    let told = talk.told("/tansuat hằng tuần").await;
    assert!(
        told.contains("Nhịp gửi: Bản tin hằng tuần") && told.contains("Giờ bản tin: 07:00"),
        "{told}"
    );
    let told = talk.told("/tansuat 6:30").await;
    assert!(told.contains("Giờ bản tin: 06:30, bản tin tuần vào T2"), "{told}");
    let told = talk.told("/frequency 21:30-06:00").await;
    assert!(told.contains("Giờ yên lặng: 21:30–06:00"), "{told}");
    assert!(
        talk.told("/tansuat luôn kêu")
            .await
            .contains("Giờ yên lặng: không có")
    );
    assert!(
        talk.told("/tansuat bao giờ cũng được")
            .await
            .contains("/tansuat 06:30"),
        "an example"
    );
    assert_eq!(talk.followed("42").await, ["topic:khoa-hoc-cong-nghe weekly"]);
    let id = talk.person("42").await.unwrap().id;
    let weekly = talk
        .store
        .schedule_of(id, loa::domain::subscription::Frequency::Weekly)
        .await
        .unwrap();
    assert_eq!(weekly.unwrap().at(), Some("06:30:00".parse().unwrap()));
    talk.nothing_was_refused();
}

async fn everything_is_erased_after_a_second_question(db: TestDb) {
    let Some(mut talk) = Talk::begin(&db).await else {
        return;
    };
    assert_eq!(
        talk.told("/xoadulieu").await,
        "Loa không lưu gì về cuộc trò chuyện này."
    );
    talk.follow_science().await;
    let asked = one(talk.say("/erase").await);
    talk.press(&asked, "Giữ lại").await;
    assert!(talk.person("42").await.is_some());
    let asked = one(talk.say("/xoadulieu").await);
    let erased = talk.press(&asked, "Xóa tất cả").await;
    assert!(plain(&erased[0]).starts_with("Đã xóa."));
    assert!(talk.person("42").await.is_none());
    talk.nothing_was_refused();
}

async fn whoever_blocked_the_bot_is_back_with_start(db: TestDb) {
    let Some(mut talk) = Talk::begin(&db).await else {
        return;
    };
    talk.follow_science().await;
    let told = talk.told("/theodoi bão số").await;
    assert!(told.starts_with("Đã theo dõi"), "{told}");
    talk.say("/botheodoi bão số").await;
    talk.stand_in
        .tell("fault", &json!({"chat": LAN, "kind": "blocked"}));
    assert!(talk.say("/danhsach").await.is_empty());
    let person = talk.person("42").await.unwrap();
    assert!(person.ended_at.is_some(), "the block was noticed");
    assert_eq!(talk.followed("42").await, [""; 0]);
    let told = talk.told("/start").await;
    assert!(
        told.starts_with("Chào mừng trở lại! Loa lại gửi vào đây:\n• Khoa học và công nghệ\n"),
        "{told}"
    );
    assert_eq!(
        talk.followed("42").await,
        ["topic:khoa-hoc-cong-nghe instant"],
        "what was given up before stays so"
    );
    assert_eq!(
        talk.store.basis(person.id).await.unwrap().as_deref(),
        Some("telegram sign-up, wording telegram-start-2026-12/vi")
    );
}

#[tokio::test]
async fn the_menu_is_set_in_both_languages() {
    crate::common::databases::on_sqlite(async |db: TestDb| {
        let Some(talk) = Talk::begin(&db).await else {
            return;
        };
        let state: Value = serde_json::from_str(&talk.stand_in.control("state")).unwrap();
        let menus = state["commands"].as_array().unwrap();
        let named = |menu: &Value| (menu["language_code"].clone(), menu["commands"][0].clone());
        assert_eq!(
            menus.iter().map(named).collect::<Vec<_>>(),
            [
                (
                    Value::Null,
                    json!({"command": "chude", "description": "Chọn chủ đề để theo dõi"})
                ),
                (
                    json!("en"),
                    json!({"command": "topics", "description": "Choose topics to follow"})
                ),
            ]
        );
        talk.nothing_was_refused();
    })
    .await;
}

#[tokio::test]
async fn news_is_shown_and_found_and_wrong_input_gets_an_example() {
    crate::common::databases::on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        assert_eq!(talk.told("/moinhat").await, "Chưa có tin nào.");
        talk.publish(7).await;
        let latest = one(talk.say("/latest").await);
        assert!(
            plain(&latest).starts_with("Tin mới nhất\n\nTỉnh công bố đề tài khoa học số 7\nCổng TTĐT · ")
        );
        assert!(
            latest["text"]
                .as_str()
                .unwrap()
                .contains("<a href=\"http://portal.example/")
        );
        let older = talk.press(&latest, "Cũ hơn").await;
        assert!(
            plain(&older[0]).ends_with("số 1\nCổng TTĐT · 15:01, Thứ Ba, 24/11/2026"),
            "{}",
            older[0]
        );
        assert_eq!(labels_of(&older[0]), ["◀ Mới nhất"]);
        let back = talk.press(&older[0], "◀").await;
        assert_eq!(plain(&back[0]), plain(&latest));
        let found = one(talk.say("/timkiem \"số 3\"").await);
        assert!(plain(&found).contains("đề tài khoa học số 3"), "{found}");
        assert_eq!(
            found["buttons"][0][0]["url"],
            "https://tin.example.vn/search?q=%22s%E1%BB%91+3%22"
        );
        assert!(talk.told("/search").await.contains("/timkiem cảng Mỹ Thủy"));
        assert!(
            talk.told("/timkiem -x")
                .await
                .contains("chỉ nêu điều cần loại trừ")
        );
        assert!(
            talk.told("/timkiem <không có>")
                .await
                .starts_with("Chưa có tin nào khớp với “<không có>”.")
        );
        assert!(
            talk.told("/nhanh")
                .await
                .starts_with("Loa không có lệnh này. Ví dụ: /chude")
        );
        assert!(talk.told("bão <số> 5").await.contains("/timkiem bão <số> 5"));
        talk.nothing_was_refused();
    })
    .await;
}

#[tokio::test]
async fn a_pause_and_the_language_are_set_by_words() {
    crate::common::databases::on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        talk.follow_science().await;
        assert!(
            talk.told("/tamdung ba ngày").await.contains("/tamdung 7"),
            "an example"
        );
        let told = talk.told("/pause 7").await;
        assert!(told.starts_with("Loa tạm dừng đến 15:"), "{told}");
        assert!(talk.person("42").await.unwrap().paused_until.is_some());
        assert!(talk.told("/danhsach").await.contains("Đang tạm dừng đến"));
        assert_eq!(talk.told("/tamdung tiếp").await, "Loa lại gửi tin như trước.");
        assert!(talk.person("42").await.unwrap().paused_until.is_none());
        assert!(
            talk.told("/ngonngu fr").await.contains("/language en"),
            "an example"
        );
        assert_eq!(
            talk.told("/language en").await,
            "Very well, Loa speaks English from now on."
        );
        assert!(
            talk.told("/danhsach")
                .await
                .starts_with("Followed (1)\n• Science and technology – at once")
        );
        talk.nothing_was_refused();
    })
    .await;
}
