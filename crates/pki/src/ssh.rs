//! SSH public keys.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use md5::{Digest as _, Md5};

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

/// The MD5 fingerprint of a public key as 32 hex digits: the name it is stored under.
pub fn ssh_fingerprint(line: &str) -> Result<String, PkiError> {
    Ok(Md5::digest(wire_format(line)?).iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A fingerprint with a colon after every two digits, as it is shown.
pub fn with_colons(fingerprint: &str) -> String {
    let pairs: Vec<&str> = fingerprint.as_bytes().chunks(2).filter_map(|pair| std::str::from_utf8(pair).ok()).collect();
    pairs.join(":")
}

/// The key itself, in the form of the SSH protocol. Options before the kind, and a comment after the key, are skipped.
fn wire_format(text: &str) -> Result<Vec<u8>, PkiError> {
    if text.contains("PRIVATE KEY") {
        return Err(PkiError::Ssh("it is a private key"));
    }
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    for line in lines {
        let mut words = line.split_whitespace();
        while let Some(word) = words.next() {
            if !KINDS.contains(&word) {
                continue;
            }
            let Some(Ok(key)) = words.next().map(|encoded| STANDARD.decode(encoded)) else {
                return Err(PkiError::Ssh("its key is not in base64"));
            };
            // The key begins with the length and name of its kind.
            let kind = [&(word.len() as u32).to_be_bytes()[..], word.as_bytes()].concat();
            return if key.len() > kind.len() && key.starts_with(&kind) {
                Ok(key)
            } else {
                Err(PkiError::Ssh("its key is of another kind than it says"))
            };
        }
    }
    Err(PkiError::Ssh("no line of it begins with a kind of key such as ssh-ed25519"))
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

    #[test]
    fn other_texts_are_refused() {
        for text in ["", "hello", "ssh-rsa", "ssh-rsa !!!", "ssh-rsa AAAA", "-----BEGIN OPENSSH PRIVATE KEY-----"] {
            assert!(ssh_fingerprint(text).is_err(), "{text}");
        }
    }

    #[test]
    fn colons_stand_between_pairs() {
        assert_eq!(with_colons("70ac91"), "70:ac:91");
    }
}
