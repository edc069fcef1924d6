//! Where load balancers stand: one subnet a zone.

use std::collections::BTreeMap;

use crate::Context;
use crate::aws::resources::SubnetMapping;
use kopsform_spec::v1alpha2::{InstanceGroupRole, LoadBalancerType, Subnet, SubnetType};

/// A subnet of a network load balancer, with the load balancer's addresses in it.
pub struct Place<'a> {
    /// The subnet.
    pub subnet: &'a Subnet,
    /// A fixed public address.
    pub allocation_id: Option<String>,
    /// A fixed private address.
    pub private_ipv4_address: Option<String>,
}

impl<'a> Place<'a> {
    /// A subnet in which the load balancer has any address.
    pub fn anywhere_in(subnet: &'a Subnet) -> Self {
        Self { subnet, allocation_id: None, private_ipv4_address: None }
    }
}

/// The subnets of a network load balancer by name, and whether all of them have IPv6.
pub fn mappings(context: &Context<'_>, mut places: Vec<Place<'_>>) -> (Vec<SubnetMapping>, bool) {
    places.sort_by_key(|place| context.subnet_name(&place.subnet.name));
    let has_ipv6 = places.iter().all(|place| !place.subnet.ipv6_cidr.is_empty());
    let mappings = places.into_iter().map(|place| SubnetMapping {
        subnet: context.subnet(place.subnet),
        address: place.allocation_id.map(Into::into),
        private_ipv4: place.private_ipv4_address,
    });
    (mappings.collect(), has_ipv6)
}

/// The subnets whose kind suits a load balancer, by zone: public and utility ones for one that is reachable from the
/// internet, private ones for the others.
pub fn suitable<'a>(context: &Context<'a>, kind: LoadBalancerType) -> BTreeMap<&'a str, Vec<&'a Subnet>> {
    let mut zones: BTreeMap<&str, Vec<&Subnet>> = BTreeMap::new();
    for subnet in &context.cluster.spec.subnets {
        let suits = match subnet.r#type {
            Some(SubnetType::Private | SubnetType::DualStack) => kind == LoadBalancerType::Internal,
            _ => kind == LoadBalancerType::Public,
        };
        if suits {
            zones.entry(&subnet.zone).or_default().push(subnet);
        }
    }
    zones
}

/// The load balancer's subnet in each zone: utility subnets before dual-stack ones before those of the
/// control plane, and the first by name among equals.
pub fn best<'a>(context: &Context<'a>, kind: LoadBalancerType) -> Vec<&'a Subnet> {
    let holds_control_plane = |subnet: &Subnet| {
        context.groups_of(InstanceGroupRole::ControlPlane).any(|group| group.spec.subnets.contains(&subnet.name))
    };
    let score = |subnet: &Subnet| {
        let by_type = match subnet.r#type {
            Some(SubnetType::Utility) => 3,
            Some(SubnetType::DualStack) => 2,
            _ => 0,
        };
        by_type + i32::from(holds_control_plane(subnet))
    };
    suitable(context, kind)
        .into_values()
        .filter_map(|subnets| subnets.into_iter().min_by_key(|subnet| (-score(subnet), subnet.name.clone())))
        .collect()
}
