//! `loa articles`: what an operator does with one article by name.

use axum::http::StatusCode;
use axum_test::TestServer;
use loa::{clock::Clock, domain::token::Tokens, store::Store, web};

use crate::common::{
    process::Loa,
    records::{prepare, record, start},
    site,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_article_is_removed_by_any_of_its_names_and_answers_410() {
    let dir = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", dir.path().join("loa.db").display());
    let store = Store::open(&url).await.unwrap();
    store.migrate().await.unwrap();
    let section = prepare(&store, start()).await;
    for n in 1..=4 {
        record(&store, section, n, &[], None).await;
    }
    let loa = Loa::new(&url);
    let run = async |arguments: &[&str]| {
        let ended = loa.run(&[&["articles"], arguments].concat()).await;
        (ended.code, ended.stdout, ended.stderr)
    };
    let names = [
        "1",
        "tag:portal.example,2026:mau/article/1764000000002",
        "http://portal.example/chi-tiet-tin/-/view-article/1/7/3",
        "http://127.0.0.1:8080/articles/4",
    ];
    for (name, n) in names.iter().zip(1..) {
        let (code, said, _) = run(&["remove", name, "--reason", "Yêu cầu của cơ quan"]).await;
        assert_eq!(code, Some(0), "{name}: {said}");
        assert!(said.contains(&format!("số {n}”: removed")), "{said}");
    }
    let clock = Clock::manual(start());
    let server = TestServer::new(web::router(site::state(&store, &clock, &Tokens::new("test"))));
    let page = server.get("/articles/1").await;
    page.assert_status(StatusCode::GONE);
    assert!(page.text().contains("Loa không còn giữ bài viết này"));
    assert!(!server.get("/feeds/all.atom").await.text().contains("mau/article"));
    let (code, said, _) = run(&["restore", names[1]]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("mau/1764000000002: read again at the next poll"),
        "{said}"
    );
    for (arguments, expected, word) in [
        (&["remove", "99", "--reason", "x"][..], 1, "no such article"),
        (&["restore", "99"][..], 1, "was removed here"),
        (&["remove", "bài", "--reason", "x"][..], 2, "names no article"),
        (&["remove", "1", "--reason", " "][..], 2, "--reason is empty"),
        (&["remove", "1"][..], 2, "--reason"),
    ] {
        let (code, _, error) = run(arguments).await;
        assert_eq!(code, Some(expected), "{arguments:?}: {error}");
        assert!(error.contains(word), "{arguments:?}: {error}");
    }
    store.close().await;
}
