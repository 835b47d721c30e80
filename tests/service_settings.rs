//! Settings that cannot work: `loa serve` ends at once with code 2 and one line that names the key or file and the way out.

use crate::common::process::Loa;

/// A database that opens: what is refused below is refused for its own reason.
fn sound() -> Loa {
    Loa::new("sqlite:loa.db")
}

async fn refuses(what: &str, loa: Loa, arguments: &[&str], names: &[&str]) {
    let arguments: Vec<&str> = ["serve"].iter().chain(arguments).copied().collect();
    let ended = loa.run(&arguments).await;
    assert_eq!(ended.code, Some(2), "{what}: {ended:?}");
    assert_eq!(
        ended.stderr.trim().lines().count(),
        1,
        "{what}: one line: {ended:?}"
    );
    for name in names {
        assert!(
            ended.stderr.contains(name),
            "{what}: {name:?} is not in {}",
            ended.stderr
        );
    }
    assert_eq!(ended.stdout, "", "{what}");
}

#[tokio::test]
async fn a_wrong_variable_is_refused_with_its_name_and_what_would_fit() {
    let table: [(&str, &str, &[&str]); 15] = [
        (
            "SMPT__HOST",
            "mail",
            &["LOA__SMPT__HOST", "smpt.host", "known here", "smtp"],
        ),
        ("SMTP__HOTS", "mail", &["LOA__SMTP__HOTS", "smtp.hots", "host"]),
        (
            "SMTP__PORT",
            "many",
            &["LOA__SMTP__PORT", "smtp.port", "many", "587"],
        ),
        ("SMTP__PORT", "70000", &["LOA__SMTP__PORT", "smtp.port", "70000"]),
        ("SMTP__TLS", "maybe", &["LOA__SMTP__TLS", "smtp.tls", "starttls"]),
        ("SMTP__HOST", "mail.example.vn", &["smtp.host", "smtp.from"]),
        (
            "ALERTS__INSTANT_MAX_AGE",
            "soon",
            &["alerts.instant_max_age", "6h"],
        ),
        ("ALERTS__DIGEST_AT", "7am", &["alerts.digest_at", "07:00"]),
        (
            "ALERTS__OPERATOR",
            "lan@example.vn, minh",
            &["LOA__ALERTS__OPERATOR", "alerts.operator", "\"minh\"", "e-mail"],
        ),
        ("PORTALS", "hue", &["portals", "hue", "quangtri"]),
        (
            "DATABASE__URL",
            "mysql://x/y",
            &["database.url", "sqlite:", "postgres://"],
        ),
        ("WEB__LISTEN", "everywhere", &["web.listen", "127.0.0.1:8080"]),
        ("PUBLIC_URL", "loa.example.vn", &["public_url", "https://"]),
        (
            "TELEGRAM__TOKEN",
            "secret-word",
            &["telegram.token", "@BotFather"],
        ),
        (
            "TELEGRAM__TOKEN_FILE",
            "/nonexistent/token",
            &["telegram.token_file", "/nonexistent/token"],
        ),
    ];
    for (name, value, names) in table {
        refuses(&format!("{name}={value}"), sound().with(name, value), &[], names).await;
    }
    let secret = sound()
        .with("TELEGRAM__TOKEN", "secret-word")
        .run(&["serve"])
        .await;
    assert!(!secret.stderr.contains("secret-word"), "a secret is not shown");
}

#[tokio::test]
async fn a_wrong_settings_file_is_refused_with_its_path_and_line() {
    let table: [(&str, &[&str]); 4] = [
        ("[smtp]\nhots = \"mail\"\n", &["wrong.toml", "smtp.hots", "host"]),
        ("[smtp]\nport = \"many\"\n", &["wrong.toml", "smtp.port", "587"]),
        ("public_url = \"http://a\"\n[smtp\n", &["wrong.toml", "line 2"]),
        (
            "[polling]\nmax_articles = 0\n",
            &["polling.max_articles", "1 to 1000"],
        ),
    ];
    for (text, names) in table {
        let loa = sound();
        let file = loa.folder().join("wrong.toml");
        std::fs::write(&file, text).unwrap();
        refuses(text, loa, &["--config", &file.display().to_string()], names).await;
    }
    refuses(
        "no file",
        sound(),
        &["--config", "nowhere.toml"],
        &["nowhere.toml", "--config"],
    )
    .await;
}

#[tokio::test]
async fn a_wrong_portal_file_is_refused_with_its_path_and_section() {
    let portal = |schedule: &str, topic: &str| {
        format!(
            "id = \"mau\"\nname = \"Mẫu\"\nbase_url = \"http://127.0.0.1:1/\"\nauthority = \"mau.example.vn\"\nyear = 2026\n\
             profile = \"liferay62\"\n[[section]]\nslug = \"tin\"\ntitle = \"Tin\"\npath = \"/tin\"\nschedule = \"{schedule}\"\ntopics = [\"{topic}\"]\n"
        )
    };
    let table: [(String, &[&str]); 5] = [
        (
            portal("0 */10 * * *", "y-te-suc-khoe"),
            &["mau.toml", "tin", "0 */10 * * *", "six-field"],
        ),
        (
            portal("0 61 * * * *", "y-te-suc-khoe"),
            &["mau.toml", "tin", "0 61 * * * *", "six-field"],
        ),
        (
            portal("0 0 0 30 2 *", "y-te-suc-khoe"),
            &["mau.toml", "tin", "0 0 0 30 2 *"],
        ),
        (
            portal("0 0 * * * *", "hue"),
            &["portal mau", "section tin", "\"hue\""],
        ),
        ("id = 3\n".to_owned(), &["mau.toml", "id"]),
    ];
    for (text, names) in table {
        let loa = sound();
        let file = loa.folder().join("mau.toml");
        std::fs::write(&file, &text).unwrap();
        let path = file.display().to_string();
        refuses(&text, loa.with("PORTALS", &path), &[], names).await;
    }
    refuses(
        "elsewhere",
        sound(),
        &["--portal-url", "hue=http://127.0.0.1:1"],
        &["--portal-url", "hue", "sotttt-hanoi"],
    )
    .await;
}

/// It warns of every text that stands loose in a table.
#[tokio::test]
async fn the_html_parsers_own_warnings_are_not_shown() {
    let loa = sound();
    let rows = "<tr>chữ lạc<td>Một ô</td></tr>".repeat(3);
    let file = loa.folder().join("trang.html");
    std::fs::write(&file, format!("<h1>Tin</h1><table>{rows}</table>")).unwrap();
    let file = file.display().to_string();
    let ended = loa
        .run(&[
            "try",
            &file,
            "--url",
            "https://xa.example/tin/bai-viet-10001.html",
        ])
        .await;
    assert!(
        ended.stderr.starts_with("loa: layout not recognised"),
        "{ended:?}"
    );
    assert!(!ended.stderr.contains("foster"), "{ended:?}");
}
