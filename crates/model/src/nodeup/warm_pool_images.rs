//! Images that instances of a warm pool pull before they stop, so that they start faster.

use std::collections::BTreeSet;

use super::NodeupError;
use crate::assets::AssetLocations;
use crate::{Context, addons};
use kopsform_spec::v1alpha2::InstanceGroup;

/// The images worth pulling ahead, by the start of their name.
const PREFIXES: [&str; 8] = [
    "registry.k8s.io/kube-proxy:",
    "registry.k8s.io/provider-aws/",
    "registry.k8s.io/sig-storage/csi-node-driver-registrar:",
    "registry.k8s.io/sig-storage/livenessprobe:",
    "quay.io/calico/",
    "quay.io/cilium/",
    "quay.io/coreos/flannel:",
    "quay.io/weaveworks/",
];

/// The images of components and addons that start with one of the prefixes, and those the group adds, sorted.
///
/// # Errors
/// When the manifest of an addon cannot be built.
pub(super) fn images(
    context: &Context<'_>,
    group: &InstanceGroup,
    locations: &AssetLocations<'_>,
) -> Result<Vec<String>, NodeupError> {
    let pool = group.spec.warm_pool.as_ref();
    let cluster = context.cluster;
    if cluster.is_on_gce() || group.is_control_plane() || (pool.is_none() && cluster.spec.warm_pool.is_none()) {
        return Ok(Vec::new());
    }
    let prefixes = PREFIXES.map(|prefix| locations.place(prefix));
    let wanted = |image: &&String| prefixes.iter().any(|prefix| image.starts_with(prefix));
    let own = pool.into_iter().flat_map(|pool| &pool.additional_images).map(|image| locations.place(image));
    let addons = addons::images(context).map_err(|error| NodeupError::Addons(error.to_string()))?;
    let all: Vec<String> =
        addons.iter().map(|image| locations.place(image)).chain(kube_proxy_image(context, locations)).collect();
    let images: BTreeSet<String> = all.iter().filter(wanted).cloned().chain(own).collect();
    Ok(images.into_iter().collect())
}

/// kube-proxy's image of the cluster's version. kops lists it whether kube-proxy is used or not, and never another one that the spec
/// names; of a version that is an address it knows none.
fn kube_proxy_image(context: &Context<'_>, locations: &AssetLocations<'_>) -> Option<String> {
    let version = context.cluster.spec.kubernetes_version.as_str();
    (!version.contains("://")).then(|| locations.place(&format!("registry.k8s.io/kube-proxy:v{version}")))
}
