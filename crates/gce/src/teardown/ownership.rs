//! Which cluster owns a resource.
//!
//! Names alone are ambiguous: `api-a-demo` may be of the cluster `demo` with the subnet `a`, or of the cluster `a-demo`. kops
//! accepts every prefix, so it finds resources of other clusters whose names end with the cluster's. Here a name is compared with
//! those that this cluster's resources have, and where other evidence exists (labels, network tags, the network), it must agree.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::value::{items, strings, text};
use kopsform_spec::address::StoreUrl;
use kopsform_spec::names::gce::{self as names, CLUSTER_LABEL, Role};
use kopsform_spec::v1alpha2::Cluster;

/// What load balancers, their health checks and backend services are called after.
pub(super) const BACKENDS: [&str; 2] = ["api", "kops-controller"];
/// What the public load balancer of the API is called after.
pub(super) const API: &str = "api";
/// What the router is called after.
pub(super) const NAT: &str = "nat";
/// What forwarding rules of a subnet are called after; the subnet's name follows.
const FORWARDED: [&str; 3] = ["api", "kops-controller", "cilium-etcd"];
/// The roles with service accounts.
const ACCOUNTS: [&str; 3] = ["control-plane", "node", "bastion"];
const ROLES: [Role; 5] = [Role::ControlPlane, Role::Master, Role::ApiServer, Role::Node, Role::Bastion];
/// What firewall rules are called after; most also exist with `-ipv6` at the end.
const FIREWALL_RULES: [&str; 17] = [
    "lb-health-checks",
    "node-to-node",
    "master-to-master",
    "master-to-node",
    "node-to-master",
    "pod-cidrs-to-node",
    "https-api",
    "kops-controller",
    "cilium-etcd",
    "pod-cidrs-to-https-api",
    "kubernetes-master-https",
    "ssh-external-to-master",
    "ssh-external-to-node",
    "ssh-external-to-bastion",
    "bastion-to-master-ssh",
    "bastion-to-node-ssh",
    "nodeport-external-to-node",
];
/// What follows in the name of the rule for IPv6.
const IPV6: &str = "-ipv6";
/// The metadata of instances and templates with the cluster's name.
const CLUSTER_METADATA: &str = "cluster-name";
/// The metadata of instances with the group that created them.
const CREATED_BY: &str = "created-by";
/// What the names of routes end with: a hyphen and a UUID.
const UUID: usize = 36;
const MAX_NAME: usize = 63;

/// The rules by which one cluster owns resources.
#[derive(Debug, Clone)]
pub struct Ownership {
    cluster: String,
    /// The cluster's name in names and labels.
    safe: String,
    pub(super) project: String,
    pub(super) region: String,
    /// The project and name of the network, if it is one of another project.
    pub(super) host: Option<(String, String)>,
    /// Whether the network is the cluster's own.
    has_own_network: bool,
    /// The names of the spec's subnets, and whether they are the cluster's own.
    subnets: Vec<(String, bool)>,
    /// The service account that the spec names for all instances; empty without one.
    given_account: String,
    /// The buckets in whose policies the cluster's service accounts are.
    pub(super) buckets: BTreeSet<String>,
    tags: BTreeSet<String>,
}

impl Ownership {
    /// The rules for a cluster.
    pub fn of(cluster: &Cluster) -> Self {
        let (name, spec) = (&cluster.metadata.name, &cluster.spec);
        let backups = spec.etcd_clusters.iter().filter_map(|etcd| etcd.backups.as_ref());
        let stores = backups.map(|backups| backups.backup_store.as_str());
        let stores = stores.chain([spec.config_base.as_str(), spec.config_store.as_str()]);
        let host = spec.network_id.split_once('/').filter(|(project, _)| *project != spec.project);
        let account = spec.cloud_config.as_ref().map(|cloud| cloud.gce_service_account.clone());
        Self {
            safe: names::safe_cluster_name(name),
            project: spec.project.clone(),
            region: cluster.region().to_owned(),
            host: host.map(|(project, name)| (project.to_owned(), name.to_owned())),
            has_own_network: spec.network_id.is_empty(),
            subnets: spec.subnets.iter().map(|subnet| (subnet.name.clone(), subnet.id.is_empty())).collect(),
            given_account: account.unwrap_or_default(),
            buckets: stores.filter_map(bucket_of).collect(),
            tags: ROLES.iter().map(|role| names::role_tag(*role, name)).collect(),
            cluster: name.clone(),
        }
    }

    /// The cluster's name.
    pub(super) fn cluster(&self) -> &str {
        &self.cluster
    }

    /// The filter of lists for resources with the cluster's label.
    pub(super) fn label_filter(&self) -> String {
        format!("labels.{CLUSTER_LABEL}={}", self.safe)
    }

    /// The name of the network, if the cluster has its own.
    pub(super) fn network(&self) -> Option<String> {
        self.has_own_network.then(|| names::network(&self.cluster))
    }

    /// Whether a link leads to the cluster's own network.
    pub(super) fn is_own_network(&self, link: &str) -> bool {
        let path = |own: String| format!("/projects/{}/global/networks/{own}", self.project);
        self.network().is_some_and(|own| link.ends_with(&path(own)))
    }

    /// The name of a resource that is called after `part`.
    pub(super) fn name(&self, part: &str) -> String {
        names::suffixed(part, &self.cluster)
    }

    /// What a resource is called after; `None` if its name has nothing of the cluster's.
    fn part<'n>(&self, name: &'n str) -> Option<&'n str> {
        let ends = name.match_indices('-').map(|(at, _)| &name[..at]);
        ends.filter(|part| !part.is_empty()).find(|part| self.name(part) == name)
    }

    /// Whether the label names the cluster.
    pub(super) fn is_labeled(&self, resource: &Value) -> bool {
        self.label(resource).is_some_and(|label| label == self.safe)
    }

    fn label<'v>(&self, resource: &'v Value) -> Option<&'v str> {
        resource.get("labels").and_then(|labels| labels.get(CLUSTER_LABEL)).and_then(Value::as_str)
    }

    /// Whether the metadata of a template's properties, or of an instance, names the cluster.
    pub(super) fn is_named_in_metadata(&self, properties: &Value) -> bool {
        metadata(properties, CLUSTER_METADATA) == Some(self.cluster.as_str())
    }

    /// What subnets of the cluster's own are called after. In its own network, others than those of the spec may be its, too: of a
    /// spec before it was changed.
    pub(super) fn own_subnet<'n>(&self, name: &'n str, network: &str) -> Option<&'n str> {
        let part = self.part(name)?;
        (self.is_own_network(network) || self.subnets.iter().any(|(subnet, own)| *own && subnet == part))
            .then_some(part)
    }

    /// Whether an address is the cluster's; `subnets` are the names that own subnets are called after.
    pub(super) fn is_own_address(&self, address: &Value, subnets: &BTreeSet<String>) -> bool {
        let (name, is_internal) = (text(address, "name"), !text(address, "subnetwork").is_empty());
        match is_internal {
            true => self.is_of_subnet(name, API, subnets),
            false => name == self.name(API),
        }
    }

    /// Whether a forwarding rule of the API, kops-controller or Cilium's etcd is the cluster's.
    pub(super) fn is_own_forwarding_rule(&self, rule: &Value, subnets: &BTreeSet<String>) -> bool {
        if self.label(rule).is_some_and(|label| label != self.safe) {
            return false;
        }
        let name = text(rule, "name");
        // A public one is in no subnet.
        match text(rule, "backendService").is_empty() && text(rule, "subnetwork").is_empty() {
            true => name == self.name(API),
            false => FORWARDED.iter().any(|what| self.is_of_subnet(name, what, subnets)),
        }
    }

    fn is_of_subnet(&self, name: &str, what: &str, subnets: &BTreeSet<String>) -> bool {
        let in_spec = self.subnets.iter().map(|(subnet, _)| subnet);
        in_spec.chain(subnets).any(|subnet| name == self.name(&format!("{what}-{subnet}")))
    }

    /// Whether a firewall rule lets traffic to instances of the cluster only.
    pub(super) fn targets_only_own_instances(&self, rule: &Value) -> bool {
        let mut targets = strings(rule, "targetTags").peekable();
        targets.peek().is_some() && targets.all(|tag| self.tags.contains(tag))
    }

    /// Whether a firewall rule is one of the cluster's specification. Rules of Kubernetes' services are not among them.
    pub(super) fn is_own_firewall_rule(&self, rule: &Value) -> bool {
        let name = text(rule, "name");
        let is_named =
            FIREWALL_RULES.iter().any(|part| name == self.name(part) || name == self.name(&format!("{part}{IPV6}")));
        is_named && self.targets_only_own_instances(rule)
    }

    /// Whether a route to pods has the name of the cluster's routes: the cluster's name, truncated to fit, and a UUID.
    pub(super) fn is_own_route_name(&self, name: &str) -> bool {
        let Some(start) = name.len().checked_sub(UUID) else { return false };
        let (Some(prefix), Some(uuid)) = (name.get(..start), name.get(start..)) else { return false };
        let longest = MAX_NAME - UUID;
        let expected = match self.safe.len() + 1 > longest {
            true => format!("{}-", self.safe.get(..longest - 1).unwrap_or(&self.safe)),
            false => format!("{}-", self.safe),
        };
        let is_uuid = uuid.split('-').map(str::len).eq([8, 4, 4, 4, 12])
            && uuid.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
        prefix == expected && is_uuid
    }

    /// The e-mail addresses of the cluster's own service accounts, whether or not they exist.
    pub(super) fn accounts(&self) -> Vec<String> {
        let ids = ACCOUNTS.iter().map(|role| names::service_account_id(role, &self.cluster));
        let emails = ids.map(|id| format!("{id}@{}.iam.gserviceaccount.com", self.project));
        emails.filter(|email| *email != self.given_account).collect()
    }
}

/// The value of a metadata key of a template's properties or of an instance.
fn metadata<'v>(properties: &'v Value, key: &str) -> Option<&'v str> {
    let all = items(properties.get("metadata")?, "items");
    all.filter(|item| text(item, "key") == key).map(|item| text(item, "value")).next()
}

/// The managed group that created an instance, as a path; empty without one.
pub(super) fn created_by(instance: &Value) -> &str {
    metadata(instance, CREATED_BY).unwrap_or_default()
}

/// Whether a member of a policy is one of the service accounts, also after that was deleted.
pub(super) fn is_member(member: &str, accounts: &[String]) -> bool {
    let member = member.strip_prefix("deleted:").unwrap_or(member);
    let Some(email) = member.strip_prefix("serviceAccount:") else { return false };
    let email = email.split('?').next().unwrap_or_default();
    accounts.iter().any(|account| account == email)
}

/// The bucket of Cloud Storage that a store is in.
fn bucket_of(store: &str) -> Option<String> {
    match StoreUrl::parse(store) {
        Ok(StoreUrl::Gs { bucket, .. }) => Some(bucket),
        _ => None,
    }
}

#[cfg(test)]
#[path = "ownership_tests.rs"]
mod tests;
