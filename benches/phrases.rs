//! How long it takes to find out which of many watched phrases stand in an article, beside asking for each one: `cargo bench
//! --bench phrases [-- NUMBER]`, by default 100,000 phrases. Prints memory too (Linux). Then the same as polling does it, with
//! the phrases in an SQLite file of its own: what a process pays once, and what it pays before each article to know of a phrase
//! that somebody just confirmed.

use std::{fmt::Write as _, hint::black_box, time::Instant};

use chrono::{DateTime, TimeDelta, Utc};

use loa::domain::{
    article::Extracted,
    subscription::{Address, Channel, Frequency},
    text,
    token::Tokens,
    watch::{Watch, Watchable},
    watched::Watched,
};
use loa::{
    jobs::poll::KnownWatches,
    store::{Import, Store},
};

/// Names and subjects as people follow them: two to five of these (the second half of them without diacritics).
const SYLLABLES: &str = "khoa học công nghệ chuyển đổi số gio linh vĩnh cảng mỹ thủy bão lũ lụt đường cao tốc cam lộ la sơn bệnh viện \
    đa trường phổ thông trung tâm hành chính công đất đai giá lúa gạo hồ tiêu cà phê hướng hóa đông hà triệu phong hải lăng cồn cỏ";

const ROUNDS: usize = 30;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let count = std::env::args().find_map(|argument| argument.parse::<i64>().ok());
    let count = count.unwrap_or(100_000);
    let syllables: Vec<&str> = SYLLABLES.split_whitespace().collect();
    let mut state = 1_u64;
    let mut next = move |below: usize| {
        // Knuth's MMIX constants: the same phrases at every run.
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap_or_default() % below
    };
    let phrases: Vec<String> = (0..count)
        .map(|n| {
            let words: Vec<&str> = (0..2 + next(4))
                .map(|_| syllables[next(syllables.len())])
                .collect();
            let phrase = format!("{} {n}", words.join(" "));
            if n % 2 == 0 {
                phrase
            } else {
                text::fold(&text::normalise(&phrase))
            }
        })
        .collect();
    let mut body = String::new();
    while body.len() < 6_000 {
        let _ = write!(body, "{} ", syllables[next(syllables.len())]);
    }
    // A few that are there.
    for phrase in phrases.iter().step_by(phrases.len().div_ceil(10)) {
        let _ = write!(body, "{phrase}. ");
    }
    let page = article(body);
    let before = resident_kb();
    let began = Instant::now();
    let mut watched = Watched::default();
    for (id, phrase) in (1..).zip(&phrases) {
        watched.add(id, Watch::Phrase(phrase.clone()));
    }
    let built = began.elapsed();
    println!(
        "{count} phrases: {built:.2?} to take them in, {:.2?} each; {} kB",
        built / u32::try_from(count).unwrap_or(u32::MAX),
        resident_kb().saturating_sub(before)
    );
    let topics = [];
    let began = Instant::now();
    for _ in 0..ROUNDS {
        black_box(Watchable::new("mau", "khoa-hoc", &page, &topics));
    }
    let reading = began.elapsed();
    let article = Watchable::new("mau", "khoa-hoc", &page, &topics);
    let began = Instant::now();
    for _ in 0..ROUNDS {
        black_box(watched.matching(black_box(&article)));
    }
    let at_once = began.elapsed();
    let found = watched.matching(&article);
    let began = Instant::now();
    let normalised = text::normalise(&format!("{}\n\n{}", page.title, page.body_text));
    let folded = text::fold(&normalised);
    let stands = |phrase: &&String| Watch::phrase_matches(phrase, &normalised, &folded);
    let one_by_one = phrases.iter().filter(stands).count();
    let naive = began.elapsed();
    assert_eq!(found.len(), one_by_one, "both find the same");
    let rounds = f64::from(u32::try_from(ROUNDS).unwrap_or(1));
    let ms = |elapsed: std::time::Duration, times: f64| elapsed.as_secs_f64() * 1000.0 / times;
    println!(
        "an article of 6 kB: {:.3} ms to normalise it",
        ms(reading, rounds)
    );
    println!(
        "all at once: {:.3} ms, {} found; one by one: {:.1} ms; ratio {:.0}",
        ms(at_once, rounds),
        found.len(),
        ms(naive, 1.0),
        naive.as_secs_f64() * rounds / at_once.as_secs_f64()
    );
    drop(watched);
    polled(&phrases, &article).await
}

/// As polling asks: what is new is read from the database before each article.
async fn polled(phrases: &[String], article: &Watchable<'_>) -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let url = format!("sqlite:{}", folder.path().join("loa.db").display());
    let store = Store::open(&url).await?;
    store.migrate().await?;
    let mut now: DateTime<Utc> = "2026-11-24T08:00:00Z".parse()?;
    let tokens = Tokens::new("bench");
    let import = |phrase: &str| -> anyhow::Result<Import> {
        Ok(Import {
            address: Address::parse(Channel::Email, "lan@example.vn")?,
            watch: Watch::Phrase(phrase.to_owned()),
            frequency: Frequency::Daily,
        })
    };
    for phrase in phrases {
        store.import(&import(phrase)?, "bench", &tokens, now).await?;
    }
    let process = KnownWatches::default();
    let began = Instant::now();
    process.matching(&store, article, now).await?;
    let first = began.elapsed();
    let mut slowest = [std::time::Duration::ZERO; 2];
    for (age, slowest) in slowest.iter_mut().enumerate() {
        // Ids of the last minutes are read again, since their transactions may commit late; then they are settled.
        now += TimeDelta::minutes(if age == 0 { 0 } else { 11 });
        process.matching(&store, article, now).await?;
        for n in 0..ROUNDS {
            let new = import(&format!("cụm từ mới {age} {n}"))?;
            store.import(&new, "bench", &tokens, now).await?;
            let began = Instant::now();
            process.matching(&store, article, now).await?;
            *slowest = began.elapsed().max(*slowest);
        }
    }
    println!(
        "polling: {first:.2?} for the first article of a process; slowest of {ROUNDS} after a new phrase each: {:.2?} in its first \
         minutes, {:.2?} later",
        slowest[0], slowest[1]
    );
    Ok(())
}

fn article(body_text: String) -> Extracted {
    Extracted {
        key: "1".to_owned(),
        url: "http://portal.example/1".to_owned(),
        title: "Tin trong tỉnh".to_owned(),
        lead: None,
        source: None,
        author: None,
        published: None,
        section: None,
        body_html: String::new(),
        body_text,
        images: Vec::new(),
        attachments: Vec::new(),
        rules: std::collections::BTreeMap::new(),
        warnings: Vec::new(),
    }
}

/// Memory of this process; 0 where the system does not tell.
fn resident_kb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|kb| kb.trim().trim_end_matches(" kB").parse().ok())
        .unwrap_or(0)
}
