//! Private keys out of PEM texts, and their public parts.

use std::sync::Arc;

use ring::{
    digest::{SHA256, digest},
    rand::SystemRandom,
    rsa,
    signature::{Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256},
};
use rustls::pki_types::{PrivateKeyDer, pem::PemObject as _};

use crate::notify::Secret;

/// Why a key cannot sign; nothing of it is repeated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// No private key in the text.
    #[error("holds no private key (expected PEM, PKCS#8 or PKCS#1, without a passphrase)")]
    NotAKey,
    /// Another kind where RSA is wanted.
    #[error(
        "holds no RSA key; every receiver verifies RSA, but not every one Ed25519, which may sign beside it"
    )]
    NotRsa,
    /// Another kind where Ed25519 is wanted.
    #[error("holds no Ed25519 key in PKCS#8")]
    NotEd25519,
    /// An RSA key that ring does not take; the library's own word for it.
    #[error("holds an RSA key that cannot be used ({0}); 2048 to 4096 bits and the exponent 65537 are taken")]
    Rsa(String),
}

/// A key that signs.
#[derive(Clone)]
pub(super) enum Key {
    Rsa(Arc<rsa::KeyPair>),
    Ed25519(Arc<Ed25519KeyPair>),
}

impl Key {
    pub(super) fn rsa(pem: &Secret) -> Result<Self, KeyError> {
        let pair = match der(pem)? {
            PrivateKeyDer::Pkcs1(der) => rsa::KeyPair::from_der(der.secret_pkcs1_der()),
            PrivateKeyDer::Pkcs8(der) => {
                let der = der.secret_pkcs8_der();
                if Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).is_ok() {
                    return Err(KeyError::NotRsa);
                }
                rsa::KeyPair::from_pkcs8(der)
            }
            _ => return Err(KeyError::NotRsa),
        };
        let pair = pair.map_err(|e| KeyError::Rsa(e.to_string()))?;
        Ok(Self::Rsa(Arc::new(pair)))
    }

    pub(super) fn ed25519(pem: &Secret) -> Result<Self, KeyError> {
        let PrivateKeyDer::Pkcs8(der) = der(pem)? else {
            return Err(KeyError::NotEd25519);
        };
        // OpenSSL writes the private part alone, so that there is no public one to compare with.
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(der.secret_pkcs8_der());
        Ok(Self::Ed25519(Arc::new(pair.map_err(|_| KeyError::NotEd25519)?)))
    }

    /// As `a=` and `k=` name it.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Rsa(_) => "rsa",
            Self::Ed25519(_) => "ed25519",
        }
    }

    /// For people.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Rsa(pair) => format!("RSA, {} bits", pair.public().modulus_len() * 8),
            Self::Ed25519(_) => "Ed25519".to_owned(),
        }
    }

    /// The public part as `p=` holds it: `SubjectPublicKeyInfo` for RSA, the bare 32 bytes for Ed25519.
    pub(super) fn public(&self) -> Vec<u8> {
        match self {
            Self::Rsa(pair) => subject_public_key_info(pair.public().as_ref()),
            Self::Ed25519(pair) => pair.public_key().as_ref().to_vec(),
        }
    }

    /// Signs the message's SHA-256 (for Ed25519 too: RFC 8463, 3). `None` where the system has no randomness.
    pub(super) fn sign(&self, message: &[u8]) -> Option<Vec<u8>> {
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                // The randomness blinds the computation; the signature is the same each time.
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
                    .ok()?;
                Some(signature)
            }
            Self::Ed25519(pair) => Some(pair.sign(digest(&SHA256, message).as_ref()).as_ref().to_vec()),
        }
    }
}

fn der(pem: &Secret) -> Result<PrivateKeyDer<'static>, KeyError> {
    PrivateKeyDer::from_pem_slice(pem.expose().as_bytes()).map_err(|_| KeyError::NotAKey)
}

/// The algorithm `rsaEncryption` with no parameters, as DER.
const RSA_ENCRYPTION: [u8; 15] = [
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

/// An `RSAPublicKey` in the form that receivers expect in the DNS.
fn subject_public_key_info(rsa_public_key: &[u8]) -> Vec<u8> {
    // The bit string's first byte: how many bits of the last one are unused.
    let bits = tagged(0x03, &[&[0], rsa_public_key].concat());
    tagged(0x30, &[&RSA_ENCRYPTION[..], &bits].concat())
}

/// A DER value: tag, length, content.
fn tagged(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let first = length.iter().position(|b| *b != 0).unwrap_or(length.len() - 1);
    let length = &length[first..];
    let mut out = vec![tag];
    if let [short @ 0..=0x7f] = length {
        out.push(*short);
    } else {
        // A length takes at most eight bytes.
        out.push(0x80 | u8::try_from(length.len()).unwrap_or(8));
        out.extend_from_slice(length);
    }
    out.extend_from_slice(content);
    out
}
