//! `/metrics`: read with a parser that is as strict as Prometheus's own, and its numbers compared with what was done.

use std::collections::{BTreeMap, BTreeSet};

use axum_test::TestServer;
use chrono::TimeDelta;
use loa::{
    clock::Clock,
    domain::{
        breakage::{Cause, Turn},
        subscription::Frequency,
        token::Tokens,
    },
    measure::Measures,
    store::DELIVERY_STATES,
    web,
};

use crate::common::{
    cluster::Cluster,
    databases::{TestDb, for_each_db},
    process::Loa,
    records::{prepare, record, start, subscribe},
    site,
    sql::Sql,
    stand_ins::get,
};

for_each_db!(
    every_section_and_the_outbox_are_told_as_the_database_has_them,
    requests_are_counted_by_route_and_never_by_address,
    a_section_that_is_retired_or_recovered_leaves_no_series_behind,
);

type Labels = BTreeMap<String, String>;

/// Samples by name and labels, families by name.
#[derive(Default, Debug)]
struct Scrape {
    samples: BTreeMap<(String, Labels), f64>,
    types: BTreeMap<String, String>,
    helped: BTreeSet<String>,
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with(|c: char| c.is_ascii_digit())
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':')
}

/// `name="value"` pairs up to the closing brace; what follows it.
fn labels(mut rest: &str, line: &str) -> (Labels, String) {
    let mut labels = Labels::new();
    loop {
        let (name, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("{line}"));
        assert!(is_name(name) && !name.contains(':'), "label {name:?} in {line}");
        let (mut value, mut chars, mut end) = (String::new(), after.char_indices(), None);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    end = Some(at);
                    break;
                }
                '\\' => match chars.next().expect("an escape has a letter").1 {
                    'n' => value.push('\n'),
                    c @ ('\\' | '"') => value.push(c),
                    c => panic!("\\{c} in {line}"),
                },
                c => value.push(c),
            }
        }
        let twice = labels.insert(name.to_owned(), value);
        assert!(twice.is_none(), "label {name} twice in {line}");
        rest = &after[end.unwrap_or_else(|| panic!("no end: {line}")) + 1..];
        if let Some(after) = rest.strip_prefix('}') {
            return (labels, after.to_owned());
        }
        rest = rest.strip_prefix(',').unwrap_or_else(|| panic!("{line}"));
    }
}

/// The text format 0.0.4, and what `promtool check metrics` asks beyond it: HELP and TYPE before the first sample of each
/// family and once, all samples of a family together, no series twice, `_total` for counters and for nothing else.
fn parse(text: &str) -> Scrape {
    assert!(text.ends_with('\n'), "the last line ends");
    let mut scrape = Scrape::default();
    let mut family = String::new();
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("# HELP ") {
            let (name, help) = rest.split_once(' ').unwrap_or_else(|| panic!("{line}"));
            assert!(is_name(name) && !help.is_empty(), "{line}");
            assert!(scrape.helped.insert(name.to_owned()), "HELP twice: {line}");
            continue;
        }
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap_or_else(|| panic!("{line}"));
            assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
            assert_eq!(name.ends_with("_total"), kind == "counter", "{line}");
            assert!(scrape.helped.contains(name), "HELP before TYPE: {line}");
            let twice = scrape.types.insert(name.to_owned(), kind.to_owned());
            assert!(twice.is_none(), "TYPE twice: {line}");
            family = name.to_owned();
            continue;
        }
        assert!(!line.starts_with('#'), "{line}");
        let end = line.find(['{', ' ']).unwrap_or_else(|| panic!("{line}"));
        let (name, rest) = line.split_at(end);
        let (labels, rest) = match rest.strip_prefix('{') {
            Some(rest) => labels(rest, line),
            None => (Labels::new(), rest.to_owned()),
        };
        let value = rest.strip_prefix(' ').unwrap_or_else(|| panic!("{line}"));
        let value: f64 = value.parse().unwrap_or_else(|_| panic!("{line}"));
        let is_part = scrape.types[&family] == "histogram"
            && ["_bucket", "_sum", "_count"]
                .iter()
                .any(|part| name == format!("{family}{part}"));
        assert!(
            is_name(name) && (name == family || is_part),
            "not of {family}: {line}"
        );
        let twice = scrape.samples.insert((name.to_owned(), labels), value);
        assert!(twice.is_none(), "the same series twice: {line}");
    }
    assert_eq!(scrape.helped.len(), scrape.types.len());
    scrape.check_histograms();
    scrape
}

impl Scrape {
    /// Buckets grow with their bound, and the last one, +Inf, is the count.
    fn check_histograms(&self) {
        for name in self
            .types
            .iter()
            .filter(|(_, kind)| *kind == "histogram")
            .map(|(name, _)| name)
        {
            let bucket = format!("{name}_bucket");
            let mut series: BTreeMap<Labels, Vec<(f64, f64)>> = BTreeMap::new();
            for ((of, labels), value) in self.samples.iter().filter(|((of, _), _)| *of == bucket) {
                let mut labels = labels.clone();
                let bound = labels.remove("le").unwrap_or_else(|| panic!("{of} without le"));
                let bound = if bound == "+Inf" {
                    f64::INFINITY
                } else {
                    bound.parse().unwrap()
                };
                series.entry(labels).or_default().push((bound, *value));
            }
            for (labels, mut buckets) in series {
                buckets.sort_by(|a, b| a.0.total_cmp(&b.0));
                assert!(buckets.is_sorted_by(|a, b| a.1 <= b.1), "{buckets:?}");
                let last = *buckets.last().unwrap();
                assert!(last.0.is_infinite());
                let count = self.samples[&(format!("{name}_count"), labels.clone())];
                assert!((last.1 - count).abs() < 0.5);
                assert!(self.samples.contains_key(&(format!("{name}_sum"), labels)));
            }
        }
    }

    /// The value of a series, `name{a="b"}` as one writes it in a query.
    fn get(&self, series: &str) -> Option<f64> {
        let (name, rest) = series.split_once('{').unwrap_or((series, ""));
        let labels = if rest.is_empty() {
            Labels::new()
        } else {
            labels(rest, series).0
        };
        self.samples.get(&(name.to_owned(), labels)).copied()
    }

    fn is(&self, series: &str, value: f64) {
        let got = self.get(series);
        assert!(
            got.is_some_and(|got| (got - value).abs() < 1e-9),
            "{series} is {got:?}, not {value}"
        );
    }
}

struct Site {
    server: TestServer,
    measures: Measures,
}

impl Site {
    fn new(db: &TestDb) -> Self {
        let state = site::state(&db.store, &Clock::manual(start()), &Tokens::new("test"));
        Self {
            measures: state.measures.clone(),
            server: TestServer::new(web::router(state)),
        }
    }

    async fn scrape(&self) -> Scrape {
        let answer = self.server.get("/metrics").await;
        answer.assert_status_ok();
        answer.assert_header("content-type", "text/plain; version=0.0.4; charset=utf-8");
        answer.assert_header("cache-control", "no-store");
        parse(&answer.text())
    }
}

async fn every_section_and_the_outbox_are_told_as_the_database_has_them(db: TestDb) {
    let store = &db.store;
    let section = prepare(store, start()).await;
    subscribe(store, "lan@example.vn", "all", Frequency::Instant).await;
    let round = store.open_fanout(start()).await.unwrap();
    record(store, section, 1, &[], Some(round)).await;
    record(store, section, 2, &[], Some(round)).await;
    store.close_fanout(round, start()).await.unwrap();
    while store.fan_out_chunk(100, 1, start()).await.unwrap().is_some() {}
    let site = Site::new(&db);
    let fresh = site.scrape().await;
    let of = r#"portal="mau",section="khoa-hoc""#;
    fresh.is(&format!("loa_section_up{{{of}}}"), 1.0);
    fresh.is(&format!("loa_section_failures{{{of}}}"), 0.0);
    fresh.is(&format!("loa_wanted_pages{{{of}}}"), 0.0);
    let next = fresh.get(&format!("loa_section_next_poll_timestamp_seconds{{{of}}}"));
    assert_eq!(next, Some(1_795_507_200.0));
    assert_eq!(
        fresh.get(&format!("loa_section_last_poll_timestamp_seconds{{{of}}}")),
        None
    );
    assert_eq!(fresh.get(&format!("loa_section_usual_items{{{of}}}")), None);
    fresh.is("loa_database_up", 1.0);
    fresh.is("loa_articles_total", 2.0);
    fresh.is("loa_articles_withdrawn", 0.0);
    fresh.is("loa_alarms_waiting", 0.0);
    fresh.is(r#"loa_deliveries{channel="email",state="queued"}"#, 1.0);
    fresh.is(
        &format!("loa_build_info{{version=\"{}\"}}", env!("CARGO_PKG_VERSION")),
        1.0,
    );

    let mut sql = Sql::connect(&db.url).await;
    sql.run("UPDATE sections SET polled_at = next_poll_at, failures = 3, usual_items = 19.5, degraded_at = next_poll_at, degraded_by = 'layout'").await;
    sql.run("INSERT INTO wanted_pages (section_id, key, url, list_title, is_news, next_try_at) SELECT id, '9', 'http://portal.example/9', 'Tin', 1, next_poll_at FROM sections").await;
    sql.run("UPDATE articles SET withdrawn_at = updated_at WHERE id = (SELECT MIN(id) FROM articles)")
        .await;
    sql.run("UPDATE deliveries SET state = 'unknown'").await;
    store
        .raise_alarm(section, (Turn::Degraded, Cause::Layout), "why", start())
        .await
        .unwrap();
    let later = site.scrape().await;
    later.is(&format!("loa_section_up{{{of}}}"), 0.0);
    later.is(
        &format!("loa_section_degraded_info{{{of},cause=\"layout\"}}"),
        1.0,
    );
    later.is(&format!("loa_section_failures{{{of}}}"), 3.0);
    later.is(&format!("loa_section_usual_items{{{of}}}"), 19.5);
    later.is(
        &format!("loa_section_last_poll_timestamp_seconds{{{of}}}"),
        1_795_507_200.0,
    );
    later.is(&format!("loa_wanted_pages{{{of}}}"), 1.0);
    later.is("loa_articles_total", 2.0);
    later.is("loa_articles_withdrawn", 1.0);
    later.is("loa_alarms_waiting", 1.0);
    later.is(r#"loa_deliveries{channel="email",state="unknown"}"#, 1.0);
    for state in DELIVERY_STATES.into_iter().filter(|state| *state != "unknown") {
        later.is(
            &format!("loa_deliveries{{channel=\"email\",state=\"{state}\"}}"),
            0.0,
        );
    }
    let made = later.samples.keys().filter(|(name, _)| name == "loa_deliveries");
    assert_eq!(made.count(), 21, "every state of all channels, and no other");
}

async fn requests_are_counted_by_route_and_never_by_address(db: TestDb) {
    prepare(&db.store, start()).await;
    let (site, other) = (Site::new(&db), Site::new(&db));
    for path in [
        "/articles/1",
        "/articles/2",
        "/feeds/all.rss?q=bi-mat",
        "/unsubscribe/bi-mat",
        "/bi-mat",
    ] {
        site.server.get(path).await;
    }
    site.server.post("/articles/1").await;
    let odd = axum::http::Method::from_bytes(b"BREW").unwrap();
    site.server.method(odd, "/topics").await;
    let scrape = site.scrape().await;
    let of = |route: &str, method: &str, status: u16| {
        format!("loa_http_requests_total{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}}")
    };
    scrape.is(&of("/articles/{id}", "GET", 404), 2.0);
    scrape.is(&of("/articles/{id}", "POST", 405), 1.0);
    scrape.is(&of("/feeds/{file}", "GET", 200), 1.0);
    scrape.is(&of("none", "GET", 404), 1.0);
    scrape.is(&of("/topics", "other", 405), 1.0);
    let said = site.server.get("/metrics").await.text();
    assert!(!said.contains("bi-mat"), "{said}");
    site.scrape().await.is(&of("/metrics", "GET", 200), 2.0);
    let elsewhere = other.scrape().await;
    assert_eq!(
        elsewhere.get(&of("/articles/{id}", "GET", 404)),
        None,
        "each service counts its own"
    );
}

async fn a_section_that_is_retired_or_recovered_leaves_no_series_behind(db: TestDb) {
    prepare(&db.store, start()).await;
    let site = Site::new(&db);
    let mut sql = Sql::connect(&db.url).await;
    sql.run("UPDATE sections SET degraded_at = next_poll_at, degraded_by = 'empty'")
        .await;
    let of = r#"loa_section_degraded_info{portal="mau",section="khoa-hoc",cause="empty"}"#;
    site.scrape().await.is(of, 1.0);
    sql.run("UPDATE sections SET degraded_at = NULL, degraded_by = NULL")
        .await;
    assert_eq!(site.scrape().await.get(of), None);
    let elsewhere = [("mau", "su-kien", "Sự kiện")];
    db.store.sync_sections(&elsewhere, start()).await.unwrap();
    let scrape = site.scrape().await;
    assert_eq!(
        scrape.get(r#"loa_section_up{portal="mau",section="khoa-hoc"}"#),
        None
    );
    scrape.is(r#"loa_section_up{portal="mau",section="su-kien"}"#, 1.0);
}

#[tokio::test]
async fn polls_and_fetches_are_counted_into_buckets() {
    crate::common::databases::on_sqlite(|db| async move {
        let site = Site::new(&db);
        let took = |ms| TimeDelta::milliseconds(ms).to_std().unwrap();
        for ms in [100, 700, 700, 2_000_000] {
            site.measures.polled("mau", took(ms));
        }
        site.measures.fetched("mau", "page");
        site.measures.fetched("mau", "page");
        site.measures.fetched("mau", "timeout");
        site.measures.recorded("mau", 3, 1);
        site.measures.recorded("mau", 2, 0);
        let scrape = site.scrape().await;
        assert_eq!(scrape.types["loa_poll_duration_seconds"], "histogram");
        for (bound, count) in [("0.5", 1.0), ("1", 3.0), ("900", 3.0), ("+Inf", 4.0)] {
            let series = format!("loa_poll_duration_seconds_bucket{{portal=\"mau\",le=\"{bound}\"}}");
            scrape.is(&series, count);
        }
        scrape.is(r#"loa_poll_duration_seconds_sum{portal="mau"}"#, 2001.5);
        scrape.is(r#"loa_fetch_total{portal="mau",outcome="page"}"#, 2.0);
        scrape.is(r#"loa_fetch_total{portal="mau",outcome="timeout"}"#, 1.0);
        scrape.is(r#"loa_articles_recorded_total{portal="mau",kind="new"}"#, 5.0);
        scrape.is(r#"loa_articles_recorded_total{portal="mau",kind="changed"}"#, 1.0);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_is_away_is_told_with_the_processes_own_numbers() {
    let Some(mut cluster) = Cluster::start() else {
        return;
    };
    let loa = Loa::new(&cluster.url);
    let mut running = loa.start(&["serve", "--only", "web"]);
    let address = running.address().await;
    assert_eq!(get(&format!("{address}/healthz")).0, 200);
    cluster.stop();
    let (status, text) = get(&format!("{address}/metrics"));
    assert_eq!(status, 200);
    let scrape = parse(&text);
    scrape.is("loa_database_up", 0.0);
    scrape.is(
        r#"loa_http_requests_total{route="/healthz",method="GET",status="200"}"#,
        1.0,
    );
    assert!(!scrape.types.contains_key("loa_section_up"));
    cluster.resume();
    let (_, text) = get(&format!("{address}/metrics"));
    parse(&text).is("loa_database_up", 1.0);
}

#[test]
#[should_panic(expected = "the same series twice")]
fn the_parser_refuses_a_series_that_stands_twice() {
    parse("# HELP a b\n# TYPE a gauge\na{x=\"1\"} 1\na{x=\"1\"} 2\n");
}

#[test]
#[should_panic(expected = "not of")]
fn the_parser_refuses_a_sample_outside_its_family() {
    parse("# HELP a b\n# TYPE a gauge\na 1\n# HELP c d\n# TYPE c gauge\na{x=\"1\"} 2\n");
}
