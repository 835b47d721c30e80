//! Alerts of one article, of several, and of too many.

use insta::assert_snapshot;

use super::told;

#[test]
fn an_alert() {
    assert_snapshot!(told("alert"), @r#"
    [Loa] Khoa học và công nghệ: Nghiệm thu đề tài tuyển chọn giống lúa chịu mặn cho vùng ven biển

    Tin mới từ Cổng thông tin điện tử tỉnh Quảng Trị

    * Nghiệm thu đề tài tuyển chọn giống lúa chịu mặn cho vùng ven biển
      Cổng TTĐT · 07:13, Thứ Ba, 24/11/2026
      Sáng nay, Sở Khoa học và Công nghệ tổ chức hội nghị nghiệm thu đề tài khoa
      học cấp tỉnh “Nghiên cứu tuyển chọn giống lúa chịu mặn và xây dựng quy
      trình canh tác cho vùng ven biển”.
      Vì bạn theo dõi: Khoa học và công nghệ (“nghiệm thu đề tài”, “nhóm nghiên
      cứu”, “chuyển giao công nghệ”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791001/bai-viet-1
      Xem trên Loa: https://loa.example.vn/articles/1
      Sai chủ đề? https://loa.example.vn/articles/1/topics

    -- 
    Bạn nhận thư này vì bạn đã đăng ký nhận tin mới của Cổng thông tin điện tử
    tỉnh Quảng Trị qua Loa.
    Đơn vị vận hành: Văn phòng UBND tỉnh Quảng Trị
    Địa chỉ: 45 Hùng Vương, phường Nam Đông Hà
    Liên hệ: bantin@quangtri.example.vn
    Thay đổi đăng ký: https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    Ngừng nhận thư: https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    "#);
}

#[test]
fn an_alert_in_english() {
    assert_snapshot!(told("alert-en"), @r#"
    [Loa] Science and technology: Nghiệm thu đề tài tuyển chọn giống lúa chịu mặn cho vùng ven biển

    News from Cổng thông tin điện tử tỉnh Quảng Trị

    * Nghiệm thu đề tài tuyển chọn giống lúa chịu mặn cho vùng ven biển
      Cổng TTĐT · 07:13, Tuesday, 24/11/2026
      Sáng nay, Sở Khoa học và Công nghệ tổ chức hội nghị nghiệm thu đề tài khoa
      học cấp tỉnh “Nghiên cứu tuyển chọn giống lúa chịu mặn và xây dựng quy
      trình canh tác cho vùng ven biển”.
      Because you follow: Science and technology (“nghiệm thu đề tài”, “nhóm
      nghiên cứu”, “chuyển giao công nghệ”)
      Read: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791001/bai-viet-1
      View on Loa: https://loa.example.vn/articles/1
      Wrong topic? https://loa.example.vn/articles/1/topics

    -- 
    You receive this mail because you subscribed to news from Cổng thông tin
    điện tử tỉnh Quảng Trị through Loa.
    Run by: Văn phòng UBND tỉnh Quảng Trị
    Address: 45 Hùng Vương, phường Nam Đông Hà
    Contact: bantin@quangtri.example.vn
    Change your subscription: https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    Unsubscribe: https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    "#);
}

#[test]
fn an_alert_of_several_articles() {
    assert_snapshot!(told("alerts"), @r#"
    [Loa] Khoa học và công nghệ: Nghiệm thu đề tài tuyển chọn giống lúa chịu mặn cho vùng ven biển và 4 tin khác

    5 tin mới từ Cổng thông tin điện tử tỉnh Quảng Trị

    * Nghiệm thu đề tài tuyển chọn giống lúa chịu mặn cho vùng ven biển
      Cổng TTĐT · 07:13, Thứ Ba, 24/11/2026
      Sáng nay, Sở Khoa học và Công nghệ tổ chức hội nghị nghiệm thu đề tài khoa
      học cấp tỉnh “Nghiên cứu tuyển chọn giống lúa chịu mặn và xây dựng quy
      trình canh tác cho vùng ven biển”.
      Vì bạn theo dõi: Khoa học và công nghệ (“nghiệm thu đề tài”, “nhóm nghiên
      cứu”, “chuyển giao công nghệ”); Nông nghiệp, nông thôn mới (“giống lúa”,
      “gieo sạ”, “vụ đông xuân”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791001/bai-viet-1
      Xem trên Loa: https://loa.example.vn/articles/1
      Sai chủ đề? https://loa.example.vn/articles/1/topics

    * Áp thấp nhiệt đới có khả năng mạnh lên thành bão, tàu thuyền khẩn trương
      vào bờ
      Cổng TTĐT · 06:26, Thứ Ba, 24/11/2026
      Theo Đài Khí tượng Thủy văn, chiều nay áp thấp nhiệt đới trên vùng biển
      phía đông có sức gió mạnh nhất cấp 7, giật cấp 9, di chuyển theo hướng tây
      tây bắc và có khả năng mạnh lên thành bão trong 24 giờ tới.
      Vì bạn theo dõi: Thiên tai, thời tiết (“áp thấp nhiệt đới”, “bão”, “giật
      cấp”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791002/bai-viet-2
      Xem trên Loa: https://loa.example.vn/articles/2
      Sai chủ đề? https://loa.example.vn/articles/2/topics

    * Tỷ lệ hồ sơ dịch vụ công trực tuyến toàn trình đạt 82%
      Cổng TTĐT · 05:39, Thứ Ba, 24/11/2026
      Báo cáo công tác cải cách hành chính quý III cho thấy tỷ lệ hồ sơ nộp qua
      dịch vụ công trực tuyến toàn trình của tỉnh đạt 82%, tăng 9 điểm phần trăm
      so với quý trước.
      Vì bạn theo dõi: Cải cách hành chính, dịch vụ công (“dịch vụ công trực
      tuyến toàn trình”, “cải cách hành chính”, “thủ tục hành chính”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791003/bai-viet-3
      Xem trên Loa: https://loa.example.vn/articles/3
      Sai chủ đề? https://loa.example.vn/articles/3/topics

    * Lô hồ tiêu hữu cơ đầu tiên của tỉnh lên đường xuất khẩu
      Cổng TTĐT · 04:52, Thứ Ba, 24/11/2026
      Sáng nay, Hợp tác xã Nông nghiệp Hòa Sơn làm lễ xuất lô hàng 18 tấn hồ
      tiêu hữu cơ đầu tiên sang thị trường châu Âu sau bốn năm chuyển đổi phương
      thức canh tác.
      Vì bạn theo dõi: Nông nghiệp, nông thôn mới (“hồ tiêu”, “hợp tác xã nông
      nghiệp”, “hữu cơ”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791004/bai-viet-4
      Xem trên Loa: https://loa.example.vn/articles/4
      Sai chủ đề? https://loa.example.vn/articles/4/topics

    * Trao giải Hội thi sáng tạo kỹ thuật tỉnh: nhiều giải pháp từ chính đồng
      ruộng, nhà xưởng
      Cổng TTĐT · 04:05, Thứ Ba, 24/11/2026
      Liên hiệp các Hội Khoa học và Kỹ thuật tỉnh tổng kết và trao giải Hội thi
      sáng tạo kỹ thuật, vinh danh 31 giải pháp tiêu biểu trong số 117 giải pháp
      dự thi.
      Vì bạn theo dõi: Khoa học và công nghệ (“hội thi sáng tạo kỹ thuật”, “liên
      hiệp các hội khoa học và kỹ thuật”, “sáng chế”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791005/bai-viet-5
      Xem trên Loa: https://loa.example.vn/articles/5
      Sai chủ đề? https://loa.example.vn/articles/5/topics

    -- 
    Bạn nhận thư này vì bạn đã đăng ký nhận tin mới của Cổng thông tin điện tử
    tỉnh Quảng Trị qua Loa.
    Đơn vị vận hành: Văn phòng UBND tỉnh Quảng Trị
    Địa chỉ: 45 Hùng Vương, phường Nam Đông Hà
    Liên hệ: bantin@quangtri.example.vn
    Thay đổi đăng ký: https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    Ngừng nhận thư: https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a long mail, word for word")]
fn an_alert_of_too_many_articles() {
    assert_snapshot!(told("alerts-many"), @r#"
    [Loa] Khoa học và công nghệ: Nghiệm thu đề tài tuyển chọn giống lúa chịu mặn cho vùng ven biển và 59 tin khác

    60 tin mới từ Cổng thông tin điện tử tỉnh Quảng Trị

    * Nghiệm thu đề tài tuyển chọn giống lúa chịu mặn cho vùng ven biển
      Cổng TTĐT · 07:13, Thứ Ba, 24/11/2026
      Sáng nay, Sở Khoa học và Công nghệ tổ chức hội nghị nghiệm thu đề tài khoa
      học cấp tỉnh “Nghiên cứu tuyển chọn giống lúa chịu mặn và xây dựng quy
      trình canh tác cho vùng ven biển”.
      Vì bạn theo dõi: Khoa học và công nghệ (“nghiệm thu đề tài”, “nhóm nghiên
      cứu”, “chuyển giao công nghệ”); Nông nghiệp, nông thôn mới (“giống lúa”,
      “gieo sạ”, “vụ đông xuân”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791001/bai-viet-1
      Xem trên Loa: https://loa.example.vn/articles/1
      Sai chủ đề? https://loa.example.vn/articles/1/topics

    * Áp thấp nhiệt đới có khả năng mạnh lên thành bão, tàu thuyền khẩn trương
      vào bờ
      Cổng TTĐT · 06:26, Thứ Ba, 24/11/2026
      Theo Đài Khí tượng Thủy văn, chiều nay áp thấp nhiệt đới trên vùng biển
      phía đông có sức gió mạnh nhất cấp 7, giật cấp 9, di chuyển theo hướng tây
      tây bắc và có khả năng mạnh lên thành bão trong 24 giờ tới.
      Vì bạn theo dõi: Thiên tai, thời tiết (“áp thấp nhiệt đới”, “bão”, “giật
      cấp”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791002/bai-viet-2
      Xem trên Loa: https://loa.example.vn/articles/2
      Sai chủ đề? https://loa.example.vn/articles/2/topics

    * Tỷ lệ hồ sơ dịch vụ công trực tuyến toàn trình đạt 82%
      Cổng TTĐT · 05:39, Thứ Ba, 24/11/2026
      Báo cáo công tác cải cách hành chính quý III cho thấy tỷ lệ hồ sơ nộp qua
      dịch vụ công trực tuyến toàn trình của tỉnh đạt 82%, tăng 9 điểm phần trăm
      so với quý trước.
      Vì bạn theo dõi: Cải cách hành chính, dịch vụ công (“dịch vụ công trực
      tuyến toàn trình”, “cải cách hành chính”, “thủ tục hành chính”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791003/bai-viet-3
      Xem trên Loa: https://loa.example.vn/articles/3
      Sai chủ đề? https://loa.example.vn/articles/3/topics

    * Lô hồ tiêu hữu cơ đầu tiên của tỉnh lên đường xuất khẩu
      Cổng TTĐT · 04:52, Thứ Ba, 24/11/2026
      Sáng nay, Hợp tác xã Nông nghiệp Hòa Sơn làm lễ xuất lô hàng 18 tấn hồ
      tiêu hữu cơ đầu tiên sang thị trường châu Âu sau bốn năm chuyển đổi phương
      thức canh tác.
      Vì bạn theo dõi: Nông nghiệp, nông thôn mới (“hồ tiêu”, “hợp tác xã nông
      nghiệp”, “hữu cơ”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791004/bai-viet-4
      Xem trên Loa: https://loa.example.vn/articles/4
      Sai chủ đề? https://loa.example.vn/articles/4/topics

    * Trao giải Hội thi sáng tạo kỹ thuật tỉnh: nhiều giải pháp từ chính đồng
      ruộng, nhà xưởng
      Cổng TTĐT · 04:05, Thứ Ba, 24/11/2026
      Liên hiệp các Hội Khoa học và Kỹ thuật tỉnh tổng kết và trao giải Hội thi
      sáng tạo kỹ thuật, vinh danh 31 giải pháp tiêu biểu trong số 117 giải pháp
      dự thi.
      Vì bạn theo dõi: Khoa học và công nghệ (“hội thi sáng tạo kỹ thuật”, “liên
      hiệp các hội khoa học và kỹ thuật”, “sáng chế”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791005/bai-viet-5
      Xem trên Loa: https://loa.example.vn/articles/5
      Sai chủ đề? https://loa.example.vn/articles/5/topics

    * Ra mắt trợ lý ảo hỗ trợ người dân làm thủ tục hành chính
      Cổng TTĐT · 03:18, Thứ Ba, 24/11/2026
      Sở Khoa học và Công nghệ vừa giới thiệu trợ lý ảo ứng dụng trí tuệ nhân
      tạo, giúp người dân tra cứu và chuẩn bị hồ sơ của hơn 1.600 thủ tục hành
      chính bằng giọng nói hoặc tin nhắn.
      Vì bạn theo dõi: Cải cách hành chính, dịch vụ công (“thủ tục hành chính”,
      “làm thủ tục”, “cổng dịch vụ công”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791006/bai-viet-6
      Xem trên Loa: https://loa.example.vn/articles/6
      Sai chủ đề? https://loa.example.vn/articles/6/topics

    * Trung tâm giám sát, điều hành thông minh vận hành thử: phản ánh của người
      dân được trả lời trong 48 giờ
      Cổng TTĐT · 02:31, Thứ Ba, 24/11/2026
      Từ tuần này, Trung tâm giám sát, điều hành thông minh của tỉnh bước vào
      giai đoạn vận hành thử với bảy phân hệ, trong đó có tiếp nhận phản ánh
      hiện trường, giám sát dịch vụ công và theo dõi an toàn thông tin mạng.
      Vì bạn theo dõi: Chuyển đổi số, công nghệ thông tin (“trung tâm giám sát,
      điều hành”, “an toàn thông tin mạng”, “kế hoạch chuyển đổi số”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791007/bai-viet-7
      Xem trên Loa: https://loa.example.vn/articles/7
      Sai chủ đề? https://loa.example.vn/articles/7/topics

    * Các địa phương xuống giống vụ đông xuân đúng lịch thời vụ
      Cổng TTĐT · 01:44, Thứ Ba, 24/11/2026
      Đến nay toàn tỉnh đã làm đất được 18.400 ha, đạt 71% kế hoạch vụ đông
      xuân; các hợp tác xã vùng cao đã bắt đầu gieo sạ trà lúa sớm.
      Vì bạn theo dõi: Nông nghiệp, nông thôn mới (“vụ đông xuân”, “xuống
      giống”, “gieo sạ”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791008/bai-viet-8
      Xem trên Loa: https://loa.example.vn/articles/8
      Sai chủ đề? https://loa.example.vn/articles/8/topics

    * Chủ động ứng phó mưa lớn, lũ trên các sông và sạt lở đất
      Cổng TTĐT · 00:57, Thứ Ba, 24/11/2026
      Ban Chỉ huy Phòng thủ dân sự tỉnh vừa ban hành công điện yêu cầu các sở,
      ngành và địa phương chủ động ứng phó với đợt mưa lớn diện rộng kéo dài
      trong ba ngày tới.
      Vì bạn theo dõi: cụm từ “mưa lớn”
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791009/bai-viet-9
      Xem trên Loa: https://loa.example.vn/articles/9
      Sai chủ đề? https://loa.example.vn/articles/9/topics

    * Khai trương sàn giao dịch công nghệ và thiết bị trực tuyến
      Cổng TTĐT · 00:10, Thứ Ba, 24/11/2026
      Sàn giao dịch công nghệ và thiết bị trực tuyến của tỉnh chính thức đi vào
      hoạt động, giới thiệu hơn 320 công nghệ, thiết bị của các viện, trường và
      doanh nghiệp trong nước.
      Vì bạn theo dõi: Khoa học và công nghệ (“sàn giao dịch công nghệ”, “chuyển
      giao công nghệ”, “khởi nghiệp đổi mới sáng tạo”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/137290627910010/bai-viet-10
      Xem trên Loa: https://loa.example.vn/articles/10
      Sai chủ đề? https://loa.example.vn/articles/10/topics

    … Xem thêm 19 tin khác (Khoa học và công nghệ): https://loa.example.vn/topics/khoa-hoc-cong-nghe

    … Xem thêm 12 tin khác (Nông nghiệp, nông thôn mới): https://loa.example.vn/topics/nong-nghiep-nong-thon

    … Xem thêm 8 tin khác (Cải cách hành chính, dịch vụ công): https://loa.example.vn/topics/cai-cach-hanh-chinh

    … Xem thêm 3 tin khác (Cụm từ “mưa lớn”): https://loa.example.vn/search?q=%22m%C6%B0a%20l%E1%BB%9Bn%22

    … Xem thêm 4 tin khác (Chuyển đổi số, công nghệ thông tin): https://loa.example.vn/topics/chuyen-doi-so

    … Xem thêm 4 tin khác (Thiên tai, thời tiết): https://loa.example.vn/topics/thien-tai-thoi-tiet

    -- 
    Bạn nhận thư này vì cơ quan của bạn đã đăng ký cho địa chỉ này nhận tin mới
    của Cổng thông tin điện tử tỉnh Quảng Trị qua Loa.
    Đơn vị vận hành: Văn phòng UBND tỉnh Quảng Trị
    Địa chỉ: 45 Hùng Vương, phường Nam Đông Hà
    Liên hệ: bantin@quangtri.example.vn
    Thay đổi đăng ký: https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    Ngừng nhận thư: https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    "#);
}
