//! Names of cloud resources.
//!
//! Names are kops' names, dots included; [`terraform_name`] makes addresses of them. [`gce`] has those of Google Cloud.

pub mod gce;

/// A name as Terraform allows it in addresses: `.` becomes `-`, `/` becomes `--`, `:` becomes `_`, and a digit at the
/// start gets the prefix `prefix_`.
pub fn terraform_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        out.push_str("prefix_");
    }
    for c in name.chars() {
        match c {
            '.' => out.push('-'),
            '/' => out.push_str("--"),
            ':' => out.push('_'),
            c => out.push(c),
        }
    }
    out
}

/// FNV-1a over 32 bits.
pub fn fnv1a32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
}

/// The first characters of the FNV-1a hash of a string in lower-case base32 (RFC 4648's extended hex alphabet).
pub fn short_hash(text: &str, length: usize) -> String {
    const ALPHABET: &[u8; 32] = b"0123456789abcdefghijklmnopqrstuv";
    // Four bytes are seven digits of five bits, the last one padded with zeros.
    let bits = u64::from(fnv1a32(text.as_bytes())) << 3;
    (0..7).take(length).map(|i| char::from(ALPHABET[(bits >> (30 - 5 * i)) as usize & 31])).collect()
}

/// Whether a short name gets a hash as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HashSuffix {
    /// Only truncated names.
    WhenCut,
    /// Every name, so that short names have the same form.
    Always,
}

/// Truncates a name to a number of bytes, the last seven a hyphen and six characters of its hash.
pub fn truncate(name: &str, max_length: usize, suffix: HashSuffix) -> String {
    if suffix == HashSuffix::WhenCut && name.len() <= max_length {
        return name.to_owned();
    }
    let hash = short_hash(name, 6);
    let mut end = name.len().min(max_length.saturating_sub(hash.len() + 1));
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}-{hash}", &name[..end])
}

/// A name of at most 32 characters, as load balancers and target groups need: `api-a-example-com-1a2b3c`.
pub fn load_balancer_name(cluster: &str, prefix: &str) -> String {
    truncate(&format!("{prefix}-{}", cluster.replace('.', "-")), 32, HashSuffix::Always)
}

/// What the names of a cluster's EventBridge rules begin with, before a hyphen and the event.
pub fn event_rule_prefix(cluster: &str) -> String {
    const LENGTH: usize = 40;
    truncate(cluster, LENGTH, HashSuffix::WhenCut)
}

/// The start of the name of a cluster's queues, at most 75 characters, without dots.
pub fn queue_prefix(cluster: &str) -> String {
    truncate(&cluster.replace('.', "-"), 75, HashSuffix::WhenCut)
}

/// Whether a DNS name is a zone's own, or below it. Both may end with a dot.
pub fn is_in_zone(name: &str, zone: &str) -> bool {
    let plain = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
    let zone = plain(zone);
    plain(name).strip_suffix(&zone).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_no_dots_slashes_or_colons() {
        assert_eq!(terraform_name("a.example.com"), "a-example-com");
        assert_eq!(terraform_name("0.0.0.0/0"), "prefix_0-0-0-0--0");
        assert_eq!(terraform_name("::/0"), "__--0");
        assert_eq!(terraform_name(""), "");
    }

    #[test]
    fn hashes_are_those_kops_appends() {
        assert_eq!(load_balancer_name("complex.example.com", "api"), "api-complex-example-com-vd3t5n");
        assert_eq!(load_balancer_name("lifecyclephases.example.com", "bastion"), "bastion-lifecyclephases-e-l87b1d");
        assert_eq!(fnv1a32(b""), 0x811c_9dc5);
        assert_eq!(fnv1a32(b"foobar"), 0xbf9c_f968);
    }

    #[test]
    fn only_long_names_are_cut() {
        assert_eq!(truncate("nodes.a", 64, HashSuffix::WhenCut), "nodes.a");
        let long = "x".repeat(80);
        let cut = truncate(&long, 64, HashSuffix::WhenCut);
        assert_eq!(cut.len(), 64);
        assert!(cut.starts_with(&long[..57]));
        assert!(truncate("ü".repeat(40).as_str(), 64, HashSuffix::WhenCut).len() <= 64);
    }
}
