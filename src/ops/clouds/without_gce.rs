//! A build without Google Cloud.

use std::collections::BTreeMap;
use std::sync::Arc;

use kopsform_env::Environment;
use kopsform_model::Graph;
use kopsform_model::facts::{Facts, LookupError, Needs};
use kopsform_rolling::ports::{ApiError, Cloud};
use kopsform_rolling::teardown::Inventory;
use kopsform_spec::v1alpha2::Cluster;
use kopsform_state::ObjectStorage;

use super::Unsupported;

pub fn storage(_environment: &Environment) -> Option<Arc<dyn ObjectStorage>> {
    None
}

pub const CAN_LOOK_UP: bool = false;

/// Finds no facts.
pub struct FactLookup;

impl FactLookup {
    pub fn new(_environment: &Environment) -> Self {
        Self
    }

    pub async fn resolve(&mut self, _needs: &Needs, _facts: &mut Facts) -> Result<(), LookupError> {
        Ok(())
    }
}

/// The project that a variable names.
pub fn google_project(environment: &Environment) -> Option<String> {
    let names = [kopsform_env::CLOUDSDK_CORE_PROJECT, kopsform_env::GOOGLE_CLOUD_PROJECT];
    names.into_iter().find_map(|name| environment.get(name)).map(str::to_owned)
}

pub fn inventory(
    _environment: &Environment,
    _cluster: &Cluster,
    _state: Option<&str>,
) -> Result<Box<dyn Inventory>, Unsupported> {
    Err(Unsupported::NotBuilt("Google Cloud"))
}

/// There is none.
pub enum ClusterCloud {}

impl ClusterCloud {
    pub fn open(_environment: &Environment, _cluster: &Cluster) -> Result<Self, Unsupported> {
        Err(Unsupported::NotBuilt("Google Cloud"))
    }

    pub fn groups(&self) -> &dyn Cloud {
        match *self {}
    }

    pub async fn api_load_balancer(&self, _cluster: &Cluster) -> Result<Option<String>, ApiError> {
        match *self {}
    }

    pub async fn launch_templates(&self) -> Result<BTreeMap<String, (String, String)>, ApiError> {
        match *self {}
    }

    pub async fn instance_count(&self, _group: &str) -> Result<usize, ApiError> {
        match *self {}
    }
}

pub fn direct(_environment: &Environment, _graph: Graph) -> Result<Box<dyn kopsform_direct::Cloud>, Unsupported> {
    Err(Unsupported::NotBuilt("Google Cloud"))
}
