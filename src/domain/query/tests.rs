use proptest::prelude::*;
use unicode_normalization::UnicodeNormalization as _;

use super::*;

fn query(typed: &str) -> Query {
    typed.parse().unwrap_or_else(|e| panic!("{typed:?} {e}"))
}

fn finds(typed: &str, text: &str) -> bool {
    query(typed).matches(&Words::of(text, None, ""))
}

#[test]
fn all_ways_to_type_a_search_are_one() {
    let decomposed: String = "Khoa  học".nfd().collect();
    for (typed, canonical) in [
        ("Khoa  học", "khoa học"),
        (decomposed.as_str(), "khoa học"),
        ("khoa, học!", "khoa học"),
        ("khoa khoa học khoa", "khoa học"),
        ("“Khoa học” - «Sở»", "\"khoa học\" \"sở\""),
        ("\"khoa   học", "\"khoa học\""),
        ("khoa\"học\"", "khoa \"học\""),
        ("khoẻ hoà", "khỏe hòa"),
        ("57–NQ/TW", "57-nq-tw"),
        ("tin -“cáo phó” –quảng-cáo", "tin -\"cáo phó\" -quảng-cáo"),
        ("a - b", "a b"),
        ("a \"\" “ ” -\"\" -", "a"),
        ("tin OR NOT AND * NEAR(x)", "tin or not and near-x"),
    ] {
        assert_eq!(query(typed).to_string(), canonical, "{typed:?}");
    }
}

#[test]
fn what_finds_nothing_is_told_apart() {
    let refused = |typed: &str| typed.parse::<Query>().unwrap_err();
    for empty in ["", "  ", "\"\"", "…", "-", "-\"!\"", "\u{301}\u{200B}"] {
        assert_eq!(refused(empty), QueryError::Empty, "{empty:?}");
    }
    assert_eq!(refused("-khoa -\"công nghệ\""), QueryError::OnlyExcluded);
    assert_eq!(refused(&"a ".repeat(2000)), QueryError::TooLong(3999));
    let phrase = |chars: usize| format!("\"{}\"", "ạ ".repeat(chars / 2).trim());
    assert!(phrase(198).parse::<Query>().is_ok());
    assert_eq!(refused(&phrase(202)), QueryError::TooLong(203));
    let words = |n: u32| (0..n).map(|n| format!("w{n}")).collect::<Vec<_>>().join(" ");
    assert!(words(12).parse::<Query>().is_ok());
    assert_eq!(refused(&words(13)), QueryError::TooManyTerms(13));
    assert_eq!(
        refused(&format!("a {}", "b".repeat(65))),
        QueryError::LongWord(65)
    );
    for e in [
        refused(""),
        refused("-a"),
        refused(&phrase(202)),
        refused(&words(13)),
    ] {
        assert_ne!(e.vietnamese(), e.to_string());
    }
}

#[test]
fn diacritics_that_were_typed_count() {
    let title = "Đổi mới sáng tạo và khóa học của Sở Hoà Bình";
    for found in [
        "doi moi",
        "Đổi mới",
        "khoa hoc",
        "khoa",
        "\"doi moi\" sáng",
        "HOA BINH",
        "hòa",
    ] {
        assert!(finds(found, title), "{found}");
    }
    for missed in ["khoa học", "\"khoa học\"", "đôi mới", "doi mới", "hoá"] {
        assert!(!finds(missed, title), "{missed}");
    }
}

#[test]
fn words_phrases_and_exclusions_each_do_their_part() {
    let title = "Nghị quyết 57-NQ/TW về khoa học, công nghệ";
    for found in [
        "công khoa",
        "\"khoa học công nghệ\"",
        "57-NQ/TW",
        "\"nghị quyết 57\"",
        "57 nq",
        "nghị -bão",
        "nghị -\"công khoa\"",
        // Beside a word with diacritics, `hoc` is the word without any, which is not there.
        "nghị -hoc",
    ] {
        assert!(finds(found, title), "{found}");
    }
    for missed in [
        "\"công khoa\"",
        "tw-57",
        "khoa bão",
        "nghị -\"khoa học\"",
        "nghị -57",
    ] {
        assert!(!finds(missed, title), "{missed}");
    }
}

#[test]
fn a_text_of_endless_words_is_indexed_in_part() {
    let words = Words::of(
        "đầu",
        None,
        &format!("{} {}", "x".repeat(65), "chữ ".repeat(200_000)),
    );
    assert!(words.exact.starts_with(" đầu chữ chữ "));
    assert!(words.exact.len() < 400_000);
}

proptest! {
    #[test]
    fn whatever_is_typed_is_read_or_refused(typed in "\\PC*|([a-zđàạộ57]{0,4}[\"“”«»'\\\\*:^(){}|&!<> \u{301}\u{307}–/-]{0,2}){0,14}") {
        let Ok(query) = typed.parse::<Query>() else {
            return Ok(());
        };
        let canonical = query.to_string();
        prop_assert!(canonical.chars().count() <= MAX_CHARS);
        prop_assert_eq!(canonical.parse::<Query>(), Ok(query.clone()));
        for term in query.terms() {
            for syllable in term.syllables() {
                prop_assert!(!syllable.is_empty() && syllable.chars().all(is_of_a_word));
            }
        }
    }

    #[test]
    fn an_article_is_found_by_each_of_its_own_phrases(text in "[a-zA-ZđĐàÀạọộỦ57]{1,6}([ ,.\n–-][a-zđàạoòaộ57]{1,6}){0,9}", from in 0_usize..9) {
        let words = Words::of("", None, &text);
        let syllables: Vec<&str> = words.exact.split_whitespace().skip(from).take(5).collect();
        if !syllables.is_empty() {
            let phrase: Query = format!("\"{}\"", syllables.join(" ")).parse().unwrap();
            prop_assert!(phrase.matches(&words));
            let bare: Query = text::fold(&syllables.join(" ")).parse().unwrap();
            prop_assert!(bare.matches(&words));
        }
    }
}
