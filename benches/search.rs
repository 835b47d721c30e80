//! How long searches take among many articles: `cargo bench --bench search [-- [NUMBER] [DATABASE]]`, by default 20,000
//! articles of 3 kB in an SQLite file of its own. A PostgreSQL database that is named has to be empty.

use std::{
    fmt::Write as _,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use loa::{
    domain::{
        article::{Extracted, content_hash},
        query::Query,
    },
    store::{NewArticle, Page, Store},
};

/// As long as what a provincial portal writes on an ordinary day (bytes).
const BODY_BYTES: usize = 3_000;

/// As many articles as a feed has.
const LIMIT: i64 = 50;

const ROUNDS: usize = 15;

/// Frequent first: the word number `n` stands about twice as often as the word number `2n`.
const SYLLABLES: &str = "và của các tỉnh công khoa học nghệ ủy ban nhân dân Quảng Trị phát triển năm trong được về đã có với \
    sở ngành thực hiện chuyển đổi số xây dựng kinh tế xã hội nghị quyết doanh nghiệp nông thôn giáo dục đào tạo y sức khỏe";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut arguments = std::env::args().skip(1).filter(|argument| argument != "--bench");
    let count: i64 = arguments.next().map_or(Ok(20_000), |number| number.parse())?;
    let folder = tempfile::tempdir()?;
    let url = arguments
        .next()
        .unwrap_or_else(|| format!("sqlite:{}", folder.path().join("loa.db").display()));
    let store = Store::open(&url).await?;
    store.migrate().await?;
    fill(&store, count).await?;
    println!(
        "{count} articles in {}; milliseconds, median and slowest of {ROUNDS}",
        store.kind()
    );
    for typed in [
        "khoa học",
        "khoa hoc",
        "và",
        "\"khoa học\"",
        "\"khoa hoc cong nghe\"",
        "và -khoa",
        "doanh nghiệp nông thôn",
        "bài77",
        "khônghềcó",
    ] {
        let query: Query = typed.parse()?;
        let page = Page {
            before: None,
            limit: LIMIT,
        };
        let found = store.search(&query, page).await?.len();
        let mut lists = Vec::new();
        let mut signatures = Vec::new();
        for _ in 0..ROUNDS {
            let began = Instant::now();
            store.search(&query, page).await?;
            lists.push(began.elapsed());
            let began = Instant::now();
            store.search_signature(&query, LIMIT).await?;
            signatures.push(began.elapsed());
        }
        println!(
            "{typed:26} {found:3} found  list {}  signature {}",
            shown(lists),
            shown(signatures)
        );
    }
    Ok(())
}

fn shown(mut times: Vec<Duration>) -> String {
    times.sort();
    let millis = |time: Duration| time.as_secs_f64() * 1000.0;
    format!(
        "{:7.2} {:7.2}",
        millis(times[times.len() / 2]),
        millis(times[times.len() - 1])
    )
}

async fn fill(store: &Store, count: i64) -> anyhow::Result<()> {
    let now: DateTime<Utc> = "2026-11-24T08:00:00Z".parse()?;
    store.sync_sections(&[("mau", "tin", "Tin")], now).await?;
    let section = store.sections().await?[0].id;
    let mut state = 7;
    let began = Instant::now();
    for n in 0..count {
        let page = article(n, &mut state);
        let article = NewArticle {
            portal: "mau",
            page: &page,
            content_hash: &content_hash(&page),
            topics: &[],
            watches: &[],
            section: (section, &page.title),
            announce: None,
            validators: (None, None),
            next_look_at: None,
            edited_look_at: None,
            now: now + TimeDelta::minutes(n),
        };
        store.record(&article).await?;
    }
    println!(
        "recorded in {:.1} ms each",
        began.elapsed().as_secs_f64() * 1000.0 / f64::from(u32::try_from(count)?)
    );
    Ok(())
}

fn article(n: i64, state: &mut u64) -> Extracted {
    let known: Vec<&str> = SYLLABLES.split_whitespace().collect();
    let mut body_text = String::new();
    while body_text.len() < BODY_BYTES {
        // Knuth's MMIX generator: any spread will do, as long as it is the same at every run.
        *state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let bits = usize::try_from(*state >> 33).unwrap_or_default();
        let place = if bits % 4 == 0 {
            bits / 4 % 3_000
        } else {
            bits / 4 % (1 << (bits / 7 % 6))
        };
        match known.get(place) {
            Some(word) => body_text.push_str(word),
            None => {
                let _ = write!(body_text, "từ{place}");
            }
        }
        body_text.push(' ');
    }
    Extracted {
        key: n.to_string(),
        url: format!("http://portal.example/{n}"),
        title: format!("bài{n}"),
        lead: None,
        source: None,
        author: None,
        published: None,
        section: None,
        body_html: format!("<p>{body_text}</p>"),
        body_text,
        images: Vec::new(),
        attachments: Vec::new(),
        rules: std::collections::BTreeMap::new(),
        warnings: Vec::new(),
    }
}
