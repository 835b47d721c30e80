//! OPML 2.0: the list of all feeds, for a reader to import in one go.

use std::fmt::Write;

use super::{link, plain::plain, xml_bytes};
use crate::domain::text::escape_html;

/// The value of `Content-Type` for OPML.
pub const OPML_MEDIA_TYPE: &str = "text/x-opml; charset=utf-8";

/// A group of feeds, which readers show as a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutlineGroup {
    /// The folder's name, plain text.
    pub title: String,
    /// The feeds in it.
    pub feeds: Vec<Outline>,
}

/// One feed of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outline {
    /// Title, plain text.
    pub title: String,
    /// Address of the feed (RSS or Atom; OPML's type is `rss` for both).
    pub feed_url: String,
    /// Address of the HTML page that shows the same.
    pub html_url: String,
}

/// Writes OPML 2.0 with a folder for each group that has feeds.
pub fn opml(title: &str, groups: &[OutlineGroup]) -> Vec<u8> {
    let mut body = String::new();
    for group in groups.iter().filter(|group| !group.feeds.is_empty()) {
        // No `title` beside `text`: the W3C's validator wants a type where one stands, and a folder has none.
        let name = escape_html(&plain(&group.title));
        // Writing to a String cannot fail.
        let _ = writeln!(body, "    <outline text=\"{name}\">");
        for feed in &group.feeds {
            let title = escape_html(&plain(&feed.title));
            let feed_url = escape_html(&link::web_or_as_is(&feed.feed_url));
            let html_url = escape_html(&link::web_or_as_is(&feed.html_url));
            let _ = writeln!(
                body,
                "      <outline type=\"rss\" text=\"{title}\" title=\"{title}\" xmlUrl=\"{feed_url}\" htmlUrl=\"{html_url}\"/>"
            );
        }
        body.push_str("    </outline>\n");
    }
    let title = escape_html(&plain(title));
    xml_bytes(format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<opml version=\"2.0\">\n  <head>\n    <title>{title}</title>\n  \
         </head>\n  <body>\n{body}  </body>\n</opml>\n"
    ))
}
