//! The settings of mails that come back.

use serde::Deserialize;

/// `[bounces]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bounces {
    /// The Maildir that they are delivered to; empty where they are piped to `loa bounce`, or to nobody.
    pub maildir: String,
}
