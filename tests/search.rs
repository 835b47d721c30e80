//! Searches: both databases find the same articles in the same order, and what is stored can be found at once.

use chrono::TimeDelta;
use loa::{
    domain::{
        article::Extracted,
        query::{Query, Words},
        watch::Watch,
    },
    jobs::{Step, reindex::reindex},
    store::{After, Filter, Page, Place, Recorded, Seen, Store},
};
use unicode_normalization::UnicodeNormalization as _;

use crate::common::{
    databases::{TestDb, for_each_db},
    records::{page, prepare, record_page, start},
    sql,
};

for_each_db!(
    searches_find_the_same_everywhere,
    a_search_is_paged_newest_first,
    an_edit_is_found_by_its_new_words_alone,
    what_was_taken_away_is_not_found,
    articles_from_before_searches_are_indexed_in_steps,
    the_words_of_a_removed_article_go_with_it,
    a_signature_moves_with_what_a_feed_would_show,
    filters_combine,
    one_by_one_as_all_at_once,
    words_of_any_shape_are_stored,
    the_best_come_first_and_are_the_same_on_both_databases,
    a_title_is_found_behind_any_number_of_newer_texts,
    the_best_are_paged_by_place_and_by_count,
    days_narrow_a_search,
    headings_tell_which_words_there_are,
);

const TITLES: [&str; 10] = [
    "Đổi mới sáng tạo ở Quảng Trị",
    "Sở Khoa học và Công nghệ triển khai Nghị quyết 57-NQ/TW",
    "Khai giảng khóa học tiếng Anh, công nghệ thông tin",
    "Hoà giải ở cơ sở",
    "Tỉnh Hòa Bình tổng kết năm",
    "KHOA HỌC, CÔNG NGHỆ phục vụ đời sống",
    "Thu hồi đất đôi bờ sông Hiếu",
    "Nghị quyết 57 đi vào cuộc sống",
    "Phong Nha – Kẻ Bàng đón khách",
    "Đề tài khoa học về công nghệ nano được nghiệm thu ngày 5/7",
];

fn titled(n: i64, title: &str) -> Extracted {
    let mut page = page(n);
    title.clone_into(&mut page.title);
    page.lead = None;
    page.body_text = format!("Bài số {n} của năm.");
    page
}

/// The article number `n` is the `n`th title, from 1; the last is the newest.
async fn fill(store: &Store) -> i64 {
    let section = prepare(store, start()).await;
    for (n, title) in (1..).zip(TITLES) {
        let later = start() + TimeDelta::days(1);
        record_page(store, section, &titled(n, title), &[], None, later).await;
    }
    section
}

fn query(typed: &str) -> Query {
    typed.parse().unwrap_or_else(|e| panic!("{typed:?} {e}"))
}

const WHOLE: Page = Page {
    before: None,
    limit: 50,
};

/// The numbers of the articles that a search finds.
async fn found(store: &Store, typed: &str) -> Vec<i64> {
    let articles = store.search(&query(typed), WHOLE).await.unwrap();
    let keys = articles
        .iter()
        .map(|a| a.key.parse::<i64>().unwrap() - 1_764_000_000_000);
    keys.collect()
}

async fn searches_find_the_same_everywhere(db: TestDb) {
    fill(&db.store).await;
    let decomposed: String = "khoa học".nfd().collect();
    for (typed, expected) in [
        ("khoa hoc cong nghe", vec![10, 6, 3, 2]),
        ("khoa học công nghệ", vec![10, 6, 2]),
        ("KHOA HỌC", vec![10, 6, 2]),
        (decomposed.as_str(), vec![10, 6, 2]),
        ("\"khoa học công nghệ\"", vec![6]),
        ("“khoa hoc” cong", vec![10, 6, 3, 2]),
        ("khóa học", vec![3]),
        ("doi moi", vec![1]),
        ("doi", vec![7, 6, 1]),
        ("Đôi", vec![7]),
        ("hoà", vec![5, 4]),
        ("hòa -bình", vec![4]),
        ("hoa", vec![5, 4]),
        ("57-NQ/TW", vec![2]),
        ("\"nghị quyết 57\"", vec![8, 2]),
        ("nghi quyet -\"57 nq tw\"", vec![8]),
        ("năm -khoa -\"nghị quyết\" -hoà", vec![9, 7, 3, 1]),
        ("khoa học -\"khoa học về\" -sở", vec![6]),
        ("phong nha kẻ bàng", vec![9]),
        ("\"phong nha - kẻ bàng\"", vec![9]),
        ("\"nha phong\"", vec![]),
        ("5/7", vec![10]),
        ("kho", vec![]),
        ("and or not near", vec![]),
    ] {
        assert_eq!(found(&db.store, typed).await, expected, "{typed}");
        let by_hand: Vec<i64> = (1..)
            .zip(TITLES)
            .filter(|(n, title)| {
                let text = titled(*n, title);
                query(typed).matches(&Words::of(&text.title, None, &text.body_text))
            })
            .map(|(n, _)| n)
            .collect();
        assert_eq!(by_hand.into_iter().rev().collect::<Vec<_>>(), expected, "{typed}");
    }
}

async fn a_search_is_paged_newest_first(db: TestDb) {
    fill(&db.store).await;
    let part = async |before| {
        let articles = db.store.search(&query("bài số"), Page { before, limit: 4 }).await;
        articles.unwrap().iter().map(|a| a.id).collect::<Vec<_>>()
    };
    let whole: Vec<_> = db.store.search(&query("bài số"), WHOLE).await.unwrap();
    let whole: Vec<_> = whole.iter().map(|a| a.id).collect();
    let first = part(None).await;
    let second = part(first.last().copied()).await;
    let third = part(second.last().copied()).await;
    assert_eq!([first, second, third].concat(), whole);
    assert_eq!(whole.len(), 10);
    assert!(part(Some(-1)).await.is_empty(), "as lists do");
}

async fn an_edit_is_found_by_its_new_words_alone(db: TestDb) {
    let section = fill(&db.store).await;
    let later = start() + TimeDelta::days(2);
    record_page(
        &db.store,
        section,
        &titled(1, "Thông cáo báo chí"),
        &[],
        None,
        later,
    )
    .await;
    assert_eq!(found(&db.store, "thông cáo").await, [1]);
    assert!(found(&db.store, "đổi mới").await.is_empty());
}

async fn what_was_taken_away_is_not_found(db: TestDb) {
    let section = fill(&db.store).await;
    let id = db.store.search(&query("đổi mới"), WHOLE).await.unwrap()[0].id;
    let withdraw = db.store.note_look(id, Seen::Withdrawn, None, start());
    withdraw.await.unwrap();
    assert!(found(&db.store, "đổi mới").await.is_empty());
    record_page(&db.store, section, &titled(1, TITLES[0]), &[], None, start()).await;
    assert_eq!(found(&db.store, "đổi mới").await, [1], "brought back");
}

/// Where a database keeps the words of articles.
fn word_tables(db: &TestDb) -> &'static [&'static str] {
    match db.store.kind() {
        "sqlite" => &["article_search", "article_search_heading"],
        _ => &["article_search"],
    }
}

async fn articles_from_before_searches_are_indexed_in_steps(db: TestDb) {
    fill(&db.store).await;
    sql::execute(&db.url, "UPDATE articles SET search_version = 0").await;
    for table in word_tables(&db) {
        sql::execute(&db.url, &format!("DELETE FROM {table}")).await;
    }
    assert!(found(&db.store, "khoa").await.is_empty());
    let before = db.store.change_clock().await.unwrap();
    let later = start() + TimeDelta::days(2);
    assert_eq!(db.store.write_missing_words(4, start()).await.unwrap(), 4);
    assert_eq!(
        db.store.change_clock().await.unwrap(),
        before,
        "not the last ones"
    );
    assert_eq!(found(&db.store, "hoa").await, [4], "the oldest first");
    assert_eq!(reindex(&db.store, later).await.unwrap(), Step::Worked(6));
    let changes = db.store.changes_after(before).await.unwrap();
    let told: Vec<_> = changes.iter().map(|c| (&c.watch, c.changed_at)).collect();
    assert_eq!(told, [(&Watch::All, later)], "feeds of searches hang on it");
    assert_eq!(reindex(&db.store, later).await.unwrap(), Step::Idle);
    assert_eq!(db.store.change_clock().await.unwrap(), before + 1);
    assert_eq!(found(&db.store, "khoa học").await, [10, 6, 2]);
    assert_eq!(
        sql::count(&db.url, "SELECT COUNT(*) FROM article_search").await,
        10
    );
}

async fn the_words_of_a_removed_article_go_with_it(db: TestDb) {
    fill(&db.store).await;
    let id = db.store.search(&query("đổi mới"), WHOLE).await.unwrap()[0].id;
    sql::execute(&db.url, &format!("DELETE FROM articles WHERE id = {id}")).await;
    for table in word_tables(&db) {
        let left = sql::count(&db.url, &format!("SELECT COUNT(*) FROM {table}")).await;
        assert_eq!(left, 9, "{table}");
    }
    assert!(found(&db.store, "đổi mới").await.is_empty());
}

async fn a_signature_moves_with_what_a_feed_would_show(db: TestDb) {
    let section = fill(&db.store).await;
    let signature = async || db.store.search_signature(&query("khoa học"), 2).await.unwrap();
    let later = start() + TimeDelta::days(2);
    let first = signature().await;
    assert_eq!(first.len(), 2);
    // Neither the third match, nor another article, nor the same again.
    for (n, title) in [
        (2, "Khoa học"),
        (7, "Tin khác"),
        (6, TITLES[5]),
        (11, "Không liên quan"),
    ] {
        record_page(&db.store, section, &titled(n, title), &[], None, later).await;
    }
    assert_eq!(signature().await, first);
    let edited = record_page(&db.store, section, &titled(6, "Khoa học (sửa)"), &[], None, later).await;
    assert!(matches!(edited, Recorded::Changed(_)));
    let second = signature().await;
    assert_ne!(second, first, "an edit");
    record_page(&db.store, section, &titled(12, "Khoa học mới"), &[], None, later).await;
    let third = signature().await;
    assert_ne!(third, second, "a new one");
    let withdraw = db.store.note_look(third[0].0, Seen::Withdrawn, None, later);
    withdraw.await.unwrap();
    assert_eq!(signature().await, second, "taken away");
}

async fn filters_combine(db: TestDb) {
    let section = fill(&db.store).await;
    let later = start() + TimeDelta::days(2);
    for n in 20..=24 {
        let topics: &[&str] = if n % 2 == 0 { &["y-te-suc-khoe"] } else { &[] };
        let text = titled(n, "Bệnh viện nghiên cứu khoa học");
        record_page(&db.store, section, &text, topics, None, later).await;
    }
    let keys = async |filter: &Filter, after: Option<Place>, limit| {
        let found = db.store.find(filter, after, limit).await.unwrap();
        let keys = found
            .articles
            .iter()
            .map(|a| a.key.parse::<i64>().unwrap() - 1_764_000_000_000);
        (keys.collect::<Vec<_>>(), found.next)
    };
    let mut filter = Filter::default();
    assert_eq!(keys(&filter, None, 50).await.0.len(), 15);
    filter.query = Some(query("khoa học -tài"));
    assert_eq!(keys(&filter, None, 50).await.0, [24, 23, 22, 21, 20, 6, 2]);
    let section = |slug: &str| Watch::Section {
        portal: "mau".to_owned(),
        slug: slug.to_owned(),
    };
    filter.watches = vec![section("khoa-hoc"), Watch::Topic("y-te-suc-khoe".to_owned())];
    let (first, next) = keys(&filter, None, 2).await;
    assert_eq!(first, [24, 22]);
    // The cursor stays where it is even when its own article goes.
    sql::execute(
        &db.url,
        &format!("DELETE FROM articles WHERE id = {}", next.unwrap().id),
    )
    .await;
    assert_eq!(keys(&filter, next, 2).await, (vec![20], None));
    filter.watches[0] = section("khac");
    assert_eq!(keys(&filter, None, 2).await, (vec![], None));
}

/// PostgreSQL looks for few articles in other ways than for many.
async fn one_by_one_as_all_at_once(db: TestDb) {
    let section = fill(&db.store).await;
    let later = start() + TimeDelta::days(2);
    for n in 20..=40 {
        let topics: &[&str] = if n % 3 == 0 { &["y-te-suc-khoe"] } else { &[] };
        let title = TITLES[usize::try_from(n % 10).unwrap()];
        record_page(&db.store, section, &titled(n, title), topics, None, later).await;
    }
    let gone = db.store.search(&query("khoa học"), WHOLE).await.unwrap()[1].id;
    let withdraw = db.store.note_look(gone, Seen::Withdrawn, None, later);
    withdraw.await.unwrap();
    let topic = Watch::Topic("y-te-suc-khoe".to_owned());
    let from = Some(later - TimeDelta::days(365));
    for (typed, at_least) in [
        ("khoa học", 5),
        ("cong nghe", 8),
        ("\"khoa hoc\"", 7),
        ("\"Sở Khoa học và Công nghệ\"", 2),
        ("bài -\"sở khoa học và\"", 20),
        ("bài số -khoa", 15),
    ] {
        let words = Filter::of(&query(typed));
        let of_topic = Filter {
            watches: vec![topic.clone()],
            ..words.clone()
        };
        let of_days = Filter {
            from,
            ..words.clone()
        };
        for (filter, at_least) in [(words, at_least), (of_topic, 1), (of_days, 1)] {
            let whole = db.store.find(&filter, None, 50).await.unwrap();
            assert_eq!(whole.next, None);
            assert!(
                whole.articles.len() >= at_least,
                "{typed}: {}",
                whole.articles.len()
            );
            assert!(whole.articles.iter().all(|article| article.id != gone), "{typed}");
            let (mut after, mut ids) = (None, Vec::new());
            loop {
                let one = db.store.find(&filter, after, 1).await.unwrap();
                ids.extend(one.articles.iter().map(|article| article.id));
                after = one.next;
                if after.is_none() {
                    break;
                }
            }
            let all: Vec<i64> = whole.articles.iter().map(|article| article.id).collect();
            assert_eq!(ids, all, "{typed}");
        }
    }
}

async fn words_of_any_shape_are_stored(db: TestDb) {
    let section = fill(&db.store).await;
    let mut odd = titled(
        30,
        "O'Brien \\ 'a':1A & b | !c <-> \"d\" * NEAR(x, y) 字 Ⅷ İi ½ e\u{301}\u{323}\u{302}",
    );
    // More distinct words than PostgreSQL takes as one document, if they were all kept, and one that is too long.
    odd.body_text = (0..200_000)
        .map(|n| format!("từ{n}"))
        .collect::<Vec<_>>()
        .join(" ");
    odd.body_text = format!("{} {}", odd.body_text, "x".repeat(3000));
    record_page(&db.store, section, &odd, &[], None, start()).await;
    for typed in [
        "o'brien",
        "'a':1a",
        "\\",
        "字",
        "Ⅷ",
        "½",
        "e\u{301}\u{323}\u{302}",
        "near(x, y) -z",
        "từ77",
    ] {
        let Ok(query) = typed.parse::<Query>() else {
            assert_eq!(typed, "\\");
            continue;
        };
        let articles = db.store.search(&query, WHOLE).await.unwrap();
        assert_eq!(articles.len(), 1, "{typed} as {query}");
    }
    // A word that occurs more often than PostgreSQL keeps places of it.
    let mut list = titled(31, "Danh sách");
    list.body_text = format!("{} xã cuối cùng", "xã khác, ".repeat(400));
    record_page(&db.store, section, &list, &[], None, start()).await;
    assert_eq!(found(&db.store, "\"xã cuối cùng\"").await, [31]);
}

/// An article of its day, from 1, and with it what stands in its title, lead and body.
fn told(n: i64, title: &str, lead: &str, body: &str) -> Extracted {
    let mut page = titled(n, title);
    page.lead = Some(lead.to_owned());
    body.clone_into(&mut page.body_text);
    page.published = page.published.map(|mut published| {
        published.at = start() + TimeDelta::days(n);
        published
    });
    page
}

/// A test set: what a year of a portal says of a few subjects, the oldest first.
const TOLD: [(&str, &str, &str); 16] = [
    ("Đổi mới sáng tạo: sức bật của tỉnh", "Mở đầu.", "Thân bài."),
    (
        "Hội nghị tổng kết",
        "Tỉnh đổi mới cách làm.",
        "Thân bài nói về khoa học và công nghệ.",
    ),
    ("Khoa học và công nghệ phục vụ đời sống", "Mở đầu.", "Thân bài."),
    ("Giao thông", "Sở Khoa học và Công nghệ góp ý.", "Thân bài."),
    ("Khai giảng khóa học nghề", "Công nghệ may.", "Thân bài."),
    ("KHOA HỌC, CÔNG NGHỆ VÀ ĐỔI MỚI SÁNG TẠO", "Mở đầu.", "Thân bài."),
    ("Thu hồi đất đôi bờ sông Hiếu", "Mở đầu.", "Mỗi hộ được đền bù."),
    (
        "Thu ngân sách",
        "Mở đầu.",
        "Nhờ khoa học, năng suất tăng; công nghệ thay đổi.",
    ),
    ("Hoà giải ở cơ sở", "Mở đầu.", "Đổi mới công tác hòa giải."),
    ("Đề tài khoa học về công nghệ nano", "Mở đầu.", "Thân bài."),
    ("Doi moi cong nghe: startup nói gì", "Mở đầu.", "Thân bài."),
    ("Bão số 9", "Mở đầu.", "Thân bài."),
    (
        "Chợ phiên",
        "Mở đầu.",
        "Công nghệ và khoa học vào chợ. Ban quản lý đổi mới.",
    ),
    ("Khoa Nội bệnh viện tỉnh", "Mở đầu.", "Bác sĩ học công nghệ mới."),
    (
        "Nghị quyết 57-NQ/TW về khoa học, công nghệ",
        "Mở đầu.",
        "Thân bài.",
    ),
    ("Tin vắn", "Mở đầu.", "Khoa học công nghệ, doi moi."),
];

async fn fill_told(store: &Store) {
    let section = prepare(store, start()).await;
    let later = start() + TimeDelta::days(400);
    for (n, (title, lead, body)) in (1..).zip(TOLD) {
        record_page(store, section, &told(n, title, lead, body), &[], None, later).await;
    }
}

async fn best(store: &Store, filter: &Filter, after: After, limit: usize) -> Vec<i64> {
    let found = store.find_best(filter, after, limit).await.unwrap();
    let numbers = found
        .articles
        .iter()
        .map(|a| a.key.parse::<i64>().unwrap() - 1_764_000_000_000);
    numbers.collect()
}

async fn the_best_come_first_and_are_the_same_on_both_databases(db: TestDb) {
    fill_told(&db.store).await;
    let decomposed: String = "khoa học".nfd().collect();
    for (typed, expected) in [
        // Titles that say it in one, titles, leads, texts; of each, the newest first.
        ("khoa học công nghệ", vec![15, 6, 10, 3, 4, 16, 14, 13, 8, 2]),
        ("khoa hoc cong nghe", vec![15, 6, 10, 3, 5, 4, 16, 14, 13, 8]),
        ("KHOA HỌC", vec![15, 10, 6, 3, 4, 16, 14, 13, 8, 2]),
        (decomposed.as_str(), vec![15, 10, 6, 3, 4, 16, 14, 13, 8, 2]),
        ("\"khoa học công nghệ\"", vec![15, 6, 16]),
        // What is written without diacritics comes before what is read so.
        ("doi moi", vec![11, 6, 1, 2, 16, 13, 9, 7]),
        ("đổi mới", vec![6, 1, 2, 13, 9]),
        ("khoa học -\"đổi mới\"", vec![15, 10, 3, 4, 16, 14, 8]),
        ("hòa giải", vec![9]),
        ("khônghềcó", vec![]),
    ] {
        let found = best(&db.store, &Filter::of(&query(typed)), After::Count(0), 10).await;
        assert_eq!(found, expected, "{typed}");
    }
}

async fn a_title_is_found_behind_any_number_of_newer_texts(db: TestDb) {
    let section = prepare(&db.store, start()).await;
    let later = start() + TimeDelta::days(2000);
    let record = async |n: i64, title: &str, lead: &str, body: &str| {
        let mut page = told(n, title, lead, body);
        // Six of the texts a day: none is as new as a title is ahead.
        page.published = page
            .published
            .filter(|_| n < 5)
            .or(told(5 + n / 6, "", "", "").published);
        record_page(&db.store, section, &page, &[], None, later).await;
    };
    record(1, "Khoa học biển", "Mở đầu.", "Thân bài.").await;
    record(2, "Khoa học biển", "Mở đầu.", "Thân bài có bão.").await;
    record(3, "Tin", "Bàn về khoa học biển.", "Thân bài.").await;
    record(4, "Khoa học và học biển", "Mở đầu.", "Thân bài.").await;
    for n in 5..=410 {
        record(n, "Tin vắn", "Mở đầu.", "Bàn về khoa học biển.").await;
    }
    let first = async |typed: &str| best(&db.store, &Filter::of(&query(typed)), After::Count(0), 4).await;
    assert_eq!(first("khoa học biển").await, [2, 1, 4, 3], "titles, and a lead");
    assert_eq!(
        first("khoa học biển -bão").await,
        [1, 4, 3, 410],
        "what the text holds is left out"
    );
    assert_eq!(
        first("\"khoa học biển\"").await,
        [2, 1, 3, 410],
        "two pairs are no phrase"
    );
    let all = db
        .store
        .find_best(&Filter::of(&query("khoa học biển")), After::Count(0), 20)
        .await
        .unwrap();
    assert_eq!((all.ranked, all.has_more), (100, true));
    let mut narrow = Filter::of(&query("khoa học biển"));
    narrow.watches = vec![Watch::Section {
        portal: "mau".to_owned(),
        slug: "khoa-hoc".to_owned(),
    }];
    assert_eq!(
        best(&db.store, &narrow, After::Count(0), 4).await,
        [2, 1, 4, 3],
        "of a section, too"
    );
    narrow.watches = vec![Watch::Topic("y-te-suc-khoe".to_owned())];
    assert!(best(&db.store, &narrow, After::Count(0), 4).await.is_empty());
    narrow.watches.clear();
    narrow.until = Some(start() + TimeDelta::days(2));
    assert_eq!(best(&db.store, &narrow, After::Count(0), 4).await, [1]);
}

async fn the_best_are_paged_by_place_and_by_count(db: TestDb) {
    fill_told(&db.store).await;
    let filter = Filter::of(&query("khoa hoc"));
    let whole = best(&db.store, &filter, After::Count(0), 50).await;
    let first = db.store.find_best(&filter, After::Count(0), 4).await.unwrap();
    assert_eq!(first.ranked, whole.len());
    let after = After::Place(first.next.unwrap());
    // The cursor stays where it is even when its own article goes, and others come.
    sql::execute(
        &db.url,
        &format!("DELETE FROM articles WHERE id = {}", first.next.unwrap().id),
    )
    .await;
    let section = db.store.sections().await.unwrap()[0].id;
    let newer = told(40, "Khoa học mới", "Mở đầu.", "Thân bài.");
    record_page(
        &db.store,
        section,
        &newer,
        &[],
        None,
        start() + TimeDelta::days(400),
    )
    .await;
    assert_eq!(best(&db.store, &filter, after, 4).await, whole[4..8]);
    assert_eq!(
        best(&db.store, &filter, After::Count(4), 4).await,
        whole[4..8],
        "one came, one went"
    );
    let last = db
        .store
        .find_best(&filter, After::Count(whole.len() - 1), 4)
        .await
        .unwrap();
    assert_eq!((last.articles.len(), last.next), (1, None));
    let none = db
        .store
        .find_best(&Filter::default(), After::Count(0), 4)
        .await
        .unwrap();
    assert_eq!(none.ranked, 0, "without words there is no best");
}

async fn days_narrow_a_search(db: TestDb) {
    fill_told(&db.store).await;
    let mut filter = Filter::of(&query("khoa hoc"));
    filter.from = Some(start() + TimeDelta::days(5));
    filter.until = Some(start() + TimeDelta::days(13));
    assert_eq!(best(&db.store, &filter, After::Count(0), 20).await, [10, 6, 5, 8]);
    let newest = db.store.find(&filter, None, 20).await.unwrap();
    let keys: Vec<&str> = newest.articles.iter().map(|a| &a.key[11..]).collect();
    assert_eq!(keys, ["10", "08", "06", "05"]);
    filter.query = None;
    assert_eq!(db.store.find(&filter, None, 20).await.unwrap().articles.len(), 8);
    assert_eq!(db.store.count(&filter, 3).await.unwrap(), 3, "up to a limit");
}

async fn headings_tell_which_words_there_are(db: TestDb) {
    fill_told(&db.store).await;
    let words: Vec<String> = loa::domain::query::slips("khao");
    let found = db.store.headings_with(&words, 50).await.unwrap();
    assert!(found.iter().all(|(title, lead)| {
        let heading = Words::of(title, lead.as_deref(), "").folded;
        heading.contains(" khoa ") || heading.contains(" hao ") || heading.contains(" khan ")
    }));
    assert_eq!(found.len(), 7, "{found:?}");
    assert!(db.store.headings_with(&[], 50).await.unwrap().is_empty());
}
