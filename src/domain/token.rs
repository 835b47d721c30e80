//! The tokens in private links: whom a link belongs to, proven by a keyed hash.
//!
//! Nothing is stored for a token. It is made from a row id and a key that only this Loa knows, so that every copy of one
//! message carries the same link, however often it is sent, and a leaked database of subscribers alone forges none. Each
//! purpose has proofs of its own: a link to unsubscribe opens no private page.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Makes and checks tokens.
#[derive(Clone)]
pub struct Tokens {
    key: [u8; 32],
}

/// Bytes of the proof: 128 bits are beyond guessing, and keep the link short.
const PROOF_BYTES: usize = 16;

/// Bytes of the proof in a return path, whose local part has 64 characters at most: a guess has to be mailed.
const MARK_BYTES: usize = 8;

const UNSUBSCRIBE: &[u8] = b"unsubscribe";
const CONFIRM: &[u8] = b"confirm";
const MANAGE: &[u8] = b"manage";
const BOUNCE: &[u8] = b"bounce";
const FORM: &[u8] = b"form";
const WEBHOOK: &[u8] = b"webhook";

impl Tokens {
    /// From a secret text of any length.
    pub fn new(secret: &str) -> Self {
        Self {
            key: blake3::derive_key("loa 2026 private links", secret.as_bytes()),
        }
    }

    /// The token of a subscriber's unsubscribe link.
    pub fn unsubscribe(&self, subscriber: i64) -> String {
        self.token(UNSUBSCRIBE, subscriber, &[])
    }

    /// The subscriber that an unsubscribe token belongs to, if it is one of ours. Compares in constant time.
    pub fn subscriber(&self, token: &str) -> Option<i64> {
        let id = row_id(token)?;
        self.is_proven(UNSUBSCRIBE, token, id, &[]).then_some(id)
    }

    /// The token of the link that confirms a sign-up.
    pub fn confirm(&self, signup: i64) -> String {
        self.token(CONFIRM, signup, &[])
    }

    /// The sign-up that a confirmation's token belongs to.
    pub fn signup(&self, token: &str) -> Option<i64> {
        let id = row_id(token)?;
        self.is_proven(CONFIRM, token, id, &[]).then_some(id)
    }

    /// The token of a subscriber's private page. `link_number` is the subscriber's own: another number makes every earlier
    /// link void.
    pub fn manage(&self, subscriber: i64, link_number: i64) -> String {
        self.token(MANAGE, subscriber, &link_number.to_be_bytes())
    }

    /// Whether a token opens the private page of a subscriber with this link number.
    pub fn opens(&self, token: &str, subscriber: i64, link_number: i64) -> bool {
        self.is_proven(MANAGE, token, subscriber, &link_number.to_be_bytes())
    }

    /// What marks the return path of a delivery's mail (VERP) and its ENVID: `7-9f86d081884c7d65`. Mail servers may change
    /// the case of letters, so that it has none that matters; the proof keeps strangers from reporting bounces.
    pub fn bounce_mark(&self, delivery: i64) -> String {
        let proof = self.proof(BOUNCE, delivery, &[]);
        let proof: String = proof.as_bytes()[..MARK_BYTES]
            .iter()
            .flat_map(|byte| [byte >> 4, byte & 15])
            .filter_map(|digit| char::from_digit(u32::from(digit), 16))
            .collect();
        format!("{delivery}-{proof}")
    }

    /// The delivery that a bounce's mark belongs to, if we made it.
    pub fn bounced(&self, mark: &str) -> Option<i64> {
        let (id, _) = mark.split_once('-')?;
        let id: i64 = id.parse().ok()?;
        // Hashed first: the time that a comparison takes then tells nothing about the right mark.
        let hash = |text: &str| blake3::keyed_hash(&self.key, text.to_ascii_lowercase().as_bytes());
        (hash(mark) == hash(&self.bounce_mark(id))).then_some(id)
    }

    /// The key that a subscriber's webhooks are signed with: 256 bits.
    pub fn webhook_key(&self, subscriber: i64) -> [u8; 32] {
        *self.proof(WEBHOOK, subscriber, &[]).as_bytes()
    }

    /// What an address is known by where the address itself must not be kept. The same for every spelling of it that
    /// mail servers treat alike.
    pub fn address_hash(&self, address: &str) -> String {
        let hash = blake3::keyed_hash(&self.key, address.to_lowercase().as_bytes());
        URL_SAFE_NO_PAD.encode(&hash.as_bytes()[..PROOF_BYTES])
    }

    /// The proof that a text on a form was written by us; letters, digits, `-` and `_`.
    pub fn form_proof(&self, text: &str) -> String {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(FORM).update(text.as_bytes());
        URL_SAFE_NO_PAD.encode(&hasher.finalize().as_bytes()[..PROOF_BYTES])
    }

    /// Whether a proof belongs to a text.
    pub fn is_form_proof(&self, text: &str, proof: &str) -> bool {
        // Hashed first: the time that a comparison takes then tells nothing about the right proof.
        blake3::keyed_hash(&self.key, proof.as_bytes())
            == blake3::keyed_hash(&self.key, self.form_proof(text).as_bytes())
    }

    /// The secret that Telegram sends with each update: the same in every process on one database.
    pub fn webhook_secret(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.proof(WEBHOOK, 0, &[]).as_bytes())
    }

    fn token(&self, purpose: &[u8], id: i64, more: &[u8]) -> String {
        let mut bytes = id.to_be_bytes().to_vec();
        bytes.extend_from_slice(&self.proof(purpose, id, more).as_bytes()[..PROOF_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    fn is_proven(&self, purpose: &[u8], token: &str, id: i64, more: &[u8]) -> bool {
        let Some(bytes) = URL_SAFE_NO_PAD.decode(token).ok() else {
            return false;
        };
        let Some((given_id, proof)) = bytes.split_first_chunk::<8>() else {
            return false;
        };
        let right = self.proof(purpose, id, more);
        let mut padded = *right.as_bytes();
        let has_length = proof.len() == PROOF_BYTES;
        padded[..PROOF_BYTES].copy_from_slice(if has_length { proof } else { &[0; PROOF_BYTES] });
        // blake3's hashes compare in constant time.
        has_length && i64::from_be_bytes(*given_id) == id && blake3::Hash::from(padded) == right
    }

    fn proof(&self, purpose: &[u8], id: i64, more: &[u8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(purpose).update(&id.to_be_bytes()).update(more);
        hasher.finalize()
    }
}

/// The row that a token claims to belong to: not proven yet, only where to look.
pub fn row_id(token: &str) -> Option<i64> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
    bytes.first_chunk::<8>().map(|id| i64::from_be_bytes(*id))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_names_its_subscriber_and_nothing_else_does() {
        let tokens = Tokens::new("one");
        let token = tokens.unsubscribe(42);
        assert_eq!(tokens.subscriber(&token), Some(42));
        assert_eq!(Tokens::new("two").subscriber(&token), None);
        assert_eq!(tokens.subscriber(&token[..token.len() - 2]), None);
        assert_eq!(tokens.subscriber(""), None);
        let mut other = URL_SAFE_NO_PAD.decode(&token).unwrap();
        other[7] ^= 1;
        assert_eq!(
            tokens.subscriber(&URL_SAFE_NO_PAD.encode(&other)),
            None,
            "another id needs another proof"
        );
        other[7] ^= 1;
        other[23] ^= 1;
        assert_eq!(tokens.subscriber(&URL_SAFE_NO_PAD.encode(&other)), None);
    }

    #[test]
    fn each_purpose_has_tokens_of_its_own() {
        let tokens = Tokens::new("one");
        assert_eq!(tokens.signup(&tokens.confirm(42)), Some(42));
        assert_eq!(tokens.signup(&tokens.unsubscribe(42)), None);
        assert_eq!(tokens.subscriber(&tokens.confirm(42)), None);
        let link = tokens.manage(42, 3);
        assert_eq!(row_id(&link), Some(42));
        assert!(tokens.opens(&link, 42, 3));
        assert!(
            !tokens.opens(&link, 42, 4),
            "a new number makes earlier links void"
        );
        assert!(!tokens.opens(&link, 43, 3));
        assert!(!tokens.opens(&tokens.unsubscribe(42), 42, 3));
    }

    #[test]
    fn a_bounce_is_known_by_its_mark_in_any_case() {
        let tokens = Tokens::new("one");
        let mark = tokens.bounce_mark(7);
        assert!(mark.len() < 40 && mark.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'));
        assert_eq!(tokens.bounced(&mark), Some(7));
        assert_eq!(tokens.bounced(&mark.to_uppercase()), Some(7));
        assert_eq!(tokens.bounced(&mark.replacen('7', "8", 1)), None);
        assert_eq!(Tokens::new("two").bounced(&mark), None);
        assert_eq!(tokens.bounced("7-"), None);
    }
}
