//! What each kind of breakage is called, what it means and what to do about it.

use crate::domain::breakage::Cause;

/// The words for one kind of news. `{user_agent}` stands for how Loa names itself.
pub(super) struct Words {
    pub name: &'static str,
    pub name_en: &'static str,
    pub what: &'static str,
    pub what_en: &'static str,
    pub advice: &'static str,
    pub advice_en: &'static str,
}

/// For a section that is read well again.
pub(super) const RECOVERED: Words = Words {
    name: "Đã hoạt động lại",
    name_en: "Working again",
    what: "Tin mới của các chuyên mục này lại được lấy như thường lệ.",
    what_en: "New articles of these sections are read again as usual.",
    advice: "",
    advice_en: "",
};

/// For a section that broke.
pub(super) fn broken(cause: Cause) -> Words {
    match cause {
        Cause::Empty => EMPTY,
        Cause::Drop => DROP,
        Cause::Challenge => CHALLENGE,
        Cause::Login => LOGIN,
        Cause::Maintenance => MAINTENANCE,
        Cause::Layout => LAYOUT,
        Cause::Yield => YIELD,
        Cause::Failing => FAILING,
        Cause::Gone => GONE,
        Cause::Robots => ROBOTS,
    }
}

const EMPTY: Words = Words {
    name: "Danh sách trống",
    name_en: "Empty list",
    what: "Trang danh sách mở được nhưng không có tin nào.",
    what_en: "The list page opens and shows no articles.",
    advice: "Mở trang bằng trình duyệt. Nếu ở đó vẫn có tin thì bố cục trang đã đổi: chạy lệnh “loa try” ở dưới và làm theo docs/portals.md. Nếu trang trống thật, xin báo bộ phận quản trị cổng.",
    advice_en: "Open the page in a browser. If it does show articles, its layout changed: run the “loa try” below and follow docs/portals.md. If it is really empty, tell those who run the portal.",
};

const DROP: Words = Words {
    name: "Số tin giảm đột ngột",
    name_en: "Sudden drop",
    what: "Trang danh sách có ít tin hơn hẳn mọi khi.",
    what_en: "The list page shows far fewer articles than usual.",
    advice: "So trang trong trình duyệt với kết quả của lệnh “loa try” ở dưới. Nếu thiếu tin thì bố cục đã đổi một phần: xem docs/portals.md.",
    advice_en: "Compare the page in a browser with what the “loa try” below finds. If articles are missing, part of the layout changed: see docs/portals.md.",
};

const CHALLENGE: Words = Words {
    name: "Bị chặn bởi trang xác minh",
    name_en: "Blocked by a challenge",
    what: "Thay cho danh sách tin, cổng trả về trang kiểm tra người dùng (captcha hoặc tường lửa).",
    what_en: "Instead of the list, the portal answers with a check for people (a captcha or a firewall's page).",
    advice: "Đề nghị bộ phận quản trị cổng hoặc nhà cung cấp tường lửa cho phép trình đọc có User-Agent “{user_agent}” và địa chỉ IP của máy chạy Loa.",
    advice_en: "Ask those who run the portal or its firewall to let through the User-Agent “{user_agent}” and the IP address of the machine that runs Loa.",
};

const LOGIN: Words = Words {
    name: "Đòi đăng nhập",
    name_en: "Login form",
    what: "Thay cho danh sách tin, cổng trả về trang đăng nhập.",
    what_en: "Instead of the list, the portal answers with a login form.",
    advice: "Mở trang bằng cửa sổ ẩn danh. Nếu chuyên mục không còn công khai thì bỏ nó khỏi tệp khai báo cổng; nếu là nhầm lẫn, xin báo bộ phận quản trị cổng.",
    advice_en: "Open the page in a private window. If the section is no longer public, take it out of the portal's file; if that is a mistake, tell those who run the portal.",
};

const MAINTENANCE: Words = Words {
    name: "Cổng đang bảo trì",
    name_en: "Maintenance",
    what: "Thay cho danh sách tin, cổng trả về thông báo bảo trì.",
    what_en: "Instead of the list, the portal answers with a maintenance notice.",
    advice: "Chờ cổng bảo trì xong; Loa tự đọc lại. Nếu kéo dài, xin hỏi bộ phận quản trị cổng.",
    advice_en: "Wait until it is over; Loa reads on by itself. If it lasts, ask those who run the portal.",
};

const LAYOUT: Words = Words {
    name: "Không nhận ra bố cục trang",
    name_en: "Layout not recognised",
    what: "Trang mở được nhưng không còn theo bố cục mà Loa biết đọc.",
    what_en: "The page opens, and no longer has a layout that Loa knows how to read.",
    advice: "Chạy lệnh “loa try” ở dưới để biết thiếu gì, rồi khai báo bố cục mới theo docs/portals.md.",
    advice_en: "Run the “loa try” below to see what is missing, and describe the new layout as docs/portals.md says.",
};

const YIELD: Words = Words {
    name: "Đọc được ít hơn mọi khi",
    name_en: "Less is found than usual",
    what: "Trang bài viết mở được nhưng nhiều phần (tiêu đề, ngày đăng, nội dung) không còn tìm thấy.",
    what_en: "Article pages open, and less of them (title, date, text) is found than usual.",
    advice: "Chạy “loa try” với địa chỉ một bài mới để biết thiếu phần nào, rồi xem docs/portals.md.",
    advice_en: "Run “loa try” with the address of a new article to see what is missing, and see docs/portals.md.",
};

const FAILING: Words = Words {
    name: "Không tải được trang",
    name_en: "Pages do not load",
    what: "Cổng không trả lời, hoặc trả lời bằng thông báo lỗi.",
    what_en: "The portal does not answer, or answers with errors.",
    advice: "Mở trang bằng trình duyệt từ chính máy chạy Loa. Nếu không mở được, xin báo bộ phận quản trị cổng; nếu mở được, chạy “loa check” để biết Loa vướng ở đâu.",
    advice_en: "Open the page from the machine that runs Loa. If it does not open, tell those who run the portal; if it does, run “loa check” to see what stops Loa.",
};

const GONE: Words = Words {
    name: "Chuyên mục đã bị gỡ bỏ",
    name_en: "Gone for good",
    what: "Cổng báo trang danh sách đã bị gỡ hẳn (mã 410). Loa không tự hỏi lại trang này.",
    what_en: "The portal says that the list page was taken away for good (410). Loa does not ask for it again by itself.",
    advice: "Sửa đường dẫn (path) của chuyên mục trong tệp khai báo cổng, hoặc bỏ chuyên mục khỏi tệp đó. Nếu trang đã có lại, chạy “loa poll” cho chuyên mục này.",
    advice_en: "Correct the section's path in the portal's file, or take the section out of it. If the page is back, run “loa poll” for the section.",
};

const ROBOTS: Words = Words {
    name: "robots.txt không cho phép",
    name_en: "robots.txt forbids it",
    what: "Tệp robots.txt của cổng cấm đọc trang này, hoặc không tải được tệp đó; Loa tuân theo và không hỏi trang.",
    what_en: "The portal's robots.txt forbids the page, or cannot be read; Loa keeps to it and does not ask for the page.",
    advice: "Đề nghị bộ phận quản trị cổng cho phép “{user_agent}” trong robots.txt, hoặc bỏ chuyên mục khỏi tệp khai báo cổng.",
    advice_en: "Ask those who run the portal to allow “{user_agent}” in robots.txt, or take the section out of the portal's file.",
};
