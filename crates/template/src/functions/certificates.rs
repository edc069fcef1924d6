//! Keys and certificates: functions such as `genPrivateKey`, `genCA` and `genSignedCert`.

use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rcgen::{
    BasicConstraints, CertificateParams, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, RsaKeySize, SanType, SerialNumber,
};

use super::{Args, Call, FunctionError, Outcome, Table, Type};
use crate::object::Object;
use crate::value::Value;

pub(super) fn register(table: &mut Table) {
    table.add("genPrivateKey", &[Type::Str], |call, args| {
        call.budget.spend(5_000_000)?;
        call.eval_context.random(0)?;
        Ok(new_key(args.text(0), RsaKeySize::_4096)?.serialize_pem().into())
    });
    table.add("genCA", &[Type::Str, Type::Int], |call, args| {
        let key = rsa(call)?;
        self_signed(call, &Subject::authority(args), key)
    });
    table.add("genCAWithKey", &[Type::Str, Type::Int, Type::Str], |call, args| {
        self_signed(call, &Subject::authority(args), given_key(args.text(2))?)
    });
    table.add("genSelfSignedCert", &[Type::Str, Type::List, Type::List, Type::Int], |call, args| {
        let key = rsa(call)?;
        self_signed(call, &Subject::server(args), key)
    });
    table.add("genSelfSignedCertWithKey", &[Type::Str, Type::List, Type::List, Type::Int, Type::Str], |call, args| {
        let key = given_key(args.text(4))?;
        self_signed(call, &Subject::server(args), key)
    });
    table.add("genSignedCert", &[Type::Str, Type::List, Type::List, Type::Int, Type::Certificate], |call, args| {
        let key = rsa(call)?;
        signed(call, args, key)
    });
    table.add(
        "genSignedCertWithKey",
        &[Type::Str, Type::List, Type::List, Type::Int, Type::Certificate, Type::Str],
        |call, args| {
            let key = given_key(args.text(5))?;
            signed(call, args, key)
        },
    );
    table.add("buildCustomCert", &[Type::Str, Type::Str], |_, args| {
        let decoded = |i: usize, what: &str| {
            let bytes = BASE64
                .decode(args.text(i))
                .map_err(|_| FunctionError::new(format!("the {what} is not valid base64")))?;
            String::from_utf8(bytes).map_err(|_| FunctionError::new(format!("the {what} is not PEM")))
        };
        let (cert, key) = (decoded(0, "certificate")?, decoded(1, "key")?);
        let (_, pem) = x509_parser::pem::parse_x509_pem(cert.as_bytes())
            .map_err(|_| FunctionError::new("the certificate is not PEM"))?;
        pem.parse_x509().map_err(|_| FunctionError::new("not a certificate"))?;
        given_key(&key)?;
        Ok(Object::Certificate { cert, key }.into())
    });
}

fn failed(what: &str) -> impl Fn(rcgen::Error) -> FunctionError {
    move |_| FunctionError::new(format!("failed to make {what}"))
}

fn rsa(call: &mut Call<'_>) -> Result<KeyPair, FunctionError> {
    call.budget.spend(1_000_000)?;
    new_key("rsa", RsaKeySize::_2048)
}

fn new_key(kind: &str, size: RsaKeySize) -> Result<KeyPair, FunctionError> {
    let made = match kind {
        "" | "rsa" => KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, size),
        "ecdsa" => KeyPair::generate_for(&rcgen::PKCS_ECDSA_P256_SHA256),
        "ed25519" => KeyPair::generate_for(&rcgen::PKCS_ED25519),
        _ => return Err(FunctionError::new("unknown kind of key").hint("it is one of rsa, ecdsa, ed25519")),
    };
    made.map_err(failed("the key"))
}

fn given_key(pem: &str) -> Result<KeyPair, FunctionError> {
    KeyPair::from_pem(pem).map_err(|_| FunctionError::new("not a private key in PEM"))
}

fn strings<'v>(values: &'v [Value], what: &str) -> Result<Vec<&'v str>, FunctionError> {
    values.iter().map(|v| v.as_str().ok_or_else(|| FunctionError::new(format!("{what} must be strings")))).collect()
}

/// What a certificate is for.
struct Subject<'a> {
    name: &'a str,
    addresses: &'a [Value],
    names: &'a [Value],
    /// How long it is valid.
    days: i64,
    /// Whether it signs others.
    authority: bool,
}

impl<'a> Subject<'a> {
    /// From the arguments of `genCA`: name, days.
    fn authority(args: &'a Args) -> Self {
        Self { name: args.text(0), addresses: &[], names: &[], days: args.int(1), authority: true }
    }

    /// From the arguments of functions such as `genSignedCert`: name, addresses, DNS names, days.
    fn server(args: &'a Args) -> Self {
        let (addresses, names) = (args.items(1), args.items(2));
        Self { name: args.text(0), addresses, names, days: args.int(3), authority: false }
    }
}

fn params(call: &mut Call<'_>, subject: &Subject<'_>) -> Result<CertificateParams, FunctionError> {
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, subject.name);
    let mut serial = call.eval_context.random(16)?;
    // A serial number is positive.
    serial[0] &= 0x7f;
    params.serial_number = Some(SerialNumber::from(serial));
    for address in strings(subject.addresses, "addresses")? {
        let address: IpAddr = address.parse().map_err(|_| FunctionError::new("not an IP address"))?;
        params.subject_alt_names.push(SanType::IpAddress(address));
    }
    for name in strings(subject.names, "names")? {
        let name = name.try_into().map_err(|_| FunctionError::new("not a DNS name"))?;
        params.subject_alt_names.push(SanType::DnsName(name));
    }
    let out_of_range = || FunctionError::new("the certificate's time is out of range");
    let now = call.eval_context.now()?;
    let end = subject.days.checked_mul(86400).and_then(|s| now.as_second().checked_add(s)).ok_or_else(out_of_range)?;
    let time = |second: i64| {
        let at = jiff::Timestamp::from_second(second).ok()?.to_zoned(jiff::tz::TimeZone::UTC);
        let (month, day) = (u8::try_from(at.month()).ok()?, u8::try_from(at.day()).ok()?);
        (0..10_000).contains(&at.year()).then(|| rcgen::date_time_ymd(i32::from(at.year()), month, day))
    };
    let seconds = now.as_second().rem_euclid(86400);
    let within = std::time::Duration::from_secs(u64::try_from(seconds).unwrap_or(0));
    params.not_before = time(now.as_second()).ok_or_else(out_of_range)? + within;
    params.not_after = time(end).ok_or_else(out_of_range)? + within;
    params.key_usages = vec![KeyUsagePurpose::KeyEncipherment, KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    if subject.authority {
        params.key_usages.push(KeyUsagePurpose::KeyCertSign);
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    } else {
        params.is_ca = IsCa::ExplicitNoCa;
    }
    Ok(params)
}

fn self_signed(call: &mut Call<'_>, subject: &Subject<'_>, key: KeyPair) -> Outcome {
    let certificate = params(call, subject)?.self_signed(&key).map_err(failed("the certificate"))?;
    Ok(Object::Certificate { cert: certificate.pem(), key: key.serialize_pem() }.into())
}

fn signed(call: &mut Call<'_>, args: &Args, key: KeyPair) -> Outcome {
    let Some(Object::Certificate { cert, key: signer }) = args.object(4) else {
        return Err(FunctionError::new("the authority is not a certificate"));
    };
    let params = params(call, &Subject::server(args))?;
    let issuer =
        Issuer::from_ca_cert_pem(cert, given_key(signer)?).map_err(|_| FunctionError::new("not an authority"))?;
    let certificate = params.signed_by(&key, &issuer).map_err(failed("the certificate"))?;
    Ok(Object::Certificate { cert: certificate.pem(), key: key.serialize_pem() }.into())
}
