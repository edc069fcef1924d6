//! `sync`.

use std::path::{Path, PathBuf};

use super::allow::AllowArgs;
use super::existing_state::StateArgs;
use super::flags::{Choice, choices};
use super::output::OutputArgs;
use super::terraform::TerraformArgs;
use super::update::{foreign_files, report_differences};
use super::{CliError, Invocation, progress};
use crate::ops::sync::{self, Event, Step, Sync, Synced};
use crate::project::{self, FILE_NAME, Target};
use kopsform_diagnostics::exit::ExitCode;
use kopsform_files::{TEXT_LIMIT, read_text_bounded};
use kopsform_state::MissingKeys;
use kopsform_terraform::Layout;

/// Render, validate, store and write Terraform for a project
///
/// Reads kopsform.yaml, gets Terraform's outputs, renders the cluster's templates with them, validates the spec, stores it with
/// the SSH key, records facts in the lock file and writes Terraform. Everything is validated before anything is written, and
/// only what changed is written. `kopsform schema project` prints the schema of kopsform.yaml.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub struct SyncArgs {
    /// Directory of the project, or its file if that is not named kopsform.yaml [default: this directory or the nearest above]
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// Use only recorded facts
    #[arg(long)]
    offline: bool,
    /// Steps to skip
    #[arg(long, value_parser = choices(STEPS), value_name = "STEP", value_delimiter = ',')]
    skip: Vec<Step>,
    /// Fail instead of creating missing keysets and secrets
    #[arg(long)]
    no_create_keys: bool,
    /// Overwrite files in the output directory that kopsform did not write, or that were edited since
    #[arg(long)]
    force: bool,
    /// Write nothing; list what would be written, and exit with code 2 if there is anything
    #[arg(long)]
    check: bool,
    #[command(flatten)]
    terraform: TerraformArgs,
    #[command(flatten)]
    state: StateArgs,
    #[command(flatten)]
    allow: AllowArgs,
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  What a run would write, without access to AWS
    kopsform sync --check --offline

  Render, validate, store and write Terraform, then apply it
    kopsform sync
    terraform -chdir=out apply
";

const STEPS: [Choice<Step>; 8] = [
    ("outputs", Step::Outputs, "Get the outputs of Terraform; without them, templates have only the values"),
    ("template", Step::Template, "Render the templates; without it, the spec rendered before is used"),
    ("validate", Step::Validate, "Validate the spec"),
    ("store", Step::Store, "Store the spec"),
    ("ssh-key", Step::SshKey, "Store the SSH public key"),
    ("lock", Step::Lock, "Record facts that the lock file lacks"),
    ("terraform", Step::Terraform, "Write Terraform files"),
    ("cloudformation", Step::CloudFormation, "Write CloudFormation templates, if the project has that target"),
];

impl SyncArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let (dir, file) = self.paths(invocation);
        let shown = file.display().to_string();
        let text = read_text_bounded(&file, TEXT_LIMIT).map_err(|error| {
            CliError::message(format!("cannot read the project {shown}: {}", std::io::Error::from(error)))
                .hint("specify its directory with --project; `kopsform schema project` prints its schema")
        })?;
        let project = project::read(&shown, &text)?.object;
        if project.target == Some(Target::Direct) {
            return Err(CliError::message(format!("{shown} has `target: direct`, and sync writes Terraform"))
                .hint("use `kopsform replace -f` and `kopsform update cluster`, or remove target"));
        }
        let store = project.store_in(&dir).map_err(|error| CliError::message(error.to_string()))?;
        let url = invocation.state_url_or(|| Ok(store.clone()))?;
        if let Some(store) = store.filter(|store| *store != url) {
            invocation.ui.note(&format!("using state store {url} instead of {store} from {shown}"));
        }
        let terraform = self.terraform.over(project.terraform_options())?;
        let layout = terraform.layout;
        let sync = Sync {
            project: &project,
            dir,
            terraform,
            state: crate::ops::support::stores::open_state(&url, &invocation.environment)?,
            name: invocation.named_cluster(),
            skip: self.skip.clone(),
            offline: self.offline,
            foreign: foreign_files(self.force),
            moves: self.state.moves,
            allow_replace: self.state.allow_replace,
            keep_equivalent: self.state.keep_equivalent,
            check: self.check,
            allowed: self.allow.given()?.and(project.allowed()),
            missing_keys: if self.no_create_keys { MissingKeys::Refuse } else { MissingKeys::Create },
            environment: &invocation.environment,
            keys: invocation.key_source()?,
            holder: invocation.holder("sync"),
        };
        let as_text = !self.output.is_document();
        let ui = &invocation.ui;
        let mut report = |event: Event| match event {
            Event::Step(step) if as_text => ui.text(&format!("{step}\n")),
            Event::Step(_) => {}
            Event::Warning(text) => ui.warn(&text),
            Event::Note(text) => ui.note(&text),
        };
        progress::phase("running the steps");
        let synced = sync::run(&sync, &mut report).await?;
        if self.check {
            return report_differences(ui, &synced.differences, self.output);
        }
        if as_text {
            ui.text(&format!("\n{}\n", summary(&synced, layout)));
        } else {
            let value = serde_json::json!({ "changed": synced.changed(), "out": synced.out, "steps": synced.steps });
            self.output.report(ui, "", &value)?;
        }
        Ok(ExitCode::Done)
    }

    /// The project's directory and file.
    fn paths(&self, invocation: &Invocation) -> (PathBuf, PathBuf) {
        let given = self.project.clone().or_else(|| invocation.project_dir());
        let given = given.unwrap_or_else(|| PathBuf::from("."));
        if given.is_file() {
            let dir = given.parent().filter(|dir| !dir.as_os_str().is_empty()).unwrap_or(Path::new("."));
            return (dir.to_owned(), given);
        }
        let file = project::resolve(&given, FILE_NAME);
        (given, file)
    }
}

/// The last line of the output: where the result is.
fn summary(synced: &Synced, layout: Layout) -> String {
    let terraform = synced.steps.iter().find(|step| step.step == Step::Terraform);
    if !synced.changed() {
        return "No changes".to_owned();
    }
    let is_written = |step: &sync::StepReport| step.outcome != sync::Outcome::Skipped;
    if synced.steps.iter().any(|step| step.step == Step::CloudFormation && is_written(step)) {
        return format!("CloudFormation templates: {}", synced.out.display());
    }
    match terraform {
        Some(step) if is_written(step) => match layout {
            Layout::Single => format!("kubernetes.tf: {}", synced.out.join("kubernetes.tf").display()),
            Layout::Split | Layout::Module => format!("Terraform files: {}", synced.out.display()),
        },
        _ => "No Terraform was written".to_owned(),
    }
}
