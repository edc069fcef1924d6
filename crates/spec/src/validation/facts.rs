//! What rules derive from a cluster, defaults included.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::decode::{Decoded, Locations};
use crate::formats::parse_cidr;
use crate::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole, LoadBalancerClass, LoadBalancerType, SubnetType};
use crate::versions::KubernetesVersion;

/// Values that rules derive from a cluster.
#[derive(Debug)]
pub(super) struct ClusterFacts {
    /// The Kubernetes version; `None` if it is missing or invalid.
    pub(super) version: Option<KubernetesVersion>,
    /// The network of the VPC; `None` where it is that of an existing VPC, and on Google Cloud, where only subnets have one.
    pub(super) network: Option<IpNet>,
    /// Additional networks of the VPC with their index, invalid ones left out.
    pub(super) further_networks: Vec<(usize, IpNet)>,
    /// The network of pods and services together.
    pub(super) non_masquerade: Option<IpNet>,
    pub(super) pods: Option<IpNet>,
    pub(super) services: Option<IpNet>,
    /// Whether pods and services have IPv6 addresses only.
    pub(super) ipv6: bool,
    /// The load balancer of the API; `None` without one.
    pub(super) load_balancer: Option<(LoadBalancerClass, LoadBalancerType)>,
    /// Whether cert-manager is installed.
    pub(super) cert_manager: bool,
    /// Whether addons have IAM roles of their own.
    pub(super) external_permissions: bool,
    /// Whether Karpenter is installed.
    pub(super) karpenter: bool,
    /// The region, see [`Cluster::region`].
    pub(super) region: Option<String>,
}

impl ClusterFacts {
    /// Derives them from a cluster and its known groups.
    pub(super) fn of(decoded: &Decoded<Cluster>, groups: &[&Decoded<InstanceGroup>]) -> Self {
        let Decoded { object: cluster, locations } = decoded;
        let spec = &cluster.spec;
        let networking = spec.networking.as_ref();
        let written = |path: &str| locations.holds_value(path);
        // The default applies only where nothing was written: invalid values are reported by decoding.
        let net = |text: &str, path: &str, default: Option<&str>| match text {
            "" if written(path) => None,
            "" => default.and_then(parse_cidr),
            text => parse_cidr(text),
        };
        let own_network = spec.network_id.is_empty() && !cluster.is_on_gce();
        let default_network = own_network.then_some("172.20.0.0/16");
        let network = net(&spec.network_cidr, "spec.networkCIDR", default_network);
        let further = spec.additional_network_cidrs.iter().enumerate();
        let further_networks = further.filter_map(|(i, text)| Some((i, parse_cidr(text)?))).collect();
        let amazon_vpc = networking.is_some_and(|n| n.amazonvpc.is_some());
        let ipv6 = spec.non_masquerade_cidr.contains(':');
        // Unless all ranges are written, kops chooses all of them.
        let chosen_later = cluster.uses_ip_aliases()
            && (spec.pod_cidr.is_empty()
                || spec.service_cluster_ip_range.is_empty()
                || spec.subnets.iter().any(|subnet| subnet.cidr.is_empty()));
        let non_masquerade = if spec.non_masquerade_cidr.is_empty() && amazon_vpc && spec.network_cidr.is_empty() {
            network
        } else {
            net(&spec.non_masquerade_cidr, "spec.nonMasqueradeCIDR", Some("100.64.0.0/10"))
        };
        let default_pods = non_masquerade.filter(|_| !ipv6).and_then(upper_half);
        let pods = match spec.pod_cidr.as_str() {
            "" if written("spec.podCIDR") => None,
            "" => default_pods,
            text => parse_cidr(text),
        };
        let default_services = if ipv6 { "fd00:5e4f:ce::/108" } else { "100.64.0.0/13" };
        let services = net(&spec.service_cluster_ip_range, "spec.serviceClusterIPRange", Some(default_services));
        Self {
            version: KubernetesVersion::parse(&spec.kubernetes_version).ok(),
            network,
            further_networks,
            non_masquerade: non_masquerade.filter(|_| !chosen_later),
            pods: pods.filter(|_| !chosen_later),
            services: services.filter(|_| !chosen_later),
            ipv6,
            load_balancer: load_balancer(cluster, groups, locations),
            cert_manager: spec.cert_manager.as_ref().is_some_and(|c| c.enabled == Some(true)),
            external_permissions: spec
                .iam
                .as_ref()
                .is_some_and(|iam| iam.use_service_account_external_permissions == Some(true)),
            karpenter: spec.karpenter.as_ref().is_some_and(|k| k.enabled),
            region: Some(cluster.region().to_owned()).filter(|region| !region.is_empty()),
        }
    }

    /// All known networks of the VPC.
    pub(super) fn networks(&self) -> impl Iterator<Item = IpNet> + Clone {
        self.network.into_iter().chain(self.further_networks.iter().map(|(_, net)| *net))
    }

    /// The default address of the DNS service: the tenth of the service network, as in kops.
    pub(super) fn default_dns_address(&self) -> Option<IpAddr> {
        let offset = 10u32;
        match self.services?.network() {
            IpAddr::V4(base) => Some(IpAddr::V4(u32::from(base).checked_add(offset)?.into())),
            IpAddr::V6(base) => Some(IpAddr::V6(u128::from(base).checked_add(u128::from(offset))?.into())),
        }
    }
}

/// Whether API servers are in a private subnet; without known groups, whether the cluster has a private subnet.
fn serves_in_private(cluster: &Cluster, groups: &[&Decoded<InstanceGroup>]) -> bool {
    let private = |kind: Option<SubnetType>| kind == Some(SubnetType::Private);
    let of_role = |role| groups.iter().map(|group| &group.object.spec).filter(move |spec| spec.role == Some(role));
    let mut servers: Vec<_> = of_role(InstanceGroupRole::ApiServer).collect();
    if servers.is_empty() {
        servers = of_role(InstanceGroupRole::ControlPlane).collect();
    }
    if servers.is_empty() {
        return cluster.spec.subnets.iter().any(|subnet| private(subnet.r#type));
    }
    servers.iter().flat_map(|spec| &spec.subnets).any(|name| cluster.subnet(name).is_some_and(|s| private(s.r#type)))
}

/// The upper half of a network: the default for pods, as in kops.
fn upper_half(net: IpNet) -> Option<IpNet> {
    net.subnets(net.prefix_len() + 1).ok()?.last()
}

/// Whether two networks have addresses in common.
pub(super) fn overlap(a: &IpNet, b: &IpNet) -> bool {
    a.contains(b) || b.contains(a)
}

/// The load balancer of the API: the configured one, or the one that kops adds for API servers in private subnets.
fn load_balancer(
    cluster: &Cluster,
    groups: &[&Decoded<InstanceGroup>],
    locations: &Locations,
) -> Option<(LoadBalancerClass, LoadBalancerType)> {
    let api = cluster.spec.api.as_ref();
    match api.and_then(|api| api.load_balancer.as_ref()) {
        Some(balancer) => Some((
            balancer.class.unwrap_or(LoadBalancerClass::Classic),
            balancer.r#type.unwrap_or(LoadBalancerType::Public),
        )),
        None if api.is_some_and(|api| api.dns.is_some()) || locations.holds_value("spec.api.loadBalancer") => None,
        None => serves_in_private(cluster, groups).then_some((LoadBalancerClass::Classic, LoadBalancerType::Public)),
    }
}
