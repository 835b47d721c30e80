//! A text that must not be printed.

use std::fmt;

use serde::Deserialize;

/// A password or token: compares and clones, but its `Debug` form shows nothing and it has no `Display`.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Whether it holds any text.
    pub fn is_set(&self) -> bool {
        !self.0.is_empty()
    }

    /// The text, for the one place that sends it to its service.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}
