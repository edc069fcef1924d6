//! SSH public keys: type and key count, the comment does not.

use serde_json::Value;

use crate::path::Path;
use crate::tree::Difference;

/// Whether a text is one public key in OpenSSH's format (sshd(8), "AUTHORIZED_KEYS FILE FORMAT"), without options.
pub(crate) fn is_public_key(text: &str) -> bool {
    let mut parts = text.split_whitespace();
    let (Some(kind), Some(blob)) = (parts.next(), parts.next()) else { return false };
    let known = ["ssh-", "ecdsa-", "sk-ssh-", "sk-ecdsa-"].iter().any(|prefix| kind.starts_with(prefix));
    // The blob begins with the length of the type: three zero bytes, `AAAA` in base64.
    known && blob.starts_with("AAAA") && text.trim().lines().count() == 1
}

pub(crate) fn diff(old: &str, new: &str) -> Vec<Difference> {
    let key = |text: &str| text.split_whitespace().take(2).collect::<Vec<_>>().join(" ");
    let (a, b) = (key(old), key(new));
    if a == b {
        return Vec::new();
    }
    vec![Difference { path: Path::default(), old: Some(Value::from(a)), new: Some(Value::from(b)), reordered: false }]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_comment_is_not_part_of_a_key() {
        assert!(is_public_key("ssh-ed25519 AAAAC3Nz a comment\n") && !is_public_key("ssh-agent is running"));
        assert!(diff("ssh-rsa AAAAB3 me@here\n", "ssh-rsa AAAAB3").is_empty());
        assert_eq!(diff("ssh-rsa AAAAB3 me", "ssh-rsa AAAAB4 me").len(), 1);
    }
}
