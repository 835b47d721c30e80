//! A portal of the 3CMS shape that does what a test tells it to: articles come, change, hide and go; it fails, it hangs.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use axum::{
    Router,
    extract::{Request, State},
    http::{Method, StatusCode, header},
    response::{Html, IntoResponse as _, Response},
};
use chrono::{DateTime, Datelike as _, Timelike as _, Utc};
use futures::FutureExt as _;
use tokio::{net::TcpListener, sync::Notify};

/// Articles on one list page.
const PER_PAGE: usize = 10;

/// Article number `n` has this key plus `n`.
pub const FIRST_KEY: i64 = 1_764_000_000_000;

/// An article as the portal shows it.
#[derive(Debug, Clone)]
pub struct Shown {
    pub title: String,
    pub body: String,
    pub at: DateTime<Utc>,
    /// Listed, while its page says that it is not there.
    pub is_hidden: bool,
}

/// The portal; it ends with the test's runtime. Clones share one state.
#[derive(Clone)]
pub struct ScriptedPortal {
    pub url: String,
    state: Arc<Mutex<Script>>,
    gate: Arc<Gate>,
}

#[derive(Default)]
struct Script {
    articles: BTreeMap<i64, Shown>,
    /// Path to the numbers listed there, newest first; the first one is also featured.
    lists: HashMap<&'static str, Vec<i64>>,
    is_down: bool,
    asked: Vec<String>,
    held: Option<String>,
    /// Path to the address that it redirects to.
    moved: HashMap<String, String>,
    /// Path to size.
    files: HashMap<String, usize>,
    /// Whether the last page of a list links to a further one, which shows the same.
    repeats_last_page: bool,
    /// Path and query to the status answered there, and the seconds of its `Retry-After`.
    broken: HashMap<String, (u16, Option<u64>)>,
}

#[derive(Default)]
struct Gate {
    reached: Notify,
    opened: Notify,
}

impl ScriptedPortal {
    /// Serves the given lists, all empty, on a free port.
    pub async fn start(lists: &[&'static str]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let portal = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            state: Arc::default(),
            gate: Arc::default(),
        };
        portal.script().lists = lists.iter().map(|path| (*path, Vec::new())).collect();
        let router = Router::new().fallback(answer).with_state(portal.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        portal
    }

    /// Puts a new article on top of the lists.
    pub fn publish(&self, n: i64, at: DateTime<Utc>, lists: &[&'static str]) {
        let shown = Shown {
            title: format!("Nghiệm thu đề tài khoa học và công nghệ số {n}"),
            body: format!("(Cổng TTĐT) Đề tài số {n} được hội đồng đánh giá cao."),
            at,
            is_hidden: false,
        };
        let mut script = self.script();
        script.articles.insert(n, shown);
        for path in lists {
            script.lists.get_mut(path).unwrap().insert(0, n);
        }
    }

    /// Moves an article to the top of a list, as featured ones are.
    pub fn pin(&self, n: i64, list: &'static str) {
        let mut script = self.script();
        let list = script.lists.get_mut(list).unwrap();
        list.retain(|other| *other != n);
        list.insert(0, n);
    }

    /// Changes what an article shows.
    pub fn edit(&self, n: i64, change: impl FnOnce(&mut Shown)) {
        change(self.script().articles.get_mut(&n).unwrap());
    }

    /// Every page answers 500, or works again.
    pub fn set_down(&self, is_down: bool) {
        self.script().is_down = is_down;
    }

    /// An address answers with a status, and asks to be left alone for so many seconds; until [`Self::mend`].
    pub fn breaks(&self, address: impl Into<String>, status: u16, retry_after: Option<u64>) {
        self.script().broken.insert(address.into(), (status, retry_after));
    }

    /// Takes an article away: out of every list, and its page says that it is not there.
    pub fn withdraw(&self, n: i64) {
        let mut script = self.script();
        script
            .lists
            .values_mut()
            .for_each(|list| list.retain(|listed| *listed != n));
        script.articles.get_mut(&n).unwrap().is_hidden = true;
    }

    /// An address redirects for good to another.
    pub fn moves(&self, from: &str, to: &str) {
        self.script().moved.insert(from.to_owned(), to.to_owned());
    }

    /// A list shows these articles and no others, from the top.
    pub fn list(&self, list: &'static str, articles: &[i64]) {
        self.script().lists.insert(list, articles.to_vec());
    }

    /// A file of so many bytes.
    pub fn file(&self, path: &str, bytes: usize) {
        self.script().files.insert(path.to_owned(), bytes);
    }

    /// An address answers as ever.
    pub fn mend(&self, address: &str) {
        self.script().broken.remove(address);
    }

    /// The last page of every list links to a further one, which shows the same.
    pub fn repeat_last_page(&self) {
        self.script().repeats_last_page = true;
    }

    /// A list is no more.
    pub fn remove_list(&self, path: &str) {
        self.script().lists.remove(path);
    }

    /// What was asked since the last call, without robots.txt; `?` marks conditional requests.
    pub fn take_asked(&self) -> Vec<String> {
        std::mem::take(&mut self.script().asked)
    }

    /// The next answer for an address waits until [`Self::release`].
    pub fn hold(&self, path: impl Into<String>) {
        self.script().held = Some(path.into());
        // What an earlier hold left behind, whose request was given up, must not open this one.
        let _ = self.gate.opened.notified().now_or_never();
        let _ = self.gate.reached.notified().now_or_never();
    }

    /// Until the held address is asked for.
    pub async fn reached(&self) {
        self.gate.reached.notified().await;
    }

    /// Lets the held answer go.
    pub fn release(&self) {
        self.gate.opened.notify_one();
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address of an article.
pub fn article_path(n: i64) -> String {
    format!("/chi-tiet-tin/-/view-article/1/7/{}", FIRST_KEY + n)
}

async fn answer(State(portal): State<ScriptedPortal>, request: Request) -> Response {
    let uri = request.uri().clone();
    let path = uri.path().to_owned();
    if path == "/robots.txt" {
        return StatusCode::NOT_FOUND.into_response();
    }
    let known = request
        .headers()
        .get(header::IF_NONE_MATCH)
        .map(|tag| tag.to_str().unwrap().to_owned());
    let mark = if known.is_some() { "?" } else { "" };
    let head = if request.method() == Method::HEAD {
        "HEAD "
    } else {
        ""
    };
    let is_held = {
        let mut script = portal.script();
        script
            .asked
            .push(format!("{head}{}{mark}", uri.path_and_query().unwrap()));
        script.held.take_if(|held| *held == path).is_some()
    };
    if is_held {
        portal.gate.reached.notify_one();
        portal.gate.opened.notified().await;
    }
    let script = portal.script();
    if script.is_down {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    if let Some((status, retry_after)) = script.broken.get(&uri.to_string()) {
        let status = StatusCode::from_u16(*status).unwrap();
        return match retry_after {
            Some(seconds) => (status, [(header::RETRY_AFTER, seconds.to_string())]).into_response(),
            None => status.into_response(),
        };
    }
    if let Some(to) = script.moved.get(&path) {
        return (StatusCode::MOVED_PERMANENTLY, [(header::LOCATION, to.clone())]).into_response();
    }
    if let Some(bytes) = script.files.get(&path) {
        return ([(header::CONTENT_TYPE, "application/pdf")], vec![b'x'; *bytes]).into_response();
    }
    let page = uri.query().and_then(|q| q.strip_prefix("page="));
    let html = match script.lists.get(path.as_str()) {
        Some(list) => list_page(&script, &path, list, page.map_or(1, |page| page.parse().unwrap())),
        None => match path.rsplit_once('/').and_then(|(_, key)| key.parse::<i64>().ok()) {
            Some(key) => article_page(script.articles.get(&(key - FIRST_KEY))),
            None => return StatusCode::NOT_FOUND.into_response(),
        },
    };
    let etag = format!("\"{}\"", blake3::hash(html.as_bytes()).to_hex());
    if known.as_deref() == Some(&etag) {
        return (StatusCode::NOT_MODIFIED, [(header::ETAG, etag)]).into_response();
    }
    ([(header::ETAG, etag)], Html(html)).into_response()
}

fn list_page(script: &Script, path: &str, list: &[i64], page: usize) -> String {
    let last = list.len().saturating_sub(1) / PER_PAGE;
    let from = (page - 1).min(last) * PER_PAGE;
    let mut rows = String::new();
    for n in list.iter().skip(from).take(PER_PAGE) {
        let title = &script.articles[n].title;
        let _ = writeln!(rows, "<li><a href=\"{}\">{title}</a></li>", article_path(*n));
    }
    let next = if list.len() > from + PER_PAGE || script.repeats_last_page {
        format!("<a href=\"{path}?page={}\">Trang sau</a>", page + 1)
    } else {
        String::new()
    };
    format!("<html><body><div>Trang Nhất <b>MỤC</b></div><ul>{rows}</ul>{next}</body></html>")
}

const NOT_THERE: &str = "Chi tiết bài viết tạm thời không có.";

fn article_page(article: Option<&Shown>) -> String {
    let Some(article) = article.filter(|article| !article.is_hidden) else {
        return format!("<html><body><div>{NOT_THERE}</div></body></html>");
    };
    format!(
        "<html><body><div>Trang Nhất <b>MỤC</b></div><div>{title}</div><div>{date}</div>\
         <div>Xem với cỡ chữ : A- A A+</div><div><p>{body}</p><p style=\"text-align:right\"><b>Nguyễn Thị Mẫu</b></p></div>\
         <div>Các tin khác</div><div>{NOT_THERE}</div></body></html>",
        title = article.title,
        body = article.body,
        date = shown(article.at),
    )
}

/// `7:5, Thứ Năm, 30-11-2023`.
fn shown(at: DateTime<Utc>) -> String {
    const WEEKDAYS: [&str; 7] = [
        "Thứ Hai",
        "Thứ Ba",
        "Thứ Tư",
        "Thứ Năm",
        "Thứ Sáu",
        "Thứ Bảy",
        "Chủ Nhật",
    ];
    let local = at.with_timezone(&chrono_tz::Asia::Ho_Chi_Minh);
    format!(
        "{}:{}, {}, {}-{}-{}",
        local.hour(),
        local.minute(),
        WEEKDAYS[local.weekday().num_days_from_monday() as usize],
        local.day(),
        local.month(),
        local.year()
    )
}
