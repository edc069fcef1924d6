//! The registry of rules: everything a [`Finding`](crate::Finding) can report, each with its name, the severities it has and
//! what it finds. `docs/rules.md` is generated from it.
//!
//! A new rule is a line in [`rules!`] below and a case in `tests/corpus`.

use std::fmt::{self, Write as _};
use std::str::FromStr;

/// Why a finding has its severity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// kops refuses it, or the input can't be read: always an error.
    Error,
    /// kops accepts it although it can't be meant: an error in `validate spec` and with `--strict`, else a warning.
    Strict,
    /// It works, but may not be what is meant: a warning, with `--strict` an error.
    Warning,
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Error => "error",
            Self::Strict => "strict",
            Self::Warning => "warning",
        })
    }
}

/// The part of the pipeline that reports a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Area {
    /// Reading YAML.
    Yaml,
    /// Parsing and rendering templates.
    Template,
    /// Decoding documents into typed objects.
    Document,
    /// Strings with a grammar of their own.
    Format,
    /// Fields, objects and versions checked against each other.
    Spec,
    /// Changes of a cluster that exists.
    Change,
    /// Commands that write files of objects to the state store.
    Store,
    /// `kopsform.yaml`.
    Project,
}

impl Area {
    /// All areas, in the order of the pipeline.
    pub const ALL: [Self; 8] = [
        Self::Yaml,
        Self::Template,
        Self::Document,
        Self::Format,
        Self::Spec,
        Self::Change,
        Self::Store,
        Self::Project,
    ];

    fn title(self) -> &'static str {
        match self {
            Self::Yaml => "YAML",
            Self::Template => "Templates",
            Self::Document => "Documents",
            Self::Format => "Formats",
            Self::Spec => "Specs",
            Self::Change => "Changes of an existing cluster",
            Self::Store => "Files written to the state store",
            Self::Project => "kopsform.yaml",
        }
    }
}

macro_rules! rules {
    ($($area:ident { $($variant:ident, $name:literal, [$($class:ident),+], $summary:literal;)+ })+) => {
        /// A rule that findings report.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $($(#[doc = $summary] $variant,)+)+
        }

        impl Rule {
            /// All rules, in the order of the pipeline.
            pub const ALL: &[Self] = &[$($(Self::$variant),+),+];

            /// The stable name, in kebab case: `unknown-field`, `bad-cidr`.
            pub const fn name(self) -> &'static str {
                match self {
                    $($(Self::$variant => $name,)+)+
                }
            }

            /// What the rule finds: a lower-case fragment in Markdown.
            pub const fn summary(self) -> &'static str {
                match self {
                    $($(Self::$variant => $summary,)+)+
                }
            }

            /// The classes its findings have; several where kops refuses only some of what it finds.
            pub const fn classes(self) -> &'static [Class] {
                match self {
                    $($(Self::$variant => &[$(Class::$class),+],)+)+
                }
            }

            /// The part of the pipeline that reports it.
            pub const fn area(self) -> Area {
                match self {
                    $($(Self::$variant => Area::$area,)+)+
                }
            }
        }
    };
}

rules! {
    Yaml {
        YamlSyntax, "yaml-syntax", [Error], "the input is not valid YAML";
        YamlAlias, "yaml-alias", [Error], "an alias refers to an anchor that is not defined before it, or that contains it";
        YamlKey, "yaml-key", [Error], "a mapping key is not a string";
        YamlLimit, "yaml-limit", [Error], "a document expands to more values, or nests deeper, than is read";
        YamlMerge, "yaml-merge", [Error], "`<<` merges something other than a mapping";
        DuplicateKey, "duplicate-key", [Error, Strict], "a mapping has the same key twice; kops keeps the last one";
        MissingSeparator, "missing-separator", [Error], "two objects are in one document: the line `---` between them is missing";
        TooLarge, "too-large", [Error], "the input is larger than is read";
        NotText, "not-text", [Error], "the input is not UTF-8";
        EmptyFile, "empty-file", [Error], "the input has no document";
        SeveralDocuments, "several-documents", [Error], "several documents where one is expected";
    }
    Template {
        Syntax, "syntax", [Error], "an action does not follow the grammar of Go templates";
        UnclosedAction, "unclosed-action", [Error], "`{{` without `}}`";
        UnclosedComment, "unclosed-comment", [Error], "`/*` without `*/`";
        BadComment, "bad-comment", [Error], "a comment does not fill its action";
        UnclosedBlock, "unclosed-block", [Error], "a block without `{{ end }}`";
        UnexpectedEnd, "unexpected-end", [Error], "`{{ end }}` without a block";
        UnexpectedElse, "unexpected-else", [Error], "`{{ else }}` outside a block, or a second one";
        OutsideRange, "outside-range", [Error], "`{{ break }}` or `{{ continue }}` outside a range";
        DuplicateTemplate, "duplicate-template", [Error], "a template name is defined twice";
        UnknownTemplate, "unknown-template", [Error], "a template that is not defined is called";
        UnknownVariable, "unknown-variable", [Error], "a variable is not defined";
        UnknownFunction, "unknown-function", [Error], "a function is not defined";
        NoFunction, "no-function", [Error], "arguments are given to something that is not a function";
        Arguments, "arguments", [Error], "a function is called with the wrong number or types of arguments";
        Call, "call", [Error], "a function or method returned an error";
        MissingKey, "missing-key", [Error], "a key is not in the values";
        Overflow, "overflow", [Error], "a number does not fit its type";
        Template, "template", [Error], "rendering stopped, for example at the limit of output or of nesting";
        TooDeep, "too-deep", [Error], "actions are nested deeper than is read";
        NoMapping, "no-mapping", [Error], "values, or a rendered document, are not a mapping";
    }
    Document {
        UnrenderedTemplate, "unrendered-template", [Error], "the input is a template, not what it renders";
        NoObject, "no-object", [Error], "a document is not an object";
        MissingKind, "missing-kind", [Error], "`apiVersion` or `kind` is missing";
        UnknownKind, "unknown-kind", [Error], "a kind that kops does not have";
        UnknownVersion, "unknown-version", [Error], "an API version that kops does not have";
        UnknownField, "unknown-field", [Strict], "a field that the object does not have; kops drops it";
        DeprecatedField, "deprecated-field", [Warning], "a field that is deprecated or ignored";
        WrongType, "wrong-type", [Error], "a value is of another type than its field";
        EmptyItem, "empty-item", [Error, Strict], "a list has an empty item";
        UnknownValue, "unknown-value", [Error, Strict], "a value is not one of the allowed values";
        OutOfRange, "out-of-range", [Error, Strict], "a number or duration is outside its bounds";
    }
    Format {
        BadAddress, "bad-address", [Error, Strict], "a string is not an IP address";
        BadArn, "bad-arn", [Error, Strict], "a string is not an ARN of the expected kind";
        BadAutodetection, "bad-autodetection", [Error, Strict], "a string is not a method of address autodetection";
        BadBase64, "bad-base64", [Error, Strict], "a string is not base64";
        BadBucket, "bad-bucket", [Error, Strict], "a string is not the name of a bucket";
        BadCidr, "bad-cidr", [Error, Strict], "a string is not a network in CIDR notation";
        BadCipherSuite, "bad-cipher-suite", [Error, Strict], "a string is not a TLS cipher suite";
        BadDevice, "bad-device", [Error, Strict], "a string is not a device name";
        BadDuration, "bad-duration", [Error, Strict], "a string is not a duration";
        BadEgress, "bad-egress", [Error, Strict], "a string is not an egress of a subnet, or the subnet can't have one";
        BadEviction, "bad-eviction", [Error, Strict], "a string is not a list of eviction thresholds";
        BadFeatureGate, "bad-feature-gate", [Error, Strict], "a string is not a feature gate";
        BadHash, "bad-hash", [Error, Strict], "a string is not a SHA-256 hash";
        BadId, "bad-id", [Error, Strict], "a string is not an AWS resource id of the expected kind";
        BadImage, "bad-image", [Error, Strict], "a string is not an image";
        BadKey, "bad-key", [Error, Strict], "a string is not an SSH public key";
        BadLabel, "bad-label", [Error, Strict], "a key or value is not a valid label, annotation or tag";
        BadMachineType, "bad-machine-type", [Error, Strict], "a string is not an instance or machine type";
        BadMode, "bad-mode", [Error, Strict], "a string is not a file mode";
        BadName, "bad-name", [Error, Strict], "a name is not allowed where it is used";
        BadPair, "bad-pair", [Error, Strict], "a string is not `key=value`";
        BadPath, "bad-path", [Error, Strict], "a path is not absolute, or is in the wrong directory";
        BadPattern, "bad-pattern", [Error, Strict], "a string is not a regular expression";
        BadPercentage, "bad-percentage", [Error, Strict], "a string is neither a count nor a percentage";
        BadPolicy, "bad-policy", [Error, Strict], "a string is not a list of IAM policy statements";
        BadPortRange, "bad-port-range", [Error, Strict], "a string is not a port range";
        BadPrice, "bad-price", [Error, Strict], "a string is not a price";
        BadQuantity, "bad-quantity", [Error, Strict], "a string is not a quantity";
        BadRange, "bad-range", [Error, Strict], "a network is outside the network that must contain it, or of the wrong IP family";
        BadScript, "bad-script", [Strict], "a script does not start with `#!`";
        BadStore, "bad-store", [Error, Strict], "an address is not a store that can be used here";
        BadTaint, "bad-taint", [Error, Strict], "a string is not a taint";
        BadTarget, "bad-target", [Error, Strict], "a string is not the target of a route, or can't be one here";
        BadUrl, "bad-url", [Error, Strict], "a string is not a URL of the expected kind";
        BadVersion, "bad-version", [Error, Strict], "a string is not a version";
        BadZone, "bad-zone", [Error, Strict], "a string is not a zone";
        UnknownRegion, "unknown-region", [Error, Strict], "a string is not a region";
    }
    Spec {
        MissingField, "missing-field", [Error, Strict, Warning], "a required field is missing";
        NeedsField, "needs-field", [Error, Strict, Warning], "a field needs another field that is missing";
        Conflict, "conflict", [Error, Strict, Warning], "fields exclude each other";
        NoEffect, "no-effect", [Strict, Warning], "a field has no effect";
        MisplacedField, "misplaced-field", [Error], "a field belongs to another object";
        ReservedLabel, "reserved-label", [Error, Strict], "a label or tag that kops sets itself";
        RemovedField, "removed-field", [Error, Strict], "a field of a feature that was removed";
        UnknownFeatureGate, "unknown-feature-gate", [Strict], "a feature gate that the component of this Kubernetes release does not have; the component exits";
        LockedFeatureGate, "locked-feature-gate", [Strict], "a feature gate is set to the value that this Kubernetes release no longer accepts; the component exits";
        UnknownAdmissionPlugin, "unknown-admission-plugin", [Error, Strict], "an admission plugin that this Kubernetes release does not have; the API server exits";
        UnknownApi, "unknown-api", [Strict], "an API version that this Kubernetes release does not have; the API server exits";
        ReservedField, "reserved-field", [Error], "a field that kops sets itself";
        UnsupportedField, "unsupported-field", [Error, Strict], "a field that kops, or kopsform, does not support here";
        UnsupportedValue, "unsupported-value", [Error], "a value that is not supported on this cloud";
        ReversedField, "reversed-field", [Warning], "a field that kops reads the wrong way round";
        FeatureFlag, "feature-flag", [Error], "a setting needs a feature flag or feature gate";
        SurprisingCombination, "surprising-combination", [Warning], "settings that work, but may not do what is meant";
        SurprisingDefault, "surprising-default", [Warning], "a default that differs from what new clusters get";
        SurprisingValue, "surprising-value", [Warning], "a value that works, but may not do what is meant";
        AnonymousAccess, "anonymous-access", [Warning], "unauthenticated requests are served";
        DuplicateObject, "duplicate-object", [Error], "two objects have the same kind and name";
        DuplicateName, "duplicate-name", [Error, Strict], "two items have the same name";
        DuplicateItem, "duplicate-item", [Error, Strict], "a list has an item twice";
        DuplicateId, "duplicate-id", [Strict], "two subnets have the same id";
        DuplicateDevice, "duplicate-device", [Strict], "two volumes or mounts use the same device or path";
        DuplicatePath, "duplicate-path", [Strict], "two file assets have the same path";
        DuplicateRoute, "duplicate-route", [Error], "two routes have the same destination";
        DuplicateAddress, "duplicate-address", [Strict], "the names of two groups or subnets give the same Terraform address";
        MissingLabel, "missing-label", [Error], "an instance group does not name its cluster";
        UnknownCluster, "unknown-cluster", [Error], "an instance group names a cluster that is not in the files";
        UnknownGroup, "unknown-group", [Error], "an instance group does not exist";
        UnknownSubnet, "unknown-subnet", [Error], "a subnet does not exist";
        UnknownZone, "unknown-zone", [Strict], "the cluster has no subnet in a zone, or the zone is in another region";
        UnknownRole, "unknown-role", [Error], "a role does not exist";
        UnsupportedCloud, "unsupported-cloud", [Error], "a cloud that is not supported";
        UnsupportedVersion, "unsupported-version", [Error, Warning], "a version that is not supported";
        OldVersion, "old-version", [Warning], "a version whose support ends soon";
        ControlCharacter, "control-character", [Error], "a value has a line break or another control character";
        ForeignAddress, "foreign-address", [Error, Warning], "an address of the cluster's state is, or seems to be, that of another cluster";
        MissingGroup, "missing-group", [Error], "the cluster has no control-plane group, or no group of nodes";
        WrongRole, "wrong-role", [Error], "a setting or object needs an instance group of another role";
        WrongProcessor, "wrong-processor", [Error], "an instance type does not run the architecture of the image";
        MixedProcessors, "mixed-processors", [Error], "a mixed instances policy mixes instance types with and without GPU";
        NeedsKarpenter, "needs-karpenter", [Strict], "an instance group is managed by Karpenter, which is not enabled";
        Overlap, "overlap", [Error, Strict], "two networks overlap";
        OutsideZone, "outside-zone", [Strict], "a name gets a record in a hosted zone that it is not part of";
        OtherVpc, "other-vpc", [Error], "an existing subnet is in another VPC than the cluster";
        DiffersFromCloud, "differs-from-cloud", [Error, Strict], "a spec says something else than what exists in AWS";
        WrongAccount, "wrong-account", [Strict], "an ARN names another account than the cluster's";
        WrongRegion, "wrong-region", [Strict], "an ARN names another region or partition than the cluster's";
        MissingFile, "missing-file", [Strict, Warning], "a setting names a file that nothing puts on the instances of the component";
        MixedRelease, "mixed-release", [Warning], "an image is from another release than the rest of the cluster";
        OutsideNetwork, "outside-network", [Error], "an address or network is outside the network that must contain it";
        NeedsIpv6, "needs-ipv6", [Error], "a setting needs an IPv6 cluster";
        NoIpv6, "no-ipv6", [Error], "a setting does not work in an IPv6 cluster";
        SeveralRegions, "several-regions", [Error], "subnets are in several regions";
        SeveralZones, "several-zones", [Error], "the instance group of an etcd member is in several zones";
        MixedEgress, "mixed-egress", [Error], "private subnets of a zone have different egresses";
        MixedSubnets, "mixed-subnets", [Error], "subnets of different types, or new and existing ones, are mixed";
        NoPrivateSubnet, "no-private-subnet", [Error], "an internal load balancer without a private subnet";
        NoPublicSubnet, "no-public-subnet", [Strict], "a public load balancer without a public subnet";
        NoUtilitySubnet, "no-utility-subnet", [Error], "a zone with private subnets lacks the utility subnet for its NAT gateway";
        SeveralUtilitySubnets, "several-utility-subnets", [Error], "a zone with private subnets has several utility subnets";
        NeedsNetworkLoadBalancer, "needs-network-load-balancer", [Error], "a setting needs a network load balancer";
        SeveralPlugins, "several-plugins", [Error], "several network plugins are chosen";
        RemovedPlugin, "removed-plugin", [Error], "a plugin that was removed";
        KubeProxyEnabled, "kube-proxy-enabled", [Error], "a network plugin that replaces kube-proxy needs it disabled";
        DnsMismatch, "dns-mismatch", [Error], "pods ask another address than the DNS server has";
        NeedsCertManager, "needs-cert-manager", [Error], "an addon needs cert-manager";
        NeedsExternalPermissions, "needs-external-permissions", [Error], "an addon needs IAM roles for service accounts";
        RequiredAddon, "required-addon", [Error], "an addon that can't be disabled";
        MissingMode, "missing-mode", [Error], "a required authorization mode is missing";
        VolumeRatio, "volume-ratio", [Error, Strict], "IOPS or throughput are too high for the volume";
        EvenMembers, "even-members", [Error], "an etcd cluster has an even number of members";
        MissingEtcdCluster, "missing-etcd-cluster", [Error, Strict], "a required etcd cluster is missing";
        RefusedByUpdate, "refused-by-update", [Error], "`update cluster` can't complete the specs, or express them in the cloud";
        MissingMember, "missing-member", [Error], "a control-plane group without an etcd member";
        MixedVersions, "mixed-versions", [Error], "etcd clusters have different versions";
        NeedsEtcd, "needs-etcd", [Error], "Cilium needs an etcd cluster of its own";
        SharedGroup, "shared-group", [Warning], "two etcd members are in the same instance group";
    }
    Change {
        ImmutableField, "immutable-field", [Error, Strict], "a field that can't change once the cluster exists";
        RemovedEtcdCluster, "removed-etcd-cluster", [Error], "an etcd cluster is removed from an existing cluster";
        LostQuorum, "lost-quorum", [Strict], "a change of etcd members loses the quorum";
        VersionSkew, "version-skew", [Strict], "a Kubernetes upgrade skips a minor release, or is a downgrade";
    }
    Store {
        NoName, "no-name", [Error], "an object has no name";
        NoClusterLabel, "no-cluster-label", [Error], "an object does not name its cluster";
        NoSuchCluster, "no-such-cluster", [Error], "the cluster does not exist in the state store";
        Existence, "existence", [Error], "an object does not exist, or exists already";
        Renamed, "renamed", [Error], "an edited object has another name";
        UnhandledKind, "unhandled-kind", [Error], "a command does not work on objects of a kind";
        AdditionalObjects, "additional-objects", [Error], "additional objects without exactly one cluster";
        BadSshKey, "bad-ssh-key", [Error], "a string is not an SSH public key that can be stored";
    }
    Project {
        Outputs, "outputs", [Error], "several sources of Terraform outputs";
        VersionConstraint, "version-constraint", [Error], "a constraint on the versions of Terraform or of a provider is invalid, or no block would have it";
    }
}

impl Rule {
    /// Whether any of its findings may be switched off: those that kops refuses may not.
    pub fn may_be_allowed(self) -> bool {
        self.classes().iter().any(|class| *class != Class::Error)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// There is no rule of this name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown rule {name:?}")]
pub struct UnknownRule {
    /// The name as given.
    pub name: String,
    /// The rule with the nearest name, if one is near enough to be meant.
    pub nearest: Option<Rule>,
}

impl crate::Explain for UnknownRule {
    fn hints(&self) -> Vec<String> {
        self.nearest.map(|rule| format!("did you mean {rule}?")).into_iter().collect()
    }
}

impl FromStr for Rule {
    type Err = UnknownRule;

    fn from_str(name: &str) -> Result<Self, UnknownRule> {
        let named = |name: &str| Self::ALL.iter().copied().find(|rule| rule.name() == name);
        named(name).ok_or_else(|| {
            let nearest = crate::nearest(name, Self::ALL.iter().map(|rule| rule.name())).and_then(named);
            UnknownRule { name: name.to_owned(), nearest }
        })
    }
}

/// The contents of `docs/rules.md`.
pub fn markdown() -> String {
    let mut text = String::from(
        "<!-- Generated from crates/diagnostics/src/rule.rs; `just update` writes it. -->\n\n# Rules\n\n\
         The rules that kopsform checks, by name. The severities are\n\n\
         - `error`: kops refuses the spec, or it can't be read. Always an error.\n\
         - `strict`: kops accepts the spec, but it can't work as intended. An error in `validate spec` and with `--strict`, \
         else a warning.\n\
         - `warning`: the spec works, but may not be what you intend. An error with `--strict`.\n\n\
         A rule has several severities if kops refuses only some of its findings.\n\n\
         `--allow RULE` switches a rule off for one run of a command, `validate.allow` in `kopsform.yaml` for a project. Findings \
         of severity `error` can't be switched off.\n",
    );
    for area in Area::ALL {
        let _ = write!(text, "\n## {}\n\n| rule | severity | finds |\n|---|---|---|\n", area.title());
        for rule in Rule::ALL.iter().filter(|rule| rule.area() == area) {
            let classes: Vec<String> = rule.classes().iter().map(Class::to_string).collect();
            let _ = writeln!(text, "| `{rule}` | {} | {} |", classes.join(", "), rule.summary());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn names_are_unique_kebab_case_and_parse() {
        for (i, rule) in Rule::ALL.iter().enumerate() {
            let name = rule.name();
            assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'), "{name}");
            assert!(Rule::ALL[..i].iter().all(|other| other.name() != name), "{name}");
            assert_eq!(name.parse(), Ok(*rule));
        }
        assert_eq!("unknown-feild".parse::<Rule>().unwrap_err().nearest, Some(Rule::UnknownField));
    }

    #[test]
    fn summaries_are_fragments_and_fit_a_table() {
        for rule in Rule::ALL {
            let summary = rule.summary();
            assert!(!summary.ends_with('.') && !summary.contains(['|', '\n']), "{rule}: {summary}");
        }
    }

    #[test]
    fn only_what_kops_accepts_may_be_allowed() {
        assert!(Rule::UnknownField.may_be_allowed() && Rule::Conflict.may_be_allowed());
        assert!(!Rule::WrongType.may_be_allowed());
    }
}
