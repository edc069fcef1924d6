//! The certificates that calls trust: those of the system, and those in the file that `AWS_CA_BUNDLE` names, as in networks
//! whose proxies open TLS.

use std::io;
use std::path::Path;

use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use kopsform_env::{self as env, Environment};
use kopsform_files::{TEXT_LIMIT, read_text_bounded};

/// The HTTP client that trusts the bundle, too; `None` where the environment names no bundle.
///
/// # Errors
/// When the file cannot be read or holds no certificate.
pub(crate) fn http_client(environment: &Environment) -> Result<Option<SharedHttpClient>, String> {
    let Some(path) = environment.get(env::AWS_CA_BUNDLE) else { return Ok(None) };
    let failed = |reason: String| format!("cannot use {} {path}: {reason}", env::AWS_CA_BUNDLE);
    let text =
        read_text_bounded(Path::new(path), TEXT_LIMIT).map_err(|error| failed(io::Error::from(error).to_string()))?;
    let mut store = TrustStore::default();
    for certificate in certificates(&text).map_err(failed)? {
        store.add_pem_certificate(certificate);
    }
    let context = TlsContext::builder().with_trust_store(store).build().map_err(|error| failed(error.to_string()))?;
    let builder = aws_smithy_http_client::Builder::new().tls_provider(Provider::Rustls(CryptoMode::AwsLc));
    Ok(Some(builder.tls_context(context).build_https()))
}

/// Whether the system has certificates of authorities: where `SSL_CERT_FILE`, `SSL_CERT_DIR` or else the usual paths lead.
pub(crate) fn system_has_certificates() -> bool {
    !rustls_native_certs::load_native_certs().certs.is_empty()
}

/// The certificates in a PEM file, each as PEM. The client panics on what it cannot use, so that is left out.
fn certificates(text: &str) -> Result<Vec<String>, String> {
    let blocks = pem::parse_many(text).map_err(|_| "it is not PEM".to_owned())?;
    let usable = |block: &pem::Pem| {
        let certificate = CertificateDer::from(block.contents().to_vec());
        block.tag() == "CERTIFICATE" && RootCertStore::empty().add(certificate).is_ok()
    };
    let found: Vec<_> = blocks.iter().filter(|block| usable(block)).map(pem::encode).collect();
    if found.is_empty() { Err("it has no certificate".to_owned()) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    const AUTHORITY: &str = "-----BEGIN CERTIFICATE-----
MIIBfDCCASOgAwIBAgIUERtREqq8OEhELEQyIjPKGThcHwIwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJY29ycG9yYXRlMB4XDTI2MTEzMDA0NTY1MVoXDTM2MTEyNzA0
NTY1MVowFDESMBAGA1UEAwwJY29ycG9yYXRlMFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEHed+6oeIRXIc6PmukEnF6VvEL26v65IIhkaQMxezN6e17Wl5FVKjvGkn
LW5ydNvH5Sq9yOICEbIVDtCJjzsunKNTMFEwHQYDVR0OBBYEFNgT/L7zeBbIF4fs
yV3JO1IHSI+iMB8GA1UdIwQYMBaAFNgT/L7zeBbIF4fsyV3JO1IHSI+iMA8GA1Ud
EwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgLXSk6Rz61AVjR8MVavkGFOvu
GTPHxjCzGNPgu5bdYb8CIEKwM+9yieCm2XAUpOj7aVCVJlGmPNHvHaLnfNELQz4d
-----END CERTIFICATE-----
";

    #[test]
    fn only_certificates_of_a_bundle_are_used() {
        let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
        let bundle = format!("# corporate\n{AUTHORITY}\n{broken}{}", AUTHORITY.replace("CERTIFICATE", "X509 CRL"));
        let found = certificates(&bundle).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].replace("\r\n", "\n"), AUTHORITY);
        assert_eq!(certificates(broken).unwrap_err(), "it has no certificate");
        assert_eq!(certificates("").unwrap_err(), "it has no certificate");
    }

    #[test]
    fn a_bundle_that_cannot_be_read_is_an_error() {
        assert!(http_client(&Environment::of([])).unwrap().is_none());
        let error = http_client(&Environment::of([("AWS_CA_BUNDLE", "/nowhere/ca.pem")])).unwrap_err();
        assert!(error.starts_with("cannot use AWS_CA_BUNDLE /nowhere/ca.pem: "), "{error}");
    }
}
