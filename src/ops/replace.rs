//! `replace -f`: stores clusters, instance groups and SSH keys as files have them.
//!
//! Everything is read and checked before anything is written, so that a bad document at the end of a file leaves the store as
//! it was. The plan says what would change; `--dry-run` shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use serde::Serialize;
use zeroize::Zeroizing;

use super::documents::Text;
use super::facts::FactFinder;
use super::immutable_defaults::{AssignError, immutable_defaults, preserve_immutable};
use super::planned_write::{Planned, PlannedAction};
use super::spec_rules;
use super::specs::{Existing, Specs, placed};
use super::stored_metadata;
use kopsform_diagnostics::{Explain, Finding, Report, Rule};
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_spec::decode::{Decoded, Strictness};
use kopsform_spec::v1alpha2::Cluster;
use kopsform_spec::validation::{Rules, tidy};
use kopsform_state::{
    ADDITIONAL_OBJECTS, CONFIG, ClusterStore, CommitError, Holder, OpenError, ReadError, StateStore, Store as _,
    Stored, Write, commit, encode, instance_group_key, ssh_key_key, stored_cluster,
};

/// What a person asked for.
#[derive(Debug, Clone, Copy)]
pub struct ReplaceOptions {
    /// Whether the objects must, may or must not be stored already.
    pub existing: Existing,
    /// Prune groups that still have instances.
    pub force_prune: bool,
    /// Delete instance groups of the clusters in the files that are not in the files.
    pub prune: bool,
    /// Make unknown fields errors.
    pub strict: bool,
}

/// Why nothing, or not everything, was replaced.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// The files are wrong; nothing was written.
    #[error(transparent)]
    Documents(Report),
    /// What is stored could not be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// A spec names a store that cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A new cluster could not be given what it keeps.
    #[error(transparent)]
    Assign(#[from] AssignError),
    /// An object could not be turned into text.
    #[error("cannot store {object}: {reason}")]
    Encode {
        /// The object.
        object: String,
        /// The reason.
        reason: String,
    },
    /// Groups that would be pruned still have instances.
    #[error("instance group {group} still has {instances} instances; it is not pruned")]
    HasInstances {
        /// The group.
        group: String,
        /// How many.
        instances: usize,
    },
    /// Whether groups that would be pruned still have instances is not known.
    #[error("cannot tell whether instance group {group} still has instances: {reason}")]
    UnknownInstances {
        /// The group.
        group: String,
        /// Why not.
        reason: String,
    },
    /// Writing failed.
    #[error(transparent)]
    Commit(#[from] CommitError),
}

impl Explain for ReplaceError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Documents(_) | Self::Encode { .. } => Vec::new(),
            Self::Read(error) => error.hints(),
            Self::Open(error) => error.hints(),
            Self::Assign(error) => error.hints(),
            Self::HasInstances { .. } => {
                vec!["drain and delete it with `kopsform delete ig`, or add --force".to_owned()]
            }
            Self::UnknownInstances { .. } => vec!["add --force to prune it all the same".to_owned()],
            Self::Commit(error) => error.hints(),
        }
    }
}

/// What a replace comes to.
#[derive(Default)]
pub struct ReplacePlan {
    /// The objects in the order of the files, then those that are pruned.
    pub objects: Vec<Planned>,
    /// What is odd about the files without being wrong.
    pub warnings: Report,
}

impl ReplacePlan {
    /// The objects that do not stay as they are.
    pub fn changed(&self) -> impl Iterator<Item = &Planned> {
        self.objects.iter().filter(|planned| planned.action() != PlannedAction::Unchanged)
    }

    /// Whether a cluster is stored for the first time.
    pub fn creates_cluster(&self, name: &str) -> bool {
        let is_it = |planned: &Planned| planned.kind == "Cluster" && planned.name == name;
        self.objects.iter().any(|planned| is_it(planned) && planned.action() == PlannedAction::Create)
    }
}

/// Tells how many instances a group has, before it is pruned.
#[async_trait::async_trait]
pub trait InstanceCounter: Send + Sync {
    /// The instances of a group that run or are about to; the error says why that is not known.
    async fn count(&self, cluster: &Cluster, group: &str) -> Result<usize, String>;
}

/// What planning asks besides the store.
pub struct ReplaceDeps<'a> {
    /// The environment at the start.
    pub environment: &'a Environment,
    /// Finds VPCs and subnets that a new cluster shares.
    pub facts: &'a mut FactFinder,
    /// Counts instances of groups that are to be pruned.
    pub instances: &'a dyn InstanceCounter,
    /// The time now.
    pub now: Timestamp,
}

/// Reads the store and works out what would change. Nothing is written.
pub async fn plan(
    state: &StateStore,
    texts: &[Text],
    options: ReplaceOptions,
    around: ReplaceDeps<'_>,
) -> Result<ReplacePlan, ReplaceError> {
    let mut specs = Specs::read(texts, options.existing, options.strict);
    let mut findings = std::mem::take(&mut specs.findings);
    let stored = match specs.read_stored(state).await {
        Ok(stored) => stored,
        // What is wrong with the files is worth more than that the rest of it could not be found.
        Err(_) if findings.has_errors() => return Err(ReplaceError::Documents(tidy(findings))),
        Err(error) => return Err(error.into()),
    };
    let mut plan = ReplacePlan::default();
    let features = Features::from_environment(around.environment);
    let strictness = if options.strict { Strictness::Strict } else { Strictness::Lenient };
    let rules = Rules { strictness, features: &features };
    findings.extend(spec_rules::check(&specs, &stored, &rules));
    let mut clusters = BTreeMap::new();

    for cluster in &specs.clusters {
        let name = &cluster.object.metadata.name;
        let old = stored.clusters.get(name).and_then(Option::as_ref);
        if let Some(message) =
            refusal(options.existing, old.is_some(), &format!("cluster {name}"), &format!("cluster {name:?}"))
        {
            findings.push(placed(cluster, Finding::error(Rule::Existence, "metadata.name", message)));
            continue;
        }
        let new = match old {
            Some(old) => preserve_immutable(&cluster.object, &old.object),
            None if findings.has_errors() => cluster.object.clone(),
            None => immutable_defaults(&cluster.object, around.facts, around.environment).await?,
        };
        if let Some(old) = old {
            let new = Decoded { object: new.clone(), locations: cluster.locations.clone() };
            findings.extend(spec_rules::check_change(&old.object, &new, around.instances, &rules).await);
        }
        let base = state.url().join(name);
        let new = stored_metadata::cluster_to_store(&new, old.map(|old| &old.object), &base, around.now);
        let store = state.cluster(name).located(&new)?;
        let before = old.map(|old| old.stored.clone());
        let unchanged = old.is_some_and(|old| same_cluster(&old.object, &new, &base));
        let after = content("Cluster", name, &new, before.as_ref().filter(|_| unchanged))?;
        let place = (store.registry().clone(), CONFIG.to_owned());
        plan.objects.push(Planned::store("Cluster", name, name, place, before, after));
        clusters.insert(name.clone(), (store, new));
    }
    for (name, old) in &stored.clusters {
        if let Some(old) = old
            && !specs.holds_cluster(name)
        {
            clusters.insert(name.clone(), (state.cluster(name).located(&old.object)?, old.object.clone()));
        }
    }
    // That a cluster of the files cannot be stored is said once, of the cluster itself.
    let unknown = |owner: &String| !clusters.contains_key(owner) && !specs.holds_cluster(owner);
    let no_cluster =
        |owner: &String| Finding::error(Rule::NoSuchCluster, "metadata.labels", format!("cluster {owner:?} not found"));

    for (owner, group) in &specs.groups {
        let name = &group.object.metadata.name;
        if unknown(owner) {
            findings.push(placed(group, no_cluster(owner)));
        }
        let Some((store, _)) = clusters.get(owner) else { continue };
        let old = stored.groups.get(&(owner.clone(), name.clone())).and_then(Option::as_ref);
        let (missing, present) = (format!("instanceGroup: {name}"), format!("instanceGroup {name:?}"));
        if let Some(message) = refusal(options.existing, old.is_some(), &missing, &present) {
            findings.push(placed(group, Finding::error(Rule::Existence, "metadata.name", message)));
            continue;
        }
        let new = stored_metadata::instance_group_to_store(&group.object, old.map(|old| &old.object), around.now);
        let before = old.map(|old| old.stored.clone());
        let unchanged = old.is_some_and(|old| {
            stored_metadata::stored_alike(
                &stored_metadata::instance_group_to_store(&old.object, None, around.now),
                &new,
            )
        });
        let after = content("InstanceGroup", name, &new, before.as_ref().filter(|_| unchanged))?;
        let place = (store.registry().clone(), instance_group_key(name));
        plan.objects.push(Planned::store("InstanceGroup", name, owner, place, before, after));
    }

    for (owner, credential, fingerprint) in &specs.credentials {
        if unknown(owner) {
            findings.push(placed(credential, no_cluster(owner)));
        }
        let Some((store, _)) = clusters.get(owner) else { continue };
        let key = ssh_key_key(fingerprint);
        let before = store.keys().read(&key).await.map_err(ReadError::from)?;
        let after = Zeroizing::new(credential.object.spec.public_key.clone().into_bytes());
        let place = (store.keys().clone(), key);
        plan.objects.push(Planned::store("SSHCredential", fingerprint, owner, place, before, after));
    }

    if let (Some(cluster), false) = (specs.clusters.first(), specs.additional.is_empty())
        && let Some((store, _)) = clusters.get(&cluster.object.metadata.name)
    {
        let documents: Vec<String> =
            specs.additional.iter().map(|object| kopsform_yaml::to_string(&object.object)).collect();
        let before = store.registry().read(ADDITIONAL_OBJECTS).await.map_err(ReadError::from)?;
        let after = Zeroizing::new(documents.join("\n---\n\n").into_bytes());
        let place = (store.registry().clone(), ADDITIONAL_OBJECTS.to_owned());
        plan.objects.push(Planned::store("AdditionalObjects", "default", store.name(), place, before, after));
    }

    if findings.has_errors() {
        return Err(ReplaceError::Documents(tidy(findings)));
    }
    plan.warnings = tidy(findings);
    if options.prune {
        let names: Vec<&String> = specs.clusters.iter().map(|c| &c.object.metadata.name).collect();
        for name in names {
            let Some((store, cluster)) = clusters.get(name) else { continue };
            let kept: BTreeSet<&str> = specs
                .groups
                .iter()
                .filter(|(owner, _)| owner == name)
                .map(|(_, group)| group.object.metadata.name.as_str())
                .collect();
            prune(store, cluster, &kept, options, around.instances, &mut plan).await?;
        }
    }
    Ok(plan)
}

/// Carries out a plan, cluster by cluster.
pub async fn apply(state: &StateStore, plan: ReplacePlan, holder: &Holder) -> Result<(), ReplaceError> {
    let mut by_cluster: Vec<(String, Vec<Write>)> = Vec::new();
    for planned in plan.objects {
        match by_cluster.iter_mut().find(|(cluster, _)| *cluster == planned.cluster) {
            Some((_, writes)) => writes.push(planned.write),
            None => by_cluster.push((planned.cluster, vec![planned.write])),
        }
    }
    for (cluster, writes) in by_cluster {
        commit(state, &cluster, writes, holder).await?;
    }
    Ok(())
}

/// Why an object may not be stored, from whether there is one already. Both texts name the object.
fn refusal(existing: Existing, is_stored: bool, missing: &str, present: &str) -> Option<String> {
    match (existing, is_stored) {
        (Existing::Required, false) => Some(format!("{missing} does not exist (try adding --force flag)")),
        (Existing::Refused, true) => Some(format!("{present} already exists")),
        _ => None,
    }
}

/// The content to store; that of before, where the object means the same.
fn content<T: Serialize>(
    kind: &str,
    name: &str,
    object: &T,
    same_as: Option<&Stored>,
) -> Result<Zeroizing<Vec<u8>>, ReplaceError> {
    match same_as {
        Some(stored) => Ok(stored.bytes.clone()),
        None => encode(object).map_err(|reason| ReplaceError::Encode { object: format!("{kind}/{name}"), reason }),
    }
}

/// Whether a cluster means what is stored already. The stored one has its base filled in, which the new one need not say.
fn same_cluster(old: &Cluster, new: &Cluster, default_base: &str) -> bool {
    let mut new = new.clone();
    if new.spec.config_base.is_empty() {
        new.spec.config_base = default_base.to_owned();
    }
    stored_metadata::stored_alike(&stored_cluster(old), &new)
}

/// Plans the deletion of a cluster's groups that are not to be kept.
async fn prune(
    store: &ClusterStore,
    cluster: &Cluster,
    kept: &BTreeSet<&str>,
    options: ReplaceOptions,
    instances: &dyn InstanceCounter,
    plan: &mut ReplacePlan,
) -> Result<(), ReplaceError> {
    for name in store.instance_group_names().await? {
        if kept.contains(name.as_str()) {
            continue;
        }
        if !options.force_prune {
            match instances.count(cluster, &name).await {
                Ok(0) => {}
                Ok(instances) => return Err(ReplaceError::HasInstances { group: name, instances }),
                Err(reason) => return Err(ReplaceError::UnknownInstances { group: name, reason }),
            }
        }
        let key = instance_group_key(&name);
        let registry: &Arc<_> = store.registry();
        let before = registry.read(&key).await.map_err(ReadError::from)?;
        plan.objects.push(Planned::delete("InstanceGroup", &name, store.name(), (registry.clone(), key), before));
    }
    Ok(())
}
