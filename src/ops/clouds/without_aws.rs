//! A build without AWS.

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

const NO_AWS: Unsupported = Unsupported::NotBuilt("AWS");

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

/// There is none.
pub enum ClusterCloud {}

impl ClusterCloud {
    pub async fn open(_environment: &Environment, _cluster: &Cluster) -> Result<Self, Unsupported> {
        Err(NO_AWS)
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

pub async fn inventory(
    _environment: &Environment,
    _region: &str,
    _cluster: &str,
) -> Result<Box<dyn Inventory>, Unsupported> {
    Err(NO_AWS)
}

pub async fn direct(_environment: &Environment, _graph: Graph) -> Result<Box<dyn kopsform_direct::Cloud>, Unsupported> {
    Err(NO_AWS)
}
