//! The bytes of a mail, read by another implementation.

use std::process::Command;

use insta::assert_snapshot;
use loa::{
    domain::watch::Watch,
    notify::{SendError, email::encode},
};

use crate::{
    common::articles::labels,
    notify_message::{content, mail, science},
};

const READ: &str = r#"
import sys, email, email.policy
raw = open(sys.argv[1], "rb").read()
m = email.message_from_bytes(raw, policy=email.policy.SMTP + email.policy.strict)
for name, value in m.items():
    assert not value.defects, (name, value.defects)
    if name not in ("Content-Type",): print(f"{name}: {value}")
assert not m.defects and m.get_content_type() == "multipart/alternative"
for part in m.iter_parts():
    assert not part.defects
    print(part.get_content_type(), part.get_content_charset(), part["Content-Transfer-Encoding"], len(part.get_content()) > 100)
sys.stdout.write(m.get_body(("plain",)).get_content().split("\n")[0].strip())
"#;

#[test]
fn a_strict_parser_reads_the_mail_back() {
    let (articles, labels) = ([science(12)], labels());
    let watches = [Watch::Topic("khoa-hoc-cong-nghe".to_owned())];
    let bytes = encode(&mail(&content(&articles, &labels, &watches))).unwrap();
    assert_eq!(
        bytes,
        encode(&mail(&content(&articles, &labels, &watches))).unwrap(),
        "a resend is the same mail"
    );
    assert!(bytes.is_ascii());
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "lone CR or LF");
    assert!(text.split("\r\n").all(|line| line.len() <= 998));

    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let python = Command::new("python3")
        .arg("-c")
        .arg(READ)
        .arg(file.path())
        .env("PYTHONIOENCODING", "utf8")
        .output();
    let Ok(python) = python else {
        println!("skipped: no python3");
        return;
    };
    assert!(
        python.status.success(),
        "{}",
        String::from_utf8_lossy(&python.stderr)
    );
    assert_snapshot!(String::from_utf8(python.stdout).unwrap(), @r#"
    From: Loa <loa@example.vn>
    To: lan@example.vn
    Subject: [Loa] Khoa học và công nghệ: Nghiệm thu đề tài khoa học <cấp tỉnh>
    Date: Tue, 24 Nov 2026 01:00:00 +0000
    Message-ID: <loa.delivery.7.t1@loa.example.vn>
    Auto-Submitted: auto-generated
    X-Auto-Response-Suppress: All
    Feedback-ID: topic-khoa-hoc-cong-nghe:alert:loa:loa-example-vn
    List-Id: <topic-khoa-hoc-cong-nghe.loa.quangtri.gov.vn>
    List-Unsubscribe: <https://loa.example.vn/unsubscribe/TOKEN>
    List-Unsubscribe-Post: List-Unsubscribe=One-Click
    MIME-Version: 1.0
    text/plain utf-8 quoted-printable True
    text/html utf-8 quoted-printable True
    Tin mới từ Cổng thông tin điện tử tỉnh Quảng Trị
    "#);
}

#[test]
fn what_would_break_a_header_is_refused_or_flattened() {
    let (articles, labels) = ([science(12)], labels());
    let good = mail(&content(&articles, &labels, &[]));

    let mut subject = good.clone();
    subject.subject = "Tin\r\nBcc: someone@example.vn".to_owned();
    let bytes = String::from_utf8(encode(&subject).unwrap()).unwrap();
    assert!(!bytes.contains("\nBcc:"));

    let mut link = good.clone();
    link.unsubscribe_url = Some("https://loa.example.vn/x>\r\nBcc: someone@example.vn".to_owned());
    assert!(matches!(encode(&link), Err(SendError::Refused(_))));

    let mut list = good.clone();
    list.list_id = Some("a\nb".to_owned());
    assert!(matches!(encode(&list), Err(SendError::Refused(_))));

    let mut id = good;
    id.message_id = "<a b@c>".to_owned();
    assert!(matches!(encode(&id), Err(SendError::Refused(_))));
}
