//! `delete cluster`.

use std::time::Duration;

use crate::cli::flags::duration;
use crate::cli::target::Context;
use crate::cli::update::target::of_cluster as target_of;
use crate::cli::{CliError, Invocation, table};
use crate::ops::delete_cluster::{self, ClusterResources, Target};
use crate::ops::{delete, export_kubeconfig};
use crate::project::Target as ManagedBy;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_rolling::ports::SystemClock;
use kopsform_rolling::teardown::{Event, Limits, RemoveError};
use kopsform_state::{ClusterStore, StateStore};

/// Delete a cluster
///
/// Without --yes, shows the cluster's resources that remain in AWS. With --yes, deletes them and then the cluster's state. After
/// `terraform destroy`, only the state and resources created by controllers in the cluster remain.
#[derive(Debug, clap::Args)]
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
    /// Delete only the state, not the resources in AWS
    #[arg(long)]
    unregister: bool,
    /// Delete a cluster that is not in the state store; its resources are found by their tags
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
}

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
        }
    }
}

impl DeleteClusterArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(&self.cluster, Context::Ignored)?;
        delete(invocation, &name, &self.options).await?;
        Ok(ExitCode::Done)
    }
}

/// Deletes a cluster, or without `yes` shows what would be deleted.
pub(super) async fn delete(
    invocation: &Invocation,
    name: &str,
    options: &DeleteClusterOptions,
) -> Result<(), CliError> {
    if options.external {
        if options.region.as_deref().is_none_or(str::is_empty) {
            return Err(CliError::message("--region is required (when --external)"));
        }
        if options.unregister || !in_aws(invocation, name, None, options).await? {
            return Ok(());
        }
        finish(invocation, name);
        return Ok(());
    }
    let state = invocation.state_store()?;
    let holder = invocation.holder("delete cluster");
    // Reasons to refuse are found before anything is deleted.
    let target = delete::find(&state, name).await?;
    if options.yes {
        delete::check_unlocked(&state, name, &holder).await?;
    } else {
        for (directory, objects) in target.directories() {
            let s = if objects == 1 { "" } else { "s" };
            invocation.ui.note(&format!("state to delete: {directory} ({objects} object{s})"));
        }
    }
    if !options.unregister && !in_aws(invocation, name, Some(&state), options).await? {
        return Ok(());
    }
    if !options.yes {
        invocation.ui.text("\nMust specify --yes to unregister the cluster\n");
        return Ok(());
    }
    target.warnings.iter().for_each(|warning| invocation.ui.warn(warning));
    let target = delete::find(&state, name).await.map_err(in_store)?;
    delete::unregister(&state, target, &holder).await.map_err(in_store)?;
    finish(invocation, name);
    Ok(())
}

fn in_store(error: delete::DeleteError) -> CliError {
    let mut error = CliError::from(error);
    error.message = format!("error removing cluster from state store: {}", error.message);
    error
}

/// Removes the cluster from kubectl's configuration and reports the deletion.
fn finish(invocation: &Invocation, name: &str) {
    match export_kubeconfig::remove(name, &invocation.environment) {
        Ok(true) => invocation.ui.text(&format!("Deleted kubectl config for {name}\n")),
        Ok(false) => {}
        Err(error) => invocation.ui.warn(&format!("error removing kube config: {error}")),
    }
    invocation.ui.text(&format!("\nDeleted cluster: {name:?}\n"));
}

/// Shows the resources that remain in the cloud and, with `yes`, deletes them. Returns whether none remain.
async fn in_aws(
    invocation: &Invocation,
    name: &str,
    state: Option<&StateStore>,
    options: &DeleteClusterOptions,
) -> Result<bool, CliError> {
    let ui = &invocation.ui;
    ui.note("Looking for cloud resources to delete");
    let cluster = match state {
        Some(state) => Some(ClusterStore::load(state, name).await?.1.object),
        None => None,
    };
    let target = match &cluster {
        Some(cluster) => Target::of(cluster),
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
        ui.text("No cloud resources to delete\n");
        if is_direct {
            untag_shared(invocation, &found).await?;
        }
        return Ok(true);
    }
    let rows = found.resources.values().map(|r| [r.key.kind.to_string(), r.name.clone(), r.key.id.clone()]);
    ui.text(&table::render(["TYPE", "NAME", "ID"], rows.collect()));
    if !options.yes {
        ui.text("\nMust specify --yes to delete cluster\n");
        return Ok(false);
    }
    ui.text("\n");
    let limits = Limits { wait: options.wait, count: options.count, interval: options.interval };
    let show = |event| ui.text(&line(event));
    delete_cluster::delete(&found, &SystemClock::default(), limits, &show).await?;
    if is_direct {
        untag_shared(invocation, &found).await?;
    }
    Ok(true)
}

/// Removes the cluster's own tag from what it shared with others.
async fn untag_shared(invocation: &Invocation, found: &ClusterResources) -> Result<(), CliError> {
    let ids = delete_cluster::untag_shared(found).await?;
    if !ids.is_empty() {
        invocation.ui.note(&format!(
            "removed the cluster's tag from what it shared, and left the other tags: {}",
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
