//! What readers say of an article's topics: a form, a count, and nothing else.

use axum::http::{StatusCode, header};
use axum_test::{TestResponse, TestServer};
use chrono::TimeDelta;
use loa::{
    clock::Clock,
    domain::token::Tokens,
    store::{Recorded, Says, TopicVote},
    web::{self, Door},
};

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{prepare, record, start},
    site, sql,
};

for_each_db!(
    a_look_at_the_form_changes_nothing,
    what_readers_say_is_counted_and_nothing_of_them_is_kept,
    an_answer_that_says_nothing_is_asked_again,
    one_client_cannot_make_the_count_by_itself,
    votes_on_what_is_not_there_are_not_taken,
    staff_settle_an_article_and_its_votes_go,
);

struct World {
    db: TestDb,
    server: TestServer,
    article: i64,
}

async fn world(db: TestDb) -> World {
    let section = prepare(&db.store, start()).await;
    let mut state = site::state(&db.store, &Clock::manual(start()), &Tokens::new("test"));
    state.door = Door::new(0, (3, 3), Vec::new().into());
    let recorded = record(&db.store, section, 1, &["khoa-hoc-cong-nghe"], None).await;
    let Recorded::New(article) = recorded else {
        panic!("{recorded:?}")
    };
    World {
        server: TestServer::new(web::router(state)),
        article,
        db,
    }
}

impl World {
    fn address(&self) -> String {
        format!("/articles/{}/topics", self.article)
    }

    async fn say(&self, fields: &[(&str, &str)]) -> TestResponse {
        self.server.post(&self.address()).form(fields).await
    }

    async fn said(&self) -> Vec<(String, Says, i64)> {
        let votes: Vec<TopicVote> = self.db.store.topic_votes(50).await.unwrap();
        votes.into_iter().map(|v| (v.topic, v.says, v.votes)).collect()
    }
}

async fn a_look_at_the_form_changes_nothing(db: TestDb) {
    let world = world(db).await;
    let article = world
        .server
        .get(&format!("/articles/{}", world.article))
        .await
        .text();
    assert!(
        article.contains(&format!("href=\"{}\"", world.address())),
        "the article leads there"
    );
    let page = world.server.get(&world.address()).await;
    page.assert_status_ok();
    let html = page.text();
    for part in [
        "Sai chủ đề?",
        "name=\"wrong\" value=\"khoa-hoc-cong-nghe\"",
        "name=\"missing\"",
        "noindex",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert!(
        !html.contains("<option value=\"khoa-hoc-cong-nghe\""),
        "what it has is not missing"
    );
    let english = world
        .server
        .get(&format!("{}?lang=en", world.address()))
        .await
        .text();
    assert!(english.contains("Wrong topic?"));
    world
        .server
        .get(&format!("{}/sent", world.address()))
        .await
        .assert_status_ok();
    assert_eq!(world.said().await, []);
}

async fn what_readers_say_is_counted_and_nothing_of_them_is_kept(db: TestDb) {
    let world = world(db).await;
    let both = [("wrong", "khoa-hoc-cong-nghe"), ("missing", "y-te-suc-khoe")];
    let answer = world.say(&both).await;
    assert_eq!(answer.status_code(), StatusCode::SEE_OTHER);
    assert_eq!(
        answer.header(header::LOCATION),
        format!("{}/sent", world.address())
    );
    world
        .say(&[
            ("wrong", "khoa-hoc-cong-nghe"),
            ("wrong", "khoa-hoc-cong-nghe"),
            ("missing", ""),
        ])
        .await;
    let expected = [
        ("khoa-hoc-cong-nghe".to_owned(), Says::ShouldNot, 2),
        ("y-te-suc-khoe".to_owned(), Says::Should, 1),
    ];
    assert_eq!(world.said().await, expected, "each once an answer");
    let article = world.db.store.article(world.article).await.unwrap().unwrap();
    assert_eq!(article.topics.len(), 1, "no topic changes by itself");
    let columns = world.db.store.topic_votes(1).await.unwrap();
    assert!(columns[0].has_it);
    let metrics = world.server.get("/metrics").await.text();
    for line in [
        "loa_topic_votes{says=\"should\"} 1",
        "loa_topic_votes{says=\"should_not\"} 2",
    ] {
        assert!(metrics.contains(line), "{line}");
    }
}

async fn an_answer_that_says_nothing_is_asked_again(db: TestDb) {
    let world = world(db).await;
    // Nothing, a topic that there is not, and what the article says already.
    for fields in [
        vec![("missing", "")],
        vec![("missing", "khong-co"), ("wrong", "y-te-suc-khoe")],
        vec![("missing", "khoa-hoc-cong-nghe")],
    ] {
        let answer = world.say(&fields).await;
        assert_eq!(
            answer.status_code(),
            StatusCode::UNPROCESSABLE_ENTITY,
            "{fields:?}"
        );
        assert!(answer.text().contains("hãy chọn ít nhất một mục"));
    }
    assert_eq!(world.said().await, []);
}

async fn one_client_cannot_make_the_count_by_itself(db: TestDb) {
    let world = world(db).await;
    // A program that fills in what nobody sees is told the same, and not counted.
    let filled = world.say(&[("missing", "y-te-suc-khoe"), ("ghi_chu", "x")]).await;
    assert_eq!(filled.status_code(), StatusCode::SEE_OTHER);
    for _ in 0..2 {
        let answer = world.say(&[("missing", "y-te-suc-khoe")]).await;
        assert_eq!(answer.status_code(), StatusCode::SEE_OTHER);
    }
    let answer = world.say(&[("missing", "y-te-suc-khoe")]).await;
    assert_eq!(answer.status_code(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header(header::RETRY_AFTER), "3600");
    assert_eq!(
        world.said().await,
        [("y-te-suc-khoe".to_owned(), Says::Should, 2)]
    );
}

async fn votes_on_what_is_not_there_are_not_taken(db: TestDb) {
    let world = world(db).await;
    for address in ["/articles/999/topics", "/articles/x/topics"] {
        world.server.get(address).await.assert_status_not_found();
        let answer = world
            .server
            .post(address)
            .form(&[("missing", "y-te-suc-khoe")])
            .await;
        answer.assert_status_not_found();
    }
    let said = [("y-te-suc-khoe".to_owned(), Says::Should)];
    world.db.store.vote(999, &said, start()).await.unwrap();
    assert_eq!(world.said().await, []);
    world.db.store.vote(world.article, &said, start()).await.unwrap();
    sql::execute(&world.db.url, "DELETE FROM articles").await;
    assert_eq!(world.said().await, [], "they go with their article");
}

async fn staff_settle_an_article_and_its_votes_go(db: TestDb) {
    let world = world(db).await;
    let later = start() + TimeDelta::days(1);
    let said = [("y-te-suc-khoe".to_owned(), Says::Should)];
    for at in [start(), later] {
        world.db.store.vote(world.article, &said, at).await.unwrap();
    }
    let votes = world.db.store.topic_votes(50).await.unwrap();
    assert_eq!(
        (votes[0].votes, votes[0].last_at, votes[0].has_it),
        (2, later, false)
    );
    assert_eq!(world.db.store.forget_votes(world.article).await.unwrap(), 2);
    assert_eq!(world.db.store.forget_votes(world.article).await.unwrap(), 0);
    assert_eq!(world.said().await, []);
}
