//! Bastions: the SSH entrance to private subnets, behind a network load balancer.

use super::BASTION;
use super::subnets::{self, Place};
use super::targets::{self, Target};
use crate::aws::resources::{NetworkLoadBalancer, Traffic};
use crate::aws::security_groups::groups::{self, Group};
use crate::aws::security_groups::rules::{Peer, Rule};
use crate::aws::tags::NAME;
use crate::{Context, Graph, GraphError, Layer};
use kopsform_spec::v1alpha2::{BastionLoadBalancer, InstanceGroupRole, LoadBalancerType};

/// SSH.
const SSH: u16 = 22;

/// Adds what bastions need besides their instances, if there are bastions.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    if context.groups_of(InstanceGroupRole::Bastion).next().is_none() {
        return Ok(());
    }
    let topology = context.cluster.spec.topology.as_ref();
    let spec = topology.and_then(|t| t.bastion.as_ref()).and_then(|b| b.load_balancer.as_ref());
    let kind = spec.and_then(|spec| spec.r#type).unwrap_or(LoadBalancerType::Public);
    let name = context.load_balancer_security_group_name(BASTION);
    let balancer = Group::own(context, name, "Security group for bastion ELB");
    rules(context, graph, &balancer, kind)?;
    load_balancer(context, graph, &balancer, spec, kind)
}

fn rules(context: &Context<'_>, graph: &mut Graph, balancer: &Group, kind: LoadBalancerType) -> Result<(), GraphError> {
    let bastions = groups::of_role(context, InstanceGroupRole::Bastion);
    let masters = groups::of_role(context, InstanceGroupRole::ControlPlane);
    let nodes = groups::of_role(context, InstanceGroupRole::Node);
    groups::add(context, graph, &bastions)?;
    groups::add(context, graph, std::slice::from_ref(balancer))?;
    graph.add_full_egress(balancer)?;
    for bastion in &bastions {
        graph.add_full_egress(bastion)?;
        for inside in masters.iter().chain(&nodes) {
            graph.add_rule(&Rule::ingress(inside, Peer::Group(bastion), Traffic::tcp(SSH)))?;
        }
        graph.add_rule(&Rule::ingress(bastion, Peer::Group(balancer), Traffic::tcp(SSH)))?;
        graph.add_rule(&Rule::ingress(bastion, Peer::Group(balancer), Traffic::PathMtu))?;
        graph.add_rule(&Rule::ingress(balancer, Peer::Group(bastion), Traffic::PathMtu))?;
    }
    // The networks with SSH access, and the load balancer's subnets, which its health checks come from.
    let beside = subnets::suitable(context, kind).into_values().flatten().map(|subnet| subnet.cidr.as_str());
    let allowed = beside.chain(context.cluster.spec.ssh_access.iter().map(String::as_str));
    for network in allowed.filter(|network| !network.is_empty()) {
        graph.add_rule(&Rule::ingress(balancer, Peer::Network(network), Traffic::tcp(SSH)))?;
        graph.add_path_mtu_rules(balancer, network, "ssh-nlb")?;
    }
    Ok(())
}

fn load_balancer(
    context: &Context<'_>,
    graph: &mut Graph,
    group: &Group,
    spec: Option<&BastionLoadBalancer>,
    kind: LoadBalancerType,
) -> Result<(), GraphError> {
    let name = context.load_balancer(BASTION);
    let places = subnets::best(context, kind).into_iter().map(Place::anywhere_in).collect();
    let (subnets, dual_stack) = subnets::mappings(context, places);
    let further = spec.map(|spec| spec.additional_security_groups.as_slice()).unwrap_or_default();
    let mut tags = context.owned_tags_without_name();
    tags.insert(NAME.into(), name.clone());
    let resource = NetworkLoadBalancer {
        name: context.load_balancer_name(BASTION),
        internal: kind == LoadBalancerType::Internal,
        dual_stack,
        cross_zone: false,
        subnets,
        security_groups: std::iter::once(group.group.clone())
            .chain(further.iter().map(|id| id.as_str().into()))
            .collect(),
        access_log: None,
        tags,
    };
    let balancer = graph.add(Layer::Cluster, name, resource)?;
    let target = Target { prefix: BASTION, port: SSH, listener_port: SSH, ..Target::default() };
    targets::add(context, graph, &balancer, &target)
}
