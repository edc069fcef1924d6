//! Issuing certificates: self-signed authorities, and client certificates signed by one.

use std::time::Duration;

use jiff::Timestamp;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, DnValue, ExtendedKeyUsagePurpose, IsCa, Issuer,
    KeyUsagePurpose, SerialNumber, date_time_ymd,
};

use super::{Certificate, KeySource, PkiError, PrivateKey};

/// How long before now the validity of a certificate begins, so that clocks may differ.
const BACKDATED: Duration = Duration::from_secs(48 * 3600);
/// How long an authority is valid.
const AUTHORITY_VALIDITY: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// Whom a certificate is for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Subject {
    /// The common name.
    pub common_name: String,
    /// The organization, which Kubernetes reads as a group.
    pub organization: Option<String>,
    /// The serial number in the name, by which generations of an authority differ.
    pub serial_number: Option<String>,
}

impl Subject {
    /// A subject with a common name only.
    pub fn named(common_name: impl Into<String>) -> Self {
        Self { common_name: common_name.into(), ..Self::default() }
    }

    fn to_name(&self) -> DistinguishedName {
        // Readers may compare names by bytes, so the string type matters: Go writes a PrintableString where it can.
        let string = |value: &str| match value.try_into() {
            Ok(printable) => DnValue::PrintableString(printable),
            Err(_) => DnValue::Utf8String(value.to_owned()),
        };
        let mut name = DistinguishedName::new();
        if let Some(organization) = &self.organization {
            name.push(DnType::OrganizationName, string(organization));
        }
        name.push(DnType::CommonName, string(&self.common_name));
        if let Some(serial) = &self.serial_number {
            name.push(DnType::CustomDnType(vec![2, 5, 4, 5]), string(serial));
        }
        name
    }
}

/// A serial number that grows with time: nanoseconds since 1970 in the upper part, 32 random bits below.
pub fn timestamp_serial(source: &dyn KeySource) -> Result<u128, PkiError> {
    let mut random = [0; 4];
    source.random(&mut random)?;
    let nanoseconds = u128::try_from(source.now().as_nanosecond()).unwrap_or_default();
    Ok((nanoseconds << 32) | u128::from(u32::from_be_bytes(random)))
}

/// A self-signed authority for a key, valid for ten years.
pub fn issue_authority(
    subject: &Subject,
    serial: u128,
    key: &PrivateKey,
    now: Timestamp,
) -> Result<Certificate, PkiError> {
    let mut params = parameters(subject, &serial.to_be_bytes(), now, AUTHORITY_VALIDITY);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let signer = key.signer()?;
    let certificate = params.self_signed(&signer).map_err(|error| failed(&error))?;
    Certificate::from_der(certificate.der())
}

/// A client certificate for the API server, signed by an authority, with a new key.
pub fn issue_client(
    source: &dyn KeySource,
    subject: &Subject,
    validity: Duration,
    authority: (&Certificate, &PrivateKey),
) -> Result<(Certificate, PrivateKey), PkiError> {
    let mut serial = [0; 16];
    source.random(&mut serial)?;
    let mut params = parameters(subject, &serial, source.now(), validity);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    params.is_ca = IsCa::ExplicitNoCa;
    params.use_authority_key_identifier_extension = true;
    let (certificate, key) = authority;
    let issuer = Issuer::from_ca_cert_pem(&certificate.pem(), key.signer()?).map_err(|error| failed(&error))?;
    let client_key = source.private_key()?;
    let issued = params.signed_by(&client_key.signer()?, &issuer).map_err(|error| failed(&error))?;
    Ok((Certificate::from_der(issued.der())?, client_key))
}

fn parameters(subject: &Subject, serial: &[u8], now: Timestamp, validity: Duration) -> CertificateParams {
    let epoch = date_time_ymd(1970, 1, 1);
    let now = epoch + Duration::from_secs(u64::try_from(now.as_second()).unwrap_or_default());
    let leading_zeros = serial.iter().take_while(|byte| **byte == 0).count();
    let mut params = CertificateParams::default();
    params.not_before = now - BACKDATED;
    params.not_after = now + validity;
    params.serial_number = Some(SerialNumber::from_slice(&serial[leading_zeros..]));
    params.distinguished_name = subject.to_name();
    params
}

fn failed(error: &rcgen::Error) -> PkiError {
    PkiError::Making { what: "a certificate", reason: error.to_string() }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;
    use crate::tests::FixedSource;

    #[test]
    fn an_authority_has_the_properties_kops_gives_it() {
        let source = FixedSource::new("2026-01-02T03:04:05Z");
        let serial = timestamp_serial(&source).unwrap();
        let key = source.private_key().unwrap();
        let subject = Subject::named("kubernetes-ca");
        let certificate = issue_authority(&subject, serial, &key, source.now()).unwrap();
        assert_eq!(certificate.serial, serial.to_string());
        assert_eq!(serial >> 32, 1_767_323_045_000_000_000);
        assert_eq!(certificate.subject, "CN=kubernetes-ca");
        assert_eq!(certificate.issuer, "CN=kubernetes-ca");
        assert!(certificate.is_plain_ca());
        assert_eq!(certificate.key_length, Some(2048));
        assert_eq!(certificate.not_before, source.now().as_second() - 48 * 3600);
        assert_eq!(certificate.not_after, source.now().as_second() + 10 * 365 * 24 * 3600);
        assert_eq!(Certificate::parse(&certificate.pem()).unwrap(), certificate);
        // Authorities of the same inputs are the same bytes.
        assert_eq!(issue_authority(&subject, serial, &key, source.now()).unwrap().der, certificate.der);
    }

    #[test]
    fn a_generation_has_its_serial_in_its_name() {
        let source = FixedSource::new("2026-01-02T03:04:05Z");
        let subject = Subject { serial_number: Some("42".to_owned()), ..Subject::named("service-account") };
        let certificate = issue_authority(&subject, 42, &source.private_key().unwrap(), source.now()).unwrap();
        assert_eq!(certificate.subject, "SERIALNUMBER=42,CN=service-account");
        assert_eq!(certificate.common_name(), "service-account");
    }

    #[test]
    fn a_client_certificate_is_signed_by_its_authority() {
        let source = FixedSource::new("2026-01-02T03:04:05Z");
        let key = source.private_key().unwrap();
        let authority = issue_authority(&Subject::named("kubernetes-ca"), 7, &key, source.now()).unwrap();
        let subject = Subject { organization: Some("system:masters".to_owned()), ..Subject::named("kubecfg-jane") };
        let validity = Duration::from_secs(18 * 3600);
        let (certificate, _) = issue_client(&source, &subject, validity, (&authority, &key)).unwrap();
        assert_eq!(certificate.subject, "CN=kubecfg-jane,O=system:masters");
        assert_eq!(certificate.issuer, "CN=kubernetes-ca");
        assert!(!certificate.is_ca);
        assert_eq!(certificate.not_after - source.now().as_second(), 18 * 3600);
        let (_, parsed) = x509_parser::parse_x509_certificate(&certificate.der).unwrap();
        let (_, signer) = x509_parser::parse_x509_certificate(&authority.der).unwrap();
        assert_eq!(parsed.issuer().as_raw(), signer.subject().as_raw());
    }
}
