//! Archive documents (RFC 5005, section 4): `/feeds/…/archive/2026-10.rss`. A month of a feed that is over, written and
//! sealed when it is first asked for, and the same ever after. It vanishes and is sealed anew only where an article of it was
//! withdrawn or removed, or an older article came to it: by a backfill, or since it got a topic or section later.

use std::{
    io::{Read as _, Write as _},
    panic::resume_unwind,
};

use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri, header},
    response::{IntoResponse as _, Response},
};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use percent_encoding::percent_decode_str;
use tokio::task::spawn_blocking;

use super::{
    super::{error::WebError, known::is_known, parameters::Parameters, state::WebState},
    build,
    describe::{Described, Source, found},
    encoding::Encoding,
    failure,
};
use crate::{
    domain::{month::Month, watch::Watch},
    feed::{Content, Feed, Format, Paging, conditional::Validators},
    store::{ArchiveKey, Neighbours, Sealed},
    web::error::Reader,
};

/// A document that never changes again.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Articles read at once: a month of thousands is never in memory with all of its texts, unless the feed holds them.
const CHUNK: i64 = 200;

/// How often a document is written before its reader is told to come later: a backfill may drop it while it is written.
const SEALINGS: usize = 3;

/// Bytes unpacked at once for a reader that takes no gzip.
const UNPACKED: usize = 64 * 1024;

/// An archive document, as an address asks for it.
#[derive(Clone)]
struct Asked {
    feed: Described,
    watch: Watch,
    month: Month,
    format: Format,
    content: Content,
}

/// Any archive document, by its address.
pub(in super::super) async fn archive(
    State(state): State<WebState>,
    method: Method,
    uri: Uri,
    wish: Parameters,
    headers: HeaderMap,
    reader: Reader,
) -> Response {
    match document(&state, uri.path(), &wish, (&method, &headers)).await {
        Ok(response) => response,
        Err(e) => failure(&reader, &e),
    }
}

async fn document(
    state: &WebState,
    path: &str,
    wish: &Parameters,
    request: (&Method, &HeaderMap),
) -> Result<Response, WebError> {
    let asked = asked(state, path, wish).await?;
    let key = asked.key();
    loop {
        let sealed = sealed(state, &asked, &key).await?;
        let mut headers = shared_headers(&sealed);
        if is_known(request.1, &validators(&sealed)) {
            return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
        }
        // Dropped meanwhile: sealed anew.
        let Some(gzip) = state.store.archive_body(&key, &sealed.etag).await? else {
            continue;
        };
        // The links of today: a newer month may have come since the document was sealed.
        let current = Month::of(state.clock.now());
        let neighbours = state
            .store
            .archive_neighbours(&asked.watch, asked.month, current)
            .await?;
        let link = build::link_header(&asked.empty(state, neighbours));
        if let Ok(link) = HeaderValue::from_str(&link) {
            headers.insert(header::LINK, link);
        }
        let content_type = HeaderValue::from_static(asked.format.content_type());
        headers.insert(header::CONTENT_TYPE, content_type);
        headers.insert(
            header::CONTENT_LENGTH,
            HeaderValue::from(length(&gzip, request.1)),
        );
        let body = match request.0 {
            &Method::HEAD => Body::empty(),
            _ if Encoding::takes_gzip(request.1) => Body::from(gzip),
            _ => unpacked(gzip),
        };
        return Ok((headers, packing(request.1), body).into_response());
    }
}

async fn asked(state: &WebState, path: &str, wish: &Parameters) -> Result<Asked, WebError> {
    let path = percent_decode_str(path).decode_utf8();
    let path = path.map_err(|_| WebError::NotFound)?;
    let (stem, file) = path.split_once("/archive/").ok_or(WebError::NotFound)?;
    let (month, extension) = file.split_once('.').ok_or(WebError::NotFound)?;
    let month = month.parse().map_err(|_| WebError::NotFound)?;
    let format = Format::from_extension(extension).filter(|format| has_archives(*format));
    let feed = found(state, stem).await?;
    let Source::Watch(watch) = feed.source.clone() else {
        return Err(WebError::NotFound);
    };
    let content = match wish.get("content") {
        Some("excerpt") => Content::Excerpt,
        None | Some("full") => state.content,
        Some(_) => return Err(WebError::Invalid),
    };
    Ok(Asked {
        feed,
        watch,
        month,
        format: format.ok_or(WebError::NotFound)?,
        content,
    })
}

/// JSON Feed knows no archives.
fn has_archives(format: Format) -> bool {
    format != Format::Json
}

/// The links from a subscription document to its archives.
pub(in super::super) async fn paging(
    state: &WebState,
    feed: &Described,
    format: Format,
    content: Content,
) -> crate::store::Result<Paging> {
    let Source::Watch(watch) = &feed.source else {
        return Ok(Paging::default());
    };
    let newest = if has_archives(format) {
        let current = Month::of(state.clock.now());
        state.store.newest_archive(watch, current).await?
    } else {
        None
    };
    Ok(Paging {
        prev_archive: newest.map(|month| url(state, feed, month, format, content)),
        ..Paging::default()
    })
}

fn url(state: &WebState, feed: &Described, month: Month, format: Format, content: Content) -> String {
    let path = format!("{}/archive/{month}.{}", feed.path, format.extension());
    state.site.url(&with_content(state, path, content))
}

/// Excerpts have an address of their own where the operator serves full texts.
fn with_content(state: &WebState, path: String, content: Content) -> String {
    if content == state.content {
        path
    } else {
        path + "?content=excerpt"
    }
}

/// The document's validators; it is written first where nobody asked for it before.
async fn sealed(state: &WebState, asked: &Asked, key: &ArchiveKey) -> Result<Sealed, WebError> {
    if let Some(sealed) = state.store.sealed_archive(key).await? {
        return Ok(sealed);
    }
    // Goes on when nobody waits for it any more: a month of thousands may take longer than a request.
    let (state, asked, key) = (state.clone(), asked.clone(), key.clone());
    match tokio::spawn(async move { seal(&state, &asked, &key).await }).await {
        Ok(sealed) => sealed,
        Err(e) => resume_unwind(e.into_panic()),
    }
}

async fn seal(state: &WebState, asked: &Asked, key: &ArchiveKey) -> Result<Sealed, WebError> {
    // One at a time: a burst for one month writes it once, and memory holds one month.
    let _turn = state.sealing.acquire().await;
    for _ in 0..SEALINGS {
        if let Some(sealed) = state.store.sealed_archive(key).await? {
            return Ok(sealed);
        }
        let seal = state.store.seal_archive(key, state.clock.now()).await?;
        let seal = seal.ok_or(WebError::NotFound)?;
        let (etag, gzip) = write(state, asked, seal.neighbours).await?;
        // Not kept where its sealing was dropped meanwhile.
        state.store.keep_archive(key, &seal, &etag, &gzip).await?;
    }
    let sealed = state.store.sealed_archive(key).await?;
    sealed.ok_or(WebError::Unavailable)
}

/// The document's entity tag, and the document as gzip.
async fn write(
    state: &WebState,
    asked: &Asked,
    neighbours: Neighbours,
) -> Result<(String, Vec<u8>), WebError> {
    let mut feed = asked.empty(state, neighbours);
    let mut before = None;
    loop {
        let articles = state
            .store
            .archived(&asked.watch, asked.month, before, CHUNK)
            .await?;
        let Some(last) = articles.last() else { break };
        before = Some(last.id);
        feed.items.extend(build::items(state, asked.content, &articles));
    }
    let format = asked.format;
    match spawn_blocking(move || pack(&feed, format)).await {
        Ok(written) => Ok(written),
        Err(e) => resume_unwind(e.into_panic()),
    }
}

fn pack(feed: &Feed, format: Format) -> (String, Vec<u8>) {
    let document = feed.write(format);
    let etag = Validators::of(&document, feed.changed_at()).etag().to_owned();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::default());
    let packed = gzip.write_all(&document).and_then(|()| gzip.finish());
    (etag, packed.expect("writing to memory does not fail"))
}

impl Asked {
    fn key(&self) -> ArchiveKey {
        ArchiveKey {
            watch: self.watch.clone(),
            month: self.month,
            variant: match (self.format, self.content) {
                (Format::Atom, Content::Excerpt) => "atom excerpt",
                (Format::Atom, Content::Full) => "atom full",
                (_, Content::Excerpt) => "rss excerpt",
                (_, Content::Full) => "rss full",
            },
        }
    }

    /// The document before its entries.
    fn empty(&self, state: &WebState, neighbours: Neighbours) -> Feed {
        let (address, paging) = (self.address(state), self.paging(state, neighbours));
        build::feed(state, &self.feed, self.content, &address, &[], paging)
    }

    fn address(&self, state: &WebState) -> String {
        let path = format!(
            "{}/archive/{}.{}",
            self.feed.path,
            self.month,
            self.format.extension()
        );
        with_content(state, path, self.content)
    }

    fn paging(&self, state: &WebState, neighbours: Neighbours) -> Paging {
        let url = |month| url(state, &self.feed, month, self.format, self.content);
        let current = format!("{}.{}", self.feed.path, self.format.extension());
        Paging {
            is_archive: true,
            current: Some(state.site.url(&with_content(state, current, self.content))),
            prev_archive: neighbours.prev.map(url),
            next_archive: neighbours.next.map(url),
        }
    }
}

/// What 200 and 304 share.
fn shared_headers(sealed: &Sealed) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        // Tags and dates are plain ASCII.
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::ETAG, &sealed.etag);
    set(header::LAST_MODIFIED, &validators(sealed).last_modified());
    set(header::CACHE_CONTROL, FOR_EVER);
    set(header::VARY, "Accept-Encoding");
    set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    set(header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag, Link");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    headers
}

/// Whether the reader has it.
fn validators(sealed: &Sealed) -> Validators {
    Validators::known(sealed.etag.clone(), sealed.sealed_at)
}

/// Kept as gzip: other forms are not made of what is asked for once.
fn packing(request: &HeaderMap) -> HeaderMap {
    let gzip = (header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    Encoding::takes_gzip(request)
        .then_some(gzip)
        .into_iter()
        .collect()
}

/// Bytes of the body in the form that the reader takes: what gzip unpacks to is told by its last four bytes.
fn length(gzip: &[u8], request: &HeaderMap) -> usize {
    match gzip.last_chunk() {
        Some(unpacked) if !Encoding::takes_gzip(request) => u32::from_le_bytes(*unpacked) as usize,
        _ => gzip.len(),
    }
}

fn unpacked(gzip: Vec<u8>) -> Body {
    let mut reader = GzDecoder::new(std::io::Cursor::new(gzip));
    let chunks = std::iter::from_fn(move || {
        let mut chunk = vec![0; UNPACKED];
        match reader.read(&mut chunk) {
            Ok(0) => None,
            Ok(n) => {
                chunk.truncate(n);
                Some(Ok(Bytes::from(chunk)))
            }
            Err(e) => Some(Err(e)),
        }
    });
    Body::from_stream(futures::stream::iter(chunks))
}
