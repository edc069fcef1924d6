//! What the features `aws`, `gce` and `kube` add: the only place in this package that depends on them.
//!
//! Each feature has two modules with the same items, and so have downloads, which `aws` and `gce` add; in a build without it, everything that needs a network reports
//! [`Unsupported`] or finds nothing.

#[cfg(feature = "aws")]
mod aws;
#[cfg(not(feature = "aws"))]
#[path = "without_aws.rs"]
mod aws;
mod cluster;
#[cfg(feature = "gce")]
mod gce;
#[cfg(not(feature = "gce"))]
#[path = "without_gce.rs"]
mod gce;
#[cfg(feature = "kube")]
mod kubernetes;
#[cfg(not(feature = "kube"))]
#[path = "without_kubernetes.rs"]
mod kubernetes;
#[cfg(any(feature = "aws", feature = "gce"))]
mod network;
#[cfg(not(any(feature = "aws", feature = "gce")))]
#[path = "without_network.rs"]
mod network;

pub use aws::inventory;
pub use cluster::ClusterCloud;
pub use gce::{google_project, inventory as google_inventory};
pub use kubernetes::{AdminCredential, ConnectError, control_plane_versions, from_kubeconfig, with_credential};
pub use network::download;

use std::collections::BTreeSet;

use kopsform_diagnostics::Explain;
use kopsform_direct::Cloud;
use kopsform_env::Environment;
use kopsform_model::Graph;
use kopsform_model::facts::{Facts, GceNeeds, LookupError, Needs};
use kopsform_state::{Backends, Cache};

/// The object storage this build can open. No request is made.
pub fn object_storage(environment: &Environment) -> Backends {
    Backends { s3: aws::storage(environment), gs: gce::storage(environment), cache: Cache::of_user(environment) }
}

/// Looks up facts, with clients that are created by the first lookup.
pub struct FactLookup {
    aws: aws::FactLookup,
    gce: gce::FactLookup,
}

impl FactLookup {
    /// Lookups with the environment's credentials and endpoints. No request is made.
    pub fn new(environment: &Environment) -> Self {
        Self { aws: aws::FactLookup::new(environment), gce: gce::FactLookup::new(environment) }
    }

    /// Looks up all needs that the facts lack and adds them.
    ///
    /// # Errors
    /// The first lookup that fails.
    pub async fn resolve(&mut self, needs: &Needs, facts: &mut Facts) -> Result<(), LookupError> {
        let missing = needs.missing(facts);
        let clouds = async {
            if missing.gce != GceNeeds::default() {
                self.gce.resolve(needs, facts).await?;
            }
            if missing.is_of_aws() {
                self.aws.resolve(needs, facts).await?;
            }
            Ok(())
        };
        let ((), hashes) = futures::try_join!(clouds, network::hashes(&missing.assets))?;
        facts.assets.extend(hashes);
        Ok(())
    }
}

/// The cloud of a cluster, for target direct. No request is made.
///
/// # Errors
/// In a build without the cluster's cloud.
pub async fn direct(environment: &Environment, graph: Graph) -> Result<Box<dyn Cloud>, Unsupported> {
    match graph.project() {
        Some(_) => gce::direct(environment, graph),
        None => aws::direct(environment, graph).await,
    }
}

/// The needs that this build cannot look up.
pub fn unsupported(needs: &Needs) -> Needs {
    let of_gce = if gce::CAN_LOOK_UP { GceNeeds::default() } else { needs.gce.clone() };
    let assets = if network::CAN_LOOK_UP { BTreeSet::new() } else { needs.assets.clone() };
    let rest = if aws::CAN_LOOK_UP { Needs::default() } else { needs.clone() };
    Needs { region: needs.region.clone(), gce: of_gce, assets, ..rest }
}

/// An operation does not work in this build, or on a cloud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// This build lacks what it needs.
    #[error("this program was built without {0} support")]
    NotBuilt(&'static str),
    /// The cluster is on Google Cloud.
    #[error("the cluster is on Google Cloud, where this does not work yet")]
    GoogleCloud,
}

impl Explain for Unsupported {}
