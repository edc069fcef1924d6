//! The network with its subnets and router, firewall rules and routes.

use std::collections::BTreeSet;

use serde_json::Value;

use super::access::visible;
use super::ownership::NAT;
use super::{ClusterResources, Machines};
use crate::error::call_failed;
use crate::link::{Link, Scope};
use crate::value::{items, text};
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{GoogleKind, Resource};

/// The warning of a route whose instance does not exist.
const NO_INSTANCE: &str = "NEXT_HOP_INSTANCE_NOT_FOUND";

impl ClusterResources {
    /// The network, its subnets and its router; the names of the subnets; and a warning for each collection that could not be listed.
    pub(super) async fn network(&self) -> Result<(Vec<Resource>, BTreeSet<String>, Vec<String>), ApiError> {
        let region = self.region();
        let name = self.rules.network();
        let (network, (subnets, mut warnings), (routers, hidden)) = futures::try_join!(
            async {
                match &name {
                    Some(name) => self.one(&Scope::Global, "networks", name).await,
                    None => Ok(None),
                }
            },
            self.of_network(&region, "subnetworks"),
            self.of_network(&region, "routers"),
        )?;
        warnings.extend(hidden);
        let mut found: Vec<Resource> =
            network.iter().filter_map(|network| self.resource(GoogleKind::Network, network)).collect();
        let mut parts = BTreeSet::new();
        for subnet in &subnets {
            let network = text(subnet, "network");
            let Some(part) = self.rules.own_subnet(text(subnet, "name"), network) else { continue };
            parts.insert(part.to_owned());
            let network = self.referred(GoogleKind::Network, network);
            found.extend(self.resource(GoogleKind::Subnet, subnet).map(|r| r.before(GoogleKind::Network, network)));
        }
        let name = self.rules.name(NAT);
        for router in routers.iter().filter(|router| text(router, "name") == name) {
            let nats = items(router, "nats").flat_map(|nat| items(nat, "subnetworks"));
            let subnets = nats.filter_map(|subnet| self.referred(GoogleKind::Subnet, text(subnet, "name")));
            let network = self.referred(GoogleKind::Network, text(router, "network"));
            let resource = self.resource(GoogleKind::Router, router);
            found.extend(resource.map(|r| r.before(GoogleKind::Subnet, subnets).before(GoogleKind::Network, network)));
        }
        Ok((found, parts, warnings))
    }

    /// A collection of the cluster's project. If the network belongs to another project, the resources of that network in that project
    /// are included: subnets, routers, firewall rules and routes are created there. Missing permission to list them is a warning,
    /// not an error, because the same credentials could not have created them.
    async fn of_network(&self, scope: &Scope, collection: &str) -> Result<(Vec<Value>, Vec<String>), ApiError> {
        let of_host = async {
            let Some((project, network)) = &self.rules.host else { return Ok((Vec::new(), None)) };
            let path = Link::collection(project, scope, collection);
            let answer = self.api.get_all(&path, "").await.map(Some);
            Ok(match visible(answer, format!("list {path}"))? {
                Ok(all) => (in_network(all.unwrap_or_default(), project, network), None),
                Err(warning) => (Vec::new(), Some(warning)),
            })
        };
        let (mut all, (of_host, warning)) = futures::try_join!(self.all(scope, collection), of_host)?;
        all.extend(of_host);
        Ok((all, warning.into_iter().collect()))
    }

    /// The firewall rules of the cluster, the rules and load balancers of its services, and a warning for each collection that could
    /// not be listed.
    pub(super) async fn firewall_rules(&self, machines: &Machines) -> Result<(Vec<Resource>, Vec<String>), ApiError> {
        let (rules, warnings) = self.of_network(&Scope::Global, "firewalls").await?;
        let mut found = Vec::new();
        for rule in rules.iter().filter(|rule| self.rules.is_own_firewall_rule(rule)) {
            let network = self.referred(GoogleKind::Network, text(rule, "network"));
            let resource = self.resource(GoogleKind::FirewallRule, rule);
            found.extend(resource.map(|r| r.before(GoogleKind::Network, network)));
        }
        found.extend(self.services(&rules, machines).await?);
        Ok((found, warnings))
    }

    /// The routes that the cloud controller manager made to the pods of the cluster's instances. It makes routes until the control
    /// plane is gone. Also returns a warning for each collection that could not be listed.
    pub(super) async fn routes(&self, machines: &Machines) -> Result<(Vec<Resource>, Vec<String>), ApiError> {
        let mut found = Vec::new();
        let (routes, warnings) = self.of_network(&Scope::Global, "routes").await?;
        for route in routes {
            if !self.rules.is_own_route_name(text(&route, "name")) || !self.is_own_hop(&route, machines).await? {
                continue;
            }
            let network = self.referred(GoogleKind::Network, text(&route, "network"));
            let Some(resource) = self.resource(GoogleKind::Route, &route) else { continue };
            let resource = resource.before(GoogleKind::Network, network);
            let resource = resource.after(GoogleKind::Instance, machines.instances.clone());
            found.push(resource.after(GoogleKind::InstanceGroupManager, machines.managers.clone()));
        }
        Ok((found, warnings))
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

/// The resources that are in a network.
fn in_network(mut all: Vec<Value>, project: &str, network: &str) -> Vec<Value> {
    let network = Link::new(project, Scope::Global, "networks", network);
    all.retain(|one| Link::parse(text(one, "network")).is_some_and(|link| link == network));
    all
}
