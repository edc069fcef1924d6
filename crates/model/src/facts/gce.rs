//! What only Google Cloud knows.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::gce::address_needs;
use kopsform_spec::address::StoreUrl;
use kopsform_spec::names::gce as names;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};

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
    /// Region → names of its zones; none for a region that does not exist.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub zones: BTreeMap<String, Vec<String>>,
    /// Project → region → name of an address → the address; empty where it does not exist yet.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub addresses: BTreeMap<String, BTreeMap<String, BTreeMap<String, String>>>,
    /// Project of the cluster → bucket, in any project → how it protects the cluster's objects.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub buckets: BTreeMap<String, BTreeMap<String, GoogleBucketFact>>,
}

/// A bucket of Cloud Storage.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct GoogleBucketFact {
    /// `ROLE:ENTITY` of those who may access new objects; `None` where roles on the bucket alone decide that.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object_acl: Option<Vec<String>>,
    /// Whether its roles let everyone read objects; `None` if that was not looked up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public: Option<bool>,
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
    /// Regions whose zones are wanted, with the project that is asked. They only serve to check groups, so it is not an error
    /// where a lock file lacks them.
    pub zones: BTreeSet<(String, String)>,
    /// Addresses that may exist already; a missing one is not an error.
    pub addresses: BTreeSet<AddressNeed>,
    /// Buckets that files are written to.
    pub buckets: BTreeSet<BucketNeed>,
}

/// A bucket that is asked about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BucketNeed {
    /// The project of the cluster, whose instances read objects.
    pub project: String,
    /// The name.
    pub name: String,
    /// Whether it matters that everyone may read objects.
    pub published: bool,
}

/// An address that is asked about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AddressNeed {
    /// Its project.
    pub project: String,
    /// Its region.
    pub region: String,
    /// Its name.
    pub name: String,
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

    /// What only the completed specs call for: addresses of load balancers that may exist already, and access to objects in the
    /// buckets that files are written to.
    pub fn of_completed(cluster: &Cluster, groups: &[InstanceGroup]) -> Self {
        let spec = &cluster.spec;
        let bucket = |store: &str, published| match StoreUrl::parse(store) {
            Ok(StoreUrl::Gs { bucket: name, .. }) => {
                Some(BucketNeed { project: spec.project.clone(), name, published })
            }
            _ => None,
        };
        let backups = spec.etcd_clusters.iter().filter_map(|etcd| etcd.backups.as_ref());
        let stores = backups.map(|backups| backups.backup_store.as_str()).chain([spec.config_base.as_str()]);
        let mut buckets: BTreeSet<BucketNeed> = stores.filter_map(|store| bucket(store, false)).collect();
        let discovery = spec.service_account_issuer_discovery.as_ref();
        buckets.extend(discovery.and_then(|discovery| bucket(&discovery.discovery_store, true)));
        let region = (spec.project.clone(), cluster.region().to_owned());
        let zones = Some(region).filter(|(_, region)| !region.is_empty()).into_iter().collect();
        Self { addresses: address_needs(cluster, groups), buckets, zones, ..Self::default() }
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
            zones: self.zones.iter().filter(|(_, region)| !facts.zones.contains_key(region)).cloned().collect(),
            addresses: self.addresses.iter().filter(|need| facts.known_address(need).is_none()).cloned().collect(),
            buckets: self
                .buckets
                .iter()
                .filter(|need| {
                    let known = facts.bucket(&need.project, &need.name);
                    known.is_none_or(|fact| need.published && fact.public.is_none())
                })
                .cloned()
                .collect(),
        }
    }

    /// Every single need, for messages.
    pub fn names(&self) -> impl Iterator<Item = String> {
        let networks =
            self.networks.iter().map(|need| format!("ranges of network {} ({})", need.network, need.project));
        let zones = self.managed_zones.iter().map(|project| format!("managed zones of {project}"));
        let addresses =
            self.addresses.iter().map(|need| format!("address {} of {} ({})", need.name, need.region, need.project));
        let buckets = self.buckets.iter().map(|need| match need.published {
            true => format!("access to bucket {}", need.name),
            false => format!("bucket {}", need.name),
        });
        networks.chain(zones).chain(addresses).chain(buckets)
    }
}

impl GceFacts {
    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// What is known about a bucket, for the objects of a project's cluster.
    pub fn bucket(&self, project: &str, name: &str) -> Option<&GoogleBucketFact> {
        self.buckets.get(project)?.get(name)
    }

    /// What is known about an address: empty if it does not exist.
    fn known_address(&self, need: &AddressNeed) -> Option<&str> {
        self.addresses.get(&need.project)?.get(&need.region)?.get(&need.name).map(String::as_str)
    }

    /// An address; `None` if it does not exist.
    pub fn address(&self, need: &AddressNeed) -> Option<&str> {
        self.known_address(need).filter(|address| !address.is_empty())
    }

    /// What is known about a network.
    pub fn network(&self, need: &NetworkNeed) -> Option<&NetworkFact> {
        self.networks.get(&need.project)?.get(&need.network)
    }

    /// Adds others.
    pub fn extend(&mut self, more: Self) {
        for (project, networks) in more.networks {
            self.networks.entry(project).or_default().extend(networks);
        }
        self.managed_zones.extend(more.managed_zones);
        self.zones.extend(more.zones);
        for (project, regions) in more.addresses {
            let known = self.addresses.entry(project).or_default();
            for (region, addresses) in regions {
                known.entry(region).or_default().extend(addresses);
            }
        }
        for (project, buckets) in more.buckets {
            let known = self.buckets.entry(project).or_default();
            for (name, fact) in buckets {
                let known = known.entry(name).or_default();
                *known = GoogleBucketFact { public: fact.public.or(known.public), ..fact };
            }
        }
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
    use kopsform_spec::v1alpha2::{GceNetworking, Networking, Subnet};

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
    fn networks_of_other_projects_are_named_with_them() {
        let mut shared = cluster();
        shared.spec.network_id = "host/shared".to_owned();
        let need = NetworkNeed::of(&shared);
        assert_eq!((need.location(), need.must_exist), (("host", "shared"), true));
    }
}
