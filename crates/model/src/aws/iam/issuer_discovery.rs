//! The documents by which AWS and others verify service account tokens: who issues them, and with which keys.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::IamError;
use crate::facts::region_of;
use crate::{Context, ManagedFile};
use kopsform_pki::Certificate;
use kopsform_spec::address::{S3Location, StoreUrl};

/// The keyset that signs tokens, and the common name of its certificates.
const SIGNING_KEYSET: &str = "service-account";

/// The documents for the discovery store; none where there is no such store.
///
/// # Errors
/// When the store is not in S3, or on Google Cloud in Cloud Storage, or a signing key cannot be read.
pub fn issuer_documents(context: &Context<'_>) -> Result<Vec<ManagedFile>, IamError> {
    let discovery = context.cluster.spec.service_account_issuer_discovery.as_ref();
    let Some(store) = discovery.map(|d| d.discovery_store.as_str()).filter(|store| !store.is_empty()) else {
        return Ok(Vec::new());
    };
    let issuer = context.cluster.service_account_issuer().ok_or(IamError::NoIssuer)?;
    let (base, public) = match StoreUrl::parse(store) {
        // Objects in public buckets are public by the bucket's roles.
        Ok(location @ StoreUrl::Gs { .. }) if context.cluster.is_on_gce() => (location.to_string(), false),
        _ => {
            let location = S3Location::parse(store)?;
            (location.to_string(), needs_public_objects(context, &location, issuer))
        }
    };
    let document = |name: &str, key: &str, content| ManagedFile {
        name: name.into(),
        base: base.clone(),
        key: key.to_owned(),
        content,
        public,
        ..ManagedFile::default()
    };
    Ok(vec![
        document("keys.json", "openid/v1/jwks", lines(&key_set(context)?)),
        document("discovery.json", ".well-known/openid-configuration", lines(&Discovery::of(issuer))),
    ])
}

/// If the bucket itself serves the documents, each must be public, unless the whole bucket is. If the issuer is
/// elsewhere, users publish the documents there.
fn needs_public_objects(context: &Context<'_>, location: &S3Location, issuer: &str) -> bool {
    let bucket = context.facts.buckets.get(&location.bucket);
    let region = bucket.map(|bucket| bucket.region.clone()).filter(|region| !region.is_empty());
    let region = region.unwrap_or_else(|| region_of(context.cluster));
    let served_from_here = location.https_url(&region, context.is_ipv6_only()) == issuer;
    served_from_here && bucket.and_then(|bucket| bucket.public) != Some(true)
}

/// JSON with a line for each value and no indentation, as kops writes it: these objects are compared byte by byte.
fn lines<T: Serialize>(value: &T) -> String {
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b"");
    // Only strings and lists of strings: serialising cannot fail.
    let _ = value.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter));
    String::from_utf8(out).unwrap_or_default()
}

/// Who issues tokens, by OpenID Connect Discovery.
#[derive(Serialize)]
struct Discovery<'a> {
    issuer: &'a str,
    jwks_uri: String,
    authorization_endpoint: &'static str,
    response_types_supported: [&'static str; 1],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    claims_supported: [&'static str; 2],
}

impl<'a> Discovery<'a> {
    fn of(issuer: &'a str) -> Self {
        Self {
            issuer,
            jwks_uri: format!("{issuer}/openid/v1/jwks"),
            // Not used: no user logs in there.
            authorization_endpoint: "urn:kubernetes:programmatic_authorization",
            response_types_supported: ["id_token"],
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: ["RS256"],
            claims_supported: ["sub", "iss"],
        }
    }
}

#[derive(Serialize)]
struct KeySet {
    keys: Vec<Key>,
}

/// A public key as a JSON Web Key.
#[derive(Serialize)]
struct Key {
    r#use: &'static str,
    kty: &'static str,
    kid: String,
    alg: &'static str,
    n: String,
    e: String,
}

/// Every signing key that is still trusted, by its id.
fn key_set(context: &Context<'_>) -> Result<KeySet, IamError> {
    let unreadable = |reason: String| IamError::SigningKey { keyset: SIGNING_KEYSET, reason };
    let keyset = context.keysets.get(SIGNING_KEYSET).ok_or_else(|| unreadable("there is none".to_owned()))?;
    let mut keys = Vec::new();
    for item in keyset.trusted() {
        let certificate = item.parsed_certificate().map_err(|error| unreadable(error.to_string()))?;
        keys.extend(certificate.filter(|c| c.common_name() == SIGNING_KEYSET).and_then(|c| Key::of(&c)));
    }
    keys.sort_by(|a, b| a.kid.cmp(&b.kid));
    Ok(KeySet { keys })
}

impl Key {
    /// `None` for keys that are not RSA, which kops does not make.
    fn of(certificate: &Certificate) -> Option<Self> {
        let (modulus, exponent) = certificate.rsa.as_ref()?;
        Some(Self {
            r#use: "sig",
            kty: "RSA",
            kid: URL_SAFE_NO_PAD.encode(Sha256::digest(&certificate.public_key)),
            alg: "RS256",
            n: URL_SAFE_NO_PAD.encode(modulus),
            e: URL_SAFE_NO_PAD.encode(exponent),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::facts::BucketFact;
    use crate::fixture::Fixture;
    use kopsform_pki::Keyset;
    use kopsform_spec::v1alpha2::{KubeApiServerConfig, ServiceAccountIssuerDiscoveryConfig};

    fn fixture(issuer: &str) -> Fixture {
        let mut fixture = Fixture::default();
        fixture.cluster.spec.service_account_issuer_discovery = Some(ServiceAccountIssuerDiscoveryConfig {
            discovery_store: "s3://discovery/a".to_owned(),
            ..ServiceAccountIssuerDiscoveryConfig::default()
        });
        let issuer = Some(issuer.to_owned());
        let api_server = KubeApiServerConfig { service_account_issuer: issuer, ..KubeApiServerConfig::default() };
        fixture.cluster.spec.kube_api_server = Some(api_server);
        let keyset = Keyset { name: SIGNING_KEYSET.to_owned(), ..Keyset::default() };
        fixture.keysets.insert(SIGNING_KEYSET.to_owned(), keyset);
        fixture
    }

    const ISSUER: &str = "https://discovery.s3.us-east-1.amazonaws.com/a";

    #[test]
    fn without_a_store_there_are_no_documents() {
        assert_eq!(issuer_documents(&Fixture::default().context()).unwrap(), []);
    }

    #[test]
    fn the_documents_lie_where_the_issuer_says() {
        let fixture = fixture(ISSUER);
        let documents = issuer_documents(&fixture.context()).unwrap();
        let places: Vec<_> = documents.iter().map(|d| (d.base.as_str(), d.key.as_str())).collect();
        assert_eq!(
            places,
            [("s3://discovery/a", "openid/v1/jwks"), ("s3://discovery/a", ".well-known/openid-configuration")]
        );
        assert!(documents[1].content.starts_with(&format!("{{\n\"issuer\": \"{ISSUER}\",\n\"jwks_uri\": ")));
    }

    #[test]
    fn documents_are_public_where_the_bucket_serves_them_and_is_not() {
        let public = |issuer: &str, bucket_is_public| {
            let mut fixture = fixture(issuer);
            let bucket =
                BucketFact { region: "us-east-1".to_owned(), public: Some(bucket_is_public), ..Default::default() };
            fixture.facts.buckets.insert("discovery".to_owned(), bucket);
            issuer_documents(&fixture.context()).unwrap()[0].public
        };
        assert!(public(ISSUER, false));
        assert!(!public(ISSUER, true));
        assert!(!public("https://tokens.example.com", false));
    }

    #[test]
    fn a_missing_signing_key_is_an_error() {
        let mut fixture = fixture(ISSUER);
        fixture.keysets.clear();
        let error = issuer_documents(&fixture.context()).unwrap_err();
        assert_eq!(error.to_string(), "keyset service-account cannot be read: there is none");
    }
}
