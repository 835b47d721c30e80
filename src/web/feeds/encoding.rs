//! In which form a document goes out: plain, gzip or br, by the request's `Accept-Encoding` (RFC 9110, section 12.5.3).

use axum::http::{HeaderMap, header};

/// A form in which every document is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Identity,
    Gzip,
    Brotli,
}

impl Encoding {
    /// In the order in which documents keep them.
    pub(super) const ALL: [Self; 3] = [Self::Identity, Self::Gzip, Self::Brotli];

    /// The value of `Content-Encoding`; none for the plain form.
    pub(super) fn name(self) -> Option<&'static str> {
        match self {
            Self::Identity => None,
            Self::Gzip => Some("gzip"),
            Self::Brotli => Some("br"),
        }
    }

    /// The form that the request likes best, and of those that it likes alike the smallest. Who names nothing gets the
    /// plain form, and so does who refuses all three: a feed that cannot be read says more than none.
    pub(super) fn wanted(headers: &HeaderMap) -> Self {
        Weights::read(headers).best()
    }
}

impl Encoding {
    /// Whether gzip is acceptable, and not less welcome than the plain form.
    pub(super) fn takes_gzip(headers: &HeaderMap) -> bool {
        let weights = Weights::read(headers);
        let only_gzip = Weights {
            brotli: Some(0),
            ..weights
        };
        only_gzip.best() == Self::Gzip
    }
}

/// Weights in thousandths; `None` where the request does not name the form.
#[derive(Default)]
struct Weights {
    identity: Option<u16>,
    gzip: Option<u16>,
    brotli: Option<u16>,
    others: Option<u16>,
}

impl Weights {
    fn read(headers: &HeaderMap) -> Self {
        let mut weights = Self::default();
        for value in headers.get_all(header::ACCEPT_ENCODING) {
            for part in value.to_str().unwrap_or_default().split(',') {
                weights.take(part);
            }
        }
        weights
    }

    /// One member of the list: `gzip`, `br;q=0.5`. One whose weight cannot be read counts as not there.
    fn take(&mut self, part: &str) {
        let (name, parameter) = match part.split_once(';') {
            None => (part.trim(), None),
            Some((name, parameter)) => (name.trim(), Some(parameter.trim())),
        };
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let slot = if is("gzip") || is("x-gzip") {
            &mut self.gzip
        } else if is("br") {
            &mut self.brotli
        } else if is("identity") {
            &mut self.identity
        } else if name == "*" {
            &mut self.others
        } else {
            return;
        };
        if let Some(weight) = parameter.map_or(Some(1000), thousandths) {
            *slot = Some(weight);
        }
    }

    fn best(&self) -> Encoding {
        let brotli = self.brotli.or(self.others).unwrap_or(0);
        let gzip = self.gzip.or(self.others).unwrap_or(0);
        // Not named, the plain form is acceptable, and the last choice.
        let identity = self.identity.or(self.others.filter(|weight| *weight == 0));
        let is_refused = identity == Some(0);
        let identity = identity.unwrap_or(0);
        if brotli > 0 && brotli >= gzip && brotli >= identity {
            Encoding::Brotli
        } else if gzip > 0 && gzip >= identity {
            Encoding::Gzip
        } else if is_refused && self.gzip.is_none() && self.others.is_none() {
            // `identity;q=0` alone: every reader that says so can unpack gzip.
            Encoding::Gzip
        } else {
            Encoding::Identity
        }
    }
}

/// `q=0.25` as 250.
fn thousandths(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    let value = value.trim();
    let is_number = value.starts_with(|c: char| c.is_ascii_digit());
    if !name.trim().eq_ignore_ascii_case("q") || !is_number {
        return None;
    }
    let weight: f32 = value.parse().ok()?;
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and 1000 after the clamp"
    )]
    let thousandths = (weight.clamp(0.0, 1.0) * 1000.0) as u16;
    Some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_that_is_liked_best_is_chosen() {
        for (lines, wanted) in [
            (&[][..], Encoding::Identity),
            (&[""], Encoding::Identity),
            (&["gzip"], Encoding::Gzip),
            (&["GZIP"], Encoding::Gzip),
            (&["x-gzip"], Encoding::Gzip),
            (&["br"], Encoding::Brotli),
            (&["gzip, deflate, br, zstd"], Encoding::Brotli),
            (&["deflate, zstd"], Encoding::Identity),
            (&["gzip;q=1.0, br;q=0.5"], Encoding::Gzip),
            (&["gzip;q=0.5,br ; q=0.5"], Encoding::Brotli),
            (&["gzip;q=0"], Encoding::Identity),
            (&["gzip;q=0.000, *"], Encoding::Brotli),
            (&["br;q=0, *;q=0.1"], Encoding::Gzip),
            (&["*"], Encoding::Brotli),
            (&["*;q=0"], Encoding::Identity),
            (&["identity, *;q=0"], Encoding::Identity),
            (&["identity;q=1, gzip;q=0.9"], Encoding::Identity),
            (&["identity;q=0.5, gzip;q=0.5"], Encoding::Gzip),
            (&["identity;q=0"], Encoding::Gzip),
            (&["identity;q=0, gzip;q=0.001"], Encoding::Gzip),
            (&["identity;q=0, gzip;q=0"], Encoding::Identity),
            (&["gzip;q=x"], Encoding::Identity),
            (&["gzip;level=9"], Encoding::Identity),
            (&["gzip;q=NaN"], Encoding::Identity),
            (&["deflate", "gzip"], Encoding::Gzip),
        ] {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(header::ACCEPT_ENCODING, line.parse().unwrap());
            }
            assert_eq!(Encoding::wanted(&headers), wanted, "{lines:?}");
        }
    }
}
