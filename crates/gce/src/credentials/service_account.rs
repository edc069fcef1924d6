//! The assertion of a service account: a JSON web token, signed with its key (RFC 7523).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use zeroize::Zeroizing;

use super::file::ServiceAccount;

/// How long an assertion, and so its token, is valid.
const LIFETIME: Duration = Duration::from_secs(3600);

/// The signed assertion of an account at a time, for a scope.
///
/// # Errors
/// Why the key cannot sign, without the key.
pub(super) fn assertion(account: &ServiceAccount, scope: &str, now: SystemTime) -> Result<Zeroizing<String>, String> {
    let issued = now.duration_since(UNIX_EPOCH).unwrap_or_default();
    let header = json!({ "alg": "RS256", "typ": "JWT", "kid": account.private_key_id });
    let claims = json!({
        "iss": account.client_email,
        "scope": scope,
        "aud": account.token_uri,
        "iat": issued.as_secs(),
        "exp": (issued + LIFETIME).as_secs(),
    });
    let encode = |value: &serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", encode(&header), encode(&claims));
    let key = pem::parse(account.private_key.as_str()).map_err(|_| "its private key is not PEM".to_owned())?;
    let key = RsaKeyPair::from_pkcs8(key.contents())
        .map_err(|_| "its private key is not an RSA key in PKCS #8".to_owned())?;
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message.as_bytes(), &mut signature)
        .map_err(|_| "its private key cannot sign".to_owned())?;
    Ok(Zeroizing::new(format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use aws_lc_rs::encoding::AsDer as _;
    use aws_lc_rs::rsa::{KeyPair, KeySize};
    use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};

    use super::*;

    #[test]
    fn assertions_are_signed_by_the_key_and_name_the_account() {
        let pair = KeyPair::generate(KeySize::Rsa2048).unwrap();
        let pkcs8 = pair.as_der().unwrap();
        let account = ServiceAccount {
            client_email: "a@example.iam.gserviceaccount.com".to_owned(),
            private_key: Zeroizing::new(pem::encode(&pem::Pem::new("PRIVATE KEY", pkcs8.as_ref()))),
            private_key_id: "k1".to_owned(),
            token_uri: "https://example.com/token".to_owned(),
        };
        let now = UNIX_EPOCH + Duration::from_secs(1000);
        let signed = assertion(&account, "scope", now).unwrap();
        let parts: Vec<&str> = signed.split('.').collect();
        let claims: serde_json::Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(parts[1]).unwrap()).unwrap();
        assert_eq!(claims["iss"], "a@example.iam.gserviceaccount.com");
        assert_eq!((claims["iat"].as_u64(), claims["exp"].as_u64()), (Some(1000), Some(4600)));
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, pair.public_key().as_ref());
        let message = format!("{}.{}", parts[0], parts[1]);
        public.verify(message.as_bytes(), &URL_SAFE_NO_PAD.decode(parts[2]).unwrap()).unwrap();
    }

    #[test]
    fn a_key_that_is_none_is_reported_without_it() {
        let account = ServiceAccount {
            client_email: "a@b".to_owned(),
            private_key: Zeroizing::new("s3cret".to_owned()),
            private_key_id: String::new(),
            token_uri: String::new(),
        };
        assert_eq!(assertion(&account, "", UNIX_EPOCH).unwrap_err(), "its private key is not PEM");
    }
}
