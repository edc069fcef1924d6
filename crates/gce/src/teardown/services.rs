//! Load balancers that the cloud controller manager made for services of Kubernetes.
//!
//! Only their firewall rules show whose they are: they let traffic to nodes with the cluster's network tags. Their names lead to
//! the rest, so they are deleted last: `k8s-fw-LB` to the forwarding rule, target pool and backend service `LB`, and
//! `k8s-ID-node-http-hc` or `k8s-LB-http-hc` to the health check `k8s-ID-node` or `LB`.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{ClusterResources, Machines, referred};
use crate::link::{Link, Scope};
use crate::value::{items, last, strings, text};
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{GoogleKind, Key, Resource};

/// What the names of rules begin with.
const RULE: &str = "k8s-";
/// What follows in rules for the traffic of a load balancer.
const TRAFFIC: &str = "fw-";
/// What the names of rules for health checks of target pools end with.
const HTTP_CHECK: &str = "-http-hc";
/// What the names of rules for other health checks end with.
const CHECK: &str = "-hc";
/// What health checks that services of a cluster share end with.
const SHARED: &str = "-node";
/// What unmanaged instance groups begin with.
const GROUP: &str = "k8s-ig--";

impl ClusterResources {
    /// The resources of services, found by firewall rules.
    pub(super) async fn services(&self, rules: &[Value], machines: &Machines) -> Result<Vec<Resource>, ApiError> {
        let own = rules
            .iter()
            .filter(|rule| text(rule, "name").starts_with(RULE) && self.rules.targets_only_own_instances(rule));
        let mut found: BTreeMap<Key, Resource> = BTreeMap::new();
        for rule in own {
            let Some(firewall) = self.resource(GoogleKind::FirewallRule, rule) else { continue };
            let mut parts = Vec::new();
            let name = text(rule, "name").trim_start_matches(RULE);
            if let Some(check) = name.strip_suffix(HTTP_CHECK) {
                let check = if check.ends_with(SHARED) { format!("{RULE}{check}") } else { check.to_owned() };
                let check = self.one(&Scope::Global, "httpHealthChecks", &check).await?;
                parts.extend(check.iter().filter_map(|check| self.resource(GoogleKind::HttpHealthCheck, check)));
            } else if let Some(traffic) = name.strip_prefix(TRAFFIC) {
                parts.extend(self.load_balancer(traffic.strip_suffix(CHECK).unwrap_or(traffic), machines).await?);
            }
            let network = referred(GoogleKind::Network, text(rule, "network"));
            let mut firewall = firewall.before(GoogleKind::Network, network);
            firewall.blocked_by.extend(parts.iter().map(|part| part.key.clone()));
            for part in parts.into_iter().chain([firewall]) {
                // The control plane makes again what is deleted before it.
                let part = part.after(GoogleKind::InstanceGroupManager, machines.managers.clone());
                found.entry(part.key.clone()).or_insert(part);
            }
        }
        Ok(found.into_values().collect())
    }

    /// The load balancer of a service by its name.
    async fn load_balancer(&self, name: &str, machines: &Machines) -> Result<Vec<Resource>, ApiError> {
        let region = self.region();
        let (rule, pool, service, check) = futures::try_join!(
            self.one(&region, "forwardingRules", name),
            self.one(&region, "targetPools", name),
            self.one(&region, "backendServices", name),
            self.one(&region, "healthChecks", name),
        )?;
        let mut found: Vec<Resource> = rule.iter().filter_map(|rule| self.forwarding_rule(rule)).collect();
        if let Some(pool) = &pool {
            found.extend(self.target_pool(pool));
            // Health checks of one service have its name; others are found by their own firewall rule.
            for check in strings(pool, "healthChecks").map(last).filter(|check| *check == name) {
                let check = self.one(&Scope::Global, "httpHealthChecks", check).await?;
                found.extend(check.iter().filter_map(|check| self.resource(GoogleKind::HttpHealthCheck, check)));
            }
        }
        if let Some(service) = &service {
            found.extend(self.backend_service(service));
            for url in items(service, "backends").map(|backend| text(backend, "group")) {
                found.extend(self.instance_group(url, machines).await?);
            }
        }
        found.extend(check.iter().filter_map(|check| self.resource(GoogleKind::HealthCheck, check)));
        Ok(found)
    }

    /// An unmanaged group that Kubernetes made, if all its instances are the cluster's.
    async fn instance_group(&self, url: &str, machines: &Machines) -> Result<Option<Resource>, ApiError> {
        let Some(link) = Link::parse(url).filter(|link| link.name.starts_with(GROUP)) else { return Ok(None) };
        let Some(group) = self.one(&link.scope, &link.collection, &link.name).await? else { return Ok(None) };
        let members = self.api.call_list(&link.to_string(), "listInstances", "items").await;
        let members = members.map_err(crate::error::call_failed(format!("list the instances of {link}")))?;
        let is_own = |member: &Value| {
            Link::parse(text(member, "instance")).is_some_and(|link| machines.links.contains(&link.to_string()))
        };
        if !members.iter().all(is_own) {
            return Ok(None);
        }
        let network = referred(GoogleKind::Network, text(&group, "network"));
        Ok(self.resource(GoogleKind::InstanceGroup, &group).map(|r| r.before(GoogleKind::Network, network)))
    }
}
