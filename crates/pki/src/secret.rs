//! Secrets: tokens that kops generates, and files that users provide.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::{KeySource, PkiError};

/// The tokens every cluster has. Their names are keys of the secret store.
pub const TOKENS: [&str; 9] = [
    "admin",
    "kube",
    "kube-proxy",
    "kubelet",
    "system:controller_manager",
    "system:dns",
    "system:logging",
    "system:monitoring",
    "system:scheduler",
];

/// The length of a token in characters.
const TOKEN_LENGTH: usize = 32;

/// A secret's value, wiped when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    pub fn new(value: Vec<u8>) -> Self {
        Self(Zeroizing::new(value))
    }

    /// A new token: random letters and digits.
    pub fn token(source: &dyn KeySource) -> Result<Self, PkiError> {
        let mut random = Zeroizing::new([0; 128]);
        source.random(&mut random[..])?;
        let text = Zeroizing::new(STANDARD.encode(&random[..]));
        let value: Vec<u8> = text.bytes().filter(u8::is_ascii_alphanumeric).take(TOKEN_LENGTH).collect();
        Ok(Self::new(value))
    }

    /// Reads a stored secret: a JSON object with `Data`, in any case, in base64.
    ///
    /// # Errors
    /// A message without the content.
    pub fn parse(bytes: &[u8]) -> Result<Self, String> {
        // The parser's message could repeat the value.
        let malformed = || "it is not a JSON object with Data in base64".to_owned();
        let object: std::collections::BTreeMap<String, Zeroizing64> =
            serde_json::from_slice(bytes).map_err(|_| malformed())?;
        let value = object.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("data"));
        let Some((_, Zeroizing64(Some(text)))) = value else { return Ok(Self::new(Vec::new())) };
        STANDARD.decode(text.as_bytes()).map(Self::new).map_err(|_| malformed())
    }

    pub fn value(&self) -> &[u8] {
        &self.0
    }

    /// The stored form, without a line feed at its end.
    pub fn to_stored(&self) -> Zeroizing<Vec<u8>> {
        let encoded = Zeroizing::new(STANDARD.encode(&self.0));
        let mut stored = Zeroizing::new(Vec::with_capacity(encoded.len() + 11));
        stored.extend_from_slice(b"{\"Data\":\"");
        stored.extend_from_slice(encoded.as_bytes());
        stored.extend_from_slice(b"\"}");
        stored
    }
}

/// A string that is wiped when dropped.
struct Zeroizing64(Option<Zeroizing<String>>);

impl<'de> serde::Deserialize<'de> for Zeroizing64 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(Option::<String>::deserialize(deserializer)?.map(Zeroizing::new)))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::tests::FixedSource;

    #[test]
    fn a_secret_is_stored_as_go_writes_it() {
        let secret = Secret::new(b"test-secret".to_vec());
        assert_eq!(&secret.to_stored()[..], br#"{"Data":"dGVzdC1zZWNyZXQ="}"#);
        assert_eq!(Secret::parse(&secret.to_stored()).unwrap(), secret);
        assert_eq!(Secret::parse(br#"{ "data": "dGVzdC1zZWNyZXQ=" }"#).unwrap(), secret);
    }

    #[test]
    fn a_token_is_thirty_two_letters_and_digits() {
        let token = Secret::token(&FixedSource::new("2026-01-01T00:00:00Z")).unwrap();
        assert_eq!(token.value().len(), 32);
        assert!(token.value().iter().all(u8::is_ascii_alphanumeric));
    }

    #[test]
    fn errors_and_debug_output_do_not_show_the_value() {
        let error = Secret::parse(br#"{"Data":"hunter2!"}"#).unwrap_err();
        assert!(!error.contains("hunter2"));
        assert!(!format!("{:?}", Secret::new(b"hunter2".to_vec())).contains("hunter2"));
    }
}
