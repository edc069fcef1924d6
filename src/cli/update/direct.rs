//! Target direct: of `update cluster`, `create cluster --yes` and `reconcile cluster`.

use std::path::PathBuf;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use super::{UpdateClusterArgs, stored_hint};
use crate::cli::output::OutputArgs;
use crate::cli::style::Paint;
use crate::cli::{CliError, Invocation, export, progress, signals};
use crate::ops::direct::{self, ApplyDeps, DirectError, DirectPlan};
use crate::ops::export_kubeconfig::ExportOptions;
use crate::ops::update_cluster::{UpdateDeps, UpdateOptions};
use crate::project::Target;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_direct::{Plan, Stop, preview, report};
use kopsform_rolling::ports::SystemClock;
use kopsform_state::{StateStore, Write, commit};

impl UpdateClusterArgs {
    /// Prints what differs, and with `--yes` changes it.
    pub(super) async fn run_direct(
        self,
        invocation: &Invocation,
        state: &StateStore,
        name: &str,
    ) -> Result<ExitCode, CliError> {
        for flag in self.terraform_flags() {
            invocation.ui.warn(&format!("{flag} has no effect with --target direct"));
        }
        let export = self.export(true)?;
        let options = self.options(PathBuf::new(), name, invocation).await?;
        let key = self.ssh_key(state, name, invocation).await?;
        let shown = state.snapshot(name).await?.preview(key.iter().map(Write::planned));
        let plan = plan(invocation, &shown, name, &options).await?;
        if !self.compatibility.yes {
            self.print(&plan.plan, invocation)?;
            return Ok(ExitCode::Done);
        }
        let apply = Apply {
            operation: "update cluster",
            prune: self.compatibility.prune,
            stop: stop_on_signal(invocation)?,
            export,
            // An update that was asked for is done, whether or not the kubeconfig could be written as well.
            must_export: self.export(false)?.is_some(),
            output: self.compatibility.output,
            continued_by: None,
        };
        commit(state, name, key.into_iter().collect(), &invocation.holder(apply.operation)).await?;
        apply.run(invocation, state, &options, plan).await?;
        Ok(ExitCode::Done)
    }

    fn print(&self, plan: &Plan, invocation: &Invocation) -> Result<(), CliError> {
        let output = self.compatibility.output;
        if output.is_document() {
            return output.report(&invocation.ui, "", &report::json(plan));
        }
        invocation.ui.painted(Paint::Preview, &preview_text(plan));
        Ok(())
    }
}

/// A preview as kops prints it.
pub(in crate::cli) fn preview_text(plan: &Plan) -> String {
    let end = match plan.is_empty() {
        true => "No changes need to be applied\n",
        false => "Must specify --yes to apply changes\n",
    };
    format!("{}{end}", preview::print(plan))
}

/// A token that the first signal cancels.
pub(in crate::cli) fn stop_on_signal(invocation: &Invocation) -> Result<CancellationToken, CliError> {
    let ui = invocation.ui.clone();
    signals::stop_on_signal(move |text| ui.note(text))
        .map_err(|error| CliError::message(format!("cannot listen for signals: {error}")))
}

/// Compares a cluster with what exists, and prints warnings.
pub(in crate::cli) async fn plan<'a>(
    invocation: &'a Invocation,
    state: &StateStore,
    name: &str,
    options: &UpdateOptions,
) -> Result<DirectPlan<'a>, CliError> {
    let mut warn = |warning: String| invocation.ui.warn(&warning);
    let deps = invocation.update_deps(&options.lookup, &mut warn)?;
    let deps = UpdateDeps { finder: deps.finder.without_buckets(), ..deps };
    progress::phase("comparing the specs with what exists");
    let plan = direct::plan(state, name, options, deps).await?;
    plan.plan.warnings.iter().for_each(|warning| invocation.ui.warn(warning));
    Ok(plan)
}

/// How a plan is applied.
pub(in crate::cli) struct Apply {
    /// Who holds the lock.
    pub operation: &'static str,
    /// Whether to delete what is only deleted on request.
    pub prune: bool,
    /// What a signal cancels.
    pub stop: CancellationToken,
    /// What to write to the kubeconfig.
    pub export: Option<ExportOptions>,
    /// Whether it is an error if that fails.
    pub must_export: bool,
    /// How the result is reported.
    pub output: OutputArgs,
    /// The command that continues after an error, where this one created the cluster and cannot run again.
    pub continued_by: Option<String>,
}

impl Apply {
    /// Changes what differs, writes the kubeconfig, and reports both.
    pub(in crate::cli) async fn run(
        &self,
        invocation: &Invocation,
        state: &StateStore,
        options: &UpdateOptions,
        plan: DirectPlan<'_>,
    ) -> Result<(), CliError> {
        let source = invocation.key_source()?;
        let progress = super::apply_progress::Progress::new(&invocation.ui);
        let deps = ApplyDeps {
            clock: Arc::new(SystemClock::default()),
            source,
            holder: invocation.holder(self.operation),
            observe: &|event| progress.observe(&event),
            prune: self.prune,
            stop: Stop::on(self.stop.clone()),
        };
        let applied = direct::apply(plan, state, options, deps).await.map_err(|error| self.explained(error))?;
        applied.warnings.iter().for_each(|warning| invocation.ui.warn(warning));
        // Checked before the export adds the context. A kubeconfig that cannot be read may have one, but not for a new cluster.
        let known = self.continued_by.is_none() && (self.export.is_none() || invocation.knows(&applied.cluster));
        let mut contexts = Vec::new();
        if let Some(options) = &self.export {
            match export::export(invocation, std::slice::from_ref(&applied.cluster), options).await {
                Err(error) if self.must_export => return Err(error),
                Err(error) => invocation.ui.warn(&format!("the kubeconfig was not written: {}", error.message)),
                Ok(written) => contexts = written,
            }
        }
        if self.output.is_document() {
            let count = applied.report.done.len() + applied.report.removed.len();
            let document = serde_json::json!({
                "cluster": applied.cluster.metadata.name,
                "target": Target::Direct.name(),
                "applied": count,
                "kubeconfigContexts": contexts,
            });
            return self.output.report(&invocation.ui, "", &document);
        }
        export::report(invocation, &contexts);
        invocation.report_applied(&applied, known);
        Ok(())
    }

    /// An error with the command that continues.
    fn explained(&self, error: DirectError) -> CliError {
        let Some(command) = &self.continued_by else { return error.into() };
        CliError { hints: error.hints_on_causes(), ..error.into() }.hint(stored_hint(command))
    }
}
