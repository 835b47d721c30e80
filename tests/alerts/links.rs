//! The private link in a mail.

use super::*;

for_each_db!(the_unsubscribe_link_of_a_mail_works_over_http,);

async fn the_unsubscribe_link_of_a_mail_works_over_http(db: TestDb) {
    let world = World::owing(db, LAN).await;
    let (dispatch, outbox) = world.to_memory();
    run(&dispatch).await;
    let url = outbox.mails()[0].unsubscribe_url.clone().unwrap();
    assert!(outbox.mails()[0].text.contains(&url));
    let path = url.strip_prefix(site::PUBLIC_URL).unwrap();
    let state = site::state(&world.db.store, &world.clock, &world.tokens);
    let server = TestServer::new(web::router(state));

    let asked = server.get(path).await;
    asked.assert_status_ok();
    asked.assert_header(header::CACHE_CONTROL, "no-store");
    asked.assert_header(header::REFERRER_POLICY, "no-referrer");
    let page = asked.text();
    assert!(
        page.contains("l…@example.vn") && !page.contains(LAN),
        "the address is masked"
    );
    assert_eq!(world.ended().await, 0, "a GET changes nothing");

    world.round(&[2]).await;
    let one_click = async |path: &str| {
        server
            .post(path)
            .form(&[("List-Unsubscribe", "One-Click")])
            .await
            .status_code()
    };
    assert_eq!(one_click(path).await, StatusCode::OK);
    assert_eq!(world.ended().await, 1);
    run(&dispatch).await;
    assert_eq!(outbox.mails().len(), 1, "not even what was waiting");
    assert_eq!(
        one_click(path).await,
        StatusCode::OK,
        "a second click does no harm"
    );
    server.get(path).await.assert_status_ok();

    let other = world.tokens.unsubscribe(999);
    for bad in [
        "/unsubscribe/x",
        &format!("{path}A"),
        &format!("/unsubscribe/{other}"),
    ] {
        assert_eq!(one_click(bad).await, StatusCode::NOT_FOUND, "{bad}");
        assert_eq!(
            server.get(bad).await.status_code(),
            StatusCode::NOT_FOUND,
            "{bad}"
        );
    }
}
