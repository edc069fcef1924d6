//! `golden init`.

use std::path::PathBuf;

use crate::cli::output::OutputArgs;
use crate::cli::target::Context;
use crate::cli::{CliError, Invocation};
use crate::ops::golden::{self, Source};
use crate::project::{self, FILE_NAME};
use kopsform_diagnostics::exit::ExitCode;

/// Create a case from a project or from a cluster in the state store
///
/// Copies the inputs of the project into the new directory, with its lock file; without one, facts are looked up. Sensitive outputs
/// are replaced by other values of the same kind. Keysets are made for tests only and marked as such, unless a directory above has
/// some. With --name and without --project, the specs and the SSH key come from the state store.
#[derive(Debug, clap::Args)]
#[command(after_long_help = EXAMPLES)]
pub(super) struct InitArgs {
    /// Directory of the new case
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    /// Directory of the project, or its file if that is not named kopsform.yaml [default: this directory or the nearest above]
    #[arg(long, value_name = "DIR")]
    project: Option<PathBuf>,
    /// Lock file of a cluster in the state store; without one, facts are looked up
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    #[command(flatten)]
    output: OutputArgs,
}

const EXAMPLES: &str = "\
Examples:
  From the project in this directory
    kopsform golden init golden/demo

  From a cluster in the state store
    kopsform golden init golden/demo --state s3://kops-state --name demo.example.com
";

impl InitArgs {
    pub(super) async fn run(self, invocation: &Invocation) -> Result<ExitCode, CliError> {
        let project = match (&self.project, &invocation.global.name) {
            (Some(project), _) => Some(project.clone()),
            (None, Some(_)) => None,
            (None, None) => invocation.project_dir(),
        };
        let keys = invocation.key_source()?;
        let environment = &invocation.environment;
        let made = match project {
            Some(project) => {
                let (dir, file) = if project.is_file() {
                    let dir = project.parent().map(std::path::Path::to_path_buf).unwrap_or_default();
                    (dir, project)
                } else {
                    let file = project::resolve(&project, FILE_NAME);
                    (project, file)
                };
                golden::init(&self.dir, &Source::Project { dir: &dir, file: &file }, environment, keys).await?
            }
            None => {
                let name = invocation.cluster_name(&[], Context::Allowed)?;
                let state = invocation.state_store()?;
                let source = Source::Cluster { state: &state, name: &name, lock: self.lock.as_deref() };
                golden::init(&self.dir, &source, environment, keys).await?
            }
        };
        let ui = &invocation.ui;
        if let Some(lock) = &made.lock {
            ui.note(&format!("copied the facts of {}", lock.display()));
        }
        if !made.replaced_outputs.is_empty() {
            ui.note(&format!("replaced the values of sensitive outputs: {}", made.replaced_outputs.join(", ")));
        }
        if self.output.is_document() {
            self.output.report(ui, "", &super::update::UpdatedCase::of(&made.updated))?;
        } else {
            super::update::report(&made.updated, invocation);
        }
        Ok(ExitCode::Done)
    }
}
