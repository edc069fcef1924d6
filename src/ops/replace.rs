//! `replace -f`: replaces stored resources from files.
//!
//! Everything is read and validated before anything is written, so an invalid document at the end of a file changes nothing. The
//! plan holds all changes; `--dry-run` shows it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;
use zeroize::Zeroizing;

use super::spec_rules;
use super::support::default_errors::finding_of;
use super::support::documents::InputFile;
use super::support::facts::FactFinder;
use super::support::immutable_defaults::{AssignError, immutable_defaults, preserve_immutable, preserve_unstable};
use super::support::ownership::{self, OwnershipError};
use super::support::planned_write::{Planned, PlannedAction};
use super::support::specs::{Existing, Specs, StoredSpecs, located};
use super::support::stored_metadata;
use super::support::warnings::log_warnings;
use kopsform_diagnostics::{Allowed, Explain, Finding, Report, Rule, Severity};
use kopsform_env::Environment;
use kopsform_env::features::Features;
use kopsform_model::facts::contradictions;
use kopsform_spec::decode::{Decoded, Strictness};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup, SshCredential};
use kopsform_spec::validation::{Rules, tidy};
use kopsform_state::{
    ADDITIONAL_OBJECTS, CONFIG, ClusterStore, CommitError, Holder, OpenError, Read, ReadError, StateStore, Store as _,
    Stored, Write, commit, encode, instance_group_key, ssh_key_key, stored_cluster,
};

/// Options of a replace.
#[derive(Debug, Clone, Copy)]
pub struct ReplaceOptions {
    pub existing: Existing,
    /// Delete instance groups that are not in the files, of clusters that are.
    pub prune: bool,
    /// Prune groups that have instances, and those of which that is not known. The last group of the control plane stays all the
    /// same.
    pub force_prune: bool,
    /// Report unknown fields as errors.
    pub strict: bool,
    /// Rules that are switched off.
    pub allowed: Allowed,
}

/// Why nothing, or not everything, was replaced.
#[derive(Debug, thiserror::Error)]
pub enum ReplaceError {
    /// The files are invalid; nothing was written.
    #[error(transparent)]
    Documents(Report),
    #[error(transparent)]
    Read(#[from] ReadError),
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Assign(#[from] AssignError),
    #[error("cannot store {object}: {reason}")]
    Encode { object: String, reason: String },
    #[error("cannot prune instance group {group}: it still has {instances} instances")]
    HasInstances { group: String, instances: usize },
    #[error("cannot prune instance group {group}: cluster {cluster} would have no control plane")]
    LastControlPlane { cluster: String, group: String },
    #[error("cannot determine whether instance group {group} still has instances: {reason}")]
    UnknownInstances { group: String, reason: String },
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
                vec!["drain and delete it with `kopsform delete ig`, or add --force-prune".to_owned()]
            }
            Self::UnknownInstances { .. } => vec!["add --force-prune to prune it anyway".to_owned()],
            Self::LastControlPlane { .. } => {
                vec![
                    "add its instance groups to the files, or delete the whole cluster with `kopsform delete cluster`"
                        .to_owned(),
                ]
            }
            Self::Commit(CommitError::Conflict { .. }) => {
                vec!["merge their changes into your files and run the command again".to_owned()]
            }
            Self::Commit(error) => error.hints(),
        }
    }
}

/// The changes of a replace.
#[derive(Default)]
pub struct ReplacePlan {
    /// In the order of the files, then those to prune.
    pub objects: Vec<Planned>,
    pub warnings: Report,
}

impl ReplacePlan {
    /// The objects that change.
    pub fn changed(&self) -> impl Iterator<Item = &Planned> {
        self.objects.iter().filter(|planned| planned.action() != PlannedAction::Unchanged)
    }

    /// What is deleted because the files no longer have it.
    pub fn pruned(&self) -> impl Iterator<Item = &Planned> {
        self.objects.iter().filter(|planned| planned.action() == PlannedAction::Delete)
    }
}

/// Counts instances of groups, so that none is pruned that has any.
#[async_trait::async_trait]
pub trait InstanceCounter: Send + Sync {
    /// The number of running and pending instances of a group, or why it is not known.
    async fn count(&self, cluster: &Cluster, group: &str) -> Result<usize, String>;
}

/// What planning depends on besides the store.
pub struct ReplaceDeps<'a> {
    /// The environment at the start.
    pub environment: &'a Environment,
    /// Finds shared VPCs and subnets of new clusters.
    pub facts: &'a mut FactFinder,
    /// Counts instances of groups to prune.
    pub instances: &'a dyn InstanceCounter,
    /// The time now.
    pub now: Timestamp,
}

/// Plans what would change. Nothing is written.
///
/// # Errors
/// If the files are invalid, with all their findings, or if the store or facts cannot be read.
pub async fn plan(
    state: &StateStore,
    files: &[InputFile],
    options: ReplaceOptions,
    deps: ReplaceDeps<'_>,
) -> Result<ReplacePlan, ReplaceError> {
    let mut specs = Specs::read(files, options.existing, options.strict);
    let mut findings = std::mem::take(&mut specs.findings);
    let stored = match specs.read_stored(state).await {
        Ok(stored) => stored,
        // Errors in the files are more useful than the failure to read what the rest of them refers to.
        Err(_) if findings.has_errors() => return Err(ReplaceError::Documents(tidy(findings))),
        Err(error) => return Err(error.into()),
    };
    let features = Features::from_environment(deps.environment);
    let strictness = if options.strict { Strictness::Strict } else { Strictness::Lenient };
    let rules = Rules { strictness, features: &features };
    findings.extend(spec_rules::check(&specs, &stored, &rules));
    findings.allow(options.allowed);

    let mut planner = Planner {
        state,
        specs: &specs,
        stored: &stored,
        options,
        rules,
        deps,
        findings,
        clusters: BTreeMap::new(),
        objects: Vec::new(),
    };
    for cluster in &specs.clusters {
        planner.cluster(cluster).await?;
    }
    planner.add_stored_clusters()?;
    for (owner, group) in &specs.groups {
        planner.instance_group(owner, group)?;
    }
    for (owner, credential, fingerprint) in &specs.credentials {
        planner.ssh_credential(owner, credential, fingerprint).await?;
    }
    planner.additional_objects().await?;
    if planner.findings.has_errors() {
        return Err(ReplaceError::Documents(tidy(planner.findings)));
    }
    if options.prune
        && let Err(error) = planner.prune().await
    {
        log_warnings(planner.findings.warnings());
        return Err(error);
    }
    Ok(ReplacePlan { objects: planner.objects, warnings: tidy(planner.findings) })
}

/// The state of planning.
struct Planner<'a> {
    state: &'a StateStore,
    specs: &'a Specs,
    stored: &'a StoredSpecs,
    options: ReplaceOptions,
    rules: Rules<'a>,
    deps: ReplaceDeps<'a>,
    findings: Report,
    /// The clusters of the files, as they will be stored, and stored ones that objects of the files belong to.
    clusters: BTreeMap<String, (ClusterStore, Cluster)>,
    objects: Vec<Planned>,
}

impl Planner<'_> {
    async fn cluster(&mut self, cluster: &Decoded<Cluster>) -> Result<(), ReplaceError> {
        let name = &cluster.object.metadata.name;
        let old = self.stored.clusters.get(name).and_then(Option::as_ref);
        if let Some(message) =
            refusal(self.options.existing, old.is_some(), &format!("cluster {name}"), &format!("cluster {name:?}"))
        {
            self.findings.push(located(cluster, Finding::error(Rule::Existence, "metadata.name", message)));
            return Ok(());
        }
        let new = match old {
            Some(old) => preserve_immutable(&cluster.object, &old.object),
            // Looking up facts for a spec that will not be stored could fail with a less useful error.
            None if self.findings.has_errors() => cluster.object.clone(),
            None => self.new_cluster(cluster).await?,
        };
        if let Some(old) = old {
            let new = Decoded { object: new.clone(), locations: cluster.locations.clone() };
            let report = spec_rules::check_change(&old.object, &new, self.deps.instances, &self.rules).await;
            self.findings.extend(report);
        }
        self.findings.extend(self.contradicted(cluster));
        self.findings.allow(self.options.allowed);
        let base = self.state.url().join(name);
        let mut new = stored_metadata::cluster_to_store(&new, old.map(|old| &old.object), &base, self.deps.now);
        if let Some(old) = old
            && (!same_cluster(&old.object, &new, &base) || self.changes_groups(name))
        {
            // A change of a group is also one of the cluster's generation, and the file is stored as it is written.
            new = preserve_unstable(&cluster.object, &old.object, self.deps.environment);
            new = stored_metadata::cluster_to_replace(&new, &old.object, &base, self.deps.now);
        }
        let store = self.state.cluster(name).located(&new)?;
        if ownership::is_elsewhere(self.state, name, &new) {
            match ownership::check(self.state, &store, &new, &mut Vec::new()).await {
                Err(OwnershipError::Read(error)) => return Err(error.into()),
                Err(error @ OwnershipError::OfAnother { field, .. }) => {
                    let finding = Finding::error(Rule::ForeignAddress, field, error.to_string());
                    let hints = error.hints().into_iter().next().unwrap_or_default();
                    self.findings.push(located(cluster, finding.hint(hints)));
                }
                Ok(()) => {}
            }
        }
        let before = old.map(|old| old.stored.clone());
        let unchanged = old.is_some_and(|old| {
            same_cluster(&old.object, &new, &base) && new.metadata.generation == old.object.metadata.generation
        });
        let after = content("Cluster", name, &new, before.as_ref().filter(|_| unchanged))?;
        let location = (store.registry().clone(), CONFIG.to_owned());
        self.objects.push(Planned::store("Cluster", name, name, location, before, after));
        self.clusters.insert(name.clone(), (store, new));
        Ok(())
    }

    /// Whether the instance groups of a cluster are others in the files than in the store, where the files have any.
    fn changes_groups(&self, cluster: &str) -> bool {
        let groups: Vec<&InstanceGroup> =
            self.specs.groups.iter().filter(|(owner, _)| owner == cluster).map(|(_, group)| &group.object).collect();
        let is_same = |group: &&InstanceGroup| {
            let stored = self.stored.groups.get(&(cluster.to_owned(), group.metadata.name.clone()));
            stored.and_then(Option::as_ref).is_some_and(|old| self.same_group(&old.object, group))
        };
        let stored = self.stored.group_names.get(cluster).map(Vec::as_slice).unwrap_or_default();
        let lacks = |name: &String| !groups.iter().any(|group| group.metadata.name == *name);
        !groups.is_empty() && (!groups.iter().all(is_same) || stored.iter().any(lacks))
    }

    /// Whether storing an instance group changes nothing.
    fn same_group(&self, old: &InstanceGroup, new: &InstanceGroup) -> bool {
        let now = self.deps.now;
        let new = stored_metadata::instance_group_to_store(new, Some(old), now);
        stored_metadata::stored_alike(&stored_metadata::instance_group_to_store(old, None, now), &new)
    }

    /// What the facts that are known say against a cluster.
    fn contradicted(&self, cluster: &Decoded<Cluster>) -> Report {
        let severity = self.rules.strictness.severity().unwrap_or(Severity::Warning);
        let mut report = contradictions(&cluster.object, &[], self.deps.facts.facts(), severity);
        report.findings.iter_mut().for_each(|finding| cluster.locations.place(finding));
        report
    }

    /// A new cluster with the defaults that are kept.
    async fn new_cluster(&mut self, cluster: &Decoded<Cluster>) -> Result<Cluster, ReplaceError> {
        let assigned = immutable_defaults(&cluster.object, self.deps.facts, self.deps.environment).await;
        match assigned {
            Ok(assigned) => Ok(assigned),
            // Reported with its field.
            Err(AssignError::Defaults { .. }) if self.contradicted(cluster).has_errors() => Ok(cluster.object.clone()),
            Err(AssignError::Defaults { source, .. }) if source.field().is_some_and(|(group, _)| group.is_none()) => {
                self.findings.push(located(cluster, finding_of(&source, &cluster.object.metadata.name)));
                Ok(cluster.object.clone())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Adds the stored clusters of objects whose cluster is not in the files.
    fn add_stored_clusters(&mut self) -> Result<(), ReplaceError> {
        for (name, old) in &self.stored.clusters {
            if let Some(old) = old
                && !self.specs.contains_cluster(name)
            {
                let store = self.state.cluster(name).located(&old.object)?;
                self.clusters.insert(name.clone(), (store, old.object.clone()));
            }
        }
        Ok(())
    }

    /// The store of an object's cluster. A cluster that does not exist is reported; one of the files that cannot be stored was
    /// reported before.
    fn store_of<T>(&mut self, owner: &str, object: &Decoded<T>) -> Option<ClusterStore> {
        if let Some((store, _)) = self.clusters.get(owner) {
            return Some(store.clone());
        }
        if !self.specs.contains_cluster(owner) {
            let message = format!("cluster {owner:?} not found");
            self.findings.push(located(object, Finding::error(Rule::NoSuchCluster, "metadata.labels", message)));
        }
        None
    }

    fn instance_group(&mut self, owner: &str, group: &Decoded<InstanceGroup>) -> Result<(), ReplaceError> {
        let Some(store) = self.store_of(owner, group) else { return Ok(()) };
        let (name, now) = (&group.object.metadata.name, self.deps.now);
        let old = self.stored.groups.get(&(owner.to_owned(), name.clone())).and_then(Option::as_ref);
        let (missing, present) = (format!("instanceGroup: {name}"), format!("instanceGroup {name:?}"));
        if let Some(message) = refusal(self.options.existing, old.is_some(), &missing, &present) {
            self.findings.push(located(group, Finding::error(Rule::Existence, "metadata.name", message)));
            return Ok(());
        }
        let new = stored_metadata::instance_group_to_store(&group.object, old.map(|old| &old.object), now);
        let before = old.map(|old| old.stored.clone());
        let unchanged = old.is_some_and(|old| self.same_group(&old.object, &group.object));
        let after = content("InstanceGroup", name, &new, before.as_ref().filter(|_| unchanged))?;
        let location = (store.registry().clone(), instance_group_key(name));
        self.objects.push(Planned::store("InstanceGroup", name, owner, location, before, after));
        Ok(())
    }

    async fn ssh_credential(
        &mut self,
        owner: &str,
        credential: &Decoded<SshCredential>,
        fingerprint: &str,
    ) -> Result<(), ReplaceError> {
        let Some(store) = self.store_of(owner, credential) else { return Ok(()) };
        let key = ssh_key_key(fingerprint);
        let before = store.keys().read(&key).await.map_err(ReadError::from)?;
        let after = Zeroizing::new(credential.object.spec.public_key.clone().into_bytes());
        let location = (store.keys().clone(), key);
        self.objects.push(Planned::store("SSHCredential", fingerprint, owner, location, before, after));
        Ok(())
    }

    /// Plans the objects of other APIs, which belong to the only cluster of the files: [`Specs`] reports several.
    async fn additional_objects(&mut self) -> Result<(), ReplaceError> {
        let (Some(cluster), false) = (self.specs.clusters.first(), self.specs.additional.is_empty()) else {
            return Ok(());
        };
        let Some((store, _)) = self.clusters.get(&cluster.object.metadata.name) else { return Ok(()) };
        let documents: Vec<String> =
            self.specs.additional.iter().map(|object| kopsform_yaml::to_string(&object.object)).collect();
        let before = store.registry().read(ADDITIONAL_OBJECTS).await.map_err(ReadError::from)?;
        let after = Zeroizing::new(documents.join("\n---\n\n").into_bytes());
        let location = (store.registry().clone(), ADDITIONAL_OBJECTS.to_owned());
        self.objects.push(Planned::store("AdditionalObjects", "default", store.name(), location, before, after));
        Ok(())
    }

    /// Plans the deletion of instance groups of the files' clusters that are not in the files.
    async fn prune(&mut self) -> Result<(), ReplaceError> {
        for cluster in &self.specs.clusters {
            let owner = &cluster.object.metadata.name;
            let Some((store, cluster)) = self.clusters.get(owner) else { continue };
            let kept: Vec<&InstanceGroup> =
                self.specs.groups.iter().filter(|(of, _)| of == owner).map(|(_, group)| &group.object).collect();
            let keeps_control_plane = kept.iter().any(|group| group.is_control_plane());
            for Read { object: group, stored } in store.instance_groups().await? {
                let name = &group.metadata.name;
                if kept.iter().any(|kept| kept.metadata.name == *name) {
                    continue;
                }
                if group.is_control_plane() && !keeps_control_plane {
                    let (cluster, group) = (owner.clone(), name.clone());
                    return Err(ReplaceError::LastControlPlane { cluster, group });
                }
                if !self.options.force_prune {
                    check_empty(cluster, name, self.deps.instances).await?;
                }
                let location = (store.registry().clone(), instance_group_key(name));
                self.objects.push(Planned::delete("InstanceGroup", name, store.name(), location, Some(stored)));
            }
        }
        Ok(())
    }
}

/// Fails if a group has instances, or if that is not known.
async fn check_empty(cluster: &Cluster, group: &str, instances: &dyn InstanceCounter) -> Result<(), ReplaceError> {
    let group = group.to_owned();
    match instances.count(cluster, &group).await {
        Ok(0) => Ok(()),
        Ok(instances) => Err(ReplaceError::HasInstances { group, instances }),
        Err(reason) => Err(ReplaceError::UnknownInstances { group, reason }),
    }
}

/// Applies a plan, cluster by cluster.
pub async fn apply(state: &StateStore, plan: ReplacePlan, holder: &Holder) -> Result<(), ReplaceError> {
    let mut by_cluster: Vec<(String, Vec<Write>)> = Vec::new();
    for planned in plan.objects {
        match by_cluster.iter_mut().find(|(cluster, _)| *cluster == planned.cluster) {
            Some((_, writes)) => writes.push(planned.write),
            None => by_cluster.push((planned.cluster, vec![planned.write])),
        }
    }
    for (cluster, writes) in by_cluster {
        tracing::info!(cluster, objects = writes.len(), "storing objects");
        commit(state, &cluster, writes, holder).await?;
    }
    Ok(())
}

/// Why an object must not be stored. `missing` and `present` name the object, in kops' words for either case.
fn refusal(existing: Existing, is_stored: bool, missing: &str, present: &str) -> Option<String> {
    match (existing, is_stored) {
        (Existing::Required, false) => Some(format!("{missing} does not exist (try adding --force flag)")),
        (Existing::Refused, true) => Some(format!("{present} already exists")),
        _ => None,
    }
}

/// The encoded object, or the stored content if the object is unchanged.
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

/// Whether a cluster is equal to the stored one. The stored one has its base filled in, which the new one may omit.
fn same_cluster(old: &Cluster, new: &Cluster, default_base: &str) -> bool {
    let mut new = new.clone();
    if new.spec.config_base.is_empty() {
        new.spec.config_base = default_base.to_owned();
    }
    stored_metadata::stored_alike(&stored_cluster(old), &new)
}
