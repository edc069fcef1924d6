//! Completes stored specs and finds the facts they need: the common part of `update cluster`, `lock` and `get assets`.

use super::facts::FactFinder;
use kopsform_diagnostics::Explain;
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_model::defaults::{self, DefaultsContext, DefaultsError};
use kopsform_model::facts::{LookupError, Needs, check_zones};
use kopsform_model::nodeup::{self, NodeupError};
use kopsform_spec::channel::Channel;
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};

/// Why specs could not be completed.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    #[error(transparent)]
    Lookup(#[from] LookupError),
    #[error(transparent)]
    Defaults(#[from] DefaultsError),
    /// The files that nodes download are not known.
    #[error(transparent)]
    Nodeup(#[from] NodeupError),
}

impl Explain for PrepareError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Lookup(error) => error.hints(),
            Self::Defaults(error) => error.hints(),
            Self::Nodeup(error) => error.hints(),
        }
    }
}

/// What completion depends on besides specs and facts.
#[derive(Debug, Clone, Copy)]
pub struct PrepareContext<'a> {
    /// Environment variables that change images and download locations.
    pub environment: &'a Environment,
    /// kops' feature flags.
    pub features: &'a Features,
    /// Recommended images and versions.
    pub channel: Option<&'a Channel>,
    /// The Kubernetes version of workers while the control plane runs an older one than the spec's.
    pub worker_version: Option<&'a str>,
}

/// Specs with every default filled in.
#[derive(Debug)]
pub struct Prepared {
    /// The completed cluster.
    pub cluster: Cluster,
    /// The populated instance groups, in the order given.
    pub groups: Vec<InstanceGroup>,
}

/// Looks up what the specs refer to, fills in defaults, and looks up what these refer to.
///
/// # Errors
/// If facts are missing or defaults cannot be filled in.
pub async fn prepare(
    cluster: &Cluster,
    groups: &[InstanceGroup],
    finder: &mut FactFinder,
    context: &PrepareContext<'_>,
) -> Result<Prepared, PrepareError> {
    let needs = Needs::of(cluster, groups);
    let facts = finder.find(&needs).await?;
    check_zones(cluster, facts, context.environment)?;
    let defaults_context = DefaultsContext {
        facts,
        features: context.features,
        environment: context.environment,
        channel: context.channel,
        worker_version: context.worker_version,
    };
    let completed = defaults::complete(cluster, groups, &defaults_context)?;
    let groups = groups
        .iter()
        .map(|group| defaults::populate_group(&completed, group, &defaults_context))
        .collect::<Result<Vec<_>, _>>()?;
    let assets = nodeup::assets_without_hash(&completed, &groups, &defaults_context)?.into_iter().collect();
    // Groups without an image have got the channel's. On Google Cloud, the name is all that instances need.
    let images = groups.iter().map(|group| group.spec.image.clone());
    let images = images.filter(|image| !image.is_empty() && !completed.is_on_gce()).collect();
    let more = Needs { assets, images, ..Needs::of_completed(&completed, &groups) };
    let facts = finder.find(&more).await?;
    groups.iter().try_for_each(|group| defaults::check_architectures(group, facts))?;
    Ok(Prepared { cluster: completed, groups })
}
