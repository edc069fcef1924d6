//! `get assets`: the images and files of a cluster, where they are published and where nodes download them.

use std::collections::BTreeMap;

use serde::Serialize;

use super::support::channel;
use super::support::facts::FactFinder;
use super::support::prepare::{PrepareContext, PrepareError, Prepared, prepare};
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_model::assets::AssetLocations;
use kopsform_model::nodeup::{self, NodeupError};
use kopsform_model::{self as model, BuildError, Context};
use kopsform_pki::Keysets;
use kopsform_state::{ClusterStore, ReadError, StateStore};

/// Why assets could not be listed.
#[derive(Debug, thiserror::Error)]
pub enum AssetsError {
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    #[error(transparent)]
    Model(#[from] BuildError),
    #[error(transparent)]
    Nodeup(#[from] NodeupError),
}

impl Explain for AssetsError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Read(e) => e.hints(),
            Self::Prepare(e) => e.hints(),
            Self::Model(e) => e.hints(),
            Self::Nodeup(e) => e.hints(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ImageAsset {
    /// Where it is published.
    pub canonical: String,
    /// Where nodes pull it.
    pub download: String,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct FileAsset {
    /// Where it is published.
    pub canonical: String,
    /// Where nodes download it.
    pub download: String,
    /// SHA-256 in hex.
    pub sha: String,
}

/// Everything that nodes download.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Assets {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub images: Vec<ImageAsset>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<FileAsset>,
    #[serde(skip)]
    pub warnings: Vec<String>,
}

/// Finds what nodes download. Nothing is written, and no keys are needed.
///
/// The cluster is completed without its mirrors, which yields the published names. The mirrors then determine where nodes
/// download them.
///
/// # Errors
/// If the cluster cannot be read or completed.
pub async fn run(
    state: &StateStore,
    name: &str,
    mut finder: FactFinder,
    environment: &Environment,
) -> Result<Assets, AssetsError> {
    let (store, read) = ClusterStore::load(state, name).await?;
    let groups: Vec<_> = store.instance_groups().await?.into_iter().map(|read| read.object).collect();
    let features = Features::from_environment(environment);
    let (channel, channel_warning) = channel::of_cluster(&read.object, finder.is_offline(), environment).await;

    let mut plain = read.object.clone();
    let mirrors = plain.spec.assets.take();
    let published = environment.published();
    let prepare_context = PrepareContext {
        environment: &published,
        features: &features,
        channel: channel.as_ref(),
        worker_version: None,
    };
    let Prepared { cluster, groups } = prepare(&plain, &groups, &mut finder, &prepare_context).await?;
    let facts = finder.finished();
    let (keysets, secrets, ssh_keys) = (Keysets::default(), BTreeMap::new(), BTreeMap::new());
    let context = Context {
        stored: &plain,
        cluster: &cluster,
        groups: &groups,
        all_groups: &groups,
        facts: &facts,
        keysets: &keysets,
        secrets: &secrets,
        ssh_keys: &ssh_keys,
        additional_objects: &[],
        environment: &published,
        features: &features,
        worker_version: None,
        previous: None,
    };
    let mut mirrored = cluster.clone();
    mirrored.spec.assets = mirrors;
    let locations = AssetLocations::new(&mirrored, &facts, &features, environment);
    let image = |canonical: String| ImageAsset { download: locations.located(&canonical), canonical };
    let images = model::images(&context)?.into_iter().map(image).collect();
    let file = |asset: nodeup::Asset| FileAsset {
        download: locations.file(&asset.url),
        canonical: asset.url,
        sha: asset.hash,
    };
    let mut files: Vec<FileAsset> = nodeup::assets(&context)?.into_iter().map(file).collect();
    files.sort();
    files.dedup_by(|a, b| a.canonical == b.canonical);
    Ok(Assets { images, files, warnings: channel_warning.into_iter().collect() })
}
