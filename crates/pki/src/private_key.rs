//! Private keys, as PEM in the format kops stores: PKCS#1 for RSA, SEC1 for elliptic curves.

use std::fmt;

use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef};
use rcgen::KeyPair;
use zeroize::Zeroizing;

use super::{Certificate, PkiError, pem};

/// A private key in PEM, wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct PrivateKey {
    pem: Zeroizing<String>,
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PrivateKey")
    }
}

impl PrivateKey {
    /// Reads PKCS#1, SEC1 or PKCS#8; blocks of other kinds are skipped.
    pub fn parse(text: &str) -> Result<Self, PkiError> {
        let blocks = pem::blocks(text);
        let block = blocks.iter().find(|b| b.label == "PRIVATE KEY" || b.label.ends_with(" PRIVATE KEY"));
        let block = block.ok_or(PkiError::NotPem("the private key"))?;
        let pem = match block.label.as_str() {
            "RSA PRIVATE KEY" | "EC PRIVATE KEY" => pem::encode(&block.label, &block.content),
            "PRIVATE KEY" => match pkcs1_of(&block.content) {
                Some(pkcs1) => pem::encode("RSA PRIVATE KEY", pkcs1),
                // kops and the API server read this format too, and an elliptic key carries its curve in it.
                None => pem::encode("PRIVATE KEY", &block.content),
            },
            _ => return Err(PkiError::PrivateKey),
        };
        let key = Self { pem };
        key.signer()?;
        Ok(key)
    }

    /// A new RSA key, from the system's random source.
    pub(super) fn generate(bits: u64) -> Result<Self, PkiError> {
        let size = match bits {
            2048 => rcgen::RsaKeySize::_2048,
            3072 => rcgen::RsaKeySize::_3072,
            4096 => rcgen::RsaKeySize::_4096,
            other => return Err(PkiError::UnsupportedKeySize(other)),
        };
        let failed = |reason: String| PkiError::Making { what: "a private key", reason };
        let pair = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size).map_err(|e| failed(e.to_string()))?;
        let pkcs8 = Zeroizing::new(pair.serialize_der());
        let pkcs1 = pkcs1_of(&pkcs8).ok_or_else(|| failed("it is not in PKCS#8 format".to_owned()))?;
        Ok(Self { pem: pem::encode("RSA PRIVATE KEY", pkcs1) })
    }

    /// The key as PEM.
    pub fn pem(&self) -> &Zeroizing<String> {
        &self.pem
    }

    /// Whether a certificate is for this key.
    pub fn belongs_to(&self, certificate: &Certificate) -> Result<bool, PkiError> {
        use rcgen::PublicKeyData as _;
        Ok(self.signer()?.subject_public_key_info() == certificate.public_key)
    }

    /// The key in the form that signs.
    pub(super) fn signer(&self) -> Result<KeyPair, PkiError> {
        KeyPair::from_pem(&self.pem).map_err(|_| PkiError::PrivateKey)
    }
}

/// The PKCS#1 form inside a PKCS#8 RSA key; `None` if it is not an RSA key.
fn pkcs1_of(pkcs8: &[u8]) -> Option<&[u8]> {
    /// `rsaEncryption`, RFC 8017.
    const RSA_ENCRYPTION: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
    let key = PrivateKeyInfoRef::try_from(pkcs8).ok()?;
    (key.algorithm.oid == RSA_ENCRYPTION).then(|| key.private_key.as_bytes())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn a_new_key_is_pkcs1_and_reads_back() {
        let key = PrivateKey::generate(2048).unwrap();
        assert!(key.pem().starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
        assert_eq!(PrivateKey::parse(key.pem()).unwrap(), key);
        assert_eq!(format!("{key:?}"), "PrivateKey");
    }

    #[test]
    fn pkcs8_becomes_pkcs1() {
        let pair = KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048).unwrap();
        let key = PrivateKey::parse(&pair.serialize_pem()).unwrap();
        assert!(key.pem().starts_with("-----BEGIN RSA PRIVATE KEY-----\n"));
        assert_eq!(key.signer().unwrap().public_key_raw(), pair.public_key_raw());
    }

    #[test]
    fn errors_do_not_show_the_key() {
        let secret = "c2VjcmV0IGJ5dGVz";
        let text = format!("-----BEGIN RSA PRIVATE KEY-----\n{secret}\n-----END RSA PRIVATE KEY-----\n");
        let error = PrivateKey::parse(&text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains(secret));
        assert_eq!(PrivateKey::parse("x"), Err(PkiError::NotPem("the private key")));
    }
}
