//! `delete cluster`.

use std::time::Duration;

use crate::cli::flags::duration;
use crate::cli::output::OutputArgs;
use crate::cli::style::Paint;
use crate::cli::target::Context;
use crate::cli::update::target::of_cluster as target_of;
use crate::cli::{CliError, Invocation, progress, table};
use crate::ops::delete::{self, DeleteError};
use crate::ops::delete_cluster::{self, ClusterResources, Target};
use crate::ops::export_kubeconfig;
use crate::project::Target as ManagedBy;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::ports::SystemClock;
use kopsform_rolling::teardown::{Event, Limits, RemoveError};
use kopsform_state::{ClusterStore, Holder, ReadError, StateStore, locked};

/// Delete a cluster
///
/// Without --yes, shows the cluster's resources that remain in the cloud. With --yes, deletes them and then the cluster's state.
/// This includes all volumes, even those with the reclaim policy Retain, the cluster's keys, and etcd's backups in the state store.
/// After `terraform destroy`, only the state and resources created by controllers in the cluster remain.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct DeleteClusterArgs {
    /// Name of the cluster; kubectl's current context is not used
    #[arg(value_name = "CLUSTER")]
    cluster: Vec<String>,
    #[command(flatten)]
    options: DeleteClusterOptions,
}

#[derive(Debug, Clone, clap::Args)]
pub(super) struct DeleteClusterOptions {
    /// Delete; without this flag, only show what would be deleted
    #[arg(long, short = 'y')]
    pub yes: bool,
    /// Delete only the state, not the resources in the cloud
    #[arg(long)]
    unregister: bool,
    /// Delete a cluster on AWS that is not in the state store; its resources are found by their tags
    #[arg(long)]
    external: bool,
    /// Region of an external cluster
    #[arg(long)]
    region: Option<String>,
    /// Time limit; 0 means no limit
    #[arg(long, value_name = "DURATION", default_value = "10m0s", value_parser = duration)]
    wait: Duration,
    /// Limit of consecutive attempts that delete nothing; 0 means no limit
    #[arg(long, value_name = "N", default_value_t = 0)]
    count: u32,
    /// Pause between attempts
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = duration)]
    interval: Duration,
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  What would be deleted
    kopsform delete cluster demo.example.com

  Delete what Terraform made first, then the rest and the state
    terraform destroy
    kopsform delete cluster demo.example.com --yes
";

impl DeleteClusterOptions {
    /// Options of `delete -f`, which has only --yes.
    pub fn of_file(yes: bool) -> Self {
        Self {
            yes,
            unregister: false,
            external: false,
            region: None,
            wait: Duration::ZERO,
            count: 0,
            interval: Duration::from_secs(10),
            output: OutputArgs::default(),
        }
    }
}

impl DeleteClusterArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(&self.cluster, Context::Ignored)?;
        let deletion = delete(invocation, &name, &self.options).await?;
        if self.options.output.is_document() {
            self.options.output.report(&invocation.ui, "", &deletion)?;
        }
        Ok(ExitCode::Done)
    }
}

/// What was deleted, or would be, for `-o json`.
#[derive(Debug, Default, serde::Serialize)]
pub(super) struct Deletion {
    cluster: String,
    resources: Vec<Resource>,
    deleted: bool,
}

/// A resource in the cloud.
#[derive(Debug, serde::Serialize)]
struct Resource {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    id: String,
}

impl DeleteClusterOptions {
    /// Prints text, unless a document is wanted.
    fn text(&self, invocation: &Invocation, text: &str) {
        if !self.output.is_document() {
            invocation.ui.painted(Paint::States, text);
        }
    }
}

/// Deletes a cluster, or without `yes` shows what would be deleted.
pub(super) async fn delete(
    invocation: &Invocation,
    name: &str,
    options: &DeleteClusterOptions,
) -> Result<Deletion, CliError> {
    let mut deletion = Deletion { cluster: name.to_owned(), ..Deletion::default() };
    if options.external {
        if options.region.as_deref().is_none_or(str::is_empty) {
            return Err(CliError::message("--region is required (when --external)"));
        }
        if options.unregister || !in_cloud(invocation, name, None, options, &mut deletion).await? {
            return Ok(deletion);
        }
        finish(invocation, name, options);
        return Ok(Deletion { deleted: true, ..deletion });
    }
    let state = invocation.state_store()?;
    let holder = invocation.holder("delete cluster");
    // Reasons to refuse are found before anything is deleted.
    let target = match delete::find(&state, name).await {
        // An earlier deletion may have been interrupted at its very end.
        Err(DeleteError::Read(ReadError::NoCluster { .. }))
            if options.yes && delete::remove_residues(&state, name, &holder).await? =>
        {
            finish(invocation, name, options);
            return Ok(Deletion { deleted: true, ..deletion });
        }
        target => target?,
    };
    if !options.yes {
        for (directory, objects) in target.directories() {
            let s = if objects == 1 { "" } else { "s" };
            invocation.ui.note(&format!("state to delete: {directory} ({objects} object{s})"));
        }
        if options.unregister || in_cloud(invocation, name, Some(&state), options, &mut deletion).await? {
            options.text(invocation, "\nMust specify --yes to unregister the cluster\n");
        }
        return Ok(deletion);
    }
    // No other command changes the cluster while it is deleted.
    let work = async |_: &Holder| -> Result<bool, CliError> {
        if !options.unregister && !in_cloud(invocation, name, Some(&state), options, &mut deletion).await? {
            return Ok(false);
        }
        let target = delete::find(&state, name).await.map_err(in_store)?;
        target.warnings.iter().for_each(|warning| invocation.ui.warn(warning));
        delete::unregister(&state, &target).await.map_err(in_store)?;
        Ok(true)
    };
    if !locked(&state, name, &holder, work).await?? {
        return Ok(deletion);
    }
    delete::remove_lock_by_hand(&state, name, &holder).await.map_err(in_store)?;
    finish(invocation, name, options);
    Ok(Deletion { deleted: true, ..deletion })
}

fn in_store(error: delete::DeleteError) -> CliError {
    let mut error = CliError::from(error);
    error.message = format!("error removing cluster from state store: {}", error.message);
    error
}

/// Removes the cluster from kubectl's configuration and reports the deletion.
fn finish(invocation: &Invocation, name: &str, options: &DeleteClusterOptions) {
    match export_kubeconfig::remove(name, &invocation.environment) {
        Ok(true) => options.text(invocation, &format!("Deleted kubectl config for {name}\n")),
        Ok(false) => {}
        Err(error) => invocation.ui.warn(&format!("error removing kube config: {error}")),
    }
    options.text(invocation, &format!("\nDeleted cluster: {name:?}\n"));
}

/// Shows the resources that remain in the cloud and, with `yes`, deletes them. Returns whether none remain.
async fn in_cloud(
    invocation: &Invocation,
    name: &str,
    state: Option<&StateStore>,
    options: &DeleteClusterOptions,
    deletion: &mut Deletion,
) -> Result<bool, CliError> {
    let ui = &invocation.ui;
    ui.note("Looking for cloud resources to delete");
    let cluster = match state {
        Some(state) => Some(ClusterStore::load(state, name).await?.1.object),
        None => None,
    };
    let target = match cluster.as_ref().zip(state) {
        Some((cluster, state)) => Target::of(cluster, state),
        None => Target::external(name, options.region.as_deref().unwrap_or_default()),
    };
    let found = delete_cluster::find(&target, &invocation.environment).await?;
    found.warnings.iter().for_each(|warning| ui.warn(warning));
    // Terraform manages the tags of what it runs.
    let is_direct = match state {
        Some(state) if options.yes => target_of(invocation, state, name, None).await?.target == ManagedBy::Direct,
        _ => false,
    };
    if found.resources.is_empty() {
        options.text(invocation, "No cloud resources to delete\n");
        if is_direct {
            untag_shared(invocation, &found).await?;
        }
        return Ok(true);
    }
    deletion.resources = found
        .resources
        .values()
        .map(|r| Resource { kind: r.key.kind.to_string(), name: r.name.clone(), id: r.key.id.clone() })
        .collect();
    let rows = deletion.resources.iter().map(|r| [r.kind.clone(), r.name.clone(), r.id.clone()]);
    options.text(invocation, &table::render(["TYPE", "NAME", "ID"], rows.collect()));
    if !options.yes {
        options.text(invocation, "\nMust specify --yes to delete cluster\n");
        return Ok(false);
    }
    options.text(invocation, "\n");
    let limits = Limits { wait: options.wait, count: options.count, interval: options.interval };
    let show = |event| options.text(invocation, &line(event));
    progress::phase("deleting resources");
    delete_cluster::delete(&found, &SystemClock::default(), limits, &show).await?;
    if is_direct {
        untag_shared(invocation, &found).await?;
    }
    Ok(true)
}

/// Removes the cluster's tags from what it shared with others.
async fn untag_shared(invocation: &Invocation, found: &ClusterResources) -> Result<(), CliError> {
    let ids = delete_cluster::untag_shared(found).await?;
    if !ids.is_empty() {
        invocation.ui.note(&format!(
            "removed the cluster's tags from what it shared, and left those that others may use: {}",
            ids.join(", ")
        ));
    }
    Ok(())
}

/// An event in kops' words.
fn line(event: Event) -> String {
    match event {
        Event::Removed(key) => format!("{key}\tok\n"),
        Event::Failed(key, RemoveError::InUse) => format!("{key}\tstill has dependencies, will retry\n"),
        Event::Failed(key, RemoveError::Denied(reason) | RemoveError::Failed(reason)) => {
            format!("{key}\terror deleting resources, will retry: {reason}\n")
        }
        Event::Left(keys) => {
            let keys: String = keys.iter().map(|key| format!("\t{key}\n")).collect();
            format!("Not all resources deleted; waiting before reattempting deletion\n{keys}")
        }
    }
}
