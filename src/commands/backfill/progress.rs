//! How far a backfill is, on standard error: a bar on a terminal, a line for each list page elsewhere.

use std::{
    cell::Cell,
    io::{IsTerminal as _, stderr},
    time::Duration,
};

use chrono::{DateTime, Utc};
use indicatif::{HumanDuration, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    domain::time,
    jobs::poll::backfill::{Backfill, PageLine, Until},
};

/// How often the bar is drawn while nothing happens: the portal is waited for most of the time.
const TICK: Duration = Duration::from_millis(250);

/// A bar, or lines.
pub(super) enum Progress {
    Bar {
        bar: ProgressBar,
        /// The oldest date on the last list page.
        oldest: Cell<Option<DateTime<Utc>>>,
        /// List pages that earlier runs have read.
        before: u64,
    },
    Lines,
}

impl Progress {
    /// Starts at `read` list pages, which earlier runs have read.
    pub(super) fn start(until: Until, read: i64) -> Self {
        if !stderr().is_terminal() {
            return Self::Lines;
        }
        let (bar, template) = match until {
            Until::Pages(pages) => (
                ProgressBar::new(u64::try_from(pages).unwrap_or(0)),
                "{bar:30} {pos} of {len} list pages, {msg}",
            ),
            Until::Since(_) => (ProgressBar::no_length(), "{spinner} {pos} list pages, {msg}"),
        };
        let style = ProgressStyle::with_template(template);
        let bar = bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let before = u64::try_from(read).unwrap_or(0);
        bar.set_draw_target(ProgressDrawTarget::hidden());
        bar.set_position(before);
        bar.set_message("0 articles stored");
        bar.set_draw_target(ProgressDrawTarget::stderr());
        if bar.is_hidden() {
            // A terminal that cannot move its cursor.
            return Self::Lines;
        }
        // What earlier runs read must not make this one look fast.
        bar.reset_eta();
        bar.enable_steady_tick(TICK);
        let oldest = Cell::new(None);
        Self::Bar { bar, oldest, before }
    }

    /// Shows what the walk has stored.
    pub(super) fn show(&self, walk: &Backfill<'_>) {
        if let Self::Bar { bar, oldest, before } = self {
            let mut text = message(walk, bar.elapsed(), oldest.get());
            if bar.length().is_some() && bar.position() > *before {
                text = format!("{text}, {:#} left", HumanDuration(bar.eta()));
            }
            bar.set_message(text);
        }
    }

    /// A list page is done, its articles with it.
    pub(super) fn page(&self, line: &PageLine, walk: &Backfill<'_>) {
        match self {
            Self::Bar { bar, oldest, .. } => {
                bar.set_position(u64::try_from(line.number).unwrap_or(0));
                oldest.set(line.oldest);
                self.show(walk);
            }
            Self::Lines => eprintln!("{}", text(line)),
        }
    }

    /// A sentence of its own.
    pub(super) fn say(&self, text: &str) {
        match self {
            Self::Bar { bar, .. } => bar.suspend(|| eprintln!("{text}")),
            Self::Lines => eprintln!("{text}"),
        }
    }

    /// Takes the bar away.
    pub(super) fn clear(&self) {
        if let Self::Bar { bar, .. } = self {
            bar.finish_and_clear();
        }
    }
}

/// `212 articles stored (38 a minute), back to 12/04/2023`.
fn message(walk: &Backfill<'_>, elapsed: Duration, oldest: Option<DateTime<Utc>>) -> String {
    let stored = walk.tally().stored;
    let per_minute = u128::try_from(stored).unwrap_or(0) * 60_000 / elapsed.as_millis().max(1);
    let back = oldest.map_or_else(String::new, |oldest| format!(", back to {}", time::date(oldest)));
    format!("{stored} articles stored ({per_minute} a minute){back}")
}

/// `page 3: 10 listed, 8 new, 8 stored (oldest 12/04/2023)`.
fn text(line: &PageLine) -> String {
    let failed = match line.failed {
        0 => String::new(),
        n => format!(", {n} failed"),
    };
    let left = match line.left {
        0 => String::new(),
        n => format!(", {n} left to the next poll"),
    };
    let oldest = line
        .oldest
        .map_or_else(String::new, |oldest| format!(" (oldest {})", time::date(oldest)));
    format!(
        "page {}: {} listed, {} new, {} stored{failed}{left}{oldest}",
        line.number, line.listed, line.new, line.stored
    )
}
