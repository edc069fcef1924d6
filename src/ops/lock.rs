//! `lock`: records the facts that an update of a cluster needs, so that updates need no network.

use std::path::{Path, PathBuf};

use super::support::channel;
use super::support::facts::FactFinder;
use super::support::prepare::{PrepareContext, PrepareError, prepare};
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_model::facts::{Facts, LookupError, lock};
use kopsform_state::{ClusterStore, ReadError, StateStore};

/// Why facts could not be recorded.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    #[error(transparent)]
    Write(#[from] LookupError),
}

impl Explain for LockError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(error) => error.hints(),
            Self::Prepare(error) => error.hints(),
            Self::Write(error) => error.hints(),
        }
    }
}

/// Facts to record.
#[derive(Debug)]
pub struct LockPlan {
    path: PathBuf,
    facts: Facts,
    /// Whether the content of the file changes.
    pub changed: bool,
    /// Why the channel of the cluster could not be read.
    pub warning: Option<String>,
    /// What is needed and not known offline. There may be more: some needs follow from others.
    pub missing: Vec<String>,
}

/// Finds the facts of a cluster in addition to those that the finder has. Nothing is written. Offline, those that are built in
/// are found.
///
/// # Errors
/// If the store or AWS cannot be read.
pub async fn plan(
    state: &StateStore,
    name: &str,
    path: &Path,
    finder: &mut FactFinder,
    environment: &Environment,
) -> Result<LockPlan, LockError> {
    let (store, cluster) = ClusterStore::load(state, name).await?;
    let groups: Vec<_> = store.instance_groups().await?.into_iter().map(|read| read.object).collect();
    let (channel, warning) = channel::of_cluster(&cluster.object, finder.is_offline(), environment).await;
    let features = Features::from_environment(environment);
    let context = PrepareContext { environment, features: &features, channel: channel.as_ref(), worker_version: None };
    let missing = match prepare(&cluster.object, &groups, finder, &context).await {
        Ok(_) => Vec::new(),
        Err(PrepareError::Lookup(LookupError::Missing { missing, offline: true, .. })) => missing,
        Err(error) => return Err(error.into()),
    };
    let before = if path.exists() { lock::read(path).ok() } else { None };
    let facts = Facts { version: 1, ..finder.facts().clone() };
    let changed = before.as_ref() != Some(&facts);
    Ok(LockPlan { path: path.to_owned(), facts, changed, warning, missing })
}

impl LockPlan {
    /// Writes the file, if its content changes.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn apply(self) -> Result<(), LockError> {
        if self.changed {
            lock::write(&self.path, &self.facts)?;
        }
        Ok(())
    }
}
