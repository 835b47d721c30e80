//! What mail servers send back, read. Seven samples are what a Postfix wrote; the others are modelled on what Exim, Exchange,
//! Gmail, qmail, gateways and feedback loops write.

use std::{fmt::Write as _, path::Path};

use loa::{
    domain::subscription::{Address, Channel},
    notify::email::bounce::{MOST_BYTES, read},
};
use proptest::prelude::*;

pub const MARK: &str = "7-9f86d081884c7d65";

/// A sample by its name.
pub fn sample(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bounces");
    std::fs::read(path.join(format!("{name}.eml"))).unwrap_or_else(|e| panic!("{name}: {e}"))
}

fn samples() -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/bounces");
    let name = |entry: std::fs::DirEntry| entry.path().file_stem().unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> = std::fs::read_dir(path)
        .unwrap()
        .map(|e| name(e.unwrap()))
        .collect();
    names.sort();
    assert!(names.len() > 30, "the samples are where they are looked for");
    names
}

fn lan() -> Address {
    Address::parse(Channel::Email, "lan@co-quan.example").unwrap()
}

/// `hard 5.1.1 (dsn): words`, or why nothing follows.
fn said(mail: &[u8]) -> String {
    match read(mail).word.about(&lan()) {
        Ok(b) => {
            let status = b.status.map_or("-".to_owned(), |status| status.to_string());
            format!(
                "{} {status} ({}): {}",
                b.kind.as_str(),
                b.source.as_str(),
                b.detail
            )
        }
        Err(why) => format!("nothing: {why}"),
    }
}

#[test]
fn every_sample_says_what_it_means() {
    let mut all = String::new();
    for name in samples() {
        let mail = sample(&name);
        assert_eq!(read(&mail).marks, [MARK], "{name}");
        let said = said(&mail);
        assert!(!said.contains("lan@") && !said.contains("lan"), "{name}: {said}");
        writeln!(all, "{name}: {said}").unwrap();
    }
    insta::assert_snapshot!(all, @r"
    arf-abuse: complaint - (arf): abuse
    arf-mail-from: complaint - (arf): abuse
    arf-nameless: nothing: a feedback report without a type
    arf-not-spam: nothing: a report that a mail is not spam
    arf-opt-out: complaint - (arf): opt-out
    base64-status: hard 5.1.1 (dsn): 5.1.1
    envelope-id: hard 5.1.1 (dsn): 5.1.1
    exchange-online-edge: soft 5.4.1 (dsn): 550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [SG2APC01FT0012.eop-APC01.prod.protection.outlook.com]
    exchange-online-unknown: hard 5.1.10 (dsn): 550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient [address] not found by SMTP address lookup
    exchange-too-big: refused 5.3.4 (dsn): 552 5.3.4 RESOLVER.RST.RecipSizeLimit; message too large for this recipient
    exim-unknown: hard 5.1.1 (dsn): 550 5.1.1 [address] User unknown
    exim-unrouteable: soft 5.0.0 (dsn): 5.0.0
    expanded: nothing: a report that the mail arrived
    forwarded: soft 5.1.1 (dsn): 550 5.1.1 [address] no such user
    gateway-text: soft - (text): Thư gửi tới [address] không chuyển được. Delivery failed: mailbox for [address] is not available.
    gmail-full: soft 5.2.2 (dsn): 552-5.2.2 The recipient's inbox is out of storage space. Please direct the 552-5.2.2 recipient to 552 5.2.2 https://support.google.com/mail/?p=OverQuotaPerm
    gmail-unknown: hard 5.1.1 (dsn): 550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos or 550 5.1.1 unnecessary spaces. https://support.google.com/mail/?p=NoSuchUser 98e67ed59e1d1
    office-list: soft 5.1.1 (dsn): 5.1.1
    out-of-office: nothing: an automatic reply
    postfix-delayed: delayed 4.2.2 (dsn): Mailbox full, try again
    postfix-delivered: nothing: a report that the mail arrived
    postfix-expired: soft 4.2.2 (dsn): Mailbox full, try again
    postfix-full: soft 5.2.2 (dsn): Mailbox full
    postfix-policy: refused 5.7.1 (dsn): 554 5.7.1 Message rejected due to local policy
    postfix-remote-unknown: hard 5.1.1 (dsn): 550 5.1.1 [address] Recipient address rejected: User unknown in local recipient table
    postfix-unknown: hard 5.1.1 (dsn): unknown user: [address]
    postmaster-person: nothing: neither a bounce nor a complaint
    qmail: hard 5.1.1 (text): Sorry, no mailbox here by that name. (#5.1.1)
    qmail-remote: refused 5.7.1 (text): Remote host said: 552 sorry, that message content is not accepted (#5.7.1)
    reply: nothing: neither a bounce nor a complaint
    text-delay: delayed 4.7.1 (text): A message that you sent has not yet been delivered: 451 4.7.1 greylisted
    utf-8: hard 5.1.1 (dsn): 550 5.1.1 Không có người dùng [address]
    vacation: nothing: an automatic reply
    wrapped: hard 5.1.1 (dsn): 550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address for typos or 550 5.1.1 unnecessary spaces. https://support.google.com/mail/?p=NoSuchUser 98e67ed59e1d1
    wrong-action: hard 5.1.1 (dsn): 550 [address] unknown
    ");
}

#[test]
fn only_where_a_mail_server_or_a_report_puts_marks_are_they_looked_for() {
    let marks = |text: &str| read(text.as_bytes()).marks;
    for (field, expected) in [
        ("X-Original-To: bounces+7-9f86d081884c7d65@x.vn", 1),
        ("Envelope-To: <BOUNCES+7-9F86D081884C7D65@X.VN>", 1),
        ("To: \"a+b@c\" <bounces+7-9f86d081884c7d65@x.vn>, d@e.vn", 1),
        ("To: tin+hoi+7-9f86d081884c7d65@x.vn", 1),
        ("Subject: bounces+7-9f86d081884c7d65@x.vn", 0),
        ("From: bounces+7-9f86d081884c7d65@x.vn", 0),
        ("To: bounces+7-9f86d081884c7d6@x.vn", 0),
        ("To: bounces+-9f86d081884c7d65@x.vn", 0),
        ("To: bounces+7-9f86d081884c7dxx@x.vn", 0),
        ("To: bounces+99999999999999999999-9f86d081884c7d65@x.vn", 0),
        ("To: 7-9f86d081884c7d65@x.vn", 0),
    ] {
        assert_eq!(marks(&format!("{field}\n\nx")).len(), expected, "{field}");
    }
    // The return path of the mail inside a bounce proves nothing: whoever got the mail has it.
    let inside = String::from_utf8(sample("postfix-full")).unwrap();
    let (_, inside) = inside.split_once("MIME-Version").unwrap();
    assert!(inside.contains("Return-Path: <bounces+7-"));
    assert_eq!(marks(&format!("MIME-Version{inside}")), [""; 0]);
}

#[test]
fn a_mail_of_marks_is_not_worked_through() {
    let many: String = (0..10_000).fold(String::from("To: "), |mut text, i| {
        write!(text, "b+{i}-9f86d081884c7d65@x.vn, ").unwrap();
        text
    });
    assert_eq!(read(format!("{many}\n\n").as_bytes()).marks.len(), 8);
}

#[test]
fn mails_inside_of_mails_do_not_exhaust_the_stack() {
    let nested = "Content-Type: message/rfc822\n\n".repeat(40_000);
    assert!(nested.len() > MOST_BYTES);
    assert_eq!(
        said(nested.as_bytes()),
        "nothing: neither a bounce nor a complaint"
    );
    let boxes = "Content-Type: multipart/report; boundary=a\n\n--a\n".repeat(20_000);
    assert_eq!(
        said(boxes.as_bytes()),
        "nothing: neither a bounce nor a complaint"
    );
    let mut parts = String::from("Content-Type: multipart/report; boundary=a\n\n");
    parts.push_str(&"--a\nContent-Type: message/delivery-status\n\n\n".repeat(20_000));
    assert_eq!(said(parts.as_bytes()), "nothing: a delivery report about nobody");
}

#[test]
fn what_stands_behind_the_first_megabyte_is_not_read() {
    let mut mail = sample("postfix-unknown");
    let (head, tail) = {
        let at = mail.windows(4).position(|w| w == b"--5A").unwrap();
        let tail = mail.split_off(at);
        (mail, tail)
    };
    let with = |padding: usize| [head.clone(), b"x".repeat(padding), b"\n".to_vec(), tail.clone()].concat();
    assert!(said(&with(1000)).starts_with("hard"));
    assert!(said(&with(50 << 20)).starts_with("nothing"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// Cut off, overwritten, doubled: whatever becomes of a mail on its way, reading it ends, and never says more than before.
    #[test]
    fn damaged_mails_are_read_to_the_end(which in 0..1000usize, from in 0..5000usize, length in 0..400usize, bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
        let names = samples();
        let mut mail = sample(&names[which % names.len()]);
        let from = from % mail.len();
        let to = (from + length).min(mail.len());
        mail.splice(from..to, bytes);
        let _ = said(&mail);
        let _ = said(&mail[..from]);
        let _ = said(&mail[from..]);
    }

    #[test]
    fn noise_is_no_bounce(bytes in proptest::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(said(&bytes).starts_with("nothing"));
        prop_assert!(read(&bytes).marks.is_empty());
    }
}
