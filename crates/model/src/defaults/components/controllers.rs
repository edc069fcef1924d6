//! The controller managers, the scheduler and kube-proxy.

use ipnet::IpNet;

use super::{ComponentContext, fill, fill_number, fill_quantity, gce};
use crate::defaults::DefaultsError;
use kopsform_spec::meta::Duration;
use kopsform_spec::v1alpha2::{Cluster, LeaderElectionConfiguration};

/// One image serves every supported Kubernetes version.
const CLOUD_CONTROLLER_MANAGER: &str = "registry.k8s.io/provider-aws/cloud-controller-manager:v1.36.1";
/// More often than this, attached volumes cost too many requests.
const ATTACH_DETACH_PERIOD: Duration = Duration::from_secs(60);
/// The largest difference in prefix length between the IPv6 networks of the cluster and of a node.
const MAX_NODE_BITS: u8 = 16;

fn elects_leader() -> Option<LeaderElectionConfiguration> {
    Some(LeaderElectionConfiguration { leader_elect: Some(true), ..LeaderElectionConfiguration::default() })
}

/// Whether pods are routed by the route tables of the cloud, which only kubenet needs.
fn configures_routes(cluster: &Cluster) -> bool {
    cluster.spec.networking.as_ref().is_some_and(|networking| networking.kubenet.is_some())
}

pub(super) fn controller_manager(cluster: &mut Cluster, context: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    let routes = configures_routes(cluster);
    // With IPv6, kops-controller gives nodes their ranges.
    let ipv6 = cluster.is_ipv6_only();
    // With IP aliases, the cloud controller manager does.
    let aliases = cluster.uses_ip_aliases();
    let pods = cluster.spec.pod_cidr.clone();
    let config = cluster.spec.kube_controller_manager.get_or_insert_default();
    match config.attach_detach_reconcile_sync_period {
        None | Some(Duration(0)) => config.attach_detach_reconcile_sync_period = Some(ATTACH_DETACH_PERIOD),
        Some(period) if period < Duration::from_secs(1) => {
            return Err(DefaultsError::Invalid(
                "spec.kubeControllerManager.attachDetachReconcileSyncPeriod cannot be less than 1s".to_owned(),
            ));
        }
        Some(_) => {}
    }
    config.cluster_name = context.name.to_owned();
    config.cloud_provider = "external".to_owned();
    fill_number(&mut config.log_level, 2);
    config.image = context.kubernetes_image("kube-controller-manager");
    config.leader_election = elects_leader();
    config.allocate_node_cidrs = Some(!ipv6 && !aliases);
    if !ipv6 {
        fill(&mut config.cluster_cidr, &pods);
    }
    if let Ok(IpNet::V6(range)) = config.cluster_cidr.parse() {
        let size = range.prefix_len();
        config.node_cidr_mask_size = Some(i32::from(size + ((128 - size) / 2).min(MAX_NODE_BITS)));
    }
    config.configure_cloud_routes = Some(routes);
    config.use_service_account_credentials.get_or_insert(true);
    if config.controllers.is_empty() && ipv6 {
        config.controllers = vec!["*".to_owned(), "-nodeipam".to_owned()];
    }
    Ok(())
}

pub(super) fn scheduler(cluster: &mut Cluster, context: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    let config = cluster.spec.kube_scheduler.get_or_insert_default();
    fill_number(&mut config.log_level, 2);
    fill(&mut config.image, &context.kubernetes_image("kube-scheduler"));
    if config.leader_election.is_none() {
        config.leader_election = elects_leader();
    }
    Ok(())
}

pub(super) fn proxy(cluster: &mut Cluster, context: &ComponentContext<'_>) -> Result<(), DefaultsError> {
    // Pods with addresses of the VPC or from kops-controller have no network of their own.
    let uses_amazon_vpc = cluster.spec.networking.as_ref().is_some_and(|n| n.amazonvpc.is_some());
    let pods = cluster.spec.kube_controller_manager.as_ref().map(|c| c.cluster_cidr.clone()).unwrap_or_default();
    let knows_pods = !cluster.is_ipv6_only() && !uses_amazon_vpc && !pods.is_empty();
    let config = cluster.spec.kube_proxy.get_or_insert_default();
    fill_number(&mut config.log_level, 2);
    fill_quantity(&mut config.cpu_request, "100m");
    config.image = context.kubernetes_image("kube-proxy");
    if knows_pods {
        config.cluster_cidr.get_or_insert(pods);
    }
    Ok(())
}

pub(super) fn cloud_controller_manager(
    cluster: &mut Cluster,
    context: &ComponentContext<'_>,
) -> Result<(), DefaultsError> {
    if cluster.is_on_gce() {
        return gce::cloud_controller_manager(cluster, context);
    }
    let routes = configures_routes(cluster);
    let ipv6 = cluster.is_ipv6_only();
    let pods = cluster.spec.pod_cidr.clone();
    let config = cluster.spec.cloud_controller_manager.get_or_insert_default();
    config.leader_election = elects_leader();
    config.cluster_name = context.name.to_owned();
    config.allocate_node_cidrs = Some(!ipv6);
    if !ipv6 {
        fill(&mut config.cluster_cidr, &pods);
    }
    config.configure_cloud_routes = Some(routes);
    fill(&mut config.image, CLOUD_CONTROLLER_MANAGER);
    Ok(())
}
