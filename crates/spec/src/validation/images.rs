//! Images of the control plane and of etcd-manager that are from another release than the rest.

use super::checker::Checker;
use super::facts::ClusterFacts;
use crate::v1alpha2::Cluster;
use crate::versions::{ETCD_MANAGER_RELEASE, parse_tolerant};
use kopsform_diagnostics::Rule;

pub(super) fn check(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    components(cx, cluster, facts);
    for (i, etcd) in cluster.spec.etcd_clusters.iter().enumerate() {
        let Some(manager) = &etcd.manager else { continue };
        let Some(release) = etcd_manager_release(&manager.image) else { continue };
        if etcd_manager_release(ETCD_MANAGER_RELEASE).is_some_and(|newest| release < newest) {
            let tag = tag_of(&manager.image).unwrap_or_default();
            let version = if etcd.version.is_empty() { "the etcd of this release" } else { etcd.version.as_str() };
            let message = format!(
                "etcd-manager {tag} is older than {ETCD_MANAGER_RELEASE}, that of kops {}, and may not run {version}",
                crate::KOPS_VERSION
            );
            let path = format!("spec.etcdClusters[{i}].manager.image");
            cx.warning(Rule::MixedRelease, path, (message, "remove it"));
        }
    }
}

/// Images of Kubernetes itself: kops replaces all but the scheduler's.
fn components(cx: &mut Checker<'_>, cluster: &Cluster, facts: &ClusterFacts) {
    let spec = &cluster.spec;
    let Some(version) = facts.version.as_ref().filter(|version| !version.is_address()) else { return };
    let images = [
        ("kubeAPIServer", spec.kube_api_server.as_ref().map(|c| &c.image), true),
        ("kubeControllerManager", spec.kube_controller_manager.as_ref().map(|c| &c.image), true),
        ("kubeScheduler", spec.kube_scheduler.as_ref().map(|c| &c.image), false),
        ("kubeProxy", spec.kube_proxy.as_ref().map(|c| &c.image), true),
    ];
    for (field, image, replaced) in images {
        let Some(tag) = image.and_then(|image| tag_of(image)) else { continue };
        let Some(tagged) = parse_tolerant(tag).filter(|tagged| tagged.major == 1) else { continue };
        if tagged == *version.version() {
            continue;
        }
        let message = if replaced {
            format!("the image is {tag}, but kops takes that of Kubernetes {version}")
        } else {
            format!("the image is {tag}, and the rest of the control plane is Kubernetes {version}")
        };
        cx.warning(Rule::MixedRelease, format_args!("spec.{field}.image"), (message, "remove it"));
    }
}

/// The tag of an image; `None` for one without.
fn tag_of(image: &str) -> Option<&str> {
    let name = image.split('@').next().unwrap_or(image);
    let (_, tag) = name.rsplit('/').next()?.split_once(':')?;
    Some(tag)
}

/// The release of an image of etcd-manager: 3, 0 and a date, as in `etcd-manager-slim:v3.0.20260707`. Some images have a
/// further part.
fn etcd_manager_release(image: &str) -> Option<(u64, u64, u64)> {
    let tag = if image.contains('/') {
        let name = image.rsplit('/').next()?;
        tag_of(image).filter(|_| name.starts_with("etcd-manager"))?
    } else {
        image
    };
    let mut parts = tag.trim_start_matches('v').split(['.', '-']).map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn releases_of_etcd_manager_are_read_from_tags() {
        for (image, release) in [
            ("kopeio/etcd-manager:3.0.20200428", Some((3, 0, 20_200_428))),
            ("registry.k8s.io/etcd-manager/etcd-manager-slim:v3.0.20260707", Some((3, 0, 20_260_707))),
            ("registry.example.com:5000/etcd-manager:v3.0.20250704@sha256:0123", Some((3, 0, 20_250_704))),
            ("registry.example.com:5000/etcd-manager", None),
            ("example.com/etcd-manager:latest", None),
            ("example.com/other:1.0.0", None),
        ] {
            assert_eq!(etcd_manager_release(image), release, "{image}");
        }
        assert!(etcd_manager_release(ETCD_MANAGER_RELEASE).is_some());
    }
}
