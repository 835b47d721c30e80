//! The tokens in private links: which subscriber a link belongs to, proven by a keyed hash.
//!
//! Nothing is stored for a token. It is made from the subscriber's row id and a key that only this Loa knows, so that
//! every copy of one message carries the same link, however often it is sent, and a leaked database of subscribers alone
//! forges none.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

/// Makes and checks tokens.
#[derive(Clone)]
pub struct Tokens {
    key: [u8; 32],
}

/// Bytes of the proof: 128 bits are beyond guessing, and keep the link short.
const PROOF_BYTES: usize = 16;

impl Tokens {
    /// From a secret text of any length.
    pub fn new(secret: &str) -> Self {
        Self {
            key: blake3::derive_key("loa 2026 private links", secret.as_bytes()),
        }
    }

    /// The token of a subscriber's unsubscribe link.
    pub fn unsubscribe(&self, subscriber: i64) -> String {
        let id = subscriber.to_be_bytes();
        let mut bytes = id.to_vec();
        bytes.extend_from_slice(&self.proof(id).as_bytes()[..PROOF_BYTES]);
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// The subscriber that an unsubscribe token belongs to, if it is one of ours. Compares in constant time.
    pub fn subscriber(&self, token: &str) -> Option<i64> {
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (id, proof) = bytes.split_first_chunk::<8>()?;
        let mut padded = *self.proof(*id).as_bytes();
        let given = proof.len() == PROOF_BYTES;
        padded[..PROOF_BYTES].copy_from_slice(if given { proof } else { &[0; PROOF_BYTES] });
        // blake3's hashes compare in constant time.
        (given && blake3::Hash::from(padded) == self.proof(*id)).then(|| i64::from_be_bytes(*id))
    }

    fn proof(&self, id: [u8; 8]) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        hasher.update(b"unsubscribe").update(&id);
        hasher.finalize()
    }
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
}
