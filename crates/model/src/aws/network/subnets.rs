//! Subnets, their tags and which route table they have.

use super::{is_private, is_shared, is_unmanaged, subnet_error, zones};
use crate::aws::resources::{RouteTable, RouteTableAssociation, Subnet as SubnetResource, SubnetIpv6Cidr, Tags};
use crate::{Context, Graph, GraphError, Input, Ipv6Subnet, Layer};
use kopsform_spec::v1alpha2::{InstanceManager, Subnet, SubnetType};

/// Load balancers that are reachable from the internet may stand in the subnet.
const PUBLIC_LOAD_BALANCER_TAG: &str = "kubernetes.io/role/elb";
/// Load balancers that are not may stand in the subnet.
const INTERNAL_LOAD_BALANCER_TAG: &str = "kubernetes.io/role/internal-elb";

/// Adds the subnets.
pub fn build(context: &Context<'_>, graph: &mut Graph) -> Result<(), GraphError> {
    for subnet in &context.cluster.spec.subnets {
        let name = context.subnet_name(&subnet.name);
        if graph.wants::<SubnetResource>(Layer::Network, &name)? {
            graph.output(&format!("subnet_{}_id", subnet.name), context.subnet_id(subnet))?;
            if is_shared(subnet) {
                graph.output_item("subnet_ids", Input::Known(subnet.id.clone()))?;
            }
        }
        if is_shared(subnet) {
            continue;
        }
        graph.add(Layer::Network, &name, resource(context, subnet)?)?;
        if !is_unmanaged(subnet) {
            association(context, graph, subnet)?;
        }
    }
    Ok(())
}

fn resource(context: &Context<'_>, subnet: &Subnet) -> Result<SubnetResource, GraphError> {
    let has_ipv4 = !subnet.cidr.is_empty();
    let has_ipv6 = !subnet.ipv6_cidr.is_empty();
    // Instances are named after themselves wherever the cloud controller runs outside of Kubernetes' own binaries.
    let named_by_resource = context.cluster.spec.cloud_controller_manager.is_some();
    Ok(SubnetResource {
        assign_ipv6_address_on_creation: has_ipv6.then_some(true),
        availability_zone: subnet.zone.clone(),
        cidr_block: has_ipv4.then(|| subnet.cidr.clone()),
        enable_dns64: (!has_ipv4).then_some(true),
        enable_resource_name_dns_a_record_on_launch: (named_by_resource && has_ipv4).then_some(true),
        enable_resource_name_dns_aaaa_record_on_launch: (named_by_resource && has_ipv6).then_some(true),
        ipv6_cidr_block: ipv6_cidr(context, subnet)?,
        ipv6_native: (!has_ipv4).then_some(true),
        private_dns_hostname_type_on_launch: named_by_resource.then(|| "resource-name".to_owned()),
        tags: tags(context, subnet),
        vpc_id: context.vpc_id(),
    })
}

/// The IPv6 network: as it stands, or `/64#a`, the tenth network of 64 bits in the VPC's.
fn ipv6_cidr(context: &Context<'_>, subnet: &Subnet) -> Result<Option<SubnetIpv6Cidr>, GraphError> {
    let text = subnet.ipv6_cidr.as_str();
    let Some(relative) = text.strip_prefix('/') else {
        return Ok((!text.is_empty()).then(|| SubnetIpv6Cidr::Known(text.to_owned())));
    };
    let parsed = relative.split_once('#').and_then(|(length, index)| {
        Some(Ipv6Subnet { prefix_length: length.parse().ok()?, index: i64::from_str_radix(index, 16).ok()? })
    });
    match parsed {
        Some(part) => Ok(Some(SubnetIpv6Cidr::OfVpc(part))),
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
    let mut tags = context.owned_tags(&context.subnet_name(&subnet.name));
    let subnet_type = subnet.r#type.unwrap_or(SubnetType::Public);
    tags.insert("SubnetType".to_owned(), format!("{subnet_type:?}"));
    let subnets = &context.cluster.spec.subnets;
    let is_internal = match subnet_type {
        // Without private subnets, internal load balancers stand in public ones; with IPv6 AWS refuses them there,
        // because of the default route to the internet gateway.
        SubnetType::Public | SubnetType::Utility => !subnets.iter().any(is_private) && !context.is_ipv6_only(),
        SubnetType::DualStack => true,
        SubnetType::Private => {
            !subnets.iter().any(|other| other.zone == subnet.zone && other.r#type == Some(SubnetType::DualStack))
        }
    };
    let mut set = |key: &str, value: &str| tags.insert(key.to_owned(), value.to_owned());
    if matches!(subnet_type, SubnetType::Public | SubnetType::Utility) {
        set(PUBLIC_LOAD_BALANCER_TAG, "1");
    }
    if is_internal {
        set(INTERNAL_LOAD_BALANCER_TAG, "1");
    }
    for group in context.groups {
        if group.spec.manager == Some(InstanceManager::Karpenter) && group.spec.subnets.contains(&subnet.name) {
            set(&format!("kops.k8s.io/instance-group/{}", group.metadata.name), "true");
        }
    }
    tags
}

/// Gives a subnet its route table: that of the zone, or the VPC's one for public subnets.
fn association(context: &Context<'_>, graph: &mut Graph, subnet: &Subnet) -> Result<(), GraphError> {
    let (name, table) = if is_private(subnet) {
        (format!("private-{}", subnet.name), context.private_route_table_name(&subnet.zone))
    } else if zones::is_public_with_ipv6(context, subnet) {
        (format!("public-{}", subnet.name), context.public_route_table_name(&subnet.zone))
    } else {
        (subnet.name.clone(), context.vpc_name().to_owned())
    };
    let association =
        RouteTableAssociation { route_table_id: RouteTable::id_of(table), subnet_id: context.subnet_id(subnet) };
    graph.add(Layer::Network, context.qualified(&name), association)?;
    Ok(())
}
