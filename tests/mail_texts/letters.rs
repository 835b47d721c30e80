//! What is no news: confirmations, private links, welcomes, alarms, a trial.

use insta::assert_snapshot;

use super::told;

#[test]
fn a_confirmation() {
    assert_snapshot!(told("confirmation"), @r#"
    [Loa] Xác nhận đăng ký nhận tin

    Xác nhận đăng ký nhận tin

    Địa chỉ này vừa được dùng để đăng ký nhận tin của Cổng thông tin điện tử
    tỉnh Quảng Trị qua Loa:

    * Khoa học và công nghệ (hằng ngày)
    * Chuyên mục Tin tức (hằng ngày)
    * Cụm từ “mưa lũ” (hằng ngày)

    Nếu đúng là bạn, hãy xác nhận trong vòng 7 ngày:

    Xác nhận đăng ký:
    https://loa.example.vn/confirm/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA

    Nếu không phải bạn, xin bỏ qua thư này: bạn sẽ không nhận thêm thư nào.

    -- 
    Tin của Cổng thông tin điện tử tỉnh Quảng Trị
    Đơn vị vận hành: Văn phòng UBND tỉnh Quảng Trị
    Địa chỉ: 45 Hùng Vương, phường Nam Đông Hà
    Liên hệ: bantin@quangtri.example.vn
    "#);
}

#[test]
fn a_confirmation_in_english() {
    assert_snapshot!(told("confirmation-en"), @r#"
    [Loa] Confirm your subscription

    Confirm your subscription

    This address was just used to subscribe to news from Cổng thông tin điện tử
    tỉnh Quảng Trị through Loa:

    * Science and technology (daily)
    * Section Tin tức (daily)
    * Phrase “mưa lũ” (daily)

    If it was you, please confirm within 7 days:

    Confirm:
    https://loa.example.vn/confirm/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA

    If it was not you, ignore this mail: you will receive nothing more.

    -- 
    News from Cổng thông tin điện tử tỉnh Quảng Trị
    Run by: Văn phòng UBND tỉnh Quảng Trị
    Address: 45 Hùng Vương, phường Nam Đông Hà
    Contact: bantin@quangtri.example.vn
    "#);
}

#[test]
fn a_private_link() {
    assert_snapshot!(told("link"), @r#"
    [Loa] Liên kết quản lý đăng ký của bạn

    Liên kết quản lý đăng ký của bạn

    Đây là trang riêng để bạn xem và thay đổi đăng ký nhận tin của Cổng thông
    tin điện tử tỉnh Quảng Trị. Bạn đang theo dõi:

    * Khoa học và công nghệ (hằng ngày)
    * Chuyên mục Tin tức (hằng ngày)
    * Cụm từ “mưa lũ” (hằng ngày)

    Ai có liên kết này đều có thể thay đổi đăng ký của bạn, nên xin đừng chuyển
    tiếp thư này.

    Thay đổi đăng ký:
    https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA

    Nếu bạn không yêu cầu thư này, xin bỏ qua: không có gì thay đổi.

    -- 
    Tin của Cổng thông tin điện tử tỉnh Quảng Trị
    Đơn vị vận hành: Văn phòng UBND tỉnh Quảng Trị
    Địa chỉ: 45 Hùng Vương, phường Nam Đông Hà
    Liên hệ: bantin@quangtri.example.vn
    "#);
}

#[test]
fn a_private_link_in_english() {
    assert_snapshot!(told("link-en"), @r#"
    [Loa] The link to your subscription

    The link to your subscription

    This is your private page to see and change your subscription to news from
    Cổng thông tin điện tử tỉnh Quảng Trị. You follow:

    * Science and technology (daily)
    * Section Tin tức (daily)
    * Phrase “mưa lũ” (daily)

    Whoever has this link can change your subscription, so please do not forward
    this mail.

    Change your subscription:
    https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA

    If you did not ask for this mail, ignore it: nothing has changed.

    -- 
    News from Cổng thông tin điện tử tỉnh Quảng Trị
    Run by: Văn phòng UBND tỉnh Quảng Trị
    Address: 45 Hùng Vương, phường Nam Đông Hà
    Contact: bantin@quangtri.example.vn
    "#);
}

#[test]
fn a_welcome() {
    assert_snapshot!(told("welcome"), @r#"
    [Loa] Bạn đã được đăng ký nhận tin

    Bạn đã được đăng ký nhận tin

    Cơ quan của bạn đã đăng ký cho địa chỉ này nhận tin của Cổng thông tin điện
    tử tỉnh Quảng Trị qua Loa. Bạn sẽ nhận:

    * Khoa học và công nghệ (hằng ngày)
    * Chuyên mục Tin tức (hằng ngày)
    * Cụm từ “mưa lũ” (hằng ngày)

    Căn cứ: Công văn số 12/VP-CNTT ngày 20/11/2026 của Văn phòng UBND tỉnh.

    Thay đổi đăng ký:
    https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA

    Bạn có thể đổi chủ đề, giờ nhận tin hoặc ngừng nhận bất cứ lúc nào, không
    cần nêu lý do.

    Ngừng nhận thư: https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA

    -- 
    Tin của Cổng thông tin điện tử tỉnh Quảng Trị
    Đơn vị vận hành: Văn phòng UBND tỉnh Quảng Trị
    Địa chỉ: 45 Hùng Vương, phường Nam Đông Hà
    Liên hệ: bantin@quangtri.example.vn
    "#);
}

#[test]
fn a_welcome_in_english() {
    assert_snapshot!(told("welcome-en"), @r#"
    [Loa] You were subscribed to news

    You were subscribed to news

    Your office subscribed this address to news from Cổng thông tin điện tử tỉnh
    Quảng Trị through Loa. You will receive:

    * Science and technology (daily)
    * Section Tin tức (daily)
    * Phrase “mưa lũ” (daily)

    Ground: Công văn số 12/VP-CNTT ngày 20/11/2026 của Văn phòng UBND tỉnh.

    Change your subscription:
    https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA

    You can change topics and times or stop at any moment, without giving a
    reason.

    Unsubscribe: https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA

    -- 
    News from Cổng thông tin điện tử tỉnh Quảng Trị
    Run by: Văn phòng UBND tỉnh Quảng Trị
    Address: 45 Hùng Vương, phường Nam Đông Hà
    Contact: bantin@quangtri.example.vn
    "#);
}

#[test]
fn an_alarm() {
    assert_snapshot!(told("alarm"), @r#"
    [Loa] Chuyên mục gặp sự cố: quangtri/tin-tuc và 1 chuyên mục khác; Đã hoạt động lại: quangtri/giao-duc

    Chuyên mục gặp sự cố: quangtri/tin-tuc và 1 chuyên mục khác; Đã hoạt động
    lại: quangtri/giao-duc
    Sections in trouble: quangtri/tin-tuc and 1 more; Working again:
    quangtri/giao-duc

    == Không nhận ra bố cục trang / Layout not recognised ==

    Trang mở được nhưng không còn theo bố cục mà Loa biết đọc.
    The page opens, and no longer has a layout that Loa knows how to read.

    Việc cần làm: Chạy lệnh “loa try” ở dưới để biết thiếu gì, rồi khai báo bố
    cục mới theo docs/portals.md.
    What to do: Run the “loa try” below to see what is missing, and describe the
    new layout as docs/portals.md says.

    * Tin tức – sự kiện (quangtri/tin-tuc)
      Từ / Since: 08:00, 24/11/2026
      Chi tiết / Details: không có dòng nào giống một danh sách bài viết: <html>
      .
      Xem lại lúc / Looked at next: 09:00, 24/11/2026
      loa try 'https://portal.example.vn/tin-tuc?a=1&b=2'

    == Bị chặn bởi trang xác minh / Blocked by a challenge ==

    Thay cho danh sách tin, cổng trả về trang kiểm tra người dùng (captcha hoặc
    tường lửa).
    Instead of the list, the portal answers with a check for people (a captcha
    or a firewall's page).

    Việc cần làm: Đề nghị bộ phận quản trị cổng hoặc nhà cung cấp tường lửa cho
    phép trình đọc có User-Agent “Loa/0.1 (news feeds and alerts)” và địa chỉ IP
    của máy chạy Loa.
    What to do: Ask those who run the portal or its firewall to let through the
    User-Agent “Loa/0.1 (news feeds and alerts)” and the IP address of the
    machine that runs Loa.

    * Y tế (quangtri/y-te)
      Từ / Since: 08:00, 24/11/2026
      Chi tiết / Details: the page asks for a captcha
      Cổng chuyển hướng đến / The portal redirects to: https://portal.example.vn/suc-khoe
      Xem lại lúc / Looked at next: 09:00, 24/11/2026
      loa try 'https://portal.example.vn/y-te'

    == Đã hoạt động lại / Working again ==

    Tin mới của các chuyên mục này lại được lấy như thường lệ.
    New articles of these sections are read again as usual.

    * Giáo dục (quangtri/giao-duc)
      Gặp sự cố / In trouble: 08:00, 24/11/2026 – 08:00, 24/11/2026

    Trong khi đó, bạn đọc vẫn xem được các tin đã lưu; Loa không đăng gì từ
    trang mà nó không hiểu.
    Meanwhile readers still see the articles that are stored; nothing is
    published from a page that was not understood.

    -- 
    Bạn nhận thư này vì địa chỉ của bạn có trong mục alerts.operator của cấu hình Loa tại https://loa.example.vn.
    You receive this because your address stands in alerts.operator of Loa's settings at https://loa.example.vn.
    "#);
}

#[test]
fn a_trial() {
    assert_snapshot!(told("test"), @r#"
    [Loa] Thư thử / Test message

    Thư thử của Loa / Test message of Loa

    Loa tại https://loa.example.vn gửi thư này lúc 08:00, 24/11/2026 để thử kênh
    e-mail. Nhận được nghĩa là kênh hoạt động; bạn không cần làm gì thêm.
    Loa at https://loa.example.vn sent this at 08:00, 24/11/2026 to test e-mail.
    If you read it, the channel works; there is nothing to do.

    Loa ký thư này bằng DKIM cho tên miền example.vn.
    Loa signed this mail with DKIM for the domain example.vn.

    Người vận hành: mở mã nguồn của thư; dòng Authentication-Results phải ghi
    spf=pass, dkim=pass và dmarc=pass.
    For the operator: open the mail's source; its Authentication-Results should
    say spf=pass, dkim=pass and dmarc=pass.
    "#);
}
