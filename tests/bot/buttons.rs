//! Every button: what it does, that its message is changed in its place, and that whoever pressed it is answered.

use super::*;
use crate::common::databases::on_sqlite;

#[tokio::test]
async fn the_button_under_news_stops_what_it_was_about_and_can_be_undone() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        talk.follow_science().await;
        talk.say("/tansuat hằng ngày").await;
        let news = one(talk.say("/moinhat").await);
        let watch = watch_id(&talk, "topic:khoa-hoc-cong-nghe").await;
        let after = talk.press_data(&news, &format!("stop:{watch}"), LAN).await;
        assert_eq!(plain(&after[0]), plain(&news), "the news stays as it is");
        assert_eq!(plain(&after[1]), "Đã thôi theo dõi: Khoa học và công nghệ");
        assert_eq!(talk.followed("42").await, [""; 0]);
        // Pressed again, there is nothing left to stop, and it is said again.
        talk.press_data(&news, &format!("stop:{watch}"), LAN).await;
        let undone = talk.press(&after[1], "↩ Theo dõi lại").await;
        assert_eq!(
            plain(&undone[0]),
            "Lại theo dõi: Khoa học và công nghệ (bản tin hằng ngày)"
        );
        assert_eq!(
            talk.followed("42").await,
            ["topic:khoa-hoc-cong-nghe daily"],
            "as often as before"
        );
        talk.press_data(&news, "stop:999", LAN).await;
        talk.press_data(&news, "what:is:this", LAN).await;
        let toasts = talk.toasts();
        assert_eq!(toasts.len(), 6, "each press is answered: {toasts:?}");
        assert_eq!(toasts[4], "Mục này không còn được theo dõi.");
        assert_eq!(toasts[5], "Nút này không còn dùng được. Hãy gõ /trogiup.");
        talk.nothing_was_refused();
    })
    .await;
}

#[tokio::test]
async fn how_and_when_news_comes_is_set_by_buttons() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        talk.follow_science().await;
        let shown = one(talk.say("/tansuat").await);
        assert_eq!(labels_of(&shown)[0], "✅ Ngay khi có tin");
        assert_eq!(labels_of(&shown)[3], "06:00 | ✅ 07:00 | 11:30 | 17:30");
        let shown = one(talk.press(&shown, "Bản tin hằng tuần").await);
        let shown = one(talk.press(&shown, "T6").await);
        let shown = one(talk.press(&shown, "17:30").await);
        let shown = one(talk.press(&shown, "🔕 21:00").await);
        let shown = one(talk.press(&shown, "Tắt xem trước").await);
        let text = plain(&shown);
        for line in [
            "Nhịp gửi: Bản tin hằng tuần",
            "Giờ bản tin: 17:30, bản tin tuần vào T6",
            "Giờ yên lặng: 21:00–06:00",
            "Xem trước liên kết: tắt",
        ] {
            assert!(text.contains(line), "{text}");
        }
        assert_eq!(shown["edited"], 5, "the message is changed in its place");
        let id = talk.person("42").await.unwrap().id;
        let wishes = talk.store.chat_wishes(id).await.unwrap().unwrap();
        assert_eq!(
            wishes.quiet,
            Some(("21:00:00".parse().unwrap(), "06:00:00".parse().unwrap()))
        );
        assert!(!wishes.preview);
        // What is so already changes nothing, which Telegram calls an error.
        let same = one(talk.press(&shown, "✅ 17:30").await);
        assert_eq!(same["edited"], 5);
        let shown = one(talk.press(&shown, "🔔").await);
        assert!(plain(&shown).contains("Giờ yên lặng: không có"));
        let not_modified = talk
            .stand_in
            .lines("log")
            .into_iter()
            .filter(|line| line["status"] != 200);
        let errors: Vec<_> = not_modified.map(|line| line["error"].clone()).collect();
        assert_eq!(errors, ["Bad Request: message is not modified"]);
    })
    .await;
}

#[tokio::test]
async fn pauses_and_languages_have_buttons() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        talk.follow_science().await;
        let offered = one(talk.say("/tamdung").await);
        assert_eq!(labels_of(&offered), ["1 ngày | 3 ngày | 7 ngày | 30 ngày"]);
        let paused = one(talk.press(&offered, "3 ngày").await);
        assert!(plain(&paused).starts_with("Loa tạm dừng đến"));
        talk.press(&paused, "Nhận lại ngay").await;
        assert!(talk.person("42").await.unwrap().paused_until.is_none());
        let asked = one(talk.say("/ngonngu").await);
        talk.press(&asked, "English").await;
        assert!(talk.told("/pause").await.starts_with("Pause for how long?"));
        talk.nothing_was_refused();
    })
    .await;
}

#[tokio::test]
async fn many_choices_are_turned_page_by_page() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        talk.follow_science().await;
        let id = talk.person("42").await.unwrap().id;
        for n in 0..17 {
            let watch = format!("phrase:cụm từ {n}").parse().unwrap();
            let often = loa::domain::subscription::Frequency::Instant;
            talk.store
                .follow(id, &watch, often, talk.clock.now())
                .await
                .unwrap();
        }
        let first = one(talk.say("/danhsach").await);
        assert!(plain(&first).starts_with("Đang theo dõi (18)"));
        assert_eq!(labels_of(&first).len(), 9);
        assert_eq!(labels_of(&first)[8], "◀ | 1/3 | ▶");
        let second = one(talk.press(&first, "▶").await);
        assert!(labels_of(&second)[0].contains("cụm từ 7") && labels_of(&second)[8].contains("2/3"));
        let dropped = one(talk.press(&second, "✖ Cụm từ “cụm từ 7”").await);
        assert!(labels_of(&dropped)[0].contains("cụm từ 8"), "the page stays");
        let third = one(talk.press(&dropped, "▶").await);
        let third = one(talk.press(&third, "✖").await);
        assert!(
            labels_of(&third).last().unwrap().contains("2/2"),
            "an emptied page gives way to the one before"
        );
        talk.nothing_was_refused();
    })
    .await;
}

#[tokio::test]
async fn an_offer_is_declined_or_expires() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        let shown = one(talk.say("/chude").await);
        let asked = one(talk.press(&shown, "Y tế").await);
        assert!(
            plain(&asked).starts_with("Theo dõi Y tế, sức khỏe (gần đây chưa có tin nào)"),
            "{asked}"
        );
        let no = one(talk.press(&asked, "Không, cảm ơn").await);
        assert!(plain(&no).starts_with("Vâng, Loa không gửi gì."));
        let asked = one(talk.say("/start topic_y-te-suc-khoe").await);
        talk.clock.advance(TimeDelta::days(8));
        let late = one(talk.press(&asked, "Ngay khi").await);
        assert!(plain(&late).starts_with("Lời mời này đã hết hạn"));
        assert!(talk.person("42").await.unwrap().confirmed_at.is_none());
        // Somebody else's offer is nobody's.
        let asked = one(talk.say("/start topic_y-te-suc-khoe").await);
        let other = one(talk
            .said(&json!({"chat": 43, "text": "/start topic_y-te-suc-khoe"}))
            .await);
        talk.press_data(&other, &data(&asked, "Ngay khi"), 43).await;
        assert_eq!(
            (talk.followed("42").await.len(), talk.followed("43").await.len()),
            (0, 0)
        );
        talk.nothing_was_refused();
    })
    .await;
}

async fn watch_id(talk: &Talk, watch: &str) -> i64 {
    let known = talk.store.watches().await.unwrap();
    known
        .iter()
        .find(|known| known.watch.to_string() == watch)
        .unwrap()
        .id
}
