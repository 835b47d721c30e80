//! Short pages: errors, and the links in messages (confirm, unsubscribe), whose GET only ever asks.

use askama::Template;

use super::layout::Page;
use crate::web::{lang::Lang, site::Site};

/// What went wrong, as far as the reader is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// 404.
    NotFound,
    /// 410: the portal took the article away.
    Gone,
    /// 410: the article was removed here, or is older than articles are kept.
    Removed,
    /// 410: the topic or section is no more, nor is its feed.
    Ended,
    /// 400.
    BadRequest,
    /// 500; a page that shows nothing of the cause.
    Internal,
    /// 503: starting, or the database is away.
    Unavailable,
    /// 429: more than one reader sends.
    TooMany,
}

impl ErrorKind {
    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::NotFound => 404,
            Self::Gone | Self::Removed | Self::Ended => 410,
            Self::BadRequest => 400,
            Self::Internal => 500,
            Self::Unavailable => 503,
            Self::TooMany => 429,
        }
    }
}

/// A link in a message (`/confirm/{token}`, `/unsubscribe/{token}`), as its page shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Link<'a> {
    /// GET: what would happen, and the button that does it.
    Ask {
        /// The address's own token: where the button posts to.
        token: &'a str,
        /// Whom and what it is about.
        receipt: &'a Receipt,
    },
    /// POST: it is done.
    Done(&'a Receipt),
    /// The token is unknown, used up or broken.
    Unknown,
}

/// Whom and what a link is about.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Receipt {
    /// The address in its masked form, such as `l…@example.vn`.
    pub address: String,
    /// What the subscriptions are to, in words, such as `Chuyển đổi số (hằng ngày)`.
    pub subscriptions: Vec<String>,
}

#[derive(Template)]
#[template(path = "notice.html")]
struct View<'a> {
    page: Page<'a>,
    status: Option<u16>,
    texts: Vec<&'a str>,
    receipt: Option<&'a Receipt>,
    form: Option<Form<'a>>,
    /// Another thing that may be wanted instead.
    instead: Option<(&'a str, Form<'a>)>,
    /// Where to go next, address and words; empty for the usual places.
    onward: Vec<(String, String)>,
}

impl<'a> View<'a> {
    fn new(page: Page<'a>, texts: Vec<&'a str>) -> Self {
        Self {
            page,
            status: None,
            texts,
            receipt: None,
            form: None,
            instead: None,
            onward: Vec::new(),
        }
    }
}

struct Form<'a> {
    action: String,
    button: &'a str,
}

/// An error page; [`ErrorKind::status`] is its HTTP status.
pub fn error(site: &Site, lang: Lang, kind: ErrorKind) -> String {
    let (title, text) = match kind {
        ErrorKind::NotFound => (
            lang.t("Không tìm thấy trang này", "This page was not found"),
            lang.t(
                "Có thể địa chỉ bị gõ nhầm. Mời bạn xem tin mới hoặc danh sách chủ đề.",
                "The address may be mistyped. Try the news or the topics.",
            ),
        ),
        ErrorKind::Gone => (
            lang.t("Cổng đã gỡ bài viết này", "The portal withdrew this article"),
            lang.t(
                "Bài viết không còn trên Cổng nên cũng không còn ở đây. Mời bạn xem tin mới hoặc danh sách chủ đề.",
                "It is no longer on the portal, and so no longer here. Try the news or the topics.",
            ),
        ),
        ErrorKind::Removed => (
            lang.t("Bài viết này không còn ở đây", "This article is no longer here"),
            lang.t(
                "Loa không còn giữ bài viết này. Mời bạn tìm trên Cổng, hoặc xem tin mới.",
                "Loa no longer keeps it. Please look for it on the portal, or see the news.",
            ),
        ),
        ErrorKind::Ended => (
            lang.t("Nguồn cấp này đã ngừng", "This feed has ended"),
            lang.t(
                "Chủ đề hoặc chuyên mục này không còn nữa, và nguồn cấp của nó cũng vậy. Mời bạn chọn một nguồn cấp khác.",
                "The topic or section is no more, and neither is its feed. Please choose another feed.",
            ),
        ),
        ErrorKind::BadRequest => (
            lang.t("Loa không hiểu yêu cầu này", "Loa does not understand this request"),
            lang.t(
                "Một phần của địa chỉ hoặc biểu mẫu không hợp lệ. Hãy kiểm tra lại rồi thử lần nữa.",
                "A part of the address or the form is not valid. Please check it and try again.",
            ),
        ),
        ErrorKind::Internal => (
            lang.t("Loa gặp lỗi", "Something went wrong in Loa"),
            lang.t(
                "Lỗi thuộc về phía chúng tôi và đã được ghi lại. Bạn hãy thử lại sau ít phút.",
                "The fault is ours, and it was recorded. Please try again in a few minutes.",
            ),
        ),
        ErrorKind::TooMany => (
            lang.t("Quá nhiều lần gửi", "Too many at once"),
            lang.t(
                "Từ mạng của bạn vừa có quá nhiều lần gửi biểu mẫu. Xin thử lại sau một giờ, hoặc từ một mạng khác.",
                "Too many forms were sent from your network just now. Please try again in an hour, or from another network.",
            ),
        ),
        ErrorKind::Unavailable => (
            lang.t("Loa tạm nghỉ một lát", "Loa is away for a moment"),
            lang.t(
                "Dịch vụ đang khởi động hoặc bảo trì và sẽ sớm trở lại. Tin mới không bị mất.",
                "The service is starting or being maintained and will be back soon. No news is lost.",
            ),
        ),
    };
    let page = Page::new(site, lang, title, "").private();
    super::render(&View {
        status: Some(kind.status()),
        ..View::new(page, vec![text])
    })
}

/// A page that tells something, with links onward.
pub(super) fn told(page: Page<'_>, texts: &[&str], onward: &[(&str, &str)]) -> String {
    let onward = onward
        .iter()
        .map(|(path, label)| (page.href(path), (*label).to_owned()));
    let onward = onward.collect();
    super::render(&View {
        onward,
        ..View::new(page, texts.to_vec())
    })
}

/// `/confirm/{token}` of a sign-up whose time is over: nothing is lost but the time to fill in the form again.
pub fn too_late(site: &Site, lang: Lang) -> String {
    let title = lang.t("Liên kết xác nhận đã hết hạn", "This link is too old");
    let text = lang.t(
        "Liên kết xác nhận chỉ dùng được trong 7 ngày. Chưa có gì được gửi; bạn chỉ cần đăng ký lại.",
        "The link in a confirmation is good for 7 days. Nothing was sent; simply sign up again.",
    );
    let page = Page::new(site, lang, title, "").private();
    told(
        page,
        &[text],
        &[("/subscribe", lang.t("Đăng ký lại", "Sign up again"))],
    )
}

/// `/unsubscribe/{token}`. The page also offers to change something instead, behind the private link: not here, since the
/// token of a mail's unsubscribe header passes through more hands than the private one.
pub fn unsubscribe(site: &Site, lang: Lang, link: Link<'_>) -> String {
    let words = Words {
        route: "/unsubscribe",
        ask: (
            lang.t("Ngừng nhận tin?", "Stop receiving news?"),
            lang.t(
                "Bấm nút dưới đây để ngừng nhận tin. Chưa có gì thay đổi cho đến khi bạn bấm.",
                "Press the button to stop. Nothing changes until you do.",
            ),
        ),
        button: lang.t("Ngừng nhận tin", "Stop receiving news"),
        done: (
            lang.t("Đã ngừng gửi tin", "You will receive nothing more"),
            lang.t(
                "Loa sẽ không gửi gì thêm đến địa chỉ này. Bạn có thể đăng ký lại bất cứ lúc nào.",
                "Loa sends nothing more to this address. You can subscribe again at any time.",
            ),
        ),
        instead: Some((
            lang.t(
                "Chỉ muốn nhận ít thư hơn, bỏ bớt một chủ đề hoặc tạm dừng? Loa gửi vào hộp thư của bạn liên kết để thay đổi.",
                "Would fewer mails, one topic less or a pause do? Loa sends the link to change that to your mailbox.",
            ),
            lang.t("Gửi liên kết cho tôi", "Send me the link"),
            "/link",
        )),
    };
    linked(site, lang, link, &words)
}

/// `/confirm/{token}`. `private` is the address of the private page, which is shown to who just confirmed.
pub fn confirm(site: &Site, lang: Lang, link: Link<'_>, private: Option<&str>) -> String {
    let words = Words {
        route: "/confirm",
        ask: (
            lang.t("Xác nhận đăng ký nhận tin", "Confirm your subscription"),
            lang.t(
                "Bấm nút dưới đây để bắt đầu nhận tin. Nếu bạn không đăng ký, chỉ cần đóng trang này.",
                "Press the button to start. If you did not ask for this, simply close the page.",
            ),
        ),
        button: lang.t("Xác nhận", "Confirm"),
        done: (
            lang.t("Đã xác nhận", "Confirmed"),
            lang.t(
                "Từ nay bạn sẽ nhận tin. Mỗi thư đều có liên kết để thay đổi hoặc ngừng nhận.",
                "You will receive news from now on. Every mail has links to change it or to stop.",
            ),
        ),
        instead: None,
    };
    let mut view = linked_view(site, lang, link, &words);
    if matches!(link, Link::Done(_)) {
        let (path, label) = match private {
            Some(path) => (path, lang.t("Mở trang riêng của bạn", "Open your private page")),
            None => (
                "/manage",
                lang.t("Xem hoặc thay đổi đăng ký", "See or change your subscription"),
            ),
        };
        view.onward = vec![
            (lang.href(path), label.to_owned()),
            (lang.href("/"), lang.t("Xem tin mới", "See the news").to_owned()),
        ];
    }
    super::render(&view)
}

struct Words<'a> {
    route: &'a str,
    ask: (&'a str, &'a str),
    button: &'a str,
    done: (&'a str, &'a str),
    /// What may be wanted instead: the words, the button and the end of its address.
    instead: Option<(&'a str, &'a str, &'a str)>,
}

fn linked(site: &Site, lang: Lang, link: Link<'_>, words: &Words<'_>) -> String {
    super::render(&linked_view(site, lang, link, words))
}

fn linked_view<'a>(site: &'a Site, lang: Lang, link: Link<'a>, words: &Words<'a>) -> View<'a> {
    let unknown = (
        lang.t("Đường liên kết không còn dùng được", "This link no longer works"),
        lang.t(
            "Có thể liên kết đã được dùng, đã hết hạn hoặc bị cắt mất một phần. Hãy mở lại đúng liên kết trong thư mới nhất.",
            "It may have been used, be too old or be cut off. Please open the link in the newest message again.",
        ),
    );
    let (title, text) = match link {
        Link::Ask { .. } => words.ask,
        Link::Done(_) => words.done,
        Link::Unknown => unknown,
    };
    let mut view = View::new(Page::new(site, lang, title, "").private(), vec![text]);
    match link {
        Link::Ask { token, receipt } => {
            let token = percent_encoding::utf8_percent_encode(token, percent_encoding::NON_ALPHANUMERIC);
            let form = |end: &str, button| Form {
                action: lang.href(&format!("{}/{token}{end}", words.route)),
                button,
            };
            view.receipt = Some(receipt);
            view.form = Some(form("", words.button));
            view.instead = words.instead.map(|(text, button, end)| (text, form(end, button)));
            // The switch of languages leads back here.
            view.page.path = format!("{}/{token}", words.route);
        }
        Link::Done(receipt) => view.receipt = Some(receipt),
        Link::Unknown => {}
    }
    view
}
