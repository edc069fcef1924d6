//! The fields of a certificate, as kops lists them.

use x509_parser::prelude::{FromDer as _, GeneralName, ParsedExtension, X509Certificate, X509Name};
use x509_parser::public_key::PublicKey;

use super::{PkiError, pem};

/// The readable parts of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The certificate, as DER.
    pub der: Vec<u8>,
    /// The serial number in decimal.
    pub serial: String,
    /// The subject, as `CN=…,O=…`.
    pub subject: String,
    /// The issuer, in the same form.
    pub issuer: String,
    /// DNS names, mail addresses and IP addresses, sorted.
    pub alternate_names: Vec<String>,
    /// Whether it is an authority.
    pub is_ca: bool,
    /// The beginning of its validity, in seconds since 1970.
    pub not_before: i64,
    /// The end of its validity, in seconds since 1970.
    pub not_after: i64,
    /// The length of an RSA key in bits.
    pub key_length: Option<usize>,
    /// The usages of the key, as kops names them.
    usages: Vec<&'static str>,
    /// The public key with its algorithm (SubjectPublicKeyInfo), as DER.
    pub public_key: Vec<u8>,
    /// Modulus and exponent of an RSA key, without leading zeros.
    pub rsa: Option<(Vec<u8>, Vec<u8>)>,
}

impl Certificate {
    /// Reads the first certificate among PEM blocks.
    pub fn parse(text: &str) -> Result<Self, PkiError> {
        let blocks = pem::blocks(text);
        let block = blocks.iter().find(|b| b.label == "CERTIFICATE").ok_or(PkiError::NotPem("the certificate"))?;
        Self::from_der(&block.content)
    }

    /// Reads a certificate in DER.
    pub fn from_der(der: &[u8]) -> Result<Self, PkiError> {
        let (_, parsed) = X509Certificate::from_der(der).map_err(|error| PkiError::Certificate(error.to_string()))?;
        let rsa = match parsed.public_key().parsed() {
            Ok(PublicKey::RSA(key)) => Some((without_zeros(key.modulus), without_zeros(key.exponent))),
            _ => None,
        };
        let key_length = rsa
            .as_ref()
            .map(|(modulus, _)| modulus.len() * 8 - modulus.first().map_or(0, |byte| byte.leading_zeros() as usize));
        Ok(Self {
            der: der.to_vec(),
            serial: parsed.tbs_certificate.serial.to_string(),
            subject: name_text(parsed.subject()),
            issuer: name_text(parsed.issuer()),
            alternate_names: alternate_names(&parsed),
            is_ca: parsed.is_ca(),
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            key_length,
            usages: usages(&parsed),
            public_key: parsed.public_key().raw.to_vec(),
            rsa,
        })
    }

    /// The certificate as PEM.
    pub fn pem(&self) -> String {
        pem::encode("CERTIFICATE", &self.der).to_string()
    }

    /// The common name in the subject; empty where there is none.
    pub fn common_name(&self) -> &str {
        self.subject.split(',').find_map(|part| part.strip_prefix("CN=")).unwrap_or_default()
    }

    /// Whether this is a certificate as kops makes for its authorities: may sign certificates and revocation lists, nothing
    /// else.
    pub fn is_plain_ca(&self) -> bool {
        self.is_ca && self.usages == ["CertSign", "CRLSign"]
    }

    /// The public key in PEM, with the label that kops uses for service account keys. The label says PKCS#1 and the content is a
    /// SubjectPublicKeyInfo; API servers accept that.
    pub fn public_key_pem(&self) -> String {
        pem::encode("RSA PUBLIC KEY", &self.public_key).to_string()
    }
}

fn without_zeros(bytes: &[u8]) -> Vec<u8> {
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    bytes[zeros..].to_vec()
}

fn alternate_names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(extension)) = certificate.subject_alternative_name() else { return Vec::new() };
    let mut names: Vec<String> = extension
        .value
        .general_names
        .iter()
        .filter_map(|name| match name {
            GeneralName::DNSName(name) | GeneralName::RFC822Name(name) => Some((*name).to_owned()),
            GeneralName::IPAddress(bytes) => match <[u8; 4]>::try_from(*bytes) {
                Ok(v4) => Some(std::net::Ipv4Addr::from(v4).to_string()),
                Err(_) => <[u8; 16]>::try_from(*bytes).ok().map(|v6| std::net::Ipv6Addr::from(v6).to_string()),
            },
            _ => None,
        })
        .collect();
    names.sort();
    names
}

fn usages(certificate: &X509Certificate<'_>) -> Vec<&'static str> {
    let mut found = Vec::new();
    for extension in certificate.extensions() {
        match extension.parsed_extension() {
            ParsedExtension::KeyUsage(usage) => {
                let named = [
                    (usage.digital_signature(), "DigitalSignature"),
                    (usage.key_encipherment(), "KeyEncipherment"),
                    (usage.key_cert_sign(), "CertSign"),
                    (usage.crl_sign(), "CRLSign"),
                ];
                found.extend(named.iter().filter(|(set, _)| *set).map(|(_, name)| *name));
            }
            ParsedExtension::ExtendedKeyUsage(_) => found.push("Extended"),
            _ => {}
        }
    }
    found
}

/// The order in which Go writes the parts of a name, last to first, with their short names.
const NAME_PARTS: [(&str, &str); 9] = [
    ("2.5.4.5", "SERIALNUMBER"),
    ("2.5.4.3", "CN"),
    ("2.5.4.17", "POSTALCODE"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.8", "ST"),
    ("2.5.4.7", "L"),
    ("2.5.4.11", "OU"),
    ("2.5.4.10", "O"),
    ("2.5.4.6", "C"),
];

/// A name as Go's `pkix.Name` prints it: parts in a fixed order, several values of one part joined by `+`.
fn name_text(name: &X509Name<'_>) -> String {
    let mut parts = Vec::new();
    for (oid, short) in NAME_PARTS {
        let values: Vec<String> = name
            .iter_attributes()
            .filter(|attribute| attribute.attr_type().to_id_string() == oid)
            .map(|attribute| format!("{short}={}", escaped(attribute.as_str().unwrap_or_default())))
            .collect();
        if !values.is_empty() {
            parts.push(values.join("+"));
        }
    }
    parts.join(",")
}

fn escaped(value: &str) -> String {
    let last = value.chars().count().saturating_sub(1);
    let mut text = String::with_capacity(value.len());
    for (i, c) in value.chars().enumerate() {
        let special = matches!(c, ',' | '+' | '"' | '\\' | '<' | '>' | ';');
        if special || (c == ' ' && (i == 0 || i == last)) || (c == '#' && i == 0) {
            text.push('\\');
        }
        text.push(c);
    }
    text
}
