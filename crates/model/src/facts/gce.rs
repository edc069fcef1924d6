//! What only Google Cloud knows.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use kopsform_spec::names::gce as names;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, LoadBalancerType};

/// Facts of Google Cloud, by project.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct GceFacts {
    /// Project of the cluster → its network, `NAME` or `PROJECT/NAME` → what is known about it.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub networks: BTreeMap<String, BTreeMap<String, NetworkFact>>,
    /// Project → numeric id of a managed zone of Cloud DNS → the zone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub managed_zones: BTreeMap<String, BTreeMap<String, ManagedZoneFact>>,
    /// Project → region → name of an address of a load balancer → the IP address; empty for one that does not exist.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub addresses: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>,
}

/// A network.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct NetworkFact {
    /// Whether it exists.
    pub exists: bool,
    /// The primary and secondary ranges of its subnets in all regions, in CIDR notation.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ranges: Vec<String>,
}

/// A managed zone of Cloud DNS.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct ManagedZoneFact {
    /// Its name.
    pub name: String,
    /// Its domain, without a trailing dot.
    pub dns_name: String,
    /// Whether only networks of the project see it.
    pub private: bool,
}

/// The facts of Google Cloud that a run needs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GceNeeds {
    /// Networks whose taken ranges decide which are free.
    pub networks: BTreeSet<NetworkNeed>,
    /// Projects whose managed zones are wanted.
    pub managed_zones: BTreeSet<String>,
    /// Addresses of the API's load balancer; one that does not exist is not an error.
    pub addresses: BTreeSet<AddressNeed>,
}

/// An address that is asked about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressNeed {
    /// The cluster's project.
    pub project: String,
    /// The region it is in.
    pub region: String,
    /// Its name.
    pub name: String,
}

impl AddressNeed {
    /// The addresses of the API's load balancer: one inside of each subnet with an API server, and the public one. None without a
    /// load balancer.
    pub fn of_api<'a>(cluster: &Cluster, groups: impl IntoIterator<Item = &'a InstanceGroup>) -> BTreeSet<Self> {
        let Some(balancer) = cluster.api_load_balancer() else { return BTreeSet::new() };
        let name = &cluster.metadata.name;
        let serving = groups.into_iter().filter(|group| group.has_api_server());
        let subnets: BTreeSet<&str> = serving.flat_map(|group| &group.spec.subnets).map(String::as_str).collect();
        let mut names: Vec<String> =
            subnets.into_iter().map(|subnet| names::suffixed(&format!("api-{subnet}"), name)).collect();
        if balancer.r#type != Some(LoadBalancerType::Internal) {
            names.push(names::suffixed("api", name));
        }
        let need = |name| Self { project: cluster.spec.project.clone(), region: cluster.region().to_owned(), name };
        names.into_iter().map(need).collect()
    }
}

/// A network that is asked about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NetworkNeed {
    /// The cluster's project, in which subnets are listed.
    pub project: String,
    /// `NAME` or `PROJECT/NAME`.
    pub network: String,
    /// Whether it must exist, because the spec names it.
    pub must_exist: bool,
}

impl NetworkNeed {
    /// The network of a cluster.
    pub fn of(cluster: &Cluster) -> Self {
        let spec = &cluster.spec;
        let own = names::network(&cluster.metadata.name);
        let must_exist = !spec.network_id.is_empty();
        let network = if must_exist { spec.network_id.clone() } else { own };
        Self { project: spec.project.clone(), network, must_exist }
    }

    /// The project that the network is in, and its name there.
    pub fn location(&self) -> (&str, &str) {
        self.network.split_once('/').unwrap_or((&self.project, &self.network))
    }
}

impl GceNeeds {
    /// What a cluster needs before defaults are filled in.
    pub fn of(cluster: &Cluster) -> Self {
        let mut needs = Self::of_ranges(cluster);
        if cluster.publishes_dns_records() {
            needs.managed_zones.insert(cluster.spec.project.clone());
        }
        needs
    }

    /// What it takes to choose the ranges that a cluster lacks.
    pub fn of_ranges(cluster: &Cluster) -> Self {
        let mut needs = Self::default();
        if lacks_ranges(cluster) {
            needs.networks.insert(NetworkNeed::of(cluster));
        }
        needs
    }

    /// The needs that the facts do not meet yet.
    #[must_use]
    pub fn missing(&self, facts: &GceFacts) -> Self {
        let known = |need: &&NetworkNeed| facts.network(need).is_some();
        Self {
            networks: self.networks.iter().filter(|need| !known(need)).cloned().collect(),
            managed_zones: self
                .managed_zones
                .iter()
                .filter(|p| !facts.managed_zones.contains_key(*p))
                .cloned()
                .collect(),
            addresses: self.addresses.iter().filter(|need| facts.address(need).is_none()).cloned().collect(),
        }
    }

    /// Every single need, for messages.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let networks =
            self.networks.iter().map(|need| format!("ranges of network {} ({})", need.network, need.project));
        let zones = self.managed_zones.iter().map(|project| format!("managed zones of {project}"));
        let address = |need: &AddressNeed| format!("address {} in {} ({})", need.name, need.region, need.project);
        networks.chain(zones).chain(self.addresses.iter().map(address))
    }
}

impl GceFacts {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is known about a network.
    pub fn network(&self, need: &NetworkNeed) -> Option<&NetworkFact> {
        self.networks.get(&need.project)?.get(&need.network)
    }

    /// What is known about an address: the IP address, or the empty string where there is none.
    pub fn address(&self, need: &AddressNeed) -> Option<&str> {
        Some(self.addresses.get(&need.project)?.get(&need.region)?.get(&need.name)?.as_str())
    }

    /// Records an address.
    pub fn add_address(&mut self, need: AddressNeed, address: String) {
        self.addresses.entry(need.project).or_default().entry(need.region).or_default().insert(need.name, address);
    }

    /// Forgets that addresses do not exist, so that a run which can look them up finds those that have been created since.
    pub fn forget_absent_addresses(&mut self) {
        for addresses in self.addresses.values_mut().flat_map(BTreeMap::values_mut) {
            addresses.retain(|_, address| !address.is_empty());
        }
    }

    /// The IP addresses that the API's load balancer has so far, sorted.
    pub fn addresses_of_api(&self, cluster: &Cluster, groups: &[InstanceGroup]) -> Vec<String> {
        let needs = AddressNeed::of_api(cluster, groups);
        let known = needs.iter().filter_map(|need| self.address(need)).filter(|address| !address.is_empty());
        let addresses: BTreeSet<String> = known.map(str::to_owned).collect();
        addresses.into_iter().collect()
    }

    /// Adds others.
    pub fn extend(&mut self, more: Self) {
        for (project, regions) in more.addresses {
            for (region, addresses) in regions {
                self.addresses.entry(project.clone()).or_default().entry(region).or_default().extend(addresses);
            }
        }
        for (project, networks) in more.networks {
            self.networks.entry(project).or_default().extend(networks);
        }
        self.managed_zones.extend(more.managed_zones);
    }
}

/// Whether ranges of a cluster are still to be chosen: with IP aliases all unless all are written, else those of subnets that are
/// neither written nor of an existing subnet.
pub fn lacks_ranges(cluster: &Cluster) -> bool {
    let spec = &cluster.spec;
    if cluster.uses_ip_aliases() {
        let of_pods_and_services = spec.pod_cidr.is_empty() || spec.service_cluster_ip_range.is_empty();
        return of_pods_and_services || spec.subnets.iter().any(|subnet| subnet.cidr.is_empty());
    }
    spec.subnets.iter().any(|subnet| subnet.cidr.is_empty() && subnet.id.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopsform_spec::v1alpha2::{
        ApiAccess, GceNetworking, InstanceGroupRole, LoadBalancerAccess, Networking, Subnet,
    };

    fn cluster() -> Cluster {
        let mut cluster = Cluster::default();
        cluster.metadata.name = "a.example.com".to_owned();
        cluster.spec.cloud_provider = "gce".to_owned();
        cluster.spec.project = "p".to_owned();
        cluster.spec.subnets = vec![Subnet { cidr: "10.0.16.0/20".to_owned(), ..Subnet::default() }];
        cluster
    }

    #[test]
    fn written_ranges_need_no_look_up() {
        assert_eq!(GceNeeds::of_ranges(&cluster()), GceNeeds::default());
        let mut aliases = cluster();
        aliases.spec.networking = Some(Networking { gce: Some(GceNetworking {}), ..Networking::default() });
        let need = NetworkNeed { project: "p".into(), network: "a-example-com".into(), must_exist: false };
        assert_eq!(GceNeeds::of_ranges(&aliases).networks, [need.clone()].into());
        aliases.spec.pod_cidr = "10.4.0.0/14".to_owned();
        aliases.spec.service_cluster_ip_range = "10.1.0.0/16".to_owned();
        assert!(!lacks_ranges(&aliases));

        let mut facts = GceFacts::default();
        facts.networks.entry("p".to_owned()).or_default().insert("a-example-com".to_owned(), NetworkFact::default());
        let needs = GceNeeds { networks: [need].into(), ..GceNeeds::default() };
        assert_eq!(needs.missing(&facts), GceNeeds::default());
        assert_eq!(needs.names().collect::<Vec<_>>(), ["ranges of network a-example-com (p)"]);
    }

    #[test]
    fn the_api_has_an_address_in_each_subnet_that_serves_it_and_a_public_one() {
        let mut balanced = cluster();
        balanced.spec.subnets[0].region = "us-east1".to_owned();
        let group = |role, subnet: &str| {
            let mut group = InstanceGroup::default();
            group.spec.role = Some(role);
            group.spec.subnets = vec![subnet.to_owned()];
            group
        };
        let groups = [group(InstanceGroupRole::ControlPlane, "cp"), group(InstanceGroupRole::Node, "nodes")];
        assert_eq!(AddressNeed::of_api(&balanced, &groups), BTreeSet::new(), "no load balancer");
        let access = |r#type| LoadBalancerAccess { r#type, ..LoadBalancerAccess::default() };
        let names = |cluster: &Cluster| AddressNeed::of_api(cluster, &groups).into_iter().map(|need| need.name);
        balanced.spec.api = Some(ApiAccess { load_balancer: Some(access(None)), ..ApiAccess::default() });
        assert_eq!(names(&balanced).collect::<Vec<_>>(), ["api-a-example-com", "api-cp-a-example-com"]);
        let internal = access(Some(LoadBalancerType::Internal));
        balanced.spec.api = Some(ApiAccess { load_balancer: Some(internal), ..ApiAccess::default() });
        assert_eq!(names(&balanced).collect::<Vec<_>>(), ["api-cp-a-example-com"]);

        let needs = GceNeeds { addresses: AddressNeed::of_api(&balanced, &groups), ..GceNeeds::default() };
        let mut facts = GceFacts::default();
        assert_eq!(needs.missing(&facts), needs);
        assert_eq!(needs.names().collect::<Vec<_>>(), ["address api-cp-a-example-com in us-east1 (p)"]);
        for need in needs.addresses.clone() {
            facts.add_address(need, String::new());
        }
        assert_eq!(needs.missing(&facts), GceNeeds::default(), "that there is none yet is known");
        assert_eq!(facts.addresses_of_api(&balanced, &groups), Vec::<String>::new());
        for need in needs.addresses {
            facts.add_address(need, "10.0.16.9".to_owned());
        }
        assert_eq!(facts.addresses_of_api(&balanced, &groups), ["10.0.16.9"]);
    }

    #[test]
    fn networks_of_other_projects_are_named_with_them() {
        let mut shared = cluster();
        shared.spec.network_id = "host/shared".to_owned();
        let need = NetworkNeed::of(&shared);
        assert_eq!((need.location(), need.must_exist), (("host", "shared"), true));
    }
}
