//! Signatures as receivers see them: on what came over a connection, and after what happens to mails on their way.

use insta::assert_snapshot;
use loa::notify::{
    email::{
        Mailer, SmtpSettings,
        dkim::{KeyError, Record, Signer},
        encode,
    },
    message::Mail,
};

use crate::{
    common::{
        articles::morning,
        dkim::{Zone, first_signature, key, of, signer, verify, zone},
        smtp::Sink,
    },
    mail_samples::every_kind,
};

const PASS: [&str; 2] = ["rsa: pass", "ed25519: pass"];

/// The mail of one kind, signed.
fn signed(kind: &str) -> String {
    let mails = every_kind(morning());
    let mail = &mails.iter().find(|(name, _)| *name == kind).unwrap().1;
    with_signature(mail)
}

fn with_signature(mail: &Mail) -> String {
    let bytes = signer().sign(&encode(mail).unwrap(), mail.date).unwrap();
    String::from_utf8(bytes).unwrap()
}

/// RFC 8463, appendix A.
#[test]
fn the_verifier_takes_the_signed_mail_of_the_standard_and_no_other() {
    let mail = "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date : message-id : from : subject : date;\r\n bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\nDKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=football.example.com; i=@football.example.com;\r\n q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n date : message-id : from : subject : date;\r\n bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\nFrom: Joe SixPack <joe@football.example.com>\r\nTo: Suzie Q <suzie@shopping.example.net>\r\nSubject: Is dinner ready?\r\nDate: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\nMessage-ID: <20030712040037.46341.5F8J@football.example.com>\r\n\r\nHi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";
    let record =
        |name: &str, text: &str| (format!("{name}._domainkey.football.example.com"), text.to_owned());
    let zone: Zone = vec![
        record(
            "brisbane",
            "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
        ),
        record(
            "test",
            "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB",
        ),
    ];
    assert_eq!(verify(mail, &zone), ["ed25519: pass", "rsa: pass"]);
    let subject = mail.replace("Is dinner ready?", "Is lunch ready?");
    assert_eq!(
        verify(&subject, &zone),
        ["ed25519: the header was changed", "rsa: the header was changed"]
    );
    let body = mail.replace("hungry", "thirsty");
    assert_eq!(
        verify(&body, &zone),
        ["ed25519: the body was changed", "rsa: the body was changed"]
    );
}

#[tokio::test]
async fn every_kind_of_mail_arrives_with_signatures_that_hold() {
    let sink = Sink::start().await;
    let mut settings = SmtpSettings::relay("127.0.0.1", sink.address.port());
    settings.dkim = Some(signer());
    let mailer = Mailer::smtp(settings).unwrap();
    let mails = every_kind(morning());
    for (_, mail) in &mails {
        mailer.prepare(mail).await.unwrap().finish().await.unwrap();
    }
    let taken = sink.taken();
    assert_eq!(taken.len(), mails.len());
    for ((name, mail), taken) in mails.iter().zip(&taken) {
        assert_eq!(taken.message_id, mail.message_id, "{name}");
        assert_eq!(verify(&taken.data, &zone(&signer())), PASS, "{name}");
        assert!(taken.data.is_ascii(), "{name}");
        assert!(taken.data.split("\r\n").all(|line| line.len() <= 998), "{name}");
        // What was signed is what came, but for the line end that the final dot brings.
        let unsigned = String::from_utf8(encode(mail).unwrap()).unwrap();
        assert!(taken.data.trim_end().ends_with(unsigned.trim_end()), "{name}");
    }
}

#[test]
fn the_signature_names_what_a_reader_sees_and_one_click_needs() {
    let tags = first_signature(&signed("alert"));
    let of = |name| of(&tags, name).split_whitespace().collect::<String>();
    assert_eq!(
        [of("a"), of("c"), of("d"), of("s"), of("t")],
        ["rsa-sha256", "relaxed/relaxed", "example.vn", "loa", "1795482000"]
    );
    assert_snapshot!(of("h").replace(':', " "), @"From From Reply-To To To Cc Subject Subject Date Date Message-ID Message-ID List-Unsubscribe List-Unsubscribe List-Unsubscribe-Post List-Unsubscribe-Post List-Id Auto-Submitted Feedback-ID");
    let tags = first_signature(&signed("confirmation"));
    let fields = crate::common::dkim::of(&tags, "h");
    assert!(!fields.contains("List-"), "what is not there: {fields}");
    for absent in ["l", "x", "i"] {
        assert_eq!(crate::common::dkim::of(&tags, absent), "", "{absent}=");
    }
}

#[test]
fn what_relays_do_leaves_the_signatures_whole() {
    let zone = zone(&signer());
    for kind in ["alert", "alert-long", "weekly", "alarm", "confirmation"] {
        let mail = signed(kind);
        let (head, body) = mail.split_once("\r\n\r\n").unwrap();
        let received =
            format!("Received: from loa by mx; Tue, 24 Nov 2026 01:00:01 +0000\r\nX-Spam: no\r\n{mail}");
        let refolded = format!(
            "{}\r\n\r\n{body}",
            head.replace("\r\n ", "\r\n\t  ")
                .replace("Subject: ", "SUBJECT:\t")
        );
        let requoted = mail.replace("boundary=\"", "charset=us-ascii; boundary=\"");
        let trailing = format!("{head}\r\n\r\n{}\r\n\r\n", body.replace("\r\n", "  \r\n"));
        for (what, changed) in [
            ("put on top", received),
            ("folded in another way", refolded),
            ("another Content-Type", requoted),
            ("white space at line ends", trailing),
        ] {
            assert!(changed != mail, "{kind}: {what}");
            assert_eq!(verify(&changed, &zone), PASS, "{kind}: {what}");
        }
    }
}

#[test]
fn every_change_that_matters_breaks_both_signatures() {
    let zone = zone(&signer());
    let mail = signed("alert");
    let header = ["rsa: the header was changed", "ed25519: the header was changed"];
    let body = ["rsa: the body was changed", "ed25519: the body was changed"];
    let before_from = |field: &str| mail.replace("\r\nFrom: ", &format!("\r\n{field}\r\nFrom: "));
    for (what, changed, outcome) in [
        (
            "unsubscribe",
            mail.replacen("unsubscribe/AAAA", "unsubscribe/BAAA", 1),
            header,
        ),
        ("one-click", mail.replace("=One-Click", "=Two-Clicks"), header),
        ("to", mail.replace("To: lan@", "To: minh@"), header),
        ("date", mail.replace(" 01:00:00 ", " 02:00:00 "), header),
        ("id", mail.replace("loa.delivery.1.", "loa.delivery.2."), header),
        ("second From", before_from("From: other@example.vn"), header),
        (
            "second From below",
            mail.replacen("\r\n\r\n", "\r\nFrom: a@b.vn\r\n\r\n", 1),
            header,
        ),
        ("second Subject", before_from("Subject: other"), header),
        ("Reply-To", before_from("Reply-To: other@example.vn"), header),
        ("Cc", before_from("Cc: other@example.vn"), header),
        (
            "second unsubscribe",
            before_from("List-Unsubscribe: <https://b.vn>"),
            header,
        ),
        ("list", mail.replace("List-Id: <", "List-Id: <x."), header),
        (
            "feedback",
            mail.replace("Feedback-ID: ", "Feedback-ID: x"),
            header,
        ),
        (
            "time of the signature",
            mail.replace("t=1795482000", "t=1795482001"),
            header,
        ),
        ("body", mail.replace("qua Loa.", "qua Lao."), body),
        ("appended", format!("{mail}.\r\n"), body),
        ("a space inside", mail.replacen("</td>", "< /td>", 1), body),
    ] {
        assert!(changed != mail, "{what}");
        assert_eq!(verify(&changed, &zone), outcome, "{what}");
    }
    let elsewhere: Zone = vec![];
    assert!(verify(&mail, &elsewhere)[0].contains("no loa._domainkey.example.vn in the DNS"));
}

#[test]
fn the_same_mail_has_the_same_signature_whatever_form_the_key_has() {
    let mail = encode(&every_kind(morning())[0].1).unwrap();
    let sign = |name: &str| {
        let signer = Signer::rsa("Example.VN", "LOA", &key(name)).unwrap();
        signer.sign(&mail, morning()).unwrap()
    };
    assert!(
        sign("rsa-2048.pem") == sign("rsa-2048.pem"),
        "a resend is the same mail"
    );
    assert!(
        sign("rsa-2048.pem") == sign("rsa-2048-pkcs1.pem"),
        "PKCS#8 and PKCS#1"
    );
    let text = String::from_utf8(sign("rsa-2048.pem")).unwrap();
    assert_eq!(
        verify(&text, &zone(&signer())),
        ["rsa: pass"],
        "names are in small letters"
    );
    let own = text.split("\r\nMessage-ID").next().unwrap();
    assert!(own.split("\r\n").all(|line| line.len() <= 78), "{own}");
}

/// Whatever white space a text has, signer and verifier see the same in it, each by its own code.
#[test]
fn texts_of_all_kinds_of_white_space_verify() {
    let (signer, zone) = (signer(), zone(&signer()));
    let piece = proptest::sample::select(vec![
        " ", "\t", "a", ".", "=", "\r\n", "\r\n\r\n", " \r\n", "\r\n\t",
    ]);
    let texts = proptest::collection::vec(piece, 0..24);
    let config = proptest::test_runner::Config::with_cases(64);
    proptest::test_runner::TestRunner::new(config)
        .run(&(texts.clone(), texts), |(value, body)| {
            // An empty line inside a field would end the header.
            let value = value.concat().replace("\r\n", "\r\n ");
            let mail = format!("From: a@b.vn\r\nSUBJECT :{value}x\r\n\r\n{}", body.concat());
            let signed = signer.sign(mail.as_bytes(), morning()).unwrap();
            let signed = String::from_utf8(signed).unwrap();
            proptest::prop_assert_eq!(verify(&signed, &zone), PASS);
            Ok(())
        })
        .unwrap();
}

#[test]
fn of_fields_that_stand_twice_each_is_signed() {
    let mail = "To: a@b.vn\r\nFrom: a@b.vn\r\nTo: c@d.vn\r\nList-Id: <x>\r\nList-Id: <y>\r\n\r\nTin\r\n";
    let signed = String::from_utf8(signer().sign(mail.as_bytes(), morning()).unwrap()).unwrap();
    let zone = zone(&signer());
    assert_eq!(verify(&signed, &zone), PASS);
    for (from, to) in [
        ("To: a@", "To: b@"),
        ("To: c@", "To: b@"),
        ("<x>", "<z>"),
        ("<y>", "<z>"),
    ] {
        let changed = signed.replace(from, to);
        assert!(
            verify(&changed, &zone)[0].contains("header was changed"),
            "{from}"
        );
    }
}

#[tokio::test]
async fn without_a_key_mails_go_out_as_they_are() {
    let sink = Sink::start().await;
    let mailer = Mailer::smtp(SmtpSettings::relay("127.0.0.1", sink.address.port())).unwrap();
    let mail = &every_kind(morning())[0].1;
    mailer.prepare(mail).await.unwrap().finish().await.unwrap();
    let unsigned = String::from_utf8(encode(mail).unwrap()).unwrap();
    assert!(sink.taken()[0].data.trim_end() == unsigned.trim_end());
}

#[test]
fn a_key_that_cannot_sign_is_refused_with_what_is_taken() {
    let rsa = |name: &str| Signer::rsa("example.vn", "loa", &key(name)).err();
    assert_eq!(rsa("rsa-2048.pem"), None);
    assert_eq!(rsa("rsa-2048-public.pem"), Some(KeyError::NotAKey));
    assert_eq!(rsa("rsa-2048-encrypted.pem"), Some(KeyError::NotAKey));
    assert_eq!(rsa("ed25519.pem"), Some(KeyError::NotRsa));
    let small = rsa("rsa-1024.pem").unwrap().to_string();
    assert!(small.contains("2048 to 4096 bits"), "{small}");
    let signer = signer();
    for (name, e) in [
        ("rsa-2048.pem", KeyError::NotEd25519),
        ("rsa-2048-pkcs1.pem", KeyError::NotEd25519),
        ("rsa-2048-public.pem", KeyError::NotAKey),
    ] {
        assert_eq!(signer.and_ed25519("x", &key(name)).err(), Some(e), "{name}");
    }
    assert_eq!(
        format!("{signer:?}"),
        "Signer { domain: \"example.vn\", selectors: [\"loa\", \"loa-ed\"], .. }",
        "no key is shown"
    );
}

/// The public key as `openssl pkey -pubout` wrote it.
#[test]
fn the_record_holds_the_public_key_in_strings_that_the_dns_takes() {
    let public = std::fs::read_to_string(crate::common::dkim::key_file("rsa-2048-public.pem")).unwrap();
    let public: String = public
        .lines()
        .skip_while(|line| !line.starts_with("-----BEGIN"))
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let [rsa, ed25519] = signer().records().try_into().unwrap();
    let Record { name, text, key } = &rsa;
    assert_eq!(
        (name.as_str(), key.as_str()),
        ("loa._domainkey.example.vn", "RSA, 2048 bits")
    );
    assert_eq!(*text, format!("v=DKIM1; k=rsa; p={public}"));
    let line = rsa.zone_line();
    let strings: Vec<&str> = line.split('"').skip(1).step_by(2).collect();
    assert_eq!(strings.concat(), *text);
    assert_eq!(
        strings.iter().map(|s| s.len()).collect::<Vec<_>>(),
        [255, text.len() - 255]
    );
    assert!(line.starts_with("loa._domainkey.example.vn. IN TXT ( \"v=DKIM1; ") && line.ends_with("\" )"));
    assert_eq!(ed25519.name, "loa-ed._domainkey.example.vn");
    assert_eq!(
        ed25519.zone_line().matches('"').count(),
        2,
        "{}",
        ed25519.zone_line()
    );
}
