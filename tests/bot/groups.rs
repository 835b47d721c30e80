//! Groups and their threads: administrators change things, everybody may read, and talk is nobody's business.

use super::*;
use crate::common::databases::on_sqlite;

/// An administrator and somebody who is none.
const MINH: i64 = 51;
const HOA: i64 = 52;

fn writes(user: i64, text: &str, thread: Option<i64>) -> Value {
    json!({"chat": GROUP, "user": user, "text": text, "type": "supergroup", "thread": thread})
}

#[tokio::test]
async fn only_administrators_change_what_a_group_follows() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        talk.members.make_ordinary(HOA);
        talk.publish(2).await;
        for command in [
            "/chude",
            "/theodoi bão số",
            "/tansuat",
            "/tamdung 3",
            "/ngonngu en",
            "/xoadulieu",
            "/start all",
        ] {
            let answer = one(talk.said(&writes(HOA, command, None)).await);
            let text = plain(&answer);
            let is_short = text == "Chỉ quản trị viên mới thay đổi được." || command.starts_with("/start");
            assert!(is_short, "{command}: {text}");
        }
        let shown = one(talk.said(&writes(MINH, "/chude@loa_test_bot", None)).await);
        let refused = talk.press_as(&shown, "Mọi tin mới", HOA).await;
        assert_eq!(plain(&refused[0]), plain(&shown), "nothing changes");
        assert_eq!(talk.toasts(), ["Chỉ quản trị viên mới thay đổi được."]);
        let asked = one(talk.press_as(&shown, "Mọi tin mới", MINH).await);
        talk.press_as(&asked, "Ngay khi", HOA).await;
        assert!(talk.followed("-1009").await.is_empty());
        talk.press_as(&asked, "Ngay khi", MINH).await;
        assert_eq!(talk.followed("-1009").await, ["all instant"]);
        // Reading is for everybody.
        for command in ["/moinhat", "/timkiem đề tài", "/danhsach", "/trogiup", "/start"] {
            assert_eq!(talk.said(&writes(HOA, command, None)).await.len(), 1, "{command}");
        }
        talk.nothing_was_refused();
    })
    .await;
}

#[tokio::test]
async fn talk_and_other_bots_commands_are_nobodys_business() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        for text in ["chuyện riêng của nhóm", "/chude@other_bot", "/play"] {
            assert!(talk.said(&writes(MINH, text, None)).await.is_empty(), "{text}");
        }
        assert_eq!(
            talk.said(&writes(MINH, "/play@loa_test_bot", None)).await.len(),
            1
        );
    })
    .await;
}

#[tokio::test]
async fn each_thread_of_a_forum_follows_for_itself_and_is_answered_there() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        let asked = one(talk
            .said(&writes(MINH, "/start topic_y-te-suc-khoe", Some(7)))
            .await);
        assert_eq!((&asked["chat"], &asked["thread"]), (&json!(GROUP), &json!(7)));
        talk.press_as(&asked, "Ngay khi", MINH).await;
        assert_eq!(talk.followed("-1009:7").await, ["topic:y-te-suc-khoe instant"]);
        assert!(talk.person("-1009").await.is_none());
        let told = plain(&one(talk.said(&writes(MINH, "/help", Some(7))).await));
        assert!(told.contains("Mã của cuộc trò chuyện này: -1009:7"), "{told}");
        talk.nothing_was_refused();
    })
    .await;
}

#[tokio::test]
async fn a_group_that_became_a_supergroup_keeps_what_it_follows() {
    on_sqlite(async |db: TestDb| {
        let Some(mut talk) = Talk::begin(&db).await else {
            return;
        };
        for thread in [None, Some(7)] {
            let asked = one(talk.said(&writes(MINH, "/start all", thread)).await);
            talk.press_as(&asked, "Ngay khi", MINH).await;
        }
        // Told by a refusal of an answer, which is sent to where the group is now.
        let moved = json!({"chat": GROUP, "kind": "migrate", "to": -100_777});
        talk.stand_in.tell("fault", &moved);
        let answer = one(talk.said(&writes(MINH, "/danhsach", None)).await);
        assert_eq!(answer["chat"], -100_777);
        assert_eq!(talk.followed("-100777").await, ["all instant"]);
        assert_eq!(talk.followed("-100777:7").await, ["all instant"]);
        assert!(talk.person("-1009").await.is_none());
    })
    .await;
}
