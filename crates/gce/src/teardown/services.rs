//! Load balancers that the cloud controller manager made for services of Kubernetes.
//!
//! Only their firewall rules show whose they are: they let traffic to nodes with the cluster's network tags. Their names lead to
//! the rest, so they are deleted last: `k8s-fw-LB` to the forwarding rule, target pool and backend service `LB`, and
//! `k8s-ID-node-http-hc` or `k8s-LB-http-hc` to the health check `k8s-ID-node` or `LB`. Rules for internal load balancers are called
//! `k8s-ID-node-hc` or `LB-hc`. An unmanaged instance group `k8s-ig--ID` belongs to the cluster that its instances belong to. A deletion
//! that was interrupted can leave a group without instances: its network identifies it, or a firewall rule with the same ID, which is
//! deleted after the group.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{ClusterResources, Machines};
use crate::error::call_failed;
use crate::link::{Link, Scope};
use crate::value::{last, strings, text};
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
            .filter(|rule| is_of_service(text(rule, "name")) && self.rules.targets_only_own_instances(rule));
        let own: Vec<&Value> = own.collect();
        let ids: BTreeSet<&str> = own.iter().filter_map(|rule| cluster_id(text(rule, "name"))).collect();
        let mut found: BTreeMap<Key, Resource> = BTreeMap::new();
        let mut groups: BTreeMap<String, Vec<Key>> = BTreeMap::new();
        for group in self.instance_groups(machines, &ids).await? {
            let group = group.after(GoogleKind::InstanceGroupManager, machines.managers.clone());
            let id = group.name.trim_start_matches(GROUP).to_owned();
            groups.entry(id).or_default().push(group.key.clone());
            found.insert(group.key.clone(), group);
        }
        for rule in own {
            let Some(firewall) = self.resource(GoogleKind::FirewallRule, rule) else { continue };
            let mut parts = Vec::new();
            let name = text(rule, "name");
            let name = name.strip_prefix(RULE).unwrap_or(name);
            let named = |check: &str| match check.ends_with(SHARED) {
                true => format!("{RULE}{check}"),
                false => check.to_owned(),
            };
            if let Some(check) = name.strip_suffix(HTTP_CHECK) {
                let check = self.one(&Scope::Global, "httpHealthChecks", &named(check)).await?;
                parts.extend(check.iter().filter_map(|check| self.resource(GoogleKind::HttpHealthCheck, check)));
            } else if let Some(traffic) = name.strip_prefix(TRAFFIC) {
                parts.extend(self.load_balancer(traffic).await?);
            } else if let Some(check) = name.strip_suffix(CHECK) {
                let check = self.one(&Scope::Global, "healthChecks", &named(check)).await?;
                parts.extend(check.iter().filter_map(|check| self.resource(GoogleKind::HealthCheck, check)));
            }
            let network = self.referred(GoogleKind::Network, text(rule, "network"));
            let mut firewall = firewall.before(GoogleKind::Network, network);
            firewall.blocked_by.extend(parts.iter().map(|part| part.key.clone()));
            let groups = cluster_id(text(rule, "name")).and_then(|id| groups.get(id));
            firewall.blocked_by.extend(groups.into_iter().flatten().cloned());
            for part in parts.into_iter().chain([firewall]) {
                // The control plane makes again what is deleted before it.
                let part = part.after(GoogleKind::InstanceGroupManager, machines.managers.clone());
                found.entry(part.key.clone()).or_insert(part);
            }
        }
        Ok(found.into_values().collect())
    }

    /// The load balancer of a service by its name.
    async fn load_balancer(&self, name: &str) -> Result<Vec<Resource>, ApiError> {
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
        found.extend(service.iter().filter_map(|service| self.backend_service(service)));
        found.extend(check.iter().filter_map(|check| self.resource(GoogleKind::HealthCheck, check)));
        Ok(found)
    }

    /// The unmanaged groups that Kubernetes made of the cluster's instances. A group without instances is included if it is in the
    /// cluster's network, or if its name contains one of the cluster's IDs.
    async fn instance_groups(&self, machines: &Machines, ids: &BTreeSet<&str>) -> Result<Vec<Resource>, ApiError> {
        let mut found = Vec::new();
        for group in self.aggregated("instanceGroups", "").await? {
            let Some(link) = Link::parse(text(&group, "selfLink")).filter(|link| link.name.starts_with(GROUP)) else {
                continue;
            };
            let members = self.api.call_list(&link.to_string(), "listInstances", "items").await;
            let members = match members {
                Err(error) if error.is_not_found() => continue,
                members => members.map_err(call_failed(format!("list the instances of {link}")))?,
            };
            let is_own = |member: &Value| {
                Link::parse(text(member, "instance")).is_some_and(|link| machines.links.contains(&link.to_string()))
            };
            let network = text(&group, "network");
            let is_own = match members.is_empty() {
                true => self.rules.is_own_network(network) || ids.contains(link.name.trim_start_matches(GROUP)),
                false => members.iter().all(is_own),
            };
            if is_own {
                let network = self.referred(GoogleKind::Network, network);
                let resource = self.resource(GoogleKind::InstanceGroup, &group);
                found.extend(resource.map(|r| r.before(GoogleKind::Network, network)));
            }
        }
        Ok(found)
    }
}

/// The id that the cloud controller manager gave a cluster, from the name of the firewall rule for its shared health checks:
/// `k8s-ID-node-hc`, `k8s-ID-node-http-hc`.
fn cluster_id(rule: &str) -> Option<&str> {
    let check = rule.strip_prefix(RULE)?;
    check
        .strip_suffix(HTTP_CHECK)
        .or_else(|| check.strip_suffix(CHECK))?
        .strip_suffix(SHARED)
        .filter(|id| !id.is_empty())
}

/// Whether a firewall rule has a name as those of services do.
fn is_of_service(name: &str) -> bool {
    // A load balancer is called after the UID of its service.
    let is_load_balancer =
        |name: &str| name.len() == 32 && name.starts_with('a') && name.chars().all(|c| c.is_ascii_hexdigit());
    name.starts_with(RULE) || name.strip_suffix(CHECK).is_some_and(is_load_balancer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_id_of_a_cluster_is_in_the_names_of_rules_for_shared_health_checks() {
        for (rule, id) in [
            ("k8s-0123456789abcdef-node-hc", Some("0123456789abcdef")),
            ("k8s-0123456789abcdef-node-http-hc", Some("0123456789abcdef")),
            ("k8s-a51a343e2c2854e73b93318a6ea44c3e-http-hc", None),
            ("k8s-fw-a51a343e2c2854e73b93318a6ea44c3e", None),
            ("a51a343e2c2854e73b93318a6ea44c3e-hc", None),
            ("k8s--node-hc", None),
        ] {
            assert_eq!(cluster_id(rule), id, "{rule}");
        }
    }
}
