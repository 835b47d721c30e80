//! What stands between Loa and the replica: counts how many requests are under way at once, and answers some itself.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse as _, Response},
};
use tokio::net::TcpListener;

use crate::common::stand_ins::{StandIn, get};

/// What the provincial portal says, with status 200, where there is no such article.
const NOT_THERE: &str = "<html lang=\"vi\"><head><title>Chi tiết tin</title></head><body><div>Trang Nhất</div>\
    <div>Chi tiết bài viết tạm thời không có.</div></body></html>";

/// The proxy; it ends with the test's runtime. Clones share one state.
#[derive(Clone)]
pub(super) struct Proxy {
    pub url: String,
    upstream: String,
    client: reqwest::Client,
    under_way: Arc<AtomicUsize>,
    most: Arc<AtomicUsize>,
    /// What an address contains, and what answers it.
    changed: Arc<Mutex<Vec<(String, Answer)>>>,
}

#[derive(Clone)]
enum Answer {
    /// Another page of the replica.
    Other(String),
    /// This page.
    Fixed(String),
}

impl Proxy {
    pub async fn start(replica: &StandIn) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let proxy = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            upstream: replica.url(),
            client: reqwest::Client::builder().no_gzip().no_brotli().build().unwrap(),
            under_way: Arc::default(),
            most: Arc::default(),
            changed: Arc::default(),
        };
        let router = Router::new().fallback(answer).with_state(proxy.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        proxy
    }

    /// Addresses that contain this answer that there is no such article.
    pub fn hide(&self, matching: &str) {
        self.change(matching, Answer::Fixed(NOT_THERE.to_owned()));
    }

    /// Addresses that contain this answer as another one of the replica does.
    pub fn show_instead(&self, matching: &str, other: &str) {
        self.change(matching, Answer::Other(other.to_owned()));
    }

    /// The page at this path stays as it is now.
    pub fn freeze(&self, path: &str) {
        let (status, html) = get(&format!("{}{path}", self.upstream));
        assert_eq!(status, 200);
        self.change(path, Answer::Fixed(html));
    }

    fn change(&self, matching: &str, to: Answer) {
        let mut changed = self.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.push((matching.to_owned(), to));
    }

    /// Everything as the replica says.
    pub fn change_nothing(&self) {
        self.changed
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }

    /// How many requests were under way at once, at most.
    pub fn most_at_once(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }

    async fn pass_on(&self, path: &str, headers: &HeaderMap) -> Response {
        let mut request = self.client.get(format!("{}{path}", self.upstream));
        for name in [header::IF_NONE_MATCH, header::IF_MODIFIED_SINCE] {
            if let Some(value) = headers.get(&name) {
                request = request.header(name, value);
            }
        }
        let answer = request.send().await.unwrap();
        let (status, headers) = (answer.status(), answer.headers().clone());
        let mut response = Response::new(Body::from(answer.bytes().await.unwrap()));
        *response.status_mut() = status;
        for name in [header::CONTENT_TYPE, header::ETAG, header::LAST_MODIFIED] {
            if let Some(value) = headers.get(&name) {
                response.headers_mut().insert(name, value.clone());
            }
        }
        response
    }
}

async fn answer(State(proxy): State<Proxy>, request: Request) -> Response {
    let now = proxy.under_way.fetch_add(1, Ordering::SeqCst) + 1;
    proxy.most.fetch_max(now, Ordering::SeqCst);
    let path = request.uri().path_and_query().unwrap().as_str().to_owned();
    let changed = {
        let changed = proxy.changed.lock().unwrap_or_else(PoisonError::into_inner);
        changed.iter().find(|(part, _)| path.contains(part)).cloned()
    };
    let answer = match changed {
        Some((_, Answer::Fixed(html))) => {
            let kind = [(header::CONTENT_TYPE, "text/html; charset=utf-8")];
            (StatusCode::OK, kind, html).into_response()
        }
        Some((_, Answer::Other(other))) => proxy.pass_on(&other, request.headers()).await,
        None => proxy.pass_on(&path, request.headers()).await,
    };
    proxy.under_way.fetch_sub(1, Ordering::SeqCst);
    answer
}
