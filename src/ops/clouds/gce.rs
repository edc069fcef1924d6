//! Google Cloud, through `kopsform-gce`.

use std::sync::Arc;

use kopsform_env::Environment;
use kopsform_gce::{Api, DirectCloud, Gcs};
use kopsform_model::Graph;
use kopsform_model::facts::{Facts, LookupError, Needs};
use kopsform_state::ObjectStorage;

use super::Unsupported;

/// Cloud Storage. No request is made.
pub fn storage(environment: &Environment) -> Option<Arc<dyn ObjectStorage>> {
    Some(Arc::new(Gcs::new(environment)))
}

/// Whether facts that no lock file holds can be looked up.
pub const CAN_LOOK_UP: bool = true;

/// Looks up facts of Google Cloud.
pub struct FactLookup {
    api: Api,
}

impl FactLookup {
    /// Lookups with the environment's credentials and endpoints. No request is made.
    pub fn new(environment: &Environment) -> Self {
        Self { api: Api::new(environment) }
    }

    /// Looks up all needs of Google Cloud that the facts lack and adds them.
    ///
    /// # Errors
    /// The first lookup that fails.
    pub async fn resolve(&mut self, needs: &Needs, facts: &mut Facts) -> Result<(), LookupError> {
        kopsform_gce::lookup::resolve(&self.api, needs, facts).await
    }
}

/// The project that gcloud uses.
pub fn google_project(environment: &Environment) -> Option<String> {
    kopsform_gce::project(environment)
}

/// The project of a cluster, for target direct. No request is made.
///
/// # Errors
/// In a build without Google Cloud.
pub fn direct(environment: &Environment, graph: Graph) -> Result<Box<dyn kopsform_direct::Cloud>, Unsupported> {
    Ok(Box::new(DirectCloud::new(Api::new(environment), graph)))
}
