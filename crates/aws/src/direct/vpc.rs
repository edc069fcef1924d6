//! VPCs, their networks, and which DHCP options they have.

use aws_sdk_ec2::types as ec2;

use super::support::{
    existing_id, id_of, internal, matching, own_id, plain, sent, sent_once, tagged, tags_value, unchanged, with_id,
};
use super::{DirectCloud, Search};
use crate::error::failed;
use kopsform_direct::{Attribute, Attributes, CloudError, Found, Object, Operation, Residue, Task, TaskKind, When};
use kopsform_model::aws::resources::{DhcpOptionsAssociation, Vpc, VpcCidrBlock};
use kopsform_rolling::ports::ApiError;

/// kops' name of an IPv4 network that the cluster no longer wants.
pub(super) const RESIDUE: &str = "VPCCIDRBlock";
/// The pool of IPv6 networks that are Amazon's.
const AMAZON_POOL: &str = "Amazon";

pub(super) async fn find(search: &Search<'_>) -> Result<Found, ApiError> {
    let mut found = Found::default();
    let Some((task, resource)) = search.of::<Vpc>(TaskKind::Vpc).into_iter().next() else { return Ok(found) };
    let client = search.cloud.clients.ec2();
    let call = match existing_id(task) {
        Some(id) => client.describe_vpcs().vpc_ids(id),
        None => client.describe_vpcs().set_filters(Some(search.cloud.of_cluster())),
    };
    let vpcs: Vec<ec2::Vpc> = match call.into_paginator().items().send().try_collect().await {
        Err(error) if super::support::has_code(&error, "InvalidVpcID.NotFound") => Vec::new(),
        other => other.map_err(failed("DescribeVpcs"))?,
    };
    let Some(vpc) = matching(task, &vpcs, ec2::Vpc::vpc_id, ec2::Vpc::tags)? else { return Ok(found) };
    let id = vpc.vpc_id().unwrap_or_default();
    let client = &client;
    let attribute = |name: ec2::VpcAttributeName| async move {
        let action = format!("DescribeVpcAttribute {id}");
        client.describe_vpc_attribute().vpc_id(id).attribute(name).send().await.map_err(failed(action))
    };
    let (hostnames, support) = futures::try_join!(
        attribute(ec2::VpcAttributeName::EnableDnsHostnames),
        attribute(ec2::VpcAttributeName::EnableDnsSupport)
    )?;
    let value = |value: Option<&ec2::AttributeBooleanValue>| value.and_then(|value| value.value()).unwrap_or_default();
    let object = Object::new(id)
        .field("CIDR", vpc.cidr_block().unwrap_or_default())
        .field("EnableDNSHostnames", value(hostnames.enable_dns_hostnames()))
        .field("EnableDNSSupport", value(support.enable_dns_support()))
        .field("Tags", tags_value(vpc.tags()));
    found.objects.insert(task.id.clone(), object);
    find_blocks(search, vpc, &mut found, existing_id(task).is_none(), &resource.cidr);
    for (association, _) in search.of::<DhcpOptionsAssociation>(TaskKind::DhcpOptionsAssociation) {
        let object = Object::new(id).field("DHCPOptions", vpc.dhcp_options_id().unwrap_or_default());
        found.objects.insert(association.id.clone(), object);
    }
    Ok(found)
}

/// Adds the networks of a VPC, and those that an owned one has in excess.
fn find_blocks(search: &Search<'_>, vpc: &ec2::Vpc, found: &mut Found, owned: bool, primary: &str) {
    let id = vpc.vpc_id().unwrap_or_default();
    for (task, _) in search.of::<Vpc>(TaskKind::VpcIpv6Block) {
        if let Some(block) = amazon_block(vpc) {
            let object = Object::new(block.association_id().unwrap_or_default());
            let cidr = block.ipv6_cidr_block().unwrap_or_default();
            found.objects.insert(task.id.clone(), object.attribute(Attribute::Ipv6Cidr, cidr));
        }
    }
    let wanted = search.of::<VpcCidrBlock>(TaskKind::VpcCidrBlock);
    for association in vpc.cidr_block_association_set() {
        let state = association.cidr_block_state().and_then(|state| state.state());
        if !is_associated(state) {
            continue;
        }
        let (cidr, association) =
            (association.cidr_block().unwrap_or_default(), association.association_id().unwrap_or_default());
        match wanted.iter().find(|(_, block)| block.cidr == cidr) {
            Some((task, _)) => {
                found.objects.insert(task.id.clone(), Object::new(association));
            }
            None if owned && cidr != primary && vpc.cidr_block() != Some(cidr) => found.residue.push(Residue {
                when: When::Now,
                kind: RESIDUE,
                item: format!("{id}: cidr={cidr}"),
                handle: association.to_owned(),
            }),
            None => {}
        }
    }
}

/// The network that Amazon gave a VPC.
fn amazon_block(vpc: &ec2::Vpc) -> Option<&ec2::VpcIpv6CidrBlockAssociation> {
    let blocks = vpc.ipv6_cidr_block_association_set().iter();
    let mut blocks = blocks.filter(|block| block.ipv6_pool().is_none_or(|pool| pool == AMAZON_POOL));
    blocks.find(|block| {
        let state = block.ipv6_cidr_block_state().and_then(|state| state.state());
        is_associated(state) && block.ipv6_cidr_block().is_some_and(|cidr| !cidr.is_empty())
    })
}

fn is_associated(state: Option<&ec2::VpcCidrBlockStateCode>) -> bool {
    use ec2::VpcCidrBlockStateCode::{Associated, Associating};
    matches!(state, Some(Associated | Associating))
}

pub(super) async fn create(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let vpc = cloud.resource::<Vpc>(operation.task)?;
    let call = cloud.clients.ec2().create_vpc().cidr_block(&vpc.cidr);
    let call = call.set_tag_specifications(tagged(ec2::ResourceType::Vpc, &plain(&vpc.tags)));
    let created = sent_once!(call, "CreateVpc {}", vpc.cidr)?;
    let id = created.vpc().and_then(|vpc| vpc.vpc_id()).unwrap_or_default();
    set_dns(cloud, id, vpc, true, true).await?;
    Ok(with_id(id))
}

async fn set_dns(cloud: &DirectCloud, id: &str, vpc: &Vpc, support: bool, hostnames: bool) -> Result<(), CloudError> {
    let client = cloud.clients.ec2();
    let value = |value| ec2::AttributeBooleanValue::builder().value(value).build();
    // One attribute a call; host names need the resolver first.
    if support {
        let call = client.modify_vpc_attribute().vpc_id(id).enable_dns_support(value(vpc.dns_support));
        sent!(call, "ModifyVpcAttribute {id} EnableDnsSupport")?;
    }
    if hostnames {
        let call = client.modify_vpc_attribute().vpc_id(id).enable_dns_hostnames(value(vpc.dns_hostnames));
        sent!(call, "ModifyVpcAttribute {id} EnableDnsHostnames")?;
    }
    Ok(())
}

pub(super) async fn update(cloud: &DirectCloud, operation: &Operation<'_>) -> Result<Attributes, CloudError> {
    let vpc = cloud.resource::<Vpc>(operation.task)?;
    let id = own_id(operation)?;
    let changes = |field| operation.changes(field);
    set_dns(cloud, id, vpc, changes("EnableDNSSupport"), changes("EnableDNSHostnames")).await?;
    super::support::update_tags(cloud, operation).await
}

/// The VPC of a task that is about its networks.
fn vpc_id<'a>(operation: &'a Operation<'_>, task: &Task) -> Result<&'a str, CloudError> {
    let vpc = task.needs.iter().find(|need| need.kind == TaskKind::Vpc);
    let vpc = vpc.ok_or_else(|| internal(format!("{} has no VPC", task.id)))?;
    super::support::attribute_of(operation, vpc, Attribute::Id)
}

/// Asks for a network and waits until it is known.
pub(super) async fn create_ipv6_block(
    cloud: &DirectCloud,
    operation: &Operation<'_>,
) -> Result<Attributes, CloudError> {
    let id = vpc_id(operation, operation.task)?;
    let client = cloud.clients.ec2();
    let described = sent!(client.describe_vpcs().vpc_ids(id), "DescribeVpcs {id}")?;
    let current = described.vpcs().first();
    if let Some(block) = current.and_then(amazon_block) {
        return Ok(ipv6_attributes(block));
    }
    let pending = |vpc: &ec2::Vpc| {
        let mut states = vpc.ipv6_cidr_block_association_set().iter().filter_map(|block| block.ipv6_cidr_block_state());
        states.any(|state| is_associated(state.state()))
    };
    if !current.is_some_and(pending) {
        let call = client.associate_vpc_cidr_block().vpc_id(id).amazon_provided_ipv6_cidr_block(true);
        sent!(call, "AssociateVpcCidrBlock {id}")?;
    }
    let described = sent!(client.describe_vpcs().vpc_ids(id), "DescribeVpcs {id}")?;
    match described.vpcs().first().and_then(amazon_block) {
        Some(block) => Ok(ipv6_attributes(block)),
        None => Err(CloudError::NotYet(ApiError::transient(
            format!("AssociateVpcCidrBlock {id}"),
            "the VPC does not have its IPv6 network yet",
        ))),
    }
}

fn ipv6_attributes(block: &ec2::VpcIpv6CidrBlockAssociation) -> Attributes {
    [
        (Attribute::Id, block.association_id().unwrap_or_default().to_owned()),
        (Attribute::Ipv6Cidr, block.ipv6_cidr_block().unwrap_or_default().to_owned()),
    ]
    .into()
}

pub(super) async fn create_cidr_block(
    cloud: &DirectCloud,
    operation: &Operation<'_>,
) -> Result<Attributes, CloudError> {
    let block = cloud.resource::<VpcCidrBlock>(operation.task)?;
    let id = id_of(operation, TaskKind::Vpc, &block.vpc)?;
    let call = cloud.clients.ec2().associate_vpc_cidr_block().vpc_id(id).cidr_block(&block.cidr);
    let associated = sent!(call, "AssociateVpcCidrBlock {id} {}", block.cidr)?;
    let association = associated.cidr_block_association().and_then(|association| association.association_id());
    Ok(with_id(association.unwrap_or_default()))
}

pub(super) async fn remove_cidr_block(cloud: &DirectCloud, association: &str) -> Result<(), CloudError> {
    let call = cloud.clients.ec2().disassociate_vpc_cidr_block().association_id(association);
    sent!(call, "DisassociateVpcCidrBlock {association}").map(|_| ())
}

pub(super) async fn associate_dhcp_options(
    cloud: &DirectCloud,
    operation: &Operation<'_>,
) -> Result<Attributes, CloudError> {
    let association = cloud.resource::<DhcpOptionsAssociation>(operation.task)?;
    let vpc = id_of(operation, TaskKind::Vpc, &association.vpc)?;
    let options = id_of(operation, TaskKind::DhcpOptions, &association.options)?;
    let call = cloud.clients.ec2().associate_dhcp_options().vpc_id(vpc).dhcp_options_id(options);
    sent!(call, "AssociateDhcpOptions {vpc}")?;
    unchanged(operation)
}
