//! Portals' files and article addresses.

use loa::portal::address::{AddressPattern, article_address, is_same_site};
use loa::portal::profile::BUILTIN;
use loa::portal::{Portal, Profile};
use url::Url;

fn url(text: &str) -> Url {
    Url::parse(text).expect("an address")
}

#[test]
fn what_is_compiled_in_can_be_read() {
    for (name, text) in BUILTIN {
        let profile = Profile::from_toml(text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(profile.name, *name);
    }
    for id in Portal::builtin_ids() {
        let portal = Portal::from_toml(Portal::builtin(id).unwrap()).unwrap_or_else(|e| panic!("{id}: {e}"));
        assert_eq!(portal.id, id);
        assert!(!portal.sections.is_empty());
    }
    assert!(Portal::builtin("nowhere").is_none());
}

#[test]
fn a_wrong_file_names_the_key() {
    let good = Portal::builtin("sotttt-hanoi").unwrap();
    let wrong = |from: &str, to: &str| {
        Portal::from_toml(&good.replace(from, to))
            .unwrap_err()
            .to_string()
    };
    assert!(wrong("year = 2026", "year = 2026\nyeer = 1").contains("yeer"));
    assert!(wrong("slug = ", "slugg = ").contains("slugg"));
    assert!(wrong("name = ", "# ").contains("name"));
    assert!(wrong("\"liferay62\"", "\"liferay99\"").contains("liferay99"));
    assert!(wrong("\"0 */15 * * * *\"", "\"*/15 * * * *\"").contains("six-field"));
    assert!(wrong("\"/vi/cong", "\"vi/cong").contains("section.path"));
    assert!(wrong("https://sotttt", "ftp://sotttt").contains("base_url"));
}

#[test]
fn an_own_profile_in_the_file_is_known() {
    let text = r#"
        id = "xa"
        name = "Xã"
        base_url = "https://xa.example"
        authority = "xa.example"
        year = 2026
        profile = ["own", "3cms"]
        [[own_profile]]
        name = "own"
        kind = "selectors"
        [own_profile.address]
        article = "/tin/{slug}.html"
        [own_profile.selectors]
        title = ["h1"]
        body = [".body"]
    "#;
    let portal = Portal::from_toml(text).unwrap();
    assert_eq!(
        portal
            .profiles
            .iter()
            .map(|p| p.name.as_str())
            .collect::<Vec<_>>(),
        ["own", "3cms"]
    );
    let broken = text.replace("\".body\"", "\"..body\"");
    assert!(
        Portal::from_toml(&broken)
            .unwrap_err()
            .to_string()
            .contains("..body")
    );
    let broken = text.replace("{slug}", "*");
    assert!(
        Portal::from_toml(&broken)
            .unwrap_err()
            .to_string()
            .contains("{digits}")
    );
}

#[test]
fn a_portal_can_be_polled_elsewhere_without_another_identity() {
    let portal = Portal::from_toml(Portal::builtin("quangtri").unwrap()).unwrap();
    let moved = portal.clone().with_base_url(url("http://127.0.0.1:8900/"));
    assert_eq!(
        (moved.id.as_str(), moved.authority.as_str(), moved.year),
        ("quangtri", "quangtri.gov.vn", 2026)
    );
    let section = moved.section("khoa-hoc-cong-nghe").unwrap();
    assert_eq!(
        moved.section_url(section).as_str(),
        "http://127.0.0.1:8900/khoa-hoc-cong-nghe"
    );
    assert_eq!(section.profiles[0].name, "3cms");
    assert_eq!(section.topics, ["khoa-hoc-cong-nghe"]);
    assert_eq!(moved.all_profiles().len(), 2);
}

#[test]
fn keys_are_found_in_addresses_and_nowhere_else() {
    let key = |profile: &str, address: &str| {
        Profile::builtin(profile)
            .unwrap()
            .address
            .article
            .key(&url(address))
    };
    let cms = |address| key("3cms", address);
    let same = Some("1712113730567".to_owned());
    assert_eq!(
        cms("https://www.quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13/1712113730567"),
        same
    );
    assert_eq!(
        cms("http://diensanh.quangtri.gov.vn/vi/chi-tiet-tin/-/view-article/1/99/1712113730567?x=1#y"),
        same
    );
    assert_eq!(
        cms("https://quangtri.gov.vn/chi-tiet-tin/-/view-article/1/13/"),
        None
    );
    assert_eq!(cms("https://quangtri.gov.vn/tin-tuc/mot-tin"), None);
    let news = |address| key("quangtri-tin-tuc", address);
    assert_eq!(
        news("https://www.quangtri.gov.vn/tin-tuc/Mot-Tin-2").as_deref(),
        Some("Mot-Tin-2")
    );
    assert_eq!(news("https://www.quangtri.gov.vn/tin-tuc"), None);
    assert_eq!(
        news("https://www.quangtri.gov.vn/tin-tuc/2"),
        None,
        "a page number is no article"
    );
    let prints = |address| key("vccorp", address);
    assert_eq!(
        prints("https://mst.gov.vn/tin-10-a-197251120083012345.htm").as_deref(),
        Some("197251120083012345")
    );
    assert_eq!(prints("https://mst.gov.vn/tin-10-a.htm"), None);
    assert_eq!(
        key("nukeviet4", "https://xa.example/vi/news/tin/mot-tin-77.html").as_deref(),
        Some("77")
    );
    let hanoi = |address| key("liferay62", address);
    assert_eq!(
        hanoi("https://sotttt.hanoi.gov.vn/vi/cntt/-/view_content/12-mot-tin").as_deref(),
        Some("12")
    );
    assert_eq!(
        hanoi("https://sotttt.hanoi.gov.vn/vi/cntt/-/view_content/mot-tin"),
        None
    );
}

#[test]
fn links_stay_on_the_origin_that_is_polled() {
    let page = url("https://www.quangtri.gov.vn/tin-tuc?page=2");
    let link = url("http://quangtri.gov.vn/tin-tuc/M%E1%BB%99t-Tin?utm_source=x#top");
    assert!(is_same_site(&link, &page));
    assert_eq!(
        article_address(&link, &page).unwrap().as_str(),
        "https://www.quangtri.gov.vn/tin-tuc/M%E1%BB%99t-Tin"
    );
    assert_eq!(
        article_address(&url("https://evil.example/tin-tuc/a"), &page),
        None
    );
    assert!(!is_same_site(&url("https://www.quangtri.gov.vn:8443/"), &page));
}

/// A pattern as a profile writes it: TOML's value of `article`.
fn pattern(article: &str) -> Result<AddressPattern, String> {
    let text = format!("name = \"x\"\nkind = \"selectors\"\n[address]\narticle = {article}\n");
    Profile::from_toml(&text)
        .map(|profile| profile.address.article)
        .map_err(|e| e.to_string())
}

#[test]
fn a_key_in_the_query_is_the_identity_and_all_of_the_query_that_stays() {
    let pattern =
        pattern(r#"["**/Pages/*.aspx?IDNews={digits}", "ChiTietTinTuc.aspx?nid={digits}"]"#).unwrap();
    let page = url("https://www.so.example/tin-tuc/Pages/default.aspx?page=2");
    for (link, key, address) in [
        (
            "https://www.so.example/tin-tuc/Pages/chitiettin.aspx?IDNews=77",
            "77",
            "https://www.so.example/tin-tuc/Pages/chitiettin.aspx?IDNews=77",
        ),
        (
            "http://so.example/tin-tuc/pages/ChiTietTin.ASPX?utm_source=zalo&idnews=77&CateID=5#top",
            "77",
            "https://www.so.example/tin-tuc/pages/ChiTietTin.ASPX?IDNews=77",
        ),
        (
            "https://so.example/chitiettintuc.aspx?NID=9&lang=vi",
            "9",
            "https://www.so.example/chitiettintuc.aspx?nid=9",
        ),
    ] {
        assert_eq!(pattern.key(&url(link)).as_deref(), Some(key), "{link}");
        let found = pattern.article_address(&url(link), &page).unwrap();
        assert_eq!(found.as_str(), address, "{link}");
        assert_eq!(
            pattern.key(&found).as_deref(),
            Some(key),
            "{found} is the same article"
        );
        assert_eq!(pattern.article_address(&found, &page), Some(found));
    }
    for other in [
        "https://so.example/tin-tuc/Pages/chitiettin.aspx",
        "https://so.example/tin-tuc/Pages/chitiettin.aspx?IDNews=",
        "https://so.example/tin-tuc/Pages/chitiettin.aspx?IDNews=7a",
        "https://so.example/tin-tuc/Pages/chitiettin.html?IDNews=77",
        "https://so.example/Pages/a/chitiettin.aspx?IDNews=77",
        "https://so.example/x/ChiTietTinTuc.aspx?nid=9",
    ] {
        assert_eq!(pattern.key(&url(other)), None, "{other}");
    }
}

#[test]
fn fixed_parameters_belong_to_the_address_and_other_paths_keep_their_case() {
    let pattern = pattern(r#""/index.php?view=article&id={slug}""#).unwrap();
    let page = url("https://xa.example/");
    let link = url("https://xa.example/index.php?Itemid=3&id=5-mot-tin&view=article");
    assert_eq!(pattern.key(&link).as_deref(), Some("5-mot-tin"));
    assert_eq!(
        pattern.article_address(&link, &page).unwrap().as_str(),
        "https://xa.example/index.php?view=article&id=5-mot-tin"
    );
    let list = url("https://xa.example/index.php?view=category&id=5-mot-tin");
    assert_eq!(pattern.key(&list), None);
    let capital = url("https://xa.example/Index.php?view=article&id=5-mot-tin");
    assert_eq!(
        pattern.key(&capital),
        None,
        "only .aspx servers do not tell the cases apart"
    );
}

#[test]
fn a_pattern_without_a_key_is_refused_wherever_it_stands() {
    for wrong in [
        r#""**/*.aspx?IDNews=5""#,
        r#""**/{slug}.aspx?IDNews={digits}""#,
        r#"["**/{slug}", "**/tin""#.trim(),
        "[]",
        r#"["**/{slug}", "**/tin"]"#,
    ] {
        assert!(pattern(wrong).is_err(), "{wrong}");
    }
    let text = Portal::builtin("sotttt-hanoi").unwrap();
    let own = format!(
        "{}\n[[own_profile]]\nname = \"own\"\nkind = \"selectors\"\n",
        text.replace("\"liferay62\"", "\"own\"")
    );
    let error = Portal::from_toml(&own).unwrap_err().to_string();
    assert!(
        error.contains("address.article") && error.contains("own"),
        "{error}"
    );
}
