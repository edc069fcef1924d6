//! Subnets, their tags and which route table they have.

use super::{is_private, is_shared, is_unmanaged, subnet_error, zones};
use crate::aws::resources::{NthSubnet, RouteTableAssociation, Subnet as SubnetResource, SubnetIpv6, Tags};
use crate::aws::tags::{INTERNAL_LOAD_BALANCER, PUBLIC_LOAD_BALANCER, SUBNET_OF_GROUP_PREFIX, SUBNET_TYPE};
use crate::{Context, Graph, GraphError, Layer, Ref, Text, text};
use kopsform_spec::v1alpha2::{InstanceManager, Subnet, SubnetType};

/// Adds the subnets.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    for subnet in &context.cluster.spec.subnets {
        let name = context.subnet_name(&subnet.name);
        let resource = resource(context, subnet)?;
        let node = match is_shared(subnet) {
            true => graph.add_existing(Layer::Network, name, resource, Some(subnet.id.clone()))?,
            false => graph.add(Layer::Network, name, resource)?,
        };
        graph.export(&node, format!("subnet_{}_id", subnet.name), node.id())?;
        if is_shared(subnet) {
            graph.export_item(&node, "subnet_ids", node.id())?;
        } else if !is_unmanaged(subnet) {
            association(context, graph, subnet)?;
        }
    }
    Ok(())
}

fn resource(context: &Context<'_>, subnet: &Subnet) -> Result<SubnetResource, GraphError> {
    Ok(SubnetResource {
        vpc: context.vpc(),
        zone: subnet.zone.clone(),
        ipv4: (!subnet.cidr.is_empty()).then(|| subnet.cidr.clone()),
        ipv6: ipv6(context, subnet)?,
        // Instances are named after themselves wherever the cloud controller runs outside of Kubernetes' own binaries.
        named_by_resource: context.cluster.spec.cloud_controller_manager.is_some(),
        tags: tags(context, subnet),
    })
}

/// The IPv6 network: as it stands, or `/64#a`, the tenth network of 64 bits in the VPC's.
fn ipv6(context: &Context<'_>, subnet: &Subnet) -> Result<Option<SubnetIpv6>, GraphError> {
    let text = subnet.ipv6_cidr.as_str();
    let Some(relative) = text.strip_prefix('/') else {
        return Ok((!text.is_empty()).then(|| SubnetIpv6::Known(text.to_owned())));
    };
    let parsed = relative.split_once('#').and_then(|(length, index)| {
        Some(NthSubnet { prefix_length: length.parse().ok()?, index: i64::from_str_radix(index, 16).ok()? })
    });
    match parsed {
        Some(part) => Ok(Some(SubnetIpv6::Nth(part))),
        // An existing subnet keeps what it has.
        None if is_shared(subnet) => Ok(None),
        None => Err(subnet_error(
            context,
            subnet,
            "ipv6CIDR",
            format!("{text:?} is neither a network nor of the form /64#1, a size and a number in hexadecimal"),
        )),
    }
}

fn tags(context: &Context<'_>, subnet: &Subnet) -> Tags {
    if context.cluster.spec.disable_subnet_tags == Some(true) {
        return Tags::new();
    }
    let mut tags = match is_shared(subnet) {
        true => context.shared_tags(),
        false => context.owned_tags(context.subnet_name(&subnet.name)),
    };
    let subnet_type = subnet.r#type.unwrap_or(SubnetType::Public);
    tags.insert(SUBNET_TYPE.into(), format!("{subnet_type:?}").into());
    let subnets = &context.cluster.spec.subnets;
    let is_internal = match subnet_type {
        // Without private subnets, internal load balancers use public ones; with IPv6 AWS refuses them there,
        // because of the default route to the internet gateway.
        SubnetType::Public | SubnetType::Utility => !subnets.iter().any(is_private) && !context.is_ipv6_only(),
        SubnetType::DualStack => true,
        SubnetType::Private => {
            !subnets.iter().any(|other| other.zone == subnet.zone && other.r#type == Some(SubnetType::DualStack))
        }
    };
    let mut set = |key: Text, value: &str| tags.insert(key, value.into());
    if matches!(subnet_type, SubnetType::Public | SubnetType::Utility) {
        set(PUBLIC_LOAD_BALANCER.into(), "1");
    }
    if is_internal {
        set(INTERNAL_LOAD_BALANCER.into(), "1");
    }
    for group in context.groups {
        if group.spec.manager == Some(InstanceManager::Karpenter) && group.spec.subnets.contains(&subnet.name) {
            set(text![SUBNET_OF_GROUP_PREFIX, &group.metadata.name], "true");
        }
    }
    tags
}

/// Associates a subnet with its route table: that of the zone, or the VPC's one for public subnets.
fn association(context: &Context<'_>, graph: &mut Graph, subnet: &Subnet) -> Result<(), GraphError> {
    let name = subnet.name.as_str();
    let (name, table) = if is_private(subnet) {
        (text!["private-", name], context.private_route_table_name(&subnet.zone))
    } else if zones::is_public_with_ipv6(context, subnet) {
        (text!["public-", name], context.public_route_table_name(&subnet.zone))
    } else {
        (name.into(), context.vpc_name())
    };
    let association = RouteTableAssociation { table: Ref::new(table), subnet: context.subnet(subnet) };
    graph.add(Layer::Network, context.qualified(name), association).map(|_| ())
}
