//! The defaults of single components, in the order in which they are filled in.
//!
//! A component may read what others filled in before it or in an earlier round; see [`super::complete`].

mod addons;
mod api_server;
mod cloud;
mod containerd;
mod controllers;
mod dns;
mod etcd;
mod gce;
mod kubelet;
mod networking;

pub use containerd::{GVISOR_PLATFORM, NVIDIA_DRIVER};
pub use etcd::{ETCD_RELEASES, has_image_volumes};

use super::fill::{fill, fill_number, fill_optional, fill_quantity, fill_zero_quantity};
use super::{DefaultsContext, DefaultsError};
use crate::assets::AssetLocations;
use crate::facts::Facts;
use kopsform_env::features::Features;
use kopsform_spec::v1alpha2::Cluster;
use kopsform_spec::versions::KubernetesVersion;

/// Fills in one component's defaults.
pub(super) type Component = fn(&mut Cluster, &ComponentContext<'_>) -> Result<(), DefaultsError>;

/// Every component. The order matters only for how many rounds it takes.
pub(super) const ALL: [Component; 20] = [
    dns::domain,
    etcd::etcd,
    api_server::api_server,
    containerd::containerd,
    dns::kube_dns,
    kubelet::kubelet,
    controllers::controller_manager,
    controllers::scheduler,
    controllers::proxy,
    cloud::cloud_config,
    networking::calico,
    networking::cilium,
    networking::kindnet,
    api_server::service_account_issuer,
    addons::cluster_autoscaler,
    addons::node_termination_handler,
    addons::node_problem_detector,
    cloud::ebs_csi_driver,
    controllers::cloud_controller_manager,
    addons::karpenter,
];

/// What components read besides the cluster.
pub(super) struct ComponentContext<'a> {
    pub name: &'a str,
    /// The version of the control plane.
    pub version: KubernetesVersion,
    /// The version of the nodes, which lags behind the control plane during an upgrade.
    pub worker_version: KubernetesVersion,
    pub locations: AssetLocations<'a>,
    pub features: &'a Features,
    pub facts: &'a Facts,
}

impl<'a> ComponentContext<'a> {
    /// The context of a cluster with a Kubernetes version.
    pub fn new(cluster: &'a Cluster, context: &DefaultsContext<'a>) -> Result<Self, DefaultsError> {
        let version = KubernetesVersion::parse(&cluster.spec.kubernetes_version)?;
        let worker_version = match context.worker_version {
            Some(text) => KubernetesVersion::parse(text)?,
            None => version.clone(),
        };
        let locations = AssetLocations::new(cluster, context.facts, context.features, context.environment);
        let (features, facts) = (context.features, context.facts);
        Ok(Self { name: &cluster.metadata.name, version, worker_version, locations, features, facts })
    }

    /// The image of one of Kubernetes' own components.
    pub fn kubernetes_image(&self, component: &str) -> String {
        let version = self.version.to_string();
        let version = version.strip_prefix('v').unwrap_or(&version);
        self.locations.image(&format!("registry.k8s.io/{component}:v{version}"))
    }
}
