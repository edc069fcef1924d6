//! Kubernetes versions: parsing, comparing, and the range that the node software supports.

use std::fmt;

use semver::Version;

/// The oldest Kubernetes release the node software runs.
pub const OLDEST_SUPPORTED: (u64, u64) = (1, 31);
/// Older releases still run, but are deprecated.
pub const OLDEST_RECOMMENDED: (u64, u64) = (1, 33);
/// The newest Kubernetes release the node software runs.
pub const NEWEST_SUPPORTED: (u64, u64) = (1, 36);

/// The release of etcd-manager that this kops release runs.
pub const ETCD_MANAGER_RELEASE: &str = "3.0.20260707";

/// Why a string is not a Kubernetes version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a Kubernetes version such as 1.36.0")]
pub struct ParseVersionError(pub String);

/// A Kubernetes version: a release such as `1.36.0`, or the address of a build that holds one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesVersion {
    text: String,
    version: Version,
}

impl KubernetesVersion {
    /// Reads `1.36.0`, `v1.36`, or a download address that has a part `/v1.36.…`.
    ///
    /// # Errors
    /// When the string has no version.
    pub fn parse(text: &str) -> Result<Self, ParseVersionError> {
        let version = parse_tolerant(text).or_else(|| version_in_address(text));
        let version = version.ok_or_else(|| ParseVersionError(text.to_owned()))?;
        Ok(Self { text: text.to_owned(), version })
    }

    /// Whether the version is at least this release. Pre-releases and build names do not count: `1.36.0-beta.1` is 1.36.
    pub fn at_least(&self, major: u64, minor: u64) -> bool {
        (self.version.major, self.version.minor) >= (major, minor)
    }

    /// The number after the first dot.
    pub fn minor(&self) -> u64 {
        self.version.minor
    }

    /// The parsed version.
    pub fn version(&self) -> &Version {
        &self.version
    }

    /// Whether it names one release, with the patch: `1.36` has none, and its binaries can't be downloaded.
    pub fn names_release(&self) -> bool {
        self.is_address() || self.text.trim().split('.').count() >= 3
    }

    /// Whether binaries come from an address of their own instead of the releases.
    pub fn is_address(&self) -> bool {
        is_address(&self.text)
    }
}

/// Prints the string it was parsed from.
impl fmt::Display for KubernetesVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Whether the string is a download URL rather than a version.
pub fn is_address(text: &str) -> bool {
    text.starts_with("http:") || text.starts_with("https:")
}

/// Reads a semantic version that may begin with `v`, lack its last parts, or pad numbers with zeros.
pub fn parse_tolerant(text: &str) -> Option<Version> {
    let text = text.trim();
    let text = text.strip_prefix('v').unwrap_or(text);
    let mut parts = text.splitn(3, '.');
    let number = |part: &str| {
        let digits = part.trim_start_matches('0');
        if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        if digits.is_empty() { Some(0) } else { digits.parse::<u64>().ok() }
    };
    let major = number(parts.next()?)?;
    let minor = parts.next().map_or(Some(0), number)?;
    let Some(rest) = parts.next() else {
        return Some(Version::new(major, minor, 0));
    };
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let patch = number(&rest[..end])?;
    Version::parse(&format!("{major}.{minor}.{patch}{}", &rest[end..])).ok()
}

fn version_in_address(text: &str) -> Option<Version> {
    let after = &text[text.find("/v1.")? + 4..];
    let (minor, _) = after.split_once('.')?;
    minor.parse().ok().map(|minor| Version::new(1, minor, 0))
}

/// A set of versions such as `>=1.27.0 <1.32.0`, alternatives separated by `||`.
///
/// Unlike Cargo's requirements, a pre-release counts as any other version does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRange(Vec<Vec<(Comparison, Version)>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

impl VersionRange {
    /// Reads a range; `None` when a part of it is not a comparison with a version.
    pub fn parse(text: &str) -> Option<Self> {
        let alternatives: Option<Vec<_>> = text
            .split("||")
            .map(|all| all.split([' ', '&']).filter(|part| !part.is_empty()).map(parse_comparison).collect())
            .collect();
        alternatives.map(Self)
    }

    /// Whether the version is in the range.
    pub fn contains(&self, version: &Version) -> bool {
        self.0.iter().any(|all| {
            all.iter().all(|(comparison, bound)| {
                let order = version.cmp_precedence(bound);
                match comparison {
                    Comparison::Less => order.is_lt(),
                    Comparison::LessOrEqual => order.is_le(),
                    Comparison::Equal => order.is_eq(),
                    Comparison::NotEqual => order.is_ne(),
                    Comparison::GreaterOrEqual => order.is_ge(),
                    Comparison::Greater => order.is_gt(),
                }
            })
        })
    }
}

fn parse_comparison(text: &str) -> Option<(Comparison, Version)> {
    let operators = [
        ("<=", Comparison::LessOrEqual),
        (">=", Comparison::GreaterOrEqual),
        ("!=", Comparison::NotEqual),
        ("==", Comparison::Equal),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
        ("=", Comparison::Equal),
        ("!", Comparison::NotEqual),
        ("", Comparison::Equal),
    ];
    let (rest, comparison) = operators.iter().find_map(|(sign, c)| Some((text.strip_prefix(sign)?, *c)))?;
    Some((comparison, Version::parse(rest).ok()?))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn versions_are_read_as_users_write_them() {
        for (text, read) in [
            ("1.36.0", "1.36.0"),
            ("v1.36.2", "1.36.2"),
            (" v1.36 ", "1.36.0"),
            ("1", "1.0.0"),
            ("1.036.01", "1.36.1"),
            ("1.36.0-beta.1+abc", "1.36.0-beta.1+abc"),
        ] {
            assert_eq!(parse_tolerant(text), Some(Version::parse(read).unwrap()), "{text}");
        }
        for bad in ["", "v", "latest", "1.x", "1..2", "1.36.", "-1.2.3"] {
            assert_eq!(parse_tolerant(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_release_has_a_patch() {
        let names_release = |text: &str| KubernetesVersion::parse(text).unwrap().names_release();
        for text in ["1.36.0", "v1.36.2", "1.36.0-beta.1", "https://example.com/v1.36.0/bin"] {
            assert!(names_release(text), "{text}");
        }
        assert!(!names_release("1.36") && !names_release("v1.36") && !names_release("1"));
    }

    #[test]
    fn a_build_address_tells_its_minor_release() {
        let build = KubernetesVersion::parse("https://storage.example.com/ci/v1.36.0-alpha.0.615+cc55").unwrap();
        assert!(build.is_address());
        assert_eq!(build.minor(), 36);
        assert!(KubernetesVersion::parse("https://example.com/builds").is_err());
    }

    #[test]
    fn pre_releases_count_as_their_release() {
        let version = KubernetesVersion::parse("1.34.0-rc.1").unwrap();
        assert!(version.at_least(1, 34));
        assert!(!version.at_least(1, 35));
    }

    #[test]
    fn ranges_are_conjunctions_of_comparisons() {
        let contains = |range: &str, version: &str| {
            VersionRange::parse(range).unwrap().contains(&Version::parse(version).unwrap())
        };
        assert!(contains(">=1.27.0 <1.32.0", "1.31.9"));
        assert!(!contains(">=1.27.0 <1.32.0", "1.32.0"));
        assert!(contains(">=1.35.0-alpha.1", "1.36.2"));
        assert!(contains("<1.11.0 || >=1.36.0", "1.36.0"));
        assert!(contains("<1.36.0", "1.36.0-beta.1"));
        assert!(VersionRange::parse(">=latest").is_none());
    }
}
