//! The network with its subnets and router, firewall rules and routes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::ownership::NAT;
use super::{ClusterResources, Machines, referred};
use crate::error::call_failed;
use crate::link::{Link, Scope};
use crate::value::{items, text};
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{GoogleKind, Resource};

/// The warning of a route whose instance does not exist.
const NO_INSTANCE: &str = "NEXT_HOP_INSTANCE_NOT_FOUND";

impl ClusterResources {
    /// Network, subnets and router; also what the subnets are called after.
    pub(super) async fn network(&self) -> Result<(Vec<Resource>, BTreeSet<String>), ApiError> {
        let region = self.region();
        let name = self.rules.network();
        let router = self.rules.name(NAT);
        let (network, subnets, router) = futures::try_join!(
            async {
                match &name {
                    Some(name) => self.one(&Scope::Global, "networks", name).await,
                    None => Ok(None),
                }
            },
            self.all(&region, "subnetworks"),
            self.one(&region, "routers", &router),
        )?;
        let mut found: Vec<Resource> =
            network.iter().filter_map(|network| self.resource(GoogleKind::Network, network)).collect();
        let mut parts = BTreeSet::new();
        for subnet in &subnets {
            let network = text(subnet, "network");
            let Some(part) = self.rules.own_subnet(text(subnet, "name"), network) else { continue };
            parts.insert(part.to_owned());
            let network = referred(GoogleKind::Network, network);
            found.extend(self.resource(GoogleKind::Subnet, subnet).map(|r| r.before(GoogleKind::Network, network)));
        }
        if let Some(router) = &router {
            let nats = items(router, "nats").flat_map(|nat| items(nat, "subnetworks"));
            let subnets = nats.filter_map(|subnet| referred(GoogleKind::Subnet, text(subnet, "name")));
            let network = referred(GoogleKind::Network, text(router, "network"));
            let resource = self.resource(GoogleKind::Router, router);
            found.extend(resource.map(|r| r.before(GoogleKind::Subnet, subnets).before(GoogleKind::Network, network)));
        }
        Ok((found, parts))
    }

    /// The firewall rules of the cluster, and those of its services with their load balancers.
    pub(super) async fn firewall_rules(&self, machines: &Machines) -> Result<Vec<Resource>, ApiError> {
        let rules = self.all(&Scope::Global, "firewalls").await?;
        let mut found = Vec::new();
        for rule in rules.iter().filter(|rule| self.rules.is_own_firewall_rule(rule)) {
            let network = referred(GoogleKind::Network, text(rule, "network"));
            let resource = self.resource(GoogleKind::FirewallRule, rule);
            found.extend(resource.map(|r| r.before(GoogleKind::Network, network)));
        }
        found.extend(self.services(&rules, machines).await?);
        Ok(found)
    }

    /// The routes that the cloud controller manager made to the pods of the cluster's instances. It makes routes until the control
    /// plane is gone.
    pub(super) async fn routes(&self, machines: &Machines) -> Result<Vec<Resource>, ApiError> {
        let mut found = Vec::new();
        for route in self.all(&Scope::Global, "routes").await? {
            if !self.rules.is_own_route_name(text(&route, "name")) || !self.is_own_hop(&route, machines).await? {
                continue;
            }
            let network = referred(GoogleKind::Network, text(&route, "network"));
            let Some(resource) = self.resource(GoogleKind::Route, &route) else { continue };
            let resource = resource.before(GoogleKind::Network, network);
            let resource = resource.after(GoogleKind::Instance, machines.instances.clone());
            found.push(resource.after(GoogleKind::InstanceGroupManager, machines.managers.clone()));
        }
        Ok(found)
    }

    /// Whether a route leads to an instance of the cluster, or to one that is gone, as after an interrupted deletion.
    async fn is_own_hop(&self, route: &Value, machines: &Machines) -> Result<bool, ApiError> {
        if items(route, "warnings").any(|warning| text(warning, "code") == NO_INSTANCE) {
            return Ok(true);
        }
        let Some(hop) = Link::parse(text(route, "nextHopInstance")) else { return Ok(false) };
        if machines.links.contains(&hop.to_string()) {
            return Ok(true);
        }
        let instance = self.api.get(&hop.to_string()).await.map_err(call_failed(format!("get {hop}")))?;
        Ok(instance.is_none())
    }
}
