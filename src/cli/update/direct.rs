//! `update cluster --target direct`.

use std::path::PathBuf;
use std::sync::Arc;

use super::UpdateClusterArgs;
use crate::cli::style::Paint;
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation, export, progress};
use crate::ops::direct::{self, ApplyDeps};
use crate::ops::support::facts::FactFinder;
use crate::ops::update_cluster::UpdateDeps;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_direct::{Event, Plan, preview, report};
use kopsform_pki::{KeySource, SystemKeySource};
use kopsform_rolling::ports::SystemClock;
use kopsform_state::{Write, commit};

/// The name of the target.
pub(super) const TARGET: &str = "direct";

impl UpdateClusterArgs {
    /// Prints what differs, and with `--yes` changes it.
    pub(super) async fn run_direct(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let name = invocation.cluster_name(self.cluster.as_slice(), Context::Allowed)?;
        let export = self.export()?;
        let state = invocation.state_store()?;
        let options = self.options(PathBuf::new(), &name, invocation).await?;
        let environment = &invocation.environment;
        let key = self.ssh_key(&state, &name, invocation).await?;
        let source: Arc<dyn KeySource> = Arc::new(SystemKeySource::from_environment(environment)?);
        let mut warn = |warning: String| invocation.ui.warn(&warning);
        let deps = UpdateDeps {
            environment,
            finder: FactFinder::open(&options.lookup, environment)?,
            source: source.clone(),
            warn: &mut warn,
        };
        let shown = state.preview(key.iter().map(Write::planned));
        progress::phase("comparing the specs with what exists");
        let plan = direct::plan(&shown, &name, &options, deps).await?;
        plan.plan.warnings.iter().for_each(|warning| invocation.ui.warn(warning));
        if !self.compatibility.yes {
            self.print(&plan.plan, invocation)?;
            return Ok(ExitCode::Done);
        }
        let holder = invocation.holder("update cluster");
        commit(&state, &name, key.into_iter().collect(), &holder).await?;
        let deps = ApplyDeps {
            clock: Arc::new(SystemClock::default()),
            source,
            holder,
            observe: &|event| progress(invocation, &event),
            prune: self.compatibility.prune,
        };
        progress::phase("applying changes");
        let applied = direct::apply(plan, &state, &options, deps).await?;
        applied.warnings.iter().for_each(|warning| invocation.ui.warn(warning));
        let count = applied.report.done.len() + applied.report.removed.len();
        let mut contexts = Vec::new();
        if let Some(options) = export {
            contexts = export::export(invocation, std::slice::from_ref(&applied.cluster), &options).await?;
        }
        let output = self.compatibility.output;
        if output.is_document() {
            let document = serde_json::json!({
                "cluster": name, "target": TARGET, "applied": count, "kubeconfigContexts": contexts,
            });
            output.report(&invocation.ui, "", &document)?;
            return Ok(ExitCode::Done);
        }
        export::report(invocation, &contexts);
        invocation.ui.text(&match count {
            0 => "No changes need to be applied\n".to_owned(),
            count => format!("Applied {count} changes to {name}\n"),
        });
        Ok(ExitCode::Done)
    }

    fn print(&self, plan: &Plan, invocation: &Invocation) -> Result<(), CliError> {
        let end = match plan.is_empty() {
            true => "No changes need to be applied\n",
            false => "Must specify --yes to apply changes\n",
        };
        let output = self.compatibility.output;
        if output.is_document() {
            return output.report(&invocation.ui, "", &report::json(plan));
        }
        invocation.ui.painted(Paint::Preview, &format!("{}{end}", preview::print(plan)));
        Ok(())
    }
}

/// A line for each event that the user may wait for.
fn progress(invocation: &Invocation, event: &Event<'_>) {
    match event {
        Event::Started(_) => {}
        Event::Done { task, done, total, running } => {
            let in_flight = match running.len() {
                0 => String::new(),
                count => format!(" ({count} in flight)"),
            };
            invocation.ui.note(&format!("[{done}/{total}] {task}{in_flight}"));
        }
        Event::Waiting { what, error, pause } => {
            invocation.ui.note(&format!("{what} waits {} s: {error}", pause.as_secs()));
        }
        Event::Failed { task, error } => invocation.ui.note(&format!("{task} failed: {error}")),
        Event::Removed(residue) => invocation.ui.note(&format!("deleted {} {}", residue.kind, residue.item)),
    }
}
