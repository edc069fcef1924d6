//! `update cluster --target direct`: compares the cluster's desired state with what exists in the cloud and in the state store,
//! and changes what differs.
//!
//! [`plan`] reads only. [`apply`] holds the cluster's lock, looks again for what could be created twice, and changes what differs.

mod cluster;
pub(in crate::ops) mod existing;
mod files;
pub(in crate::ops) mod outside;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::clouds::Unsupported;
use super::support::equivalence;
use super::support::facts::FactFinder;
use super::support::uploads::UploadError;
use super::update_cluster::{self, Model, UpdateDeps, UpdateError, UpdateOptions};
use kopsform_diagnostics::Explain;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_direct::{
    Action, ApplyError, ApplyOptions, ApplyReport, Change, Cloud as _, Event, Plan, RefusedError, Stop, Task, TaskId,
    TaskKind, When, desired, placeholders,
};
use kopsform_model::aws::dns::published_names;
use kopsform_model::aws::resources::HostedZone;
use kopsform_model::gce::network;
use kopsform_model::{Graph, Kind, Lifecycle, NodeId, Presence, PreviousFiles, Ref};
use kopsform_pki::{KeySource, Keysets};
use kopsform_rolling::ports::{ApiError, Clock};
use kopsform_spec::v1alpha2::{Cluster, InstanceGroup};
use kopsform_state::{
    ClusterStore, EnsureError, Holder, KeyPlan, LockError, StateStore, StoreError, acquire, record_target,
    recorded_target, remove_abandoned_lock,
};

use cluster::ClusterCloud;

/// Why an update failed.
#[derive(Debug, thiserror::Error)]
pub enum DirectError {
    #[error(transparent)]
    Model(#[from] UpdateError),
    /// What exists could not be read.
    #[error("cannot read what exists: {0}")]
    Find(ApiError),
    /// Something cannot be changed as the spec asks.
    #[error(transparent)]
    Refused(#[from] RefusedError),
    /// Some changes were not made.
    #[error(transparent)]
    Apply(#[from] Box<ApplyError>),
    #[error(transparent)]
    Keys(#[from] EnsureError),
    #[error(transparent)]
    Lock(#[from] LockError),
    #[error(transparent)]
    Files(#[from] UploadError),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// This build lacks the cluster's cloud.
    #[error(transparent)]
    Unsupported(#[from] Unsupported),
}

impl DirectError {
    /// Hints about the causes, for a command that cannot run again.
    pub fn hints_on_causes(&self) -> Vec<String> {
        let Self::Apply(error) = self else { return self.hints() };
        let hints: BTreeSet<String> = error.failures.iter().flat_map(|failure| failure.error.hints()).collect();
        hints.into_iter().collect()
    }
}

impl Explain for DirectError {
    fn hints(&self) -> Vec<String> {
        match self {
            Self::Model(e) => e.hints(),
            Self::Find(e) => {
                let mut hints = e.hints();
                hints.push("nothing was changed".to_owned());
                hints
            }
            Self::Refused(e) => e.hints(),
            Self::Apply(e) => e.hints(),
            Self::Keys(e) => e.hints(),
            Self::Lock(e) => e.hints(),
            Self::Files(e) => e.hints(),
            Self::Store(e) => e.hints(),
            Self::Unsupported(e) => e.hints(),
        }
    }

    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Apply(e) => e.exit_code(),
            _ => ExitCode::Error,
        }
    }
}

/// An update that only has to be carried out.
pub struct DirectPlan<'a> {
    model: Model<'a>,
    keys: KeyPlan,
    desired: Desired,
    /// What it changes.
    pub plan: Plan,
}

/// What the cluster should be, with the cloud that it is in.
struct Desired {
    graph: Graph,
    tasks: Vec<Task>,
    cloud: ClusterCloud,
}

impl Desired {
    async fn of(
        model: &Model<'_>,
        keysets: &Keysets,
        options: &UpdateOptions,
        store: &ClusterStore,
    ) -> Result<Self, DirectError> {
        let graph = model.graph(keysets, options, None)?;
        let tasks = Self::tasks(model, keysets, options, &graph);
        let cloud = ClusterCloud::open(model.environment, graph.clone(), store.clone()).await?;
        Ok(Self { graph, tasks, cloud })
    }

    fn tasks(model: &Model<'_>, keysets: &Keysets, options: &UpdateOptions, graph: &Graph) -> Vec<Task> {
        let settings = desired::Settings {
            existing: network::existing(&model.context(keysets, None)),
            lifecycles: options.lifecycles.clone(),
        };
        desired::tasks(graph, &settings)
    }

    /// What the cluster should be, compared with what exists.
    ///
    /// Files that exist and mean what they should are kept, with what follows from their bytes: kops has a wording of its own, and
    /// instances that it made need not be replaced for that. Where that would change anything that is as it should be, nothing is
    /// kept: a file was changed since.
    async fn compare(
        model: &Model<'_>,
        keysets: &Keysets,
        options: &UpdateOptions,
        store: &ClusterStore,
    ) -> Result<(Self, Plan), DirectError> {
        let mut desired = Self::of(model, keysets, options, store).await?;
        let found = desired.cloud.find(&desired.tasks).await.map_err(DirectError::Find)?;
        tracing::info!(tasks = desired.tasks.len(), existing = found.objects.len(), "compared with what exists");
        let contents = desired.cloud.earlier_files(&found);
        if contents.is_empty() {
            let plan = kopsform_direct::diff(&desired.tasks, found)?;
            return Ok((desired, plan));
        }
        let plan = kopsform_direct::diff(&desired.tasks, found.clone())?;
        let previous = PreviousFiles { contents, is_equivalent: equivalence::is_equivalent_text };
        let graph = model.graph(keysets, options, Some(&previous))?;
        let tasks = Self::tasks(model, keysets, options, &graph);
        let found = desired.cloud.find_by_content(&tasks, found).await.map_err(DirectError::Find)?;
        let kept = kopsform_direct::diff(&tasks, found)?;
        if kept.changes.keys().any(|task| !plan.changes.contains_key(task)) {
            return Ok((desired, plan));
        }
        desired.cloud.aim_at(graph.clone());
        Ok((Self { graph, tasks, cloud: desired.cloud }, kept))
    }
}

/// What an update did.
#[derive(Debug)]
pub struct Applied {
    /// The changes that were made.
    pub report: ApplyReport,
    /// What the user should know.
    pub warnings: Vec<String>,
    /// The completed cluster.
    pub cluster: Cluster,
    /// All populated instance groups.
    pub groups: Vec<InstanceGroup>,
}

/// Compares the cluster with what exists. Nothing is written, neither to the cloud nor to the store.
///
/// # Errors
/// If the specs are invalid, what exists cannot be read, or a change is not possible.
pub async fn plan<'a>(
    state: &StateStore,
    name: &str,
    options: &UpdateOptions,
    deps: UpdateDeps<'a, '_>,
) -> Result<DirectPlan<'a>, DirectError> {
    let (model, keys) = update_cluster::load_model(state, name, options, deps).await?;
    let store = model.store(state)?;
    let (desired, mut plan) = Desired::compare(&model, keys.keysets(), options, &store).await?;
    for change in of_keys(&keys, options) {
        plan.changes.insert(change.task.id.clone(), change);
    }
    Ok(DirectPlan { model, keys, desired, plan })
}

/// The keysets and secrets that are missing, as changes.
fn of_keys(keys: &KeyPlan, options: &UpdateOptions) -> Vec<Change> {
    if options.lifecycles.cluster == Lifecycle::Ignore {
        return Vec::new();
    }
    let report = keys.report();
    let keysets = report.created.iter().map(|name| (TaskKind::Keypair, name));
    let secrets = report.tokens.iter().map(|name| (TaskKind::Secret, name));
    let change = |(kind, name): (TaskKind, &String)| {
        let node = NodeId { kind: Kind::ManagedFile, name: name.into() };
        Change { task: Task::new(kind, name.as_str(), node), action: Action::Create, fields: Vec::new() }
    };
    keysets.chain(secrets).map(change).collect()
}

/// How an update is carried out.
pub struct ApplyDeps<'w> {
    /// Waiting and deadlines.
    pub clock: Arc<dyn Clock>,
    /// The source of new keys, random numbers and the time.
    pub source: Arc<dyn KeySource>,
    /// Who holds the lock meanwhile.
    pub holder: Holder,
    /// Receives progress.
    pub observe: &'w (dyn Fn(Event<'_>) + Send + Sync),
    /// Whether to delete what is only deleted on request.
    pub prune: bool,
    /// The request to stop before the end.
    pub stop: Stop,
}

/// Carries out an update. Without changes, nothing is written, except that the lock of a run that was killed is removed.
///
/// Under the lock, everything that the cloud would create twice is looked for again: another process may have changed the cluster
/// since the plan was made.
///
/// # Errors
/// When another process holds the lock, or not all changes were made. Running it again continues.
pub async fn apply(
    plan: DirectPlan<'_>,
    state: &StateStore,
    options: &UpdateOptions,
    deps: ApplyDeps<'_>,
) -> Result<Applied, DirectError> {
    let DirectPlan { model, keys, mut desired, plan } = plan;
    if !plan.refusals.is_empty() {
        return Err(RefusedError(plan.refusals).into());
    }
    let name = model.completed.metadata.name.clone();
    let mut report = ApplyReport { ids: plan.ids(), ..ApplyReport::default() };
    let mut warnings = Vec::new();
    if plan.is_due(deps.prune) {
        let mut guard = acquire(state, &name, &deps.holder).await?;
        let work = apply_locked(&model, keys, &mut desired, plan, state, options, &deps);
        // Without the lock, another process may change the same things, so nothing more is started.
        let outcome = guard.during(|lost| deps.stop.request(lost), work).await;
        guard.release().await;
        report = outcome?;
    } else {
        // An earlier run may have been killed after its last change.
        remove_abandoned_lock(state, &name, &deps.holder).await;
    }
    warnings.extend(publish(&model, &desired, options, &BTreeSet::new()).await);
    Ok(Applied { report, warnings, cluster: model.completed, groups: model.all_groups })
}

async fn apply_locked(
    model: &Model<'_>,
    keys: KeyPlan,
    desired: &mut Desired,
    mut plan: Plan,
    state: &StateStore,
    options: &UpdateOptions,
    deps: &ApplyDeps<'_>,
) -> Result<ApplyReport, DirectError> {
    let name = &model.completed.metadata.name;
    let store = model.store(state)?;
    if let Some(other) = recorded_target(state, name).await? {
        tracing::info!(target = other, "was run by another target until now");
        record_target(state, name, None).await?;
    }
    let made: Vec<TaskId> = of_keys(&keys, options).into_iter().map(|change| change.task.id).collect();
    plan.changes.retain(|task, _| !made.contains(task));
    let planned = keys.keysets().clone();
    let keysets = if made.is_empty() && !keys.is_pending() || options.lifecycles.cluster == Lifecycle::Ignore {
        planned.clone()
    } else {
        keys.store_locked(&store).await?.0
    };
    // Another process may have made some of the keys first, or changed the cluster since the plan was made.
    if keysets == planned && !desired.cloud.has_more(&desired.tasks, &plan).await.map_err(DirectError::Find)? {
        // The plan was made over a store that refuses to write.
        desired.cloud.write_to(store.clone());
    } else {
        (*desired, plan) = Desired::compare(model, &keysets, options, &store).await?;
    }
    let mut report = ApplyReport::default();
    let first = plan.part(|task| is_new_api_load_balancer(task, &plan));
    if !first.changes.is_empty() {
        // Its address is part of what instances read, and is known only once it exists.
        let later: Vec<TaskId> = due(&plan).filter(|task| !first.changes.contains_key(*task)).cloned().collect();
        report = change(&first, desired, deps, 0, later.len()).await.map_err(|mut error| {
            error.not_started.extend(later);
            error.not_removed.extend(plan.deleted(When::Now).cloned());
            error
        })?;
        let source = deps.source.clone();
        let finder = FactFinder::open(&options.lookup, model.environment).map_err(UpdateError::from)?.without_buckets();
        let known = UpdateDeps { environment: model.environment, finder, source, warn: &mut |_| {} };
        let (model, keys) = update_cluster::load_model(state, name, options, known).await?;
        (*desired, plan) = Desired::compare(&model, keys.keysets(), options, &store).await?;
    }
    let made_before = report.done.len();
    let rest = change(&plan, desired, deps, made_before, 0).await.map_err(|mut error| {
        error.report.done.extend(report.done.iter().cloned());
        error
    })?;
    report.done.extend(rest.done.into_iter().chain(made));
    report.removed.extend(rest.removed);
    report.ids = rest.ids;
    Ok(report)
}

/// Whether a task creates the load balancer of the API, or on Google Cloud an address of it: no others have addresses there.
fn is_new_api_load_balancer(task: &TaskId, plan: &Plan) -> bool {
    let is_of_api = match task.kind {
        TaskKind::NetworkLoadBalancer | TaskKind::ClassicLoadBalancer => task.name.starts_with("api."),
        kind => kind == TaskKind::Address,
    };
    is_of_api && plan.changes.get(task).is_some_and(|change| change.action == Action::Create)
}

/// The tasks that an update changes.
fn due(plan: &Plan) -> impl Iterator<Item = &TaskId> {
    plan.changes.iter().filter(|(_, change)| change.is_due()).map(|(task, _)| task)
}

async fn change(
    plan: &Plan,
    desired: &Desired,
    deps: &ApplyDeps<'_>,
    made_before: usize,
    left_for_later: usize,
) -> Result<ApplyReport, Box<ApplyError>> {
    let (prune, stop) = (deps.prune, deps.stop.clone());
    let options = ApplyOptions { prune, stop, made_before, left_for_later, ..ApplyOptions::default() };
    kopsform_direct::apply(plan, &desired.cloud, &*deps.clock, &options, deps.observe).await.map_err(Box::new)
}

/// Creates records for the names that the cluster's controllers will publish. A failure is a warning: the controllers create them
/// as well, later. Names in `except` are left to others.
async fn publish(
    model: &Model<'_>,
    desired: &Desired,
    options: &UpdateOptions,
    except: &BTreeSet<String>,
) -> Option<String> {
    if options.lifecycles.cluster == Lifecycle::Ignore {
        return None;
    }
    let spec = &model.completed.spec;
    let zone = zone(&desired.graph, &spec.dns_zone)?;
    let no_keys = Keysets::new();
    let names = published_names(&model.context(&no_keys, None));
    let names: Vec<String> = names.iter().map(ToString::to_string).filter(|name| !except.contains(name)).collect();
    let owner = spec.external_dns.as_ref().filter(|dns| dns.provider == "external-dns");
    let owner = owner.map(|_| format!("kops-{}", model.completed.metadata.name));
    let records = placeholders::of(&names, model.completed.is_ipv6_only(), owner.as_deref());
    match desired.cloud.create_placeholder_records(zone, &records).await {
        Ok(created) if created.is_empty() => None,
        Ok(created) => {
            tracing::info!(records = created.len(), "created placeholder records");
            None
        }
        Err(error) => Some(format!("DNS records were not created in advance: {error}")),
    }
}

/// The zone that the cluster's names are in, by the id of its cloud; `None` if it has none.
fn zone<'g>(graph: &'g Graph, of_spec: &'g str) -> Option<&'g str> {
    if graph.project().is_some() {
        return Some(of_spec).filter(|zone| !zone.is_empty());
    }
    let zone = graph.all::<HostedZone>().next()?.0;
    match &graph.node(&Ref::<HostedZone>::new(zone).node())?.presence {
        Presence::Existing { id } => id.as_deref(),
        Presence::Managed => None,
    }
}
