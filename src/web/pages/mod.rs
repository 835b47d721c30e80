//! The pages, rendered on the server; none needs a script: view structs in, a whole HTML document out.
//!
//! Texts stand in both languages side by side (`lang.t("Chủ đề", "Topics")`), so that neither is forgotten. Nothing here
//! reads a clock or a store. Article bodies arrive sanitised; everything else is escaped by the templates.

mod article;
mod feed;
mod feeds;
mod found;
mod layout;
mod list;
mod lost;
mod manage;
mod notice;
pub mod search;
mod subscribe;
mod topics;
mod votes;
mod watching;

pub use article::{ContentMode, article};
pub use feed::{FeedKind, FeedView, feed};
pub use feeds::feeds;
pub use found::{MOST_COUNTED, Suggestion};
pub use layout::{FeedLink, Nav, Page};
pub use list::{Paging, Section, ended, home, section, topic};
pub use lost::{erased, lost, mailed, no_such_link};
pub use manage::{Following, Manage, Notice, Times, Wrong, Wrongs, ask_to_erase, manage};
pub use notice::{ErrorKind, Link, Receipt, confirm, error, too_late, unsubscribe};
pub use search::{Asked, Found, Order, Outcome, Part, Search, search};
pub use subscribe::{Field, Problem, SignupForm, WORDING, sent, subscribe};
pub use topics::{TopicCount, topics};
pub use votes::{thanks, vote};
pub use watching::{Offer, volume, watch_name};

/// The `Content-Security-Policy` for every page: no script, no frame, no style but the stylesheet; pictures come from
/// the portal.
pub const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self' https: http: data:; \
     form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The same for the form to sign up, whose script solves the puzzle.
pub const SIGNUP_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; \
     img-src 'self' https: http: data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// A template as text. Writing into a `String` cannot fail, and no template here has a filter of its own that could.
pub(crate) fn render(template: &impl askama::Template) -> String {
    template
        .render()
        .expect("templates without failing filters render")
}
