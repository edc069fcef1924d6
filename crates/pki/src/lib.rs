//! Keys and certificates: keysets as the state store holds them, secrets, SSH keys.
//!
//! - [`Keyset`] is the generations of one certificate authority or signing key: [`parse_keyset`] and [`print_keyset`] are its
//!   format in the store, the methods are its rotation.
//! - [`Certificate`] and [`PrivateKey`] are read from PEM; [`issue_authority`] and [`issue_client`] make certificates.
//! - [`Secret`] is a token, or what a user gives to `create secret`; [`ssh_fingerprint`] names an SSH key in the store.
//!
//! Whatever makes something new takes a [`KeySource`], so that tests get the same keys, numbers and times in every run. Private
//! material in values of this crate is wiped from memory when dropped, and no `Debug` output or error shows it.

mod certificate;
mod issue;
mod keyset;
mod keyset_format;
mod pem;
mod private_key;
mod secret;
mod source;
mod ssh;

pub use certificate::*;
pub use issue::*;
pub use keyset::*;
pub use keyset_format::*;
pub use private_key::PrivateKey;
pub use secret::*;
pub use source::*;
pub use ssh::*;

use kopsform_diagnostics::Explain;

/// Why a key, certificate or secret cannot be read or made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PkiError {
    /// There is no PEM block with the expected label.
    #[error("{0} is not in PEM format")]
    NotPem(&'static str),
    /// A certificate is malformed.
    #[error("cannot parse the certificate: {0}")]
    Certificate(String),
    /// A private key is malformed or of an unsupported type. The key itself is never shown.
    #[error("cannot parse the private key")]
    PrivateKey,
    /// A keyset is malformed.
    #[error("cannot parse the keyset: {0}")]
    Keyset(String),
    /// A change would leave a keyset that must not be stored.
    #[error("keyset {keyset}: {reason}")]
    Invariant {
        /// The keyset's name.
        keyset: String,
        /// What is wrong.
        reason: String,
    },
    /// There is not a whole SSH public key.
    #[error("not an SSH public key: {0}")]
    Ssh(&'static str),
    /// Making a key or certificate failed.
    #[error("cannot make {what}: {reason}")]
    Making {
        /// What should have been made.
        what: &'static str,
        /// Why not.
        reason: String,
    },
    /// `KOPS_RSA_PRIVATE_KEY_SIZE` is not a number.
    #[error("error parsing KOPS_RSA_PRIVATE_KEY_SIZE={0} as integer")]
    KeySize(String),
    /// `KOPS_RSA_PRIVATE_KEY_SIZE` is not a supported size, in bits.
    #[error("RSA keys of {0} bits cannot be made")]
    UnsupportedKeySize(u64),
}

impl Explain for PkiError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Ssh(_) => vec!["give the public part, such as ~/.ssh/id_ed25519.pub".to_owned()],
            Self::KeySize(_) | Self::UnsupportedKeySize(_) => {
                vec!["set KOPS_RSA_PRIVATE_KEY_SIZE to 2048, 3072 or 4096, or unset it".to_owned()]
            }
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicU64, Ordering};

    use jiff::Timestamp;

    use super::*;

    /// A source that returns the same in every run: one key, a fixed time, a counter as randomness.
    pub(crate) struct FixedSource {
        now: Timestamp,
        drawn: AtomicU64,
    }

    impl FixedSource {
        pub(crate) fn new(now: &str) -> Self {
            Self { now: now.parse().unwrap(), drawn: AtomicU64::new(1) }
        }
    }

    impl KeySource for FixedSource {
        fn now(&self) -> Timestamp {
            self.now
        }

        fn random(&self, buffer: &mut [u8]) -> Result<(), PkiError> {
            let mut state = self.drawn.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            for byte in buffer {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                *byte = (state >> 56) as u8;
            }
            Ok(())
        }

        fn private_key(&self) -> Result<PrivateKey, PkiError> {
            static KEY: OnceLock<PrivateKey> = OnceLock::new();
            Ok(KEY.get_or_init(|| PrivateKey::generate(2048).unwrap()).clone())
        }
    }

    fn source() -> FixedSource {
        FixedSource::new("2026-01-02T03:04:05Z")
    }

    #[test]
    fn a_keyset_reads_back_what_was_printed() {
        let mut keyset = Keyset::create("kubernetes-ca", &source()).unwrap();
        let later = FixedSource::new("2026-02-02T03:04:05Z");
        let second = keyset.add_generated(None, false, &later).unwrap();
        let text = print_keyset(&keyset).unwrap();
        assert_eq!(parse_keyset("kubernetes-ca", &text).unwrap(), keyset);
        assert_eq!(keyset.items.last().unwrap().id, second);
        assert_ne!(keyset.primary_id, second);
        assert_eq!(keyset.trusted_certificates().matches("BEGIN CERTIFICATE").count(), 2);
    }

    #[test]
    fn a_rotation_goes_through_its_stages_and_each_can_be_repeated() {
        let mut keyset = Keyset::create("service-account", &source()).unwrap();
        let first = keyset.primary_id.clone();
        let later = FixedSource::new("2026-02-02T03:04:05Z");
        let second = keyset.add_generated(None, false, &later).unwrap();
        assert_eq!(keyset.promote(None).unwrap(), Some(second.clone()));
        assert_eq!(keyset.promote(None).unwrap(), None);
        assert_eq!(keyset.older_than_primary().unwrap(), std::slice::from_ref(&first));
        assert!(keyset.distrust(&first, later.now()).unwrap());
        assert!(!keyset.distrust(&first, later.now()).unwrap());
        assert_eq!(keyset.item(&first).unwrap().distrusted.as_deref(), Some("2026-02-02T03:04:05Z"));
        assert!(keyset.older_than_primary().unwrap().is_empty());
        assert!(keyset.distrust(&second, later.now()).is_err());
        assert!(keyset.promote(Some(&first)).is_err());
        assert!(keyset.trust(&first).unwrap());
    }

    #[test]
    fn a_certificate_without_key_sorts_before_the_primary() {
        let mut keyset = Keyset::create("kubernetes-ca", &source()).unwrap();
        let later = FixedSource::new("2027-01-01T00:00:00Z");
        let foreign = Keyset::create("foreign-ca", &later).unwrap();
        let certificate = foreign.primary().unwrap().parsed_certificate().unwrap().unwrap();
        assert_eq!(keyset.add(&certificate, None, false, &later).unwrap(), "0");
        assert!(keyset.add(&certificate, None, true, &later).is_err());
        assert_eq!(keyset.items.first().unwrap().id, "0");
        assert!(keyset.promote(Some("0")).is_err());
    }

    #[test]
    fn ids_are_ordered_as_numbers() {
        let mut ids = ["10", "9", "b", "a", "7710985607686351906493119414"];
        ids.sort_by(|a, b| id_order(a, b));
        assert_eq!(ids, ["a", "b", "9", "10", "7710985607686351906493119414"]);
    }

    #[test]
    fn a_distrusted_primary_gives_way_to_the_newest_trusted_one() {
        let mut keyset = Keyset::create("kubernetes-ca", &source()).unwrap();
        let second = keyset.add_generated(None, false, &FixedSource::new("2026-02-02T03:04:05Z")).unwrap();
        keyset.items[0].distrusted = Some("2026-03-01T00:00:00Z".to_owned());
        assert_eq!(keyset.effective_primary_id(), second);
        assert!(print_keyset(&keyset).is_err());
    }

    #[test]
    fn errors_do_not_show_keys() {
        let material = "c2VjcmV0LXNlY3JldC1zZWNyZXQ=";
        for text in [
            format!("kind: Keyset\nspec:\n  keys:\n  - id: \"1\"\n    privateMaterial: {material}\n"),
            format!("kind: Keyset\nspec:\n  keys: {material}\n"),
            format!("kind: [{material}"),
        ] {
            let error = parse_keyset("kubernetes-ca", text.as_bytes()).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("c2Vj"), "{error}");
        }
    }
}
