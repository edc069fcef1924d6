//! `lock`: records every fact that an update of a cluster needs, so that the next one needs no network.

use std::path::Path;

use super::channel;
use super::facts::FactFinder;
use super::prepare::{PrepareContext, PrepareError, prepare};
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_model::facts::{Facts, LookupError, lock};
use kopsform_state::{ClusterStore, ReadError, StateStore};

/// Why facts could not be recorded.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// The state store could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Facts could not be had.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The file could not be written.
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

/// What became of the file.
#[derive(Debug)]
pub struct Locked {
    /// Whether it holds something else than before.
    pub changed: bool,
    /// Things to tell the person that are no errors.
    pub warnings: Vec<String>,
}

/// Records the facts of a cluster in the state store, on top of those the finder has.
///
/// # Errors
/// When the store or AWS cannot be read, or the file cannot be written.
pub async fn run(
    state: &StateStore,
    name: &str,
    path: &Path,
    mut finder: FactFinder,
    environment: &Environment,
) -> Result<Locked, LockError> {
    let (store, cluster) = ClusterStore::load(state, name).await?;
    let groups: Vec<_> = store.instance_groups().await?.into_iter().map(|read| read.object).collect();
    let (channel, no_channel) = channel::of_cluster(&cluster.object, finder.is_offline(), environment).await;
    let features = Features::from_environment(environment);
    let setting = PrepareContext { environment, features: &features, channel: channel.as_ref(), worker_version: None };
    prepare(&cluster.object, &groups, &mut finder, &setting).await?;
    let before = if path.exists() { lock::read(path).ok() } else { None };
    let facts = Facts { version: 1, ..finder.facts().clone() };
    let changed = before.as_ref() != Some(&facts);
    if changed {
        lock::write(path, &facts)?;
    }
    Ok(Locked { changed, warnings: no_channel.into_iter().collect() })
}
