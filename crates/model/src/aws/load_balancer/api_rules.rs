//! Who may reach the API's load balancer, and what it may reach.

use super::API;
use super::api::{ETCD_CILIUM_PORT, KOPS_CONTROLLER_PORT, SECONDARY_PORT};
use crate::aws::resources::Traffic;
use crate::aws::security_groups::groups::{self, Group};
use crate::aws::security_groups::rules::{Peer, Rule};
use crate::{Context, Graph, GraphError};
use kopsform_spec::v1alpha2::{InstanceGroupRole, LoadBalancerAccess, LoadBalancerClass};

/// Adds the load balancer's security group and the rules between it, its clients and the control plane.
pub fn build(context: &Context<'_>, graph: &mut Graph, spec: &LoadBalancerAccess) -> Result<(), GraphError> {
    let name = context.load_balancer_security_group_name(API);
    let mut balancer = Group::own(context, name, "Security group for api ELB");
    if let Some(id) = &spec.security_group_override {
        balancer.group = id.as_str().into();
        balancer.description = None;
    }
    groups::add(context, graph, std::slice::from_ref(&balancer))?;
    graph.add_full_egress(&balancer)?;

    let has_secondary_port = spec.class == Some(LoadBalancerClass::Network) && !spec.ssl_certificate.is_empty();
    for network in &context.cluster.spec.kubernetes_api_access {
        let peer = Peer::Network(network);
        graph.add_rule(&Rule::ingress(&balancer, peer, Traffic::tcp(443)))?;
        if has_secondary_port {
            graph.add_rule(&Rule::ingress(&balancer, peer, Traffic::tcp(SECONDARY_PORT)))?;
        }
        graph.add_path_mtu_rules(&balancer, network, "api-elb")?;
    }
    let for_nodes = context.cluster.uses_load_balancer_for_kops_controller();
    if for_nodes {
        for nodes in groups::of_role(context, InstanceGroupRole::Node) {
            let rule = Rule::ingress(&balancer, Peer::Group(&nodes), Traffic::All);
            graph.add_named_rule(format!("node{}-to-elb", nodes.suffix), &rule)?;
        }
    }
    for masters in groups::of_role(context, InstanceGroupRole::ControlPlane) {
        let suffix = &masters.suffix;
        let mut from_balancer = |name: &str, traffic| {
            let rule = Rule::ingress(&masters, Peer::Group(&balancer), traffic);
            graph.add_named_rule(format!("{name}{suffix}"), &rule)
        };
        from_balancer("https-elb-to-master", Traffic::tcp(443))?;
        from_balancer("icmp-pmtu-elb-to-cp", Traffic::PathMtu)?;
        if has_secondary_port {
            from_balancer("tcp-api-cp", Traffic::tcp(SECONDARY_PORT))?;
        }
        if for_nodes {
            from_balancer("kops-controller-elb-to-cp", Traffic::tcp(KOPS_CONTROLLER_PORT))?;
            if context.has_cilium_etcd() {
                from_balancer("etcd-cilium-elb-to-cp", Traffic::tcp(ETCD_CILIUM_PORT))?;
            }
        }
        let rule = Rule::ingress(&balancer, Peer::Group(&masters), Traffic::PathMtu);
        graph.add_named_rule(format!("icmp-pmtu-cp{suffix}-to-elb"), &rule)?;
    }
    Ok(())
}
