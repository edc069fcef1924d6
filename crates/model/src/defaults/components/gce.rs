//! Components on Google Cloud.

use super::{ComponentContext, fill};
use crate::defaults::DefaultsError;
use kopsform_spec::names::gce as names;
use kopsform_spec::names::gce::Role;
use kopsform_spec::v1alpha2::{Cluster, LeaderElectionConfiguration};

/// One image serves every supported Kubernetes version.
const CLOUD_CONTROLLER_MANAGER: &str = "registry.k8s.io/cloud-provider-gcp/cloud-controller-manager:v35.0.0";
const PD_CSI_DRIVER: &str = "v1.22.1";
const STORAGE_CLASS: &str = "balanced-csi";

/// Settings of the integration.
pub(super) fn cloud_config(cluster: &mut Cluster, context: &ComponentContext<'_>) {
    let config = cluster.spec.cloud_config.get_or_insert_default();
    config.manage_storage_classes.get_or_insert(true);
    config.multizone.get_or_insert(true);
    config.node_tags.get_or_insert_with(|| names::role_tag(Role::Node, context.name));
    let driver = config.gcp_pd_csi_driver.get_or_insert_default();
    driver.enabled.get_or_insert(true);
    driver.version.get_or_insert_with(|| PD_CSI_DRIVER.to_owned());
    driver.default_storage_class_name.get_or_insert_with(|| STORAGE_CLASS.to_owned());
}

pub(super) fn cloud_controller_manager(
    cluster: &mut Cluster,
    context: &ComponentContext<'_>,
) -> Result<(), DefaultsError> {
    let (aliases, ipv6) = (cluster.uses_ip_aliases(), cluster.is_ipv6_only());
    let pods = cluster.spec.pod_cidr.clone();
    let config = cluster.spec.cloud_controller_manager.get_or_insert_default();
    config.leader_election =
        Some(LeaderElectionConfiguration { leader_elect: Some(true), ..LeaderElectionConfiguration::default() });
    config.cluster_name = names::safe_cluster_name(context.name);
    config.allocate_node_cidrs = Some(true);
    config.cidr_allocator_type = Some("CloudAllocator".to_owned());
    fill(&mut config.cluster_cidr, &pods);
    if aliases {
        config.configure_cloud_routes = Some(false);
    }
    if config.controllers.is_empty() {
        config.controllers = vec!["*".to_owned()];
        if ipv6 {
            // kops-controller gives nodes their ranges.
            config.controllers.extend(["-node-ipam-controller", "-node-route-controller"].map(str::to_owned));
        }
    }
    fill(&mut config.image, CLOUD_CONTROLLER_MANAGER);
    Ok(())
}
