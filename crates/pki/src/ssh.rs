//! SSH public keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};
use ssh_encoding::{Decode as _, Reader as _};

use super::PkiError;

/// The kinds of keys an `authorized_keys` line can hold.
const KINDS: [&str; 8] = [
    "ssh-rsa",
    "ssh-dss",
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// The length of an Ed25519 public key in bytes.
const ED25519_LENGTH: usize = 32;
/// The curves of ECDSA keys, and the length of an uncompressed point on each in bytes.
const CURVES: [(&str, usize); 3] = [("nistp256", 65), ("nistp384", 97), ("nistp521", 133)];
/// The first byte of an uncompressed point (SEC 1 section 2.3.3).
const UNCOMPRESSED: u8 = 4;

/// The MD5 fingerprint of a public key as 32 hex digits: the name it is stored under.
pub fn ssh_fingerprint(line: &str) -> Result<String, PkiError> {
    Ok(Md5::digest(wire_format(line)?).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A fingerprint with a colon after every two digits, as it is shown.
pub fn with_colons(fingerprint: &str) -> String {
    let pairs: Vec<&str> = fingerprint.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok()).collect();
    pairs.join(":")
}

/// The first key of an `authorized_keys` file, in the form of the SSH protocol. Options before the kind and a comment after the
/// key are skipped, and so are lines that are not a key, as Go's reader does; the error is that of the last such line.
fn wire_format(text: &str) -> Result<Vec<u8>, PkiError> {
    if text.contains("PRIVATE KEY") {
        return Err(PkiError::Ssh("it is a private key"));
    }
    let mut error = PkiError::Ssh("no line begins with a key type such as ssh-ed25519");
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let mut words = line.split_whitespace();
        let Some(kind) = words.find(|word| KINDS.contains(word)) else { continue };
        match words.next().map(|encoded| STANDARD.decode(encoded)) {
            Some(Ok(key)) => match check(kind, &key) {
                Ok(()) => return Ok(key),
                Err(reason) => error = PkiError::Ssh(reason),
            },
            _ => error = PkiError::Ssh("the key is not base64"),
        }
    }
    Err(error)
}

/// Whether a key in the form of the protocol is whole and of the kind that its line says: RFC 4253 section 6.6 for RSA and DSA,
/// RFC 5656 for ECDSA, RFC 8709 for Ed25519, OpenSSH's PROTOCOL.u2f for security keys.
fn check(kind: &str, key: &[u8]) -> Result<(), &'static str> {
    const CUT: &str = "the key is incomplete";
    const OTHER_KIND: &str = "the key is of another type than its line says";
    let mut reader = key;
    let mut field = || Vec::<u8>::decode(&mut reader).map_err(|_| CUT);
    if field()? != kind.as_bytes() {
        return Err(OTHER_KIND);
    }
    match kind {
        "ssh-rsa" => {
            let (exponent, modulus) = (field()?, field()?);
            let significant = exponent.iter().skip_while(|byte| **byte == 0).count();
            let is_odd = |number: &[u8]| number.last().is_some_and(|byte| byte % 2 == 1);
            // Go refuses exponents above 24 bits.
            if significant > 3
                || exponent.ends_with(&[1]) && significant == 1
                || !is_odd(&exponent)
                || !is_odd(&modulus)
            {
                return Err("the key has numbers that RSA keys cannot have");
            }
        }
        "ssh-dss" => {
            for _ in 0..4 {
                field()?;
            }
        }
        "ssh-ed25519" | "sk-ssh-ed25519@openssh.com" => {
            if field()?.len() != ED25519_LENGTH {
                return Err(CUT);
            }
        }
        _ => {
            let curve = field()?;
            let Some((_, length)) = CURVES.iter().find(|(name, _)| name.as_bytes() == curve && kind.contains(name))
            else {
                return Err(OTHER_KIND);
            };
            let point = field()?;
            if point.len() != *length || point.first() != Some(&UNCOMPRESSED) {
                return Err(CUT);
            }
        }
    }
    if kind.starts_with("sk-") {
        // The application, `ssh:`.
        field()?;
    }
    reader.ensure_finished().map_err(|_| "the key has more bytes than its type needs")
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str =
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5m2y0tWm5vLTl1uW4T3mZbJgk0l1nq3W2v5p6cV3bR jane@example.com\n";

    #[test]
    fn options_and_comments_do_not_change_the_fingerprint() {
        let plain = ssh_fingerprint(KEY);
        assert_eq!(plain.as_ref().map(String::len), Ok(32));
        assert_eq!(ssh_fingerprint(&format!("# mine\nno-pty,from=\"10.0.0.0/8\" {KEY}")), plain);
        assert_eq!(ssh_fingerprint(KEY.trim_end().trim_end_matches(" jane@example.com")), plain);
    }

    /// A key in the form of the protocol, each field after its length.
    fn wire(fields: &[&[u8]]) -> Vec<u8> {
        fields.iter().flat_map(|field| [&(field.len() as u32).to_be_bytes()[..], field].concat()).collect()
    }

    fn keys() -> Vec<(&'static str, Vec<u8>)> {
        let point = |length: usize| [&[UNCOMPRESSED][..], &vec![7; length - 1]].concat();
        let modulus = [&[0][..], &[0xc1; 256]].concat();
        vec![
            ("ssh-rsa", wire(&[b"ssh-rsa", &[1, 0, 1], &modulus])),
            ("ssh-dss", wire(&[b"ssh-dss", &[1; 128], &[2; 20], &[3; 128], &[4; 128]])),
            ("ssh-ed25519", wire(&[b"ssh-ed25519", &[7; 32]])),
            ("ecdsa-sha2-nistp256", wire(&[b"ecdsa-sha2-nistp256", b"nistp256", &point(65)])),
            ("ecdsa-sha2-nistp384", wire(&[b"ecdsa-sha2-nistp384", b"nistp384", &point(97)])),
            ("ecdsa-sha2-nistp521", wire(&[b"ecdsa-sha2-nistp521", b"nistp521", &point(133)])),
            ("sk-ssh-ed25519@openssh.com", wire(&[b"sk-ssh-ed25519@openssh.com", &[7; 32], b"ssh:"])),
            (
                "sk-ecdsa-sha2-nistp256@openssh.com",
                wire(&[b"sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", &point(65), b"ssh:"]),
            ),
        ]
    }

    #[test]
    fn every_type_of_key_is_taken_whole_and_refused_cut_or_extended() {
        let of = |kind: &str, key: &[u8]| ssh_fingerprint(&format!("{kind} {} jane", STANDARD.encode(key)));
        assert_eq!(keys().iter().map(|(kind, _)| *kind).collect::<Vec<_>>(), KINDS);
        for (kind, key) in keys() {
            assert!(of(kind, &key).is_ok(), "{kind}");
            for length in 0..key.len() {
                assert!(of(kind, &key[..length]).is_err(), "{kind} of {length} bytes");
            }
            assert!(of(kind, &[&key[..], &[0]].concat()).is_err(), "{kind}");
            for (other, _) in keys().iter().filter(|(other, _)| *other != kind) {
                assert!(of(other, &key).is_err(), "{kind} as {other}");
            }
        }
    }

    #[test]
    fn numbers_that_no_rsa_key_has_are_refused() {
        for exponent in [&[1][..], &[0, 1], &[2], &[1, 0, 0, 1], &[]] {
            assert!(check("ssh-rsa", &wire(&[b"ssh-rsa", exponent, &[0xc1; 256]])).is_err(), "{exponent:?}");
        }
    }

    #[test]
    fn the_first_whole_key_of_several_lines_counts() {
        let cut = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5m\n";
        assert_eq!(ssh_fingerprint(cut), Err(PkiError::Ssh("the key is incomplete")));
        assert_eq!(ssh_fingerprint(&format!("{cut}{KEY}")), ssh_fingerprint(KEY));
    }

    #[test]
    fn other_strings_are_refused() {
        for text in ["", "hello", "ssh-rsa", "ssh-rsa !!!", "ssh-rsa AAAA", "-----BEGIN OPENSSH PRIVATE KEY-----"] {
            assert!(ssh_fingerprint(text).is_err(), "{text}");
        }
    }

    #[test]
    fn colons_stand_between_pairs() {
        assert_eq!(with_colons("70ac91"), "70:ac:91");
    }
}
