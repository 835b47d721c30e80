//! A document over HTTP: its forms, its validators, and what caches and browsers must know, all made once; an answer
//! only picks.

use std::{
    io::Write as _,
    sync::atomic::{AtomicBool, Ordering::Relaxed},
};

use axum::{
    body::{Body, Bytes},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header},
    response::Response,
};
use brotli::enc::BrotliEncoderParams;
use chrono::{DateTime, TimeDelta, Utc};
use flate2::{Compression, write::GzEncoder};

use super::encoding::Encoding;
use crate::{clock::Clock, feed::conditional::Validators, web::known::is_known};

/// The usual level: higher ones cost twice the time for a hundredth of the size.
const GZIP_LEVEL: u32 = 6;

/// About as fast as gzip, and a fifth smaller.
const BROTLI_QUALITY: i32 = 5;

/// As long as a second change may still fall into the same second. `Last-Modified` then tells the second before: a
/// reader that knows only dates would otherwise keep what the first change made.
const SETTLES_AFTER: TimeDelta = TimeDelta::seconds(3);

/// What is written of a document before it can be answered with.
#[derive(Debug, Clone)]
pub(in super::super) struct Draft {
    /// The document.
    pub body: Vec<u8>,
    /// Its type, with the charset.
    pub content_type: &'static str,
    /// Its last real change.
    pub changed_at: DateTime<Utc>,
    /// How long others may keep it: the value of `Cache-Control`.
    pub cache_control: String,
    /// The value of `Link`, where the document has relations that are told outside of it.
    pub link: Option<String>,
    /// What it was made of, where that is cheaper to ask for than the articles: see [`Built::Same`](super::kept::Built).
    pub made_of: Vec<(i64, i64)>,
}

/// A document, ready to be sent. The same for all who ask.
#[derive(Debug)]
pub(in super::super) struct Document {
    validators: Validators,
    changed_at: DateTime<Utc>,
    /// Whether [`SETTLES_AFTER`] is known to be over.
    is_settled: AtomicBool,
    /// `Last-Modified` until then.
    second_before: Option<HeaderValue>,
    /// In the order of [`Encoding::ALL`], each with the headers of its answer.
    forms: [(Bytes, HeaderMap); 3],
    not_modified: HeaderMap,
    /// As in [`Draft::made_of`].
    pub(in super::super) made_of: Vec<(i64, i64)>,
}

impl Document {
    /// Compresses, which takes some milliseconds for each 100 kB: not on a thread that requests wait for.
    pub(in super::super) fn new(draft: Draft, now: DateTime<Utc>) -> Self {
        // A clock that was wrong must not tell a future date, which readers would never see pass.
        let changed_at = draft.changed_at.min(now);
        let validators = Validators::of(&draft.body, changed_at);
        let mut common = HeaderMap::new();
        let mut set = |name, value: &str| {
            // ETags, dates, links and cache rules are plain ASCII.
            if let Ok(value) = HeaderValue::from_str(value) {
                common.insert(name, value);
            }
        };
        set(header::ETAG, validators.etag());
        set(header::LAST_MODIFIED, &validators.last_modified());
        set(header::CACHE_CONTROL, &draft.cache_control);
        set(header::VARY, "Accept-Encoding");
        set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        set(header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Link");
        set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
        if let Some(link) = &draft.link {
            set(header::LINK, link);
        }
        let plain = Bytes::from(draft.body.into_boxed_slice());
        let forms = Encoding::ALL.map(|encoding| {
            let body = packed(&plain, encoding);
            let mut headers = common.clone();
            headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(draft.content_type));
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(body.len()));
            if let Some(name) = encoding.name() {
                headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(name));
            }
            (body, headers)
        });
        let before = Validators::of(&[], changed_at - TimeDelta::seconds(1)).last_modified();
        Self {
            validators,
            changed_at,
            is_settled: AtomicBool::new(false),
            second_before: HeaderValue::from_str(&before).ok(),
            forms,
            not_modified: common,
            made_of: draft.made_of,
        }
    }

    /// Whether this is what would be made of the draft, but for the moment of its change.
    pub(super) fn is_of(&self, draft: &Draft) -> bool {
        self.forms[0].0 == draft.body && self.made_of == draft.made_of
    }

    /// The answer to a GET or HEAD: the document in the form that is wanted, or 304.
    pub(in super::super) fn answer(&self, method: &Method, request: &HeaderMap, clock: &Clock) -> Response {
        let mut response = Response::new(Body::empty());
        if is_known(request, &self.validators) {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
            response.headers_mut().clone_from(&self.not_modified);
        } else {
            let (body, headers) = &self.forms[Encoding::wanted(request) as usize];
            response.headers_mut().clone_from(headers);
            if method != Method::HEAD {
                *response.body_mut() = Body::from(body.clone());
            }
        }
        if let Some(before) = self.second_before.as_ref().filter(|_| !self.is_settled(clock)) {
            response
                .headers_mut()
                .insert(header::LAST_MODIFIED, before.clone());
        }
        response
    }

    fn is_settled(&self, clock: &Clock) -> bool {
        if self.is_settled.load(Relaxed) {
            return true;
        }
        let is_settled = clock.now() - self.changed_at >= SETTLES_AFTER;
        self.is_settled.store(is_settled, Relaxed);
        is_settled
    }

    /// About how many bytes it takes.
    pub(super) fn size_bytes(&self) -> usize {
        /// Four maps of ten headers.
        const HEADERS: usize = 4 * 1500;
        HEADERS + self.forms.iter().map(|(body, _)| body.len()).sum::<usize>()
    }
}

fn packed(plain: &Bytes, encoding: Encoding) -> Bytes {
    let room = Vec::with_capacity(plain.len() / 3);
    let packed = match encoding {
        Encoding::Identity => return plain.clone(),
        Encoding::Gzip => {
            let mut gzip = GzEncoder::new(room, Compression::new(GZIP_LEVEL));
            gzip.write_all(plain).and_then(|()| gzip.finish())
        }
        Encoding::Brotli => {
            let parameters = BrotliEncoderParams {
                quality: BROTLI_QUALITY,
                size_hint: plain.len(),
                // A window as long as the document: the usual 4 MB would be allocated for each.
                lgwin: i32::try_from(plain.len().next_power_of_two().ilog2())
                    .map_or(22, |bits| bits.clamp(16, 22)),
                ..BrotliEncoderParams::default()
            };
            let mut packed = room;
            brotli::BrotliCompress(&mut plain.as_ref(), &mut packed, &parameters).map(|_| packed)
        }
    };
    // Kept as long as the feed: no byte more than it takes.
    Bytes::from(
        packed
            .expect("writing to memory does not fail")
            .into_boxed_slice(),
    )
}
