//! Addresses of prefixes and objects in S3, as specs hold them.

use std::fmt;

/// A bucket and a key or prefix in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct S3Location {
    /// The bucket.
    pub bucket: String,
    /// The key or prefix, without slashes around it; empty for the bucket itself.
    pub key: String,
}

/// Why a string is not an address in S3.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{address:?} is not an address of the form s3://bucket/prefix, which instances can read")]
pub struct S3LocationError {
    /// The address.
    pub address: String,
}

impl S3Location {
    /// Reads an address of the form `s3://bucket/prefix`.
    pub fn parse(address: &str) -> Result<Self, S3LocationError> {
        let error = || S3LocationError { address: address.to_owned() };
        address.strip_prefix("s3://").and_then(Self::from_path).ok_or_else(error)
    }

    /// Reads what follows `s3://`; `None` without a bucket. Empty parts of the key mean nothing: kops cleans every path it joins
    /// (`S3Path.Join`), so that keysets, managed files and policies agree on `s3://bucket/a//b`.
    pub fn from_path(path: &str) -> Option<Self> {
        let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
        (!bucket.is_empty()).then(|| Self { bucket: bucket.to_owned(), key: without_empty_parts(key) })
    }

    /// The bucket of an address; `None` for addresses that are not in S3.
    pub fn bucket_of(address: &str) -> Option<String> {
        Self::parse(address).ok().map(|location| location.bucket)
    }

    /// A location below this one.
    #[must_use]
    pub fn join(&self, path: &str) -> Self {
        Self { bucket: self.bucket.clone(), key: without_empty_parts(&format!("{}/{path}", self.key)) }
    }

    /// Bucket and key as ARNs hold them: `bucket/prefix`.
    pub fn path(&self) -> String {
        if self.key.is_empty() { self.bucket.clone() } else { format!("{}/{}", self.bucket, self.key) }
    }

    /// The HTTPS address under which S3 serves what lies here, in the bucket's region. Buckets with dots in their names do
    /// not go into the host, where no certificate would cover them.
    pub fn https_url(&self, region: &str, dual_stack: bool) -> String {
        let stack = if dual_stack { ".dualstack" } else { "" };
        let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
        let host = if self.bucket.contains('.') {
            format!("https://s3{stack}.{region}.{suffix}/{}", self.bucket)
        } else {
            format!("https://{}.s3{stack}.{region}.{suffix}", self.bucket)
        };
        if self.key.is_empty() { host } else { format!("{host}/{}", escaped(&self.key)) }
    }

    /// Whether another location is this one or lies below it.
    pub fn contains(&self, other: &Self) -> bool {
        let below = || other.key.strip_prefix(&self.key).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        self.bucket == other.bucket && (self.key.is_empty() || below())
    }
}

/// A path as a URL has it: what Go's `net/url` keeps in paths stays, everything else is percent-encoded.
fn escaped(path: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~$&+,/:;=@!*'()".contains(&byte);
    path.bytes().fold(String::new(), |mut out, byte| {
        match plain(byte) {
            true => out.push(char::from(byte)),
            false => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

/// A path without slashes at its ends and without several in a row.
pub(super) fn without_empty_parts(path: &str) -> String {
    path.split('/').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

impl fmt::Display for S3Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3://{}", self.path())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn addresses_are_read_and_joined() {
        let base = S3Location::parse("s3://state/a.example.com/").unwrap();
        assert_eq!(base.path(), "state/a.example.com");
        assert_eq!(base.join("pki/issued").to_string(), "s3://state/a.example.com/pki/issued");
        assert_eq!(S3Location::parse("s3://state").unwrap().join("x").path(), "state/x");
        assert_eq!(S3Location::parse("s3://b/a//c/").unwrap().join("//x//y").path(), "b/a/c/x/y");
        for bad in ["file:///tmp/state", "s3://", "state/x", ""] {
            assert!(S3Location::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn buckets_are_cut_out_of_addresses() {
        assert_eq!(S3Location::bucket_of("s3://state/prefix").as_deref(), Some("state"));
        assert_eq!(S3Location::bucket_of("file:///tmp"), None);
        assert_eq!(S3Location::bucket_of("s3://"), None);
    }

    #[test]
    fn s3_serves_by_https() {
        let url = |address, region, dual| S3Location::parse(address).unwrap().https_url(region, dual);
        assert_eq!(url("s3://b/a", "us-east-1", false), "https://b.s3.us-east-1.amazonaws.com/a");
        assert_eq!(url("s3://b", "cn-north-1", true), "https://b.s3.dualstack.cn-north-1.amazonaws.com.cn");
        assert_eq!(url("s3://b.c/a", "eu-west-1", false), "https://s3.eu-west-1.amazonaws.com/b.c/a");
    }

    #[test]
    fn a_prefix_contains_what_is_below_it_only() {
        let at = |address| S3Location::parse(address).unwrap();
        assert!(at("s3://a").contains(&at("s3://a/b")));
        assert!(at("s3://a/b").contains(&at("s3://a/b/c")));
        assert!(!at("s3://a/b").contains(&at("s3://a/bc")));
        assert!(!at("s3://a/b").contains(&at("s3://c/b/c")));
    }
}
