//! How fast pages are read: lists, articles by class names, by the order of texts and by no profile at all; and what
//! every page passes through on its way: character sets, dates, addresses, robots.txt.
//!
//! `cargo bench --bench extraction`. Pages are real ones from a sibling folder `../shared` where it is present, else the
//! small ones of the tests; figures of the two are not to be compared.

use std::{fs, hint::black_box, path::Path, time::Duration};

use chrono::{DateTime, Utc};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use loa::portal::{
    Profile, date,
    extract::{self, ArticlePage},
    fetch::decode,
    robots::Robots,
};
use url::Url;

const CORPUS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../shared/corpus/hanoi");
const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/portal");
/// Real pages that one measurement goes through: enough for long and short ones, few enough for many rounds.
const PAGES: usize = 24;

/// Relative dates count from here.
fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_420_800, 0).expect("a moment of 2026")
}

/// A page and the address that it is read under.
struct Saved {
    html: String,
    url: Url,
}

fn saved(file: &Path, url: &str) -> Saved {
    Saved {
        html: fs::read_to_string(file).unwrap_or_else(|e| panic!("{}: {e}", file.display())),
        url: Url::parse(url).expect("an address"),
    }
}

/// Every n-th page of a corpus folder, so that [`PAGES`] come together; the fixture where there is no corpus.
fn pages(folder: &str, fixture: &str, address: impl Fn(&str) -> String) -> Vec<Saved> {
    let Ok(entries) = fs::read_dir(Path::new(CORPUS).join(folder)) else {
        return vec![saved(&Path::new(FIXTURES).join(fixture), &address("4200001"))];
    };
    let mut files: Vec<_> = entries.map(|e| e.expect("a readable folder").path()).collect();
    files.sort();
    let stride = files.len().div_ceil(PAGES);
    let name = |file: &Path| file.file_stem().expect("a name").to_string_lossy().into_owned();
    files
        .iter()
        .step_by(stride)
        .map(|file| saved(file, &address(&name(file))))
        .collect()
}

fn profile(name: &str) -> Profile {
    Profile::builtin(name).unwrap_or_else(|| panic!("no profile {name}"))
}

fn throughput(pages: &[Saved]) -> Throughput {
    Throughput::ElementsAndBytes {
        elements: pages.len() as u64,
        bytes: pages.iter().map(|page| page.html.len() as u64).sum(),
    }
}

fn lists(criterion: &mut Criterion) {
    let pages = pages("list", "liferay62-list.html", |number| {
        format!("https://sotttt.hanoi.gov.vn/vi/cong-nghe-thong-tin?_101_cur={number}")
    });
    let profile = profile("liferay62");
    let mut group = criterion.benchmark_group("list");
    group.throughput(throughput(&pages));
    group.bench_function("liferay62", |bencher| {
        bencher.iter(|| {
            for page in &pages {
                let read = extract::list(black_box(&page.html), &page.url, &profile, now());
                assert!(!black_box(read).expect("a list").items.is_empty());
            }
        });
    });
    group.finish();
}

/// Measures the reading of articles, after it has been seen to read each of them.
fn articles_by(criterion: &mut Criterion, profile: &Profile, pages: &[Saved]) {
    let read = |page: &Saved| extract::article(black_box(&page.html), &page.url, profile, now());
    for page in pages {
        let found = read(page).unwrap_or_else(|e| panic!("{e}"));
        assert!(matches!(found, ArticlePage::Article(_)), "{}", page.url);
    }
    let mut group = criterion.benchmark_group("article");
    group.throughput(throughput(pages));
    group.bench_function(&profile.name, |bencher| {
        bencher.iter(|| pages.iter().map(|page| black_box(read(page))).for_each(drop));
    });
    group.finish();
}

fn articles(criterion: &mut Criterion) {
    let real = pages("article", "liferay62-article.html", |key| {
        format!("https://sotttt.hanoi.gov.vn/vi/cong-nghe-thong-tin/-/view_content/{key}-tin")
    });
    articles_by(criterion, &profile("liferay62"), &real);
    // Pages of the provincial shape are not kept beside the project: a small one of our own stands for them.
    let ordered = saved(
        &Path::new(FIXTURES).join("3cms-article.html"),
        "https://trieuco.quangtri.gov.vn/chi-tiet-tin/-/view-article/1/5/1714700000000",
    );
    articles_by(criterion, &profile("3cms"), &[ordered]);
    if let Some(generic) = Profile::builtin("generic") {
        articles_by(criterion, &generic, &real);
    }
}

/// One of each form in which portals were seen to write a date.
const DATES: &[&str] = &[
    "7:51, Thứ Năm, 30-11-2023",
    "10:8, Thứ Tư, 3-4-2024",
    "Ngày đăng: 05-05-2021",
    "Post date: 07/01/2026",
    "Ngày đăng: 13-01-2026 Lượt xem: 6",
    "Cập nhật: Thứ Ba, ngày 14/01/2020",
    "Cập nhật ngày: 11/24/2023 3:18:29 PM",
    "Ngày đăng 29/04/2016 | 3:25 PM | View count: 1111",
    "28/07/2016 | 12:00 AM",
    "28/06/2022 08:31 AM",
    "Thứ Tư 07/02/2024 08:28",
    "(29/06/2026, 14:49)",
    "13:39 - 01/08/2022",
    "Cập nhật, 05:39, Thứ Năm, 08/10/2020 (GMT+7)",
    "04-03-2026, 21:43 (GMT+7)",
    "Thứ ba, 28/4/2026 | 14:02 GMT+7",
    "Thứ năm - 30/11/2023 07:51",
    "Thứ tư, 13 Tháng 11 2019",
    "Ngày 13 tháng 11 năm 2019",
    "hôm nay",
    "Hôm qua, 14:30",
    "5 phút trước",
    "2 giờ trước",
    "2023-11-30T07:51:00+07:00",
    "7h51 ngày 30/11/2023",
];

fn dates(criterion: &mut Criterion) {
    for text in DATES {
        assert!(date::parse(text, now()).is_some(), "{text}");
    }
    let sentence = "Ngày 30/11/2023, Sở Khoa học và Công nghệ tổ chức nghiệm thu đề tài cấp tỉnh năm 2023.";
    assert!(date::parse(sentence, now()).is_none(), "a sentence is no date");
    let mut group = criterion.benchmark_group("date");
    group.throughput(Throughput::Elements(DATES.len() as u64));
    group.bench_function("every form", |bencher| {
        bencher.iter(|| {
            DATES
                .iter()
                .map(|text| date::parse(black_box(text), now()))
                .for_each(|read| drop(black_box(read)));
        });
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("a sentence", |bencher| {
        bencher.iter(|| date::parse(black_box(sentence), now()));
    });
    group.finish();
}

fn charsets(criterion: &mut Criterion) {
    let text = "<p>Nghiệm thu đề tài khoa học và công nghệ cấp tỉnh.</p>\n".repeat(1_000);
    let mut group = criterion.benchmark_group("charset");
    let windows_1258 = encoding_rs::WINDOWS_1258
        .encode("<p>Ha Nôi, ngay 30/11/2023</p>\n")
        .0
        .repeat(2_000);
    for (name, bytes, content_type) in [
        ("utf-8", text.as_bytes(), "text/html; charset=utf-8"),
        ("utf-8, not said", text.as_bytes(), "text/html"),
        (
            "windows-1258",
            windows_1258.as_slice(),
            "text/html; charset=windows-1258",
        ),
    ] {
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| decode(black_box(bytes), content_type));
        });
    }
    group.finish();
}

fn addresses_and_robots(criterion: &mut Criterion) {
    let url = |path: &str| {
        Url::parse("https://portal.example")
            .and_then(|base| base.join(path))
            .expect("an address")
    };
    let address = url("/vi/chi-tiet-tin/-/view-article/1/13729062791727/1712113730567");
    let pattern = profile("3cms").address.article;
    criterion.bench_function("address/key", |bencher| {
        bencher.iter(|| pattern.key(black_box(&address)));
    });

    let rules: Vec<String> = (0..200)
        .map(|n| format!("Disallow: /*/quan-tri-{n}/*?print="))
        .collect();
    let rules = rules.join("\n");
    let file = format!("User-agent: *\n{rules}\nAllow: /tin-tuc\nDisallow: /*.pdf$\nCrawl-delay: 2\n");
    let robots = Robots::parse(&file, "Loa");
    let (page, paper) = (
        url("/tin-tuc/nghiem-thu-de-tai?trang=2"),
        url("/tai-lieu/2023/11/ke-hoach.pdf"),
    );
    assert!(robots.allows(&page) && !robots.allows(&paper));
    let mut group = criterion.benchmark_group("robots");
    group.throughput(Throughput::Bytes(file.len() as u64));
    group.bench_function("parse 200 rules", |bencher| {
        bencher.iter(|| Robots::parse(black_box(&file), "Loa"));
    });
    group.throughput(Throughput::Elements(2));
    group.bench_function("match 200 rules", |bencher| {
        bencher.iter(|| (robots.allows(black_box(&page)), robots.allows(black_box(&paper))));
    });
    // What a hostile file can cost: stars that match nearly everywhere, and never to the end.
    let hostile = Robots::parse(
        &format!("User-agent: *\nDisallow: /{}$\n", "*a".repeat(60)),
        "Loa",
    );
    let long = url(&format!("/{}b", "a".repeat(2_000)));
    assert!(hostile.allows(&long));
    group.throughput(Throughput::Elements(1));
    group.bench_function("match a hostile rule", |bencher| {
        bencher.iter(|| hostile.allows(black_box(&long)));
    });
    group.finish();
}

fn short() -> Criterion {
    Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(4))
        .sample_size(30)
}

criterion_group! {
    name = benches;
    config = short();
    targets = lists, articles, dates, charsets, addresses_and_robots
}
criterion_main!(benches);
