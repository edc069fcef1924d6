//! What instances may do, by the role of their group and the features of the cluster.

use super::document::PolicyDocument;
use super::permissions::Permissions;
use super::{IamError, Scope, state_store, uses_kops_controller};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroupRole};

/// The policy of a role's instances. `completes_lifecycle_hooks` where one of its groups has a warm pool with a hook.
pub fn policy(
    scope: &Scope<'_>,
    role: InstanceGroupRole,
    completes_lifecycle_hooks: bool,
) -> Result<Option<PolicyDocument>, IamError> {
    let mut permissions = scope.permissions();
    match role {
        InstanceGroupRole::ControlPlane => control_plane(&mut permissions, scope)?,
        InstanceGroupRole::ApiServer => api_server(&mut permissions, scope.cluster, completes_lifecycle_hooks)?,
        InstanceGroupRole::Node => node(&mut permissions, scope.cluster, completes_lifecycle_hooks)?,
        // A bastion needs nothing, but IAM refuses an empty policy.
        InstanceGroupRole::Bastion => permissions.allow(&["ec2:DescribeRegions"]),
    }
    Ok(permissions.into_document())
}

fn control_plane(permissions: &mut Permissions<'_>, scope: &Scope<'_>) -> Result<(), IamError> {
    let cluster = scope.cluster;
    permissions.allow_etcd_manager();
    permissions.allow_nodeup(false, cluster.is_ipv6_only());
    if cluster.is_ipv6_only() {
        permissions.allow_ipv6_address_management();
    }
    state_store::allow(permissions, cluster, InstanceGroupRole::ControlPlane)?;
    permissions.allow_kms(calls_kms_itself(cluster));
    // kops-controller's predecessor on the host writes records too, whether or not dns-controller has its own role.
    if let Some(zone) = scope.hosted_zone {
        permissions.allow_dns_records(zone);
    }
    if !cluster.uses_service_account_roles() {
        control_plane_programs(permissions, cluster);
    }
    registries(permissions, cluster);
    if amazon_vpc_cni(cluster) {
        permissions.allow_amazon_vpc_cni();
    }
    if cilium_eni(cluster) {
        permissions.allow_cilium_eni();
    }
    source_checks(permissions, cluster);
    Ok(())
}

/// Programs of the control plane that use their node's role.
fn control_plane_programs(permissions: &mut Permissions<'_>, cluster: &Cluster) {
    let spec = &cluster.spec;
    permissions.allow_ebs_csi_driver(cluster.has_snapshot_controller());
    permissions.allow_cloud_controller_manager(cluster.has_cloud_routes(), cluster.manages_nlb_security_groups());
    if let Some(c) = spec.aws_load_balancer_controller.as_ref().filter(|c| c.enabled == Some(true)) {
        permissions.allow_load_balancer_controller(c.enable_waf, c.enable_wafv2, c.enable_shield);
    }
    permissions.allow_cluster_autoscaler();
    if cluster.has_termination_queue() {
        permissions.allow_node_termination_handler();
    }
}

fn api_server(permissions: &mut Permissions<'_>, cluster: &Cluster, hooks: bool) -> Result<(), IamError> {
    permissions.allow_nodeup(hooks, cluster.is_ipv6_only());
    state_store::allow(permissions, cluster, InstanceGroupRole::ApiServer)?;
    permissions.allow_kms(calls_kms_itself(cluster));
    registries(permissions, cluster);
    if amazon_vpc_cni(cluster) {
        permissions.allow_amazon_vpc_cni();
    }
    if cilium_eni(cluster) {
        permissions.allow_cilium_eni();
    }
    source_checks(permissions, cluster);
    Ok(())
}

fn node(permissions: &mut Permissions<'_>, cluster: &Cluster, hooks: bool) -> Result<(), IamError> {
    permissions.allow_nodeup(hooks, cluster.is_ipv6_only());
    if !uses_kops_controller(cluster) {
        permissions.allow_gossip_seeding();
        state_store::allow(permissions, cluster, InstanceGroupRole::Node)?;
    }
    registries(permissions, cluster);
    if amazon_vpc_cni(cluster) {
        permissions.allow_amazon_vpc_cni();
    }
    source_checks(permissions, cluster);
    if cluster.networking().is_some_and(|n| n.kuberouter.is_some()) {
        permissions.allow_instance_source_check();
    }
    Ok(())
}

/// With encryption at rest the API server may have a KMS plugin next to it that uses the instance's role.
fn calls_kms_itself(cluster: &Cluster) -> bool {
    cluster.spec.encryption_config == Some(true)
}

fn registries(permissions: &mut Permissions<'_>, cluster: &Cluster) {
    if cluster.spec.iam.as_ref().is_some_and(|iam| iam.allow_container_registry) {
        permissions.allow_container_registry();
    }
    if cluster.spec.containerd.as_ref().is_some_and(|containerd| containerd.use_ecr_credentials_for_mirrors) {
        permissions.allow_container_registry_cache();
    }
}

fn amazon_vpc_cni(cluster: &Cluster) -> bool {
    cluster.networking().is_some_and(|n| n.amazonvpc.is_some())
}

fn cilium_eni(cluster: &Cluster) -> bool {
    cluster.networking().and_then(|n| n.cilium.as_ref()).is_some_and(|cilium| cilium.ipam == "eni")
}

fn source_checks(permissions: &mut Permissions<'_>, cluster: &Cluster) {
    let Some(networking) = cluster.networking() else { return };
    if networking.calico.as_ref().is_some_and(|c| c.aws_src_dst_check != "DoNothing") && !cluster.is_ipv6_only() {
        permissions.allow_interface_source_check();
    }
    if networking.kindnet.is_some() {
        permissions.allow_instance_source_check();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::Value;

    use super::*;
    use crate::fixture::Fixture;
    use kopsform_spec::v1alpha2::{
        AmazonVpcNetworking, CalicoNetworking, CiliumNetworking, ContainerdConfig, Iam, LoadBalancerController,
        Networking, NodeTerminationHandler,
    };

    /// Whether a role may do something, on whichever resources.
    fn may(fixture: &Fixture, role: InstanceGroupRole, action: &str) -> bool {
        let scope_context = fixture.context();
        let document = policy(&Scope::of(&scope_context).unwrap(), role, false).unwrap().unwrap();
        let value: Value = serde_json::from_str(&document.to_json()).unwrap();
        let holds = |actions: &Value| match actions {
            Value::String(one) => one == action,
            Value::Array(many) => many.iter().any(|one| one == action),
            _ => false,
        };
        value["Statement"].as_array().unwrap().iter().any(|statement| holds(&statement["Action"]))
    }

    fn with_networking(networking: Networking) -> Fixture {
        let mut fixture = Fixture::default();
        fixture.cluster.spec.networking = Some(networking);
        fixture
    }

    #[test]
    fn nodes_read_the_state_store_only_where_they_cannot_ask_kops_controller() {
        let mut fixture = Fixture::default();
        assert!(!may(&fixture, InstanceGroupRole::Node, "s3:Get*"));
        fixture.cluster.metadata.name = "a.k8s.local".to_owned();
        assert!(may(&fixture, InstanceGroupRole::Node, "s3:Get*"));
        assert!(may(&fixture, InstanceGroupRole::Node, "ec2:DescribeInstances"));
        assert!(!may(&fixture, InstanceGroupRole::Node, "s3:PutObject"));
        assert!(!may(&fixture, InstanceGroupRole::ControlPlane, "route53:ChangeResourceRecordSets"));
    }

    #[test]
    fn programs_with_roles_of_their_own_ask_nothing_of_the_control_plane() {
        let mut fixture = Fixture::default();
        let nth = NodeTerminationHandler { enabled: Some(true), ..NodeTerminationHandler::default() };
        fixture.cluster.spec.node_termination_handler = Some(nth);
        let controller = LoadBalancerController { enabled: Some(true), ..LoadBalancerController::default() };
        fixture.cluster.spec.aws_load_balancer_controller = Some(controller);
        let of_programs = [
            "sqs:ReceiveMessage",
            "acm:ListCertificates",
            "ec2:CreateVolume",
            "autoscaling:SetDesiredCapacity",
            "elasticloadbalancing:CreateLoadBalancer",
        ];
        for action in of_programs {
            assert!(may(&fixture, InstanceGroupRole::ControlPlane, action), "{action}");
        }
        let external = Some(true);
        fixture.cluster.spec.iam = Some(Iam { use_service_account_external_permissions: external, ..Iam::default() });
        for action in of_programs {
            assert!(!may(&fixture, InstanceGroupRole::ControlPlane, action), "{action}");
        }
        // Records are written by the host as well.
        assert!(may(&fixture, InstanceGroupRole::ControlPlane, "route53:ChangeResourceRecordSets"));
    }

    #[test]
    fn network_plugins_get_what_they_do_on_each_role() {
        let vpc = Networking { amazonvpc: Some(AmazonVpcNetworking::default()), ..Networking::default() };
        let vpc = with_networking(vpc);
        assert!(may(&vpc, InstanceGroupRole::Node, "ec2:AssignPrivateIpAddresses"));
        assert!(may(&vpc, InstanceGroupRole::ControlPlane, "ec2:AssignPrivateIpAddresses"));

        let eni = CiliumNetworking { ipam: "eni".to_owned(), ..CiliumNetworking::default() };
        let eni = with_networking(Networking { cilium: Some(eni), ..Networking::default() });
        // The operator runs on the control plane only.
        assert!(!may(&eni, InstanceGroupRole::Node, "ec2:AssignPrivateIpAddresses"));
        assert!(may(&eni, InstanceGroupRole::ControlPlane, "ec2:AssignPrivateIpAddresses"));

        let calico = |check: &str| {
            let calico = CalicoNetworking { aws_src_dst_check: check.to_owned(), ..CalicoNetworking::default() };
            with_networking(Networking { calico: Some(calico), ..Networking::default() })
        };
        let action = "ec2:ModifyNetworkInterfaceAttribute";
        assert!(may(&calico(""), InstanceGroupRole::Node, action));
        assert!(!may(&calico("DoNothing"), InstanceGroupRole::Node, action));
        let mut ipv6 = calico("");
        ipv6.cluster.spec.non_masquerade_cidr = "::/0".to_owned();
        assert!(!may(&ipv6, InstanceGroupRole::Node, action));
        assert!(may(&ipv6, InstanceGroupRole::Node, "ec2:AssignIpv6Addresses"));
    }

    #[test]
    fn registries_are_for_every_role_but_bastions() {
        let mut fixture = Fixture::default();
        fixture.cluster.spec.iam = Some(Iam { allow_container_registry: true, ..Iam::default() });
        let containerd = ContainerdConfig { use_ecr_credentials_for_mirrors: true, ..ContainerdConfig::default() };
        fixture.cluster.spec.containerd = Some(containerd);
        for action in ["ecr:BatchGetImage", "ecr:BatchImportUpstreamImage"] {
            for role in [InstanceGroupRole::ControlPlane, InstanceGroupRole::ApiServer, InstanceGroupRole::Node] {
                assert!(may(&fixture, role, action), "{action} {role:?}");
            }
            assert!(!may(&fixture, InstanceGroupRole::Bastion, action));
        }
    }

    #[test]
    fn hooks_are_completed_by_roles_with_warm_pools() {
        let fixture = Fixture::default();
        let context = fixture.context();
        let scope = Scope::of(&context).unwrap();
        let text = |role, hooks| policy(&scope, role, hooks).unwrap().unwrap().to_json();
        assert!(text(InstanceGroupRole::Node, true).contains("autoscaling:CompleteLifecycleAction"));
        assert!(!text(InstanceGroupRole::Node, false).contains("autoscaling:CompleteLifecycleAction"));
    }

    #[test]
    fn facts_that_are_missing_are_named() {
        let mut fixture = Fixture::default();
        fixture.facts.hosted_zones.clear();
        assert!(matches!(Scope::of(&fixture.context()).unwrap_err(), IamError::HostedZone(_)));
        fixture.facts.account = None;
        assert_eq!(Scope::of(&fixture.context()).unwrap_err(), IamError::UnknownAccount);
    }
}
