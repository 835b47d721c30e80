//! Signing as the settings say it: what is refused, and what `loa check` prints.

use std::os::unix::fs::PermissionsExt as _;

use crate::common::{
    dkim::{key_file, verify},
    process::{Ended, Loa},
    smtp::Sink,
};

/// The portal answers nobody at once.
const CHECK: [&str; 3] = ["check", "--portal-url", "sotttt-hanoi=http://127.0.0.1:9"];

fn sound() -> Loa {
    Loa::new("sqlite:loa.db")
}

fn file(name: &str) -> String {
    key_file(name).display().to_string()
}

/// Signs for example.vn with the tests' RSA key.
fn signing(loa: Loa) -> Loa {
    loa.with("SMTP__DKIM__DOMAIN", "example.vn")
        .with("SMTP__DKIM__SELECTOR", "loa")
        .with("SMTP__DKIM__KEY_FILE", file("rsa-2048.pem"))
}

/// What `loa check` says about signatures.
fn lines(ended: &Ended) -> Vec<&str> {
    let lines = ended.stdout.lines();
    lines.filter(|line| line[6..].starts_with("dkim: ")).collect()
}

#[tokio::test]
async fn settings_that_belong_together_are_refused_apart_with_their_names() {
    let table: [(&[(&str, &str)], &str); 9] = [
        (
            &[("DOMAIN", "example.vn")],
            "smtp.dkim.domain is set but smtp.dkim.selector is not",
        ),
        (
            &[("DOMAIN", "example.vn"), ("SELECTOR", "loa")],
            "smtp.dkim.domain is set but smtp.dkim.key_file is not",
        ),
        (
            &[("KEY_FILE", "dkim.pem")],
            "smtp.dkim.key_file is set but smtp.dkim.domain is not",
        ),
        (
            &[("ED25519_SELECTOR", "ed")],
            "smtp.dkim.ed25519_selector is set but smtp.dkim.ed25519_key_file is not",
        ),
        (
            &[("ED25519_SELECTOR", "ed"), ("ED25519_KEY_FILE", "ed.pem")],
            "smtp.dkim.ed25519_selector is set but smtp.dkim.key_file is not",
        ),
        (
            &[
                ("DOMAIN", "example.vn"),
                ("SELECTOR", "loa"),
                ("KEY_FILE", "nowhere.pem"),
            ],
            "smtp.dkim.key_file: nowhere.pem cannot be read",
        ),
        (
            &[("DOMAIN", "Sở"), ("SELECTOR", "loa"), ("KEY_FILE", "x")],
            "smtp.dkim.domain is \"Sở\"; expected",
        ),
        (
            &[("DOMAIN", "example.vn"), ("SELECTOR", "a b"), ("KEY_FILE", "x")],
            "smtp.dkim.selector is \"a b\"; expected",
        ),
        (
            &[
                ("DOMAIN", "example.vn"),
                ("SELECTOR", "loa"),
                ("KEY_FILE", "x"),
                ("ED25519_SELECTOR", "LOA"),
                ("ED25519_KEY_FILE", "y"),
            ],
            "smtp.dkim.ed25519_selector is the same as smtp.dkim.selector",
        ),
    ];
    for (set, expected) in table {
        let loa = set.iter().fold(sound(), |loa, (name, value)| {
            loa.with(&format!("SMTP__DKIM__{name}"), *value)
        });
        let ended = loa.run(&["config"]).await;
        assert_eq!(ended.code, Some(2), "{set:?}: {ended:?}");
        assert!(ended.stderr.contains(expected), "{set:?}: {}", ended.stderr);
    }
}

/// A key that was never going to sign is told at the start, not at the first mail.
#[tokio::test]
async fn a_service_with_a_key_that_cannot_sign_does_not_start() {
    let sink = Sink::start().await;
    for (name, expected) in [
        ("rsa-2048-public.pem", "holds no private key"),
        ("rsa-1024.pem", "2048 to 4096 bits"),
        ("ed25519.pem", "holds no RSA key"),
    ] {
        let loa = signing(sound())
            .with_relay(sink.address)
            .with("SMTP__DKIM__KEY_FILE", file(name));
        let ended = loa.run(&["serve"]).await;
        assert_eq!(ended.code, Some(2), "{name}: {ended:?}");
        let said = format!("smtp.dkim.key_file: {}", file(name));
        assert!(
            ended.stderr.contains(&said) && ended.stderr.contains(expected),
            "{name}: {}",
            ended.stderr
        );
        let checked = loa.run(&CHECK).await;
        assert!(
            lines(&checked)[0].starts_with("FAIL  dkim: smtp.dkim.key_file: "),
            "{checked:?}"
        );
    }
}

#[tokio::test]
async fn the_check_prints_what_the_dns_has_to_say_and_mails_are_signed_for_it() {
    let off = sound().run(&CHECK).await;
    assert!(
        lines(&off)[0].starts_with("off   dkim: set smtp.dkim.domain"),
        "{off:?}"
    );

    let sink = Sink::start().await;
    let loa = signing(sound())
        .with_relay(sink.address)
        .with("SMTP__DKIM__ED25519_SELECTOR", "loa-ed")
        .with("SMTP__DKIM__ED25519_KEY_FILE", file("ed25519.pem"));
    let shown = loa.run(&["config"]).await.stdout;
    assert!(
        shown.contains("\n[smtp.dkim]\n") && !shown.contains("\n[dkim]"),
        "{shown}"
    );
    let ended = loa.run(&CHECK).await;
    let records: Vec<_> = lines(&ended)
        .into_iter()
        .filter_map(|line| line.split_once("; the DNS has to say: "))
        .collect();
    assert_eq!(
        records.iter().map(|(what, _)| *what).collect::<Vec<_>>(),
        ["ok    dkim: RSA, 2048 bits", "ok    dkim: Ed25519"]
    );
    let zone = records
        .iter()
        .map(|(_, line)| {
            let (name, strings) = line.split_once(". IN TXT ").unwrap();
            let strings: String = strings.split('"').skip(1).step_by(2).collect();
            (name.to_owned(), strings)
        })
        .collect();

    let sent = loa.run(&["send-test", "email", "lan@example.vn"]).await;
    assert_eq!(sent.code, Some(0), "{sent:?}");
    assert_eq!(
        verify(&sink.taken()[0].data, &zone),
        ["rsa: pass", "ed25519: pass"]
    );
}

#[tokio::test]
async fn the_check_notes_a_signature_that_does_not_count_and_a_key_that_all_may_read() {
    let sink = Sink::start().await;
    let folder = tempfile::tempdir().unwrap();
    let key = folder.path().join("key.pem");
    std::fs::copy(key_file("rsa-2048.pem"), &key).unwrap();
    let notes = async |from: &str, mode: u32| {
        std::fs::set_permissions(&key, std::fs::Permissions::from_mode(mode)).unwrap();
        let loa = signing(sound())
            .with_relay(sink.address)
            .with("SMTP__FROM", from)
            .with("SMTP__DKIM__KEY_FILE", key.display().to_string());
        let ended = loa.run(&CHECK).await;
        let notes = lines(&ended)
            .into_iter()
            .filter_map(|line| line.strip_prefix("note  dkim: "));
        notes.map(str::to_owned).collect::<Vec<_>>()
    };
    for aligned in ["Loa <loa@tin.example.vn>", "loa@EXAMPLE.vn"] {
        assert!(notes(aligned, 0o600).await.is_empty(), "{aligned}");
    }
    let [other] = notes("loa@myexample.vn", 0o640).await.try_into().unwrap();
    assert!(
        other.starts_with("smtp.from is an address at myexample.vn, but mails are signed for example.vn"),
        "{other}"
    );
    let [open] = notes("loa@example.vn", 0o644).await.try_into().unwrap();
    assert!(
        open.starts_with("everyone on this machine may read smtp.dkim.key_file: chmod o-r "),
        "{open}"
    );
}
