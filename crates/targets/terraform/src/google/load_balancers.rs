//! Load balancers.

use super::{InAttribute, ListOf};
use crate::block::{AttributeOf, Block, Body};
use crate::layout::LOAD_BALANCERS_FILE;
use crate::readable::place::Place;
use kopsform_model::gce::resources::{
    Address, BackendService, ForwardingRule, HttpHealthCheck, RegionHealthCheck, Scheme, TargetPool,
};

/// The block of what internal load balancers have for each subnet.
const INTERNAL: &str = "internal";

impl Block for Address {
    const TYPE: &'static str = "google_compute_address";
    const FILE: &'static str = LOAD_BALANCERS_FILE;

    fn place(&self, name: &str) -> Place {
        match &self.subnetwork {
            Some(_) => Place::each(INTERNAL, name),
            None => Place::Own(name.to_owned()),
        }
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("name", &self.name);
        if let Some(subnetwork) = &self.subnetwork {
            body.set("address_type", "INTERNAL")
                .set("purpose", "SHARED_LOADBALANCER_VIP")
                .set("subnetwork", InAttribute(subnetwork, "name"));
        }
    }
}

impl Block for HttpHealthCheck {
    const TYPE: &'static str = "google_compute_http_health_check";
    const FILE: &'static str = LOAD_BALANCERS_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("name", &self.name).set("port", self.port).set("request_path", &self.path);
    }
}

impl Block for RegionHealthCheck {
    const TYPE: &'static str = "google_compute_region_health_check";
    const FILE: &'static str = LOAD_BALANCERS_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        let kind = if self.tls { "ssl_health_check" } else { "tcp_health_check" };
        body.set("name", &self.name).block(kind, |body| {
            body.set("port", self.port);
        });
    }
}

impl Block for TargetPool {
    const TYPE: &'static str = "google_compute_target_pool";
    const FILE: &'static str = LOAD_BALANCERS_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("health_checks", ListOf(std::slice::from_ref(&self.health_check), "self_link"))
            .set("name", &self.name);
    }
}

impl Block for BackendService {
    const TYPE: &'static str = "google_compute_region_backend_service";
    const FILE: &'static str = LOAD_BALANCERS_FILE;

    fn write(&self, body: &mut Body<'_, '_>) {
        body.blocks("backend", &self.groups, |group, body| {
            body.set("balancing_mode", "CONNECTION").set("group", AttributeOf(group, "instance_group"));
        })
        .set("health_checks", ListOf(std::slice::from_ref(&self.health_check), "id"))
        .set("load_balancing_scheme", "INTERNAL")
        .set("name", &self.name)
        .set("protocol", "TCP");
    }
}

impl Block for ForwardingRule {
    const TYPE: &'static str = "google_compute_forwarding_rule";
    const FILE: &'static str = LOAD_BALANCERS_FILE;

    fn place(&self, name: &str) -> Place {
        match &self.scheme {
            Scheme::Internal { .. } => Place::each(INTERNAL, name),
            Scheme::External(_) => Place::Own(name.to_owned()),
        }
    }

    fn write(&self, body: &mut Body<'_, '_>) {
        body.set("ip_address", AttributeOf(&self.address, "address"))
            .set("ip_protocol", "TCP")
            .set("labels", &self.labels)
            .set("name", &self.name);
        match &self.scheme {
            Scheme::External(pool) => body
                .set("load_balancing_scheme", "EXTERNAL")
                .set("port_range", format!("{0}-{0}", self.port))
                .set("target", AttributeOf(pool, "self_link")),
            Scheme::Internal { backend, network, subnetwork } => body
                .set("backend_service", AttributeOf(backend, "id"))
                .set("load_balancing_scheme", "INTERNAL")
                .set("network", InAttribute(network, "name"))
                .set("ports", vec![self.port.to_string()])
                .set("subnetwork", InAttribute(subnetwork, "name")),
        };
    }
}
