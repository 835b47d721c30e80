//! Settings: which source wins, what each mistake is told, and what is never shown.

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use loa::config::{Config, Content, DEFAULT, Layers, LogFormat, Tls, masked};
use tempfile::TempDir;

/// A folder with files that settings may name.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.0.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    /// The message without the folder's name, which is another at each run.
    fn said(&self, message: &str) -> String {
        message.replace(&format!("{}/", self.0.path().display()), "")
    }
}

fn environment<const N: usize>(variables: [(&str, &str); N]) -> BTreeMap<String, String> {
    variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

/// What is said about a file.
fn about_file(text: &str) -> String {
    let folder = Folder::new();
    let e = Config::load(Some(&folder.file("loa.toml", text)), &environment([])).unwrap_err();
    folder.said(&e.to_string())
}

/// What is said about variables.
fn about<const N: usize>(variables: [(&str, &str); N]) -> String {
    Config::load(None, &environment(variables))
        .unwrap_err()
        .to_string()
}

#[test]
fn the_compiled_in_settings_are_valid_and_as_documented() {
    let config = Config::compiled_in();
    assert_eq!(config.public_url, "http://127.0.0.1:8080");
    assert_eq!(config.web.listen, "127.0.0.1:8080");
    assert_eq!(config.database.url, "sqlite:loa.db");
    assert_eq!(config.portals, ["quangtri"]);
    assert!(!config.polling.allow_private_addresses);
    assert!(
        config.smtp.host.is_empty() && !config.telegram.token.is_set(),
        "channels are off until set"
    );
    assert_eq!((config.smtp.tls, config.smtp.port), (Tls::StartTls, 587));
    assert_eq!(
        (config.feeds.content, config.log.format),
        (Content::Excerpt, LogFormat::Text)
    );
    assert_eq!(config.alerts.instant_max_age, Duration::from_hours(6));
    assert_eq!(config.alerts.digest_at.to_string(), "07:00:00");
}

#[test]
fn a_file_overrides_the_defaults_and_the_environment_overrides_both() {
    let folder = Folder::new();
    let file = folder.file(
        "loa.toml",
        "public_url = \"https://file.example/\"\n[feeds]\nitems = 20\ncontent = \"full\"\n[web]\nowner = \"Sở KH&CN\"\n",
    );
    let variables = environment([
        ("LOA__FEEDS__ITEMS", "30"),
        ("LOA__POLLING__ALLOW_PRIVATE_ADDRESSES", "true"),
        ("LOA__LOG__FORMAT", "json"),
        ("LOA_CONFIG", "elsewhere.toml"),
        ("PATH", "/bin"),
    ]);
    let config = Config::load(Some(&file), &variables).unwrap();
    assert_eq!((config.feeds.items, config.feeds.content), (30, Content::Full));
    assert_eq!(
        config.public_url, "https://file.example",
        "without its final slash"
    );
    assert_eq!(config.web.owner, "Sở KH&CN");
    assert!(config.polling.allow_private_addresses);
    assert_eq!(config.log.format, LogFormat::Json);
    assert_eq!(config.web.listen, "127.0.0.1:8080", "what nobody set stays");
}

#[test]
fn lists_come_from_the_environment_separated_by_commas() {
    let config = Config::load(
        None,
        &environment([("LOA__PORTALS", "quangtri, /etc/loa/xa.toml")]),
    )
    .unwrap();
    assert_eq!(config.portals, ["quangtri", "/etc/loa/xa.toml"]);
    insta::assert_snapshot!(about([("LOA__PORTALS", "")]), @r#"
    LOA__PORTALS: portals is empty; name at least one, for example portals = ["quangtri"]
    "#);
}

#[test]
fn every_mistake_in_a_file_is_told_in_one_line_with_source_key_and_way_out() {
    let said: Vec<String> = [
        "[smtp]\nhots = \"x\"",
        "[smpt]\nhost = \"x\"",
        "smtp = \"x\"",
        "[web\nlisten = \"x\"",
        "\n\n[web]\nlisten = ",
        "[smtp]\nport = \"587\"",
        "[smtp]\nport = 70000",
        "[smtp]\ntls = \"ssl\"",
        "[feeds]\nitems = 0",
        "[feeds]\nitems = 101",
        "[feeds]\ncache_mb = 0",
        "[polling]\nmax_articles = 0",
        "[polling]\nmax_wire_bytes = -1",
        "[smtp]\nconnections = 65",
        "[alerts]\ndigest_at = \"25:00\"",
        "[alerts]\ninstant_max_age = \"6 hours\"",
        "[log]\nformat = \"xml\"",
        "public_url = \"loa.example\"",
        "public_url = \"https://loa.example/?x=1\"",
        "portals = []",
        "portals = [1]",
        "[database]\nurl = \"mysql://host/loa\"",
        "[web]\nlisten = \"8080\"",
        "[smtp]\nhost = \"relay\"",
        "[smtp]\nhost = \"relay\"\nfrom = \"nobody\"",
        "[smtp]\nhost = \"relay\"\nfrom = \"loa@example.vn\"\nuser = \"loa\"",
        "[smtp]\nhost = \"relay\"\nfrom = \"loa@example.vn\"\npassword = \"geheim\"",
        "[telegram]\ntoken = \"geheim\"",
        "[telegram]\nproxy = \"geheim@proxy:1080\"",
        "[telegram]\nper_second = 31",
        "[telegram]\napi_url = \"api.telegram.org\"",
        "[retention]\nkeep_days = 30",
        "[feeds]\nhub_url = \"hub.example\"",
        "[[feeds.moved]]\nfrom = \"topics/a\"",
        "[[feeds.moved]]\nfrom = \"all\"\nto = \"topics/b\"",
        "[[feeds.moved]]\nfrom = \"topics/a\"\nto = \"topics/b.rss\"",
        "[[feeds.moved]]\nfrom = \"topics/a\"\nto = \"topics/b\"\n[[feeds.moved]]\nfrom = \"topics/a\"\nto = \"all\"",
        "[[feeds.moved]]\nfrom = \"topics/a\"\nto = \"topics/b\"\n[[feeds.moved]]\nfrom = \"topics/b\"\nto = \"all\"",
        "[[feeds.moved]]\nfrom = \"topics/a\"\nto = \"topics/a\"",
    ]
    .iter()
    .map(|file| about_file(file))
    .collect();
    for message in &said {
        assert!(!message.contains('\n'), "{message}");
        assert!(message.starts_with("loa.toml: "), "names its source: {message}");
        assert!(!message.contains("geheim"), "shows a secret: {message}");
    }
    insta::assert_snapshot!(said.join("\n"), @r#"
    loa.toml: unknown key smtp.hots; known here: bounces, connections, dkim, extra_ca_file, from, host, letters_from, mails_per_connection, password, password_file, per_day, per_second, port, relays, tls, user
    loa.toml: unknown key smpt; known here: alerts, bounces, database, feeds, log, polling, portals, public_url, retention, signup, smtp, telegram, topics_file, web, webhooks
    loa.toml: smtp is a section; set a key of it
    loa.toml: line 1: not TOML: unclosed table, expected `]`
    loa.toml: line 4: not TOML: string values must be quoted, expected literal string
    loa.toml: smtp.port is "587"; expected a value of type integer such as 587
    loa.toml: smtp.port: invalid value: integer `70000`, expected 0 to 65535
    loa.toml: smtp.tls: unknown variant `ssl`, expected one of `none`, `starttls`, `implicit`
    loa.toml: feeds.items is 0; expected 1 to 100
    loa.toml: feeds.items is 101; expected 1 to 100
    loa.toml: feeds.cache_mb is 0; expected 1 to 65536
    loa.toml: polling.max_articles is 0; expected 1 to 1000
    loa.toml: polling.max_wire_bytes: invalid value: integer `-1`, expected 0 or more
    loa.toml: smtp.connections is 65; expected 1 to 64
    loa.toml: alerts.digest_at: "25:00" is not a time of day such as 07:00
    loa.toml: alerts.instant_max_age: "6 hours" is not a duration such as 90s, 15m, 6h or 2d
    loa.toml: log.format: unknown variant `xml`, expected `text` or `json`
    loa.toml: public_url is "loa.example"; expected an address such as https://loa.example.vn
    loa.toml: public_url is "https://loa.example/?x=1"; expected an address such as https://loa.example.vn
    loa.toml: portals is empty; name at least one, for example portals = ["quangtri"]
    loa.toml: portals: invalid type: integer `1`, expected a string
    loa.toml: database.url must start with sqlite: or postgres:// (for example sqlite:loa.db)
    loa.toml: web.listen is "8080"; expected an address and a port such as 127.0.0.1:8080
    loa.toml: smtp.host is set but smtp.from is not; set it to the sender, for example "Loa <loa@example.vn>"
    loa.toml: smtp.from is not a sender such as "Loa <loa@example.vn>"
    loa.toml: smtp.user is set but smtp.password is not; set it, or smtp.password_file
    loa.toml: smtp.password is set but smtp.user is not; set it, or take the password out
    loa.toml: telegram.token does not look like a token from @BotFather (123456:ABC…)
    loa.toml: telegram.proxy must start with http://, https:// or socks5://
    loa.toml: telegram.per_second is 31; expected 1 to 30
    loa.toml: telegram.api_url is "api.telegram.org"; expected an address such as https://loa.example.vn
    loa.toml: retention.keep_days is 30; expected 0 (for ever), or 90 to 36500
    loa.toml: feeds.hub_url: "hub.example" is not an address such as https://hub.example.vn/
    loa.toml: feeds.moved: missing field `to`
    loa.toml: feeds.moved: from = "all" is no feed; expected topics/SLUG or sections/PORTAL/SLUG
    loa.toml: feeds.moved: to = "topics/b.rss" is no feed; expected topics/SLUG or sections/PORTAL/SLUG, or all
    loa.toml: feeds.moved: "topics/a" moves twice; keep one
    loa.toml: feeds.moved: "topics/a" moves to "topics/b", which moves itself; name the last place
    loa.toml: feeds.moved: "topics/a" moves to "topics/a", which moves itself; name the last place
    "#);
}

#[test]
fn mistakes_about_further_relays_name_the_relay() {
    let said: Vec<String> = [
        "[[smtp.relays]]\nhost = \"relay\"",
        "[smtp]\nhost = \"relay\"\nfrom = \"loa@example.vn\"\n[[smtp.relays]]\nport = 25",
        "[smtp]\nhost = \"relay\"\nfrom = \"loa@example.vn\"\n[[smtp.relays]]\nhost = \"\"",
        "[smtp]\nhost = \"relay\"\nfrom = \"loa@example.vn\"\n[[smtp.relays]]\nhost = \"relay-2\"\nuser = \"loa\"",
        "[smtp]\nhost = \"relay\"\nfrom = \"loa@example.vn\"\n[[smtp.relays]]\nhost = \"relay-2\"\npassword = \"geheim\"",
        "[smtp]\nhost = \"relay\"\nfrom = \"loa@example.vn\"\n[[smtp.relays]]\nhost = \"relay-2\"\nconnections = 0",
    ]
    .iter()
    .map(|file| about_file(file))
    .collect();
    assert!(!said.concat().contains("geheim"), "shows a secret: {said:?}");
    insta::assert_snapshot!(said.join("\n"), @r#"
    loa.toml: smtp.relays is set but smtp.host is not; the first relay stands in [smtp]
    loa.toml: smtp.relays: missing field `host`
    loa.toml: smtp.relays (1): host is empty; name the mail server
    loa.toml: smtp.relays (1): user and password_file belong together: set both, or neither
    loa.toml: smtp.relays: unknown field `password`, expected one of `host`, `port`, `tls`, `user`, `password_file`, `extra_ca_file`, `connections`, `mails_per_connection`, `per_second`, `per_day`
    loa.toml: smtp.relays (1): connections is 0; expected 1 to 64
    "#);
}

#[test]
fn every_mistake_in_the_environment_names_its_variable() {
    let said = [
        about([("LOA__SMTP__HOTS", "x")]),
        about([("LOA__SMTP", "x")]),
        about([("LOA__SMTP__PORT", "mail")]),
        about([("LOA__SMTP__PORT", "70000")]),
        about([("LOA__POLLING__ALLOW_PRIVATE_ADDRESSES", "yes")]),
        about([("LOA__FEEDS__CONTENT", "all")]),
        about([("LOA__FEEDS__ITEMS", "0")]),
        about([("LOA__WEB__LISTEN", "")]),
        about([("LOA__ALERTS__DIGEST_AT", "7am")]),
    ];
    for message in &said {
        assert!(
            message.starts_with("LOA__") && !message.contains('\n'),
            "{message}"
        );
    }
    insta::assert_snapshot!(said.join("\n"), @r#"
    LOA__SMTP__HOTS: unknown key smtp.hots; known here: bounces, connections, dkim, extra_ca_file, from, host, letters_from, mails_per_connection, password, password_file, per_day, per_second, port, relays, tls, user
    LOA__SMTP: smtp is a section; set a key of it
    LOA__SMTP__PORT: smtp.port is mail; expected a value of type integer such as 587
    LOA__SMTP__PORT: smtp.port: invalid value: integer `70000`, expected 0 to 65535
    LOA__POLLING__ALLOW_PRIVATE_ADDRESSES: polling.allow_private_addresses is yes; expected a value of type boolean such as false
    LOA__FEEDS__CONTENT: feeds.content: unknown variant `all`, expected `excerpt` or `full`
    LOA__FEEDS__ITEMS: feeds.items is 0; expected 1 to 100
    LOA__WEB__LISTEN: web.listen is ""; expected an address and a port such as 127.0.0.1:8080
    LOA__ALERTS__DIGEST_AT: alerts.digest_at: "7am" is not a time of day such as 07:00
    "#);
}

#[test]
fn a_missing_file_is_told_with_the_way_to_name_another() {
    let missing = PathBuf::from("no-such-folder/loa.toml");
    let e = Config::load(Some(&missing), &environment([])).unwrap_err();
    insta::assert_snapshot!(e, @"
    no-such-folder/loa.toml: cannot be read (No such file or directory (os error 2)); name a readable file with --config or LOA_CONFIG
    ");
}

#[test]
fn a_secret_comes_as_a_value_or_from_a_file_and_not_from_both() {
    let folder = Folder::new();
    let token_file = folder.file("token", "123456:ABC-def_1\n").display().to_string();
    let config = Config::load(None, &environment([("LOA__TELEGRAM__TOKEN_FILE", &token_file)])).unwrap();
    assert_eq!(
        config.telegram.token.expose(),
        "123456:ABC-def_1",
        "without the line's end"
    );
    let empty = folder.file("empty", " \n").display().to_string();
    let missing = folder.0.path().join("missing").display().to_string();
    let relay = ("LOA__SMTP__HOST", "relay");
    let said = [
        about([
            ("LOA__TELEGRAM__TOKEN_FILE", &token_file),
            ("LOA__TELEGRAM__TOKEN", "123456:geheim"),
        ]),
        about([
            relay,
            ("LOA__SMTP__PASSWORD_FILE", &token_file),
            ("LOA__SMTP__PASSWORD", "geheim"),
        ]),
        about([("LOA__SMTP__PASSWORD_FILE", &empty)]),
        about([("LOA__TELEGRAM__TOKEN_FILE", &missing)]),
    ]
    .map(|message| folder.said(&message));
    assert!(said.iter().all(|message| !message.contains("geheim")), "{said:?}");
    insta::assert_snapshot!(said.join("\n"), @"
    LOA__TELEGRAM__TOKEN: telegram.token and telegram.token_file are both set; keep one
    LOA__SMTP__PASSWORD: smtp.password and smtp.password_file are both set; keep one
    LOA__SMTP__PASSWORD_FILE: smtp.password_file: empty is empty
    LOA__TELEGRAM__TOKEN_FILE: telegram.token_file: missing cannot be read (No such file or directory (os error 2)); name a readable file
    ");
}

#[test]
fn what_is_in_force_is_shown_with_its_sources_and_without_secrets() {
    let folder = Folder::new();
    let file = folder.file(
        "loa.toml",
        "[database]\nurl = \"postgres://loa:geheim1@db.example/loa?sslmode=require\"\n[smtp]\nhost = \"relay\"\n\
         from = \"loa@example.vn\"\nuser = \"loa\"\npassword = \"geheim2\"\n[telegram]\nproxy = \"socks5://u:geheim3@proxy:1080\"\n",
    );
    let variables = environment([("LOA__TELEGRAM__TOKEN", "123456:geheim4")]);
    let layers = Layers::read(Some(&file), &variables).unwrap();
    Config::from_layers(&layers).unwrap();
    let shown = folder.said(&masked(&layers));
    assert!(!shown.contains("geheim") && !shown.contains("123456"), "{shown}");
    let set: Vec<&str> = shown.lines().filter(|line| line.contains("  # ")).collect();
    insta::assert_snapshot!(set.join("\n"), @r#"
    url = "postgres://loa:***@db.example/loa?sslmode=require"  # loa.toml
    from = "loa@example.vn"  # loa.toml
    host = "relay"  # loa.toml
    password = "***"  # loa.toml
    user = "loa"  # loa.toml
    proxy = "socks5://u:***@proxy:1080"  # loa.toml
    token = "***"  # LOA__TELEGRAM__TOKEN
    "#);
    assert!(
        shown.contains("listen = \"127.0.0.1:8080\"\n"),
        "what nobody set is shown without a source"
    );
    // What is shown is a file that could be read again.
    shown.parse::<toml::Table>().unwrap();
    for url in [
        "postgres://db/loa?user=loa&password=geheim",
        "postgres:geheim",
        "postgres://loa:ge@heim@db/loa",
    ] {
        let mut layers = Layers::read(None, &environment([])).unwrap();
        layers.set_text("database.url", url, "test").unwrap();
        assert!(!masked(&layers).contains("heim"), "{}", masked(&layers));
    }
    let config = Config::load(Some(&file), &variables).unwrap();
    let debugged = format!("{:?} {:?}", config.smtp, config.telegram.token);
    assert!(!debugged.contains("geheim"), "{debugged}");
}

#[test]
fn every_key_has_a_comment_directly_above_it() {
    let mut above = "";
    let mut without = Vec::new();
    for line in DEFAULT.lines() {
        let is_key = line
            .split_once(" = ")
            .is_some_and(|(key, _)| !key.starts_with('#'));
        if is_key && !above.starts_with('#') {
            without.push(line);
        }
        above = line;
    }
    assert!(without.is_empty(), "without a comment of their own: {without:#?}");
}

#[test]
fn operators_are_addresses_with_commas_between_them_each_once() {
    let said = |text: &str| {
        let config = Config::load(None, &environment([("LOA__ALERTS__OPERATOR", text)])).unwrap();
        let all = config.alerts.operator;
        all.iter()
            .map(|address| address.as_str().to_owned())
            .collect::<Vec<_>>()
    };
    assert!(said("").is_empty() && said(" ").is_empty());
    assert_eq!(said("lan@example.vn"), ["lan@example.vn"]);
    assert_eq!(
        said(" lan@example.vn,minh@Example.VN , lan@example.vn"),
        ["lan@example.vn", "minh@example.vn"]
    );
    assert!(
        about([("LOA__ALERTS__OPERATOR", "lan@example.vn,")])
            .starts_with("LOA__ALERTS__OPERATOR: alerts.operator: ")
    );
}

#[test]
fn a_webhook_needs_an_address_that_telegram_calls_and_a_secret_that_it_takes() {
    for (file, expected) in [
        ("mode = \"push\"", "expected `polling` or `webhook`"),
        ("mode = \"webhook\"", "public_url is not https"),
        ("webhook_secret = \"geheim!\"", "letters, digits, - and _ alone"),
    ] {
        let said = about_file(&format!("[telegram]\n{file}"));
        assert!(said.contains(expected) && !said.contains("geheim"), "{said}");
    }
}
