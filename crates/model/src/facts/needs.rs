//! Which facts a cluster needs, read off its specs.

use std::collections::{BTreeMap, BTreeSet};

use super::hosted_zone::knows_hosted_zone;
use super::{Facts, GceNeeds};
use kopsform_spec::address::S3Location;
use kopsform_spec::names::load_balancer_name;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, InstanceGroupRole, LoadBalancerAccess, LoadBalancerClass};

/// The facts that a run needs, by the names in the spec.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Needs {
    /// The region everything is in.
    pub region: String,
    /// The account's id and partition.
    pub account: bool,
    /// Names of the availability zones of the region.
    pub zones: bool,
    /// Images as the spec names them.
    pub images: BTreeSet<String>,
    /// Instance types.
    pub instance_types: BTreeSet<String>,
    /// Instance types that a group without one may get; one that the region lacks is not an error.
    pub candidate_types: BTreeSet<String>,
    /// VPC ids.
    pub vpcs: BTreeSet<String>,
    /// Subnet ids.
    pub subnets: BTreeSet<String>,
    /// Hosted zones: an id, or a domain (the longest zone that is a suffix of it is meant).
    pub hosted_zones: BTreeSet<String>,
    /// Names of instance profiles whose roles are wanted.
    pub instance_profiles: BTreeSet<String>,
    /// Buckets: region and encryption.
    pub buckets: BTreeSet<String>,
    /// Buckets of which it also matters whether everyone may read them.
    pub published_buckets: BTreeSet<String>,
    /// Download URLs whose hash is wanted.
    pub assets: BTreeSet<String>,
    /// Load balancers that may exist already, by the name in AWS; a missing one is not an error.
    pub load_balancers: BTreeMap<String, LoadBalancerNeed>,
    /// Facts of Google Cloud.
    pub gce: GceNeeds,
}

/// What is asked about a load balancer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadBalancerNeed {
    /// The DNS name of a classic one.
    Classic,
    /// The DNS name of a network one.
    Network,
    /// The DNS name of a network one, and the addresses it has inside its VPC.
    NetworkWithAddresses,
}

/// The default instance types, in the order in which kops tries them.
pub const DEFAULT_MACHINE_TYPES: [&str; 4] = ["t3.medium", "c5.large", "c4.large", "t4g.medium"];
/// Types kops tries for bastions.
pub const DEFAULT_BASTION_TYPES: [&str; 3] = ["t3.micro", "t2.micro", "t4g.micro"];

impl Needs {
    /// What the specs call for, before defaults are filled in.
    ///
    /// `images` that groups leave out are the caller's to add, since they come from the channel.
    pub fn of(cluster: &Cluster, groups: &[InstanceGroup]) -> Self {
        if cluster.is_on_gce() {
            return Self { region: region_of(cluster), gce: GceNeeds::of(cluster), ..Self::default() };
        }
        let spec = &cluster.spec;
        let mut needs = Self { region: region_of(cluster), account: true, zones: true, ..Self::default() };
        for group in groups {
            needs.add_group(group);
        }
        if !spec.network_id.is_empty() {
            needs.vpcs.insert(spec.network_id.clone());
        }
        needs.subnets.extend(spec.subnets.iter().filter(|s| !s.id.is_empty()).map(|s| s.id.clone()));
        if cluster.publishes_dns_records() {
            let zone = if spec.dns_zone.is_empty() { &cluster.metadata.name } else { &spec.dns_zone };
            needs.hosted_zones.insert(zone.clone());
        }
        if let Some(store) =
            spec.service_account_issuer_discovery.as_ref().and_then(|d| S3Location::bucket_of(&d.discovery_store))
        {
            needs.published_buckets.insert(store.to_owned());
        }
        needs.buckets.extend(S3Location::bucket_of(&spec.config_base));
        needs
    }

    /// What only the completed spec calls for: the API's load balancer, whose names and addresses are in the API's
    /// certificate once it exists, and given to nodes that can't look the API up; and the locations of etcd backups.
    pub fn of_completed(cluster: &Cluster, groups: &[InstanceGroup]) -> Self {
        if cluster.is_on_gce() {
            let gce = GceNeeds::of_completed(cluster, groups);
            return Self { region: region_of(cluster), gce, ..Self::default() };
        }
        let need = |balancer: &LoadBalancerAccess| match balancer.class {
            Some(LoadBalancerClass::Network) if cluster.uses_load_balancer_for_kops_controller() => {
                LoadBalancerNeed::NetworkWithAddresses
            }
            Some(LoadBalancerClass::Network) => LoadBalancerNeed::Network,
            Some(LoadBalancerClass::Classic) | None => LoadBalancerNeed::Classic,
        };
        let name = load_balancer_name(&cluster.metadata.name, "api");
        let load_balancers = cluster.api_load_balancer().map(|balancer| (name, need(balancer))).into_iter().collect();
        let backups = cluster.spec.etcd_clusters.iter().filter_map(|etcd| etcd.backups.as_ref());
        let buckets = backups.filter_map(|backup| S3Location::bucket_of(&backup.backup_store)).collect();
        Self { region: region_of(cluster), buckets, load_balancers, ..Self::default() }
    }

    fn add_group(&mut self, group: &InstanceGroup) {
        let spec = &group.spec;
        if !spec.image.is_empty() {
            self.images.insert(spec.image.clone());
        }
        self.instance_types
            .extend(spec.machine_type.split(',').map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned));
        if let Some(mixed) = &spec.mixed_instances_policy {
            self.instance_types.extend(mixed.instances.iter().cloned());
        }
        // kops-controller lets nodes in by their roles.
        if matches!(spec.role, Some(InstanceGroupRole::Node | InstanceGroupRole::ApiServer)) {
            self.instance_profiles.extend(group.own_instance_profile().map(str::to_owned));
        }
        if spec.machine_type.is_empty() {
            let defaults: &[&str] = match spec.role {
                Some(InstanceGroupRole::Bastion) => &DEFAULT_BASTION_TYPES,
                _ => &DEFAULT_MACHINE_TYPES,
            };
            self.candidate_types.extend(defaults.iter().map(|t| (*t).to_owned()));
        }
    }

    /// The needs that the facts do not meet yet.
    pub fn missing(&self, facts: &Facts) -> Self {
        let lacks = |wanted: &BTreeSet<String>, known: &dyn Fn(&str) -> bool| {
            wanted.iter().filter(|w| !known(w)).cloned().collect()
        };
        Self {
            region: self.region.clone(),
            account: self.account && facts.account.is_none(),
            zones: self.zones && !facts.zones.contains_key(&self.region),
            images: lacks(&self.images, &|k| facts.images.contains_key(k)),
            instance_types: lacks(&self.instance_types, &|k| facts.instance_types.contains_key(k)),
            candidate_types: lacks(&self.candidate_types, &|k| facts.instance_types.contains_key(k)),
            vpcs: lacks(&self.vpcs, &|k| facts.vpcs.contains_key(k)),
            subnets: lacks(&self.subnets, &|k| facts.subnets.contains_key(k)),
            hosted_zones: lacks(&self.hosted_zones, &|k| knows_hosted_zone(facts, k)),
            instance_profiles: lacks(&self.instance_profiles, &|k| facts.instance_profiles.contains_key(k)),
            buckets: lacks(&self.buckets, &|k| facts.buckets.contains_key(k)),
            published_buckets: lacks(&self.published_buckets, &|k| {
                facts.buckets.get(k).is_some_and(|bucket| bucket.public.is_some())
            }),
            assets: lacks(&self.assets, &|k| facts.assets.contains_key(k)),
            load_balancers: self
                .load_balancers
                .iter()
                .filter(|(name, _)| !facts.load_balancers.contains_key(*name))
                .map(|(name, need)| (name.clone(), *need))
                .collect(),
            gce: self.gce.missing(&facts.gce),
        }
    }

    /// Whether facts of AWS are needed.
    pub fn is_of_aws(&self) -> bool {
        let others =
            Self { region: self.region.clone(), gce: self.gce.clone(), assets: self.assets.clone(), ..Self::default() };
        *self != others
    }

    /// Whether nothing is needed.
    pub fn is_empty(&self) -> bool {
        let optional = self.candidate_types.is_empty() && self.load_balancers.is_empty() && self.gce.zones.is_empty();
        optional && self.names().next().is_none()
    }

    /// Every single need, as `kind name`, for messages.
    pub fn names(&self) -> impl Iterator<Item = String> {
        [
            ("image", &self.images),
            ("instance type", &self.instance_types),
            ("VPC", &self.vpcs),
            ("subnet", &self.subnets),
            ("hosted zone", &self.hosted_zones),
            ("instance profile", &self.instance_profiles),
            ("bucket", &self.buckets),
            ("access to bucket", &self.published_buckets),
            ("hash of", &self.assets),
        ]
        .into_iter()
        .flat_map(|(kind, names)| names.iter().map(move |name| format!("{kind} {name}")))
        .chain(self.account.then(|| "the AWS account".to_owned()))
        .chain(self.zones.then(|| format!("the availability zones of {}", self.region)))
        .chain(self.gce.names())
    }
}

/// [`Cluster::region`], owned.
pub fn region_of(cluster: &Cluster) -> String {
    cluster.region().to_owned()
}
