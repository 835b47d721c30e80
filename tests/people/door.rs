//! What keeps programs from having mails sent: tickets, a puzzle or a question, limits by client.

use loa::web::Door;
use ring::digest::{SHA256, digest};

use super::*;

for_each_db!(
    a_ticket_is_ours_fresh_and_good_once,
    a_puzzle_is_solved_or_a_question_answered,
    questions_are_limited_more_than_puzzles,
    a_program_that_fills_in_every_field_learns_nothing,
    a_client_is_told_to_wait_and_how_long,
    a_client_is_whom_a_trusted_proxy_names_and_nobody_else,
    the_private_link_is_not_sent_without_end,
);

/// Hard enough that nobody guesses it, and found at once.
const BITS: u32 = 8;

fn hard() -> Door {
    Door::new(BITS, (1000, 2), Vec::new().into())
}

fn zero_bits(hash: &[u8]) -> u32 {
    u32::from_be_bytes(hash[..4].try_into().unwrap()).leading_zeros()
}

fn solve(puzzle: &str) -> String {
    let solves = |n: &u32| zero_bits(digest(&SHA256, format!("{puzzle}:{n}").as_bytes()).as_ref()) >= BITS;
    (0..100_000_000).find(solves).unwrap().to_string()
}

/// The sum that a question asks for.
fn answer(question: &str) -> usize {
    let words = ["một", "hai", "ba", "bốn", "năm", "sáu", "bảy", "tám", "chín"];
    let question = question.to_lowercase();
    let asked = question
        .split(": ")
        .nth(1)
        .unwrap()
        .trim_end_matches(" bằng mấy?");
    let number = |word| words.iter().position(|known| *known == word).unwrap() + 1;
    asked.split(" cộng ").map(number).sum()
}

async fn a_ticket_is_ours_fresh_and_good_once(db: TestDb) {
    let world = World::new(db).await;
    let ticket = world.ticket().await;
    assert_ne!(ticket, world.ticket().await, "each view has its own");
    let forged = ticket.replacen(['1', '2'], "3", 1);
    for bad in ["", "x", "1.2.3", &forged] {
        let page = world.sign_up(LAN, &[("ticket", bad)]).await;
        assert_eq!(page.status_code(), StatusCode::UNPROCESSABLE_ENTITY, "{bad:?}");
    }
    moved_to(&world.sign_up(LAN, &[("ticket", &ticket)]).await);
    let again = world.sign_up("ai@example.vn", &[("ticket", &ticket)]).await;
    assert_eq!(again.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
    let fresh = value(&again.text(), "input[name=ticket]");
    assert_eq!(value(&again.text(), "#address"), "ai@example.vn");
    moved_to(&world.sign_up("ai@example.vn", &[("ticket", &fresh)]).await);
    let old = world.ticket().await;
    world.clock.advance(TimeDelta::hours(2));
    let page = world.sign_up("ba@example.vn", &[("ticket", &old)]).await;
    assert_eq!(page.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(world.mails().await.len(), 2);
}

async fn a_puzzle_is_solved_or_a_question_answered(db: TestDb) {
    let world = World::with_door(db, hard()).await;
    let page = world.get("/subscribe").await.text();
    let (ticket, puzzle) = (
        value(&page, "input[name=ticket]"),
        attribute(&page, "form.signup", "data-puzzle"),
    );
    let tries = [
        ("ticket", ticket.as_str()),
        ("work", "12345678901234567890"),
        ("answer", ""),
    ];
    for given in [&tries[..1], &tries[..]] {
        let page = world.sign_up(LAN, given).await;
        assert_eq!(page.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(count(&page.text(), "#answer[aria-invalid]"), 1);
    }
    let work = solve(&puzzle);
    let other = world.ticket().await;
    let stolen = world.sign_up(LAN, &[("ticket", &other), ("work", &work)]).await;
    // One in 256 puzzles is solved by another's solution.
    let other_puzzle = other.rsplit('.').next().unwrap();
    let is_luck = zero_bits(digest(&SHA256, format!("{other_puzzle}:{work}").as_bytes()).as_ref()) >= BITS;
    assert_eq!(stolen.status_code() == StatusCode::SEE_OTHER, is_luck);
    moved_to(&world.sign_up(LAN, &[("ticket", &ticket), ("work", &work)]).await);

    let page = world.get("/subscribe").await.text();
    let ticket = value(&page, "input[name=ticket]");
    let sum = answer(&texts(&page, "label[for=answer]").concat()).to_string();
    moved_to(
        &world
            .sign_up("ai@example.vn", &[("ticket", &ticket), ("answer", &sum)])
            .await,
    );
}

async fn questions_are_limited_more_than_puzzles(db: TestDb) {
    let world = World::with_door(db, hard()).await;
    for _ in 0..2 {
        let page = world.sign_up(LAN, &[("answer", "99")]).await;
        assert_eq!(page.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
    }
    let page = world.sign_up(LAN, &[("answer", "5")]).await;
    assert_eq!(
        page.status_code(),
        StatusCode::TOO_MANY_REQUESTS,
        "there are only so many sums"
    );
    let page = world.get("/subscribe").await.text();
    let work = solve(&attribute(&page, "form.signup", "data-puzzle"));
    let ticket = value(&page, "input[name=ticket]");
    moved_to(&world.sign_up(LAN, &[("ticket", &ticket), ("work", &work)]).await);
}

async fn a_program_that_fills_in_every_field_learns_nothing(db: TestDb) {
    let world = World::new(db).await;
    let page = world.get("/subscribe").await.text();
    assert_eq!(attribute(&page, "input[name=ghi_chu]", "tabindex"), "-1");
    let taken = world.sign_up(LAN, &[]).await;
    let before = world.dump().await;
    let trapped = world
        .sign_up("ai@example.vn", &[("ghi_chu", "http://spam.example")])
        .await;
    assert_eq!(moved_to(&trapped), moved_to(&taken));
    assert_eq!(trapped.text(), taken.text());
    assert_eq!(world.dump().await, before);
}

async fn a_client_is_told_to_wait_and_how_long(db: TestDb) {
    let world = World::with_door(db, Door::new(0, (3, 3), Vec::new().into())).await;
    for n in 0..3 {
        moved_to(&world.sign_up(&format!("n{n}@example.vn"), &[]).await);
        world.clock.advance(TimeDelta::minutes(10));
    }
    let page = world.sign_up(LAN, &[]).await;
    assert_eq!(page.status_code(), StatusCode::TOO_MANY_REQUESTS);
    page.assert_header("retry-after", "1800");
    assert_eq!(heading(&page), "Quá nhiều lần gửi");
    world.clock.advance(TimeDelta::minutes(30));
    moved_to(&world.sign_up(LAN, &[]).await);
}

async fn a_client_is_whom_a_trusted_proxy_names_and_nobody_else(db: TestDb) {
    // The test's own requests come from nowhere.
    let trusting = Door::new(0, (1, 1), vec!["0.0.0.0/32".parse().unwrap()].into());
    let world = World::with_door(db, trusting).await;
    let ask = async |forwarded: &str| {
        let request = world
            .server
            .post("/manage")
            .add_header("x-forwarded-for", forwarded);
        request.form(&[("address", LAN)]).await.status_code()
    };
    assert_eq!(ask("198.51.100.1").await, StatusCode::SEE_OTHER);
    assert_eq!(ask("198.51.100.1").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(
        ask("203.0.113.9, 198.51.100.1").await,
        StatusCode::TOO_MANY_REQUESTS,
        "made up by the reader"
    );
    assert_eq!(ask("198.51.100.2").await, StatusCode::SEE_OTHER);
    assert_eq!(ask("2001:db8::1").await, StatusCode::SEE_OTHER);
    assert_eq!(
        ask("2001:db8::2").await,
        StatusCode::TOO_MANY_REQUESTS,
        "one household"
    );

    let state = WebState {
        door: Door::new(0, (1, 1), Vec::new().into()),
        ..site::state(&world.db.store, &world.clock, &world.tokens)
    };
    let server = TestServer::new(web::router(state));
    for (forwarded, status) in [
        ("198.51.100.1", StatusCode::SEE_OTHER),
        ("198.51.100.2", StatusCode::TOO_MANY_REQUESTS),
    ] {
        let request = server.post("/manage").add_header("x-forwarded-for", forwarded);
        assert_eq!(request.form(&[("address", LAN)]).await.status_code(), status);
    }
}

async fn the_private_link_is_not_sent_without_end(db: TestDb) {
    let world = World::new(db).await;
    let manage = world.somebody(LAN, &[]).await;
    let ways = [
        "/manage".to_owned(),
        manage.clone(),
        format!("/unsubscribe/{}/link", world.tokens.unsubscribe(1)),
    ];
    for way in &ways {
        world
            .post(way, &[("action", "send-link"), ("address", LAN)])
            .await;
    }
    assert_eq!(world.mails().await.len(), 1, "one in ten minutes, whichever way");
    for _ in 0..20 {
        world.clock.advance(TimeDelta::minutes(11));
        world.post("/manage", &[("address", LAN)]).await;
    }
    assert_eq!(world.mails().await.len(), 2, "three a day");
}
