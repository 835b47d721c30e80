//! `/manage` and the short pages about private links: lost, sent again, void, erased.

use askama::Template;

use super::layout::Page;
use crate::web::{lang::Lang, site::Site};

/// `/manage`: for who lost the link. `wrong` says what is wrong with the address that was typed.
pub fn lost(site: &Site, lang: Lang, address: &str, wrong: Option<&str>) -> String {
    let title = lang.t("Xem hoặc thay đổi đăng ký", "See or change your subscription");
    let page = Page::new(site, lang, title, "/manage").private();
    super::render(&Lost { page, address, wrong })
}

#[derive(Template)]
#[template(path = "lost.html")]
struct Lost<'a> {
    page: Page<'a>,
    address: &'a str,
    wrong: Option<&'a str>,
}

/// The answer to who asked for their link: the same whether or not anybody has that address.
pub fn mailed(site: &Site, lang: Lang, path: &str) -> String {
    let title = lang.t("Hãy xem hộp thư của bạn", "Please look into your mailbox");
    let page = Page::new(site, lang, title, path).private();
    super::notice::told(
        page,
        &[
            lang.t(
                "Nếu địa chỉ này có đăng ký nhận tin, Loa gửi tới đó một thư có liên kết riêng của bạn.",
                "If this address has a subscription, a mail with your private link is on its way there.",
            ),
            lang.t(
                "Chưa thấy thư? Hãy xem cả mục thư rác. Mỗi địa chỉ nhận nhiều nhất một thư như vậy trong 10 phút và ba thư mỗi ngày.",
                "Nothing there? Look among the spam too. An address gets at most one such mail in 10 minutes and three a day.",
            ),
        ],
        &[("/", lang.t("Xem tin mới", "See the news"))],
    )
}

/// The answer to a private link that opens nothing: it was made void, cut off, or everything was erased.
pub fn no_such_link(site: &Site, lang: Lang) -> String {
    let title = lang.t("Liên kết này không còn dùng được", "This link no longer works");
    let text = lang.t(
        "Có thể bạn đã tạo liên kết mới, liên kết bị cắt mất một phần, hoặc đăng ký đã được xóa. Hãy mở liên kết trong thư mới nhất, hoặc nhờ Loa gửi lại.",
        "There may be a newer one, it may be cut off, or the subscription was erased. Open the link in the newest mail, or have it sent again.",
    );
    let page = Page::new(site, lang, title, "").private();
    let again = lang.t("Gửi lại liên kết", "Send me the link");
    super::notice::told(page, &[text], &[("/manage", again)])
}

/// After everything was erased.
pub fn erased(site: &Site, lang: Lang) -> String {
    let title = lang.t("Đã xóa tất cả", "Everything is erased");
    let text = lang.t(
        "Loa không còn lưu gì về địa chỉ của bạn và sẽ không gửi gì nữa.",
        "Loa keeps nothing about your address any more, and sends nothing.",
    );
    let page = Page::new(site, lang, title, "/manage?done=erased").private();
    super::notice::told(page, &[text], &[("/", lang.t("Xem tin mới", "See the news"))])
}
