//! Cursors: places in a list, as text that clients hand back and need not understand.

use std::{fmt, str::FromStr};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, Datelike as _};

use crate::store::{ChangePlace, Place, RankPlace};

/// Where a list goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cursor {
    /// Newest first: after this article.
    Newest(Place),
    /// In the order of changes: after this one.
    Changes(ChangePlace),
    /// The best first: after this one.
    Best(RankPlace),
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Self::Newest(place) => format!("n.{}.{}", place.listed_at.timestamp_micros(), place.id),
            Self::Best(place) => format!("b.{}.{}", place.rank, place.id),
            Self::Changes(place) => format!("c.{}.{}", place.change, place.id),
        };
        f.write_str(&URL_SAFE_NO_PAD.encode(text))
    }
}

/// Not a cursor that an answer gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoCursor;

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, NoCursor> {
        let bytes = URL_SAFE_NO_PAD.decode(text).map_err(|_| NoCursor)?;
        let text = String::from_utf8(bytes).map_err(|_| NoCursor)?;
        let mut parts = text.split('.');
        let kind = parts.next();
        let mut number = || {
            parts
                .next()
                .and_then(|part| part.parse::<i64>().ok())
                .ok_or(NoCursor)
        };
        let (first, id) = (number()?, number()?);
        let cursor = match kind {
            Some("n") => {
                let listed_at = DateTime::from_timestamp_micros(first).ok_or(NoCursor)?;
                // Moments that databases know, and no article stands beyond.
                if !(1..=9999).contains(&listed_at.year()) {
                    return Err(NoCursor);
                }
                Self::Newest(Place { listed_at, id })
            }
            Some("c") => Self::Changes(ChangePlace { change: first, id }),
            Some("b") => Self::Best(RankPlace { rank: first, id }),
            _ => return Err(NoCursor),
        };
        if parts.next().is_some() {
            return Err(NoCursor);
        }
        Ok(cursor)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cursors_come_back_as_they_were(micros in -1_000_000_000_000_000_i64..4_000_000_000_000_000, id: i64, change: i64) {
            let listed_at = DateTime::from_timestamp_micros(micros).unwrap();
            for cursor in [Cursor::Newest(Place { listed_at, id }), Cursor::Changes(ChangePlace { change, id }), Cursor::Best(RankPlace { rank: change, id })] {
                prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
            }
        }

        #[test]
        fn anything_else_is_refused(text in "\\PC{0,20}") {
            let cursor = URL_SAFE_NO_PAD.encode(&text).parse::<Cursor>();
            prop_assert!(cursor.is_err() || ["n.", "c.", "b."].iter().any(|kind| text.starts_with(kind)));
            let _ = text.parse::<Cursor>();
        }
    }
}
