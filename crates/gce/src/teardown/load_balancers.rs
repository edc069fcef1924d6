//! The load balancers of the API and of kops-controller, from their addresses to their health checks.

use std::collections::BTreeSet;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use serde_json::Value;

use super::ownership::{API, BACKENDS};
use super::{ClusterResources, Machines};
use crate::link::{Link, Scope};
use crate::value::{items, strings, text};
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{GoogleKind, Resource};

/// How many resources are read at once.
const CONCURRENT_CALLS: usize = 8;

impl ClusterResources {
    /// The load balancers, with warnings about those that others use, too; `subnets` are the names that own subnets are called
    /// after.
    pub(super) async fn load_balancers(
        &self,
        machines: &Machines,
        subnets: &BTreeSet<String>,
    ) -> Result<(Vec<Resource>, Vec<String>), ApiError> {
        let region = self.region();
        let api = self.rules.name(API);
        let (addresses, rules, pool, http_check, checks, (services, warnings)) = futures::try_join!(
            self.all(&region, "addresses"),
            self.all(&region, "forwardingRules"),
            self.one(&region, "targetPools", &api),
            self.one(&Scope::Global, "httpHealthChecks", &api),
            self.named(&region, "healthChecks"),
            self.backend_services(machines),
        )?;
        let mut found = services;
        let own_addresses = addresses.iter().filter(|address| self.rules.is_own_address(address, subnets));
        let own_addresses: Vec<&Value> = own_addresses.collect();
        for address in &own_addresses {
            let subnet = self.referred(GoogleKind::Subnet, text(address, "subnetwork"));
            let resource = self.resource(GoogleKind::Address, address);
            found.extend(resource.map(|r| r.before(GoogleKind::Subnet, subnet)));
        }
        for rule in rules.iter().filter(|rule| self.rules.is_own_forwarding_rule(rule, subnets)) {
            let ip = text(rule, "IPAddress");
            let is_used = |address: &&&Value| text(address, "address") == ip || text(address, "selfLink") == ip;
            let used = own_addresses.iter().filter(is_used).map(|address| text(address, "name").to_owned());
            found.extend(self.forwarding_rule(rule).map(|r| r.before(GoogleKind::Address, used)));
        }
        found.extend(pool.iter().filter_map(|pool| self.target_pool(pool)));
        found.extend(http_check.iter().filter_map(|check| self.resource(GoogleKind::HttpHealthCheck, check)));
        found.extend(checks.iter().filter_map(|check| self.resource(GoogleKind::HealthCheck, check)));
        Ok((found, warnings))
    }

    /// A forwarding rule, before everything that it needs.
    pub(super) fn forwarding_rule(&self, rule: &Value) -> Option<Resource> {
        let to = |kind: GoogleKind, field: &str| self.referred(kind, text(rule, field));
        Some(
            self.resource(GoogleKind::ForwardingRule, rule)?
                .before(GoogleKind::TargetPool, to(GoogleKind::TargetPool, "target"))
                .before(GoogleKind::BackendService, to(GoogleKind::BackendService, "backendService"))
                .before(GoogleKind::Subnet, to(GoogleKind::Subnet, "subnetwork"))
                .before(GoogleKind::Network, to(GoogleKind::Network, "network")),
        )
    }

    /// A target pool, before its health checks.
    pub(super) fn target_pool(&self, pool: &Value) -> Option<Resource> {
        let checks = strings(pool, "healthChecks").filter_map(|url| self.referred(GoogleKind::HttpHealthCheck, url));
        Some(self.resource(GoogleKind::TargetPool, pool)?.before(GoogleKind::HttpHealthCheck, checks))
    }

    /// A backend service, before its health checks and the groups behind it.
    pub(super) fn backend_service(&self, service: &Value) -> Option<Resource> {
        let checks = strings(service, "healthChecks").filter_map(|url| self.referred(GoogleKind::HealthCheck, url));
        let groups: Vec<&str> = items(service, "backends").map(|backend| text(backend, "group")).collect();
        // A managed group and its instance group have the same location and name.
        let ids = |kind: GoogleKind| groups.iter().filter_map(move |url| self.referred(kind, url)).collect::<Vec<_>>();
        Some(
            self.resource(GoogleKind::BackendService, service)?
                .before(GoogleKind::HealthCheck, checks)
                .before(GoogleKind::InstanceGroupManager, ids(GoogleKind::InstanceGroupManager))
                .before(GoogleKind::InstanceGroup, ids(GoogleKind::InstanceGroup)),
        )
    }

    /// Backend services of the API and of kops-controller: they have the cluster's name, and no backends but the cluster's groups.
    /// kops needs no name, so it also finds services of others that have no backends yet.
    async fn backend_services(&self, machines: &Machines) -> Result<(Vec<Resource>, Vec<String>), ApiError> {
        let (mut found, mut warnings) = (Vec::new(), Vec::new());
        for service in self.named(&self.region(), "backendServices").await? {
            let groups = items(&service, "backends").map(|backend| text(backend, "group"));
            let is_own = |url: &&str| Link::parse(url).is_some_and(|link| machines.groups.contains(&link.to_string()));
            let others: Vec<&str> = groups.filter(|url| !is_own(url)).collect();
            match others.is_empty() {
                true => found.extend(self.backend_service(&service)),
                false => warnings.push(format!(
                    "backend service {} is kept: it also has backends of others: {}",
                    text(&service, "name"),
                    others.join(", ")
                )),
            }
        }
        Ok((found, warnings))
    }

    /// What exists of the resources that are called after the API and kops-controller.
    async fn named(&self, scope: &Scope, collection: &str) -> Result<Vec<Value>, ApiError> {
        let names: Vec<String> = BACKENDS.iter().map(|part| self.rules.name(part)).collect();
        let lookups = stream::iter(names).map(|name| async move { self.one(scope, collection, &name).await });
        let found: Vec<Option<Value>> = lookups.buffered(CONCURRENT_CALLS).try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }
}
