//! Texts of pages, repaired and cleaned: what editors, Word and lazy loading leave behind.

use chrono::{DateTime, Utc};
use loa::domain::article::Extracted;
use loa::portal::Profile;
use loa::portal::extract::{ArticlePage, article, mend};
use proptest::prelude::*;
use url::Url;

use crate::portal_corpus::shared;

fn now() -> DateTime<Utc> {
    "2026-11-23T08:00:00Z".parse().expect("a date")
}

/// The article whose body is this, on a page of a family with known classes.
fn read(body: &str) -> Extracted {
    let html = format!(
        "<body><div class=\"asset-full-content-title\">Tin</div><div class=\"asset-full-content\">\
         <div class=\"journal-content-article\">{body}</div></div></body>"
    );
    let url = Url::parse("https://so.example/vi/tin/-/view_content/1-tin").expect("an address");
    match article(
        &html,
        &url,
        &Profile::builtin("liferay62").expect("compiled in"),
        now(),
    ) {
        Ok(ArticlePage::Article(found)) => *found,
        other => panic!("{other:?}"),
    }
}

/// The clean body; cleaned again, it must be the same.
fn clean(body: &str) -> String {
    let clean = read(body).body_html;
    assert_eq!(read(&clean).body_html, clean, "cleaned twice: {body}");
    clean
}

#[test]
fn words_leftovers_and_empty_paragraphs_go() {
    let html = clean(
        "<!--[if gte mso 9]><xml><w:View>Normal</w:View></xml><![endif]--><xml><w:View>Normal</w:View></xml>\
         <p class=\"MsoNormal\" style=\"mso-x:1\"><span lang=VI>Ủy ban </span><st1:country-region>Việt <st1:place>Nam</st1:place>\
         </st1:country-region><o:p></o:p></p><p>&nbsp;</p><p><br></p><div><span> </span></div><p><o:p>&nbsp;</o:p></p>\
         <p>Một<br><br>&nbsp;<br>hai<br></p>",
    );
    insta::assert_snapshot!(html, @r#"
    <p>Ủy ban Việt Nam</p>
    <p>Một<br><br>hai</p>
    "#);
}

#[test]
fn links_lead_where_they_mean_to() {
    let html = clean(
        "<p><a href=\"/a?utm_source=x&amp;id=5&amp;fbclid=y\">một</a> <a href=\"b.html?zarsrc=1#c\">hai</a> \
         <a href=\"https://docs.google.com/viewer?url=https%3A%2F%2Fso.example%2Fke-hoach.pdf&amp;embedded=true\">ba</a> \
         <a href=\"javascript:x()\">bốn</a> <a href=\"https://so.example/\">https://so.example/</a> \
         <a href=\"/tai?id=9\" type=\"application/pdf\">năm</a> <a href=\"/tai?id=10\" download=\"bieu.xlsx\">sáu</a></p>\
         <a href=\"/tai?id=11\" download><div>bảy</div></a>",
    );
    insta::assert_snapshot!(html, @r#"
    <p><a href="https://so.example/a?id=5" rel="noopener noreferrer">một</a> <a href="https://so.example/vi/tin/-/view_content/b.html#c" rel="noopener noreferrer">hai</a> <a href="https://so.example/ke-hoach.pdf" rel="noopener noreferrer">ba</a> bốn <a href="https://so.example/" rel="noopener noreferrer">https://so.example/</a> <a href="https://so.example/tai?id=9" type="application/pdf" rel="noopener noreferrer">năm</a> <a href="https://so.example/tai?id=10" type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" rel="noopener noreferrer">sáu</a></p>
    <p><a href="https://so.example/tai?id=11" type="application/octet-stream" rel="noopener noreferrer">bảy</a></p>
    "#);
    let files: Vec<_> = read(&html)
        .attachments
        .into_iter()
        .map(|f| format!("{} {}", f.url, f.media_type.unwrap_or_default()))
        .collect();
    insta::assert_snapshot!(files.join("\n"), @r#"
    https://so.example/ke-hoach.pdf application/pdf
    https://so.example/tai?id=9 application/pdf
    https://so.example/tai?id=10 application/vnd.openxmlformats-officedocument.spreadsheetml.sheet
    https://so.example/tai?id=11 application/octet-stream
    "#);
}

#[test]
fn pictures_come_from_behind_their_stand_ins() {
    let html = clean(
        "<img src=\"/img/placeholder.gif\" data-src=\"/1.jpg\"><img src=\"data:image/gif;base64,R0\" data-original=\"2.jpg\">\
         <img src=\"/lazy.png\" srcset=\"/3-s.jpg 300w, /3-l.jpg 1200w, /3-m.jpg 600w\">\
         <picture><source srcset=\"/4.webp 1x, /4@2x.webp 2x\"><img src=\"data:,\"></picture>\
         <img class=lazy src=\"/blank.gif\"><noscript><img src=\"/5.jpg\" alt=\"Năm\"></noscript>\
         <img src=\"/6.jpg\"><noscript><img src=\"/6-full.jpg\"></noscript>\
         <img src=\"/dem.gif\" width=1 height=1><img src=\"/dem2.gif\" style=\"width: 1px\"><noscript><img height=1 src=\"/dem3.gif\"></noscript>",
    );
    insta::assert_snapshot!(html, @r#"
    <p><img src="https://so.example/1.jpg" alt=""><img src="https://so.example/vi/tin/-/view_content/2.jpg" alt=""><img src="https://so.example/3-l.jpg" alt=""></p>
    <p><img src="https://so.example/4@2x.webp" alt=""></p>
    <p><img src="https://so.example/5.jpg" alt="Năm"><img src="https://so.example/6.jpg" alt=""></p>
    "#);
}

#[test]
fn captions_belong_to_their_pictures() {
    let long = "Các đại biểu dự lễ khánh thành cây cầu mới nối hai bờ sông, sau hơn hai năm thi công trong điều kiện thời tiết khắc nghiệt, chiều 12/5.";
    for body in [
        format!("<figure class=image><img src=/1.jpg><figcaption>{long}</figcaption></figure>"),
        format!(
            "<table class=picBox><tr><td><img src=/1.jpg></td></tr><tr><td class=cap>{long}</td></tr></table>"
        ),
        format!(
            "<div class=VCSortableInPreviewMode type=Photo><div><img src=/1.jpg></div><div class=PhotoCMS_Caption><p>{long}</p></div></div>"
        ),
        format!(
            "<div class=wp-caption><a href=/1.jpg><img src=/1.jpg></a><p class=wp-caption-text>{long}</p></div>"
        ),
    ] {
        let html = clean(&body);
        assert!(
            html.starts_with("<figure>") && html.ends_with("</figcaption></figure>"),
            "{html}"
        );
        let found = read(&body);
        assert_eq!(found.images.len(), 1, "{html}");
        assert_eq!(found.images[0].caption.as_deref(), Some(long), "{html}");
        assert_eq!(found.body_text, long);
    }
    let bare = read("<p><img src=/1.jpg></p><p>Quang cảnh buổi lễ</p><p>Buổi lễ có 120 người dự.</p>");
    assert_eq!(bare.images[0].caption.as_deref(), Some("Quang cảnh buổi lễ"));
}

#[test]
fn tables_of_data_stay_and_boxes_are_undone() {
    let html = clean(
        "<table border=1><caption>Bảng 1</caption><thead><tr><th colspan=\"2\">Xã</th></tr></thead><tbody><tr><td rowspan=2><p>Hải An</p></td>\
         <td><p>32</p></td></tr></tbody></table><table><tr><td><p>Một ô</p><p>hai đoạn</p></td></tr></table>\
         <ul><li><p>Mục một</p></li><li>Mục hai</li></ul><h3>Đề mục</h3>",
    );
    insta::assert_snapshot!(html, @r#"
    <table><caption>Bảng 1</caption><thead><tr><th colspan="2">Xã</th></tr></thead><tbody><tr><td rowspan="2">Hải An</td><td>32</td></tr></tbody></table>
    <p>Một ô</p>
    <p>hai đoạn</p>
    <ul><li>Mục một</li><li>Mục hai</li></ul>
    <h3>Đề mục</h3>
    "#);
    insta::assert_snapshot!(read(&html).body_text, @r#"
    Bảng 1
    Xã
    Hải An 32
    Một ô
    hai đoạn
    Mục một
    Mục hai
    Đề mục
    "#);
}

#[test]
fn players_and_embedded_documents_become_links() {
    let html = clean(
        "<p>Xem <iframe src=\"//www.youtube.com/embed/abc123?rel=0\"></iframe> nhé</p><video controls><source src=\"/v/le-hoi.mp4\">Trình duyệt cũ</video>\
         <audio src=/a.mp3></audio><object data=\"/documents/10/ke-hoach.pdf/0a1b\" type=\"application/pdf\"></object>\
         <embed src=\"/bieu.xlsx\"><iframe src=\"https://docs.google.com/gview?url=https://so.example/cv.doc\"></iframe>\
         <iframe src=\"/video/embed/9\"></iframe><iframe src=\"https://quang-cao.example/x\"></iframe><iframe src=\"/quan-tri/\"></iframe>\
         <div type=VideoStream data-src=\"https://player.example/p?vid=1.mp4\"><img src=/bia.jpg></div>",
    );
    insta::assert_snapshot!(html, @r#"
    <p>Xem</p>
    <p><a href="https://www.youtube.com/watch?v=abc123" rel="noopener noreferrer">Video: https://www.youtube.com/watch?v=abc123</a></p>
    <p>nhé</p>
    <p><a href="https://so.example/v/le-hoi.mp4" rel="noopener noreferrer">Video: https://so.example/v/le-hoi.mp4</a></p>
    <p><a href="https://so.example/a.mp3" rel="noopener noreferrer">Âm thanh: https://so.example/a.mp3</a></p>
    <p><a href="https://so.example/documents/10/ke-hoach.pdf/0a1b" rel="noopener noreferrer">ke-hoach.pdf</a></p>
    <p><a href="https://so.example/bieu.xlsx" rel="noopener noreferrer">bieu.xlsx</a></p>
    <p><a href="https://so.example/cv.doc" rel="noopener noreferrer">cv.doc</a></p>
    <p><a href="https://so.example/video/embed/9" rel="noopener noreferrer">Video: https://so.example/video/embed/9</a></p>
    <p><img src="https://so.example/bia.jpg" alt=""></p>
    <p><a href="https://player.example/p?vid=1.mp4" rel="noopener noreferrer">Video: https://player.example/p?vid=1.mp4</a></p>
    "#);
    assert!(
        read(&html)
            .body_text
            .contains("\nVideo: https://www.youtube.com/watch?v=abc123\n")
    );
    assert_eq!(read(&html).attachments.len(), 3);
}

#[test]
fn entities_escaped_twice_are_read_as_meant_and_those_without_ampersand_as_written() {
    let found =
        read("<p>ldquo;Chuyển đổi sốrdquo; 2016 &amp;amp;ndash; 2020 TTamp;TT&amp;hellip; Ho&#768;a</p>");
    let said = "ldquo;Chuyển đổi sốrdquo; 2016 – 2020 TTamp;TT… Hòa";
    assert_eq!(found.body_text, said);
    assert_eq!(found.body_html, format!("<p>{said}</p>"));
}

#[test]
fn what_is_kept_of_an_article_has_its_lost_ampersands_undone() {
    let mut found = read(
        "<p>ldquo;Chuyển đổi <b>sốrdquo;</b> 3 &lt; 4, TT<i>amp;</i>TT</p><p>Sở amp;</p><p>Môi trường, phograve;ng</p>\
         <p>Xem <a href=\"/ldquo;x?a=1&amp;b=rdquo;\">tại đacirc;y</a></p><table><tr><td>A amp;</td><td>B</td></tr><tr><td>1\
         </td><td>2</td></tr></table><figure><img src=\"/1.jpg?x=rdquo;\" alt=\"ldquo;Lễ&quot; &amp; hộirdquo;\"><figcaption>Ảnh hellip;\
         </figcaption></figure>",
    );
    found.title = "Sở TTamp;TT họp".to_owned();
    found.lead = Some("ndash; Mở đầu".to_owned());
    found.source = Some("Cổng TTamp;TT".to_owned());
    found.author = Some("Hogravea, Hograve;a".to_owned());
    let read_before = found.clone();
    assert_eq!(
        mend(&mut found),
        ["title", "lead", "source", "author", "body", "images"]
    );
    insta::assert_snapshot!(found.body_html, @r#"
    <p>“Chuyển đổi <b>số”</b> 3 &lt; 4, TT<i>&amp;</i>TT</p>
    <p>Sở amp;</p>
    <p>Môi trường, phòng</p>
    <p>Xem <a href="https://so.example/ldquo;x?a=1&amp;b=rdquo;" rel="noopener noreferrer">tại đây</a></p>
    <table><tbody><tr><td>A &amp;</td><td>B</td></tr><tr><td>1</td><td>2</td></tr></tbody></table>
    <figure><img src="https://so.example/1.jpg?x=rdquo;" alt="“Lễ&quot; &amp; hội”"><figcaption>Ảnh …</figcaption></figure>
    "#);
    insta::assert_snapshot!(found.body_text, @r"
    “Chuyển đổi số” 3 < 4, TT&TT
    Sở amp;
    Môi trường, phòng
    Xem tại đây
    A & B
    1 2
    Ảnh …
    ");
    let texts = [
        Some(found.title.as_str()),
        found.lead.as_deref(),
        found.source.as_deref(),
        found.author.as_deref(),
        Some(found.images[0].alt.as_str()),
        found.images[0].caption.as_deref(),
    ];
    insta::assert_snapshot!(texts.map(Option::unwrap_or_default).join("\n"), @r#"
    Sở TT&TT họp
    – Mở đầu
    Cổng TT&TT
    Hogravea, Hòa
    “Lễ" & hội”
    Ảnh …
    "#);
    assert_eq!(found.images[0].src, read_before.images[0].src);
    assert_eq!(clean(&found.body_html), found.body_html);
    let once = found.clone();
    assert!(mend(&mut found).is_empty());
    assert_eq!(found, once);

    let plain = "<p>R&amp;D; guitar, amp; trống; &amp;lt; grave; &lt;b&gt;</p><p><a href=\"/x?a=1&amp;rdquo;\">x</a></p>";
    let mut found = read(plain);
    let before = found.clone();
    assert!(mend(&mut found).is_empty());
    assert_eq!(found, before);
}

#[test]
fn real_bodies_are_clean_once_cleaned() {
    let Some(corpus) = shared("corpus/hanoi/article") else {
        return;
    };
    for entry in std::fs::read_dir(corpus).unwrap().step_by(3) {
        let path = entry.unwrap().path();
        let html = std::fs::read_to_string(&path).unwrap();
        let key = path.file_stem().unwrap().to_string_lossy().into_owned();
        let url = Url::parse(&format!("https://so.example/vi/tin/-/view_content/{key}-tin")).unwrap();
        let profile = Profile::builtin("liferay62").unwrap();
        let Ok(ArticlePage::Article(found)) = article(&html, &url, &profile, now()) else {
            panic!("{key}");
        };
        let again = read(&found.body_html);
        assert_eq!(again.body_html, found.body_html, "{key}");
        assert_eq!(again.body_text, found.body_text, "{key}");
    }
}

/// Mark-up as editors leave it: nested at random, with everything that is treated in a way of its own.
fn markup() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("Hội nghị ".to_owned()),
        Just(" xã ldquo;sốrdquo;&amp;hellip;".to_owned()),
        Just("phograve;ng TTamp;".to_owned()),
        Just("TT amp; Môi &lt;".to_owned()),
        Just("amp;".to_owned()),
        Just(";rdquo;".to_owned()),
        Just("&nbsp;".to_owned()),
        Just(" \n ".to_owned()),
        Just("<br>".to_owned()),
        Just("<hr>".to_owned()),
        Just("<img src=/1.jpg alt='<b>'>".to_owned()),
        Just("<img src='/4.jpg?a=rdquo;' alt='ldquo;<Lễ> \"hội\"rdquo;'>".to_owned()),
        Just("<img src=/blank.gif data-src=/2.jpg><noscript><img src=/3.jpg></noscript>".to_owned()),
        Just("<iframe src='https://www.youtube.com/embed/x'></iframe>".to_owned()),
        Just("<object data=/a.pdf></object><script>x()</script>".to_owned()),
        Just("&lt;script&gt;".to_owned()),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let elements = prop::sample::select(vec![
            "p",
            "div",
            "b",
            "em",
            "span",
            "a href='/x?utm_source=1' onclick=x()",
            "a href='javascript:x()'",
            "ul",
            "li",
            "ol",
            "table",
            "tr",
            "td colspan=2",
            "th",
            "figure",
            "figcaption",
            "div class=caption",
            "h2",
            "blockquote",
            "pre",
            "center",
            "o:p",
            "section",
            "caption",
            "dl",
            "dd",
            "sub",
            "a href=/t type=application/pdf",
        ]);
        (elements, prop::collection::vec(inner, 0..4)).prop_map(|(tag, parts)| {
            let name = tag.split(' ').next().unwrap_or(tag);
            format!("<{tag}>{}</{name}>", parts.concat())
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn cleaning_twice_is_cleaning_once_and_nothing_runs(parts in prop::collection::vec(markup(), 1..5)) {
        let body = parts.concat();
        let first = read(&body);
        let second = read(&first.body_html);
        prop_assert_eq!(&second.body_html, &first.body_html, "{}", body);
        prop_assert_eq!(&second.body_text, &first.body_text);
        let mut mended = first.clone();
        mend(&mut mended);
        let read_again = read(&mended.body_html);
        prop_assert_eq!(&read_again.body_html, &mended.body_html, "{}", body);
        prop_assert_eq!(&read_again.body_text, &mended.body_text, "{}", body);
        let once = mended.clone();
        prop_assert!(mend(&mut mended).is_empty(), "{}", body);
        prop_assert_eq!(&mended, &once);
        prop_assert!(!mended.body_text.contains("dquo;") && !mended.body_html.replace("a=rdquo;", "").contains("dquo;"));
        let lower = first.body_html.to_lowercase();
        for forbidden in ["<script", "javascript:", "onclick", "<iframe", "<object", "style=", "utm_source"] {
            prop_assert!(!lower.contains(forbidden), "{} in {}", forbidden, lower);
        }
    }
}
