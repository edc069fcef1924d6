//! Hashes of downloads: those of released versions are built in, others come from the facts.

use std::collections::HashMap;
use std::sync::OnceLock;

const BUILT_IN: &str = include_str!("asset_hashes.txt");

/// The built-in SHA-256 of a download address, in hex.
pub fn built_in(url: &str) -> Option<&'static str> {
    static HASHES: OnceLock<HashMap<String, &'static str>> = OnceLock::new();
    HASHES.get_or_init(|| parse(BUILT_IN)).get(url).copied()
}

fn parse(text: &'static str) -> HashMap<String, &'static str> {
    let mut section = "";
    let mut hashes = HashMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        match line.split_once(' ') {
            Some((hash, path)) => _ = hashes.insert(format!("{section}{path}"), hash),
            None if !line.is_empty() => section = line,
            None => {}
        }
    }
    hashes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_a_hash_of_an_address() {
        let hashes = parse(BUILT_IN);
        assert!(hashes.len() > 400);
        for (url, hash) in hashes {
            assert!(url.starts_with("https://"), "{url}");
            assert_eq!(hash.len(), 64, "{url}");
            assert!(hash.bytes().all(|b| b.is_ascii_hexdigit()), "{url}");
        }
    }

    #[test]
    fn the_first_release_of_every_supported_minor_is_known() {
        use kopsform_spec::versions::{NEWEST_SUPPORTED, OLDEST_SUPPORTED};
        for minor in OLDEST_SUPPORTED.1..=NEWEST_SUPPORTED.1 {
            for (architecture, file) in [("amd64", "kubelet"), ("arm64", "kubelet"), ("amd64", "kubectl")] {
                let url = format!("https://dl.k8s.io/release/v1.{minor}.0/bin/linux/{architecture}/{file}");
                assert!(built_in(&url).is_some(), "{url}");
            }
        }
    }
}
