//! Whether a section is as it should be, from what a poll saw. Pure: moving averages in, a verdict out.

use crate::{
    domain::{article::Extracted, breakage::Cause},
    portal::{extract::ExtractError, fetch::FetchError},
    store::Usual,
};

/// A list with fewer items than this share of the usual has dropped.
const DROP: f64 = 0.5;
/// Lists that are usually shorter say nothing by being short.
const SHORT_LIST: f64 = 4.0;
/// How fast the usual length of a list follows what is seen; and while it is degraded, so that a portal that shows fewer
/// items for good is usual again after half a day of polls, and a breakage is not.
const LIST_PACE: f64 = 0.2;
const DEGRADED_LIST_PACE: f64 = 0.03;

/// Pages of which less than this share of the usual is found are below it; at this share they are well again.
const LOW_YIELD: f64 = 0.6;
const WELL_AGAIN: f64 = 0.8;
/// Below this, pages give nothing at all.
const NOTHING: f64 = 0.05;
/// How fast the two averages of yield follow: three pages in a row that cannot be read are noticed, one or two are not.
const RECENT_PACE: f64 = 0.25;
const USUAL_PACE: f64 = 0.05;

/// Polls in a row that may fail for outer reasons (time-outs, 5xx) before the operator is told: about a quarter of an hour
/// with the back-off, so that a nightly restart wakes nobody.
pub(super) const FAILURES_TO_TELL: i64 = 5;

/// A body with fewer characters holds nothing, unless it has pictures or files.
const EMPTY_BODY: usize = 50;

/// What is found of an article's page (0 to 1): the moment of publication, and something to read.
pub(super) fn page_yield(page: &Extracted) -> f64 {
    let has_body = page.body_text.chars().count() >= EMPTY_BODY
        || !page.images.is_empty()
        || !page.attachments.is_empty();
    let date = if page.published.is_some() { 0.4 } else { 0.0 };
    let body = if has_body { 0.6 } else { 0.0 };
    date + body
}

/// Counts one page that was read for the first time: its yield, or 0 where its layout was not recognised.
pub(super) fn count_page(usual: &mut Usual, found: f64) {
    usual.recent_pages = Some(follow(usual.recent_pages, found, RECENT_PACE));
    usual.pages = Some(follow(usual.pages, found, USUAL_PACE));
}

/// Counts a list that was read, and says whether it has dropped: to how many items from how many.
pub(super) fn count_list(usual: &mut Usual, items: usize, was_degraded: bool) -> Option<(usize, f64)> {
    let now = f64::from(u32::try_from(items).unwrap_or(u32::MAX));
    let before = usual.items.unwrap_or(now);
    let pace = if was_degraded {
        DEGRADED_LIST_PACE
    } else {
        LIST_PACE
    };
    usual.items = Some(follow(usual.items, now, pace));
    (before >= SHORT_LIST && now < before * DROP).then_some((items, before))
}

fn follow(average: Option<f64>, value: f64, pace: f64) -> f64 {
    average.map_or(value, |average| average + (value - average) * pace)
}

/// Whether article pages give less than they used to.
pub(super) fn is_yield_low(usual: &Usual, was_low: bool) -> bool {
    let (Some(pages), Some(recent)) = (usual.pages, usual.recent_pages) else {
        return false;
    };
    let least = pages * if was_low { WELL_AGAIN } else { LOW_YIELD };
    // Where nothing was ever found, nothing is usual.
    recent < least || recent < NOTHING
}

/// What a page that could not be read says about its section; `None` where the page alone is concerned.
pub(super) fn cause_of_reading(error: &ExtractError) -> Option<Cause> {
    match error {
        ExtractError::LayoutNotRecognised { .. } | ExtractError::NotAFeed { .. } => Some(Cause::Layout),
        ExtractError::EmptyList { .. } => Some(Cause::Empty),
        ExtractError::Challenge { .. } => Some(Cause::Challenge),
        ExtractError::Maintenance { .. } => Some(Cause::Maintenance),
        ExtractError::Login { .. } => Some(Cause::Login),
        ExtractError::NoKey { .. } | ExtractError::ListsOnly { .. } => None,
    }
}

/// What a list that could not be had says about its section, once it failed so often in a row.
pub(super) fn cause_of_fetching(error: &FetchError, failures: i64) -> Option<Cause> {
    match error {
        FetchError::Gone { .. } => Some(Cause::Gone),
        FetchError::Robots { .. } => Some(Cause::Robots),
        FetchError::RobotsUnavailable(_) if failures >= FAILURES_TO_TELL => Some(Cause::Robots),
        FetchError::AskedToWait { .. } => None,
        _ => (failures >= FAILURES_TO_TELL).then_some(Cause::Failing),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_unreadable_pages_in_a_row_are_below_the_usual_and_good_ones_bring_it_back() {
        let mut usual = Usual::default();
        for _ in 0..20 {
            count_page(&mut usual, 1.0);
        }
        for (page, low) in [(0.0, false), (0.0, false), (0.0, true)] {
            count_page(&mut usual, page);
            assert_eq!(is_yield_low(&usual, false), low, "{usual:?}");
        }
        let good = (1..10).find(|_| {
            count_page(&mut usual, 1.0);
            !is_yield_low(&usual, true)
        });
        assert!(good.is_some_and(|pages| pages <= 5), "{good:?}");
        // Pages without a date are usual where they always were.
        let mut dateless = Usual::default();
        (0..50).for_each(|_| count_page(&mut dateless, 0.6));
        assert!(!is_yield_low(&dateless, false));
    }

    #[test]
    fn a_list_that_halves_has_dropped_until_it_is_usual() {
        let mut usual = Usual::default();
        assert_eq!(count_list(&mut usual, 30, false), None);
        assert_eq!(count_list(&mut usual, 16, false), None);
        let polls = (1..200).find(|_| count_list(&mut usual, 4, true).is_none());
        assert!(polls.is_some_and(|n| (20..=60).contains(&n)), "{polls:?}");
        let mut short = Usual::default();
        count_list(&mut short, 3, false);
        assert_eq!(count_list(&mut short, 1, false), None);
    }
}
