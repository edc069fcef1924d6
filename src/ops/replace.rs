//! `replace -f`: stores clusters, instance groups and SSH keys as files have them.
//!
//! Everything is read and checked before anything is written, so that a bad document at the end of a file leaves the store as
//! it was. The plan says what would change; `--dry-run` shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use serde::Serialize;
use zeroize::Zeroizing;

use super::assigned::keep_assigned;
use super::documents::Text;
use super::facts::FactFinder;
use super::planned::{Planned, PlannedAction};
use super::stored_form;
use crate::api::decode::{Decoded, Object, Strictness, decode};
use crate::api::defaults::{DefaultsError, Surroundings, assign};
use crate::api::v1alpha2::{Cluster, InstanceGroup, SshCredential};
use crate::diagnostics::{Explain, Finding, Report};
use crate::env::Environment;
use crate::features::Features;
use crate::lookup::{LookupError, Needs, region_of};
use crate::pki::{self, PkiError};
use crate::state::{
    CLUSTER_LABEL, CONCURRENCY, CONFIG, ClusterStore, CommitError, Holder, OpenError, ReadError, StateStore, Write,
    commit, instance_group_key, ssh_key_key,
};

/// What a person asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct ReplaceOptions {
    /// Create what does not exist, and prune groups that still have instances.
    pub force: bool,
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
    /// What a new cluster needs to know about AWS is not known.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// A new cluster could not be completed.
    #[error("cluster {cluster}: {source}")]
    Defaults {
        /// The cluster.
        cluster: String,
        /// What is wrong.
        source: DefaultsError,
    },
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
            Self::Lookup(error) => error.hints(),
            Self::Defaults { source, .. } => source.hints(),
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
}

/// Tells how many instances a group has, before it is pruned.
#[async_trait::async_trait]
pub trait InstanceCounter: Send + Sync {
    /// The instances of a group that run or are about to; the error says why that is not known.
    async fn count(&self, cluster: &Cluster, group: &str) -> Result<usize, String>;
}

/// What planning asks besides the store.
pub struct Surrounding<'a> {
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
    around: Surrounding<'_>,
) -> Result<ReplacePlan, ReplaceError> {
    let mut documents = Documents::read(texts, options)?;
    let stored = documents.read_stored(state).await?;
    let mut plan = ReplacePlan { objects: Vec::new(), warnings: std::mem::take(&mut documents.warnings) };
    let mut findings = Report::default();
    let mut clusters = BTreeMap::new();

    for cluster in &documents.clusters {
        let name = &cluster.object.metadata.name;
        let old = stored.clusters.get(name).and_then(Option::as_ref);
        if old.is_none() && !options.force {
            let message = format!("cluster {name} does not exist (try adding --force flag)");
            findings.push(placed(cluster, Finding::error("no-such-cluster", "metadata.name", message)));
            continue;
        }
        let new = match old {
            Some(old) => keep_assigned(&cluster.object, &old.object),
            // What is chosen once and kept is chosen now, as kops does when it creates a cluster.
            None => assigned(&cluster.object, around.facts, around.environment).await?,
        };
        let base = state.url().join(name);
        let new = stored_form::cluster_to_store(&new, old.map(|old| &old.object), &base, around.now);
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
            && !clusters.contains_key(name)
        {
            clusters.insert(name.clone(), (state.cluster(name).located(&old.object)?, old.object.clone()));
        }
    }

    for (owner, group) in &documents.groups {
        let name = &group.object.metadata.name;
        let Some((store, _)) = clusters.get(owner) else {
            if documents.holds_cluster(owner) {
                // That it is missing is said once, of the cluster itself.
                continue;
            }
            let message = format!("cluster {owner:?} not found");
            findings.push(placed(group, Finding::error("no-such-cluster", "metadata.labels", message)));
            continue;
        };
        let old = stored.groups.get(&(owner.clone(), name.clone())).and_then(Option::as_ref);
        if old.is_none() && !options.force {
            let message = format!("instanceGroup: {name} does not exist (try adding --force flag)");
            findings.push(placed(group, Finding::error("no-such-group", "metadata.name", message)));
            continue;
        }
        let new = stored_form::instance_group_to_store(&group.object, old.map(|old| &old.object), around.now);
        let before = old.map(|old| old.stored.clone());
        let unchanged =
            old.is_some_and(|old| stored_form::instance_group_to_store(&old.object, None, around.now) == new);
        let after = content("InstanceGroup", name, &new, before.as_ref().filter(|_| unchanged))?;
        let place = (store.registry().clone(), instance_group_key(name));
        plan.objects.push(Planned::store("InstanceGroup", name, owner, place, before, after));
    }

    for (owner, credential, fingerprint) in &documents.credentials {
        let Some((store, _)) = clusters.get(owner) else {
            if documents.holds_cluster(owner) {
                continue;
            }
            let message = format!("cluster {owner:?} not found");
            findings.push(placed(credential, Finding::error("no-such-cluster", "metadata.labels", message)));
            continue;
        };
        let key = ssh_key_key(fingerprint);
        let before = store.keys().read(&key).await.map_err(ReadError::from)?;
        let after = Zeroizing::new(credential.object.spec.public_key.clone().into_bytes());
        let place = (store.keys().clone(), key);
        plan.objects.push(Planned::store("SSHCredential", fingerprint, owner, place, before, after));
    }

    if findings.has_errors() {
        findings.sort();
        return Err(ReplaceError::Documents(findings));
    }
    if options.prune {
        let names: Vec<&String> = documents.clusters.iter().map(|c| &c.object.metadata.name).collect();
        for name in names {
            let Some((store, cluster)) = clusters.get(name) else { continue };
            let kept: BTreeSet<&str> = documents
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

/// The objects of the files, each checked as far as it can be alone.
#[derive(Default)]
struct Documents {
    clusters: Vec<Decoded<Cluster>>,
    /// With the cluster each belongs to.
    groups: Vec<(String, Decoded<InstanceGroup>)>,
    /// With the cluster each belongs to, and its fingerprint.
    credentials: Vec<(String, Decoded<SshCredential>, String)>,
    warnings: Report,
}

impl Documents {
    fn read(texts: &[Text], options: ReplaceOptions) -> Result<Self, ReplaceError> {
        let strictness = if options.strict { Strictness::Strict } else { Strictness::Lenient };
        let (mut documents, mut report) = (Self::default(), Report::default());
        for text in texts {
            let decoding = decode(&text.name, &text.content, strictness);
            report.extend(decoding.report);
            for object in decoding.objects {
                documents.take(object, &mut report);
            }
        }
        documents.find_duplicates(&mut report);
        if report.has_errors() {
            report.sort();
            return Err(ReplaceError::Documents(report));
        }
        documents.warnings = report;
        Ok(documents)
    }

    fn take(&mut self, object: Object, report: &mut Report) {
        match object {
            Object::Cluster(cluster) => {
                if cluster.object.metadata.name.is_empty() {
                    report
                        .push(placed(&cluster, Finding::error("no-name", "metadata.name", "the cluster has no name")));
                } else {
                    self.clusters.push(*cluster);
                }
            }
            Object::InstanceGroup(group) => {
                if group.object.metadata.name.is_empty() {
                    let finding = Finding::error("no-name", "metadata.name", "the instance group has no name");
                    report.push(placed(&group, finding));
                } else if let Some(owner) = self.owner(&group.object.metadata, "instanceGroup", &group, report) {
                    self.groups.push((owner, *group));
                }
            }
            Object::SshCredential(credential) => {
                let Some(owner) = self.owner(&credential.object.metadata, "SSHCredential", &credential, report) else {
                    return;
                };
                let key = &credential.object.spec.public_key;
                let fingerprint = if key.is_empty() {
                    Err("spec.PublicKey is required".to_owned())
                } else {
                    pki::ssh_fingerprint(key).map_err(|error: PkiError| error.to_string())
                };
                match fingerprint {
                    Ok(fingerprint) => self.credentials.push((owner, *credential, fingerprint)),
                    Err(message) => {
                        report.push(placed(&credential, Finding::error("bad-ssh-key", "spec.publicKey", message)));
                    }
                }
            }
            Object::Keyset(keyset) => {
                let finding = Finding::error("unhandled-kind", "kind", "unhandled kind Keyset")
                    .hint("keysets are changed by create keypair, promote and distrust");
                report.push(placed(&keyset, finding));
            }
            Object::Additional(object) => {
                let text = |name: &str| object.object.get(name).and_then(|v| v.as_str()).unwrap_or_default();
                let message = format!("unhandled kind {:?}", format!("{}, Kind={}", text("apiVersion"), text("kind")));
                let finding = Finding::error("unhandled-kind", "kind", message)
                    .hint("objects of other APIs are stored by `kopsform create -f`");
                report.push(placed(&object, finding));
            }
        }
    }

    /// The cluster an object belongs to; a finding when it does not say.
    fn owner<T>(
        &self,
        metadata: &crate::api::meta::ObjectMeta,
        what: &str,
        decoded: &Decoded<T>,
        report: &mut Report,
    ) -> Option<String> {
        if let Some(owner) = stored_form::cluster_of(metadata) {
            return Some(owner.to_owned());
        }
        let message = format!("must specify {CLUSTER_LABEL:?} label with cluster name to replace {what}");
        report.push(placed(decoded, Finding::error("no-cluster-label", "metadata.labels", message)));
        None
    }

    fn holds_cluster(&self, name: &str) -> bool {
        self.clusters.iter().any(|cluster| cluster.object.metadata.name == name)
    }

    fn find_duplicates(&self, report: &mut Report) {
        let mut seen = BTreeSet::new();
        for cluster in &self.clusters {
            let name = &cluster.object.metadata.name;
            if !seen.insert(("", name.as_str())) {
                let message = format!("cluster {name} is in the files more than once");
                report.push(placed(cluster, Finding::error("duplicate-object", "metadata.name", message)));
            }
        }
        for (owner, group) in &self.groups {
            let name = &group.object.metadata.name;
            if !seen.insert((owner, name)) {
                let message = format!("instance group {name} is in the files more than once");
                report.push(placed(group, Finding::error("duplicate-object", "metadata.name", message)));
            }
        }
    }

    /// Reads everything of the store that the files are about, side by side.
    async fn read_stored(&self, state: &StateStore) -> Result<InStore, ReadError> {
        let owners: BTreeSet<&String> = self
            .clusters
            .iter()
            .map(|cluster| &cluster.object.metadata.name)
            .chain(self.groups.iter().map(|(owner, _)| owner))
            .chain(self.credentials.iter().map(|(owner, _, _)| owner))
            .collect();
        let clusters = futures::stream::iter(owners)
            .map(|name| async move { Ok::<_, ReadError>((name.clone(), state.cluster(name).cluster().await?)) })
            .buffered(CONCURRENCY)
            .try_collect();
        let groups = futures::stream::iter(&self.groups)
            .map(|(owner, group)| async move {
                let name = &group.object.metadata.name;
                Ok::<_, ReadError>(((owner.clone(), name.clone()), state.cluster(owner).instance_group(name).await?))
            })
            .buffered(CONCURRENCY)
            .try_collect();
        let (clusters, groups) = futures::try_join!(clusters, groups)?;
        Ok(InStore { clusters, groups })
    }
}

/// What the store holds of the objects in the files.
struct InStore {
    clusters: BTreeMap<String, Option<crate::state::Read<Cluster>>>,
    groups: BTreeMap<(String, String), Option<crate::state::Read<InstanceGroup>>>,
}

/// Fills in what a new cluster gets once and keeps.
async fn assigned(
    cluster: &Cluster,
    facts: &mut FactFinder,
    environment: &Environment,
) -> Result<Cluster, ReplaceError> {
    let spec = &cluster.spec;
    let mut needs = Needs { region: region_of(cluster), ..Needs::default() };
    if !spec.network_id.is_empty() && spec.network_cidr.is_empty() {
        needs.vpcs.insert(spec.network_id.clone());
    }
    needs.subnets.extend(spec.subnets.iter().filter(|subnet| !subnet.id.is_empty()).map(|subnet| subnet.id.clone()));
    let facts = facts.find(&needs).await?;
    let features = Features::from_environment(environment);
    let around = Surroundings { facts, features: &features, environment, channel: None, worker_version: None };
    assign(cluster, &around).map_err(|source| ReplaceError::Defaults { cluster: cluster.metadata.name.clone(), source })
}

/// The content to store; that of before, where the object means the same.
fn content<T: Serialize>(
    kind: &str,
    name: &str,
    object: &T,
    same_as: Option<&crate::state::Stored>,
) -> Result<Zeroizing<Vec<u8>>, ReplaceError> {
    match same_as {
        Some(stored) => Ok(stored.bytes.clone()),
        None => crate::state::encode(object)
            .map_err(|reason| ReplaceError::Encode { object: format!("{kind}/{name}"), reason }),
    }
}

/// Whether a cluster means what is stored already. The stored one has its base filled in, which the new one need not say.
fn same_cluster(old: &Cluster, new: &Cluster, default_base: &str) -> bool {
    let mut new = new.clone();
    if new.spec.config_base.is_empty() {
        new.spec.config_base = default_base.to_owned();
    }
    crate::state::stored_cluster(old) == new
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
        if !options.force {
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

fn placed<T>(decoded: &Decoded<T>, mut finding: Finding) -> Finding {
    decoded.locations.place(&mut finding);
    finding
}
