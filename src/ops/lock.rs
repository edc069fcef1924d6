//! `lock`: records the facts that an update of a cluster needs, so that updates need no network.

use std::path::Path;

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

#[derive(Debug)]
pub struct Locked {
    /// Whether the content of the file changed.
    pub changed: bool,
    pub warnings: Vec<String>,
}

/// Records the facts of a cluster in addition to those that the finder has.
///
/// # Errors
/// If the store or AWS cannot be read, or the file cannot be written.
pub async fn run(
    state: &StateStore,
    name: &str,
    path: &Path,
    mut finder: FactFinder,
    environment: &Environment,
) -> Result<Locked, LockError> {
    let (store, cluster) = ClusterStore::load(state, name).await?;
    let groups: Vec<_> = store.instance_groups().await?.into_iter().map(|read| read.object).collect();
    let (channel, channel_warning) = channel::of_cluster(&cluster.object, finder.is_offline(), environment).await;
    let features = Features::from_environment(environment);
    let context = PrepareContext { environment, features: &features, channel: channel.as_ref(), worker_version: None };
    prepare(&cluster.object, &groups, &mut finder, &context).await?;
    let before = if path.exists() { lock::read(path).ok() } else { None };
    let facts = Facts { version: 1, ..finder.facts().clone() };
    let changed = before.as_ref() != Some(&facts);
    if changed {
        lock::write(path, &facts)?;
    }
    Ok(Locked { changed, warnings: channel_warning.into_iter().collect() })
}
