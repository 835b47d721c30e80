//! What of the settings stands in feeds. Where it changes, documents change that no article changed.

use super::schedule::shortest_gap_minutes;
use crate::{config::Config, domain::topic::Label, portal::Portal};

/// A name for the state of these settings, and of the version that writes the documents: the same in every process that would
/// write the same.
pub(super) fn state_of(config: &Config, portals: &[Portal], topics: &[Label]) -> String {
    let sections = |portal: &Portal| -> Vec<(String, String)> {
        let sections = portal.sections.iter();
        sections.map(|s| (s.slug.clone(), s.title.clone())).collect()
    };
    let names: Vec<_> = portals
        .iter()
        .map(|p| (&p.id, &p.name, &p.authority, p.year, sections(p)))
        .collect();
    let feeds = &config.feeds;
    let settings = format!(
        "{:?}",
        (
            env!("CARGO_PKG_VERSION"),
            &config.public_url,
            names,
            topics,
            (&feeds.content, feeds.items, &feeds.hub_url, feeds.retired_days),
            shortest_gap_minutes(portals),
        )
    );
    blake3::hash(settings.as_bytes()).to_hex().to_string()
}
