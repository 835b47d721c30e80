//! Digests of a day and of a week, of one person and of an office.

use insta::assert_snapshot;

use super::told;

#[test]
fn a_daily_digest() {
    assert_snapshot!(told("daily"), @r#"
    [Loa] Bản tin ngày 24/11/2026: 5 tin

    Bản tin ngày 24/11/2026: 5 tin
    Tin của Cổng thông tin điện tử tỉnh Quảng Trị


    == Khoa học và công nghệ ==

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


    == Nông nghiệp, nông thôn mới ==

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


    == Cải cách hành chính, dịch vụ công ==

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


    == Thiên tai, thời tiết ==

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

    -- 
    Bạn nhận thư này vì cơ quan của bạn đã đăng ký cho địa chỉ này nhận bản tin
    hằng ngày của Cổng thông tin điện tử tỉnh Quảng Trị qua Loa.
    Đơn vị vận hành: Văn phòng UBND tỉnh Quảng Trị
    Địa chỉ: 45 Hùng Vương, phường Nam Đông Hà
    Liên hệ: bantin@quangtri.example.vn
    Thay đổi đăng ký: https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    Ngừng nhận thư: https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    "#);
}

#[test]
fn a_daily_digest_in_english() {
    assert_snapshot!(told("daily-en"), @r#"
    [Loa] Daily digest, 24/11/2026: 5 items

    Daily digest, 24/11/2026: 5 items
    News from Cổng thông tin điện tử tỉnh Quảng Trị


    == Science and technology ==

    * Nghiệm thu đề tài tuyển chọn giống lúa chịu mặn cho vùng ven biển
      Cổng TTĐT · 07:13, Tuesday, 24/11/2026
      Sáng nay, Sở Khoa học và Công nghệ tổ chức hội nghị nghiệm thu đề tài khoa
      học cấp tỉnh “Nghiên cứu tuyển chọn giống lúa chịu mặn và xây dựng quy
      trình canh tác cho vùng ven biển”.
      Because you follow: Science and technology (“nghiệm thu đề tài”, “nhóm
      nghiên cứu”, “chuyển giao công nghệ”); Agriculture and rural development
      (“giống lúa”, “gieo sạ”, “vụ đông xuân”)
      Read: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791001/bai-viet-1
      View on Loa: https://loa.example.vn/articles/1
      Wrong topic? https://loa.example.vn/articles/1/topics

    * Trao giải Hội thi sáng tạo kỹ thuật tỉnh: nhiều giải pháp từ chính đồng
      ruộng, nhà xưởng
      Cổng TTĐT · 04:05, Tuesday, 24/11/2026
      Liên hiệp các Hội Khoa học và Kỹ thuật tỉnh tổng kết và trao giải Hội thi
      sáng tạo kỹ thuật, vinh danh 31 giải pháp tiêu biểu trong số 117 giải pháp
      dự thi.
      Because you follow: Science and technology (“hội thi sáng tạo kỹ thuật”,
      “liên hiệp các hội khoa học và kỹ thuật”, “sáng chế”)
      Read: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791005/bai-viet-5
      View on Loa: https://loa.example.vn/articles/5
      Wrong topic? https://loa.example.vn/articles/5/topics


    == Agriculture and rural development ==

    * Lô hồ tiêu hữu cơ đầu tiên của tỉnh lên đường xuất khẩu
      Cổng TTĐT · 04:52, Tuesday, 24/11/2026
      Sáng nay, Hợp tác xã Nông nghiệp Hòa Sơn làm lễ xuất lô hàng 18 tấn hồ
      tiêu hữu cơ đầu tiên sang thị trường châu Âu sau bốn năm chuyển đổi phương
      thức canh tác.
      Because you follow: Agriculture and rural development (“hồ tiêu”, “hợp tác
      xã nông nghiệp”, “hữu cơ”)
      Read: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791004/bai-viet-4
      View on Loa: https://loa.example.vn/articles/4
      Wrong topic? https://loa.example.vn/articles/4/topics


    == Administrative reform and public services ==

    * Tỷ lệ hồ sơ dịch vụ công trực tuyến toàn trình đạt 82%
      Cổng TTĐT · 05:39, Tuesday, 24/11/2026
      Báo cáo công tác cải cách hành chính quý III cho thấy tỷ lệ hồ sơ nộp qua
      dịch vụ công trực tuyến toàn trình của tỉnh đạt 82%, tăng 9 điểm phần trăm
      so với quý trước.
      Because you follow: Administrative reform and public services (“dịch vụ
      công trực tuyến toàn trình”, “cải cách hành chính”, “thủ tục hành chính”)
      Read: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791003/bai-viet-3
      View on Loa: https://loa.example.vn/articles/3
      Wrong topic? https://loa.example.vn/articles/3/topics


    == Disasters and weather ==

    * Áp thấp nhiệt đới có khả năng mạnh lên thành bão, tàu thuyền khẩn trương
      vào bờ
      Cổng TTĐT · 06:26, Tuesday, 24/11/2026
      Theo Đài Khí tượng Thủy văn, chiều nay áp thấp nhiệt đới trên vùng biển
      phía đông có sức gió mạnh nhất cấp 7, giật cấp 9, di chuyển theo hướng tây
      tây bắc và có khả năng mạnh lên thành bão trong 24 giờ tới.
      Because you follow: Disasters and weather (“áp thấp nhiệt đới”, “bão”,
      “giật cấp”)
      Read: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791002/bai-viet-2
      View on Loa: https://loa.example.vn/articles/2
      Wrong topic? https://loa.example.vn/articles/2/topics

    -- 
    You receive this mail because you subscribed to the daily digest of news
    from Cổng thông tin điện tử tỉnh Quảng Trị through Loa.
    Run by: Văn phòng UBND tỉnh Quảng Trị
    Address: 45 Hùng Vương, phường Nam Đông Hà
    Contact: bantin@quangtri.example.vn
    Change your subscription: https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    Unsubscribe: https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    "#);
}

#[test]
fn an_offices_shared_digest() {
    assert_snapshot!(told("daily-office"), @r#"
    [Loa] Bản tin ngày 24/11/2026: 5 tin

    Bản tin ngày 24/11/2026: 5 tin
    Tin của Cổng thông tin điện tử tỉnh Quảng Trị
    Bản tin chung của Văn phòng HĐND và UBND huyện Hải Lăng


    == Khoa học và công nghệ ==

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


    == Nông nghiệp, nông thôn mới ==

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


    == Cải cách hành chính, dịch vụ công ==

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


    == Thiên tai, thời tiết ==

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

    -- 
    Bạn nhận thư này vì Văn phòng HĐND và UBND huyện Hải Lăng đã chọn địa chỉ
    này để nhận bản tin hằng ngày của Cổng thông tin điện tử tỉnh Quảng Trị qua
    Loa.
    Đơn vị vận hành: Văn phòng UBND tỉnh Quảng Trị
    Địa chỉ: 45 Hùng Vương, phường Nam Đông Hà
    Liên hệ: bantin@quangtri.example.vn
    Thay đổi đăng ký: https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    Ngừng nhận thư: https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    "#);
}

#[test]
fn an_offices_shared_digest_in_english() {
    assert_snapshot!(told("daily-office-en"), @r#"
    [Loa] Daily digest, 24/11/2026: 5 items

    Daily digest, 24/11/2026: 5 items
    News from Cổng thông tin điện tử tỉnh Quảng Trị
    Shared digest of Văn phòng HĐND và UBND huyện Hải Lăng


    == Science and technology ==

    * Nghiệm thu đề tài tuyển chọn giống lúa chịu mặn cho vùng ven biển
      Cổng TTĐT · 07:13, Tuesday, 24/11/2026
      Sáng nay, Sở Khoa học và Công nghệ tổ chức hội nghị nghiệm thu đề tài khoa
      học cấp tỉnh “Nghiên cứu tuyển chọn giống lúa chịu mặn và xây dựng quy
      trình canh tác cho vùng ven biển”.
      Because you follow: Science and technology (“nghiệm thu đề tài”, “nhóm
      nghiên cứu”, “chuyển giao công nghệ”); Agriculture and rural development
      (“giống lúa”, “gieo sạ”, “vụ đông xuân”)
      Read: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791001/bai-viet-1
      View on Loa: https://loa.example.vn/articles/1
      Wrong topic? https://loa.example.vn/articles/1/topics

    * Trao giải Hội thi sáng tạo kỹ thuật tỉnh: nhiều giải pháp từ chính đồng
      ruộng, nhà xưởng
      Cổng TTĐT · 04:05, Tuesday, 24/11/2026
      Liên hiệp các Hội Khoa học và Kỹ thuật tỉnh tổng kết và trao giải Hội thi
      sáng tạo kỹ thuật, vinh danh 31 giải pháp tiêu biểu trong số 117 giải pháp
      dự thi.
      Because you follow: Science and technology (“hội thi sáng tạo kỹ thuật”,
      “liên hiệp các hội khoa học và kỹ thuật”, “sáng chế”)
      Read: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791005/bai-viet-5
      View on Loa: https://loa.example.vn/articles/5
      Wrong topic? https://loa.example.vn/articles/5/topics


    == Agriculture and rural development ==

    * Lô hồ tiêu hữu cơ đầu tiên của tỉnh lên đường xuất khẩu
      Cổng TTĐT · 04:52, Tuesday, 24/11/2026
      Sáng nay, Hợp tác xã Nông nghiệp Hòa Sơn làm lễ xuất lô hàng 18 tấn hồ
      tiêu hữu cơ đầu tiên sang thị trường châu Âu sau bốn năm chuyển đổi phương
      thức canh tác.
      Because you follow: Agriculture and rural development (“hồ tiêu”, “hợp tác
      xã nông nghiệp”, “hữu cơ”)
      Read: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791004/bai-viet-4
      View on Loa: https://loa.example.vn/articles/4
      Wrong topic? https://loa.example.vn/articles/4/topics


    == Administrative reform and public services ==

    * Tỷ lệ hồ sơ dịch vụ công trực tuyến toàn trình đạt 82%
      Cổng TTĐT · 05:39, Tuesday, 24/11/2026
      Báo cáo công tác cải cách hành chính quý III cho thấy tỷ lệ hồ sơ nộp qua
      dịch vụ công trực tuyến toàn trình của tỉnh đạt 82%, tăng 9 điểm phần trăm
      so với quý trước.
      Because you follow: Administrative reform and public services (“dịch vụ
      công trực tuyến toàn trình”, “cải cách hành chính”, “thủ tục hành chính”)
      Read: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791003/bai-viet-3
      View on Loa: https://loa.example.vn/articles/3
      Wrong topic? https://loa.example.vn/articles/3/topics


    == Disasters and weather ==

    * Áp thấp nhiệt đới có khả năng mạnh lên thành bão, tàu thuyền khẩn trương
      vào bờ
      Cổng TTĐT · 06:26, Tuesday, 24/11/2026
      Theo Đài Khí tượng Thủy văn, chiều nay áp thấp nhiệt đới trên vùng biển
      phía đông có sức gió mạnh nhất cấp 7, giật cấp 9, di chuyển theo hướng tây
      tây bắc và có khả năng mạnh lên thành bão trong 24 giờ tới.
      Because you follow: Disasters and weather (“áp thấp nhiệt đới”, “bão”,
      “giật cấp”)
      Read: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791002/bai-viet-2
      View on Loa: https://loa.example.vn/articles/2
      Wrong topic? https://loa.example.vn/articles/2/topics

    -- 
    You receive this mail because Văn phòng HĐND và UBND huyện Hải Lăng chose
    this address for the daily digest of news from Cổng thông tin điện tử tỉnh
    Quảng Trị through Loa.
    Run by: Văn phòng UBND tỉnh Quảng Trị
    Address: 45 Hùng Vương, phường Nam Đông Hà
    Contact: bantin@quangtri.example.vn
    Change your subscription: https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    Unsubscribe: https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    "#);
}

#[test]
#[expect(clippy::too_many_lines, reason = "a long mail, word for word")]
fn a_weekly_digest() {
    assert_snapshot!(told("weekly"), @r#"
    [Loa] Bản tin tuần 17/11 – 23/11/2026: 13 tin

    Bản tin tuần 17/11 – 23/11/2026: 13 tin
    Tin của Cổng thông tin điện tử tỉnh Quảng Trị


    == Khoa học và công nghệ ==

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

    * Hơn 1.200 học sinh tham gia Ngày hội STEM cấp tỉnh
      Cổng TTĐT · 23:23, Thứ Hai, 23/11/2026
      Hơn 1.200 học sinh của 86 trường trung học cơ sở và trung học phổ thông đã
      tham gia Ngày hội STEM do Sở Giáo dục và Đào tạo tổ chức cuối tuần qua.
      Vì bạn theo dõi: Khoa học và công nghệ (“stem”, “phòng thí nghiệm”, “khoa
      học kỹ thuật”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/137290627910011/bai-viet-11
      Xem trên Loa: https://loa.example.vn/articles/11
      Sai chủ đề? https://loa.example.vn/articles/11/topics

    * Tập huấn bảo hộ sở hữu trí tuệ cho 60 doanh nghiệp nhỏ và hợp tác xã
      Cổng TTĐT · 21:49, Thứ Hai, 23/11/2026
      Trong hai ngày, Sở Khoa học và Công nghệ phối hợp với các đơn vị chuyên
      môn tổ chức lớp tập huấn về xác lập, khai thác và bảo vệ quyền sở hữu trí
      tuệ cho 60 doanh nghiệp nhỏ và hợp tác xã trên địa bàn.
      Vì bạn theo dõi: Khoa học và công nghệ (“sở hữu trí tuệ”, “quyền sở hữu
      trí tuệ”, “kiểu dáng công nghiệp”); Nông nghiệp, nông thôn mới (“hợp tác
      xã”, “nông sản”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/137290627910013/bai-viet-13
      Xem trên Loa: https://loa.example.vn/articles/13
      Sai chủ đề? https://loa.example.vn/articles/13/topics


    == Nông nghiệp, nông thôn mới ==

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

    * Các địa phương xuống giống vụ đông xuân đúng lịch thời vụ
      Cổng TTĐT · 01:44, Thứ Ba, 24/11/2026
      Đến nay toàn tỉnh đã làm đất được 18.400 ha, đạt 71% kế hoạch vụ đông
      xuân; các hợp tác xã vùng cao đã bắt đầu gieo sạ trà lúa sớm.
      Vì bạn theo dõi: Nông nghiệp, nông thôn mới (“vụ đông xuân”, “xuống
      giống”, “gieo sạ”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791008/bai-viet-8
      Xem trên Loa: https://loa.example.vn/articles/8
      Sai chủ đề? https://loa.example.vn/articles/8/topics

    * Thêm năm sản phẩm OCOP bốn sao, mở đường cho nông sản vào siêu thị
      Cổng TTĐT · 22:36, Thứ Hai, 23/11/2026
      Hội đồng đánh giá, phân hạng sản phẩm OCOP cấp tỉnh vừa công nhận năm sản
      phẩm đạt bốn sao, gồm cao dược liệu, hạt tiêu sọ, nước mắm, mật ong rừng
      và bột sắn dây.
      Vì bạn theo dõi: Nông nghiệp, nông thôn mới (“nông sản”, “sản phẩm ocop”,
      “hạt tiêu”)
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/137290627910012/bai-viet-12
      Xem trên Loa: https://loa.example.vn/articles/12
      Sai chủ đề? https://loa.example.vn/articles/12/topics


    == Cải cách hành chính, dịch vụ công ==

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


    == Cụm từ “mưa lớn” ==

    * Chủ động ứng phó mưa lớn, lũ trên các sông và sạt lở đất
      Cổng TTĐT · 00:57, Thứ Ba, 24/11/2026
      Ban Chỉ huy Phòng thủ dân sự tỉnh vừa ban hành công điện yêu cầu các sở,
      ngành và địa phương chủ động ứng phó với đợt mưa lớn diện rộng kéo dài
      trong ba ngày tới.
      Vì bạn theo dõi: cụm từ “mưa lớn”
      Đọc tin: https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13729062791009/bai-viet-9
      Xem trên Loa: https://loa.example.vn/articles/9
      Sai chủ đề? https://loa.example.vn/articles/9/topics


    == Chuyển đổi số, công nghệ thông tin ==

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


    == Thiên tai, thời tiết ==

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

    -- 
    Bạn nhận thư này vì bạn đã đăng ký nhận bản tin hằng tuần của Cổng thông tin
    điện tử tỉnh Quảng Trị qua Loa.
    Đơn vị vận hành: Văn phòng UBND tỉnh Quảng Trị
    Địa chỉ: 45 Hùng Vương, phường Nam Đông Hà
    Liên hệ: bantin@quangtri.example.vn
    Thay đổi đăng ký: https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    Ngừng nhận thư: https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    "#);
}

#[test]
fn a_digest_of_hostile_articles() {
    assert_snapshot!(told("weekly-hostile"), @r#"
    [Loa] Weekly digest, 17/11 – 23/11/2026: 4 items

    Weekly digest, 17/11 – 23/11/2026: 4 items
    News from Cổng thông tin điện tử tỉnh Quảng Trị


    == Other news ==

    * </h2></td><script>alert('x')</script> "<img src=http://a.example/x
      onerror=alert(1)>" & 📢😀👨‍👩‍👧
      Cổng <b>TTĐT</b> · 08:00, Tuesday, 24/11/2026
      <style>*{display:none}</style> {{ lead }} <a
      href='javascript:alert(1)'>x</a> ]]> --> <!--
      Because you follow: all news
      Read: https://loa.example.vn/articles/1
      View on Loa: https://loa.example.vn/articles/1

    * Quảng Trị: động đất gnort 3,4 độ Richter
      Cổng TTĐT · 08:00, Tuesday, 24/11/2026
      -- From: ai đó <ai@example.vn> . ﻿Chưa có thiệt hại.
      Because you follow: all news
      Read: https://loa.example.vn/articles/2
      View on Loa: https://loa.example.vn/articles/2

    * (no title)
      Cổng thông tin điện tử tỉnh Quảng Trị · 08:00, Tuesday, 24/11/2026
      Because you follow: all news
      Read: https://portal.example.vn/tin?a=%22%3E%3Cscript%3E&b=%27x%27
      View on Loa: https://loa.example.vn/articles/3

    *
      NghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệmthuđềtàiNghiệ…
      Cổng TTĐT · 08:00, Tuesday, 24/11/2026
      Sáng 24/11, UBND tỉnh nghiệm thu đề tài "Giống lúa chịu mặn" & công bố kết
      quả.
      Because you follow: all news
      Read: https://portal.example.vn/tin/4?a=1&b=2
      View on Loa: https://loa.example.vn/articles/4

    -- 
    You receive this mail because you subscribed to the weekly digest of news
    from Cổng thông tin điện tử tỉnh Quảng Trị through Loa.
    Run by: Văn phòng UBND tỉnh Quảng Trị
    Address: 45 Hùng Vương, phường Nam Đông Hà
    Contact: bantin@quangtri.example.vn
    Change your subscription: https://loa.example.vn/manage/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    Unsubscribe: https://loa.example.vn/unsubscribe/AAAAAAAAAAwVxR0cDqk2mP8sLz1vN7bYtA
    "#);
}
