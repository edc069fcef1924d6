//! kops' feature flags, from `KOPS_FEATURE_FLAGS`.

use crate::{self as env, Environment};
use kopsform_diagnostics::nearest;

/// A feature flag of kops that matters on AWS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// One instance group for each node in `create cluster`.
    AwsSingleNodesInstanceGroup,
    /// Instance groups of role APIServer.
    ApiServerNodes,
    /// kops-controller caches the identity of nodes.
    CacheNodeidentityInfo,
    /// Additional objects in `create cluster --add`.
    ClusterAddons,
    /// Support for Cluster API machines in kops-controller.
    ClusterApi,
    /// The discovery service.
    DiscoveryService,
    /// A `--config-base` outside the state store.
    EnableSeparateConfigBase,
    /// Plain HTTP for the events etcd cluster.
    EtcdEventsHttp,
    /// Custom cluster DNS addresses.
    ExperimentalClusterDns,
    /// Container images by digest; on by default.
    ImageDigest,
    /// The Kubernetes feature gate SELinuxMount.
    SeLinuxMount,
    /// etcd versions that kops does not know.
    SkipEtcdVersionCheck,
    /// Kubernetes releases that are newer than the node software. Not a flag, but the variable `KOPS_RUN_TOO_NEW_VERSION`.
    RunTooNewVersion,
    /// Managed files as `aws_s3_object`; on by default.
    TerraformManagedFiles,
    /// Does not set `enable_dns_support` of a VPC.
    VpcSkipEnableDnsSupport,
}

impl Feature {
    const ALL: [(Feature, &'static str, bool); 14] = [
        (Feature::AwsSingleNodesInstanceGroup, "AWSSingleNodesInstanceGroup", false),
        (Feature::ApiServerNodes, "APIServerNodes", false),
        (Feature::CacheNodeidentityInfo, "CacheNodeidentityInfo", false),
        (Feature::ClusterAddons, "ClusterAddons", false),
        (Feature::ClusterApi, "ClusterAPI", false),
        (Feature::DiscoveryService, "DiscoveryService", false),
        (Feature::EnableSeparateConfigBase, "EnableSeparateConfigBase", false),
        (Feature::EtcdEventsHttp, "EtcdEventsHTTP", false),
        (Feature::ExperimentalClusterDns, "ExperimentalClusterDNS", false),
        (Feature::ImageDigest, "ImageDigest", true),
        (Feature::SeLinuxMount, "SELinuxMount", false),
        (Feature::SkipEtcdVersionCheck, "SkipEtcdVersionCheck", false),
        (Feature::TerraformManagedFiles, "TerraformManagedFiles", true),
        (Feature::VpcSkipEnableDnsSupport, "VPCSkipEnableDNSSupport", false),
    ];
}

/// Feature flags of kops for other clouds or for what kopsform does not have.
const UNSUPPORTED: [&str; 13] = [
    "Azure",
    "AzureTerraform",
    "DOTerraform",
    "GoogleCloudBucketAcl",
    "Linode",
    "Metal",
    "Scaleway",
    "Spotinst",
    "SpotinstController",
    "SpotinstHybrid",
    "SpotinstOcean",
    "SpotinstOceanTemplate",
    "UseAddonOperators",
];

/// The features that are on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Features(Vec<Feature>);

impl Default for Features {
    fn default() -> Self {
        Self(Feature::ALL.iter().filter(|(_, _, on)| *on).map(|(f, _, _)| *f).collect())
    }
}

impl Features {
    /// Reads the environment; unknown names are ignored.
    pub fn from_environment(environment: &Environment) -> Self {
        let mut features = Self::default();
        for flag in environment.get(env::KOPS_FEATURE_FLAGS).unwrap_or_default().split(',').map(str::trim) {
            let (name, on) = match flag.strip_prefix('-') {
                Some(name) => (name, false),
                None => (flag.strip_prefix('+').unwrap_or(flag), true),
            };
            if let Some((feature, _, _)) = Feature::ALL.iter().find(|(_, known, _)| *known == name) {
                features.0.retain(|f| f != feature);
                if on {
                    features.0.push(*feature);
                }
            }
        }
        if environment.get(env::KOPS_RUN_TOO_NEW_VERSION).is_some() {
            features.0.push(Feature::RunTooNewVersion);
        }
        features
    }

    /// Warnings about names in the environment without effect: unknown ones, and those of other clouds.
    pub fn remarks(environment: &Environment) -> Vec<String> {
        let names = environment.get(env::KOPS_FEATURE_FLAGS).unwrap_or_default().split(',').map(str::trim);
        let names = names.map(|flag| flag.trim_start_matches(['+', '-'])).filter(|name| !name.is_empty());
        let known = || Feature::ALL.iter().map(|(_, name, _)| *name);
        names
            .filter(|name| !known().any(|k| k == *name))
            .map(|name| match nearest(name, known()) {
                _ if UNSUPPORTED.contains(&name) => format!("feature flag {name} has no effect here"),
                Some(near) => format!("unknown feature flag {name:?}; did you mean {near}?"),
                None => format!("unknown feature flag {name:?}"),
            })
            .collect()
    }

    /// Whether a feature is on.
    pub fn enabled(&self, feature: Feature) -> bool {
        self.0.contains(&feature)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_without_effect_are_reported() {
        let environment = Environment::of([(env::KOPS_FEATURE_FLAGS, "+ImageDigets,-Spotinst, APIServerNodes,Xyz")]);
        assert_eq!(
            Features::remarks(&environment),
            [
                "unknown feature flag \"ImageDigets\"; did you mean ImageDigest?",
                "feature flag Spotinst has no effect here",
                "unknown feature flag \"Xyz\"",
            ]
        );
        assert!(Features::remarks(&Environment::default()).is_empty());
    }

    #[test]
    fn the_last_setting_of_a_flag_counts() {
        let features = Features::from_environment(&Environment::of([(
            env::KOPS_FEATURE_FLAGS,
            "+APIServerNodes, -ImageDigest,Unknown",
        )]));
        assert!(features.enabled(Feature::ApiServerNodes));
        assert!(!features.enabled(Feature::ImageDigest));
        assert!(features.enabled(Feature::TerraformManagedFiles));
    }
}
