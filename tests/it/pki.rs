//! Keysets as OpenSSL reads them, and as kops writes them.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use kopsform_env::Environment;
use kopsform_pki::{Certificate, Keyset, Subject, SystemKeySource, issue_client, parse_keyset, print_keyset};

use crate::support::{skip, stdout, succeed, tool};

const TEN_YEARS: u64 = 10 * 365 * 24 * 3600;

fn openssl(arguments: &[&str], directory: &Path) -> String {
    stdout(&succeed(Command::new("openssl").args(arguments).current_dir(directory)))
}

/// The text form of a certificate in OpenSSL.
fn text_of(certificate: &str, directory: &Path) -> String {
    openssl(&["x509", "-noout", "-text", "-in", certificate], directory)
}

#[test]
fn fresh_authorities_and_what_they_sign_satisfy_openssl() {
    if tool("openssl").is_none() {
        skip("openssl is not installed");
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    let source = SystemKeySource::from_environment(&Environment::default()).unwrap();
    for name in ["kubernetes-ca", "service-account", "etcd-clients-ca"] {
        let keyset = Keyset::create(name, &source).unwrap();
        let (authority, key) = keyset.signer().unwrap();
        fs::write(path.join("ca.crt"), authority.pem()).unwrap();
        fs::write(path.join("ca.key"), key.pem().as_bytes()).unwrap();

        let text = text_of("ca.crt", path);
        for part in ["CA:TRUE", "Certificate Sign, CRL Sign", "Public-Key: (2048 bit)", "sha256WithRSAEncryption"] {
            assert!(text.contains(part), "{name}: no {part} in {text}");
        }
        let subject = openssl(&["x509", "-noout", "-subject", "-nameopt", "RFC2253", "-in", "ca.crt"], path);
        assert_eq!(subject.trim(), format!("subject=CN={name}"));
        // It is valid for ten years, and not for a day more.
        let day = 24 * 3600;
        openssl(&["x509", "-noout", "-checkend", &(TEN_YEARS - day).to_string(), "-in", "ca.crt"], path);
        let later = (TEN_YEARS + day).to_string();
        let mut expired = Command::new("openssl");
        expired.args(["x509", "-noout", "-checkend", &later, "-in", "ca.crt"]).current_dir(path);
        assert!(!expired.output().unwrap().status.success(), "{name} holds for longer than ten years");
        // Key and certificate belong together.
        let of_key = openssl(&["rsa", "-in", "ca.key", "-pubout"], path);
        assert_eq!(of_key, openssl(&["x509", "-in", "ca.crt", "-noout", "-pubkey"], path));

        let user = Subject { organization: Some("system:masters".to_owned()), ..Subject::named("kubecfg") };
        let hours = Duration::from_secs(18 * 3600);
        let (client, _) = issue_client(&source, &user, hours, (&authority, &key)).unwrap();
        fs::write(path.join("client.crt"), client.pem()).unwrap();
        openssl(&["verify", "-x509_strict", "-purpose", "sslclient", "-CAfile", "ca.crt", "client.crt"], path);
        let text = text_of("client.crt", path);
        assert!(text.contains("TLS Web Client Authentication") && text.contains("CA:FALSE"), "{text}");
    }
}

/// A keyset as kops 1.36.2 stores one that was rotated: two generations, the second one signs.
fn stored_by_kops(source: &SystemKeySource) -> (String, [Certificate; 2]) {
    use base64::Engine as _;
    let encode = |text: &str| base64::engine::general_purpose::STANDARD.encode(text);
    let mut certificates = Vec::new();
    let mut keys = String::new();
    for _ in 0..2 {
        let (certificate, key) = Keyset::create("kubernetes-ca", source).unwrap().signer().unwrap();
        keys += &format!(
            "  - id: \"{}\"\n    privateMaterial: {}\n    publicMaterial: {}\n",
            certificate.serial,
            encode(key.pem()),
            encode(&certificate.pem())
        );
        certificates.push(certificate);
    }
    let text = format!(
        "apiVersion: kops.k8s.io/v1alpha2\nkind: Keyset\nmetadata:\n  creationTimestamp: null\n  name: kubernetes-ca\n\
         spec:\n  keys:\n{keys}  primaryId: \"{}\"\n  type: Keypair\n",
        certificates[1].serial
    );
    (text, certificates.try_into().map_err(|_| "two").unwrap())
}

#[test]
fn keysets_of_kops_are_read_and_written_back_in_its_form() {
    let source = SystemKeySource::from_environment(&Environment::default()).unwrap();
    let (text, [old, new]) = stored_by_kops(&source);
    let keyset = parse_keyset("kubernetes-ca", text.as_bytes()).unwrap();
    assert_eq!(keyset.primary_id, new.serial);
    assert_eq!(keyset.signer().unwrap().0.der, new.der);
    assert!(keyset.trusted_certificates().contains(&old.pem()));
    let printed = print_keyset(&keyset).unwrap();
    let meaning = |text: &[u8]| -> serde_json::Value {
        let text = std::str::from_utf8(text).unwrap();
        let mut value: serde_json::Value = kopsform_yaml::from_str("keyset", text).unwrap();
        value["metadata"].as_object_mut().unwrap().retain(|_, value| !value.is_null());
        value
    };
    assert_eq!(meaning(&printed), meaning(text.as_bytes()));
}
