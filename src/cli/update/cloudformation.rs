//! `update cluster --target cloudformation`.

use std::path::Path;
use std::sync::Arc;

use super::{UpdateClusterArgs, report_differences, stored_hint};
use crate::cli::{CliError, Invocation, export};
use crate::ops::cloudformation::{self, CloudFormationError, CloudFormationPlan, Updated};
use crate::ops::direct::ApplyDeps;
use crate::ops::support::differences::Difference;
use crate::ops::update_cluster;
use crate::project::Target;
use kopsform_cloudformation::{
    BODY_BYTES, Nesting, Options, Output, Outside, Owner, ROOT_FILE, STACK_POLICY_FILE, recover,
};
use kopsform_diagnostics::Explain as _;
use kopsform_diagnostics::exit::ExitCode;
use kopsform_direct::Stop;
use kopsform_rolling::ports::SystemClock;
use kopsform_state::{StateStore, Write, commit};
use kopsform_terraform::Layout;

impl UpdateClusterArgs {
    /// Writes templates, and with `--yes` what CloudFormation has no resource for.
    pub(super) async fn run_cloudformation(
        self,
        invocation: &Invocation,
        state: &StateStore,
        name: &str,
    ) -> Result<ExitCode, CliError> {
        let form = self.form()?;
        let export = self.export(false)?;
        let out = invocation.cloudformation_out(self.out.as_ref(), name)?;
        let options = self.options(out.clone(), name, invocation).await?;
        if !self.check {
            warn_if_recovered(invocation, &out)?;
        }
        let key = self.ssh_key(state, name, invocation).await?;
        let mut warn = |warning: String| invocation.ui.warn(&warning);
        let deps = invocation.update_deps(&options.lookup, &mut warn)?;
        let shown = state.preview(key.iter().map(Write::planned));
        let plan = cloudformation::plan(&shown, name, &options, form, deps).await?;
        if self.check {
            let mut found: Vec<_> = key.iter().filter_map(Difference::of_write).collect();
            found.extend(plan.differences(&shown, self.compatibility.yes).await?);
            return report_differences(&invocation.ui, &found, self.compatibility.output);
        }
        if plan.moves_between_stacks {
            invocation.ui.warn(MOVES);
        }
        let operation = "update cluster";
        commit(state, name, key.into_iter().collect(), &invocation.holder(operation)).await?;
        let apply = Apply { operation, yes: self.compatibility.yes, continued_by: None };
        let (updated, steps) = apply.run(invocation, state, plan, &out).await?;
        let mut contexts = Vec::new();
        if let Some(options) = export {
            contexts = export::export(invocation, std::slice::from_ref(&updated.cluster), &options).await?;
        }
        let format = self.compatibility.output;
        if format.is_document() {
            let remaining: Vec<String> = updated.remaining.iter().map(ToString::to_string).collect();
            let document = serde_json::json!({
                "cluster": name,
                "target": Target::CloudFormation.name(),
                "out": out.display().to_string(),
                "notInTemplates": remaining,
                "createdKeysets": updated.created_keysets,
                "kubeconfigContexts": contexts,
            });
            format.report(&invocation.ui, "", &document)?;
            return Ok(ExitCode::Done);
        }
        export::report(invocation, &contexts);
        invocation.ui.text(&steps);
        Ok(ExitCode::Done)
    }

    /// The form of the templates.
    fn form(&self) -> Result<Options, CliError> {
        if let Some(flag) = self.terraform.only_for_terraform().first() {
            return Err(
                CliError::message(format!("{flag} has no effect with --target cloudformation")).hint("remove the flag")
            );
        }
        let nesting = match self.terraform.layout() {
            None | Some(Layout::Single) => Nesting::Auto,
            Some(Layout::Split) => Nesting::Always,
            Some(Layout::Module) => {
                let error = CliError::message("--layout module has no meaning with --target cloudformation");
                return Err(error.hint("use --layout split for nested stacks"));
            }
        };
        Ok(Options { nesting })
    }
}

/// How a plan is written.
pub(in crate::cli) struct Apply {
    /// Who holds the lock.
    pub operation: &'static str,
    /// Whether to write what CloudFormation has no resource for, too.
    pub yes: bool,
    /// The command that writes the rest, where this one created the cluster and cannot run again.
    pub continued_by: Option<String>,
}

impl Apply {
    /// Writes templates. Returns what was done, and the report of it with the next steps.
    pub(in crate::cli) async fn run(
        &self,
        invocation: &Invocation,
        state: &StateStore,
        plan: CloudFormationPlan<'_>,
        out: &Path,
    ) -> Result<(Updated, String), CliError> {
        let progress = super::apply_progress::Progress::new(&invocation.ui);
        let observe = |event: kopsform_direct::Event<'_>| progress.observe(&event);
        let deps = match self.yes {
            false => None,
            true => Some(ApplyDeps {
                clock: Arc::new(SystemClock::default()),
                source: invocation.key_source()?,
                holder: invocation.holder(self.operation),
                observe: &observe,
                prune: false,
                stop: Stop::on(super::direct::stop_on_signal(invocation)?),
            }),
        };
        let output = plan.output().clone();
        let updated = cloudformation::apply(plan, state, deps).await.map_err(|error| self.explained(error))?;
        updated.warnings.iter().for_each(|warning| invocation.ui.warn(warning));
        for keyset in &updated.created_keysets {
            invocation.ui.note(&format!("created keyset {keyset}"));
        }
        let run = match &self.continued_by {
            None => "run this command with --yes".to_owned(),
            Some(command) => format!("run `{command}`"),
        };
        let steps = next_steps(&updated, &output, out, &run);
        Ok((updated, steps))
    }

    /// An error with the command that continues.
    fn explained(&self, error: CloudFormationError) -> CliError {
        let Some(command) = &self.continued_by else { return error.into() };
        let hints = match &error {
            CloudFormationError::Outside(outside) => outside.hints_on_causes(),
            other => other.hints(),
        };
        CliError { hints, ..error.into() }.hint(stored_hint(command))
    }
}

/// Completes the change of an output directory in which an earlier run was interrupted, before anything else can fail.
pub(in crate::cli) fn warn_if_recovered(invocation: &Invocation, out: &Path) -> Result<(), CliError> {
    if recover(out)? {
        invocation.ui.warn(&update_cluster::recovered(out));
    }
    Ok(())
}

/// The warning about a cluster that is spread over other stacks than before.
const MOVES: &str = "the resources are spread over other stacks than before, and a stack cannot take them from another one while it \
                     is updated: move them first with `aws cloudformation create-stack-refactor` (docs/cloudformation.md)";

/// Where the output is, what is not in it, and which commands come next.
fn next_steps(updated: &Updated, output: &Output, out: &Path, run: &str) -> String {
    let mut text = format!("\nCloudFormation templates have been placed into {}\n", out.display());
    let of = |owner: Owner| updated.remaining.iter().filter(move |what| what.owner() == owner);
    let lines = |text: &mut String, heading: &str, list: Vec<&Outside>| {
        if !list.is_empty() {
            text.push_str(&format!("\n{heading}\n"));
            list.iter().for_each(|what| text.push_str(&format!("   {what}\n")));
        }
    };
    lines(
        &mut text,
        &format!("Not in the template; {run} to write it, before the stack is deployed:"),
        of(Owner::Command).collect(),
    );
    lines(
        &mut text,
        &format!("Not in the template; {run} to write it, once the stack exists:"),
        of(Owner::CommandLater).collect(),
    );
    lines(&mut text, "Not in the template, because CloudFormation does not support it:", of(Owner::User).collect());
    text.push_str(&deploy(&updated.cluster.metadata.name, output, out));
    text
}

/// The commands that deploy the templates.
fn deploy(cluster: &str, output: &Output, out: &Path) -> String {
    let stack = cluster.replace('.', "-");
    let size = output.largest_template();
    let needs_bucket = size > BODY_BYTES || output.is_nested;
    let mut text = String::from("\n");
    if size > BODY_BYTES {
        text.push_str(&format!(
            "The largest template has {size} bytes, and a request takes {BODY_BYTES}: --s3-bucket names a bucket for it.\n\n"
        ));
    }
    text.push_str(&format!("Run these commands to deploy the stack:\n   cd {}\n", out.display()));
    let mut file = ROOT_FILE;
    if output.is_nested {
        file = "packaged.yaml";
        text.push_str(&format!(
            "   aws cloudformation package --template-file {ROOT_FILE} --s3-bucket BUCKET --output-template-file {file}\n"
        ));
    }
    let bucket = if needs_bucket { " --s3-bucket BUCKET" } else { "" };
    text.push_str(&format!(
        "   aws cloudformation deploy --template-file {file} --stack-name {stack} \
         --capabilities CAPABILITY_NAMED_IAM{bucket}\n   aws cloudformation set-stack-policy --stack-name {stack} \
         --stack-policy-body file://{STACK_POLICY_FILE}\n\n"
    ));
    text
}
