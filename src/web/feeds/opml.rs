//! The list of all feeds, for readers to import.

use super::{super::state::WebState, answer::Draft, build::cache_control};
use crate::{
    feed::{OPML_MEDIA_TYPE, Outline, OutlineGroup, opml},
    portal::Portal,
};

/// Every feed, in folders. Hangs on the settings alone.
pub(super) fn draft(state: &WebState) -> Draft {
    let site = &state.site;
    let outline = |title: String, feed: &str, html: &str| Outline {
        title,
        feed_url: site.url(&format!("{feed}.rss")),
        html_url: site.url(html),
    };
    let topics = site.topics.iter().map(|label| {
        let slug = &label.slug;
        outline(
            label.vi.clone(),
            &format!("/feeds/topics/{slug}"),
            &format!("/topics/{slug}"),
        )
    });
    let sections = state.portals.iter().flat_map(|portal: &Portal| {
        portal.sections.iter().map(move |section| {
            let path = format!("/sections/{}/{}", portal.id, section.slug);
            outline(section.title.clone(), &format!("/feeds{path}"), &path)
        })
    });
    let groups = [
        OutlineGroup {
            title: "Tất cả tin".to_owned(),
            feeds: vec![outline(site.portal_name.clone(), "/feeds/all", "/")],
        },
        OutlineGroup {
            title: "Chủ đề".to_owned(),
            feeds: topics.collect(),
        },
        OutlineGroup {
            title: "Chuyên mục".to_owned(),
            feeds: sections.collect(),
        },
    ];
    let body = opml(&format!("{}: {}", site.name, site.portal_name), &groups);
    Draft {
        body,
        content_type: OPML_MEDIA_TYPE,
        changed_at: state.created.max(state.settings_changed),
        cache_control: cache_control(state),
        link: None,
        made_of: Vec::new(),
    }
}
