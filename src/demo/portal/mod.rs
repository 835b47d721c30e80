//! A sample portal in the 3CMS shape: three sections, nine articles, and a few more that wait to be published while
//! someone watches. The province, its people and its news are invented.
//!
//! It behaves as the real ones do: titles are cut in lists, a featured article stands twice on its page, counters change at every
//! visit, an unknown article answers 200. Unlike them it sends an `ETag` and answers 304.

mod html;
mod picture;
mod sample;
mod serve;

use std::{
    collections::VecDeque,
    fmt::Write as _,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, TimeDelta, Utc};

use super::held;
use sample::{SECTIONS, Sample};

/// The sample portal. Clones share one state.
#[derive(Debug, Clone)]
pub struct SamplePortal {
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    /// Newest first.
    published: Vec<Live>,
    waiting: VecDeque<Sample>,
    /// The day that the pages' header shows: that of the last change.
    today: DateTime<Utc>,
    visits: u64,
}

/// A published article.
#[derive(Debug, Clone)]
struct Live {
    /// Creation time in Unix milliseconds, as 3CMS numbers its articles.
    id: i64,
    at: DateTime<Utc>,
    sample: Sample,
}

impl SamplePortal {
    /// The portal as it stands at `now`: the newest article is a few hours old.
    pub fn new(now: DateTime<Utc>) -> Self {
        let mut published = Vec::new();
        let mut waiting = VecDeque::new();
        for sample in sample::all() {
            match sample.hours_old {
                Some(hours) => published.push(Live::at(now - TimeDelta::hours(hours), sample)),
                None => waiting.push_back(sample),
            }
        }
        published.sort_by_key(|live| -live.id);
        let state = State {
            published,
            waiting,
            today: now,
            visits: 0,
        };
        Self {
            state: Arc::new(Mutex::new(state)),
        }
    }

    /// The pages, for a listener on loopback.
    pub fn router(&self) -> axum::Router {
        serve::router(self.clone())
    }

    /// Publishes the next article that waits, dated `now`; its title, or `None` when all are out.
    pub fn publish_next(&self, now: DateTime<Utc>) -> Option<String> {
        let mut state = held(&self.state);
        let sample = state.waiting.pop_front()?;
        let title = sample.title.clone();
        let newest = state.published.first().map_or(i64::MIN, |live| live.id);
        let mut live = Live::at(now, sample);
        live.id = live.id.max(newest + 1);
        state.published.insert(0, live);
        state.today = now;
        Some(title)
    }

    /// How many articles still wait.
    pub fn waiting(&self) -> usize {
        held(&self.state).waiting.len()
    }
}

impl Live {
    fn at(at: DateTime<Utc>, sample: Sample) -> Self {
        Self {
            id: at.timestamp_millis(),
            at,
            sample,
        }
    }

    fn path(&self) -> String {
        format!(
            "/chi-tiet-tin/-/view-article/1/{}/{}",
            self.sample.section.category, self.id
        )
    }
}

/// How often the demo looks for news: often enough that nobody waits for it (six fields, seconds first).
const SCHEDULE: &str = "*/10 * * * * *";

/// The portal's file, as `config/portals/*.toml` would hold it. `base_url` is where the router listens.
pub fn toml(base_url: &str) -> String {
    let base_url = base_url.trim_end_matches('/');
    let mut file = format!(
        "id = \"mau\"\nname = \"{NAME}\"\nbase_url = \"{base_url}\"\nauthority = \"loa.example\"\nyear = 2026\n\
         profile = \"3cms\"\n"
    );
    for section in &SECTIONS {
        let _ = write!(
            file,
            "\n[[section]]\nslug = \"{slug}\"\ntitle = \"{title}\"\npath = \"/{slug}\"\nschedule = \"{SCHEDULE}\"\n\
             topics = [{topics}]\n",
            slug = section.slug,
            title = section.title,
            topics = section.topic.map(|t| format!("\"{t}\"")).unwrap_or_default(),
        );
    }
    file
}

/// The portal's name.
pub const NAME: &str = "Cổng thông tin điện tử tỉnh Sơn Hải (mẫu)";
