//! How long searches take among many articles: `cargo bench --bench search [-- [NUMBER] [DATABASE]]`, by default 20,000
//! articles of 3 kB in an SQLite file of its own. A database that is named has to be empty, or filled by this before: then it
//! is searched as it is.
//!
//! "best" is the first page of `/search`: 20 articles in the order of relevance, their hits marked. "newest" is what a feed
//! holds, and "signature" what tells that a feed did not change.

use std::{
    fmt::Write as _,
    hint::black_box,
    time::{Duration, Instant},
};

use chrono::{DateTime, TimeDelta, Utc};
use loa::{
    domain::{
        article::{Extracted, content_hash},
        query::Query,
        topic::{Assigned, Label},
        watch::Watch,
    },
    store::{After, Filter, NewArticle, Store},
};

/// As long as what a provincial portal writes on an ordinary day (bytes).
const BODY_BYTES: usize = 3_000;

/// A dozen words.
const TITLE_BYTES: usize = 70;

const LEAD_BYTES: usize = 250;

/// A topic that one in so many articles has.
const RARE: i64 = 200;

const TOPIC: &str = "hiem";

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
    if store.article_counts().await?.all == 0 {
        fill(&store, count).await?;
    }
    while store.write_missing_words(500, start()).await? > 0 {}
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
        measure(&store, typed, &Filter::of(&typed.parse()?)).await?;
    }
    let rare = Filter {
        watches: vec![Watch::Topic(TOPIC.to_owned())],
        ..Filter::of(&"và các".parse()?)
    };
    measure(&store, "và các, of a rare topic", &rare).await?;
    let old = Filter {
        until: Some(start() + TimeDelta::days(7)),
        ..Filter::of(&"và các".parse()?)
    };
    measure(&store, "và các, of the first week", &old).await?;
    Ok(())
}

async fn measure(store: &Store, name: &str, filter: &Filter) -> anyhow::Result<()> {
    let query = filter
        .query
        .clone()
        .unwrap_or_else(|| unreachable!("all have one"));
    let found = store.find(filter, None, LIMIT).await?.articles.len();
    let [mut best, mut newest, mut signatures] = [(); 3].map(|()| Vec::new());
    for _ in 0..ROUNDS {
        let began = Instant::now();
        first_page(store, &query, filter).await?;
        best.push(began.elapsed());
        let began = Instant::now();
        store.find(filter, None, LIMIT).await?;
        newest.push(began.elapsed());
        let began = Instant::now();
        store.search_signature(&query, LIMIT).await?;
        signatures.push(began.elapsed());
    }
    println!(
        "{name:26} {found:3} found  best {}  newest {}  signature {}",
        shown(best),
        shown(newest),
        shown(signatures)
    );
    Ok(())
}

async fn first_page(store: &Store, query: &Query, filter: &Filter) -> anyhow::Result<()> {
    let found = store.find_best(filter, After::Count(0), 20).await?;
    for article in &found.articles {
        black_box(query.mark(&article.title));
        black_box(query.snippet(&article.body_text, 240));
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

/// When the oldest article was published.
fn start() -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
}

async fn fill(store: &Store, count: i64) -> anyhow::Result<()> {
    let now = start();
    store.sync_sections(&[("mau", "tin", "Tin")], now).await?;
    let label = Label {
        slug: TOPIC.to_owned(),
        vi: TOPIC.to_owned(),
        en: TOPIC.to_owned(),
    };
    store.sync_topics(&[label], now).await?;
    let section = store.sections().await?[0].id;
    let mut state = 7;
    let began = Instant::now();
    for n in 0..count {
        let page = article(n, &mut state);
        let topic = Assigned {
            slug: TOPIC.to_owned(),
            score: 9.0,
            evidence: Vec::new(),
        };
        let has_topic = n % RARE == 0;
        let article = NewArticle {
            portal: "mau",
            page: &page,
            content_hash: &content_hash(&page),
            topics: if has_topic {
                std::slice::from_ref(&topic)
            } else {
                &[]
            },
            watches: &[],
            section: (section, &page.title),
            announce: None,
            validators: (None, None),
            next_look_at: None,
            edited_look_at: None,
            now: now + TimeDelta::minutes(20 * n),
        };
        store.record(&article).await?;
    }
    println!(
        "recorded in {:.1} ms each",
        began.elapsed().as_secs_f64() * 1000.0 / f64::from(u32::try_from(count)?)
    );
    Ok(())
}

fn text(bytes: usize, state: &mut u64) -> String {
    let known: Vec<&str> = SYLLABLES.split_whitespace().collect();
    let mut text = String::new();
    while text.len() < bytes {
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
            Some(word) => text.push_str(word),
            None => {
                let _ = write!(text, "từ{place}");
            }
        }
        text.push(' ');
    }
    text
}

fn article(n: i64, state: &mut u64) -> Extracted {
    let (title, lead) = (text(TITLE_BYTES, state), text(LEAD_BYTES, state));
    let body_text = text(BODY_BYTES, state);
    Extracted {
        key: n.to_string(),
        url: format!("http://portal.example/{n}"),
        title: format!("bài{n} {title}"),
        lead: Some(lead),
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
