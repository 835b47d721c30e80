//! The links in mails: scanners follow all of them, and nobody else's open anything.

use super::*;

for_each_db!(
    following_every_link_of_every_mail_changes_nothing,
    one_click_ends_everything_without_cookie_or_redirect,
    what_is_no_token_of_ours_opens_nothing_and_says_nothing,
    the_link_to_stop_opens_no_private_page,
);

/// All addresses on this site in a mail, with their parameters.
fn links(mail: &Mail) -> Vec<String> {
    let both = format!("{} {}", mail.text, mail.html.replace(['"', '<', '>'], " "));
    let ours = both.split_whitespace().filter_map(|word| {
        let at = word.find(site::PUBLIC_URL)?;
        Some(path(word[at..].trim_end_matches(['.', ',', ')', '>'])).replace("&amp;", "&"))
    });
    let mut found: Vec<String> = ours.filter(|path| path.starts_with('/')).collect();
    found.extend(mail.unsubscribe_url.as_deref().map(path));
    found.sort();
    found.dedup();
    found
}

async fn following_every_link_of_every_mail_changes_nothing(db: TestDb) {
    let world = World::new(db).await;
    let manage = world.somebody(LAN, &[("frequency", "instant")]).await;
    world.somebody("hang-ngay@example.vn", &[]).await;
    let official = loa::store::Official {
        import: loa::store::Import {
            address: Address::parse(Channel::Email, "can-bo@example.vn").unwrap(),
            watch: "all".parse().unwrap(),
            frequency: "weekly".parse().unwrap(),
        },
        office: None,
        language: None,
        schedules: Vec::new(),
    };
    let store = &world.db.store;
    store
        .import_all(
            &[official],
            "Quyết định 12",
            true,
            &world.tokens,
            world.clock.now(),
        )
        .await
        .unwrap();
    world.sign_up("moi@example.vn", &[]).await;
    world.post(&manage, &[("action", "send-link")]).await;
    world.round(&[1, 2]).await;
    let mut mails = world.mails().await;
    // Past seven on Monday: the daily and the weekly digest.
    world.clock.advance(TimeDelta::days(6));
    let usual = loa::domain::schedule::Usual {
        at: "07:00:00".parse().unwrap(),
        days: loa::domain::schedule::Days::ALL,
    };
    while loa::jobs::digest::digest(store, usual, world.clock.now())
        .await
        .unwrap()
        != Step::Idle
    {}
    mails.extend(world.mails().await);
    let mut kinds: Vec<&str> = mails.iter().map(|mail| mail.stream).collect();
    kinds.sort_unstable();
    kinds.dedup();
    assert_eq!(
        kinds,
        ["alert", "confirmation", "daily", "link", "weekly", "welcome"]
    );
    let before = world.dump().await;
    for mail in &mails {
        let links = links(mail);
        assert!(!links.is_empty(), "{}", mail.stream);
        for link in links {
            let page = world.get(&link).await;
            assert!(
                page.status_code().is_success(),
                "{} {link}: {}",
                mail.stream,
                page.status_code()
            );
            // What stands on the page as a link is followed too.
            let html = Html::parse_document(&page.text());
            let onward: Vec<String> = html
                .select(&Selector::parse("main a[href^='/']").unwrap())
                .map(|a| a.attr("href").unwrap().to_owned())
                .collect();
            for onward in onward {
                world.get(&onward).await;
            }
            world.server.method(axum::http::Method::HEAD, &link).await;
        }
    }
    let after = world.dump().await;
    let changed: Vec<_> = after.iter().filter(|row| !before.contains(row)).collect();
    assert_eq!(after, before, "{changed:#?}");
}

async fn one_click_ends_everything_without_cookie_or_redirect(db: TestDb) {
    let world = World::new(db).await;
    world.somebody(LAN, &[("frequency", "instant")]).await;
    world.round(&[1]).await;
    let stop = path(&world.mails().await[0].unsubscribe_url.clone().unwrap());
    world.round(&[2]).await;
    let done = world
        .server
        .post(&stop)
        .text("List-Unsubscribe=One-Click")
        .content_type("application/x-www-form-urlencoded")
        .await;
    assert_eq!(done.status_code(), StatusCode::OK);
    assert_is_private(&done);
    assert!(done.text().contains("l…@example.vn") && !done.text().contains(LAN));
    assert_eq!(world.mails().await.len(), 0, "not even what was waiting");
    let again = world.server.post(&stop).await;
    assert_eq!(
        again.status_code(),
        StatusCode::OK,
        "a second click, without a body"
    );
    let asked = world.get(&stop).await;
    assert_eq!(count(&asked.text(), "main form"), 0);
}

async fn what_is_no_token_of_ours_opens_nothing_and_says_nothing(db: TestDb) {
    let world = World::new(db).await;
    let manage = world.somebody(LAN, &[]).await;
    let token = manage.rsplit('/').next().unwrap();
    let foreign = Tokens::new("another Loa");
    for (kind, bad) in [
        ("manage", foreign.manage(1, 0)),
        ("manage", world.tokens.manage(999, 0)),
        ("manage", world.tokens.manage(1, 1)),
        ("manage", world.tokens.confirm(1)),
        ("manage", format!("{token}A")),
        ("manage", token[..token.len() - 1].to_owned()),
        ("manage", "x".to_owned()),
        ("confirm", foreign.confirm(1)),
        ("confirm", world.tokens.unsubscribe(1)),
        ("unsubscribe", foreign.unsubscribe(1)),
        ("unsubscribe", world.tokens.unsubscribe(999)),
        ("unsubscribe", world.tokens.manage(1, 0)),
    ] {
        let before = world.dump().await;
        let unknown = world.get(&format!("/{kind}/khong-co")).await;
        let path = format!("/{kind}/{bad}");
        let mut answers = vec![
            world.get(&path).await,
            world.post(&path, &[("action", "erase"), ("really", "yes")]).await,
        ];
        if kind == "manage" {
            answers.push(world.get(&format!("{path}/export")).await);
            answers.push(world.get(&format!("{path}/erase")).await);
        }
        for answer in answers {
            assert_eq!(answer.status_code(), StatusCode::NOT_FOUND, "{path}");
            assert_is_private(&answer);
            assert_eq!(answer.text(), unknown.text(), "{path}");
        }
        assert_eq!(world.dump().await, before, "{path}");
    }
    let english = world.get("/manage/x?lang=en").await;
    assert_eq!(heading(&english), "This link no longer works");
}

async fn the_link_to_stop_opens_no_private_page(db: TestDb) {
    let world = World::new(db).await;
    let manage = world.somebody(LAN, &[]).await;
    let stop = format!("/unsubscribe/{}", world.tokens.unsubscribe(1));
    let page = world.get(&stop).await.text();
    assert_eq!(count(&page, "a[href*='/manage/']"), 0);
    assert!(!page.contains(LAN));
    let sent = world.post(&format!("{stop}/link"), &[]).await;
    assert_eq!(
        moved_to(&sent),
        "/manage/sent",
        "into the mailbox, and nowhere else"
    );
    let mails = world.mails().await;
    assert_eq!(link(&mails[0], "manage"), manage);
}
