//! The settings of digests.

use serde::{Deserialize, Deserializer, de::Error as _};

use super::Alerts;
use crate::domain::schedule::{Days, Usual};

impl Alerts {
    /// When digests come for all who have not chosen a time of their own.
    pub fn usual_digests(&self) -> Usual {
        Usual {
            at: self.digest_at,
            days: self.digest_days,
        }
    }
}

/// `all` or `weekdays`.
pub(super) fn days<'de, D: Deserializer<'de>>(de: D) -> Result<Days, D::Error> {
    match String::deserialize(de)?.as_str() {
        "all" => Ok(Days::ALL),
        "weekdays" => Ok(Days::WEEKDAYS),
        other => Err(D::Error::custom(format!("{other:?} is none of: all, weekdays"))),
    }
}
