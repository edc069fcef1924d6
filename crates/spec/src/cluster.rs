//! Properties of clusters and instance groups that several crates need.

use crate::v1alpha2::{
    Cluster, DnsType, InstanceGroup, InstanceGroupRole, InstanceManager, LoadBalancerAccess, LoadBalancerClass,
    Networking, Subnet, SubnetType, WarmPool,
};

impl Cluster {
    /// The network plugin and its options.
    pub fn networking(&self) -> Option<&Networking> {
        self.spec.networking.as_ref()
    }

    /// The load balancer in front of the API servers.
    pub fn api_load_balancer(&self) -> Option<&LoadBalancerAccess> {
        self.spec.api.as_ref().and_then(|api| api.load_balancer.as_ref())
    }

    /// Whether the API servers are behind a network load balancer.
    pub fn has_network_load_balancer(&self) -> bool {
        self.api_load_balancer().is_some_and(|lb| lb.class == Some(LoadBalancerClass::Network))
    }

    /// Whether nodes reach kops-controller through the API's load balancer instead of by DNS or gossip.
    ///
    /// On Google Cloud every load balancer forwards its port; on AWS network load balancers do.
    pub fn uses_load_balancer_for_kops_controller(&self) -> bool {
        let forwards = || match self.is_on_gce() {
            true => self.api_load_balancer().is_some(),
            false => self.has_network_load_balancer(),
        };
        !self.publishes_dns_records() && (!self.is_gossip() || forwards())
    }

    /// Whether pods take AWS roles by their service accounts instead of using the role of their node.
    pub fn uses_service_account_roles(&self) -> bool {
        self.spec.iam.as_ref().is_some_and(|iam| iam.use_service_account_external_permissions == Some(true))
    }

    /// The issuer of service account tokens, a URL.
    pub fn service_account_issuer(&self) -> Option<&str> {
        self.spec.kube_api_server.as_ref().and_then(|api_server| api_server.service_account_issuer.as_deref())
    }

    /// Whether volume snapshots are taken.
    pub fn has_snapshot_controller(&self) -> bool {
        self.spec.snapshot_controller.as_ref().is_some_and(|controller| controller.enabled == Some(true))
    }

    /// Whether the cloud controller manager routes pod networks in the VPC's route tables.
    pub fn has_cloud_routes(&self) -> bool {
        self.networking().is_some_and(|networking| networking.kubenet.is_some())
    }

    /// Whether the cloud controller manager makes security groups for network load balancers.
    pub fn manages_nlb_security_groups(&self) -> bool {
        let mode = self.spec.cloud_config.as_ref().and_then(|config| config.nlb_security_group_mode.as_deref());
        mode == Some("Managed")
    }

    /// Whether the node termination handler learns of events from a queue instead of from each instance.
    pub fn has_termination_queue(&self) -> bool {
        self.spec
            .node_termination_handler
            .as_ref()
            .is_some_and(|nth| nth.enabled == Some(true) && nth.enable_sqs_termination_draining != Some(false))
    }
}

impl InstanceGroup {
    /// Whether Karpenter starts the instances, not an auto scaling group.
    pub fn is_managed_by_karpenter(&self) -> bool {
        self.spec.manager == Some(InstanceManager::Karpenter)
    }

    /// The group's warm pool; `None` where it has none.
    pub fn warm_pool(&self, cluster: &Cluster) -> Option<WarmPool> {
        // Google Cloud has none, and kops ignores those of its groups.
        self.warm_pool_settings(cluster).filter(|pool| pool.max_size != Some(0) && !cluster.is_on_gce())
    }

    /// The settings of the group's warm pool, be it disabled by `maxSize: 0`; `None` where neither the group nor, for a
    /// group that takes them from there, the cluster has any.
    ///
    /// As kops resolves them: a group of the control plane or of bastions without settings takes none from the cluster.
    /// Settings of any group take what they leave out (`maxSize`, `minSize`, `enableLifecycleHook`) from the cluster's.
    pub fn warm_pool_settings(&self, cluster: &Cluster) -> Option<WarmPool> {
        let takes_default = matches!(self.role(), InstanceGroupRole::Node | InstanceGroupRole::ApiServer);
        match (self.spec.warm_pool.as_ref(), cluster.spec.warm_pool.as_ref()) {
            (None, default) => default.filter(|_| takes_default).cloned(),
            (Some(own), None) => Some(own.clone()),
            (Some(own), Some(default)) => Some(WarmPool {
                max_size: own.max_size.or(default.max_size),
                min_size: if own.min_size == 0 { default.min_size } else { own.min_size },
                enable_lifecycle_hook: own.enable_lifecycle_hook || default.enable_lifecycle_hook,
                ..own.clone()
            }),
        }
    }

    /// Whether a lifecycle hook keeps new instances of the warm pool until they are ready.
    pub fn has_warm_pool_hook(&self, cluster: &Cluster) -> bool {
        self.warm_pool(cluster).is_some_and(|pool| pool.enable_lifecycle_hook)
    }
}

impl Cluster {
    /// Whether the name ends in `.k8s.local`, which means gossip instead of DNS, and DNS is not disabled.
    pub fn is_gossip(&self) -> bool {
        self.dns_type() != DnsType::None && self.metadata.name.ends_with(".k8s.local")
    }

    /// Who sees the DNS records.
    pub fn dns_type(&self) -> DnsType {
        self.spec.topology.as_ref().and_then(|t| t.dns.as_ref()).and_then(|d| d.r#type).unwrap_or(DnsType::Public)
    }

    /// Whether records are made in a hosted zone.
    pub fn publishes_dns_records(&self) -> bool {
        !self.is_gossip() && self.dns_type() != DnsType::None
    }

    /// Whether pods and services have IPv6 addresses only.
    pub fn is_ipv6_only(&self) -> bool {
        self.spec.non_masquerade_cidr == "::/0"
    }

    /// The subnet of a name.
    pub fn subnet(&self, name: &str) -> Option<&Subnet> {
        self.spec.subnets.iter().find(|s| s.name == name)
    }

    /// Whether the VPC is one that exists already.
    pub fn has_shared_vpc(&self) -> bool {
        !self.spec.network_id.is_empty()
    }

    /// Whether instances have no public addresses in any of these subnet types.
    pub fn has_private_subnets(&self) -> bool {
        self.spec.subnets.iter().any(|s| matches!(s.r#type, Some(SubnetType::Private | SubnetType::DualStack)))
    }
}

impl InstanceGroup {
    /// The group's role; groups without one are refused by validation.
    pub fn role(&self) -> InstanceGroupRole {
        self.spec.role.unwrap_or(InstanceGroupRole::Node)
    }

    /// Whether the group holds control-plane instances.
    pub fn is_control_plane(&self) -> bool {
        self.spec.role == Some(InstanceGroupRole::ControlPlane)
    }

    /// Whether the group's instances run an API server.
    pub fn has_api_server(&self) -> bool {
        self.role().has_api_server()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::v1alpha2::ClusterSpec;

    fn group(role: InstanceGroupRole, warm_pool: Option<WarmPool>) -> InstanceGroup {
        let mut group = InstanceGroup::default();
        group.spec.role = Some(role);
        group.spec.warm_pool = warm_pool;
        group
    }

    #[test]
    fn warm_pools_take_what_they_leave_open_from_the_cluster() {
        let mut cluster = Cluster::default();
        let own = WarmPool { max_size: Some(5), ..WarmPool::default() };
        assert_eq!(group(InstanceGroupRole::Node, None).warm_pool(&cluster), None);
        assert_eq!(group(InstanceGroupRole::Node, Some(own.clone())).warm_pool(&cluster), Some(own.clone()));

        let google = Cluster {
            spec: ClusterSpec { cloud_provider: "gce".to_owned(), ..Default::default() },
            ..Cluster::default()
        };
        assert_eq!(group(InstanceGroupRole::Node, Some(own.clone())).warm_pool(&google), None);

        let default = WarmPool { min_size: 2, max_size: Some(9), enable_lifecycle_hook: true, ..WarmPool::default() };
        cluster.spec.warm_pool = Some(default.clone());
        assert_eq!(group(InstanceGroupRole::Node, None).warm_pool(&cluster), Some(default));
        let merged = group(InstanceGroupRole::Node, Some(own.clone())).warm_pool(&cluster).unwrap_or_default();
        assert_eq!((merged.min_size, merged.max_size, merged.enable_lifecycle_hook), (2, Some(5), true));
        assert_eq!(group(InstanceGroupRole::ControlPlane, None).warm_pool(&cluster), None);
        assert_eq!(group(InstanceGroupRole::Bastion, None).warm_pool(&cluster), None);
    }

    #[test]
    fn settings_of_a_group_of_any_role_take_what_they_leave_out_from_the_cluster() {
        let mut cluster = Cluster::default();
        cluster.spec.warm_pool = Some(WarmPool { max_size: Some(0), ..WarmPool::default() });
        let own = group(InstanceGroupRole::ControlPlane, Some(WarmPool::default()));
        assert_eq!(own.warm_pool_settings(&cluster).and_then(|pool| pool.max_size), Some(0));
        assert_eq!(own.warm_pool(&cluster), None);
    }

    #[test]
    fn a_warm_pool_of_no_instances_is_none() {
        let none = WarmPool { max_size: Some(0), ..WarmPool::default() };
        assert_eq!(group(InstanceGroupRole::Node, Some(none)).warm_pool(&Cluster::default()), None);
    }
}
