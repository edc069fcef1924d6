//! etcd clusters: versions and backup locations.

use super::{ComponentContext, fill};
use crate::defaults::DefaultsError;
use kopsform_env::features::Feature;
use kopsform_spec::v1alpha2::Cluster;
use kopsform_spec::versions::{KubernetesVersion, parse_tolerant};

/// The newest etcd of each minor release that etcd-manager ships. Older patch releases run as this one.
pub const ETCD_RELEASES: [(u64, u64, u64); 2] = [(3, 5, 31), (3, 6, 12)];

pub(super) fn etcd(cluster: &mut Cluster, context: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    let (major, minor, patch) = ETCD_RELEASES[usize::from(context.version.at_least(1, 34))];
    let default_version = format!("{major}.{minor}.{patch}");
    let spec = &mut cluster.spec;
    for etcd in &mut spec.etcd_clusters {
        fill(&mut etcd.version, &default_version);
    }

    // Image volumes carry etcd's binaries; the gate is on by default from 1.36.
    let containerd = spec.containerd.as_ref().and_then(|c| c.version.as_deref());
    if has_image_volumes(&context.version, containerd) && !context.version.at_least(1, 36) {
        let gates = &mut spec.master_kubelet.get_or_insert_default().feature_gates;
        gates.entry("ImageVolume".to_owned()).or_insert_with(|| "true".to_owned());
    }

    for etcd in &mut spec.etcd_clusters {
        let base = spec.config_base.trim_end_matches('/');
        let store = format!("{base}/backups/etcd/{}", etcd.name);
        fill(&mut etcd.backups.get_or_insert_default().backup_store, &store);
        if !is_supported(&etcd.version) && !context.features.enabled(Feature::SkipEtcdVersionCheck) {
            return Err(DefaultsError::Invalid(format!(
                "etcd version {:?} of cluster {:?} is not one that etcd-manager runs; leave it out, or use one of {}",
                etcd.version,
                etcd.name,
                ETCD_RELEASES
                    .map(|(major, minor, patch)| format!("{major}.{minor}.0 to {major}.{minor}.{patch}"))
                    .join(", ")
            )));
        }
    }
    Ok(())
}

fn is_supported(version: &str) -> bool {
    let Ok(version) = semver::Version::parse(version.strip_prefix('v').unwrap_or(version)) else { return false };
    let released = |(major, minor, patch)| version.major == major && version.minor == minor && version.patch <= patch;
    version.pre.is_empty() && version.build.is_empty() && ETCD_RELEASES.into_iter().any(released)
}

/// Whether pods can mount images as volumes with this Kubernetes and containerd.
pub fn has_image_volumes(version: &KubernetesVersion, containerd: Option<&str>) -> bool {
    let containerd = containerd.and_then(parse_tolerant);
    version.at_least(1, 33) && containerd.is_some_and(|v| v >= semver::Version::new(2, 1, 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_patch_up_to_the_newest_is_supported() {
        for good in ["3.5.0", "v3.5.31", "3.6.12", "3.6.1"] {
            assert!(is_supported(good), "{good}");
        }
        for bad in ["3.5.32", "3.6.13", "3.4.13", "3.6", "latest", "3.6.0-rc.1"] {
            assert!(!is_supported(bad), "{bad}");
        }
    }
}
