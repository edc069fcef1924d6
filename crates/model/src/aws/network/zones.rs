//! Zones that have route tables of their own.

use std::collections::BTreeMap;

use super::{is_private, is_shared, is_unmanaged};
use crate::Context;
use kopsform_spec::v1alpha2::{Subnet, SubnetType};

/// The subnets of a zone that leave it through the zone's NAT gateway.
pub struct Zone<'a> {
    /// The zone's name.
    pub name: &'a str,
    /// Private subnets, and public ones with IPv6, in the order of the spec. Never empty.
    pub subnets: Vec<&'a Subnet>,
}

impl Zone<'_> {
    /// Whether the zone has a private route table.
    pub fn has_private_subnet(&self) -> bool {
        self.subnets.iter().any(|subnet| is_private(subnet))
    }

    /// Whether the zone has a public route table besides the VPC's.
    pub fn has_public_ipv6_subnet(&self) -> bool {
        self.subnets.iter().any(|subnet| !is_private(subnet))
    }
}

/// Whether a subnet is public and reaches IPv4 hosts through NAT64, so that the VPC's route table does not do.
pub fn is_public_with_ipv6(context: &Context<'_>, subnet: &Subnet) -> bool {
    context.is_ipv6_only() && subnet.r#type == Some(SubnetType::Public) && !subnet.ipv6_cidr.is_empty()
}

/// The zones with subnets of ours that need a way out, by name.
pub fn with_own_routes<'a>(context: &Context<'a>) -> Vec<Zone<'a>> {
    let mut zones: BTreeMap<&str, Vec<&Subnet>> = BTreeMap::new();
    for subnet in &context.cluster.spec.subnets {
        let is_ours = !is_shared(subnet) && !is_unmanaged(subnet);
        if is_ours && (is_private(subnet) || is_public_with_ipv6(context, subnet)) {
            zones.entry(&subnet.zone).or_default().push(subnet);
        }
    }
    zones.into_iter().map(|(name, subnets)| Zone { name, subnets }).collect()
}
