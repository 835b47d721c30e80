//! Channels: who runs one ties it to watches from a private chat.

use super::*;
use crate::common::databases::on_sqlite;

#[tokio::test]
async fn who_runs_a_channel_ties_it_to_watches_from_a_private_chat() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        let shown = one(talk.say("/chude @Tin_Quang_Tri").await);
        assert_eq!(shown["chat"], LAN, "the talk stays private");
        assert!(plain(&shown).starts_with("Chọn mục để theo dõi (@tin_quang_tri)"));
        let asked = one(talk.press(&shown, "Y tế").await);
        let agreed = one(talk.press(&asked, "Ngay khi").await);
        assert!(
            plain(&agreed).starts_with("Đã ghi nhận. Loa sẽ gửi @tin_quang_tri:"),
            "{agreed}"
        );
        assert_eq!(
            talk.followed("@tin_quang_tri").await,
            ["topic:y-te-suc-khoe instant"]
        );
        assert!(
            talk.person("42").await.is_none(),
            "the person follows nothing themselves"
        );
        let told = talk.told("/theodoi @tin_quang_tri bão số").await;
        assert!(told.starts_with("Đã theo dõi: Cụm từ “bão số”"), "{told}");
        let listed = one(talk.say("/danhsach @tin_quang_tri").await);
        assert!(plain(&listed).starts_with("Đang theo dõi (2)"));
        talk.press(&listed, "✖ Y tế").await;
        assert_eq!(talk.followed("@tin_quang_tri").await, ["phrase:bão số instant"]);
        talk.nothing_was_refused();
    })
    .await;
}

#[tokio::test]
async fn nobody_ties_a_channel_that_they_do_not_run_or_where_the_bot_may_not_post() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        let shown = one(talk.say("/chude @tin_quang_tri").await);
        let all = data(&shown, "Mọi tin mới");
        talk.members.make_ordinary(LAN);
        let told = talk.told("/chude @tin_quang_tri").await;
        assert!(
            told.starts_with("Loa không thấy bạn là quản trị viên của kênh này."),
            "{told}"
        );
        // An old keyboard opens nothing to who runs the channel no more, or never did.
        let after = talk.press_data(&shown, &all, LAN).await;
        assert_eq!(plain(&after[0]), plain(&shown));
        let others = one(talk.said(&json!({"chat": 43, "text": "/chude"})).await);
        talk.members.make_ordinary(43);
        talk.press_data(&others, &all, 43).await;
        assert!(
            talk.toasts()
                .iter()
                .all(|toast| toast.starts_with("Loa không thấy bạn là quản trị viên"))
        );
        let bot = 123_456;
        talk.members.make_ordinary(bot);
        let told = plain(&one(talk
            .said(&json!({"chat": 44, "text": "/chude @tin_quang_tri"}))
            .await));
        assert!(told.starts_with("Hãy thêm Loa vào kênh"), "{told}");
        assert!(
            talk.told("/chude @x").await.contains("Ví dụ: /chude @ten_kenh"),
            "an example"
        );
        talk.nothing_was_refused();
    })
    .await;
}
