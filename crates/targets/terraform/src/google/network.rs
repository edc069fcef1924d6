//! The network, its subnets, the router and NAT.

use super::InAttribute;
use crate::block::{AttributeOf, Block, Body};
use crate::layout::NETWORK_FILE;
use crate::readable::place::{CLUSTER, Place};
use kopsform_model::gce::resources::{Network, Router, RouterNat, Stack, Subnetwork};

impl Block for Network {
    const TYPE: &'static str = "google_compute_network";
    const FILE: &'static str = NETWORK_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("auto_create_subnetworks", false).set("name", &self.name);
    }
}

impl Block for Subnetwork {
    const TYPE: &'static str = "google_compute_subnetwork";
    const FILE: &'static str = NETWORK_FILE;

    fn place(&self, name: &str) -> Place {
        Place::each(CLUSTER, name)
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("ip_cidr_range", &self.cidr)
            .set("ipv6_access_type", (self.stack == Stack::Dual).then_some("EXTERNAL"))
            .set("name", &self.name)
            .set("network", InAttribute(&self.network, "name"))
            .set("region", &self.region)
            .blocks("secondary_ip_range", &self.secondary_ranges, |range, body| {
                body.set("ip_cidr_range", &range.cidr).set("range_name", &range.name);
            })
            .set("stack_type", self.stack.as_str());
    }
}

impl Block for Router {
    const TYPE: &'static str = "google_compute_router";
    const FILE: &'static str = NETWORK_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("name", &self.name).set("network", InAttribute(&self.network, "name"));
    }
}

impl Block for RouterNat {
    const TYPE: &'static str = "google_compute_router_nat";
    const FILE: &'static str = NETWORK_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("name", &self.name)
            .set("nat_ip_allocate_option", "AUTO_ONLY")
            .set("region", &self.region)
            .set("router", AttributeOf(&self.router, "name"))
            .set("source_subnetwork_ip_ranges_to_nat", "LIST_OF_SUBNETWORKS")
            .blocks("subnetwork", &self.subnetworks, |subnetwork, body| {
                body.set("name", AttributeOf(subnetwork, "name"))
                    .set("source_ip_ranges_to_nat", vec!["ALL_IP_RANGES".to_owned()]);
            });
    }
}
