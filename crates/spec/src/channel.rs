//! A channel: which images and versions are recommended, as kops publishes them in YAML.

use std::sync::LazyLock;

use semver::Version;
use serde::Deserialize;

use super::versions::{KubernetesVersion, VersionRange, parse_tolerant};
use kopsform_diagnostics::Report;

/// Where channel names such as `stable` are looked up.
pub const CHANNEL_BASE: &str = "https://raw.githubusercontent.com/kubernetes/kops/master/channels/";
/// The channel of a cluster that names none.
pub const DEFAULT_CHANNEL: &str = "stable";

/// The recommendations of one channel.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Channel {
    /// The recommendations.
    pub spec: ChannelSpec,
}

/// What a channel recommends.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ChannelSpec {
    /// Machine images.
    pub images: Vec<ChannelImage>,
    /// Kubernetes releases, the first entry whose range fits counts.
    pub kubernetes_versions: Vec<VersionAdvice>,
    /// kops releases, the first entry whose range fits counts.
    pub kops_versions: Vec<VersionAdvice>,
}

/// A machine image for a range of Kubernetes versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ChannelImage {
    /// The cloud, `aws`.
    #[serde(rename = "providerID")]
    pub provider_id: String,
    /// `amd64` or `arm64`; empty fits both.
    #[serde(rename = "architectureID")]
    pub architecture_id: String,
    /// The image as an instance group names it.
    pub name: String,
    /// The range of Kubernetes versions it is for.
    pub kubernetes_version: String,
}

/// Which version to run instead of those in a range.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct VersionAdvice {
    /// The versions this is about; empty is all.
    pub range: String,
    /// The version that is better.
    pub recommended_version: String,
    /// The version below which nothing goes on.
    pub required_version: String,
    /// The Kubernetes version that new clusters get (in advice about kops versions).
    pub kubernetes_version: String,
}

impl VersionAdvice {
    /// The recommended version, if it is newer.
    pub fn recommended_over(&self, version: &Version) -> Option<Version> {
        parse_tolerant(&self.recommended_version).filter(|v| v > version)
    }

    /// The required version, if it is newer.
    pub fn required_over(&self, version: &Version) -> Option<Version> {
        parse_tolerant(&self.required_version).filter(|v| v > version)
    }
}

fn advice<'a>(all: &'a [VersionAdvice], version: &Version) -> Option<&'a VersionAdvice> {
    all.iter().find(|a| a.range.is_empty() || VersionRange::parse(&a.range).is_some_and(|r| r.contains(version)))
}

impl Channel {
    /// The stable channel that is built in, so that nothing needs the network for it.
    pub fn stable() -> &'static Self {
        static STABLE: LazyLock<Channel> =
            LazyLock::new(|| Channel::parse("stable", include_str!("channel/stable.yaml")).unwrap_or_default());
        &STABLE
    }

    /// Reads a channel; the name is for messages.
    ///
    /// # Errors
    /// All findings about the file.
    pub fn parse(name: &str, text: &str) -> Result<Self, Report> {
        kopsform_yaml::from_str(name, text)
    }

    /// The image for new instances, as a group would name it. `architecture` is `amd64` or `arm64`.
    pub fn image(&self, version: &KubernetesVersion, architecture: &str) -> Option<&str> {
        self.image_of("aws", version.version(), architecture)
    }

    /// The image for new instances of any cloud.
    pub fn image_of(&self, cloud: &str, version: &Version, architecture: &str) -> Option<&str> {
        self.spec
            .images
            .iter()
            .filter(|i| i.provider_id == cloud)
            .filter(|i| i.architecture_id.is_empty() || i.architecture_id == architecture)
            .find(|i| {
                i.kubernetes_version.is_empty()
                    || VersionRange::parse(&i.kubernetes_version).is_some_and(|r| r.contains(version))
            })
            .map(|i| i.name.as_str())
    }

    /// Advice about a Kubernetes version.
    pub fn kubernetes_advice(&self, version: &Version) -> Option<&VersionAdvice> {
        advice(&self.spec.kubernetes_versions, version)
    }

    /// Advice about a kops version.
    pub fn kops_advice(&self, version: &Version) -> Option<&VersionAdvice> {
        advice(&self.spec.kops_versions, version)
    }

    /// The Kubernetes version that new clusters get.
    pub fn recommended_kubernetes_version(&self) -> Option<Version> {
        let kops = Version::parse(crate::KOPS_VERSION).ok()?;
        parse_tolerant(&self.kops_advice(&kops)?.kubernetes_version)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn channel() -> Channel {
        serde_yaml::from_str(
            r#"
spec:
  images:
  - {name: old-amd64, providerID: aws, architectureID: amd64, kubernetesVersion: ">=1.27.0 <1.32.0"}
  - {name: elsewhere, providerID: gce, architectureID: amd64, kubernetesVersion: ">=1.32.0"}
  - {name: new-amd64, providerID: aws, architectureID: amd64, kubernetesVersion: ">=1.32.0"}
  - {name: new-arm64, providerID: aws, architectureID: arm64, kubernetesVersion: ">=1.32.0"}
  kubernetesVersions:
  - {range: ">=1.35.0", recommendedVersion: 1.35.5, requiredVersion: 1.35.0}
  - {range: ">=1.34.0", recommendedVersion: 1.34.8, requiredVersion: 1.34.0}
  kopsVersions:
  - {range: ">=1.35.0-alpha.1", recommendedVersion: "1.34.3", kubernetesVersion: 1.35.5}
"#,
        )
        .unwrap()
    }

    #[test]
    fn images_fit_version_and_architecture() {
        let version = |text| KubernetesVersion::parse(text).unwrap();
        assert_eq!(channel().image(&version("1.31.4"), "amd64"), Some("old-amd64"));
        assert_eq!(channel().image(&version("v1.36.0"), "amd64"), Some("new-amd64"));
        assert_eq!(channel().image(&version("1.36.0"), "arm64"), Some("new-arm64"));
        assert_eq!(channel().image(&version("1.26.0"), "amd64"), None);
    }

    #[test]
    fn the_stable_channel_is_built_in() {
        let stable = Channel::stable();
        assert_eq!(stable.recommended_kubernetes_version(), Some(Version::new(1, 35, 5)));
        let image = stable.image(&KubernetesVersion::parse("1.34.1").unwrap(), "arm64").unwrap();
        assert!(image.contains("noble-24.04-arm64"));
        let ranges = stable.spec.kubernetes_versions.iter().chain(&stable.spec.kops_versions).map(|a| &a.range);
        for range in ranges.chain(stable.spec.images.iter().map(|i| &i.kubernetes_version)) {
            assert!(VersionRange::parse(range).is_some(), "{range}");
        }
    }

    #[test]
    fn the_first_range_that_fits_advises() {
        let channel = channel();
        let version = Version::new(1, 34, 2);
        let advice = channel.kubernetes_advice(&version).unwrap();
        assert_eq!(advice.recommended_over(&version), Some(Version::new(1, 34, 8)));
        assert_eq!(advice.required_over(&version), None);
        assert_eq!(channel.recommended_kubernetes_version(), Some(Version::new(1, 35, 5)));
    }
}
