//! Charsets: bytes of pages in every encoding that Vietnamese portals were written in, and texts that must stay as they are.

use loa::portal::fetch::decode;

use crate::portal_corpus::shared;

/// The letters beyond ASCII, and how the two font encodings write them once their bytes are taken for windows-1252.
const LETTERS: &str = "àảãáạăằẳẵắặâầẩẫấậđèẻẽéẹêềểễếệìỉĩíịòỏõóọôồổỗốộơờởỡớợùủũúụưừửữứựỳỷỹýỵ";
const IN_TCVN3: &str = "µ¶·¸¹¨»¼½¾Æ©ÇÈÉÊË®ÌÎÏÐÑªÒÓÔÕÖ×ØÜÝÞßáâãä«åæçèé¬êëìíîïñòóô\u{ad}õö÷øùúûüýþ";
const IN_VNI: &str = "aø aû aõ aù aï aê aè aú aü aé aë aâ aà aå aã aá aä ñ eø eû eõ eù eï eâ eà eå eã eá eä ì æ ó í ò oø oû oõ où oï \
    oâ oà oå oã oá oä ô ôø ôû ôõ ôù ôï uø uû uõ uù uï ö öø öû öõ öù öï yø yû yõ yù î";
const CAPITALS: &str = "ĂÂÊÔƠƯĐ";
const CAPITALS_IN_TCVN3: &str = "¡¢£¤¥¦§";

const TEXT: &str = "Sáng ngày 12/5, Ủy ban nhân dân huyện tổ chức lễ ra quân làm thủy lợi nội đồng. Đồng chí Chủ tịch dự và \
    phát biểu. Bà con nông dân các xã, thị trấn đã nạo vét hơn mười kilômét kênh mương, đắp bờ vùng, bờ thửa, sẵn sàng nước \
    tưới cho vụ hè thu. Kỹ sư của trạm khuyến nông hướng dẫn cách ngâm ủ giống; Đảng ủy, H\u{110}ND xã mong mỗi hộ giữ gìn vệ sinh.";

fn tcvn3(text: &str) -> String {
    let of = |c: char| {
        let at = |letters: &str, codes: &str| codes.chars().nth(letters.chars().position(|l| l == c)?);
        at(LETTERS, IN_TCVN3)
            .or_else(|| at(CAPITALS, CAPITALS_IN_TCVN3))
            .unwrap_or(c)
    };
    text.chars().map(of).collect()
}

fn vni(text: &str) -> String {
    let codes: Vec<&str> = IN_VNI.split_whitespace().collect();
    let of = |c: char| {
        let lower = c.to_lowercase().next().unwrap();
        match LETTERS.chars().position(|l| l == lower) {
            Some(at) if c == lower => codes[at].to_owned(),
            Some(at) => codes[at].to_uppercase(),
            None => c.to_string(),
        }
    };
    text.chars().map(of).collect()
}

/// Bytes of text whose characters are all below U+0100.
fn latin1(text: &str) -> Vec<u8> {
    text.chars()
        .map(|c| u8::try_from(u32::from(c)).expect("Latin-1"))
        .collect()
}

/// TCVN3 has no capitals with a tone.
fn without_toned_capitals(text: &str) -> String {
    text.replace('Ủ', "U")
}

fn page(body: &str) -> String {
    format!("<html><head><title>{body}</title></head><body><a href=\"/tin?x=µ&y=\">{body}</a></body></html>")
}

#[test]
fn the_font_encodings_are_found_under_any_label() {
    assert_eq!(LETTERS.chars().count(), IN_TCVN3.chars().count());
    assert_eq!(LETTERS.chars().count(), IN_VNI.split_whitespace().count());
    let text = without_toned_capitals(TEXT);
    let expected = page(&text);
    for (name, encoded) in [("TCVN3", page(&tcvn3(&text))), ("VNI", page(&vni(&text)))] {
        for label in ["iso-8859-1", "windows-1252", "windows-1258", "x-user-defined", ""] {
            let header = if label.is_empty() {
                String::new()
            } else {
                format!("text/html; charset={label}")
            };
            assert_eq!(
                decode(&latin1(&encoded), &header),
                expected,
                "{name} as {label:?}"
            );
        }
        let header = "text/html; charset=utf-8";
        assert_eq!(
            decode(encoded.as_bytes(), header),
            expected,
            "{name} as code points"
        );
        assert_eq!(
            decode(&latin1(&encoded), header),
            expected,
            "{name} that is called UTF-8"
        );
    }
}

#[test]
fn capitals_fonts_make_capitals_and_entities_are_letters_too() {
    let title = tcvn3("ủy ban nhân dân");
    let body = tcvn3("Công hòa xã hội chủ nghĩa Việt Nam").replace('¶', "&para;");
    let html = format!(
        "<style>p {{ font-family: .VnTime }}</style><p><font face='.VnTimeH'>{title}&nbsp;x<br></font> {body}</p>\
         <p style=\"font-family:.VnArial\">&#167;&ocirc;ng Hµ</p>"
    );
    let text = decode(&latin1(&html), "text/html; charset=iso-8859-1");
    assert_eq!(
        text,
        "<style>p { font-family: .VnTime }</style><p><font face='.VnTimeH'>ỦY BAN NHÂN DÂN&nbsp;X<br></font> \
         Công hòa xã hội chủ nghĩa Việt Nam</p><p style=\"font-family:.VnArial\">Đụng Hà</p>"
    );
}

#[test]
fn an_old_article_within_a_page_in_unicode_is_converted_alone() {
    let old = without_toned_capitals(TEXT);
    let html = |body: &str| {
        format!("<h1>Cổng thông tin điện tử xã</h1><p>{body}</p><p>© 2026 « Trang chủ » · Liên hệ</p>")
    };
    let mixed = decode(html(&tcvn3(&old)).as_bytes(), "text/html; charset=utf-8");
    assert_eq!(mixed, html(&old));
}

#[test]
fn texts_in_unicode_and_other_languages_stay_as_they_are() {
    let french = "L'été où nous étions à Hué, le préfet français a salué les élèves à l'école; né à Nîmes, il a dû répéter \
        le même thème: «l'égalité», ça coûte très cher à côté. Noël, naïf, maïs, forêt, hôpital, théâtre, dès là-bas.";
    let german = "Für die größten Städte Österreichs gelten ähnliche Maße: schöne Tür, grüne Hügel, süße Äpfel, müde Füße.";
    let spanish = "El niño español añadió: mañana, así será; ¿qué pasó? ¡Está aquí! Año, señor, jamás, también, inglés.";
    let portuguese =
        "Não há informação: a nação avó à tarde é grã, são três órgãos, também fácil, às vezes só você.";
    let icelandic = "Það er í Reykjavík sem þú sérð öll húsin við sjóinn; bæði í ár og á næsta ári fær þjóðin að sjá það.";
    let czech = "Příliš žluťoučký kůň úpěl ďábelské ódy; řeka, město, večeře, účty, šéf.";
    let english =
        "The café's naïve résumé © 2026 – 20 µm ± 5 °C, §12, ¶3, £5, ½ cup, piñata, jalapeño, façade.";
    let vietnamese = "Công văn số 12, cô giáo có bé trò nhỏ; và ô tô là xe to. Hôm nay cá, rau, sò, tôm hùm, bò, gà, lê, cà.";
    for text in [
        french, german, spanish, portuguese, icelandic, czech, english, vietnamese, TEXT,
    ] {
        let long = page(&format!("{text} ").repeat(40));
        assert_eq!(decode(long.as_bytes(), "text/html; charset=utf-8"), long);
        // A font's name alone moves nothing.
        let with_font = format!("<font face='.VnTime'>{long}</font><font face='VNI-Times'>x</font>");
        assert_eq!(
            decode(with_font.as_bytes(), "text/html; charset=utf-8"),
            with_font
        );
        if text.chars().all(|c| u32::from(c) < 0x100) {
            assert_eq!(decode(&latin1(&long), "text/html; charset=iso-8859-1"), long);
        }
    }
}

#[test]
fn windows_1258_is_composed_and_a_false_name_is_seen_through() {
    // Tones are characters of their own: `ê` and a dot below, `ơ` and a grave.
    let windows = b"<p>Huy\xea\xf2n H\xb7i L\xe3ng, ng\xfd\xf5\xcci d\xe2n \xf0\xf4\xccng lo\xccng. Vi\xea\xf2t Nam \xf0\xe2\xec\x74 n\xfd\xf5\xec\x63.</p>";
    let text = decode(windows, "text/html; charset=windows-1258");
    assert!(text.starts_with("<p>Huyện H·i Lăng, người dân đồng"), "{text}");
    assert!(text.contains("Việt Nam đất nước."), "{text}");
    let meta = [
        b"<meta http-equiv='Content-Type' content='text/html; charset=windows-1258'>" as &[u8],
        windows,
    ]
    .concat();
    let text = decode(&meta, "text/html; charset=utf-8");
    assert!(text.contains("người dân đồng lòng"), "{text}");
    // A few broken characters are a cut text's, not another charset's.
    let cut = [TEXT.as_bytes(), b"\xe1\xbb", TEXT.as_bytes(), b"\xff\xff\xff\xff"].concat();
    assert_eq!(
        decode(&cut, "text/html; charset=utf-8")
            .matches('\u{fffd}')
            .count(),
        5
    );
    assert_eq!(decode(TEXT.as_bytes(), "text/html; charset=iso-8859-1"), TEXT);
}

#[test]
fn a_page_names_its_charset_in_a_declaration_or_a_tag() {
    let cafe = |head: &str| {
        decode(
            &[head.as_bytes(), b"<p>caf\xe9 cr\xe8me, d\xe9j\xe0</p>"].concat(),
            "",
        )
    };
    for head in [
        "<?xml version='1.0' encoding='windows-1252'?><rss></rss>",
        "<!-- charset=utf-16 --><meta name='x' content='y'><meta charset=windows-1252>",
        "<META HTTP-EQUIV=\"content-type\" CONTENT=\"text/html; charset=ISO-8859-1\">",
    ] {
        assert!(cafe(head).ends_with("café crème, déjà</p>"), "{head}");
    }
    let utf16: Vec<u8> = "\u{feff}Quảng Trị"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(decode(&utf16, "text/html"), "Quảng Trị");
}

#[test]
fn no_real_page_is_touched() {
    let Some(corpus) = shared("corpus/hanoi") else {
        return;
    };
    let mut pages = 0;
    for folder in ["article", "list"] {
        for entry in std::fs::read_dir(corpus.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let plain = String::from_utf8(bytes.clone()).unwrap();
            let plain = plain.trim_start_matches('\u{feff}');
            assert!(
                decode(&bytes, "text/html; charset=UTF-8") == plain,
                "{}",
                path.display()
            );
            assert!(decode(&bytes, "") == plain, "{}", path.display());
            pages += 1;
        }
    }
    assert!(pages > 260, "{pages}");
}
