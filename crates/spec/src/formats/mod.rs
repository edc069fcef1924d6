//! Formats: strings with a grammar of their own, such as networks, ARNs, eviction thresholds and images.
//!
//! A field states its format in its JSON schema (`"format": "cidr"`); documents are checked against it as they are read.

mod aws;
mod gce;
mod kubernetes;
mod net;
mod system;

pub use aws::Arn;
pub(crate) use gce::is_name as is_google_name;
pub use gce::{google_label_key_error, google_label_value_error};
pub use kubernetes::{label_key_error, label_value_error};
pub use net::parse_cidr;

use super::meta::{Duration, Quantity};
use kopsform_diagnostics::Rule;

/// Why a string does not have a format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatError {
    /// A lower-case fragment that quotes the string.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// Whether kops refuses it too, so that it is an error even where the field is lenient.
    pub refused: bool,
    /// Whether kops accepts it in every field, so that it is not an error of kops even where the field is not lenient.
    pub accepted: bool,
}

impl FormatError {
    fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), hint: None, refused: false, accepted: false }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    fn refused(mut self) -> Self {
        self.refused = true;
        self
    }

    fn accepted(mut self) -> Self {
        self.accepted = true;
        self
    }
}

type Check = fn(&str) -> Result<(), FormatError>;

/// A format of strings.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// Its name in schemas.
    pub name: &'static str,
    /// The rule that findings report.
    pub rule: Rule,
    /// A regular expression that every valid string matches, for editors; `None` where there is no simple one.
    pub pattern: Option<&'static str>,
    check: Check,
}

impl PartialEq for Format {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Format {
    /// The format with a name.
    pub fn named(name: &str) -> Option<&'static Format> {
        FORMATS.iter().find(|f| f.name == name)
    }

    /// Checks that a string has this format.
    pub fn check(&self, text: &str) -> Result<(), FormatError> {
        (self.check)(text)
    }
}

const fn format(name: &'static str, rule: Rule, pattern: Option<&'static str>, check: Check) -> Format {
    Format { name, rule, pattern, check }
}

/// All formats, sorted by name.
pub const FORMATS: &[Format] = &[
    format("absolute-path", Rule::BadPath, Some("^/"), system::absolute_path),
    format("allocation-id", Rule::BadId, Some("^eipalloc-"), aws::allocation_id),
    format("authenticator-backends", Rule::UnknownValue, None, kubernetes::authenticator_backends),
    format("authorization-modes", Rule::UnknownValue, None, kubernetes::authorization_modes),
    format("autodetection-ipv4", Rule::BadAutodetection, None, net::autodetection_ipv4),
    format("autodetection-ipv6", Rule::BadAutodetection, None, net::autodetection_ipv6),
    format("bucket", Rule::BadBucket, Some("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$"), aws::bucket),
    format("certificate-arn", Rule::BadArn, Some("^arn:"), aws::certificate_arn),
    format("cidr", Rule::BadCidr, Some("^[0-9a-fA-F.:]+/[0-9]{1,3}$"), net::cidr),
    format("cidr-any", Rule::BadCidr, Some("^[0-9a-fA-F.:]+/[0-9]{1,3}$"), net::cidr_any),
    format("cidr-list", Rule::BadCidr, None, net::cidr_list),
    format("cidr-or-empty", Rule::BadCidr, None, net::cidr_or_empty),
    format("cidr-or-prefix-list", Rule::BadCidr, Some("^(pl-.+|[0-9a-fA-F.:]+/[0-9]{1,3})$"), net::cidr_or_prefix_list),
    format("cipher-suite", Rule::BadCipherSuite, Some("^TLS_[A-Z0-9_]+$"), system::cipher_suite),
    format("container-image", Rule::BadImage, Some("^[^\\s]+$"), system::container_image),
    format("count-or-percent", Rule::BadPercentage, None, kubernetes::count_or_percent),
    format("device", Rule::BadDevice, Some("^/dev/"), system::device),
    format("dns-name", Rule::BadName, None, net::dns_name),
    format("duration-text", Rule::BadDuration, None, duration),
    format("egress", Rule::BadEgress, Some("^(nat|eipalloc|i|tgw|External)(-|$)"), aws::egress),
    format("env-name", Rule::BadName, Some("^[-._a-zA-Z][-._a-zA-Z0-9]*$"), system::env_name),
    format("etcd-version", Rule::BadVersion, None, kubernetes::etcd_version),
    format("eviction-periods", Rule::BadEviction, None, kubernetes::eviction_periods),
    format("eviction-reclaims", Rule::BadEviction, None, kubernetes::eviction_reclaims),
    format("eviction-thresholds", Rule::BadEviction, None, kubernetes::eviction_thresholds),
    format("feature-gate-list", Rule::BadFeatureGate, None, kubernetes::feature_gate_list),
    format(
        "feature-gate-value",
        Rule::BadFeatureGate,
        Some("^([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])$"),
        kubernetes::feature_gate_value,
    ),
    format("file-mode", Rule::BadMode, Some("^[0-7]{3,4}$"), system::file_mode),
    format("fraction", Rule::OutOfRange, None, fraction),
    format("gce-access", Rule::BadCidr, Some("^[0-9a-fA-F.:]+/[0-9]{1,3}$"), gce::access),
    format("gce-egress", Rule::BadEgress, Some("^(nat|External)$"), gce::egress),
    format("gce-image", Rule::BadImage, None, gce::machine_image),
    format("gce-machine-type", Rule::BadMachineType, Some("^[a-z]+[0-9]*[a-z]*-"), gce::machine_type),
    format("gce-name", Rule::BadName, Some("^[a-z]([-a-z0-9]*[a-z0-9])?$"), gce::name),
    format("gce-network", Rule::BadName, None, gce::network),
    format("gce-project", Rule::BadName, None, gce::project),
    format("gce-region", Rule::UnknownRegion, Some("^[a-z]+(-[a-z]+)+[0-9]+$"), gce::region),
    format("gce-service-account", Rule::BadName, Some("(^default$|@)"), gce::service_account),
    format("gce-store", Rule::BadStore, Some("^[a-z0-9]+://"), gce::store),
    format("gce-zone", Rule::BadZone, Some("^[a-z]+(-[a-z]+)+[0-9]+-[a-z]$"), gce::zone),
    format("host", Rule::BadName, None, net::host),
    format("hosted-zone-id", Rule::BadId, Some("^(/hostedzone/)?Z[A-Z0-9]+$"), aws::hosted_zone_id),
    format("http-url", Rule::BadUrl, Some("^https?://"), net::http_url),
    format("https-url", Rule::BadUrl, Some("^https://"), net::https_url),
    format("iam-statements", Rule::BadPolicy, None, aws::iam_statements),
    format("identity-arn", Rule::BadArn, Some("^arn:"), aws::identity_arn),
    format("image", Rule::BadImage, None, aws::machine_image),
    format("instance-profile-arn", Rule::BadArn, Some("^arn:"), aws::instance_profile_arn),
    format("ip", Rule::BadAddress, None, net::ip),
    format("ip-port", Rule::BadAddress, None, net::ip_port),
    format("ipv4", Rule::BadAddress, None, net::ipv4),
    format("ipv6-cidr", Rule::BadCidr, None, net::ipv6_cidr),
    format("issuer", Rule::BadUrl, None, net::issuer),
    format("key-value", Rule::BadPair, Some("="), system::key_value),
    format("kms-key", Rule::BadArn, None, aws::kms_key),
    format("kubernetes-version", Rule::BadVersion, None, kubernetes::kubernetes_version),
    format("listen-address", Rule::BadAddress, None, net::listen_address),
    format("machine-type", Rule::BadMachineType, None, aws::machine_type),
    format("name", Rule::BadName, Some("^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$"), system::name),
    format("nameserver", Rule::BadAddress, None, net::nameserver),
    format("policy-arn", Rule::BadArn, Some("^arn:"), aws::policy_arn),
    format("port-range", Rule::BadPortRange, None, net::port_range),
    format("price", Rule::BadPrice, None, aws::price),
    format("quantity", Rule::BadQuantity, None, quantity),
    format("regex", Rule::BadPattern, None, system::regex),
    format("region", Rule::UnknownRegion, None, aws::region),
    format("registry", Rule::BadImage, Some("^[^\\s]+$"), system::registry),
    format("reserved-amount", Rule::BadQuantity, None, quantity),
    format("route-target", Rule::BadTarget, Some("^(pcx|i|nat|tgw|igw|eigw)-"), aws::route_target),
    format("security-group", Rule::BadId, Some("^sg-"), aws::security_group),
    format("sha256", Rule::BadHash, Some("^[0-9a-fA-F]{64}$"), system::sha256),
    format("ssh-key", Rule::BadKey, None, system::ssh_key),
    format("subnet-id", Rule::BadId, Some("^subnet-"), aws::subnet_id),
    format("sysctl", Rule::BadPair, Some("="), system::sysctl),
    format("taint", Rule::BadTaint, None, kubernetes::taint),
    format("target-group-arn", Rule::BadArn, Some("^arn:"), aws::target_group_arn),
    format("unit-name", Rule::BadName, Some("^[A-Za-z0-9:_.\\\\@-]+$"), system::unit_name),
    format("url", Rule::BadUrl, None, net::url),
    format("vfs", Rule::BadStore, Some("^[a-z0-9]+://"), aws::store),
    format("vpc-id", Rule::BadId, Some("^vpc-"), aws::vpc_id),
    format("zone", Rule::BadZone, Some("^[a-z]{2}(-[a-z]+)+-[0-9]+[a-z]$"), aws::zone),
];

fn duration(text: &str) -> Result<(), FormatError> {
    text.parse::<Duration>()
        .map(|_| ())
        .map_err(|error| FormatError { hint: duration_hint(text), ..FormatError::new(error.to_string()) })
}

/// The duration that an invalid string probably stands for.
pub fn duration_hint(text: &str) -> Option<String> {
    if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(format!("with a unit: {text}s"));
    }
    let days: u64 = text.strip_suffix('d')?.parse().ok()?;
    Some(format!("write {}h, days are not a unit", days.checked_mul(24)?))
}

fn quantity(text: &str) -> Result<(), FormatError> {
    if Quantity::from(text).nanos().is_some() {
        return Ok(());
    }
    let error = FormatError::new(format!("{text:?} is not a quantity such as 100m or 1Gi"));
    Err(match text.strip_suffix(['B', 'b']) {
        Some(short) if Quantity::from(short).nanos().is_some() => error.hint(format!("write {short}")),
        _ => error,
    })
}

fn fraction(text: &str) -> Result<(), FormatError> {
    match text.parse::<f64>() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(()),
        _ => Err(FormatError::new(format!("{text:?} is not a number from 0 to 1"))),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use proptest::prelude::*;

    use super::*;

    fn errors(format: &str, text: &str) -> Option<String> {
        Format::named(format).unwrap().check(text).err().map(|f| match f.hint {
            Some(hint) => format!("{} / {hint}", f.message),
            None => f.message,
        })
    }

    #[test]
    fn valid_strings_pass() {
        for (format, strings) in [
            ("cidr", &["10.0.0.0/8", "::/0", "fd00::/64"][..]),
            ("cidr-or-prefix-list", &["pl-12345", "0.0.0.0/0", "::/0"]),
            ("ipv6-cidr", &["/64#0", "/56#ff", "2001:db8::/64"]),
            ("policy-arn", &["arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws-cn:iam::123456789012:policy/x/y"]),
            ("target-group-arn", &["arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/0123"]),
            ("certificate-arn", &["arn:aws:acm:us-east-1:123456789012:certificate/x"]),
            ("image", &["ami-12345678", "ssm:/aws/service/x", "ubuntu/images/a b".split(' ').next().unwrap(), "own"]),
            ("machine-type", &["t3.medium", "u-6tb1.112xlarge", "m7i-flex.large"]),
            ("zone", &["us-east-1a", "us-gov-west-1b", "ap-northeast-1d"]),
            ("taint", &["a=b:NoSchedule", "example.com/x:NoExecute", "a=:PreferNoSchedule"]),
            ("eviction-thresholds", &["memory.available<100Mi,nodefs.available<10%", ""]),
            ("authorization-modes", &["Node,RBAC"]),
            ("autodetection-ipv4", &["first-found", "can-reach=1.2.3.4", "interface=eth.*,en0"]),
            ("port-range", &["30000-32767", "30000", "30000+100"]),
            ("price", &["0.10", "1", "12.345"]),
            ("vfs", &["s3://bucket/path", "file:///tmp/x"]),
            ("nameserver", &["1.1.1.1", "1.1.1.1:53", "[2606:4700::1111]:53", "https://1.1.1.1/dns-query"]),
            (
                "kms-key",
                &[
                    "arn:aws:kms:us-east-1:123456789012:key/x",
                    "alias/x",
                    "1234abcd-12ab-34cd-56ef-1234567890ab",
                    "mrk-1234",
                ],
            ),
            ("cidr-list", &["10.0.0.0/8,fd00::/8"]),
            ("issuer", &["kubernetes.default.svc", "kubernetes/serviceaccount", "https://api.example.com", "urn:a:b"]),
            ("instance-profile-arn", &["arn:aws-cn:iam::123456789012:instance-profile/a/b"]),
            ("route-target", &["pcx-1234abcd", "eigw-1"]),
            ("egress", &["nat-1", "External", "eipalloc-1", "i-1", "tgw-1"]),
            ("host", &["proxy", "10.0.0.1", "*.example.com", "::1"]),
            ("container-image", &["busybox", "registry.example.com:5000/a/b:1.0@sha256:00"]),
            ("ssh-key", &["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA me@here"]),
        ] {
            for text in strings {
                assert_eq!(errors(format, text), None, "{format} {text}");
            }
        }
    }

    #[test]
    fn invalid_strings_come_with_a_hint() {
        for (format, text, expected) in [
            ("cidr", "10.0.0.0", "\"10.0.0.0\" is not a network such as 10.0.0.0/16 / did you mean 10.0.0.0/32?"),
            ("cidr", "10.0.0.1/8", "10.0.0.1/8 has bits set after its prefix / did you mean 10.0.0.0/8?"),
            ("cidr", "fd00::1", "\"fd00::1\" is not a network such as 10.0.0.0/16 / did you mean fd00::1/64?"),
            ("ipv6-cidr", "10.0.0.0/8", "10.0.0.0/8 is not an IPv6 network"),
            (
                "zone",
                "us-east-1",
                "\"us-east-1\" is not an availability zone such as us-east-1a / did you mean us-east-1a?",
            ),
            ("zone", "us-esat-1a", "there is no region us-esat-1 / did you mean us-east-1a?"),
            (
                "taint",
                "a=b:Nope",
                "unknown effect \"Nope\" in a=b:Nope / effects are NoSchedule, PreferNoSchedule, NoExecute",
            ),
            ("price", "cheap", "\"cheap\" is not a price in dollars such as 0.10"),
            ("egress", "gw-1", "invalid egress \"gw-1\" / write nat-…, eipalloc-…, i-…, tgw-… or External"),
            ("security-group", "", "a security group is empty"),
            ("duration-text", "5", "\"5\" is not a duration such as 30s, 5m or 1h30m / with a unit: 5s"),
            ("quantity", "1GB", "\"1GB\" is not a quantity such as 100m or 1Gi / write 1G"),
        ] {
            assert_eq!(errors(format, text).as_deref(), Some(expected), "{format} {text}");
        }
        for (format, text) in [
            ("policy-arn", "notanarn"),
            ("target-group-arn", "arn:aws:elasticloadbalancing:us-east-1:1:targetgroup/a"),
            ("image", "docker://x"),
            ("machine-type", "t2.medium,t3.medium"),
            ("feature-gate-value", "maybe"),
            ("feature-gate-list", "A"),
            ("eviction-thresholds", "memory<1"),
            ("port-range", "5-4"),
            ("vfs", "ftp://x"),
            ("unit-name", "a b"),
            ("dns-name", "bad_domain"),
            ("iam-statements", "{"),
            ("etcd-version", "2.3.7"),
            ("sha256", "abc"),
            ("file-mode", "999"),
            ("regex", "("),
            ("sysctl", "bad"),
            ("autodetection-ipv4", "can-reach=::1"),
            ("count-or-percent", "a"),
            ("hosted-zone-id", "example.com"),
            ("certificate-arn", "arn:aws:acm:us-east-1:123456:certificate/x"),
            ("certificate-arn", "arn:aws:acm:us-east-1:123456789012:certificate/"),
            ("policy-arn", "arn:amazon:iam::123456789012:policy/x"),
            ("instance-profile-arn", "arn:aws:iam::12345678901x:instance-profile/x"),
            ("kms-key", "arn:aws:kms:useast1:123456789012:key/x"),
            ("issuer", "10.0.0.1:443"),
            ("issuer", ":x"),
            ("egress", "nat"),
            ("egress", "tgw-"),
            ("route-target", "pcx-"),
            ("route-target", "igw-a_b"),
            ("image", "ami-"),
            ("image", "ami-0123 456"),
        ] {
            assert!(errors(format, text).is_some(), "{format} {text}");
        }
    }

    #[test]
    fn formats_have_one_name_each_and_patterns_that_compile() {
        for (i, format) in FORMATS.iter().enumerate() {
            assert!(FORMATS[i + 1..].iter().all(|f| f.name != format.name), "{}", format.name);
            if let Some(pattern) = format.pattern {
                ::regex::Regex::new(pattern).unwrap();
            }
        }
    }

    proptest! {
        #[test]
        fn checks_never_panic(text in "\\PC{0,30}|[a-z0-9:./,=<%#-]{0,30}") {
            for format in FORMATS {
                let _ = format.check(&text);
            }
        }

        #[test]
        fn patterns_are_no_stricter_than_checks(text in "[a-z0-9:./,=<%#_A-Z-]{1,20}") {
            for format in FORMATS.iter().filter(|f| f.pattern.is_some()) {
                if format.check(&text).is_ok() {
                    let pattern = ::regex::Regex::new(format.pattern.unwrap()).unwrap();
                    prop_assert!(pattern.is_match(&text), "{} {}", format.name, text);
                }
            }
        }
    }
}
