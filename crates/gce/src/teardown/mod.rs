//! Lists a cluster's resources in Google Cloud and deletes them. [`kopsform_rolling::teardown`] decides in which order.
//!
//! What belongs to a cluster, [`Ownership`] decides. Everything is found by what is deleted after it or by its own name and labels,
//! so that a deletion which was interrupted finds the rest when it is started again.

mod access;
mod dns;
mod groups;
mod load_balancers;
mod network;
mod ownership;
mod remove;
mod services;

use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use serde_json::Value;

use crate::api::Api;
use crate::error::call_failed;
use crate::link::{Link, Scope};
use crate::value::text;
use kopsform_env::Environment;
use kopsform_rolling::ports::ApiError;
use kopsform_rolling::teardown::{Found, GoogleKind, Inventory, Key, Resource};
use kopsform_spec::v1alpha2::Cluster;
use ownership::Ownership;

/// The resources of one cluster.
pub struct ClusterResources {
    api: Api,
    rules: Ownership,
    /// Where the listed resources are.
    places: Mutex<HashMap<Key, Place>>,
}

/// Where a listed resource is, and what else its deletion needs.
#[derive(Debug, Clone)]
enum Place {
    /// A resource of Compute Engine.
    Compute(Link),
    /// A record in a managed zone; deleting one requires its whole content.
    Record { zone: String, content: Value },
    /// A service account, by its e-mail address.
    Account(String),
    /// The policy of the project.
    ProjectPolicy,
    /// The policy of a bucket.
    BucketPolicy(String),
}

/// What several kinds depend on.
#[derive(Debug, Default)]
struct Machines {
    /// The ids of managed instance groups.
    managers: Vec<String>,
    /// The ids of instances.
    instances: Vec<String>,
    /// The addresses of the groups' instance groups.
    groups: BTreeSet<String>,
    /// The addresses of instances.
    links: BTreeSet<String>,
}

impl ClusterResources {
    /// The resources of a cluster; its state is in the bucket `state`. No request is made.
    pub fn new(environment: &Environment, cluster: &Cluster, state: Option<&str>) -> Self {
        let mut rules = Ownership::of(cluster);
        rules.buckets.extend(state.map(str::to_owned));
        Self { api: Api::new(environment), rules, places: Mutex::default() }
    }

    /// The path of a collection in the cluster's project.
    fn path(&self, scope: &Scope, collection: &str) -> String {
        Link::collection(&self.rules.project, scope, collection)
    }

    fn region(&self) -> Scope {
        Scope::Region(self.rules.region.clone())
    }

    /// All resources of a collection.
    async fn all(&self, scope: &Scope, collection: &str) -> Result<Vec<Value>, ApiError> {
        let path = self.path(scope, collection);
        self.api.get_all(&path, "").await.map_err(call_failed(format!("list {path}")))
    }

    /// A resource by its name; `None` if it does not exist.
    async fn one(&self, scope: &Scope, collection: &str, name: &str) -> Result<Option<Value>, ApiError> {
        let path = format!("{}/{name}", self.path(scope, collection));
        self.api.get(&path).await.map_err(call_failed(format!("get {path}")))
    }

    /// A listed resource of Compute Engine. Its ID starts with the project if that is not the cluster's project.
    fn resource(&self, kind: GoogleKind, value: &Value) -> Option<Resource> {
        let link = Link::parse(text(value, "selfLink"))?;
        let id = self.id_of(kind, &link);
        let resource = Resource::new(kind, id).named(&link.name);
        self.place(resource.key.clone(), Place::Compute(link));
        Some(resource)
    }

    fn id_of(&self, kind: GoogleKind, link: &Link) -> String {
        match link.project == self.rules.project {
            true => id_of(kind, link),
            false => format!("{}/{}", link.project, id_of(kind, link)),
        }
    }

    /// The ID of the resource that a URL refers to; `None` if the URL is not the address of a resource.
    fn referred(&self, kind: GoogleKind, url: &str) -> Option<String> {
        Link::parse(url).map(|link| self.id_of(kind, &link))
    }

    fn place(&self, key: Key, place: Place) {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).insert(key, place);
    }

    fn place_of(&self, key: &Key) -> Option<Place> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }
}

/// The id of a resource: its name, with the location before it where names are unique per zone only, as kops lists it.
fn id_of(kind: GoogleKind, link: &Link) -> String {
    let is_scoped = matches!(
        kind,
        GoogleKind::InstanceGroupManager | GoogleKind::Instance | GoogleKind::Disk | GoogleKind::InstanceGroup
    );
    match &link.scope {
        Scope::Zone(location) | Scope::Region(location) if is_scoped => format!("{location}/{}", link.name),
        _ => link.name.clone(),
    }
}

#[async_trait]
impl Inventory for ClusterResources {
    async fn list(&self, dns: bool) -> Result<Found, ApiError> {
        let (network, (machines, groups)) = futures::try_join!(self.network(), self.groups())?;
        let (network, subnets, of_network) = network;
        let (load_balancers, rules, routes, disks, access, records) = futures::try_join!(
            self.load_balancers(&machines, &subnets),
            self.firewall_rules(&machines),
            self.routes(&machines),
            self.disks(),
            self.access(&machines),
            async { if dns { self.records().await } else { Ok(Vec::new()) } },
        )?;
        let (load_balancers, mut warnings) = load_balancers;
        let (rules, of_rules) = rules;
        let (routes, of_routes) = routes;
        let (access, of_access) = access;
        warnings.extend([of_network, of_rules, of_routes, of_access].into_iter().flatten());
        let all = [network, groups, load_balancers, rules, routes, disks, access, records];
        let resources = all.into_iter().flatten().map(|resource| (resource.key.clone(), resource)).collect();
        Ok(Found { resources, warnings })
    }
}
