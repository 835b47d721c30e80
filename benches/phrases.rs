//! How long it takes to find out which of many watched phrases stand in an article, beside asking for each one: `cargo bench
//! --bench phrases [-- NUMBER]`, by default 100,000 phrases. Prints memory too (Linux).

use std::{fmt::Write as _, hint::black_box, time::Instant};

use loa::domain::{
    article::Extracted,
    text,
    watch::{Watch, Watchable},
    watched::Watched,
};

/// Names and subjects as people follow them: two to five of these (the second half of them without diacritics).
const SYLLABLES: &str = "khoa học công nghệ chuyển đổi số gio linh vĩnh cảng mỹ thủy bão lũ lụt đường cao tốc cam lộ la sơn bệnh viện \
    đa trường phổ thông trung tâm hành chính công đất đai giá lúa gạo hồ tiêu cà phê hướng hóa đông hà triệu phong hải lăng cồn cỏ";

const ROUNDS: usize = 30;

fn main() {
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
