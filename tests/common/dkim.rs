//! A verifier of DKIM signatures (RFC 6376, section 6), written from the receiver's side and with nothing of the code that signs.
//! That it takes what it should is shown by the signed mail of RFC 8463.

use std::path::PathBuf;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use loa::notify::{Secret, email::dkim::Signer};
use ring::{
    digest::{SHA256, digest},
    signature::{ED25519, RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY, UnparsedPublicKey},
};

/// What the DNS says: name and text.
pub type Zone = Vec<(String, String)>;

/// A file of the tests' keys.
pub fn key_file(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/dkim")).join(name)
}

/// What such a file holds.
pub fn key(name: &str) -> Secret {
    Secret::new(std::fs::read_to_string(key_file(name)).unwrap())
}

/// Signs for example.vn with RSA and Ed25519.
pub fn signer() -> Signer {
    let rsa = Signer::rsa("example.vn", "loa", &key("rsa-2048.pem")).unwrap();
    rsa.and_ed25519("loa-ed", &key("ed25519.pem")).unwrap()
}

/// The records of a signer.
pub fn zone(signer: &Signer) -> Zone {
    let records = signer.records();
    records
        .into_iter()
        .map(|record| (record.name, record.text))
        .collect()
}

/// The outcome of every signature of a mail, from the top: `rsa: pass`, or why not.
pub fn verify(mail: &str, zone: &Zone) -> Vec<String> {
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    let fields = unfolded(head);
    let signatures = fields
        .iter()
        .enumerate()
        .filter(|(_, field)| name(field) == "dkim-signature");
    signatures
        .map(|(at, signature)| {
            let tags = tags(value(signature));
            let algorithm = of(&tags, "a").split('-').next().unwrap().to_owned();
            match judge(&fields, at, &tags, body, zone) {
                Ok(()) => format!("{algorithm}: pass"),
                Err(why) => format!("{algorithm}: {why}"),
            }
        })
        .collect()
}

/// The tags of the first signature.
pub fn first_signature(mail: &str) -> Vec<(String, String)> {
    let (head, _) = mail.split_once("\r\n\r\n").unwrap();
    let fields = unfolded(head);
    let signature = fields.iter().find(|field| name(field) == "dkim-signature");
    tags(value(signature.expect("a signature")))
}

fn judge(
    fields: &[String],
    at: usize,
    tags: &[(String, String)],
    body: &str,
    zone: &Zone,
) -> Result<(), String> {
    for (tag, wanted) in [("v", "1"), ("c", "relaxed/relaxed")] {
        if of(tags, tag) != wanted {
            return Err(format!("{tag}={}", of(tags, tag)));
        }
    }
    let bare = |text: &str| text.split_whitespace().collect::<String>();
    let body_hash = STANDARD.encode(digest(&SHA256, relaxed_body(body).as_bytes()));
    if bare(of(tags, "bh")) != body_hash {
        return Err("the body was changed".to_owned());
    }
    let mut unused: Vec<&String> = fields.iter().collect();
    let own = unused.remove(at);
    let mut signed = Vec::new();
    for wanted in of(tags, "h").split(':') {
        // From the bottom up, each field once.
        let found = unused
            .iter()
            .rposition(|field| name(field) == wanted.trim().to_lowercase());
        if let Some(found) = found {
            let field = unused.remove(found);
            signed.push(format!("{}:{}", name(field), squeezed(value(field)).trim()));
        }
    }
    let without: Vec<String> = value(own)
        .split(';')
        .map(|tag| match tag.split_once('=') {
            Some((name, _)) if name.trim() == "b" => format!("{name}="),
            _ => tag.to_owned(),
        })
        .collect();
    signed.push(format!("dkim-signature:{}", squeezed(&without.join(";")).trim()));
    let signed = signed.join("\r\n");

    let asked = format!("{}._domainkey.{}", of(tags, "s"), of(tags, "d"));
    let record = zone.iter().find(|(name, _)| *name == asked);
    let record = self::tags(&record.ok_or(format!("no {asked} in the DNS"))?.1);
    let public = STANDARD.decode(bare(of(&record, "p"))).unwrap();
    let signature = STANDARD.decode(bare(of(tags, "b"))).map_err(|e| e.to_string())?;
    let verified = match (of(tags, "a"), of(&record, "k")) {
        ("rsa-sha256", "rsa") => {
            let key = UnparsedPublicKey::new(
                &RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
                out_of_spki(&public),
            );
            key.verify(signed.as_bytes(), &signature)
        }
        ("ed25519-sha256", "ed25519") => {
            let hash = digest(&SHA256, signed.as_bytes());
            UnparsedPublicKey::new(&ED25519, &public).verify(hash.as_ref(), &signature)
        }
        other => return Err(format!("{other:?}")),
    };
    verified.map_err(|_| "the header was changed".to_owned())
}

fn unfolded(head: &str) -> Vec<String> {
    let head = head.replace("\r\n ", " ").replace("\r\n\t", "\t");
    head.split("\r\n").map(str::to_owned).collect()
}

fn name(field: &str) -> String {
    field.split(':').next().unwrap().trim().to_lowercase()
}

fn value(field: &str) -> &str {
    field.split_once(':').unwrap().1
}

fn tags(text: &str) -> Vec<(String, String)> {
    let pairs = text.split(';').filter_map(|tag| tag.split_once('='));
    pairs
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

/// A tag's value; nothing where there is none.
pub fn of<'a>(tags: &'a [(String, String)], name: &str) -> &'a str {
    tags.iter()
        .find(|(of, _)| of == name)
        .map_or("", |(_, value)| value)
}

/// Every run of spaces and tabs as one space.
fn squeezed(text: &str) -> String {
    let mut text = text.replace('\t', " ");
    while text.contains("  ") {
        text = text.replace("  ", " ");
    }
    text
}

fn relaxed_body(body: &str) -> String {
    let lines: Vec<String> = body
        .split("\r\n")
        .map(|line| squeezed(line).trim_end_matches(' ').to_owned())
        .collect();
    let text = lines.join("\r\n");
    let text = text.trim_end_matches("\r\n");
    if text.is_empty() {
        String::new()
    } else {
        format!("{text}\r\n")
    }
}

/// The `RSAPublicKey` inside a `SubjectPublicKeyInfo`: what follows the bit string's head.
fn out_of_spki(spki: &[u8]) -> &[u8] {
    let end_of_algorithm = spki
        .windows(3)
        .position(|three| three == [0x05, 0x00, 0x03])
        .unwrap()
        + 3;
    let length = &spki[end_of_algorithm..];
    let bytes_of_length = match length[0] {
        0..=0x7f => 1,
        long => 1 + usize::from(long & 0x7f),
    };
    &length[bytes_of_length + 1..]
}
