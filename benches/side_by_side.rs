//! Reads given pages over and over and prints how long that took and what was read, as one JSON object: Loa's side of
//! `scripts/bench-extraction`, which puts other software beside it.
//!
//! `side_by_side PROFILE PASSES <LIST`: each line of LIST is a file and the address that it is read under, a tab between.
//! Without arguments, as `cargo bench` starts it, it does nothing.

use std::{error::Error, fs, hint::black_box, io};

use chrono::DateTime;
use chrono_tz::Asia::Ho_Chi_Minh;
use loa::{
    domain::article::Precision,
    portal::{
        Profile,
        extract::{ArticlePage, article},
    },
};
use serde_json::{Value, json};
use url::Url;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|a| a != "--bench").collect();
    let [name, passes] = arguments.as_slice() else {
        println!("side_by_side is run by scripts/bench-extraction");
        return Ok(());
    };
    let profile = Profile::builtin(name).ok_or_else(|| format!("no profile {name}"))?;
    let passes: usize = passes.parse()?;
    let mut pages = Vec::new();
    for line in io::stdin().lines() {
        let line = line?;
        let (file, url) = line.split_once('\t').ok_or("a line without a tab")?;
        pages.push((fs::read_to_string(file)?, Url::parse(url)?));
    }
    let now = DateTime::from_timestamp(1_795_420_800, 0).ok_or("no such moment")?;
    // The first pass warms caches and shows what is read.
    let read: Vec<Value> = pages
        .iter()
        .map(|(html, url)| match article(html, url, &profile, now) {
            Ok(ArticlePage::Article(found)) => json!({
                "title": found.title,
                "published": found.published.map(|p| p.at.with_timezone(&Ho_Chi_Minh).to_rfc3339()),
                "has_time": found.published.is_some_and(|p| p.precision == Precision::Minute),
                "text": found.body_text,
            }),
            Ok(ArticlePage::NotThere) => Value::Null,
            Err(error) => json!({ "error": error.to_string() }),
        })
        .collect();
    let mut seconds = Vec::with_capacity(passes);
    for _ in 0..passes {
        let started = busy()?;
        for (html, url) in &pages {
            drop(black_box(article(black_box(html), url, &profile, now)));
        }
        seconds.push(busy()? - started);
    }
    println!("{}", json!({ "seconds": seconds, "read": read }));
    Ok(())
}

/// How long this thread has had a core, in seconds: what else the machine does meanwhile does not count. Linux tells it in
/// nanoseconds, as the first number of this file.
fn busy() -> Result<f64, Box<dyn Error>> {
    let text = fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanoseconds: f64 = text.split(' ').next().unwrap_or_default().parse()?;
    Ok(nanoseconds / 1e9)
}
